"""Periods, grades and what an expression comes to. Pure."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta

from yong.kernel.base.clock import CHINA
from yong.kernel.base.errors import Invalid, Problem
from yong.kernel.base.text import Text
from yong.kernel.indicators.contracts import Cycle, Direction, Grade, Indicator
from yong.kernel.indicators.formulas.model import (
    Aggregate,
    Formula,
    Kind,
    Number,
    Sum,
    Weighted,
    ratio,
)

_LABELS = (
    (Cycle.DAY, re.compile(r"(\d{4})-(\d{2})-(\d{2})")),
    (Cycle.WEEK, re.compile(r"(\d{4})-W(\d{2})")),
    (Cycle.QUARTER, re.compile(r"(\d{4})-Q([1-4])")),
    (Cycle.MONTH, re.compile(r"(\d{4})-(\d{2})")),
    (Cycle.YEAR, re.compile(r"(\d{4})")),
)
_NO_PERIOD = Text(
    "应为 2026、2026-Q1、2026-01、2026-W01 或 2026-01-31",
    "A period is 2026, 2026-Q1, 2026-01, 2026-W01 or 2026-01-31",
)
_YEARS = (1900, 2200)


class Span(tuple[date, date]):
    """A period: its first day, and the first day after it."""

    __slots__ = ()

    @property
    def moments(self) -> tuple[datetime, datetime]:
        """From and until (exclusive), as the city's clocks have it."""
        return _midnight(self[0]), _midnight(self[1])


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), CHINA).astimezone(UTC)


def today(now: datetime) -> date:
    """The day that it is in the city."""
    return now.astimezone(CHINA).date()


def span(period: Cycle, day: date) -> Span:
    """The period that a day lies in."""
    match period:
        case Cycle.DAY:
            return Span((day, day + timedelta(1)))
        case Cycle.WEEK:
            monday = day - timedelta(day.weekday())
            return Span((monday, monday + timedelta(7)))
        case Cycle.MONTH:
            first = day.replace(day=1)
            return Span((first, _months(first, 1)))
        case Cycle.QUARTER:
            first = date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
            return Span((first, _months(first, 3)))
    return Span((date(day.year, 1, 1), date(day.year + 1, 1, 1)))


def before(period: Cycle, within: Span) -> Span:
    """The period just before one."""
    return span(period, within[0] - timedelta(1))


def label(period: Cycle, within: Span) -> str:
    """What a period is called: 2026-11-27, 2026-W48, 2026-11, 2026-Q4, 2026."""
    first = within[0]
    match period:
        case Cycle.DAY:
            return first.isoformat()
        case Cycle.WEEK:
            year, week, _ = first.isocalendar()
            return f"{year:04}-W{week:02}"
        case Cycle.MONTH:
            return f"{first:%Y-%m}"
        case Cycle.QUARTER:
            return f"{first.year}-Q{(first.month + 2) // 3}"
    return str(first.year)


def labelled(text: str) -> tuple[Cycle, Span]:
    """The period of that name. Raises Invalid."""
    for period, pattern in _LABELS:
        found = pattern.fullmatch(text)
        if found is None:
            continue
        try:
            within = span(period, _first(period, [int(n) for n in found.groups()]))
        except ValueError:
            break
        if _YEARS[0] <= within[0].year <= _YEARS[1] and label(period, within) == text:
            return period, within
    raise Invalid(_NO_PERIOD, problems=(Problem("/period", _NO_PERIOD),))


def _first(period: Cycle, numbers: Sequence[int]) -> date:
    match period:
        case Cycle.DAY:
            return date(*numbers)
        case Cycle.WEEK:
            return date.fromisocalendar(numbers[0], numbers[1], 1)
        case Cycle.QUARTER:
            return date(numbers[0], numbers[1] * 3 - 2, 1)
    return date(numbers[0], numbers[1] if len(numbers) > 1 else 1, 1)


def _months(first: date, many: int) -> date:
    months = first.year * 12 + first.month - 1 + many
    return date(months // 12, months % 12 + 1, 1)


# ---------------------------------------------------------------- numbers

Counts = Mapping[Aggregate, float | None]


def value(formula: Formula, counts: Counts) -> float | None:
    """What an expression comes to; none where something is not known, or is to be divided by nothing."""
    match formula:
        case Number(value=said):
            return said
        case Aggregate():
            return counts.get(formula, 0.0 if formula.kind in EMPTY else None)
        case Sum(sign=sign, left=left, right=right):
            a, b = value(left, counts), value(right, counts)
            if a is None or b is None or (sign == "/" and b == 0):
                return None
            return {"+": a + b, "-": a - b, "*": a * b}[sign] if sign != "/" else a / b
    return None


EMPTY = frozenset({Kind.COUNT, Kind.DISTINCT, Kind.SUM})
"""What comes to 0 where there are no rows; all else comes to nothing."""


def parts(formula: Formula, counts: Counts) -> tuple[float | None, float | None]:
    """What stands above and below the line of a ratio; none of what is no ratio."""
    found = ratio(formula)
    return (value(found[0], counts), value(found[1], counts)) if found else (None, None)


def points(indicator: Indicator, said: float | None) -> float | None:
    """What a percentage counts in a score: itself, or what is missing to 100 where less is better; 0 to 100."""
    if said is None:
        return None
    return min(100.0, max(0.0, said if indicator.direction is Direction.MORE else 100.0 - said))


def weighted(said: Sequence[tuple[float, float | None]]) -> float | None:
    """The mean of points by their weights; a part of which nothing is known counts for nothing, nor does its weight."""
    known = [(weight, point) for weight, point in said if point is not None and weight > 0]
    whole = sum(weight for weight, _ in known)
    return sum(weight * point for weight, point in known) / whole if whole else None


def grade(indicator: Indicator, said: float | None) -> Grade | None:
    """The grade of a value: the first whose limit it keeps."""
    if said is None:
        return None
    for one in indicator.grades:
        if one.limit is None or _keeps(indicator, said, one.limit):
            return one
    return None


def _keeps(indicator: Indicator, said: float, limit: float) -> bool:
    match indicator.direction:
        case Direction.MORE:
            return said >= limit
        case Direction.LESS:
            return said <= limit
    return abs(said - (indicator.target or 0.0)) <= limit


def is_weighted(formula: Formula) -> bool:
    return isinstance(formula, Weighted)
