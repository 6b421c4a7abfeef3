"""For how long documents are kept: classes, the end of a matter, holds, approval, and removal when it is due."""

import asyncpg
import msgspec
import structlog

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import Conflict, Invalid, NotFound, Problem, Stale
from yong.kernel.base.ids import new_id
from yong.kernel.base.text import Text
from yong.kernel.documents import store
from yong.kernel.documents.contracts import (
    DOCUMENT,
    Document,
    DocumentHold,
    DocumentPast,
    RetentionClass,
    RetentionRow,
)
from yong.kernel.documents.service import rights
from yong.kernel.store import outbox
from yong.kernel.store.contracts import Event
from yong.kernel.store.database import Database, Row

_log = structlog.get_logger("documents")
_CLASS = Text("没有保管期限类别 {code}", "There is no retention class {code}")
_GONE = Text("文件已销毁", "The document was removed")
_ENDED = Text("文件已办结", "Its matter is closed already")
_NOT_DUE = Text("保管期限未满，或文件被冻结", "Its retention has not run out, or it is held")
_REASON = Text("应为 1 至 500 个字符", "Use 1 to 500 characters")
_FOR_GOOD = Text("永久保管的文件不能自动销毁", "What is kept for good is not removed")


async def classes(city: City, caller: Caller) -> list[RetentionRow]:
    """Every retention class, for whoever opens documents."""
    rights.some(city, caller, "documents.open")
    return await store.classes(city[Database])


async def set_class(city: City, caller: Caller, given: RetentionClass, version: int | None) -> int:
    """Make a class (`version` None) or change one; its version. From then on it is the city's own, no example."""
    access.authorize(city, caller, "documents.manage_retention", "documents")
    if given.automatic and given.years is None:
        raise Invalid(None, problems=(Problem("/automatic", _FOR_GOOD),))
    async with city[Database].transaction() as connection:
        now = await store.set_class(connection, given, caller.account, version)
        if now is None:
            raise Stale if version is not None else Conflict
        facts = {**msgspec.to_builtins(given), "version": now}
        await access.audit(
            connection, caller, "documents.set_retention", f"documents.retention/{given.code}", facts
        )
    return now


async def end(city: City, caller: Caller, id: str, retention: str | None) -> Document:
    """The matter of a document is closed: its retention runs from the first day of the next year."""
    row = await _changeable(city, caller, "documents.end", id)
    if row["ended_at"] is not None:
        raise Conflict(_ENDED)
    values: dict[str, object] = {"ended_at": await city[Database].fetchval("SELECT now()")}
    return await _change(city, caller, row, "documents.end", values | await _class(city, retention))


async def classify(city: City, caller: Caller, id: str, retention: str) -> Document:
    """Put a document into a retention class."""
    row = await _changeable(city, caller, "documents.end", id)
    return await _change(city, caller, row, "documents.classify", await _class(city, retention))


async def approve(city: City, caller: Caller, id: str) -> Document:
    """Approve that a document whose retention has run out is removed; the next night it is."""
    row = await _changeable(city, caller, "documents.approve_removal", id)
    if not await store.due(city[Database], id):
        raise Conflict(_NOT_DUE)
    now = await city[Database].fetchval("SELECT now()")
    return await _change(
        city, caller, row, "documents.approve_removal", {"approved_at": now, "approved_by": caller.account}
    )


async def hold(city: City, caller: Caller, id: str, reason: str) -> DocumentHold:
    """From now on nothing removes the document, until the hold is lifted. An approval that was given before is void."""
    row = await _changeable(city, caller, "documents.hold", id)
    if not 1 <= len(reason.strip()) <= 500 or "\0" in reason:
        raise Invalid(None, problems=(Problem("/reason", _REASON),))
    hold_id = new_id()
    async with city[Database].transaction() as connection:
        if not await store.lock(connection, row["id"]):
            raise Conflict(_GONE)
        await store.place(connection, hold_id, row["id"], reason, caller.account)
        await store.disapprove(connection, row["id"], caller.account)
        await access.audit(connection, caller, "documents.hold", f"{DOCUMENT}/{row['id']}", {"hold": hold_id})
    return next(h for h in await holds(city, caller, id) if h.id == hold_id)


async def lift(city: City, caller: Caller, id: str, hold_id: str) -> None:
    """Lift a hold. Raises NotFound."""
    row = await rights.reached(city, caller, "documents.hold", id)
    async with city[Database].transaction() as connection:
        if not await store.lift(connection, hold_id[:100], row["id"], caller.account):
            raise NotFound
        await access.audit(
            connection, caller, "documents.lift_hold", f"{DOCUMENT}/{row['id']}", {"hold": hold_id[:100]}
        )


async def holds(city: City, caller: Caller, id: str) -> list[DocumentHold]:
    """The holds that stand on a document."""
    row = await rights.reached(city, caller, "documents.hold", id)
    return [
        DocumentHold(
            id=r["id"],
            document=r["document_id"],
            reason=r["reason"],
            placed_at=r["placed_at"],
            placed_by=r["placed_by"],
        )
        for r in await store.holds(city[Database], row["id"])
    ]


async def history(city: City, caller: Caller, id: str) -> list[DocumentPast]:
    """What was written down of a document, newest first, without what it said."""
    row = await rights.reached(city, caller, "documents.open", id)
    rows = await store.history(city[Database], row["id"])
    found = []
    for new, old in zip(rows, [*rows[1:], None], strict=True):
        before = old["state"] if old is not None else {}
        skipped = ("version", "updated_at", "updated_by")
        changed = [k for k, v in new["state"].items() if v != before.get(k) and k not in skipped]
        found.append(
            DocumentPast(
                version=new["version"],
                recorded_at=new["recorded_at"],
                account=new["state"]["updated_by"],
                changed=changed,
            )
        )
    return found


async def remove_due(city: City, caller: Caller) -> int:
    """Remove what is due: of automatic classes, and what was approved. Each removal is in the audit trail; how many."""
    access.authorize(city, caller, "documents.remove", "documents")
    gone = 0
    for row in await store.removable(city[Database]):
        try:
            gone += await _remove(city, caller, row)
        except asyncpg.CheckViolationError:  # held since
            continue
    return gone


async def _remove(city: City, caller: Caller, row: Row) -> bool:
    async with city[Database].transaction() as connection:
        if not await store.lock(connection, row["id"]) or not await store.still_removable(
            connection, row["id"]
        ):
            return False
        now = await connection.fetchval("SELECT now()")
        if (
            await store.change(connection, row["id"], caller.account, row["version"], {"removed_at": now})
            is None
        ):
            return False
        facts = {
            "sha256": row["sha256"], "bytes": row["bytes"], "media_type": row["media_type"], "retention": row["retention"],
            "ended_at": row["ended_at"].isoformat(), "approved_by": row["approved_by"],
        }  # fmt: skip
        await access.audit(connection, caller, "documents.remove", f"{DOCUMENT}/{row['id']}", facts)
        await outbox.emit(
            connection,
            Event(type="documents.DocumentRemoved", subject=row["id"], data={"sha256": row["sha256"]}),
        )
    _log.info("a document was removed", document=row["id"], retention=row["retention"], sha256=row["sha256"])
    return True


async def _changeable(city: City, caller: Caller, action: str, id: str) -> Row:
    row = await rights.reached(city, caller, action, id)
    if row["removed_at"] is not None:
        raise Conflict(_GONE)
    return row


async def _class(city: City, retention: str | None) -> dict[str, object]:
    if retention is None:
        return {}
    if retention not in await store.retention_codes(city[Database]):
        raise Invalid(None, problems=(Problem("/retention", _CLASS.filled(code=retention[:40])),))
    return {"retention": retention, "approved_at": None, "approved_by": None}


async def _change(city: City, caller: Caller, row: Row, action: str, values: dict[str, object]) -> Document:
    async with city[Database].transaction() as connection:
        if await store.change(connection, row["id"], caller.account, row["version"], values) is None:
            raise Stale
        facts = {k: str(v) for k, v in values.items() if v is not None}
        await access.audit(connection, caller, action, f"{DOCUMENT}/{row['id']}", facts)
        changed = await store.one(connection, row["id"])
    assert changed is not None
    return store.shown(changed)
