"""Match weights: the evidence of every comparison in bits, their sum, and what it makes of a pair."""

from collections.abc import Sequence

import numpy as np

from yong.kernel.base.text import Text
from yong.kernel.records.matching.columns import Records
from yong.kernel.records.matching.comparing import Levels as Table
from yong.kernel.records.matching.contracts import MISSING, Model, Part
from yong.kernel.records.matching.similarity import Codes, Floats

_NONE = Text("缺值", "a value is missing")
MOST_BITS = 50.0  # more would only be an artefact of few pairs


def prior_bits(model: Model) -> float:
    """The log odds of a pair of the universe before anything is compared."""
    return float(np.log2(model.share / (1 - model.share)))


def weigh(records: Records, model: Model, table: Table, left: Codes, right: Codes) -> Floats:
    """The weight log2(m/u) of every comparison for every pair, shape (pairs, comparisons); 0 of what is missing.

    Where frequencies count, u of an agreement is that of its value: rarer than a chance agreement by its share over
    the sum of the squared shares of all values (Newcombe 1959; Winkler 1989, frequency-based matching).
    """
    out = np.empty(table.shape)
    for n, (comparison, levels) in enumerate(zip(model.comparisons, model.levels, strict=True)):
        weights = np.log2(np.array(levels.m) / np.array(levels.u))
        out[:, n] = np.append(np.clip(weights, -MOST_BITS, MOST_BITS), 0.0)[table[:, n]]
        if comparison.frequencies:
            texts = records.texts(comparison.column)
            shares = texts.frequencies
            agree = np.flatnonzero(table[:, n] == 0)
            common = float(np.square(shares).sum())
            rarer = np.log2(common / shares[texts.codes[left[agree]]])
            out[agree, n] = np.clip(out[agree, n] + rarer, -MOST_BITS, MOST_BITS)
    return out


def total_bits(model: Model, weights: Floats) -> Floats:
    """The log odds of every pair: prior and evidence."""
    found: Floats = weights.sum(axis=1) + prior_bits(model)
    return found


def probability(bits: Floats | float) -> Floats:
    """The probability of a match whose log odds are so many bits."""
    found: Floats = 1 / (1 + np.exp2(-np.clip(bits, -500, 500)))
    return found


def bits_of(chance: float) -> float:
    """The log odds of a probability between 0 and 1, both exclusive."""
    return float(np.log2(chance / (1 - chance)))


def explain(model: Model, levels: Sequence[int], weights: Sequence[float]) -> tuple[Part, ...]:
    """What each comparison says of one pair, from its row of levels and of weights."""
    return tuple(
        Part(c.name, int(level), _NONE if level == MISSING else c.said[level], round(float(bits), 2))
        for c, level, bits in zip(model.comparisons, levels, weights, strict=True)
    )
