"""What it says of a pair that a thing is in a source once: matches by pair of sources, and rivals.

Fellegi and Sunter weigh each pair for itself. Where a source holds a thing once, a record that has a match in it has
one: rivals count against a pair, unless they are matched elsewhere themselves; and that a record has no match at all
counts for something where most have one. Let o be the odds of a pair for itself, Qₐ the share of one source's records
that have a match in the other, Q_b the other way. Then z = o / ((1 - Qₐ)(1 - Q_b)) is the odds of "one thing" against
"two things without a match" (Sutherland & Saunders 1992, "On the likelihood ratio for source identification", MNRAS 259,
413, for catalogues of telescopes), every set of pairs that is one to one weighs the product of its z, and the
probability of a pair is its share of them. Belief propagation finds that, exactly on a tree and closely on the sparse
graphs met here (Williams & Lau 2014, "Approximate evaluation of marginal association probabilities with belief
propagation", IEEE TAES 50(4)): record i tells a candidate j that it is free of others,

    h(i→j) = 1 / (1 + Σ z_ik h(k→i), k ≠ j),    odds(i, j) = z_ij h(i→j) h(j→i).

Copies of a record in its own source are no rivals of each other. Q is found by repetition.
"""

import numpy as np

from yong.kernel.records.matching.columns import Records
from yong.kernel.records.matching.similarity import Codes, Floats
from yong.kernel.records.matching.weighing import probability

_ROUNDS, _MESSAGES, _STILL = 30, 5, 1e-3
_MOST_SHARE = 0.98  # never so sure that a record has a match that its absence could not be believed
_MOST = 60.0  # bits


def settle(
    records: Records, left: Codes, right: Codes, evidence: Floats, *, among_candidates: bool, share: float
) -> Floats:
    """The log odds of every pair in bits, from its evidence alone (the sum of its comparisons' weights).

    Each pair of sources has a share of matches of its own: among its candidates, or among all pairs there could be,
    as the evidence was learned; `share` is where the search for it begins.
    """
    sources = int(records.source.max()) + 1 if len(records) else 1
    a, b = records.source[left], records.source[right]
    between = np.minimum(a, b) * sources + np.maximum(a, b)
    kinds = sources * sources
    size = np.bincount(records.source, minlength=sources).astype(np.float64)
    universe = np.bincount(between, minlength=kinds).astype(np.float64)
    if not among_candidates:
        universe = np.outer(size, size).ravel()
        universe[:: sources + 1] = size * (size - 1) / 2
    evidence = np.clip(evidence, -_MOST, _MOST)
    odds = evidence + _priors(between, universe, evidence, share)[between]
    return _exclusive(records, left, right, odds, between, size, sources)


def _priors(between: Codes, universe: Floats, evidence: Floats, share: float) -> Floats:
    """The log odds of a pair of each kind before anything is compared, by expectation maximisation."""
    shares = np.full(len(universe), share)
    for _ in range(100):
        sums = np.bincount(between, probability(evidence + _logit(shares)[between]), minlength=len(universe))
        after = np.clip(sums / np.maximum(universe, 1), 0.5 / np.maximum(universe, 1), 0.9)
        still = np.abs(after - shares) <= 1e-5 * shares
        shares = after
        if still.all():
            break
    return _logit(shares)


def _logit(shares: Floats) -> Floats:
    found: Floats = np.log2(shares / (1 - np.minimum(shares, 1 - 1e-9)))
    return found


def _copies(records: Records, left: Codes, right: Codes, odds: Floats) -> Codes:
    """Each record, or the first of its copies in its own source: those that are rather the same than not."""
    copy = np.arange(len(records))
    inside = (records.source[left] == records.source[right]) & (odds > 0)
    for a, b in sorted(zip(left[inside].tolist(), right[inside].tolist(), strict=True)):
        copy[b] = copy[a]
    return copy


def _exclusive(
    records: Records, left: Codes, right: Codes, odds: Floats, between: Codes, size: Floats, sources: int
) -> Floats:
    a, b = records.source[left], records.source[right]
    across = a != b
    # Rivals of the left record are those that the right one's source has, and so on; but not the copies of the other.
    copy = _copies(records, left, right, odds)
    n = len(left)
    rival = np.concatenate([left * sources + b, right * sources + a])
    same = np.concatenate([left * len(records) + copy[right], right * len(records) + copy[left]])
    rival, same = (np.unique(key, return_inverse=True)[1].reshape(-1) for key in (rival, same))
    chance = probability(odds)
    free = np.ones(2 * n)  # h of every pair's left record towards its right one, then of the right ones
    bits = odds
    for _ in range(_ROUNDS):
        matched = np.bincount(between[across], chance[across], minlength=sources * sources)
        lonely = [np.log2(1 - np.minimum(matched[between] / size[s], _MOST_SHARE)) for s in (a, b)]
        z = np.where(across, np.clip(odds - lonely[0] - lonely[1], -_MOST, _MOST), odds)
        weight = np.where(across, np.exp2(z), 0.0)
        free = _propagated(weight, free, rival, same)
        bits = z + np.log2(free[:n]) + np.log2(free[n:])
        after = probability(bits)
        moved = float(np.abs(after - chance).max()) if n else 0.0
        chance = after
        if moved < _STILL:
            break
    return bits


def _propagated(weight: Floats, free: Floats, rival: Codes, same: Codes) -> Floats:
    """A few rounds of messages, each halfway to what it should be, so that they do not swing."""
    n = len(weight)
    for _ in range(_MESSAGES):
        said = np.concatenate([weight * free[n:], weight * free[:n]])
        others = np.maximum(np.bincount(rival, said)[rival] - np.bincount(same, said)[same], 0.0)
        free = np.sqrt(free / (1 + others))
    return free
