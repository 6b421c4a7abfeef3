"""Small pictures of photos, made once."""

import asyncio
from pathlib import Path

from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import Conflict, Invalid, NotFound, Problem
from yong.kernel.base.ids import new_id
from yong.kernel.base.kept import Flights
from yong.kernel.base.text import Text
from yong.kernel.documents import apart, blobs, thumbnails
from yong.kernel.documents.contracts import THUMBNAILS
from yong.kernel.documents.extra import need
from yong.kernel.documents.media import MEDIA
from yong.kernel.documents.service import opening, rights

WITHIN_S, MOST_BYTES, MEMORY_BYTES = 20.0, 6 << 20, 2 << 30
_SIZE = Text("应为 {sizes} 之一", "Must be one of {sizes}")
_REMOVED = Text("文件已按保管期限销毁", "The document was removed when its retention had run out")


async def thumbnail(city: City, caller: Caller, id: str, size: int) -> tuple[str, bytes]:
    """A small JPEG of a picture, and its tag. Raises NotFound for what is no picture."""
    row = await rights.reached(city, caller, "documents.open", id)
    if size not in THUMBNAILS:
        problem = Problem("/size", _SIZE.filled(sizes=", ".join(map(str, THUMBNAILS))))
        raise Invalid(None, problems=(problem,))
    if not MEDIA[row["media_type"]].picture:
        raise NotFound
    if row["removed_at"] is not None:
        raise Conflict(_REMOVED)
    digest = row["sha256"]
    file = city.settings.home / blobs.FOLDER / blobs.THUMBNAILS / digest[:2] / f"{digest}-{size}.jpg"
    await opening.told(city, caller, row, f"thumbnail {size}")
    if (made := await asyncio.to_thread(_read, file)) is None:
        flights = city.part(Flights)
        made = await flights.share(
            file, lambda: _make(city, blobs.file_of(city.settings.home, digest), file, size)
        )
    return f"{digest[:32]}-{size}", made


def _read(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return None


async def _make(city: City, source: Path, target: Path, size: int) -> bytes:
    need("PIL")
    made = await apart.run(
        city.part(apart.Turns), "thumbnails", thumbnails.Work(str(source), size),
        within_s=WITHIN_S, most_bytes=MOST_BYTES, memory_bytes=MEMORY_BYTES,
    )  # fmt: skip
    await asyncio.to_thread(_put, target, made)
    return made


def _put(target: Path, made: bytes) -> None:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = target.with_name(f".{new_id()}")
    fresh.touch(mode=0o600)
    fresh.write_bytes(made)
    fresh.replace(target)
