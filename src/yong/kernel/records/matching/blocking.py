"""Which pairs are looked at. All that n records have would be n²/2; a block names those worth comparing."""

from collections.abc import Sequence

import numpy as np

from yong.kernel.base.errors import TooLarge
from yong.kernel.base.text import Text
from yong.kernel.records.matching.columns import Records
from yong.kernel.records.matching.contracts import Block, Neighbours, SameKey, Within
from yong.kernel.records.matching.similarity import Codes, Floats

MOST_PAIRS = 20_000_000
_MANY = Text(
    "候选记录对超过 {most} 对，请收紧 {what}",
    "There are more than {most} pairs to compare: narrow {what} down",
)

Pairs = tuple[Codes, Codes]  # left < right, in the order of (left, right), none twice


def candidates(records: Records, blocks: Sequence[Block]) -> Pairs:
    """The pairs that any block names and that may be matches. Raises TooLarge beyond MOST_PAIRS."""
    return _merged(records, [_RULES[type(b)](records, b) for b in blocks])


def pairs_of(records: Records, block: Block) -> Pairs:
    """The pairs of one block."""
    return candidates(records, (block,))


def _merged(records: Records, found: Sequence[Pairs]) -> Pairs:
    n = max(1, len(records))
    numbers = [np.minimum(a, b) * n + np.maximum(a, b) for a, b in found]
    keys = np.unique(np.concatenate(numbers)) if numbers else np.empty(0, dtype=np.intp)
    left, right = keys // n, keys % n
    kept = records.allowed(left, right)
    return left[kept], right[kept]


def near(
    xy: Floats, radius: float, *, beyond: float = 0.0, of: Codes | None = None, most: int = MOST_PAIRS
) -> Pairs:
    """Pairs of positions more than `beyond` (0: any) and at most `radius` metres apart, by a grid of that size.

    Each pair stands once; with `of`, the pairs of those positions with any other, where a pair of two of them
    stands once as well. Positions that are NaN are in no pair. Raises TooLarge beyond `most` pairs to be measured.
    """
    there = np.flatnonzero(np.isfinite(xy).all(axis=1))
    if not len(there):
        return np.empty(0, dtype=np.intp), np.empty(0, dtype=np.intp)
    cell = np.floor((xy[there] - xy[there].min(axis=0)) / radius).astype(np.int64)
    width = int(cell[:, 0].max()) + 3
    place = cell[:, 1] * width + cell[:, 0] + 1
    order = np.argsort(place, kind="stable")
    places, sorted_ = place[order], there[order]
    asking = np.arange(len(sorted_)) if of is None else np.flatnonzero(np.isin(sorted_, of))
    chosen = np.isin(np.arange(len(sorted_)), asking)
    lefts, rights = [], []
    total = 0
    for row in (-1, 0, 1):  # three cells of a row lie one after the other
        start = np.searchsorted(places, places[asking] + row * width - 1, "left")
        stop = np.searchsorted(places, places[asking] + row * width + 1, "right")
        total += int((stop - start).sum())
        if total > 2 * most + len(asking):
            raise TooLarge(_MANY, most=most, what=f"{radius:g} m")
        left = np.repeat(asking, stop - start)
        right = _spans(start, stop)
        once = (left < right) | ~chosen[right]
        lefts.append(left[once])
        rights.append(right[once])
    left, right = sorted_[np.concatenate(lefts)], sorted_[np.concatenate(rights)]
    apart = np.hypot(*(xy[left] - xy[right]).T)
    kept = (apart <= radius) & (left != right)
    if beyond:
        kept &= apart > beyond
    return left[kept], right[kept]


def _spans(start: Codes, stop: Codes) -> Codes:
    """All numbers from start[i] to stop[i] (exclusive), one span after the other."""
    sizes = stop - start
    ends = np.cumsum(sizes)
    total = int(ends[-1]) if len(ends) else 0
    found: Codes = np.arange(total) - np.repeat(ends - sizes, sizes) + np.repeat(start, sizes)
    return found


def _within(records: Records, block: Block) -> Pairs:
    assert isinstance(block, Within)
    return near(records.places(block.column).xy, block.metres)


def _same_key(records: Records, block: Block) -> Pairs:
    assert isinstance(block, SameKey)
    key = np.zeros(len(records), dtype=np.int64)
    there = np.ones(len(records), dtype=bool)
    for name in block.columns:
        texts = records.texts(name)
        words = [w[: block.prefix] for w in texts.words] if block.prefix else texts.words
        shared = {w: n for n, w in enumerate(dict.fromkeys(words))}
        codes = np.array([*(shared[w] for w in words), -1], dtype=np.int64)[texts.codes]
        there &= codes >= 0
        # Numbered anew after each column, so that many columns do not run over.
        key = np.unique(key * (len(shared) + 1) + codes + 1, return_inverse=True)[1].reshape(-1)
    rows = np.flatnonzero(there)
    rows = rows[np.argsort(key[rows], kind="stable")]
    _, start, size = np.unique(key[rows], return_index=True, return_counts=True)
    if int((size * (size - 1) // 2).sum()) > MOST_PAIRS:
        raise TooLarge(_MANY, most=MOST_PAIRS, what=", ".join(block.columns))
    last = np.repeat(start + size, size)
    here = np.arange(len(rows))
    return rows[np.repeat(here, last - here - 1)], rows[_spans(here + 1, last)]


def _neighbours(records: Records, block: Block) -> Pairs:
    assert isinstance(block, Neighbours)
    if len(records) * block.window > MOST_PAIRS:
        raise TooLarge(_MANY, most=MOST_PAIRS, what=f"window {block.window}")
    ranks = records.texts(block.column).ranks
    rows = np.flatnonzero(ranks >= 0)
    rows = rows[np.argsort(ranks[rows], kind="stable")]
    steps = range(1, block.window + 1)
    return (
        np.concatenate([rows[: max(0, len(rows) - k)] for k in steps]),
        np.concatenate([rows[k:] for k in steps]),
    )


_RULES = {SameKey: _same_key, Neighbours: _neighbours, Within: _within}
