"""The past cases that are most like another: what a suggestion is shown to rest on. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from yong.kernel.cases.suggesting.features import Family, Feature

LOOKED_AT = 20
"""How many of the most similar cases have a say in how much they agree."""
_TELLING = frozenset({Family.WORD, Family.NEAR, Family.AREA})
_CASES_A_FEATURE = 5_000  # the newest: a word that is everywhere tells nothing

Ints = NDArray[np.int64]


class Similar(NamedTuple):
    """A past case by its number among those learned from, and how much of what is known of the new one it shares."""

    number: int
    share: float


class Neighbours:
    """An index from features to the past cases that have them, the oldest case first."""

    def __init__(self, features: list[Feature], start: Ints, of: Ints, size: int) -> None:
        self.features, self.start, self.of, self.size = features, start, of, size
        self.number = {feature: n for n, feature in enumerate(features)}

    @classmethod
    def over(cls, cases: Sequence[Sequence[Feature]]) -> "Neighbours":
        """The index of cases, which come in the order of their opening."""
        found: dict[Feature, list[int]] = {}
        for n, case in enumerate(cases):
            for feature in case:
                if feature[0] in _TELLING:
                    found.setdefault(feature, []).append(n)
        features = list(found)
        start = np.cumsum([0, *(len(found[f]) for f in features)], dtype=np.int64)
        of = np.fromiter((n for f in features for n in found[f]), np.int64, int(start[-1]))
        return cls(features, start, of, len(cases))

    def nearest(self, case: Sequence[Feature], most: int) -> list[Similar]:
        """The most similar past cases, of those alike the newest first; none where nothing is shared.

        What is rare counts more: each shared feature by the square of its ln(all/that have it).
        """
        scores = np.zeros(self.size)
        whole = 0.0
        for feature in case:
            n = self.number.get(feature)
            if feature[0] not in _TELLING:
                continue
            span = self.of[int(self.start[n]) : int(self.start[n + 1])] if n is not None else self.of[:0]
            rarity = float(np.log((self.size + 1) / (len(span) + 1))) ** 2
            whole += rarity
            scores[span[-_CASES_A_FEATURE:]] += rarity
        if not whole:
            return []
        best = np.argpartition(scores, -most)[-most:] if len(scores) > most else np.arange(len(scores))
        best = best[np.lexsort((-best, -scores[best]))]
        return [Similar(int(n), float(scores[n] / whole)) for n in best if scores[n] > 0]
