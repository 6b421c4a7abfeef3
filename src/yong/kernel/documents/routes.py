"""HTTP of documents: files kept in one go or part by part (tus 1.0.0), and given out."""

import asyncio
import base64
import binascii
from collections.abc import AsyncIterator, Mapping
from typing import Annotated, Any
from urllib.parse import quote

import msgspec
from litestar import HttpMethod, Request, Response, delete, get, head, patch, post, route
from litestar.datastructures import ResponseHeader
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromQuery, HeaderParameter, PathParameter, QueryParameter
from litestar.response import Stream

from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import Malformed, Problem, Stale, YongError
from yong.kernel.base.relation import Level, Personal
from yong.kernel.base.text import Text
from yong.kernel.documents import api, ranges
from yong.kernel.documents.blobs import Opened
from yong.kernel.documents.contracts import About, Belongs, Document, Upload
from yong.kernel.documents.media import MEDIA
from yong.kernel.documents.service.uploading import ALGORITHMS

MOST_BYTES = 2048 << 20  # whatever the settings allow
TUS = "1.0.0"
_PART = "application/offset+octet-stream"
_PIECE = 256 << 10
_Id = Annotated[str, PathParameter(min_length=1, max_length=100, pattern=r"^[^\x00/]+$")]
_Title = Annotated[str, QueryParameter(min_length=1, max_length=200)]
_Word = Annotated[str | None, QueryParameter(min_length=1, max_length=400)]
_Needed = Annotated[str, QueryParameter(min_length=1, max_length=400)]
_Length = Annotated[int | None, HeaderParameter(name="Upload-Length", ge=1, le=MOST_BYTES)]
_Offset = Annotated[int | None, HeaderParameter(name="Upload-Offset", ge=0, le=MOST_BYTES)]
_Metadata = Annotated[str | None, HeaderParameter(name="Upload-Metadata", min_length=1, max_length=8000)]
_Checksum = Annotated[str | None, HeaderParameter(name="Upload-Checksum", min_length=1, max_length=200)]
_Version = Annotated[str | None, HeaderParameter(name="Tus-Resumable", min_length=1, max_length=20)]
_AS_IT_WAS = ResponseSpec(None, description="As it was", generate_examples=False)
_BAD_METADATA = Text(
    "Upload-Metadata 应为逗号分隔的“键 值（Base64）”",
    "Upload-Metadata is a list of keys and values in Base64, with commas",
)
_UNKNOWN = Text(
    "Upload-Metadata 中有不认识的键：{names}", "Upload-Metadata has keys that are not known: {names}"
)
_KNOWN = {*(f.name for f in msgspec.structs.fields(About)), "belongs_to", "belongs_id"} - {"belongs"}
_HEADER = Text("缺少 {name}", "{name} is missing")
_BAD_VERSION = Text("仅支持 tus {n}", "Only tus {n} is spoken here")
_BAD_PART = Text("内容类型应为 {type}", "The content type must be {type}")
_SAFE = {"Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'", "X-Content-Type-Options": "nosniff"}  # fmt: skip


class NotAPart(YongError):
    """A part of a file under another media type than tus has for it."""

    code, status = "malformed", 415
    title = Text("不支持的内容类型", "That media type is not supported here")


def _chosen(about: Mapping[str, object]) -> About:
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
    return await api.keep(city, caller, request.stream(), _chosen(said))


@get("/documents", summary="Documents of a row")
async def documents_of(
    city: NamedDependency[City], caller: NamedDependency[Caller], belongs_to: _Needed, belongs_id: _Needed
) -> list[Document]:
    """The documents of a row of a Relation that the caller may open, oldest first; all others are at
    `/records/documents.document`.
    """
    return await api.documents_of(city, caller, Belongs(belongs_to, belongs_id))


@get("/documents/{id:str}", summary="One document")
async def document(city: NamedDependency[City], caller: NamedDependency[Caller], id: _Id) -> Document:
    """What is kept of a document that the caller may open."""
    return await api.read(city, caller, id)


@get(
    "/documents/{id:str}/content",
    opt={"gives": tuple(MEDIA), "errors": (409,)},
    responses={
        206: ResponseSpec(None, description="The part that was asked for", generate_examples=False),
        304: _AS_IT_WAS,
        416: ResponseSpec(None, description="There is no such part", generate_examples=False),
    },
    summary="A document's content",
)
async def content(
    request: "Request[Any, Any, Any]",
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    id: _Id,
    inline: FromQuery[bool] = False,
) -> Response[bytes] | Stream:
    """The content, whole or one `Range` of its bytes, to be saved; with `inline` a picture or video is shown in place."""
    found = await api.open_content(city, caller, id)
    return _given(request, found.document, found.opened, inline)


def _given(
    request: "Request[Any, Any, Any]", about: Document, opened: Opened, inline: bool
) -> Response[bytes] | Stream:
    headers = {
        **_SAFE,
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
    return Stream(_pieces(opened, start, end), status_code=status, media_type=media_type, headers=headers)


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


async def _pieces(opened: Opened, start: int, end: int) -> AsyncIterator[bytes]:
    for at in range(start, end, _PIECE):
        yield await asyncio.to_thread(opened.read, at, min(_PIECE, end - at))


def _spoken(version: str | None) -> None:
    if version not in (None, TUS):
        raise Stale(_BAD_VERSION, n=TUS)


def _metadata(text: str) -> dict[str, str]:
    """Upload-Metadata: keys and values; `filetype` is the media type."""
    found: dict[str, str] = {}
    for pair in text.split(","):
        key, _, value = pair.strip().partition(" ")
        try:
            found[key] = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise Malformed(_BAD_METADATA) from None
    found["media_type"] = found.pop("filetype", found.pop("type", ""))
    found.setdefault("filename", found.pop("name", ""))
    found.setdefault("title", found["filename"])
    if (
        unknown := found.keys() - _KNOWN - {"name", "relativePath"}
    ):  # two words of clients that say nothing more
        raise Malformed(_UNKNOWN, names=", ".join(sorted(unknown))[:100])
    return {name: value for name, value in found.items() if name in _KNOWN and value}


@post(
    "/documents/uploads",
    opt={"errors": (412, 413)},
    response_headers=[
        ResponseHeader(name="Location", description="Where its parts go", documentation_only=True)
    ],
    summary="Announce a file that comes part by part",
)
async def open_upload(
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    length: _Length = None,
    metadata: _Metadata = None,
    version: _Version = None,
) -> Response[Upload]:
    """Creation of tus 1.0.0. `Upload-Metadata` has `filetype` (the media type), `filename`, `title` and whatever else
    `POST /documents` takes as a query. `Location` says where its parts go.
    """
    api.may_keep(city, caller)
    _spoken(version)
    if length is None or metadata is None:
        raise Malformed(_HEADER, name="Upload-Length, Upload-Metadata")
    begun = await api.open_upload(city, caller, _chosen(_metadata(metadata)), length)
    return Response(
        begun, status_code=201, headers={"Location": f"/documents/uploads/{begun.id}", **_tus(begun)}
    )


def _tus(upload: Upload) -> dict[str, str]:
    return {
        "Tus-Resumable": TUS,
        "Upload-Offset": str(upload.received),
        "Upload-Length": str(upload.length),
        "Upload-Expires": f"{upload.expires_at:%a, %d %b %Y %H:%M:%S GMT}",
        "Cache-Control": "no-store",
    }


@head("/documents/uploads/{id:str}", opt={"errors": (412,)}, summary="How far an upload is, by its headers")
async def upload_offset(
    city: NamedDependency[City], caller: NamedDependency[Caller], id: _Id, version: _Version = None
) -> Response[None]:
    """`Upload-Offset` is how many bytes are here for good: the next part begins there (tus 1.0.0)."""
    api.may_keep(city, caller)
    _spoken(version)
    return Response(None, headers=_tus(await api.upload(city, caller, id)))


@get("/documents/uploads/{id:str}", summary="How far an upload is")
async def upload(city: NamedDependency[City], caller: NamedDependency[Caller], id: _Id) -> Upload:
    """How many bytes of a file of one's own are here for good, and the document that it became."""
    return await api.upload(city, caller, id)


@patch(
    "/documents/uploads/{id:str}",
    status_code=204,
    opt={"takes": {_PART: {"type": "string", "format": "binary"}}, "errors": (412, 415, 460)},
    request_max_body_size=MOST_BYTES,
    summary="A part of an upload",
)
async def receive(
    request: "Request[Any, Any, Any]",
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    id: _Id,
    offset: _Offset = None,
    checksum: _Checksum = None,
    version: _Version = None,
) -> Response[None]:
    """A part that begins at `Upload-Offset`, with `Upload-Checksum` if it is to count as a whole or not at all. With the
    last byte the file is examined and becomes the document of the upload's id; a file that is refused is forgotten.
    """
    api.may_keep(city, caller)
    _spoken(version)
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _PART:
        raise NotAPart(_BAD_PART, type=_PART)
    if offset is None:
        raise Malformed(_HEADER, name="Upload-Offset")
    taken = await api.receive(city, caller, id, offset, request.stream(), checksum)
    return Response(None, status_code=204, headers=_tus(taken))


@delete("/documents/uploads/{id:str}", opt={"errors": (412,)}, summary="Give an upload up")
async def end_upload(
    city: NamedDependency[City], caller: NamedDependency[Caller], id: _Id, version: _Version = None
) -> None:
    """Forget a file of one's own that is on its way."""
    api.may_keep(city, caller)
    _spoken(version)
    await api.end_upload(city, caller, id)


@route(
    ["/documents/uploads", "/documents/uploads/{id:str}"],
    http_method=[HttpMethod.OPTIONS],
    include_in_schema=False,
)
async def offered() -> Response[None]:
    """What of tus is spoken here."""
    return Response(
        None,
        status_code=204,
        headers={
            "Tus-Resumable": TUS,
            "Tus-Version": TUS,
            "Tus-Extension": "creation,checksum,termination,expiration",
            "Tus-Max-Size": str(MOST_BYTES),
            "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
        },
    )


# `offered` first: the framework gives a path that has no OPTIONS yet its own.
routes = (
    offered,
    keep,
    documents_of,
    document,
    content,
    open_upload,
    upload_offset,
    upload,
    receive,
    end_upload,
)
