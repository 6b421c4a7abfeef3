"""Indicators as modules declare them and as people keep them: found, checked, and resolved into what figures follow from."""

import hashlib
import re
from datetime import date, datetime

import msgspec

from yong.kernel.access import api as access
from yong.kernel.access.api import system_caller
from yong.kernel.access.contracts import Caller
from yong.kernel.base import clock, units
from yong.kernel.base.city import City
from yong.kernel.base.errors import Conflict, Invalid, NotFound, Problem, Refused, YongError
from yong.kernel.base.module import Registry
from yong.kernel.base.relation import Relation, Type
from yong.kernel.base.text import Text
from yong.kernel.indicators import store
from yong.kernel.indicators.contracts import (
    KEPT,
    Breakdown,
    BreakdownShown,
    Definition,
    Direction,
    GradeShown,
    Indicator,
    IndicatorShown,
    IndicatorVersion,
    Part,
)
from yong.kernel.indicators.formulas.model import Aggregate, Condition, Kind, Weighted, aggregates
from yong.kernel.indicators.formulas.reading import read
from yong.kernel.indicators.formulas.telling import asked
from yong.kernel.indicators.service import counting
from yong.kernel.records import api as records
from yong.kernel.records.contracts import Filter, Operator
from yong.kernel.records.service.reading import known
from yong.kernel.records.store.reads import Source
from yong.kernel.store.database import Database, Row

PERCENT = "P1"
_NAME = re.compile("[a-z][a-z0-9_]*[.][a-z][a-z0-9_]*")
WEIGHT = "indicators.weight"
_NONE = Text("没有指标 {name}", "There is no indicator {name}")
_WRONG = Text(
    "模块 {module} 声明的指标 {name} 无效：{why}",
    "{module} declares an indicator {name} that is wrong: {why}",
)
_DECLARED = Text("{name} 由模块声明，不能改写", "{name} is declared by a module and cannot be kept otherwise")
_OWN_WORK = Text("须由维护者以外的人批准", "Somebody other than who wrote it approves it")
_MOST = Text("最多 {n} 个指标", "At most {n} indicators are kept")
_NO_VERSION = Text("没有这个版本", "There is no such version")


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """An indicator that holds, and whose it is."""

    indicator: Indicator
    owner: str
    roles: tuple[str, ...] = ()
    version: int | None = None

    @property
    def module(self) -> str:
        return self.indicator.name.partition(".")[0]


class Declared:
    """The indicators that modules declare, by name; a City part. Raises Refused for one that cannot be computed."""

    def __init__(self, registry: Registry) -> None:
        self.found = {
            i.name: Found(indicator=i, owner=f"module:{module.name}") for module, i in registry.of(Indicator)
        }
        for module, indicator in registry.of(Indicator):
            if not indicator.name.startswith(f"{module.name}."):
                raise Refused(_WRONG, module=module.name, name=indicator.name, why=module.name)

    def check(self, city: City) -> None:
        """Hold every one to what is asked of those that people keep."""
        for one in self.found.values():
            caller = system_caller(one.module)
            if problems := checked(city, caller, one.indicator, self.found):
                why = "; ".join(p.detail.en for p in problems)
                raise Refused(_WRONG, module=one.module, name=one.indicator.name, why=why)


async def all_of(city: City) -> dict[str, Found]:
    """Every indicator that holds, by name: those of modules as they declare them, then those that people keep."""
    found = dict(city[Declared].found)
    for row in sorted(await store.live(city[Database]), key=lambda r: r["name"]):
        if row["name"] not in found:
            found[row["name"]] = _kept(row)
    return found


def _kept(row: Row) -> Found:
    return Found(
        indicator=msgspec.convert(row["body"], Indicator), owner=row["account"], roles=tuple(row["roles"]),
        version=row["version"],
    )  # fmt: skip


async def one(city: City, name: str) -> Found:
    """The indicator of a name. Raises NotFound."""
    found = (await all_of(city)).get(name)
    if found is None:
        raise NotFound(_NONE, name=name[:100])
    return found


# ---------------------------------------------------------------- what figures follow from


async def resolved(city: City, found: Found, day: date, known_at: datetime) -> Definition:
    """An indicator with all that its figures follow from: of a score, its parts and the weights of that day."""
    formula = counting.formula_of(found.indicator)
    if not isinstance(formula, Weighted):
        return Definition(indicator=found.indicator, owner=found.owner, roles=found.roles)
    others = await all_of(city)
    weights = await _weights(city, found.indicator.name, day, known_at)
    parts = []
    for name, weight in formula.parts:
        part = others.get(name)
        if part is None:
            raise Conflict(_NONE, name=name)
        parts.append(
            Part(
                weight=weights.get(name, weight), indicator=part.indicator, owner=part.owner, roles=part.roles
            )
        )
    return Definition(indicator=found.indicator, owner=found.owner, roles=found.roles, parts=tuple(parts))


async def _weights(city: City, score: str, day: date, known_at: datetime) -> dict[str, float]:
    """The weights that the register has for a score on a day; those it has not stand in the expression."""
    page = await records.listing(
        city, system_caller("indicators"), WEIGHT, filters=[Filter("score", Operator.EQ, score)], limit=1000,
        as_known_at=known_at,
    )  # fmt: skip
    return {str(r.values["part"]): float(str(r.values["weight"])) for r in page.items if r.holds_on(day)}


def sha256(definition: Definition) -> str:
    """What a definition is known by."""
    return hashlib.sha256(msgspec.json.encode(definition, order="deterministic")).hexdigest()


# ---------------------------------------------------------------- whether it can be computed


def checked(city: City, caller: Caller, indicator: Indicator, others: dict[str, Found]) -> list[Problem]:
    """Everything that is in the way of computing an indicator in the scope of `caller`."""
    problems = _plain(city, indicator)
    try:
        formula = read(indicator.expression)
    except Invalid as error:
        return [*problems, *error.problems]
    if isinstance(formula, Weighted):
        return [*problems, *_parts(city, caller, indicator, formula, others)]
    for aggregate in aggregates(formula):
        problems += _aggregate(city, caller, aggregate, indicator.breakdowns)
    return problems


def _wrong(pointer: str, zh: str, en: str) -> Problem:
    return Problem(pointer, Text(zh, en))


def _plain(city: City, indicator: Indicator) -> list[Problem]:
    found = []
    module = indicator.name.partition(".")[0]
    if not _NAME.fullmatch(indicator.name):
        found.append(
            _wrong(
                "/name",
                "应为 模块名.小写字母、数字和下划线",
                "A name is module.noun, of small letters, digits and _",
            )
        )
    elif city.registry.module(module) is None:
        found.append(
            _wrong(
                "/name",
                f"没有模块 {module}，名称应以模块名开头",
                f"There is no module {module} to name it after",
            )
        )
    try:
        units.declared(indicator.name, indicator.unit)
    except Refused:
        found.append(_wrong("/unit", "没有这个计量单位代码", "There is no unit of that code"))
    if indicator.direction is Direction.TARGET and indicator.target is None:
        found.append(_wrong("/target", "此方向须有目标值", "A direction towards a target needs the target"))
    limits = [g.limit for g in indicator.grades]
    if None in limits[:-1]:
        found.append(_wrong("/grades", "只有最后一级可以不设界限", "Only the last grade has no limit"))
    rest = [limit for limit in limits if limit is not None]
    if rest != sorted(rest, reverse=indicator.direction is Direction.MORE):
        found.append(_wrong("/grades", "等级应由好到差排列", "Grades go from the best to the worst"))
    for what, names in (
        ("/grades", [g.code for g in indicator.grades]),
        ("/breakdowns", [b.name for b in indicator.breakdowns]),
        ("/periods", [str(p) for p in indicator.periods]),
    ):
        if len(set(names)) != len(names):
            found.append(_wrong(what, "不可重复", "Each may be there once"))
    return found


def _parts(
    city: City, caller: Caller, indicator: Indicator, formula: Weighted, others: dict[str, Found]
) -> list[Problem]:
    found = []
    for name, _ in formula.parts:
        part = others.get(name)
        if part is None or not access.allowed(city, caller, "indicators.read", part.module):
            found.append(_wrong("/expression", f"没有指标 {name}", f"There is no indicator {name}"))
        elif isinstance(counting.formula_of(part.indicator), Weighted):
            found.append(_wrong("/expression", f"{name} 本身是综合分", f"{name} is a score itself"))
        elif part.indicator.unit != PERCENT or part.indicator.direction is Direction.TARGET:
            found.append(
                _wrong(
                    "/expression", f"{name} 不是可计分的百分率", f"{name} is no percentage that counts points"
                )
            )
        elif lacking := [p.value for p in indicator.periods if p not in part.indicator.periods]:
            found.append(
                _wrong("/periods", f"{name} 不按 {lacking} 统计", f"{name} is not computed by {lacking}")
            )
    return found


def _aggregate(
    city: City, caller: Caller, one: Aggregate, breakdowns: tuple[Breakdown, ...]
) -> list[Problem]:
    """What is in the way of one aggregate: the Relation, its history, fields, their types, the conditions."""
    try:
        relation = records.relation(city, one.relation)
        scope = access.scoped(city, relation, caller)
    except YongError:
        return [
            _wrong(
                "/expression",
                f"没有可读取的资源 {one.relation}",
                f"There is no Relation {one.relation} to be read",
            )
        ]
    if not (records.is_table(city, one.relation) or relation.history or relation.recorded):
        return [
            _wrong(
                "/expression", f"{one.relation} 不保留历史，统计值将无法复算",
                f"{one.relation} keeps no history: a figure of it could not be computed again",
            )
        ]  # fmt: skip
    clear = set(scope.fields) - scope.masked
    found = [Problem("/expression", counting.no_field(relation, name)) for name in sorted(one.fields - clear)]
    if not found:
        found += _types(relation, one)
    for n, breakdown in enumerate(breakdowns):
        field = relation.field(breakdown.field)
        if field is None or breakdown.field not in clear:
            found.append(Problem(f"/breakdowns/{n}/field", counting.no_field(relation, breakdown.field)))
        elif field.type in (Type.GEOMETRY, Type.JSON):
            found.append(
                _wrong(f"/breakdowns/{n}/field", "不能按此字段分组", "Nothing is told apart by this")
            )
    return found


def _types(relation: Relation, one: Aggregate) -> list[Problem]:
    found: list[Problem] = []
    field = relation.field(one.field) if one.field else None
    if field is not None and one.kind is not Kind.DISTINCT and not counting.is_number(field):
        found.append(_wrong("/expression", f"{one.field} 不是数字", f"{one.field} is no number"))
    if field is not None and field.type in (Type.GEOMETRY, Type.JSON):
        found.append(_wrong("/expression", f"不能统计 {one.field}", f"{one.field} cannot be counted"))
    when = relation.field(one.by) if one.by else None
    if one.by and (when is None or when.type not in (Type.DATE, Type.MOMENT)):
        found.append(_wrong("/expression", f"{one.by} 不是日期或时刻", f"{one.by} is no day or moment"))
    if one.where is not None and not found:
        found += _fits(relation, one.where)
    return found


def _fits(relation: Relation, condition: Condition) -> list[Problem]:
    """Whether values fit the fields that they are compared with."""
    source = Source(relation, "", (), relation.fields, None)
    try:
        counting.condition(source, condition, clock.now(), [])
    except Invalid as error:
        return [
            Problem(
                "/expression",
                Text(
                    f"{p.pointer.rpartition('/')[2]}：{p.detail.zh}",
                    f"{p.pointer.rpartition('/')[2]}: {p.detail.en}",
                ),
            )
            for p in error.problems
        ]
    return []


async def must_be_right(city: City, caller: Caller, indicator: Indicator) -> None:
    """Raise Invalid with everything that is in the way, Conflict for the name of one that a module declares."""
    if indicator.name in city[Declared].found:
        raise Conflict(_DECLARED, name=indicator.name)
    others = {name: one for name, one in (await all_of(city)).items() if name != indicator.name}
    if problems := checked(city, caller, indicator, others):
        raise Invalid(None, problems=tuple(problems))


# ---------------------------------------------------------------- what people keep


async def keep(city: City, caller: Caller, indicator: Indicator) -> int:
    """A new version, as a draft, computed in its writer's scope once it is live."""
    await must_be_right(city, caller, indicator)
    roles = [m.role for m in caller.mandates]
    async with city[Database].transaction() as connection:
        version = await store.keep(connection, indicator, caller.account, roles, KEPT)
        if version is None:
            raise Conflict(_MOST, n=KEPT)
        await access.audit(
            connection, caller, "indicators.keep", f"indicator/{indicator.name}",
            {"version": version, "expression": indicator.expression},
        )  # fmt: skip
    return version


async def approve(city: City, caller: Caller, name: str, version: int) -> None:
    """A version holds from now on. Raises NotFound, and Conflict for one's own work."""
    async with city[Database].transaction() as connection:
        row = await store.version(connection, name, version)
        if row is None:
            raise NotFound(_NO_VERSION)
        if row["account"] == caller.account:
            raise Conflict(_OWN_WORK)
        writer = await counting.whose(city, row["account"], tuple(row["roles"]))
        await must_be_right(city, writer, msgspec.convert(row["body"], Indicator))
        await store.decide(connection, name, version, "live", caller.account)
        await access.audit(
            connection, caller, "indicators.approve", f"indicator/{name}", {"version": version}
        )


async def withdraw(city: City, caller: Caller, name: str) -> None:
    """It is not computed any more; its figures stay. Raises NotFound."""
    if name in city[Declared].found:
        raise Conflict(_DECLARED, name=name)
    found = await one(city, name)
    async with city[Database].transaction() as connection:
        await store.decide(connection, name, found.version or 1, "withdrawn", caller.account)
        await access.audit(connection, caller, "indicators.withdraw", f"indicator/{name}", {})


async def versions(city: City, caller: Caller, name: str) -> list[IndicatorVersion]:
    rows = await store.versions(city[Database], name)
    accounts = {r["account"] for r in rows} | {r["decided_by"] for r in rows} - {None}
    names = await access.names(city, caller, accounts)
    return [
        IndicatorVersion(
            name=r["name"], version=r["version"], state=r["what"], made_by=names.get(r["account"], "…"),
            made_at=r["made_at"], approved_by=names.get(r["decided_by"], "…") if r["decided_by"] else None,
            indicator=msgspec.convert(r["body"], Indicator),
        )
        for r in rows
    ]  # fmt: skip


# ---------------------------------------------------------------- what readers are told


def shown(city: City, caller: Caller, found: Found) -> IndicatorShown:
    """An indicator in the reader's language."""
    return described(city, caller, found.indicator, declared=found.version is None, version=found.version)


def described(
    city: City, caller: Caller, indicator: Indicator, *, declared: bool, version: int | None
) -> IndicatorShown:
    language = caller.language

    def relation(name: str) -> Relation | None:
        try:
            return records.relation(city, name)
        except NotFound:
            return None

    formula = counting.formula_of(indicator)
    lines = [asked(one, relation(one.relation), time(city, one)).in_(language) for one in aggregates(formula)]
    if isinstance(formula, Weighted):
        known = city[Declared].found
        lines = [
            f"{known[name].indicator.title.in_(language) if name in known else name}: {weight:g}"
            for name, weight in formula.parts
        ]
    return IndicatorShown(
        name=indicator.name, title=indicator.title.in_(language),
        meaning=Text(indicator.meaning_zh, indicator.meaning_en).in_(language),
        source=Text(indicator.source_zh, indicator.source_en).in_(language), expression=indicator.expression, told=lines,
        unit=indicator.unit, direction=indicator.direction, target=indicator.target,
        grades=[
            GradeShown(code=g.code, title=Text(g.zh, g.en).in_(language), limit=g.limit, colour=g.colour)
            for g in indicator.grades
        ],
        periods=list(indicator.periods),
        breakdowns=[
            BreakdownShown(name=b.name, title=Text(b.zh, b.en).in_(language)) for b in indicator.breakdowns
        ],
        declared=declared, version=version,
    )  # fmt: skip


def time(city: City, one: Aggregate) -> str | None:
    """The field that puts rows into a period, none where nothing does."""
    try:
        relation, table = known(city, one.relation)
    except NotFound:  # its module is not installed any more
        return one.by
    return counting.time_of(one, relation, table)
