"""Asking decisions: what they answer, and by which rules."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from yong.kernel.base.errors import Invalid
from yong.kernel.base.text import Text
from yong.kernel.cases.decisions.model import AGGREGATES, SEVERAL, Decisions, Policy, Rule, Table

_TWO = Text(
    "决策“{of}”有多条规则成立，结论不能确定：{rules}",
    "Several rules of {of} hold, and nothing says which: {rules}",
)


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """What a table came to: the rules that hold (none: what it says by default), and its answers by name."""

    table: str
    rules: tuple[int, ...]
    answers: dict[str, Any]


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """What decisions answer, by name, and why, table by table."""

    answers: dict[str, Any]
    why: tuple[Hit, ...]


def answer(decisions: Decisions, data: Mapping[str, Any]) -> Answered:
    """Ask decisions with what is known of a case. Raises Invalid where a table that has one answer has several."""
    known = dict(data)
    why = []
    for table in decisions.tables:
        hit = _ask(table, known)
        why.append(hit)
        known |= hit.answers
        if len(hit.answers) == 1:
            known[table.variable] = next(iter(hit.answers.values()))
    return Answered(answers=why[-1].answers, why=tuple(why))


def _ask(table: Table, data: Mapping[str, Any]) -> Hit:
    if table.value is not None:
        return Hit(table=table.id, rules=(), answers={table.variable: table.value.value(data)})
    holding = holding_rules(table, data)
    if not holding:
        defaults = {o.name: o.default.value(data) if o.default else None for o in table.outputs}
        if table.policy in SEVERAL and table.aggregate is None:
            defaults = {name: [] if value is None else [value] for name, value in defaults.items()}
        if table.aggregate == "COUNT":
            defaults = {o.name: 0 for o in table.outputs}
        return Hit(table=table.id, rules=(), answers=defaults)
    said = [[a.value(data) for a in rule.answers] for rule in holding]
    rules, answers = _chosen(table, holding, said)
    return Hit(
        table=table.id, rules=rules, answers=dict(zip([o.name for o in table.outputs], answers, strict=True))
    )


def holding_rules(table: Table, data: Mapping[str, Any]) -> list[Rule]:
    """The rules of a table that hold, in their order."""
    values = [i.expression.value(data) for i in table.inputs]
    found = []
    for rule in table.rules:
        if all(test.hold(value, data) for test, value in zip(rule.tests, values, strict=True)):
            found.append(rule)
            if table.policy is Policy.FIRST:
                break
    return found


def _chosen(table: Table, rules: Sequence[Rule], said: list[list[Any]]) -> tuple[tuple[int, ...], list[Any]]:
    """The rules that count, and the answers, a column each."""
    numbers = tuple(rule.number for rule in rules)
    match table.policy:
        case Policy.UNIQUE if len(rules) > 1:
            raise Invalid(_TWO, of=table.title.zh, rules=", ".join(map(str, numbers)))
        case Policy.ANY if any(row != said[0] for row in said):
            raise Invalid(_TWO, of=table.title.zh, rules=", ".join(map(str, numbers)))
        case Policy.PRIORITY:
            best = min(range(len(said)), key=lambda n: _rank(table, said[n]))
            return (numbers[best],), said[best]
        case Policy.OUTPUT_ORDER:
            order = sorted(range(len(said)), key=lambda n: _rank(table, said[n]))
            return tuple(numbers[n] for n in order), _columns([said[n] for n in order])
        case Policy.RULE_ORDER:
            return numbers, _columns(said)
        case Policy.COLLECT:
            columns = _columns(said)
            return numbers, [_come_to(table.aggregate, c) for c in columns] if table.aggregate else columns
    return numbers, said[0]


def _rank(table: Table, row: Sequence[Any]) -> tuple[int, ...]:
    """Where answers stand in the lists of their outputs; what is in none comes last."""
    return tuple(
        o.order.index(value) if value in o.order else len(o.order)
        for o, value in zip(table.outputs, row, strict=True)
    )


def _columns(said: Sequence[Sequence[Any]]) -> list[Any]:
    return [list(column) for column in zip(*said, strict=True)]


def _come_to(aggregate: str, column: Sequence[Any]) -> Any:
    if aggregate == "COUNT":
        return len(column)
    numbers = [v for v in column if isinstance(v, int | float) and not isinstance(v, bool)]
    return AGGREGATES[aggregate](numbers) if numbers else None
