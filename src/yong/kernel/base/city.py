"""The running install, as its packages see it: settings, modules, and the parts that bootstrap and packages put in."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import TypeVar

from yong.kernel.base.module import Registry
from yong.kernel.base.settings import Settings

T = TypeVar("T")


class City:
    """One install. `city[Database]` is the part of that type; a missing part is a programming error."""

    def __init__(self, settings: Settings, registry: Registry) -> None:
        self.settings = settings
        self.registry = registry
        self._parts: dict[type, object] = {}
        self._ends = AsyncExitStack()

    def put(self, kind: type[T], part: T) -> T:
        self._parts[kind] = part
        return part

    def has(self, kind: type) -> bool:
        return kind in self._parts

    def part(self, kind: type[T], make: Callable[[], T] | None = None) -> T:
        """The part of that type, made now (by its type alone without `make`) where it is not there yet."""
        return self[kind] if kind in self._parts else self.put(kind, (make or kind)())

    def __getitem__(self, kind: type[T]) -> T:
        part = self._parts[kind]
        assert isinstance(part, kind)
        return part

    def at_end(self, close: Callable[[], Awaitable[None]]) -> None:
        """Have something closed when the install stops; what came last goes first."""
        self._ends.push_async_callback(close)

    async def end(self) -> None:
        """Close what the parts hold; once."""
        await self._ends.aclose()
