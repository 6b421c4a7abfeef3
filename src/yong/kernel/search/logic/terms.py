"""What of a text stands in the index, and what of a query is looked up there.

The index holds no text to be read, only terms: Chinese characters alone and in pairs, so that any part of a name is
found however a dictionary would cut it; words of letters and digits; their beginnings (`e:`); in titles readings, a syllable alone and in
pairs (`p:`), and two to four initials in a row (`i:`); and the whole title (`=`). A query's terms select candidates, never
too few; `matching` decides on the text itself. So every lookup is one of exact terms, whatever was typed.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise, product

import msgspec

from yong.kernel.search.logic.words import (
    LONGEST_WORD,
    beginning,
    initials,
    plain,
    readings,
    runs,
    spellings,
)

_EDGES = (1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24)
_MOST_INITIALS = 4
LONGEST_TITLE = 200  # characters; what is longer is text
LONGEST_TEXT = 20_000  # characters of one field that are indexed
_SHORT = 16  # characters of a title that is known by its whole reading
_TWO_LETTERS = frozenset({"zh", "ch", "sh"})  # initials of pinyin
_FUZZY_FROM = 4  # letters


def of_title(title: str) -> list[str]:
    """The terms of a title."""
    normal = plain(title[:LONGEST_TITLE]).text
    found = list(_of_text(normal))
    for run in runs(normal):
        if run.han:
            found += _of_readings(run.text)
    whole = compact(normal)
    if 0 < len(whole) <= LONGEST_WORD:
        found.append(f"={whole}")
        if len(whole) <= _SHORT:
            found += _whole_readings(normal)
    return found


def of_text(text: str) -> list[str]:
    """The terms of running text: as a title's, without readings."""
    return list(_of_text(plain(text[:LONGEST_TEXT]).text))


def of_code(code: str) -> list[str]:
    """The terms of a code: its parts, and all of it without what parts them."""
    normal = plain(code[:LONGEST_TITLE]).text
    found = list(_of_text(normal))
    whole = compact(normal)
    if len(list(runs(normal))) > 1:
        found += _of_word(whole)
    return [*found, f"={whole[:LONGEST_WORD]}"] if whole else found


def compact(normal: str) -> str:
    """A normal form without what parts its runs."""
    return "".join(run.text for run in runs(normal))


def _of_text(normal: str) -> Iterator[str]:
    for run in runs(normal):
        if not run.han:
            yield from _of_word(run.text)
            continue
        yield from run.text
        yield from (a + b for a, b in pairwise(run.text))


def _of_word(word: str) -> Iterator[str]:
    word = word[:LONGEST_WORD]
    yield word
    yield from (f"e:{word[:n]}" for n in _EDGES if n <= len(word))


def _of_readings(text: str) -> Iterator[str]:
    known = readings(text)
    for of in known:
        yield from (f"p:{r}" for r in of)
    for one, two in pairwise(known):
        yield from (f"p:{a}{b}" for a, b in product(one, two))
    firsts = [sorted(of) for of in initials(text)]
    if firsts:
        yield from (f"i:{a}" for a in firsts[0])
        yield from {f"i:{r[:2]}" for r in known[0] if r[:2] in _TWO_LETTERS}
    for length in range(2, _MOST_INITIALS + 1):
        for start in range(len(firsts) - length + 1):
            yield from (f"i:{''.join(way)}" for way in product(*firsts[start : start + length]))


def _whole_readings(normal: str) -> list[str]:
    """A title as it would be typed in full, and by initials."""
    full, short = "", ""
    for run in runs(normal):
        if not run.han:
            full, short = full + run.text, short + run.text
            continue
        known = readings(run.text)
        if not all(known):
            return []
        full += "".join(of[0] for of in known)
        short += "".join(of[0][0] for of in known)
    return [f"={t}"[:LONGEST_WORD] for t in dict.fromkeys((full, short)) if len(t) > 1]


class Way(msgspec.Struct, frozen=True):
    """One way in which a document may hold what was asked: all of `terms`, and one of `any_of` unless that is empty."""

    terms: tuple[str, ...]
    boost: float = 1.0
    any_of: tuple[str, ...] = ()
    title: bool = False  # in titles alone


def ways_of_han(text: str) -> list[Way]:
    """How Chinese text is looked up: every character beside the next one."""
    return [Way(tuple(a + b for a, b in pairwise(text)) if len(text) > 1 else (text,))]


def ways_of_word(word: str) -> list[Way]:
    """How letters and digits are looked up: as a word, as its beginning, as pinyin, as initials."""
    word = word[:LONGEST_WORD]
    longest = max(n for n in _EDGES if n <= len(word))
    ways = [Way((word,), 1.5), Way((f"e:{word[:longest]}",), 0.7)]
    if not (word.isascii() and word.isalpha()):
        return ways
    if not is_initial(word):
        ways += [_spelled(s.whole, s.begun) for s in spellings(word)]
    ways.append(Way(_initials_asked(word), 0.6, title=True))
    if word in _TWO_LETTERS:
        ways.append(Way((f"i:{word}",), 0.6, title=True))
    return ways


def is_initial(word: str) -> bool:
    """Whether letters are one initial of pinyin and no more: too little to be looked for inside of names."""
    return len(word) == 1 or word in _TWO_LETTERS


def is_fuzzy(word: str) -> bool:
    """Whether a slip in a word is forgiven: it has letters enough to tell it from others, and no digits."""
    return _FUZZY_FROM <= len(word) <= LONGEST_WORD and word.isalpha()


def _spelled(whole: Sequence[str], begun: str) -> Way:
    pairs = tuple(f"p:{a}{b}" for a, b in pairwise(whole))
    last = whole[-1] if whole else ""
    return Way(pairs, 0.9, tuple(f"p:{last}{s}" for s in beginning(begun)), title=True)


def _initials_asked(word: str) -> tuple[str, ...]:
    length = min(len(word), _MOST_INITIALS)
    return tuple(f"i:{word[n : n + length]}" for n in range(len(word) - length + 1))
