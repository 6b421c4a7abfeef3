"""HTTP of documents: files kept in one go, and given out."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Annotated, Any
from urllib.parse import quote

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromQuery, PathParameter, QueryParameter
from litestar.response import Stream

from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import Malformed, Problem
from yong.kernel.base.relation import Level, Personal
from yong.kernel.base.text import Text
from yong.kernel.documents import api, ranges
from yong.kernel.documents.blobs import Opened
from yong.kernel.documents.contracts import About, Belongs, Document
from yong.kernel.documents.media import MEDIA

MOST_BYTES = 2048 << 20  # whatever the settings allow
_PIECE = 256 << 10
Id = Annotated[str, PathParameter(min_length=1, max_length=100, pattern=r"^[^\x00/]+$")]
_Title = Annotated[str, QueryParameter(min_length=1, max_length=200)]
_Word = Annotated[str | None, QueryParameter(min_length=1, max_length=400)]
_Needed = Annotated[str, QueryParameter(min_length=1, max_length=400)]
AS_IT_WAS = ResponseSpec(None, description="As it was", generate_examples=False)
SAFE = {"Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'", "X-Content-Type-Options": "nosniff"}  # fmt: skip


def chosen(about: Mapping[str, object]) -> About:
    """What is said of a file, from words. Raises Malformed."""
    belongs = {"relation": about.get("belongs_to"), "id": about.get("belongs_id")}
    rest = {k: v for k, v in about.items() if k not in ("belongs_to", "belongs_id") and v is not None}
    if belongs["relation"] is not None or belongs["id"] is not None:
        rest["belongs"] = belongs
    try:
        return msgspec.convert(rest, About, strict=False)
    except msgspec.ValidationError as error:
        raise Malformed(None, problems=(Problem("", Text(f"不符合要求：{error}", str(error))),)) from None


@post(
    "/documents",
    opt={"takes": {m: {"type": "string", "format": "binary"} for m in MEDIA}, "errors": (413,)},
    request_max_body_size=MOST_BYTES,
    summary="Keep a file",
)
async def keep(
    request: "Request[Any, Any, Any]",
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    title: _Title,
    filename: _Word = None,
    belongs_to: _Word = None,
    belongs_id: _Word = None,
    owner: _Word = None,
    district: _Word = None,
    subject: _Word = None,
    personal: FromQuery[Personal] = Personal.PERSONAL,
    level: FromQuery[Level] = Level.GENERAL,
    retention: _Word = None,
    strip: FromQuery[bool] = False,
    sha256: _Word = None,
) -> Document:
    """Keep the body as a document. Its `Content-Type` must be what the content is; `strip` takes out of a photo what is not
    the picture. `belongs_to` and `belongs_id` name a Relation and a row of it, which the caller sees. Without `personal=no`
    the content is taken to be about a person: opening it then needs a purpose and is audited.
    """
    api.may_keep(city, caller)
    said = {
        "title": title, "filename": filename, "belongs_to": belongs_to, "belongs_id": belongs_id, "owner": owner,
        "district": district, "subject": subject, "personal": personal, "level": level, "retention": retention,
        "strip": strip, "sha256": sha256, "media_type": request.headers.get("content-type", ""),
    }  # fmt: skip
    return await api.keep(city, caller, request.stream(), chosen(said))


@get("/documents", summary="Documents of a row")
async def documents_of(
    city: NamedDependency[City], caller: NamedDependency[Caller], belongs_to: _Needed, belongs_id: _Needed
) -> list[Document]:
    """The documents of a row of a Relation that the caller may open, oldest first; all others are at
    `/records/documents.document`.
    """
    return await api.documents_of(city, caller, Belongs(belongs_to, belongs_id))


@get("/documents/{id:str}", summary="One document")
async def document(city: NamedDependency[City], caller: NamedDependency[Caller], id: Id) -> Document:
    """What is kept of a document that the caller may open."""
    return await api.read(city, caller, id)


@get(
    "/documents/{id:str}/content",
    opt={"gives": tuple(MEDIA), "errors": (409,)},
    responses={
        206: ResponseSpec(None, description="The part that was asked for", generate_examples=False),
        304: AS_IT_WAS,
        416: ResponseSpec(None, description="There is no such part", generate_examples=False),
    },
    summary="A document's content",
)
async def content(
    request: "Request[Any, Any, Any]",
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    id: Id,
    inline: FromQuery[bool] = False,
) -> Response[bytes] | Stream:
    """The content, whole or one `Range` of its bytes, to be saved; with `inline` a picture or video is shown in place."""
    found = await api.open_content(city, caller, id)
    return given(request, found.document, found.opened, inline)


def given(
    request: "Request[Any, Any, Any]", about: Document, opened: Opened, inline: bool
) -> Response[bytes] | Stream:
    """A document that was opened for its reader: whole or a part of it, to be saved or shown in place."""
    headers = {
        **SAFE,
        "ETag": f'"{about.sha256}"',
        "Cache-Control": "private, no-cache",
        "Accept-Ranges": "bytes",
        "Content-Disposition": _disposition(about, inline),
    }
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(b"", status_code=304, headers=headers)
    asked = request.headers.get("range")
    if request.headers.get("if-range", headers["ETag"]) != headers["ETag"]:
        asked = None
    start, end, status = 0, opened.size, 200
    if (part := ranges.part(asked, opened.size)) is not None:
        start, end = part
        if start >= end:
            return Response(
                b"", status_code=416, headers={**headers, "Content-Range": f"bytes */{opened.size}"}
            )
        status = 206
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{opened.size}"
    headers["Content-Length"] = str(end - start)
    media_type = about.media_type + (f"; charset={about.charset}" if about.charset else "")
    return Stream(pieces(opened, start, end), status_code=status, media_type=media_type, headers=headers)


def _disposition(about: Document, inline: bool) -> str:
    """RFC 6266, with the name as RFC 8187 writes it; the plain name is for what does not know that."""
    how = "inline" if inline and MEDIA[about.media_type].inline else "attachment"
    plain = (
        about.filename.encode("ascii", "replace")
        .decode()
        .replace("?", "_")
        .replace('"', "_")
        .replace("\\", "_")
    )
    return f"{how}; filename=\"{plain}\"; filename*=UTF-8''{quote(about.filename, safe='')}"


async def pieces(opened: Opened, start: int, end: int) -> AsyncIterator[bytes]:
    for at in range(start, end, _PIECE):
        yield await asyncio.to_thread(opened.read, at, min(_PIECE, end - at))


@get(
    "/documents/{id:str}/thumbnail",
    opt={"gives": ("image/jpeg",), "errors": (409,)},
    responses={304: AS_IT_WAS},
    summary="A picture, small",
)
async def thumbnail(
    request: "Request[Any, Any, Any]",
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    id: Id,
    size: FromQuery[int] = 320,
) -> Response[bytes]:
    """A small JPEG of a picture: 160, 320, 640 or 1600 pixels on the longer side, turned as it is to be looked at."""
    tag, made = await api.thumbnail(city, caller, id, size)
    headers = {**SAFE, "ETag": f'"{tag}"', "Cache-Control": "private, no-cache"}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(b"", status_code=304, headers=headers)
    return Response(made, media_type="image/jpeg", headers=headers)


routes = (keep, documents_of, document, content, thumbnail)
