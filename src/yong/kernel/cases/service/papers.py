"""Documents of a case: photos from the site, letters, whatever is kept as belonging to it.

Who may open them follows from the case as it is now: a unit that has it opens what others attached, and no longer when the
case has gone on. So the question is asked of the case, and the file is opened as the module's own work, in the asker's name.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.access.policies import Policies
from yong.kernel.base.city import City
from yong.kernel.base.errors import Forbidden, Invalid, NotFound, Problem
from yong.kernel.base.relation import Field, Level, Personal, Type
from yong.kernel.base.text import Text
from yong.kernel.cases import store
from yong.kernel.cases.contracts import CaseDocument
from yong.kernel.cases.service.acting import Command, change
from yong.kernel.cases.service.cases import RELATION, visible
from yong.kernel.cases.service.work import Work
from yong.kernel.documents import api as documents
from yong.kernel.documents.contracts import Belongs, CoveredBox, Document, PhotoSearch
from yong.kernel.documents.media import MEDIA
from yong.kernel.documents.service.opening import Content
from yong.kernel.records.sync.contracts import DevicePosition
from yong.kernel.store.database import Connection, Database

_NOT_ITS = Text("文件不属于本案件", "The document does not belong to this case")
_PURPOSE = Text(
    "文件含个人信息，请在 X-Purpose 中说明处理目的 cases.handling",
    "The document is about a person: state the purpose cases.handling (X-Purpose)",
)


async def attach(
    city: City,
    caller: Caller,
    case: str,
    document: str,
    made_at: datetime | None,
    place: DevicePosition | None,
) -> None:
    """Say in the log that a document, which is kept as belonging to the case, was attached; once."""
    await visible(city, caller, case)
    found = await _its(city, case, document)
    if found is None:
        raise Invalid(None, problems=(Problem("/document", _NOT_ITS),))
    said: dict[str, Any] = {"document": document, "media_type": found.media_type}
    said |= {"made_at": made_at.isoformat()} if made_at else {}
    said |= {"place": msgspec.to_builtins(place)} if place else {}

    async def apply(work: Work, connection: Connection) -> None:
        if not await store.logged_document(connection, case, document):
            work.log(caller, "document", note=found.title, **said)

    await change(city, Command(caller=caller, action="cases.attach", case=case, apply=apply))


async def of(city: City, caller: Caller, case: str) -> list[CaseDocument]:
    """The documents of a case that the caller sees, oldest first."""
    await visible(city, caller, case)
    kept = await documents.documents_of(city, _self(), Belongs(RELATION, case))
    told = {
        line["facts"].get("document"): line["facts"]
        for line in await store.log(city[Database], case)
        if line["what"] == "document"
    }
    names = await access.names(city, caller, {one.created_by for one in kept})
    may_see = await _may(city, caller, "documents.open", case, Personal.PERSONAL)
    may_redact = may_see and await _may(city, caller, "documents.redact", case, Personal.PERSONAL)
    return [
        _shown(one, told.get(one.id, {}), names, may_see, may_redact)
        for one in kept
        if one.removed_at is None
    ]


def _shown(
    one: Document, told: Mapping[str, Any], names: Mapping[str, str], clear: bool, may_redact: bool
) -> CaseDocument:
    hidden = one.personal is not Personal.NO and not clear
    return CaseDocument(
        id=one.id, title=one.media_type if hidden else one.title, media_type=one.media_type, bytes=one.bytes,
        width=one.width, height=one.height, kept_at=one.created_at, by=names.get(one.created_by, ""),
        made_at=datetime.fromisoformat(told["made_at"]) if told.get("made_at") else None,
        place=None if hidden else told.get("place"), redacted_from=one.redacted_from, shareable=one.personal is Personal.NO,
        may_redact=may_redact and MEDIA[one.media_type].picture
        and (one.redacted_from is None or one.personal is Personal.NO),
    )  # fmt: skip


async def content(city: City, caller: Caller, case: str, document: str) -> Content:
    """A document of a case and its bytes. Raises NotFound, Forbidden where a purpose is missing."""
    await _opens(city, caller, case, document, "content")
    return await documents.open_content(city, _self(), document)


async def thumbnail(city: City, caller: Caller, case: str, document: str, size: int) -> tuple[str, bytes]:
    """A small JPEG of a picture of a case, and its tag."""
    await _opens(city, caller, case, document, "thumbnail")
    return await documents.thumbnail(city, _self(), document, size)


async def search(city: City, caller: Caller, case: str, document: str) -> PhotoSearch:
    """Where faces and plates may be in a photo of a case."""
    await _redacts(city, caller, case, document, "search for faces and plates")
    return await documents.search_photo(city, _self(caller), document)


async def redact(
    city: City, caller: Caller, case: str, document: str, boxes: Sequence[CoveredBox], title: str | None
) -> CaseDocument:
    """Keep a covered copy of a photo of a case beside it, and say so in the log; the same again is the same copy."""
    await _redacts(city, caller, case, document, "redaction")
    made = await documents.redact(city, _self(caller), document, boxes, title=title, asker=caller)
    said: dict[str, Any] = {"media_type": made.media_type, "redacted_from": document, "boxes": len(boxes)}

    async def apply(work: Work, connection: Connection) -> None:
        if not await store.logged_document(connection, case, made.id):
            work.log(caller, "document", note=made.title, document=made.id, **said)

    await change(city, Command(caller=caller, action="cases.redact", case=case, apply=apply))
    return await _one(city, caller, case, made)


async def withdraw(city: City, caller: Caller, case: str, document: str) -> CaseDocument:
    """Give a covered copy the label of its original again, and say so in the log."""
    before = await _redacts(city, caller, case, document, "withdrawal")
    changed = await documents.withdraw_redaction(city, _self(caller), document, asker=caller)
    if changed.version != before.version:

        async def apply(work: Work, connection: Connection) -> None:
            work.log(caller, "document.withdrawn", note=changed.title, document=document)

        await change(city, Command(caller=caller, action="cases.withdraw_redaction", case=case, apply=apply))
    return await _one(city, caller, case, changed)


async def _one(city: City, caller: Caller, case: str, document: Document) -> CaseDocument:
    return next(one for one in await of(city, caller, case) if one.id == document.id)


async def _redacts(city: City, caller: Caller, case: str, document: str, how: str) -> Document:
    """A photo of a case that the caller may open and may make covered copies of, told to the audit trail. Raises otherwise."""
    found = await _opens(city, caller, case, document, how)
    if not await _may(city, caller, "documents.redact", case, found.personal):
        raise access.refusal(caller, "documents.redact", RELATION)
    return found


async def _opens(city: City, caller: Caller, case: str, document: str, how: str) -> Document:
    """A document of a case. Raises unless the caller may open it; what says something of a person is told to the audit trail."""
    await visible(city, caller, case)
    found = await _its(city, case, document)
    if found is None:
        raise NotFound
    if not await _may(city, caller, "documents.open", case, found.personal):
        if await _may(city, caller, "documents.open", case, Personal.NO):
            raise Forbidden(_PURPOSE)
        raise access.refusal(caller, "documents.open", RELATION)
    if found.personal is not Personal.NO:
        facts = {"document": document, "what": how, "purpose": caller.purpose, "sha256": found.sha256}
        async with city[Database].transaction() as connection:
            await access.audit(connection, caller, "cases.open_document", f"case:{case}", facts)
    return found


async def _may(city: City, caller: Caller, action: str, case: str, personal: Personal) -> bool:
    row = await city[Database].fetchrow(
        "SELECT beside || handler_id AS owners, district FROM cases.case_file WHERE id = $1", case
    )
    if row is None:
        return False
    content_ = Field(
        name="content",
        type=Type.TEXT,
        meaning=Text("内容", "Content"),
        level=Level.GENERAL,
        personal=personal,
    )
    relation, district = city[Policies].relations[RELATION], row["district"]
    return any([
        await access.touches(city, caller, action, relation, owner=owner, district=district, field=content_)
        for owner in row["owners"]
    ])  # fmt: skip


async def _its(city: City, case: str, document: str) -> Document | None:
    try:
        found = await documents.read(city, _self(), document)
    except NotFound:
        return None
    return found if found.belongs == Belongs(RELATION, case) else None


def _self(asker: Caller | None = None) -> Caller:
    """The module's own work, told in the asker's language."""
    own = access.system_caller("cases")
    return own if asker is None else msgspec.structs.replace(own, language=asker.language)
