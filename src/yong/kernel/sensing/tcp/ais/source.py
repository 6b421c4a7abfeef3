"""AIS receivers and aggregators that we connect to: each a thing, read without end.

    ais_sources = "zhenhai-1=tcp://192.0.2.7:5631, coast=tls://ais.example.org:443"

What is read is committed before more is read, so a database that is slow or away slows the receiver down and
costs no memory. A connection that ends, or brings no byte for `SILENCE_S`, is made again after 1 to 60 seconds.
"""

import asyncio
import contextlib
import random
import ssl
import time
from collections.abc import Sequence

import structlog
from prometheus_client import Counter

from yong.kernel.base import clock
from yong.kernel.base.city import City
from yong.kernel.base.errors import TooLarge, Unavailable
from yong.kernel.base.settings import AisSource
from yong.kernel.sensing import service
from yong.kernel.sensing.contracts import Incoming
from yong.kernel.sensing.service import Things
from yong.kernel.sensing.tcp.ais.feed import Feed, Heard
from yong.kernel.store.database import TROUBLE, Database

log = structlog.get_logger(__name__)

SKIPPED = Counter(
    "yong_ais_skipped_bytes", "Bytes from AIS sources that belonged to no readable sentence", ["source"]
)
PIECE_BYTES = 64 << 10
SILENCE_S = 300.0
CONNECT_S = 20.0
STEADY_S = 60.0  # a connection that lasted so long was a good one
LONGEST_PAUSE_S = 60.0
_AWAY = (*TROUBLE, Unavailable)


class Reader:
    """Reads one source until cancelled. `pause_s` is the first pause between connections."""

    def __init__(self, city: City, source: AisSource, *, pause_s: float = 1.0) -> None:
        self.connections = 0
        self._city, self._source, self._pause_s = city, source, pause_s
        self._interval_s = city.settings.ais_interval_s

    async def run(self) -> None:
        failures = 0
        while True:
            began = time.monotonic()
            try:
                reason = await self._read()
            except (*TROUBLE, TooLarge) as error:
                reason = type(error).__name__
            except Exception as error:  # a mistake of ours in one source must not end the others
                log.error("reading an AIS source failed", source=self._source.thing, exc_info=error)
                reason = "failed"
            failures = 0 if time.monotonic() - began > STEADY_S else failures + 1
            pause = min(LONGEST_PAUSE_S, self._pause_s * 2 ** min(failures, 10))
            pause *= random.uniform(0.5, 1)  # noqa: S311  # spreads reconnections, no secret
            log.warning(
                "an AIS source is away", source=self._source.thing, reason=reason, again_in_s=round(pause, 1)
            )
            await asyncio.sleep(pause)

    async def _read(self) -> str:
        """One connection; why it ended."""
        source = self._source
        if source.thing not in await self._city[Things].of(self._city[Database], {source.thing}):
            return "not-registered"
        tls = ssl.create_default_context() if source.tls else None
        async with asyncio.timeout(CONNECT_S):
            reader, writer = await asyncio.open_connection(
                source.host, source.port, ssl=tls, limit=PIECE_BYTES
            )
        self.connections += 1
        log.info("reading an AIS source", source=source.thing)
        feed = Feed(self._interval_s)
        try:
            while True:
                async with asyncio.timeout(SILENCE_S):
                    data = await reader.read(PIECE_BYTES)
                if not data:
                    return "ended"
                now_us = clock.micros(clock.now())
                await self._keep(feed.take(data, now_us), now_us)
        finally:
            writer.close()
            with contextlib.suppress(OSError, TimeoutError):
                await asyncio.wait_for(writer.wait_closed(), 1)

    async def _keep(self, heard: Heard, now_us: int) -> None:
        """Commit; again until it is done."""
        thing = self._source.thing
        SKIPPED.labels(thing).inc(heard.skipped)
        payloads = [*heard.payloads, *(payload for payload, _ in heard.aside)]  # these become dead letters
        messages = [Incoming("ais", thing, payload, now_us) for payload in payloads]
        pause = 0.2
        while messages:
            try:
                await service.commit_now(self._city, messages)
                return
            except _AWAY as error:
                log.warning("an AIS source waits for the database", source=thing, error=type(error).__name__)
                await asyncio.sleep(pause)
                pause = min(2.0, pause * 2)


async def read(city: City, sources: Sequence[AisSource]) -> None:
    """Read every source, until cancelled."""
    async with asyncio.TaskGroup() as group:
        for source in sources:
            group.create_task(Reader(city, source).run())
        if not sources:
            await asyncio.Event().wait()
