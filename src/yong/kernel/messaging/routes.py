"""HTTP of messages: one's own, and how one wants to be reached."""

from typing import Annotated, Any

import msgspec
from litestar import Request, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter, QueryParameter

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.messaging import api
from yong.kernel.messaging.contracts import (
    ADDRESS,
    CHOICES,
    PAGE,
    MessageChoice,
    MessageChoices,
    MessagePage,
    ReceivedMessage,
)

_Id = Annotated[str, PathParameter(min_length=1, max_length=64, pattern=r"^[^\x00]+$")]
_Channel = Annotated[str, PathParameter(min_length=1, max_length=100, pattern=r"^[^\x00]+$")]


class Unread(msgspec.Struct):
    """How many messages are unread, at most 1,000."""

    unread: int


class ReadMessages(msgspec.Struct, forbid_unknown_fields=True):
    """As far as which message all were read; without it, all that there are."""

    until: Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"^[^\x00]+$")] | None = None


class WantedMessages(msgspec.Struct, forbid_unknown_fields=True):
    """Choices to be changed; the others stay."""

    choices: Annotated[list[MessageChoice], msgspec.Meta(max_length=CHOICES)]


class ContactAddress(msgspec.Struct, forbid_unknown_fields=True):
    """Where a channel reaches one."""

    address: Annotated[str, msgspec.Meta(min_length=1, max_length=ADDRESS)]


class ContactCode(msgspec.Struct, forbid_unknown_fields=True):
    """The code that came there."""

    code: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]


@get("/messages", summary="One's own messages")
async def inbox(
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    unread: Annotated[bool, QueryParameter()] = False,
    cursor: Annotated[str | None, QueryParameter(min_length=1, max_length=64, pattern=r"^[^\x00]+$")] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=PAGE)] = 50,
) -> MessagePage:
    """Messages in the reader's language, the newest first, in pages that `cursor` continues."""
    return await api.inbox(city, caller, unread=unread, cursor=cursor, limit=limit)


@get("/messages/unread", opt={"errors": (401, 403)}, summary="How many messages are unread")
async def unread(request: Request[Any, Any, Any], city: NamedDependency[City]) -> Unread:
    """A number to be asked for often: it keeps no session from ending when nobody works in it."""
    if "x-api-key" in request.headers:  # a key's uses count, whatever it is used for
        caller = await access.caller_of(city, request.headers, request.client.host if request.client else "")
    else:
        caller = await access.caller_again(city, request.headers)
    return Unread(await api.unread(city, caller))


@get("/messages/choices", summary="How messages reach one")
async def choices(city: NamedDependency[City], caller: NamedDependency[Caller]) -> MessageChoices:
    """The channels with one's addresses, and by which of them each kind of message comes."""
    return await api.choices(city, caller)


@put("/messages/choices", status_code=204, summary="Choose how messages reach one")
async def choose(
    city: NamedDependency[City], caller: NamedDependency[Caller], data: JSONBody[WantedMessages]
) -> None:
    """Have kinds of messages come by a channel, or no more. The inbox takes always what the law says must be told."""
    await api.choose(city, caller, data.choices)


@put(
    "/messages/contacts/{channel:str}",
    status_code=202,
    opt={"errors": (404, 409)},
    summary="Say where a channel reaches one",
)
async def set_contact(
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    channel: _Channel,
    data: JSONBody[ContactAddress],
) -> None:
    """Keep an address and send a code there, good for 15 minutes; until it is told, nothing else goes there."""
    await api.set_contact(city, caller, channel, data.address)


@post(
    "/messages/contacts/{channel:str}/code",
    status_code=204,
    opt={"errors": (404, 409)},
    summary="Verify an address",
)
async def verify_contact(
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    channel: _Channel,
    data: JSONBody[ContactCode],
) -> None:
    """Tell the code that came. Five wrong ones, and another one must be asked for."""
    await api.verify_contact(city, caller, channel, data.code)


@delete("/messages/contacts/{channel:str}", opt={"errors": (404,)}, summary="Delete an address")
async def drop_contact(
    city: NamedDependency[City], caller: NamedDependency[Caller], channel: _Channel
) -> None:
    """Nothing goes there any more."""
    await api.drop_contact(city, caller, channel)


@post("/messages/read", status_code=200, summary="Mark all messages as read")
async def read_all(
    city: NamedDependency[City], caller: NamedDependency[Caller], data: JSONBody[ReadMessages]
) -> Unread:
    """All as far as `until`, so that what came since stays unread; how many are unread then."""
    await api.read_all(city, caller, data.until)
    return Unread(await api.unread(city, caller))


@get("/messages/{id:str}", summary="One message")
async def one(city: NamedDependency[City], caller: NamedDependency[Caller], id: _Id) -> ReceivedMessage:
    """A message and what became of it on each channel. Asking for it does not mark it as read."""
    return await api.one(city, caller, id)


@post("/messages/{id:str}/read", status_code=204, opt={"errors": (404,)}, summary="Mark a message as read")
async def read(city: NamedDependency[City], caller: NamedDependency[Caller], id: _Id) -> None:
    """Once read, a message stays read."""
    await api.read(city, caller, id)


routes = (inbox, unread, choices, choose, set_contact, verify_contact, drop_contact, read_all, one, read)
