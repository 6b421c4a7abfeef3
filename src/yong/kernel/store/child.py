"""A server program as a direct child: it dies with us, and we always know how it ended."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

_PR_SET_PDEATHSIG = 1


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


def follow_parent() -> None:
    """Have this process killed when its parent ends: a server's worker ends with a killed server.

    Not told to stop in order: one that hangs in the middle of a transaction, or waits for requests under way for
    ever, would keep its locks from those who took its place, and nobody would be there to see to it.
    """
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def start(
    command: Sequence[str],
    log: Path,
    *,
    user: str | None = None,
    on_orphaned: int = signal.SIGTERM,
    environment: dict[str, str] | None = None,
    told: bool = False,
) -> subprocess.Popen[bytes]:
    """Start a program in its own session, its output appended to `log`, privileges dropped to `user`.

    With `told` its standard input is a pipe of ours.
    """
    with log.open("ab") as output:
        return subprocess.Popen(
            list(command),
            user=user,
            group=None if user is None else _group(user),
            extra_groups=None if user is None else [],
            stdin=subprocess.PIPE if told else subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=die_with_parent(on_orphaned),  # the caller runs no threads
            env=environment,
            cwd="/" if user else None,
        )


def _group(user: str) -> int:
    import pwd

    return pwd.getpwnam(user).pw_gid
