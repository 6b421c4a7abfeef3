"""The work of the background process: reading changes from the outbox, and telling subscribers.

One process at a time does it (an advisory lock says which), because each line goes one after the other. What was
committed and not yet delivered when it ends is in the table for the next one: a notification may come twice, with
the same id, and is never lost.
"""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

import structlog

from yong.kernel.base import clock
from yong.kernel.base.city import City
from yong.kernel.base.errors import YongError
from yong.kernel.context.jsonld import shelf
from yong.kernel.context.jsonld.names import CORE
from yong.kernel.context.notifying import making, reading, store
from yong.kernel.context.notifying.contracts import CHANGED, READER, Key, Note, Subscription
from yong.kernel.context.notifying.lines import Lines
from yong.kernel.context.notifying.making import Found
from yong.kernel.context.notifying.matching import Concern, Watcher, Watchers
from yong.kernel.context.service.telling import Telling, Told, tellings
from yong.kernel.store import outbox
from yong.kernel.store.contracts import Event
from yong.kernel.store.database import Connection, Database

_log = structlog.get_logger("notifications")

_LOCK = 0x594F4E49
_PAUSE_S, _TURN_S = 0.05, 0.5
_END_S = 5.0
_RELEASED = 1000  # entities of one throttled subscription at a time


async def keep_notifying(city: City) -> None:
    """Until cancelled. Raises when the database goes; whoever runs it begins again."""
    async with city[Database].session() as holder:
        while not await holder.fetchval("SELECT pg_try_advisory_lock($1)", _LOCK):  # noqa: ASYNC110  # no event tells that another process let go
            await asyncio.sleep(1)
        keeper = Keeper(city)
        await keeper.load()
        await keeper.work()


class Keeper:
    """The subscriptions in force, and what is under way for them."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.watchers = Watchers()
        self.lines = Lines(city, self.watchers.all.get)
        self.held: set[Key] = set()

    async def load(self) -> None:
        """Take up everything from the tables."""
        for one in await store.several(self.city[Database]):
            await self._take_up(one)
        self.held = await store.held(self.city[Database])
        await self.lines.load()

    async def work(self) -> None:
        """Until cancelled, or something fails; then everything has ended.

        What else is under way then is told to stop and comes to its end by itself: a query that is cancelled at
        the moment its server dies may never return.
        """
        loops = (self.lines.keep_settling(), self.keep_following(), self.keep_time())
        tasks = {asyncio.create_task(loop) for loop in loops}
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.lines.stop()
            _, left = await asyncio.wait(tasks, timeout=_END_S)
            for task in left:
                task.cancel()
            await self.lines.close()
        for task in tasks:
            if task.done() and not task.cancelled():
                task.result()

    async def keep_following(self) -> None:
        while not self.lines.stopped:
            if not await self.follow():
                await asyncio.sleep(_PAUSE_S)

    async def follow(self) -> int:
        """Read what happened, once; how many events."""
        notes: list[Note] = []

        async def handle(connection: Connection, events: Sequence[Event]) -> None:
            notes.clear()
            notes.extend(await self._handle(connection, events))

        done = await outbox.follow(self.city[Database], READER, handle)
        self.lines.offer(notes)
        return done

    async def keep_time(self) -> None:
        """What is due by the clock: subscriptions by interval, and the ends of throttling."""
        while not self.lines.stopped:
            await asyncio.sleep(_TURN_S)
            await self.turn()

    async def turn(self) -> None:
        now = clock.now()
        for key in list(self.held):
            watcher = self.watchers.all.get(key)
            if watcher is None:
                self.held.discard(key)
            elif not watcher.is_quiet(now):
                await self._release(watcher)
        for watcher in list(self.watchers.all.values()):
            due = watcher.subscription.next_at
            if watcher.wanted.interval_s is not None and due is not None and due <= now:
                await self._by_interval(watcher)

    async def _handle(self, connection: Connection, events: Sequence[Event]) -> list[Note]:
        notes: list[Note] = []
        run: list[Event] = []
        for event in events:
            if event.type == CHANGED:
                notes += await self._tell(connection, tellings(run))
                run = []
                await self._changed(connection, (str(event.data.get("tenant", "")), event.subject))
            else:
                run.append(event)
        return notes + await self._tell(connection, tellings(run))

    async def _changed(self, connection: Connection, key: Key) -> None:
        one = await store.one(connection, key)
        if one is None:
            self.watchers.drop(key)
            self.lines.drop(key)
            return
        await self._take_up(one)
        self.lines.revive(key)

    async def _take_up(self, one: Subscription) -> None:
        try:
            names = await shelf.names_of(self.city, one.context) if one.context else None
            wanted = reading.wanted(one.body, names or CORE)
        except YongError as error:  # its context is gone: it cannot be understood, and says so
            _log.warning("a subscription cannot be read", subscription=one.id, error=str(error))
            self.watchers.drop(one.key)
            return
        self.watchers.put(Watcher(one, wanted))

    async def _tell(self, connection: Connection, told: Sequence[Telling]) -> list[Note]:
        """Write notifications of what changed, in the transaction that reads it."""
        if not told or not self.watchers.all:
            return []
        now = clock.now()
        changed: list[Concern] = []
        deleted: list[Concern] = []
        for telling in _together(told):
            of = deleted if telling.deleted else changed
            for entity, one in telling.entities.items():
                of.extend(
                    self.watchers.concerned(telling.tenant, entity, one, deleted=telling.deleted, now=now)
                )
        if not changed and not deleted:
            return []
        found = await making.found(self.city, connection, changed)
        gone = await making.gone(self.city, deleted)
        made: list[tuple[Key, str]] = []
        for key in sorted(found.keys() | gone.keys()):
            watcher = self.watchers.all[key]
            if watcher.is_quiet(now) and key not in gone:
                await store.hold(connection, ((key, f.whole.id) for f in found[key]))
                self.held.add(key)
                continue
            made += making.notifications(watcher, found.get(key, ()), gone.get(key, ()), now)
            watcher.quiet(now)
        return await store.add(connection, made, now) if made else []

    async def _release(self, watcher: Watcher) -> None:
        """Tell of what changed while a subscription was quiet, as it is now."""
        now = clock.now()
        async with self.city[Database].transaction() as connection:
            entities = await store.release(connection, watcher.key, _RELEASED)
            whole = await making.matching(self.city, watcher, entities) if entities else []
            made = making.notifications(watcher, [Found(w) for w in whole], (), now)
            notes = await store.add(connection, made, now) if made else []
        if len(entities) < _RELEASED:
            self.held.discard(watcher.key)
        if made:
            watcher.quiet(now)
        self.lines.offer(notes)

    async def _by_interval(self, watcher: Watcher) -> None:
        """Tell of all that a subscription asks for, and set when it is due again."""
        interval = watcher.wanted.interval_s
        assert interval is not None
        now = clock.now()
        one = watcher.subscription
        one.next_at = now + timedelta(seconds=interval)
        notes: list[Note] = []
        async with self.city[Database].transaction() as connection:
            await store.next_at(connection, watcher.key, one.next_at)
            if watcher.wanted.now(now):
                whole = await making.matching(self.city, watcher)
                made = making.notifications(watcher, [Found(w) for w in whole], (), now)
                notes = await store.add(connection, made, now) if made else []
        self.lines.offer(notes)


def _together(told: Sequence[Telling]) -> list[Telling]:
    """What several events tell of the same entities, told once: changes first, then what is gone."""
    changed: dict[str, dict[str, Told]] = defaultdict(dict)
    deleted: dict[str, dict[str, Told]] = defaultdict(dict)
    for telling in told:
        if telling.deleted:
            deleted[telling.tenant].update(telling.entities)
            continue
        known = changed[telling.tenant]
        for entity, one in telling.entities.items():
            before = known.get(entity)
            known[entity] = one if before is None else _both(before, one)
    return [
        *(Telling(tenant, False, entities) for tenant, entities in changed.items()),
        *(Telling(tenant, True, entities) for tenant, entities in deleted.items()),
    ]


def _both(first: Told, then: Told) -> Told:
    return Told(
        types=then.types,
        changed=sorted({*first.changed, *then.changed}),
        added=sorted({*first.added, *then.added}),
        removed=sorted({*first.removed, *then.removed}),
        made=first.made or then.made,
    )


async def forget(city: City) -> int:
    """Delete what was given up longer ago than thirty days; how many notifications."""
    return await store.forget(city[Database], clock.now() - timedelta(days=30))
