"""A process that has loaded all our code and forks the others from itself: they live at once, and share its memory.

Loading takes seconds of a processor: four processes did it for themselves at every start, and a killed one before it served
again. What is forked has done nothing but import: no loop, no connection and no thread of ours.

The supervisor asks over a socket, by name, and hears the number of the new process. That is a child of the supervisor like
every other part: the one between them ends at once, and orphans come to who asked for them. So it is watched and dies
with the supervisor, and the nursery may die without harm. Only Linux knows this; elsewhere every process loads for itself.
"""

import gc
import os
import select
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from typing import NoReturn

from yong.app.loading import uncollected
from yong.kernel.base.settings import Settings
from yong.kernel.store import child

POSSIBLE = sys.platform.startswith("linux")
_LOADED_WITHIN_S, _ADOPTED_WITHIN_S = 60.0, 10.0
_WORD = 32  # bytes, at most: a name, or a number
_LOADED = b"loaded"


class Nursery:
    """The nursery as a part of an install."""

    command: Sequence[str] = (sys.executable, "-m", "yong.app.main", "nursery")

    def __init__(self, settings: Settings, environment: dict[str, str]) -> None:
        self.log = settings.home / "logs" / "nursery.log"
        self.environment = environment
        self.process: child.Child | None = None
        self._line: socket.socket | None = None
        self._loaded = False

    def start(self) -> None:
        """Start it; it loads meanwhile, and answers when it has."""
        child.adopt_orphans()
        self._close()
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._line.settimeout(_LOADED_WITHIN_S)
        self._loaded = False
        with theirs:
            self.process = child.start(
                self.command,
                self.log,
                environment=self.environment,
                stdin=theirs.fileno(),
            )

    @property
    def loading(self) -> bool:
        """Whether it lives and has not loaded yet: to wait for it is quicker than to load beside it."""
        if self._loaded or self._line is None or self.process is None or self.process.poll() is not None:
            return False
        if not select.select([self._line], [], [], 0)[0]:
            return True
        self._loaded = self._line.recv(_WORD) == _LOADED
        return False

    def fork(self, name: str, output: int, errors: int) -> child.Adopted | None:
        """A new process that runs NAME and writes to these files, a child of ours; None when the nursery does not answer."""
        if self._line is None or self.process is None or self.process.poll() is not None:
            return None
        try:
            if not self._loaded:
                self._loaded = self._line.recv(_WORD) == _LOADED
            socket.send_fds(self._line, [name.encode()], [output, errors])
            said = self._line.recv(_WORD)
        except OSError:
            said = b""
        if not said:
            self._close()  # what it says later is no answer to the next question
            self.process.kill()
            return None
        return child.Adopted(int(said))

    def stop(self) -> None:
        self._close()
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait(5)

    def _close(self) -> None:
        if self._line:
            self._line.close()
            self._line = None


def serve(settings: Callable[[], Settings], load: Callable[[Settings], None]) -> str | None:
    """Load everything and fork what is asked for; in a forked process, the name of what it is to run.

    Reads from standard input, which is a socket. None when whoever asked is gone.
    """
    asker = os.getppid()
    name, files = "", list[int]()
    with socket.socket(fileno=os.dup(0)) as line:
        with uncollected():
            load(settings())
        gc.freeze()  # what is loaded stays: looking at it would only copy the pages that are shared
        line.sendall(_LOADED)
        while True:
            said, files, _, _ = socket.recv_fds(line, _WORD, 2)
            name = said.decode()
            number = _fork() if name else None
            if number is None:
                break
            for file in files:
                os.close(file)
            line.sendall(b"%d" % number)
    if name:
        _begin(name, asker, files)
    return name or None


def live(work: Callable[[], None]) -> NoReturn:
    """Work as a forked process, and end as one: without what libraries do at the end for threads that only the nursery has.

    DuckDB makes one when it is imported, and would wait for it.
    """
    code: object = 0
    try:
        work()
    except SystemExit as end:
        code = end.code
    except BaseException:
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else int(code is not None))


def _fork() -> int | None:
    """Fork a process that is nobody's child; its number, or None in itself."""
    readable, writable = os.pipe()
    between = os.fork()
    if between == 0:
        born = os.fork()
        if born == 0:
            os.close(readable)
            os.close(writable)
            return None
        os.write(writable, b"%d" % born)
        os._exit(0)
    os.close(writable)
    try:
        number = int(os.read(readable, _WORD))
    finally:
        os.close(readable)
        os.waitpid(between, 0)
    return number


def _begin(name: str, parent: int, files: Sequence[int]) -> None:
    """Make of a forked process what one that was started is: its session, its output, its name, its end with its parent."""
    os.setsid()
    until = time.monotonic() + _ADOPTED_WITHIN_S
    while os.getppid() != parent:
        if time.monotonic() > until:
            sys.exit(1)
        time.sleep(0.001)
    child.follow_parent(signal.SIGTERM)
    if os.getppid() != parent:  # it ended before we followed
        sys.exit(1)
    child.call_itself(f"yong {name}")
    nothing = os.open(os.devnull, os.O_RDWR)
    for number, to in enumerate((nothing, *files)):
        os.dup2(to, number)
    for file in (nothing, *files):
        os.close(file)
