"""The search for entities: a query as statements over the Relation that its caller may see."""

from collections.abc import Iterable, Sequence
from typing import Any

import asyncpg
import msgspec

from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import Invalid
from yong.kernel.base.text import Text
from yong.kernel.context.asking import compiling, geo
from yong.kernel.context.asking.compiling import Arguments, Columns
from yong.kernel.context.asking.contracts import MOST, Ask, Page, Selector
from yong.kernel.context.ngsild.shown import Whole
from yong.kernel.context.service.reading import known_tenant, rows_of, whole_of
from yong.kernel.store.database import Database, Row

WITHIN_S = 10.0  # longer may no query take
CANDIDATES = 262_144  # so many places at most are looked at one by one for one answer
FAR = 100_000  # the largest offset; behind it one goes on by `after`

SHOWN_ID = "CASE WHEN strpos(r.id, ':') > 0 THEN r.id ELSE 'urn:yong:' || r.id END"  # as ngsild.ids.shown
_COLUMNS = "r.id, r.type, r.other_types, r.scopes, r.doc, r.created_at, r.modified_at"
_LIMIT = Text("limit 应在 0 与 {most} 之间，offset 应在 0 与 {far} 之间",
              "limit lies between 0 and {most}, offset between 0 and {far}")  # fmt: skip
_AFTER = Text(
    "按距离排列的查询不能用 after 续页", "A query in the order of distance goes on by offset, not by after"
)
_WIDE = Text("查询过于宽泛：请缩小范围或增加条件", "The query is too wide: narrow it, or add a condition")
_PATTERN = Text("正则表达式有误：{why}", "The pattern is wrong: {why}")


class TooComplex(Invalid):
    """A query that takes too long (the standard's TooComplexQuery)."""


class _Way(msgspec.Struct, frozen=True):
    """One way in: a condition that an index serves; whether it decides alone; by what it orders, if not by id."""

    where: str
    sure: bool = True
    shape: str = "NULL::jsonb"  # what is to be decided about
    far: str | None = None


async def search(city: City, caller: Caller, tenant: str, ask: Ask) -> Page:
    """The entities of a tenant that a query matches, a page of them.

    Raises Invalid for limits that are no limits and patterns that are none, TooComplex for what takes too long,
    Unauthenticated or Forbidden.
    """
    if not (0 <= ask.limit <= MOST and 0 <= ask.offset <= FAR):
        raise Invalid(_LIMIT, most=MOST, far=FAR)
    scope = rows_of(city, caller, tenant)
    await known_tenant(city, tenant)
    plan = _Plan(scope.sql, Arguments(scope.args), ask)
    if plan.nearest and ask.after is not None:
        raise Invalid(_AFTER)
    try:
        return await (_Places(city[Database], plan).page() if ask.geo else _straight(city[Database], plan))
    except (asyncpg.InvalidRegularExpressionError, asyncpg.ProgramLimitExceededError) as error:
        raise Invalid(_PATTERN, why=error.args[0]) from error
    except TimeoutError as error:
        raise TooComplex(_WIDE) from error


class _Plan:
    """A query as pieces of SQL: what must hold of all, and the ways in."""

    def __init__(self, source: str, arguments: Arguments, ask: Ask) -> None:
        self.source, self.arguments, self.ask = source, arguments, ask
        columns = Columns()
        every: list[str] = []
        if ask.attrs:
            every.append(f"r.doc ?| {arguments.add(list(ask.attrs), 'text[]')}")
        if ask.scopes is not None:
            every.append(compiling.scopes(ask.scopes, columns, arguments))
        if ask.among is not None:
            every.append(f"r.id = ANY({arguments.add(list(ask.among), 'text[]')})")
        if ask.after is not None:
            every.append(f"r.id > {arguments.add(ask.after, 'text')}")
        kinds: tuple[str, ...] = ("TRUE",)
        match ask.selectors:
            case (Selector(type=tree, ids=ids, pattern=pattern),):
                every += _ids(ids, pattern, arguments)
                if tree is not None and ask.geo is not None and ask.geo.attribute == geo.DEFAULT:
                    every.append(compiling.types(tree, columns, arguments))  # places are the narrower way in
                elif tree is not None:
                    single, several = compiling.types_apart(tree, columns, arguments)
                    kinds = (*single, several)
            case (_, *_):
                either = " OR ".join(_selected(s, columns, arguments) for s in ask.selectors)
                every.append(f"({either})")
        ways = places(ask.geo, arguments) if ask.geo else (_Way("TRUE"),)
        if ask.q is not None:
            every.append(compiling.query(ask.q, columns, arguments))
        self.every = " AND ".join(every or ["TRUE"])
        self.ways = [
            msgspec.structs.replace(way, where=f"{kind} AND {way.where}") for kind in kinds for way in ways
        ]

    def candidates(self, columns: str, most: int | None = None) -> str:
        """A SELECT of what the conditions leave, in order, at most so many; see Ask.after for the order."""
        parts = []
        for way in self.ways:
            order = f"{way.far or '0::float8'} AS far"
            part = (
                f"SELECT {columns}, {'TRUE' if way.sure else 'FALSE'} AS sure, {way.shape} AS shape, {order} "
                f"FROM ({self.source}) r WHERE {self.every} AND {way.where}"
            )
            if most is not None:
                by = f"{way.far}, r.id" if way.far else "r.id"
                part += f" ORDER BY {by} LIMIT {most:d}"
            parts.append(part)
        if len(parts) == 1:
            return parts[0]
        union = " UNION ALL ".join(f"({part})" for part in parts)
        if most is None:
            return union
        return f"SELECT * FROM ({union}) u ORDER BY {'far, id' if self.nearest else 'id'} LIMIT {most:d}"

    @property
    def nearest(self) -> bool:
        return self.ways[0].far is not None


def _ids(ids: Sequence[str], pattern: str | None, arguments: Arguments) -> list[str]:
    if ids:
        return [f"r.id = ANY({arguments.add(list(ids), 'text[]')})"]
    if pattern is None:
        return []
    return [f"{SHOWN_ID} ~ {arguments.add(pattern, 'text')}"]


def _selected(selector: Selector, columns: Columns, arguments: Arguments) -> str:
    found = _ids(selector.ids, selector.pattern, arguments)
    if selector.type is not None:
        found.append(compiling.types(selector.type, columns, arguments))
    return "(" + " AND ".join(found or ["TRUE"]) + ")"


def places(query: geo.GeoQuery, arguments: Arguments) -> tuple[_Way, ...]:
    """The ways in to what may be in a geographical relation: by points and by extents, or by the document."""
    if query.attribute != geo.DEFAULT:
        name = arguments.add(query.attribute, "text")
        return (_Way(f"r.doc ? {name}", sure=False, shape=f"r.doc->{name}"),)
    points, shapes = "r.x IS NOT NULL AND NOT r.shaped", "r.shaped"
    point = geo.point(query) if query.relation is geo.Relation.NEAR else None
    far = far_of_shapes = None
    box = geo.around(query)
    if box is not None:
        west, south, east, north = box
        corner = arguments.add(((east, north), (west, south)), "box")
        points += f" AND point(r.x, r.y) <@ {corner}"
        shapes += f" AND {_EXTENT} && {corner}"
    if point is not None:
        x, y = (arguments.add(degrees, "float8") for degrees in point)
        sign, metres = ("<=", query.within_m) if query.within_m is not None else (">", query.beyond_m)
        points += f" AND context.metres(r.x, r.y, {x}, {y}) {sign} {arguments.add(metres, 'float8')}"
        if query.within_m is not None:
            place = arguments.add(point, "point")
            far, far_of_shapes = f"point(r.x, r.y) <-> {place}", f"{_EXTENT} <-> {place}"
    return (
        _Way(points, sure=point is not None, shape=_POINT if point is None else "NULL::jsonb", far=far),
        _Way(shapes, sure=False, shape="r.doc->'location'", far=far_of_shapes),
    )


_EXTENT = "box(point(r.east, r.north), point(r.west, r.south))"
_POINT = "jsonb_build_object('value', jsonb_build_object('type', 'Point', 'coordinates', jsonb_build_array(r.x, r.y)))"


async def _straight(database: Database, plan: _Plan) -> Page:
    """A page of a query that SQL decides alone."""
    ask = plan.ask
    rows: list[Row] = []
    if ask.limit:
        inner = plan.candidates(_COLUMNS, ask.offset + ask.limit + 1)
        rows = await _fetch(database, f"{inner} OFFSET {ask.offset:d}", plan)
    count = await _count(database, plan) if ask.count else None
    return Page(
        entities=tuple(map(whole_of, rows[: ask.limit])),
        count=count,
        more=len(rows) > ask.limit if ask.limit else False,
    )


async def _fetch(database: Database, sql: str, plan: _Plan, *more: object) -> list[Row]:
    return await database.pool.fetch(sql, *plan.arguments.values, *more, timeout=WITHIN_S)


async def _count(database: Database, plan: _Plan) -> int:
    (row,) = await _fetch(database, f"SELECT count(*) AS n FROM ({plan.candidates('r.id')}) c", plan)
    return int(row["n"])


class _Places:
    """A page of a geo-query: candidates from SQL, decided one by one where SQL could not.

    Each round is one statement of its own, so of one state of the data; when too few of its candidates hold, the
    next one begins anew with four times as many.
    """

    def __init__(self, database: Database, plan: _Plan) -> None:
        assert plan.ask.geo is not None
        self.database, self.plan, self.ask = database, plan, plan.ask
        self.decision = geo.Decision(plan.ask.geo)

    async def page(self) -> Page:
        ask = self.ask
        wanted = ask.offset + ask.limit + 1
        rows: list[Row] = []
        if ask.limit:
            most = 1 << (wanted - 1).bit_length()
            whole = True
            while True:
                found = await self._round(_COLUMNS if whole else "r.id", most)
                rows = [row for row in found if self._holds(row)]
                if len(rows) >= wanted or len(found) < most:
                    break
                most, whole = most * 4, False
                if most > CANDIDATES:
                    raise TooComplex(_WIDE)
            page = rows[ask.offset : ask.offset + ask.limit]
            entities = (
                [whole_of(row) for row in page] if whole else await self._documents([r["id"] for r in page])
            )
        else:
            entities = []
        return Page(
            entities=tuple(entities),
            count=await self._count() if ask.count else None,
            more=len(rows) >= wanted if ask.limit else False,
        )

    async def _round(self, columns: str, most: int | None) -> list[Row]:
        return await _fetch(self.database, self.plan.candidates(columns, most), self.plan)

    def _holds(self, row: Row) -> bool:
        return bool(row["sure"]) or self.decision.holds(_geometries(row["shape"]))

    async def _count(self) -> int:
        if all(way.sure for way in self.plan.ways):
            return await _count(self.database, self.plan)
        rows = await self._round("r.id", CANDIDATES)
        if len(rows) == CANDIDATES:
            raise TooComplex(_WIDE)
        return sum(map(self._holds, rows))

    async def _documents(self, ids: Sequence[str]) -> list[Whole]:
        """Entities by id, in the order given; those that were deleted meanwhile are left out."""
        plan = self.plan
        place = f"${len(plan.arguments.values) + 1}::text[]"
        sql = f"{plan.candidates(_COLUMNS)}"
        rows = await _fetch(
            self.database, f"SELECT * FROM ({sql}) u WHERE id = ANY({place})", plan, list(ids)
        )
        known = {row["id"]: whole_of(row) for row in rows}
        return [known[i] for i in ids if i in known]


def _geometries(attribute: object) -> list[object]:
    """The geometries of an attribute's instances."""
    instances: Iterable[Any] = attribute if isinstance(attribute, list) else [attribute]
    return [i.get("value") for i in instances if isinstance(i, dict)]
