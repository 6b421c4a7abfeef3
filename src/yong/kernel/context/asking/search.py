"""The search for entities and records: a query as one statement over what its caller may see."""

from collections.abc import Iterable, Sequence
from typing import Any

import asyncpg

from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import Forbidden, Invalid, Unauthenticated
from yong.kernel.base.text import Text
from yong.kernel.context.asking import geo
from yong.kernel.context.asking.contracts import MOST, Ask, Page
from yong.kernel.context.asking.plan import Plan, asks_for, may_ask_for_records
from yong.kernel.context.asking.sought import Found, best, terms
from yong.kernel.context.asking.types import alone
from yong.kernel.context.ngsild.shown import Whole
from yong.kernel.context.recorded import reading as recorded
from yong.kernel.context.recorded.registers import Registers
from yong.kernel.context.service.reading import known_tenant, rows_of, whole_of
from yong.kernel.context.service.settling import Sought
from yong.kernel.store.database import Database, Row

WITHIN_S = 10.0  # longer may no query take
CANDIDATES = 262_144  # so many places at most are looked at one by one for one answer
FAR = 100_000  # the largest offset; behind it one goes on by `after`

_LIMIT = Text("limit 应在 0 与 {most} 之间，offset 应在 0 与 {far} 之间",
              "limit lies between 0 and {most}, offset between 0 and {far}")  # fmt: skip
_AFTER = Text(
    "按距离排列的查询不能用 after 续页", "A query in the order of distance goes on by offset, not by after"
)
_WIDE = Text("查询过于宽泛：请缩小范围或增加条件", "The query is too wide: narrow it, or add a condition")
_PATTERN = Text("正则表达式有误：{why}", "The pattern is wrong: {why}")


class TooComplex(Invalid):
    """A query that takes too long (the standard's TooComplexQuery)."""


async def search(city: City, caller: Caller, tenant: str, ask: Ask) -> Page:
    """The entities of a tenant that a query matches, a page of them; in the city's own tenant records too.

    Raises Invalid for limits that are no limits and patterns that are none, TooComplex for what takes too long,
    Unauthenticated or Forbidden where nothing that is asked for may be seen.
    """
    if not (0 <= ask.limit <= MOST and 0 <= ask.offset <= FAR):
        raise Invalid(_LIMIT, most=MOST, far=FAR)
    plan = Plan(ask)
    if plan.nearest and ask.after is not None:
        raise Invalid(_AFTER)
    await _fill(city, caller, tenant, plan)
    if not plan.parts:
        return Page(entities=(), count=0 if ask.count else None)
    try:
        return await (_Places(city[Database], plan).page() if ask.geo else _straight(city[Database], plan))
    except (asyncpg.InvalidRegularExpressionError, asyncpg.ProgramLimitExceededError) as error:
        raise Invalid(_PATTERN, why=error.args[0]) from error
    except TimeoutError as error:
        raise TooComplex(_WIDE) from error


async def _fill(city: City, caller: Caller, tenant: str, plan: Plan) -> None:
    """Add what the caller may see of what is asked for."""
    registers = city[Registers]
    refusal: Unauthenticated | Forbidden | None = None
    try:
        scope = rows_of(city, caller, tenant)
    except (Unauthenticated, Forbidden) as error:
        refusal = error
    else:
        await known_tenant(city, tenant)
        found = None if tenant or "settled" not in scope.fields else await _found(city, plan.ask)
        plan.add_entities(scope, found)
    if not tenant and may_ask_for_records(plan.ask, registers):
        for name in registers.names:
            register = registers.by_name[name]
            if asks_for(plan.ask, register, registers) and recorded.readable(city, caller, register):
                plan.add_records(await recorded.seen(city, caller, register), registers)
                refusal = None
    if refusal is not None:
        raise refusal


async def _found(city: City, ask: Ask) -> Found | None:
    """Where the index over values leads to what is asked for, where that is the shorter way."""
    if ask.q is None or ask.geo is not None or ask.among is not None or len(ask.selectors) != 1:
        return None
    [selector] = ask.selectors
    names = alone(selector.type) if selector.type is not None and not selector.ids else ()
    if len(names) != 1:
        return None
    [name] = names
    sought, database = city[Sought], city[Database]
    slots = await sought.of(database, name)
    found = best(ask.q, slots, ask.offset + ask.limit + 1)
    if found is None and (term := next(terms(ask.q), None)) is not None and term.path[0] not in slots:
        await sought.note(database, name, term.path[0])
    return found


async def _straight(database: Database, plan: Plan) -> Page:
    """A page of a query that SQL decides alone."""
    ask = plan.ask
    rows: list[Row] = []
    if ask.limit:
        rows = await _fetch(database, plan.candidates(most=ask.limit + 1, offset=ask.offset), plan)
    count = await _count(database, plan) if ask.count else None
    return Page(
        entities=tuple(map(whole_of, rows[: ask.limit])),
        count=count,
        more=len(rows) > ask.limit if ask.limit else False,
    )


async def _fetch(database: Database, sql: str, plan: Plan, *more: object) -> list[Row]:
    return await database.pool.fetch(sql, *plan.arguments.values, *more, timeout=WITHIN_S)


async def _count(database: Database, plan: Plan) -> int:
    (row,) = await _fetch(database, plan.count(), plan)
    return int(row["n"])


class _Places:
    """A page of a geo-query: candidates from SQL, decided one by one where SQL could not.

    Each round is one statement of its own, so of one state of the data; when too few of its candidates hold, the
    next one begins anew with four times as many.
    """

    def __init__(self, database: Database, plan: Plan) -> None:
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
                found = await self._round(whole, most)
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

    async def _round(self, whole: bool, most: int) -> list[Row]:
        return await _fetch(self.database, self.plan.candidates(whole=whole, most=most), self.plan)

    def _holds(self, row: Row) -> bool:
        return bool(row["sure"]) or self.decision.holds(_geometries(row["shape"]))

    async def _count(self) -> int:
        if all(part.way.sure for part in self.plan.parts):
            return await _count(self.database, self.plan)
        rows = await self._round(False, CANDIDATES)
        if len(rows) == CANDIDATES:
            raise TooComplex(_WIDE)
        return sum(map(self._holds, rows))

    async def _documents(self, ids: Sequence[str]) -> list[Whole]:
        """Entities by id, in the order given; those that were deleted meanwhile are left out."""
        plan = self.plan
        place = f"${len(plan.arguments.values) + 1}::text[]"
        rows = await _fetch(
            self.database, f"SELECT * FROM ({plan.candidates()}) u WHERE id = ANY({place})", plan, list(ids)
        )
        known = {row["id"]: whole_of(row) for row in rows}
        return [known[i] for i in ids if i in known]


def _geometries(attribute: object) -> list[object]:
    """The geometries of an attribute's instances."""
    instances: Iterable[Any] = attribute if isinstance(attribute, list) else [attribute]
    return [i.get("value") for i in instances if isinstance(i, dict)]
