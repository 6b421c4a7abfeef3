"""Conditions of procedures: a small part of Python's expressions, read once and computed without ever running code.

`outcome == "confirm"`, `urgent and amount > 10000`, `cause in ("fire", "flood")`, `not assigned`; `${…}` around and `=`
before it, as other tools write, are taken away. A name that nothing was said of is none: none equals nothing but none,
and is never more or less than anything. `true`, `false` and `null` are words in any case of letters. `date("2026-10-01")` is
a day as forms hold it.
"""

import ast
import operator
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from yong.kernel.base.errors import Invalid
from yong.kernel.base.text import Text

LENGTH, NODES, DEPTH = 1_000, 200, 30
_NUMBER, _TEXT = 1e15, 10_000
_LONG = Text("条件过长或过于复杂", "The condition is too long or too deep")
_UNREADABLE = Text("条件无法读取：{text}", "The condition cannot be read: {text}")
_REFUSED = Text("条件里不能用 {what}", "A condition cannot hold {what}")

_Value = Callable[[Mapping[str, Any]], Any]


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    """An order that none, and things of different kinds, have no part in."""

    def compared(a: Any, b: Any) -> bool:
        try:
            return a is not None and b is not None and bool(compare(a, b))
        except TypeError:
            return False

    return compared


def _within(a: Any, b: Any) -> bool:
    if isinstance(b, str):
        return isinstance(a, str) and a in b
    return isinstance(b, list | tuple) and a in b


_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: lambda a, b: bool(a == b),
    ast.NotEq: lambda a, b: bool(a != b),
    ast.Lt: _ordered(operator.lt),
    ast.LtE: _ordered(operator.le),
    ast.Gt: _ordered(operator.gt),
    ast.GtE: _ordered(operator.ge),
    ast.In: _within,
    ast.NotIn: lambda a, b: not _within(a, b),
    ast.Is: lambda a, b: a is None and b is None,
    ast.IsNot: lambda a, b: not (a is None and b is None),
}
_COUNT: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Mod: operator.mod,
}
_WORDS = {"true": True, "false": False, "null": None, "none": None}


class Expression:
    """A condition, ready to be asked. `names` are what it asks of the case; `text` is how it was written."""

    __slots__ = ("_value", "names", "text")

    def __init__(self, text: str, names: frozenset[str], value: _Value) -> None:
        self.text, self.names, self._value = text, names, value

    def value(self, data: Mapping[str, Any]) -> Any:
        """What it comes to with what is known of a case. Never raises."""
        return self._value(data)


def compile_expression(text: str) -> Expression:
    """Read a condition. Raises Invalid for what is none, is too long, or would do more than compare and count."""
    plain = text.strip()
    if plain.startswith("${") and plain.endswith("}"):
        plain = plain[2:-1]
    plain = plain.removeprefix("=").strip()
    if not 0 < len(plain) <= LENGTH:
        raise Invalid(_LONG if plain else _UNREADABLE.filled(text=""))
    try:
        tree = ast.parse(plain, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise Invalid(_UNREADABLE, text=plain[:100]) from None
    if sum(1 for _ in ast.walk(tree)) > NODES:
        raise Invalid(_LONG)
    names: set[str] = set()
    value = _read(tree, names, 0)
    return Expression(text, frozenset(names), value)


def _read(node: ast.expr, names: set[str], depth: int) -> _Value:
    if depth > DEPTH:
        raise Invalid(_LONG)

    def read(child: ast.expr) -> _Value:
        return _read(child, names, depth + 1)

    match node:
        case ast.Constant(value=bool() | int() | float() | str() | None as said):
            return lambda _: said
        case ast.Name(id=name) if name.lower() in _WORDS:
            word = _WORDS[name.lower()]
            return lambda _: word
        case ast.Name(id=name):
            names.add(name)
            return lambda data: data.get(name)
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            several = [read(part) for part in parts]
            return lambda data: tuple(one(data) for one in several)
        case ast.BoolOp(op=ast.And(), values=parts):
            several = [read(part) for part in parts]
            return lambda data: all(one(data) for one in several)
        case ast.BoolOp(values=parts):
            several = [read(part) for part in parts]
            return lambda data: any(one(data) for one in several)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            inner = read(operand)
            return lambda data: not inner(data)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            inner = read(operand)
            return lambda data: _counted(operator.sub, 0, inner(data))
        case ast.Compare(left=left, ops=ops, comparators=rights) if all(type(op) in _COMPARE for op in ops):
            sides = [read(side) for side in (left, *rights)]
            compares = [_COMPARE[type(op)] for op in ops]
            return lambda data: _compared(compares, [side(data) for side in sides])
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _COUNT:
            a, b, count = read(left), read(right), _COUNT[type(op)]
            return lambda data: _counted(count, a(data), b(data))
        case ast.Call(func=ast.Name(id="date"), args=[ast.Constant(value=str() as written)], keywords=[]):
            day = _day(written)
            return lambda _: day
        case ast.Call(func=ast.Name(id="len"), args=[argument], keywords=[]):
            inner = read(argument)
            return lambda data: _length(inner(data))
    raise Invalid(_REFUSED, what=type(node).__name__)


def _day(written: str) -> str:
    try:
        return date.fromisoformat(written).isoformat()
    except ValueError:
        raise Invalid(_UNREADABLE, text=written[:100]) from None


def _compared(compares: list[Callable[[Any, Any], bool]], sides: list[Any]) -> bool:
    return all(compare(a, b) for compare, a, b in zip(compares, sides, sides[1:], strict=False))


def _counted(count: Callable[[Any, Any], Any], a: Any, b: Any) -> Any:
    """Numbers counted, texts joined; none for anything else, and beyond what a case may hold."""
    numbers = all(isinstance(v, int | float) and not isinstance(v, bool) and abs(v) < _NUMBER for v in (a, b))
    texts = count is operator.add and isinstance(a, str) and isinstance(b, str) and len(a) + len(b) < _TEXT
    if not numbers and not texts:
        return None
    try:
        return count(a, b)
    except ZeroDivisionError:
        return None


def _length(value: Any) -> int | None:
    return len(value) if isinstance(value, str | list | tuple | dict) else None
