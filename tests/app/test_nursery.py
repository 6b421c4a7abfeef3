"""Processes that a nursery forks are the supervisor's own, and harmed by nothing that befalls the nursery."""

import subprocess
import sys
from pathlib import Path

import pytest

from yong.app import nursery

# What is forked: it says its name, and ends with 5, or stays.
FORKED = """
import sys, time
from yong.app import nursery
from yong.kernel.base.settings import load
name = nursery.serve(load, lambda _: print("loaded", flush=True))
def work():
    print("I am", name, flush=True)
    time.sleep(60) if name == "stays" else sys.exit(5)
if name:
    nursery.live(work)
"""

# It adopts orphans, so it is a process of its own and not the one that runs the tests.
SUPERVISOR = """
import os, sys, time, signal
from pathlib import Path
from yong.app.nursery import Nursery
from yong.kernel.base.settings import load
settings = load({"YONG_HOME": sys.argv[1]})
Nursery.command = (sys.executable, "-c", sys.argv[2])
nursery = Nursery(settings, os.environ | {"YONG_HOME": sys.argv[1]})
def fork(name):
    with Path(sys.argv[1], "logs", f"{name}.log").open("ab") as log:
        return nursery.fork(name, log.fileno(), log.fileno())
assert not nursery.loading
assert fork("ends") is None, "it was not started"
nursery.start()
assert nursery.loading
while nursery.loading:
    time.sleep(0.01)
ends, stays = fork("ends"), fork("stays")
assert ends.wait(20) == 5
for name in ("ends", "stays"):
    log = Path(sys.argv[1], "logs", f"{name}.log")
    while not log.exists() or f"I am {name}" not in log.read_text():
        time.sleep(0.01)
assert Path(f"/proc/{stays.pid}/comm").read_text() == "yong stays\\n"
_, parent, _, session, *_ = Path(f"/proc/{stays.pid}/stat").read_text().rpartition(")")[2].split()
assert (int(parent), int(session)) == (os.getpid(), stays.pid)
assert sorted(os.listdir(f"/proc/{stays.pid}/fd")) == ["0", "1", "2"], "nothing of the nursery's is held open"
nursery.process.kill()
nursery.process.wait()
assert stays.poll() is None
assert not nursery.loading
assert fork("ends") is None
nursery.start()
assert fork("ends").wait(20) == 5, "it waits until it is loaded"
print(stays.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


# Orphans are adopted by prctl(PR_SET_CHILD_SUBREAPER), which is Linux's own; elsewhere no nursery is ever started.
@pytest.mark.skipif(not nursery.POSSIBLE, reason="only Linux forks from a nursery")
def test_what_is_forked_is_a_child_like_any_other(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    done = subprocess.run(
        [sys.executable, "-c", SUPERVISOR, str(tmp_path), FORKED],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == -9, done.stderr
    status = Path(f"/proc/{done.stdout.strip()}/status")
    for _ in range(100):  # it ends with the supervisor that was killed
        if not status.exists() or "Z (zombie)" in status.read_text():
            break
        subprocess.run(["sleep", "0.05"], check=True)
    else:
        pytest.fail("an orphan lives on")
