"""Telling: a message and who has it, in the transaction of its fact, once by its key."""

from collections.abc import Mapping

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.base import ids
from yong.kernel.base.city import City
from yong.kernel.base.errors import Invalid, NotFound, Problem, Refused, TooLarge
from yong.kernel.base.module import Registry
from yong.kernel.base.text import Text
from yong.kernel.messaging import logic, store
from yong.kernel.messaging.contracts import (
    PARTIES,
    PEOPLE,
    Channel,
    Holders,
    Message,
    MessageReceipts,
    People,
    Teller,
    To,
    Value,
)
from yong.kernel.store import jobs
from yong.kernel.store.database import Connection, Database

DELIVER = "messaging.deliver"
_UNKNOWN = Text("没有消息 {name}", "There is no message {name}")
_UNFIT = Text("与声明不符：{what}", "Does not fit the declaration: {what}")
_TOO_MANY = Text("收件人超过 {n} 个", "There are more than {n} to be told")
_WRONG = Text("消息声明有误：{name}：{what}", "The declaration {name} is wrong: {what}")
_NOT_TOLD = Text("没有以此键发出的消息", "Nothing was told under this key")


class Declared:
    """The messages, channels and tellers that modules declare. A City part."""

    def __init__(self, registry: Registry) -> None:
        """Raises Refused for a declaration that is wrong."""
        self.messages: dict[str, tuple[Message, Text]] = {}
        for module, message in registry.of(Message):
            wrong = [*logic.faults(message)]
            if message.module != module.name or message.name in self.messages:
                wrong.append("name")
            if wrong:
                raise Refused(_WRONG, name=message.name[:100], what="; ".join(wrong)[:500])
            self.messages[message.name] = (message, module.title)
        self.channels = {channel.name: channel for _, channel in registry.of(Channel)}
        self.tellers = {teller.name: teller for _, teller in registry.of(Teller)}

    @property
    def events(self) -> frozenset[str]:
        """The types of events that some teller waits for."""
        return frozenset(event for teller in self.tellers.values() for event in teller.events)

    def opened(self, city: City) -> list[str]:
        """The channels that the operator has set up."""
        return [name for name, channel in self.channels.items() if channel.opened(city.settings)]


def message(city: City, name: str) -> Message:
    """A declared message. Raises NotFound."""
    found = city[Declared].messages.get(name)
    if found is None:
        raise NotFound(_UNKNOWN, name=name[:100])
    return found[0]


async def tell(
    city: City,
    caller: Caller,
    connection: Connection,
    told: Message,
    to: To,
    values: Mapping[str, Value],
    about: tuple[str, str] | None,
    key: str,
) -> int:
    wrong = [Problem("", Text(what, what)) for what in logic.unfit(told, values, about, key)]
    if wrong:
        raise Invalid(_UNFIT, problems=tuple(wrong), what="; ".join(p.detail.en for p in wrong)[:500])
    id_ = ids.new_id()
    kept: dict[str, object] = {name: logic.kept(value) for name, value in values.items()}
    if not await store.add(connection, id_, told.name, key, kept, about or (None, None)):
        return 0
    accounts = await _whom(city, connection, to)
    if len(accounts) > PEOPLE:
        raise TooLarge(_TOO_MANY, n=PEOPLE)
    await store.lay(connection, id_, told.name, accounts, always=told.law)
    channels = city[Declared].opened(city)
    if channels and accounts:
        letters = await store.letters(connection, id_, told.name, accounts, channels)
        await jobs.defer_each(connection, DELIVER, [{"delivery": one} for one in letters])
    facts = {"people": len(accounts), "about": "/".join(about) if about else None}
    await access.audit(connection, caller, "messaging.tell", f"{told.name}/{id_}", facts)
    return len(accounts)


async def _whom(city: City, connection: Connection, to: To) -> list[str]:
    own = access.system_caller("messaging")
    if isinstance(to, Holders):
        return await access.reached(
            city, own, connection, role=to.role, district=to.district, owner=to.owner, limit=PEOPLE + 1
        )
    if isinstance(to, People):
        named, parties = list(to.accounts), []
    else:
        named, parties = [], [to] if isinstance(to, str) else list(to)
    if len(parties) > PARTIES or len(named) > PEOPLE:
        raise TooLarge(_TOO_MANY, n=PARTIES if parties else PEOPLE)
    return await access.reached(city, own, connection, parties=parties, accounts=named, limit=PEOPLE + 1)


async def receipts(city: City, told: Message, key: str) -> MessageReceipts:
    row = await store.receipts(city[Database], told.name, key)
    if row is None:
        raise NotFound(_NOT_TOLD)
    return MessageReceipts(**row)
