"""What a file of decisions holds, ready to be asked."""

from collections.abc import Callable
from enum import StrEnum

import msgspec

from yong.kernel.base.text import Text
from yong.kernel.cases.decisions.feel import Tests
from yong.kernel.cases.procedures.expressions import Expression

RULES, INPUTS, OUTPUTS, TABLES = 2_000, 30, 20, 50


class Policy(StrEnum):
    """What holds where several rules do (DMN 1.3, 8.2.10)."""

    UNIQUE = "UNIQUE"
    ANY = "ANY"
    FIRST = "FIRST"
    PRIORITY = "PRIORITY"
    RULE_ORDER = "RULE ORDER"
    OUTPUT_ORDER = "OUTPUT ORDER"
    COLLECT = "COLLECT"


POLICIES = {
    Policy.UNIQUE: Text("唯一：只有一条规则成立", "Unique: one rule holds"),
    Policy.ANY: Text("任一：成立的规则结论相同", "Any: the rules that hold say the same"),
    Policy.FIRST: Text("首个：按顺序第一条成立的规则", "First: the first rule that holds"),
    Policy.PRIORITY: Text(
        "优先：结论优先级最高的规则", "Priority: the rule whose answer comes first in its list"
    ),
    Policy.RULE_ORDER: Text("规则顺序：全部结论，按规则顺序", "Rule order: all answers, as the rules stand"),
    Policy.OUTPUT_ORDER: Text("结论顺序：全部结论，按优先级", "Output order: all answers, by their list"),
    Policy.COLLECT: Text("汇集：全部结论或其合计", "Collect: all answers, or what they come to"),
}
SEVERAL = frozenset({Policy.RULE_ORDER, Policy.OUTPUT_ORDER, Policy.COLLECT})

AGGREGATES: dict[str, Callable[[list[float]], float]] = {"SUM": sum, "MIN": min, "MAX": max, "COUNT": len}


class Input(msgspec.Struct, frozen=True, kw_only=True):
    """A column that is asked for."""

    label: str
    expression: Expression
    known: tuple[object, ...] | None = None  # the values that there are, where the file says


class Output(msgspec.Struct, frozen=True, kw_only=True):
    """A column that is answered; `order` are its values, the first before the others."""

    name: str
    label: str
    kind: str
    order: tuple[object, ...] = ()
    default: Expression | None = None


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a table: it holds where each test does."""

    number: int
    tests: tuple[Tests, ...]
    answers: tuple[Expression, ...]
    note: str = ""


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """A decision table, or an expression that is one (`rules` empty, `value` set)."""

    id: str
    title: Text
    variable: str
    policy: Policy = Policy.UNIQUE
    aggregate: str | None = None
    inputs: tuple[Input, ...] = ()
    outputs: tuple[Output, ...] = ()
    rules: tuple[Rule, ...] = ()
    value: Expression | None = None
    needs: tuple[str, ...] = ()  # tables that are answered before it


class Decisions(msgspec.Struct, frozen=True, kw_only=True):
    """A file: its tables in the order in which they are answered; the last is what it is about."""

    name: str
    title: Text
    tables: tuple[Table, ...]

    @property
    def asked(self) -> tuple[str, ...]:
        """The names that have to come from the case."""
        answered: set[str] = set()
        found: list[str] = []
        for table in self.tables:
            wanted = [i.expression for i in table.inputs] + ([table.value] if table.value else [])
            wanted += [a for rule in table.rules for a in rule.answers]
            for expression in wanted:
                found += sorted(n for n in expression.names if n not in answered and n not in found)
            for rule in table.rules:
                for tests in rule.tests:
                    found += sorted(n for n in tests.names if n not in answered and n not in found)
            answered |= {table.variable, *(o.name for o in table.outputs)}
        return tuple(found)
