"""HTTP of documents: packages for an archive, and signatures verified."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

import msgspec
from litestar import Request, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from litestar.response import Stream

from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.documents import api
from yong.kernel.documents.blobs import Opened
from yong.kernel.documents.contracts import SignatureReport
from yong.kernel.documents.routes.files import SAFE, pieces
from yong.kernel.documents.service.handing import MOST
from yong.kernel.documents.signing.verifying import PDF_BYTES

_PDF, _ZIP = "application/pdf", "application/zip"
_Ids = Annotated[
    list[Annotated[str, msgspec.Meta(min_length=1, max_length=100)]],
    msgspec.Meta(min_length=1, max_length=MOST),
]


class NewPackage(msgspec.Struct, forbid_unknown_fields=True):
    """The documents of a package, and who hands them over."""

    documents: _Ids
    source: Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]


@post(
    "/documents/packages",
    status_code=200,
    opt={"gives": (_ZIP,), "errors": (404, 409)},
    summary="Pack documents for an archive",
)
async def hand_over(
    city: NamedDependency[City], caller: NamedDependency[Caller], data: JSONBody[NewPackage]
) -> Stream:
    """A BagIt bag (RFC 8493) in a ZIP: the files, what is kept of each, their SHA-256, and a list for people (PDF)."""
    file = await api.hand_over(city, caller, data.documents, data.source)
    opened = await asyncio.to_thread(_taken_out, file)
    headers = {
        **SAFE,
        "Content-Disposition": f'attachment; filename="{file.stem}.zip"',
        "Content-Length": str(opened.size),
    }
    return Stream(pieces(opened, 0, opened.size), media_type=_ZIP, headers=headers)


def _taken_out(file: Path) -> Opened:
    """The package, open; it goes when nobody reads it any more."""
    opened = Opened(file)
    file.unlink()
    return opened


@post(
    "/documents/signature-checks",
    status_code=200,
    opt={"takes": {_PDF: {"type": "string", "format": "binary"}}},
    request_max_body_size=PDF_BYTES,
    summary="Verify the signatures of a PDF",
)
async def verify(
    request: "Request[Any, Any, Any]", city: NamedDependency[City], caller: NamedDependency[Caller]
) -> SignatureReport:
    """Who signed it, when, whether it was changed since, and whether that is trusted. The file is not kept."""
    api.may_verify(city, caller)
    return await api.verify(city, caller, await request.body())


routes = (hand_over, verify)
