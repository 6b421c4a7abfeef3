"""Whether a text that somebody may read holds what was asked, and where: the last word on every candidate.

The same rules as the index's, on the text itself, so that nothing is shown because of a field that its reader does
not see, and what matched can be marked.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec

from yong.kernel.search.logic.query import Asked, Clause
from yong.kernel.search.logic.terms import LONGEST_TEXT, LONGEST_TITLE, compact, is_initial
from yong.kernel.search.logic.words import Plain, Run, abbreviated, near, plain, read_as, runs

_MARKS = 20  # of one text
_BEFORE, _SNIPPET = 24, 120  # characters


class Mark(msgspec.Struct, frozen=True):
    """A part of a text that matched: characters (Unicode code points) from `start` until before `end`."""

    start: int
    end: int


class Part(NamedTuple):
    """A field's text as its reader sees it; `role` is title, text or code."""

    role: str
    text: str


class Match(NamedTuple):
    """The parts that hold something of what was asked, each with its marks."""

    marks: dict[int, list[Mark]]


class _Seen(NamedTuple):
    part: Part
    normal: Plain
    runs: list[Run]


def match(asked: Asked, parts: Sequence[Part]) -> Match | None:
    """Where the parts hold all that was asked; None when something is in none of them."""
    seen = [_see(part) for part in parts]
    marks: dict[int, list[Mark]] = {}
    for clause in asked.clauses:
        found = False
        for number, one in enumerate(seen):
            spans = list(_spans(clause, one))
            if spans:
                found = True
                marks.setdefault(number, []).extend(_mark(one.normal, *span) for span in spans[:_MARKS])
        if not found:
            return None
    return Match({number: _joined(of) for number, of in marks.items()})


def _see(part: Part) -> _Seen:
    normal = plain(part.text[: LONGEST_TEXT if part.role == "text" else LONGEST_TITLE])
    return _Seen(part, normal, list(runs(normal.text)))


def _spans(clause: Clause, seen: _Seen) -> Iterator[tuple[int, int]]:
    """The places in the normal form where a clause is found."""
    if clause.phrase:
        yield from _phrases(clause.text.split(" "), seen.runs)
    elif clause.han:
        for run in seen.runs:
            if run.han:
                yield from _inside(clause.text, run)
    else:
        yield from _letters(clause, seen)


def _inside(text: str, run: Run) -> Iterator[tuple[int, int]]:
    place = run.text.find(text)
    while place >= 0:
        yield run.start + place, run.start + place + len(text)
        place = run.text.find(text, place + len(text))


def _phrases(wanted: list[str], of: list[Run]) -> Iterator[tuple[int, int]]:
    """Runs that follow one another; Chinese may begin and end inside of a run, a word is whole."""
    for first in range(len(of) - len(wanted) + 1):
        here = of[first : first + len(wanted)]
        if len(wanted) == 1:
            if here[0].han:
                yield from _inside(wanted[0], here[0])
            elif here[0].text == wanted[0]:
                yield here[0].start, here[0].end
            continue
        head, tail = here[0], here[-1]
        starts = head.text.endswith(wanted[0]) if head.han else head.text == wanted[0]
        ends = tail.text.startswith(wanted[-1]) if tail.han else tail.text == wanted[-1]
        middle = all(r.text == w for r, w in zip(here[1:-1], wanted[1:-1], strict=True))
        if starts and ends and middle:
            yield head.end - len(wanted[0]), tail.start + len(wanted[-1])


def _letters(clause: Clause, seen: _Seen) -> Iterator[tuple[int, int]]:
    word = clause.text
    found = False
    for run in seen.runs:
        if not run.han and run.text.startswith(word):
            found = True
            yield run.start, run.start + len(word)
    if seen.part.role == "title" and word.isascii() and word.isalpha():
        for run in seen.runs:
            for span in _read(word, run) if run.han else ():
                found = True
                yield span
    if seen.part.role == "code" and not found and compact(seen.normal.text).startswith(word):
        found = True
        yield seen.runs[0].start, _after(seen.runs, len(word))
    if not found and clause.fuzzy:
        yield from ((run.start, run.end) for run in seen.runs if not run.han and near(word, run.text))


def _read(word: str, run: Run) -> Iterator[tuple[int, int]]:
    """Where Chinese text reads as some letters, in full or by its initials; one letter counts at its beginning alone."""
    start, size = 0, len(run.text)
    while start < size and (start == 0 or len(word) > 1):
        end = abbreviated(run.text, start, word)
        if end is None and (start == 0 or not is_initial(word)):
            end = read_as(run.text, start, word)
        if end is not None:
            yield run.start + start, run.start + end
        start = end if end is not None else start + 1


def _after(of: list[Run], characters: int) -> int:
    """The place in the normal form after so many characters of runs."""
    for run in of:
        if characters <= len(run.text):
            return run.start + characters
        characters -= len(run.text)
    return of[-1].end


def _mark(normal: Plain, start: int, end: int) -> Mark:
    return Mark(normal.at[start], normal.at[end - 1] + 1)


def _joined(marks: list[Mark]) -> list[Mark]:
    """Marks in order, those that touch as one."""
    out: list[Mark] = []
    for mark in sorted(marks, key=lambda m: (m.start, m.end)):
        if out and mark.start <= out[-1].end:
            out[-1] = Mark(out[-1].start, max(out[-1].end, mark.end))
        else:
            out.append(mark)
    return out[:_MARKS]


def snippet(text: str, marks: Sequence[Mark]) -> tuple[str, list[Mark]]:
    """The part of a text about its first mark, and the marks in it."""
    start = max(0, marks[0].start - _BEFORE) if marks and len(text) > _SNIPPET else 0
    end = min(len(text), start + _SNIPPET)
    inside = [
        Mark(m.start - start, min(m.end, end) - start) for m in marks if m.start >= start and m.start < end
    ]
    return text[start:end], inside
