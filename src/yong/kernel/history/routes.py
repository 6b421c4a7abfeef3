"""HTTP of history: what was, as JSON."""

import math
from datetime import datetime
from typing import Annotated

from litestar import get
from litestar.params import Parameter

from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import Invalid
from yong.kernel.base.text import Text
from yong.kernel.history import api
from yong.kernel.history.contracts import Point

_Name = Annotated[str, Parameter(min_length=1, max_length=128, pattern=r"^[^\x00]+$")]
_OneName = Annotated[str | None, Parameter(min_length=1, max_length=128, pattern=r"^[^\x00]+$")]
_Words = Annotated[list[str] | None, Parameter(max_items=50)]
_Start = Annotated[datetime | None, Parameter(query="from")]
_End = Annotated[datetime | None, Parameter(query="to")]
_Limit = Annotated[int, Parameter(ge=1, le=10_000)]


@get("/history/{entity_id:str}", opt={"open": True}, summary="What was")
async def observations(
    city: City,
    caller: Caller,
    entity_id: _Name,
    attribute: _Words = None,
    start: _Start = None,
    end: _End = None,
    limit: _Limit = 1000,
    last: Annotated[int | None, Parameter(ge=1, le=1000)] = None,
) -> list[Point]:
    """Observations of an entity within [from, to), newest first; with `last` so many of each attribute."""
    attributes = _attributes(attribute)
    _aware(start, end)
    if last is None:
        return await api.read(
            city, caller, entity_id, attributes=attributes, start=start, end=end, limit=limit
        )
    if start is not None:
        raise Invalid(Text("last 不与 from 同用", "last goes without from"))
    return await api.latest(city, caller, entity_id, attributes=attributes, count=last, end=end)


@get("/history", opt={"open": True}, summary="What was, of many")
async def observations_of_many(
    city: City,
    caller: Caller,
    type: _OneName = None,
    bbox: Annotated[str | None, Parameter(max_length=100)] = None,
    attribute: _Words = None,
    start: _Start = None,
    end: _End = None,
    limit: _Limit = 1000,
) -> list[Point]:
    """Observations of the entities of a type, or that are now in a box (west,south,east,north), newest first."""
    _aware(start, end)
    return await api.query(
        city,
        caller,
        type=type,
        box=_box(bbox),
        attributes=_attributes(attribute),
        start=start,
        end=end,
        limit=limit,
    )


def _aware(*moments: datetime | None) -> None:
    for moment in moments:
        if moment is None:
            continue
        if moment.tzinfo is None:
            raise Invalid(Text("时间须带时区", "A time needs its offset"))
        if not 2 <= moment.year <= 9998:
            raise Invalid(Text("时间超出范围", "The time is out of range"))


def _attributes(given: list[str] | None) -> list[str] | None:
    if given and any("\0" in a or len(a) > 64 for a in given):
        raise Invalid(Text("没有这样的属性名", "No attribute has such a name"))
    return given


def _box(text: str | None) -> api.Box | None:
    if text is None:
        return None
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        west = math.nan
    else:
        if -180 <= west <= east <= 180 and -90 <= south <= north <= 90:
            return west, south, east, north
    raise Invalid(Text("bbox 应为 西,南,东,北（度）", "bbox is west,south,east,north in degrees"))


routes = (observations, observations_of_many)
