"""What a person typed, understood: words that must all be found, some of them exactly as they stand."""

import re

import msgspec

from yong.kernel.base.errors import Invalid, Problem
from yong.kernel.base.text import Text
from yong.kernel.search.logic.terms import Way, compact, is_fuzzy, ways_of_han, ways_of_word
from yong.kernel.search.logic.words import LONGEST_WORD, cut, plain, runs

LONGEST = 200  # characters
CLAUSES = 16
_QUOTED = re.compile(r"[\"“”„«»「『]([^\"“”„«»「」『』]*)[\"“”„«»」』]")
_FILLERS = frozenset("的了和与及在是之等")  # they part words; looked for only where nothing else is asked

_TOO_MANY = Text("查询词不得超过 {n} 个", "A query has at most {n} words")
_TOO_LONG = Text("查询不得超过 {n} 个字符", "A query has at most {n} characters")
_EMPTY = Text("请输入查询词", "There is nothing to look for")


class Clause(msgspec.Struct, frozen=True):
    """One word, or a quoted phrase, that must be found."""

    text: str  # in normal form
    han: bool
    phrase: bool = False
    ways: tuple[Way, ...] = ()

    @property
    def fuzzy(self) -> bool:
        return not self.han and not self.phrase and is_fuzzy(self.text)


class Asked(msgspec.Struct, frozen=True):
    """A query: all clauses must be found; `whole` is what was typed, without spaces."""

    clauses: tuple[Clause, ...]
    whole: str


def parse(text: str) -> Asked:
    """Understand a query. Raises Invalid when it is empty, too long or has too many words; nothing else is wrong."""
    if len(text) > LONGEST:
        raise _wrong(_TOO_LONG.filled(n=LONGEST))
    normal = plain(text).text
    found: list[Clause] = []
    for phrase in _QUOTED.findall(normal):
        found += _phrase(phrase)
    rest = _QUOTED.sub(" ", normal)
    words = [c for run in runs(rest) for c in ([run.text] if not run.han else cut(run.text))]
    telling = [w for w in words if w not in _FILLERS] or words
    found += [_clause(word) for word in dict.fromkeys(telling)]
    if not found:
        raise _wrong(_EMPTY)
    if len(found) > CLAUSES:
        raise _wrong(_TOO_MANY.filled(n=CLAUSES))
    return Asked(tuple(found), compact(rest)[:LONGEST_WORD] if len(found) == len(telling) else "")


def _clause(word: str) -> Clause:
    run = next(runs(word))
    if run.han:
        return Clause(run.text, True, ways=tuple(ways_of_han(run.text)))
    return Clause(run.text[:LONGEST_WORD], False, ways=tuple(ways_of_word(run.text)))


def _phrase(text: str) -> list[Clause]:
    """A phrase selects by each of its runs, and is found where they follow one another."""
    of = list(runs(text))
    if not of:
        return []
    terms: list[str] = []
    for run in of:
        terms += ways_of_han(run.text)[0].terms if run.han else (run.text[:LONGEST_WORD],)
    return [Clause(" ".join(run.text for run in of), of[0].han, True, (Way(tuple(dict.fromkeys(terms))),))]


def _wrong(why: Text) -> Invalid:
    return Invalid(None, problems=(Problem("/q", why),))
