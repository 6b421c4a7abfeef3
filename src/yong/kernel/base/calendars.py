"""Working days and working hours (工作日, 工作时) of China, with the year's exchanged days (调休).

The State Council announces each year's holidays and working weekends late in the year before; the package
`chinesecalendar` carries them. A day of a year that is not announced has no answer: asking for it raises
`Unannounced`, because a deadline computed from guessed holidays is wrong in law. A city that knows better
declares the days itself; a city elsewhere says so (`announced=False`), with its zone, and declares its years.

Office time is what a clock on the wall of the zone shows: where summer time takes or repeats an hour, a
working day is as long as any other, and the repeated hour counts once.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import Enum
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

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
    """Office hours of a day, in the calendar's zone: from `begin` up to `end` of the same day; 00:00 ends it.

    `Span(time(0), time(0))` is the whole day, for what is due in hours of working days round the clock.
    """

    begin: time
    end: time


OFFICE_HOURS = (Span(time(8, 30), time(12)), Span(time(13, 30), time(17, 30)))


class Because(Enum):
    """Why a day is worked or not."""

    WEEK = "week"
    """It is a day of the working week, or of its end."""
    HOLIDAY = "holiday"
    """A holiday, announced, with the days that are moved to it."""
    EXCHANGED = "exchanged"
    """A day of the week's end that is worked in exchange (调休)."""
    DECLARED = "declared"
    """The calendar itself says so."""


class Day(msgspec.Struct, frozen=True):
    """What a day is: `name` is the holiday's, also of a day that is worked in exchange for it."""

    works: bool
    because: Because
    name: Text | None = None


class Calendar(msgspec.Struct, frozen=True, kw_only=True):
    """A working calendar. `working` and `off` overrule what is announced; in `declared` years they and the
    `week` (0 is Monday) are all there is, so that a city can go on before the package knows the year.

    `announced`: whether the days count that the State Council of China announces; without it only declared
    years are known. `zone`: an IANA name; office hours and days are those of its wall clock.

    Raises Invalid when a day is in both, hours are empty or overlap, or zone or week are none.
    """

    working: frozenset[date] = frozenset()
    off: frozenset[date] = frozenset()
    declared: frozenset[int] = frozenset()
    hours: tuple[Span, ...] = OFFICE_HOURS
    zone: str = "Asia/Shanghai"
    week: frozenset[int] = frozenset(range(5))
    announced: bool = True

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
        if not self.week or not self.week <= frozenset(range(7)):
            raise Invalid(_WEEK)
        zone_of(self.zone)

    @property
    def day_length(self) -> timedelta:
        """Office time of a working day."""
        return sum(
            (_at(date.min, s.end, last=True) - _at(date.min, s.begin) for s in self.hours), timedelta(0)
        )

    def local(self, moment: datetime) -> datetime:
        """What the wall clock of the zone shows at an aware moment, without a zone. Raises Invalid."""
        if moment.tzinfo is None:
            raise Invalid(_NO_ZONE)
        return moment.astimezone(zone_of(self.zone)).replace(tzinfo=None, fold=0)

    def moment(self, local: datetime) -> datetime:
        """The moment (UTC) at which the wall clock shows `local`: the first, when it shows it twice; what it
        skips is counted on from before."""
        return local.replace(tzinfo=zone_of(self.zone), fold=0).astimezone(UTC)

    def is_workday(self, day: date) -> bool:
        """Whether people work that day. Raises Unannounced."""
        if type(day) is not date:
            raise Invalid(_NO_DATE)
        if day in self.working:
            return True
        if day in self.off:
            return False
        if day.year in self.declared:
            return day.weekday() in self.week
        if not self.announced:
            raise Unannounced(_YEAR, year=day.year)
        try:
            return _announced(day)
        except NotImplementedError:
            raise Unannounced(_YEAR, year=day.year) from None

    def day(self, day: date) -> Day:
        """Whether people work that day, and why. Raises Unannounced."""
        works = self.is_workday(day)
        own = day in self.working or day in self.off
        if own or day.year in self.declared:
            return Day(works, Because.DECLARED if own else Because.WEEK)
        free, name = chinese_calendar.get_holiday_detail(day)
        if name is None:
            return Day(works, Because.WEEK)
        holiday = chinese_calendar.Holiday(name)
        return Day(
            works, Because.HOLIDAY if free else Because.EXCHANGED, Text(holiday.chinese, holiday.value)
        )

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
        return self.moment(self.add_office_time(self.local(start), length))

    def work_time_between(self, start: datetime, end: datetime) -> timedelta:
        """How much office time lies between two aware moments; negative the other way round.

        Asks for no day after `end`, so it answers up to the last announced one. Raises Unannounced, Invalid.
        """
        return self.office_time_between(self.local(start), self.local(end))

    def add_office_time(self, local: datetime, length: timedelta, *, reopen: bool = False) -> datetime:
        """As add_work_time, for what the wall clock shows (:meth:`local`). What ends as an office closes ends
        then; with `reopen` it ends as the office opens next. Raises Unannounced, Invalid.
        """
        if length < timedelta(0):
            raise Invalid(_BACKWARD)
        for begin, end in self._office_time(local):
            if length < end - begin or (length == end - begin and not reopen):
                return begin + length
            length -= end - begin
        raise Invalid(_FAR, most=MOST_DAYS)

    def office_time_between(self, start: datetime, end: datetime) -> timedelta:
        """As work_time_between, for what the wall clock shows (:meth:`local`). Raises Unannounced, Invalid."""
        if end < start:
            return -self.office_time_between(end, start)
        total = timedelta(0)
        if start == end:
            return total
        last = (end - timedelta(microseconds=1)).date()  # midnight belongs to the day before it
        if (last - start.date()).days >= MOST_DAYS:
            raise Invalid(_FAR, most=MOST_DAYS)
        for begin, close in self._office_time(start, last):
            if begin < end:
                total += min(close, end) - begin
        return total

    def _office_time(self, local: datetime, last: date = date.max) -> Iterator[tuple[datetime, datetime]]:
        """Spans of office time from `local` up to the day `last`, by the wall clock."""
        for n in range(MOST_DAYS):
            day = _moved(local.date(), timedelta(days=n))
            if day > last:
                return
            if self.is_workday(day):
                for span in self.hours:
                    begin = max(local, _at(day, span.begin))
                    end = _at(day, span.end, last=True)
                    if begin < end:
                        yield begin, end


@lru_cache(maxsize=20_000)
def _announced(day: date) -> bool:
    return bool(chinese_calendar.is_workday(day))  # which looks through all it knows, each time


@lru_cache(maxsize=256)
def zone_of(name: str) -> tzinfo:
    """The zone of an IANA name. Raises Invalid."""
    if name == "Asia/Shanghai":
        return CHINA  # what a Chinese city needs is there without a database of zones
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # a folder of the database is no zone either
        raise Invalid(_ZONE, name=name[:100]) from None


def _moved(day: date, step: timedelta) -> date:
    try:
        return day + step
    except OverflowError:  # the calendar of Python ends with the year 9999
        raise Invalid(_FAR, most=MOST_DAYS) from None


def _at(day: date, edge: time, *, last: bool = False) -> datetime:
    """A time of a day; midnight as the `last` of the day is the next one's."""
    return datetime.combine(_moved(day, timedelta(days=int(last and edge == time(0)))), edge)


CHINESE = Calendar()

_YEAR = Text(
    "{year} 年的放假安排尚未公布或未收录；可在日历中声明该年",
    "The holidays of {year} are not announced or not known here; a calendar may declare that year",
)
_BOTH = Text("{day} 既声明为上班又声明为放假", "{day} is declared both working and off")
_HOURS = Text("办公时段须按先后排列且不重叠", "Office hours must follow each other and not overlap")
_ZONED = Text(
    "办公时段按日历的时区，自身不带时区",
    "Office hours are in the calendar's zone and carry none of their own",
)
_WEEK = Text(
    "工作日须为一周中的若干天，0 为星期一", "The working week must be some of the days 0 (Monday) to 6"
)
_ZONE = Text("未知时区 {name}", "Unknown time zone {name}")
_WHOLE = Text("天数须为整数", "The number of days must be an integer")
_NO_DATE = Text("须为日期", "A date is needed")
_NO_ZONE = Text("时刻须带时区", "The moment needs a time zone")
_FAR = Text("最多计算 {most} 天", "Counting ends after {most} days")
_BACKWARD = Text("时长不能为负", "The length must not be negative")
