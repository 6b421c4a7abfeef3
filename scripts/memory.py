"""A folder in memory, for databases that live as long as a test run."""

import os
import shutil
from pathlib import Path

_ROOM = 3 << 30  # bytes


def folder() -> str | None:
    """Where there is room: every test copies the template, 500 files, in 0.1 s instead of 3."""
    shared = Path("/dev/shm")  # noqa: S108  # a folder of our own is made in it, with a name nobody can guess
    if shared.is_dir() and os.access(shared, os.W_OK) and shutil.disk_usage(shared).free > _ROOM:
        return str(shared)
    return None
