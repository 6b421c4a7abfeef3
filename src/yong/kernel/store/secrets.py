"""Secrets an install makes for itself: one file each, made once, readable by its owner alone."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path


def secret(home: Path, name: str, make: Callable[[], str] = lambda: secrets.token_urlsafe(32)) -> str:
    """The secret `name` of an install, made by `make` the first time, whichever process asks first."""
    folder = home / "secrets"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / name
    if not path.exists():
        fresh = folder / f".{name}.{os.getpid()}.{secrets.token_hex(4)}"
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(make())
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(fresh, path)  # fails if another process was first: its secret counts
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text("utf-8")
