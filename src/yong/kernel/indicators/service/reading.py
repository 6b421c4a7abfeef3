"""Figures as their readers may see them, with what they followed from and the rows behind them."""

from collections.abc import Sequence

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller, Role, Scope
from yong.kernel.base.city import City
from yong.kernel.base.errors import Forbidden, Invalid, NotFound, Problem, Unauthenticated
from yong.kernel.base.relation import Relation
from yong.kernel.base.text import Text
from yong.kernel.indicators import logic, store
from yong.kernel.indicators.contracts import (
    TREND,
    WHOLE,
    Behind,
    BehindColumn,
    Breakdown,
    BreakdownShown,
    Figures,
    FigureShown,
    Names,
    Sheet,
    SheetColumn,
    SheetRow,
    TrendPoint,
)
from yong.kernel.indicators.formulas.telling import asked
from yong.kernel.indicators.service import counting, definitions
from yong.kernel.indicators.service.counting import Leaf, breakdown
from yong.kernel.indicators.service.definitions import Found
from yong.kernel.records import api as records
from yong.kernel.records.contracts import CodeList
from yong.kernel.store.database import Database, Row

FIGURE = "indicators.figure"
READ = "indicators.read"
_ALL = Text("全部", "All")
_UNSAID = Text("未注明", "Not stated")
_NONE = Text("没有这项统计值", "There is no such figure")
_NO_BREAKDOWN = Text("没有分组 {by}", "There is no breakdown {by}")


def scope_of(city: City, caller: Caller) -> Scope:
    """The figures that a reader may see at all."""
    return access.scoped(city, records.relation(city, FIGURE), caller, action=READ)


def readable(city: City, caller: Caller, found: Found) -> bool:
    return access.allowed(city, caller, READ, found.module)


async def listed(city: City, caller: Caller, module: str | None) -> list[Found]:
    """The indicators of the modules whose figures the reader may see."""
    return [
        one for one in (await definitions.all_of(city)).values()
        if readable(city, caller, one) and (module is None or one.module == module)
    ]  # fmt: skip


async def figures(
    city: City, caller: Caller, found: Found, label: str, by: str, computation: str | None
) -> Figures:
    """What an indicator came to in a period: by the newest computation or by one of the earlier ones."""
    scope = scope_of(city, caller)
    period, within = logic.labelled(label)
    rows = await store.newest(
        city[Database], found.indicator.name, logic.label(period, within), by, limit=100
    )
    chosen = next((r for r in rows if computation in (None, r["id"])), None)
    if computation and chosen is None:
        raise NotFound(_NONE)
    told: list[FigureShown] = []
    if chosen is not None:
        kept = await store.figures(city[Database], scope, [chosen["id"]])
        names = await names_of(city, caller, _breakdown(found, by), [r["cell"] for r in kept])
        told = [_figure(row, names) for row in kept]
    whole = any(figure.cell == WHOLE for figure in told)
    return Figures(
        indicator=definitions.shown(city, caller, found),
        computation=store.shown(chosen, whole) if chosen else None,
        figures=told,
        earlier=[store.shown(r, whole) for r in rows if chosen is None or r["id"] != chosen["id"]],
    )


def _breakdown(found: Found, by: str) -> Breakdown | None:
    own = breakdown(found.indicator, by)
    if by and own is None:
        raise Invalid(_NO_BREAKDOWN, by=by[:60], problems=(Problem("/by", _NO_BREAKDOWN.filled(by=by[:60])),))
    return own


def _figure(row: Row, names: dict[str, str]) -> FigureShown:
    return FigureShown(
        cell=row["cell"], title=names.get(row["cell"], row["cell"]), value=row["value"], numerator=row["numerator"],
        denominator=row["denominator"], grade=row["grade"], counts=[number for number, _ in row["counts"]],
    )  # fmt: skip


async def trend(
    city: City, caller: Caller, found: Found, label: str, by: str, cell: str, last: int
) -> list[TrendPoint]:
    """The newest figures of a cell up to a period, the oldest first; none for periods that were not computed."""
    scope = scope_of(city, caller)
    period, within = logic.labelled(label)
    labels = [logic.label(period, within)]
    for _ in range(max(1, min(last, TREND)) - 1):
        within = logic.before(period, within)
        labels.append(logic.label(period, within))
    _breakdown(found, by)
    rows = await store.trend(city[Database], scope, found.indicator.name, by, cell, labels)
    known = {r["period"]: r for r in rows}
    return [
        TrendPoint(period=p, value=known[p]["value"] if p in known else None, grade=known[p]["grade"] if p in known else None)
        for p in reversed(labels)
    ]  # fmt: skip


async def sheet(city: City, caller: Caller, module: str, label: str, by: str) -> Sheet:
    """The indicators of a module side by side."""
    scope = scope_of(city, caller)
    period, within = logic.labelled(label)
    found = [f for f in await listed(city, caller, module) if period in f.indicator.periods]
    dimensions = {b.name: b for f in found for b in f.indicator.breakdowns}
    if by and by not in dimensions:
        raise Invalid(_NO_BREAKDOWN, by=by[:60], problems=(Problem("/by", _NO_BREAKDOWN.filled(by=by[:60])),))
    columns = [f for f in found if not by or breakdown(f.indicator, by)]
    newest = await store.newest_of(
        city[Database], [f.indicator.name for f in columns], logic.label(period, within), by
    )
    kept = await store.figures(city[Database], scope, [r["id"] for r in newest.values()])
    cells = dict.fromkeys(r["cell"] for r in kept)
    names = await names_of(city, caller, dimensions.get(by), list(cells))
    by_place = {(r["computation"], r["cell"]): r for r in kept}
    ids = [newest[f.indicator.name]["id"] if f.indicator.name in newest else "" for f in columns]
    language = caller.language
    return Sheet(
        module=module, period=logic.label(period, within), starts_on=within[0], ends_on=within[1], by=by,
        may_compute=access.allowed(city, caller, "indicators.compute", module),
        breakdowns=[
            BreakdownShown(name=b.name, title=Text(b.zh, b.en).in_(language)) for b in dimensions.values()
        ],
        columns=[
            SheetColumn(
                indicator=definitions.shown(city, caller, f),
                computation=store.shown(newest[f.indicator.name], WHOLE in cells) if f.indicator.name in newest else None,
            )
            for f in columns
        ],
        rows=[
            SheetRow(
                cell=cell, title=names.get(cell, cell),
                figures=[_figure(by_place[i, cell], names) if (i, cell) in by_place else None for i in ids],
            )
            for cell in sorted(cells, key=lambda c: (c != WHOLE, names.get(c, c)))
        ],
    )  # fmt: skip


# ---------------------------------------------------------------- names


async def names_of(city: City, caller: Caller, by: Breakdown | None, cells: Sequence[str]) -> dict[str, str]:
    """What cells are called, in the reader's language; the cells themselves where nothing is known."""
    language = caller.language
    named: dict[str, Text] = {}
    match by.names if by else None:
        case Names.PARTY:
            named = await access.party_names(city, caller, [c for c in cells if c not in ("", WHOLE)])
        case Names.AREA:
            named = _codes(city, f"{city.settings.city}.area")
        case Names.ROLE:
            named = {role.name: role.title for _, role in city.registry.of(Role)}
    found = {cell: text.in_(language) for cell, text in named.items()}
    return found | {WHOLE: _ALL.in_(language), "": _UNSAID.in_(language)}


def _codes(city: City, name: str) -> dict[str, Text]:
    known = next((c for _, c in city.registry.of(CodeList) if c.name == name), None)
    return {c.code: c.title for c in known.codes} if known else {}


# ---------------------------------------------------------------- the rows behind a figure


async def behind(city: City, caller: Caller, id_: str, cell: str, number: int, limit: int) -> Behind:
    """The rows behind one number of a figure, as they were known when it was computed, within the reader's scope."""
    kept = await store.computation(city[Database], id_)
    if kept is None or not access.allowed(city, caller, READ, str(kept[0]["name"]).partition(".")[0]):
        raise NotFound(_NONE)
    row, definition = kept
    figure = next(
        (f for f in await store.figures(city[Database], scope_of(city, caller), [id_]) if f["cell"] == cell),
        None,
    )
    leaves = counting.leaves(definition, row["breakdown"])
    if figure is None or not 0 <= number < len(leaves):
        raise NotFound(_NONE)
    leaf = leaves[number]
    total = int(figure["counts"][number][1])
    within = logic.Span((row["starts_on"], row["ends_on"]))
    relation = records.relation(city, leaf.aggregate.relation)
    told = asked(leaf.aggregate, relation, definitions.time(city, leaf.aggregate)).in_(caller.language)
    title = leaf.title.in_(caller.language) if leaf.title else ""
    seen = await _seen(city, caller, leaf, within, row, cell, limit)
    rows, visible, names = seen if seen else ([], 0, [])
    return Behind(
        relation=relation.name, relation_title=relation.title.in_(caller.language),
        told=f"{title}: {told}" if title else told, total=total, hidden=max(0, total - visible),
        columns=[_column(relation, name, caller) for name in names], rows=rows, more=visible > len(rows),
    )  # fmt: skip


def _column(relation: Relation, name: str, caller: Caller) -> BehindColumn:
    field = relation.field(name)
    assert field is not None
    return BehindColumn(name=name, title=field.meaning.in_(caller.language), type=field.type.value)


async def _seen(
    city: City, caller: Caller, leaf: Leaf, within: logic.Span, computation: Row, cell: str, limit: int
) -> tuple[list[dict[str, object]], int, list[str]] | None:
    """The rows that a reader may see, and how many; None where it may see none, or not what they are counted by."""
    one = leaf.aggregate
    try:
        source = counting.known(city, caller, one, within, computation["known_at"])
        used = one.fields | {n for n in (counting.time_of(one, source.relation, source.table),) if n}
        counting.clear(city, caller, source.relation, used | ({leaf.by.field} if leaf.by else set()))
    except (Forbidden, Unauthenticated):
        return None
    args = list(source.args)
    period = counting.in_period(source, one, within, args)
    moment = min(computation["known_at"], within.moments[1])
    terms = [counting.condition(source, one.where, moment, args)] if one.where else []
    if one.field:
        terms.append(f'r."{one.field}" IS NOT NULL')
    if leaf.by is not None and cell != WHOLE:
        args.append(cell)
        terms.append(f"{counting.cell_of(leaf.by)} = ${len(args)}")
    where = period + (" AND " if period else " WHERE ") + " AND ".join(terms) if terms else period
    if source.audited:
        async with city[Database].transaction() as connection:
            await access.audit(
                connection,
                caller,
                "records.read",
                f"{source.relation.name}/",
                {"computation": computation["id"]},
            )
    rows, visible = await counting.rows(city, source, where, args, limit)
    return rows, visible, [f.name for f in source.fields if f.name not in _META]


_META = frozenset({"version", "created_by", "updated_by"})


async def module_of(city: City, computation: str) -> str:
    """The module that a computation's indicator is named after. Raises NotFound."""
    kept = await store.computation(city[Database], computation)
    if kept is None:
        raise NotFound(_NONE)
    return str(kept[0]["name"]).partition(".")[0]
