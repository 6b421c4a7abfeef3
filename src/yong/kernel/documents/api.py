"""The door of documents: files kept, opened, and held for as long as the law says. Every function authorizes its caller.

What a document belongs to decides: rights are asked of that Relation (`documents.keep` on `cases.case`), for the document's
owner, district, subject and labels; of `documents.document` where it belongs to nothing. So a module may do with the
documents of its own rows what it may do with the rows, and says in its policies who else may.
"""

from collections.abc import AsyncIterator

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.documents.contracts import About, Belongs, BlobReport, Document, Upload
from yong.kernel.documents.service import checking, keeping, opening, rights, uploading
from yong.kernel.documents.service.opening import Content
from yong.kernel.store.database import Connection

__all__ = [
    "check",
    "documents_of",
    "end_upload",
    "keep",
    "may_keep",
    "open_content",
    "open_parts",
    "open_upload",
    "read",
    "receive",
    "sweep",
    "upload",
]


async def open_parts(city: City) -> None:
    """Check what the settings say of documents. Raises Refused."""
    keeping.fitting(city)


def may_keep(city: City, caller: Caller) -> None:
    """Raise Unauthenticated or Forbidden unless the caller may keep documents at all."""
    rights.some(city, caller, "documents.keep")


async def keep(
    city: City, caller: Caller, content: bytes | AsyncIterator[bytes], about: About, *, connection: "Connection | None" = None
) -> Document:  # fmt: skip
    """Keep a file: examined, stored once under its SHA-256, synced, and then written down.

    With `connection` the row is part of that transaction: where it is rolled back the content goes after a day. No byte of
    `content` is read before the caller may. Raises Invalid with every problem of what is said of it, and with why the
    content is refused (pointer `/content`), TooLarge, Unavailable where the disk is nearly full.
    """
    return await keeping.keep(city, caller, content, about, connection=connection)


async def read(city: City, caller: Caller, id: str) -> Document:
    """What is kept of a document, which the caller may open. Raises NotFound."""
    return await opening.one(city, caller, id)


async def documents_of(city: City, caller: Caller, belongs: Belongs) -> list[Document]:
    """The documents of a row of a Relation that the caller may open, oldest first, at most 500."""
    return await opening.of(city, caller, belongs)


async def open_content(city: City, caller: Caller, id: str) -> Content:
    """A document and its bytes (`content.opened.read(offset, length)`); audited where they are about a person.

    Raises NotFound, Forbidden where a purpose is missing, Conflict where it was removed.
    """
    return await opening.content(city, caller, id)


async def open_upload(city: City, caller: Caller, about: About, length: int) -> Upload:
    """Announce a file of so many bytes that comes part by part. Raises what `keep` raises, TooMany."""
    return await uploading.begin(city, caller, about, length)


async def upload(city: City, caller: Caller, id: str) -> Upload:
    """How far a file of one's own is. Raises NotFound."""
    return await uploading.standing(city, caller, id)


async def receive(
    city: City, caller: Caller, id: str, offset: int, chunks: AsyncIterator[bytes], checksum: str | None = None
) -> Upload:  # fmt: skip
    """Take a part of a file of one's own; with the last byte it is a document of the upload's id.

    Raises Conflict where it does not begin where the file ends, ChecksumMismatch, TooLarge, NotFound, and what `keep` raises.
    """
    return await uploading.receive(city, caller, id, offset, chunks, checksum)


async def end_upload(city: City, caller: Caller, id: str) -> None:
    """Forget a file of one's own that is on its way. Raises NotFound, Conflict."""
    await uploading.end(city, caller, id)


async def check(city: City, caller: Caller) -> BlobReport:
    """Read every byte of all content and say what is missing or has changed."""
    access.authorize(city, caller, "documents.check", "documents")
    return await checking.check(city)


async def sweep(city: City, caller: Caller, *, grace_hours: float = 24) -> int:
    """Take away content that no document has had for so long, and uploads that nobody goes on with; how much content."""
    access.authorize(city, caller, "documents.check", "documents")
    await uploading.tidy(city)
    return await checking.sweep(city, grace_hours)
