"""Archives of vector tiles as they lie in the home: a tile, what the archive says of itself, a part of its bytes."""

import asyncio
import gzip
import os
import zlib
from pathlib import Path
from typing import Any

import msgspec
from pmtiles import tile as pmtiles

from yong.kernel.base.errors import Unavailable
from yong.kernel.base.kept import Kept
from yong.kernel.base.text import Text
from yong.kernel.geo.static.building import archive_file
from yong.kernel.geo.static.contracts import ARCHIVES_OPEN, DIRECTORIES_KEPT

_HEADER = 127
_DEPTH = 4  # directories within directories (PMTiles 3, section 4)
_UNREADABLE = (
    OSError, EOFError, ValueError, LookupError, zlib.error,
    pmtiles.MagicNumberNotFound, pmtiles.SpecVersionUnsupported,
)  # fmt: skip
_GONE = Text(
    "图层的瓦片文件缺失或损坏，请重新提交要素文件",
    "The layer's archive is missing or damaged; hand its file in again",
)


class Opened:
    """An archive that is open for reading; closed when nobody holds it any more."""

    _handle: int | None = None

    def __init__(self, file: Path) -> None:
        self._handle = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
        self.size = os.fstat(self._handle).st_size
        self.header = pmtiles.deserialize_header(self.read(0, _HEADER))
        said = self.read(self.header["metadata_offset"], self.header["metadata_length"])
        if self.header["internal_compression"] is pmtiles.Compression.GZIP:
            said = gzip.decompress(said)
        self.metadata: dict[str, Any] = msgspec.json.decode(said, type=dict[str, Any])

    def __del__(self) -> None:
        if self._handle is not None:
            os.close(self._handle)

    def read(self, offset: int, length: int) -> bytes:
        """A part of its bytes, at most to its end."""
        assert self._handle is not None
        return os.pread(self._handle, length, offset)


class Archives:
    """The archives that this process reads, and their directories. A City part."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._opened: Kept[str, Opened] = Kept(ARCHIVES_OPEN)
        self._directories: Kept[tuple[str, int], list[pmtiles.Entry]] = Kept(DIRECTORIES_KEPT)

    async def opened(self, digest: str) -> Opened:
        """An archive by its digest. Raises Unavailable where it is not there or cannot be read."""
        known = self._opened.get(digest)
        if known is not None:
            return known
        try:
            found = await asyncio.to_thread(Opened, archive_file(self._home, digest))
        except _UNREADABLE:
            raise Unavailable(_GONE) from None
        return self._opened.put(digest, found)

    async def tile(self, digest: str, z: int, row: int, col: int) -> bytes:
        """A tile as it is kept, compressed by gzip; no bytes where nothing is. Raises Unavailable."""
        archive = await self.opened(digest)
        header = archive.header
        wanted = pmtiles.zxy_to_tileid(z, col, row)
        offset, length = header["root_offset"], header["root_length"]
        for _ in range(_DEPTH):
            entries = await self._directory(digest, archive, offset, length)
            entry = pmtiles.find_tile(entries, wanted)
            if entry is None:
                return b""
            if entry.run_length:
                return archive.read(header["tile_data_offset"] + entry.offset, entry.length)
            offset, length = header["leaf_directory_offset"] + entry.offset, entry.length
        raise Unavailable(_GONE)

    async def _directory(self, digest: str, archive: Opened, offset: int, length: int) -> list[pmtiles.Entry]:
        known = self._directories.get((digest, offset))
        if known is not None:
            return known
        try:
            found = await asyncio.to_thread(
                lambda: pmtiles.deserialize_directory(archive.read(offset, length))
            )
        except _UNREADABLE:
            raise Unavailable(_GONE) from None
        return self._directories.put((digest, offset), found)
