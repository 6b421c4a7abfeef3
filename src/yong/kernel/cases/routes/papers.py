"""Documents of a case."""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody, PathParameter
from litestar.response import Stream

from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.cases import api
from yong.kernel.cases.contracts import CaseDocument, Name
from yong.kernel.documents.contracts import MOST_BOXES, CoveredBox, PhotoSearch, Title
from yong.kernel.documents.media import MEDIA
from yong.kernel.documents.routes.files import given
from yong.kernel.records.sync.contracts import DevicePosition

_Id = Annotated[str, PathParameter(min_length=1, max_length=64, pattern=r"^[^\x00/]+$")]


class AttachDocument(msgspec.Struct, forbid_unknown_fields=True):
    """A document kept as belonging to the case; when and where it was made, where that is known."""

    document: Name
    made_at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    place: DevicePosition | None = None


class NewRedaction(msgspec.Struct, forbid_unknown_fields=True):
    """What is covered in a copy of a photo. `looked` is the word of a person who looked at the whole photo: nothing else of it
    shows a face or a plate. Without a title it is one that says nothing of anybody.
    """

    boxes: Annotated[list[CoveredBox], msgspec.Meta(max_length=MOST_BOXES)]
    looked: Literal[True]
    title: Title | None = None


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
    """A small JPEG: 160, 320, 640 or 1600 pixels on the longer side."""
    tag, made = await api.thumbnail(city, caller, id, document_id, size)
    headers = {"ETag": f'"{tag}"', "Cache-Control": "private, no-cache"}
    return Response(made, media_type="image/jpeg", headers=headers)


@get(
    "/cases/{id:str}/documents/{document_id:str}/redaction",
    opt={"errors": (409,)},
    summary="What to cover in a photo",
)
async def search_photo(
    city: NamedDependency[City], caller: NamedDependency[Caller], id: _Id, document_id: _Id
) -> PhotoSearch:
    """Where faces and number plates may be: a suggestion that misses some. Without the extra `redact` it is empty and says so."""
    return await api.search_photo(city, caller, id, document_id)


@post(
    "/cases/{id:str}/documents/{document_id:str}/redactions",
    opt={"errors": (409,)},
    summary="Keep a covered copy of a photo",
)
async def redact(
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    id: _Id,
    document_id: _Id,
    data: JSONBody[NewRedaction],
) -> CaseDocument:
    """The copy is a document of the case of its own, flat, without anything that the photo tells of itself, and not about a
    person; the photo keeps its label. The same boxes again give the same copy.
    """
    return await api.redact(city, caller, id, document_id, data.boxes, title=data.title)


@delete(
    "/cases/{id:str}/documents/{document_id:str}/redaction",
    status_code=200,
    opt={"errors": (409,)},
    summary="Withdraw a covered copy",
)
async def withdraw(
    city: NamedDependency[City], caller: NamedDependency[Caller], id: _Id, document_id: _Id
) -> CaseDocument:
    """It shows too much: from now on it has the label of the photo of which it was made."""
    return await api.withdraw_redaction(city, caller, id, document_id)


routes = (attach, documents_of, document, thumbnail, search_photo, redact, withdraw)
