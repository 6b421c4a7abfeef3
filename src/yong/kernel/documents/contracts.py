"""What crosses the door of documents, and its limits."""

from datetime import datetime
from typing import Annotated

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
THUMBNAILS = (160, 320, 640)  # pixels of the longer side

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
    """A file that is kept. `width` and `height` of pictures are in pixels as they are stored, before any turn."""

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
    personal: Personal
    level: Level
    retention: str | None
    held: bool
    version: int
    created_at: datetime
    created_by: str
    ended_at: datetime | None
    removed_at: datetime | None


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
