"""A table held against itself: what no rule covers, where two rules meet that may not, which rule is never reached.

Each input turns only at the values that its tests name. Between two of them nothing changes, so one value of each stretch
stands for all, and every combination of those is asked.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise, product
from math import prod

import msgspec

from yong.kernel.cases.decisions.model import Policy, Rule, Table

COMBINATIONS = 20_000
TOLD = 10
_ELSE = "…"  # a text that no rule names


class Meeting(msgspec.Struct, frozen=True):
    """Two rules that hold together where only one may."""

    first: int
    second: int
    at: str


class Findings(msgspec.Struct, frozen=True, kw_only=True):
    """What was found in a table. `checked` is false where it has too many combinations, or tests by names.

    `gaps` are combinations of inputs without an answer; at most TOLD of each kind are told.
    """

    table: str
    checked: bool
    gaps: tuple[str, ...] = ()
    meetings: tuple[Meeting, ...] = ()
    unreached: tuple[int, ...] = ()

    @property
    def unsound(self) -> bool:
        """Whether there are inputs for which a table that has one answer has two."""
        return bool(self.meetings)


def check(table: Table) -> Findings:
    """Hold a table against itself."""
    if table.value is not None:
        return Findings(table=table.id, checked=True)
    columns = [_values(table, n) for n in range(len(table.inputs))]
    if any(t.names for rule in table.rules for t in rule.tests) or prod(map(len, columns)) > COMBINATIONS:
        return Findings(table=table.id, checked=False)
    gaps: list[str] = []
    meetings: dict[tuple[int, int], Meeting] = {}
    reached: set[int] = set()
    for values in product(*columns):
        holding = [
            rule
            for rule in table.rules
            if all(t.hold(v, {}) for t, v in zip(rule.tests, values, strict=True))
        ]
        reached |= {r.number for r in (holding[:1] if table.policy is Policy.FIRST else holding)}
        if not holding and not all(o.default for o in table.outputs):
            gaps.append(_told(table, values))
        for first, second in _meeting(table.policy, holding):
            meetings.setdefault((first, second), Meeting(first, second, _told(table, values)))
    unreached = [rule.number for rule in table.rules if rule.number not in reached]
    return Findings(
        table=table.id, checked=True, gaps=tuple(gaps[:TOLD]), meetings=tuple(list(meetings.values())[:TOLD]),
        unreached=tuple(unreached[:TOLD]),
    )  # fmt: skip


def _meeting(policy: Policy, holding: Sequence[Rule]) -> Iterator[tuple[int, int]]:
    """Pairs that may not hold together: any two of a unique table, those that say something else of one with any."""
    if policy not in (Policy.UNIQUE, Policy.ANY):
        return
    for n, one in enumerate(holding):
        for other in holding[n + 1 :]:
            same = [a.text.strip() for a in one.answers] == [a.text.strip() for a in other.answers]
            if policy is Policy.UNIQUE or not same:
                yield one.number, other.number


def _values(table: Table, column: int) -> list[object]:
    """One value for each stretch of an input on which no test turns."""
    known = table.inputs[column].known
    if known:
        return list(known)
    marks = {mark for rule in table.rules for mark in rule.tests[column].marks if mark is not None}
    found: list[object] = []
    if any(isinstance(m, bool) for m in marks):
        found += [True, False]
    numbers = sorted(m for m in marks if isinstance(m, int | float) and not isinstance(m, bool))
    if numbers:
        between = [(a + b) / 2 for a, b in pairwise(numbers)]
        found += [numbers[0] - 1, *sorted([*numbers, *between]), numbers[-1] + 1]
    texts = sorted(m for m in marks if isinstance(m, str))
    days = [d for d in map(_day, texts) if d]
    if days and len(days) == len(texts):
        around = {d + timedelta(days=n) for d in days for n in (-1, 0, 1)}
        found += [d.isoformat() for d in sorted(around)]
    elif texts:
        found += [*texts, _ELSE]
    if any(mark is None for rule in table.rules for mark in rule.tests[column].marks):
        found.append(None)
    return found or [None]


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _told(table: Table, values: Sequence[object]) -> str:
    said = [
        f"{i.label} = {'…' if v == _ELSE else v}"
        for i, v in zip(table.inputs, values, strict=True)
        if v is not None
    ]
    return ", ".join(said)
