"""The tutorial, done as a newcomer does it: every command of the page, one after the other, in one shell.

Only the ports, the home folder and the two secrets that `make demo` printed are put in place of the page's own.
"""

import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[2]
TUTORIAL = ROOT / "docs" / "tutorial"
PAGES = ("city-in-ten-minutes.md", "city-in-ten-minutes.zh.md")
END = "--- end of the step ---"


class Step(NamedTuple):
    """A block of commands and what the page says they print."""

    commands: str
    prints: str | None


def steps(page: str) -> list[Step]:
    found = re.findall(
        r"^```sh\n(.*?)^```\n(?:\n```text\n(.*?)^```)?", (TUTORIAL / page).read_text("utf-8"), re.M | re.S
    )
    return [Step(commands, prints or None) for commands, prints in found]


def matches(pattern: str, printed: str) -> bool:
    """Whether what was printed is as the page says; `…` stands for anything."""
    anything = ".*".join(re.escape(part) for part in pattern.strip().split("…"))
    return re.fullmatch(anything, printed.strip(), re.S) is not None


def test_both_languages_have_the_same_commands() -> None:
    assert steps(PAGES[0]) == steps(PAGES[1])


class Demo(NamedTuple):
    """A running demo: where, and what it printed."""

    home: Path
    ports: dict[str, int]
    environment: dict[str, str]
    printed: str


@pytest.fixture
def demo() -> Iterator[Demo]:
    home = Path(tempfile.mkdtemp(prefix="yong-tutorial-"))
    home.chmod(0o755)
    ports = {name: free_port() for name in ("HTTP", "MQTT", "NATS")}
    environment = {k: v for k, v in os.environ.items() if not k.startswith("YONG_")} | {
        "YONG_HOME": str(home),
        "YONG_LANGUAGE": "en",
        **{f"YONG_{name}_PORT": str(port) for name, port in ports.items()},
    }
    log = home / "demo.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [ROOT / ".venv/bin/yong", "demo"], cwd=ROOT, env=environment, stdout=out, stderr=out
        )
    try:
        deadline = time.monotonic() + 150
        while "Ctrl-C" not in (printed := log.read_text("utf-8", "replace")):
            assert process.poll() is None, printed
            assert time.monotonic() < deadline, printed
            time.sleep(0.2)
        yield Demo(home, ports, environment, printed)
    finally:
        process.terminate()
        process.wait(60)
        shutil.rmtree(home, ignore_errors=True)


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


class Shell:
    """One bash for all steps, so that variables stay."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            ["bash"], cwd=ROOT, env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def run(self, commands: str) -> tuple[str, int]:
        """What the commands print, without empty lines, and the last one's status."""
        assert self.process.stdin
        assert self.process.stdout
        # An answer of curl ends without a line break; on the page each is shown on a line of its own.
        shown = re.sub(r"^(curl .*)$", r"\1 && echo", commands.replace("\\\n", ""), flags=re.M)
        self.process.stdin.write(f"{shown}\nlast=$?; echo; echo '{END}' $last\n")
        self.process.stdin.flush()
        lines = []
        for line in self.process.stdout:
            if line.startswith(END):
                return "\n".join(x for x in lines if x.strip()), int(line.split()[-1])
            lines.append(line.rstrip("\n"))
        raise AssertionError("the shell ended:\n" + "\n".join(lines))

    def close(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait(30)


@pytest.mark.timeout(300)
@pytest.mark.skipif(not shutil.which("mosquitto_pub"), reason="mosquitto_pub is not installed")
def test_the_tutorial_works_as_written(demo: Demo) -> None:
    [password] = re.findall(r"account duty, password (\S+)", demo.printed)
    [secret] = re.findall(r"for an authenticator\): (\S+)", demo.printed)
    places = {
        "127.0.0.1:8080": f"127.0.0.1:{demo.ports['HTTP']}",
        "-p 1883": f"-p {demo.ports['MQTT']}",
        ".yong/": f"{demo.home}/",
        "the password that make demo printed": password,
        "the one-time code secret that it printed": secret,
    }
    shell = Shell(demo.environment)
    try:
        first, *rest = steps(PAGES[0])
        assert first == Step("make demo\n", None)  # it runs already
        for step in rest:
            commands = step.commands
            for written, real in places.items():
                commands = commands.replace(written, real)
            printed, status = shell.run(commands)
            assert status == 0, f"{commands}\n{printed}"
            if step.prints:
                assert matches(step.prints, printed), (
                    f"{commands}\nprints\n{printed}\ninstead of\n{step.prints}"
                )
    finally:
        shell.close()
