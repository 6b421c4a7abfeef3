"""The SQL of search: rows as a scope shows them, and the state of the index. Private."""

from collections.abc import AsyncIterator, Sequence
from typing import NamedTuple

from yong.kernel.access.contracts import Scope
from yong.kernel.base.relation import Type
from yong.kernel.records.store.tables import SQL_TYPES
from yong.kernel.search.contracts import READER, State
from yong.kernel.search.index import Entry
from yong.kernel.search.sources import Source
from yong.kernel.store.database import Connection, Database, Row

_CHUNK = 2_000
_LONGEST = 20_000  # characters of a field that are read


class Shown(NamedTuple):
    """A row's fields as somebody sees them, (role, name, text) each, where it lies, in which district."""

    parts: list[tuple[str, str, str]]
    place: tuple[float, float] | None
    district: str | None


def rows_sql(source: Source, scope: Scope, *conditions: str) -> str:
    """SQL of the rows of a source that stand today, as a scope shows them: id, its fields, place, district."""
    seen = set(scope.fields)
    columns = [f'left(r."{name}", {_LONGEST}) AS "{name}"' for name, _ in source.fields if name in seen]
    geometry, district = source.relation.geometry, source.relation.district
    if geometry in seen:
        columns.append(f'center(records.box_of(r."{geometry}")) AS "~place"')
    if district in seen:
        columns.append(f'r."{district}" AS "~district"')
    stands = ('r."ended_at" IS NULL',) if source.table is not None and "ended_at" in seen else ()
    chosen = ", ".join([f'{_id(source)} AS "~id"', *columns])
    where = " AND ".join(("TRUE", *stands, *conditions))
    return f"SELECT {chosen} FROM ({scope.sql}) AS r WHERE {where}"


def _id(source: Source) -> str:
    keys = [f'r."{k}"::text' for k in source.relation.key]
    return keys[0] if len(keys) == 1 else f"concat_ws('~', {', '.join(keys)})"


def _these(source: Source, number: int) -> str:
    """The condition that a row's id is one of an argument's, so that an index of its key helps."""
    key = source.relation.key
    field = source.relation.field(key[0])
    if len(key) > 1 or field is None:
        return f"{_id(source)} = ANY(${number}::text[])"
    kind = SQL_TYPES[field.type]
    cast = "" if field.type in (Type.TEXT, Type.CODE, Type.REFERENCE) else f"::{kind}[]"
    return f'r."{key[0]}" = ANY(${number}::text[]{cast})'


async def rows_of(
    connection: "Connection | Database", source: Source, scope: Scope, ids: Sequence[str]
) -> dict[str, Shown]:
    """The rows of some ids that a scope shows and that stand today."""
    sql = rows_sql(source, scope, _these(source, len(scope.args) + 1))
    found = await connection.fetch(sql, *scope.args, list(ids))
    return {row["~id"]: _shown(source, row) for row in found}


async def ids_recorded_at(connection: Connection, source: Source, scope: Scope, at: str) -> list[str]:
    """The ids of the records that one import wrote."""
    rows = await connection.fetch(
        f"SELECT {_id(source)} AS id FROM ({scope.sql}) AS r WHERE r.updated_at = ${len(scope.args) + 1}::text::timestamptz",
        *scope.args,
        at,
    )
    return [row["id"] for row in rows]


async def entries(connection: Connection, source: Source, scope: Scope) -> AsyncIterator[list[Entry]]:
    """All rows of a source, some thousand at a time, within a transaction."""
    cursor = await connection.cursor(rows_sql(source, scope), *scope.args)
    while rows := await cursor.fetch(_CHUNK):
        yield [entry(source, row["~id"], _shown(source, row)) for row in rows]


def entry(source: Source, id_: str, shown: Shown) -> Entry:
    parts = [(role, text) for role, _, text in shown.parts]
    return Entry(source.name, id_, parts, shown.place, shown.district)


def _shown(source: Source, row: Row) -> Shown:
    parts = [(role, name, row[name]) for name, role in source.fields if row.get(name)]
    place = row.get("~place")
    return Shown(parts, (place[0], place[1]) if place is not None else None, row.get("~district"))


class Standing(NamedTuple):
    """Which index belongs to the database."""

    name: str | None
    sources: str | None
    asked: bool


async def standing(database: Database) -> Standing:
    row = await database.fetchrow("SELECT name, sources, asked_at IS NOT NULL AS asked FROM search.state")
    return Standing(row["name"], row["sources"], row["asked"]) if row else Standing(None, None, False)


async def building(database: Database, rows: int | None) -> None:
    """Tell how far a new index has come; None when there is none in the making."""
    await database.execute("UPDATE search.state SET rebuilding = $1", rows)


async def built(database: Database, name: str, sources: str, rows: int) -> None:
    await database.execute(
        """UPDATE search.state SET name = $1, sources = $2, rows = $3, built_at = now(), rebuilding = NULL,
             asked_at = NULL""",
        name,
        sources,
        rows,
    )


async def counted(connection: "Connection | Database", rows: int) -> None:
    await connection.execute("UPDATE search.state SET rows = $1 WHERE rows <> $1", rows)


async def ask(database: Database) -> None:
    """Have the index made anew by the process that keeps it."""
    await database.execute("UPDATE search.state SET asked_at = now()")


async def state(database: Database) -> State:
    """How the index is doing."""
    row = await database.fetchrow(
        f"""SELECT s.name IS NOT NULL AS ready, s.rows, s.asked_at IS NOT NULL OR s.rebuilding IS NOT NULL AS again, s.rebuilding,
                   count(o.id) AS events,
                   coalesce(extract(epoch FROM clock_timestamp() - min(o.made_at)), 0)::float8 AS lag_s
            FROM search.state s CROSS JOIN store.outbox_reader r
            LEFT JOIN store.outbox o ON (o.xid, o.id) > (r.xid, r.id)
            WHERE r.name = '{READER}' GROUP BY s.name, s.rows, s.asked_at, s.rebuilding"""
    )
    if row is None:
        return State(ready=False, rebuilding=False, rows=0, events=0, lag_s=0)
    return State(
        ready=row["ready"],
        rebuilding=row["again"],
        in_the_making=row["rebuilding"],
        rows=row["rows"],
        events=row["events"],
        lag_s=row["lag_s"],
    )
