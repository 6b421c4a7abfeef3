"""HTTP of documents: how long they are kept, and what holds them."""

from typing import Annotated

import msgspec
from litestar import delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter

from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.documents import api
from yong.kernel.documents.contracts import Document, DocumentHold, DocumentPast, RetentionClass, RetentionRow
from yong.kernel.documents.routes.files import Id

_Class = Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
_Code = Annotated[str, PathParameter(min_length=1, max_length=40, pattern=r"^[a-z0-9][a-z0-9_-]*$")]
_Short = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
_Basis = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


class ClosedMatter(msgspec.Struct, forbid_unknown_fields=True):
    """The retention class that a document is put into when its matter is closed; as it is without."""

    retention: _Class | None = None


class ChosenRetention(msgspec.Struct, forbid_unknown_fields=True):
    """The retention class that a document is put into."""

    retention: _Class


class HoldReason(msgspec.Struct, forbid_unknown_fields=True):
    """Why a document may not be removed."""

    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


class RetentionRule(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A retention class as it shall be; with the `version` it was read at to change one, without to make one."""

    title_zh: _Short
    title_en: _Short
    years: Annotated[int, msgspec.Meta(ge=1, le=200)] | None
    basis_zh: _Basis
    basis_en: _Basis
    automatic: bool = False
    version: Annotated[int, msgspec.Meta(ge=1, le=2_147_483_647)] | None = None


class KeptRetention(msgspec.Struct):
    """The retention class as it is kept now."""

    code: str
    version: int


@get("/documents/{id:str}/history", summary="What was changed of a document")
async def history(city: NamedDependency[City], caller: NamedDependency[Caller], id: Id) -> list[DocumentPast]:
    """When what is kept of a document was changed, by which account, and which parts of it; newest first."""
    return await api.history(city, caller, id)


@post("/documents/{id:str}/end", status_code=200, opt={"errors": (412,)}, summary="Close a document's matter")
async def end(
    city: NamedDependency[City], caller: NamedDependency[Caller], id: Id, data: JSONBody[ClosedMatter]
) -> Document:
    """From the first day of the next year its retention runs."""
    return await api.end(city, caller, id, data.retention)


@put("/documents/{id:str}/retention", opt={"errors": (412,)}, summary="Classify a document")
async def classify(
    city: NamedDependency[City], caller: NamedDependency[Caller], id: Id, data: JSONBody[ChosenRetention]
) -> Document:
    """Put a document into a retention class."""
    return await api.classify(city, caller, id, data.retention)


@get("/documents/{id:str}/holds", summary="Holds on a document")
async def holds(city: NamedDependency[City], caller: NamedDependency[Caller], id: Id) -> list[DocumentHold]:
    """The holds that stand: while there is one nothing removes the document."""
    return await api.holds(city, caller, id)


@post("/documents/{id:str}/holds", summary="DocumentHold a document")
async def hold(
    city: NamedDependency[City], caller: NamedDependency[Caller], id: Id, data: JSONBody[HoldReason]
) -> DocumentHold:
    """Nothing removes the document from now on, whatever its retention says."""
    return await api.hold(city, caller, id, data.reason)


@delete("/documents/{id:str}/holds/{hold_id:str}", summary="Lift a hold")
async def lift(city: NamedDependency[City], caller: NamedDependency[Caller], id: Id, hold_id: Id) -> None:
    """The hold stands no more; others do."""
    await api.lift_hold(city, caller, id, hold_id)


@post("/documents/{id:str}/removal", status_code=202, opt={"errors": (412,)}, summary="Approve a removal")
async def approve(city: NamedDependency[City], caller: NamedDependency[Caller], id: Id) -> Document:
    """Approve that a document whose retention has run out is removed: the next night it is, unless it is held by then."""
    return await api.approve_removal(city, caller, id)


@get("/documents/retention-classes", summary="Retention classes")
async def classes(city: NamedDependency[City], caller: NamedDependency[Caller]) -> list[RetentionRow]:
    """For how long documents are kept, and on which basis; those for good first."""
    return await api.retention_classes(city, caller)


@put("/documents/retention-classes/{code:str}", opt={"errors": (412,)}, summary="Keep a retention class")
async def set_retention(
    city: NamedDependency[City], caller: NamedDependency[Caller], code: _Code, data: JSONBody[RetentionRule]
) -> KeptRetention:
    """Make a class or change one."""
    given = RetentionClass(
        code=code, title_zh=data.title_zh, title_en=data.title_en, years=data.years, basis_zh=data.basis_zh,
        basis_en=data.basis_en, automatic=data.automatic,
    )  # fmt: skip
    return KeptRetention(code, await api.set_retention(city, caller, given, data.version))


routes = (history, end, classify, holds, hold, lift, approve, classes, set_retention)
