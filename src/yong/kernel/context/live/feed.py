"""The stream of events, read in order by pulls: no more comes than was asked for, and what is missing is noticed."""

import asyncio
import contextlib
from typing import NamedTuple

import nats
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from nats.js.client import JetStreamContext

from yong.kernel.base import clock
from yong.kernel.bus.bus import STREAM
from yong.kernel.context.live.changes import Changes, Position

PULL_EVENTS = 256
PULL_BYTES = 8 << 20
EXPIRES_S, HEARTBEAT_S = 20.0, 2.0
SILENCE_S = 6.0  # without a heartbeat the consumer or the server is gone
FORGOTTEN_S = 30.0  # a consumer that nobody pulls from is removed by the server


class Lost(Exception):
    """The consumer, the stream or the connection is gone: begin again from the last position."""


class Gap(Lost):
    """Events between the last position and what there is now are not there any more."""


class Standing(NamedTuple):
    """The stream as it stands: its life, and the first and last sequence that it holds."""

    epoch: int
    first: int
    last: int


async def standing(stream: JetStreamContext) -> Standing:
    """How the stream stands. Raises what NATS raises where there is none."""
    info = await stream.stream_info(STREAM)
    assert info.created is not None
    return Standing(clock.micros(info.created), info.state.first_seq, info.state.last_seq)


class Reader:
    """Events behind a sequence, in order."""

    def __init__(self, connection: Client, after: int) -> None:
        self.connection, self.after = connection, after
        self._arrived: list[Msg] = []
        self._wake = asyncio.Event()
        self._credit = 0  # asked for and not come yet
        self._failure = ""
        self._heard = asyncio.get_running_loop().time()
        self._name = ""

    async def open(self) -> None:
        stream = self.connection.jetstream()
        info = await stream.add_consumer(
            STREAM,
            ConsumerConfig(
                deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
                opt_start_seq=self.after + 1,
                ack_policy=AckPolicy.NONE,
                mem_storage=True,
                inactive_threshold=FORGOTTEN_S,
            ),
        )
        self._name = info.name
        self._inbox = self.connection.new_inbox()
        self._subscription = await self.connection.subscribe(self._inbox, cb=self._take)

    async def close(self) -> None:
        with contextlib.suppress(Exception):
            await self._subscription.unsubscribe()
            await self.connection.jetstream().delete_consumer(STREAM, self._name)

    async def batch(self, wait_s: float) -> list[bytes]:
        """The next events, none when nothing came in that time; `after` is then the last one's sequence.

        Raises Lost, and Gap when what came does not follow.
        """
        loop = asyncio.get_running_loop()
        if not self._arrived and not self._credit:
            await self._pull()
        if not self._arrived and not self._failure:
            self._wake.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), wait_s)
        if not self._arrived:
            if self._failure or self.connection.is_closed or loop.time() - self._heard > SILENCE_S:
                raise Lost(self._failure or "silence")
            return []
        arrived, self._arrived = self._arrived, []
        for message in arrived:
            seq = _sequence(message)
            if seq != self.after + 1:
                raise Gap(f"{self.after} is followed by {seq}")
            self.after = seq
        return [message.data for message in arrived]

    async def _pull(self) -> None:
        self._credit = PULL_EVENTS
        self._heard = asyncio.get_running_loop().time()
        body = b'{"batch":%d,"max_bytes":%d,"expires":%d,"idle_heartbeat":%d}' % (
            PULL_EVENTS, PULL_BYTES, int(EXPIRES_S * 1e9), int(HEARTBEAT_S * 1e9),
        )  # fmt: skip
        subject = f"$JS.API.CONSUMER.MSG.NEXT.{STREAM}.{self._name}"
        try:
            await self.connection.publish(subject, body, reply=self._inbox)
        except nats.errors.Error as error:
            raise Lost(str(error)) from error

    async def _take(self, message: Msg) -> None:
        self._heard = asyncio.get_running_loop().time()
        if message.reply:
            self._arrived.append(message)
            self._credit -= 1
        else:
            self._status(message.headers or {})
        self._wake.set()

    def _status(self, headers: dict[str, str]) -> None:
        status = headers.get("Status", "")
        if status == "100":
            return  # a heartbeat
        if status in ("404", "408") or (status == "409" and "Nats-Pending-Messages" in headers):
            self._credit = 0  # that pull is over, by its time or its bytes
        else:
            self._failure = f"{status} {headers.get('Description', '')}"


def _sequence(message: Msg) -> int:
    # $JS.ACK.<stream>.<consumer>.<delivered>.<seq>.<consumer seq>.<stored ns>.<pending>
    words = message.reply.split(".")
    return int(words[5 if len(words) == 9 else 7])  # newer servers put domain and account before the stream


async def between(connection: Client, after: Position, until: int, most: int) -> Changes | None:
    """The changes behind a position up to a sequence, of at most so many entities; None when there are more.

    Raises Lost, and Gap when some are not there any more.
    """
    changes = Changes()
    reader = Reader(connection, after.seq)
    await reader.open()
    try:
        while reader.after < until:
            wanted = until - reader.after
            payloads = await reader.batch(SILENCE_S)
            if not payloads:
                raise Lost("what was there is not told again")
            for payload in payloads[:wanted]:
                changes.take(payload)
            if changes.count > most:
                return None
            await asyncio.sleep(0)  # in turns with those who read what is new
    finally:
        await reader.close()
    return changes
