"""HTTP of context: what is now, as JSON. The standard's own API (NGSI-LD) comes beside it."""

import math
from typing import Annotated

from litestar import get
from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter

from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import Invalid
from yong.kernel.base.text import Text
from yong.kernel.context import api
from yong.kernel.context.contracts import Entity

_Name = Annotated[str, PathParameter(min_length=1, max_length=128, pattern=r"^[^\x00]+$")]
_OneName = Annotated[str | None, QueryParameter(min_length=1, max_length=128, pattern=r"^[^\x00]+$")]
_Words = Annotated[str | None, QueryParameter(max_length=2000, pattern=r"^[^\x00]*$")]


@get("/context/entities", opt={"open": True}, summary="What is now")
async def entities(
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    type: _OneName = None,
    attrs: _Words = None,
    bbox: Annotated[str | None, QueryParameter(max_length=100)] = None,
    near: Annotated[str | None, QueryParameter(max_length=60)] = None,
    within_m: Annotated[float | None, QueryParameter(ge=0.001, le=20_100_000)] = None,
    after: _OneName = None,
    limit: Annotated[int, QueryParameter(ge=1, le=1000)] = 100,
) -> list[Entity]:
    """Entities by type, attributes (`attrs=pm25,pm10`) and box (`bbox=west,south,east,north` in degrees).

    In pages by id (`after` the last one); with `near=longitude,latitude` the nearest first, at most `within_m`
    metres away.
    """
    attributes = [a for a in (attrs or "").split(",") if a] or None
    if near is None:
        if within_m is not None:
            raise Invalid(Text("within_m 须与 near 同用", "within_m goes with near"))
        return await api.query(
            city, caller, type=type, bbox=box_of(bbox), attributes=attributes, after=after, limit=limit
        )
    if bbox is not None or after is not None:
        raise Invalid(Text("near 不与 bbox 或 after 同用", "near goes without bbox and after"))
    place = _numbers(near, 2)
    if place is None or not (-180 <= place[0] <= 180 and -90 <= place[1] <= 90):
        raise Invalid(Text("near 应为 经度,纬度（度）", "near is longitude,latitude in degrees"))
    return await api.near(
        city, caller, (place[0], place[1]), type=type, within_m=within_m, attributes=attributes, limit=limit
    )


@get("/context/entities/{id:str}", opt={"open": True}, summary="One entity")
async def entity(city: NamedDependency[City], caller: NamedDependency[Caller], id: _Name) -> Entity:
    """An entity with its newest attributes."""
    return await api.read(city, caller, id)


def box_of(text: str | None) -> api.Box | None:
    """A box given as `west,south,east,north` in degrees. Raises Invalid."""
    if text is None:
        return None
    found = _numbers(text, 4)
    if found is not None:
        west, south, east, north = found
        if -180 <= west <= east <= 180 and -90 <= south <= north <= 90:
            return west, south, east, north
    raise Invalid(Text("bbox 应为 西,南,东,北（度）", "bbox is west,south,east,north in degrees"))


def _numbers(text: str, count: int) -> list[float] | None:
    try:
        found = [float(part) for part in text.split(",")]
    except ValueError:
        return None
    return found if len(found) == count and all(map(math.isfinite, found)) else None


routes = (entities, entity)
