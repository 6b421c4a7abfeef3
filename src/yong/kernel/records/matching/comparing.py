"""Pairs compared: a level for every comparison, from the table of kinds."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from yong.kernel.records.matching.columns import Records, Texts
from yong.kernel.records.matching.contracts import MISSING, Comparison, Kind
from yong.kernel.records.matching.similarity import (
    Alphabet,
    Codes,
    Floats,
    dice,
    jaro_winkler,
    levenshtein,
)

Levels = NDArray[np.int8]
"""Shape (pairs, comparisons)."""


def compare(records: Records, comparisons: Sequence[Comparison], left: Codes, right: Codes) -> Levels:
    """The level of every comparison for every pair; MISSING where either side has no value."""
    out = np.empty((len(left), len(comparisons)), dtype=np.int8)
    for n, one in enumerate(comparisons):
        out[:, n] = _KINDS[one.kind](records, one, left, right)
    return out


_Compare = Callable[[Records, Comparison, Codes, Codes], Levels]


def _exact(records: Records, one: Comparison, left: Codes, right: Codes) -> Levels:
    codes = records.texts(one.column).codes
    a, b = codes[left], codes[right]
    return np.where((a < 0) | (b < 0), MISSING, np.where(a == b, 0, 1)).astype(np.int8)


def _jaro_winkler(records: Records, one: Comparison, left: Codes, right: Codes) -> Levels:
    bounds = np.array([-x for x in one.levels])
    return _similar(records.texts(one.column), left, right, lambda w, a, b: -jaro_winkler(w, a, b), bounds)


def _dice(records: Records, one: Comparison, left: Codes, right: Codes) -> Levels:
    bounds = np.array([-x for x in one.levels])
    return _similar(records.texts(one.column), left, right, lambda w, a, b: -dice(w, a, b), bounds)


def _levenshtein(records: Records, one: Comparison, left: Codes, right: Codes) -> Levels:
    return _similar(records.texts(one.column), left, right, levenshtein, np.array(one.levels))


def _similar(
    texts: Texts,
    left: Codes,
    right: Codes,
    measure: Callable[[Alphabet, Codes, Codes], Floats],
    bounds: Floats,
) -> Levels:
    """Each pair of different words is measured once, however many records have it."""
    a, b = texts.codes[left], texts.codes[right]
    levels = np.where((a < 0) | (b < 0), MISSING, 0).astype(np.int8)
    differ = np.flatnonzero((levels == 0) & (a != b))
    if len(differ):
        words = len(texts.words)
        low, high = np.minimum(a[differ], b[differ]), np.maximum(a[differ], b[differ])
        keys, back = np.unique(low * words + high, return_inverse=True)
        distance = measure(texts.alphabet, keys // words, keys % words)
        # The first bound that is not exceeded, counted after level 0, which is "equal".
        level = 1 + np.searchsorted(bounds, np.round(distance, 12), "left")
        levels[differ] = level[back.reshape(-1)]
    return levels


def _number(records: Records, one: Comparison, left: Codes, right: Codes) -> Levels:
    values = records.numbers(one.column).values
    return _stepped(np.abs(values[left] - values[right]), one.levels)


def _near(records: Records, one: Comparison, left: Codes, right: Codes) -> Levels:
    places = records.places(one.column)
    apart = np.hypot(*(places.xy[left] - places.xy[right]).T)
    return _stepped(apart / np.hypot(places.error_m[left], places.error_m[right]), one.levels)


def _stepped(distance: Floats, bounds: Sequence[float]) -> Levels:
    level = np.searchsorted(np.array(bounds), distance, "left")
    return np.where(np.isnan(distance), MISSING, level).astype(np.int8)


_KINDS: Mapping[Kind, _Compare] = {
    Kind.EXACT: _exact,
    Kind.JARO_WINKLER: _jaro_winkler,
    Kind.LEVENSHTEIN: _levenshtein,
    Kind.DICE: _dice,
    Kind.NUMBER: _number,
    Kind.NEAR: _near,
}
