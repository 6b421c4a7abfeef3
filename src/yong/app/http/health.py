"""Is it alive, is it ready, and how is it doing: for supervisors, balancers and Prometheus."""

import os
from typing import Any

import msgspec
from litestar import MediaType, Request, Response, get
from litestar.openapi.datastructures import ResponseSpec
from prometheus_client import REGISTRY, CollectorRegistry, generate_latest, multiprocess

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.store.database import Database


class Live(msgspec.Struct):
    """The process answers."""

    status: str = "live"


class Ready(msgspec.Struct):
    """Whether requests can be served, part by part."""

    status: str
    parts: dict[str, str]


@get("/health/live", tags=["app"], opt={"public": True}, security=[])
async def live() -> Live:
    """Answers as long as this process does."""
    return Live()


@get(
    "/health/ready",
    tags=["app"],
    opt={"public": True},
    security=[],
    responses={503: ResponseSpec(Ready, description="A part is missing", generate_examples=False)},
)
async def ready(city: City) -> Response[Ready]:
    """Answers 200 when the database is reachable and migrated, else 503 and which part is missing."""
    try:
        await city[Database].fetchval("SELECT count(*) FROM store.migration")
        parts = {"database": "ready"}
    except Exception:
        parts = {"database": "down"}
    good = all(state == "ready" for state in parts.values())
    return Response(Ready("ready" if good else "not ready", parts), status_code=200 if good else 503)


@get("/metrics", tags=["app"], media_type=MediaType.TEXT, opt={"public": True, "open": True})
async def metrics(request: "Request[Any, Any, Any]", city: City, caller: Caller) -> Response[bytes]:
    """Prometheus metrics of all processes: open to this machine, elsewhere for those who may operate."""
    near = request.client is not None and request.client.host in ("127.0.0.1", "::1", "testclient")
    if not near or "x-forwarded-for" in request.headers:
        access.authorize(city, caller, "access.operate", "app")
    registry = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the library's own
    return Response(generate_latest(registry), media_type="text/plain; version=0.0.4; charset=utf-8")


routes = (live, ready, metrics)
