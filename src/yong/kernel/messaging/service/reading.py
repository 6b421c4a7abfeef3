"""The inbox: what somebody was told, in their language, and that they read it."""

from collections.abc import Sequence

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import NotFound
from yong.kernel.base.text import Language, Text
from yong.kernel.messaging import logic, store
from yong.kernel.messaging.contracts import (
    INBOX,
    MessageLevel,
    MessagePage,
    MessageReceipt,
    ReceivedMessage,
)
from yong.kernel.messaging.service.telling import Declared
from yong.kernel.store.database import Database, Row

_NONE = Text("没有这条消息", "There is no such message")


async def inbox(city: City, caller: Caller, *, unread: bool, cursor: str | None, limit: int) -> MessagePage:
    database = city[Database]
    rows = await store.inbox(database, caller.account, unread=unread, after=cursor, limit=limit + 1)
    return MessagePage(
        items=[shown(city, row, caller.language) for row in rows[:limit]],
        unread=await store.unread(database, caller.account),
        cursor=rows[limit - 1]["id"] if len(rows) > limit else None,
    )


async def one(city: City, caller: Caller, id_: str) -> ReceivedMessage:
    row = await store.one(city[Database], caller.account, id_)
    if row is None:
        raise NotFound(_NONE)
    return shown(city, row, caller.language, await store.of_message(city[Database], caller.account, id_))


async def read(city: City, caller: Caller, id_: str) -> None:
    async with city[Database].transaction() as connection:
        if await store.read(connection, caller.account, id_):
            await access.audit(connection, caller, "messaging.read", f"message:{id_}")
        elif await store.one(connection, caller.account, id_) is None:
            raise NotFound(_NONE)


async def read_all(city: City, caller: Caller, until: str | None) -> int:
    async with city[Database].transaction() as connection:
        done = await store.read_all(connection, caller.account, until)
        if done:
            await access.audit(connection, caller, "messaging.read", "messages", {"messages": done})
    return done


def shown(city: City, row: Row, language: Language, letters: Sequence[Row] = ()) -> ReceivedMessage:
    """A row as its reader sees it; of a kind that no module declares any more, that it was there."""
    found = city[Declared].messages.get(row["kind"])
    receipts = [MessageReceipt(channel=INBOX, state="stored", at=row["made_at"])]
    receipts += [MessageReceipt(channel=r["channel"], state=r["state"], at=r["at"]) for r in letters]
    if found is None:
        return ReceivedMessage(
            id=row["id"], kind=row["kind"], sender="", title=logic.GONE.in_(language),
            body=logic.GONE_BODY.in_(language), level=MessageLevel.INFORMATION, personal=True,
            at=row["made_at"], read_at=row["read_at"], receipts=receipts,
        )  # fmt: skip
    message, sender = found
    values = store.values_of(row)
    return ReceivedMessage(
        id=row["id"],
        kind=message.name,
        sender=sender.in_(language),
        title=logic.filled(message.title, values, language),
        body=logic.filled(message.body, values, language),
        level=message.level,
        personal=message.personal,
        at=row["made_at"],
        read_at=row["read_at"],
        portal=logic.path(message.portal, values),
        console=logic.path(message.console, values),
        about_kind=row["about_kind"],
        about_id=row["about_id"],
        receipts=receipts,
    )
