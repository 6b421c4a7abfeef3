"""The SQL of devices, of what they hand in, and of what clashes. Private to its service."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from yong.kernel.records.contracts import Table
from yong.kernel.records.store import writes
from yong.kernel.records.store.tables import quoted
from yong.kernel.store.database import Connection, Database, Row

# ---------------------------------------------------------------- devices


async def device(connection: Connection, account: str, name: str, parcel: str, most: int) -> Row:
    """A device of an account, kept to oneself until the transaction ends; remembered from now on where it is new."""
    await connection.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended('records.device ' || $1 || ' ' || $2, 0))",
        account,
        name,
    )
    await connection.execute(
        """INSERT INTO records.device (account, device, parcel) VALUES ($1, $2, $3)
           ON CONFLICT (account, device, parcel) DO UPDATE SET seen_at = now()""",
        account, name, parcel,
    )  # fmt: skip
    await connection.execute(
        """DELETE FROM records.device WHERE account = $1 AND device IN (
             SELECT device FROM records.device WHERE account = $1 AND given_up_at IS NULL
             GROUP BY device ORDER BY max(seen_at) DESC, device OFFSET $2)""",
        account, most,
    )  # fmt: skip
    row = await connection.fetchrow(
        "SELECT * FROM records.device WHERE account = $1 AND device = $2 AND parcel = $3",
        account,
        name,
        parcel,
    )
    assert row is not None
    return row


async def holds(connection: Connection, row: Row, held: bytes, before: bytes | None, rows: int) -> int:
    """Write down what a device holds; the generation of it."""
    generation: int = await connection.fetchval(
        """UPDATE records.device SET generation = generation + 1, held = $4, before = $5, held_rows = $6, seen_at = now()
           WHERE account = $1 AND device = $2 AND parcel = $3 RETURNING generation""",
        row["account"], row["device"], row["parcel"], held, before, rows,
    )  # fmt: skip
    return generation


async def given_up(database: Database, account: str, name: str) -> bool:
    found: bool = await database.fetchval(
        """SELECT EXISTS (SELECT 1 FROM records.device
                          WHERE account = $1 AND device = $2 AND given_up_at IS NOT NULL)""",
        account, name,
    )  # fmt: skip
    return found


async def devices(database: Database, account: str) -> list[Row]:
    return await database.fetch(
        "SELECT * FROM records.device WHERE account = $1 ORDER BY seen_at DESC, device, parcel LIMIT 200",
        account,
    )


async def give_up(connection: Connection, account: str, name: str) -> bool:
    done = await connection.execute(
        """UPDATE records.device SET given_up_at = coalesce(given_up_at, now()), held = NULL, before = NULL, held_rows = 0
           WHERE account = $1 AND device = $2""",
        account, name,
    )  # fmt: skip
    return not done.endswith(" 0")


# ---------------------------------------------------------------- what was handed in


async def handed(reader: "Connection | Database", account: str, id_: str) -> Row | None:
    return await reader.fetchrow(
        "SELECT * FROM records.handed_in WHERE account = $1 AND id = $2", account, id_
    )


async def keep(connection: Connection, row: dict[str, Any]) -> None:
    await connection.execute(
        f"INSERT INTO records.handed_in ({', '.join(row)}) VALUES ({', '.join(f'${n + 1}' for n in range(len(row)))})",
        *row.values(),
    )


async def keep_clashes(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    for row in rows:
        await connection.execute(
            f"INSERT INTO records.clash ({', '.join(row)}) VALUES ({', '.join(f'${n + 1}' for n in range(len(row)))})",
            *row.values(),
        )


async def tidy(connection: Connection, account: str, days: int) -> None:
    """Forget what was handed in long ago and leaves nothing to decide."""
    await connection.execute(
        """DELETE FROM records.clash WHERE account = $1 AND decided_at < now() - make_interval(days => $2)""",
        account, days,
    )  # fmt: skip
    await connection.execute(
        """DELETE FROM records.handed_in h WHERE h.account = $1 AND h.handed_at < now() - make_interval(days => $2)
           AND NOT EXISTS (SELECT 1 FROM records.clash c WHERE c.account = h.account AND c.change_id = h.id)""",
        account, days,
    )  # fmt: skip


async def states(connection: Connection, table: Table, id_: str, version: int) -> list[Row]:
    """A record from a version on, as it was recorded, with the row kept from others until the transaction ends."""
    await connection.execute(f"SELECT 1 FROM {quoted(table.name)} WHERE id = $1 FOR UPDATE", id_)
    return await connection.fetch(
        f"""SELECT version, updated_by, recorded_from, row_to_json(h)::text AS doc FROM {quoted(table.name + "_history")} h
            WHERE id = $1 AND version >= $2 ORDER BY version LIMIT 1000""",
        id_, version,
    )  # fmt: skip


async def own_versions(connection: Connection, account: str, device_: str, target: str) -> set[int]:
    """The versions of a record that earlier changes of a device made."""
    rows = await connection.fetch(
        """SELECT version FROM records.handed_in
           WHERE account = $1 AND device = $2 AND target = $3 AND version IS NOT NULL""",
        account, device_, target,
    )  # fmt: skip
    return {row["version"] for row in rows}


async def as_kept(connection: Connection, table: Table, values: dict[str, object]) -> dict[str, object]:
    """Checked values as the history of the table would show them, to be compared with it."""
    found: str = await connection.fetchval(
        f"SELECT row_to_json(json_populate_record(NULL::{quoted(table.name)}, $1::text::json))::text",
        writes.as_json(values),
    )
    return writes.from_json(found)


# ---------------------------------------------------------------- what clashes


async def clashes(database: Database, account: str | None, id_: str | None, limit: int) -> list[Row]:
    """What waits to be decided: of an account, or all; with an id that one alone."""
    return await database.fetch(
        """SELECT * FROM records.clash WHERE decision IS NULL AND ($1::text IS NULL OR account = $1)
             AND ($2::text IS NULL OR id = $2) ORDER BY kept_at, id LIMIT $3""",
        account, id_, limit,
    )  # fmt: skip


async def decide(connection: Connection, id_: str, decision: str, account: str, at: datetime) -> bool:
    done = await connection.execute(
        """UPDATE records.clash SET decision = $2, decided_by = $3, decided_at = $4 WHERE id = $1 AND decision IS NULL""",
        id_, decision, account, at,
    )  # fmt: skip
    return not done.endswith(" 0")
