"""One process's part in telling of changes: one reader of the bus, and the clients, grouped by what they see."""

import asyncio
import contextlib
import time
from datetime import datetime

import nats
import structlog
from nats.aio.client import Client as Connection
from prometheus_client import Gauge, Histogram

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Scope
from yong.kernel.access.policies import Policies
from yong.kernel.base import clock
from yong.kernel.base.city import City
from yong.kernel.base.errors import TooMany, Unauthenticated, YongError
from yong.kernel.base.text import Text
from yong.kernel.bus import embedded
from yong.kernel.bus.bus import once
from yong.kernel.context.live import feed, reading
from yong.kernel.context.live.casting import Group
from yong.kernel.context.live.changes import Changes, Position
from yong.kernel.context.live.clients import Client
from yong.kernel.context.service.reading import rows_of

_log = structlog.get_logger("context.live")

CLIENTS = Gauge("yong_live_clients", "Clients that follow changes now", multiprocess_mode="livesum")
LAG = Histogram(
    "yong_live_lag_seconds",
    "Seconds from a change's event to its place before the clients",
    buckets=(0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60),
)

PACE_S = 0.05  # between batches: what comes meanwhile is told together
BATCH = 2_000  # entities read by one statement
REVIEW_S = 5.0  # no caller's standing is older than this
TICK_S = 0.5
REPLAYS = 4  # under way at once
LINGER_S = 30.0  # the bus is read so long behind the last client
AGAIN_S = 0.5
_FULL = Text("本进程的实时订阅已满（{n}）", "This process tells as many clients as it may ({n})")
_YOURS = Text("本账户的实时订阅已满（{n}）", "This account follows changes as often as it may ({n})")


class Hub:
    """The clients of this process and what they are told. A City part; it reads the bus once somebody follows."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.clients: set[Client] = set()
        self.groups: dict[tuple[object, ...], Group] = {}
        self.position: Position | None = None  # everything up to here was told
        self.connection: Connection | None = None  # while the bus is there
        self.tried = False  # whether the bus was looked for since the first client came
        self.telling = asyncio.Lock()
        self.replaying = asyncio.Semaphore(REPLAYS)
        self._accounts: dict[str, int] = {}
        self._task: asyncio.Task[None] | None = None
        self._stands: tuple[int, int] = (-1, -1)
        self._reviewed = 0.0
        self._left = 0.0
        self._torn = False  # events behind the position are missing
        self._closed = False
        self._moved = asyncio.Event()  # set, and another put in its place, with every step of the position

    async def reach(self, seq: int, within_s: float) -> None:
        """Wait until everything up to a sequence was told, or until the time is over."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while self.position is not None and self.position.seq < seq:
                    await self._moved.wait()

    def admit(self, client: Client) -> None:
        """Count a client in. Raises TooMany when there are enough, of all or of its account."""
        settings = self.city.settings
        if self._closed or len(self.clients) >= settings.live_clients:
            raise TooMany(_FULL, retry_after_s=30, n=settings.live_clients)
        if self._accounts.get(client.asked.account, 0) >= settings.live_clients_per_account:
            raise TooMany(_YOURS, retry_after_s=30, n=settings.live_clients_per_account)
        self._accounts[client.asked.account] = self._accounts.get(client.asked.account, 0) + 1
        self.clients.add(client)
        CLIENTS.inc()
        if self._task is None or self._task.done():
            self.tried = False
            self._task = asyncio.create_task(self._run())

    def leave(self, client: Client) -> None:
        """Count a client out; nothing waits for it any more."""
        if client not in self.clients:
            return
        self.clients.discard(client)
        CLIENTS.dec()
        left = self._accounts.pop(client.asked.account) - 1
        if left:
            self._accounts[client.asked.account] = left
        self._take_out(client)
        self._left = time.monotonic()

    def place(self, client: Client, scope: Scope) -> None:
        """Put a client where those are who see the same; from the next batch on it is told."""
        self._take_out(client)
        key = (client.asked.tenant, scope.sql, scope.args)
        group = self.groups.get(key)
        if group is None:
            group = self.groups[key] = Group(key, scope, client.asked.tenant)
        client.shape = group.shape(client.asked.wanted)
        client.shape.clients.add(client)

    def _take_out(self, client: Client) -> None:
        shape = client.shape
        if shape is None:
            return
        shape.clients.discard(client)
        client.shape = None
        if not shape.clients:
            shape.group.drop(shape)
            if not shape.group.shapes:
                self.groups.pop(shape.group.key, None)

    def end_all(self) -> None:
        """End every stream and admit no other: the process is about to stop."""
        self._closed = True
        for client in list(self.clients):
            client.end()

    async def close(self) -> None:
        """Stop for good."""
        self.end_all()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        tending = asyncio.create_task(self._tend())
        try:
            await self._keep_following()
        finally:
            tending.cancel()

    async def review(self) -> None:
        """Ask again who may see what: streams end, or are told anew, whose caller's standing changed."""
        stands = (access.turn_of(self.city), self.city[Policies].version)
        for client in list(self.clients):
            try:
                caller = await access.caller_again(self.city, client.asked.headers)
                if caller.account != client.caller.account:
                    raise Unauthenticated
                scope = rows_of(self.city, caller, client.asked.tenant)
            except YongError:
                client.end()
                self._take_out(client)
                continue
            shape = client.shape
            if shape is not None and shape.group.key != (client.asked.tenant, scope.sql, scope.args):
                self.place(client, scope)
                client.reset("access")
            client.caller = caller
        self._stands, self._reviewed = stands, time.monotonic()

    async def _review_if_due(self) -> None:
        stands = (access.turn_of(self.city), self.city[Policies].version)
        if stands != self._stands or time.monotonic() - self._reviewed > REVIEW_S:
            await self.review()

    async def _tend(self) -> None:
        """Review also while nothing happens."""
        while True:
            await asyncio.sleep(TICK_S)
            try:
                await self._review_if_due()
            except Exception as error:  # PostgreSQL is away: nothing is read nor told meanwhile
                _log.warning("callers could not be asked for", error=repr(error))

    async def _keep_following(self) -> None:
        told = False
        while not self._closed:
            try:
                async with once(embedded.url(self.city.settings), "yong live") as connection:
                    told = False
                    await self._follow(connection)
            except feed.Gap as error:
                self._torn = True
                _log.warning("events are missing on the bus, beginning anew", error=repr(error))
            except (OSError, TimeoutError, nats.errors.Error, feed.Lost) as error:
                if not told:
                    _log.warning("the bus is away, trying again", error=repr(error))
                told = True
            except Exception as error:
                _log.error("following the bus failed, trying again", exc_info=error)
            self._say(None)
            if not self._wanted():
                self.position = None
                return
            await asyncio.sleep(AGAIN_S)

    def _wanted(self) -> bool:
        """Whether anybody is here, or was just now."""
        return bool(self.clients) or time.monotonic() - self._left < LINGER_S

    def _say(self, connection: Connection | None) -> None:
        """Let the streams know that the bus came or went."""
        self.connection, self.tried = connection, True
        for client in self.clients:
            client.wake.set()

    async def _follow(self, connection: Connection) -> None:
        """Read and tell until nobody is left. Raises Lost and what NATS raises."""
        stream = connection.jetstream()
        await self._arrive(await feed.standing(stream))
        assert self.position is not None
        reader = feed.Reader(connection, self.position.seq)
        await reader.open()
        try:
            self._say(connection)
            while self._wanted():
                began = time.monotonic()
                changes = Changes()
                for payload in await reader.batch(1.0):
                    changes.take(payload)
                if reader.after == self.position.seq:
                    continue
                reached = Position(self.position.epoch, reader.after)
                await self.tell(changes, reached)
                await asyncio.sleep(max(0.0, PACE_S - (time.monotonic() - began)))
        finally:
            await reader.close()

    async def _arrive(self, standing: feed.Standing) -> None:
        """Go on where the last connection ended, or begin anew where that is not possible."""
        async with self.telling:
            here = self.position
            ours = here is not None and here.epoch == standing.epoch and not self._torn
            self._torn = False
            if here is None or not ours or not standing.first - 1 <= here.seq <= standing.last:
                self.position = Position(standing.epoch, standing.last)
                if here is not None:
                    self._reset_all("bus")

    def _reset_all(self, reason: str) -> None:
        for client in self.clients:
            if client.shape is not None:
                client.reset(reason)

    async def tell(self, changes: Changes, reached: Position) -> None:
        """Tell everybody of changes; `reached` is where the stream then stands. Waits while PostgreSQL is away."""
        parts = list(changes.parts(BATCH)) if changes.count else []
        for number, part in enumerate(parts):
            last = number == len(parts) - 1
            await self._tell_part(part, str(reached if last else self.position))
        self.position = reached
        self._moved.set()
        self._moved = asyncio.Event()
        if changes.oldest and self.clients:
            moment = datetime.fromisoformat(changes.oldest)
            LAG.observe(max(0.0, (clock.now() - moment).total_seconds()))

    async def _tell_part(self, changes: Changes, position: str) -> None:
        while True:
            async with self.telling:
                try:
                    await self._tell_all(changes, position)
                    return
                except reading.AWAY as error:
                    _log.warning("PostgreSQL is away, trying again", error=repr(error))
            await asyncio.sleep(AGAIN_S)

    async def _tell_all(self, changes: Changes, position: str) -> None:
        await self._review_if_due()
        for group in list(self.groups.values()):
            mine = changes.of.get(group.tenant)
            if not mine:
                continue
            try:
                batch = await group.read(self.city, mine)
            except Exception as error:
                if isinstance(error, reading.AWAY) and not isinstance(error, TimeoutError):
                    raise
                # What one group asks for must not keep the others from theirs.
                _log.error("a group could not be told", exc_info=error)
                for client in group.clients():
                    client.reset("failed")
                continue
            await self._review_if_due()
            for shape in list(group.shapes.values()):
                told = batch.told(shape, position)
                if told is not None:
                    for client in shape.clients:
                        client.offer(told)
                await asyncio.sleep(0)
