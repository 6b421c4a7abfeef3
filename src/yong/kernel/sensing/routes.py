"""HTTP of sensing: readings in; how things are; commands down; dead letters."""

import base64
import binascii
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, delete, get, post
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, FromQuery, HeaderParameter, JSONBody, PathParameter, QueryParameter

from yong.kernel.access.contracts import Caller
from yong.kernel.base import clock
from yong.kernel.base.city import City
from yong.kernel.base.errors import Invalid
from yong.kernel.base.text import Text
from yong.kernel.sensing import api
from yong.kernel.sensing.commands import Command
from yong.kernel.sensing.contracts import (
    PAYLOAD_BYTES,
    CommitResult,
    DeadLetter,
    Incoming,
    Replayed,
    StateCount,
    ThingState,
    ThingType,
)

_Name = Annotated[str, PathParameter(max_length=128, min_length=1, pattern=r"^[^\x00]+$")]
_OneName = Annotated[str | None, QueryParameter(max_length=128, min_length=1, pattern=r"^[^\x00]+$")]
_District = Annotated[str | None, QueryParameter(pattern=r"^[0-9]{2,12}$")]
_Limit = Annotated[int, QueryParameter(ge=1, le=1000)]
_FORMATS = {"application/json": "json", "application/senml+json": "senml"}


class NewCommand(msgspec.Struct, forbid_unknown_fields=True):
    """A command to a thing."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    arguments: dict[str, Any] = {}
    timeout_s: Annotated[float, msgspec.Meta(ge=0.1, le=604_800)] = 60


class NewWord(msgspec.Struct, forbid_unknown_fields=True):
    """A thing to be let in at a listener, with the password it has, or with a new one."""

    listener: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    word: Annotated[str, msgspec.Meta(max_length=64)] | None = None


class EnrolledWord(msgspec.Struct):
    """What the device has to say as its password at the listener; empty when the protocol carries none."""

    thing: str
    listener: str
    word: str


@post(
    "/sensing/things/{thing:str}/observations",
    status_code=204,
    request_max_body_size=PAYLOAD_BYTES,
    opt={"takes": {key: {"type": ["object", "array"]} for key in _FORMATS}},
    summary="Report readings",
)
async def observe(
    request: "Request[Any, Any, Any]",
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    thing: _Name,
    authorization: Annotated[str | None, HeaderParameter(name="Authorization", max_length=4096)] = None,
) -> None:
    """Take readings in, as JSON or SenML; answers after they are committed.

    A thing signs with its own token (`Authorization: Bearer yd_…`, or Basic with its id and the token); others
    need `sensing.report`.
    """
    adapter = _FORMATS.get((request.headers.get("content-type") or "application/json").split(";")[0].strip())
    if adapter is None:
        raise Invalid(
            Text(
                "请用 application/json 或 application/senml+json",
                "Use application/json or application/senml+json",
            )
        )
    await api.report(city, caller, thing, _token(authorization, thing), adapter, await request.body())


class Item(msgspec.Struct, forbid_unknown_fields=True):
    """A message of one thing: `data` is a payload of `format`, json or senml."""

    thing: Annotated[str, msgspec.Meta(min_length=1, max_length=128, pattern=r"^[^\x00]+$")]
    data: dict[str, Any] | list[Any]
    format: Annotated[str, msgspec.Meta(max_length=64, pattern="^[a-z0-9_-]+$")] = "json"


class Items(msgspec.Struct, forbid_unknown_fields=True):
    """Messages of many things."""

    messages: Annotated[list[Item], msgspec.Meta(min_length=1, max_length=api.MOST_REPORTS)]


class Wrong(msgspec.Struct):
    """A message that was not taken in: its place, and what is wrong with it, in the reader's language."""

    index: int
    thing: str
    code: str
    detail: str
    errors: list[dict[str, str]]


class Outcome(msgspec.Struct):
    """Readings new and repeated, and the messages that were refused."""

    observations: int
    repeated: int
    refused: list[Wrong]


@post(
    "/sensing/observations",
    status_code=200,
    request_max_body_size=8 << 20,
    summary="Report readings of many things",
    responses={207: ResponseSpec(Outcome, description="Some messages were refused", generate_examples=False)},
)
async def observe_many(
    city: NamedDependency[City], caller: NamedDependency[Caller], data: JSONBody[Items]
) -> Response[Outcome]:
    """Take messages of many things in, for an application that may; answers after they are committed.

    200 when all were taken in, 207 when some were refused: those are laid aside as dead letters, unless they are
    of things that the caller may not report for.
    """
    now = clock.micros(clock.now())
    messages = [Incoming(m.format, m.thing, msgspec.json.encode(m.data), now) for m in data.messages]
    result = await api.report_many(city, caller, messages)
    language = caller.language
    refused = [
        Wrong(
            r.index,
            r.thing,
            r.code,
            r.reason.in_(language),
            [{"pointer": p.pointer, "detail": p.detail.in_(language)} for p in r.problems],
        )
        for r in result.refused
    ]
    return Response(
        Outcome(result.observations, result.repeated, refused), status_code=207 if refused else 200
    )


@get("/sensing/things", summary="How things are doing")
async def things(
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    in_state: Annotated[api.State | None, QueryParameter(name="state")] = None,
    type: _OneName = None,
    district: _District = None,
    text: _OneName = None,
    thing: Annotated[list[str] | None, QueryParameter(max_items=100)] = None,
    after: _OneName = None,
    limit: _Limit = 100,
) -> list[ThingState]:
    """Things with their state, last reading and error counters, by id.

    Of one state, type or district (a code of GB/T 2260 or the beginning of one), with a text in their id or a
    name, or those named. `after` is the last id of the page before.
    """
    return await api.states(
        city,
        caller,
        state=in_state,
        type=type,
        district=district,
        text=text,
        things=_names(thing),
        after=after,
        limit=limit,
    )


@get("/sensing/types", summary="Types of things")
async def types(city: NamedDependency[City], caller: NamedDependency[Caller]) -> list[ThingType]:
    """The types of things that the install knows: what they report, and the commands that they understand.

    Titles are in both languages. Things of other types may be registered too; they are shown by their bare names.
    """
    return api.types(city, caller)


@get("/sensing/states", summary="How many things are in which state")
async def states(
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    district: _District = None,
    text: _OneName = None,
) -> list[StateCount]:
    """Things counted by type and state: online, silent (three intervals overdue), offline, never.

    `district` and `text` choose among them as for the list of things.
    """
    return await api.counts(city, caller, district=district, text=text)


@post("/sensing/things/{thing:str}/commands", summary="Command a thing")
async def command(
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    thing: _Name,
    data: JSONBody[NewCommand],
    key: Annotated[str | None, HeaderParameter(name="Idempotency-Key", max_length=128)] = None,
) -> Command:
    """Queue a command; it is sent over MQTT and its acknowledgement or time-out is kept."""
    return await api.send_command(
        city, caller, thing, data.name, data.arguments, timeout_s=data.timeout_s, idempotency_key=key
    )


@get("/sensing/things/{thing:str}/commands", summary="A thing's commands")
async def commands(
    city: NamedDependency[City], caller: NamedDependency[Caller], thing: _Name, limit: _Limit = 100
) -> list[Command]:
    """Commands of a thing, newest first."""
    return await api.command_history(city, caller, thing, limit=limit)


@post("/sensing/things/{thing:str}/words", summary="Enrol for a device protocol")
async def enrol(
    city: NamedDependency[City], caller: NamedDependency[Caller], thing: _Name, data: JSONBody[NewWord]
) -> EnrolledWord:
    """Let a thing in at a device protocol's listener: answers with the word it has to say, shown once."""
    word = await api.enrol(city, caller, thing, data.listener, data.word)
    return EnrolledWord(thing, data.listener, word)


@delete("/sensing/things/{thing:str}/words", summary="Dismiss from the device protocols")
async def dismiss(city: NamedDependency[City], caller: NamedDependency[Caller], thing: _Name) -> None:
    """Let a thing in at no device protocol's listener any more; its connections end."""
    await api.dismiss(city, caller, thing)


@get("/sensing/dead-letters", summary="Messages laid aside")
async def dead_letters(
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    thing: _OneName = None,
    before: FromQuery[int | None] = None,
    limit: _Limit = 100,
) -> list[DeadLetter]:
    """Messages that could not be taken in, newest first."""
    return await api.dead_letters(city, caller, thing=thing, before=_id(before), limit=limit)


@get("/sensing/dead-letters/{id:int}/payload", media_type="application/octet-stream", summary="Its bytes")
async def dead_letter_payload(
    city: NamedDependency[City], caller: NamedDependency[Caller], id: FromPath[int]
) -> Response[bytes]:
    """What the thing sent, at most 64 KiB of it."""
    payload = await api.dead_letter_payload(city, caller, _id(id) or 0)
    return Response(payload, media_type="application/octet-stream")


@post("/sensing/dead-letters/{id:int}/replay", status_code=200, summary="Try again")
async def replay(
    city: NamedDependency[City], caller: NamedDependency[Caller], id: FromPath[int]
) -> CommitResult:
    """Take a dead letter in again."""
    return await api.replay(city, caller, _id(id) or 0)


@post("/sensing/dead-letters/replay", status_code=200, summary="Try many again")
async def replay_all(
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    thing: _OneName = None,
    code: _OneName = None,
) -> Replayed:
    """Take dead letters of a thing, or with one reason, in again: at most 1,000, oldest first."""
    return await api.replay_all(city, caller, thing=thing, code=code)


@delete("/sensing/dead-letters/{id:int}", summary="Throw away")
async def discard(city: NamedDependency[City], caller: NamedDependency[Caller], id: FromPath[int]) -> None:
    """Throw a dead letter away."""
    await api.discard(city, caller, _id(id) or 0)


def _token(authorization: str | None, thing: str) -> str | None:
    """A thing's own credential: a bearer token that begins with yd_, or Basic with the thing's id."""
    scheme, _, word = (authorization or "").partition(" ")
    word = word.strip()
    if scheme.lower() == "basic":
        try:
            name, _, word = base64.b64decode(word, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return ""
        return word if name == thing else ""
    return word if word.startswith("yd_") else None


def _id(value: int | None) -> int | None:
    if value is not None and not 0 <= value < 1 << 63:
        raise Invalid(Text("编号超出范围", "The number is out of range"))
    return value


def _names(given: list[str] | None) -> list[str] | None:
    if given and any("\0" in name or len(name) > 128 for name in given):
        raise Invalid(Text("没有这样的设备名", "No thing has such a name"))
    return given


routes = (
    observe,
    observe_many,
    types,
    things,
    states,
    command,
    commands,
    enrol,
    dismiss,
    dead_letters,
    dead_letter_payload,
    replay,
    replay_all,
    discard,
)
