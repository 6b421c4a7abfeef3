"""The supervisor: a dead part starts again with back-off, a crash loop is told, parts stop in order."""

import contextlib
import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import psutil
import pytest
from tests.chaos.means import Ballast, Impossible, small_disk

from yong.app import condition, counts
from yong.app.supervise import Process, Supervisor, state
from yong.kernel.base.errors import Refused
from yong.kernel.base.settings import load
from yong.kernel.base.text import Text


class Child(Process):
    """A part that runs a line of Python."""

    def __init__(self, name: str, supervisor: Supervisor, code: str) -> None:
        super().__init__(name, supervisor.settings, dict(os.environ))
        self.code = code

    def start(self) -> None:
        self.launch([sys.executable, "-c", self.code])


LIVES = "import time; time.sleep(60)"
DIES = "raise SystemExit(3)"


class Bench:
    """A supervisor over parts of a test's own, watched by hand."""

    def __init__(self, folder: Path) -> None:
        self.said: list[Text] = []
        self.supervisor = Supervisor(load({"YONG_HOME": str(folder)}), self.said.append, ())
        self.home = self.supervisor.home
        for name in ("logs", "run"):
            (self.home / name).mkdir(parents=True)

    def add(self, name: str, code: str) -> Child:
        child = Child(name, self.supervisor, code)
        self.supervisor.add(name, child)
        return child

    def watch(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.supervisor._watch()
            time.sleep(0.02)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path / "home")
    yield bench
    bench.supervisor.down()


def test_a_dead_part_starts_again_and_is_told_of(bench: Bench) -> None:
    one, other = bench.add("one", LIVES), bench.add("other", LIVES)
    assert one.process is not None
    assert other.process is not None
    first, untouched = one.process.pid, other.process.pid
    one.process.kill()
    bench.watch(0.5)
    assert one.process.pid != first
    assert one.process.poll() is None
    assert other.process.pid == untouched
    held = state(bench.home)
    assert held is not None
    assert (held.parts["one"].restarts, held.parts["one"].pid) == (1, one.process.pid)
    assert held.parts["other"].restarts == 0
    assert "one ended unexpectedly (-9)" in bench.said[-1].en
    assert not held.parts["one"].failing


LISTENS = """
import os, time
from prometheus_client import Gauge
Gauge("lines", "open lines", multiprocess_mode="livesum").set(7)
time.sleep(60)
"""


def test_what_a_dead_part_gauged_is_not_counted_any_more(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    metrics = bench.home / "run" / "metrics"
    metrics.mkdir()
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(metrics))

    def gauged() -> set[int]:
        return {int(file.stem.rpartition("_")[2]) for file in metrics.glob("gauge_*")}

    def wait(pid: int) -> None:
        until = time.monotonic() + 10
        while gauged() != {pid}:
            assert time.monotonic() < until, gauged()
            bench.watch(0.05)

    one = bench.add("one", LISTENS)
    assert one.process is not None
    wait(one.process.pid)
    one.process.kill()
    bench.watch(0.5)
    wait(one.process.pid)


def test_a_full_disk_ends_no_process_that_counts(tmp_path: Path) -> None:
    code = "from prometheus_client import Counter; Counter('x', 'y').inc(); print('counted')"
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(small_disk(tmp_path, 4))
        except Impossible as why:
            pytest.skip(str(why))
        for _ in range(2):  # the second start finds what the first left
            folder = counts.fresh(tmp_path)
            assert list(folder.iterdir()) == []
            ballast = Ballast(tmp_path)
            ballast.fill()
            environment = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(folder)}
            ran = subprocess.run(
                [sys.executable, "-c", code], env=environment, capture_output=True, check=False
            )
            assert (ran.returncode, ran.stdout) == (0, b"counted\n"), ran.stderr
            assert len(list(folder.iterdir())) == 1
            ballast.empty()
        inside = folder.resolve()
        counts.drop(tmp_path)
        assert not inside.exists()
        assert not folder.is_symlink()


def test_a_crash_loop_backs_off_and_is_reported(bench: Bench) -> None:
    bench.add("one", DIES)
    steady = bench.add("other", LIVES)
    assert steady.process is not None
    pid = steady.process.pid
    times: list[float] = []
    until = time.monotonic() + 12
    while len(times) < 5 and time.monotonic() < until:
        before = bench.supervisor.restarts["one"]
        bench.watch(0.05)
        if bench.supervisor.restarts["one"] > before:
            times.append(time.monotonic())
    waits = [b - a for a, b in pairwise(times)]
    assert len(waits) == 4
    assert all(later > earlier * 1.5 for earlier, later in pairwise(waits)), waits
    assert "one keeps ending (5 times in a row)" in " ".join(t.en for t in bench.said)
    assert "one 反复结束" in " ".join(t.zh for t in bench.said)
    held = state(bench.home)
    assert held is not None
    assert held.parts["one"].failing
    assert steady.process.pid == pid  # nobody else suffers
    part = next(p for p in condition._processes(bench.supervisor.settings) if p.name == "one")
    assert not part.healthy
    assert "keeps ending" in part.detail.en


def test_a_part_that_stood_long_starts_again_at_once(bench: Bench) -> None:
    one = bench.add("one", LIVES)
    bench.supervisor.falls["one"] = 7
    bench.supervisor.began["one"] -= 60
    assert one.process is not None
    one.process.kill()
    bench.watch(0.3)
    assert one.process.poll() is None
    assert bench.supervisor.falls["one"] == 1


def test_a_part_that_dies_after_the_clock_was_set_back_starts_again_at_once(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = bench.add("one", LIVES)
    for turn in range(2):  # the second death finds a next try in the former time
        assert one.process is not None
        one.process.kill()
        bench.watch(1.5)
        assert one.process.poll() is None, f"death {turn + 1}"
        real = time.time
        monkeypatch.setattr(time, "time", lambda real=real: real() - 7200)


def test_a_full_disk_stops_no_part(bench: Bench) -> None:
    """Neither the state file nor the words can be written: what runs is watched on, and told of later."""

    def full(text: Text) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    one = bench.add("one", LIVES)
    before = state(bench.home)
    bench.supervisor.tell = full
    blocked = bench.home / "run" / "state.json.new"
    blocked.mkdir()  # cannot be written over
    assert one.process is not None
    one.process.kill()
    bench.watch(0.5)
    assert one.process.poll() is None
    assert state(bench.home) == before
    blocked.rmdir()
    bench.watch(0.1)
    held = state(bench.home)
    assert held is not None
    assert held.parts["one"].pid == one.process.pid


def test_sigterm_stops_the_last_started_first(bench: Bench, tmp_path: Path) -> None:
    order = tmp_path / "order"
    code = (
        "import signal, sys, time\n"
        "def end(*_):\n"
        f"    open({str(order)!r}, 'a').write('%s '); sys.exit()\n"
        "signal.signal(signal.SIGTERM, end); open(%r, 'w').close(); time.sleep(60)"
    )
    marks = []
    for name in ("first", "second", "third"):
        marks.append(tmp_path / f"{name}.armed")
        bench.add(name, code % (name, str(marks[-1])))
    until = time.monotonic() + 10
    while not all(m.exists() for m in marks):
        assert time.monotonic() < until
        time.sleep(0.05)
    bench.supervisor.down()
    assert order.read_text().split() == ["third", "second", "first"]
    assert state(bench.home) is None


def test_a_part_that_ignores_sigterm_is_killed(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    ready = bench.home / "armed"
    one = bench.add(
        "one",
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        f"open({str(ready)!r}, 'w').close(); time.sleep(60)",
    )
    while not ready.exists():
        time.sleep(0.02)
    assert one.process is not None
    wait = one.process.wait
    monkeypatch.setattr(one.process, "wait", lambda s: wait(min(s, 0.5)))  # patience, made short
    bench.supervisor.down()
    assert one.process.returncode == -signal.SIGKILL


def test_parts_die_with_a_killed_supervisor(tmp_path: Path) -> None:
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        bench = Bench(tmp_path / "home")
        children = [bench.add(n, LIVES) for n in ("one", "two")]
        os.write(write, " ".join(str(c.process.pid) for c in children if c.process).encode())
        time.sleep(60)
        os._exit(0)
    pids = [int(p) for p in os.read(read, 100).split()]
    assert len(pids) == 2
    left = [psutil.Process(p) for p in pids]
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    _, alive = psutil.wait_procs(left, 5)
    assert [p for p in alive if p.status() != psutil.STATUS_ZOMBIE] == []


def test_one_home_has_one_supervisor(bench: Bench) -> None:
    bench.supervisor._hold()
    second = Supervisor(bench.supervisor.settings, bench.said.append, ())
    with pytest.raises(Refused, match="running already"):
        second._hold()
