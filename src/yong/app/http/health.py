"""Is it alive, is it ready, and how is it doing: for supervisors, balancers and Prometheus."""

import os
from datetime import datetime
from typing import Any

import msgspec
from litestar import MediaType, Request, Response, get
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from prometheus_client import REGISTRY, CollectorRegistry, generate_latest, multiprocess

from yong.app import readiness
from yong.app.http import problems
from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import Problem, Unavailable
from yong.kernel.base.text import Text
from yong.kernel.sensing.contracts import GateState


class Live(msgspec.Struct):
    """The process answers."""

    status: str = "live"


class Door(msgspec.Struct):
    """What the gate of the MQTT door says: whether devices are admitted, else why not."""

    open: bool
    code: str
    reason: Text
    since: datetime


class Ready(msgspec.Struct):
    """Every part is ready; `mqtt` is told for information and stops no request."""

    status: str
    parts: dict[str, str]
    mqtt: Door | None


class Missing(msgspec.Struct):
    """A part that is not ready, in the language of Accept-Language."""

    pointer: str
    detail: str


class NotReady(msgspec.Struct):
    """A problem document (RFC 9457) that also tells of every part."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: list[Missing]
    parts: dict[str, str]
    mqtt: Door | None


@get("/health/live", tags=["app"], opt={"public": True}, security=[])
async def live() -> Live:
    """Answers as long as this process does."""
    return Live()


def _door(gate: GateState | None) -> Door | None:
    return Door(gate.open, gate.code, gate.reason, gate.since) if gate else None


@get(
    "/health/ready",
    tags=["app"],
    opt={"public": True},
    security=[],
    responses={
        503: ResponseSpec(
            NotReady,
            description="A part is not ready",
            media_type=problems.MEDIA_TYPE,
            generate_examples=False,
        )
    },
)
async def ready(
    request: "Request[Any, Any, Any]", city: NamedDependency[City]
) -> Response[Ready] | Response[bytes]:
    """Answers 200 when database, migrations and bus are ready, else 503 with a problem document.

    Its `errors` name the parts that are not, its `parts` all of them. Asked of the parts once a second.
    """
    found = await readiness.of(city)
    headers = {"cache-control": "no-store"}
    if found.ready:
        return Response(Ready(readiness.READY, found.parts, _door(found.gate)), headers=headers)
    error = Unavailable(
        Text("尚未就绪：{parts}", "Not ready: {parts}"),
        parts=", ".join(name for name, state in found.parts.items() if state != readiness.READY),
        problems=tuple(
            Problem(f"/parts/{name}", readiness.SAID[state])
            for name, state in found.parts.items()
            if state != readiness.READY
        ),
    )
    document = error.document(problems.language_of(request), request.url.path)
    document |= {"parts": found.parts, "mqtt": _door(found.gate)}
    return Response(
        msgspec.json.encode(document), status_code=503, media_type=problems.MEDIA_TYPE, headers=headers
    )


@get("/metrics", tags=["app"], media_type=MediaType.TEXT, opt={"public": True, "open": True})
async def metrics(
    request: "Request[Any, Any, Any]", city: NamedDependency[City], caller: NamedDependency[Caller]
) -> Response[bytes]:
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
