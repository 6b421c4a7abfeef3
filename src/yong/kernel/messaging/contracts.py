"""What crosses the door of messaging: what modules declare, whom they tell, and what people see of it."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Literal, TypeAlias

import msgspec

from yong.kernel.base.settings import Settings
from yong.kernel.base.text import Language, Text

READER = "messages"  # of the outbox
INBOX = "inbox"  # as a channel: it is always there
VALUES, VALUE, KEY, ABOUT = 20, 500, 200, 400  # of a message: how many, and the characters of each
PARTIES, PEOPLE = 1_000, 10_000  # of one telling
TITLE, BODY = 120, 2_000  # characters of a template
PAGE, COUNTED = 100, 1_000
KEPT = 5_000  # messages of one inbox; the oldest that were read go
CODE_MINUTES, CODE_TRIES, CODES = 15, 5, 5  # a code's life; codes an hour, for an account and for an address
ADDRESS = 254
CHOICES = 1_000


class MessageLevel(StrEnum):
    """How much a message matters."""

    INFORMATION = "information"
    HINT = "hint"
    WARNING = "warning"
    URGENT = "urgent"


LEVELS: dict[MessageLevel, Text] = {
    MessageLevel.INFORMATION: Text("通知", "Information"),
    MessageLevel.HINT: Text("提示", "Hint"),
    MessageLevel.WARNING: Text("警示", "Warning"),
    MessageLevel.URGENT: Text("紧急", "Urgent"),
}


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of message that a module declares; `name` is `<module>.<what>`.

    `meaning` names it where people choose what reaches them. `title`, `body` and the paths `portal` and `console`
    have named places (`{reference}`), filled when somebody reads, in their language. A `personal` one is about
    somebody's own affairs: outside of Yong nothing is told of it but that it is there. What the law says must
    be told (`law`) nobody can keep out of their inbox. `staff` is for those who work here.
    """

    name: str
    meaning: Text
    title: Text
    body: Text
    personal: bool
    level: MessageLevel = MessageLevel.INFORMATION
    law: bool = False
    staff: bool = False
    portal: str | None = None
    console: str | None = None

    @property
    def module(self) -> str:
        return self.name.partition(".")[0]


Value: TypeAlias = str | int | Text | date | datetime
"""What fills a place: text as it is, text in both languages, a number, a day, a moment."""


class Holders(msgspec.Struct, frozen=True, kw_only=True):
    """Whoever holds a role that reaches this district (a GB/T 2260 code) and this owner; without them, anywhere."""

    role: str
    district: str | None = None
    owner: str | None = None


class People(msgspec.Struct, frozen=True):
    """Accounts, by id."""

    accounts: tuple[str, ...]


To: TypeAlias = str | Sequence[str] | Holders | People
"""Whom to tell: a party, some parties (the accounts that belong to them), holders of a role, or accounts."""


class Teller(msgspec.Struct, frozen=True, kw_only=True):
    """What a module tells when something happened; `name` is `<module>.<what>`, `events` types of the outbox.

    `tell(city, connection, event)` works in the transaction that reads the event, so what it tells is told exactly
    once. If it raises, the event is tried again by itself as a job, and in the end waits as a dead letter.
    """

    name: str
    events: tuple[str, ...]
    tell: Callable[..., Awaitable[None]]


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """What a channel carries: the same `id` is the same letter, however often it comes."""

    id: str
    address: str
    subject: str
    text: str
    language: Language


class Failed(Exception):
    """A letter did not arrive; the words say why, and hold neither address nor secret."""


class Channel(msgspec.Struct, frozen=True, kw_only=True):
    """A way to people outside of Yong; `name` is `<module>.<what>`.

    `address` gives what somebody wrote as it is kept, None where it is no address; `opened` says whether the operator
    has set the channel up; `send(city, letter)` hands a letter over, and raises Failed.
    """

    name: str
    title: Text
    contact: Text  # what its addresses are called
    autocomplete: Literal["email", "tel"]
    address: Callable[[str], str | None]
    opened: Callable[[Settings], bool]
    send: Callable[..., Awaitable[None]]


class MessageReceipt(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a message on a channel, and when: stored, waiting, sent, failed or withdrawn."""

    channel: str
    state: Literal["stored", "waiting", "sent", "failed", "withdrawn"]
    at: datetime


class ReceivedMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message as its reader sees it, in their language."""

    id: str
    kind: str
    sender: str  # the module's title
    title: str
    body: str
    level: MessageLevel
    personal: bool
    at: datetime
    read_at: datetime | None = None
    portal: str | None = None  # where it leads
    console: str | None = None
    about_kind: str | None = None
    about_id: str | None = None
    receipts: list[MessageReceipt] = []


class MessagePage(msgspec.Struct, frozen=True, kw_only=True):
    """Some messages, the newest first; the `cursor` of those that follow; how many are unread (at most 1,000)."""

    items: list[ReceivedMessage]
    unread: int
    cursor: str | None = None


class MessageReceipts(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a telling, in numbers, for the module that told it."""

    told: int  # people whom it was for
    stored: int
    read: int
    waiting: int
    sent: int
    failed: int


class MessageChannel(msgspec.Struct, frozen=True, kw_only=True):
    """A channel as one person sees it: whether it is set up here, and their address, which counts once it is verified."""

    name: str
    title: str
    contact: str
    autocomplete: str
    opened: bool
    address: str | None = None
    verified: bool = False
    awaits_code: bool = False


class MessageKind(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of message, and the channels by which it reaches one. `law`: it is always in the inbox."""

    name: str
    title: str
    sender: str
    law: bool
    personal: bool
    channels: list[str]


class MessageChoices(msgspec.Struct, frozen=True, kw_only=True):
    """What reaches one, and how."""

    channels: list[MessageChannel]
    kinds: list[MessageKind]


class MessageChoice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether a kind of message shall come by a channel (`inbox` is one)."""

    kind: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    channel: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    wanted: bool
