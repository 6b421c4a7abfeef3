"""A real, supervised install of a test's own: `yong up` in a process, with free ports."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import psutil

from yong.app.supervise import State, state
from yong.kernel.store.embedded import Server


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


class Instance:
    """One install from start to end; what it prints goes to `stdout`."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.home = folder / "home"
        self.stdout = folder / "stdout"
        self.environment = os.environ | {
            "YONG_HOME": str(self.home),
            "YONG_LANGUAGE": "en",
            "YONG_HTTP_PORT": str(free_port()),
            "YONG_MQTT_PORT": str(free_port()),
            "YONG_NATS_PORT": str(free_port()),
            "YONG_LOG_LEVEL": "debug",
            **settings,
        }
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def http_port(self) -> int:
        return int(self.environment["YONG_HTTP_PORT"])

    @property
    def mqtt_port(self) -> int:
        return int(self.environment["YONG_MQTT_PORT"])

    def up(self, wait_s: float = 60) -> None:
        began = self.stdout.stat().st_size if self.stdout.exists() else 0
        with self.stdout.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "yong.app.main", "up"],
                env=self.environment, stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
            )  # fmt: skip
        deadline = time.monotonic() + wait_s
        while time.monotonic() < deadline and self.process.poll() is None:
            if b"Ready: " in self.stdout.read_bytes()[began:]:
                return
            time.sleep(0.1)
        raise AssertionError(self.stdout.read_text("utf-8"))

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Another `yong` command on the same install."""
        return subprocess.run(
            [sys.executable, "-m", "yong.app.main", *command],
            env=self.environment, capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip

    def state(self) -> State:
        found = state(self.home)
        assert found is not None
        return found

    def status(self) -> dict[str, tuple[bool, str]]:
        """`yong status`, by part: whether it is well, and its words."""
        said = msgspec.json.decode(self.run("status", "--json").stdout)
        return {p["name"]: (p["healthy"], p["detail"]["en"]) for p in said["parts"]}

    def await_gate(self, wait_s: float = 20) -> None:
        """Wait until devices are admitted."""
        deadline = time.monotonic() + wait_s
        while not self.status()["mqtt gate"][0]:
            assert time.monotonic() < deadline, self.status()
            time.sleep(0.3)

    def passwords(self) -> dict[str, str]:
        """The one-time passwords of the first run, as printed."""
        return dict(
            re.findall(r"Made account (\S+), one-time password: (\S+) \(", self.stdout.read_text("utf-8"))
        )

    def kill(self) -> list[psutil.Process]:
        """`kill -9` the supervisor; the processes that it leaves to themselves."""
        assert self.process is not None
        assert self.process.poll() is None
        left = psutil.Process(self.process.pid).children(recursive=True)
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        return left

    def down(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(60)

    def gone(self) -> None:
        self.down()
        shutil.rmtree(Server(self.home).settled(), ignore_errors=True)
