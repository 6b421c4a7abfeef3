"""Procedures and decisions on the shelf."""

from typing import Annotated, Any

import msgspec
from litestar import Request, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody, PathParameter, QueryParameter

from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import TooLarge
from yong.kernel.cases import api
from yong.kernel.cases.contracts import (
    DecisionAnswer,
    DecisionFindings,
    DecisionShown,
    DecisionVersion,
    Moved,
    ProcedureShown,
    Version,
)

BPMN_BYTES = 2 << 20
_Name = Annotated[str, PathParameter(min_length=1, max_length=128, pattern=r"^[A-Za-z0-9_.-]+$")]
_Number = Annotated[int, PathParameter(ge=1, le=2_147_483_647)]


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


routes = (
    versions,
    live,
    procedure,
    shelve,
    check,
    make_live,
    move,
    decision_versions,
    live_decision,
    decision,
    shelve_decision,
    check_decision,
    make_decision_live,
    try_decision,
)
