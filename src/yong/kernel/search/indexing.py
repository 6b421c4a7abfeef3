"""The index kept up to date: by one process, from the outbox, and from what no event tells of by looking again.

What changed is read and committed to the index before the reader's position moves on, so a process that dies in between
does it once more: nothing is missed, and twice is the same as once. An index that is not the one the database
knows of, that lacks files or was made from other declarations is made anew beside it while the old one, if any,
still answers.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence

import structlog

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Scope
from yong.kernel.base.city import City
from yong.kernel.search import store
from yong.kernel.search.contracts import READER
from yong.kernel.search.index import BROKEN, Entry, Folder, Writer
from yong.kernel.search.sources import Source, Sources, sources
from yong.kernel.store import outbox
from yong.kernel.store.contracts import Event
from yong.kernel.store.database import Connection, Database

_log = structlog.get_logger("search")

_LOCK = 0x594F5345
_PAUSE_S = 0.2
_LOOK_S = 5.0  # at the folder, and at whether somebody asked for a new index
_AGAIN_S, _SHARE = 60.0, 20  # a view is compared once a minute, or so that it takes a twentieth of the time
MOST_COMPARED = 200_000  # rows of a view


async def keep_indexing(city: City) -> None:
    """Until cancelled. Raises when the database goes or the disk is full; whoever runs it begins again."""
    async with city[Database].session() as holder:
        while not await holder.fetchval("SELECT pg_try_advisory_lock($1)", _LOCK):  # noqa: ASYNC110  # no event tells that another process let go
            await asyncio.sleep(1)
        keeper = Keeper(city)
        try:
            await keeper.open()
            while True:
                if not await keeper.turn():
                    await asyncio.sleep(_PAUSE_S)
        finally:
            keeper.let_go()


class Keeper:
    """The writer of the index, and what it remembers of views."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.database = city[Database]
        self.sources: Sources = sources(city)
        self.folder = Folder(city.settings)
        self.caller = access.system_caller("search")
        self.writer: Writer | None = None
        self.name: str | None = None
        self.digests: dict[str, dict[str, int]] = {}
        self.due: dict[str, float] = {}
        self.looked = 0.0

    async def open(self) -> None:
        """Take up the index that belongs to the database, or make it anew."""
        known = await store.standing(self.database)
        name = self.folder.current()
        if known.asked or name is None or name != known.name or known.sources != self.sources.fingerprint:
            await self.rebuild()
            return
        try:
            self.writer = await asyncio.to_thread(Writer, self.folder.path / name, fresh=False)
        except BROKEN as error:
            _log.warning("the index is damaged and is made anew", index=name, error=repr(error))
            await self.rebuild()
            return
        self.name = name
        self.folder.tidy(name)
        await store.building(self.database, None)

    def let_go(self) -> None:
        self.writer = None  # its lock goes with it

    async def turn(self) -> bool:
        """One round of work; whether there may be more at once."""
        now = time.monotonic()
        if now - self.looked >= _LOOK_S:
            self.looked = now
            if (await store.standing(self.database)).asked or self.folder.current() != self.name:
                await self.rebuild()
        done = await self.follow()
        for source in self.sources.by_name.values():
            if not source.told and time.monotonic() >= self.due.get(source.name, 0.0):
                await self.compare(source)
        return done > 0

    async def rebuild(self) -> None:
        """Make the index from truth, then put it into use."""
        self.let_go()
        self.digests.clear()
        began = time.monotonic()
        name = self.folder.make()
        _log.info("the index is made anew", index=name)
        writer = await asyncio.to_thread(Writer, self.folder.path / name, fresh=True)
        rows = 0
        for source in self.sources.by_name.values():
            scope = self._scope(source)
            digests: dict[str, int] = {}
            async with self.database.transaction() as connection:
                async for part in store.entries(connection, source, scope):
                    await asyncio.to_thread(writer.add, part)
                    rows += len(part)
                    if not source.told:
                        digests.update((e.id, _digest(e)) for e in part)
                    await store.building(self.database, rows)
            if not source.told:
                self._remember(source, digests, began)
        rows = await asyncio.to_thread(writer.commit)
        self.folder.use(name)
        await store.built(self.database, name, self.sources.fingerprint, rows)
        self.writer, self.name = writer, name
        took = round(time.monotonic() - began, 1)
        _log.info("the index is in use", index=name, rows=rows, seconds=took)

    async def follow(self) -> int:
        """Take in what the outbox tells, once; how many events."""

        async def handle(connection: Connection, events: Sequence[Event]) -> None:
            changed: dict[str, set[str]] = defaultdict(set)
            whole: set[str] = set()
            for event in events:
                await self._told(connection, event, changed, whole)
            for name in whole:
                await self._whole(connection, self.sources.by_name[name])
            for name, ids in changed.items():
                if name not in whole:
                    await self._take(connection, self.sources.by_name[name], sorted(ids))
            if changed or whole:
                await self._commit(connection)

        return await outbox.follow(self.database, READER, handle)

    async def _told(
        self, connection: Connection, event: Event, changed: dict[str, set[str]], whole: set[str]
    ) -> None:
        """Add to the ids by Relation what an event tells to have changed, or the Relation to those to be read whole."""
        source = self.sources.by_event.get(event.type)
        if source is not None:
            if not event.type.endswith("sImported"):
                changed[source.name].add(event.subject)
            elif (at := event.data.get("at")) is not None:
                scope = self._scope(source)
                changed[source.name].update(await store.ids_recorded_at(connection, source, scope, str(at)))
            else:
                whole.add(source.name)
        for other in self.sources.by_name.values():
            if other.declared.changed is not None and (ids := other.declared.changed(event)):
                changed[other.name].update(ids)

    async def _take(self, connection: Connection, source: Source, ids: Sequence[str]) -> None:
        scope = self._scope(source)
        for start in range(0, len(ids), 1000):
            part = ids[start : start + 1000]
            found = await store.rows_of(connection, source, scope, part)
            fresh = [store.entry(source, id_, shown) for id_, shown in found.items()]
            await asyncio.to_thread(self._write, source, part, fresh)

    def _write(self, source: Source, ids: Iterable[str], fresh: Iterable[Entry]) -> None:
        assert self.writer is not None
        self.writer.drop(source.name, ids)
        self.writer.add(fresh)

    async def _whole(self, connection: Connection, source: Source) -> dict[str, int]:
        """Read a source again from its first row to its last; the digests of its rows."""
        assert self.writer is not None
        self.writer.drop_all(source.name)
        digests: dict[str, int] = {}
        async for part in store.entries(connection, source, self._scope(source)):
            await asyncio.to_thread(self.writer.add, part)
            if not source.told and len(digests) <= MOST_COMPARED:
                digests.update((e.id, _digest(e)) for e in part)
        return digests

    async def compare(self, source: Source) -> None:
        """Read a view, and take in the rows that differ from what was read before."""
        began = time.monotonic()
        async with self.database.transaction() as connection:
            known = self.digests.get(source.name)
            if known is None:  # since this process began
                digests = await self._whole(connection, source)
                await self._commit(connection)
            else:
                digests = await self._differences(connection, source, known)
        self._remember(source, digests, began)

    async def _differences(
        self, connection: Connection, source: Source, known: dict[str, int]
    ) -> dict[str, int]:
        digests: dict[str, int] = {}
        fresh: list[Entry] = []
        async for part in store.entries(connection, source, self._scope(source)):
            for one in part:
                digests[one.id] = _digest(one)
                if known.get(one.id) != digests[one.id]:
                    fresh.append(one)
        gone = known.keys() - digests.keys()
        if fresh or gone:
            await asyncio.to_thread(self._write, source, [*gone, *(e.id for e in fresh)], fresh)
            await self._commit(connection)
        return digests

    def _remember(self, source: Source, digests: dict[str, int], began: float) -> None:
        took = time.monotonic() - began
        if len(digests) > MOST_COMPARED:
            _log.warning("a view is too large to be compared", relation=source.name, rows=len(digests))
            self.due[source.name] = float("inf")
            return
        self.digests[source.name] = digests
        self.due[source.name] = time.monotonic() + max(_AGAIN_S, _SHARE * took)

    async def _commit(self, connection: Connection) -> None:
        assert self.writer is not None
        rows = await asyncio.to_thread(self.writer.commit)
        await store.counted(connection, rows)

    def _scope(self, source: Source) -> Scope:
        return access.scoped(self.city, source.relation, self.caller)


def _digest(entry: Entry) -> int:
    return hash((tuple(entry.parts), entry.place, entry.district))
