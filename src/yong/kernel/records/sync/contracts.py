"""What devices take along and hand in, and the limits of both."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec

from yong.kernel.base.text import Text
from yong.kernel.records.contracts import Filter, Record
from yong.kernel.store.database import Connection

ROWS_TAKEN = 2_000
"""How many rows of one portion a device may hold."""
CHANGES = 100
"""How many changes are handed in at once."""
BODY_BYTES = 32_768
DEVICES = 10
"""How many devices of one account are remembered; the one that was away longest goes first."""
KEEP_DAYS = 180

Word = Annotated[str, msgspec.Meta(min_length=1, max_length=128, pattern=r"^[^\x00]*$")]
ChangeId = Annotated[str, msgspec.Meta(pattern="^[0-9A-Za-z_-]{8,64}$")]
_Degrees = Annotated[float, msgspec.Meta(ge=-180, le=180)]


class Portion(msgspec.Struct, frozen=True, kw_only=True):
    """Some fields of some rows of a Relation; `filters` say which rows.

    `shared`: a list that all need alike, such as classes: read as the parcel's module sees it, whatever the bearer's area, and
    without fields about persons.
    """

    relation: str
    fields: tuple[str, ...]
    filters: tuple[Filter, ...] = ()
    shared: bool = False


class Parcel(msgspec.Struct, frozen=True, kw_only=True):
    """What a device may take along, declared by a module: no more than the work needs, and no longer than `hold_hours`
    without word from here. `name` is `<module>.<noun>`. Rows and values are those that its bearer may see.
    """

    name: str
    title: Text
    portions: tuple[Portion, ...]
    hold_hours: int = 72


class DevicePosition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a device was, in CGCS2000 degrees, and how far off that may be."""

    lon: _Degrees
    lat: Annotated[float, msgspec.Meta(ge=-90, le=90)]
    accuracy_m: Annotated[float, msgspec.Meta(ge=0, le=1_000_000)] | None = None


class Handed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A change as a device hands it in: its own id, what it is, when (by the device's clock) and where it was made."""

    id: ChangeId
    kind: Word
    made_at: Annotated[datetime, msgspec.Meta(tz=True)]
    body: dict[str, Any]
    place: DevicePosition | None = None


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """A change without its body: which one it is, of which device, when and where it was made."""

    id: str
    kind: str
    device: str
    made_at: datetime
    place: DevicePosition | None


class Clash(msgspec.Struct, frozen=True, kw_only=True):
    """What was not done because somebody else said otherwise meanwhile; `field` none: the whole of it."""

    relation: str
    record: str
    field: str | None
    mine: Any
    their_by: str | None = None
    their_at: datetime | None = None
    told: dict[str, Any] = {}


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a change. `told` is for the device; `target` and `version` say what it made or changed."""

    state: Literal["done", "merged", "conflict", "refused"]
    told: dict[str, Any] = {}
    target: str | None = None
    version: int | None = None
    clashes: tuple[Clash, ...] = ()
    error: Text | None = None
    problems: tuple[tuple[str, Text], ...] = ()


Keep = Callable[[Connection, Outcome], Awaitable[None]]
"""Writes down what became of a change; called in the transaction of what it did, so that neither is without the other."""


class Deed(msgspec.Struct, frozen=True, kw_only=True):
    """Something that may be done away from the network and handed in later, declared by a module.

    `handler(city, caller, made, body, keep)` authorizes, does it in one transaction with `await keep(connection, outcome)`
    last, and gives the Outcome back. What it raises as a YongError is the refusal. `body` is the type of its body.
    """

    name: str
    title: Text
    body: type
    handler: Callable[..., Awaitable[Outcome]]


class Gone(msgspec.Struct, frozen=True, kw_only=True):
    """A row that the device holds no more: it has ended, or is not for its bearer any longer."""

    relation: str
    id: str


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What a device did not know yet. `full`: everything it held before goes first. `more`: ask again at once.

    `wipe`: the device was given up; it forgets everything.
    """

    parcel: str
    cursor: str
    full: bool
    more: bool
    rows: list[Record]
    gone: list[Gone]
    hold_hours: int
    at: datetime
    wipe: bool = False


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with a change, and where in its body."""

    pointer: str
    detail: str


class HandedIn(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one change: done; merged (beside what others changed); conflict (kept, see `/sync/conflicts`); refused;
    later (nothing was done: hand it in again). `again`: it was handed in before, and this is the answer of then.
    """

    id: str | None
    state: Literal["done", "merged", "conflict", "refused", "later"]
    again: bool = False
    told: dict[str, Any] = {}
    conflicts: list[str] = []
    error: str | None = None
    errors: list[Fault] = []


class ConflictShown(msgspec.Struct, frozen=True, kw_only=True):
    """What two people said differently. `mine` is what the device handed in, `theirs` what holds now, as the reader may see it."""

    id: str
    change: str
    kind: str
    relation: str
    record: str
    field: str | None
    field_title: str | None
    mine: Any
    mine_by: str
    made_at: datetime
    place: DevicePosition | None
    theirs: Any
    theirs_by: str | None
    theirs_at: datetime | None
    version: int | None
    told: dict[str, Any]
    kept_at: datetime


class DeviceShown(msgspec.Struct, frozen=True, kw_only=True):
    """A device of one's own: what it took along, and when it was last heard of."""

    device: str
    parcel: str
    rows: int
    first_at: datetime
    seen_at: datetime
    given_up: bool


class NewAway(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A record made away from the network."""

    relation: Word
    values: dict[str, Any]
    owner: Word | None = None
    district: Annotated[str, msgspec.Meta(pattern="^[0-9]{2,15}$")] | None = None


class ChangedAway(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Values changed away from the network, and the version of the record that they were changed on."""

    relation: Word
    id: Annotated[str, msgspec.Meta(min_length=1, max_length=400, pattern=r"^[^\x00]*$")]
    version: Annotated[int, msgspec.Meta(ge=1, le=2_147_483_647)]
    values: dict[str, Any]


class EndedAway(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A record ended away from the network, and the version of it that was seen."""

    relation: Word
    id: Annotated[str, msgspec.Meta(min_length=1, max_length=400, pattern=r"^[^\x00]*$")]
    version: Annotated[int, msgspec.Meta(ge=1, le=2_147_483_647)]
