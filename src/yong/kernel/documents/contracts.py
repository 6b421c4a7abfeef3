"""What crosses the door of documents, and its limits."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from yong.kernel.base.errors import YongError
from yong.kernel.base.relation import Level, Personal
from yong.kernel.base.text import Text

DOCUMENT = "documents.document"
UPLOADS_AT_ONCE, UPLOAD_HOURS = 20, 48  # of an account; from its last part on
PART_WITHIN_S = 60.0  # of silence, then a part has ended where it is
FREE_BYTES = 1 << 30  # of the disk: with less nothing is taken
GRACE_HOURS = 24  # before content that no document has any more goes from the disk
OF_ONE = 500  # documents of one row that are listed
THUMBNAILS = (160, 320, 640, 1600)  # pixels of the longer side
MOST_BOXES = 200  # that are covered in one copy

Title = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]


class ChecksumMismatch(YongError):
    """A part is not what its sender said it is; 460 is the status that tus 1.0.0 has for that."""

    code, status = "checksum-mismatch", 460
    title = Text("校验和不符", "The checksum does not match")


class Belongs(msgspec.Struct, frozen=True):
    """What a document belongs to: a Relation and the key of a row of it."""

    relation: str
    id: str


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of a file that is to be kept.

    `media_type` is compared with the content. `owner` is the caller's party unless given. `personal` and `level` label
    the content, which is taken to be about a person unless said otherwise. Without `retention` it is never removed.
    `strip` takes place, camera and whatever else is not the picture out of a photo. `sha256` is what the content must have.
    """

    title: str
    media_type: str
    filename: str | None = None
    belongs: Belongs | None = None
    owner: str | None = None
    district: str | None = None
    subject: str | None = None
    personal: Personal = Personal.PERSONAL
    level: Level = Level.GENERAL
    retention: str | None = None
    strip: bool = False
    sha256: str | None = None


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """A file that is kept. `width` and `height` of pictures are in pixels as they are stored, before any turn.

    `redacted_from` is the photo of which it is a copy with faces and plates covered.
    """

    id: str
    title: str
    filename: str
    sha256: str
    media_type: str
    charset: str | None
    bytes: int
    width: int | None
    height: int | None
    owner: str | None
    district: str | None
    subject: str | None
    belongs: Belongs | None
    redacted_from: str | None
    personal: Personal
    level: Level
    retention: str | None
    held: bool
    version: int
    created_at: datetime
    created_by: str
    ended_at: datetime | None
    removed_at: datetime | None


class CoveredBox(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of a photo that is covered, in pixels of the whole photo turned as it is looked at."""

    x: int
    y: int
    width: int
    height: int


class FoundBox(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a photo that may show a face or a number plate, widened to be covered."""

    what: Literal["face", "plate"]
    x: int
    y: int
    width: int
    height: int


class PhotoSearch(msgspec.Struct, frozen=True, kw_only=True):
    """What may have to be covered in a photo: a suggestion. `width` and `height` are those of the photo as it is looked at.

    `searched` is false where what looks for it is not installed; `note` says what that means for who looks.
    """

    width: int
    height: int
    searched: bool
    boxes: list[FoundBox]
    note: str


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    """A file on its way: how many of its bytes are here for good. `document` once all are and it was accepted."""

    id: str
    length: int
    received: int
    expires_at: datetime
    document: str | None = None


class BlobFault(msgspec.Struct, frozen=True, kw_only=True):
    """Content that is missing or is not what it was, and a document that has it."""

    sha256: str
    document: str
    detail: Text


class BlobReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a verification of all content found."""

    documents: int
    blobs: int
    bytes: int
    faults: list[BlobFault]


class Template(msgspec.Struct, frozen=True, kw_only=True):
    """A paper that a module sets, declared in its manifest. `name` is `<module>.<noun>`.

    Its files lie in `templates/<noun>` of the module's folder, `main.typ` among them (Typst). `sys.inputs` has the data as
    JSON (`data`), the reader's `language`, and the families of a Chinese text font (`serif`) and heading font (`sans`).
    """

    name: str
    title: Text


class PdfSignature(msgspec.Struct, frozen=True, kw_only=True):
    """A signature of a PDF, as it was found to be.

    `intact`: what was signed is as it was. `changed_since`: something was added to the file afterwards that is more than a
    further signature. `trusted`: the certificate leads to one that this city trusts. `claimed_at` is what the signer's clock
    said, `timestamped_at` what a timestamp authority confirmed that is trusted too.
    """

    signer: str
    organisation: str | None
    issuer: str
    serial: str
    claimed_at: datetime | None
    timestamped_at: datetime | None
    intact: bool
    changed_since: bool
    trusted: bool
    verdict: Text

    @property
    def good(self) -> bool:
        """Whether it can be relied on."""
        return self.intact and self.trusted and not self.changed_since


class SignatureReport(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a PDF is signed, and whether every signature of it is good."""

    signed: bool
    good: bool
    signatures: list[PdfSignature]
    verdict: Text


class RetentionClass(msgspec.Struct, frozen=True, kw_only=True):
    """For how long documents are kept, and why. No `years`: for good. `automatic`: removed when due without approval."""

    code: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
    title_zh: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    title_en: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    years: Annotated[int, msgspec.Meta(ge=1, le=200)] | None
    basis_zh: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
    basis_en: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
    automatic: bool = False


class RetentionRow(RetentionClass, frozen=True, kw_only=True):
    """A class as it is kept. `example`: it came with the install, and nobody of this city has confirmed it yet."""

    example: bool
    version: int
    updated_at: datetime


class DocumentHold(msgspec.Struct, frozen=True, kw_only=True):
    """A reason for which a document may not be removed."""

    id: str
    document: str
    reason: str
    placed_at: datetime
    placed_by: str


class DocumentPast(msgspec.Struct, frozen=True, kw_only=True):
    """What was written down of a document at a moment."""

    version: int
    recorded_at: datetime
    account: str
    changed: list[str]


class PackageFault(msgspec.Struct, frozen=True, kw_only=True):
    """A file of a package that is missing, was changed or does not belong there."""

    name: str
    detail: Text


class PackageReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a verification of a hand-over package found."""

    documents: int
    bytes: int
    faults: list[PackageFault]
