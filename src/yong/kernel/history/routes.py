"""HTTP of history: what was, as JSON."""

import math
from datetime import datetime
from typing import Annotated

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromQuery, PathParameter, QueryParameter
from litestar.response import Stream

from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import Invalid
from yong.kernel.base.text import Text
from yong.kernel.history import api
from yong.kernel.history.aggregate import Measure, Period
from yong.kernel.history.contracts import Chart, Point, Statistic
from yong.kernel.history.export import ExportFormat, streamed
from yong.kernel.history.statistics import Grouping, Sampling
from yong.kernel.history.visible import Box, Choice

_Name = Annotated[str, PathParameter(min_length=1, max_length=128, pattern=r"^[^\x00]+$")]
_OneName = Annotated[str | None, QueryParameter(min_length=1, max_length=128, pattern=r"^[^\x00]+$")]
_Words = Annotated[list[str] | None, QueryParameter(max_items=50)]
_Start = Annotated[datetime | None, QueryParameter(name="from")]
_End = Annotated[datetime | None, QueryParameter(name="to")]
_Limit = Annotated[int, QueryParameter(ge=1, le=10_000)]


@get("/history/{entity_id:str}", opt={"open": True}, summary="What was")
async def observations(
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    entity_id: _Name,
    attribute: _Words = None,
    start: _Start = None,
    end: _End = None,
    limit: _Limit = 1000,
    last: Annotated[int | None, QueryParameter(ge=1, le=1000)] = None,
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
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    type: _OneName = None,
    bbox: Annotated[str | None, QueryParameter(max_length=100)] = None,
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


_From = Annotated[datetime, QueryParameter(name="from")]
_To = Annotated[datetime, QueryParameter(name="to")]


@get("/history/statistics", opt={"open": True, "errors": (413,)}, summary="What the numbers come to")
async def measured(
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    start: _From,
    end: _To,
    entity: _Words = None,
    type: _OneName = None,
    district: _OneName = None,
    bbox: Annotated[str | None, QueryParameter(max_length=100)] = None,
    in_group: _OneName = None,
    attribute: _Words = None,
    period: FromQuery[Period | None] = None,
    group: FromQuery[Grouping] = Grouping.ALL,
    measure: Annotated[list[Measure] | None, QueryParameter(max_items=6)] = None,
    percentile: Annotated[list[float] | None, QueryParameter(max_items=10)] = None,
) -> list[Statistic]:
    """Count, min, max, avg, sum, stddev and percentiles within [from, to), by period (in China) and group."""
    _aware(start, end)
    return await api.measure(
        city,
        caller,
        _choice(entity, type, district, bbox, in_group, attribute),
        start=start,
        end=end,
        period=period,
        group=group,
        measures=measure or tuple(Measure),
        percentiles=percentile or (),
    )


@get(
    "/history/{entity_id:str}/chart",
    opt={"open": True, "errors": (413,)},
    summary="Few readings that look like all",
)
async def charted(
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    entity_id: _Name,
    start: _From,
    end: _To,
    attribute: _Words = None,
    points: Annotated[int, QueryParameter(ge=8, le=5000)] = 500,
    sampling: FromQuery[Sampling] = Sampling.MINMAXLTTB,
) -> list[Chart]:
    """An entity's numbers within [from, to), each series drawn with at most so many points."""
    _aware(start, end)
    return await api.chart(
        city,
        caller,
        entity_id,
        start=start,
        end=end,
        attributes=_attributes(attribute),
        points=points,
        sampling=sampling,
    )


_MEDIA = {
    ExportFormat.CSV: "text/csv",
    ExportFormat.PARQUET: "application/vnd.apache.parquet",
    ExportFormat.ARROW: "application/vnd.apache.arrow.stream",
}


@get(
    "/history/export",
    opt={"open": True, "gives": tuple(_MEDIA.values()), "errors": (413,)},
    summary="What was, as a file",
)
async def exported(
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    start: _From,
    end: _To,
    entity: _Words = None,
    type: _OneName = None,
    district: _OneName = None,
    bbox: Annotated[str | None, QueryParameter(max_length=100)] = None,
    in_group: _OneName = None,
    attribute: _Words = None,
    form: Annotated[ExportFormat, QueryParameter(name="format")] = ExportFormat.CSV,
) -> Stream:
    """Observations within [from, to) as CSV, Parquet or an Arrow stream, at most twenty million."""
    _aware(start, end)
    chosen = _choice(entity, type, district, bbox, in_group, attribute)
    file = await api.exported(city, caller, chosen, form, start=start, end=end)
    headers = {"content-disposition": f'attachment; filename="history.{form.value}"'}
    return Stream(streamed(file), media_type=_MEDIA[form], headers=headers)


def _choice(
    entity: list[str] | None,
    type: str | None,
    district: str | None,
    bbox: str | None,
    group: str | None,
    attribute: list[str] | None,
) -> Choice:
    if entity and any("\0" in e or len(e) > 128 for e in entity):
        raise Invalid(Text("没有这样的对象", "No entity has such a name"))
    attributes = _attributes(attribute)
    return Choice(
        entities=tuple(entity) if entity else None,
        type=type,
        district=district,
        box=_box(bbox),
        group=group,
        attributes=tuple(attributes) if attributes else None,
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


def _box(text: str | None) -> Box | None:
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


routes = (observations, observations_of_many, measured, charted, exported)
