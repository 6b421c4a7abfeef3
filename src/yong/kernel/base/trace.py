"""Spans of work, without a library: what a package says of its work, and who may listen.

A City has a Tracer only when traces are configured; without one a span costs next to nothing. Attributes
name kinds and count things: no value of a record, no path, no query, no name of anybody.
"""

from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

from yong.kernel.base.city import City


class Span(Protocol):
    """A piece of work under way."""

    def set(self, name: str, value: str | int) -> None:
        """Say something more of it."""

    def rename(self, name: str) -> None:
        """Call it what it turned out to be."""


class Tracer:
    """Makes spans; this one makes none. `parent` is a `traceparent` header (W3C Trace Context)."""

    on = False

    def span(
        self, name: str, kind: str = "internal", *, parent: str | None = None, **facts: str | int
    ) -> AbstractContextManager[Span]:
        """A span around a block; an error that leaves the block marks it with its type alone."""
        return nullcontext(_NOTHING)


class _Nothing:
    def set(self, name: str, value: str | int) -> None:
        pass

    def rename(self, name: str) -> None:
        pass


_NOTHING = _Nothing()
_OFF = Tracer()


def of(city: City) -> Tracer:
    """The tracer of this process."""
    return city[Tracer] if city.has(Tracer) else _OFF
