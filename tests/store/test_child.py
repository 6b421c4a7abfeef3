"""Processes that are not started by us and are ours all the same."""

import os
import signal
import subprocess
import sys
import time

import pytest

from yong.kernel.store import child


def born(code: str) -> int:
    """A child of this process that nobody waits for."""
    return os.posix_spawn(sys.executable, [sys.executable, "-c", code], os.environ)


def test_how_an_adopted_process_ends_is_known_like_that_of_any_other() -> None:
    ends, lives = (
        child.Adopted(born("raise SystemExit(3)")),
        child.Adopted(born("import time; time.sleep(60)")),
    )
    assert ends.wait(20) == 3
    assert ends.poll() == 3
    ends.send_signal(signal.SIGTERM)  # to nobody: its number may be another's by now
    assert lives.poll() is None
    with pytest.raises(subprocess.TimeoutExpired):
        lives.wait(0.05)
    lives.kill()
    assert lives.wait() == -signal.SIGKILL


def test_only_those_are_buried_that_nobody_waits_for() -> None:
    ours, another = born("raise SystemExit(4)"), born("pass")
    deadline = time.monotonic() + 20
    while True:  # once ours has ended, it is for its owner to see
        child.bury_others({ours})
        if os.waitid(os.P_PID, ours, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            break
        assert time.monotonic() < deadline
    assert child.Adopted(ours).wait() == 4
    while True:
        child.bury_others({ours})
        try:
            os.waitid(os.P_PID, another, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            break
        assert time.monotonic() < deadline
