"""A procedure walked by cases that are not there: where each goes by what it is, looked up where it was walked before."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from yong.kernel.base.errors import YongError
from yong.kernel.cases.contracts import ClockDo, Sheet
from yong.kernel.cases.decisions.deciding import answer
from yong.kernel.cases.decisions.model import Decisions
from yong.kernel.cases.procedures.expressions import compile_expression
from yong.kernel.cases.procedures.machine import ENDED, Machine, Move
from yong.kernel.cases.procedures.model import Model

_AUTOMATIC = 50
ALWAYS = ("outcome", "class", "district", "urgent", "supervised", "source", "unit")
"""What conditions may ask of every case; the rest is what was said of it."""


class Arrival(msgspec.Struct, frozen=True):
    """Where a case came to: what waits, what is new of it, the clocks on the way; `stuck` where nothing leads on."""

    marking: str
    waiting: frozenset[str]
    fresh: tuple[str, ...]
    clocks: tuple[tuple[str, ClockDo], ...]
    facts: int
    ended: bool
    stuck: str | None = None


class Walk:
    """A version of a procedure with the decisions it asks. Facts of cases that conditions cannot tell apart are one."""

    def __init__(
        self, machine: Machine, sheet: Sheet, model: Model, decisions: Mapping[str, Decisions]
    ) -> None:
        self.machine, self.sheet, self.decisions = machine, sheet, decisions
        asked: set[str] = set()
        for flow in model.flows:
            if flow.condition:
                asked |= compile_expression(flow.condition).names
        for one in decisions.values():
            asked |= set(one.asked)
        self.asked = frozenset(asked)
        self.facts: list[dict[str, Any]] = []
        self._number: dict[bytes, int] = {}
        self._known: dict[tuple[str, str, str | None, int], Arrival] = {}

    @property
    def said(self) -> frozenset[str]:
        """What is asked of what was said of a case, and not answered by a decision on the way."""
        answered = {o.name for d in self.decisions.values() for t in d.tables for o in t.outputs}
        answered |= {t.variable for d in self.decisions.values() for t in d.tables}
        return self.asked - set(ALWAYS) - answered

    def number(self, facts: Mapping[str, Any]) -> int:
        """The number of facts, of those alone that anything asks for."""
        kept = {name: facts[name] for name in sorted(self.asked & facts.keys()) if name != "outcome"}
        key = msgspec.json.encode(kept)
        found = self._number.get(key)
        if found is None:
            found = self._number[key] = len(self.facts)
            self.facts.append(kept)
        return found

    def start(self, facts: int) -> Arrival:
        return self._arrival(None, "", None, facts)

    def step(self, marking: str, element: str, outcome: str | None, facts: int) -> Arrival:
        """Where doing an element leads."""
        return self._arrival(marking, element, outcome, facts)

    def _arrival(self, marking: str | None, element: str, outcome: str | None, facts: int) -> Arrival:
        key = (marking or "", element, outcome, facts)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._followed(marking, element, outcome, facts)
        return found

    def _followed(self, marking: str | None, element: str, outcome: str | None, facts: int) -> Arrival:
        clocks: list[tuple[str, ClockDo]] = []
        tasks = set(self.machine.place(marking).waiting) - {element} if marking else set()
        begun: list[str] = []
        data = {**self.facts[facts], "outcome": outcome}
        at = element
        try:
            move = self.machine.step(marking, element, data) if marking else self.machine.start(data)
            for _ in range(_AUTOMATIC):
                waiting = move.place.waiting
                fresh = self._arrive(move, tasks, clocks)
                begun = [e for e in begun if e in waiting] + fresh
                tasks = (tasks & set(waiting)) | set(fresh)
                automatic = next((e for e in waiting if e in self.machine.automatic), None)
                if automatic is None:
                    return Arrival(
                        move.place.marking, frozenset(waiting), tuple(begun), tuple(clocks), self.number(data),
                        move.place.marking == ENDED,
                    )  # fmt: skip
                at = automatic
                data = {**data, "outcome": None, **self._answered(automatic, data)}
                move = self.machine.step(move.place.marking, automatic, data)
        except YongError:
            pass  # the person is told where, and how many it befell
        return Arrival(marking or "", frozenset(), (), tuple(clocks), facts, ended=False, stuck=at)

    def _answered(self, element: str, data: Mapping[str, Any]) -> dict[str, Any]:
        """What a decision answers. What an operation answers is what it answered in the past: it is in the facts."""
        name = self.sheet.places[element].decision
        return dict(answer(self.decisions[name], data).answers) if name else {}

    def _arrive(self, move: Move, tasks: set[str], clocks: list[tuple[str, ClockDo]]) -> list[str]:
        """What is new where a move led; clocks turn as `service.work` has them turn."""
        places = self.sheet.places
        fresh = [e for e in move.place.waiting if e not in tasks]
        for element in (*move.passed, *fresh):
            if element in places:
                clocks += places[element].clocks
        return [e for e in fresh if e not in self.machine.automatic]


def facts_of(row: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    """What conditions may ask of a past case: what it is, and what was said of it."""
    own = {name: row[name] for name in ("class", "district", "urgent", "supervised", "source")}
    return {**said, **own, "unit": row["unit_id"]}


def unanswered(walk: Walk, all_facts: Iterable[Mapping[str, Any]]) -> list[str]:
    """What conditions ask that no past case says."""
    known: set[str] = set()
    for facts in all_facts:
        known |= facts.keys()
    return sorted(walk.said - known)
