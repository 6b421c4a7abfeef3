"""What some faults need of the machine: a small file system to fill, and a clock that can be set."""

import contextlib
import errno
import os
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

COMPILER = {"cc": "gcc", "gencat": "libc6-dev"}
"""Programs and the Debian packages that have a C compiler and the headers of the C library."""

_CHUNK = 1 << 20
_SOURCE = Path(__file__).with_name("clock.c")


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
    """The wall clock of our processes and of PostgreSQL: they read it through `clock.c`, preloaded into them.

    NATS is a static program that asks the kernel itself: its clock goes on.
    """

    def __init__(self, folder: Path) -> None:
        """Make the clock in a folder that everybody may read. Raises Impossible."""
        compiler = shutil.which("cc")
        if compiler is None or not sys.platform.startswith("linux"):
            raise Impossible(
                "there is no C compiler (Debian: gcc, libc6-dev) to make a clock that can be set"
            )
        library, self._file = folder / "clock.so", folder / "clock"
        make = [compiler, "-shared", "-fPIC", "-O2", "-o", str(library), str(_SOURCE), "-ldl"]
        done = subprocess.run(make, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Impossible(f"the clock cannot be compiled: {done.stderr.strip()[-300:]}")
        self.environment = {"LD_PRELOAD": str(library), "CHAOS_CLOCK": str(self._file)}
        self._file.touch(mode=0o644)
        self.jump(0)

    def jump(self, seconds: int) -> None:
        """Let the clock go this much ahead of the real one from now on."""
        with self._file.open("r+b") as file:
            file.write(struct.pack("q", seconds))
