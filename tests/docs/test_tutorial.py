"""The tutorial, done as a newcomer does it: every command of the page, one after the other, in one shell.

Only the ports, the home folder and the two secrets that `make demo` printed are put in place of the page's own.
"""

import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from shell import Shell, Step, free_port, steps

ROOT = Path(__file__).resolve().parents[2]
TUTORIAL = ROOT / "docs" / "tutorial"
PAGES = ("city-in-ten-minutes.md", "city-in-ten-minutes.zh.md")


def test_both_languages_have_the_same_commands() -> None:
    assert steps(TUTORIAL / PAGES[0]) == steps(TUTORIAL / PAGES[1])


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


@pytest.mark.timeout(300)
@pytest.mark.skipif(not shutil.which("mosquitto_pub"), reason="mosquitto_pub is not installed")
def test_the_tutorial_works_as_written(demo: Demo) -> None:
    [password] = re.findall(r"account duty, password (\S+)", demo.printed)
    [secret] = re.findall(r"for an authenticator\): (\S+)", demo.printed)
    places = {
        "127.0.0.1:8080": f"127.0.0.1:{demo.ports['HTTP']}",
        "-p 1883": f"-p {demo.ports['MQTT']}",
        "$PWD/.yong": str(demo.home),
        ".yong/": f"{demo.home}/",
        "the password that make demo printed": password,
        "the one-time code secret that it printed": secret,
    }
    first, *rest = steps(TUTORIAL / PAGES[0])
    assert first == Step("make demo\n", None)  # it runs already
    # The reader's terminal knows of the demo what the page says, and the ports that the test chose.
    shell = Shell({k: v for k, v in demo.environment.items() if k != "YONG_HOME"}, ROOT)
    try:
        shell.follow(rest, places)
    finally:
        shell.close()
