"""`yong up`: starts every part of an install, watches them, starts a dead one again, stops them in order.

One plain loop, no threads: parts are children of this process and die with it. What happens is told to the
caller line by line and kept in `run/state.json`, which `yong status` reads.
"""

import contextlib
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import Protocol

import msgspec
import psutil

from yong.app import counts, switch, traces
from yong.app import nursery as nurseries
from yong.app.groundwork import Groundwork
from yong.app.nursery import Nursery
from yong.kernel.base import settings as base_settings
from yong.kernel.base.errors import Refused
from yong.kernel.base.settings import Settings
from yong.kernel.base.text import Text
from yong.kernel.bus import embedded as nats
from yong.kernel.store import child
from yong.kernel.store import embedded as postgres

Tell = Callable[[Text], None]

PROCESSES = ("worker", "writer", "listeners", "web")
_STEADY_S = 30.0  # a part that stood this long starts again at once when it dies
_LOOK_S = 5.0  # how often the bus is asked whether it can store
_LOOP = 5  # ends in a row without standing: told as a crash loop


class PartState(msgspec.Struct, kw_only=True):
    """One part as the state file has it."""

    pid: int
    restarts: int = 0
    since: float = 0.0  # Unix seconds
    failing: bool = False  # it ends again and again


class State(msgspec.Struct, kw_only=True):
    """What runs, for `yong status`: process ids, how often each was started again, and where to look."""

    supervisor: int
    started: float
    http: str
    mqtt: str
    nats: int = 0  # the embedded server's port
    ready: bool = False
    parts: dict[str, PartState] = {}


class Part(Protocol):
    """Something that is started, watched and stopped."""

    process: child.Child | None

    def start(self) -> None: ...
    def stop(self) -> None: ...


class Process:
    """A program of ours, with a log of its own."""

    def __init__(self, name: str, settings: Settings, environment: dict[str, str]) -> None:
        self.name = name
        self.log = settings.home / "logs" / f"{name}.log"
        self.environment = environment
        self.process: child.Child | None = None

    def launch(self, command: Sequence[str]) -> None:
        self.process = child.start(command, self.log, environment=self.environment)

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(5)


class Own(Process):
    """One of the processes that every install has, forked by the nursery where there is one."""

    def __init__(
        self, name: str, settings: Settings, environment: dict[str, str], nursery: Nursery | None
    ) -> None:
        super().__init__(name, settings, environment)
        self.nursery = nursery

    def start(self) -> None:
        self.process = None
        if self.nursery:
            with self.log.open("ab") as log:
                self.process = self.nursery.fork(self.name, log.fileno(), log.fileno())
        if self.process is None:
            self.launch([sys.executable, "-m", "yong.app.main", "run", self.name])


class Supervisor:
    """One install from start to stop."""

    def __init__(self, settings: Settings, tell: Tell, processes: Sequence[str] = PROCESSES) -> None:
        self.settings = with_ports(settings)
        self.tell = tell
        self.home = settings.home
        self.run = self.home / "run"
        self.processes = [p for p in processes if p != "listeners" or settings.tcp_ports]
        self.parts: dict[str, Part] = {}
        self.restarts: dict[str, int] = {}
        self.since: dict[str, float] = {}  # by the wall clock, to be shown
        self.began: dict[str, float] = {}  # by the monotonic clock, which nobody sets, like next_try
        self.next_try: dict[str, float] = {}
        self.falls: dict[str, int] = {}  # ends in a row, without having stood
        self.stopping = False
        self.started = time.time()
        self._lock: int | None = None
        self._unwritten = False
        self._next_look = 0.0

    def up(self, once_ready: Callable[[Settings], None] | None = None) -> None:
        """Start everything, call `once_ready`, and stay until SIGTERM or SIGINT; then stop everything.

        Raises Refused when another supervisor holds this home or a part cannot start at all.
        """
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        self._hold()
        try:
            if switch.complete(self.settings):
                self.tell(Text("已完成此前中断的恢复", "Finished the restore that was cut off"))
                self.settings = with_ports(
                    base_settings.load(os.environ | {"YONG_HOME": str(self.home)})  # the restored ones
                )
            self.start()
            if once_ready and not self.stopping:
                once_ready(self.settings)
            while not self.stopping:
                self._watch()
                self._look_after_bus()
                time.sleep(0.2)
            self.tell(Text("正在停止…", "Stopping…"))
        finally:
            self.down()
        self.tell(Text("已停止；数据留在 {home}", "Stopped; the data stays in {home}").filled(home=self.home))

    def start(self) -> None:
        """Start every part, in order, each when the one before is ready."""
        traces.check(self.settings)
        for folder in ("logs", "run"):
            (self.home / folder).mkdir(mode=0o755, parents=True, exist_ok=True)
        counts.fresh(self.run)
        environment = self._environment()
        nursery = Nursery(self.settings, environment) if nurseries.POSSIBLE and self.processes else None
        if nursery:
            self._start("nursery", nursery)
        if not self.settings.database_url:
            self.tell(Text("启动 PostgreSQL…", "Starting PostgreSQL…"))
            self._start("postgres", postgres.Server(self.home))
        if not self.settings.nats_url:
            self.tell(Text("启动 NATS（JetStream 与 MQTT）…", "Starting NATS (JetStream and MQTT)…"))
            self._start("nats", nats.Server(self.settings))
        log = self.home / "logs" / "standing.log"
        groundwork = Groundwork(nursery, environment, log, self.tell, lambda: self.stopping)
        try:
            groundwork.until("prepared")
            for name in self.processes:
                if not self.stopping:
                    self._start(name, Own(name, self.settings, environment, nursery))
            if "web" in self.parts:
                self._await_web()
            if "worker" in self.parts:
                groundwork.until("open")
        finally:
            groundwork.end()
        self._write(ready=True)

    def add(self, name: str, part: Part) -> None:
        """Start one more part, watched like the others and stopped before them."""
        if not self.stopping:
            self._start(name, part)
            self._write(ready=True)

    def down(self) -> None:
        """Stop every part, the ones that others stand on last."""
        for part in reversed(self.parts.values()):
            part.stop()
        (self.run / "state.json").unlink(missing_ok=True)
        counts.drop(self.run)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _environment(self) -> dict[str, str]:
        return os.environ | {
            "YONG_HOME": str(self.home),
            "YONG_HTTP_PORT": str(self.settings.http_port),
            "YONG_MQTT_PORT": str(self.settings.mqtt_port),
            "YONG_NATS_PORT": str(self.settings.nats_port),
            "YONG_TCP_PORTS": self.settings.tcp_ports,
            "YONG_DEMO": str(self.settings.demo).lower(),
            "PROMETHEUS_MULTIPROC_DIR": str(self.run / "metrics"),
            "PYTHONUNBUFFERED": "1",
        }

    def _start(self, name: str, part: Part) -> None:
        part.start()
        self.parts[name] = part
        self._stands(name)
        self.restarts.setdefault(name, 0)
        self._write()

    def _stands(self, name: str) -> None:
        self.since[name], self.began[name] = time.time(), time.monotonic()

    def _watch(self) -> None:
        if self._unwritten:
            self._write(ready=True)
        for name, part in self.parts.items():
            if self.stopping or part.process is None or part.process.poll() is None:
                continue
            now = time.monotonic()
            if now < self.next_try.get(name, 0):
                continue
            if isinstance(part, Own) and part.nursery and part.nursery.loading:
                continue  # soon it forks it
            self.restarts[name] += 1
            for gauge in (self.run / "metrics").glob(f"gauge_live*_{part.process.pid}.db"):
                gauge.unlink()  # what it gauged ended with it
            steady = now - self.began[name] > _STEADY_S
            falls = self.falls[name] = 1 if steady else self.falls.get(name, 0) + 1
            self.next_try[name] = now + min(30.0, 0.25 * 2 ** min(falls, 7))
            self._say(
                Text(
                    "{name} 意外结束（{code}），重新启动（第 {n} 次）",
                    "{name} ended unexpectedly ({code}), starting it again (no. {n})",
                ).filled(name=name, code=part.process.returncode, n=self.restarts[name])
            )
            if falls >= _LOOP and falls % _LOOP == 0:
                self._say(
                    Text(
                        "{name} 反复结束（连续 {n} 次），见 {log}",
                        "{name} keeps ending ({n} times in a row), see {log}",
                    ).filled(name=name, n=falls, log=self.home / "logs" / f"{name}.log")
                )
            if isinstance(part, postgres.Server):
                part.release()
            try:
                part.start()
                self._stands(name)
            except (Refused, OSError) as error:
                self._say(Text(f"{name}：{error}", f"{name}: {error}"))
            self._write(ready=True)
        child.bury_others({part.process.pid for part in self.parts.values() if part.process})

    def _look_after_bus(self) -> None:
        """A bus that runs and stores nothing any more, though the disk has room again, is ended to be started."""
        bus = self.parts.get("nats")
        if not isinstance(bus, nats.Server) or time.monotonic() < self._next_look or self.stopping:
            return
        self._next_look = time.monotonic() + _LOOK_S
        try:
            why = bus.broken()
        except OSError:  # its folder is gone, and it will be started anew
            return
        if why:
            self._say(
                Text(
                    "nats 已不能存储，重新启动：{why}", "nats stores nothing any more, it starts again: {why}"
                ).filled(why=why)
            )
            bus.stop()

    def _say(self, text: Text) -> None:
        """Tell, if it can be told: where the words go may be a file on a full disk."""
        with contextlib.suppress(OSError):
            self.tell(text)

    def _await_web(self, wait_s: float = 60) -> None:
        deadline = time.monotonic() + wait_s
        web = self.parts["web"]
        while time.monotonic() < deadline and not self.stopping:
            assert web.process is not None
            if web.process.poll() is not None:
                break
            if _answers(self.settings):
                return
            time.sleep(0.1)
        if not self.stopping:
            raise Refused(
                Text("HTTP 未能启动，见 {log}", "HTTP did not start, see {log}"),
                log=self.home / "logs" / "web.log",
            )

    def _hold(self) -> None:
        self.run.mkdir(parents=True, exist_ok=True)
        self._lock = os.open(self.run / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._lock)
            self._lock = None
            raise Refused(
                Text("{home} 的 yong 已在运行", "yong is running already in {home}"), home=self.home
            ) from None

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.stopping = True

    def _write(self, ready: bool = False) -> None:
        """Write the state file; what runs goes on where that fails (a full disk), and it is written later."""
        scheme = "https" if self.settings.tls_certificate else "http"
        state = State(
            supervisor=os.getpid(),
            started=self.started,
            http=f"{scheme}://{self.settings.http_host}:{self.settings.http_port}",
            mqtt=f"{self.settings.mqtt_host}:{self.settings.mqtt_port}",
            nats=self.settings.nats_port,
            ready=ready,
            parts={
                name: PartState(
                    pid=part.process.pid if part.process else 0,
                    restarts=self.restarts[name],
                    since=self.since[name],
                    failing=self.falls.get(name, 0) >= _LOOP
                    and time.monotonic() - self.began[name] < _STEADY_S,
                )
                for name, part in self.parts.items()
            },
        )
        fresh = self.run / "state.json.new"
        try:
            fresh.write_bytes(msgspec.json.encode(state))
            fresh.replace(self.run / "state.json")
            self._unwritten = False
        except OSError:
            self._unwritten = True


def state(home: Path) -> State | None:
    """What the running supervisor of a home last wrote; None when none runs."""
    try:
        return msgspec.json.decode((home / "run" / "state.json").read_bytes(), type=State)
    except (OSError, msgspec.MsgspecError):
        return None


def erase(settings: Settings) -> None:
    """Delete everything an install keeps, except `yong.toml`. Raises Refused while it runs."""
    running = state(settings.home)
    if running and psutil.pid_exists(running.supervisor):
        raise Refused(
            Text("{home} 的 yong 正在运行，请先停止", "yong is running in {home}; stop it first"),
            home=settings.home,
        )
    counts.drop(settings.home / "run")
    folder = postgres.Server(settings.home).settled()
    for path in [folder, *(settings.home.iterdir() if settings.home.is_dir() else ())]:
        if path.name == "yong.toml":
            continue
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def with_ports(settings: Settings) -> Settings:
    """The settings with every port of 0 replaced by a free one."""
    chosen = {
        name: _free_port() for name in ("http_port", "mqtt_port", "nats_port") if getattr(settings, name) == 0
    }
    listeners = {name: port or _free_port() for name, port in settings.listeners.items()}
    tcp_ports = ", ".join(f"{name}={port}" for name, port in listeners.items())
    return msgspec.structs.replace(settings, **chosen, tcp_ports=tcp_ports)


def _free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def _answers(settings: Settings) -> bool:
    host = settings.http_host.replace("0.0.0.0", "127.0.0.1")  # noqa: S104  # where to look, not where to listen
    try:
        with socket.create_connection((host, settings.http_port), 1):
            return True
    except OSError:
        return False
