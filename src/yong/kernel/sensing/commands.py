"""Commands down to things: placed in a transaction, sent over MQTT, answered, timed out, kept.

    queued ──sent over MQTT QoS 1──▶ sent ──ack {"id", "ok": true}──▶ acknowledged
       │                              │  └──ack {"id", "ok": false}──▶ failed
       └──nobody sent it in time──▶ expired   └──no answer in time──▶ timed_out

A command is sent again when its thing comes back before the time is over, and after a crash between
sending and noting it; a thing recognises it by its `id` and does it once.
"""

import asyncio
import contextlib
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
import structlog

from yong.kernel.base import clock
from yong.kernel.base.errors import Conflict, Invalid, NotFound, Problem, TooLarge, Unavailable
from yong.kernel.base.ids import new_id
from yong.kernel.base.text import Text
from yong.kernel.sensing.mqtt.client import Publisher
from yong.kernel.sensing.mqtt.endpoint import nameable
from yong.kernel.store import outbox
from yong.kernel.store.contracts import Event
from yong.kernel.store.database import TROUBLE, Connection, Database, Row

log = structlog.get_logger(__name__)

LONGEST_S = 7 * 24 * 3600
LARGEST_BYTES = 64 << 10
TURN_S = 0.1
AT_ONCE = 200
USER = "yong.commands"  # the system's MQTT user that sends

_NULL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")  # what PostgreSQL cannot keep, however deep
_STATES = {True: "acknowledged", False: "failed"}


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """One command. `state` is queued, sent, acknowledged, failed, timed_out or expired."""

    id: str
    thing: str
    name: str
    arguments: dict[str, Any]
    state: str
    by: str
    created_at: datetime
    expires_at: datetime
    sent_at: datetime | None = None
    ended_at: datetime | None = None
    attempts: int = 0
    answer: dict[str, Any] | None = None


class Acknowledgement(msgspec.Struct):
    """What a thing publishes on `ack/<thing>`; further members are kept as the answer."""

    id: str
    ok: bool


async def place(
    connection: Connection,
    *,
    by: str,
    thing: str,
    name: str,
    arguments: dict[str, Any],
    timeout_s: float,
    idempotency_key: str | None = None,
) -> Command:
    """Queue a command in the caller's transaction; the same key gives the same command again.

    Raises Invalid, TooLarge; Conflict when the key was used for another command.
    """
    problems = []
    if not nameable(thing):
        problems.append(Problem("/thing", Text("不是有效的设备标识", "Not the id of a thing")))
    if not 0 < len(name) <= 64 or not name.replace("_", "").isalnum():
        problems.append(
            Problem(
                "/name", Text("须为 1 至 64 个字母、数字或下划线", "1 to 64 letters, digits or underscores")
            )
        )
    if not 0.1 <= timeout_s <= LONGEST_S:
        problems.append(
            Problem("/timeout_s", Text("须在 0.1 秒与 7 天之间", "Must lie between 0.1 seconds and 7 days"))
        )
    encoded = msgspec.json.encode(arguments)
    if _NULL.search(encoded):
        problems.append(Problem("/arguments", Text("含有空字符", "Contains a null character")))
    if problems:
        raise Invalid(problems=tuple(problems))
    if len(encoded) > LARGEST_BYTES:
        raise TooLarge(Text("参数超过 64 KiB", "The arguments are over 64 KiB"))
    now = clock.now()
    row = await connection.fetchrow(
        """INSERT INTO sensing.command
             (id, thing, name, arguments, by_account, idempotency_key, created_at, expires_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
           ON CONFLICT (by_account, thing, idempotency_key) WHERE idempotency_key IS NOT NULL
           DO UPDATE SET thing = excluded.thing RETURNING *""",
        new_id(), thing, name, arguments, by, idempotency_key, now, now + timedelta(seconds=timeout_s),
    )  # fmt: skip
    assert row is not None
    command = _command(row)
    if (command.name, command.arguments) != (name, arguments):
        raise Conflict(
            Text("该 Idempotency-Key 已用于另一命令", "This Idempotency-Key was used for another command")
        )
    return command


async def read(connection: Connection, id: str) -> Command:  # the field's own name
    """One command. Raises NotFound."""
    row = await connection.fetchrow("SELECT * FROM sensing.command WHERE id = $1", id)
    if row is None:
        raise NotFound
    return _command(row)


async def history(
    connection: Connection, thing: str, *, before: str | None = None, limit: int = 100
) -> list[Command]:
    """A thing's commands, newest first; `before` is the last id of the page before."""
    rows = await connection.fetch(
        """SELECT * FROM sensing.command WHERE thing = $1 AND ($2::text IS NULL OR id < $2)
           ORDER BY id DESC LIMIT $3""",
        thing,
        before,
        max(1, min(limit, 1000)),
    )
    return [_command(row) for row in rows]


async def acknowledge(connection: Connection, answers: Sequence[tuple[str, bytes]]) -> int:
    """Note what things answered, in the caller's transaction; how many answers fitted a command.

    An answer counts only from the thing that was told, and only once; one that comes after the time-out
    is kept with the command, which stays timed out.
    """
    rows = []
    for thing, payload in answers:
        try:
            answer = msgspec.json.decode(payload, type=dict[str, Any])
            known = msgspec.convert(answer, Acknowledgement)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            continue
        rows.append((known.id, thing, _STATES[known.ok], answer))
    if not rows:
        return 0
    done = await connection.fetch(
        """UPDATE sensing.command AS c SET
             state = CASE WHEN c.state IN ('queued', 'sent') THEN a.state ELSE c.state END,
             ended_at = coalesce(c.ended_at, now()), answer = a.answer
           FROM unnest($1::text[], $2::text[], $3::text[], $4::jsonb[]) AS a (id, thing, state, answer)
           WHERE c.id = a.id AND c.thing = a.thing AND c.answer IS NULL
           RETURNING c.id, c.thing, c.name, c.state""",
        *(list(column) for column in zip(*rows, strict=True)),
    )
    await _tell(connection, done)
    return len(done)


async def expire(connection: Connection) -> int:
    """End commands whose time is over; how many."""
    done = await connection.fetch(
        """UPDATE sensing.command SET ended_at = now(),
             state = CASE state WHEN 'queued' THEN 'expired' ELSE 'timed_out' END
           WHERE state IN ('queued', 'sent') AND expires_at <= now() RETURNING id, thing, name, state"""
    )
    await _tell(connection, done)
    return len(done)


class Dispatcher:
    """Sends over MQTT what is queued for things that came through it last, and ends what nobody answered in time.

    One that never came has no door yet: what is queued for it waits, since it may come by another one.
    """

    def __init__(self, database: Database, publisher: Publisher, came: "asyncio.Queue[str]") -> None:
        self._database, self._publisher, self._came = database, publisher, came

    async def run(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                if not await self._turn():
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(stop.wait(), TURN_S)
            except (*TROUBLE, Unavailable) as error:
                log.info("commands wait", error=type(error).__name__)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), 1.0)
        await self._publisher.close()

    async def _turn(self) -> bool:
        """Send up to `AT_ONCE`; whether there may be more."""
        came = {self._came.get_nowait() for _ in range(self._came.qsize())}
        async with self._database.transaction() as connection:
            if came:
                await connection.execute(
                    """UPDATE sensing.command SET state = 'queued'
                       WHERE state = 'sent' AND thing = ANY($1::text[]) AND expires_at > now()""",
                    list(came),
                )
            await expire(connection)
            rows = await connection.fetch(
                """SELECT id, thing, name, arguments, expires_at FROM sensing.command
                   WHERE state = 'queued' AND EXISTS (
                     SELECT 1 FROM sensing.presence p WHERE p.thing = command.thing AND p.door = 'mqtt')
                   ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED""",
                AT_ONCE,
            )
            if not rows:
                return False
            if not self._publisher.connected:
                await self._publisher.connect()
            for row in rows:
                body = {
                    "id": row["id"],
                    "name": row["name"],
                    "arguments": row["arguments"],
                    "expires_at": row["expires_at"],
                }
                await self._publisher.publish(f"cmd/{row['thing']}", msgspec.json.encode(body))
            await connection.execute(
                """UPDATE sensing.command SET state = 'sent', sent_at = now(), attempts = attempts + 1
                   WHERE id = ANY($1::text[]) AND state = 'queued'""",
                [row["id"] for row in rows],
            )
        return len(rows) == AT_ONCE


async def _tell(connection: Connection, rows: Sequence[Row]) -> None:
    if rows:
        await outbox.emit(
            connection,
            *(
                Event(
                    type="sensing.CommandEnded",
                    subject=row["id"],
                    data={"thing": row["thing"], "name": row["name"], "state": row["state"]},
                )
                for row in rows
            ),
        )


def _command(row: Row) -> Command:
    return Command(
        by=row["by_account"],
        **{f: row[f] for f in Command.__struct_fields__ if f != "by"},
    )
