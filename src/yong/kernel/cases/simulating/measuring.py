"""What a run, or the past, comes to: times through, lateness, and the load of each desk."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

import msgspec
import numpy as np
from numpy.typing import NDArray

from yong.kernel.base.calendars import Calendar
from yong.kernel.cases.clocks.compiled import compiled
from yong.kernel.cases.clocks.contracts import Limit
from yong.kernel.cases.clocks.many import Stops, many
from yong.kernel.cases.simulating.contracts import SimulatedBand
from yong.kernel.cases.simulating.engine import Clock, Run
from yong.kernel.cases.simulating.hours import DAY, NEVER, Floats, Hours, day_of
from yong.kernel.cases.simulating.learning import DeskKey, Past, PastCase

HOUR = 3600.0
LimitOf = Callable[[PastCase, str], Limit | None]


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """What lay at a desk: tasks a day, hours that those waited that were taken up, how many waited, day by day."""

    per_day: float
    wait_hours: float | None
    waited_hours: float  # of all of them together
    queue: float
    by_day: Floats
    worked: float  # seconds at which people were at it, in its hours


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """What happened in a period. `late` is a share of the cases that fell due in it (None: none did)."""

    cases: int
    ended_per_day: float
    through_hours: float | None
    late: float | None
    open_at_end: int
    stuck: Mapping[str, int]
    loads: Mapping[DeskKey, Load]


class Span(msgspec.Struct, frozen=True):
    """The period that is looked at, in seconds on the wall clock: whole days."""

    start: float
    end: float

    @property
    def days(self) -> int:
        return round((self.end - self.start) / DAY)


class Table:
    """Cases as columns: opened, closed, due (NEVER: not yet, not at all)."""

    def __init__(
        self, opened: Sequence[float], closed: Sequence[float], due: Sequence[float] | Floats
    ) -> None:
        self.opened, self.closed, self.due = (np.asarray(a, float) for a in (opened, closed, due))

    def told(self, span: Span) -> tuple[int, float, float | None, float | None, int]:
        """Cases that came, that ended a day, the median hours of those, the share late of what fell due, open at the end."""
        ended = (self.closed >= span.start) & (self.closed < span.end)
        through = (self.closed - self.opened)[ended] / HOUR
        fell = (self.due >= span.start) & (self.due < span.end)
        late = self.closed[fell] > self.due[fell]
        came = int(((self.opened >= span.start) & (self.opened < span.end)).sum())
        left = int(((self.opened < span.end) & (self.closed >= span.end)).sum())
        return (
            came, float(ended.sum()) / span.days, float(np.median(through)) if len(through) else None,
            float(late.mean()) if len(late) else None, left,
        )  # fmt: skip


def measured(run: Run, span: Span, calendar: Calendar, limit_of: LimitOf) -> Measured:
    """What a run came to in a period."""
    cases = [c for c in run.cases if c.opened < span.end]
    closed = [NEVER if c.closed is None else c.closed for c in cases]
    table = Table([c.opened for c in cases], closed, _dues(run, len(cases), calendar, limit_of))
    came, ended, through, late, left = table.told(span)
    by_desk: dict[DeskKey, list[tuple[float, float, float]]] = defaultdict(list)
    for task in run.tasks:
        if task.desk is not None:
            begun = NEVER if task.begun is None else task.begun
            by_desk[task.desk.key].append((task.arrived, begun, NEVER if task.ended is None else task.ended))
    stuck: dict[str, int] = defaultdict(int)
    for case in cases:
        if case.stuck is not None and case.opened >= span.start:
            stuck[case.stuck] += 1
    return Measured(
        cases=came, ended_per_day=ended, through_hours=through, late=late, open_at_end=left, stuck=stuck,
        loads={key: load(rows, span, run.world.desk(key).hours) for key, rows in by_desk.items()},
    )  # fmt: skip


def was(past: Past, span: Span) -> Measured:
    """What the past itself came to in a period."""
    table = Table(
        [c.opened for c in past.cases],
        [NEVER if c.closed is None else c.closed for c in past.cases],
        [NEVER if c.due is None else c.due for c in past.cases],
    )
    came, ended, through, late, left = table.told(span)
    by_desk: dict[DeskKey, list[tuple[float, float, float]]] = defaultdict(list)
    for task in past.tasks:
        if task.role is not None and not task.dropped:
            begun = NEVER if task.begun is None else task.begun
            by_desk[task.role, task.party].append(
                (task.opened, begun, NEVER if task.done is None else task.done)
            )
    return Measured(
        cases=came, ended_per_day=ended, through_hours=through, late=late, open_at_end=left, stuck={},
        loads={key: load(rows, span, None) for key, rows in by_desk.items()},
    )  # fmt: skip


def load(rows: Sequence[tuple[float, float, float]], span: Span, hours: Hours | None) -> Load:
    """What lay at a desk, from when each task arrived, was begun and ended."""
    arrived, begun, ended = np.array(rows).T
    gone = np.minimum(begun, ended)  # what is dropped while it waits waits no more
    taken = (arrived >= span.start) & (arrived < span.end) & (begun < span.end)
    waits = (begun - arrived)[taken] / HOUR
    edges = np.arange(span.start, span.end + 1, DAY)
    by_day = np.array([(_waiting(arrived, b) - _waiting(gone, b)) - (_waiting(arrived, a) - _waiting(gone, a))
                       for a, b in pairwise(edges)]) / DAY  # fmt: skip
    worked = 0.0
    if hours is not None:
        at = (begun < span.end) & (ended > span.start)
        ends = np.minimum(ended[at], span.end)
        starts = np.maximum(begun[at], span.start)
        worked = float((hours.passed_many(ends) - hours.passed_many(starts)).sum())
    came = int(((arrived >= span.start) & (arrived < span.end)).sum())
    return Load(
        per_day=came / span.days, wait_hours=float(waits.mean()) if len(waits) else None, waited_hours=float(waits.sum()),
        queue=float(by_day.mean()), by_day=by_day, worked=worked,
    )  # fmt: skip


def _waiting(since: Floats, until: float) -> float:
    """How long all together have been there by then."""
    return float(np.maximum(until - since[since < until], 0).sum())


def _dues(run: Run, cases: int, calendar: Calendar, limit_of: LimitOf) -> Floats:
    """When each case is due by its clocks' rules, the first of its clocks; NEVER where none runs or what it waits for is open."""
    due = np.full(cases, NEVER)
    of: list[int] = []
    clocks: list[Clock] = []
    terms: dict[Limit, int] = {}
    which: list[int] = []
    for case in run.cases[:cases]:
        for name, clock in case.clocks.items():
            limit = limit_of(run.world.kinds[case.kind], name)
            if limit is not None:
                of.append(case.number)
                clocks.append(clock)
                which.append(terms.setdefault(limit, len(terms)))
    if not of:
        return due
    place, since, until = [], [], []
    for n, clock in enumerate(clocks):
        for a, b in clock.stops:
            place.append(n)
            since.append(a)
            until.append(b)
    moment = _moments(calendar, min(c.started for c in clocks), run.world.end)
    stops = Stops(np.array(place, np.int64), moment(since), moment(until)) if place else None
    found = many(
        moment([c.started for c in clocks]), [(limit,) for limit in terms], np.array(which, np.int64), calendar, stops
    )  # fmt: skip
    known = ~np.isnat(found.due_at)
    back = compiled(calendar, *_years(min(c.started for c in clocks), run.world.end))
    local = back.local(found.due_at[known].view(np.int64)) / 1e6
    np.minimum.at(due, np.array(of)[known], local)
    return due


def _moments(
    calendar: Calendar, first: float, last: float
) -> Callable[[Sequence[float]], NDArray[np.datetime64]]:
    days = compiled(calendar, *_years(first, last))

    def moments(wall: Sequence[float]) -> NDArray[np.datetime64]:
        values = np.array(wall, float)
        open_ = np.isinf(values)
        found = days.moment(np.round(np.where(open_, last, values) * 1e6).astype(np.int64)).view("M8[us]")
        found[open_] = np.datetime64("NaT")
        return found

    return moments


def _years(first: float, last: float) -> tuple[int, int]:
    return day_of(first).year - 1, day_of(last).year + 12


def band(values: Sequence[float | None]) -> SimulatedBand:
    """What runs came to: the mean, and between what 90 % lie; zeros where none came to anything."""
    known = [v for v in values if v is not None]
    if not known:
        return SimulatedBand(0.0, 0.0, 0.0)
    low, high = np.percentile(known, [5, 95])
    return SimulatedBand(round(float(low), 4), round(float(np.mean(known)), 4), round(float(high), 4))
