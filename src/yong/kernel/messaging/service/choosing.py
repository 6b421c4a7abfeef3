"""What people choose: which kinds reach them by which channel, and where; an address counts once it is verified."""

import hashlib
import secrets
from collections.abc import Sequence

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller, Role
from yong.kernel.base import clock
from yong.kernel.base.city import City
from yong.kernel.base.errors import Conflict, Invalid, NotFound, Problem, TooMany
from yong.kernel.base.text import Text
from yong.kernel.messaging import logic, store
from yong.kernel.messaging.contracts import (
    CODE_TRIES,
    CODES,
    INBOX,
    Channel,
    Message,
    MessageChannel,
    MessageChoice,
    MessageChoices,
    MessageKind,
)
from yong.kernel.messaging.service.telling import Declared
from yong.kernel.store import jobs
from yong.kernel.store.database import Database
from yong.kernel.store.secrets import secret

SEND_CODE = "messaging.send_code"
_NO_CHANNEL = Text("没有这个渠道", "There is no such channel")
_SHUT = Text("本市尚未开通这个渠道", "This channel is not set up in this city")
_NO_KIND = Text("没有这类消息", "There is no such kind of message")
_LAW = Text(
    "这类消息依法须送达，收件箱不能关闭",
    "The law asks that you are told of this: your inbox takes it always",
)
_VERIFY = Text("请先验证这个渠道的联系方式", "Verify where this channel reaches you first")
_NO_ADDRESS = Text("不是有效的{zh}", "This is no valid {en}")
_MANY = Text("一小时内获取验证码次数过多", "Too many codes were asked for within an hour")
_NO_CODE = Text(
    "没有待验证的联系方式，或验证码已过期", "Nothing waits to be verified, or the code has run out"
)
_WRONG = Text("验证码不正确", "The code is not right")
_SPENT = Text("输错次数过多，请重新获取验证码", "Too many wrong codes: ask for another one")
_NONE = Text("没有登记这个联系方式", "There is nothing to be deleted")


async def choices(city: City, caller: Caller) -> MessageChoices:
    declared, language = city[Declared], caller.language
    kept = await store.contacts(city[Database], caller.account)
    chosen = await store.choices(city[Database], caller.account)
    now = clock.now()
    channels = []
    for name, channel in declared.channels.items():
        row = kept.get(name)
        channels.append(
            MessageChannel(
                name=name,
                title=channel.title.in_(language),
                contact=channel.contact.in_(language),
                autocomplete=channel.autocomplete,
                opened=channel.opened(city.settings),
                address=row["address"] if row else None,
                verified=bool(row and row["verified_at"]),
                awaits_code=bool(row and row["code_until"] and row["code_until"] > now),
            )
        )
    kinds = [
        MessageKind(
            name=message.name,
            title=message.meaning.in_(language),
            sender=sender.in_(language),
            law=message.law,
            personal=message.personal,
            channels=_wanted(message, list(declared.channels), chosen),
        )
        for message, sender in _for(city, caller)
    ]
    return MessageChoices(channels=channels, kinds=kinds)


def _wanted(message: Message, channels: list[str], chosen: dict[tuple[str, str], bool]) -> list[str]:
    inbox = [INBOX] if message.law or chosen.get((message.name, INBOX), True) else []
    return inbox + [c for c in channels if chosen.get((message.name, c), False)]


def _for(city: City, caller: Caller) -> list[tuple[Message, Text]]:
    """The kinds that may be meant for somebody: those for staff are told to staff."""
    roles = {role.name for _, role in city.registry.of(Role) if role.staff}
    staff = any(mandate.role in roles for mandate in caller.mandates)
    return [(m, sender) for m, sender in city[Declared].messages.values() if staff or not m.staff]


async def choose(city: City, caller: Caller, chosen: Sequence[MessageChoice]) -> None:
    declared = city[Declared]
    kept = await store.contacts(city[Database], caller.account)
    problems = []
    for n, one in enumerate(chosen):
        found = declared.messages.get(one.kind)
        if found is None:
            problems.append(Problem(f"/choices/{n}/kind", _NO_KIND))
        elif one.channel == INBOX:
            if found[0].law and not one.wanted:
                problems.append(Problem(f"/choices/{n}/wanted", _LAW))
        elif one.channel not in declared.channels:
            problems.append(Problem(f"/choices/{n}/channel", _NO_CHANNEL))
        elif one.wanted and not (one.channel in kept and kept[one.channel]["verified_at"]):
            problems.append(Problem(f"/choices/{n}/channel", _VERIFY))
    if problems:
        raise Invalid(None, problems=tuple(problems[:20]))
    # The last word on a kind and a channel counts; a statement may change a row only once.
    last = {(one.kind, one.channel): one.wanted for one in chosen}
    async with city[Database].transaction() as connection:
        await store.choose(connection, caller.account, [(*k, wanted) for k, wanted in last.items()])
        facts = {
            "choices": [f"{kind} {channel} {'on' if w else 'off'}" for (kind, channel), w in last.items()]
        }
        await access.audit(connection, caller, "messaging.choose", f"account:{caller.account}", facts)


def _channel(city: City, name: str) -> Channel:
    found = city[Declared].channels.get(name)
    if found is None:
        raise NotFound(_NO_CHANNEL)
    return found


async def ask(city: City, caller: Caller, name: str, written: str) -> None:
    channel = _channel(city, name)
    if not channel.opened(city.settings):
        raise Conflict(_SHUT)
    address = channel.address(written)
    if address is None:
        text = _NO_ADDRESS.filled(zh=channel.contact.zh, en=channel.contact.en)
        raise Invalid(None, problems=(Problem("/address", text),))
    kept = await store.contact(city[Database], caller.account, name)
    if kept is not None and kept["address"] == address and kept["verified_at"]:
        return
    nonce, digest = secrets.token_hex(8), hashlib.sha256(address.casefold().encode()).digest()
    async with city[Database].transaction() as connection:
        if await store.codes_of_the_hour(connection, caller.account, digest) >= CODES:
            raise TooMany(_MANY, retry_after_s=3600)
        await store.ask_code(connection, caller.account, name, address, digest, caller.language, nonce)
        await jobs.defer(connection, SEND_CODE, account=caller.account, channel=name, nonce=nonce)
        await access.audit(
            connection, caller, "messaging.set_contact", f"account:{caller.account}", {"channel": name}
        )


def code(city: City, account: str, channel: str, address: str, nonce: str) -> str:
    """The code of an address that is to be verified."""
    return logic.code_of(secret(city.settings.home, "message-codes"), account, channel, address, nonce)


async def confirm(city: City, caller: Caller, name: str, written: str) -> None:
    _channel(city, name)
    async with city[Database].transaction() as connection:
        row = await store.contact(connection, caller.account, name, lock=True)
        if row is None or row["nonce"] is None or row["code_until"] < clock.now():
            raise Conflict(_NO_CODE)
        if row["tries"] >= CODE_TRIES:
            raise Conflict(_SPENT)
        right = logic.right_code(code(city, caller.account, name, row["address"], row["nonce"]), written)
        await store.tried(connection, caller.account, name, right=right)
        if right:
            facts = {"channel": name}
            await access.audit(
                connection, caller, "messaging.verify_contact", f"account:{caller.account}", facts
            )
    if not right:  # the try is counted
        raise Invalid(None, problems=(Problem("/code", _WRONG),))


async def drop(city: City, caller: Caller, name: str) -> None:
    _channel(city, name)
    async with city[Database].transaction() as connection:
        if not await store.drop_contact(connection, caller.account, name):
            raise NotFound(_NONE)
        facts = {"channel": name}
        await access.audit(connection, caller, "messaging.drop_contact", f"account:{caller.account}", facts)
