"""m, u and the share of matches, found without labels.

Fellegi & Sunter (1969), "A theory for record linkage"; the parameters by expectation maximisation (Winkler 1988, "Using
the EM algorithm for weight computation in the Fellegi–Sunter model") over the patterns of levels that occur, which are
few. u is not left to it but counted among pairs that are hardly ever matches, since EM takes whatever falls into two
heaps for matches and others. Two ways of asking:

`learn_by_blocks`: over all pairs there could be, u from random ones. For registers, whose blocks are keys.

`learn_among_candidates`: everything among the candidates alone, u from pairs given as `others`. For positions, where
what lies near is alike in many ways (its street, its kind) without being the same.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from yong.kernel.records.matching.blocking import Pairs, candidates, pairs_of
from yong.kernel.records.matching.columns import Records
from yong.kernel.records.matching.comparing import Levels as Table
from yong.kernel.records.matching.comparing import compare
from yong.kernel.records.matching.contracts import (
    Block,
    Comparison,
    Kind,
    Levels,
    Model,
    SameKey,
)
from yong.kernel.records.matching.similarity import Floats
from yong.kernel.records.matching.weighing import probability

RANDOM_PAIRS = 1_000_000
_ROUNDS, _STILL = 200, 1e-6
_LEAST = 1e-7  # no level is impossible

_Odds = list[Floats]


def random_pairs(records: Records, count: int, seed: int = 0) -> Pairs:
    """Pairs drawn at random from those that may be matches; fewer than `count` where some may not."""
    chance = np.random.default_rng(seed)
    n = len(records)
    if n < 2:
        return np.empty(0, dtype=np.intp), np.empty(0, dtype=np.intp)
    left, right = chance.integers(0, n, count), chance.integers(0, n - 1, count)
    right = np.where(right >= left, right + 1, right)
    kept = records.allowed(left, right)
    return left[kept], right[kept]


def counted(comparisons: Sequence[Comparison], table: Table) -> _Odds:
    """How often each level is met in a table, of the pairs that have a level."""
    return [
        _shares(np.bincount(table[table[:, n] >= 0, n], minlength=c.count)) for n, c in enumerate(comparisons)
    ]


def _shares(counts: NDArray[np.float64] | NDArray[np.intp]) -> Floats:
    # A half pair more for all levels together: what was never met in few pairs is not impossible.
    weighted = np.maximum(np.asarray(counts, dtype=np.float64) + 0.5 / len(counts), 1e-12)
    found: Floats = np.maximum(weighted / weighted.sum(), _LEAST)
    return found


def learn_by_blocks(
    records: Records, comparisons: Sequence[Comparison], blocks: Sequence[Block], *, seed: int = 0
) -> Model:
    """A model over all pairs there could be, of which those that no block names are taken as others.

    m of a comparison is learned from pairs that a block of other columns named: those that its own blocks named were
    chosen because they agree in it. Where there is no such block it is learned from all.
    """
    u = counted(comparisons, compare(records, comparisons, *random_pairs(records, RANDOM_PAIRS, seed)))
    left, right = candidates(records, blocks)
    n, width = max(1, len(records)), len(comparisons)
    named = [np.isin(left * n + right, a * n + b) for a, b in (pairs_of(records, block) for block in blocks)]
    table = np.column_stack([compare(records, comparisons, left, right), *(x.astype(np.int8) for x in named)])
    patterns, counts = _patterns(table, [*(c.count for c in comparisons), *(2 for _ in named)])
    levels, member = patterns[:, :width], patterns[:, width:] == 1
    fair = [_fair(c, blocks, member) for c in comparisons]
    m = [expected(c) for c in comparisons]
    share, universe = 1 / max(2, len(records)), max(1, records.pairs)
    rounds = 0
    while rounds < _ROUNDS:
        rounds += 1
        before = share
        ours = counts * probability(_bits(levels, m, u) + _logit(share))
        share = min(max(float(ours.sum()) / universe, 0.5 / universe), 0.5)
        m = [_m(c, levels[f, k], ours[f]) for k, (c, f) in enumerate(zip(comparisons, fair, strict=True))]
        if abs(share - before) <= _STILL * before:
            break
    return _model(comparisons, m, u, share, universe, rounds)


def _fair(comparison: Comparison, blocks: Sequence[Block], member: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The patterns of pairs that were not chosen for agreeing in a comparison's own column alone."""
    others = [
        k
        for k, block in enumerate(blocks)
        if comparison.column not in (block.columns if isinstance(block, SameKey) else (block.column,))
    ]
    return np.asarray(member[:, others].any(axis=1)) if others else np.ones(len(member), dtype=bool)


def learn_among_candidates(
    comparisons: Sequence[Comparison], table: Table, others: Table, *, free: Sequence[str] = ()
) -> Model:
    """A model over candidates whose levels are `table`; u counted in `others`, save of comparisons named `free`.

    Those are the ones that made the candidates: what they say of others is found together with m.
    """
    u = counted(comparisons, others)
    loose = frozenset(n for n, c in enumerate(comparisons) if c.name in free)
    for n in loose:
        u[n] = counted(comparisons, table)[n]
    fitted = _em(comparisons, table, u, 0.3, loose)
    u = [_falling(c, m, u) for c, m, u in zip(comparisons, fitted.m, fitted.u, strict=True)]
    return _model(comparisons, fitted.m, u, fitted.share, max(1, len(table)), fitted.rounds)


def presumed(comparisons: Sequence[Comparison], others: Table, *, share: float) -> Model:
    """A model where there are too few pairs to learn from: m as expected, u as counted in `others`.

    What lies near by chance lies evenly: within k times the error as k².
    """
    u = counted(comparisons, others)
    for n, c in enumerate(comparisons):
        if c.kind is Kind.NEAR:
            reach = np.square(np.array([0.0, *c.levels]))
            u[n] = _shares(np.array([*(np.diff(reach) / reach[-1]), 0.1]) * 1000)
    return _model(comparisons, [expected(c) for c in comparisons], u, share, max(1, len(others)), 0)


def _falling(comparison: Comparison, m: Floats, u: Floats) -> Floats:
    """u such that a larger distance never speaks more for a match than a smaller one."""
    if comparison.kind is not Kind.NEAR:
        return u
    fixed = u.copy()
    for n in range(1, len(u)):
        fixed[n] = max(fixed[n], m[n] * fixed[n - 1] / m[n - 1])
    return fixed


def expected(comparison: Comparison, scale: float = 1.0) -> Floats:
    """What is expected of matches before any were seen: positions by their errors, otherwise mostly the same.

    The distance of two positions with planar errors of root mean squares a and b is Rayleigh distributed, so that it
    is at most k √(a² + b²) with probability 1 - exp(-k²); `scale` is how many times larger the errors are than stated.
    One in a hundred lies anywhere, for a blunder.
    """
    if comparison.kind is Kind.NEAR:
        below = 1 - np.exp(-np.square(np.array(comparison.levels) / scale))
        within = np.diff(np.array([0.0, *below, 1.0]))
        return _shares(1000 * ((1 - _BLUNDERS) * within + _BLUNDERS / len(within)))
    rest = comparison.count - 1
    return np.array([0.9, *([0.1 / rest] * rest)]) if rest else np.ones(1)


_BLUNDERS = 0.01
_SCALES = np.geomspace(0.25, 2.0, 61)


def _m(comparison: Comparison, levels: NDArray[np.int8], counts: Floats) -> Floats:
    """m of a comparison from the levels that matches have.

    Of positions only the scale of the stated errors is fitted, the likeliest of _SCALES: left free, what is near and
    alike without being the same would make large distances look like a match.
    """
    there = levels >= 0
    met = np.bincount(levels[there], counts[there], comparison.count)
    if comparison.kind is not Kind.NEAR:
        return _shares(met)
    return max((expected(comparison, float(s)) for s in _SCALES), key=lambda m: float(met @ np.log(m)))


class _Fitted:
    def __init__(self, m: _Odds, u: _Odds, share: float) -> None:
        self.m, self.u, self.share, self.rounds = m, u, share, 0


def _em(
    comparisons: Sequence[Comparison],
    table: Table,
    u: _Odds,
    share: float,
    loose: frozenset[int] = frozenset(),
) -> _Fitted:
    """Until nothing moves by more than 1e-6. The patterns of levels that occur stand for all pairs."""
    patterns, counts = _patterns(table, [c.count for c in comparisons])
    now = _Fitted([expected(c) for c in comparisons], list(u), share)
    total = float(counts.sum())
    for now.rounds in range(1, _ROUNDS + 1):
        chance = probability(_bits(patterns, now.m, now.u) + _logit(now.share))
        ours, theirs = counts * chance, counts * (1 - chance)
        step_m, step_u = list(now.m), list(now.u)
        for n, comparison in enumerate(comparisons):
            step_m[n] = _m(comparison, patterns[:, n], ours)
            if n in loose:
                there = patterns[:, n] >= 0
                step_u[n] = _shares(np.bincount(patterns[there, n], theirs[there], comparison.count))
        next_ = float(np.clip(ours.sum() / total, 1e-9, 1 - 1e-6))
        moved = max(
            abs(next_ - now.share),
            *(float(np.abs(a - b).max()) for a, b in zip(step_m, now.m, strict=True)),
        )
        now.m, now.u, now.share = step_m, step_u, next_
        if moved < _STILL:
            break
    return now


def _patterns(table: Table, sizes: Sequence[int]) -> tuple[Table, Floats]:
    code = np.zeros(len(table), dtype=np.int64)
    for n, size in enumerate(sizes):
        code = code * (size + 1) + table[:, n] + 1
    _, first, counts = np.unique(code, return_index=True, return_counts=True)
    return table[first], counts.astype(np.float64)


def _bits(table: Table, m: _Odds, u: _Odds) -> Floats:
    total = np.zeros(len(table))
    for n in range(table.shape[1]):
        total += np.append(np.log2(m[n] / u[n]), 0.0)[table[:, n]]  # MISSING is the last
    return total


def _logit(share: float) -> float:
    return float(np.log2(share / (1 - share)))


def _model(
    comparisons: Sequence[Comparison], m: _Odds, u: _Odds, share: float, universe: int, rounds: int
) -> Model:
    return Model(
        comparisons=tuple(comparisons),
        levels=tuple(Levels(tuple(map(float, a)), tuple(map(float, b))) for a, b in zip(m, u, strict=True)),
        share=share,
        universe=universe,
        rounds=rounds,
    )
