"""A calendar as arrays: which days work, how many before each, the zone's changes. For many clocks at once.

Everything is in microseconds since 1970-01-01, of UTC or of the wall clock ("local"). NAT stands for what the calendar
does not know.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from yong.kernel.base.calendars import MOST_DAYS, Calendar, Unannounced, zone_of
from yong.kernel.base.clock import CHINA, from_micros, micros
from yong.kernel.base.errors import Invalid
from yong.kernel.base.text import Text

Micros = NDArray[np.int64]
Flags = NDArray[np.bool_]

NAT = np.iinfo(np.int64).min
DAY = 86_400_000_000
_EPOCH = date(1970, 1, 1)
MOST_YEARS = 400


class Compiled:
    """A calendar from the first day of one year to the last of another."""

    def __init__(self, calendar: Calendar, first: int, last: int) -> None:
        years = [_year(calendar, year) for year in range(first, last + 1)]
        works, known = (np.concatenate([y[n] for y in years]) for n in (0, 1))
        self.first = (date(first, 1, 1) - _EPOCH).days
        self.days = len(works)
        self._unknown = np.concatenate([[0], np.cumsum(~known)])
        self._worked = np.concatenate([[0], np.cumsum(works)])
        self._workdays = np.append(np.flatnonzero(works), self.days)  # one beyond, so that there is one
        self._next, self._previous = self._neighbours()
        edges = [(_tod(s.begin), _tod(s.end) or DAY) for s in calendar.hours]
        self._begins = np.array([a for a, _ in edges])
        lengths = np.array([b - a for a, b in edges])
        self._ends = np.cumsum(lengths)
        self._before = self._ends - lengths
        self.day_length = int(self._ends[-1])
        self.close = edges[-1][1]
        self._shifts, self._offsets, self._wall = _zone(calendar.zone, first, last)

    def local(self, moment: Micros) -> Micros:
        """What the wall clock shows."""
        return moment + self._offsets[np.searchsorted(self._shifts, moment, "right")]

    def moment(self, local: Micros) -> Micros:
        """When the wall clock shows it, first."""
        known = local != NAT
        out = local - self._offsets[np.searchsorted(self._wall, local, "right")]
        return np.where(known, out, NAT)

    def office(self, local: Micros) -> Micros:
        """Office time from the first day up to there."""
        day = local // DAY
        tod = local - day * DAY
        n = day - self.first
        part = np.zeros_like(tod)
        for begin, length in zip(self._begins, self._ends - self._before, strict=True):
            part += np.clip(tod - begin, 0, length)
        worked = self._worked[n]
        passed: Micros = worked * self.day_length + part * (self._worked[n + 1] - worked)
        return passed

    def at_office(self, since: Micros, length: Micros, *, reopen: bool = False) -> Micros:
        """Where so much office time has passed since `since`; NAT where an unknown day or ten years are between."""
        target = self.office(since) + length
        back = 0 if reopen else 1
        full = (target - back) // self.day_length
        rest = target - full * self.day_length
        inside = full < self._worked[-1]
        day = self._workdays[np.where(inside, full, 0)] + self.first
        part = np.searchsorted(self._ends, rest, "right" if reopen else "left")
        tod = rest + (self._begins - self._before)[part]
        begun = since // DAY
        sure = inside & self.certain(begun, np.where(inside, day, begun))
        return np.where(sure, day * DAY + tod, NAT)

    def certain(self, first: Micros, last: Micros) -> Flags:
        """Whether every day from `first` to `last` is known, and they are not ten years apart."""
        a, b = first - self.first, last - self.first
        inside = (b < self.days) & (b - a < MOST_DAYS)
        sure: Flags = inside & (
            self._unknown[np.where(inside, b + 1, 0)] == self._unknown[np.where(inside, a, 0)]
        )
        return sure

    def workday(self, day: Micros) -> Micros:
        """The day if people work on it, else the next on which they do; NAT where that is not known."""
        return self._day(self._next, day)

    def previous(self, day: Micros) -> Micros:
        """The last working day before; NAT where that is not known."""
        return self._day(self._previous, day)

    def _day(self, table: Micros, day: Micros) -> Micros:
        n = day - self.first
        inside = (n >= 0) & (n < self.days)
        found = table[np.where(inside, n, 0)]
        return np.where(inside & (found >= 0), found + self.first, NAT)

    def _neighbours(self) -> tuple[Micros, Micros]:
        n = np.arange(self.days)
        at = np.searchsorted(self._workdays, n, "left")
        padded = np.concatenate([[-1], self._workdays[:-1], [-1]])
        after, before = padded[at + 1], padded[at]
        gap_after = self._unknown[np.maximum(after, 0)] != self._unknown[n]
        gap_before = self._unknown[n] != self._unknown[np.maximum(before, 0)]
        return np.where(gap_after, -1, after), np.where(gap_before, -1, before)


@lru_cache(maxsize=8)
def compiled(calendar: Calendar, first: int, last: int) -> Compiled:
    """The calendar from the year `first` to `last`. Raises Invalid for more than MOST_YEARS."""
    if last - first >= MOST_YEARS:
        raise Invalid(_LONG, most=MOST_YEARS)
    return Compiled(calendar, first, last)


@lru_cache(maxsize=1024)
def _year(calendar: Calendar, year: int) -> tuple[Flags, Flags]:
    """Which days of a year work, and which are known."""
    first = date(year, 1, 1)
    n = (date(year + 1, 1, 1) - first).days
    works, known = np.zeros(n, bool), np.zeros(n, bool)
    for k in range(n):
        try:
            works[k], known[k] = calendar.is_workday(first + timedelta(days=k)), True
        except Unannounced:
            continue
    return works, known


def _zone(name: str, first: int, last: int) -> tuple[Micros, Micros, Micros]:
    """When the offset changes (UTC), the offsets before and after each change, and the changes on the wall."""
    zone = zone_of(name)

    def offset(at: int) -> int:
        return round(
            (zone.utcoffset(from_micros(at).astimezone(zone)) or timedelta(0)) / timedelta(microseconds=1)
        )

    begin = micros(datetime(first, 1, 1, tzinfo=UTC))
    shifts: list[int] = []
    offsets = [offset(begin)]
    days = 0 if zone is CHINA else (date(last + 1, 1, 1) - date(first, 1, 1)).days
    for n in range(days):
        low, high = begin + n * DAY, begin + (n + 1) * DAY
        after = offset(high)
        if after == offsets[-1]:
            continue
        while high - low > 1_000_000:  # offsets change at whole seconds
            middle = (low + high) // 2_000_000 * 1_000_000
            low, high = (low, middle) if offset(middle) == after else (middle, high)
        shifts.append(high)
        offsets.append(after)
    wall = [at + max(a, b) for at, a, b in zip(shifts, offsets, offsets[1:], strict=False)]
    return np.array(shifts, np.int64), np.array(offsets, np.int64), np.array(wall, np.int64)


def _tod(edge: time) -> int:
    return (edge.hour * 3600 + edge.minute * 60 + edge.second) * 1_000_000 + edge.microsecond


_LONG = Text("一次最多计算 {most} 年", "At most {most} years are counted at once")
