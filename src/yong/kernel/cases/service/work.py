"""A case in hand: what a step makes of it, before anything is written.

Everything here works on what was loaded, so that many cases become one statement; only operations of service tasks
touch the database, in the same transaction.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import Conflict, Invalid
from yong.kernel.base.ids import new_id
from yong.kernel.base.text import Text
from yong.kernel.cases.contracts import Doing, Operation, Place, State
from yong.kernel.cases.procedures.machine import ENDED, Move
from yong.kernel.cases.service.clocks import Clocks
from yong.kernel.cases.service.decisions import decide
from yong.kernel.cases.service.shelf import Shelved
from yong.kernel.cases.store import Writes
from yong.kernel.store.database import Connection

AUTOMATIC = 50
"""How many steps a case may take by itself in one go."""
_CIRCLE = Text(
    "流程“{element}”自动执行了 {most} 步仍未停下",
    "At {element} the procedure went {most} steps without stopping",
)
_NOT_OPEN = Text("案件不在办理中", "The case is not open")


class Work:
    """A case that is being changed. `row` holds the columns of the case as they shall be."""

    def __init__(
        self,
        shelved: Shelved,
        row: dict[str, Any],
        tasks: Sequence[dict[str, Any]],
        clocks: Clocks,
        now: datetime,
    ) -> None:
        self.shelved, self.row, self.now, self.clocks = shelved, row, now, clocks
        self.tasks = {task["id"]: task for task in tasks}
        self.changed: dict[str, dict[str, Any]] = {}
        self.begun: dict[str, dict[str, Any]] = {}
        self.happened: list[dict[str, Any]] = []
        self.new = False

    @property
    def id(self) -> str:
        return str(self.row["id"])

    def branch(self) -> "Work":
        """The same to be changed further; this one stays as it is."""
        work = Work(self.shelved, {**self.row}, [], self.clocks.branch(), self.now)
        work.tasks = {id_: {**task} for id_, task in self.tasks.items()}
        work.changed = {id_: {**task} for id_, task in self.changed.items()}
        work.begun = {id_: work.tasks.get(id_) or {**task} for id_, task in self.begun.items()}
        work.happened, work.new = [*self.happened], self.new
        return work

    # ------------------------------------------------------------ what happens

    def log(
        self,
        caller: Caller,
        what: str,
        *,
        element: str | None = None,
        outcome: str | None = None,
        note: str | None = None,
        **facts: Any,
    ) -> None:
        """A line in the log of the case."""
        self.happened.append(
            {
                "case_id": self.id, "at": self.now, "what": what, "element": element, "outcome": outcome,
                "account": caller.account, "party": caller.party, "note": note, "facts": facts,
            }
        )  # fmt: skip

    def finish(self, task: dict[str, Any], outcome: str | None, account: str, state: str = "done") -> None:
        """A task is done, or needs not be done any more."""
        task |= {"state": state, "outcome": outcome, "done_at": self.now, "done_by": account}
        self.changed[task["id"]] = task
        del self.tasks[task["id"]]

    # ------------------------------------------------------------ going on

    async def start(self, city: City, connection: Connection, caller: Caller) -> None:
        """Go to where a new case stands."""
        await self._follow(city, connection, caller, self.shelved.machine.start(self.data(None)))

    async def go(
        self, city: City, connection: Connection, caller: Caller, element: str, outcome: str | None
    ) -> None:
        """Go on from an element that was done."""
        move = self.shelved.machine.step(self.row["marking"], element, self.data(outcome))
        await self._follow(city, connection, caller, move)

    async def jump(self, city: City, connection: Connection, caller: Caller, element: str | None) -> None:
        """Stand at another place: where a case is reopened, or goes on in another version."""
        if element is None:
            await self.start(city, connection, caller)
            return
        place = self.shelved.machine.place(element)
        await self._follow(city, connection, caller, Move(place, (), (), ""))

    def data(self, outcome: str | None) -> dict[str, Any]:
        """What conditions may ask: what was said of the case, and what it is."""
        row = self.row
        return {
            **row["data"],
            "outcome": outcome, "class": row["class"], "district": row["district"], "urgent": row["urgent"],
            "supervised": row["supervised"], "source": row["source"], "unit": row["unit_id"],
        }  # fmt: skip

    async def _follow(self, city: City, connection: Connection, caller: Caller, move: Move) -> None:
        for _ in range(AUTOMATIC):
            self._arrive(caller, move)
            waiting = move.place.waiting
            element = next((e for e in waiting if self._place(e).operation or self._place(e).decision), None)
            if element is None:
                return
            place = self._place(element)
            if place.decision:
                await self._decide(city, connection, caller, place.element, place.decision)
            else:
                await self._operate(city, connection, caller, place)
            move = self.shelved.machine.step(self.row["marking"], element, self.data(None))
        raise Invalid(_CIRCLE, element=self.row["marking"][:100], most=AUTOMATIC)

    def _place(self, element: str) -> Place:
        return self.shelved.sheet.places[element]

    async def _operate(self, city: City, connection: Connection, caller: Caller, place: Place) -> None:
        """Do what a service task says."""
        operation = next(o for _, o in city.registry.of(Operation) if o.name == place.operation)
        row = self.row
        doing = Doing(
            case=self.id, number=row["number"], procedure=self.shelved.name, element=place.element, data=row["data"], unit=row["unit_id"],
            district=row["district"], cell=row["cell"], class_=row["class"],
        )  # fmt: skip
        said = await operation.handler(city, connection, doing)
        units = said.pop("units", None)
        if units:
            row["unit_id"] = units[0]
            row["data"] = {**row["data"], "units": list(units)}
        row["data"] = {**row["data"], **said}
        self.log(caller, f"operation.{operation.name}", element=place.element, facts=sorted(said))

    async def _decide(
        self, city: City, connection: Connection, caller: Caller, element: str, decision: str
    ) -> None:
        """Ask a decision; what it answers is added to the case's data, by which rules stands in its log."""
        version, said = await decide(city, connection, decision, self.data(None))
        self.row["data"] = {**self.row["data"], **said.answers}
        rules = {hit.table: list(hit.rules) for hit in said.why}
        self.log(
            caller,
            "decided",
            element=element,
            decision=decision,
            version=version,
            rules=rules,
            answers=said.answers,
        )

    def _arrive(self, caller: Caller, move: Move) -> None:
        """Be where a move led: clocks, stage, tasks, the end."""
        sheet, row = self.shelved.sheet, self.row
        ended: str | None = None
        for element in move.passed:
            place = sheet.places.get(element)
            if place is None:
                continue
            self._clock(caller, place)
            row["stage"] = place.stage or row["stage"]
            ended = place.ends or ended
            if place.kind in ("endEvent", "boundaryEvent", "intermediateCatchEvent", "startEvent"):
                self.log(caller, "passed", element=element)
        fresh = set(move.place.waiting) - {task["element"] for task in self.tasks.values()}
        for task in [t for t in self.tasks.values() if t["element"] not in move.place.waiting]:
            self.finish(task, None, caller.account, "dropped")
        row["marking"] = move.place.marking
        for element in move.place.waiting:
            if element in fresh:
                place = self._place(element)
                self._clock(caller, place)
                row["stage"] = place.stage or row["stage"]
                self._begin(place)
        if move.place.marking == ENDED:
            row |= {"state": State.CLOSED.value, "closed_at": self.now, "outcome": ended}
            self.clocks.stop_all(self.now)
            self.log(caller, "closed", outcome=ended)

    def _clock(self, caller: Caller, place: Place) -> None:
        for name, do in place.clocks:
            if self.clocks.do(name, do, self.row, self.now):
                self.log(caller, f"clock.{do.value}", element=place.element, clock=name)

    def _begin(self, place: Place) -> None:
        """Put a task on its desk: one, or one for each unit where several work side by side."""
        if place.operation or place.decision:
            return
        desk, row = place.desk, self.row
        parties: list[str | None] = [None]
        if desk and desk.unit == "owner":
            parties = [row["owner_id"]]
        elif desk and desk.unit == "handling":
            units = row["data"].get("units") if desk.joint else None
            parties = list(units) if units else [row["unit_id"] or row["owner_id"]]
        fires = self.clocks.after(place.wait, self.now) if place.wait else None
        for party in parties:
            id_ = new_id()
            self.begun[id_] = self.tasks[id_] = {
                "id": id_, "case_id": self.id, "element": place.element, "role": desk.role if desk else None,
                "party": party, "assignee": None, "state": "open", "outcome": None, "district": row["district"],
                "urgent": row["urgent"], "opened_at": self.now, "due_at": None, "fires_at": fires, "done_at": None,
                "done_by": None,
            }  # fmt: skip

    def fresh(self) -> list[dict[str, Any]]:
        """The tasks that were begun and are still to be done."""
        return [task for id_, task in self.begun.items() if id_ in self.tasks]

    # ------------------------------------------------------------ what is to be written

    def into(self, writes: Writes) -> None:
        """Add what changed to what is to be written."""
        row = self.row
        row |= self.clocks.shown()
        for task in self.tasks.values():
            if (task["due_at"], task["urgent"]) != (row["due_at"], row["urgent"]):
                task |= {"due_at": row["due_at"], "urgent": row["urgent"]}
                if task["id"] not in self.begun:
                    self.changed[task["id"]] = task
        units = {task["party"] for task in self.tasks.values() if task["party"]}
        row["beside"] = sorted(units - {row["unit_id"] or row["owner_id"]})
        for id_ in self.begun.keys() & self.changed.keys():  # begun and over in one go: the log says so
            del self.changed[id_]
        if self.new:
            writes.new_cases.append(row)
        else:
            row["revision"] += 1
            writes.cases.append(row)
        writes.new_tasks += self.fresh()
        writes.tasks += self.changed.values()
        writes.clocks += self.clocks.rows(self.id)
        writes.happenings += self.happened


def must_be_open(work: Work) -> None:
    """Raise Conflict unless people may work on the case."""
    if work.row["state"] != State.OPEN.value:
        raise Conflict(_NOT_OPEN)
