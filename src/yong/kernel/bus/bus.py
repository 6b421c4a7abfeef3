"""The bus as everybody above uses it: events out, events in, as CloudEvents 1.0 in JSON."""

import contextlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import msgspec
import nats
from nats.aio.client import Client
from nats.js.api import RetentionPolicy, StorageType, StreamConfig
from nats.js.errors import NotFoundError

from yong.kernel.store.contracts import Event

STREAM = "yong_events"
SUBJECT = "event."
KEEP_S = 3600.0  # retention is short: what must last is in PostgreSQL


class CloudEvent(msgspec.Struct, frozen=True, kw_only=True):
    """The envelope (CloudEvents 1.0, JSON format)."""

    specversion: str = "1.0"
    id: str
    type: str
    source: str = "/yong"
    subject: str
    time: str
    datacontenttype: str = "application/json"
    data: dict[str, object]


@asynccontextmanager
async def once(url: str, name: str, within_s: float = 2.0) -> AsyncIterator[Client]:
    """A connection that ends with its server, or raises at once where there is none: OSError or what NATS raises.

    By its defaults the library would try a server that is away 60 times, 2 s apart, and log each.
    """
    connection = await nats.connect(
        url, name=name, allow_reconnect=False, connect_timeout=within_s, max_reconnect_attempts=1,
        reconnect_time_wait=0, error_cb=_quiet,
    )  # fmt: skip
    try:
        yield connection
    finally:
        with contextlib.suppress(Exception):
            await connection.close()


async def _quiet(error: Exception) -> None:
    """Whoever connects notices it."""


class Bus:
    """A connection to NATS. Publishing is acknowledged by JetStream and repeats are dropped by id."""

    def __init__(self, connection: Client) -> None:
        self.connection = connection
        self.stream = connection.jetstream()

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str, name: str = "yong") -> AsyncIterator["Bus"]:
        """Connect; the events stream is made if missing. Whoever uses it opens it anew when the server went.

        The library would connect again by itself, but its task that does so can end at a transport that closed under it
        (RuntimeError), and then nothing connects any more.
        """
        async with once(url, name) as connection:
            bus = cls(connection)
            await bus.ensure()
            yield bus

    async def ensure(self) -> None:
        """Make the events stream if it is not there (a lost folder takes it along)."""
        try:
            await self.stream.stream_info(STREAM)
        except NotFoundError:
            await self.stream.add_stream(
                StreamConfig(
                    name=STREAM,
                    subjects=[f"{SUBJECT}>"],
                    retention=RetentionPolicy.LIMITS,
                    storage=StorageType.FILE,
                    max_age=KEEP_S,
                    max_bytes=512 << 20,
                    duplicate_window=120,
                )
            )

    async def publish(self, events: Sequence[Event]) -> None:
        """Publish in order; returns when all are acknowledged. Raises what NATS raises otherwise."""
        try:
            for event in events:
                await self._publish(event)
        except NotFoundError:
            await self.ensure()
            raise

    async def _publish(self, event: Event) -> None:
        assert event.id is not None
        assert event.time is not None
        envelope = CloudEvent(
            id=event.id,
            type=event.type,
            subject=event.subject,
            time=event.time.isoformat(),
            data=event.data,
        )
        await self.stream.publish(
            SUBJECT + event.type, msgspec.json.encode(envelope), headers={"Nats-Msg-Id": event.id}
        )
