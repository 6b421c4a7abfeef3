"""A city's working calendar and its limits, learned from what it promised: cases with their opening and their target.

For a city that comes with years of cases and no table of its limits. Nothing but the cases is asked: which weekdays are
worked, which days were off, when the office opens and closes, and of each class what unit its limit counts and how many.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta, tzinfo
from statistics import median

import msgspec

from yong.kernel.base.calendars import Calendar, Span
from yong.kernel.cases.clocks.contracts import Limit, Unit
from yong.kernel.cases.clocks.reckoning import limit_after

SUPPORT = 15
"""How many cases of a class it takes to speak for themselves; of fewer, those of the class above speak."""
_HALF_LIFE_D = 30.0  # a case a month older counts half: limits change
_FEW = 0.3  # a day with fewer targets than this share of its neighbours' is one that nobody works
_MOST = 800
_QUARTER = 15


class Promise(msgspec.Struct, frozen=True):
    """A case as the city opened it: its classes from the finest to the widest, when it came, when it was to be done."""

    classes: tuple[str, ...]
    opened_at: datetime
    target_at: datetime


class Learned(msgspec.Struct, frozen=True):
    """A limit of a class, from how many cases, and how large a share of them it explains to the day."""

    limit: Limit
    support: int
    agreement: float


class Law(msgspec.Struct, frozen=True):
    """What was learned: the calendar, and limits by class, a level each from the finest to the widest."""

    calendar: Calendar
    limits: tuple[dict[str, Learned], ...]

    def limit(self, classes: Sequence[str]) -> Learned | None:
        """The limit of the finest class that speaks for itself."""
        for level, name in zip(self.limits, classes, strict=True):
            if (found := level.get(name)) is not None:
                return found
        return None

    def target(self, classes: Sequence[str], opened_at: datetime) -> datetime | None:
        """When a case is to be done; None where nothing is known of its classes."""
        known = self.limit(classes)
        return limit_after(opened_at, known.limit, self.calendar) if known else None


def learn(promises: Sequence[Promise], zone: tzinfo, *, off: Iterable[date] = ()) -> Law:
    """The calendar and the limits behind promises. `off` are days that are known to be off beside those found."""
    calendar = _calendar(promises, zone, frozenset(off))
    return Law(calendar, _limits(promises, calendar))


# ---------------------------------------------------------------- the calendar


def _calendar(promises: Sequence[Promise], zone: tzinfo, known: frozenset[date]) -> Calendar:
    pairs = [(p.opened_at.astimezone(zone), p.target_at.astimezone(zone)) for p in promises]
    opens, closes = _office(pairs)
    targets = Counter(target.date() for _, target in pairs)
    weekdays = Counter(target.weekday() for _, target in pairs)
    typical = median(weekdays[d] for d in range(7))
    resting = {d for d in range(7) if weekdays[d] < _FEW * typical}
    working = sorted(day for day in targets if day.weekday() not in resting)
    off = set(known)
    if working:
        for n in range((working[-1] - working[0]).days):
            day = working[0] + timedelta(days=n)
            if day.weekday() not in resting and targets[day] < _FEW * _around(targets, day, resting):
                off.add(day)
    weekend = {5, 6}
    worked = frozenset(
        day for day in _between(pairs) if day.weekday() in weekend - resting
    )  # a city that works on Saturdays
    off |= {day for day in _between(pairs) if day.weekday() in resting - weekend}
    return Calendar(
        national=False, zone=zone, hours=(Span(opens, closes),), off=frozenset(off) - worked, working=worked
    )


def _around(targets: Mapping[date, int], day: date, resting: set[int]) -> float:
    """How many targets lie on the ten working weekdays around a day, in the middle; none where there are few."""
    near = [day + timedelta(days=n) for n in range(-8, 9) if n]
    counts = [targets.get(d, 0) for d in near if d.weekday() not in resting]
    middle = median(counts)
    return middle if middle >= 20 else 0.0


def _between(pairs: Sequence[tuple[datetime, datetime]]) -> list[date]:
    first = min(opened.date() for opened, _ in pairs)
    last = max(target.date() for _, target in pairs)
    return [first + timedelta(days=n) for n in range(min((last - first).days, 3_660) + 1)]


def _office(pairs: Sequence[tuple[datetime, datetime]]) -> tuple[time, time]:
    """When the office opens: the time of day that targets have that do not keep that of their opening. When it closes:
    the end of the last quarter of an hour in which most cases keep theirs."""
    kept: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    moved: Counter[time] = Counter()
    for opened, target in pairs:
        same = (
            abs(
                (opened.hour - target.hour) * 3600
                + (opened.minute - target.minute) * 60
                + opened.second
                - target.second
            )
            < 60
        )
        quarter = kept[(opened.hour * 60 + opened.minute) // _QUARTER]
        quarter[0] += same
        quarter[1] += 1
        if not same:
            moved[target.time().replace(microsecond=0)] += 1
    opens = moved.most_common(1)[0][0] if moved else time(0)
    most = [quarter for quarter, (same, all_) in kept.items() if same * 2 > all_]
    minutes = (max(most) + 1) * _QUARTER if most else 24 * 60
    closes = time(0) if minutes >= 24 * 60 else time(*divmod(minutes, 60))
    return (opens, closes) if closes == time(0) or opens < closes else (time(0), time(0))


# ---------------------------------------------------------------- limits


def _limits(promises: Sequence[Promise], calendar: Calendar) -> tuple[dict[str, Learned], ...]:
    """Of each class the limit that explains most of its cases, the newer ones counting more."""
    last = max(p.opened_at for p in promises)
    counts = _WorkingDays(calendar)
    levels: list[dict[str, dict[Limit, list[float]]]] = [
        defaultdict(lambda: defaultdict(lambda: [0.0, 0.0])) for _ in promises[0].classes
    ]
    totals = [Counter[str]() for _ in levels]
    for promise in promises:
        weight = 0.5 ** ((last - promise.opened_at) / timedelta(days=_HALF_LIFE_D))
        fitting = list(counts.fitting(promise))
        for level, total, name in zip(levels, totals, promise.classes, strict=True):
            total[name] += 1
            for limit in fitting:
                found = level[name][limit]
                found[0] += weight
                found[1] += 1
    learned = []
    for level, total in zip(levels, totals, strict=True):
        known = {}
        for name, limits in level.items():
            limit, (_, cases) = max(
                limits.items(), key=lambda item: (item[1][0], item[0].unit is Unit.DAYS_AT_THE_HOUR)
            )
            if total[name] >= SUPPORT:
                known[name] = Learned(limit, total[name], cases / total[name])
        learned.append(known)
    return tuple(learned)


class _WorkingDays:
    """The number of each working day, to count between two at once."""

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar
        self._numbers: dict[date, int] = {}
        self._start: dict[datetime, date] = {}

    def number(self, day: date) -> int:
        """How many working days there are up to and with a day, from a day in the past on."""
        if day not in self._numbers:
            known = max(self._numbers, default=None)
            at = known if known is not None and known < day else date(day.year - 1, 1, 1)
            number = self._numbers.get(at, 0)
            while at < day:
                at += timedelta(days=1)
                number += self.calendar.is_workday(at)
                self._numbers[at] = number
        return self._numbers[day]

    def fitting(self, promise: Promise) -> Iterable[Limit]:
        """The limits that end on the day of the promise."""
        zone = self.calendar.zone
        opened, target = promise.opened_at.astimezone(zone), promise.target_at.astimezone(zone)
        begun = opened.date()
        if not self.calendar.is_workday(begun) or opened >= self.calendar.closes(begun):
            begun = self.calendar.next_workday(begun)
        if self.calendar.is_workday(target.date()) and target.date() >= begun:
            days = self.number(target.date()) - self.number(begun)
            if days <= _MOST:
                yield Limit(days, Unit.DAYS_AT_THE_HOUR)
        hours = round((target - opened) / timedelta(days=1)) * 24
        if 0 < hours <= _MOST * 24 and (opened + timedelta(hours=hours)).date() == target.date():
            yield Limit(hours, Unit.URGENT_HOURS)
