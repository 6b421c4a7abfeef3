"""Content as it lies in the home folder: each file once, under its SHA-256, never changed.

What comes is written to `incoming`, synced, and only then given its name; the row that refers to it is committed after
that. Whoever commits such a row holds `claim` of the content, and whoever takes content away holds it alone, so nothing
goes that somebody is about to refer to.
"""

import asyncio
import hashlib
import os
import shutil
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path

import msgspec

from yong.kernel.base.errors import Conflict, Malformed, TooLarge, Unavailable
from yong.kernel.base.ids import new_id
from yong.kernel.base.text import Text
from yong.kernel.documents.contracts import FREE_BYTES, PART_WITHIN_S
from yong.kernel.store.database import Connection

FOLDER = "documents"  # in the home
BLOBS, INCOMING, THUMBNAILS = "blobs", "incoming", "thumbnails"
LOCK = 0x59444F43  # of whoever takes content away, and of a backup
_CLAIM = 0x5944
_PIECE = 1 << 20
_LEFT_S = 2 * 86_400
_LARGE = Text("文件超过 {n} MiB", "The file is over {n} MiB")
_FULL = Text("磁盘空间不足，暂不接收文件", "The disk is nearly full: no file is taken now")
_SLOW = Text("文件未能及时送达", "The file did not arrive in time")
_EMPTY = Text("文件是空的", "The file is empty")
_GONE = Text("文件内容缺失，请联系管理员", "The content is missing; tell the administrator")


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """A file that has come, synced, and has no name yet."""

    path: Path
    bytes: int
    sha256: str


def file_of(home: Path, digest: str) -> Path:
    """Where content lies."""
    return home / FOLDER / BLOBS / digest[:2] / digest


def incoming(home: Path) -> Path:
    """The folder of what is on its way, made where it is not there."""
    return _made(home / FOLDER / INCOMING)


def room(home: Path) -> None:
    """Raises Unavailable where the disk is nearly full."""
    if shutil.disk_usage(incoming(home)).free < FREE_BYTES:
        raise Unavailable(_FULL)


async def take(home: Path, content: bytes | AsyncIterator[bytes], most: int) -> Taken:
    """Write what comes to a file and sync it. Raises TooLarge, Malformed where nothing comes for a minute, Unavailable."""
    await asyncio.to_thread(room, home)
    path = incoming(home) / f"{new_id()}.part"
    digest, size = hashlib.sha256(), 0
    try:
        with path.open("xb") as file:
            async for chunk in _timely(_pieces(content) if isinstance(content, bytes) else content):
                size += len(chunk)
                if size > most:
                    raise TooLarge(_LARGE, n=most >> 20)
                digest.update(chunk)
                await asyncio.to_thread(file.write, chunk)
            if not size:
                raise Malformed(_EMPTY)
            file.flush()
            await asyncio.to_thread(os.fsync, file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return Taken(path=path, bytes=size, sha256=digest.hexdigest())


async def _pieces(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), _PIECE):
        yield content[start : start + _PIECE]


async def _timely(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    while True:
        try:
            async with asyncio.timeout(PART_WITHIN_S):
                chunk = await anext(chunks)
        except StopAsyncIteration:
            return
        except TimeoutError:
            raise Malformed(_SLOW) from None
        yield chunk


def digest_of(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


async def claim(connection: Connection, digest: str) -> None:
    """For the rest of the transaction content of that digest stays. Any number may claim the same."""
    await connection.execute("SELECT pg_advisory_xact_lock_shared($1, $2)", _CLAIM, _word(digest))


async def claim_alone(connection: Connection, digest: str) -> bool:
    """For the rest of the transaction nobody else claims content of that digest; False where somebody does."""
    return bool(await connection.fetchval("SELECT pg_try_advisory_xact_lock($1, $2)", _CLAIM, _word(digest)))


def _word(digest: str) -> int:
    return int.from_bytes(bytes.fromhex(digest[:8]), "big", signed=True)


def settle(home: Path, taken: Taken) -> None:
    """Give what was taken its name for good, on the disk. Whoever calls has claimed it."""
    target = file_of(home, taken.sha256)
    _made(target.parent)
    if target.exists():
        os.utime(target)
        taken.path.unlink()
        return
    taken.path.chmod(0o600)
    taken.path.replace(target)
    _sync(target.parent)


def drop(home: Path, digest: str) -> None:
    """Take content away, and the thumbnails made of it. Whoever calls has claimed it alone."""
    for small in (home / FOLDER / THUMBNAILS / digest[:2]).glob(f"{digest}-*"):
        small.unlink(missing_ok=True)
    file_of(home, digest).unlink(missing_ok=True)


def clear_incoming(home: Path) -> None:
    """Take away what lies in `incoming` for two days, of uploads for four: whoever wrote it was cut off."""
    now = time.time()
    for path in incoming(home).iterdir():
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < now - _LEFT_S * (2 if path.suffix == ".upload" else 1):
                path.unlink()


def every(home: Path) -> Iterator[tuple[str, float]]:
    """All content that lies here: its digest, and for how many seconds nobody has kept it anew."""
    now = time.time()
    for path in sorted((home / FOLDER / BLOBS).glob("[0-9a-f][0-9a-f]/*")):
        try:
            yield path.name, now - path.stat().st_mtime
        except FileNotFoundError:
            continue


class Opened:
    """Content that is open for reading; closed when nobody holds it any more."""

    _handle: int | None = None

    def __init__(self, path: Path) -> None:
        try:
            self._handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            raise Conflict(_GONE) from None
        self.size = os.fstat(self._handle).st_size

    def __del__(self) -> None:
        if self._handle is not None:
            os.close(self._handle)

    def read(self, offset: int, length: int) -> bytes:
        """A part of its bytes, at most to its end."""
        assert self._handle is not None
        return os.pread(self._handle, length, offset)


def _made(folder: Path) -> Path:
    """A folder of the home, there for good."""
    if not folder.is_dir():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _sync(folder.parent)
    return folder


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
