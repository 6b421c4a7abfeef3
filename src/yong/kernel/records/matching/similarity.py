"""How similar texts are, pair by pair, over arrays.

Jaro–Winkler as Winkler (1990, "String comparator metrics and enhanced decision rules in the Fellegi–Sunter model of
record linkage") has it: prefixes of up to four characters count by 0.1 each where Jaro's measure is above 0.7.
Levenshtein's distance by the usual recurrence (Wagner & Fischer 1974), whose dependence along a row becomes a running
minimum. Dice's coefficient over the sets of neighbouring characters (Dice 1945; Adamson & Boreham 1974), which does not
mind in what order the parts of a name stand. Texts are looked at to LONGEST characters.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

LONGEST = 100
_BLOCK_CELLS = 2_000_000  # of the widest array of a block, so that it stays near the processor

Codes = NDArray[np.intp]
Floats = NDArray[np.float64]
_Chars = NDArray[np.uint32]
_Lengths = NDArray[np.int64]
_Measure = Callable[[_Chars, _Lengths, _Chars, _Lengths], Floats]


class Alphabet:
    """Words as rows of code points, made once and compared often."""

    def __init__(self, words: Sequence[str]) -> None:
        cut = [w[:LONGEST].rstrip("\0") for w in words] or [""]
        width = max(1, *(len(w) for w in cut))
        self.lengths: _Lengths = np.fromiter((len(w) for w in cut), np.int64, len(cut))
        self.chars: _Chars = np.array(cut, dtype=f"U{width}").view(np.uint32).reshape(len(cut), width)


def jaro_winkler(words: Alphabet, left: Codes, right: Codes) -> Floats:
    """The similarity, 0 to 1, of words[left[i]] and words[right[i]] for every i."""
    return _in_blocks(words, left, right, _jaro_winkler)


def levenshtein(words: Alphabet, left: Codes, right: Codes) -> Floats:
    """How many insertions, deletions and substitutions lead from words[left[i]] to words[right[i]]."""
    return _in_blocks(words, left, right, _levenshtein)


def dice(words: Alphabet, left: Codes, right: Codes) -> Floats:
    """Twice the shared pairs of neighbouring characters over all that both have, 0 to 1; a single character is its own."""
    return _in_blocks(words, left, right, _dice)


def _in_blocks(words: Alphabet, left: Codes, right: Codes, measure: _Measure) -> Floats:
    """Measure pairs of about the same length together, so that short ones do not wait for long ones."""
    out = np.empty(len(left))
    widest = np.maximum(words.lengths[left], words.lengths[right])
    order = np.argsort(widest, kind="stable")
    start = 0
    while start < len(order):
        # The last of a block is its longest: take as many as fit at the length met a block's size further on.
        size = max(1, _BLOCK_CELLS // max(1, int(widest[order[start]])) // 4)
        chosen = order[start : start + size]
        a, b = left[chosen], right[chosen]
        la, lb = words.lengths[a], words.lengths[b]
        width_a, width_b = max(1, int(la.max())), max(1, int(lb.max()))
        out[chosen] = measure(words.chars[a, :width_a], la, words.chars[b, :width_b], lb)
        start += size
    return out


def _jaro_winkler(a: _Chars, la: _Lengths, b: _Chars, lb: _Lengths) -> Floats:
    rows, columns = np.arange(len(a)), np.arange(b.shape[1])
    reach = np.maximum(np.maximum(la, lb) // 2 - 1, 0)[:, None]
    free = columns < lb[:, None]
    met_a = np.zeros(a.shape, dtype=bool)
    met_b = np.zeros(b.shape, dtype=bool)
    for i in range(a.shape[1]):
        hit = (b == a[:, i : i + 1]) & free & (np.abs(columns - i) <= reach) & (i < la)[:, None]
        first = hit.argmax(axis=1)
        found = hit[rows, first]
        met_a[:, i] = found
        met_b[rows[found], first[found]] = True
        free[rows[found], first[found]] = False
    count = met_a.sum(axis=1)
    # The characters that met, in the order of either side; where the kth differ, half a transposition.
    in_a = np.take_along_axis(a, np.argsort(~met_a, axis=1, kind="stable"), axis=1)
    in_b = np.take_along_axis(b, np.argsort(~met_b, axis=1, kind="stable"), axis=1)
    both = min(a.shape[1], b.shape[1])
    differ = (in_a[:, :both] != in_b[:, :both]) & (np.arange(both) < count[:, None])
    turned = differ.sum(axis=1) / 2
    some = np.maximum(count, 1)
    jaro = np.where(
        count > 0, (count / np.maximum(la, 1) + count / np.maximum(lb, 1) + (some - turned) / some) / 3, 0.0
    )
    jaro = np.where((la == 0) & (lb == 0), 1.0, jaro)
    head = min(4, both)
    same = (a[:, :head] == b[:, :head]) & (np.arange(head) < np.minimum(la, lb)[:, None])
    prefix = np.cumprod(same, axis=1).sum(axis=1)
    found_: Floats = np.where(jaro > 0.7, jaro + 0.1 * prefix * (1 - jaro), jaro)
    return found_


def _levenshtein(a: _Chars, la: _Lengths, b: _Chars, lb: _Lengths) -> Floats:
    columns = np.arange(b.shape[1] + 1)
    row = np.broadcast_to(columns, (len(a), len(columns))).astype(np.int32)
    for i in range(a.shape[1]):
        step = np.empty_like(row)
        step[:, 0] = i + 1
        np.minimum(row[:, 1:] + 1, row[:, :-1] + (b != a[:, i : i + 1]), out=step[:, 1:])
        step = np.minimum.accumulate(step - columns, axis=1) + columns
        row = np.where((i < la)[:, None], step, row).astype(np.int32)
    found: Floats = row[np.arange(len(a)), lb].astype(np.float64)
    return found


def _dice(a: _Chars, la: _Lengths, b: _Chars, lb: _Lengths) -> Floats:
    one, other = _bigrams(a, la), _bigrams(b, lb)
    shared = np.zeros(len(a))
    for k in range(one.shape[1]):
        shared += ((other == one[:, k : k + 1]) & (one[:, k : k + 1] != 0)).any(axis=1)
    sizes = (one != 0).sum(axis=1) + (other != 0).sum(axis=1)
    found: Floats = np.where(sizes > 0, 2 * shared / np.maximum(sizes, 1), 1.0)
    return found


def _bigrams(chars: _Chars, lengths: _Lengths) -> NDArray[np.uint64]:
    """The distinct pairs of neighbouring characters of each row, 0 where there are fewer."""
    wide = np.zeros((len(chars), chars.shape[1] + 1), dtype=np.uint64)
    wide[:, :-1] = chars
    pairs = (wide[:, :-1] << np.uint64(32)) | wide[:, 1:]
    last = np.where(lengths == 1, 1, lengths - 1)
    pairs[np.arange(pairs.shape[1]) >= last[:, None]] = 0
    pairs.sort(axis=1)
    pairs[:, 1:][pairs[:, 1:] == pairs[:, :-1]] = 0
    return pairs
