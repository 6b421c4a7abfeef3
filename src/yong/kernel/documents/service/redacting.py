"""Copies of photos in which faces and plates are covered: what a person confirmed, and nothing that was only found."""

import asyncio
from collections.abc import Sequence

import msgspec

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import Conflict, Invalid, NotFound, Problem
from yong.kernel.base.ids import new_id
from yong.kernel.base.relation import Level, Personal
from yong.kernel.base.text import Text
from yong.kernel.documents import apart, blobs, store
from yong.kernel.documents.contracts import (
    DOCUMENT,
    MOST_BOXES,
    About,
    Belongs,
    CoveredBox,
    Document,
    FoundBox,
    PhotoSearch,
)
from yong.kernel.documents.extra import need
from yong.kernel.documents.media import MEDIA, media_of
from yong.kernel.documents.redacting import covering, finding
from yong.kernel.documents.service import keeping, opening, rights
from yong.kernel.store.database import Connection, Database, Row

WITHIN_S, MEMORY_BYTES = 30.0, 2 << 30
_FOUND_BYTES, _COPY_BYTES = 1 << 20, 30 << 20
_TYPE = "image/jpeg"
_TITLE = Text("照片（已遮盖）", "Photo, covered")
_REMOVED = Text("文件已按保管期限销毁", "The document was removed when its retention had run out")
_MANY = Text("最多 {n} 个框", "At most {n} boxes")
_BOX = Text("框的边长须大于零，位置不得超出常理", "A box has sides above zero and a place within reason")
_IS_COPY = Text("这是遮盖后的副本，请遮盖原件", "This is a covered copy: cover the original")
_NO_COPY = Text("这不是遮盖后的副本", "This is no covered copy")
_FAR = 1 << 17  # pixels: beyond the side of any picture that is kept
_LOOK = Text(
    "自动查找会有遗漏，也会找错：请看过整张照片，补上漏掉的，去掉多余的",
    "Looking for them misses some and finds what is none: look at the whole photo, add what is missing, take away what is not",
)
_BY_HAND = Text(
    "没有自动查找人脸和号牌：需要安装 yong[redact]（pip install -r requirements/redact.lock）；现在请手工画框",
    "Nothing was looked for: finding faces and plates needs yong[redact] (pip install -r requirements/redact.lock); "
    "draw the boxes by hand",
)


async def _photo(city: City, caller: Caller, id: str) -> Row:
    """A photo that the caller may open and may make covered copies of."""
    row = await rights.reached(city, caller, "documents.open", id)
    if not await rights.may(city, caller, "documents.redact", row):
        raise access.refusal(caller, "documents.redact", DOCUMENT)
    if not MEDIA[row["media_type"]].picture:
        raise NotFound
    if row["removed_at"] is not None:
        raise Conflict(_REMOVED)
    return row


async def search(city: City, caller: Caller, id: str) -> PhotoSearch:
    """Where faces and plates may be in a photo."""
    row = await _photo(city, caller, id)
    need("PIL")
    await opening.told(city, caller, row, "search for faces and plates")
    out = await apart.run(
        city.part(apart.Turns), "redacting.finding", finding.Work(str(blobs.file_of(city.settings.home, row["sha256"]))),
        within_s=WITHIN_S, most_bytes=_FOUND_BYTES, memory_bytes=MEMORY_BYTES,
    )  # fmt: skip
    answer = msgspec.json.decode(out, type=finding.Answer)
    boxes = [msgspec.convert(one, FoundBox, from_attributes=True) for one in answer.found]
    note = (_LOOK if answer.searched else _BY_HAND).in_(caller.language)
    return PhotoSearch(
        width=answer.width, height=answer.height, searched=answer.searched, boxes=boxes, note=note
    )


async def redact(
    city: City, caller: Caller, id: str, boxes: Sequence[CoveredBox], title: str | None, asker: Caller
) -> Document:
    """Keep a copy of a photo with those boxes covered, as not being about a person; the same again is the same copy."""
    row = await _photo(city, caller, id)
    if row["redacted_from"] is not None:
        raise Conflict(_IS_COPY)
    _fitting(boxes)
    about = About(
        title=title or _TITLE.in_(city.settings.language), media_type=_TYPE, owner=row["owner_id"], district=row["district"],
        belongs=Belongs(row["belongs_to"], row["belongs_id"]) if row["belongs_to"] else None,
        personal=Personal.NO, level=Level(row["level"]), retention=row["retention"], strip=True,
    )  # fmt: skip
    filename = keeping.checked(about, media_of(city.settings, _TYPE))
    need("PIL")
    await opening.told(city, caller, row, "redaction")
    work = covering.Work(
        str(blobs.file_of(city.settings.home, row["sha256"])), [(b.x, b.y, b.width, b.height) for b in boxes]
    )
    made = await apart.run(
        city.part(apart.Turns), "redacting.covering", work,
        within_s=WITHIN_S, most_bytes=_COPY_BYTES, memory_bytes=MEMORY_BYTES,
    )  # fmt: skip
    taken = await blobs.take(city.settings.home, made, _COPY_BYTES)
    if (there := await store.redaction(city[Database], id, taken.sha256)) is not None:
        await asyncio.to_thread(taken.path.unlink, missing_ok=True)
        return store.shown(there)
    facts = {
        "redacted_from": id, "boxes": len(boxes), "from_personal": row["personal"], "personal": Personal.NO.value,
        "sha256": taken.sha256, "purpose": asker.purpose,
    }  # fmt: skip

    async def told(connection: Connection, made_id: str) -> None:
        await access.audit(connection, asker, "documents.redact", f"{DOCUMENT}/{made_id}", facts)

    return await keeping.written(
        city, asker, new_id(), about, filename, taken, then=told, redacted_from=id
    )  # fmt: skip


def _fitting(boxes: Sequence[CoveredBox]) -> None:
    if len(boxes) > MOST_BOXES:
        raise Invalid(None, problems=(Problem("/boxes", _MANY.filled(n=MOST_BOXES)),))
    problems = [
        Problem(f"/boxes/{n}", _BOX)
        for n, b in enumerate(boxes)
        if not (
            0 < b.width <= _FAR and 0 < b.height <= _FAR and -_FAR <= b.x <= _FAR and -_FAR <= b.y <= _FAR
        )
    ]
    if problems:
        raise Invalid(None, problems=tuple(problems))


async def withdraw(city: City, caller: Caller, id: str, asker: Caller) -> Document:
    """Give a covered copy the label of its original, since it shows too much; again changes nothing."""
    row = await _photo(city, caller, id)
    if row["redacted_from"] is None:
        raise Conflict(_NO_COPY)
    async with city[Database].transaction() as connection:
        if await store.relabel(connection, id, asker.account):
            facts = {"redacted_from": row["redacted_from"], "sha256": row["sha256"], "purpose": asker.purpose}
            await access.audit(connection, asker, "documents.withdraw_redaction", f"{DOCUMENT}/{id}", facts)
        changed = await store.one(connection, id)
    if changed is None:
        raise NotFound
    return store.shown(changed)
