"""Files that come part by part, as from a phone on a bad network (tus 1.0.0).

What counts as received was synced and written down before it was said. A part that is cut off counts up to where it came,
but for the last few megabytes of a process that was killed. The file's own lock keeps two parts of one file apart.
"""

import asyncio
import base64
import binascii
import fcntl
import hashlib
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import msgspec

from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import Conflict, Invalid, Malformed, NotFound, TooLarge, TooMany
from yong.kernel.base.ids import new_id
from yong.kernel.base.text import Text
from yong.kernel.documents import blobs, store
from yong.kernel.documents.blobs import Taken
from yong.kernel.documents.contracts import PART_WITHIN_S, UPLOADS_AT_ONCE, About, ChecksumMismatch, Upload
from yong.kernel.documents.service import keeping, rights
from yong.kernel.store.database import Database, Row

ALGORITHMS = ("sha256", "sha1", "md5")
_CHECKPOINT = 4 << 20
_LARGE = Text("文件超过 {n} MiB", "The file is over {n} MiB")
_MANY = Text("未完成的上传超过 {n} 个", "More than {n} uploads are not finished")
_ELSEWHERE = Text("已收到 {have} 字节，应从该处继续", "{have} bytes are here: go on from there")
_BUSY = Text("该文件的另一部分正在接收", "Another part of the file is being received")
_BEYOND = Text("超出声明的长度 {n}", "It is longer than the {n} bytes that were announced")
_CHECKSUM = Text(
    "Upload-Checksum 应为“算法 值（Base64）”，算法为 {known}",
    "Upload-Checksum is an algorithm ({known}) and a value in Base64",
)
_DONE = Text("文件已收完", "The file is here already")


async def begin(city: City, caller: Caller, about: About, length: int) -> Upload:
    """Announce a file. Raises what keeping it would raise, TooLarge, TooMany, Unavailable."""
    about, media, _ = await keeping.prepared(city, caller, about)
    most = media.most_bytes(city.settings)
    if length > most:
        raise TooLarge(_LARGE, n=most >> 20)
    await asyncio.to_thread(blobs.room, city.settings.home)
    id_ = new_id()
    async with city[Database].transaction() as connection:
        if not await store.begin(connection, id_, caller.account, about, length, UPLOADS_AT_ONCE):
            raise TooMany(_MANY.filled(n=UPLOADS_AT_ONCE), retry_after_s=60)
    row = await store.upload(city[Database], id_, caller.account)
    assert row is not None
    return _shown(row)


async def standing(city: City, caller: Caller, id: str) -> Upload:
    """How far a file of one's own is; one that is here and was not written down yet is. Raises NotFound."""
    row = await _own(city, caller, id)
    if row["received"] == row["length"] and row["finished_at"] is None:
        with _held(_part(city, id)):
            await _finish(city, caller, await _own(city, caller, id))
        row = await _own(city, caller, id)
    return _shown(row)


async def receive(
    city: City, caller: Caller, id: str, offset: int, chunks: AsyncIterator[bytes], checksum: str | None
) -> Upload:  # fmt: skip
    """Take a part that begins at `offset`; with the last one the file becomes a document.

    Raises Conflict where the part does not begin where the file ends or another one is on its way, ChecksumMismatch (no
    byte of it counts), TooLarge, Invalid where the whole is refused (it is forgotten then), NotFound.
    """
    wanted = _wanted(checksum)
    path = _part(city, id)
    row = await _own(city, caller, id)
    if row["finished_at"] is not None:
        raise Conflict(_DONE)
    with _held(path) as file:
        row = await _own(city, caller, id)  # as it is now that it is ours
        if row["finished_at"] is not None:
            raise Conflict(_DONE)
        if offset != row["received"]:
            raise Conflict(_ELSEWHERE, have=row["received"])
        if (
            file.seek(0, os.SEEK_END) < offset
        ):  # the disk has lost what was said to be here: a restored install
            await store.forget(city[Database], [id])
            raise NotFound
        file.truncate(offset)
        file.seek(offset)
        await _write(city, row, file, chunks, wanted)
        row = await _own(city, caller, id)
        if row["received"] == row["length"]:
            await _finish(city, caller, row)
    return _shown(await _own(city, caller, id))


async def _write(
    city: City, row: Row, file: IO[bytes], chunks: AsyncIterator[bytes], wanted: tuple[Any, bytes] | None
) -> None:
    """Write what comes; what came before the sender was cut off counts, unless there is a checksum of the whole part."""
    at = noted = row["received"]
    try:
        async for chunk in _timely(chunks):
            if at + len(chunk) > row["length"]:
                raise TooLarge(_BEYOND, n=row["length"])
            await asyncio.to_thread(file.write, chunk)
            at += len(chunk)
            if wanted is not None:
                wanted[0].update(chunk)
            elif at - noted >= _CHECKPOINT:
                noted = await _note(city, row, file, at)
    except BaseException:
        if wanted is None and at > noted:
            await asyncio.shield(_note(city, row, file, at))
        raise
    if wanted is not None and wanted[0].digest() != wanted[1]:
        file.truncate(row["received"])
        raise ChecksumMismatch
    await _note(city, row, file, at)


async def _note(city: City, row: Row, file: IO[bytes], at: int) -> int:
    file.flush()
    await asyncio.to_thread(os.fsync, file.fileno())
    await store.received(city[Database], row["id"], at)
    return at


async def _timely(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """What comes, until nothing does for a while: then the part has ended."""
    while True:
        try:
            async with asyncio.timeout(PART_WITHIN_S):
                yield await anext(chunks)
        except (StopAsyncIteration, TimeoutError):
            return


async def _finish(city: City, caller: Caller, row: Row) -> None:
    """Make a document of a file that is here, under the rights that its sender has now."""
    if row["finished_at"] is not None:
        return
    path = _part(city, row["id"])
    about, _, filename = await keeping.prepared(city, caller, msgspec.convert(row["about"], About))
    whole = path.with_name(f"{new_id()}.part")
    os.link(path, whole)  # what is given away; the lock stays with the other name
    digest = await asyncio.to_thread(blobs.digest_of, whole)
    taken = Taken(path=whole, bytes=row["length"], sha256=digest)
    try:
        await keeping.written(city, caller, row["id"], about, filename, taken, then=store.finish)
    except (Invalid, TooLarge):
        await store.forget(city[Database], [row["id"]])
        path.unlink(missing_ok=True)
        raise
    path.unlink(missing_ok=True)


async def end(city: City, caller: Caller, id: str) -> None:
    """Forget a file of one's own that is on its way. Raises NotFound, Conflict while a part comes or when it is a document."""
    row = await _own(city, caller, id)
    if row["finished_at"] is not None:
        raise Conflict(_DONE)
    path = _part(city, id)
    with _held(path):
        await store.forget(city[Database], [id])
        path.unlink(missing_ok=True)


async def tidy(city: City) -> int:
    """Forget what nobody goes on with, and what lies in `incoming` and belongs to nobody; how many uploads."""
    gone = await store.expired(city[Database])
    for id_ in gone:
        _part(city, id_).unlink(missing_ok=True)
    await store.forget(city[Database], gone)
    await asyncio.to_thread(blobs.clear_incoming, city.settings.home)
    return len(gone)


def _part(city: City, id: str) -> Path:
    return blobs.incoming(city.settings.home) / f"{id}.upload"


async def _own(city: City, caller: Caller, id: str) -> Row:
    rights.some(city, caller, "documents.keep")
    row = await store.upload(city[Database], id, caller.account) if _well_formed(id) else None
    if row is None:
        raise NotFound
    return row


def _well_formed(id: str) -> bool:
    return len(id) == 36 and id.replace("-", "").isalnum() and id.isascii()


def _shown(row: Row) -> Upload:
    return Upload(
        id=row["id"], length=row["length"], received=row["received"], expires_at=row["expires_at"],
        document=row["id"] if row["finished_at"] else None,
    )  # fmt: skip


@contextmanager
def _held(path: Path) -> Iterator[IO[bytes]]:
    """The file of an upload for this process's request alone; freed also where the process is killed. Raises Conflict."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "r+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict(_BUSY) from None
        yield file


def _wanted(checksum: str | None) -> tuple[Any, bytes] | None:
    if checksum is None:
        return None
    name, _, value = checksum.partition(" ")
    if name not in ALGORITHMS:
        raise Malformed(_CHECKSUM, known=", ".join(ALGORITHMS))
    try:
        return hashlib.new(name, usedforsecurity=False), base64.b64decode(value, validate=True)
    except binascii.Error:
        raise Malformed(_CHECKSUM, known=", ".join(ALGORITHMS)) from None
