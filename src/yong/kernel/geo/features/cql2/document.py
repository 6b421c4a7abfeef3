"""CQL2 JSON: the schema of OGC 21-065r2, without arithmetic, arrays and functions of its own."""

import json
from typing import Any

import msgspec
import shapely

from yong.kernel.base.errors import Malformed
from yong.kernel.base.text import Text
from yong.kernel.geo.features.cql2 import tree
from yong.kernel.geo.features.cql2.tree import Call, Interval, Name, Node, Place, Value

_WRONG = Text("filter 的 {at} 处应为{zh}", "The filter is not understood at {at}: {en} is expected there")
_NO_JSON = Text("filter 不是 JSON", "The filter is no JSON")
_OPERATOR = Text("filter 没有运算 {op}", "A filter has no operation {op}")
_COUNTS = {"not": 1, "isNull": 1, "casei": 1, "like": 2, "between": 3, "in": 2}


def from_json(text: str, place: Place) -> Node:
    """The tree of a filter. Raises Malformed with a JSON Pointer to what is not understood."""
    if len(text) > tree.LENGTH:
        raise Malformed(tree.LONG, n=tree.LENGTH)
    try:
        given = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        raise Malformed(_NO_JSON) from None
    return _Reader(place).condition(given, "/filter", 0)


def _wrong(at: str, zh: str, en: str) -> Malformed:
    return Malformed(_WRONG, at=at, zh=zh, en=en)


class _Reader:
    def __init__(self, place: Place) -> None:
        self.place = place
        self.budget = tree.Budget()

    def condition(self, given: Any, at: str, depth: int) -> Node:
        """A condition: an operation, true or false, or a property that is."""
        found = self.node(given, at, depth)
        if isinstance(found, Name) or (isinstance(found, Value) and isinstance(found.value, bool)):
            return found
        if not isinstance(found, Call) or found.op == "casei":
            raise _wrong(at, "条件", "a condition")
        return found

    def node(self, given: Any, at: str, depth: int) -> Node:
        self.budget.spend()
        if isinstance(given, bool | int | float | str):
            if isinstance(given, int) and not isinstance(given, bool) and not -(2**63) <= given < 2**63:
                return Value(float(given))
            return Value(given)
        if not isinstance(given, dict):
            raise _wrong(at, "条件、属性或值", "a condition, a property or a value")
        match given:
            case {"op": str(op), "args": list(args)}:
                return self._call(op, args, at, tree.deeper(depth))
            case {"property": str(name)} if name and "\0" not in name:
                return Name(name)
            case {"date": text}:
                return Value(tree.day(text))
            case {"timestamp": text}:
                return Value(tree.moment(text))
            case {"interval": [start, end]}:
                return Interval(self._bound(start, f"{at}/interval/0"), self._bound(end, f"{at}/interval/1"))
            case {"bbox": list(numbers)}:
                if not all(type(n) in (int, float) for n in numbers):
                    raise _wrong(f"{at}/bbox", "数", "numbers")
                return tree.box([float(n) for n in numbers], self.place)
            case {"type": str(kind)}:
                encoded = json.dumps(given)
                return tree.shape(shapely.from_geojson(encoded, on_invalid="ignore"), kind, self.place)
        raise _wrong(at, "条件、属性或值", "a condition, a property or a value")

    def _bound(self, given: Any, at: str) -> Name | Value | None:
        match given:
            case "..":
                return None
            case {"property": str(name)} if name and "\0" not in name:
                return Name(name)
            case {"date": text} | {"timestamp": text}:
                return Value(tree.instant(text))
            case str():
                return Value(tree.instant(given))
        raise _wrong(at, "时间或属性", "a time or a property")

    def _call(self, op: str, args: list[Any], at: str, depth: int) -> Node:
        op = op if op == "isNull" else op.lower()
        if op in ("and", "or"):
            if len(args) < 2:
                raise _wrong(f"{at}/args", "至少两个条件", "two conditions or more")
            return Call(op, tuple(self.condition(a, f"{at}/args/{i}", depth) for i, a in enumerate(args)))
        two = op in tree.COMPARISONS or op in tree.SPATIAL or op in tree.TEMPORAL
        if not two and op not in _COUNTS:
            raise Malformed(_OPERATOR, op=op[:60])
        if len(args) != (2 if two else _COUNTS[op]):
            raise _wrong(f"{at}/args", "另一数目的参数", "another number of arguments")
        if op == "not":
            return Call(op, (self.condition(args[0], f"{at}/args/0", depth),))
        if op == "in":
            if not isinstance(args[1], list) or not args[1]:
                raise _wrong(f"{at}/args/1", "值的数组", "an array of values")
            tree.not_too_many(len(args[1]))
            args = [args[0], *args[1]]
        return Call(op, tuple(self.node(a, f"{at}/args/{i}", depth) for i, a in enumerate(args)))
