"""Rows counted as they were known at a moment, in the scope of whoever an indicator belongs to."""

import hashlib
import math
from collections import defaultdict
from collections.abc import Sequence, Set
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import msgspec

from yong.kernel.access import api as access
from yong.kernel.access.api import system_caller
from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import Conflict, Forbidden, Invalid, Problem, TooLarge
from yong.kernel.base.relation import Field, Relation, Type
from yong.kernel.base.text import Text
from yong.kernel.indicators.contracts import CELLS, TIME_S, WHOLE, Breakdown, Definition, Indicator
from yong.kernel.indicators.formulas.model import (
    Aggregate,
    Both,
    Compare,
    Condition,
    Formula,
    Kind,
    Not,
    Weighted,
    aggregates,
)
from yong.kernel.indicators.formulas.reading import read
from yong.kernel.indicators.logic import Span, today
from yong.kernel.records.contracts import Filter, Table
from yong.kernel.records.service import reading
from yong.kernel.records.store import reads
from yong.kernel.records.store.reads import Source
from yong.kernel.store.database import Database

NUMBERS = frozenset({Type.INTEGER, Type.NUMBER, Type.DECIMAL, Type.MONEY})
_MODULE = "module:"
_GONE = Text("指标的维护账户已停用", "The account that keeps the indicator is gone")
_NO_HISTORY = Text(
    "资源 {r} 不保留历史，统计值将无法复算",
    "{r} keeps no history: a figure of it could not be computed again",
)
_MASKED = Text(
    "不能以明文读取 {r} 的 {fields}，无法据此统计",
    "{fields} of {r} cannot be read in clear, and so not counted by",
)
_SLOW = Text("统计超过 {s} 秒，请缩小范围", "Counting took more than {s} s; ask for less")
_NO_MOMENT = Text("{name} 不是时刻，不能与 now 比较", "{name} is no moment to be compared with now")
_CELLS = Text("分组超过 {n} 个", "The breakdown has more than {n} values")


class Leaf(msgspec.Struct, frozen=True):
    """Something to be asked of rows: by whom, what, and what it is told apart by; of a score, for which part."""

    owner: str
    roles: tuple[str, ...]
    aggregate: Aggregate
    by: Breakdown | None
    part: str = ""
    title: Text | None = None


class Counted(msgspec.Struct):
    """What was counted: for each cell and leaf the number, and of how many rows it is."""

    rows: int
    checksum: str
    cells: dict[str, dict[Leaf, tuple[float | None, int]]]


def formula_of(indicator: Indicator) -> Formula:
    return read(indicator.expression)


def breakdown(indicator: Indicator, by: str) -> Breakdown | None:
    return next((b for b in indicator.breakdowns if b.name == by), None)


def leaves(definition: Definition, by: str) -> list[Leaf]:
    """All that a definition asks of rows. Parts of a score that are not told apart by `by` ask for nothing."""
    formula = formula_of(definition.indicator)
    if not isinstance(formula, Weighted):
        own = breakdown(definition.indicator, by)
        return [Leaf(definition.owner, definition.roles, one, own) for one in aggregates(formula)]
    return [
        Leaf(
            part.owner,
            part.roles,
            one,
            breakdown(part.indicator, by),
            part.indicator.name,
            part.indicator.title,
        )
        for part in definition.parts
        if not by or breakdown(part.indicator, by)
        for one in aggregates(formula_of(part.indicator))
    ]


async def whose(city: City, owner: str, roles: tuple[str, ...]) -> Caller:
    """The caller in whose scope an indicator is computed. Raises Conflict when that account is gone."""
    if owner.startswith(_MODULE):
        return system_caller(owner.removeprefix(_MODULE))
    found = await access.standing(city, owner, roles)
    if found is None:
        raise Conflict(_GONE)
    return found


async def count(city: City, definition: Definition, within: Span, by: str, known_at: datetime) -> Counted:
    """Count all that a definition asks for. Raises TooLarge for too many cells or too long a time."""
    groups: dict[tuple[Any, ...], list[Leaf]] = defaultdict(list)
    for leaf in leaves(definition, by):
        one = leaf.aggregate
        groups[leaf.owner, leaf.roles, one.relation, one.by, "ended_at" in one.fields].append(leaf)
    cells: dict[str, dict[Leaf, tuple[float | None, int]]] = {WHOLE: {}}
    rows, sums = 0, []
    for (owner, roles, *_), several in groups.items():
        caller = await whose(city, owner, roles)
        query = Query.of(city, caller, several, within, known_at)
        for row in await _fetch(city, query):
            cell = WHOLE if row["whole"] else (row["cell"] if row["cell"] != WHOLE else WHOLE * 2)
            if row["whole"]:
                rows += row["n"]
                sums.append(str(row["sum"] or 0))
            found = cells.setdefault(cell, {})
            for n, leaf in enumerate(several):
                found[leaf] = (_number(row[f"v{n}"]), row[f"n{n}"])
    if len(cells) > CELLS + 1:
        raise TooLarge(_CELLS, n=CELLS)
    return Counted(rows, hashlib.sha256("|".join(sums).encode()).hexdigest(), cells)


def _number(value: object) -> float | None:
    found = None if value is None else float(value)  # type: ignore[arg-type]  # a number of PostgreSQL
    return found if found is not None and math.isfinite(found) else None


async def rows(
    city: City, source: Source, where: str, args: Sequence[object], limit: int
) -> tuple[list[dict[str, object]], int]:
    """The first rows of a source that meet a condition, as JSON, and how many there are."""
    values = ", ".join(f'r."{f.name}"' for f in source.fields)
    order = ", ".join(f'r."{key}"' for key in source.relation.key)
    sql = (
        f"SELECT row_to_json(v) AS doc, n FROM (SELECT {values}, count(*) OVER () AS yong_n FROM ({source.sql}) AS r{where}"
        f" ORDER BY {order} LIMIT {int(limit)}) AS v, LATERAL (SELECT v.yong_n AS n) AS w"
    )
    found = await _fetch(city, Query(sql, tuple(args)))
    docs: list[dict[str, object]] = [row["doc"] for row in found]
    for doc in docs:
        doc.pop("yong_n", None)
    return docs, int(found[0]["n"]) if found else 0


async def _fetch(city: City, query: "Query") -> list[asyncpg.Record]:
    try:
        async with city[Database].transaction() as connection:
            await connection.execute(f"SET LOCAL statement_timeout = '{TIME_S}s'; SET TRANSACTION READ ONLY")
            return await connection.fetch(query.sql, *query.args)
    except asyncpg.QueryCanceledError:
        raise TooLarge(_SLOW, s=TIME_S) from None


class Query(msgspec.Struct, frozen=True):
    """One pass over the rows of a Relation for several leaves that are of the same period."""

    sql: str
    args: tuple[object, ...]

    @classmethod
    def of(
        cls, city: City, caller: Caller, several: Sequence[Leaf], within: Span, known_at: datetime
    ) -> "Query":
        first = several[0]
        source = known(city, caller, first.aggregate, within, known_at)
        args = list(source.args)
        period = in_period(source, first.aggregate, within, args)
        moment = min(known_at, within.moments[1])
        asked = [_asked(source, leaf.aggregate, n, moment, args) for n, leaf in enumerate(several)]
        used = {name for leaf in several for name in leaf.aggregate.fields} | set(source.relation.key)
        used |= {name for leaf in several if (name := time_of(leaf.aggregate, source.relation, source.table))}
        cell, grouped = "NULL::text", "GROUPING SETS (())"
        if first.by is not None:
            used.add(first.by.field)
            cell, grouped = cell_of(first.by), "GROUPING SETS ((r.yong_cell), ())"
        clear(city, caller, source.relation, used)
        row = ", ".join(f'r."{name}"' for name in sorted(used))
        inner = f"SELECT r.*, {cell} AS yong_cell FROM ({source.sql}) AS r{period}"
        return cls(
            f"SELECT {'GROUPING(r.yong_cell) = 1' if first.by else 'TRUE'} AS whole,"
            f" {'r.yong_cell' if first.by else 'NULL'} AS cell, count(*) AS n,"
            # Whatever their order, the same rows have the same sum; it is looked at, not relied on against attack.
            f" sum(('x' || left(md5(ROW({row})::text), 15))::bit(60)::bigint) AS sum, {', '.join(asked)}"
            f" FROM ({inner}) AS r GROUP BY {grouped} LIMIT {CELLS + 2}",
            tuple(args),
        )


def known(city: City, caller: Caller, one: Aggregate, within: Span, known_at: datetime) -> Source:
    """The rows of a Relation as `caller` may see them and as they were known at a moment. Ended records are left out
    as everywhere, unless the expression asks about that. What has no time is as it stood when the period ended. Raises
    Conflict for a Relation without history.
    """
    rows = reading.source(city, caller, one.relation, purpose=None)
    relation = rows.relation
    if time_of(one, relation, rows.table) is None:
        known_at = min(known_at, within.moments[1])
    if rows.table is not None:
        last = min(within[1] - timedelta(1), today(known_at))
        at = last if rows.table.bitemporal else None
        return reads.past(rows, at, known_at, ended="ended_at" in one.fields)
    args = [*rows.args, known_at]
    if relation.history is not None:
        inner = (
            f"(SELECT * FROM {relation.history} WHERE recorded_from <= ${len(args)}"
            f" AND (recorded_to IS NULL OR recorded_to > ${len(args)}))"
        )
    elif relation.recorded is not None:
        inner = f'(SELECT * FROM {relation.name} WHERE "{relation.recorded}" <= ${len(args)})'
    else:
        raise Conflict(_NO_HISTORY, r=relation.name)
    return msgspec.structs.replace(rows, sql=reads.over(rows, inner), args=tuple(args))


def clear(city: City, caller: Caller, relation: Relation, used: Set[str]) -> None:
    """Raise Forbidden unless `caller` reads these fields in clear: what is masked cannot be counted by."""
    scope = access.scoped(city, relation, caller)
    lacking = sorted(used - set(relation.key) - set(scope.fields) | used & scope.masked)
    if lacking:
        raise Forbidden(_MASKED, r=relation.name, fields=", ".join(lacking))


def time_of(one: Aggregate, relation: Relation, table: Table | None) -> str | None:
    """The field that puts a row into a period. A register has none unless its table says so: when a line of it was
    written is no matter of the period.
    """
    time = relation.time if table is None else table.time
    return one.by or (time if time and relation.field(time) else None)


def in_period(source: Source, one: Aggregate, within: Span, args: list[object]) -> str:
    """The WHERE of a period, none where rows have no time."""
    name = time_of(one, source.relation, source.table)
    field = source.relation.field(name) if name else None
    if field is None:
        return ""
    args += [within[0], within[1]] if field.type is Type.DATE else within.moments
    return f' WHERE r."{name}" >= ${len(args) - 1} AND r."{name}" < ${len(args)}'


def cell_of(by: Breakdown) -> str:
    """A row's cell as SQL; what is not said is a cell of its own."""
    text = f'r."{by.field}"::text'
    return f"coalesce({f'left({text}, {by.first})' if by.first else text}, '')"


def _asked(source: Source, one: Aggregate, n: int, moment: datetime, args: list[object]) -> str:
    """The number of a leaf, and of how many rows it is."""
    where = condition(source, one.where, moment, args) if one.where else "TRUE"
    column = f'r."{one.field}"' if one.field else ""
    number = {
        Kind.COUNT: "count(*)",
        Kind.DISTINCT: f"count(DISTINCT {column})",
        Kind.SUM: f"coalesce(sum({column}::numeric), 0)",
        Kind.AVG: f"avg({column}::numeric)",
        Kind.MIN: f"min({column}::numeric)",
        Kind.MAX: f"max({column}::numeric)",
        Kind.MEDIAN: f"percentile_cont(0.5) WITHIN GROUP (ORDER BY {column}::float8)",
        Kind.PERCENTILE: f"percentile_cont({(one.percent or 50) / 100!r}) WITHIN GROUP (ORDER BY {column}::float8)",
    }[one.kind]
    of = f"({where}) AND {column} IS NOT NULL" if column else where
    if one.kind is Kind.SUM:
        number = f"coalesce(sum({column}::numeric) FILTER (WHERE {of}), 0)"
    else:
        number = f"{number} FILTER (WHERE {of})"
    return f"{number} AS v{n}, count(*) FILTER (WHERE {of}) AS n{n}"


def condition(source: Source, said: Condition, moment: datetime, args: list[object]) -> str:
    """A condition as SQL; `moment` is what it calls now. Raises Invalid where it does not fit a field."""
    match said:
        case Compare(field=name, operator=operator, value=value, now=now):
            field = next((f for f in source.fields if f.name == name), None)
            if field is None:
                raise Invalid(None, problems=(Problem("/expression", no_field(source.relation, name)),))
            if now and field.type is not Type.MOMENT:
                raise Invalid(None, problems=(Problem("/expression", _NO_MOMENT.filled(name=name)),))
            value = moment.isoformat() if now else value
            return reads.condition(source, field, Filter(name, operator, value), args)
        case Both(all=every, parts=parts):
            return (
                f"({(' AND ' if every else ' OR ').join(condition(source, p, moment, args) for p in parts)})"
            )
        case Not(part=part):
            return f"NOT ({condition(source, part, moment, args)})"


def no_field(relation: Relation, name: str) -> Text:
    return Text(f"{relation.name} 没有字段 {name[:60]}", f"{relation.name} has no field {name[:60]}")


def is_number(field: Field) -> bool:
    return field.type in NUMBERS
