"""From past cases: the working calendar and each class's limit, with support and agreement. Then each later case's target.

A class's limit is the one that reproduces most of its latest cases, found among working days and days of the
calendar, hours of either kind and months; where two fit alike, the way that most of the city's cases go decides. `since` is when it began to hold.
A class with too few cases takes its group's. Nothing of a later target is looked at; `compare` reads them only to judge.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from enum import Enum
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from yong.kernel.base.calendars import Calendar
from yong.kernel.base.clock import from_micros
from yong.kernel.base.errors import Invalid
from yong.kernel.base.text import Text
from yong.kernel.cases.clocks.compiled import DAY, NAT, Flags, Micros, compiled
from yong.kernel.cases.clocks.contracts import MOST, Ends, Limit, Unit
from yong.kernel.cases.clocks.many import HOUR, Moments, many
from yong.kernel.cases.clocks.practice import NEAR, Practice, practice

FEWEST = 5
"""Cases that a class needs for a limit of its own."""
LATEST = 30
"""Cases, the latest of a class, by which its present limit is chosen."""
CLOSE_CALL = 0.05
"""Agreements this near are alike, and the city's way decides."""
LEAST = 0.3
"""Agreement below which no limit is learned: these targets are given otherwise."""


class Past(NamedTuple):
    """Cases: when opened and what target was set (datetime64[us], UTC), of which class and group of classes."""

    opened_at: Moments
    target_at: Moments
    kind: Sequence[str]
    group: Sequence[str]


class KindLimit(msgspec.Struct, frozen=True):
    """A class's limit, or a group's. It holds since the day `since`; `agreement` of the `support` cases since then
    have exactly the target day that it gives."""

    limit: Limit
    since: date
    support: int
    agreement: float


class Learned(msgspec.Struct, frozen=True):
    """`seen`: all limits that a class had, also such as conditions decide between or that no longer hold."""

    practice: Practice
    kinds: dict[str, KindLimit]
    groups: dict[str, KindLimit]
    seen: dict[str, tuple[Limit, ...]]

    def limit_of(self, kind: str, group: str) -> KindLimit | None:
        return self.kinds.get(kind) or self.groups.get(group)


class Cause(Enum):
    """Why a derived target day differs from the one that was set."""

    UNSEEN = "unseen"
    """Neither class nor group had enough cases."""
    DAY_OFF = "day_off"
    """With the days that are off in truth it would have been right."""
    CHANGED = "changed"
    """The class got another limit, which most of its later cases have."""
    SEVERAL = "several"
    """The class has several limits, by conditions that are not told: the target is one of those also set before."""
    BY_HAND = "by_hand"
    """It fits no limit of its class."""


class Comparison(msgspec.Struct, frozen=True):
    """`day`: targets on the very day; `moment`: within two minutes; `causes`: what the others come from."""

    cases: int
    day: int
    moment: int
    causes: dict[Cause, int]

    @property
    def agreement(self) -> float:
        return self.day / self.cases if self.cases else 0.0


def learn(past: Past, zones: Sequence[str], declared: frozenset[date] = frozenset()) -> Learned:
    """What calendar and limits these cases were given targets by.

    `zones`: IANA names to choose from; of those that fit alike the first is taken. `declared`: days known to be off. Cases without a
    target are left out. Raises Invalid without cases.
    """
    _check(past)
    given = ~np.isnat(past.target_at)
    order = np.flatnonzero(given)[np.argsort(past.opened_at[given], kind="stable")]
    opened, target = (_plain(m[order]) for m in (past.opened_at, past.target_at))
    kinds, kind = np.unique(np.array(past.kind, object)[order].astype(str), return_inverse=True)
    groups, group = np.unique(np.array(past.group, object)[order].astype(str), return_inverse=True)
    found = practice(opened, target, kind, zones, declared)
    of_kinds = {str(name): _fits(found, opened[kind == n], target[kind == n]) for n, name in enumerate(kinds)}
    of_groups = {
        str(name): _fits(found, opened[group == n], target[group == n]) for n, name in enumerate(groups)
    }
    seen = {str(name): _seen(found, opened[kind == n], target[kind == n]) for n, name in enumerate(kinds)}
    way = _way(of_kinds)
    return Learned(found, _best(of_kinds, way), _best(of_groups, way), seen)


def derive(learned: Learned, opened_at: Moments, kind: Sequence[str], group: Sequence[str]) -> Moments:
    """The targets (UTC) of cases by what was learned; NaT for one without a limit."""
    found = [learned.limit_of(k, g) for k, g in zip(kind, group, strict=True)]
    terms = list(dict.fromkeys(f.limit for f in found if f))
    at = {limit: n for n, limit in enumerate(terms)}
    which = np.array([at[f.limit] if f else -1 for f in found], np.int64)
    has = which >= 0
    out = np.full(len(which), np.datetime64("NaT"), "M8[us]")
    if has.any():
        out[has] = many(
            opened_at[has], [(limit,) for limit in terms], which[has], learned.practice.calendar
        ).due_at
    return out


def compare(learned: Learned, later: Past, off: frozenset[date] | None = None) -> Comparison:
    """How well later cases' targets are derived, and why the others are not. `off`: the days off in truth, if known."""
    _check(later)
    given = np.flatnonzero(~np.isnat(later.target_at))
    opened, target = _plain(later.opened_at[given]), _plain(later.target_at[given])
    kind, group = ([names[int(n)] for n in given] for names in (later.kind, later.group))
    calendar = learned.practice.calendar
    got = _plain(derive(learned, later.opened_at[given], kind, group))
    same = _same_day(calendar, got, target)
    near = same & (np.abs(got - target) <= NEAR)
    truth = calendar if off is None else msgspec.structs.replace(calendar, off=off)
    causes = dict.fromkeys(Cause, 0)
    names = np.array(kind, object)
    for name in dict.fromkeys(names[~same]):
        mine = np.flatnonzero(names == name)
        told = _causes(learned, truth, name, group[mine[0]], opened[mine], target[mine])
        for n in np.flatnonzero(~same[mine]):
            causes[told[n]] += 1
    return Comparison(len(given), int(same.sum()), int(near.sum()), causes)


def _causes(
    learned: Learned, truth: Calendar, name: str, group: str, opened: Micros, target: Micros
) -> list[Cause]:
    """Why each later case of a class differs, if it does. It looks at the later targets: to tell, never to learn."""
    mine = learned.limit_of(name, group)
    if mine is None:
        return [Cause.UNSEEN] * len(opened)
    told = [Cause.BY_HAND] * len(opened)
    found = msgspec.structs.replace(learned.practice, calendar=truth)
    later = max(
        (_hits(truth, limit, opened, target) for limit in _candidates(found, opened, target)),
        key=lambda hit: int(hit.sum()), default=np.zeros(len(opened), bool),
    )  # fmt: skip
    several = [_hits(truth, limit, opened, target) for limit in learned.seen.get(name, ())]
    for cause, hits in (
        (Cause.SEVERAL, several),
        (Cause.CHANGED, [later] if later.mean() >= 0.5 else []),
        (Cause.DAY_OFF, [_hits(truth, mine.limit, opened, target)]),
    ):
        for hit in hits:
            for n in np.flatnonzero(hit):
                told[n] = cause
    return told


class _Fit(NamedTuple):
    latest: float
    found: KindLimit


def _fits(found: Practice, opened: Micros, target: Micros) -> list[_Fit]:
    """Limits that may stand behind cases of a class in their order, that which fits the latest best first."""
    if len(opened) < FEWEST:
        return []
    days = compiled(found.calendar, *_span(opened, target))
    fits = []
    for limit in _candidates(found, opened[-LATEST:], target[-LATEST:]):
        hit = _hits(found.calendar, limit, opened, target)
        begin = _since(hit)
        day = int(days.local(opened[begin : begin + 1])[0]) // DAY
        told = KindLimit(limit, _EPOCH + timedelta(days=day), len(hit) - begin, float(hit[begin:].mean()))
        fits.append(_Fit(float(hit[-LATEST:].mean()), told))
    return sorted(fits, key=lambda f: -f.latest)


def _hits(calendar: Calendar, limit: Limit, opened: Micros, target: Micros) -> Flags:
    """Which targets a limit gives: those in days on the day, those in hours within two minutes."""
    got = many(opened.view("M8[us]"), [(limit,)], np.zeros(len(opened), np.int64), calendar)
    due = _plain(got.due_at)
    if limit.unit in _HOURS:
        near: Flags = (due != NAT) & (np.abs(due - target) <= NEAR)
        return near
    return _same_day(calendar, due, target)


def _candidates(found: Practice, opened: Micros, target: Micros) -> list[Limit]:
    """The amounts that these cases have most often, in every unit."""
    days = compiled(found.calendar, *_span(opened, target))
    x, y, one = days.local(opened), days.local(target), days.day_length
    if found.ends is Ends.SAME_TIME:
        worked = days.office(y) // one - days.office(x) // one
    else:
        worked = (days.office(y) - days.office((x // DAY + 1) * DAY) + one - 1) // one
    months = (y // DAY).astype("M8[D]").astype("M8[M]") - (x // DAY).astype("M8[D]").astype("M8[M]")
    seen: dict[Unit, NDArray[np.float64]] = {
        Unit.WORK_DAYS: worked.astype(np.float64),
        Unit.CALENDAR_DAYS: (y // DAY - x // DAY).astype(np.float64),
        Unit.MONTHS: months.astype(np.float64),
        Unit.WORK_HOURS: np.round((days.office(y) - days.office(x)) / HOUR * 4) / 4,
        Unit.URGENT_HOURS: np.round((target - opened) / HOUR * 4) / 4,
    }
    limits = []
    for unit, amounts in seen.items():
        most = 100 if unit is Unit.MONTHS else MOST["work"]
        values, counts = np.unique(amounts[(amounts > 0) & (amounts <= most)], return_counts=True)
        limits += [
            Limit(float(values[n]), unit, Ends.CLOSE if unit in _HOURS else found.ends)
            for n in np.argsort(-counts, kind="stable")[:4]
        ]
    return limits


def _seen(found: Practice, opened: Micros, target: Micros) -> tuple[Limit, ...]:
    """The limits that a class had: each gives at least a twentieth of its cases that those before it do not."""
    left = np.ones(len(opened), bool)
    limits: list[Limit] = []
    hits = {
        limit: _hits(found.calendar, limit, opened, target) for limit in _candidates(found, opened, target)
    }
    while hits:
        best = max(hits, key=lambda limit: int((hits[limit] & left).sum()))
        new = hits.pop(best) & left
        if new.sum() < max(3, 0.05 * len(opened)):
            break
        limits.append(best)
        left &= ~new
    return tuple(limits)


def _since(hit: Flags) -> int:
    """From where on a limit holds: where its hits up to the present outweigh the rest most."""
    tail = np.cumsum((hit - 0.5)[::-1])[::-1]
    return int(len(tail) - 1 - np.argmax(tail[::-1]))


def _way(fits: dict[str, list[_Fit]]) -> list[Unit]:
    """Units in the order in which the city uses them, by cases of classes that leave no doubt."""
    weight = dict.fromkeys(Unit, 0)
    for those in fits.values():
        if those and (len(those) == 1 or those[0].latest - those[1].latest > CLOSE_CALL):
            weight[those[0].found.limit.unit] += those[0].found.support
    return sorted(Unit, key=lambda unit: -weight[unit])


def _best(fits: dict[str, list[_Fit]], way: list[Unit]) -> dict[str, KindLimit]:
    out = {}
    for name, those in fits.items():
        if those and those[0].latest >= LEAST:
            alike = [f.found for f in those if f.latest >= those[0].latest - CLOSE_CALL]
            most = max(k.support * (k.agreement - 0.5) for k in alike)  # as _since weighs it
            alike = [k for k in alike if k.support * (k.agreement - 0.5) >= most * (1 - CLOSE_CALL)]
            # min keeps the first of equals, the best fit; hours only where no days fit
            out[name] = min(alike, key=lambda k: (k.limit.unit in _HOURS, way.index(k.limit.unit)))
    return out


def _same_day(calendar: Calendar, got: Micros, target: Micros) -> Flags:
    if not len(got):
        return np.zeros(0, bool)
    sure = got != NAT
    got = np.where(sure, got, target)
    days = compiled(calendar, *_span(got, target))
    same: Flags = sure & (days.local(got) // DAY == days.local(target) // DAY)
    return same


def _span(a: Micros, b: Micros) -> tuple[int, int]:
    """Years that arrays of moments need of a calendar, with some around."""
    return from_micros(int(min(a.min(), b.min()))).year - 1, from_micros(int(max(a.max(), b.max()))).year + 1


def _plain(moments: Moments) -> Micros:
    return np.ascontiguousarray(moments, "M8[us]").view(np.int64)


def _check(past: Past) -> None:
    if not len(past.opened_at) == len(past.target_at) == len(past.kind) == len(past.group):
        raise Invalid(_SHAPE)
    if np.isnat(past.opened_at).any():
        raise Invalid(_OPENED)


_EPOCH = date(1970, 1, 1)
_HOURS = (Unit.WORK_HOURS, Unit.URGENT_HOURS)
_SHAPE = Text("各列长度须一致", "The columns must be equally long")
_OPENED = Text("每个案件都须有立案时间", "Every case needs the moment at which it was opened")
