"""The working calendar that past targets show: zone, week, office hours, how a limit in days ends, days off.

Targets keep the time of day of what was opened in office time, or are all at the close of a day. What was opened
outside office time gets the next opening, so the times of day that many targets share are openings. A working day on which
nothing is due, or on which nothing that was opened at noon kept its time, is off.
"""

from collections.abc import Sequence
from datetime import date, time, timedelta
from itertools import pairwise

import msgspec
import numpy as np
from numpy.typing import NDArray

from yong.kernel.base.calendars import OFFICE_HOURS, Calendar, Span
from yong.kernel.base.errors import Invalid
from yong.kernel.base.text import Text
from yong.kernel.cases.clocks.compiled import DAY, Flags, Micros, compiled
from yong.kernel.cases.clocks.contracts import Ends

SECOND = 1_000_000
MINUTE = 60 * SECOND
NEAR = 2 * MINUTE
"""Targets this near to a time of day are at it: systems write them some seconds later."""
SHARED = 0.005
"""Share of all targets from which a time of day is an opening or a close."""
EXPECTED = 8.0
"""Targets a day should have had for its having none to mean something."""
_EPOCH = date(1970, 1, 1)


class DayOff(msgspec.Struct, frozen=True):
    """A day of the working week that is off. `expected`: targets that such a day has around it; `due`: those that it
    had; `opened`: cases opened in office time that day, of which `kept` kept their time of day."""

    day: date
    expected: float
    due: int
    opened: int
    kept: int
    declared: bool = False


class Practice(msgspec.Struct, frozen=True):
    """A learned calendar. `zones`: those of the given that fit as well, the first is taken. `refuted`: days that
    were declared off and were worked. `agreement`: share of `support` targets of working time that fall on a
    working day."""

    calendar: Calendar
    ends: Ends
    zones: tuple[str, ...]
    days_off: tuple[DayOff, ...]
    refuted: tuple[DayOff, ...]
    support: int
    agreement: float


def practice(
    opened: Micros, target: Micros, kinds: NDArray[np.int64], zones: Sequence[str], declared: frozenset[date]
) -> Practice:
    """What calendar stands behind these cases (moments in UTC, kinds by number). Raises Invalid without cases."""
    if not len(opened):
        raise Invalid(_NONE)
    zone, alike = _zone(opened, target, zones)
    days = compiled(Calendar(zone=zone, announced=False), *_years(opened, target))
    a, b = days.local(opened), days.local(target)
    shared = _shared(b % DAY)
    at_shared = np.isin(b % DAY // SECOND, shared)
    kept = _same_time(a, b)
    by_close = bool(len(shared)) and at_shared.mean() > 0.9
    ends = Ends.CLOSE if kept.mean() < 0.1 or by_close else Ends.SAME_TIME
    years = frozenset(range(_year(min(a.min(), b.min())) - 1, _year(max(a.max(), b.max())) + 13))
    working = np.flatnonzero(_mean(kinds, at_shared) >= 0.05)
    mine = np.isin(kinds, working) & (at_shared | kept)
    a, b, kept = a[mine], b[mine], kept[mine]
    week = _week(b)
    if not len(shared):
        hours: tuple[Span, ...] = OFFICE_HOURS  # nothing tells them
    elif ends is Ends.CLOSE:
        hours = _until(int(shared[-1]))
    else:
        hours = _hours(a, kept, shared, week)
    off, refuted = _days_off(a, b, kept, week, hours, declared)
    calendar = Calendar(
        zone=zone, announced=False, declared=years, week=week, hours=hours, off=frozenset(d.day for d in off)
    )
    on = ~np.isin(b // DAY, [_number(d.day) for d in off]) & np.isin(_weekday(b), list(week))
    return Practice(calendar, ends, alike, off, refuted, len(b), float(on.mean()) if len(b) else 0.0)


def _zone(opened: Micros, target: Micros, zones: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """The zone in which most targets share their times of day: another one tears them apart as summer time begins."""
    if not zones:
        raise Invalid(_ZONES)
    scores = {}
    for zone in dict.fromkeys(zones):
        days = compiled(Calendar(zone=zone, announced=False), *_years(opened, target))
        times = days.local(target) % DAY // SECOND
        kept = _same_time(days.local(opened), days.local(target))
        counts = np.unique(times[~kept], return_counts=True)[1]
        scores[zone] = kept.mean() + counts[counts >= SHARED * len(times)].sum() / len(times)
    most = max(scores.values())
    alike = tuple(zone for zone, score in scores.items() if score >= most - 0.001)
    return alike[0], alike


def _shared(tod: Micros) -> NDArray[np.int64]:
    """Seconds of the day that many targets share, in order."""
    values, counts = np.unique(tod // SECOND, return_counts=True)
    return values[counts >= max(SHARED * len(tod), 2)]


def _same_time(a: Micros, b: Micros) -> Flags:
    apart = np.abs(a % DAY - b % DAY)
    near: Flags = np.minimum(apart, DAY - apart) <= NEAR
    return near


def _mean(kinds: NDArray[np.int64], flags: Flags) -> NDArray[np.float64]:
    n = np.bincount(kinds)
    out: NDArray[np.float64] = np.bincount(kinds, weights=flags) / np.maximum(n, 1)
    return out


def _week(b: Micros) -> frozenset[int]:
    counts = np.bincount(_weekday(b), minlength=7)
    week = frozenset(int(d) for d in np.flatnonzero(counts >= 0.25 * counts.sum() / 7) if counts[d])
    return week or frozenset(range(5))


def _hours(a: Micros, kept: Flags, shared: NDArray[np.int64], week: frozenset[int]) -> tuple[Span, ...]:
    """Each opening with the close that best parts what kept its time of day from what did not; of those that do
    alike, the roundest."""
    usual = np.isin(_weekday(a), list(week))
    tod = a[usual] % DAY // MINUTE
    keeps = np.bincount(tod[kept[usual]], minlength=1440)
    moves = np.bincount(tod[~kept[usual]], minlength=1440)
    spans = []
    edges = [int(s) // 60 for s in shared] + [1440]
    for begin, following in pairwise(edges):
        gain = np.cumsum(keeps[begin:following] - moves[begin:following])
        fit = begin + 1 + np.flatnonzero(gain == gain.max())
        end = int(max(fit, key=lambda minute: max(r for r in (1, 5, 15, 30, 60) if minute % r == 0)))
        spans.append(Span(_time(begin), _time(end % 1440)))
    return tuple(spans)


def _until(second: int) -> tuple[Span, ...]:
    """Office hours that close then; when they begin says no target."""
    end = _time(second // 60)
    return (Span(min(OFFICE_HOURS[0].begin, _time(max(second // 60 - 480, 0))), end),)


def _days_off(
    a: Micros,
    b: Micros,
    kept: Flags,
    week: frozenset[int],
    hours: tuple[Span, ...],
    declared: frozenset[date],
) -> tuple[tuple[DayOff, ...], tuple[DayOff, ...]]:
    """Days of the working week that are off, and those declared so that were worked."""
    if not len(a):
        days = sorted(d for d in declared if d.weekday() in week)
        return tuple(DayOff(d, 0.0, 0, 0, 0, True) for d in days), ()
    first, last = int(min(a.min(), b.min()) // DAY), int(max(a.max(), b.max()) // DAY)
    due = np.bincount(b // DAY - first, minlength=last - first + 1)
    tod = a % DAY
    office = np.zeros(len(a), bool)
    for span in hours:
        end = _micros(span.end) or DAY
        office |= (tod >= _micros(span.begin) + NEAR) & (tod < end - NEAR)
    opened = np.bincount(a[office] // DAY - first, minlength=len(due))
    keeping = np.bincount(a[office & kept] // DAY - first, minlength=len(due))
    workdays = np.array([n for n in range(len(due)) if (first + n + 3) % 7 in week])
    off: list[DayOff] = []
    refuted: list[DayOff] = []
    for at, n in enumerate(workdays):
        around = due[np.concatenate([workdays[max(at - 5, 0) : at], workdays[at + 1 : at + 6]])]
        expected = float(np.median(around)) if len(around) else 0.0
        day = _EPOCH + timedelta(days=int(first + n))
        said = day in declared
        told = DayOff(day, expected, int(due[n]), int(opened[n]), int(keeping[n]), said)
        seen = opened[n] >= 5 and kept.any()
        nothing_due = expected >= EXPECTED and due[n] <= 0.05 * expected
        worked = (seen and keeping[n] > 0.5 * opened[n]) or (due[n] >= EXPECTED and due[n] > 0.5 * expected)
        none_kept = seen and keeping[n] <= 0.1 * opened[n]
        if worked and said:
            refuted.append(told)
        elif not worked and (said or none_kept or nothing_due):
            off.append(told)
    told_of = {o.day for o in (*off, *refuted)}
    off += [DayOff(d, 0.0, 0, 0, 0, True) for d in declared - told_of if d.weekday() in week]
    return tuple(sorted(off, key=lambda o: o.day)), tuple(refuted)


def _weekday(local: Micros) -> NDArray[np.int64]:
    return (local // DAY + 3) % 7  # 1970-01-01 was a Thursday


def _number(day: date) -> int:
    return (day - _EPOCH).days


def _year(local: int) -> int:
    return (_EPOCH + timedelta(days=int(local // DAY))).year


def _years(opened: Micros, target: Micros) -> tuple[int, int]:
    return _year(min(opened.min(), target.min())) - 1, _year(max(opened.max(), target.max())) + 1


def _time(minute: int) -> time:
    return time(minute // 60, minute % 60)


def _micros(at: time) -> int:
    return (at.hour * 60 + at.minute) * MINUTE


_NONE = Text("没有可供学习的案件", "There are no cases to learn from")
_ZONES = Text("须给出候选时区", "Candidate zones are needed")
