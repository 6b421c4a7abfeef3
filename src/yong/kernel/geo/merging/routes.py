"""HTTP of merging."""

import asyncio
from typing import Annotated, Any

from litestar import Request, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody, PathParameter, QueryParameter

from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import Malformed
from yong.kernel.base.text import Text
from yong.kernel.geo import api
from yong.kernel.geo.merging.contracts import (
    FILE_BYTES,
    Decided,
    Decisions,
    DoubtPage,
    Merging,
    NewRun,
    Plan,
    Received,
    Run,
)
from yong.kernel.records.contracts import Format

_Name = Annotated[str, PathParameter(pattern="^[a-z][a-z0-9_-]{0,39}$")]
_Id = Annotated[str, PathParameter(min_length=1, max_length=100, pattern=r"^[^\x00/]+$")]
_Limit = Annotated[int, QueryParameter(ge=1, le=1000)]
_ARRIVES_WITHIN_S = 300.0


@get("/geo/mergings", summary="Mergings")
async def mergings(city: NamedDependency[City], caller: NamedDependency[Caller]) -> list[Merging]:
    """The mergings of component coordinates that the caller may work on, by name."""
    return await api.mergings(city, caller)


@get("/geo/mergings/{name:str}", summary="A merging")
async def merging(city: NamedDependency[City], caller: NamedDependency[Caller], name: _Name) -> Merging:
    """A merging with its plan, and the run that its merged set stands on."""
    return await api.merging(city, caller, name)


@put("/geo/mergings/{name:str}", summary="Plan a merging")
async def keep(
    city: NamedDependency[City], caller: NamedDependency[Caller], name: _Name, data: JSONBody[Plan]
) -> Merging:
    """Make a merging, or change its plan: sources with their coordinate systems and accuracies, equal classes."""
    return await api.keep_merging(city, caller, name, data)


@put(
    "/geo/mergings/{name:str}/points/{source:str}",
    opt={"takes": {"text/csv": {"type": "string"}, "application/geo+json": {"type": "string"}}},
    request_max_body_size=FILE_BYTES,
    summary="Send a source's points",
)
async def receive(
    request: "Request[Any, Any, Any]",
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    name: _Name,
    source: _Name,
    format: FromQuery[Format] = Format.CSV,
) -> Received:
    """The rows of a CSV or GeoJSON file in place of the source's points before, all of them or none."""
    await api.merging(city, caller, name)  # who may not send a file does not send it
    try:
        async with asyncio.timeout(_ARRIVES_WITHIN_S):
            payload = await request.body()
    except TimeoutError:
        raise Malformed(Text("文件未能及时送达", "The file did not arrive in time")) from None
    return await api.receive_points(city, caller, name, source, payload, format)


@post("/geo/mergings/{name:str}/runs", status_code=202, summary="Order a run")
async def order(
    city: NamedDependency[City], caller: NamedDependency[Caller], name: _Name, data: JSONBody[NewRun]
) -> Run:
    """Order a run, a dry one unless told otherwise; a background job does it, and its report is read by its id."""
    return await api.order_merge(city, caller, name, data)


@get("/geo/mergings/{name:str}/runs", summary="Runs of a merging")
async def runs(city: NamedDependency[City], caller: NamedDependency[Caller], name: _Name) -> list[Run]:
    """The last hundred runs, newest first."""
    return await api.merge_runs(city, caller, name)


@get("/geo/mergings/{name:str}/runs/{run:str}", summary="A run and its report")
async def run(city: NamedDependency[City], caller: NamedDependency[Caller], name: _Name, run: _Id) -> Run:
    """Where a run is, and its report: sources, shifts, weights, what it changed or would change."""
    return await api.merge_run(city, caller, name, run)


@post("/geo/mergings/{name:str}/runs/{run:str}/undo", status_code=200, summary="Undo a run")
async def undo(city: NamedDependency[City], caller: NamedDependency[Caller], name: _Name, run: _Id) -> Run:
    """Put the merged set back to exactly what it was before the run that it stands on."""
    return await api.undo_merge(city, caller, name, run)


@post("/geo/mergings/{name:str}/components/{component:str}/undo", status_code=200, summary="Undo one merge")
async def split(
    city: NamedDependency[City], caller: NamedDependency[Caller], name: _Name, component: _Id
) -> Run:
    """Take apart what the component's last run joined; its records are remembered as different."""
    return await api.split_component(city, caller, name, component)


@get("/geo/mergings/{name:str}/doubts", summary="Doubtful pairs")
async def doubts(
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    name: _Name,
    run: FromQuery[str | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: _Limit = 100,
) -> DoubtPage:
    """Pairs that a person is asked about and nobody has decided, with the evidence, by falling probability."""
    return await api.doubts(city, caller, name, run=run, cursor=cursor, limit=limit)


@post("/geo/mergings/{name:str}/decisions", status_code=200, summary="Decide doubtful pairs")
async def decide(
    city: NamedDependency[City], caller: NamedDependency[Caller], name: _Name, data: JSONBody[Decisions]
) -> Decided:
    """Say of pairs of records that they are the same thing, different, or open again; later runs obey."""
    return await api.decide(city, caller, name, data.decisions)


routes = (mergings, merging, keep, receive, order, runs, run, undo, split, doubts, decide)
