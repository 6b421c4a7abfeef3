"""The tests of decision tables: S-FEEL's unary tests (DMN 1.3, chapter 9), read once and never run as code.

`-`, `"a", "b"`, `< 10`, `[1..5)`, `]1..5]`, `not("a", "b")`, `date("2026-10-01")`, `true`, `null`, and names of the case's
data. A value that is not there matches `-`, `null` and what `not(…)` does not name alone: nothing is less or more than
none. Dates are compared as ISO 8601 writes them.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from yong.kernel.base.errors import Invalid
from yong.kernel.base.text import Text

LENGTH = 1_000
_UNREADABLE = Text("“{text}”不是可读的条件", "{text} is no test that can be read")
_LONG = Text("条件过长", "The test is too long")
_TOKEN = re.compile(
    r"""\s*(?:
      (?P<date>date\(\s*"(?P<day>[^"]*)"\s*\))
    | (?P<text>"(?:[^"\\]|\\.)*")
    | (?P<number>-?\d+(?:\.(?!\.)\d+)?(?:[eE][+-]?\d+)?)
    | (?P<dots>\.\.)
    | (?P<compare><=|>=|!=|<|>|=)
    | (?P<mark>[\[\](),])
    | (?P<dash>-)
    | (?P<name>[^\W\d]\w*)
    )""",
    re.VERBOSE,
)
_WORDS: dict[str, object] = {"true": True, "false": False, "null": None}
Test = Callable[[Any, Mapping[str, Any]], bool]
_Value = Callable[[Mapping[str, Any]], Any]


class Tests:
    """What stands in a cell under an input. `text` is how it was written; `marks` values at which it may turn."""

    __slots__ = ("_test", "always", "marks", "names", "text")

    def __init__(
        self, text: str, test: Test, names: frozenset[str], marks: tuple[object, ...], always: bool
    ) -> None:
        self.text, self._test, self.names, self.marks, self.always = text, test, names, marks, always

    def hold(self, value: Any, data: Mapping[str, Any]) -> bool:
        """Whether a value passes, with what is known of the case. Never raises."""
        return self._test(value, data)


def compile_tests(text: str) -> Tests:
    """Read the tests of a cell. Raises Invalid."""
    if len(text) > LENGTH:
        raise Invalid(_LONG)
    if text.strip() in ("", "-"):
        return Tests(text.strip() or "-", lambda _value, _data: True, frozenset(), (), True)
    reader = _Reader(text)
    test = reader.tests()
    return Tests(text.strip(), test, frozenset(reader.names), tuple(reader.marks), False)


def compile_values(text: str) -> tuple[object, ...]:
    """A list of literals, as an input or output says what there is. Raises Invalid."""
    reader = _Reader(text[:LENGTH])
    found = [reader.literal()]
    while reader.take("mark", ","):
        found.append(reader.literal())
    reader.ended()
    return tuple(found)


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.names: set[str] = set()
        self.marks: list[object] = []
        self.tokens = list(self._tokens())
        self.at = 0

    def _tokens(self) -> Iterable[tuple[str, str]]:
        at = 0
        while self.text[at:].strip():
            found = _TOKEN.match(self.text, at)
            if found is None:
                raise self.unreadable()
            kind = found.lastgroup or ""
            if found["date"] is not None:
                yield "date", found["day"]
            else:
                yield kind, found[kind]
            at = found.end()

    def unreadable(self) -> Invalid:
        return Invalid(_UNREADABLE, text=self.text.strip()[:80])

    def take(self, kind: str, *words: str) -> str | None:
        """The next token, if it is such a one."""
        if self.at < len(self.tokens):
            found, word = self.tokens[self.at]
            if found == kind and (not words or word in words):
                self.at += 1
                return word
        return None

    def ended(self) -> None:
        if self.at < len(self.tokens):
            raise self.unreadable()

    # ------------------------------------------------------------ tests

    def tests(self) -> Test:
        test = self._not() or self._any()
        self.ended()
        return test

    def _not(self) -> Test | None:
        if self.tokens[self.at : self.at + 2] != [("name", "not"), ("mark", "(")]:
            return None
        self.at += 2
        inner = self._any()
        if not self.take("mark", ")"):
            raise self.unreadable()
        return lambda value, data: not inner(value, data)

    def _any(self) -> Test:
        several = [self._one()]
        while self.take("mark", ","):
            several.append(self._one())
        if len(several) == 1:
            return several[0]
        return lambda value, data: any(test(value, data) for test in several)

    def _one(self) -> Test:
        if word := self.take("compare"):
            return _compared(word, self._end())
        opening = self.take("mark", "[", "(", "]")
        if opening is None:
            return _compared("=", self._end())
        low = self._end()
        if not self.take("dots"):
            raise self.unreadable()
        high = self._end()
        closing = self.take("mark", "]", ")", "[")
        if closing is None:
            raise self.unreadable()
        above = _compared(">=" if opening == "[" else ">", low)
        below = _compared("<=" if closing == "]" else "<", high)
        return lambda value, data: above(value, data) and below(value, data)

    def _end(self) -> _Value:
        """What a value is held against: a literal, or a name of the case's data."""
        name = self.take("name")
        if name is not None and name not in _WORDS:
            self.names.add(name)
            return lambda data: data.get(name)
        if name is not None:
            self.at -= 1
        said = self.literal()
        self.marks.append(said)
        return lambda _: said

    def literal(self) -> object:
        """A text, number, date, truth value or null."""
        if (word := self.take("text")) is not None:
            return re.sub(r"\\(.)", r"\1", word[1:-1])
        if (word := self.take("number")) is not None:
            return float(word) if set(word) & set(".eE") else int(word)
        if (word := self.take("date")) is not None:
            try:
                return date.fromisoformat(word).isoformat()
            except ValueError:
                raise self.unreadable() from None
        if (word := self.take("name", *_WORDS)) is not None:
            return _WORDS[word]
        raise self.unreadable()


def _compared(word: str, end: _Value) -> Test:
    if word == "=":
        return lambda value, data: _same(value, end(data))
    if word == "!=":
        return lambda value, data: not _same(value, end(data))

    def ordered(value: Any, data: Mapping[str, Any]) -> bool:
        other = end(data)
        if not _alike(value, other):
            return False
        match word:
            case "<":
                return bool(value < other)
            case "<=":
                return bool(value <= other)
            case ">":
                return bool(value > other)
        return bool(value >= other)

    return ordered


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    return "text" if isinstance(value, str) else "none" if value is None else "other"


def _same(a: object, b: object) -> bool:
    return _kind(a) == _kind(b) and a == b


def _alike(a: object, b: object) -> bool:
    """Whether two values have an order: both numbers, or both texts (dates among them)."""
    return _kind(a) == _kind(b) and _kind(a) in ("number", "text")
