"""OpenTelemetry traces over OTLP/HTTP, when `otlp_endpoint` is set; its library is imported only then.

The endpoint is the collector's address; `/v1/traces` is added when it has no path. The incoming
`traceparent` is honoured with its decision to sample.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

from yong import __version__
from yong.kernel.base.city import City
from yong.kernel.base.errors import Refused
from yong.kernel.base.settings import Settings
from yong.kernel.base.text import Text
from yong.kernel.base.trace import Span, Tracer

_EXPORT_WITHIN_S = 5  # a collector that is away holds up neither work nor the end of a process
_LIBRARY = ("opentelemetry", "opentelemetry.sdk", "opentelemetry.exporter", "opentelemetry.exporter.otlp")


def check(settings: Settings) -> None:
    """Raises Refused when traces are configured and cannot be made."""
    if not settings.otlp_endpoint:
        return
    if urlsplit(settings.otlp_endpoint).scheme not in ("http", "https"):
        raise Refused(
            Text("otlp_endpoint 须为 http 或 https 地址", "otlp_endpoint must be an http or https address")
        )
    if not installed():
        raise Refused(
            Text(
                "已设置 otlp_endpoint，但未安装追踪组件；运行 pip install -r requirements/traces.lock",
                "otlp_endpoint is set and the traces extra is not installed: "
                "pip install -r requirements/traces.lock",
            )
        )


def installed() -> bool:
    """Whether the traces extra is there."""
    return all(find_spec(name) for name in _LIBRARY) and bool(
        find_spec("opentelemetry.exporter.otlp.proto.http")
    )


@contextmanager
def tracing(city: City, process: str) -> Iterator[None]:
    """Have a City's work traced within the block, when that is configured. Raises Refused as `check`."""
    endpoint = city.settings.otlp_endpoint
    if not endpoint:
        yield
        return
    check(city.settings)
    tracer = _Exporting(endpoint, process)
    city.put(Tracer, tracer)
    try:
        yield
    finally:
        tracer.close()


class _Exporting(Tracer):
    """Spans to a collector, in batches, from a thread of its own."""

    on = True

    def __init__(self, endpoint: str, process: str) -> None:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
        from opentelemetry.trace import SpanKind
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        path = urlsplit(endpoint).path
        address = endpoint if path not in ("", "/") else endpoint.rstrip("/") + "/v1/traces"
        self._provider = TracerProvider(
            resource=Resource(
                {"service.name": "yong", "service.version": __version__, "service.instance.id": process}
            ),
            shutdown_on_exit=False,
        )
        self._provider.add_span_processor(
            BatchSpanProcessor(
                OTLPSpanExporter(endpoint=address, timeout=_EXPORT_WITHIN_S),
                max_queue_size=4096,
                schedule_delay_millis=1000,
            )
        )
        self._tracer = self._provider.get_tracer("yong", __version__)
        self._parent = TraceContextTextMapPropagator()
        self._kinds = {kind.name.lower(): kind for kind in SpanKind}

    @contextmanager
    def span(
        self, name: str, kind: str = "internal", *, parent: str | None = None, **facts: str | int
    ) -> Iterator[Span]:
        from opentelemetry.trace import Status, StatusCode

        context = self._parent.extract({"traceparent": parent}) if parent else None
        with self._tracer.start_as_current_span(
            name,
            context=context,
            kind=self._kinds[kind],
            attributes={key.replace("__", "."): value for key, value in facts.items()},
            record_exception=False,  # its words may hold values
            set_status_on_exception=False,
        ) as span:
            try:
                yield _Open(span)
            except Exception as error:
                span.set_attribute("error.type", type(error).__name__)
                span.set_status(Status(StatusCode.ERROR))
                raise

    def close(self) -> None:
        """Send what is left."""
        self._provider.shutdown()


class _Open:
    def __init__(self, span: Any) -> None:
        self.span = span

    def set(self, name: str, value: str | int) -> None:
        self.span.set_attribute(name, value)

    def rename(self, name: str) -> None:
        self.span.update_name(name)
