"""The simulated city: what was learned, with what shall be otherwise; and whose word each number is."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import accumulate
from typing import Literal

import msgspec
import numpy as np

from yong.kernel.base.calendars import Calendar
from yong.kernel.base.errors import Invalid, Problem
from yong.kernel.base.text import Text
from yong.kernel.cases.clocks.contracts import Choice, Clock, Ends, Limit, Unit
from yong.kernel.cases.clocks.contracts import Rule as LimitRule
from yong.kernel.cases.clocks.counting import times
from yong.kernel.cases.clocks.rules import Table
from yong.kernel.cases.contracts import Place
from yong.kernel.cases.simulating.contracts import (
    DEFAULT_MINUTES,
    MOST_CASES,
    DeskAsked,
    ElementAsked,
    LimitAsked,
    SimulationAsked,
)
from yong.kernel.cases.simulating.engine import Desk, Element, World
from yong.kernel.cases.simulating.hours import (
    DAY,
    NEVER,
    Floats,
    Hours,
    Spans,
    day_of,
    midnight,
    moment,
    office_spans,
    wall,
)
from yong.kernel.cases.simulating.learning import (
    DeskKey,
    Learned,
    LearnedDesk,
    LearnedElement,
    PastCase,
    enough,
    kind_of,
    sampled,
)
from yong.kernel.cases.simulating.measuring import Span
from yong.kernel.cases.simulating.walking import Walk, unanswered

By = Literal["past", "given", "default"]
Wait = timedelta | Limit
_WARM_DAYS = 14
_LEAST_DAYS = 5

_NO_ELEMENT = Text("流程没有由人办理的环节“{name}”", "The procedure has no element {name} that people do")
_NO_CHOICE = Text("环节没有选择“{name}”", "The element has no choice {name}")
_NO_DESK = Text("流程没有岗位 {name}", "The procedure has no desk of the role {name}")
_NO_CLOCK = Text("流程没有计时 {name}", "The procedure has no clock {name}")
_SUM = Text("占比之和须大于零", "The shares have to come to more than nothing")
_HOURS = Text("上班时间须早于下班时间", "A desk opens before it closes")
_TWICE = Text("“{name}”重复", "{name} is there twice")
_BUSY = Text(
    "每天约 {n} 件，一次模拟不足 {least} 天。请缩小类别或区划，或调低系数",
    "With some {n} cases a day a run would not reach {least} days. Ask for fewer classes or districts, or a smaller factor",
)


class Assumed(msgspec.Struct, frozen=True):
    """An element as it is simulated: how often the past had it, mean minutes and shares, and whose word they are."""

    times: int
    minutes: float
    minutes_by: By
    shares: tuple[tuple[str, float], ...]
    shares_by: By


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What is simulated, and over which period; `notes` is what the person has to know of it."""

    world: World
    span: Span
    desks: dict[DeskKey, tuple[LearnedDesk, By]]  # and whose word it is
    assumed: dict[str, Assumed]
    limits: dict[tuple[int, str], Limit | None]
    tables: Mapping[str, Table]
    procedure: str
    notes: list[Text]

    def limit_of(self, case: PastCase, clock: str) -> Limit | None:
        """The limit of a clock for a case of a kind."""
        key = (id(case), clock)
        if key not in self.limits:
            table = self.tables.get(clock)
            facts = {
                "procedure": self.procedure, "district": case.district, "urgent": str(case.urgent).lower(),
                **({"grade": case.grade} if case.grade is not None else {}),
            }  # fmt: skip
            choice = table.choose(case.class_, facts, day_of(self.span.start)) if table else None
            self.limits[key] = choice.rule.limit if choice else None
        return self.limits[key]


def check(walk: Walk, asked: SimulationAsked) -> None:
    """Raise Invalid with everything that is asked for and that the procedure does not have."""
    places = walk.sheet.places
    roles = {p.desk.role for p in places.values() if p.desk}
    clocks = {name for p in places.values() for name, _ in p.clocks}
    problems: list[Problem] = []
    seen: set[object] = set()
    for n, desk in enumerate(asked.desks):
        if desk.role not in roles:
            problems.append(Problem(f"/desks/{n}/role", _NO_DESK.filled(name=desk.role[:100])))
        if (desk.role, desk.unit) in seen:
            problems.append(Problem(f"/desks/{n}", _TWICE.filled(name=desk.role[:100])))
        seen.add((desk.role, desk.unit))
        if (desk.from_time or "00:00") >= (desk.to_time or "24:00"):
            problems.append(Problem(f"/desks/{n}/from_time", _HOURS))
    for n, element in enumerate(asked.elements):
        place = places.get(element.element)
        if place is None or place.desk is None:
            problems.append(Problem(f"/elements/{n}/element", _NO_ELEMENT.filled(name=element.element[:100])))
            continue
        if element.element in seen:
            problems.append(Problem(f"/elements/{n}", _TWICE.filled(name=element.element[:100])))
        seen.add(element.element)
        names = {choice.name for choice in place.choices}
        problems += [
            Problem(f"/elements/{n}/shares/{k}/choice", _NO_CHOICE.filled(name=share.choice[:100]))
            for k, share in enumerate(element.shares)
            if share.choice not in names
        ]
        if element.shares and sum(share.share for share in element.shares) <= 0:
            problems.append(Problem(f"/elements/{n}/shares", _SUM))
    problems += [
        Problem(f"/limits/{n}/clock", _NO_CLOCK.filled(name=limit.clock[:100]))
        for n, limit in enumerate(asked.limits)
        if limit.clock not in clocks
    ]
    if problems:
        raise Invalid(None, problems=tuple(problems))


def planned(
    walk: Walk, learned: Learned, asked: SimulationAsked, tables: Mapping[str, Table], waits: Mapping[str, Wait],
    calendar: Calendar, first: date, until: date,
) -> Plan:  # fmt: skip
    """What is to be simulated between two days. Raises Invalid, Unannounced."""
    notes: list[Text] = []
    span, hourly = _period(learned, asked.factor, calendar, first, until, notes)
    desks, made = _desks(learned, asked.desks, calendar, hourly[0][0], span.end)
    elements, assumed = _elements(walk, learned, asked.elements, waits, calendar, notes)
    missing = unanswered(walk, [case.facts for case in learned.cases])
    if missing:
        notes.append(_UNSAID.filled(names=", ".join(missing)))
    world = World(
        walk=walk, kinds=learned.cases, numbers=[walk.number(case.facts) for case in learned.cases],
        elements=elements, desk=made, hourly=hourly, end=span.end,
    )  # fmt: skip
    return Plan(
        world=world, span=span, desks=desks, assumed=assumed, limits={}, procedure=walk.sheet.name, notes=notes,
        tables=_limits(tables, asked.limits),
    )  # fmt: skip


def _period(
    learned: Learned, factor: float, calendar: Calendar, first: date, until: date, notes: list[Text]
) -> tuple[Span, list[tuple[float, Floats]]]:
    """The days to be looked at, and what is expected to come in each hour of them and of those before that fill the desks."""
    whole = (until - first).days
    warm = min(_WARM_DAYS, whole)
    hourly = [
        (midnight(day), learned.rates[kind_of(calendar, day)] * factor)
        for day in (first + timedelta(days=n) for n in range(-warm, whole))
    ]
    many = np.cumsum([of.sum() for _, of in hourly])
    days = int(np.searchsorted(many, MOST_CASES))
    if days < len(hourly):
        a_day = many[-1] / len(hourly)
        if days < min(whole, _LEAST_DAYS) + warm:
            raise Invalid(_BUSY, n=round(a_day), least=min(whole, _LEAST_DAYS))
        hourly = hourly[:days]
        notes.append(_SHORTER.filled(days=days - warm, most=MOST_CASES))
    return Span(midnight(first), hourly[-1][0] + DAY), hourly


# ---------------------------------------------------------------- desks


class _Made:
    """Desks, made as cases come to them."""

    def __init__(
        self, desks: dict[DeskKey, tuple[LearnedDesk, By]], asked: Sequence[DeskAsked], calendar: Calendar,
        start: float, end: float,
    ) -> None:  # fmt: skip
        self.asked = {(one.role, one.unit): one for one in asked}
        self.desks, self.calendar, self.start, self.end = desks, calendar, start, end
        self._made: dict[DeskKey, Desk] = {}
        self._hours: dict[tuple[Spans, bool], Hours] = {}

    def __call__(self, key: DeskKey) -> Desk:
        return self._made.get(key) or self._make(key)

    def _make(self, key: DeskKey) -> Desk:
        known = self.desks.get(key)
        past = known[0] if known else None
        said = self.asked.get(key) or self.asked.get((key[0], None))  # one line for all units of a role
        spans = past.spans if past else office_spans(self.calendar)
        every_day = past.every_day if past else False
        officers: int | None = past.officers if past and past.queues else None if past else 1
        if said:
            officers = None if said.as_past else said.officers or officers
            if said.from_time or said.to_time:
                spans = ((_seconds(said.from_time or "00:00"), _seconds(said.to_time or "24:00")),)
            every_day = every_day if said.every_day is None else said.every_day
        kind = (spans, every_day)
        if kind not in self._hours:
            self._hours[kind] = Hours(
                self.calendar, spans, day_of(self.start), day_of(self.end), every_day=every_day
            )
        made = self._made[key] = Desk(key=key, officers=officers, hours=self._hours[kind])
        self.desks[key] = (
            LearnedDesk(
                officers=officers or 0, spans=spans, every_day=every_day, apart=past.apart if past else None,
                times=past.times if past else 0,
            ),
            "given" if said else "past" if past else "default",
        )  # fmt: skip
        return made


def _desks(
    learned: Learned, asked: Sequence[DeskAsked], calendar: Calendar, start: float, end: float
) -> tuple[dict[DeskKey, tuple[LearnedDesk, By]], _Made]:
    desks: dict[DeskKey, tuple[LearnedDesk, By]] = {
        key: (desk, "past") for key, desk in learned.desks.items()
    }
    return desks, _Made(desks, asked, calendar, start, end)


def _seconds(clock: str) -> float:
    hours, minutes = clock.split(":")
    return int(hours) * 3600.0 + int(minutes) * 60


# ---------------------------------------------------------------- elements


def _elements(
    walk: Walk, learned: Learned, asked: Sequence[ElementAsked], waits: Mapping[str, Wait], calendar: Calendar,
    notes: list[Text],
) -> tuple[dict[str, Element], dict[str, Assumed]]:  # fmt: skip
    given = {one.element: one for one in asked}
    elements: dict[str, Element] = {}
    assumed: dict[str, Assumed] = {}
    for name, place in walk.sheet.places.items():
        if place.operation or place.decision:
            continue
        past = learned.elements.get(name)
        if place.desk is not None:
            elements[name], assumed[name] = _by_hand(place, past, given.get(name), notes)
        else:
            wait = waits.get(name)
            elements[name] = _by_itself(place, past, wait, calendar, notes)
    return elements, assumed


def _by_hand(
    place: Place, past: LearnedElement | None, said: ElementAsked | None, notes: list[Text]
) -> tuple[Element, Assumed]:
    """An element that people do: the person's word before the past's, and that before none."""
    known = enough(past)
    work: dict[str | None, list[float]] = {None: [DEFAULT_MINUTES * 60]}
    lay = work
    minutes_by: By = "default"
    if past is not None and known:
        work = {unit: sampled(past.work, unit) for unit in past.work}
        lay = {unit: sampled(past.lay, unit) for unit in past.lay}
        minutes_by = "past"
    if said and said.minutes is not None:
        mean = float(np.mean(work[None]))
        work = {unit: [v * said.minutes * 60 / mean for v in values] for unit, values in work.items()}
        lay = lay if known else work
        minutes_by = "given"
    if minutes_by == "default":
        notes.append(
            told(_GUESSED, of=place.title, minutes=Text(f"{DEFAULT_MINUTES:g}", f"{DEFAULT_MINUTES:g}"))
        )
    names = [choice.name for choice in place.choices]
    shares = [1.0] * len(names)
    shares_by: By = "default"
    chosen = [float(past.chosen[name]) for name in names] if past is not None else []
    if said and said.shares:
        by_choice = {one.choice: one.share for one in said.shares}
        shares, shares_by = [by_choice.get(name, 0.0) for name in names], "given"
    elif known and any(chosen):
        shares, shares_by = chosen, "past"
        new = [c.title for c, n in zip(place.choices, chosen, strict=True) if not n]
        if new:
            notes.append(told(_NEVER_CHOSEN, of=place.title, choices=_joined(new)))
    elif len(names) > 1:
        notes.append(told(_EVENLY, of=place.title))
    shares = [share / sum(shares) for share in shares]
    return (
        Element(place=place, work=work, lay=lay, choices=tuple(names), sums=tuple(accumulate(shares))),
        Assumed(
            times=len(past.work[None]) if past else 0, minutes=float(np.mean(work[None])) / 60, minutes_by=minutes_by,
            shares=tuple(zip(names, shares, strict=True)), shares_by=shares_by,
        ),
    )  # fmt: skip


def _by_itself(
    place: Place, past: LearnedElement | None, wait: Wait | None, calendar: Calendar, notes: list[Text]
) -> Element:
    """A timer, or an event from elsewhere: when it came in the past; where it never did, never."""
    lay: dict[str | None, list[float]] = {None: [NEVER]}
    if past is not None and enough(past):
        lay = {None: past.lay[None]}
    elif wait is None and place.kind not in ("startEvent", "endEvent") and "Gateway" not in place.kind:
        notes.append(told(_NEVER_CAME, of=place.title))
    fires = None
    if isinstance(wait, timedelta):
        length = wait.total_seconds()
        fires = lambda t: t + length  # noqa: E731
    elif wait is not None:
        fires = lambda t: _due(wait, t, calendar)  # noqa: E731
    return Element(place=place, work=lay, lay=lay, choices=(), sums=(), fires=fires)


def _due(limit: Limit, t: float, calendar: Calendar) -> float:
    due = times(Clock(started_at=moment(calendar, t), limit=limit), calendar).due_at
    return NEVER if due is None else wall(calendar, due)


# ---------------------------------------------------------------- limits


def _limits(tables: Mapping[str, Table], asked: Sequence[LimitAsked]) -> dict[str, Table]:
    """The limits that the city keeps, with those that shall be otherwise before them."""
    changed: dict[str, list[LimitAsked]] = {}
    for one in asked:
        changed.setdefault(one.clock, []).append(one)
    found: dict[str, Table] = dict(tables)
    for clock, those in changed.items():
        rules = [
            LimitRule(
                id=f"{n}", prefix=one.class_prefix, basis=_AS_ASKED,
                limit=Limit(one.amount, Unit(one.unit), Ends.SAME_TIME if one.same_time else Ends.CLOSE),
            )
            for n, one in enumerate(those)
        ]  # fmt: skip
        found[clock] = _Changed(rules, tables.get(clock))
    return found


class _Changed(Table):
    """Changed limits before those that are kept."""

    def __init__(self, rules: Sequence[LimitRule], kept: Table | None) -> None:
        super().__init__(rules)
        self.kept = kept

    def choose(self, code: str, facts: Mapping[str, str], day: date) -> Choice | None:
        """The changed limit where there is one."""
        return super().choose(code, facts, day) or (self.kept.choose(code, facts, day) if self.kept else None)


# ---------------------------------------------------------------- words


def told(text: Text, **parts: Text) -> Text:
    """A text with other texts in it, each in its language."""
    return Text(
        text.zh.format(**{name: part.zh for name, part in parts.items()}),
        text.en.format(**{name: part.en for name, part in parts.items()}),
    )


def _joined(texts: Sequence[Text]) -> Text:
    return Text("、".join(t.zh for t in texts), ", ".join(t.en for t in texts))


_AS_ASKED = Text("按模拟设定", "as it is simulated")
_UNSAID = Text(
    "条件用到 {names}，往案中都没有，按未填处理",
    "Conditions ask for {names}, which no past case says; taken as not said",
)
_SHORTER = Text(
    "案件较多，只模拟其中 {days} 天（每次最多 {most} 件）",
    "There are many cases: {days} of the days are simulated ({most} cases a run at most)",
)
_GUESSED = Text(
    "“{of}”没有往例，办理时间暂按 {minutes} 分钟；请按实际填写",
    "{of} has no past: {minutes} minutes of work are taken for it; say what it will be",
)
_EVENLY = Text(
    "“{of}”没有往例，各项选择暂按相同占比；请按实际填写",
    "{of} has no past: its choices are taken to be equally frequent; say what they will be",
)
_NEVER_CHOSEN = Text(
    "“{of}”往案从未选择：{choices}，占比按 0", "At {of} nobody chose {choices} in the past: never taken"
)
_NEVER_CAME = Text(
    "“{of}”往案中没有发生过，按不发生处理", "{of} did not happen in the past: taken not to happen"
)
