"""The only door of cases: every function takes the City and the Caller, and authorizes first."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import YongError
from yong.kernel.cases import store
from yong.kernel.cases.contracts import (
    Act,
    CaseDocument,
    CaseShown,
    DecisionAnswer,
    DecisionFindings,
    DecisionShown,
    DecisionVersion,
    Moved,
    NewCase,
    Opened,
    ProcedureShown,
    Replayed,
    Sheet,
    Step,
    Version,
)
from yong.kernel.cases.decisions.model import Decisions
from yong.kernel.cases.service import (
    cases,
    decisions,
    moving,
    papers,
    procedures,
    replaying,
    shelf,
    showing,
    simulating,
    telling,
    ticking,
)
from yong.kernel.cases.simulating.contracts import Simulation, SimulationAsked
from yong.kernel.cases.suggesting import service as suggesting
from yong.kernel.cases.suggesting.contracts import AskedFor, LearnedFrom, Nearby, Suggestions
from yong.kernel.documents.contracts import CoveredBox, PhotoSearch
from yong.kernel.documents.service.opening import Content
from yong.kernel.records.contracts import Filter, Operator, Page
from yong.kernel.records.sync.contracts import DevicePosition
from yong.kernel.store.database import Database


async def shelve_declared(city: City, caller: Caller) -> list[str]:
    """Put the procedures that modules declare on the shelf, those whose file is new; their names."""
    access.authorize(city, caller, "cases.shelve", "cases")
    return await shelf.shelve_declared(city, caller)


# ---------------------------------------------------------------- procedures


async def versions(city: City, caller: Caller, name: str | None = None) -> list[Version]:
    """The versions of all procedures or of one, the newest first."""
    access.authorize(city, caller, "cases.read", "cases")
    return await procedures.versions(city, caller, name)


async def procedure(city: City, caller: Caller, name: str, version: int | None = None) -> ProcedureShown:
    """A version, or the live one: its file, its picture, and what it says in plain words. Raises NotFound."""
    access.authorize(city, caller, "cases.read", "cases")
    return await procedures.shown(city, caller, name, version)


async def check(city: City, caller: Caller, bpmn: bytes) -> Sheet:
    """What a file would be as a procedure; nothing is kept. Raises Invalid with everything that is in the way."""
    access.authorize(city, caller, "cases.shelve", "cases")
    sheet, _, machine = await shelf.prepared(city, bpmn)
    machine.compile()
    return sheet


async def shelve(city: City, caller: Caller, bpmn: bytes) -> tuple[str, int]:
    """Put a procedure on the shelf as a draft: its name and version. The same file again changes nothing."""
    access.authorize(city, caller, "cases.shelve", "cases")
    return await shelf.shelve(city, caller, bpmn)


async def make_live(city: City, caller: Caller, name: str, version: int) -> None:
    """Have new cases go by a version from now on; those that run stay on theirs."""
    access.authorize(city, caller, "cases.shelve", "cases")
    await shelf.make_live(city, caller, name, version)


async def move(city: City, caller: Caller, name: str, version: int, *, dry_run: bool) -> Moved:
    """Bring the running cases of a procedure to a version; what became, or would become, of each."""
    access.authorize(city, caller, "cases.shelve", "cases")
    return await moving.move(city, caller, name, version, dry_run=dry_run)


async def simulate(city: City, caller: Caller, name: str, version: int, said: SimulationAsked) -> Simulation:
    """Try a version out on past cases within the caller's reach; nothing of it is kept.

    Raises NotFound, Invalid for too little past and for what the version does not have, TooMany while another runs.
    """
    access.authorize(city, caller, "cases.shelve", "cases")
    return await simulating.simulated(city, caller, name, version, said)


# ---------------------------------------------------------------- decisions


async def decision_versions(city: City, caller: Caller, name: str | None = None) -> list[DecisionVersion]:
    """The versions of all decisions or of one, the newest first."""
    access.authorize(city, caller, "cases.read", "cases")
    return await decisions.versions(city, caller, name)


async def decision(city: City, caller: Caller, name: str, version: int | None = None) -> DecisionShown:
    """A version of decisions, or the live one. Raises NotFound."""
    access.authorize(city, caller, "cases.read", "cases")
    return await decisions.shown(city, caller, name, version)


def check_decision(city: City, caller: Caller, dmn: bytes) -> tuple[Decisions, list[DecisionFindings]]:
    """What a file would be as decisions; nothing is kept. Raises Invalid with everything that is in the way."""
    access.authorize(city, caller, "cases.shelve", "cases")
    found, findings = decisions.prepared(dmn)
    return found, [decisions.findings_of(one) for one in findings]


async def shelve_decision(city: City, caller: Caller, dmn: bytes) -> tuple[str, int]:
    """Put decisions on the shelf as a draft: their name and version. The same file again changes nothing."""
    access.authorize(city, caller, "cases.shelve", "cases")
    return await decisions.shelve(city, caller, dmn)


async def make_decision_live(city: City, caller: Caller, name: str, version: int) -> None:
    """Have every case decided by a version from now on."""
    access.authorize(city, caller, "cases.shelve", "cases")
    await decisions.make_live(city, caller, name, version)


async def try_decision(
    city: City, caller: Caller, name: str, version: int | None, data: Mapping[str, Any]
) -> DecisionAnswer:
    """What a version, or the live one, would answer, and why; nothing is kept. Raises NotFound, Invalid."""
    access.authorize(city, caller, "cases.read", "cases")
    return await decisions.tried(city, name, version, data)


# ---------------------------------------------------------------- cases


async def open_case(
    city: City, caller: Caller, new: NewCase, key: str | None = None, *, reporter: str | None = None
) -> Opened:
    """Open a case. The same key of the same account gives the same case again.

    `reporter` is the party whose case it is, where a module opens it for somebody: Forbidden to everybody else.
    """
    access.authorize(city, caller, "cases.open", "cases")
    if reporter is not None and "module" not in caller.factors:
        raise access.refusal(caller, "cases.open", "cases")
    return await cases.open_case(city, caller, new, key, reporter)


async def opened_as(city: City, caller: Caller, key: str) -> str | None:
    """The case that the caller opened under a key; its id."""
    access.authorize(city, caller, "cases.read", "cases")
    async with city[Database].transaction() as connection:
        found = await store.asked(connection, [f"{caller.account} {key}"])
    return next((row["id"] for row in found.values()), None)


async def case(city: City, caller: Caller, id: str) -> CaseShown:
    """A case with its tasks, clocks and log. Raises NotFound where there is none that the caller may see."""
    access.authorize(city, caller, "cases.read", "cases")
    return await showing.case(city, caller, id)


async def units(city: City, caller: Caller) -> dict[str, str]:
    """What the units are called that a case can be sent to, by id."""
    access.authorize(city, caller, "cases.read", "cases")
    return {party: name.in_(caller.language) for party, name in (await access.offices(city, caller)).items()}


async def inbox(
    city: City, caller: Caller, *, filters: Sequence[Filter] = (), sort: str | None = None, cursor: str | None = None,
    limit: int = 50, mine: bool = True,
) -> Page:  # fmt: skip
    """A page of what is to be done: what lies on the caller's desks (`mine`), or all that they may see."""
    access.authorize(city, caller, "cases.read", "cases")
    if mine:
        roles = sorted({m.role for m in caller.mandates})
        filters = [*filters, Filter("role", Operator.IN, ",".join(roles) or "-")]
    return await showing.inbox(city, caller, filters, sort or "due_at", cursor, limit)


async def act(city: City, caller: Caller, task: str, said: Act) -> dict[str, Any]:
    """Do a task. Raises Conflict where it is done already, Forbidden off one's desk, Invalid with every fault."""
    access.authorize(city, caller, "cases.act", "cases")
    return await cases.act(city, caller, task, said)


async def act_on_many(
    city: City, caller: Caller, tasks: Sequence[str], said: Act
) -> list[dict[str, Any] | YongError]:
    """Do the same with several tasks, at most 200; each answers for itself."""
    access.authorize(city, caller, "cases.act", "cases")
    return await cases.act_on_many(city, caller, tasks, said)


async def take(city: City, caller: Caller, task: str, to: str | None) -> None:
    """Take a task (`to` one's own account), hand it to a colleague, or put it back (None)."""
    access.authorize(city, caller, "cases.act", "cases")
    await cases.take(city, caller, task, to)


async def note(city: City, caller: Caller, case: str, text: str) -> None:
    """Write a word into the log of a case that the caller may see."""
    access.authorize(city, caller, "cases.act", "cases")
    await cases.note(city, caller, case, text)


async def link(city: City, caller: Caller, case: str, kind: str, target: str, title: str) -> None:
    """Say that something belongs to a case."""
    access.authorize(city, caller, "cases.act", "cases")
    await cases.link(city, caller, case, kind, target, title)


async def unlink(city: City, caller: Caller, case: str, kind: str, target: str) -> None:
    """Say that it does not. Raises NotFound."""
    access.authorize(city, caller, "cases.act", "cases")
    await cases.unlink(city, caller, case, kind, target)


async def ask(city: City, caller: Caller, case: str, kind: str, amount: int | None, reason: str) -> str:
    """Ask for more time or to suspend; the request's id. Raises Conflict while one of that kind waits."""
    access.authorize(city, caller, "cases.act", "cases")
    return await cases.ask(city, caller, case, kind, amount, reason)


async def answer(
    city: City, caller: Caller, case: str, request: str, granted: bool, note: str | None
) -> None:
    """Say yes or no to a request of somebody else."""
    access.authorize(city, caller, "cases.steer", "cases")
    await cases.answer(city, caller, case, request, granted, note)


async def mark(
    city: City, caller: Caller, case: str, *, urgent: bool | None, supervised: bool | None, note: str
) -> None:
    """Mark a case urgent or supervised, or take the mark away."""
    access.authorize(city, caller, "cases.steer", "cases")
    await cases.mark(city, caller, case, urgent, supervised, note)


async def transfer(city: City, caller: Caller, case: str, unit: str, note: str) -> None:
    """Have another unit handle a case."""
    access.authorize(city, caller, "cases.steer", "cases")
    await cases.transfer(city, caller, case, unit, note)


async def suspend(city: City, caller: Caller, case: str, note: str) -> None:
    """Stop a case and its clocks for the time being."""
    access.authorize(city, caller, "cases.steer", "cases")
    await cases.suspend(city, caller, case, note)


async def resume(city: City, caller: Caller, case: str, note: str | None) -> None:
    """Go on with a suspended case."""
    access.authorize(city, caller, "cases.steer", "cases")
    await cases.resume(city, caller, case, note)


async def reopen(city: City, caller: Caller, case: str, note: str) -> None:
    """Open a closed case again."""
    access.authorize(city, caller, "cases.steer", "cases")
    await cases.reopen(city, caller, case, note)


async def merge(city: City, caller: Caller, case: str, into: str, note: str) -> None:
    """End a case as being about the same as another."""
    access.authorize(city, caller, "cases.steer", "cases")
    await cases.merge(city, caller, case, into, note)


async def attach(
    city: City, caller: Caller, case: str, document: str, *, made_at: datetime | None = None, place: DevicePosition | None = None
) -> None:  # fmt: skip
    """Say in the log that a document that belongs to a case was attached, and when and where it was made; once.

    The document is kept before, as belonging to `cases.case`. Raises NotFound, Invalid where it does not belong to the case.
    """
    access.authorize(city, caller, "cases.act", "cases")
    await papers.attach(city, caller, case, document, made_at, place)


async def documents_of(city: City, caller: Caller, case: str) -> list[CaseDocument]:
    """The documents of a case that the caller may see, oldest first. What is about a person has no title without a purpose."""
    access.authorize(city, caller, "cases.read", "cases")
    return await papers.of(city, caller, case)


async def document(city: City, caller: Caller, case: str, document: str) -> Content:
    """A document of a case, for whoever may open those of the case as it is now; audited where it is about a person."""
    access.authorize(city, caller, "cases.read", "cases")
    return await papers.content(city, caller, case, document)


async def thumbnail(
    city: City, caller: Caller, case: str, document: str, size: int = 320
) -> tuple[str, bytes]:
    """A small JPEG of a picture of a case (`size` pixels: 160, 320, 640 or 1600), and its tag."""
    access.authorize(city, caller, "cases.read", "cases")
    return await papers.thumbnail(city, caller, case, document, size)


async def search_photo(city: City, caller: Caller, case: str, document: str) -> PhotoSearch:
    """Where faces and plates may be in a photo of a case: a suggestion, for whoever may open it and `documents.redact`."""
    access.authorize(city, caller, "cases.act", "cases")
    return await papers.search(city, caller, case, document)


async def redact(
    city: City, caller: Caller, case: str, document: str, boxes: Sequence[CoveredBox], *, title: str | None = None
) -> CaseDocument:  # fmt: skip
    """Keep a copy of a photo of a case with those boxes covered, which a person confirmed, labelled as not about a person."""
    access.authorize(city, caller, "cases.act", "cases")
    return await papers.redact(city, caller, case, document, boxes, title)


async def withdraw_redaction(city: City, caller: Caller, case: str, document: str) -> CaseDocument:
    """Give a covered copy the label of its original again, since it shows too much."""
    access.authorize(city, caller, "cases.act", "cases")
    return await papers.withdraw(city, caller, case, document)


async def xes(city: City, caller: Caller, *, filters: Sequence[Filter], limit: int) -> AsyncIterator[str]:
    """The log of cases as XES, in pieces: the oldest first, at most `limit` cases."""
    access.authorize(city, caller, "cases.read", "cases")
    return await telling.xes(city, caller, filters, limit)


async def tick(city: City, caller: Caller) -> int:
    """Do what time brings: clocks that turn, timers that run out; how many cases it touched."""
    access.authorize(city, caller, "cases.tick", "cases")
    return await ticking.tick(city, caller)


async def replay(
    city: City, caller: Caller, new: NewCase, key: str, at: datetime, steps: Sequence[Step]
) -> Replayed:
    """Have a case of the past go its way through its procedure, each step at the moment at which it was.

    Bears to be asked again: the same key is the same case, and what was done is not done twice. Raises Invalid for
    moments that lie in the future or go back.
    """
    access.authorize(city, caller, "cases.replay", "cases")
    return await replaying.replay(city, caller, new, key, at, steps)


# ---------------------------------------------------------------- suggestions from past cases


async def suggestions(city: City, caller: Caller, id: str) -> Suggestions:
    """Class, unit and duplicates that past cases suggest for an open case. Raises NotFound, or Conflict once it is over."""
    access.authorize(city, caller, "cases.read", "cases")
    return await suggesting.of_case(city, caller, id)


async def suggestions_for(city: City, caller: Caller, asked: AskedFor) -> Suggestions:
    """The same from the words and place of a case that is not there yet."""
    access.authorize(city, caller, "cases.read", "cases")
    return await suggesting.of_new(city, caller, asked)


async def nearby(
    city: City, caller: Caller, procedure: str, location: tuple[float, float], class_: str | None = None
) -> Nearby:
    """What anybody may know of the open cases near a place. For modules that tell it to residents."""
    access.authorize(city, caller, "cases.read", "cases")
    return await suggesting.nearby(city, caller, procedure, location, class_)


async def learned(city: City, caller: Caller, procedure: str | None = None) -> list[LearnedFrom]:
    """What suggestions rest on and how good they were, the newest first."""
    access.authorize(city, caller, "cases.read", "cases")
    return await suggesting.versions(city, procedure)


async def order_learning(city: City, caller: Caller, procedure: str) -> None:
    """Have a job learn from the closed cases of a procedure. Raises NotFound for none that is live."""
    access.authorize(city, caller, "cases.learn", "cases")
    await suggesting.order(city, caller, procedure)


async def learn(city: City, caller: Caller, procedure: str | None = None) -> list[LearnedFrom]:
    """Learn from the closed cases of a procedure, or of all that are live; what was learned anew."""
    access.authorize(city, caller, "cases.learn", "cases")
    return await suggesting.learn(city, caller, procedure)
