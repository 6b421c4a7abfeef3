"""What a clock tells: when it is due, hints and warns, what has passed and what is left.

Each family of units has its own time, in which stops do not count: office time, the days of the wall clock, hours
by the clock. A limit in days ends with a day, also when stops moved it into one. `many` does the same for arrays
and must give the same answers.
"""

import calendar as months
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeVar

from yong.kernel.base.calendars import Calendar, Unannounced
from yong.kernel.base.errors import Invalid
from yong.kernel.base.text import Text
from yong.kernel.cases.clocks.contracts import Clock, Colour, Ends, Limit, Standing, Times, Unit

T = TypeVar("T")

MICRO = timedelta(microseconds=1)
NONE = timedelta(0)
DAY = timedelta(days=1)


class Unknowable(Exception):
    """The calendar does not know a day that the answer needs; `args[0]` says it in both languages."""


class Own:
    """A clock's own time: what `local` shows of a moment, and how much counts between two of those."""

    def __init__(self, clock: Clock, calendar: Calendar) -> None:
        limit, self.calendar = clock.limit, calendar
        self.family, self.unit, self.whole = (
            limit.unit.family,
            limit.unit,
            limit.unit not in (Unit.WORK_HOURS, Unit.URGENT_HOURS),
        )
        self.by_close = self.whole and limit.ends is Ends.CLOSE
        self.reopen = limit.unit is Unit.WORK_DAYS and limit.ends is Ends.SAME_TIME
        start = self.local(clock.started_at)
        self.since = _midnight(start.date() + DAY) if self.by_close else start
        self.length = _length(self, clock, start)
        edges = [(self.local(s.since), s.until and self.local(s.until)) for s in clock.stops]
        self.stops = [(max(a, self.since), b and max(b, self.since)) for a, b in edges]

    def local(self, moment: datetime) -> datetime:
        return (
            moment.astimezone(UTC).replace(tzinfo=None)
            if self.family == "clock"
            else self.calendar.local(moment)
        )

    def moment(self, local: datetime) -> datetime:
        return local.replace(tzinfo=UTC) if self.family == "clock" else self.calendar.moment(local)

    def add(self, local: datetime, length: timedelta, *, reopen: bool = False) -> datetime:
        if self.family != "work":
            return local + length
        return _known(lambda: self.calendar.add_office_time(local, length, reopen=reopen))

    def between(self, start: datetime, end: datetime) -> timedelta:
        if end <= start:
            return NONE
        if self.family != "work":
            return end - start
        return _known(lambda: self.calendar.office_time_between(start, end))

    def finish(self, local: datetime) -> datetime:
        """Where a limit ends that runs out at `local`: one in days as the office closes."""
        if not self.by_close:
            return local
        day = last = (local - MICRO).date()
        if self.family == "calendar":
            day = _known(lambda: self.calendar.add_workdays(last, 0))
        end = self.calendar.hours[-1].end
        return datetime.combine(day + DAY if end == time(0) else day, end)

    def reach(self, length: timedelta, *, due: bool) -> tuple[datetime | None, timedelta]:
        """Where so much own time has passed, and how much was stopped before. None: not while it is paused."""

        def reached(stopped: timedelta) -> datetime:
            x = self.add(self.since, length + stopped, reopen=due and self.reopen)
            return self.finish(x) if due else x

        stopped = NONE
        x = reached(stopped)
        for since, until in self.stops:
            if since >= x:
                break
            if until is None:
                return None, stopped
            stopped += self.between(since, until)
            x = reached(stopped)
        return x, stopped

    def passed(self, local: datetime) -> timedelta:
        """Own time from the start up to there."""
        return self.between(self.since, local) - sum(
            (self.between(a, min(b or local, local)) for a, b in self.stops if a < local), NONE
        )


def times(clock: Clock, calendar: Calendar) -> Times:
    """When a clock hints, warns and is due.

    `yellow_at`: nine tenths of the own time up to the due moment have passed. `hint_at`: at the due time of day
    on the working day before the due day. A due day of a year that nobody announced is not guessed: `due_at` is
    None and `unknown` says so; ask again when the calendar knows the year.
    """
    own = Own(clock, calendar)
    due, total, unknown = None, own.length, None
    try:
        due, stopped = own.reach(own.length, due=True)
        if due is not None:
            total = own.between(own.since, due) - stopped
    except Unknowable as error:
        unknown = error.args[0]
    yellow = _yellow(own, total)
    open_since = next((s.since for s in clock.stops if s.until is None), None)
    paused = open_since and open_since.astimezone(UTC) if due is None and unknown is None else None
    moment = due and own.moment(due)
    return Times(moment, _hint(own, clock, due), yellow and own.moment(yellow), moment, paused, unknown)


def standing(clock: Clock, calendar: Calendar, moment: datetime) -> Standing:
    """A clock at a moment: its colour, and what has passed and is left of it. After `stopped_at` as it was then.

    Red is what is past its due moment, also while a stop that came later is open.
    """
    if moment.tzinfo is None:
        raise Invalid(_NO_ZONE)
    moment = min(moment, clock.stopped_at or moment)
    own, told = Own(clock, calendar), times(clock, calendar)
    try:
        passed: timedelta | None = own.passed(own.local(moment))
    except Unknowable:
        passed = None
    left = None
    if passed is not None:
        due = own.local(told.due_at) if told.due_at else None
        try:
            total = own.passed(due) if due else own.length
        except Unknowable:
            total = own.length
        left = total - passed
    unit = Unit.CALENDAR_DAYS if clock.limit.unit is Unit.MONTHS else clock.limit.unit
    one = _one(unit, calendar)
    return Standing(
        _colour(clock, told, moment, passed),
        None if passed is None else passed / one,
        None if left is None else left / one,
        unit,
    )


def _colour(clock: Clock, told: Times, moment: datetime, passed: timedelta | None) -> Colour:
    if told.red_at and moment > told.red_at:
        return Colour.RED
    if any(s.since <= moment and (s.until is None or moment < s.until) for s in clock.stops):
        return Colour.PAUSED
    if told.unknown and passed is None:
        return Colour.UNKNOWN
    if told.yellow_at and moment >= told.yellow_at:
        return Colour.YELLOW
    if told.hint_at and moment >= told.hint_at:
        return Colour.HINT
    return Colour.GREEN


def _yellow(own: Own, total: timedelta) -> datetime | None:
    try:
        return own.reach(total // MICRO * 9 // 10 * MICRO, due=False)[0]
    except Unknowable:
        return None


def _hint(own: Own, clock: Clock, due: datetime | None) -> datetime | None:
    if due is None:
        return None
    local = own.calendar.local(own.moment(due))
    try:
        day = _known(lambda: own.calendar.previous_workday(local.date()))
    except Unknowable:
        return None
    hint = own.calendar.moment(datetime.combine(day, local.time()))
    return hint if hint > clock.started_at else None


def _length(own: Own, clock: Clock, start: datetime) -> timedelta:
    """A limit with its extensions in own time."""
    parts = (clock.limit, *clock.extensions)
    if own.family != "calendar":
        return sum((_parts(p, own.calendar) for p in parts), NONE)
    last = start
    for part in parts:
        n = int(part.amount)
        last = last + n * DAY if part.unit is Unit.CALENDAR_DAYS else months_after(last, n)
    return (_midnight(last.date() + DAY) if own.by_close else last) - own.since


def _parts(part: Limit, calendar: Calendar) -> timedelta:
    one = _one(part.unit, calendar)
    if part.unit is Unit.WORK_DAYS:
        return one * int(part.amount)
    return round(part.amount * (one / MICRO)) * MICRO


def _one(unit: Unit, calendar: Calendar) -> timedelta:
    """One of a unit in own time."""
    return {Unit.WORK_DAYS: calendar.day_length, Unit.CALENDAR_DAYS: DAY}.get(unit, timedelta(hours=1))


def months_after(local: datetime, n: int) -> datetime:
    """The day of the same number `n` months later, or the month's last (民法典 Art. 202)."""
    year, month = divmod(local.year * 12 + local.month - 1 + n, 12)
    return local.replace(
        year=year, month=month + 1, day=min(local.day, months.monthrange(year, month + 1)[1])
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(0))


def _known(ask: Callable[[], T]) -> T:
    """What the calendar answers; raises Unknowable where it has no answer."""
    try:
        return ask()
    except (Unannounced, Invalid) as error:  # Invalid: more than ten years are not counted
        raise Unknowable(error.detail) from None


_NO_ZONE = Text("时刻须带时区", "The moment needs a time zone")
