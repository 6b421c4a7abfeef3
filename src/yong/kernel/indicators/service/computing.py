"""Figures: computed as things are known now, frozen, and computed again as they were known then."""

import asyncio
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import product
from typing import Any

import structlog

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.base import clock
from yong.kernel.base.city import City
from yong.kernel.base.errors import Invalid, NotFound, Problem, Unavailable, YongError
from yong.kernel.base.ids import new_id
from yong.kernel.base.text import Text
from yong.kernel.indicators import logic, store
from yong.kernel.indicators.contracts import (
    WHOLE,
    Breakdown,
    Cycle,
    Definition,
    Indicator,
    Names,
    Recomputed,
)
from yong.kernel.indicators.formulas.model import Weighted
from yong.kernel.indicators.service import counting, definitions
from yong.kernel.indicators.service.counting import Counted, Leaf, breakdown
from yong.kernel.indicators.service.definitions import Found
from yong.kernel.store.database import Database, Row

_log = structlog.get_logger("indicators")
_SETTLES_S = 0.25  # between a writer's clock and the beginning of its transaction
_LOOKS_S = 0.1
_READERS_S, _WAIT_S = 3.0, 10.0
_BUSY = Text("有长时间未结束的写入，请稍后再试", "Somebody has been writing for long; try again soon")
_NO_PERIOD = Text("{name} 不按此周期统计", "{name} is not computed by that period")
_FUTURE = Text("该周期尚未开始", "That period has not begun")
_NO_BREAKDOWN = Text("{name} 不按 {by} 分组", "{name} is not told apart by {by}")
_NONE = Text("没有这次统计", "There is no such computation")


async def known_at(city: City) -> datetime:
    """A moment as of which everything is known: whatever was recorded until then is committed.

    Rows carry the moment at which they are recorded, and are seen when their transaction ends. So the transactions that
    run now are waited for: those that only read so far for three seconds, those that have written for ten. Raises
    Unavailable.
    """
    database = city[Database]
    now, _, _ = await store.settled(database)
    moment = min(now, clock.now())
    await asyncio.sleep(_SETTLES_S)
    for turn in range(int(_WAIT_S / _LOOKS_S)):
        _, oldest, writing = await store.settled(database)
        last = oldest if turn * _LOOKS_S < _READERS_S else writing
        if last is None or last > now:
            return moment
        await asyncio.sleep(_LOOKS_S)
    raise Unavailable(_BUSY)


async def compute(city: City, caller: Caller, names: Sequence[str], label: str, by: str | None) -> list[str]:
    """Compute indicators for a period, whole and by each breakdown or by one of them; the computations' ids.

    What comes out as it did before is not kept twice. Raises Invalid, NotFound.
    """
    period, within = logic.labelled(label)
    if within.moments[0] > clock.now():
        raise Invalid(_FUTURE, problems=(Problem("/period", _FUTURE),))
    found = await definitions.all_of(city)
    wanted: list[Found] = []
    for name in names:
        if name not in found:
            raise NotFound(Text("没有指标 {name}", "There is no indicator {name}"), name=name[:100])
        if period not in found[name].indicator.periods:
            raise Invalid(_NO_PERIOD, name=name)
        if by and breakdown(found[name].indicator, by) is None:
            raise Invalid(_NO_BREAKDOWN, name=name, by=by[:60])
        wanted.append(found[name])
    moment = await known_at(city)
    done = []
    for one in wanted:
        several = [by] if by is not None else _breakdowns(one)
        done += [await _compute(city, caller, one, period, within, b, moment) for b in several]
    return done


async def _compute(
    city: City, caller: Caller, found: Found, period: Cycle, within: logic.Span, by: str, moment: datetime
) -> str:
    day = min(within[1] - timedelta(1), logic.today(moment))
    definition = await definitions.resolved(city, found, day, moment)
    counted = await counting.count(city, definition, within, by, moment)
    figures = figures_of(definition, by, counted)
    digest = definitions.sha256(definition)
    complete = within.moments[1] <= moment
    label = logic.label(period, within)
    async with city[Database].transaction() as connection:
        await connection.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))",
            f"indicators {found.indicator.name} {label} {by}",
        )
        rows = await store.newest(connection, found.indicator.name, label, by)
        if rows and (rows[0]["definition"], rows[0]["checksum"], rows[0]["complete"]) == (
            digest,
            counted.checksum,
            complete,
        ):
            kept = await store.all_figures(connection, rows[0]["id"])
            if not differing(kept, figures):
                return str(rows[0]["id"])
        id_ = new_id()
        computation = {
            "id": id_, "name": found.indicator.name, "period": label, "starts_on": within[0], "ends_on": within[1],
            "breakdown": by, "known_at": moment, "complete": complete, "rows": counted.rows,
            "checksum": counted.checksum, "account": caller.account,
        }  # fmt: skip
        await store.freeze(connection, computation, digest, definition, figures)
        await access.audit(
            connection, caller, "indicators.compute", f"indicator/{found.indicator.name}",
            {"period": label, "by": by, "computation": id_},
        )  # fmt: skip
    return id_


async def again(city: City, id_: str) -> Recomputed:
    """A computation made again as things were known then, by the definition that was kept. Raises NotFound."""
    kept = await store.computation(city[Database], id_)
    if kept is None:
        raise NotFound(_NONE)
    row, definition = kept
    within = logic.Span((row["starts_on"], row["ends_on"]))
    counted = await counting.count(city, definition, within, row["breakdown"], row["known_at"])
    figures = figures_of(definition, row["breakdown"], counted)
    cells = differing(await store.all_figures(city[Database], id_), figures)
    return Recomputed(
        id=id_, same=not cells, rows=counted.rows, checksum_same=counted.checksum == row["checksum"],
        differing=cells[:100],
    )  # fmt: skip


def differing(kept: Sequence[Row], figures: Sequence[dict[str, Any]]) -> list[str]:
    """The cells whose figures are not the same."""
    names = ("value", "numerator", "denominator", "grade", "counts")
    old = {row["cell"]: [row[n] for n in names] for row in kept}
    new = {row["cell"]: [row[n] for n in names] for row in figures}
    return sorted(cell for cell in old.keys() | new.keys() if old.get(cell) != new.get(cell))


# ---------------------------------------------------------------- from counts to figures


def figures_of(definition: Definition, by: str, counted: Counted) -> list[dict[str, Any]]:
    """A figure for every cell, as it is kept."""
    asked = counting.leaves(definition, by)
    told = breakdown(definition.indicator, by)
    return [_figure(definition, asked, told, cell, counts) for cell, counts in sorted(counted.cells.items())]


def _figure(
    definition: Definition,
    asked: Sequence[Leaf],
    by: Breakdown | None,
    cell: str,
    counts: dict[Leaf, tuple[float | None, int]],
) -> dict[str, Any]:
    indicator = definition.indicator
    formula = counting.formula_of(indicator)
    if isinstance(formula, Weighted):
        said = logic.weighted([(p.weight, _points(p.indicator, by, counts)) for p in definition.parts])
        above = below = None
    else:
        numbers = {leaf.aggregate: number for leaf, (number, _) in counts.items()}
        said = logic.value(formula, numbers)
        above, below = logic.parts(formula, numbers)
    grade = logic.grade(indicator, said)
    whose = by.names if by and cell != WHOLE else None
    return {
        "cell": cell, "value": said, "numerator": above, "denominator": below, "grade": grade.code if grade else None,
        "counts": [list(counts.get(leaf, (0.0 if leaf.aggregate.kind in logic.EMPTY else None, 0))) for leaf in asked],
        "owner_id": cell if whose is Names.PARTY else None, "district": cell if whose is Names.AREA else "",
    }  # fmt: skip


def _points(
    part: Indicator, by: Breakdown | None, counts: dict[Leaf, tuple[float | None, int]]
) -> float | None:
    """The points of a part of a score in a cell; none of one that is not told apart so."""
    own = breakdown(part, by.name) if by else None
    if by and own is None:
        return None
    numbers = {
        leaf.aggregate: n for leaf, (n, _) in counts.items() if leaf.by == own and leaf.part == part.name
    }
    return logic.points(part, logic.value(counting.formula_of(part), numbers))


# ---------------------------------------------------------------- by themselves


async def compute_due(city: City, caller: Caller) -> int:
    """Compute every indicator for the periods that run and those that ended last; how many went wrong.

    What came late for a period that ended is in another computation of it, if it makes another figure.
    """
    wrong, day = 0, logic.today(clock.now())
    for name, found in (await definitions.all_of(city)).items():
        moment = await known_at(city)
        for period, by in product(found.indicator.periods, _breakdowns(found)):
            for within in _due(period, day):
                try:
                    await _compute(city, caller, found, period, within, by, moment)
                except YongError as error:
                    wrong += 1
                    _log.error("an indicator was not computed", indicator=name, by=by, why=error.detail.en)
    return wrong


def _breakdowns(found: Found) -> list[str]:
    """The whole, and everything that it is told apart by."""
    return ["", *(b.name for b in found.indicator.breakdowns)]


def _due(period: Cycle, day: date) -> tuple[logic.Span, logic.Span]:
    running = logic.span(period, day)
    return logic.before(period, running), running
