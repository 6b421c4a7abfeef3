"""Where the processes of an install keep what they count, for `/metrics`: in memory, where there is some.

prometheus_client maps its files. One that finds no room on its disk ends its process (SIGBUS), which then could not
even say that the disk is full.
"""

import os
import shutil
import tempfile
from pathlib import Path

_MEMORY = Path("/dev/shm")  # noqa: S108  # a folder of an unguessable name is made in it, for us alone


def fresh(run: Path) -> Path:
    """An empty folder at `run`/metrics; what the processes of a former start counted is gone."""
    drop(run)
    folder = run / "metrics"
    if os.access(_MEMORY, os.W_OK):
        folder.symlink_to(tempfile.mkdtemp(prefix="yong-metrics-", dir=_MEMORY))
    else:
        folder.mkdir()
    return folder


def drop(run: Path) -> None:
    """Remove the folder and what is in it."""
    folder = run / "metrics"
    shutil.rmtree(folder.resolve(), ignore_errors=True)
    if folder.is_symlink():
        folder.unlink()
