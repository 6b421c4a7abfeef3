"""The front: what every request passes before and after the application.

It names the request, sets the security headers, counts and times, answers hot routes, and turns an error
of a hot route into a problem document. Everything here is paid by every request, so it allocates little.
"""

import asyncio
import gc
import os
import re
import signal
import time
from contextlib import AbstractContextManager, AsyncExitStack
from typing import Any
from urllib.parse import unquote

import structlog
from litestar import Litestar
from prometheus_client import Counter, Histogram

from yong.app import bootstrap, logs, traces
from yong.app.http import problems
from yong.app.http.application import create_app, routes_of
from yong.kernel.base import settings as base_settings
from yong.kernel.base import trace
from yong.kernel.base.city import City
from yong.kernel.base.door import ASGI, HotRoute, Message
from yong.kernel.base.errors import YongError
from yong.kernel.base.ids import new_id
from yong.kernel.base.settings import Settings
from yong.kernel.base.text import preferred
from yong.kernel.store import child, place

_log = structlog.get_logger("yong.http")

REQUESTS = Counter("yong_http_requests", "HTTP requests by method and status", ["method", "status"])
SECONDS = Histogram(
    "yong_http_seconds",
    "Seconds from request to end of response",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)

_ESCAPED = re.compile(rb"%(2[fF]|25)")
_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
_POLICY = (
    b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    b"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS: list[tuple[bytes, bytes]] = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"content-security-policy", _POLICY),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
]
_TLS_HEADERS = [(b"strict-transport-security", b"max-age=31536000")]


class Front:
    """An ASGI application over one City, which it opens itself unless given an open one.

    `app` is one that served another City of the same settings and modules before: to make one takes half a second.
    """

    def __init__(self, settings: Settings, city: City | None = None, app: Litestar | None = None) -> None:
        self.settings = settings
        self.headers = _HEADERS + (_TLS_HEADERS if settings.tls_certificate else [])
        self.counters: dict[tuple[str, int], Any] = {}
        self.hot: dict[tuple[str, str, int], ASGI] = {}
        self.templates: dict[tuple[str, str, int], str] = {}
        self.app = app
        self.stack = AsyncExitStack()
        if city is not None:
            self._over(city)

    def _over(self, city: City) -> None:
        self.city = city
        self.tracer = trace.of(city)
        if self.app is None:
            self.app = create_app(city)
        self.app.state.city = city
        for _, routes in routes_of(city.registry):
            route: HotRoute
            for route in getattr(routes, "hot", ()):
                first = route.prefix.split("/")[1]
                self.hot[route.method, first, route.segments] = route.open(city)
                depth = route.segments - len(route.prefix.strip("/").split("/"))
                self.templates[route.method, first, route.segments] = route.prefix.rstrip("/") + "/*" * depth

    async def __call__(self, scope: Message, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
            return
        if scope["type"] != "http":
            return
        started = time.perf_counter()
        method = scope["method"]
        status = 500
        seconds: float | None = None  # of an answer that lasts, those until it began
        request_id = _header(scope, b"x-request-id") or new_id().encode()
        scope.setdefault("state", {})["request"] = request_id.decode("ascii", "replace")

        async def answer(message: Message) -> None:
            nonlocal status, seconds
            if message["type"] == "http.response.start":
                status = message["status"]
                present = {name for name, _ in message["headers"]}
                if _lasts(message["headers"]):
                    seconds = time.perf_counter() - started
                message["headers"] = [
                    *message["headers"],
                    *(h for h in self.headers if h[0] not in present),
                    (b"x-request-id", request_id),
                ]
            await send(message)

        if scope["path"].startswith(("/ngsi-ld/", "/ogc/")):
            _keep_slashes(scope)
        parts = scope["path"].split("/", 5)
        way = (method, parts[1] if len(parts) > 1 else "", len(parts) - 1)
        try:
            if self.tracer.on:
                with self._span(scope, method) as span:
                    await self._answer(way, scope, receive, answer)
                    route = scope.get("path_template") or self.templates.get(way)
                    if route:
                        span.rename(f"{span_name(method)} {route}")
                        span.set("http.route", route)
                    span.set("http.response.status_code", status)
            else:
                await self._answer(way, scope, receive, answer)
        finally:
            key = (method, status)
            counter = self.counters.get(key)
            if counter is None:
                counter = self.counters[key] = REQUESTS.labels(method, str(status))
            counter.inc()
            SECONDS.observe(time.perf_counter() - started if seconds is None else seconds)

    async def _answer(self, way: tuple[str, str, int], scope: Message, receive: Any, send: Any) -> None:
        hot = self.hot.get(way)
        if hot is None or await self._hot(hot, scope, receive, send) is False:
            assert self.app is not None
            await self.app(scope, receive, send)  # type: ignore[arg-type]  # our message type is wider

    def _span(self, scope: Message, method: str) -> AbstractContextManager[trace.Span]:
        """The request's span: its method, route and status; never its path, query or caller."""
        parent = _header(scope, b"traceparent")
        known = span_name(method)
        return self.tracer.span(
            known,
            "server",
            parent=parent.decode("latin-1") if parent else None,
            http__request__method=known if known != "HTTP" else "_OTHER",
        )

    async def _hot(self, hot: ASGI, scope: Message, receive: Any, send: Any) -> bool | None:
        try:
            return await hot(scope, receive, send)
        except YongError as error:
            await self._problem(error, scope, send)
        except asyncio.CancelledError:
            raise
        except Exception as exception:
            await self._problem(problems.unforeseen(exception, scope["path"]), scope, send)
        return None

    async def _problem(self, error: YongError, scope: Message, send: Any) -> None:
        accept = _header(scope, b"accept-language")
        language = preferred(accept.decode("latin-1") if accept else None, self.settings.language)
        body = problems.encoded(error, language, scope["path"])
        headers = [
            (b"content-type", problems.MEDIA_TYPE.encode()),
            (b"content-length", str(len(body)).encode()),
            *((k.encode(), v.encode()) for k, v in problems.headers_of(error).items()),
        ]
        await send({"type": "http.response.start", "status": error.status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _lifespan(self, receive: Any, send: Any) -> None:
        await receive()
        try:
            if self.app is None:
                city = await self.stack.enter_async_context(
                    bootstrap.running(self.settings, place.serve_url(self.settings), name="yong web")
                )
                self.stack.enter_context(traces.tracing(city, f"web {os.getpid()}"))
                self._over(city)
                _hear_of_the_end(city)
            assert self.app is not None
            await self.stack.enter_async_context(self.app.lifespan())
        except Exception as error:
            _log.error("start failed", exc_info=error)
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.stack.aclose()
        await send({"type": "lifespan.shutdown.complete"})


def _hear_of_the_end(city: City) -> None:
    """End streams at SIGTERM. Granian hears it too, by the loop's own way, and waits for what is under way."""
    loop = asyncio.get_running_loop()

    def heard(number: int, frame: object) -> None:
        loop.call_soon_threadsafe(bootstrap.about_to_stop, city)

    signal.signal(signal.SIGTERM, heard)


def _keep_slashes(scope: Message) -> None:
    """Leave `%2F` and `%25` as they came: ids of entities are URIs, whose slashes part no path.

    Who takes a part of such a path unescapes it; one without either holds no `%`, so that does nothing to it.
    """
    raw: bytes = scope.get("raw_path") or b""
    if _ESCAPED.search(raw):
        kept = _ESCAPED.sub(lambda found: b"%25" + found[0][1:], raw.partition(b"?")[0])
        scope["path"] = unquote(kept.decode("latin-1"))


def span_name(method: str) -> str:
    """A method as a span may be called: a caller must not make up names."""
    return method if method in _METHODS else "HTTP"


def _lasts(headers: list[tuple[bytes, bytes]]) -> bool:
    """Whether an answer goes on for as long as its client likes: that says nothing of how fast we are."""
    return any(name == b"content-type" and value.startswith(b"text/event-stream") for name, value in headers)


def _header(scope: Message, name: bytes) -> bytes | None:
    for key, value in scope["headers"]:
        if key == name:
            return bytes(value)[:256]
    return None


def serve() -> Front:
    """What Granian's workers call: the front over the settings of the environment."""
    child.follow_parent()
    # Requests make and drop much and leave little behind that is cyclic; those of a batch of entities live at once.
    gc.set_threshold(200_000, 20, 50)
    settings = base_settings.load()
    logs.configure(settings)
    return Front(settings)
