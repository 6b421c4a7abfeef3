"""What was dear to make, kept while there is room for it; who asks at once for the same waits for one answer."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import Any, Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Kept(Generic[K, V]):
    """The things asked for last, at most `most` of them and `most_bytes` by what `size` says of each."""

    def __init__(
        self, most: int, *, most_bytes: int | None = None, size: Callable[[V], int] = lambda _: 0
    ) -> None:
        self.bytes = 0
        self._most, self._most_bytes, self._size = most, most_bytes, size
        self._things: OrderedDict[K, V] = OrderedDict()

    def __len__(self) -> int:
        return len(self._things)

    def get(self, key: K) -> V | None:
        """What is kept under a key, which stays longer for that."""
        if (found := self._things.get(key)) is not None:
            self._things.move_to_end(key)
        return found

    def put(self, key: K, thing: V) -> V:
        """Keep a thing; those that were asked for longest ago go, the thing itself where it alone is too large."""
        self.drop(key)
        self._things[key] = thing
        self.bytes += self._size(thing)
        while len(self._things) > self._most or (
            self._most_bytes is not None and self.bytes > self._most_bytes
        ):
            self.drop(next(iter(self._things)))
        return thing

    def drop(self, key: K) -> None:
        """Keep a thing no longer, if it is there."""
        if (gone := self._things.pop(key, None)) is not None:
            self.bytes -= self._size(gone)


class Flights:
    """Questions under way: who asks the same while an answer is on its way shares the next one.

    An answer is never older than its question: only questions that came before `run` began share it.
    """

    def __init__(self) -> None:
        self._next: dict[Hashable, asyncio.Task[Any]] = {}
        self._now: dict[Hashable, asyncio.Task[Any]] = {}

    async def share(self, key: Hashable, run: Callable[[], Awaitable[V]]) -> V:
        """What `run` gives, run once for all who wait for it."""
        task: asyncio.Task[V] | None = self._next.get(key)
        if task is None:
            task = self._next[key] = asyncio.create_task(self._fly(key, run))
        return await asyncio.shield(task)

    async def _fly(self, key: Hashable, run: Callable[[], Awaitable[V]]) -> V:
        before = self._now.get(key)
        if before is not None:
            await asyncio.wait([before])
        own = self._next.pop(key)
        self._now[key] = own
        try:
            return await run()
        finally:
            if self._now.get(key) is own:
                del self._now[key]
