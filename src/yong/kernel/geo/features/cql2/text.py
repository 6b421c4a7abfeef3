"""CQL2 text: the grammar of OGC 21-065r2, annex B, without arithmetic, arrays and functions of its own."""

import re
from collections.abc import Callable

import shapely

from yong.kernel.base.errors import Malformed
from yong.kernel.base.text import Text
from yong.kernel.geo.features.cql2 import tree
from yong.kernel.geo.features.cql2.tree import Call, Interval, Name, Node, Place, Shape, Value

_WRONG = Text(
    "filter 第 {at} 个字符处应为{zh}",
    "The filter is not understood at character {at}: {en} is expected there",
)
_FUNCTION = Text("没有函数 {name}", "There is no function {name}")
_SPACE = re.compile(r"\s*")
_WORD = re.compile(r"[^\W\d][\w.:]*|:[\w.:]+")
_QUOTED = re.compile(r'"([^"\x00]{1,1000})"')
_STRING = re.compile(r"'((?:''|\\'|[^'])*)'")
_ESCAPE = re.compile(r"''|\\'")
_NUMBER = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d{1,3})?", re.ASCII)
_COMPARED = re.compile(r"<>|<=|>=|=|<|>")
_GEOMETRIES = frozenset(
    {"POINT", "LINESTRING", "POLYGON", "MULTIPOINT", "MULTILINESTRING", "MULTIPOLYGON", "GEOMETRYCOLLECTION"}
)
_WKT = re.compile(r"[A-Za-z]+(?:\s+[Zz])?\s*(?=\()")


def from_text(text: str, place: Place) -> Node:
    """The tree of a filter. Raises Malformed, which says where it is not understood."""
    if len(text) > tree.LENGTH:
        raise Malformed(tree.LONG, n=tree.LENGTH)
    reader = _Reader(text, place)
    found = reader.either(0)
    reader.space()
    if reader.at < len(text):
        raise reader.wrong("AND、OR 或结尾", "AND, OR or the end")
    return found


class _Reader:
    """A position in the text; every method reads from there and steps over what it read."""

    def __init__(self, text: str, place: Place) -> None:
        self.text, self.place, self.at = text, place, 0
        self.budget = tree.Budget()

    def wrong(self, zh: str, en: str) -> Malformed:
        return Malformed(_WRONG, at=self.at + 1, zh=zh, en=en)

    def space(self) -> None:
        found = _SPACE.match(self.text, self.at)
        assert found is not None
        self.at = found.end()

    def match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        self.space()
        found = pattern.match(self.text, self.at)
        if found is not None:
            self.at = found.end()
        return found

    def sign(self, sign: str) -> bool:
        self.space()
        if not self.text.startswith(sign, self.at):
            return False
        self.at += len(sign)
        return True

    def expect(self, sign: str) -> None:
        if not self.sign(sign):
            raise self.wrong(f"“{sign}”", f"“{sign}”")

    def word(self, *words: str) -> str | None:
        """One of these keywords, if it comes next."""
        self.space()
        found = _WORD.match(self.text, self.at)
        if found is None or found[0].upper() not in words:
            return None
        self.at = found.end()
        return found[0].upper()

    # Conditions

    def either(self, depth: int) -> Node:
        return self._several("OR", self._all, depth)

    def _all(self, depth: int) -> Node:
        return self._several("AND", self._one, depth)

    def _several(self, word: str, part: Callable[[int], Node], depth: int) -> Node:
        found = [part(depth)]
        while self.word(word):
            found.append(part(depth))
        return found[0] if len(found) == 1 else Call(word.lower(), tuple(found))

    def _one(self, depth: int) -> Node:
        depth = tree.deeper(depth)
        self.budget.spend()
        if self.word("NOT") is not None:
            return Call("not", (self._one(depth),))
        if self.sign("("):
            found = self.either(depth)
            self.expect(")")
            return self._null(found)
        return self._predicate(depth)

    def _predicate(self, depth: int) -> Node:
        subject = self._operand(depth)
        if isinstance(subject, Call) and subject.op != "casei":
            return self._null(subject)
        if found := self.match(_COMPARED):
            return Call(found[0], (subject, self._operand(depth)))
        return self._worded(subject, depth)

    def _worded(self, subject: Node, depth: int) -> Node:
        negated = self.word("NOT") is not None
        match self.word("LIKE", "BETWEEN", "IN"):
            case "LIKE":
                found = Call("like", (subject, self._operand(depth)))
            case "BETWEEN":
                low = self._operand(depth)
                if self.word("AND") is None:
                    raise self.wrong("AND", "AND")
                found = Call("between", (subject, low, self._operand(depth)))
            case "IN":
                found = Call("in", (subject, *self._list(depth)))
            case _ if negated:
                raise self.wrong("LIKE、BETWEEN 或 IN", "LIKE, BETWEEN or IN")
            case _:
                return self._null(subject, condition=True)
        return Call("not", (found,)) if negated else found

    def _null(self, subject: Node, *, condition: bool = False) -> Node:
        """What is asked for NULL; else the subject itself, if it may be a condition."""
        if self.word("IS") is not None:
            negated = self.word("NOT") is not None
            if self.word("NULL") is None:
                raise self.wrong("NULL", "NULL")
            found = Call("isNull", (subject,))
            return Call("not", (found,)) if negated else found
        alone = isinstance(subject, Name) or (isinstance(subject, Value) and isinstance(subject.value, bool))
        if condition and not alone:
            raise self.wrong("比较运算", "a comparison")
        return subject

    def _list(self, depth: int) -> list[Node]:
        self.expect("(")
        found = [self._operand(depth)]
        while self.sign(","):
            found.append(self._operand(depth))
            tree.not_too_many(len(found))
        self.expect(")")
        return found

    # Operands

    def _operand(self, depth: int) -> Node:
        self.budget.spend()
        if found := self.match(_STRING):
            return Value(_ESCAPE.sub("'", found[1]))
        if found := self.match(_NUMBER):
            return Value(number(found[0]))
        if found := self.match(_QUOTED):
            return Name(found[1])
        begin = self.at
        if found := self.match(_WORD):
            name = found[0]
            upper = name.upper()
            if upper in ("TRUE", "FALSE"):
                return Value(upper == "TRUE")
            wkt = _WKT.match(self.text, begin)
            if wkt is not None and wkt[0].split()[0].upper() in _GEOMETRIES:
                return self._geometry(begin, wkt.end())
            if self.sign("("):
                return self._function(name, tree.deeper(depth))
            if upper not in ("AND", "OR", "NOT", "LIKE", "BETWEEN", "IN", "IS", "NULL"):
                return Name(name)
            self.at = begin
        raise self.wrong("属性、值或条件", "a property, a value or a condition")

    def _function(self, name: str, depth: int) -> Node:
        """A function after its opening parenthesis."""
        upper, lower = name.upper(), name.lower()
        if lower in tree.SPATIAL or lower in tree.TEMPORAL:
            first = self._operand(depth)
            self.expect(",")
            found: Node = Call(lower, (first, self._operand(depth)))
        elif upper == "CASEI":
            found = Call("casei", (self._operand(depth),))
        elif upper == "DATE":
            found = Value(tree.day(self._string()))
        elif upper == "TIMESTAMP":
            found = Value(tree.moment(self._string()))
        elif upper == "INTERVAL":
            start = self._bound()
            self.expect(",")
            found = Interval(start, self._bound())
        elif upper == "BBOX":
            found = self._box()
        else:
            raise Malformed(_FUNCTION, name=name[:60])
        self.expect(")")
        return found

    def _string(self) -> str:
        found = self.match(_STRING)
        if found is None:
            raise self.wrong("单引号中的文本", "a text in single quotes")
        return found[1]

    def _bound(self) -> Name | Value | None:
        if found := self.match(_STRING):
            return None if found[1] == ".." else Value(tree.instant(found[1]))
        found = self.match(_QUOTED)
        if found:
            return Name(found[1])
        begin = self.at
        found = self.match(_WORD)
        if found is None:
            raise self.wrong("时间或属性", "a time or a property")
        if not self.sign("("):
            return Name(found[0])
        inner = self._function(found[0], tree.DEPTH)
        if not (isinstance(inner, Value) and not isinstance(inner.value, str)):
            self.at = begin
            raise self.wrong("时间或属性", "a time or a property")
        return inner

    def _box(self) -> Shape:
        numbers: list[float] = []
        while len(numbers) < 7:
            found = self.match(_NUMBER)
            if found is None:
                raise self.wrong("数", "a number")
            numbers.append(float(number(found[0])))
            if not self.sign(","):
                break
        return tree.box(numbers, self.place)

    def _geometry(self, begin: int, opening: int) -> Shape:
        """Well-known text up to the parenthesis that closes the one at `opening`."""
        depth = 0
        for at in range(opening, len(self.text)):
            depth += {"(": 1, ")": -1}.get(self.text[at], 0)
            if depth == 0:
                given = self.text[begin : at + 1]
                self.at = at + 1
                break
            if depth > 8:
                raise self.wrong("几何", "a geometry")
        else:
            raise self.wrong("“)”", "“)”")
        return tree.shape(shapely.from_wkt(given, on_invalid="ignore"), given, self.place)


def number(text: str) -> int | float:
    """A number as it is written: whole ones within 64 bits stay whole."""
    if text.lstrip("+-").isdigit() and -(2**63) <= int(text[:40]) < 2**63 and len(text) <= 40:
        return int(text)
    return float(text)
