"""The one matcher: which records of one or several sources are the same thing, without labels to learn from.

Fellegi and Sunter's model: `Records` hold the columns; blocks name the pairs worth looking at (`candidates`); a table of
`Comparison` descriptions turns each pair into levels (`compare`); the parameters are learned (`learn_by_blocks`,
`learn_among_candidates`); each level weighs so many bits (`weigh`), which `explain` tells, and `settle` counts rivals; `resolve` makes groups, names
what is doubtful and obeys what a person decided. `match` does all of it for registers. Pure: arrays in, arrays out.
"""

from yong.kernel.records.matching.blocking import candidates, near, pairs_of
from yong.kernel.records.matching.columns import Numbers, Places, Records, Texts, plain
from yong.kernel.records.matching.comparing import compare
from yong.kernel.records.matching.estimating import (
    learn_among_candidates,
    learn_by_blocks,
    presumed,
    random_pairs,
)
from yong.kernel.records.matching.exclusive import settle
from yong.kernel.records.matching.matcher import Matched, match
from yong.kernel.records.matching.resolving import Doubt, Resolution, resolve
from yong.kernel.records.matching.weighing import bits_of, explain, prior_bits, probability, total_bits, weigh

__all__ = [
    "Doubt",
    "Matched",
    "Numbers",
    "Places",
    "Records",
    "Resolution",
    "Texts",
    "bits_of",
    "candidates",
    "compare",
    "explain",
    "learn_among_candidates",
    "learn_by_blocks",
    "match",
    "near",
    "pairs_of",
    "plain",
    "presumed",
    "prior_bits",
    "probability",
    "random_pairs",
    "resolve",
    "settle",
    "total_bits",
    "weigh",
]
