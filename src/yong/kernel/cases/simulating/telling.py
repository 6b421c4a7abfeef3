"""What a simulation says, as it is read: numbers with their bands, and a sentence or two."""

from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Literal

import msgspec

from yong.kernel.base.text import Language, Text
from yong.kernel.cases.simulating.contracts import (
    BackTest,
    Compared,
    SimulatedDesk,
    SimulatedElement,
    SimulatedShare,
    Simulation,
    SimulationAsked,
)
from yong.kernel.cases.simulating.hours import DAY, day_of
from yong.kernel.cases.simulating.learning import DeskKey, LearnedDesk
from yong.kernel.cases.simulating.measuring import Load, Measured, band
from yong.kernel.cases.simulating.running import Made, Runs, bottleneck, busy_of, days_of, loads_of

MOST_DESKS = 60
What = Literal["through_hours", "late", "ended_per_day", "open_at_end"]
TITLES: dict[What, Text] = {
    "through_hours": Text("办结用时中位数（小时）", "Time through, median (hours)"),
    "late": Text("到期案件的超期率", "Late, of what fell due"),
    "ended_per_day": Text("每日办结（件）", "Ended a day"),
    "open_at_end": Text("期末在办（件）", "Open at the end"),
}
_SAID = Text(
    "每天约 {a_day} 件：半数案件在 {through} 小时内办结（{through_band}）。",
    "With some {a_day} cases a day half are through within {through} hours ({through_band}).",
)
_LATE = Text("到期案件中 {late} 超期（{late_band}）。", "Of what falls due {late} is late ({late_band}).")
_NO_LATE = Text("没有适用的时限，不计超期。", "No limit applies: nothing is late.")
_WAITS = Text(
    "瓶颈是“{desk}”：平均等待 {wait} 小时，人员 {busy} 的时间在忙。",
    "What holds up is {desk}: cases wait {wait} hours there on average, and its people are busy {busy} of their time.",
)
_NONE_WAITS = Text("没有岗位成为瓶颈。", "No desk holds the cases up.")
_GROWS = Text(
    "期末在办约 {now} 件，比期初多：这样的人手跟不上。",
    "At the end some {now} are open, and more each day: so few people do not keep up.",
)
_FEWER = Text(
    "时间所限，只运行了 {n} 次（要求 {of} 次）",
    "{n} runs were made of the {of} asked for: there was no time for more",
)
_STUCK = Text(
    "{share} 的案件在“{of}”之后走不下去：没有条件成立",
    "{share} of the cases do not go on after {of}: no condition holds",
)
_ONE = Text(
    "岗位“{desk}”没有往例，暂按一人；请按实际填写",
    "The desk {desk} has no past: one officer is taken to sit there; say how many will",
)
_MANY = Text(
    "岗位较多，只列出任务最多的 {most} 个", "There are many desks: the {most} with most tasks are listed"
)
_TESTED = Text(
    "用前半段往案模拟后半段，与实际相比：办结用时中位数相差 {through}，超期率相差 {late}。",
    "Learned from the first half of the past and held against the second: the median time through is {through} off, the share late {late}.",
)
_POINTS = Text("{n} 个百分点", "{n} points")
_UNKNOWN = Text("不明", "unknown")
_NO_LIVE = Text("没有现行版本可供检验", "There is no live version to be tested")


class Names(msgspec.Struct, frozen=True):
    """What roles and units are called, and in which language."""

    roles: Mapping[str, Text]
    units: Mapping[str, Text]
    language: Language


def tell(
    made: Made, said: SimulationAsked, names: Names, name: str, version: int, live: int | None
) -> Simulation:
    """A simulation as it is answered."""
    runs, plan = made.runs, made.runs.plan
    loads = loads_of(runs)
    held = bottleneck(runs, loads)
    first = sorted(loads, key=lambda key: -fmean(load.per_day for load in loads[key]))
    keys = [*first[:MOST_DESKS], *([held] if held in first[MOST_DESKS:] and held else [])]
    desks = [_desk(runs, key, loads[key], made.past, names) for key in keys]
    compared = _compared(runs.done, made.past, names.language)
    notes = [note.in_(names.language) for note in (*plan.notes, *_notes(made, said, loads, names))]
    return Simulation(
        procedure=name, version=version, since=day_of(plan.span.start), until=day_of(plan.span.end),
        past_cases=len(made.learned.cases), cases=band([one.cases for one in runs.done]), runs=len(runs.done),
        seed=said.seed, seconds=round(made.seconds, 2), compared=compared,
        bottleneck=keys.index(held) if held else None, desks=desks, elements=_elements(made, names), notes=notes,
        clocks=sorted({clock for place in plan.world.walk.sheet.places.values() for clock, _ in place.clocks}),
        back_test=_back_test(made, live, names) if said.back_test else None,
        said=_said(runs, compared, desks[keys.index(held)] if held else None, names.language),
    )  # fmt: skip


def _said(runs: Runs, compared: Sequence[Compared], held: SimulatedDesk | None, language: Language) -> str:
    by = {one.what: one.simulated for one in compared}
    a_day = fmean(one.cases for one in runs.done) / runs.plan.span.days
    through = by["through_hours"]
    parts = [
        _SAID.filled(
            a_day=f"{a_day:.0f}" if a_day >= 3 else f"{a_day:.1f}", through=_number(through.mean),
            through_band=f"{_number(through.low)}–{_number(through.high)}",
        )
    ]  # fmt: skip
    if any(one.late is not None for one in runs.done):
        late = by["late"]
        parts.append(_LATE.filled(late=f"{late.mean:.0%}", late_band=f"{late.low * 100:.0f}–{late.high:.0%}"))
    else:
        parts.append(_NO_LATE)
    if held is None:
        parts.append(_NONE_WAITS)
    else:
        busy = f"{held.busy.mean:.0%}" if held.busy else "–"
        parts.append(_WAITS.filled(desk=_named(held), wait=_number(held.wait_hours.mean), busy=busy))
        grows = [b.mean for b in held.queue_by_day]
        third = max(1, len(grows) // 3)
        if held.busy and held.busy.mean > 0.95 and fmean(grows[-third:]) > 1.5 * fmean(grows[:third]) + 1:
            parts.append(_GROWS.filled(now=f"{by['open_at_end'].mean:.0f}"))
    return ("" if language == "zh" else " ").join(part.in_(language) for part in parts)


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 10 else f"{value:.1f}"


def _named(desk: SimulatedDesk) -> str:
    return f"{desk.role_title} · {desk.unit_name or desk.unit}" if desk.unit else desk.role_title


def _desk(runs: Runs, key: DeskKey, loads: Sequence[Load], past: Measured, names: Names) -> SimulatedDesk:
    known, by = runs.plan.desks[key]
    desk = runs.plan.world.desk(key)
    was = past.loads.get(key)
    role, unit = key
    return SimulatedDesk(
        role=role, role_title=names.roles.get(role, Text(role, role)).in_(names.language), unit=unit,
        unit_name=names.units[unit].in_(names.language) if unit and unit in names.units else unit, officers=desk.officers,
        hours=_hours(known).in_(names.language), by=by, apart=None if known.apart is None else round(known.apart, 3),
        tasks_per_day=band([load.per_day for load in loads]), wait_hours=band([load.wait_hours for load in loads]),
        busy=busy_of(runs, key, loads), queue=band([load.queue for load in loads]), queue_by_day=days_of(loads),
        past_wait_hours=None if was is None or was.wait_hours is None else round(was.wait_hours, 3),
    )  # fmt: skip


def _hours(desk: LearnedDesk) -> Text:
    spans = "、".join(f"{_clock(a)}–{_clock(b)}" for a, b in desk.spans)
    if desk.spans == ((0.0, DAY),):
        return (
            Text("每天全天", "day and night")
            if desk.every_day
            else Text("工作日全天", "working days, all day")
        )
    english = spans.replace("、", ", ")
    return (
        Text(f"每天 {spans}", f"every day {english}")
        if desk.every_day
        else Text(f"工作日 {spans}", f"working days {english}")
    )


def _clock(second: float) -> str:
    minutes = round(second / 60)
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _elements(made: Made, names: Names) -> list[SimulatedElement]:
    places = made.runs.plan.world.walk.sheet.places
    found = []
    for name, one in made.runs.plan.assumed.items():
        place = places[name]
        titles = {choice.name: choice.title.in_(names.language) for choice in place.choices}
        found.append(
            SimulatedElement(
                element=name, title=place.title.in_(names.language), role=place.desk.role if place.desk else None,
                times=one.times, minutes=round(one.minutes, 1), minutes_by=one.minutes_by,
                shares=[
                    SimulatedShare(choice=choice, title=titles[choice], share=round(share, 4))
                    for choice, share in one.shares
                ],
                shares_by=one.shares_by,
            )
        )  # fmt: skip
    return found


def _notes(
    made: Made, said: SimulationAsked, loads: Mapping[DeskKey, Sequence[Load]], names: Names
) -> list[Text]:
    runs, plan = made.runs, made.runs.plan
    places = plan.world.walk.sheet.places
    notes = []
    for key, (_, by) in plan.desks.items():
        if by == "default":
            title = names.roles.get(key[0], Text(key[0], key[0]))
            notes.append(Text(_ONE.zh.format(desk=title.zh), _ONE.en.format(desk=title.en)))
    stuck: dict[str, int] = {}
    for one in runs.done:
        for element, many in one.stuck.items():
            stuck[element] = stuck.get(element, 0) + many
    cases = max(1, sum(one.cases for one in runs.done))
    for element, many in stuck.items():
        title = places[element].title if element in places else Text(element, element)
        share = f"{many / cases:.1%}"
        notes.append(
            Text(_STUCK.zh.format(share=share, of=title.zh), _STUCK.en.format(share=share, of=title.en))
        )
    if len(runs.done) < said.runs:
        notes.append(_FEWER.filled(n=len(runs.done), of=said.runs))
    if len(loads) > MOST_DESKS:
        notes.append(_MANY.filled(most=MOST_DESKS))
    return notes


# ---------------------------------------------------------------- held against the past


def _compared(runs: Sequence[Measured], past: Measured, language: Language) -> list[Compared]:
    found = []
    for what, title in TITLES.items():
        simulated = band([getattr(one, what) for one in runs])
        was = getattr(past, what)
        some = any(getattr(one, what) is not None for one in runs)
        found.append(
            Compared(
                what=what, title=title.in_(language), simulated=simulated, past=None if was is None else round(float(was), 4),
                inside=simulated.low <= was <= simulated.high if was is not None and some else None,
            )
        )  # fmt: skip
    return found


def _back_test(made: Made, live: int | None, names: Names) -> BackTest:
    if made.tested is None:
        why = (made.untested or _NO_LIVE).in_(names.language)
        day = made.learned.until
        return BackTest(version=live, since=day, until=day, runs=0, compared=[], note=why)
    runs, was, span = made.tested
    compared = _compared(runs.done, was, names.language)
    return BackTest(
        version=live, since=day_of(span.start), until=day_of(span.end), runs=len(runs.done), compared=compared,
        note=_off(compared).in_(names.language),
    )  # fmt: skip


def _off(compared: Sequence[Compared]) -> Text:
    """How far off the back-test is, in words."""
    by = {one.what: one for one in compared}
    through, late = by["through_hours"], by["late"]
    apart, points = _UNKNOWN, _UNKNOWN
    if through.past:
        said = f"{abs(through.simulated.mean / through.past - 1):.0%}"
        apart = Text(said, said)
    if late.past is not None and late.inside is not None:
        points = _POINTS.filled(n=f"{abs(late.simulated.mean - late.past) * 100:.1f}")
    return Text(
        _TESTED.zh.format(through=apart.zh, late=points.zh),
        _TESTED.en.format(through=apart.en, late=points.en),
    )
