"""What past cases tell: when they come, what they are, how long what takes, who does it, what is chosen."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from heapq import heapify, heapreplace
from statistics import median
from typing import Any

import msgspec
import numpy as np

from yong.kernel.base.calendars import Calendar
from yong.kernel.base.errors import Invalid
from yong.kernel.base.text import Text
from yong.kernel.cases.simulating.contracts import LEAST_CASES, LEAST_TIMES
from yong.kernel.cases.simulating.hours import (
    DAY,
    NEVER,
    Floats,
    Hours,
    Spans,
    day_of,
    midnight,
    office_spans,
)

DeskKey = tuple[str, str | None]
"""A role, and the unit where the desk is one's own unit."""
_WITHIN = 0.7  # of what is done in office hours, for these to be the desk's
_APART = 0.5  # from the times of a queue, as a share of their mean, for a desk still to be one
_ENOUGH = 30  # times that a unit did an element, for its own times to count
_LEAST_S = 6.0
_FEW = Text(
    "往案太少：找到 {found} 件，至少需要 {least} 件。请放宽条件或时间范围",
    "Too few past cases: {found} were found, it takes {least}. Ask for more classes, districts or days",
)


class PastCase(msgspec.Struct, kw_only=True):
    """A case as it was. Times are seconds on the wall clock; `facts` are what conditions may ask, by name."""

    facts: dict[str, Any]
    opened: float
    closed: float | None
    due: float | None
    owner: str
    units: tuple[str, ...]
    urgent: bool
    class_: str
    district: str
    grade: str | None = None


class PastTask(msgspec.Struct, kw_only=True):
    """A task as it was; `case` is the number of its case, `taken` when whoever did it took it."""

    case: int
    element: str
    role: str | None
    party: str | None
    opened: float
    done: float | None
    by: str | None
    outcome: str | None
    taken: float | None = None
    dropped: bool = False  # it needed not be done any more, as the case went on without it
    begun: float | None = None  # worked out: when whoever did it can have begun


class Past(msgspec.Struct, frozen=True):
    """Cases that were opened from one day to before another, and all their tasks."""

    first: date
    until: date  # exclusive
    cases: list[PastCase]
    tasks: list[PastTask]

    def part(self, first: date, until: date) -> "Past":
        """The cases that were opened between two days."""
        a, b = midnight(first), midnight(until)
        number = {n: k for k, n in enumerate(n for n, c in enumerate(self.cases) if a <= c.opened < b)}
        tasks = [msgspec.structs.replace(t, case=number[t.case]) for t in self.tasks if t.case in number]
        return Past(first, until, [self.cases[n] for n in number], tasks)


class LearnedDesk(msgspec.Struct, frozen=True, kw_only=True):
    """Who sat at a desk. `apart`: how far its times are from those of a queue, as a share of their mean."""

    officers: int
    spans: Spans
    every_day: bool
    apart: float | None
    times: int

    @property
    def queues(self) -> bool:
        return self.apart is None or self.apart <= _APART


class LearnedElement(msgspec.Struct, kw_only=True):
    """How long an element took: office seconds of work by unit (`None`: of all), seconds on the clock from opened to done."""

    work: dict[str | None, list[float]]
    lay: dict[str | None, list[float]]
    chosen: Counter[str]


class Learned(msgspec.Struct, frozen=True, kw_only=True):
    """All of it. `rates` are cases an hour by kind of day (0 Monday … 6 Sunday) and hour."""

    cases: list[PastCase]
    rates: Floats
    elements: dict[str, LearnedElement]
    desks: dict[DeskKey, LearnedDesk]
    first: date
    until: date


def learned(past: Past, calendar: Calendar) -> Learned:
    """What past cases tell. Raises Invalid where they are too few, Unannounced."""
    if len(past.cases) < LEAST_CASES:
        raise Invalid(_FEW, found=len(past.cases), least=LEAST_CASES)
    last = max([past.until, *(day_of(t.done) for t in past.tasks if t.done is not None)])
    by_desk: dict[DeskKey, list[PastTask]] = defaultdict(list)
    for task in past.tasks:
        if task.role is not None and task.done is not None and task.by is not None:
            by_desk[task.role, task.party].append(task)
    when = {key: _opening(calendar, tasks) for key, tasks in by_desk.items()}
    open_ = {kind: Hours(calendar, kind[0], past.first, last, every_day=kind[1]) for kind in {*when.values()}}
    _begin(past.tasks)
    elements: dict[str, LearnedElement] = {}
    desks: dict[DeskKey, LearnedDesk] = {}
    for key, tasks in by_desk.items():
        hours = open_[when[key]]
        for task in tasks:
            assert task.begun is not None
            assert task.done is not None
            work = max(_LEAST_S, hours.passed(task.done) - hours.passed(task.begun))
            _count(elements, task, work, task.done - task.opened)
        desks[key] = _desk(tasks, hours, *when[key])
    for task in past.tasks:
        if task.role is None and (task.dropped or task.done is not None):  # an event that came, or never did
            after = NEVER if task.done is None else task.done - task.opened
            _count(elements, task, after, after)
    return Learned(
        cases=past.cases, rates=_rates(past, calendar), elements=elements, desks=desks,
        first=past.first, until=past.until,
    )  # fmt: skip


def _count(elements: dict[str, LearnedElement], task: PastTask, work: float, lay: float) -> None:
    found = elements.setdefault(task.element, LearnedElement(work={}, lay={}, chosen=Counter()))
    for unit in {None, task.party}:
        found.work.setdefault(unit, []).append(work)
        found.lay.setdefault(unit, []).append(lay)
    if task.outcome is not None:
        found.chosen[task.outcome] += 1


def _begin(tasks: Sequence[PastTask]) -> None:
    """Say of each task when whoever did it can have begun: once it was there, taken, and they had done what they did before.

    So nothing is counted twice of what one person does, and waiting for them is not taken for work (Fracca et al. 2022,
    "Estimating activity start timestamps in the presence of waiting times via process simulation", has the same rule).
    """
    before: dict[str, float] = {}
    for task in sorted((t for t in tasks if t.done is not None), key=lambda t: (t.done or 0.0, t.opened)):
        free = before.get(task.by or "", task.opened)
        assert task.done is not None
        task.begun = min(task.done, max(task.opened, task.taken or task.opened, free))
        if task.by:
            before[task.by] = task.done


def _opening(calendar: Calendar, tasks: Sequence[PastTask]) -> tuple[Spans, bool]:
    """When a desk works: in office hours, where most of it is done then; else every day, in the hours that hold most of it."""
    spans = office_spans(calendar)
    inside, of_day = 0, []
    for task in tasks:
        assert task.done is not None
        of_day.append(task.done % DAY)
        inside += calendar.is_workday(day_of(task.done)) and any(a <= task.done % DAY <= b for a, b in spans)
    if inside >= _WITHIN * len(tasks):
        return spans, False
    low, high = np.quantile(of_day, [0.02, 0.98])
    begin, end = float(low // 3600 * 3600), float(min(DAY, (high // 3600 + 1) * 3600))
    return ((0.0, DAY) if end - begin > 20 * 3600 else (begin, end),), True


def _desk(tasks: list[PastTask], hours: Hours, spans: Spans, every_day: bool) -> LearnedDesk:
    people: dict[date, set[str]] = defaultdict(set)
    for task in tasks:
        people[day_of(task.done or 0.0)].add(task.by or "")
    officers = max(1, round(median(len(who) for who in people.values())))
    return LearnedDesk(
        officers=officers, spans=spans, every_day=every_day, times=len(tasks), apart=_apart(tasks, hours, officers)
    )  # fmt: skip


def _apart(tasks: list[PastTask], hours: Hours, officers: int) -> float | None:
    """How far the times of a desk are from those of a queue that its officers work off in order, each task as long as it took.

    Where cases lie for other reasons (a contractor, an answer that is waited for), no number of officers tells their times.
    """
    if len(tasks) < _ENOUGH:
        return None
    free = [0.0] * officers
    heapify(free)
    off, lay = 0.0, 0.0
    for task in sorted(tasks, key=lambda t: t.opened):
        assert task.done is not None
        assert task.begun is not None
        work = hours.passed(task.done) - hours.passed(task.begun)
        end = min(hours.after(max(task.opened, free[0]), work), 2 * task.done)
        heapreplace(free, end)
        off += abs(end - task.done)
        lay += task.done - task.opened
    return off / lay if lay > 0 else None


def kind_of(calendar: Calendar, day: date) -> int:
    """The day of the week that a day is like: a holiday like a Sunday, a worked day of the week's end like a Friday."""
    works, number = calendar.is_workday(day), day.weekday()
    return number if works == (number in calendar.week) else 4 if works else 6


def _rates(past: Past, calendar: Calendar) -> Floats:
    days = np.zeros(7)
    day = past.first
    kinds = {}
    while day < past.until:
        kinds[day] = kind_of(calendar, day)
        days[kinds[day]] += 1
        day += timedelta(days=1)
    counts = np.zeros((7, 24))
    for case in past.cases:
        counts[kinds[day_of(case.opened)], int(case.opened % DAY // 3600)] += 1
    rates: Floats = counts / np.maximum(days, 1)[:, None]
    for kind in np.flatnonzero(days == 0):  # none such was among the days: like one that was
        others = [k for k in ((5, 6) if kind > 4 else range(5)) if days[k]] or list(np.flatnonzero(days))
        rates[kind] = rates[others].mean(axis=0)
    return rates


def sampled(values: dict[str | None, list[float]], unit: str | None) -> list[float]:
    """The unit's own times where there are enough, else those of all."""
    own = values.get(unit, ())
    return list(own) if len(own) >= _ENOUGH else values.get(None, [])


def enough(element: LearnedElement | None) -> bool:
    return element is not None and len(element.work.get(None, ())) >= LEAST_TIMES
