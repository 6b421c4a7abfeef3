"""A server program as a direct child: it dies with us, and we always know how it ended."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Protocol

_PR_SET_PDEATHSIG, _PR_SET_NAME, _PR_SET_CHILD_SUBREAPER = 1, 15, 36


class Child(Protocol):
    """What a part's process is asked: as Popen has it."""

    pid: int
    returncode: int | None

    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int: ...
    def send_signal(self, sig: int) -> None: ...
    def kill(self) -> None: ...


class Adopted:
    """A child that another process of ours forked, and that came to us as an orphan."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """How it ended, a signal's number below zero; None while it lives."""
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end. Raises TimeoutExpired."""
        until = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            if until is not None and time.monotonic() > until:
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
            time.sleep(0.01)
        return code

    def send_signal(self, sig: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, sig)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def die_with_parent(number: int) -> Callable[[], None]:
    """A function for the new child: the kernel sends it signal `number` when its parent ends.

    Only Linux knows this; elsewhere an orphan is found and ended at the next start.
    """
    if not sys.platform.startswith("linux"):
        return lambda: None
    libc = ctypes.CDLL(None, use_errno=True)
    parent = os.getpid()

    def arm() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, number)
        if os.getppid() not in (parent, os.getpid()):  # it ended before we were armed
            os._exit(1)

    return arm


def follow_parent(number: int = signal.SIGKILL) -> None:
    """Have this process sent a signal when its parent ends: a server's worker ends with a killed server.

    Killed, not told to stop in order: one that hangs in the middle of a transaction, or waits for requests under way for
    ever, would keep its locks from those who took its place, and nobody would be there to see to it.
    """
    _prctl(_PR_SET_PDEATHSIG, number)


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent ends. Linux alone."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def call_itself(name: str) -> None:
    """The name under which this process is listed, up to 15 bytes."""
    _prctl(_PR_SET_NAME, ctypes.c_char_p(name.encode()[:15]))


def bury_others(ours: Collection[int]) -> None:
    """Take note of the end of adopted orphans that nobody waits for: all children but these."""
    with contextlib.suppress(ChildProcessError):
        while (ended := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)) is not None:
            if ended.si_pid in ours:
                return  # whoever waits for it takes it away first
            os.waitpid(ended.si_pid, 0)


def _prctl(option: int, value: object) -> None:
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None, use_errno=True).prctl(option, value)


def start(
    command: Sequence[str],
    log: Path,
    *,
    user: str | None = None,
    on_orphaned: int = signal.SIGTERM,
    environment: dict[str, str] | None = None,
    stdin: int = subprocess.DEVNULL,
    stdout: int | None = None,
) -> subprocess.Popen[bytes]:
    """Start a program in its own session, its output appended to `log` or going to `stdout`, privileges dropped to `user`."""
    with log.open("ab") as output:
        return subprocess.Popen(
            list(command),
            user=user,
            group=None if user is None else _group(user),
            extra_groups=None if user is None else [],
            stdin=stdin,
            stdout=output if stdout is None else stdout,
            stderr=output,
            start_new_session=True,
            preexec_fn=die_with_parent(on_orphaned),  # the caller runs no threads
            env=environment,
            cwd="/" if user else None,
        )


def _group(user: str) -> int:
    import pwd

    return pwd.getpwnam(user).pw_gid
