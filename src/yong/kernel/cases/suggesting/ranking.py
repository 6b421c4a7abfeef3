"""Labels ranked by what is known of a case: naive Bayes whose every part can be told. Pure.

For each label a feature counts by its lift, ln P(f|l)/P(f), with P(f|l) = (c + a P(f)) / (n + a): c of the label's n cases
that say something of the family have the feature, and `a` cases are thought to be like all (the m-estimate, Cestnik
1990, "Estimating probabilities"). What was never seen says nothing. Families repeat one another (near and area) and words hang
together, so each family's sum has a weight; the weights are those that make a later part of the past likeliest
(Lewis 1998, "Naive (Bayes) at forty", on the independence that is not there).
"""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from yong.kernel.cases.suggesting.features import Family, Feature

LIKE_ALL = 3.0
RARE = 3
"""How many cases a feature or a label has at least, to count."""
MOST_LABELS, MOST_FEATURES = 2_000, 100_000
_GRID = (0.0, 0.1, 0.2, 0.35, 0.5, 0.7, 0.85, 1.0, 1.2)
_TUNED_ON = 2_500

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Case = Sequence[Feature]


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """How well labels were told of cases that were not learned from: shares of `cases`.

    `usual` is the share of the label that was most frequent before, `usual_3` that of the three most frequent.
    """

    cases: int
    top: float
    top_3: float
    usual: float
    usual_3: float


class Part(NamedTuple):
    """What one feature says of a label: how many times as often it is met there as anywhere, and its weighted bits."""

    feature: Feature
    times: float
    bits: float


class Ranked(NamedTuple):
    label: str
    share: float  # of the belief, between 0 and 1
    parts: list[Part]


class Ranker:
    """What was counted of past cases. `of` holds the labels of each feature, `count` how often, between `start`s."""

    def __init__(
        self, labels: list[str], features: list[Feature], start: Ints, of: Ints, count: Ints, sizes: Ints,
        said: Ints, weights: Floats,
    ) -> None:  # fmt: skip
        self.labels, self.features = labels, features
        self.start, self.of, self.count, self.sizes, self.said, self.weights = (
            start, of, count, sizes, said, weights,
        )  # fmt: skip
        self.number = {feature: n for n, feature in enumerate(features)}
        totals = np.add.reduceat(np.append(count, 0), start[:-1]) if len(features) else np.zeros(0)
        known = np.maximum(said.sum(axis=1), 1)
        self.common: Floats = totals / known[[f for f, _ in features]] if features else np.zeros(0)
        self._none: Floats = np.log(LIKE_ALL / (said + LIKE_ALL))
        self._prior: Floats = np.log(sizes + 0.5) - np.log(sizes.sum() + 0.5 * max(1, len(sizes)))

    @classmethod
    def counted(cls, cases: Sequence[Case], labels: Sequence[str], weights: Floats | None = None) -> "Ranker":
        """Count cases with their labels."""
        met = Counter(labels)
        names = [name for name, n in met.most_common(MOST_LABELS) if n >= RARE]
        number = {name: n for n, name in enumerate(names)}
        kept = [(case, number[label]) for case, label in zip(cases, labels, strict=True) if label in number]
        seen = Counter(f for case, _ in kept for f in case)
        features = [f for f, n in seen.most_common(MOST_FEATURES) if n >= RARE]
        column = {f: n for n, f in enumerate(features)}
        said = np.zeros((len(Family), max(1, len(names))), np.int64)
        keys = []
        for case, label in kept:
            for family in {f for f, _ in case}:
                said[family, label] += 1
            keys += [column[f] * len(names) + label for f in case if f in column]
        unique, count = np.unique(np.array(keys, np.int64), return_counts=True)
        width = max(1, len(names))
        start = np.searchsorted(unique // width, np.arange(len(features) + 1))
        sizes = np.array([met[name] for name in names], np.int64)
        return cls(
            names, features, start.astype(np.int64), unique % width, count.astype(np.int64), sizes, said,
            np.ones(len(Family)) * 0.5 if weights is None else weights,
        )  # fmt: skip

    def by_family(self, case: Case) -> Floats:
        """The sums of lifts, shape (families, labels)."""
        out = np.zeros((len(Family), len(self.labels)))
        for feature in case:
            n = self.number.get(feature)
            if n is not None:
                out[feature[0]] += self._lift(n)
        return out

    def _lift(self, n: int) -> Floats:
        family = self.features[n][0]
        lift: Floats = self._none[family].copy()
        span = slice(int(self.start[n]), int(self.start[n + 1]))
        of = self.of[span]
        lift[of] = np.log((self.count[span] / self.common[n] + LIKE_ALL) / (self.said[family, of] + LIKE_ALL))
        return lift

    def rank(self, case: Case, most: int = 3) -> list[Ranked]:
        """The likeliest labels, the likeliest first, each with what spoke for it."""
        if not self.labels:
            return []
        shares = _softmax(self._prior + self.weights @ self.by_family(case))
        best = np.argsort(-shares, kind="stable")[:most]
        return [
            Ranked(self.labels[label], float(shares[label]), self._parts(case, int(label))) for label in best
        ]

    def _parts(self, case: Case, label: int) -> list[Part]:
        """What spoke for a label, the strongest first."""
        found = []
        for feature in case:
            n = self.number.get(feature)
            weight = float(self.weights[feature[0]])
            if n is not None and weight:
                lift = float(self._lift(n)[label])
                if lift > 0:
                    found.append(Part(feature, float(np.exp(lift)), weight * lift / float(np.log(2))))
        return sorted(found, key=lambda p: -p.bits)

    def measure(self, cases: Sequence[Case], labels: Sequence[str]) -> Measured:
        """How often the true label is the first, or among the first three, of cases that were not learned from."""
        number = {label: n for n, label in enumerate(self.labels)}
        usual = np.argsort(-self.sizes, kind="stable")[:3]
        hits = np.zeros(4)
        for case, label in zip(cases, labels, strict=True):
            true = number.get(label, -1)
            if not self.labels:
                continue
            best = np.argsort(-(self._prior + self.weights @ self.by_family(case)), kind="stable")[:3]
            hits += (best[0] == true, true in best, usual[0] == true, true in usual)
        top, top_3, first, firsts = (float(h) / max(1, len(cases)) for h in hits)
        return Measured(cases=len(cases), top=top, top_3=top_3, usual=first, usual_3=firsts)


def learn(cases: Sequence[Case], labels: Sequence[str]) -> tuple[Ranker, Measured]:
    """A ranker of all cases, which come in the order of their opening, and how well one of the earlier 85 % told the rest.

    The weights are found with what the first 70 % say of the next 15 %; the last 15 % are looked at once, to measure.
    """
    weights = _weights(*_parted(cases, labels, 0.0, 0.7, 0.85))
    early, known, late, true = _parted(cases, labels, 0.0, 0.85, 1.0)
    measured = Ranker.counted(early, known, weights).measure(late, true)
    return Ranker.counted(cases, labels, weights), measured


def _parted(
    cases: Sequence[Case], labels: Sequence[str], *at: float
) -> tuple[Sequence[Case], Sequence[str], Sequence[Case], Sequence[str]]:
    (a, b), (c, d) = ((int(x * len(cases)), int(y * len(cases))) for x, y in pairwise(at))
    return cases[a:b], labels[a:b], cases[c:d], labels[c:d]


def _weights(
    early: Sequence[Case], known: Sequence[str], late: Sequence[Case], true: Sequence[str]
) -> Floats:
    """The weights of the families that make what came later likeliest, one after the other until nothing moves."""
    ranker = Ranker.counted(early, known)
    number = {label: n for n, label in enumerate(ranker.labels)}
    chosen = [n for n, label in enumerate(true) if label in number]
    chosen = chosen[:: max(1, len(chosen) // _TUNED_ON)]
    if not chosen:
        return np.ones(len(Family)) * 0.5
    sums = np.stack([ranker.by_family(late[n]) for n in chosen]).astype(np.float32)
    at = np.arange(len(chosen)), np.array([number[true[n]] for n in chosen])
    weights = np.ones(len(Family)) * 0.5
    total = ranker._prior + np.einsum("f,nfl->nl", weights, sums)
    best = _loss(total, at)
    for _ in range(3):
        before = best
        for family in range(len(Family)):
            if not sums[:, family].any():
                continue
            rest = total - weights[family] * sums[:, family]
            losses = [_loss(rest + w * sums[:, family], at) for w in _GRID]
            found = int(np.argmin(losses))
            if losses[found] < best:
                best, weights[family] = losses[found], _GRID[found]
            total = rest + weights[family] * sums[:, family]
        if best >= before - 1e-4:
            break
    return weights


def _loss(total: Floats, at: tuple[Ints, Ints]) -> float:
    high = total.max(axis=1)
    return float((high + np.log(np.exp(total - high[:, None]).sum(axis=1)) - total[at]).mean())


def _softmax(total: Floats) -> Floats:
    odds = np.exp(total - total.max())
    shares: Floats = odds / odds.sum()
    return shares
