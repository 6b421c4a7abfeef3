"""Structured logs: JSON for machines, plain lines for people; secrets never get in."""

import logging
import sys

import structlog
from structlog.typing import EventDict, WrappedLogger

from yong.kernel.base.settings import Settings

_SECRET = ("password", "token", "secret", "authorization", "cookie", "passphrase", "key")


def _redact(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    for name in event:
        if any(word in name.lower() for word in _SECRET):
            event[name] = "[redacted]"
    return event


def configure(settings: Settings) -> None:
    """Set the process's logging up; everything goes to standard error."""
    level = getattr(logging, settings.log_level.upper())
    logging.basicConfig(stream=sys.stderr, level=max(level, logging.WARNING), format="%(name)s: %(message)s")
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if settings.log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
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
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
