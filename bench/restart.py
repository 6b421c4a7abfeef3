"""How soon an install with a million entities is ready again after everything was killed at once, while it wrote.

The ceiling is PostgreSQL alone on the same folder after the same load and the same kill: its recovery, and nothing
of Yong's own start.
"""

import asyncio
import random
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import asyncpg
import psutil

from bench import install
from bench.context_query import PLACED, fill
from bench.figure import Figure
from yong.app.supervise import State
from yong.kernel.base.settings import load
from yong.kernel.store import place
from yong.kernel.store.database import Database
from yong.kernel.store.embedded import Server

LOAD_S = 8.0
BATCH = 200  # entities in a transaction, as changes that come together share one


async def figures() -> list[Figure]:
    """restart_1m: seconds from the start of `yong up` until it says ready."""
    folder = Path(tempfile.mkdtemp(prefix="yong-bench-"))
    environment = install.environment(folder)
    process = install.start(folder, environment)
    try:
        state = await install.ready(folder, process)
        environment |= _ports(state)
        database = await Database.open(place.serve_url(load(environment)), size=4, name="yong bench")
        await fill(database, "Placed", PLACED)
        await database.close()
        redo = await _killed_at_work(environment, process)
        began = time.time()
        process = install.start(folder, environment)
        state = await install.ready(folder, process)
        value = time.time() - began
        parts = ", ".join(f"{name} {part.since - began:.1f}" for name, part in state.parts.items())
        print(f"restart_1m: {redo >> 20} MB to redo, ready after {value:.1f} s ({parts})", flush=True)
        redo = await _killed_at_work(environment, process)
        server = Server(folder)
        began = time.perf_counter()
        await asyncio.to_thread(server.start)
        bare = time.perf_counter() - began
        server.stop()
        print(f"restart_1m: {redo >> 20} MB to redo, PostgreSQL alone after {bare:.1f} s", flush=True)
    finally:
        _kill(process)
        shutil.rmtree(Server(folder).settled(), ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)
    return [
        Figure(
            name="restart_1m", value=value, unit="s", ceiling=bare, must=5, aim=3,
            what="PostgreSQL alone after the same kill",
        )
    ]  # fmt: skip


def _ports(state: State) -> dict[str, str]:
    """The ports again that it has: whoever was connected comes back to them."""
    return {
        "YONG_HTTP_PORT": state.http.rpartition(":")[2],
        "YONG_MQTT_PORT": state.mqtt.rpartition(":")[2],
        "YONG_NATS_PORT": str(state.nats),
    }


async def _killed_at_work(environment: Mapping[str, str], process: "subprocess.Popen[bytes]") -> int:
    """Change entities for a while and kill everything at once; the bytes of log that there are to redo."""
    settings = load(environment)
    owner = await asyncpg.connect(place.owner_url(settings))
    writer = await asyncpg.connect(place.serve_url(settings))
    working = asyncio.create_task(_work(writer))
    await asyncio.sleep(LOAD_S)
    redo: int = await owner.fetchval(
        "SELECT (pg_current_wal_lsn() - redo_lsn)::bigint FROM pg_control_checkpoint()"
    )
    _kill(process)
    await asyncio.gather(working, return_exceptions=True)
    for connection in (owner, writer):
        connection.terminate()
    return redo


async def _work(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Change a value of many entities, commit, and again, until the connection is lost."""
    dice = random.Random(9)
    while True:
        ids = [f"urn:ngsi-ld:Placed:{n:07d}" for n in sorted(dice.sample(range(1, PLACED + 1), BATCH))]
        await connection.execute(
            """UPDATE context.entity SET doc = jsonb_set(doc, '{level,value}', to_jsonb(round(random()::numeric, 4)))
               WHERE tenant = '' AND id = ANY($1::text[])""",
            ids,
        )


def _kill(process: "subprocess.Popen[bytes]") -> None:
    """kill -9 for the supervisor and everything below it, all before any of them can act."""
    if process.poll() is not None:
        return
    family = [*psutil.Process(process.pid).children(recursive=True), psutil.Process(process.pid)]
    for one in family:
        one.send_signal(signal.SIGSTOP)
    for one in family:
        one.kill()
    process.wait(30)
    psutil.wait_procs(family, timeout=30)
