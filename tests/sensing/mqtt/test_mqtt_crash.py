"""Killed processes under load: what was acknowledged is committed, and nothing of the stream twice.

`YONG_TEST_LONG=1` makes the load last a minute with a kill every two seconds.
"""

import asyncio
import itertools
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import msgspec
import pytest

from yong.kernel.base.city import City
from yong.kernel.sensing.mqtt import reader
from yong.kernel.sensing.mqtt.gate import OPEN
from yong.kernel.sensing.mqtt.wire import Wire
from yong.kernel.store.database import Database

from .conftest import TOKEN, Nats, TestWriter, gate_running

ROOT = Path(__file__).parents[3]
SECONDS = 60.0 if os.environ.get("YONG_TEST_LONG") else 5.0
RATE = 3_000
CONNECTIONS = 10


@asynccontextmanager
async def load(nats: Nats, prefix: str, seconds: float) -> AsyncIterator["asyncio.Future[list[int]]"]:
    """Publishers in another process; how many messages each had acknowledged, in order."""
    order = {
        "port": nats.mqtt_port,
        "users": [f"{prefix}{i}" for i in range(CONNECTIONS)],
        "passwords": [TOKEN] * CONNECTIONS,
        "messages": int(RATE * seconds),
        "seconds": seconds + 30,
        "rate": RATE,
        "reconnect": True,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.mqtt_load", msgspec.json.encode(order).decode(),
        cwd=ROOT, stdout=subprocess.PIPE,
    )  # fmt: skip

    async def result() -> list[int]:
        out, _ = await process.communicate()
        counts: list[int] = msgspec.json.decode(out)["per_connection"]
        return counts

    running = asyncio.ensure_future(result())
    yield running
    await running


async def committed(city: City, prefix: str) -> dict[int, set[int]]:
    """The messages in the database by connection; the same stream position never twice.

    A stream made anew counts from one again, so a position is known by what stood there too.
    """
    rows = await city[Database].fetch(
        "SELECT seq, subject, (payload::json->'v'->>'load')::int AS value FROM kept WHERE subject LIKE $1",
        f"obs.json.{prefix}%",
    )
    twice = [
        r
        for r, n in itertools.groupby(sorted((r["seq"], r["subject"], r["value"]) for r in rows))
        if len(list(n)) > 1
    ]
    assert not twice, twice[:10]
    found: dict[int, set[int]] = defaultdict(set)
    for row in rows:
        found[int(row["subject"].removeprefix(f"obs.json.{prefix}"))].add(row["value"])
    return found


async def settle(city: City, nats: Nats, prefix: str) -> dict[int, set[int]]:
    """Wait until the writer has taken everything from the bus."""
    wire = await Wire.connect(nats.endpoint.app_url, "test")
    for _ in range(200):
        info = await reader.stream_info(wire)
        if info is not None and info.state.messages == 0:
            break
        await asyncio.sleep(0.1)
    wire.close()
    return await committed(city, prefix)


async def keeping_up(city: City, nats: Nats, prefix: str) -> None:
    """Wait until the writer commits what comes as it comes: a backlog from its start is none of what is under way."""
    wire = await Wire.connect(nats.endpoint.app_url, "test")
    for _ in range(300):
        await asyncio.sleep(0.05)
        info = await reader.stream_info(wire)
        if (
            info is not None
            and info.state.messages < RATE / 4
            and any((await committed(city, prefix)).values())
        ):
            break
    wire.close()


def lost(found: dict[int, set[int]], acknowledged: list[int]) -> dict[int, list[int]]:
    missing = {c: sorted(set(range(n)) - found[c]) for c, n in enumerate(acknowledged)}
    return {c: values for c, values in missing.items() if values}


async def test_killing_writer_and_bus_under_load_loses_and_doubles_nothing(
    kept: City, nats: Nats, writer_process: TestWriter
) -> None:
    kills = 0
    async with gate_running(kept, nats), load(nats, "K", SECONDS) as acknowledged:
        await asyncio.sleep(1)
        for turn in itertools.count():
            if acknowledged.done() or turn * 1.5 > SECONDS - 2:
                break
            if turn % 2:
                nats.kill()
                nats.start()
            else:
                writer_process.kill()
                writer_process.start()
            kills += 1
            await asyncio.sleep(1.5)
        counts = await acknowledged
        found = await settle(kept, nats, "K")
    assert kills >= 2
    assert sum(counts) == int(RATE * SECONDS)
    assert not lost(found, counts)


async def test_a_deleted_bus_folder_loses_nothing_committed(
    kept: City, nats: Nats, writer_process: TestWriter
) -> None:
    async with gate_running(kept, nats), load(nats, "W", 4) as acknowledged:
        await keeping_up(kept, nats, "W")
        before = await committed(kept, "W")
        nats.kill(wipe=True)
        nats.start()
        counts = await acknowledged
        found = await settle(kept, nats, "W")
    assert any(before.values())
    assert all(before[c] <= found[c] for c in before)
    assert sum(counts) == RATE * 4
    gone = lost(found, counts)
    print("acknowledged, not yet committed, and lost with the folder:", sum(map(len, gone.values())))
    for values in gone.values():  # what was under way in that moment, and nothing else
        assert values[-1] - values[0] == len(values) - 1, values
        assert len(values) < RATE / CONNECTIONS


async def test_a_database_that_goes_away_delays_and_loses_nothing(
    kept: City, nats: Nats, writer_process: TestWriter
) -> None:
    """Every session of the database ends again and again while devices publish."""
    async with gate_running(kept, nats), load(nats, "D", 3) as acknowledged:
        for _ in range(3):
            await asyncio.sleep(0.8)
            await writer_process.cut_sessions()
        counts = await acknowledged
        found = await settle(kept, nats, "D")
    assert sum(counts) == RATE * 3
    assert not lost(found, counts)


async def test_the_gate_outlives_a_session_that_is_cut_in_the_middle_of_a_statement(
    kept: City, nats: Nats, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What asyncpg says then is none of its errors of the database or the interface."""
    async with gate_running(kept, nats) as gate:
        with monkeypatch.context() as cut:
            struck = asyncio.Event()

            async def execute(*_: object) -> str:
                struck.set()
                raise asyncpg.InternalClientError(
                    "cannot switch to state 12; another operation (2) is in progress"
                )

            cut.setattr(Database, "execute", execute)
            await gate._tell(True, "open", OPEN)
            assert struck.is_set()
        await gate._tell(True, "open", OPEN)
        assert await kept[Database].fetchval("SELECT open FROM sensing.gate")
