"""A whole install that may be hurt: `yong up` in a folder of its own, its processes by name."""

import asyncio
import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import asyncpg
import psutil

from bench import install
from yong.app import supervise
from yong.app.supervise import State
from yong.kernel.base.settings import Settings, load
from yong.kernel.store import place

PARTS = ("web", "web worker", "writer", "worker", "listeners", "nats", "postgres", "nursery", "supervisor")
PATIENCE_S = 120.0  # a machine that does other things too may take its time


class Install:
    """One install from its first start to its last stop. Ports stay the same over restarts."""

    def __init__(self, home: Path, environment: Mapping[str, str] | None = None) -> None:
        home.chmod(0o755)
        self.home = home
        free = supervise.with_ports(load({"YONG_HOME": str(home)} | _ANY))
        self.variables = {
            "YONG_HOME": str(home),
            "YONG_LANGUAGE": "en",
            "YONG_NOTIFICATION_HOSTS": "127.0.0.1",
        } | {
            f"YONG_{name.upper()}": str(getattr(free, name))
            for name in ("http_port", "mqtt_port", "nats_port", "tcp_ports")
        }
        self.tcp_ports = free.listeners
        self.environment = environment or {}  # of `yong up`, beside the settings
        self.process: subprocess.Popen[bytes] | None = None
        self.kills: dict[str, int] = dict.fromkeys(PARTS, 0)
        self.pauses: dict[str, int] = dict.fromkeys(PARTS, 0)

    @property
    def settings(self) -> Settings:
        return load(self.variables)

    @property
    def http(self) -> str:
        return f"http://127.0.0.1:{self.variables['YONG_HTTP_PORT']}"

    @property
    def mqtt_port(self) -> int:
        return int(self.variables["YONG_MQTT_PORT"])

    async def up(self) -> None:
        """Start, and wait until everything stands and the gate is open."""
        plain = {k: v for k, v in os.environ.items() if not k.startswith("YONG_")}
        self.process = install.start(self.home, {**plain, **self.environment, **self.variables})
        await asyncio.wait_for(install.ready(self.home, self.process), PATIENCE_S)
        await self.open()

    def down(self) -> None:
        """Stop in order, as Ctrl-C does."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(60)

    async def fetch(self, query: str, *arguments: object) -> list[asyncpg.Record]:
        """Ask the database as its owner, over a connection of this moment."""
        connection = await asyncpg.connect(place.owner_url(self.settings), timeout=10)
        try:
            return list(await connection.fetch(query, *arguments))
        finally:
            await connection.close()

    def victim(self, part: str) -> psutil.Process:
        """The process of a part as it lives now. Raises NoSuchProcess."""
        assert self.process is not None
        if part == "supervisor":
            return psutil.Process(self.process.pid)
        found = supervise.state(self.home)
        assert found is not None
        process = psutil.Process(found.parts[part.partition(" ")[0]].pid)
        if part == "web worker":
            workers = [c for c in process.children() if "resource_tracker" not in " ".join(c.cmdline())]
            if not workers:
                raise psutil.NoSuchProcess(process.pid)
            return workers[-1]
        return process

    async def living(self, part: str) -> psutil.Process:
        """The process of a part, waited for while it is being started again."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                process = self.victim(part)
                if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                    return process
            except psutil.NoSuchProcess:
                pass
            assert time.monotonic() < deadline, f"{part} does not live\n{self.logs()}"
            await asyncio.sleep(0.05)

    async def kill(self, part: str) -> None:
        """`kill -9` a part. It counts only when it hit a live process, which is dead afterwards."""
        process = await self.living(part)
        born = process.create_time()
        process.kill()
        await until(lambda: not _lives(process.pid, born), f"{part} survives kill -9")
        self.kills[part] += 1
        if part == "supervisor":
            assert self.process is not None
            self.process.wait(10)
            await self.up()

    async def pause(self, part: str, seconds: float) -> None:
        """SIGSTOP a part and what it started, and let it go on after a while; the supervisor alone."""
        process = await self.living(part)
        group = [process] if part == "supervisor" else [process, *process.children(recursive=True)]
        for one in group:
            one.suspend()
        try:
            await asyncio.sleep(seconds)
            assert process.status() == psutil.STATUS_STOPPED, f"{part} was not paused"
        finally:
            for one in group:
                with contextlib.suppress(psutil.NoSuchProcess):
                    one.resume()
        self.pauses[part] += 1

    async def open(self) -> None:
        """Wait until HTTP is ready and the gate admits devices."""
        deadline = time.monotonic() + PATIENCE_S
        why = "?"
        while time.monotonic() < deadline:
            try:
                [gate] = await self.fetch(
                    "SELECT open, reason_en, now() - checked_at AS age FROM sensing.gate"
                )
                why = gate["reason_en"]
                if gate["open"] and gate["age"].total_seconds() < 6 and await self._answers():
                    return
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError) as error:
                why = repr(error)
            await asyncio.sleep(0.1)
        raise AssertionError(f"not open again within {PATIENCE_S} s: {why}\n{self.logs()}")

    async def _answers(self) -> bool:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(self.variables["YONG_HTTP_PORT"]))
        writer.write(b"GET /health/ready HTTP/1.1\r\nHost: yong\r\nConnection: close\r\n\r\n")
        async with asyncio.timeout(5):
            line = await reader.readline()
        writer.close()
        return b" 200 " in line

    def state(self) -> State:
        found = supervise.state(self.home)
        assert found is not None
        return found

    def logs(self) -> str:
        """The last lines of everything, for a failed run."""
        files = [self.home / "up.log", *sorted((self.home / "logs").glob("*.log"))]
        return "\n".join(
            f"== {f.name}\n{f.read_text('utf-8', 'replace')[-1500:]}" for f in files if f.exists()
        )


async def until(true: Callable[[], object], what: str, timeout_s: float = PATIENCE_S) -> None:
    deadline = time.monotonic() + timeout_s
    while not true():
        assert time.monotonic() < deadline, what
        await asyncio.sleep(0.02)


def _lives(pid: int, born: float) -> bool:
    try:
        process = psutil.Process(pid)
        return process.create_time() == born and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


_ANY = {
    "YONG_HTTP_PORT": "0",
    "YONG_MQTT_PORT": "0",
    "YONG_NATS_PORT": "0",
    "YONG_TCP_PORTS": "hj212=0, jtt808=0",
}
