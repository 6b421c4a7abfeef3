"""Deadlines of many clocks at once: the same answers as `counting.times`, from arrays."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from yong.kernel.base.calendars import Calendar
from yong.kernel.base.clock import from_micros
from yong.kernel.base.errors import Invalid
from yong.kernel.base.text import Text
from yong.kernel.cases.clocks.compiled import DAY, NAT, Compiled, Flags, Micros, compiled
from yong.kernel.cases.clocks.contracts import YEARS, Ends, Limit, Unit, check

Moments = NDArray[np.datetime64]

HOUR = 3_600_000_000
_HORIZON = 12  # years: the longest limit, and days to roll


class Stops(NamedTuple):
    """Stops of many clocks, in any order: whose (an index), from and to (datetime64[us], UTC; NaT while open)."""

    of: NDArray[np.int64]
    since: Moments
    until: Moments


class Many(NamedTuple):
    """datetime64[us] in UTC. NaT of `due_at`: paused (so in `paused`), or a day that the calendar does not know."""

    due_at: Moments
    hint_at: Moments
    yellow_at: Moments
    paused: Flags


def many(
    started_at: Moments,
    terms: Sequence[tuple[Limit, ...]],
    which: NDArray[np.int64],
    calendar: Calendar,
    stops: Stops | None = None,
) -> Many:
    """When clocks are due, hint and warn.

    `started_at`: n moments (datetime64[us], UTC); `terms`: limits with their extensions behind them; `which`: n
    indices into `terms`. Stops of a clock must follow each other and not precede its start. Raises Invalid.
    """
    started = _micros(started_at)
    if len(started) != len(which) or (len(which) and not 0 <= which.min() <= which.max() < len(terms)):
        raise Invalid(_SHAPE)
    for limit, *extensions in terms:
        check(limit, tuple(extensions))
    given = _Stops(started, stops)
    due, hint, yellow = (np.full(len(started), NAT) for _ in range(3))
    paused = np.zeros(len(started), bool)
    if len(started):
        days = compiled(calendar, *_years(started, given))
        for n, term in enumerate(terms):
            mine = np.flatnonzero(which == n)
            if len(mine):
                everything = slice(None) if len(mine) == len(started) else mine
                group = _Group(days, term, started[everything], given.of(mine))
                due[everything], hint[everything], yellow[everything], paused[everything] = group.times()
    return Many(due.view("M8[us]"), hint.view("M8[us]"), yellow.view("M8[us]"), paused)


class _Stops:
    """Stops by clock and in order: `rounds` gives the first of each clock, then the second of each, …"""

    def __init__(self, started: Micros, stops: Stops | None) -> None:
        empty = np.zeros(0, np.int64)
        self.clock, self.since, self.until = empty, empty, empty
        if stops is None or not len(stops.of):
            return
        of, since, until = (
            np.asarray(stops.of, np.int64),
            _micros(stops.since),
            _micros(stops.until, open_=True),
        )
        if not len(of) == len(since) == len(until) or not 0 <= of.min() <= of.max() < len(started):
            raise Invalid(_SHAPE)
        order = np.lexsort((since, of))
        self.clock, self.since, self.until = of[order], since[order], until[order]
        same = self.clock[1:] == self.clock[:-1]
        closed = self.until != NAT
        late = np.where(closed, self.until, self.since) < self.since
        if late.any() or (self.since < started[self.clock]).any():
            raise Invalid(_STOPS)
        if (same & (~closed[:-1] | (self.since[1:] < self.until[:-1]))).any():
            raise Invalid(_STOPS)

    def of(self, clocks: Micros) -> list[tuple[Micros, Micros, Micros]]:
        """Rounds of (place in `clocks`, since, until)."""
        low, high = np.searchsorted(self.clock, clocks, "left"), np.searchsorted(self.clock, clocks, "right")
        rounds = []
        for n in range(int((high - low).max(initial=0))):
            place = np.flatnonzero(low + n < high)
            at = low[place] + n
            rounds.append((place, self.since[at], self.until[at]))
        return rounds


class _Group:
    """Clocks with the same limit and extensions."""

    def __init__(
        self,
        days: Compiled,
        term: tuple[Limit, ...],
        started: Micros,
        stops: list[tuple[Micros, Micros, Micros]],
    ) -> None:
        limit = term[0]
        self.days, self.started, self.family = days, started, limit.unit.family
        whole = limit.unit not in (Unit.WORK_HOURS, Unit.URGENT_HOURS)
        self.by_close = whole and limit.ends is Ends.CLOSE
        self.reopen = limit.unit is Unit.WORK_DAYS and limit.ends is Ends.SAME_TIME
        start = self.local(started)
        self.since = (start // DAY + 1) * DAY if self.by_close else start
        self.length = _length(self, term, start)
        self.stops = []
        for place, a, b in stops:
            begin = self.since[place]
            closed = b != NAT
            until = np.where(closed, np.maximum(self.local(np.where(closed, b, a)), begin), NAT)
            self.stops.append((place, np.maximum(self.local(a), begin), until))

    def times(self) -> tuple[Micros, Micros, Micros, Flags]:
        due, stopped, paused = self.reach(self.length, due=True)
        known = due != NAT
        total = self.length
        if self.stops or self.by_close:  # else it is the length
            total = np.where(
                known, self.between(self.since, np.where(known, due, self.since)) - stopped, total
            )
        yellow = self.reach(total * 9 // 10, due=False)[0]
        moment = self.moment(due)
        return moment, self.hint(due, moment), self.moment(yellow), paused

    def local(self, moment: Micros) -> Micros:
        return moment if self.family == "clock" else self.days.local(moment)

    def moment(self, local: Micros) -> Micros:
        return local if self.family == "clock" else self.days.moment(local)

    def between(self, start: Micros, end: Micros) -> Micros:
        if self.family != "work":
            passed: Micros = np.maximum(end - start, 0)
            return passed
        sure = self.days.certain(start // DAY, (end - 1) // DAY) | (end <= start)
        return np.where(sure, np.maximum(self.days.office(end) - self.days.office(start), 0), NAT)

    def reached(self, place: NDArray[np.int64] | slice, length: Micros, due: bool) -> Micros:
        since = self.since[place]
        if self.family != "work":
            x = since + length
        else:
            x = self.days.at_office(since, length, reopen=due and self.reopen)
        if not (due and self.by_close):
            return x
        day = (x - 1) // DAY
        if self.family == "calendar":
            day = self.days.workday(day)
            return np.where(day == NAT, NAT, np.where(day == NAT, 0, day) * DAY + self.days.close)
        return np.where(x == NAT, NAT, day * DAY + self.days.close)

    def reach(self, length: Micros, *, due: bool) -> tuple[Micros, Micros, Flags]:
        """Where so much own time has passed (NAT: paused or not known), what was stopped before, and who is paused."""
        x = self.reached(slice(None), length, due)
        stopped = np.zeros(len(x), np.int64)
        paused = np.zeros(len(x), bool)
        for place, since, until in self.stops:
            counts = (x[place] != NAT) & (since < x[place])
            ends = until != NAT
            waits = place[counts & ~ends]
            x[waits], paused[waits] = NAT, True
            which = counts & ends
            mine = place[which]
            passed = self.between(since[which], until[which])
            sure = passed != NAT
            x[mine[~sure]] = NAT
            mine = mine[sure]
            stopped[mine] += passed[sure]
            x[mine] = self.reached(mine, length[mine] + stopped[mine], due)
        return x, stopped, paused

    def hint(self, due: Micros, moment: Micros) -> Micros:
        known = due != NAT
        local = self.days.local(np.where(known, moment, self.started))
        day = local // DAY
        before = self.days.previous(day)
        known &= before != NAT
        hint = self.days.moment(np.where(known, local - (day - np.where(known, before, day)) * DAY, NAT))
        return np.where(known & (hint > self.started), hint, NAT)


def _length(group: _Group, term: tuple[Limit, ...], start: Micros) -> Micros:
    """A limit with its extensions in own time."""
    if group.family != "calendar":
        one = {Unit.WORK_DAYS: group.days.day_length}
        total = sum(round(part.amount * one.get(part.unit, HOUR)) for part in term)
        return np.full(len(start), total)
    day = start // DAY
    last = day
    for part in term:
        n = int(part.amount)
        last = last + n if part.unit is Unit.CALENDAR_DAYS else _months_after(last, n)
    return (last + 1) * DAY - group.since if group.by_close else (last - day) * DAY


def _months_after(day: Micros, n: int) -> Micros:
    """The day of the same number `n` months later, or the month's last."""
    dates = day.astype("M8[D]")
    month = dates.astype("M8[M]")
    number = (dates - month.astype("M8[D]")).astype(np.int64)
    later = (month + n).astype("M8[D]").astype(np.int64)
    length = (month + n + 1).astype("M8[D]").astype(np.int64) - later
    out: Micros = later + np.minimum(number, length - 1)
    return out


def _micros(moments: Moments, *, open_: bool = False) -> Micros:
    out = np.ascontiguousarray(moments, "M8[us]").view(np.int64)
    given = out[out != NAT] if open_ else out
    if len(given) and (given.min() < _LOW or given.max() >= _HIGH):
        raise Invalid(_YEARS, first=YEARS[0], last=YEARS[1])
    return out


def _years(started: Micros, stops: _Stops) -> tuple[int, int]:
    last = max(int(a.max(initial=NAT)) for a in (started, stops.since, stops.until))
    return from_micros(int(started.min())).year - 1, from_micros(last).year + _HORIZON


_LOW, _HIGH = (
    int(np.datetime64(f"{year}-01-01", "us").astype(np.int64)) for year in (YEARS[0], YEARS[1] + 1)
)
_SHAPE = Text("数组长度不一，或编号超出范围", "Arrays differ in length, or an index is out of range")
_STOPS = Text(
    "中止须在开始之后、依次不重叠，只有最后一次可以未恢复",
    "Stops follow the start and each other, and only the last of a clock may be open",
)
_YEARS = Text("时刻须在 {first} 年至 {last} 年之间", "Moments are between the years {first} and {last}")
