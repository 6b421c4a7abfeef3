"""How many readings the MQTT door commits, and how soon: ingest_mqtt_* and ingest_latency_p99.

Every figure counts what is committed: a run ends when the writer's position, which moves in the
transaction of the readings, has passed the last acknowledged message. The publishers run in one process
of their own (`bench.mqtt_load`), against a whole install as `yong up` starts it. Ceilings, measured in the same run: for
throughput, the acknowledgements a second of the same server with nobody reading its stream; for batches,
rows a second of a bare COPY of as many columns.
"""

import asyncio
import itertools
import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import msgspec

from bench.figure import Figure
from bench.mqtt_load import Load, Result
from yong.kernel.base.city import City
from yong.kernel.sensing.mqtt import reader
from yong.kernel.sensing.mqtt.endpoint import Endpoint
from yong.kernel.sensing.mqtt.wire import Wire
from yong.kernel.store.database import Database

SETTLE_S = 10.0  # after a burst: its checkpoint and vacuum are not the steady load's
ROOT = Path(__file__).parents[1]
PROBES = 10  # things whose newest reading dates the load; they are spread over all of it
LOOK_S = 0.008  # between two looks: with fifty probes every 2 ms, looking took a fifth of a core
WARM_UP_S = 2.0
STEADY = 7_500.0  # messages a second: half of what must be reached
_NEWEST = """SELECT (extract(epoch FROM max((doc->'load'->>'observedAt')::timestamptz)) * 1e6)::bigint
             FROM context.entity WHERE tenant = '' AND id = ANY($1::text[])"""


class Bed(msgspec.Struct, kw_only=True):
    """What is measured: a City whose gate is open, its bus, and devices that may connect."""

    city: City
    endpoint: Endpoint
    serve_url: str
    things: list[str]
    tokens: list[str]
    writer_pid: int


async def run_load(bed: Bed, **what: object) -> Result:
    """Publish from another process."""
    order = Load(
        port=bed.endpoint.mqtt_port, users=bed.things, passwords=bed.tokens,
        **what,  # type: ignore[arg-type]  # checked when it is decoded over there
    )  # fmt: skip
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.mqtt_load", msgspec.json.encode(order).decode(),
        cwd=ROOT, stdout=subprocess.PIPE,
    )  # fmt: skip
    out, _ = await process.communicate()
    return msgspec.json.decode(out, type=Result)


async def committed(bed: Bed) -> int:
    """New readings that were ever committed."""
    total = await bed.city[Database].fetchval("SELECT sum(readings)::bigint FROM sensing.thing_state")
    return int(total or 0)


async def drained(bed: Bed) -> float:
    """Wait until the writer has committed all of the stream; the moment when it had."""
    wire = await Wire.connect(bed.endpoint.app_url, "bench")
    info = await reader.stream_info(wire)
    wire.close()
    assert info is not None
    while True:
        seq = await bed.city[Database].fetchval("SELECT max(seq) FROM sensing.bus_position")
        if seq >= info.state.last_seq or not info.state.messages:
            return time.time()
        await asyncio.sleep(0.005)


@contextmanager
def paused(bed: Bed) -> Iterator[None]:
    """The install's writer held still, so that nobody reads the stream."""
    os.kill(bed.writer_pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(bed.writer_pid, signal.SIGCONT)


def hours_ago(hours: int) -> int:
    """Where a run's readings begin, UTC microseconds: each run of its own hour, so that none is a repeat."""
    return int((time.time() - hours * 3600) * 1e6)


async def throughput(bed: Bed, *, messages: int, since: int, readings: int = 1) -> float:
    """Readings a second from the first publish until all are committed; every one must be there."""
    await drained(bed)
    before = await committed(bed)
    result = await run_load(bed, messages=messages, readings=readings, start_micros=since)
    end = await drained(bed)
    assert result.acknowledged == messages, f"{result.acknowledged} of {messages} acknowledged"
    kept = await committed(bed) - before
    assert kept == messages * readings, f"{kept} of {messages * readings} readings were committed"
    # The publishers' own preparation (interpreter, packets, connections) is before the first publish.
    busy = max(result.seconds, end - (result.ended_at - result.seconds))
    return messages * readings / busy


async def acknowledgements(bed: Bed, *, messages: int, readings: int = 1) -> float:
    """Readings acknowledged a second with configuration A standing and nobody reading."""
    result = await run_load(bed, messages=messages, readings=readings, start_micros=hours_ago(4))
    return result.acknowledged * readings / result.seconds


async def latency(bed: Bed, *, rate: float, seconds: float) -> float:
    """Milliseconds from publish to visible in a query, 99th percentile, at `rate` messages a second.

    Readings carry the moment they were sent. A query for the newest one of the probes is repeated every
    few milliseconds; each answer dates every moment since the one before, so a stall weighs as many
    samples as it delayed. What the connecting and the first seconds of the load show is left out.
    """
    done = asyncio.Event()
    seen: list[tuple[int, int]] = []  # when it was seen, the newest reading's own moment

    async def watch() -> None:
        probes = bed.things[:: max(1, len(bed.things) // PROBES)]
        while not done.is_set():
            newest = await bed.city[Database].fetchval(_NEWEST, probes)
            if newest is not None and (not seen or newest > seen[-1][1]):
                seen.append((int(time.time() * 1e6), newest))
            await asyncio.sleep(LOOK_S)

    watching = asyncio.create_task(watch())
    result = await run_load(bed, messages=int(rate * seconds), rate=rate, seconds=seconds + 5)
    done.set()
    await watching
    assert result.acknowledged == int(rate * seconds), f"{result.acknowledged} at {rate:.0f} a second"
    settled = int((result.ended_at - result.seconds + WARM_UP_S) * 1e6)
    samples = [
        (at - moment) / 1000
        for (_, before), (at, newest) in itertools.pairwise(seen)
        for moment in range(newest, max(before, settled), -1000)
    ]
    return statistics.quantiles(samples, n=100)[98]


async def copy_rows(url: str, rows: int = 200_000) -> float:
    """Rows a second of a bare COPY into a table like the observations', without indexes."""
    connection = await asyncpg.connect(url)
    await connection.execute(
        "CREATE TEMP TABLE bare (series int, at bigint, value float8, hash bigint, received timestamptz DEFAULT now())"
    )
    records = [(n % 1000, n, float(n), n) for n in range(rows)]
    began = time.perf_counter()
    await connection.copy_records_to_table("bare", records=records, columns=["series", "at", "value", "hash"])
    spent = time.perf_counter() - began
    await connection.close()
    return rows / spent


async def commit_ms(url: str, commits: int = 400) -> float:
    """Milliseconds of committing one row, 99th percentile, nothing else going on."""
    connection = await asyncpg.connect(url)
    spent = []
    for _ in range(commits):
        began = time.perf_counter()
        await connection.execute("UPDATE sensing.gate SET checked_at = clock_timestamp()")
        spent.append((time.perf_counter() - began) * 1000)
    await connection.close()
    return statistics.quantiles(spent, n=100)[98]


async def figures(bed: Bed, *, strict: bool = False, scale: float = 1.0) -> list[Figure]:
    """All figures of the door; with `strict`, that of a bus which syncs every message."""
    count = int((20_000 if strict else 150_000) * scale)
    if strict:
        with paused(bed):
            ceiling = await acknowledgements(bed, messages=count // 2)
        await drained(bed)
        value = await throughput(bed, messages=count, since=hours_ago(3))
        return [
            Figure(
                name="ingest_mqtt_single_strict", value=value, unit="readings/s", ceiling=ceiling,
                must=2_500, aim=4_000, what="acknowledgements with nobody reading the stream",
            )
        ]  # fmt: skip
    with paused(bed):
        ceiling = await acknowledgements(bed, messages=count)
    await drained(bed)
    least = await commit_ms(bed.serve_url)
    # Each run's readings are newer than those of the run before: late ones take a slower way.
    single = await throughput(bed, messages=count, since=hours_ago(3))
    batch = await throughput(bed, messages=count // 3, readings=10, since=hours_ago(2))
    rows = await copy_rows(bed.serve_url)
    await asyncio.sleep(SETTLE_S)
    steady = await latency(bed, rate=STEADY, seconds=8 * scale)
    await drained(bed)
    p99 = await latency(bed, rate=single / 2, seconds=8 * scale)
    return [
        Figure(
            name="ingest_mqtt_single", value=single, unit="readings/s", ceiling=ceiling,
            must=15_000, aim=40_000, what="acknowledgements with nobody reading the stream",
        ),
        Figure(
            name="ingest_mqtt_batch", value=batch, unit="readings/s", ceiling=rows,
            must=80_000, aim=200_000, what="rows of a bare COPY without indexes",
        ),
        Figure(
            name="ingest_latency_p99", value=p99, unit="ms", ceiling=least,
            must=150, aim=50, what="99th percentile of a one-row commit on an idle machine",
        ),
        Figure(
            name="ingest_latency_p99_7500", value=steady, unit="ms", ceiling=least,
            must=150, aim=50, what="the same, at half of the rate that must be reached",
        ),
    ]  # fmt: skip
