"""What crosses the door of sensing."""

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Literal

import msgspec

from yong.kernel.base.errors import Problem
from yong.kernel.base.text import Text
from yong.kernel.history.contracts import Observation

PAYLOAD_BYTES = 256 << 10
READINGS = 10_000  # of one message
TEXT_CHARACTERS = 4096


class Band(msgspec.Struct, frozen=True):
    """What a value means up to `upper` (inclusive; None: without end): in words, and in a colour (`#rrggbb`)."""

    upper: float | None
    title: Text
    colour: str


class Attribute(msgspec.Struct, frozen=True, kw_only=True):
    """An attribute that things of a type report: its meaning and its unit (UN/CEFACT Rec. 20 code).

    `bands` are the classes in which a standard tells its values apart, the lowest first.
    """

    name: str
    meaning: Text
    unit: str = ""
    bands: tuple[Band, ...] = ()


class Choice(msgspec.Struct, frozen=True):
    """A value that an argument may have."""

    value: str | int
    title: Text


class Argument(msgspec.Struct, frozen=True, kw_only=True):
    """An argument of a command, for the form that asks for it; what it may be in full is the protocol's to say.

    `several` takes a list of the `choices`. A `time` is written YYYYMMDDhhmmss in China's time.
    """

    name: str
    title: Text
    type: Literal["text", "integer", "time"] = "text"
    unit: str = ""
    required: bool = True
    minimum: int | None = None
    maximum: int | None = None
    choices: tuple[Choice, ...] = ()
    several: bool = False


class CommandType(msgspec.Struct, frozen=True, kw_only=True):
    """A command that things of a type understand. `careful` says what it does that is not easily undone."""

    name: str
    title: Text
    arguments: tuple[Argument, ...] = ()
    careful: Text | None = None


class ThingType(msgspec.Struct, frozen=True, kw_only=True):
    """A type of thing, declared by the module that knows it.

    `entity_type` is the NGSI-LD type of the entity that a thing's readings become. A thing that has not
    reported for three times `interval_s` is silent.
    """

    name: str
    title: Text
    entity_type: str
    attributes: tuple[Attribute, ...]
    interval_s: int = 300
    commands: tuple[CommandType, ...] = ()


class GateState(msgspec.Struct, frozen=True, kw_only=True):
    """What the gate of the MQTT door said last: whether devices are admitted, else why not, since when."""

    open: bool
    code: str
    reason: Text
    since: datetime
    checked_at: datetime
    admitted: int
    refused: int


class Source(StrEnum):
    """Where a thing's readings come from; every screen says it."""

    LIVE = "live"
    REPLAY = "replay"
    SYNTHETIC = "synthetic"


class ThingRef(msgspec.Struct, frozen=True, kw_only=True):
    """A registered thing as an adapter and the commit see it. `units` are by attribute, of its type."""

    id: str
    entity_type: str
    owner: str | None
    district: str | None
    place: tuple[float, float] | None
    source: str
    units: Mapping[str, str]


Decode = Callable[[bytes, ThingRef, int], list[Observation]]


class Adapter(msgspec.Struct, frozen=True, kw_only=True):
    """A payload format. `decode(payload, thing, received_at)` gives observations.

    `received_at` (UTC microseconds) stands in where a reading carries no time. It raises Malformed, Invalid or
    TooLarge and nothing else, whatever the bytes; it reads at most PAYLOAD_BYTES and gives at most READINGS.
    The adapter's name is the second level of its MQTT topic: `obs/<name>/<thing>`. It is a declaration of the
    manifest of the module that brings it. A binary protocol brings its own listener besides, which hands the
    frames it received, as `Incoming` messages under the adapter's name, to `sensing.api.report_many`.

    `speaks_of` is for a thing that tells of others, as a receiver does of ships: prefixes of the ids of the entities
    that it may tell of, besides itself, and their NGSI-LD types. They belong to the thing's owner and district.
    """

    name: str
    title: Text
    media_type: str
    decode: Decode
    speaks_of: Mapping[str, str] = {}


class Incoming(msgspec.Struct, frozen=True, gc=False):
    """A message of a thing at any door: the adapter's name, the thing's id, the bytes, and when (UTC µs)."""

    adapter: str
    thing: str
    payload: bytes
    received_at: int


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """A message that was laid aside: its place in the batch, and why (`problems` by JSON Pointer)."""

    index: int
    thing: str
    code: str
    reason: Text
    problems: tuple[Problem, ...] = ()


class CommitResult(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a batch: readings new and repeated, and messages laid aside with their reasons."""

    observations: int = 0
    repeated: int = 0
    refused: tuple[Refusal, ...] = ()


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """A message that could not be taken in: what it was and why. `payload` is cut at 64 KiB."""

    id: int
    thing: str
    adapter: str
    code: str
    reason: Text
    at: datetime
    size: int
    replayed_at: datetime | None = None


class Replayed(msgspec.Struct, frozen=True, kw_only=True):
    """What became of dead letters that were replayed: taken in, and refused again."""

    taken: int
    refused: int


class ThingState(msgspec.Struct, frozen=True, kw_only=True):
    """How a thing is doing. `state` is online, offline, silent or never (it has not reported yet)."""

    thing: str
    type: str
    name_zh: str | None
    name_en: str | None
    district: str | None
    source: str | None
    state: str
    last_seen_at: datetime | None
    readings: int
    repeated: int
    errors: int
    violations: int


class StateCount(msgspec.Struct, frozen=True):
    """So many things of a type are in a state."""

    type: str
    state: str
    things: int
