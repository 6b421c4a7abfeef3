"""HTTP of documents: files that come part by part (tus 1.0.0)."""

import base64
import binascii
from typing import Annotated, Any

import msgspec
from litestar import HttpMethod, Request, Response, delete, get, head, patch, post, route
from litestar.datastructures import ResponseHeader
from litestar.di import NamedDependency
from litestar.params import HeaderParameter

from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import Malformed, Stale, YongError
from yong.kernel.base.text import Text
from yong.kernel.documents import api
from yong.kernel.documents.contracts import About, Upload
from yong.kernel.documents.routes.files import MOST_BYTES, Id, chosen
from yong.kernel.documents.service.uploading import ALGORITHMS

TUS = "1.0.0"
_PART = "application/offset+octet-stream"
_Length = Annotated[int | None, HeaderParameter(name="Upload-Length", ge=1, le=MOST_BYTES)]
_Offset = Annotated[int | None, HeaderParameter(name="Upload-Offset", ge=0, le=MOST_BYTES)]
_Metadata = Annotated[str | None, HeaderParameter(name="Upload-Metadata", min_length=1, max_length=8000)]
_Checksum = Annotated[str | None, HeaderParameter(name="Upload-Checksum", min_length=1, max_length=200)]
_Version = Annotated[str | None, HeaderParameter(name="Tus-Resumable", min_length=1, max_length=20)]
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


class NotAPart(YongError):
    """A part of a file under another media type than tus has for it."""

    code, status = "malformed", 415
    title = Text("不支持的内容类型", "That media type is not supported here")


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
    begun = await api.open_upload(city, caller, chosen(_metadata(metadata)), length)
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
    city: NamedDependency[City], caller: NamedDependency[Caller], id: Id, version: _Version = None
) -> Response[None]:
    """`Upload-Offset` is how many bytes are here for good: the next part begins there (tus 1.0.0)."""
    api.may_keep(city, caller)
    _spoken(version)
    return Response(None, headers=_tus(await api.upload(city, caller, id)))


@get("/documents/uploads/{id:str}", summary="How far an upload is")
async def upload(city: NamedDependency[City], caller: NamedDependency[Caller], id: Id) -> Upload:
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
    id: Id,
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
    city: NamedDependency[City], caller: NamedDependency[Caller], id: Id, version: _Version = None
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
routes = (offered, open_upload, upload_offset, upload, receive, end_upload)
