"""Traces reach a collector over OTLP/HTTP, belong to the caller's trace, and say nothing of anybody."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import msgspec
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from yong.app import processes, traces
from yong.app.http import Front
from yong.kernel.base import trace
from yong.kernel.base.city import City
from yong.kernel.base.errors import Refused

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


class Collector:
    """A loopback OTLP/HTTP collector that keeps the spans it was sent."""

    def __init__(self) -> None:
        self.spans: list[Span] = []
        self.paths: list[str] = []
        self.raw = b""

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                self.paths.append(line.split()[1].decode())
                headers = {}
                while (header := (await reader.readline()).strip()) != b"":
                    name, _, value = header.partition(b":")
                    headers[name.lower()] = value.strip()
                body = await reader.readexactly(int(headers[b"content-length"]))
                assert headers[b"content-type"] == b"application/x-protobuf"
                self.raw += body
                for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                    for scope in resource.scope_spans:
                        self.spans.extend(scope.spans)
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
        finally:
            writer.close()

    @classmethod
    @asynccontextmanager
    async def open(cls) -> AsyncIterator[tuple["Collector", str]]:
        collector = cls()
        server = await asyncio.start_server(collector._serve, "127.0.0.1", 0)
        async with server:
            yield collector, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    def named(self, name: str) -> Span:
        (found,) = [s for s in self.spans if s.name == name]
        return found


def attributes(span: Span) -> dict[str, str | int]:
    return {a.key: a.value.string_value or a.value.int_value for a in span.attributes}


@asynccontextmanager
async def traced(city: City, endpoint: str) -> AsyncIterator[None]:
    """Within it work is traced; afterwards all of it has been sent."""
    city.settings = msgspec.structs.replace(city.settings, otlp_endpoint=endpoint)
    held = traces.tracing(city, "test")
    held.__enter__()
    try:
        yield
    finally:
        await asyncio.to_thread(held.__exit__, None, None, None)


async def test_requests_belong_to_the_callers_trace_and_name_no_one(city: City) -> None:
    secret = "110105194912310021"
    async with Collector.open() as (collector, endpoint):
        async with traced(city, endpoint):
            transport = httpx.ASGITransport(Front(city.settings, city), raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://yong.test") as client:
                parent = {"traceparent": f"00-{TRACE}-{PARENT}-01"}
                await client.get("/health/live", headers=parent)
                await client.get(f"/records/sensing.thing/{secret}?q={secret}")
                await client.get("/records/environment.station_now/nowhere")  # a hot route
                await client.post("/session", json={"name": "duty", "password": secret})
                unsampled = {"traceparent": f"00-{TRACE}-{PARENT}-00"}
                await client.get("/status.json", headers=unsampled)
                await client.request("BREW", f"/{secret}")
        live = collector.named("GET /health/live")
        assert (live.trace_id.hex(), live.parent_span_id.hex()) == (TRACE, PARENT)
        assert attributes(live) == {
            "http.request.method": "GET",
            "http.route": "/health/live",
            "http.response.status_code": 200,
        }
        assert live.kind == Span.SPAN_KIND_SERVER
        assert collector.named("GET /records/{relation}/{id}").parent_span_id == b""
        assert attributes(collector.named("GET /records/*/*"))["http.response.status_code"] == 404
        assert attributes(collector.named("POST /session"))["http.response.status_code"] == 401
        assert collector.named("HTTP")
        assert len(collector.spans) == 5  # the caller's word not to sample counts
        assert set(collector.paths) == {"/v1/traces"}
        assert secret.encode() not in collector.raw
        assert b"duty" not in collector.raw


async def test_work_in_the_background_is_traced(city: City) -> None:
    async with Collector.open() as (collector, endpoint):
        async with traced(city, endpoint):
            tracer = trace.of(city)
            with tracer.span("mqtt commit", "consumer", messaging__batch__message_count=7):
                pass
            with (
                pytest.raises(ValueError, match="hidden"),
                tracer.span("job a.b", "consumer", job__name="a.b"),
            ):
                raise ValueError("hidden words")
        assert attributes(collector.named("mqtt commit")) == {"messaging.batch.message_count": 7}
        failed = collector.named("job a.b")
        assert attributes(failed) == {"job.name": "a.b", "error.type": "ValueError"}
        assert failed.status.code == failed.status.STATUS_CODE_ERROR
        assert b"hidden" not in collector.raw


async def test_a_collector_that_is_away_stops_nothing(city: City) -> None:
    async with traced(city, "http://127.0.0.1:9"):
        with trace.of(city).span("mqtt commit"):
            pass


def test_nothing_is_imported_unless_it_is_wanted() -> None:
    code = (
        "import sys; from yong.app import processes; from yong.app.http import front;"
        "assert not [m for m in sys.modules if m.startswith('opentelemetry')]"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    assert processes.RUN


def test_without_the_extra_the_setting_is_refused(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = msgspec.structs.replace(city.settings, otlp_endpoint="http://127.0.0.1:4318")
    traces.check(settings)
    monkeypatch.setattr(traces, "find_spec", lambda name: None)
    with pytest.raises(Refused, match=r"traces\.lock"):
        traces.check(settings)
    traces.check(city.settings)
    with pytest.raises(Refused, match="http or https"):
        traces.check(msgspec.structs.replace(city.settings, otlp_endpoint="collector:4318"))
