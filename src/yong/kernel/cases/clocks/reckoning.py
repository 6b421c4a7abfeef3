"""When a clock runs out: pure counting over a working calendar."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

from yong.kernel.base.calendars import Calendar, Unannounced
from yong.kernel.cases.clocks.contracts import Clock, Facts, Limit, Reckoned, Rule, Unit

_YELLOW = 9, 10  # nine tenths of the limit
_HOURS = (Unit.WORK_HOURS, Unit.URGENT_HOURS)


def best(rules: Sequence[Rule], facts: Facts) -> Rule | None:
    """The rule that holds: the most particular one by class, then area, grade, urgency, procedure; the newest of equals."""
    holding = [rule for rule in rules if _holds(rule, facts)]
    return max(holding, key=_particular, default=None)


def _holds(rule: Rule, facts: Facts) -> bool:
    return (
        rule.clock == facts.clock
        and rule.procedure in (None, facts.procedure)
        and facts.class_.startswith(rule.class_prefix or "")
        and facts.area.startswith(rule.area_prefix or "")
        and rule.grade in (None, facts.grade)
        and rule.urgent in (None, facts.urgent)
        and (rule.starts_on is None or rule.starts_on <= facts.on)
        and (rule.ends_on is None or facts.on < rule.ends_on)
    )


def _particular(rule: Rule) -> tuple[int, int, bool, bool, bool, date]:
    return (
        len(rule.class_prefix or ""),
        len(rule.area_prefix or ""),
        rule.grade is not None,
        rule.urgent is not None,
        rule.procedure is not None,
        rule.starts_on or date.min,
    )


def reckoned(clock: Clock, calendar: Calendar) -> Reckoned:
    """What a clock comes to. A year whose days are not announced makes it unknown, never late."""
    if clock.ended_at is None and not clock.running:
        return Reckoned()
    try:
        amount = clock.limit.amount + sum(clock.extensions)
        due = after(clock, amount, calendar)
        yellow = _share(clock, amount, calendar)
        hint = _day_before(due, calendar)
    except Unannounced as error:
        return Reckoned(unknown=error.detail)
    return Reckoned(due_at=due, yellow_at=yellow, hint_at=hint if clock.started_at < hint < due else None)


def limit_after(start: datetime, limit: Limit, calendar: Calendar) -> datetime:
    """The end of a limit that begins now and is never stopped."""
    return after(Clock(limit=limit, started_at=start), limit.amount, calendar)


def after(clock: Clock, amount: int, calendar: Calendar) -> datetime:
    """The moment (UTC) at which `amount` of the clock's unit is over. Raises Unannounced."""
    unit = clock.limit.unit
    if unit in _HOURS:
        return _hours_after(clock, timedelta(hours=amount), calendar)
    if unit is Unit.DAYS_AT_THE_HOUR:
        start = _in_office(clock.started_at, calendar)
        day = _nth(clock, amount, calendar, start.date())
        return datetime.combine(day, start.timetz()).astimezone(UTC)
    first = clock.started_at.astimezone(calendar.zone).date()
    return calendar.closes(_nth(clock, amount, calendar, first)).astimezone(UTC)


def _share(clock: Clock, amount: int, calendar: Calendar) -> datetime:
    """The moment at which nine tenths of the limit are over."""
    of, whole = _YELLOW
    if clock.limit.unit in _HOURS:
        return _hours_after(clock, timedelta(hours=amount) * of / whole, calendar)
    days, rest = divmod(amount * of, whole)
    first = (
        _in_office(clock.started_at, calendar).date()
        if clock.limit.unit is Unit.DAYS_AT_THE_HOUR
        else clock.started_at.astimezone(calendar.zone).date()
    )
    if not rest:
        return after(clock, days, calendar)
    day = _nth(clock, days + 1, calendar, first)
    if clock.limit.unit is Unit.DAYS_AT_THE_HOUR:
        end = after(clock, days + 1, calendar)
        begin = after(clock, days, calendar) if days else _in_office(clock.started_at, calendar)
        return (begin + (end - begin) * rest / whole).astimezone(UTC)
    begin, end = calendar.opens(day), calendar.closes(day)
    return (begin + (end - begin) * rest / whole).astimezone(UTC)


def _in_office(start: datetime, calendar: Calendar) -> datetime:
    """A moment, or when the office opens next, in the calendar's own time."""
    local = start.astimezone(calendar.zone)
    if calendar.is_workday(local.date()):
        if local < calendar.opens(local.date()):
            return calendar.opens(local.date())
        if local < calendar.closes(local.date()):
            return local
    return calendar.opens(calendar.next_workday(local.date()))


def _nth(clock: Clock, amount: int, calendar: Calendar, first: date) -> date:
    """The day on which so many days are over; a day counts when the clock runs as the office closes."""
    if not clock.stops and clock.limit.unit is not Unit.CALENDAR_DAYS:
        return calendar.add_workdays(first, amount) if amount else first
    day = first
    while amount:
        day += timedelta(days=1)
        if clock.limit.unit is Unit.CALENDAR_DAYS or calendar.is_workday(day):
            amount -= not _stopped(clock, calendar.closes(day))
    if clock.limit.unit is Unit.CALENDAR_DAYS:
        return calendar.add_workdays(day, 0)
    return day


def _stopped(clock: Clock, at: datetime) -> bool:
    return any(stop.since <= at and (stop.until is None or at < stop.until) for stop in clock.stops)


def _hours_after(clock: Clock, length: timedelta, calendar: Calendar) -> datetime:
    for begin, end in _running(clock):
        if end is None:
            return _moved(clock, begin, length, calendar)
        spent = calendar.work_time_between(begin, end) if clock.limit.unit is Unit.WORK_HOURS else end - begin
        if spent >= length:
            return _moved(clock, begin, length, calendar)
        length -= spent
    raise AssertionError("a clock that runs has a last stretch without an end")


def _moved(clock: Clock, begin: datetime, length: timedelta, calendar: Calendar) -> datetime:
    if clock.limit.unit is Unit.WORK_HOURS:
        return calendar.add_work_time(begin, length)
    return (begin + length).astimezone(UTC)


def _running(clock: Clock) -> Iterator[tuple[datetime, datetime | None]]:
    """The stretches during which the clock runs; the last one has no end."""
    begin = clock.started_at
    for stop in clock.stops:
        if stop.since > begin:
            yield begin, stop.since
        if stop.until is not None:
            begin = max(begin, stop.until)
    yield begin, None


def _day_before(due: datetime, calendar: Calendar) -> datetime:
    """One working day before a moment, at the same time of the day."""
    local = due.astimezone(calendar.zone)
    return datetime.combine(calendar.previous_workday(local.date()), local.timetz()).astimezone(UTC)
