"""From the bus into the database: one writer, exactly once in effect.

A batch is whatever arrived while the one before was being committed, so it is small when there is little
and large when there is much: the delay stays near one commit, and the price of a commit is shared by up
to `LARGEST_BATCH` messages. The stream's position is moved in the transaction of what it stands for, and
the statement that moves it is the fence: it touches its row only when the position is older, the stream
is the same and no other writer has taken over since. Whatever breaks, the writer takes the stream over
anew and goes on from the committed position.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence

import msgspec
import structlog

from yong.kernel.base import trace
from yong.kernel.base.city import City
from yong.kernel.base.errors import Unavailable
from yong.kernel.sensing.mqtt.endpoint import HEARD, PROBE, STREAM
from yong.kernel.sensing.mqtt.reader import Feed, Message, Standing, take_over
from yong.kernel.sensing.mqtt.wire import Wire
from yong.kernel.store.database import TROUBLE, Connection, Database

log = structlog.get_logger(__name__)

LARGEST_BATCH = 5_000
PACE_S = 0.03  # a batch at most so often: a commit costs the same for one reading and for hundreds
RETRY_S = 0.1
LONGEST_RETRY_S = 2.0
_LOCK = 0x594F4E47_57524954  # "YONGWRIT": one writer in an install

Settle = Callable[[], None]
Commit = Callable[[Connection, Sequence[Message]], Awaitable[Settle | None]]
"""Writes a batch's messages (`obs.…`, `state.…`, `ack.…`) in the caller's transaction.

What it returns is called when that transaction has committed, and only then."""


class Superseded(Exception):
    """The fence did not hold: another writer has taken the stream over, or the stream is another."""


class Progress(msgspec.Struct):
    """What a writer did since it started, for metrics."""

    messages: int = 0
    batches: int = 0
    qos0: int = 0
    dropped_qos0: int = 0
    takeovers: int = 0
    position: int = 0


async def run(
    city: City, url: str, commit: Commit, stop: asyncio.Event, progress: Progress | None = None
) -> None:
    """Write until `stop`. A second writer waits until the first one is gone."""
    progress = progress or Progress()
    synced = city.settings.durability == "strict"
    delay = RETRY_S
    while not stop.is_set():
        try:
            async with city[Database].session() as connection:
                if await connection.fetchval("SELECT pg_try_advisory_lock($1)", _LOCK):
                    try:
                        before = progress.batches
                        await _write(connection, url, commit, stop, progress, synced, trace.of(city))
                    finally:
                        delay = RETRY_S if progress.batches > before else delay
                        if not connection.is_closed():
                            await connection.execute("SELECT pg_advisory_unlock($1)", _LOCK)
        except (*TROUBLE, Unavailable, Superseded) as error:
            log.warning("the writer starts again", error=f"{type(error).__name__}: {error}"[:300])
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), delay)
        delay = min(LONGEST_RETRY_S, delay * 2)


async def _write(
    connection: Connection,
    url: str,
    commit: Commit,
    stop: asyncio.Event,
    progress: Progress,
    synced: bool,
    tracer: trace.Tracer,
) -> None:
    """One life: take the stream over and commit batch after batch until something breaks."""
    wire = await Wire.connect(url, "yong-writer")
    watch = asyncio.create_task(stop.wait())
    try:
        async with connection.transaction():
            standing = await take_over(wire, connection)
        progress.takeovers += 1
        feed = Feed(wire, standing, synced=synced)
        watch.add_done_callback(lambda _: feed.wake())
        await feed.start()
        loop = asyncio.get_running_loop()
        while not stop.is_set():
            messages, qos0 = await feed.batch(LARGEST_BATCH)
            began = loop.time()
            settle = None
            count = len(messages) + len(qos0)
            span = tracer.span("mqtt commit", "consumer", messaging__batch__message_count=count)
            with span:
                async with connection.transaction():
                    if messages:
                        await _advance(connection, standing, messages[-1].seq)
                    heard = [m for m in (*messages, *qos0) if m.subject.startswith(HEARD)]
                    wanted = [m for m in heard if not m.subject.startswith(PROBE)]
                    if wanted:
                        settle = await commit(connection, wanted)
                    if len(wanted) < len(heard):
                        await _proven(connection, messages)
            if settle is not None:
                settle()
            if messages:
                feed.acknowledge(messages[-1])
                progress.position = messages[-1].seq
            progress.batches += 1
            progress.messages += len(messages)
            progress.qos0 += len(qos0)
            progress.dropped_qos0 += feed.dropped_qos0
            feed.dropped_qos0 = 0
            if len(messages) < LARGEST_BATCH:
                await asyncio.sleep(max(0.0, began + PACE_S - loop.time()))
    finally:
        watch.cancel()
        wire.close()


async def _advance(connection: Connection, standing: Standing, seq: int) -> None:
    """Move the position in this transaction. Raises Superseded when it is not ours to move."""
    done = await connection.execute(
        """UPDATE sensing.bus_position SET seq = $2, committed_at = now()
           WHERE stream = $1 AND seq < $2 AND created = $3 AND consumer = $4""",
        STREAM,
        seq,
        standing.created,
        standing.consumer,
    )
    if done != "UPDATE 1":
        raise Superseded(f"position {seq} of {standing.consumer}")


async def _proven(connection: Connection, messages: Sequence[Message]) -> None:
    """Tell the gate that its self-test's message came through to a commit."""
    marks = [m.subject.removeprefix(PROBE) for m in messages if m.subject.startswith(PROBE)]
    if marks:
        await connection.execute("UPDATE sensing.gate SET probe = $1", marks[-1])
