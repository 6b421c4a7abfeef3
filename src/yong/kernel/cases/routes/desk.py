"""Cases, what is done with them, and their log."""

from typing import Annotated, Literal

import msgspec
from litestar import delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import HeaderParameter, JSONBody, PathParameter, QueryParameter
from litestar.response import Stream

from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import YongError
from yong.kernel.cases import api
from yong.kernel.cases.contracts import (
    BULK,
    Act,
    CaseShown,
    Name,
    NewCase,
    Note,
    Opened,
)
from yong.kernel.records.contracts import Page, filters_of

_Id = Annotated[str, PathParameter(min_length=1, max_length=64, pattern=r"^[^\x00/]+$")]
_Filters = Annotated[list[str] | None, QueryParameter(name="filter", max_items=20)]
_Sort = Annotated[str | None, QueryParameter(max_length=100)]
_Cursor = Annotated[str | None, QueryParameter(max_length=4000)]
_Key = Annotated[
    str | None, HeaderParameter(name="Idempotency-Key", min_length=1, max_length=200, pattern="^[ -~]+$")
]
_Word = Annotated[str, msgspec.Meta(min_length=1, max_length=4_000)]
_Target = Annotated[str, msgspec.Meta(min_length=1, max_length=400)]


class Acted(msgspec.Struct):
    """Where a case is after a task was done."""

    id: str
    revision: int
    state: str
    stage: str


class CaseUnit(msgspec.Struct):
    """A unit, and what it is called."""

    id: str
    name: str


class ActOnMany(msgspec.Struct, forbid_unknown_fields=True):
    """The same, to be done with several tasks."""

    tasks: Annotated[list[Name], msgspec.Meta(min_length=1, max_length=BULK)]
    act: Act


class ActedOne(msgspec.Struct):
    """What became of one of several tasks."""

    task: str
    done: bool
    stage: str | None = None
    error: str | None = None


class TakeTask(msgspec.Struct, forbid_unknown_fields=True):
    """Whose a task shall be: one's own account, a colleague's; null puts it back."""

    to: Name | None = None


class Remark(msgspec.Struct, forbid_unknown_fields=True):
    """A word that goes into the log."""

    note: _Word


class MarkCase(msgspec.Struct, forbid_unknown_fields=True):
    """Marks to be set or taken away, and why."""

    note: _Word
    urgent: bool | None = None
    supervised: bool | None = None


class TransferCase(msgspec.Struct, forbid_unknown_fields=True):
    """The unit that a case goes to, and why."""

    unit: Name
    note: _Word


class MergeCase(msgspec.Struct, forbid_unknown_fields=True):
    """The case that another is about as well, and why."""

    into: Name
    note: _Word


class AskFor(msgspec.Struct, forbid_unknown_fields=True):
    """A request for more time (`extend`, with how much of the clock's unit) or to stop for the time being (`suspend`)."""

    kind: Literal["extend", "suspend"]
    reason: _Word
    amount: Annotated[int, msgspec.Meta(ge=1, le=1_000)] | None = None


class Asked(msgspec.Struct):
    """The request that was made."""

    id: str


class AnswerRequest(msgspec.Struct, forbid_unknown_fields=True):
    """Yes or no."""

    granted: bool
    note: Note | None = None


class LinkCase(msgspec.Struct, forbid_unknown_fields=True):
    """What belongs to a case: `kind` is thing, record, document, case or another word."""

    kind: Annotated[str, msgspec.Meta(min_length=1, max_length=60, pattern="^[a-z][a-z0-9_.]*$")]
    target: _Target
    title: Annotated[str, msgspec.Meta(max_length=200)] = ""


@post("/cases", opt={"idempotency": True}, summary="Open a case")
async def open_case(
    city: NamedDependency[City], caller: NamedDependency[Caller], data: JSONBody[NewCase], key: _Key = None
) -> Opened:
    """A new case of a procedure. The same `Idempotency-Key` gives the same case again."""
    return await api.open_case(city, caller, data, key)


@get("/cases/{id:str}", summary="One case")
async def case(city: NamedDependency[City], caller: NamedDependency[Caller], id: _Id) -> CaseShown:
    """With its tasks, clocks, requests, links and log, and what the reader may do."""
    return await api.case(city, caller, id)


@get("/inbox", summary="What is to be done")
async def inbox(
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    filters: _Filters = None,
    sort: _Sort = None,
    cursor: _Cursor = None,
    limit: Annotated[int, QueryParameter(ge=1, le=1000)] = 50,
    mine: Annotated[bool, QueryParameter()] = True,
) -> Page:
    """Open tasks, what is due first: those on the reader's desks, or with `mine=false` all that they may see."""
    return await api.inbox(
        city, caller, filters=filters_of(filters), sort=sort, cursor=cursor, limit=limit, mine=mine
    )


@post("/tasks/{id:str}/acts", status_code=200, opt={"errors": (409, 412)}, summary="Do a task")
async def act(
    city: NamedDependency[City], caller: NamedDependency[Caller], id: _Id, data: JSONBody[Act]
) -> Acted:
    """Choose what the task offers; the case goes on as its procedure says."""
    return Acted(**await api.act(city, caller, id, data))


@post("/task-acts", status_code=200, summary="Do the same with several tasks")
async def act_on_many(
    city: NamedDependency[City], caller: NamedDependency[Caller], data: JSONBody[ActOnMany]
) -> list[ActedOne]:
    """At most 200; each answers for itself."""
    tasks = list(dict.fromkeys(data.tasks))
    answers = await api.act_on_many(city, caller, tasks, data.act)
    return [
        ActedOne(task, False, error=answer.detail.in_(caller.language))
        if isinstance(answer, YongError)
        else ActedOne(task, True, stage=answer["stage"])
        for task, answer in zip(tasks, answers, strict=True)
    ]


@put("/tasks/{id:str}/assignee", opt={"errors": (409,)}, summary="Take a task")
async def take(
    city: NamedDependency[City], caller: NamedDependency[Caller], id: _Id, data: JSONBody[TakeTask]
) -> TakeTask:
    """Take it oneself, hand it to a colleague, or put it back for all of the desk."""
    await api.take(city, caller, id, data.to)
    return data


@post("/cases/{id:str}/notes", summary="Write a note")
async def note(
    city: NamedDependency[City], caller: NamedDependency[Caller], id: _Id, data: JSONBody[Remark]
) -> Remark:
    """A word into the log of a case."""
    await api.note(city, caller, id, data.note)
    return data


@put("/cases/{id:str}/marks", opt={"errors": (409,)}, summary="Mark a case")
async def mark(
    city: NamedDependency[City], caller: NamedDependency[Caller], id: _Id, data: JSONBody[MarkCase]
) -> MarkCase:
    """Urgent, supervised (督办), or no longer."""
    await api.mark(city, caller, id, urgent=data.urgent, supervised=data.supervised, note=data.note)
    return data


@put("/cases/{id:str}/unit", opt={"errors": (409,)}, summary="Transfer a case")
async def transfer(
    city: NamedDependency[City], caller: NamedDependency[Caller], id: _Id, data: JSONBody[TransferCase]
) -> TransferCase:
    """Have another unit handle it; the clock runs on."""
    await api.transfer(city, caller, id, data.unit, data.note)
    return data


@put("/cases/{id:str}/suspension", opt={"errors": (409,)}, summary="Suspend a case")
async def suspend(
    city: NamedDependency[City], caller: NamedDependency[Caller], id: _Id, data: JSONBody[Remark]
) -> Remark:
    """Stop it and its clocks for the time being."""
    await api.suspend(city, caller, id, data.note)
    return data


@delete("/cases/{id:str}/suspension", opt={"errors": (409,)}, summary="Go on with a case")
async def resume(city: NamedDependency[City], caller: NamedDependency[Caller], id: _Id) -> None:
    """Its clocks run on from where they stood."""
    await api.resume(city, caller, id, None)


@post("/cases/{id:str}/reopenings", opt={"errors": (409,)}, summary="Open a closed case again")
async def reopen(
    city: NamedDependency[City], caller: NamedDependency[Caller], id: _Id, data: JSONBody[Remark]
) -> Remark:
    """Where its procedure says, else at its beginning."""
    await api.reopen(city, caller, id, data.note)
    return data


@put("/cases/{id:str}/merged-into", opt={"errors": (409,)}, summary="Merge a case")
async def merge(
    city: NamedDependency[City], caller: NamedDependency[Caller], id: _Id, data: JSONBody[MergeCase]
) -> MergeCase:
    """End it as being about the same as another, which shows it from then on."""
    await api.merge(city, caller, id, data.into, data.note)
    return data


@post("/cases/{id:str}/requests", opt={"errors": (409,)}, summary="Ask for more time")
async def ask(
    city: NamedDependency[City], caller: NamedDependency[Caller], id: _Id, data: JSONBody[AskFor]
) -> Asked:
    """Whoever steers the case says yes or no; not the one who asked."""
    return Asked(await api.ask(city, caller, id, data.kind, data.amount, data.reason))


@put("/cases/{id:str}/requests/{request_id:str}/answer", opt={"errors": (409,)}, summary="Answer a request")
async def answer(
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    id: _Id,
    request_id: _Id,
    data: JSONBody[AnswerRequest],
) -> AnswerRequest:
    """Yes, and what was asked for happens; or no."""
    await api.answer(city, caller, id, request_id, data.granted, data.note)
    return data


@post("/cases/{id:str}/links", opt={"errors": (409,)}, summary="Link something to a case")
async def link(
    city: NamedDependency[City], caller: NamedDependency[Caller], id: _Id, data: JSONBody[LinkCase]
) -> LinkCase:
    """A thing, a record, a paper, another case."""
    await api.link(city, caller, id, data.kind, data.target, data.title)
    return data


@delete("/cases/{id:str}/links", summary="Take a link away")
async def unlink(
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    id: _Id,
    kind: Annotated[str, QueryParameter(min_length=1, max_length=60)],
    target: Annotated[str, QueryParameter(min_length=1, max_length=400)],
) -> None:
    """It belongs to the case no more."""
    await api.unlink(city, caller, id, kind, target)


@get("/case-units", summary="Units that cases are sent to")
async def units(city: NamedDependency[City], caller: NamedDependency[Caller]) -> list[CaseUnit]:
    """Departments, districts and organisations, by name."""
    return [CaseUnit(id=party, name=name) for party, name in (await api.units(city, caller)).items()]


@get("/case-log", media_type="application/xml", summary="The log of cases as XES")
async def xes(
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    filters: _Filters = None,
    limit: Annotated[int, QueryParameter(ge=1, le=100_000)] = 10_000,
) -> Stream:
    """IEEE 1849: a trace a case, an event a happening; filtered as cases are. Persons are not in it."""
    pieces = await api.xes(city, caller, filters=filters_of(filters), limit=limit)
    headers = {"Content-Disposition": 'attachment; filename="cases.xes"'}
    return Stream(pieces, media_type="application/xml", headers=headers)


routes = (
    open_case,
    case,
    inbox,
    act,
    act_on_many,
    take,
    note,
    mark,
    transfer,
    suspend,
    resume,
    reopen,
    merge,
    ask,
    answer,
    link,
    unlink,
    units,
    xes,
)
