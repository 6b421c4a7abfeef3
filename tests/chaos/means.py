"""What some faults need of the machine: a small file system to fill, and a clock that can be set."""

import contextlib
import errno
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

_CHUNK = 1 << 20


class Impossible(Exception):
    """This machine does not have what a fault needs, or does not let us use it."""


@contextlib.contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[None]:
    """A file system of this size (tmpfs) at `folder` for as long as the block lasts. Raises Impossible."""
    if os.geteuid() or not shutil.which("mount"):
        raise Impossible("only root may mount a small file system")
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0755", "tmpfs", str(folder)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Impossible(f"a small file system cannot be mounted: {done.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=False)


class Ballast:
    """A file that takes all the room that a file system has left."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "ballast"

    def fill(self) -> int:
        """Take what is free, to the last byte; the bytes taken."""
        taken = 0
        size = _CHUNK
        with self.path.open("ab", buffering=0) as file:
            while size:
                try:
                    taken += file.write(bytes(size))
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise
                    size //= 2
        return taken

    def empty(self) -> None:
        """Give it back."""
        self.path.unlink()


class Clock:
    """The wall clock of the programs that run under libfaketime: ours and PostgreSQL, in C and Python.

    NATS is a static program that asks the kernel itself: its clock goes on. Nobody's monotonic clock is touched,
    as with a real change of the time.
    """

    def __init__(self, file: Path) -> None:
        library = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
        if library is None:
            raise Impossible("libfaketime is absent (Debian: faketime)")
        self._file = file
        self.environment = {
            "LD_PRELOAD": str(library),
            "FAKETIME_TIMESTAMP_FILE": str(file),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
        }
        self.jump(0)

    def jump(self, seconds: int) -> None:
        """Let the clock go this much ahead of the real one from now on; within a second everybody sees it."""
        fresh = self._file.with_suffix(".new")
        fresh.write_text(f"{seconds:+d}\n")
        fresh.chmod(0o644)
        fresh.replace(self._file)
