"""HTTP of the jobs that failed for good."""

from typing import Annotated

from litestar import delete, get, post
from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter

from yong.app import queue
from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.store.jobs import DeadJob

_Id = Annotated[int, PathParameter(ge=1, le=(1 << 62))]


@get("/jobs/dead-letters", tags=["app"], summary="Jobs that failed for good")
async def dead(
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    limit: Annotated[int, QueryParameter(ge=1, le=1000)] = 100,
) -> list[DeadJob]:
    """Jobs that used up their retries, newest first."""
    return await queue.dead(city, caller, limit)


@post("/jobs/dead-letters/{id:int}/retry", tags=["app"], status_code=204, summary="Try a dead job again")
async def retry(city: NamedDependency[City], caller: NamedDependency[Caller], id: _Id) -> None:
    """Put it back on the queue, with all its retries."""
    await queue.retry(city, caller, id)


@delete("/jobs/dead-letters/{id:int}", tags=["app"], summary="Forget a dead job")
async def discard(city: NamedDependency[City], caller: NamedDependency[Caller], id: _Id) -> None:
    """Take it off the list for good."""
    await queue.discard(city, caller, id)


routes = (dead, retry, discard)
