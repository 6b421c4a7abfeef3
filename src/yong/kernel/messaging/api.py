"""The only door of messaging: every function takes the City and the Caller, and authorizes first."""

from collections.abc import Mapping, Sequence

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.messaging import store
from yong.kernel.messaging.contracts import (
    MessageChoice,
    MessageChoices,
    MessagePage,
    MessageReceipts,
    ReceivedMessage,
    To,
    Value,
)
from yong.kernel.messaging.service import choosing, following, reading, sending, telling
from yong.kernel.messaging.service.telling import Declared
from yong.kernel.store.database import Connection, Database

_USE, _TELL, _SEND = "messaging.use", "messaging.tell", "messaging.send"


async def open_parts(city: City) -> None:
    """Take up what modules declare. Raises Refused for a message that is wrong."""
    city.put(Declared, Declared(city.registry))


async def tell(
    city: City,
    caller: Caller,
    connection: Connection,
    *,
    to: To,
    message: str,
    values: Mapping[str, Value] | None = None,
    about: tuple[str, str] | None = None,
    key: str,
) -> int:
    """Tell people something in the transaction of `connection`; how many, 0 where the same key was told before.

    `caller` is the module that declares `message`: `access.system_caller("reports")`. `about` is what it is about,
    a Relation's name and an id. Whoever was told has it in their inbox when the transaction commits, and letters by the
    channels they chose go out after that. Raises Invalid for values that do not fit the declaration, NotFound for a
    message that is not declared, TooLarge for more than 10,000 people.
    """
    access.authorize(city, caller, _TELL, message)
    return await telling.tell(
        city, caller, connection, telling.message(city, message), to, values or {}, about, key
    )


async def receipts(city: City, caller: Caller, message: str, key: str) -> MessageReceipts:
    """What became of a telling, in numbers, for the module that told it. Raises NotFound."""
    access.authorize(city, caller, _TELL, message)
    return await telling.receipts(city, telling.message(city, message), key)


async def inbox(
    city: City, caller: Caller, *, unread: bool = False, cursor: str | None = None, limit: int = 50
) -> MessagePage:
    """The caller's messages in their language, the newest first; with `unread` those that were not read yet."""
    access.authorize(city, caller, _USE, "messaging")
    return await reading.inbox(city, caller, unread=unread, cursor=cursor, limit=limit)


async def unread(city: City, caller: Caller) -> int:
    """How many of the caller's messages are unread, at most 1,000."""
    access.authorize(city, caller, _USE, "messaging")
    return await store.unread(city[Database], caller.account)


async def badge(city: City, caller: Caller) -> int | None:
    """The same for the head of a page: none for whoever has no inbox."""
    if not access.allowed(city, caller, _USE, "messaging"):
        return None
    return await store.unread(city[Database], caller.account)


async def one(city: City, caller: Caller, id: str) -> ReceivedMessage:
    """One of the caller's messages, with its receipts. Raises NotFound."""
    access.authorize(city, caller, _USE, "messaging")
    return await reading.one(city, caller, id)


async def read(city: City, caller: Caller, id: str) -> None:
    """Note that the caller read a message. Raises NotFound."""
    access.authorize(city, caller, _USE, "messaging")
    await reading.read(city, caller, id)


async def read_all(city: City, caller: Caller, until: str | None = None) -> int:
    """Note that the caller read all messages, as far as `until` (an id); how many were not read yet."""
    access.authorize(city, caller, _USE, "messaging")
    return await reading.read_all(city, caller, until)


async def choices(city: City, caller: Caller) -> MessageChoices:
    """Which kinds reach the caller by which channel, and where."""
    access.authorize(city, caller, _USE, "messaging")
    return await choosing.choices(city, caller)


async def choose(city: City, caller: Caller, chosen: Sequence[MessageChoice]) -> None:
    """Change some of that. Raises Invalid: the inbox takes what the law says must be told, a channel needs an address."""
    access.authorize(city, caller, _USE, "messaging")
    await choosing.choose(city, caller, chosen)


async def set_contact(city: City, caller: Caller, channel: str, address: str) -> None:
    """Keep where a channel reaches the caller, and send a code there. Raises Invalid, Conflict, TooMany, NotFound."""
    access.authorize(city, caller, _USE, "messaging")
    await choosing.ask(city, caller, channel, address)


async def verify_contact(city: City, caller: Caller, channel: str, code: str) -> None:
    """Prove with the code that the address is the caller's. Raises Invalid for a wrong one, Conflict, NotFound."""
    access.authorize(city, caller, _USE, "messaging")
    await choosing.confirm(city, caller, channel, code)


async def drop_contact(city: City, caller: Caller, channel: str) -> None:
    """Delete where a channel reaches the caller; nothing goes there any more. Raises NotFound."""
    access.authorize(city, caller, _USE, "messaging")
    await choosing.drop(city, caller, channel)


async def deliver(city: City, caller: Caller, delivery: str) -> None:
    """Send a letter. For messaging's own job; raises Failed."""
    access.authorize(city, caller, _SEND, "messaging")
    await sending.deliver(city, delivery)


async def send_code(city: City, caller: Caller, account: str, channel: str, nonce: str) -> None:
    """Send the code of an address. For messaging's own job; raises Failed."""
    access.authorize(city, caller, _SEND, "messaging")
    await sending.send_code(city, account, channel, nonce)


async def tell_again(city: City, caller: Caller, teller: str, event: dict[str, object]) -> None:
    """Tell of an event for which its teller failed. For messaging's own job; raises what the teller raises."""
    access.authorize(city, caller, _SEND, "messaging")
    await following.tell_again(city, teller, event)


async def forget(city: City, caller: Caller) -> int:
    """Drop messages that are older than the setting `message_days`; how many. For messaging's own job."""
    access.authorize(city, caller, _SEND, "messaging")
    return await sending.forget(city)


async def follow(city: City, caller: Caller) -> int:
    """Have tellers read what happened since, once; how many events were looked at. For messaging's own work."""
    access.authorize(city, caller, _SEND, "messaging")
    return await following.follow(city)


async def keep_telling(city: City, caller: Caller) -> None:
    """Have tellers read what happens, until cancelled. For messaging's own work."""
    access.authorize(city, caller, _SEND, "messaging")
    await following.keep_telling(city)
