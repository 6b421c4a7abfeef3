"""Tiles of outside services: fetched once, kept for a while, from hosts alone that the operator named."""

import asyncio
import hashlib
import time
from collections import OrderedDict

import aiohttp
import msgspec

from yong.kernel.base.errors import NotFound, Unavailable
from yong.kernel.base.text import Text
from yong.kernel.geo.layers.contracts import FETCH_WITHIN_S, TILE_BYTES, TILES_AT_ONCE, TILES_KEPT_BYTES

KEPT_S = 86_400.0
_PICTURES = ("image/png", "image/jpeg", "image/webp")
_SILENT = Text("外部瓦片服务没有给出图像", "The outside service gave no picture")


class Tile(msgspec.Struct, frozen=True, kw_only=True):
    """A picture as it came, with its media type and a tag that changes with it."""

    body: bytes
    media_type: str
    tag: str


class Outside:
    """The tiles that this process keeps of outside services. A City part."""

    def __init__(self, key: str) -> None:
        self._key = key
        self._kept: OrderedDict[tuple[str, int, int, int], tuple[float, Tile]] = OrderedDict()
        self._bytes = 0
        self._turn = asyncio.Semaphore(TILES_AT_ONCE)
        self._under_way: dict[tuple[str, int, int, int], asyncio.Future[Tile]] = {}

    async def tile(self, url: str, z: int, row: int, col: int) -> Tile:
        """A tile by the template of its service; those who ask for the same at once wait for one answer."""
        place = (url, z, row, col)
        if (known := self._kept.get(place)) is not None:
            if time.monotonic() - known[0] < KEPT_S:
                self._kept.move_to_end(place)
                return known[1]
            self._drop(place)
        if (coming := self._under_way.get(place)) is not None:
            return await asyncio.shield(coming)
        coming = asyncio.ensure_future(self._fetch(url, z, row, col))
        self._under_way[place] = coming
        coming.add_done_callback(lambda _: self._under_way.pop(place, None))
        found = await asyncio.shield(coming)
        self._keep(place, found)
        return found

    async def _fetch(self, url: str, z: int, row: int, col: int) -> Tile:
        address = url
        for name, value in (("z", z), ("row", row), ("col", col), ("key", self._key)):
            address = address.replace(f"{{{name}}}", str(value))
        try:
            async with (
                self._turn,
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=FETCH_WITHIN_S)) as session,
                session.get(address, allow_redirects=False) as answer,
            ):
                if answer.status == 404:
                    raise NotFound
                body = await answer.content.read(TILE_BYTES + 1)
                while not answer.content.at_eof() and len(body) <= TILE_BYTES:
                    body += await answer.content.read(TILE_BYTES + 1 - len(body))
                media_type = answer.content_type
                if answer.status != 200 or media_type not in _PICTURES or len(body) > TILE_BYTES:
                    raise Unavailable(_SILENT)
        except (aiohttp.ClientError, TimeoutError, OSError):
            raise Unavailable(_SILENT) from None  # whose words may hold the address, and with it the key
        return Tile(body=body, media_type=media_type, tag=hashlib.sha256(body).hexdigest()[:32])

    def _keep(self, place: tuple[str, int, int, int], tile: Tile) -> None:
        if place in self._kept:
            self._drop(place)
        self._kept[place] = (time.monotonic(), tile)
        self._bytes += len(tile.body)
        while self._bytes > TILES_KEPT_BYTES:
            self._drop(next(iter(self._kept)))

    def _drop(self, place: tuple[str, int, int, int]) -> None:
        self._bytes -= len(self._kept.pop(place)[1].body)
