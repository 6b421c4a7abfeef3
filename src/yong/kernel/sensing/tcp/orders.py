"""Commands to things that are connected over TCP: the same queue as MQTT's, another way out."""

import asyncio
from typing import TYPE_CHECKING

import msgspec
import structlog

from yong.kernel.base.city import City
from yong.kernel.base.errors import YongError
from yong.kernel.sensing import commands
from yong.kernel.sensing.tcp.contracts import Order
from yong.kernel.store.database import TROUBLE, Database

if TYPE_CHECKING:
    from yong.kernel.sensing.tcp.server import Server

log = structlog.get_logger(__name__)

TURN_S = 0.2
AT_ONCE = 200
_UNKNOWN = "the protocol has no such command"


class Orders:
    """Sends what is queued for the things of one server; ending commands is the worker's."""

    def __init__(self, city: City, server: "Server") -> None:
        self._city, self._server = city, server
        self._came: set[str] = set()

    def came(self, thing: str) -> None:
        """A thing is back: what it was sent and did not answer is sent again."""
        self._came.add(thing)

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            more = False
            try:
                if self._server.live:
                    more = await self._turn()
            except TROUBLE as error:
                log.info("commands wait", error=type(error).__name__)
                await asyncio.sleep(1.0)
            if not more:
                await asyncio.sleep(TURN_S)

    async def _turn(self) -> bool:
        """Send up to `AT_ONCE`; whether there may be more."""
        came = list(self._came)
        async with self._city[Database].transaction() as connection:
            if came:
                await connection.execute(
                    """UPDATE sensing.command SET state = 'queued'
                       WHERE state = 'sent' AND thing = ANY($1::text[]) AND expires_at > now()""",
                    came,
                )
            rows = await connection.fetch(
                """SELECT c.id, c.thing, c.name, c.arguments
                   FROM sensing.command c JOIN sensing.presence p USING (thing)
                   WHERE c.state = 'queued' AND c.expires_at > now() AND p.online AND p.door = ANY($2::text[])
                   ORDER BY c.id LIMIT $1 FOR UPDATE OF c SKIP LOCKED""",
                AT_ONCE,
                list(self._server.ports),
            )
            sent: list[str] = []
            unknown: list[tuple[str, bytes]] = []
            for row in rows:
                to = self._server.live.get(row["thing"])
                if to is None:
                    continue  # it has just left
                order = Order(row["id"], row["thing"], row["name"], row["arguments"])
                reason = _UNKNOWN
                try:
                    if to.order(order):
                        sent.append(row["id"])
                        continue
                except YongError as error:
                    reason = error.detail.en
                answer = {"id": row["id"], "ok": False, "reason": reason}
                unknown.append((row["thing"], msgspec.json.encode(answer)))
            if sent:
                await connection.execute(
                    """UPDATE sensing.command SET state = 'sent', sent_at = now(), attempts = attempts + 1
                       WHERE id = ANY($1::text[]) AND state = 'queued'""",
                    sent,
                )
            if unknown:
                await commands.acknowledge(connection, unknown)
        self._came -= set(came)
        return len(rows) == AT_ONCE and bool(sent or unknown)
