"""HTTP of sensing and of what it feeds: readings in; things, entities and history out; commands down."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, delete, get, post
from litestar.params import Parameter

from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import Invalid
from yong.kernel.base.text import Text
from yong.kernel.context import api as context
from yong.kernel.context.contracts import Entity
from yong.kernel.history import api as history
from yong.kernel.history.contracts import Point
from yong.kernel.sensing import api
from yong.kernel.sensing.commands import Command
from yong.kernel.sensing.contracts import PAYLOAD_BYTES, CommitResult, DeadLetter, ThingState

_Name = Annotated[str, Parameter(max_length=128, min_length=1)]
_Limit = Annotated[int, Parameter(ge=1, le=1000)]
_FORMATS = {"application/json": "json", "application/senml+json": "senml"}


class NewCommand(msgspec.Struct, forbid_unknown_fields=True):
    """A command to a thing."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    arguments: dict[str, Any] = {}
    timeout_s: Annotated[float, msgspec.Meta(ge=0.1, le=604_800)] = 60


@post(
    "/sensing/things/{thing:str}/observations",
    status_code=204,
    request_max_body_size=PAYLOAD_BYTES,
    summary="Report readings",
)
async def observe(
    request: "Request[Any, Any, Any]",
    city: City,
    caller: Caller,
    thing: _Name,
    authorization: Annotated[str | None, Parameter(header="Authorization", max_length=4096)] = None,
) -> None:
    """Take readings in, as JSON or SenML; answers after they are committed.

    A thing signs with its own token (`Authorization: Bearer yd_…`); others need `sensing.report`.
    """
    adapter = _FORMATS.get((request.headers.get("content-type") or "application/json").split(";")[0].strip())
    if adapter is None:
        raise Invalid(
            Text(
                "请用 application/json 或 application/senml+json",
                "Use application/json or application/senml+json",
            )
        )
    word = (authorization or "").partition(" ")[2].strip()
    token = word if word.startswith("yd_") else None
    await api.report(city, caller, thing, token, adapter, await request.body())


@get("/sensing/things", summary="How things are doing")
async def things(
    city: City, caller: Caller, after: _Name | None = None, limit: _Limit = 100
) -> list[ThingState]:
    """Things with their state, last reading and error counters, by id."""
    return await api.states(city, caller, after=after, limit=limit)


@post("/sensing/things/{thing:str}/commands", summary="Command a thing")
async def command(
    city: City,
    caller: Caller,
    thing: _Name,
    data: NewCommand,
    key: Annotated[str | None, Parameter(header="Idempotency-Key", max_length=128)] = None,
) -> Command:
    """Queue a command; it is sent over MQTT and its acknowledgement or time-out is kept."""
    return await api.send_command(
        city, caller, thing, data.name, data.arguments, timeout_s=data.timeout_s, idempotency_key=key
    )


@get("/sensing/things/{thing:str}/commands", summary="A thing's commands")
async def commands(city: City, caller: Caller, thing: _Name, limit: _Limit = 100) -> list[Command]:
    """Commands of a thing, newest first."""
    return await api.command_history(city, caller, thing, limit=limit)


@get("/sensing/dead-letters", summary="Messages laid aside")
async def dead_letters(
    city: City, caller: Caller, thing: _Name | None = None, before: int | None = None, limit: _Limit = 100
) -> list[DeadLetter]:
    """Messages that could not be taken in, newest first."""
    return await api.dead_letters(city, caller, thing=thing, before=_id(before), limit=limit)


@get("/sensing/dead-letters/{id:int}/payload", media_type="application/octet-stream", summary="Its bytes")
async def dead_letter_payload(city: City, caller: Caller, id: int) -> Response[bytes]:
    """What the thing sent, at most 64 KiB of it."""
    payload = await api.dead_letter_payload(city, caller, _id(id) or 0)
    return Response(payload, media_type="application/octet-stream")


@post("/sensing/dead-letters/{id:int}/replay", status_code=200, summary="Try again")
async def replay(city: City, caller: Caller, id: int) -> CommitResult:
    """Take a dead letter in again."""
    return await api.replay(city, caller, _id(id) or 0)


@delete("/sensing/dead-letters/{id:int}", summary="Throw away")
async def discard(city: City, caller: Caller, id: int) -> None:
    """Throw a dead letter away."""
    await api.discard(city, caller, _id(id) or 0)


@get("/context/entities", summary="What is now")
async def entities(
    city: City,
    caller: Caller,
    type: _Name | None = None,
    bbox: Annotated[str | None, Parameter(max_length=100)] = None,
    after: _Name | None = None,
    limit: _Limit = 100,
) -> list[Entity]:
    """Entities by type and box (west,south,east,north in degrees), in pages by id."""
    return await context.query(city, caller, type=type, bbox=_box(bbox), after=after, limit=limit)


@get("/context/entities/{id:str}", summary="One entity")
async def entity(city: City, caller: Caller, id: _Name) -> Entity:
    """An entity with its newest attributes."""
    return await context.read(city, caller, id)


@get("/history/{entity_id:str}", summary="What was")
async def observations(
    city: City,
    caller: Caller,
    entity_id: _Name,
    attribute: Annotated[list[str] | None, Parameter(max_items=50)] = None,
    start: Annotated[datetime | None, Parameter(query="from")] = None,
    end: Annotated[datetime | None, Parameter(query="to")] = None,
    limit: Annotated[int, Parameter(ge=1, le=10_000)] = 1000,
) -> list[Point]:
    """Observations of an entity within [from, to), newest first."""
    for moment in (start, end):
        if moment is not None and moment.tzinfo is None:
            raise Invalid(Text("时间须带时区", "A time needs its offset"))
    return await history.read(
        city, caller, entity_id, attributes=attribute, start=start, end=end, limit=limit
    )


def _id(value: int | None) -> int | None:
    if value is not None and not 0 <= value < 1 << 63:
        raise Invalid(Text("编号超出范围", "The number is out of range"))
    return value


def _box(text: str | None) -> tuple[float, float, float, float] | None:
    if text is None:
        return None
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        west = float("nan")
    else:
        if -180 <= west <= east <= 180 and -90 <= south <= north <= 90:
            return west, south, east, north
    raise Invalid(Text("bbox 应为 西,南,东,北（度）", "bbox is west,south,east,north in degrees"))


routes = (
    observe,
    things,
    command,
    commands,
    dead_letters,
    dead_letter_payload,
    replay,
    discard,
    entities,
    entity,
    observations,
)
