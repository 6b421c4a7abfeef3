"""The running install, as its packages see it: settings, modules, and the parts bootstrap put in."""

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

    def put(self, kind: type[T], part: T) -> T:
        self._parts[kind] = part
        return part

    def has(self, kind: type) -> bool:
        return kind in self._parts

    def __getitem__(self, kind: type[T]) -> T:
        part = self._parts[kind]
        assert isinstance(part, kind)
        return part
