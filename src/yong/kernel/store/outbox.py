"""The transactional outbox: an event is a row of its fact's transaction, then a message, exactly once in effect.

A row whose transaction committed late must not be overtaken for ever, so the relay takes only rows whose
transaction lies below every one still running (`pg_snapshot_xmin`); the bus drops repeats by the event's id.
"""

from collections.abc import Awaitable, Callable, Sequence

import msgspec

from yong.kernel.base import clock, ids
from yong.kernel.store.contracts import Event
from yong.kernel.store.database import Connection, Database

_LOCK = 0x594F4E48


async def emit(connection: Connection, *events: Event) -> None:
    """Write events in the transaction of `connection`."""
    rows = [
        (
            msgspec.to_builtins(
                msgspec.structs.replace(event, id=event.id or ids.new_id(), time=event.time or clock.now())
            ),
        )
        for event in events
    ]
    await connection.executemany("INSERT INTO store.outbox (event) VALUES ($1)", rows)


async def relay(
    database: Database, publish: Callable[[Sequence[Event]], Awaitable[None]], limit: int = 500
) -> int:
    """Hand up to `limit` settled events, in order, to `publish`; how many.

    Rows go only when `publish` returned; if it raises or the process dies they are offered again.
    One relay works at a time, whichever process it runs in.
    """
    async with database.transaction() as connection:
        if not await connection.fetchval("SELECT pg_try_advisory_xact_lock($1)", _LOCK):
            return 0
        rows = await connection.fetch(
            """SELECT id, event FROM store.outbox
               WHERE xid < pg_snapshot_xmin(pg_current_snapshot()) ORDER BY xid, id LIMIT $1""",
            limit,
        )
        if not rows:
            return 0
        await publish([msgspec.convert(row["event"], Event) for row in rows])
        await connection.execute(
            "DELETE FROM store.outbox WHERE id = ANY($1::bigint[])", [row["id"] for row in rows]
        )
        return len(rows)


async def waiting(database: Database) -> tuple[int, float]:
    """How many events wait, and the seconds the oldest has waited."""
    row = await database.fetchrow(
        """SELECT count(*) AS n, coalesce(extract(epoch FROM clock_timestamp() - min(made_at)), 0)::float8 AS age_s
           FROM store.outbox"""
    )
    assert row is not None
    return row["n"], row["age_s"]
