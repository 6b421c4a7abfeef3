"""Why a clock says what it says, in words: "why is this due on Friday?"."""

from datetime import date, datetime, timedelta

from yong.kernel.base.calendars import Calendar, Unannounced
from yong.kernel.base.text import Text
from yong.kernel.cases.clocks.contracts import Clock, Reckoned, Unit

_MOST_DAYS = 30
_WEEKDAYS = (
    Text("周一", "Monday"), Text("周二", "Tuesday"), Text("周三", "Wednesday"), Text("周四", "Thursday"),
    Text("周五", "Friday"), Text("周六", "Saturday"), Text("周日", "Sunday"),
)  # fmt: skip
_HOW = {
    Unit.WORK_HOURS: Text("只计上班时间", "only hours while the office is open count"),
    Unit.WORK_DAYS: Text(
        "当天不计，到最后一个工作日下班为止",
        "the day of the start does not count; it ends when the office closes on the last day",
    ),
    Unit.DAYS_AT_THE_HOUR: Text(
        "从上班时间起算，到最后一个工作日的同一时刻为止",
        "it begins while the office is open and ends at the same time of the last working day",
    ),
    Unit.CALENDAR_DAYS: Text(
        "当天不计，最后一天是休息日的顺延到下一个工作日",
        "the day of the start does not count; where the last day is off, it is the next working day",
    ),
    Unit.URGENT_HOURS: Text("昼夜连续计时", "hours run round the clock"),
}


def explain(clock: Clock, reckoned: Reckoned, calendar: Calendar) -> list[Text]:
    """The facts that make the end, in their order: start, limit and its basis, days that do not count, stops, the end."""
    limit, zone = clock.limit, calendar.zone
    lines = [
        Text("从 {at} 开始计时", "It started on {at}").filled(at=_moment(clock.started_at, calendar)),
        Text(
            f"时限 {limit.text().zh}：{_HOW[limit.unit].zh}",
            f"The limit is {limit.text().en}: {_HOW[limit.unit].en}",
        ),
    ]
    if clock.basis:
        lines.append(Text(f"依据：{clock.basis.zh}", f"By: {clock.basis.en}"))
    lines += [Text("批准延长 {n}", "{n} more were granted").filled(n=more) for more in clock.extensions]
    for stop in clock.stops:
        since = _moment(stop.since, calendar)
        until = _moment(stop.until, calendar) if stop.until else None
        why = f"（{stop.why}）" if stop.why else ""
        lines.append(
            Text(f"{since} 至 {until} 不计{why}", f"From {since} until {until} does not count{_en(stop.why)}")
            if until
            else Text(f"自 {since} 起暂停{why}", f"It stands still since {since}{_en(stop.why)}")
        )
    if reckoned.unknown:
        return [*lines, reckoned.unknown]
    if reckoned.due_at is None:
        return lines
    if limit.unit is not Unit.URGENT_HOURS:
        lines += _days(
            clock.started_at.astimezone(zone).date(), reckoned.due_at.astimezone(zone).date(), calendar
        )
    return [
        *lines,
        Text("所以 {at} 到期", "So it is due on {at}").filled(at=_moment(reckoned.due_at, calendar)),
    ]


def _days(first: date, last: date, calendar: Calendar) -> list[Text]:
    """Days between that are not what their weekday says."""
    lines: list[Text] = []
    weekend = 0
    for n in range((last - first).days + 1):
        day = first + timedelta(days=n)
        try:
            working = calendar.is_workday(day)
        except Unannounced:
            break
        named = calendar.why(day)
        if working == (day.weekday() < 5):
            weekend += not working
            continue
        zh, en = (named.zh, named.en) if named else ("节假日", "a holiday")
        when = f"{day:%Y-%m-%d}"
        lines.append(
            Text(
                f"{when} {_WEEKDAYS[day.weekday()].zh}上班（{zh}调休）",
                f"{when}, a {_WEEKDAYS[day.weekday()].en}, is worked ({en})",
            )
            if working
            else Text(
                f"{when} {_WEEKDAYS[day.weekday()].zh}休息（{zh}）",
                f"{when}, a {_WEEKDAYS[day.weekday()].en}, is off ({en})",
            )
        )
    shown = lines[:_MOST_DAYS]
    if len(lines) > _MOST_DAYS:
        shown.append(Text("另有 {n} 天", "and {n} more days").filled(n=len(lines) - _MOST_DAYS))
    if weekend:
        shown.append(Text("其间周末 {n} 天", "{n} days of weekends lie between").filled(n=weekend))
    return shown


def _en(why: str | None) -> str:
    return f" ({why})" if why else ""


def _moment(moment: datetime | None, calendar: Calendar) -> str:
    if moment is None:
        return ""
    local = moment.astimezone(calendar.zone)
    return f"{local:%Y-%m-%d %H:%M}"
