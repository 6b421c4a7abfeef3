"""Who is connected: connections as the server reports them, revocation, and publishing out of bounds.

From the system account: connect and disconnect events, the list of connections at the start, and the
request that ends a connection. A revoked credential ends its live connections within `TURN_S`; a claim's
expiry (`callout.CLAIM_S`) is the second line should the system account be out of reach.

The server acknowledges a message to a foreign topic without storing it, and tells of it in its log alone.
So the log is followed, and such messages are counted for the thing that sent them; a thing that does it
often is sent away.
"""

import asyncio
import contextlib
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from pathlib import Path

import msgspec
import structlog

from yong.kernel.base import clock
from yong.kernel.base.city import City
from yong.kernel.base.errors import Unavailable
from yong.kernel.sensing import connected
from yong.kernel.sensing.mqtt.callout import Responder
from yong.kernel.sensing.mqtt.endpoint import Endpoint
from yong.kernel.sensing.mqtt.gate import Gate
from yong.kernel.sensing.mqtt.wire import Frame, Wire
from yong.kernel.store.database import TROUBLE, Database

log = structlog.get_logger(__name__)

TURN_S = 0.5
PAGE = 1_000
TOO_MANY_VIOLATIONS = 100  # of one connection; then it is sent away
LOG_BYTES = 4 << 20  # read in one turn
_VIOLATION = re.compile(rb" - mid(?:_ws)?:(\d+) - .*(?:Publish|Subscription) Violation - ")

Revoked = Callable[[datetime], Awaitable[Sequence[str]]]
"""The things whose credential was revoked since a moment."""


class _Client(msgspec.Struct):
    id: int = 0
    user: str = ""
    host: str = ""
    client_type: str = ""


class _Event(msgspec.Struct):
    client: _Client
    reason: str = ""


class _Listed(msgspec.Struct):
    cid: int
    authorized_user: str = ""
    type: str = ""


class _Page(msgspec.Struct):
    connections: list[_Listed] = []
    total: int = 0


class _Connz(msgspec.Struct):
    data: _Page = msgspec.field(default_factory=_Page)


class Presence:
    """Follows the connections of one server for one gate."""

    def __init__(self, city: City, endpoint: Endpoint, gate: Gate, revoked: Revoked) -> None:
        self._database = city[Database]
        self._endpoint, self._gate, self._revoked = endpoint, gate, revoked
        self._events = msgspec.json.Decoder(_Event)
        self._count: Counter[str] = Counter()  # live connections by thing
        self._left: dict[str, str] = {}  # thing → why its last connection ended
        self._touched: set[str] = set()
        self._violations: Counter[str] = Counter()
        self._by_connection: Counter[int] = Counter()
        self._log = _Tail(endpoint.log) if endpoint.log else None
        self.online: asyncio.Queue[str] = asyncio.Queue(10_000)  # things that came, for waiting commands

    @property
    def responder(self) -> Responder:
        return self._gate.responder

    async def run(self, stop: asyncio.Event) -> None:
        """Follow until `stop`, over reconnections."""
        if self._endpoint.system_url is None:
            return
        while not stop.is_set():
            wire: Wire | None = None
            try:
                wire = await Wire.connect(self._endpoint.system_url, "yong-presence")
                await self._follow(wire, stop)
            except (*TROUBLE, Unavailable) as error:
                log.info("presence is interrupted", error=type(error).__name__)
            finally:
                if wire is not None:
                    wire.close()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), TURN_S)

    async def kick(self, wire: Wire, cids: Sequence[int]) -> None:
        """End connections."""
        subject = f"$SYS.REQ.SERVER.{wire.info['server_id']}.KICK".encode()
        for cid in cids:
            # The server does nothing for a request without a place to answer to.
            wire.publish(subject, b'{"cid":%d}' % cid, wire.inbox + b".kicked")
        await wire.flush()

    async def _follow(self, wire: Wire, stop: asyncio.Event) -> None:
        account = self._endpoint.account
        wire.subscribe(f"$SYS.ACCOUNT.{account}.CONNECT".encode(), self._came)
        wire.subscribe(f"$SYS.ACCOUNT.{account}.DISCONNECT".encode(), self._went)
        await wire.flush()
        await self._list(wire)
        since = clock.now()
        while not (stop.is_set() or wire.closed.is_set()):
            moment = clock.now()
            gone = set(await self._revoked(since))
            since = moment
            doomed = [cid for cid, thing in self.responder.live.items() if thing in gone]
            if self._log is not None:
                doomed += self._violated(self._log.lines())
            if not self.responder.open and self._gate.why[0] in _EMPTY_ACKNOWLEDGEMENTS:
                doomed = list(self.responder.live)
            if doomed:
                log.info("sent connections away", connections=len(doomed))
                await self.kick(wire, doomed)
            await self._flush()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), TURN_S)
        await self._flush()

    async def _list(self, wire: Wire) -> None:
        """Start from what the server says is connected: events before this are not coming again."""
        live: dict[int, str] = {}
        seen = 0
        subject = f"$SYS.REQ.SERVER.{wire.info['server_id']}.CONNZ".encode()
        while True:
            ask = {"auth": True, "acc": self._endpoint.account, "offset": seen, "limit": PAGE}
            page = msgspec.json.decode(
                await wire.request(subject, msgspec.json.encode(ask)), type=_Connz
            ).data
            seen += len(page.connections)
            live |= {
                c.cid: c.authorized_user
                for c in page.connections
                if c.type.startswith("mqtt") and not self.responder.is_system(c.authorized_user)
            }
            if len(page.connections) < PAGE:
                break
        self.responder.live = live
        self._count = Counter(self.responder.live.values())
        self._touched |= set(self._count)
        await connected.only(self._database, ("mqtt",), self._count)

    def _came(self, frame: Frame) -> None:
        event = self._read(frame)
        if event is None:
            return
        thing = event.client.user
        self.responder.live[event.client.id] = thing
        self._count[thing] += 1
        self._touched.add(thing)
        with contextlib.suppress(asyncio.QueueFull):
            self.online.put_nowait(thing)

    def _went(self, frame: Frame) -> None:
        event = self._read(frame)
        if event is None:
            return
        self.responder.live.pop(event.client.id, None)
        self._by_connection.pop(event.client.id, None)
        thing = event.client.user
        self._count[thing] = max(0, self._count[thing] - 1)
        self._left[thing] = event.reason[:100]
        self._touched.add(thing)

    def _read(self, frame: Frame) -> _Event | None:
        try:
            event = self._events.decode(frame.payload)
        except msgspec.MsgspecError:
            return None
        client = event.client
        if not client.client_type.startswith("mqtt") or self.responder.is_system(client.user):
            return None
        return event

    def _violated(self, lines: list[bytes]) -> list[int]:
        """Count violations by thing; the connections that have too many."""
        for line in lines:
            found = _VIOLATION.search(line)
            if found is None:
                continue
            cid = int(found[1])
            thing = self.responder.live.get(cid)
            if thing is not None:
                self._violations[thing] += 1
                self._by_connection[cid] += 1
        doomed = [c for c, n in self._by_connection.items() if n >= TOO_MANY_VIOLATIONS]
        for cid in doomed:
            del self._by_connection[cid]
        return doomed

    async def _flush(self) -> None:
        """Write down what changed since the last turn."""
        refused, self.responder.refused = self.responder.refused, {}
        violations, self._violations = self._violations, Counter()
        things = sorted(self._touched | set(violations))
        touched, self._touched = self._touched, set()
        left, self._left = self._left, {}
        try:
            await connected.count_refused(self._database, refused)
            refused = {}
            if not things:
                return
            await self._database.execute(
                """INSERT INTO sensing.presence AS p
                     (thing, online, connections, connected_at, disconnected_at, left_because, violations)
                   SELECT thing, n > 0, n, CASE WHEN n > 0 THEN now() END, CASE WHEN n = 0 THEN now() END,
                          why, violations
                   FROM unnest($1::text[], $2::int[], $3::text[], $4::bigint[])
                        AS t (thing, n, why, violations)
                   ON CONFLICT (thing) DO UPDATE SET
                     door = 'mqtt', online = excluded.online, connections = excluded.connections,
                     connected_at = CASE WHEN excluded.online AND NOT p.online THEN now() ELSE p.connected_at END,
                     disconnected_at = CASE WHEN p.online AND NOT excluded.online THEN now()
                                            ELSE p.disconnected_at END,
                     left_because = CASE WHEN excluded.online THEN '' WHEN excluded.left_because <> ''
                                         THEN excluded.left_because ELSE p.left_because END,
                     violations = p.violations + excluded.violations""",
                things,
                [self._count[t] for t in things],
                [left.get(t, "") for t in things],
                [violations[t] for t in things],
            )  # fmt: skip
        except BaseException:  # nothing is forgotten because the database was away for a moment
            self._touched |= touched
            self._violations += violations
            for thing, count in refused.items():
                self.responder.refused[thing] = self.responder.refused.get(thing, 0) + count
            raise
        for thing in touched:
            if not self._count[thing]:
                del self._count[thing]


class _Tail:
    """The lines appended to a file since the last look, over its rotation."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._at = path.stat().st_size if path.exists() else 0
        self._rest = b""

    def lines(self) -> list[bytes]:
        try:
            with self._path.open("rb") as file:
                size = file.seek(0, 2)
                if size < self._at:
                    self._at, self._rest = 0, b""
                file.seek(self._at)
                data = file.read(LOG_BYTES)
        except OSError:
            return []
        self._at += len(data)
        *lines, self._rest = (self._rest + data).split(b"\n")
        self._rest = self._rest[-10_000:]
        return lines


_EMPTY_ACKNOWLEDGEMENTS = frozenset({"stream-missing", "stream-wrong", "self-test"})
"""Reasons for which a connected device could be acknowledged without its message being kept."""
