"""Working hours of a desk, as numbers: seconds on the wall clock since 1970-01-01 of the calendar's zone."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from yong.kernel.base.calendars import Calendar

Floats = NDArray[np.float64]
DAY = 86_400.0
NEVER = float("inf")
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  the wall clock has no zone
Spans = tuple[tuple[float, float], ...]


def wall(calendar: Calendar, moment: datetime) -> float:
    return (calendar.local(moment) - _EPOCH).total_seconds()


def moment(calendar: Calendar, t: float) -> datetime:
    return calendar.moment(_EPOCH + timedelta(seconds=t))


def midnight(day: date) -> float:
    return (day - _EPOCH.date()).days * DAY


def day_of(t: float) -> date:
    return _EPOCH.date() + timedelta(days=int(t // DAY))


def office_spans(calendar: Calendar) -> Spans:
    """The office hours of a calendar, in seconds of the day."""
    return tuple(
        (span.begin.hour * 3600.0 + span.begin.minute * 60, (span.end.hour * 3600.0 + span.end.minute * 60) or DAY)
        for span in calendar.hours
    )  # fmt: skip


class Hours:
    """The times between two days at which a desk is open. Raises Unannounced for days whose year nobody has announced."""

    def __init__(
        self, calendar: Calendar, spans: Spans, first: date, last: date, *, every_day: bool = False
    ) -> None:
        opens: list[float] = []
        closes: list[float] = []
        day = first
        while day <= last:
            if every_day or calendar.is_workday(day):
                start = midnight(day)
                for begin, end in spans:
                    if closes and closes[-1] == start + begin:
                        closes[-1] = start + end
                    else:
                        opens.append(start + begin)
                        closes.append(start + end)
            day += timedelta(days=1)
        self.opens, self.closes = opens, closes
        lengths = np.array(closes) - np.array(opens)
        self.until: list[float] = np.cumsum(lengths).tolist()
        self.before: list[float] = [0.0, *self.until[:-1]] if opens else []
        self._edges = np.array([edge for pair in zip(opens, closes, strict=True) for edge in pair] or [0.0])
        self._passed = np.array(
            [edge for pair in zip(self.before, self.until, strict=True) for edge in pair] or [0.0]
        )

    def open_from(self, t: float) -> float:
        """The first moment from `t` on at which it is open; NEVER after the last day."""
        n = bisect_right(self.opens, t) - 1
        if n >= 0 and t < self.closes[n]:
            return t
        return self.opens[n + 1] if n + 1 < len(self.opens) else NEVER

    def passed(self, t: float) -> float:
        """How long it was open up to `t`."""
        n = bisect_right(self.opens, t) - 1
        return 0.0 if n < 0 else self.before[n] + min(t, self.closes[n]) - self.opens[n]

    def after(self, t: float, length: float) -> float:
        """When it was open for so long since `t`; NEVER after the last day."""
        target = self.passed(t) + length
        n = bisect_left(self.until, target - 1e-6)
        return self.opens[n] + target - self.before[n] if n < len(self.opens) else NEVER

    def passed_many(self, moments: Sequence[float] | Floats) -> Floats:
        found: Floats = np.interp(np.asarray(moments, float), self._edges, self._passed)
        return found
