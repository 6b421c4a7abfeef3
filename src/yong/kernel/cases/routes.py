"""HTTP of cases: procedures on the shelf, cases and what is done with them, the log."""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromQuery, HeaderParameter, JSONBody, PathParameter, QueryParameter
from litestar.response import Stream

from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import TooLarge, YongError
from yong.kernel.cases import api
from yong.kernel.cases.contracts import (
    BULK,
    Act,
    CaseDocument,
    CaseShown,
    DecisionAnswer,
    DecisionFindings,
    DecisionShown,
    DecisionVersion,
    Moved,
    Name,
    NewCase,
    Note,
    Opened,
    ProcedureShown,
    Version,
)
from yong.kernel.cases.suggesting import routes as suggesting
from yong.kernel.documents.media import MEDIA
from yong.kernel.documents.routes.files import given
from yong.kernel.records.contracts import Page, filters_of
from yong.kernel.records.sync.contracts import DevicePosition

BPMN_BYTES = 2 << 20
_Id = Annotated[str, PathParameter(min_length=1, max_length=64, pattern=r"^[^\x00/]+$")]
_Name = Annotated[str, PathParameter(min_length=1, max_length=128, pattern=r"^[A-Za-z0-9_.-]+$")]
_Number = Annotated[int, PathParameter(ge=1, le=2_147_483_647)]
_Filters = Annotated[list[str] | None, QueryParameter(name="filter", max_items=20)]
_Sort = Annotated[str | None, QueryParameter(max_length=100)]
_Cursor = Annotated[str | None, QueryParameter(max_length=4000)]
_Key = Annotated[
    str | None, HeaderParameter(name="Idempotency-Key", min_length=1, max_length=200, pattern="^[ -~]+$")
]
_Word = Annotated[str, msgspec.Meta(min_length=1, max_length=4_000)]
_Target = Annotated[str, msgspec.Meta(min_length=1, max_length=400)]


class ShelvedAs(msgspec.Struct):
    """What a procedure stands on the shelf as."""

    name: str
    version: int


class CheckedProcedure(msgspec.Struct):
    """A procedure that can be run here: what it is called, its stages, how many elements it has."""

    name: str
    zh: str
    en: str
    stages: list[str]
    elements: int


class CheckedDecision(msgspec.Struct):
    """Decisions that can be asked here: what they ask of a case, their tables, what was found in them."""

    name: str
    zh: str
    en: str
    asked: list[str]
    tables: list[str]
    findings: list[DecisionFindings]


class TryDecision(msgspec.Struct, forbid_unknown_fields=True):
    """What is said of a case that decisions are tried with."""

    data: Annotated[dict[str, Any], msgspec.Meta(max_length=100)]
    version: Annotated[int, msgspec.Meta(ge=1, le=2_147_483_647)] | None = None


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


class AttachDocument(msgspec.Struct, forbid_unknown_fields=True):
    """A document kept as belonging to the case; when and where it was made, where that is known."""

    document: Name
    made_at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    place: DevicePosition | None = None


# ---------------------------------------------------------------- procedures


@get("/procedures", summary="Procedures and their versions")
async def versions(
    city: NamedDependency[City], caller: NamedDependency[Caller], name: FromQuery[str | None] = None
) -> list[Version]:
    """All versions on the shelf, of all procedures or of one, the newest first."""
    return await api.versions(city, caller, name)


@get("/procedures/{name:str}", summary="The live version of a procedure")
async def live(city: NamedDependency[City], caller: NamedDependency[Caller], name: _Name) -> ProcedureShown:
    """Its file, its picture as SVG, and what it says in plain words."""
    return await api.procedure(city, caller, name)


@get("/procedures/{name:str}/versions/{version:int}", summary="A version of a procedure")
async def procedure(
    city: NamedDependency[City], caller: NamedDependency[Caller], name: _Name, version: _Number
) -> ProcedureShown:
    """Its file, its picture as SVG, and what it says in plain words."""
    return await api.procedure(city, caller, name, version)


@post("/procedures", opt={"errors": (413,)}, summary="Put a procedure on the shelf")
async def shelve(
    city: NamedDependency[City], caller: NamedDependency[Caller], request: Request[Any, Any, Any]
) -> ShelvedAs:
    """The body is a BPMN 2.0 file of at most 2 MiB. It becomes a draft; the same file again changes nothing."""
    name, version = await api.shelve(city, caller, await _file(request))
    return ShelvedAs(name, version)


@post("/procedure-checks", status_code=200, opt={"errors": (413,)}, summary="Check a procedure")
async def check(
    city: NamedDependency[City], caller: NamedDependency[Caller], request: Request[Any, Any, Any]
) -> CheckedProcedure:
    """What a BPMN file would be; nothing is kept. 422 lists everything that is in the way, by element."""
    sheet = await api.check(city, caller, await _file(request))
    return CheckedProcedure(
        sheet.name, sheet.title.zh, sheet.title.en, [code for code, _ in sheet.stages], len(sheet.places)
    )


@put("/procedures/{name:str}/live/{version:int}", summary="Make a version the live one")
async def make_live(
    city: NamedDependency[City], caller: NamedDependency[Caller], name: _Name, version: _Number
) -> ShelvedAs:
    """New cases go by it from now on; those that run stay on theirs."""
    await api.make_live(city, caller, name, version)
    return ShelvedAs(name, version)


@post("/procedures/{name:str}/versions/{version:int}/moves", status_code=200, summary="Move running cases")
async def move(
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    name: _Name,
    version: _Number,
    dry_run: Annotated[bool, QueryParameter()] = True,
) -> Moved:
    """Bring the running cases of other versions to this one; without `dry_run=false` only say what would become."""
    return await api.move(city, caller, name, version, dry_run=dry_run)


# ---------------------------------------------------------------- decisions


@get("/decisions", summary="Decisions and their versions")
async def decision_versions(
    city: NamedDependency[City], caller: NamedDependency[Caller], name: FromQuery[str | None] = None
) -> list[DecisionVersion]:
    """All versions on the shelf, of all decisions or of one, the newest first."""
    return await api.decision_versions(city, caller, name)


@get("/decisions/{name:str}", summary="The live version of decisions")
async def live_decision(
    city: NamedDependency[City], caller: NamedDependency[Caller], name: _Name
) -> DecisionShown:
    """Its file, its tables, and what was found in them."""
    return await api.decision(city, caller, name)


@get("/decisions/{name:str}/versions/{version:int}", summary="A version of decisions")
async def decision(
    city: NamedDependency[City], caller: NamedDependency[Caller], name: _Name, version: _Number
) -> DecisionShown:
    """Its file, its tables, and what was found in them."""
    return await api.decision(city, caller, name, version)


@post("/decisions", opt={"errors": (413,)}, summary="Put decisions on the shelf")
async def shelve_decision(
    city: NamedDependency[City], caller: NamedDependency[Caller], request: Request[Any, Any, Any]
) -> ShelvedAs:
    """The body is a DMN file of at most 2 MiB. It becomes a draft; the same file again changes nothing."""
    name, version = await api.shelve_decision(city, caller, await _file(request))
    return ShelvedAs(name, version)


@post("/decision-checks", status_code=200, opt={"errors": (413,)}, summary="Check decisions")
async def check_decision(
    city: NamedDependency[City], caller: NamedDependency[Caller], request: Request[Any, Any, Any]
) -> CheckedDecision:
    """What a DMN file would be; nothing is kept. Gaps are told; 422 lists everything that is in the way, by element."""
    found, findings = api.check_decision(city, caller, await _file(request))
    return CheckedDecision(
        found.name, found.title.zh, found.title.en, list(found.asked), [t.id for t in found.tables], findings
    )


@put("/decisions/{name:str}/live/{version:int}", summary="Decide by a version")
async def make_decision_live(
    city: NamedDependency[City], caller: NamedDependency[Caller], name: _Name, version: _Number
) -> ShelvedAs:
    """Every case is decided by it from now on; what was decided stays."""
    await api.make_decision_live(city, caller, name, version)
    return ShelvedAs(name, version)


@post("/decisions/{name:str}/answers", status_code=200, summary="Try decisions")
async def try_decision(
    city: NamedDependency[City], caller: NamedDependency[Caller], name: _Name, data: JSONBody[TryDecision]
) -> DecisionAnswer:
    """What the live version, or another, would answer, and by which rules. Nothing is kept."""
    return await api.try_decision(city, caller, name, data.version, data.data)


async def _file(request: Request[Any, Any, Any]) -> bytes:
    size = 0
    pieces = []
    async for piece in request.stream():
        size += len(piece)
        if size > BPMN_BYTES:
            raise TooLarge
        pieces.append(piece)
    return b"".join(pieces)


# ---------------------------------------------------------------- cases


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


@post("/cases/{id:str}/documents", summary="Attach a document to a case")
async def attach(
    city: NamedDependency[City], caller: NamedDependency[Caller], id: _Id, data: JSONBody[AttachDocument]
) -> AttachDocument:
    """It is kept first (`POST /documents`, or in parts), with `belongs_to=cases.case` and the case's id. The log tells of it
    once, however often this is said.
    """
    await api.attach(city, caller, id, data.document, made_at=data.made_at, place=data.place)
    return data


@get("/cases/{id:str}/documents", summary="Documents of a case")
async def documents_of(
    city: NamedDependency[City], caller: NamedDependency[Caller], id: _Id
) -> list[CaseDocument]:
    """Oldest first. Without the purpose `cases.handling` what is about a person has no title."""
    return await api.documents_of(city, caller, id)


@get(
    "/cases/{id:str}/documents/{document_id:str}/content",
    opt={"gives": tuple(MEDIA), "errors": (409,)},
    summary="A document of a case",
)
async def document(
    request: Request[Any, Any, Any],
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    id: _Id,
    document_id: _Id,
    inline: FromQuery[bool] = False,
) -> Response[bytes] | Stream:
    """Its content, whole or one `Range`, for whoever may open the documents of the case as it is now."""
    found = await api.document(city, caller, id, document_id)
    return given(request, found.document, found.opened, inline)


@get(
    "/cases/{id:str}/documents/{document_id:str}/thumbnail",
    opt={"gives": ("image/jpeg",), "errors": (409,)},
    summary="A picture of a case, small",
)
async def thumbnail(
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    id: _Id,
    document_id: _Id,
    size: FromQuery[int] = 320,
) -> Response[bytes]:
    """A small JPEG: 160, 320 or 640 pixels on the longer side."""
    tag, made = await api.thumbnail(city, caller, id, document_id, size)
    headers = {"ETag": f'"{tag}"', "Cache-Control": "private, no-cache"}
    return Response(made, media_type="image/jpeg", headers=headers)


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
    versions, live, procedure, shelve, check, make_live, move, decision_versions, live_decision, decision, shelve_decision,
    check_decision, make_decision_live, try_decision, open_case, case, inbox, act, act_on_many, take, note, mark,
    transfer, suspend, resume, reopen, merge, ask, answer, link, unlink, units, attach, documents_of, document, thumbnail, xes,
    *suggesting.routes,
)  # fmt: skip
