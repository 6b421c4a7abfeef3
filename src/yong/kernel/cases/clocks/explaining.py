"""Why a clock is due when it is: the chain of facts, in the reader's language."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from yong.kernel.base.calendars import Because, Calendar, Day, Unannounced
from yong.kernel.base.text import Language, Text
from yong.kernel.cases.clocks.contracts import Clock, Ends, Explanation, Times, Unit
from yong.kernel.cases.clocks.counting import times

NAMED = 10
"""Counted days are named one by one up to so many."""
MOST_DAYS_TOLD = 4_000
DAY = timedelta(days=1)


def explain(clock: Clock, calendar: Calendar, language: Language) -> Explanation:
    """Why a clock is due then, and not earlier or later: its start, limit and rule, what was added and stopped, the
    days counted, and those that were skipped or worked although the week says otherwise, by date and name."""
    told = times(clock, calendar)
    facts = [_start(clock, calendar), _filled(_LIMIT, limit=clock.limit.text)]
    if clock.choice:
        facts += [
            _filled(_RULE, rule=clock.choice.rule.id, why=clock.choice.why),
            _filled(_BASIS, basis=clock.choice.rule.basis),
        ]
    facts += [_filled(_EXTENDED, limit=extension.text) for extension in clock.extensions]
    facts += _stops(clock, calendar)
    facts += _counted(clock, calendar, told)
    if told.due_at:
        facts += _ends(clock, calendar, calendar.local(told.due_at))
        answer = _filled(_DUE, at=_at(calendar.local(told.due_at)))
    elif told.paused_since:
        answer = _filled(_PAUSED, at=_at(calendar.local(told.paused_since)))
    else:
        answer = _filled(_NO_DUE, why=told.unknown or "")
    return Explanation(answer.in_(language), tuple(fact.in_(language) for fact in facts))


def _start(clock: Clock, calendar: Calendar) -> Text:
    at = _at(calendar.local(clock.started_at))
    if clock.limit.unit in (Unit.WORK_HOURS, Unit.URGENT_HOURS) or clock.limit.ends is Ends.SAME_TIME:
        return _filled(_STARTED, at=at)
    return _filled(_STARTED_WHOLE, at=at)


def _stops(clock: Clock, calendar: Calendar) -> Iterator[Text]:
    for stop in clock.stops:
        since, until = _at(calendar.local(stop.since)), stop.until and _at(calendar.local(stop.until))
        if until:
            yield _filled(_STOPPED, since=since, until=until, reason=stop.reason)
        else:
            yield _filled(_STOPPED_OPEN, since=since, reason=stop.reason)


def _counted(clock: Clock, calendar: Calendar, told: Times) -> list[Text]:
    """The days up to the due day, or as far as the calendar knows them: counted, skipped, worked in exchange."""
    if clock.limit.unit is Unit.URGENT_HOURS:
        return [_ROUND_THE_CLOCK]
    first = calendar.local(clock.started_at).date()
    end = told.due_at or told.paused_since
    last = calendar.local(end).date() if end else first + MOST_DAYS_TOLD * DAY
    days: list[tuple[date, Day]] = []
    day = first
    while day <= last:
        try:
            days.append((day, calendar.day(day)))
        except Unannounced:
            break
        day += DAY
    if clock.limit.unit is not Unit.WORK_HOURS and clock.limit.ends is Ends.CLOSE:
        days = days[1:]  # the first does not count
    counted = [d for d, what in days if what.works]
    facts = []
    if clock.limit.unit in (Unit.WORK_DAYS, Unit.WORK_HOURS):
        facts += _worked(counted)
        facts += _skipped(days)
    elif told.due_at and (moved := _moved(days)):
        facts.append(moved)
    return facts


def _worked(counted: list[date]) -> list[Text]:
    if not counted:
        return []
    if len(counted) <= NAMED:
        names = [_date(d) for d in counted]
        return [_filled(_DAYS, n=len(counted), days=_joined(names))]
    return [_filled(_MANY_DAYS, n=len(counted), first=_date(counted[0]), last=_date(counted[-1]))]


def _skipped(days: list[tuple[date, Day]]) -> Iterator[Text]:
    """Holidays by name and date, weekends by number, and days worked although the week says otherwise."""
    ends = [d for d, what in days if not what.works and what.because is Because.WEEK]
    if ends:
        yield _filled(_WEEKENDS, n=len(ends))
    for because, works, phrase in (
        (Because.HOLIDAY, False, _HOLIDAY),
        (Because.DECLARED, False, _DECLARED_OFF),
        (Because.EXCHANGED, True, _EXCHANGED),
        (Because.DECLARED, True, _DECLARED_ON),
    ):
        for run in _runs([(d, w.name) for d, w in days if w.because is because and w.works is works]):
            yield _filled(phrase, days=_span(run[0][0], run[-1][0]), name=run[0][1] or "")


def _runs(days: list[tuple[date, Text | None]]) -> list[list[tuple[date, Text | None]]]:
    """Days that follow each other and have the same name, together."""
    runs: list[list[tuple[date, Text | None]]] = []
    for day, name in days:
        if runs and runs[-1][-1] == (day - DAY, name):
            runs[-1].append((day, name))
        else:
            runs.append([(day, name)])
    return runs


def _moved(days: list[tuple[date, Day]]) -> Text | None:
    """That the last day moved over days on which nobody works, if it did."""
    at = len(days) - 1
    while at > 0 and not days[at - 1][1].works:
        at -= 1
    if at == len(days) - 1:
        return None
    return _filled(_MOVED, days=_span(days[at][0], days[-2][0]), to=_date(days[-1][0]))


def _ends(clock: Clock, calendar: Calendar, due: datetime) -> list[Text]:
    if clock.limit.unit in (Unit.WORK_HOURS, Unit.URGENT_HOURS):
        return []
    return [_filled(_CLOSE if clock.limit.ends is Ends.CLOSE else _SAME_TIME, time=f"{due:%H:%M}")]


def _filled(template: Text, **facts: Text | str | int) -> Text:
    """A phrase with its places filled, in each language by what is said in it."""
    return Text(
        template.zh.format(**{k: v.zh if isinstance(v, Text) else v for k, v in facts.items()}),
        template.en.format(**{k: v.en if isinstance(v, Text) else v for k, v in facts.items()}),
    )


def _joined(parts: list[Text]) -> Text:
    return Text("、".join(p.zh for p in parts), ", ".join(p.en for p in parts))


def _at(local: datetime) -> Text:
    day = _date(local.date())
    return Text(f"{day.zh} {local:%H:%M}", f"{day.en} {local:%H:%M}")


def _date(day: date) -> Text:
    n = day.weekday()
    return Text(
        f"{day.year} 年 {day.month} 月 {day.day} 日（周{'一二三四五六日'[n]}）",
        f"{_WEEK[n]} {day.day} {_MONTH[day.month - 1]} {day.year}",
    )


def _span(first: date, last: date) -> Text:
    a, b = _date(first), _date(last)
    return a if first == last else Text(f"{a.zh}至{b.zh}", f"{a.en} to {b.en}")


_WEEK = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTH = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_DUE = Text("应于{at}前办结", "Due by {at}")
_PAUSED = Text("自{at}起中止，恢复后重新计算到期时间", "Stopped since {at}; due again once it is resumed")
_NO_DUE = Text("暂不能确定到期时间：{why}", "It cannot be told yet when it is due: {why}")
_STARTED = Text("{at}开始计时", "It began on {at}")
_STARTED_WHOLE = Text(
    "{at}开始，开始的当日不计入（民法典第二百零一条）",
    "It began on {at}; the day itself does not count (Civil Code Art. 201)",
)
_LIMIT = Text("时限 {limit}", "The limit is {limit}")
_RULE = Text("依据规则 {rule}（{why}）", "By the rule {rule} ({why})")
_BASIS = Text("规定出处：{basis}", "The rule stands on: {basis}")
_EXTENDED = Text("延长 {limit}", "It was extended by {limit}")
_STOPPED = Text(
    "{since}至{until}中止，不计入：{reason}",
    "It was stopped from {since} to {until}, which does not count: {reason}",
)
_STOPPED_OPEN = Text("{since}起中止，尚未恢复：{reason}", "It is stopped since {since}: {reason}")
_ROUND_THE_CLOCK = Text("昼夜连续计时，不分工作日", "It runs day and night, on every day")
_DAYS = Text("其间有 {n} 个工作日：{days}", "Working days on the way, {n}: {days}")
_MANY_DAYS = Text(
    "其间有 {n} 个工作日，自{first}至{last}", "Working days on the way, {n}: from {first} to {last}"
)
_WEEKENDS = Text("跳过 {n} 个周末日", "Days of weekends skipped: {n}")
_HOLIDAY = Text("跳过{days}：{name}放假", "Skipped {days}: {name}")
_EXCHANGED = Text("计入{days}：因{name}调休上班", "Counted {days}: worked in exchange for {name}")
_DECLARED_OFF = Text("跳过{days}：本市日历声明放假", "Skipped {days}: off by the city's calendar")
_DECLARED_ON = Text("计入{days}：本市日历声明上班", "Counted {days}: worked by the city's calendar")
_MOVED = Text(
    "{days}不上班，末日顺延至{to}（民法典第二百零三条）",
    "Nobody works {days}, so the last day is {to} (Civil Code Art. 203)",
)
_CLOSE = Text("末日以停止办公的 {time} 为截止时间", "The last day ends as the office closes, at {time}")
_SAME_TIME = Text("按开始的时刻（{time}）到期", "It ends at the time of day at which it began, {time}")
