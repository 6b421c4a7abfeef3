"""A real nats-server with configurations A and B, and what stands around the MQTT door."""

import asyncio
import hashlib
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from yong.kernel.base.city import City
from yong.kernel.base.settings import Settings
from yong.kernel.bus.nkeys import Signer
from yong.kernel.sensing.mqtt.endpoint import Endpoint
from yong.kernel.sensing.mqtt.gate import Gate
from yong.kernel.sensing.mqtt.reader import Message
from yong.kernel.store.database import Connection


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def nats_binary() -> str:
    found = shutil.which("nats-server", path=str(Path(sys.executable).parent))
    assert found is not None
    return found


class Nats:
    """A server of this test alone, which may be killed, wiped and started again."""

    def __init__(self, folder: Path, *, most_bytes: int = 0) -> None:
        self.folder, self.store = folder, folder / "jetstream"
        self.port, self.mqtt_port = free_port(), free_port()
        self.log = folder / "nats.log"
        signer, seed = Signer.generate()
        passwords = {u: secrets.token_hex(12) for u in ("yong", "auth", "sys")}
        here = f"127.0.0.1:{self.port}"
        self.endpoint = Endpoint(
            app_url=f"nats://yong:{passwords['yong']}@{here}",
            auth_url=f"nats://auth:{passwords['auth']}@{here}",
            system_url=f"nats://sys:{passwords['sys']}@{here}",
            seed=seed,
            mqtt_port=self.mqtt_port,
            log=self.log,
        )
        limit = (
            f"jetstream: {{ max_file: {most_bytes} }}"
            if most_bytes
            else "jetstream: { max_consumers: 10000 }"
        )
        (folder / "nats.conf").write_text(
            f"""
            listen: {here}
            server_name: test
            mqtt {{ listen: "127.0.0.1:{self.mqtt_port}", max_ack_pending: 1000 }}
            jetstream {{ store_dir: "{self.store}", sync_interval: "1s" }}
            accounts {{
              SYS {{ users: [ {{ user: sys, password: "{passwords["sys"]}" }} ] }}
              AUTH {{ users: [ {{ user: auth, password: "{passwords["auth"]}" }} ] }}
              APP {{ {limit}, users: [ {{ user: yong, password: "{passwords["yong"]}" }} ] }}
            }}
            system_account: SYS
            authorization {{ timeout: 4
              auth_callout {{ issuer: {signer.public}, account: AUTH, auth_users: [auth, yong, sys] }} }}
            """
        )
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(
            [nats_binary(), "-c", str(self.folder / "nats.conf"), "-l", str(self.log)]
        )
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            with socket.socket() as s:
                if s.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.02)
        raise AssertionError(self.log.read_text()[-2000:])

    def kill(self, *, wipe: bool = False) -> None:
        assert self.process is not None
        assert self.process.poll() is None, "a kill counts only when it hits a live process"
        self.process.kill()
        self.process.wait()
        if wipe:
            shutil.rmtree(self.store)

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()  # its folder goes with the test: nothing to save
            self.process.wait(10)


@pytest.fixture
def nats(tmp_path: Path) -> Iterator[Nats]:
    server = Nats(tmp_path)
    server.start()
    yield server
    server.stop()


TOKEN = "yd_token-of-the-tests"


async def verify(pairs: Sequence[tuple[str, str]]) -> Sequence[bool]:
    expected = hashlib.sha256(TOKEN.encode()).digest()
    return [hashlib.sha256(p.encode()).digest() == expected for _, p in pairs]


@asynccontextmanager
async def task(work: Awaitable[None], stop: asyncio.Event) -> AsyncIterator["asyncio.Task[None]"]:
    """Run beside the block; stopped and waited for at its end, failures shown."""
    running = asyncio.ensure_future(work)
    try:
        yield running
    finally:
        stop.set()
        await asyncio.wait_for(running, 15)


@asynccontextmanager
async def gate_running(city: City, nats: Nats, *, wait: bool = True) -> AsyncIterator[Gate]:
    stop = asyncio.Event()
    gate = Gate(city, nats.endpoint, verify)
    async with task(gate.run(stop), stop):
        if wait:
            await until(lambda: gate.responder.open, why=lambda: str(gate.why))
        yield gate


async def until(
    true: Callable[[], object], timeout_s: float = 10.0, why: Callable[[], str] = lambda: ""
) -> None:
    deadline = time.monotonic() + timeout_s
    while not true():
        assert time.monotonic() < deadline, f"did not happen within {timeout_s} s {why()}"
        await asyncio.sleep(0.01)


async def keep(connection: Connection, messages: Sequence[Message]) -> None:
    """A commit that keeps what it is given, so that a test can count: no observation logic in between."""
    await connection.copy_records_to_table(
        "kept",
        records=[(m.seq, m.subject, m.payload.decode()) for m in messages],
        columns=["seq", "subject", "payload"],
    )


class TestWriter:
    """A writer's process, which may be killed and started again."""

    __test__ = False

    def __init__(self, home: Path, owner_url: str, serve_url: str, nats: Nats) -> None:
        self._owner = owner_url
        self._command = [
            sys.executable, "-m", "mqtt.writer_process", str(home), serve_url, nats.endpoint.app_url,
        ]  # fmt: skip
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            self._command,
            cwd=Path(__file__).parents[1],
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
            stdout=subprocess.DEVNULL,
        )

    def kill(self) -> None:
        assert self._process is not None
        assert self._process.poll() is None, "a kill counts only when it hits a live process"
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    async def cut_sessions(self) -> None:
        """End every session of the serving role in this test's database."""
        connection = await asyncpg.connect(self._owner)
        cut = await connection.fetchval(
            """SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
               WHERE datname = current_database() AND pid <> pg_backend_pid()"""
        )
        await connection.close()
        assert cut


@pytest.fixture
def writer_process(settings: Settings, database: Any, kept: City, nats: Nats) -> Iterator[TestWriter]:
    process = TestWriter(settings.home, database.owner_url, database.serve_url, nats)
    process.start()
    yield process
    process.stop()


@pytest.fixture
async def kept(city: City, database: Any) -> City:
    """The City with a table that `keep` writes to."""
    connection = await asyncpg.connect(database.owner_url)
    await connection.execute("CREATE TABLE public.kept (seq bigint, subject text, payload text)")
    await connection.execute("GRANT ALL ON public.kept TO yong_serve")
    await connection.close()
    return city
