"""The ends of many limits at once: the calendar laid out in arrays, each limit looked up in them."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from yong.kernel.base.calendars import Calendar, Unannounced
from yong.kernel.cases.clocks.contracts import Unit

Micros = NDArray[np.int64]
_HOUR = 3_600_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NEVER = np.iinfo(np.int64).min
"""The end of a limit that reaches beyond the days laid out."""


class Laid:
    """A calendar from one day up to and with another, as arrays. Days that nobody announced end it."""

    def __init__(self, calendar: Calendar, first: date, last: date) -> None:
        self.first = first
        works, opens, closes, begins, ends = [], [], [], [], []
        midnights = []
        for n in range((last - first).days + 1):
            day = first + timedelta(days=n)
            try:
                working = calendar.is_workday(day)
            except Unannounced:
                break
            works.append(working)
            opens.append(_micros(calendar.opens(day)))
            closes.append(_micros(calendar.closes(day)))
            midnights.append(_micros(datetime.combine(day, datetime.min.time(), calendar.zone)))
            if working:
                for span in calendar.hours:
                    begins.append(_micros(datetime.combine(day, span.begin, calendar.zone)))
                    until = day + timedelta(days=int(span.end == datetime.min.time()))
                    ends.append(_micros(datetime.combine(until, span.end, calendar.zone)))
        self.works = np.array(works, dtype=bool)
        self.opens, self.closes = np.array(opens, dtype=np.int64), np.array(closes, dtype=np.int64)
        self.midnights = np.array(midnights, dtype=np.int64)
        self.counted = np.cumsum(self.works)
        self.working_days = np.flatnonzero(self.works)
        self.begins, self.ends = np.array(begins, dtype=np.int64), np.array(ends, dtype=np.int64)
        self.before = np.concatenate(([0], np.cumsum(self.ends - self.begins)))

    def due(self, started: Micros, amount: NDArray[np.int64], unit: Unit) -> Micros:
        """The ends, in microseconds since 1970 (UTC), of limits of one unit; NEVER where the calendar does not reach.

        Equal to `reckoning.limit_after` for each.
        """
        if unit is Unit.URGENT_HOURS:
            return started + amount * _HOUR
        if unit is Unit.WORK_HOURS:
            return self._hours(started, amount * _HOUR)
        day = np.searchsorted(self.midnights, started, side="right") - 1
        if unit is Unit.CALENDAR_DAYS:
            return self._taken(self.closes, self._working(day + amount))
        if unit is Unit.WORK_DAYS:
            return self._taken(self.closes, self._nth(day, amount))
        inside = self.works[day] & (started < self.closes[day])
        start_day = np.where(inside, day, self._nth(day, np.ones_like(amount)))
        after_opening = inside & (started >= self.opens[day])
        end_day = np.where(amount > 0, self._nth(start_day, amount), start_day)
        of_day = np.where(after_opening, started - self.midnights[day], 0)
        at_opening = self._taken(self.opens, end_day)
        reached = at_opening != NEVER
        midnight = self._taken(self.midnights, end_day)
        return np.where(after_opening & reached, midnight + of_day, at_opening)

    def _nth(self, day: NDArray[np.int64], amount: NDArray[np.int64]) -> NDArray[np.int64]:
        """The index of the `amount`-th working day after a day; beyond the end where there is none."""
        known = np.minimum(day, len(self.works) - 1)
        place = self.counted[known] + amount - 1
        inside = (place < len(self.working_days)) & (day < len(self.works))
        found = self.working_days[np.minimum(place, len(self.working_days) - 1)]
        return np.where(inside, found, len(self.works))

    def _working(self, day: NDArray[np.int64]) -> NDArray[np.int64]:
        """The day itself if it is a working day, else the next."""
        place = np.searchsorted(self.working_days, day)
        inside = place < len(self.working_days)
        return np.where(
            inside, self.working_days[np.minimum(place, len(self.working_days) - 1)], len(self.works)
        )

    def _taken(self, values: Micros, day: NDArray[np.int64]) -> Micros:
        inside = day < len(self.works)
        return np.where(inside, values[np.minimum(day, len(self.works) - 1)], NEVER)

    def _hours(self, started: Micros, length: NDArray[np.int64]) -> Micros:
        span = np.searchsorted(self.ends, started, side="right")
        inside = span < len(self.ends)
        at = np.minimum(span, len(self.ends) - 1)
        target = self.before[at] + np.maximum(started - self.begins[at], 0) + length
        end = np.searchsorted(self.before[1:], target, side="left")
        reached = inside & (end < len(self.ends))
        end = np.minimum(end, len(self.ends) - 1)
        return np.where(reached, self.begins[end] + target - self.before[end], NEVER)


def _micros(moment: datetime) -> int:
    return int((moment - _EPOCH) / timedelta(microseconds=1))
