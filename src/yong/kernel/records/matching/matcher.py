"""The whole way for registers: candidates, levels, model, weights, groups."""

from collections.abc import Sequence
from typing import NamedTuple

from yong.kernel.records.matching.blocking import candidates
from yong.kernel.records.matching.columns import Records
from yong.kernel.records.matching.comparing import Levels as Table
from yong.kernel.records.matching.comparing import compare
from yong.kernel.records.matching.contracts import Block, Comparison, Model, Part, Thresholds
from yong.kernel.records.matching.estimating import learn_by_blocks
from yong.kernel.records.matching.exclusive import settle
from yong.kernel.records.matching.resolving import Resolution, resolve
from yong.kernel.records.matching.similarity import Codes, Floats
from yong.kernel.records.matching.weighing import explain, total_bits, weigh

_NO_KEY_BITS = -3.0  # of two records that agree in no key: they may still be one thing


class Matched(NamedTuple):
    """All candidates with their levels, weights and log odds (`bits`), the model, and the groups made of them."""

    left: Codes
    right: Codes
    levels: Table
    weights: Floats
    bits: Floats
    model: Model
    resolution: Resolution

    def why(self, pair: int) -> tuple[Part, ...]:
        """What each comparison says of a pair, by its number."""
        return explain(self.model, self.levels[pair].tolist(), self.weights[pair].tolist())


def match(
    records: Records,
    comparisons: Sequence[Comparison],
    blocks: Sequence[Block],
    *,
    thresholds: Thresholds | None = None,
    model: Model | None = None,
    same: Sequence[tuple[int, int]] = (),
    different: Sequence[tuple[int, int]] = (),
    seed: int = 0,
) -> Matched:
    """Match records by keys. The model is learned from these records unless one is given.

    The same records and seed give the same answer. Raises TooLarge where the blocks name too many pairs.
    """
    left, right = candidates(records, blocks)
    model = model or learn_by_blocks(records, comparisons, blocks, seed=seed)
    levels = compare(records, model.comparisons, left, right)
    weights = weigh(records, model, levels, left, right)
    if records.single:
        bits = settle(records, left, right, weights.sum(axis=1), among_candidates=False, share=model.share)
    else:
        bits = total_bits(model, weights)
    resolution = resolve(
        records,
        left,
        right,
        bits,
        thresholds or Thresholds(),
        same=same,
        different=different,
        absent_bits=_NO_KEY_BITS,
    )
    return Matched(left, right, levels, weights, bits, model, resolution)
