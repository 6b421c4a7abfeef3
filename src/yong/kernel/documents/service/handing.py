"""Documents handed over to an archive: packed, with a list for people, and told to the audit trail."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.base import clock
from yong.kernel.base.city import City
from yong.kernel.base.errors import Conflict, Invalid
from yong.kernel.base.ids import new_id
from yong.kernel.base.text import Text
from yong.kernel.documents import blobs, package, store
from yong.kernel.documents.contracts import DOCUMENT, Document
from yong.kernel.documents.rendering import setting
from yong.kernel.documents.service import rights
from yong.kernel.store.database import Database

MOST = 1000
TEMPLATE = "documents.handover"
_COUNT = Text("一次移交 1 至 {n} 个文件", "Hand over 1 to {n} documents at a time")
_GONE = Text("文件 {id} 已销毁", "The document {id} was removed")


async def hand_over(city: City, caller: Caller, ids: Sequence[str], source: str, at: datetime | None) -> Path:
    """A package of documents in the folder of what is on its way, where it lies for two days."""
    rights.some(city, caller, "documents.hand_over")
    if not 1 <= len(set(ids)) <= MOST:
        raise Invalid(_COUNT, n=MOST)
    documents: list[Document] = []
    for id_ in dict.fromkeys(ids):
        row = await rights.reached(city, caller, "documents.hand_over", id_)
        if row["removed_at"] is not None:
            raise Conflict(_GONE, id=row["id"])
        documents.append(store.shown(row))
    at = (at or clock.now()).astimezone(clock.CHINA)
    home = city.settings.home
    await asyncio.to_thread(blobs.room, home)
    target = blobs.incoming(home) / f"{new_id()}.bag"
    said = {
        "source": source, "package": target.stem, "date": f"{at:%Y-%m-%d}", "bytes": sum(d.bytes for d in documents),
        "documents": [
            {"title": d.title, "retention": d.retention or "–", "bytes": d.bytes, "sha256": d.sha256} for d in documents
        ],
    }  # fmt: skip
    listed = await setting.render(city, TEMPLATE, said, caller.language, at)
    files = [(d, blobs.file_of(home, d.sha256)) for d in documents]
    try:
        await asyncio.to_thread(package.write, target, files, source, at, {"handover.pdf": listed})
        async with city[Database].transaction() as connection:
            facts = {"package": target.stem, "purpose": caller.purpose}
            await access.audit_of(
                connection, [(caller, "documents.hand_over", f"{DOCUMENT}/{d.id}", facts) for d in documents]
            )
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    return target
