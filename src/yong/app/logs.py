"""Structured logs: JSON for machines, plain lines for people; what looks like a secret or a person never gets in."""

import contextlib
import logging
import re
import sys
from typing import TextIO, cast

import structlog
from structlog.typing import EventDict, WrappedLogger

from yong.kernel.access.audit import redacted
from yong.kernel.base.settings import Settings

_SECRET = ("password", "token", "secret", "authorization", "cookie", "passphrase", "key")
_MASK = "[redacted]"
_PATTERNS = (
    (re.compile(r"(?i)(?<=://)([^\s:/@]*):[^\s/@]+(?=@)"), rf"\1:{_MASK}"),  # a URL's password
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{8,}"), rf"\1 {_MASK}"),
    (re.compile(r"\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*"), _MASK),  # a JWT
    (re.compile(r"\by[a-z]_[\w-]{16,}"), _MASK),  # our own tokens and keys
    (re.compile(r"(?i)((?:password|passwd|token|secret|passphrase|api[-_]?key)[\"']?\s*[=:]\s*[\"']?)(?!\[redacted)[^\s\"',;}]{4,}"),
     rf"\1{_MASK}"),
    (re.compile(r"(?<![\d.])(?:\+?86[- ]?)?1[3-9]\d(?:[- ]?\d{4}){2}(?![\d.])"), _MASK),  # a mobile number
)  # fmt: skip


def scrubbed(text: str) -> str:
    """A line without what looks like a secret, a citizen number (GB 11643, by its check digit) or a phone."""
    for pattern, instead in _PATTERNS:
        text = pattern.sub(instead, text)
    return str(redacted(text))


def _redact(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    for name in event:
        if any(word in name.lower() for word in _SECRET):
            event[name] = _MASK
    return event


class _Last:
    """Renders a line and scrubs it: tracebacks and values of any depth pass here, too."""

    def __init__(self, renderer: structlog.typing.Processor) -> None:
        self.renderer = renderer

    def __call__(self, logger: WrappedLogger, name: str, event: EventDict) -> str:
        return scrubbed(str(self.renderer(logger, name, event)))


class _Formatter(logging.Formatter):
    """The same for libraries that use the standard logger."""

    def format(self, record: logging.LogRecord) -> str:
        return scrubbed(super().format(record))


class _Careful:
    """Standard error, where a line that cannot be written (a full disk) is lost and stops nobody's work."""

    def write(self, text: str) -> int:
        with contextlib.suppress(OSError):
            sys.stderr.write(text)
        return len(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError):
            sys.stderr.flush()


def configure(settings: Settings) -> None:
    """Set the process's logging up; everything goes to standard error."""
    level = getattr(logging, settings.log_level.upper())
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Formatter("%(name)s: %(message)s"))
    logging.basicConfig(level=max(level, logging.WARNING), handlers=[handler])
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if settings.log_format == "json"
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )  # never with the values of local variables
    )
    exceptions: tuple[structlog.typing.Processor, ...] = (
        (structlog.processors.format_exc_info,) if settings.log_format == "json" else ()
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _redact,
            *exceptions,
            _Last(renderer),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(cast(TextIO, _Careful())),
        cache_logger_on_first_use=True,
    )
