"""Features read: a page in one statement where SQL decides alone, else candidates until the page is full.

The work of one answer is bounded: what takes over WITHIN_S seconds is refused, and after CANDIDATES places that were
looked at one by one the page ends where it is, with the link to the next.
"""

import asyncio
from collections.abc import Sequence

import asyncpg
import msgspec
import numpy as np

from yong.kernel.base.city import City
from yong.kernel.base.errors import Malformed
from yong.kernel.base.kept import Flights
from yong.kernel.base.text import Text
from yong.kernel.geo.features import paging
from yong.kernel.geo.features.asking import Ask
from yong.kernel.geo.features.contracts import (
    CANDIDATES,
    COUNTED,
    WITHIN_S,
    Column,
    Kind,
    Rows,
)
from yong.kernel.geo.features.crs import Crs, written
from yong.kernel.geo.features.filtering import TRUE, Compiler, Condition, Shapes
from yong.kernel.store.arguments import Arguments
from yong.kernel.store.database import Database, Row

_BATCH = 4096  # candidates of one statement at most
_WIDE = Text("查询过于宽泛：请缩小范围或增加条件", "The query is too wide: narrow it, or add a condition")
_VALUE = Text("filter 中的值超出范围", "A value of the filter is out of range")


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Features as JSON, where to go on, and how many there are in all, where that is known."""

    features: tuple[str, ...]
    cursor: paging.Cursor | None = None
    matched: int | None = None


class Statement:
    """A question to a collection as SQL."""

    def __init__(self, rows: Rows, ask: Ask) -> None:
        self.rows, self.ask = rows, ask
        self.arguments = Arguments(rows.args)
        geometry = Column(
            name=rows.geometry_name, sql=rows.geometry, kind=Kind.GEOMETRY, title=rows.collection.title
        )
        columns = {**ask.columns, rows.geometry_name: geometry}
        if ask.filter is None:
            self.condition = Condition()
        else:
            compiler = Compiler(columns, rows.geometry_name, rows.near, self.arguments)
            self.condition = compiler.condition(ask.filter)
        self.values = paging.values_sql(ask.order, rows.keys)

    @property
    def shown(self) -> list[str]:
        return [
            f"to_json({self.rows.id})::text AS id",
            f"({self.rows.geometry})::text AS geometry",
            f"{self.properties}::text AS properties",
        ]

    @property
    def properties(self) -> str:
        """The properties of a row as JSON, in SQL."""
        ask, rows = self.ask, self.rows
        if ask.shown is None and rows.everything is not None:
            return f"({rows.everything})"
        if ask.shown is not None:
            return object_of(ask.shown)
        own = [c for c in rows.columns if c.name != rows.geometry_name]
        listed = ", ".join(f'{c.sql} AS "{c.name}"' for c in own)
        return f"(SELECT row_to_json(v) FROM (SELECT {listed}) AS v)" if own else "'{}'"

    def select(
        self, shown: Sequence[str], most: int, cursor: paging.Cursor | None, *, matched: bool = False
    ) -> tuple[str, list[object]]:
        """Up to `most` candidates behind a cursor, and its parameters."""
        arguments = Arguments(tuple(self.arguments.values))
        where = self.condition.where
        count = ""
        if matched:
            count = (
                f", (SELECT count(*) FROM (SELECT 1 FROM ({self.rows.sql}) AS r WHERE {where}"
                f" LIMIT {COUNTED + 1}) AS c) AS matched"
            )
        if cursor is not None:
            where = f"{where} AND {paging.behind(cursor, self.ask.order, self.rows.keys, arguments)}"
        columns = [*shown, *(f"{sql} AS k{n}" for n, sql in enumerate(self.values))]
        columns += [f"({sql}) AS f{n}" for n, sql in enumerate(self.condition.flags)]
        order = paging.order_sql(self.ask.order, self.rows.keys)
        # In two steps, so that documents are made of the rows alone that are shown.
        picked = f"SELECT * FROM ({self.rows.sql}) AS r WHERE {where} ORDER BY {order} LIMIT {most:d}"
        sql = f"SELECT {', '.join(columns)}{count} FROM ({picked}) AS r ORDER BY {order}"
        return sql, arguments.values

    def cursor(self, row: Row) -> paging.Cursor:
        found = [row[f"k{n}"] for n in range(len(self.values))]
        split = len(self.ask.order)
        return paging.Cursor(paging.named(self.ask.order), tuple(found[:split]), tuple(found[split:]))

    def holds(self, found: Sequence[Row]) -> Sequence[bool]:
        """Which candidates the filter selects; for threads too."""
        rest = self.condition.rest
        if rest is None:
            return [True] * len(found)
        flags = [
            np.array([_STATES[row[f"f{n}"]] for row in found], dtype=np.int8)
            for n in range(len(self.condition.flags))
        ]
        holds: list[bool] = (rest(flags, Shapes([row["geometry"] for row in found])) == TRUE).tolist()
        return holds


_STATES = {False: 0, None: 1, True: 2}


async def page_of(city: City, rows: Rows, ask: Ask) -> Page:
    """A page of features. Raises Malformed for what takes too long and for values out of range."""
    statement = Statement(rows, ask)
    try:
        if statement.condition.rest is None:
            return await _straight(city, statement)
        return await _chosen(city[Database], statement)
    except TimeoutError:
        raise Malformed(_WIDE) from None
    except asyncpg.DataError:
        raise Malformed(_VALUE) from None


async def feature(city: City, rows: Rows, id: str, crs: Crs) -> str | None:
    """One feature as JSON, without the brace that closes it; None where there is none."""
    ask = Ask(columns={}, limit=1, crs=crs)
    statement = Statement(rows, ask)
    where = rows.find(id, statement.arguments)
    if where is None:
        return None
    sql = f"SELECT {', '.join(statement.shown)} FROM ({rows.sql}) AS r WHERE {where} LIMIT 1"
    found = await city[Database].pool.fetch(sql, *statement.arguments.values, timeout=WITHIN_S)
    return _features(found, crs)[0][:-1] if found else None


async def _straight(city: City, statement: Statement) -> Page:
    ask = statement.ask
    sql, values = statement.select(statement.shown, ask.limit + 1, ask.cursor, matched=True)

    async def run() -> list[Row]:
        return await city[Database].pool.fetch(sql, *values, timeout=WITHIN_S)

    found = await city.part(Flights).share((sql, _hashable(values)), run)
    shown = found[: ask.limit]
    matched = found[0]["matched"] if found else None if ask.cursor else 0
    features = (
        _features(shown, ask.crs) if len(shown) < 100 else await asyncio.to_thread(_features, shown, ask.crs)
    )
    return Page(
        features=tuple(features),
        cursor=statement.cursor(shown[-1]) if len(found) > ask.limit else None,
        matched=matched if matched is not None and matched <= COUNTED else None,
    )


def _hashable(values: Sequence[object]) -> tuple[object, ...]:
    return tuple(tuple(v) if isinstance(v, list) else v for v in values)


async def _chosen(database: Database, statement: Statement) -> Page:
    """A page of what Shapely chooses among candidates."""
    ask = statement.ask
    chosen: list[Row] = []
    cursor, looked, most = ask.cursor, 0, min(max(64, 2 * (ask.limit + 1)), _BATCH)
    over = False
    while True:
        sql, values = statement.select(statement.shown, most, cursor)
        found = await database.pool.fetch(sql, *values, timeout=WITHIN_S)
        holds = await asyncio.to_thread(statement.holds, found)
        chosen += [row for row, yes in zip(found, holds, strict=True) if yes]
        looked += len(found)
        over = len(found) < most
        if over or len(chosen) > ask.limit or looked >= CANDIDATES:
            break
        cursor, most = statement.cursor(found[-1]), min(most * 4, _BATCH)
    shown = chosen[: ask.limit]
    onward = None
    if len(chosen) > ask.limit:
        onward = statement.cursor(shown[-1])
    elif not over:
        onward = statement.cursor(found[-1])
    matched = len(chosen) if onward is None and ask.cursor is None else await _count(database, statement)
    features = await asyncio.to_thread(_features, shown, ask.crs)
    return Page(features=tuple(features), cursor=onward, matched=matched)


async def _count(database: Database, statement: Statement) -> int | None:
    """How many Shapely chooses in all, where the candidates are not too many to look at."""
    sql, values = statement.select([f"({statement.rows.geometry})::text AS geometry"], COUNTED + 1, None)
    found = await database.pool.fetch(sql, *values, timeout=WITHIN_S)
    if len(found) > COUNTED:
        return None
    return sum(await asyncio.to_thread(statement.holds, found))


def _features(found: Sequence[Row], crs: Crs) -> list[str]:
    geometries = written([row["geometry"] for row in found], crs)
    return [
        f'{{"type":"Feature","id":{row["id"]},"geometry":{geometry or "null"},"properties":{row["properties"]}}}'
        for row, geometry in zip(found, geometries, strict=True)
    ]


def object_of(columns: Sequence[Column]) -> str:
    """Some properties as a JSON object, in SQL; a function there takes a hundred arguments at most."""
    parts = []
    for start in range(0, len(columns), 40):
        pairs = (f"{literal(c.name)}, {c.sql}" for c in columns[start : start + 40])
        parts.append(f"jsonb_build_object({', '.join(pairs)})")
    return f"({' || '.join(parts)})" if parts else "'{}'"


def literal(text: str) -> str:
    """A text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"
