"""Expressions as people write them, read.

`100 * count(cityops.turn where in_time by due_at) / count(cityops.turn by due_at)`

    sum       = product { ("+" | "-") product }
    product   = one { ("*" | "/") one }
    one       = number | "-" one | "(" sum ")" | aggregate | "weighted" "(" indicator ":" number { "," … } ")"
    aggregate = ("count" "(" relation | kind "(" relation "." field | "percentile" "(" number "," relation "." field)
                [ "where" condition ] [ "by" field ] ")"
    condition = either { "or" either };  either = test { "and" test };  test = "not" test | "(" condition ")" | field [ how ]
    how       = ("=" | "!=" | "<" | "<=" | ">" | ">=" | "prefix" | "contains") value | "in" "(" value { "," value } ")"
              | "is" [ "not" ] "null"

A field alone is one that is true. Values are numbers, true, false and texts in quotes; days and moments are texts, and `now` is
the moment that is counted at, or the end of the period if that came before.
"""

import re
from collections.abc import Sequence
from typing import NoReturn

from yong.kernel.base.errors import Invalid, Problem
from yong.kernel.base.text import Text
from yong.kernel.indicators.formulas.model import (
    AGGREGATES,
    DEPTH,
    LENGTH,
    NUMBERS,
    PARTS,
    TESTS,
    Aggregate,
    Both,
    Compare,
    Condition,
    Formula,
    Kind,
    Not,
    Number,
    Sum,
    Weighted,
    aggregates,
)
from yong.kernel.records.contracts import Operator

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<name>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)"
    r"|(?P<text>\"[^\"\x00]*\"|'[^'\x00]*')|(?P<sign><=|>=|!=|[-+*/()=<>,:]))"
)
_COMPARE = {
    "=": Operator.EQ, "!=": Operator.NE, "<": Operator.LT, "<=": Operator.LTE, ">": Operator.GT, ">=": Operator.GTE,
    "prefix": Operator.PREFIX, "contains": Operator.CONTAINS,
}  # fmt: skip
_KINDS = {kind.value: kind for kind in Kind}
_WORDS = frozenset({"where", "by", "and", "or", "not", "in", "is", "null", "prefix", "contains", "true", "false"})  # fmt: skip


def read(text: str, pointer: str = "/expression") -> Formula:
    """An expression. Raises Invalid, which says where it went wrong, in both languages."""
    if not text.strip() or len(text) > LENGTH:
        raise Invalid(
            None,
            problems=(Problem(pointer, Text(f"应为 1 至 {LENGTH} 个字符", f"1 to {LENGTH} characters")),),
        )
    reader = _Reader(text, pointer)
    formula = reader.sum(0)
    reader.end()
    if len(aggregates(formula)) > AGGREGATES:
        reader.wrong(f"最多 {AGGREGATES} 项统计", f"At most {AGGREGATES} counts", 0)
    if not isinstance(formula, Weighted) and not aggregates(formula):
        reader.wrong("没有统计任何数据", "Nothing of any Relation is asked for", 0)
    return formula


class _Reader:
    """The words of an expression, one after the other."""

    def __init__(self, text: str, pointer: str) -> None:
        self.text, self.pointer, self.at, self.tests = text, pointer, 0, 0
        self.tokens: list[tuple[str, str, int]] = []
        place = 0
        while text[place:].strip():
            found = _TOKEN.match(text, place)
            if found is None:
                place += len(text[place:]) - len(text[place:].lstrip())
                self.wrong(f"无法识别 {text[place]}", f"{text[place]} means nothing here", place)
            kind = found.lastgroup or ""
            self.tokens.append((kind, found[kind], found.start(kind)))
            place = found.end()
        self.tokens.append(("end", "", len(text)))

    def wrong(self, zh: str, en: str, place: int | None = None) -> NoReturn:
        place = self.tokens[self.at][2] if place is None else place
        where = Text(f"第 {place + 1} 个字符：{zh}", f"At character {place + 1}: {en}")
        raise Invalid(None, problems=(Problem(self.pointer, where),))

    # ------------------------------------------------------------ words

    @property
    def word(self) -> str:
        kind, value, _ = self.tokens[self.at]
        return value if kind in ("name", "sign") else ""

    def took(self, *words: str) -> str | None:
        """One of these words, if it is the next."""
        if self.word in words and self.word:
            self.at += 1
            return self.tokens[self.at - 1][1]
        return None

    def need(self, word: str) -> None:
        if not self.took(word):
            said = self.tokens[self.at][1] or "∎"
            self.wrong(f"应为 {word}，而不是 {said[:40]}", f"{word} is expected, not {said[:40]}")

    def name(self, dots: Sequence[int], zh: str, en: str) -> str:
        kind, value, _ = self.tokens[self.at]
        if kind != "name" or value.count(".") not in dots or value in _WORDS or len(value) > 160:
            self.wrong(f"应为{zh}", f"{en} is expected")
        self.at += 1
        return value

    def number(self) -> float:
        kind, value, _ = self.tokens[self.at]
        if kind != "number" or float(value) > NUMBERS:
            self.wrong("应为数字", "A number is expected")
        self.at += 1
        return float(value)

    def end(self) -> None:
        if self.tokens[self.at][0] != "end":
            said = self.tokens[self.at][1]
            self.wrong(f"多余的 {said[:40]}", f"{said[:40]} is too much")

    # ------------------------------------------------------------ numbers

    def sum(self, depth: int) -> Formula:
        if depth > DEPTH:
            self.wrong("嵌套过深", "It is nested too deep")
        left = self.product(depth)
        while sign := self.took("+", "-"):
            left = Sum(sign, self.plain(left), self.plain(self.product(depth)))
        return left

    def product(self, depth: int) -> Formula:
        left = self.one(depth)
        while sign := self.took("*", "/"):
            left = Sum(sign, self.plain(left), self.plain(self.one(depth)))
        return left

    def plain(self, formula: Formula) -> Formula:
        if isinstance(formula, Weighted):
            self.wrong("weighted 只能单独使用", "weighted(…) stands alone")
        return formula

    def one(self, depth: int) -> Formula:
        if depth > DEPTH:
            self.wrong("嵌套过深", "It is nested too deep")
        if self.tokens[self.at][0] == "number":
            return Number(self.number())
        if self.took("-"):
            return Sum("-", Number(0), self.plain(self.one(depth + 1)))
        if self.took("("):
            inner = self.sum(depth + 1)
            self.need(")")
            return inner
        word = self.word
        if word == "weighted":
            return self.weighted()
        if word not in _KINDS:
            known = ", ".join([*_KINDS, "weighted"])
            self.wrong(f"应为数字或 {known}", f"A number or one of {known} is expected")
        self.at += 1
        return self.aggregate(_KINDS[word])

    def aggregate(self, kind: Kind) -> Aggregate:
        self.need("(")
        percent = None
        if kind is Kind.PERCENTILE:
            percent = self.number()
            if not 0 < percent < 100:
                self.wrong("百分位应在 0 与 100 之间", "A percentile lies between 0 and 100")
            self.need(",")
        if kind is Kind.COUNT:
            relation, field = (
                self.name((1,), "资源名，如 cases.case", "A Relation, such as cases.case,"),
                None,
            )
        else:
            name = self.name((2,), "资源的字段，如 cases.case.id", "A field, such as cases.case.id,")
            relation, _, field = name.rpartition(".")
        where = self.condition(0) if self.took("where") else None
        by = self.name((0,), "字段名", "A field") if self.took("by") else None
        self.need(")")
        return Aggregate(kind=kind, relation=relation, field=field, where=where, by=by, percent=percent)

    def weighted(self) -> Weighted:
        self.at += 1
        self.need("(")
        parts: list[tuple[str, float]] = []
        while True:
            name = self.name((1,), "指标名", "An indicator's name")
            self.need(":")
            parts.append((name, self.number()))
            if not self.took(","):
                break
        self.need(")")
        if len({name for name, _ in parts}) != len(parts) or len(parts) > PARTS:
            self.wrong(f"指标不可重复，最多 {PARTS} 个", f"Each indicator once, and at most {PARTS} of them")
        if not sum(weight for _, weight in parts):
            self.wrong("权重之和应大于 0", "The weights must come to more than 0")
        return Weighted(tuple(parts))

    # ------------------------------------------------------------ conditions

    def condition(self, depth: int) -> Condition:
        return self.several(depth, "or")

    def several(self, depth: int, word: str) -> Condition:
        if depth > DEPTH:
            self.wrong("嵌套过深", "It is nested too deep")
        parts = [self.several(depth, "and") if word == "or" else self.test(depth)]
        while self.took(word):
            parts.append(self.several(depth, "and") if word == "or" else self.test(depth))
        return parts[0] if len(parts) == 1 else Both(word == "and", tuple(parts))

    def test(self, depth: int) -> Condition:
        self.tests += 1
        if self.tests > TESTS:
            self.wrong(f"最多 {TESTS} 个条件", f"At most {TESTS} conditions")
        if depth > DEPTH:
            self.wrong("嵌套过深", "It is nested too deep")
        if self.took("not"):
            return Not(self.test(depth + 1))
        if self.took("("):
            inner = self.condition(depth + 1)
            self.need(")")
            return inner
        field = self.name((0,), "字段名", "A field")
        if self.took("is"):
            no = self.took("not") is not None
            self.need("null")
            return Compare(field, Operator.NULL, "false" if no else "true")
        if self.took("in"):
            return Compare(field, Operator.IN, self.values())
        if how := self.took(*_COMPARE):
            if self.took("now"):
                return Compare(field, _COMPARE[how], "", now=True)
            return Compare(field, _COMPARE[how], self.value())
        return Compare(field, Operator.EQ, "true")

    def values(self) -> str:
        self.need("(")
        found = [self.value()]
        while self.took(","):
            found.append(self.value())
        self.need(")")
        if any("," in one for one in found):
            self.wrong("列表中的值不可含逗号", "A value in a list holds no comma")
        return ",".join(found)

    def value(self) -> str:
        minus = "-" if self.took("-") else ""
        kind, value, _ = self.tokens[self.at]
        if kind == "number":
            self.at += 1
            return minus + value
        if not minus and kind == "text":
            self.at += 1
            return value[1:-1]
        if not minus and value in ("true", "false"):
            self.at += 1
            return value
        return self.wrong(
            "应为数字、true、false 或引号中的文字", "A number, true, false or a text in quotes is expected"
        )
