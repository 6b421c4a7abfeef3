"""Working days and working hours (工作日, 工作时) of China, with the year's exchanged days (调休).

The State Council announces each year's holidays and working weekends late in the year before; the package
`chinesecalendar` carries them. A day of a year that is not announced has no answer: asking for it raises
`Unannounced`, because a deadline computed from guessed holidays is wrong in law. A city that knows better
declares the days itself.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import pairwise

import chinese_calendar
import msgspec

from yong.kernel.base.clock import CHINA
from yong.kernel.base.errors import Invalid, YongError
from yong.kernel.base.text import Text

MOST_DAYS = 3_660
"""Limit of counting: ten years."""


class Unannounced(YongError):
    """Raised for a day whose year's holidays nobody has announced."""

    code, status = "unannounced", 422
    title = Text("该年度放假安排尚未公布", "The year's holidays are not announced")


class Span(msgspec.Struct, frozen=True):
    """Office hours of a day, in the calendar's own time: from `begin` up to `end` of the same day; 00:00 ends it.

    `Span(time(0), time(0))` is the whole day, for what is due in hours of working days round the clock.
    """

    begin: time
    end: time


OFFICE_HOURS = (Span(time(8, 30), time(12)), Span(time(13, 30), time(17, 30)))


class Calendar(msgspec.Struct, frozen=True, kw_only=True):
    """A working calendar. `working` and `off` overrule what is announced; in `declared` years they and the
    weekend are all there is, so that a city can go on before the package knows the year.

    Where `national` is false they are all there is in every year, as in a city outside China, whose days and hours
    are those of `zone`. Raises Invalid when a day is in both, or hours are empty or overlap.
    """

    working: frozenset[date] = frozenset()
    off: frozenset[date] = frozenset()
    declared: frozenset[int] = frozenset()
    hours: tuple[Span, ...] = OFFICE_HOURS
    zone: tzinfo = CHINA
    national: bool = True

    def __post_init__(self) -> None:
        if both := self.working & self.off:
            raise Invalid(_BOTH, day=min(both))
        if any(edge.tzinfo for span in self.hours for edge in (span.begin, span.end)):
            raise Invalid(_ZONED)
        edges = [
            _at(date.min, edge, last=n == 1) for s in self.hours for n, edge in enumerate((s.begin, s.end))
        ]
        if not edges or any(a >= b for a, b in pairwise(edges)):
            raise Invalid(_HOURS)

    def is_workday(self, day: date) -> bool:
        """Whether people work that day. Raises Unannounced."""
        if type(day) is not date:
            raise Invalid(_NO_DATE)
        if day in self.working:
            return True
        if day in self.off:
            return False
        if not self.national or day.year in self.declared:
            return day.weekday() < 5
        try:
            return bool(chinese_calendar.is_workday(day))
        except NotImplementedError:
            raise Unannounced(_YEAR, year=day.year) from None

    def add_workdays(self, day: date, days: int) -> date:
        """The `days`-th working day after `day` (before it, when negative); `day` itself does not count.

        So counts 民法典 Art. 201 and 行政许可法 Art. 82. Zero gives `day` if it is a working day, else the next.
        Raises Unannounced; Invalid beyond MOST_DAYS.
        """
        if type(days) is not int:
            raise Invalid(_WHOLE)
        if abs(days) > MOST_DAYS:
            raise Invalid(_FAR, most=MOST_DAYS)
        if not days:
            return day if self.is_workday(day) else self.add_workdays(day, 1)
        step = timedelta(days=1 if days > 0 else -1)
        left = abs(days)
        while left:
            day = _moved(day, step)
            left -= self.is_workday(day)
        return day

    def next_workday(self, day: date) -> date:
        """The first working day after `day`. Raises Unannounced."""
        return self.add_workdays(day, 1)

    def previous_workday(self, day: date) -> date:
        """The last working day before `day`. Raises Unannounced."""
        return self.add_workdays(day, -1)

    def workdays_between(self, first: date, last: date) -> int:
        """Working days after `first` up to and with `last`; negative the other way round. Raises as above."""
        if last < first:
            return -self.workdays_between(last, first)
        if (last - first).days > MOST_DAYS:
            raise Invalid(_FAR, most=MOST_DAYS)
        return sum(self.is_workday(first + timedelta(days=n + 1)) for n in range((last - first).days))

    def add_work_time(self, start: datetime, length: timedelta) -> datetime:
        """The moment (UTC) at which `length` of office time has passed since `start`, an aware moment.

        What starts outside office hours starts with the next. Raises Unannounced, Invalid.
        """
        if length < timedelta(0):
            raise Invalid(_BACKWARD)
        for begin, end in self._office_time(start):
            if length <= end - begin:
                return (begin + length).astimezone(UTC)
            length -= end - begin
        raise Invalid(_FAR, most=MOST_DAYS)

    def work_time_between(self, start: datetime, end: datetime) -> timedelta:
        """How much office time lies between two aware moments; negative the other way round.

        Asks for no day after `end`, so it answers up to the last announced one. Raises Unannounced, Invalid.
        """
        if start.tzinfo is None or end.tzinfo is None:
            raise Invalid(_NO_ZONE)
        if end < start:
            return -self.work_time_between(end, start)
        total = timedelta(0)
        last = end.astimezone(self.zone).date()
        if (last - start.astimezone(self.zone).date()).days >= MOST_DAYS:
            raise Invalid(_FAR, most=MOST_DAYS)
        for begin, close in self._office_time(start, last):
            if begin < end:
                total += min(close, end) - begin
        return total

    def why(self, day: date) -> Text | None:
        """What is special about a day: the holiday that it is off for or was exchanged for, or that the city said so."""
        if day in self.working or day in self.off:
            return _SAID_WORKING if day in self.working else _SAID_OFF
        if not self.national or day.year in self.declared:
            return None
        try:
            _, name = chinese_calendar.get_holiday_detail(day)
        except NotImplementedError:
            return None
        return _HOLIDAYS.get(name or "")

    def opens(self, day: date) -> datetime:
        """When the office opens on a day, in the calendar's own time."""
        return _at(day, self.hours[0].begin).replace(tzinfo=self.zone)

    def closes(self, day: date) -> datetime:
        """When the office closes on a day, in the calendar's own time."""
        return _at(day, self.hours[-1].end, last=True).replace(tzinfo=self.zone)

    def _office_time(self, start: datetime, last: date = date.max) -> Iterator[tuple[datetime, datetime]]:
        """Spans of office time from `start` up to the day `last`, in the calendar's own time."""
        if start.tzinfo is None:
            raise Invalid(_NO_ZONE)
        local = start.astimezone(self.zone)
        for n in range(MOST_DAYS):
            day = _moved(local.date(), timedelta(days=n))
            if day > last:
                return
            if self.is_workday(day):
                for span in self.hours:
                    begin = max(local, _at(day, span.begin).replace(tzinfo=self.zone))
                    end = _at(day, span.end, last=True).replace(tzinfo=self.zone)
                    if begin < end:
                        yield begin, end


def _moved(day: date, step: timedelta) -> date:
    try:
        return day + step
    except OverflowError:  # the calendar of Python ends with the year 9999
        raise Invalid(_FAR, most=MOST_DAYS) from None


def _at(day: date, edge: time, *, last: bool = False) -> datetime:
    """A time of a day; midnight as the `last` of the day is the next one's."""
    return datetime.combine(_moved(day, timedelta(days=int(last and edge == time(0)))), edge)


CHINESE = Calendar()

_HOLIDAYS = {
    "New Year's Day": Text("元旦", "New Year's Day"),
    "Spring Festival": Text("春节", "the Spring Festival"),
    "Tomb-sweeping Day": Text("清明节", "Tomb-sweeping Day"),
    "Labour Day": Text("劳动节", "Labour Day"),
    "Dragon Boat Festival": Text("端午节", "the Dragon Boat Festival"),
    "National Day": Text("国庆节", "National Day"),
    "Mid-autumn Festival": Text("中秋节", "the Mid-autumn Festival"),
}
_SAID_WORKING = Text("本市规定上班", "the city works")
_SAID_OFF = Text("本市规定放假", "the city is off")
_YEAR = Text(
    "{year} 年的放假安排尚未公布或未收录；可在日历中声明该年",
    "The holidays of {year} are not announced or not known here; a calendar may declare that year",
)
_BOTH = Text("{day} 既声明为上班又声明为放假", "{day} is declared both working and off")
_HOURS = Text("办公时段须按先后排列且不重叠", "Office hours must follow each other and not overlap")
_ZONED = Text("办公时段是北京时间，不带时区", "Office hours are in Beijing time and carry no time zone")
_WHOLE = Text("天数须为整数", "The number of days must be an integer")
_NO_DATE = Text("须为日期", "A date is needed")
_NO_ZONE = Text("时刻须带时区", "The moment needs a time zone")
_FAR = Text("最多计算 {most} 天", "Counting ends after {most} days")
_BACKWARD = Text("时长不能为负", "The length must not be negative")
