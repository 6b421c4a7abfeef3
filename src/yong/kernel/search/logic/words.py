"""Text as search sees it: its normal form, its runs of one script, Chinese words, their readings in pinyin.

Chinese is cut by jieba's dictionary (rjieba). Readings are those of pypinyin: of a character in a phrase of its
dictionary (重庆 chongqing, 银行 yinhang), and one more where the character is commonly read otherwise, since phrases
of names are in no dictionary. Spelling is Hanyu Pinyin (GB/T 16159, ISO 7098) without tones, as it is typed: ü is v,
or u.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from typing import Any, NamedTuple

LONGEST_WORD = 64  # characters of a Latin word that count
READINGS = 2  # of one character
SYLLABLES_IN_QUERY = 24
_CUTS = 4  # ways to cut letters into syllables that are followed
_HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U000323af"
_RUNS = re.compile(rf"[{_HAN}]+|[^\W_{_HAN}]+")
_IS_HAN = re.compile(rf"[{_HAN}]")
_NO_SYLLABLES = frozenset({"m", "n", "ng", "hm", "hng", "ê", "bong", "wong", "biang", "fiao"})


class Plain(NamedTuple):
    """Text in its normal form, and of each of its characters the place in the text as it was."""

    text: str
    at: Sequence[int]


class Run(NamedTuple):
    """Characters of one script that stand together, from `start` of the normal form."""

    text: str
    start: int
    han: bool

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def plain(text: str) -> Plain:
    """The normal form: full width as half, small letters, no accents (NFKD without marks, case folded)."""
    if text.isascii():
        return Plain(text.lower(), range(len(text)))
    out: list[str] = []
    at: list[int] = []
    for place, character in enumerate(text):
        folded = character if "\u4e00" <= character <= "\u9fff" else _folded(character)
        out.append(folded)
        at += [place] * len(folded)
    return Plain("".join(out), at)


@lru_cache(maxsize=20_000)
def _folded(character: str) -> str:
    parts = unicodedata.normalize("NFKD", character).casefold()
    return "".join(p for p in unicodedata.normalize("NFKD", parts) if unicodedata.category(p) != "Mn")


def runs(text: str) -> Iterator[Run]:
    """The runs of Chinese characters, and of letters and digits, in a normal form."""
    for found in _RUNS.finditer(text):
        yield Run(found[0], found.start(), _IS_HAN.match(found[0]) is not None)


@cache
def _jieba() -> Any:
    import rjieba  # the dictionary is loaded by who needs it

    return rjieba


def cut(text: str) -> list[str]:
    """Chinese text as words, that follow one another."""
    return [text] if len(text) == 1 else list(_jieba().cut(text, False))


def words(text: str) -> list[str]:
    """The words in Chinese text, and the shorter ones inside of long ones."""
    return list(_jieba().cut_for_search(text, False))


@cache
def _dictionary() -> Any:
    import pypinyin  # forty megabytes, for who needs readings

    return pypinyin


@cache
def syllables() -> frozenset[str]:
    """All syllables that a Chinese character may be read as, without tones."""
    from pypinyin.constants import PINYIN_DICT
    from pypinyin.contrib.tone_convert import to_normal

    toned = {reading for readings in PINYIN_DICT.values() for reading in readings.split(",")}
    found = {to_normal(reading) for reading in toned} - _NO_SYLLABLES
    return frozenset(found | {_without_umlaut(s) for s in found})


@cache
def _starts() -> dict[str, tuple[str, ...]]:
    """By the beginning of a syllable, the syllables that begin so."""
    found: dict[str, list[str]] = {}
    for syllable in sorted(syllables()):
        for length in range(1, len(syllable) + 1):
            found.setdefault(syllable[:length], []).append(syllable)
    return {start: tuple(of) for start, of in found.items()}


def beginning(start: str) -> tuple[str, ...]:
    """The syllables that begin with some letters, the shortest first in the alphabet."""
    return _starts().get(start, ())


def _without_umlaut(syllable: str) -> str:
    return syllable.replace("v", "u")


@lru_cache(maxsize=30_000)
def _common(character: str) -> tuple[str, ...]:
    """The most common readings of a character alone."""
    found = _dictionary().pinyin(character, style=0, heteronym=True, errors="ignore")
    return tuple(dict.fromkeys(r for r in found[0] if r))[:READINGS] if found else ()


@lru_cache(maxsize=50_000)
def readings(text: str) -> tuple[tuple[str, ...], ...]:
    """Of each character of a Chinese text its most probable readings, at most READINGS; none where none is known.

    A reading with ü counts as the same written with u too.
    """
    common = [_common(c) for c in text]
    if all(len(c) == 1 for c in common) or len(text) == 1:
        chosen = common
    else:
        meant = _dictionary().lazy_pinyin(text, errors=lambda rest: [""] * len(rest))
        if len(meant) != len(text):
            meant = [""] * len(text)
        chosen = [
            tuple(dict.fromkeys(r for r in (first, *rest) if r))[:READINGS]
            for first, rest in zip(meant, common, strict=True)
        ]
    return tuple(tuple(dict.fromkeys((*c, *map(_without_umlaut, c)))) for c in chosen)


def initials(text: str) -> tuple[frozenset[str], ...]:
    """Of each character of a Chinese text the letters that its readings begin with."""
    return tuple(frozenset(r[0] for r in of) for of in readings(text))


class Spelling(NamedTuple):
    """Letters cut into syllables; the last may be only begun."""

    whole: tuple[str, ...]
    begun: str


@lru_cache(maxsize=5_000)
def spellings(letters: str) -> tuple[Spelling, ...]:
    """The ways to read letters as syllables, those of fewest first; none where they are no pinyin.

    What is begun may be a whole syllable too: `xian` is 先 and the beginning of 向.
    """
    if not letters.isascii() or not letters.isalpha() or len(letters) > 6 * SYLLABLES_IN_QUERY:
        return ()
    ends: list[list[tuple[str, ...]]] = [[] for _ in range(len(letters) + 1)]
    ends[0] = [()]
    for place in range(1, len(letters) + 1):
        here = [
            (*before, letters[start:place])
            for start in range(max(0, place - 6), place)
            if letters[start:place] in syllables()
            for before in ends[start]
        ]
        ends[place] = sorted(here, key=len)[:_CUTS]
    found = [
        Spelling(before, letters[place:])
        for place in range(max(0, len(letters) - 6), len(letters))
        if beginning(letters[place:])
        for before in ends[place]
    ]
    return tuple(sorted(found, key=lambda s: (len(s.whole), -len(s.begun)))[:_CUTS])


def read_as(text: str, start: int, letters: str) -> int | None:
    """Where reading Chinese `text` from `start` has used up `letters`; the last character may be only begun.

    None where it does not read so.
    """
    known = readings(text)
    reached = {(start, 0)}
    while reached:
        here, used = reached.pop()
        rest = letters[used:]
        if not rest:
            return here
        if here == len(text):
            continue
        for reading in known[here]:
            if rest.startswith(reading):
                reached.add((here + 1, used + len(reading)))
            elif reading.startswith(rest):
                return here + 1
    return None


def abbreviated(text: str, start: int, letters: str) -> int | None:
    """Where the characters from `start` of Chinese `text` have used up `letters` by their initials; None if they do not."""
    if len(letters) > len(text) - start:
        return None
    known = initials(text)
    return start + len(letters) if all(c in known[start + i] for i, c in enumerate(letters)) else None


def near(a: str, b: str) -> bool:
    """Whether one slip of the keyboard parts two words: a letter too many, too few, another, or two exchanged."""
    if a == b:
        return True
    if abs(len(a) - len(b)) > 1:
        return False
    first = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    if len(a) == len(b):
        swapped = a[first : first + 2] == b[first : first + 2][::-1] and a[first + 2 :] == b[first + 2 :]
        return a[first + 1 :] == b[first + 1 :] or swapped
    longer, shorter = (a, b) if len(a) > len(b) else (b, a)
    return longer[first + 1 :] == shorter[first:]
