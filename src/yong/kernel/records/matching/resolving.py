"""From weighted pairs to groups of records that are one thing.

Pairs are taken from the heaviest down; each joins two groups unless something speaks against it:

- a source that holds nothing twice would have two records in the group (between two such sources that is the greedy
  one-to-one assignment, which the evidence rarely contradicts: the heavier pair is the likelier one);
- a person has said that two of the records differ;
- the groups do not fit: the mean weight over all pairs across, those not looked at counted as `absent_bits`, is below
  what is doubtful. Without that guard a chain of doubtful neighbours makes one group of a whole street.

What a person said is the same is joined first.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from yong.kernel.records.matching.columns import Records
from yong.kernel.records.matching.contracts import Reason, Thresholds
from yong.kernel.records.matching.similarity import Codes, Floats
from yong.kernel.records.matching.weighing import bits_of, probability

ABSENT_BITS = -10.0  # the least that a pair across two groups counts


class Doubt(NamedTuple):
    """A pair for a person, by its number in the pairs given."""

    pair: int
    reason: Reason


class Resolution(NamedTuple):
    """`group` numbers each record's group from 0, in the order of their first records; `chance` is, for each group, the
    probability of its weakest link, lower where a doubtful pair speaks of more. `doubts` are by falling weight.
    """

    group: Codes
    chance: Floats
    doubts: list[Doubt]


def resolve(
    records: Records,
    left: Codes,
    right: Codes,
    bits: Floats,
    thresholds: Thresholds,
    *,
    same: Sequence[tuple[int, int]] = (),
    different: Sequence[tuple[int, int]] = (),
    kept: NDArray[np.bool_] | None = None,
    absent_bits: float = ABSENT_BITS,
) -> Resolution:
    """Groups of the records, from pairs and their log odds in bits.

    `same` and `different` are pairs that a person decided. `kept` marks pairs that stood together before: they hold
    until they are less than doubtful, so that a little more evidence here or there does not move what was settled.
    `absent_bits` is what a pair counts that no block named: much where it lies too far, little where no key agrees.
    """
    accept, doubtful = bits_of(thresholds.match), bits_of(thresholds.doubtful)
    work = _Groups(records, left, right, bits, doubtful, different, absent_bits)
    for a, b in same:
        work.join(a, b, np.inf)
    enough = bits >= accept
    if kept is not None:
        enough |= kept & (bits >= doubtful)
    rank = np.lexsort((right, left, -bits))
    doubts: list[Doubt] = []
    lost: list[tuple[int, str]] = []
    for pair in rank[enough[rank]].tolist():
        why = work.join(int(left[pair]), int(right[pair]), float(bits[pair]))
        if why:
            lost.append((pair, why))
    for pair, why in lost:
        a, b = int(left[pair]), int(right[pair])
        if why == "chain":
            doubts.append(Doubt(pair, Reason.CHAIN))
        elif why == "taken" and bits[pair] > work.best(a, b) - thresholds.margin_bits:
            doubts.append(Doubt(pair, Reason.RIVAL))
    unsure = rank[(~enough & (bits >= doubtful))[rank]]
    doubts += [
        Doubt(pair, Reason.UNSURE)
        for pair in unsure.tolist()
        if work.against(work.find(int(left[pair])), work.find(int(right[pair]))) is None
    ]
    return _told(records, work, left, right, bits, doubts)


def _told(
    records: Records, work: "_Groups", left: Codes, right: Codes, bits: Floats, doubts: list[Doubt]
) -> Resolution:
    roots = np.fromiter((work.find(n) for n in range(len(records))), np.intp, len(records))
    heads, first, back = np.unique(roots, return_index=True, return_inverse=True)
    rank = np.empty(len(heads), dtype=np.intp)
    rank[np.argsort(first, kind="stable")] = np.arange(len(heads))
    group = rank[back.reshape(-1)]
    weakest = np.full(len(heads), np.inf)
    for root, weight in work.weakest.items():
        weakest[group[root]] = weight
    chance = probability(weakest)
    for pair, _ in doubts:
        against = 1 - float(probability(float(bits[pair])))
        for record in (left[pair], right[pair]):
            chance[group[record]] = min(chance[group[record]], against)
    doubts.sort(key=lambda d: (-float(bits[d.pair]), d.pair))
    return Resolution(group, chance, doubts)


class _Groups:
    """Groups as they grow. Only groups of two and more have entries; a record alone stands for itself."""

    def __init__(
        self,
        records: Records,
        left: Codes,
        right: Codes,
        bits: Floats,
        doubtful: float,
        different: Sequence[tuple[int, int]],
        absent_bits: float,
    ) -> None:
        self.absent = absent_bits
        self.source = records.source.tolist()
        self.single = records.single
        self.doubtful = doubtful
        self.parent = list(range(len(records)))
        self.members: dict[int, list[int]] = {}
        self.weakest: dict[int, float] = {}
        self.links: dict[int, float] = {}  # the weight by which a record came into its group
        self.foes: dict[int, set[int]] = {}
        for a, b in different:
            self.foes.setdefault(a, set()).add(b)
            self.foes.setdefault(b, set()).add(a)
        self.n = len(records)
        keys = np.minimum(left, right) * self.n + np.maximum(left, right)
        order = np.argsort(keys)
        self.keys, self.weights = keys[order], np.maximum(bits, ABSENT_BITS)[order]

    def find(self, record: int) -> int:
        parent = self.parent
        while parent[record] != record:
            parent[record] = parent[parent[record]]
            record = parent[record]
        return record

    def of(self, root: int) -> list[int]:
        return self.members.get(root) or [root]

    def join(self, a: int, b: int, weight: float) -> str | None:
        """Join the groups of two records; what speaks against it, in a word."""
        left, right = self.find(a), self.find(b)
        if left == right:
            return None
        why = self.against(left, right)
        if why is None and weight < np.inf and not self.fit(left, right):
            why = "chain"
        if why and not (weight == np.inf and why == "taken"):
            return why
        if len(self.of(left)) < len(self.of(right)):
            left, right = right, left
        self.members[left] = self.of(left) + self.of(right)
        self.members.pop(right, None)
        self.parent[right] = left
        self.weakest[left] = min(weight, self.weakest.get(left, np.inf), self.weakest.pop(right, np.inf))
        for record in (a, b):
            self.links[record] = max(weight, self.links.get(record, -np.inf))
        return None

    def against(self, left: int, right: int) -> str | None:
        """What forbids that two groups are one: "same", "decided" or "taken"."""
        if left == right:
            return "same"
        ours, theirs = self.of(left), self.of(right)
        if self.foes:
            known = set(theirs)
            if any(not known.isdisjoint(self.foes[r]) for r in ours if r in self.foes):
                return "decided"
        if self.single:
            sources = {self.source[r] for r in ours if self.source[r] in self.single}
            if any(self.source[r] in sources for r in theirs):
                return "taken"
        return None

    def fit(self, left: int, right: int) -> bool:
        """Whether the mean weight across two groups is not below what is doubtful."""
        ours, theirs = self.of(left), self.of(right)
        if len(ours) == len(theirs) == 1:
            return True  # the pair itself was heavy enough
        a, b = np.repeat(ours, len(theirs)), np.tile(theirs, len(ours))
        keys = np.minimum(a, b) * self.n + np.maximum(a, b)
        place = np.searchsorted(self.keys, keys)
        place[place == len(self.keys)] = 0
        found = np.where(self.keys[place] == keys, self.weights[place], self.absent)
        return float(np.mean(np.minimum(found, 50.0))) >= self.doubtful

    def best(self, a: int, b: int) -> float:
        """The weight that a refused pair of records lost to: the lighter of the two ways they went."""
        return min(self.links.get(a, np.inf), self.links.get(b, np.inf))
