"""The transactional outbox: an event is a row of its fact's transaction, and each reader has it once, in order.

Readers go at their own pace: the bus's may wait for a server that is away while notifications go on. What a
reader writes to the database with the events, it writes in the transaction that moves its position: exactly
once. A row whose transaction committed late must not be overtaken for ever, so readers take only rows whose
transaction lies below every one still running (`pg_snapshot_xmin`).
"""

from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import TypeAlias

import msgspec

from yong.kernel.base import clock, ids
from yong.kernel.store.contracts import Event
from yong.kernel.store.database import Connection, Database

BUS = "bus"

Handle: TypeAlias = Callable[[Connection, Sequence[Event]], Awaitable[None]]

_DROP = """DELETE FROM store.outbox WHERE (xid, id) <=
             (SELECT xid, id FROM store.outbox_reader ORDER BY xid, id LIMIT 1)"""

# Numbers of transactions mean nothing in another cluster. What waits gets the first of all, each reader a position
# before the first event that it lacks.
AFTER_RESTORE = """
DO $$ BEGIN
  IF to_regclass('store.outbox_reader') IS NOT NULL THEN
    UPDATE store.outbox_reader r SET xid = '3', id = coalesce(
        (SELECT min(o.id) - 1 FROM store.outbox o WHERE (o.xid, o.id) > (r.xid, r.id)),
        (SELECT max(o.id) FROM store.outbox o), 0);
  END IF;
  IF to_regclass('store.outbox') IS NOT NULL THEN
    UPDATE store.outbox SET xid = '3';
  END IF;
END $$
"""


async def emit(connection: Connection, *events: Event) -> None:
    """Write events in the transaction of `connection`."""
    rows = [
        (msgspec.structs.replace(event, id=event.id or ids.new_id(), time=event.time or clock.now()),)
        for event in events
    ]
    await connection.executemany("INSERT INTO store.outbox (event) VALUES ($1)", rows)


async def follow(
    database: Database, reader: str, handle: Handle, limit: int = 500, *, only: Collection[str] | None = None
) -> int:
    """Hand up to `limit` settled events that `reader` lacks, in order, to `handle`; how many were looked at.

    With `only` those of other types are passed by: they are neither sent here nor handed on.

    `handle` works in the transaction that moves the reader on; if it raises or the process dies the events are
    offered again. One process at a time works for a reader.
    """
    async with database.transaction() as connection:
        position = await connection.fetchrow(
            "SELECT xid, id FROM store.outbox_reader WHERE name = $1 FOR UPDATE SKIP LOCKED", reader
        )
        if position is None:
            return 0
        rows = await connection.fetch(
            """SELECT id, xid, CASE WHEN $4::text[] IS NULL OR event->>'type' = ANY($4) THEN event END AS event
               FROM store.outbox
               WHERE xid < pg_snapshot_xmin(pg_current_snapshot()) AND (xid, id) > ($1, $2)
               ORDER BY xid, id LIMIT $3""",
            position["xid"],
            position["id"],
            limit,
            None if only is None else list(only),
        )
        if rows:
            events = [msgspec.convert(row["event"], Event) for row in rows if row["event"] is not None]
            if events:
                await handle(connection, events)
            await connection.execute(
                "UPDATE store.outbox_reader SET xid = $2, id = $3 WHERE name = $1",
                reader,
                rows[-1]["xid"],
                rows[-1]["id"],
            )
    await database.execute(_DROP)
    return len(rows)


class Waiting(msgspec.Struct, frozen=True):
    """What waits in the outbox: how many events, the seconds the oldest has, and the reader that lacks most of them."""

    events: int
    oldest_s: float
    reader: str


async def waiting(database: Database) -> Waiting:
    """What waits for some reader."""
    row = await database.fetchrow(
        """SELECT count(*) AS events,
                  coalesce(extract(epoch FROM clock_timestamp() - min(made_at)), 0)::float8 AS oldest_s,
                  coalesce((SELECT name FROM store.outbox_reader ORDER BY xid, id, name LIMIT 1), '') AS reader
           FROM store.outbox"""
    )
    assert row is not None
    return Waiting(**row)
