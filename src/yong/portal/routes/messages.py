"""Pages of one's messages: the list, one of them, and how they reach one. They need no script."""

from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.response import Template

from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import Conflict, Invalid
from yong.kernel.base.text import Text
from yong.kernel.messaging import api as messaging
from yong.kernel.messaging.contracts import INBOX, LEVELS, Channel, MessageChoice, MessageChoices
from yong.portal.contracts import Fault
from yong.portal.shell import FORM_BYTES, Asked, Word, caller_of, form_of, onward, page

_HERE = "/portal/messages"
_SETTINGS = f"{_HERE}/settings"
_PAGE = 20
_STATES = {
    "stored": Text("已存入", "stored"),
    "waiting": Text("待发送", "waiting to be sent"),
    "sent": Text("已发送", "sent"),
    "failed": Text("未能送达", "could not be sent"),
    "withdrawn": Text("未发送（您已关闭）", "not sent: you chose otherwise"),
}


def _sign_in(path: str) -> Response[Any]:
    return onward(f"/portal/sign-in?next={path}")


@get(_HERE, include_in_schema=False)
async def inbox(request: Asked, city: NamedDependency[City]) -> Template | Response[Any]:
    """One's messages, the newest first."""
    caller = await caller_of(request, city)
    if caller.account == "anonymous":
        return _sign_in(_HERE)
    unread_only = request.query_params.get("unread") == "1"
    after = request.query_params.get("after", "").replace("\0", "")[:64] or None
    found = await messaging.inbox(city, caller, unread=unread_only, cursor=after, limit=_PAGE)
    newest = found.items[0].id if found.items and after is None else ""
    return page(
        "portal/messages.html", request, city, caller, form=True, found=found, levels=LEVELS,
        unread_only=unread_only, later=after, newest=newest,
    )  # fmt: skip


@post(f"{_HERE}/read", include_in_schema=False, request_max_body_size=FORM_BYTES)
async def read_all(request: Asked, city: NamedDependency[City]) -> Response[Any]:
    """Mark as read what the page showed, and what is older."""
    caller = await caller_of(request, city)
    form = await form_of(request, city)
    await messaging.read_all(city, caller, form.get("until", "")[:64] or None)
    return onward(_HERE)


@get(f"{_HERE}/{{id:str}}", include_in_schema=False)
async def one(request: Asked, city: NamedDependency[City], id: Word) -> Template | Response[Any]:
    """One message; whoever opens it has read it."""
    caller = await caller_of(request, city)
    if caller.account == "anonymous":
        return _sign_in(_HERE)
    await messaging.read(city, caller, id.replace("\0", ""))
    found = await messaging.one(city, caller, id)
    channels = {INBOX: Text("收件箱", "Inbox")} | {c.name: c.title for _, c in city.registry.of(Channel)}
    request.scope.setdefault("state", {})["unread"] = await messaging.unread(city, caller)
    return page(
        "portal/message.html", request, city, caller, one=found, levels=LEVELS, states=_STATES,
        channels=channels,
    )  # fmt: skip


@get(_SETTINGS, include_in_schema=False)
async def settings(request: Asked, city: NamedDependency[City]) -> Template | Response[Any]:
    """Where one can be reached, and which messages go where."""
    caller = await caller_of(request, city)
    if caller.account == "anonymous":
        return _sign_in(_SETTINGS)
    return await _settings(request, city, caller)


async def _settings(
    request: Asked,
    city: City,
    caller: Caller,
    faults: list[Fault] | None = None,
    form: dict[str, str] | None = None,
) -> Template:
    return page(
        "portal/message_settings.html", request, city, caller, form=True, status=422 if faults else 200,
        choices=await messaging.choices(city, caller), faults=faults or [], written=form or {},
        saved=request.query_params.get("saved") == "1",
    )  # fmt: skip


@post(_SETTINGS, include_in_schema=False, request_max_body_size=FORM_BYTES)
async def choose(request: Asked, city: NamedDependency[City]) -> Response[Any]:
    """Keep what is ticked, and that the rest is not."""
    caller = await caller_of(request, city)
    form = await form_of(request, city)
    await messaging.choose(city, caller, _ticked(await messaging.choices(city, caller), form))
    return onward(f"{_SETTINGS}?saved=1")


def _ticked(known: MessageChoices, form: dict[str, str]) -> list[MessageChoice]:
    """Every box that the page has, ticked or not: a browser sends the ticked ones only."""
    offered = [INBOX] + [c.name for c in known.channels if c.verified and c.opened]
    return [
        MessageChoice(kind.name, channel, f"{kind.name}|{channel}" in form)
        for kind in known.kinds
        for channel in offered
        if not (kind.law and channel == INBOX)
    ]


@post(f"{_HERE}/contact", include_in_schema=False, request_max_body_size=FORM_BYTES)
async def set_contact(request: Asked, city: NamedDependency[City]) -> Template | Response[Any]:
    """Keep an address, and send a code there."""
    caller = await caller_of(request, city)
    form = await form_of(request, city)
    channel = form.get("channel", "")[:100]
    key = f"address-{channel}"
    try:
        await messaging.set_contact(city, caller, channel, form.get(key, "")[:300])
    except (Invalid, Conflict) as error:
        return await _settings(request, city, caller, [Fault(key, _said(error))], form)
    return onward(_SETTINGS)


@post(f"{_HERE}/code", include_in_schema=False, request_max_body_size=FORM_BYTES)
async def verify(request: Asked, city: NamedDependency[City]) -> Template | Response[Any]:
    """Take the code that went there."""
    caller = await caller_of(request, city)
    form = await form_of(request, city)
    channel = form.get("channel", "")[:100]
    key = f"code-{channel}"
    try:
        await messaging.verify_contact(city, caller, channel, form.get(key, "")[:40])
    except (Invalid, Conflict) as error:
        return await _settings(request, city, caller, [Fault(key, _said(error))])
    return onward(_SETTINGS)


@post(f"{_HERE}/forget", include_in_schema=False, request_max_body_size=FORM_BYTES)
async def forget(request: Asked, city: NamedDependency[City]) -> Response[Any]:
    """Delete an address."""
    caller = await caller_of(request, city)
    form = await form_of(request, city)
    await messaging.drop_contact(city, caller, form.get("channel", "")[:100])
    return onward(_SETTINGS)


def _said(error: Invalid | Conflict) -> Text:
    return error.problems[0].detail if error.problems else error.detail


routes = (inbox, read_all, settings, choose, set_contact, verify, forget, one)
