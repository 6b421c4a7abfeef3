"""How sure it is that a place is the one that an address means. Pure.

A confidence is a product: how alike the names are, whether the areas agree, whether the number was found, whether the
place still is. Every factor is 1 when it is all there and right.
"""

from collections.abc import Sequence
from itertools import pairwise

from yong.kernel.search.logic.terms import compact
from yong.kernel.search.logic.words import abbreviated, plain, read_as

EXACT, SPELLED, INITIALS, BEGINS, INSIDE = 1.0, 0.95, 0.8, 0.85, 0.7
NO_AREA, SHORT_AREA, OTHER_AREA = 0.97, 0.99, 0.4
NO_NUMBER, GONE = 0.8, 0.7
LEAST = 0.2


def alike(asked: str, names: Sequence[str]) -> float:
    """How alike what was asked is to the most alike of a place's names, 0 to 1."""
    return max(
        (_alike(compact(plain(asked).text), compact(plain(name).text)) for name in names if name), default=0.0
    )


def _alike(asked: str, name: str) -> float:
    if not asked or not name:
        return 0.0
    if asked == name:
        return EXACT
    if asked.isascii() and asked.isalpha() and not name.isascii():
        return _read(asked, name)
    whole, part = (name, asked) if len(name) >= len(asked) else (asked, name)
    share = len(part) / len(whole)
    if whole.startswith(part):
        return BEGINS + (EXACT - BEGINS) * share * 0.9
    if part in whole:
        return INSIDE + (BEGINS - INSIDE) * share
    return INSIDE * _dice(asked, name)


def _read(asked: str, name: str) -> float:
    """How well letters read as a Chinese name: in full, by initials, as its beginning or a part of it."""
    best = 0.0
    for start in range(len(name)):
        for how, end in ((SPELLED, read_as(name, start, asked)), (INITIALS, abbreviated(name, start, asked))):
            if end is not None:
                place = EXACT if (start, end) == (0, len(name)) else BEGINS if start == 0 else INSIDE
                best = max(best, how * place)
    return best


def _dice(a: str, b: str) -> float:
    """Dice's coefficient over pairs of characters."""
    first, second = {x + y for x, y in pairwise(a)}, {x + y for x, y in pairwise(b)}
    if not first or not second:
        return 0.0
    return 2 * len(first & second) / (len(first) + len(second))
