"""The NGSI-LD query language (ETSI GS CIM 009 clause 4.9), from text to a tree.

What is beyond the letter of the grammar, because clients send it: associations may nest, a value may be a bare
word (a URI or the short name of a vocabulary term), and a pattern may stand in quotes, inside which only `\\"` is
an escape. A pattern without quotes ends before a `;` or `|` that stands outside of its own parentheses and
brackets. The sub-query over linked entities, `relation{attribute}`, is refused.
"""

import json
import re
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

import msgspec

from yong.kernel.base.errors import Invalid
from yong.kernel.base.text import Text
from yong.kernel.context.asking.reading import Reader, leaves, logical

VALUES = 100  # values of one list
NAMES = 10  # names of one path
PATTERN = 200  # characters of a regular expression
MEMBERS = frozenset({"observedAt", "createdAt", "modifiedAt", "unitCode", "datasetId", "objectType"})

_LINKED = Text(
    "不支持跨对象查询 {name}{{…}}；请先查询关联对象，再以其标识过滤",
    "Queries across linked entities, {name}{{…}}, are not served: ask for the linked entities first, then by their ids",
)
_BACK = Text(
    "正则表达式不得使用回溯引用或 *** 前缀", "A pattern may use neither back references nor a *** prefix"
)
_ORDER = Text("不能以大小比较：{value}", "There is no greater or less than {value}")


class Kind(StrEnum):
    """What a value of a query is; values of different kinds are never equal."""

    NUMBER = "number"
    STRING = "string"
    BOOLEAN = "boolean"
    MOMENT = "moment"  # a date and time of day in UTC
    DAY = "day"
    TIME = "time"
    WORD = "word"  # a URI, or a term of a vocabulary; compared as a string


class Value(msgspec.Struct, frozen=True):
    """`text` is what it means: of a string its characters, of all else its usual spelling."""

    kind: Kind
    text: str


class Span(msgspec.Struct, frozen=True):
    """From `least` to `most`, both included; both are of one kind."""

    least: Value
    most: Value


class Operator(StrEnum):
    EXISTS = ""
    EQUAL = "=="
    UNEQUAL = "!="
    GREATER_EQUAL = ">="
    GREATER = ">"
    LESS_EQUAL = "<="
    LESS = "<"
    LIKE = "~="
    UNLIKE = "!~="


class Term(msgspec.Struct, frozen=True, kw_only=True):
    """One condition. `path` are names of attributes, `inside` the trailing path into the value.

    `values` has one entry for an order, several for a list, none for existence and patterns.
    """

    path: tuple[str, ...]
    inside: tuple[str, ...] = ()
    operator: Operator = Operator.EXISTS
    values: tuple[Value | Span, ...] = ()
    pattern: str = ""


_NAME = re.compile(r"[^\W\d](?:[\w:-])*")
_MEMBER = re.compile(r"\*|[@$\w][\w:@$-]*")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w:])", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[.,]\d{1,6})?Z", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d(?![\dT])", re.ASCII)
_TIME = re.compile(r"\d\d:\d\d:\d\d(?:[.,]\d{1,6})?Z", re.ASCII)
_WORD = re.compile(r"[^\W\d][^\s;|,()\"<>\\^`{}]*")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_RAW = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_OPERATORS = tuple(sorted((o for o in Operator if o), key=lambda o: -len(o)))
_ORDERS = frozenset({Operator.GREATER, Operator.GREATER_EQUAL, Operator.LESS, Operator.LESS_EQUAL})
_TEMPORAL = (
    (_MOMENT, Kind.MOMENT, datetime.fromisoformat),
    (_DAY, Kind.DAY, date.fromisoformat),
    (_TIME, Kind.TIME, time.fromisoformat),
)

Tree = object  # a Term, or All or Any of Trees


@lru_cache(512)  # those who look at a map or a board ask the same again and again
def parse(text: str) -> Tree:
    """The tree of a query: Terms under All and Any. Raises Invalid with the place of the fault."""
    return logical(Reader(text, "q"), _term)


def renamed(
    tree: Tree, name: Callable[[str], str], word: Callable[[str], str], words: frozenset[str]
) -> Tree:
    """The tree with its attributes called as they are stored, by `name`.

    Of the attributes `words` (stored names) the values are terms of a vocabulary, which `word` gives as stored.
    """

    def term(one: object) -> object:
        assert isinstance(one, Term)
        path = tuple(n if n in MEMBERS else name(n) for n in one.path)
        values = one.values
        if path[0] in words:
            values = tuple(
                Value(v.kind, word(v.text))
                if isinstance(v, Value) and v.kind in (Kind.WORD, Kind.STRING)
                else v
                for v in values
            )
        return msgspec.structs.replace(one, path=path, values=values)

    return leaves(tree, term)


def names_of(tree: Tree) -> frozenset[str]:
    """The attributes that a query is about."""
    found: set[str] = set()

    def term(one: object) -> object:
        assert isinstance(one, Term)
        found.add(one.path[0])
        return one

    leaves(tree, term)
    return frozenset(found)


def _term(reader: Reader) -> Term:
    path = _dotted(reader, _NAME)
    if reader.peek("{"):
        raise Invalid(_LINKED, name=path[-1][:100])
    inside: tuple[str, ...] = ()
    if reader.take("["):
        inside = _dotted(reader, _MEMBER)
        reader.expect("]")
    operator = next((o for o in _OPERATORS if reader.take(o)), Operator.EXISTS)
    if operator in (Operator.LIKE, Operator.UNLIKE):
        return Term(path=path, inside=inside, operator=operator, pattern=_pattern(reader))
    values: tuple[Value | Span, ...] = ()
    if operator in _ORDERS:
        value = _value(reader)
        if value.kind in (Kind.BOOLEAN, Kind.WORD):
            raise Invalid(_ORDER, value=value.text[:100])
        values = (value,)
    elif operator is not Operator.EXISTS:
        values = _values(reader)
    return Term(path=path, inside=inside, operator=operator, values=values)


def _dotted(reader: Reader, name: re.Pattern[str]) -> tuple[str, ...]:
    names: list[str] = []
    while not names or reader.take("."):
        found = reader.match(name)
        if found is None or len(names) == NAMES:
            reader.fail(f"属性名（至多 {NAMES} 级）", f"a name (at most {NAMES} of them)")
        names.append(found)
    return tuple(names)


def _values(reader: Reader) -> tuple[Value | Span, ...]:
    first = _value(reader)
    if reader.take(".."):
        least, most = first, _value(reader)
        if least.kind is not most.kind or least.kind in (Kind.BOOLEAN, Kind.WORD):
            reader.fail("同类的上下限", "two bounds of one kind")
        return (Span(least, most),)
    found = [first]
    while reader.take(","):
        if len(found) == VALUES:
            reader.fail(f"至多 {VALUES} 个值", f"at most {VALUES} values")
        found.append(_value(reader))
    return tuple(found)


def _value(reader: Reader) -> Value:
    if reader.peek('"'):
        return Value(Kind.STRING, _string(reader))
    for pattern, kind, read in _TEMPORAL:
        if found := reader.match(pattern):
            found = found.replace(",", ".")
            try:
                read(found)
            except ValueError:
                reader.fail("存在的日期或时间", "a date or time that exists")
            return Value(kind, found)
    if found := reader.match(_NUMBER):
        number = Decimal(found)
        if len(found) > 40 or abs(number.adjusted()) > 300:
            reader.fail("大小适度的数", "a number of a usual size")
        return Value(Kind.NUMBER, found)
    found = reader.match(_WORD)
    if found is None:
        reader.fail("值", "a value")
    if ".." in found:
        reader.at -= len(found) - found.index("..")
        found = found[: found.index("..")]
    return Value(Kind.BOOLEAN if found in ("true", "false") else Kind.WORD, found)


def _string(reader: Reader) -> str:
    found = reader.match(_STRING)
    try:
        text = json.loads(found or "")
        text.encode()
    except (ValueError, UnicodeEncodeError):
        text = "\0"
    if "\0" in text:
        reader.fail("JSON 字符串", "a JSON string")
    return str(text)


def _pattern(reader: Reader) -> str:
    if reader.peek('"'):
        found = reader.match(_RAW)
        pattern = found[1:-1].replace('\\"', '"') if found else ""
    else:
        pattern = reader.text[reader.at : _pattern_end(reader.text, reader.at)]
        reader.at += len(pattern)
    if not pattern or len(pattern) > PATTERN:
        reader.fail(f"至多 {PATTERN} 个字符的正则表达式", f"a pattern of at most {PATTERN} characters")
    return safe_pattern(pattern)


def safe_pattern(pattern: str) -> str:
    """A pattern as it may go to PostgreSQL, whose engine is linear without back references. Raises Invalid."""
    if pattern.startswith("***") or re.search(r"(?<!\\)(?:\\\\)*\\[1-9]", pattern):
        raise Invalid(_BACK)
    return pattern


def _pattern_end(text: str, at: int) -> int:
    depth, bracket, escaped = 0, False, False
    for i in range(at, len(text)):
        sign = text[i]
        if escaped:
            escaped = False
        elif sign == "\\":
            escaped = True
        elif bracket:
            bracket = sign != "]"
        elif sign == "[":
            bracket = True
        elif sign == "(":
            depth += 1
        elif sign == ")" and depth:
            depth -= 1
        elif not depth and sign in ");|":
            return i
    return len(text)
