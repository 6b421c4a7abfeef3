"""Which queries an index over values serves, and by which keys (`context.sought`).

The index leads to entities that may match; each of them is held against the whole query all the same. So a key may
lead too far, never past one that matches. Numbers are kept by ranges, each a quarter of a power of two wide, and
within a range by id: a page is full before a range is read to its end.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import pairwise

import msgspec

from yong.kernel.context.asking.q import MEMBERS, Kind, Operator, Span, Term, Value
from yong.kernel.context.asking.reading import All

_UP = [2.0**power * quarter / 4 for power in range(-8, 25) for quarter in (4, 5, 6, 7)]
BOUNDS = [*(-bound for bound in reversed(_UP)), *_UP]
"""Where the ranges of numbers begin. Stored keys follow from it: it never changes."""
FALSE, OTHER = 1000, 1002  # keys of what is no number; OTHER of what only a look decides
_TEXTS = "texts"  # in the counts of a slot: entities with a text
_WORDS = 20  # so many texts of one term are looked up, more are walked to

# Microseconds, as measured: an entity on the way by id, one that the index leads to, an entry that leads nowhere,
# and a key that is looked for.
_WALKED, _LED_TO, _PASSED, _LOOKED_FOR = 0.3, 3.0, 0.06, 5.0


class Slot(msgspec.Struct, frozen=True, kw_only=True):
    """An attribute of a type whose values are indexed.

    How many settled entities have each key, and between what their numbers lie, is as of some minutes ago.
    """

    number: int
    counts: Mapping[str, int] = {}
    least: float | None = None
    most: float | None = None


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """Where in the index what matches must lie: in ranges of numbers, by texts, by keys."""

    slot: int
    keys: tuple[int, ...]
    texts: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None
    cost_us: float = 0.0


def terms(tree: object) -> Iterator[Term]:
    """The terms of which each must hold and one is enough to find what may match."""
    match tree:
        case All(parts):
            for part in parts:
                yield from terms(part)
        case Term() if _served(tree):
            yield tree


def best(tree: object, slots: Mapping[str, Slot], reach: int) -> Found | None:
    """The best way to the first `reach` entities; None where one comes there sooner by walking."""
    ways = [
        way
        for term in terms(tree)
        if (slot := slots.get(term.path[0])) is not None and (way := _way(term, slot, reach)) is not None
    ]
    return min(ways, key=lambda way: way.cost_us, default=None)


def _served(term: Term) -> bool:
    if len(term.path) > 1 or term.inside or term.path[0] in MEMBERS:
        return False
    kinds = {v.least.kind if isinstance(v, Span) else v.kind for v in term.values}
    match term.operator:
        case Operator.EQUAL if len(term.values) == 1 and kinds == {Kind.NUMBER}:
            return True
        case Operator.EQUAL:
            fitting = kinds <= {Kind.STRING, Kind.WORD, Kind.BOOLEAN}
            return (
                fitting and len(term.values) <= _WORDS and not any(isinstance(v, Span) for v in term.values)
            )
        case Operator.GREATER | Operator.GREATER_EQUAL | Operator.LESS | Operator.LESS_EQUAL:
            return kinds == {Kind.NUMBER}
    return False


def _way(term: Term, slot: Slot, reach: int) -> Found | None:
    counts = slot.counts
    other = counts.get(str(OTHER), 0)
    everything = sum(counts.values())
    (first, *_) = term.values
    if isinstance(first, Value) and first.kind is not Kind.NUMBER:
        plain = [v for v in term.values if isinstance(v, Value)]
        texts = tuple(v.text for v in plain if v.kind is not Kind.BOOLEAN)
        keys = tuple(FALSE + (v.text == "true") for v in plain if v.kind is Kind.BOOLEAN)
        cost = (len(term.values) * reach + other) * _LED_TO
        return Found(slot=slot.number, keys=(*keys, OTHER), texts=texts, cost_us=cost)
    least, most = _bounds(term)
    low, high = bisect_right(BOUNDS, least), bisect_right(BOUNDS, most)
    cost, matching = other * _LED_TO, 0.0
    for key in range(low, high + 1):
        there = counts.get(str(key), 0)
        fitting = there * _share(key, least, most, slot)
        matching += fitting
        passed = min(there, reach * there / fitting) if fitting else there
        cost += _LOOKED_FOR + passed * _PASSED + min(fitting, reach) * _LED_TO
    walking = everything * min(1.0, reach / matching if matching else 1.0) * _WALKED
    if cost >= walking:
        return None
    keys = (*range(low, high + 1), OTHER)
    return Found(slot=slot.number, keys=keys, least=least, most=most, cost_us=cost)


def _bounds(term: Term) -> tuple[float, float]:
    """What a number lies between, as doubles: rounding keeps the order of numbers."""
    (value,) = term.values
    if isinstance(value, Span):
        return _double(value.least), _double(value.most)
    number = _double(value)
    match term.operator:
        case Operator.EQUAL:
            return number, number
        case Operator.GREATER | Operator.GREATER_EQUAL:
            return number, float("inf")
    return float("-inf"), number


def _double(value: Value) -> float:
    return float(Decimal(value.text))


def _share(key: int, least: float, most: float, slot: Slot) -> float:
    """How much of a range of numbers lies between two: as if they were spread evenly over what there is of it."""
    if slot.least is None or slot.most is None:
        return 0.0
    low = max(slot.least, BOUNDS[key - 1] if key else float("-inf"))
    high = min(slot.most, BOUNDS[key] if key < len(BOUNDS) else float("inf"))
    if high <= low:
        return 1.0 if least <= low <= most else 0.0
    return max(0.0, min(most, high) - max(least, low)) / (high - low)


assert all(low < high for low, high in pairwise(BOUNDS)), "ranges follow each other"
