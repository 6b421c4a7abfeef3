"""The tiles in use, by what their callers see: looked at before each answer, dear ones at most so often.

Where looking is quick an answer never misses a change that was committed before the question, in whatever process.
A tile for which much must be read is given out as it is, while it is read again beside (RFC 5861, stale while
revalidate): for REST times as long as looking took it is not looked at, and none is given out that is older than
OLDEST_S where features are counted, than RECENT_S where they are shown.
"""

import asyncio
import hashlib
import time
from collections.abc import Hashable

import msgspec

from yong.kernel.base.city import City
from yong.kernel.base.kept import Flights, Kept
from yong.kernel.geo.features.contracts import Column, Rows
from yong.kernel.geo.tiles import reading
from yong.kernel.geo.tiles.contracts import DEAR_S, KEPT, KEPT_BYTES, MOST, OLDEST_S, RECENT_S, REST
from yong.kernel.geo.tiles.matrix import Tile


class Drawn(msgspec.Struct):
    """A tile as it was at a moment (of the monotonic clock), and what looking at it took."""

    body: bytes
    etag: str
    print: reading.Print
    at: float
    took_s: float

    @property
    def dear(self) -> bool:
        return self.print.many or self.took_s > DEAR_S


class Tiles:
    """The tiles of this process, the last asked for last. A City part."""

    def __init__(self) -> None:
        self.kept: Kept[Hashable, Drawn] = Kept(KEPT, most_bytes=KEPT_BYTES, size=lambda tile: len(tile.body))
        self.flights = Flights()
        self.beside: dict[Hashable, asyncio.Task[Drawn]] = {}

    async def tile(self, city: City, rows: Rows, tile: Tile, shown: tuple[Column, ...] | None) -> Drawn:
        """A tile as the caller of these rows may see it now, or as it was within the bounds of the module."""
        names = None if shown is None else tuple(c.name for c in shown)
        key = (rows.collection.id, rows.sql, rows.args, names, tile)
        known = self.kept.get(key)
        if known is not None:
            age = time.monotonic() - known.at
            if known.dear and age < (OLDEST_S if known.print.many else RECENT_S):
                if age > known.took_s * REST:
                    self._again(key, city, rows, tile, shown)
                return known
        return await self.flights.share(key, lambda: self._fresh(key, city, rows, tile, shown))

    def _again(
        self, key: Hashable, city: City, rows: Rows, tile: Tile, shown: tuple[Column, ...] | None
    ) -> None:
        """Read a tile again beside the answer that its old state gives; what goes wrong is met by who waits next."""
        if key in self.beside:
            return
        task = asyncio.create_task(self._fresh(key, city, rows, tile, shown))
        self.beside[key] = task
        task.add_done_callback(lambda done: self._over(key, done))

    def _over(self, key: Hashable, task: "asyncio.Task[Drawn]") -> None:
        self.beside.pop(key, None)
        if not task.cancelled():
            task.exception()

    async def _fresh(
        self, key: Hashable, city: City, rows: Rows, tile: Tile, shown: tuple[Column, ...] | None
    ) -> Drawn:
        """The tile as it is now: the one that is kept where nothing changed."""
        began = time.monotonic()
        known = self.kept.get(key)
        if known is not None and known.print.many:
            # Counting its cells is as quick as looking whether they must be.
            total, counted = await self._counted(city, rows, tile, began)
            if total > MOST:
                return self.kept.put(key, counted)
        now = await reading.look(city, rows, tile)
        if now.many:
            return self.kept.put(key, (await self._counted(city, rows, tile, began))[1])
        took_s = time.monotonic() - began
        if known is not None and known.print == now:
            return self.kept.put(key, msgspec.structs.replace(known, at=began, took_s=took_s))
        # The print is older than the features at most: then they are read once more than needed.
        body = await reading.features(city, rows, tile, shown)
        return self.kept.put(key, Drawn(body, _etag(rows, now, shown), now, began, took_s))

    async def _counted(self, city: City, rows: Rows, tile: Tile, began: float) -> tuple[int, Drawn]:
        total, print_, body = await reading.counts(city, rows, tile)
        return total, Drawn(body, _etag(rows, print_, None), print_, began, time.monotonic() - began)


def _etag(rows: Rows, print_: reading.Print, shown: tuple[Column, ...] | None) -> str:
    """A weak tag, the same in every process: the order of features may differ (RFC 9110, section 8.8.3).

    What its reader may see is in it too: a mask that came since then is another tile.
    """
    names = None if shown is None else [c.name for c in shown]
    told = repr((rows.sql, rows.args, names, print_.count, print_.sum))
    return f'W/"{hashlib.sha256(told.encode()).hexdigest()[:24]}"'
