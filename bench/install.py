"""A whole install for a measurement: `yong up` in a folder of its own, with things and a key."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import msgspec

from yong.app import bootstrap, supervise
from yong.app.supervise import State
from yong.kernel.access import api as access
from yong.kernel.access import identity
from yong.kernel.base.city import City
from yong.kernel.base.settings import Settings, load
from yong.kernel.records import api as records
from yong.kernel.records.contracts import Format
from yong.kernel.store import place
from yong.kernel.store.database import Database

THINGS = 1000


class Install(msgspec.Struct, kw_only=True):
    """A running install, its City as this process opened it, credentials and a key of a device engineer."""

    city: City
    settings: Settings
    state: State
    serve_url: str
    things: list[str]
    tokens: list[str]
    key: str


@contextlib.asynccontextmanager
async def running(durability: str = "default") -> AsyncIterator[Install]:
    """Start, register THINGS things, and stop at the end of the block."""
    with tempfile.TemporaryDirectory(prefix="yong-bench-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        surroundings = environment(home, durability)
        process = start(home, surroundings)
        try:
            state = await ready(home, process)
            ports = {
                "YONG_HTTP_PORT": state.http.rpartition(":")[2],
                "YONG_MQTT_PORT": state.mqtt.rpartition(":")[2],
                "YONG_NATS_PORT": str(state.nats),
            }
            chosen = load(surroundings | ports)
            url = place.serve_url(chosen)
            async with bootstrap.running(chosen, url, name="yong bench") as city:
                things, tokens, key = await furnish(city)
                yield Install(
                    city=city,
                    settings=chosen,
                    state=state,
                    serve_url=url,
                    things=things,
                    tokens=tokens,
                    key=key,
                )
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def environment(home: Path, durability: str = "default") -> dict[str, str]:
    """This process's environment with the settings of an install in `home`, on free ports."""
    settings = {
        "YONG_HOME": str(home),
        "YONG_HTTP_PORT": "0",
        "YONG_MQTT_PORT": "0",
        "YONG_NATS_PORT": "0",
        "YONG_DURABILITY": durability,
        "YONG_NOTIFICATION_HOSTS": "127.0.0.1",
    }
    return {k: v for k, v in os.environ.items() if not k.startswith("YONG_")} | settings


def start(home: Path, environment: dict[str, str]) -> "subprocess.Popen[bytes]":
    """`yong up` in a folder of its own, with this environment."""
    home.chmod(0o755)
    with (home / "up.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "yong.app.main", "up"], env=environment, stdout=log, stderr=log
        )


async def ready(home: Path, process: "subprocess.Popen[bytes]") -> State:
    """Wait until everything stands (what a killed one wrote does not count); what it said when it ended instead."""
    while process.poll() is None:
        state = supervise.state(home)
        if state and state.ready and state.supervisor == process.pid:
            return state
        await asyncio.sleep(0.05)
    raise SystemExit((home / "up.log").read_text("utf-8", "replace"))


async def furnish(
    city: City, count: int = THINGS, roles: Sequence[str] = ("sensing.engineer",)
) -> tuple[list[str], list[str], str]:
    """Register things: their ids, their tokens, and a key with these roles, that of an engineer for all things."""
    system = access.system_caller("sensing")
    things = [f"bench-{n:04d}" for n in range(count)]
    rows = "code,type,source,district\n" + "".join(f"{t},load,synthetic,330203\n" for t in things)
    report = await records.import_file(city, system, "sensing.thing", rows.encode(), Format.CSV)
    assert report.imported == count, report
    tokens = await access.issue_credentials(city, access.system_caller("access"), things)
    owner = access.system_caller("access")
    account, _ = await access.create_account(city, owner, "bench", password="a password of the bench")  # noqa: S106  # it lives as long as the measurement
    for role in roles:
        await access.grant(city, owner, account, role)
    row = await city[Database].fetchrow("SELECT * FROM access.account WHERE id = $1", account)
    assert row is not None
    async with city[Database].transaction() as connection:
        holder = await identity.caller_for(connection, row, ["password", "totp"], "bench")
    key = await access.issue_key(
        city, holder, "bench", list(roles), per_minute=1_000_000, per_day=1_000_000_000, days=1
    )
    return things, [tokens[t] for t in things], key
