"""The door of documents: files kept, opened, and held for as long as the law says. Every function authorizes its caller.

What a document belongs to decides: rights are asked of that Relation (`documents.keep` on `cases.case`), for the document's
owner, district, subject and labels; of `documents.document` where it belongs to nothing. So a module may do with the
documents of its own rows what it may do with the rows, and says in its policies who else may.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.text import Language
from yong.kernel.documents import package
from yong.kernel.documents.contracts import (
    About,
    Belongs,
    BlobReport,
    CoveredBox,
    Document,
    DocumentHold,
    DocumentPast,
    PackageReport,
    PhotoSearch,
    RetentionClass,
    RetentionRow,
    SignatureReport,
    Upload,
)
from yong.kernel.documents.rendering.setting import Templates
from yong.kernel.documents.service import (
    checking,
    handing,
    keeping,
    opening,
    papers,
    redacting,
    retention,
    rights,
    showing,
    uploading,
)
from yong.kernel.documents.service.opening import Content
from yong.kernel.documents.signing import verifying
from yong.kernel.store.database import Connection


async def open_parts(city: City) -> None:
    """Check what the settings and the templates of modules say. Raises Refused."""
    keeping.fitting(city)
    city.put(Templates, Templates(city.registry))


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


async def examined(
    city: City, caller: Caller, content: bytes, media_type: str, *, strip: bool = False
) -> bytes:
    """A file's bytes as they would be kept, which they are not: of who has not handed in yet. Raises Invalid, TooLarge."""
    return await keeping.examined(city, caller, content, media_type, strip)


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


async def thumbnail(city: City, caller: Caller, id: str, size: int = 320) -> tuple[str, bytes]:
    """A small JPEG of a picture that the caller may open (`size` pixels: 160, 320, 640 or 1600), and its tag. Raises NotFound."""
    return await showing.thumbnail(city, caller, id, size)


async def search_photo(city: City, caller: Caller, id: str) -> PhotoSearch:
    """Where faces and plates may be in a photo that the caller may open and `documents.redact`: a suggestion, for a person.

    Without the extra `redact` nothing is looked for, and the answer says so. Raises NotFound for what is no picture.
    """
    return await redacting.search(city, caller, id)


async def redact(
    city: City, caller: Caller, id: str, boxes: Sequence[CoveredBox], *, title: str | None = None, asker: Caller | None = None
) -> Document:  # fmt: skip
    """Keep a copy of a photo in which those boxes are covered with one colour: flat, a JPEG of at most 4096 pixels a side,
    without anything that the photo tells of itself, labelled as not being about a person. The photo stays as it is.

    A person confirmed the boxes: what was found alone is no reason. `asker` is in whose name a module does it. The same again
    is the same copy. Raises NotFound, Forbidden, Invalid, Conflict for what is a copy itself or was removed.
    """
    return await redacting.redact(city, caller, id, boxes, title, _asked_by(caller, asker))


async def withdraw_redaction(city: City, caller: Caller, id: str, *, asker: Caller | None = None) -> Document:
    """Give a covered copy the label of its original again, since it shows too much. Raises Conflict for what is no copy."""
    return await redacting.withdraw(city, caller, id, _asked_by(caller, asker))


def _asked_by(caller: Caller, asker: Caller | None) -> Caller:
    """Who stands as the one who did it: only a module does something in another's name."""
    return asker if asker is not None and caller.account.startswith("module:") else caller


async def history(city: City, caller: Caller, id: str) -> list[DocumentPast]:
    """When what is kept of a document was changed, by whom, and which parts of it; newest first."""
    return await retention.history(city, caller, id)


async def end(city: City, caller: Caller, id: str, retention_class: str | None = None) -> Document:
    """The document's matter is closed: its retention runs from the first day of the next year. Raises Conflict, NotFound."""
    return await retention.end(city, caller, id, retention_class)


async def classify(city: City, caller: Caller, id: str, retention_class: str) -> Document:
    """Put a document into a retention class. Raises Invalid, NotFound."""
    return await retention.classify(city, caller, id, retention_class)


async def retention_classes(city: City, caller: Caller) -> list[RetentionRow]:
    """Every retention class, those for good first; for whoever opens documents at all."""
    return await retention.classes(city, caller)


async def set_retention(city: City, caller: Caller, given: RetentionClass, version: int | None = None) -> int:
    """Make a retention class, or change the one at `version`; its version. Raises Invalid, Conflict, Stale."""
    return await retention.set_class(city, caller, given, version)


async def hold(city: City, caller: Caller, id: str, reason: str) -> DocumentHold:
    """Nothing removes the document from now on, until the hold is lifted."""
    return await retention.hold(city, caller, id, reason)


async def holds(city: City, caller: Caller, id: str) -> list[DocumentHold]:
    """The holds that stand on a document."""
    return await retention.holds(city, caller, id)


async def lift_hold(city: City, caller: Caller, id: str, hold_id: str) -> None:
    """Lift a hold. Raises NotFound."""
    await retention.lift(city, caller, id, hold_id)


async def approve_removal(city: City, caller: Caller, id: str) -> Document:
    """Approve that a document whose retention has run out is removed. Raises Conflict where it has not, or is held."""
    return await retention.approve(city, caller, id)


async def remove_due(city: City, caller: Caller) -> int:
    """Remove what is due and may be removed; how many documents. What is kept of them, and the audit trail, stay."""
    return await retention.remove_due(city, caller)


async def hand_over(
    city: City, caller: Caller, ids: Sequence[str], source: str, *, at: datetime | None = None
) -> Path:  # fmt: skip
    """A hand-over package (BagIt, RFC 8493, in a ZIP) of at most 1000 documents; where it lies, for two days.

    Raises NotFound, Forbidden where a purpose is missing, Conflict for a document that was removed, Unavailable.
    """
    return await handing.hand_over(city, caller, ids, source, at)


async def check_package(city: City, caller: Caller, file: Path) -> PackageReport:
    """Whether a hand-over package is as it was made. Raises Invalid for what is none."""
    access.authorize(city, caller, "documents.verify", "documents")
    return await asyncio.to_thread(package.check, file)


async def render(
    city: City, caller: Caller, template: str, data: Mapping[str, object], language: Language = "zh", *, at: datetime | None = None
) -> bytes:  # fmt: skip
    """A paper as PDF/A-2b from a template that a module declared; the same data gives the same bytes.

    `at` is the moment that the file says it was made. For whoever may `documents.render` of the template's module, so for that
    module's own work. Raises NotFound, Invalid (the data does not fit, it takes over 20 s), Unavailable without a Chinese font.
    """
    return await papers.render(city, caller, template, data, language, at)


async def sign(
    city: City, caller: Caller, pdf: bytes, *, belongs: Belongs | None, reason: str, location: str | None = None
) -> bytes:  # fmt: skip
    """The PDF with the city's signature (PAdES B-B; B-T where `document_timestamp_url` is set), told to the audit trail.

    For whoever may `documents.sign` of what it belongs to, so for a module of its own rows. Raises Invalid, Unavailable.
    """
    return await papers.sign(city, caller, pdf, belongs, reason, location)


def may_verify(city: City, caller: Caller) -> None:
    """Raise Unauthenticated or Forbidden unless the caller may verify signatures and packages."""
    access.authorize(city, caller, "documents.verify", "documents")


async def verify(city: City, caller: Caller, pdf: bytes) -> SignatureReport:
    """Who signed a PDF, when, whether it was changed since, and whether that is trusted. Raises Invalid, TooLarge."""
    access.authorize(city, caller, "documents.verify", "documents")
    return await verifying.verify(city, pdf)
