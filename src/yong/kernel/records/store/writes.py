"""Writes of many rows in one statement, each with its row of history."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

import msgspec

from yong.kernel.base.relation import Type
from yong.kernel.records.contracts import Table
from yong.kernel.records.store.tables import columns_of, quoted
from yong.kernel.store.database import Connection

Row = Mapping[str, object]
"""All columns of a table, as PostgreSQL's JSON reads them."""

_FIXED = frozenset({"id", "created_at", "created_by", "version"})


def _list(table: Table, prefix: str = "") -> str:
    return ", ".join(f'{prefix}"{c}"' for c in columns_of(table))


_decode = msgspec.json.Decoder(dict[str, object], float_hook=Decimal).decode
_encode = msgspec.json.Encoder(decimal_format="number").encode


def _json(rows: Sequence[Row]) -> str:
    return _encode(rows).decode()


def from_json(text: str) -> dict[str, object]:
    """A row as PostgreSQL wrote it, the same."""
    return _decode(text)


def as_json(row: Row) -> str:
    """A row for PostgreSQL to read, without a digit of a number lost."""
    return _encode(row).decode()


async def insert(connection: Connection, table: Table, rows: Sequence[Row]) -> set[str]:
    """Insert rows; the ids of those that went in. One whose key or unique value is taken does not."""
    main = quoted(table.name)
    found = await connection.fetch(
        f"""WITH new AS (
              INSERT INTO {main} ({_list(table)})
              SELECT {_list(table)} FROM json_populate_recordset(NULL::{main}, $1::text::json)
              ON CONFLICT DO NOTHING RETURNING *),
            past AS (
              INSERT INTO {quoted(table.name + "_history")} ({_list(table)}, recorded_from)
              SELECT {_list(table)}, updated_at FROM new)
            SELECT id FROM new""",
        _json(rows),
    )
    return {r["id"] for r in found}


async def update(connection: Connection, table: Table, rows: Sequence[Row]) -> set[str]:
    """Replace rows whose version is still the one given (it then grows by one); the ids of those replaced."""
    main, history = quoted(table.name), quoted(table.name + "_history")
    sets = ", ".join(f'"{c}" = n."{c}"' for c in columns_of(table) if c not in _FIXED)
    found = await connection.fetch(
        f"""WITH new AS (
              UPDATE {main} t SET version = t.version + 1, {sets}
              FROM json_populate_recordset(NULL::{main}, $1::text::json) n
              WHERE t.id = n.id AND t.version = n.version RETURNING t.*),
            closed AS (
              UPDATE {history} h SET recorded_to = new.updated_at
              FROM new WHERE h.id = new.id AND h.recorded_to IS NULL),
            past AS (
              INSERT INTO {history} ({_list(table)}, recorded_from) SELECT {_list(table)}, updated_at FROM new)
            SELECT id FROM new""",
        _json(rows),
    )
    return {r["id"] for r in found}


async def slice_(connection: Connection, table: Table, row: Row) -> bool:
    """Record that `row` holds from its `valid_from` to its `valid_to`; False if the version is not the one given.

    What was recorded for that time is closed and, where it reaches beyond, recorded again cut to size. The
    table itself keeps the slice that reaches furthest.
    """
    main, history = quoted(table.name), quoted(table.name + "_history")
    locked = await connection.fetchval(f"SELECT version FROM {main} WHERE id = $1 FOR UPDATE", row["id"])
    if locked != row["version"]:
        return False
    new = {**row, "version": locked + 1}
    await connection.execute(
        f"""WITH n AS (SELECT * FROM json_populate_recordset(NULL::{main}, $1::text::json)),
            old AS (
              UPDATE {history} h SET recorded_to = n.updated_at FROM n
              WHERE h.id = n.id AND h.recorded_to IS NULL
                AND h.valid_from < coalesce(n.valid_to, 'infinity')
                AND coalesce(h.valid_to, 'infinity') > n.valid_from
              RETURNING h.*),
            head AS (
              INSERT INTO {history} ({_list(table)}, recorded_from)
              SELECT {_list(table, "old.").replace('old."valid_to"', 'n."valid_from"')}, n.updated_at
              FROM old, n WHERE old.valid_from < n.valid_from),
            tail AS (
              INSERT INTO {history} ({_list(table)}, recorded_from)
              SELECT {_list(table, "old.").replace('old."valid_from"', 'n."valid_to"')}, n.updated_at
              FROM old, n WHERE coalesce(old.valid_to, 'infinity') > n.valid_to)
            INSERT INTO {history} ({_list(table)}, recorded_from) SELECT {_list(table)}, updated_at FROM n""",
        _json([new]),
    )
    sets = ", ".join(f'"{c}" = h."{c}"' for c in columns_of(table) if c not in _FIXED)
    await connection.execute(
        f"""UPDATE {main} t SET version = $2, {sets} FROM (
              SELECT * FROM {history} WHERE id = $1 AND recorded_to IS NULL ORDER BY valid_from DESC LIMIT 1) h
            WHERE t.id = h.id""",
        row["id"],
        locked + 1,
    )
    return True


async def present(connection: Connection, table: Table, ids: Sequence[str]) -> dict[str, dict[str, object]]:
    """Whole rows by id, as JSON values, for the service to change. No digit of a number is lost on the way."""
    exact = {f.name for f in table.fields if f.type is Type.DECIMAL}
    columns = ", ".join(f'"{c}"::text AS "{c}"' if c in exact else f'"{c}"' for c in columns_of(table))
    found = await connection.fetch(
        f"""SELECT r.id, row_to_json(r)::text AS doc
            FROM (SELECT {columns} FROM {quoted(table.name)} WHERE id = ANY($1::text[])) r""",
        list(ids),
    )
    return {r["id"]: _decode(r["doc"]) for r in found}


async def keep_to_oneself(connection: Connection, table: Table) -> None:
    """Let nobody else write to a table until the transaction ends; readers go on. Not to be waited for too long."""
    await connection.execute("SET LOCAL lock_timeout = '10s'")
    await connection.execute(f"LOCK TABLE {quoted(table.name)} IN SHARE ROW EXCLUSIVE MODE")


async def versions(connection: Connection, table: Table, start: str) -> dict[str, int]:
    """Id and version of every row, ended ones too, whose id begins with a text."""
    found = await connection.fetch(
        f"SELECT id, version FROM {quoted(table.name)} WHERE starts_with(id, $1)", start
    )
    return {r["id"]: r["version"] for r in found}


async def version_held(connection: Connection, table: Table, id_: str) -> int | None:
    """The version of a row that stays as it is until the transaction ends; None when there is none."""
    version: int | None = await connection.fetchval(
        f"SELECT version FROM {quoted(table.name)} WHERE id = $1 FOR SHARE", id_
    )
    return version


async def bad_codes(
    connection: Connection, wanted: Sequence[tuple[str, str]], day: date | None
) -> set[tuple[str, str]]:
    """Of pairs (list, code), those that are not valid on a day."""
    if not wanted:
        return set()
    found = await connection.fetch(
        """SELECT w.list, w.code FROM unnest($1::text[], $2::text[]) AS w(list, code)
           WHERE NOT EXISTS (SELECT 1 FROM records.code c WHERE c.list = w.list AND c.code = w.code
             AND c.valid_from <= $3 AND (c.valid_to IS NULL OR c.valid_to > $3))""",
        [w[0] for w in wanted],
        [w[1] for w in wanted],
        day or date.max - timedelta(days=1),
    )
    return {(r["list"], r["code"]) for r in found}


async def absent(connection: Connection, relation: str, key: str, ids: Sequence[str]) -> set[str]:
    """Of ids, those that no row of a Relation has."""
    if not ids:
        return set()
    found = await connection.fetch(
        f"""SELECT w.id FROM unnest($1::text[]) AS w(id)
            WHERE NOT EXISTS (SELECT 1 FROM {quoted(relation)} r WHERE r."{key}"::text = w.id)""",
        list(ids),
    )
    return {r["id"] for r in found}
