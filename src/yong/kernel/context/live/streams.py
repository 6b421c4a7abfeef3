"""One stream from its first byte to its last: where it begins, what was missed, then what happens."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

import nats
from prometheus_client import Counter

from yong.kernel.base.errors import Forbidden, Unauthenticated
from yong.kernel.context.live import feed, reading
from yong.kernel.context.live.changes import Changes, Position, position_of
from yong.kernel.context.live.clients import Client
from yong.kernel.context.live.frames import RETRY
from yong.kernel.context.live.hub import Hub
from yong.kernel.context.service.reading import rows_of

EVENTS = Counter("yong_live_events", "Events sent to those who follow changes")
HEARTBEAT_S = 15.0
LOOK_S = 0.1  # while the bus is looked for
REACH_S = 2.0  # for the hub to read what the bus has
MISSED_EVENTS = 50_000  # of the bus that are looked through for what was missed
MISSED_ENTITIES = 20_000  # that are told one by one; more are read anew faster
AT_ONCE = 500  # of them
_AWAY = b": waiting for the bus\n\n"


class Following:
    """A stream that was admitted. Whoever holds it closes it."""

    def __init__(self, hub: Hub, client: Client) -> None:
        self.hub, self.client = hub, client
        seconds = client.asked.seconds
        self._ends = None if seconds is None else time.monotonic() + seconds

    def close(self) -> None:
        self.hub.leave(self.client)

    async def pieces(self) -> AsyncIterator[bytes]:
        """The bytes of the stream, as they come to be."""
        hub, client = self.hub, self.client
        yield RETRY
        while hub.connection is None and not client.ended:
            if hub.tried and self._over():
                return
            if not hub.tried:
                await self._woken(LOOK_S, bounded=False)
            elif not await self._woken(HEARTBEAT_S):
                yield _AWAY
        async for piece in self._begin():
            yield piece
        while not client.ended:
            if client.waiting:
                piece, events = client.waiting.take(str(hub.position))
                EVENTS.inc(events)
                yield piece
            elif self._over():
                return
            elif not await self._woken(HEARTBEAT_S):
                yield _AWAY if hub.connection is None else b": here\nid: %b\n\n" % str(hub.position).encode()

    async def _begin(self) -> AsyncIterator[bytes]:
        """Take the client's place among those who are told, and tell what it missed."""
        hub, client = self.hub, self.client
        if client.asked.last is not None and hub.connection is not None:
            # What was missed ends where the bus stood when it was asked for, not where the hub was just then.
            with contextlib.suppress(OSError, nats.errors.Error):
                await hub.reach((await feed.standing(hub.connection.jetstream())).last, REACH_S)
        async with hub.telling:  # so that nothing is told between here and there
            here = hub.position
            if client.ended or here is None:
                return
            try:
                hub.place(client, rows_of(hub.city, client.caller, client.asked.tenant))
            except (Unauthenticated, Forbidden):
                client.end()
                return
        if client.asked.last is None:
            client.reset("start")
            return
        last = position_of(client.asked.last)
        if last is None or last.epoch != here.epoch:
            client.reset("unknown")
            return
        changes = await self._missed(last, here)
        if isinstance(changes, str):
            client.reset(changes)
            return
        async for piece in self._told(changes, last, here):
            yield piece

    async def _missed(self, last: Position, here: Position) -> Changes | str:
        """What happened between two positions, or why that cannot be told."""
        connection = self.hub.connection
        if connection is None:
            return "bus"
        try:
            async with self.hub.replaying:
                standing = await feed.standing(connection.jetstream())
                if standing.epoch != last.epoch or last.seq > standing.last:
                    return "unknown"
                if last.seq < standing.first - 1:
                    return "expired"
                if here.seq - last.seq > MISSED_EVENTS:
                    return "far"
                if last.seq >= here.seq:
                    return Changes()
                found = await feed.between(connection, last, here.seq, MISSED_ENTITIES)
                return "far" if found is None else found
        except feed.Gap:
            return "expired"
        except (feed.Lost, OSError, nats.errors.Error):
            return "bus"

    async def _told(self, changes: Changes, last: Position, here: Position) -> AsyncIterator[bytes]:
        """What was missed, as it is now, so many entities at a time: the next ones are read when these were sent."""
        client = self.client
        mine = Changes()
        mine.of = {client.asked.tenant: changes.of.get(client.asked.tenant, {})}
        mine.count = len(mine.of[client.asked.tenant])
        for part in mine.parts(AT_ONCE):
            shape = client.shape
            if client.ended or client.waiting.reason is not None or shape is None:
                return
            try:
                batch = await shape.group.read(self.hub.city, part.of[client.asked.tenant], [shape])
            except reading.AWAY:
                client.reset("failed")
                return
            if client.ended or client.shape is not shape:
                continue  # what it may see changed meanwhile
            told = batch.told(shape, str(last))
            if told is not None:
                EVENTS.inc(len(told.frames))
                yield told.bytes
        if client.waiting.reason is None:
            yield b"id: %b\n\n" % str(here).encode()

    def _over(self) -> bool:
        return self._ends is not None and time.monotonic() >= self._ends

    async def _woken(self, within_s: float, *, bounded: bool = True) -> bool:
        """Wait until something happens, at most so long or until the stream's end; False when nothing did."""
        client = self.client
        if bounded and self._ends is not None:
            within_s = min(within_s, max(0.0, self._ends - time.monotonic()))
        try:
            async with asyncio.timeout(within_s):
                await client.wake.wait()
        except TimeoutError:
            return self._over()
        client.wake.clear()
        return True
