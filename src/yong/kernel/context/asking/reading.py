"""What the small languages share: a text read from left to right, and logical terms of any depth allowed."""

import re
from collections.abc import Callable
from typing import NoReturn

import msgspec

from yong.kernel.base.errors import Invalid
from yong.kernel.base.text import Text

LENGTH = 4000  # characters of one expression
DEPTH = 16  # parentheses inside each other
TERMS = 100  # terms of one expression

_UNFIT = re.compile("[\0\ud800-\udfff]")  # halves of a character cannot be sent on, nulls not be stored
_LONG = Text(
    "{language} 超过 {n} 个字符，或含有不可用的字符",
    "{language} is over {n} characters long, or holds one that is no character",
)
_DEEP = Text("{language} 的括号超过 {n} 层", "{language} nests parentheses over {n} deep")
_MANY = Text("{language} 超过 {n} 项", "{language} has more than {n} terms")
_WRONG = Text(
    "{language} 第 {at} 个字符处应为{zh}",
    "{language} is not understood at character {at}: {en} is expected there",
)


class All(msgspec.Struct, frozen=True):
    """Every one of these holds."""

    of: tuple[object, ...]


class Any(msgspec.Struct, frozen=True):
    """At least one of these holds."""

    of: tuple[object, ...]


class Reader:
    """A position in a text. `language` is the parameter's name, for the errors it raises."""

    def __init__(self, text: str, language: str) -> None:
        if len(text) > LENGTH or _UNFIT.search(text):
            raise Invalid(_LONG, language=language, n=LENGTH)
        self.text, self.language, self.at = text, language, 0
        self.terms = 0

    def peek(self, word: str) -> bool:
        return self.text.startswith(word, self.at)

    def take(self, word: str) -> bool:
        """Step over `word` if it comes next."""
        if not self.peek(word):
            return False
        self.at += len(word)
        return True

    def match(self, pattern: re.Pattern[str]) -> str | None:
        """Step over what matches here, and give it."""
        found = pattern.match(self.text, self.at)
        if found is None or not found[0]:
            return None
        self.at = found.end()
        return found[0]

    def expect(self, word: str) -> None:
        if not self.take(word):
            self.fail(f"“{word}”", f"“{word}”")

    def fail(self, zh: str, en: str) -> NoReturn:
        raise Invalid(_WRONG, language=self.language, at=self.at + 1, zh=zh, en=en)


def leaves(tree: object, change: Callable[[object], object]) -> object:
    """The same tree with every term changed."""
    match tree:
        case All(parts):
            return All(tuple(leaves(part, change) for part in parts))
        case Any(parts):
            return Any(tuple(leaves(part, change) for part in parts))
    return change(tree)


def logical(reader: Reader, term: Callable[[Reader], object], either: tuple[str, ...] = ("|",)) -> object:
    """A whole text of terms joined by `;` (and) and `|` (or), with parentheses; and binds closer."""
    tree = _any(reader, term, either, 0)
    if reader.at < len(reader.text):
        reader.fail("“;”、“|” 或结尾", "“;”, “|” or the end")
    return tree


def _any(reader: Reader, term: Callable[[Reader], object], either: tuple[str, ...], depth: int) -> object:
    found = [_all(reader, term, either, depth)]
    while any(reader.take(sign) for sign in either):
        found.append(_all(reader, term, either, depth))
    return found[0] if len(found) == 1 else Any(tuple(found))


def _all(reader: Reader, term: Callable[[Reader], object], either: tuple[str, ...], depth: int) -> object:
    found = [_one(reader, term, either, depth)]
    while reader.take(";"):
        found.append(_one(reader, term, either, depth))
    return found[0] if len(found) == 1 else All(tuple(found))


def _one(reader: Reader, term: Callable[[Reader], object], either: tuple[str, ...], depth: int) -> object:
    if reader.take("("):
        if depth >= DEPTH:
            raise Invalid(_DEEP, language=reader.language, n=DEPTH)
        tree = _any(reader, term, either, depth + 1)
        reader.expect(")")
        return tree
    reader.terms += 1
    if reader.terms > TERMS:
        raise Invalid(_MANY, language=reader.language, n=TERMS)
    return term(reader)
