"""Documents given out: read by who may, told to the audit trail where they say something of a person."""

import asyncio

import msgspec

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import Conflict
from yong.kernel.base.text import Text
from yong.kernel.documents import blobs, store
from yong.kernel.documents.blobs import Opened
from yong.kernel.documents.contracts import DOCUMENT, Belongs, Document
from yong.kernel.documents.service import rights
from yong.kernel.store.database import Database, Row

_REMOVED = Text("文件已按保管期限销毁", "The document was removed when its retention had run out")


class Content(msgspec.Struct, frozen=True):
    """A document and its bytes, open for reading."""

    document: Document
    opened: Opened


async def one(city: City, caller: Caller, id: str) -> Document:
    """What is kept of a document."""
    return store.shown(await rights.reached(city, caller, "documents.open", id))


async def of(city: City, caller: Caller, belongs: Belongs) -> list[Document]:
    """The documents of a row of a Relation, those that the caller may open."""
    rights.some(city, caller, "documents.open")
    rights.target(city, belongs)
    rows = await store.of(city[Database], belongs)
    return [store.shown(row) for row in rows if await rights.may(city, caller, "documents.open", row)]


async def content(city: City, caller: Caller, id: str, *, how: str = "content") -> Content:
    """A document's bytes. Raises Conflict where it was removed, or the disk has lost them."""
    row = await rights.reached(city, caller, "documents.open", id)
    if row["removed_at"] is not None:
        raise Conflict(_REMOVED)
    opened = await asyncio.to_thread(Opened, blobs.file_of(city.settings.home, row["sha256"]))
    await told(city, caller, row, how)
    return Content(store.shown(row), opened)


async def told(city: City, caller: Caller, row: Row, how: str) -> None:
    """Write the reading of a document that says something of a person to the audit trail, before it is given out."""
    if row["personal"] == "no":
        return
    facts = {"purpose": caller.purpose, "what": how, "sha256": row["sha256"]}
    async with city[Database].transaction() as connection:
        await access.audit(connection, caller, "documents.open", f"{DOCUMENT}/{row['id']}", facts)
