"""Which things are connected over TCP, written down as MQTT's presence does; and revocation."""

import asyncio
from collections import Counter
from typing import TYPE_CHECKING

import structlog

from yong.kernel.base import clock
from yong.kernel.base.city import City
from yong.kernel.sensing import connected
from yong.kernel.sensing.tcp import words
from yong.kernel.store.database import TROUBLE, Database

if TYPE_CHECKING:
    from yong.kernel.sensing.tcp.server import Server

log = structlog.get_logger(__name__)

TURN_S = 0.5
_REFUSALS = 10_000  # things counted between two turns


class Presence:
    """Follows the connections of one server."""

    def __init__(self, city: City, server: "Server") -> None:
        self._database, self._city, self._server = city[Database], city, server
        self._online: dict[str, tuple[str, bool, str]] = {}  # thing → listener, online, why it left
        self._refused: Counter[str] = Counter()

    def came(self, thing: str, listener: str) -> None:
        """A thing is connected."""
        self._online[thing] = (listener, True, "")

    def left(self, thing: str, listener: str, reason: str) -> None:
        """A thing's connection ended."""
        self._online[thing] = (listener, False, reason)

    def refused(self, thing: str) -> None:
        """Somebody was not believed to be a thing."""
        if thing in self._refused or len(self._refused) < _REFUSALS:
            self._refused[thing] += 1

    async def run(self) -> None:
        """Until cancelled."""
        fresh = True
        since = clock.now()
        while True:
            try:
                if fresh:
                    await self._begin()
                    fresh = False
                moment = clock.now()
                await self._revoke(await words.revoked_since(self._city, since))
                since = moment
                await self.flush()
            except TROUBLE as error:
                log.info("presence is interrupted", error=type(error).__name__)
            await asyncio.sleep(TURN_S)

    async def _begin(self) -> None:
        """Whoever was connected to the former process is not any more."""
        await connected.only(self._database, self._city.settings.listeners, self._server.live)

    async def _revoke(self, gone: set[tuple[str, str]]) -> None:
        for listener, thing in gone:
            connection = self._server.live.get(thing)
            if connection is not None and connection.listener_name == listener:
                connection.end("revoked")

    async def flush(self) -> None:
        """Write down what changed since the last turn."""
        online, self._online = self._online, {}
        refused, self._refused = self._refused, Counter()
        try:
            await connected.count_refused(self._database, {_clean(t): n for t, n in refused.items()})
            refused = Counter()
            if online:
                things = sorted(online)
                await self._database.execute(
                    """INSERT INTO sensing.presence AS p
                         (thing, door, online, connections, connected_at, disconnected_at, left_because)
                       SELECT thing, door, on_, on_::int, CASE WHEN on_ THEN now() END,
                              CASE WHEN NOT on_ THEN now() END, why
                       FROM unnest($1::text[], $2::text[], $3::bool[], $4::text[]) AS t (thing, door, on_, why)
                       ON CONFLICT (thing) DO UPDATE SET
                         door = excluded.door, online = excluded.online, connections = excluded.connections,
                         connected_at = CASE WHEN excluded.online AND NOT p.online THEN now()
                                             ELSE p.connected_at END,
                         disconnected_at = CASE WHEN p.online AND NOT excluded.online THEN now()
                                                ELSE p.disconnected_at END,
                         said = '', left_because = excluded.left_because""",
                    things,
                    [online[t][0] for t in things],
                    [online[t][1] for t in things],
                    [online[t][2] for t in things],
                )
        except BaseException:  # nothing is forgotten because the database was away for a moment
            self._online = online | self._online
            self._refused += refused
            raise


def _clean(thing: str) -> str:
    return thing[:128].replace("\0", "").encode("utf-8", "replace").decode()
