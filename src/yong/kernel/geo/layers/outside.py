"""Tiles of outside services: fetched once, kept for a while, from hosts alone that the operator named."""

import asyncio
import hashlib
import time

import aiohttp

from yong.kernel.base.errors import NotFound, Unavailable
from yong.kernel.base.kept import Flights, Kept
from yong.kernel.base.text import Text
from yong.kernel.geo.layers.contracts import (
    FETCH_WITHIN_S,
    TILE_BYTES,
    TILES_AT_ONCE,
    TILES_KEPT,
    TILES_KEPT_BYTES,
    Tile,
)

KEPT_S = 86_400.0
_PICTURES = ("image/png", "image/jpeg", "image/webp")
_SILENT = Text("外部瓦片服务没有给出图像", "The outside service gave no picture")
_Place = tuple[str, int, int, int]  # the template of the service, zoom level, row, column


class Outside:
    """The tiles that this process keeps of outside services, and its connections to them. A City part."""

    def __init__(self, key: str) -> None:
        self._key = key
        self._kept: Kept[_Place, tuple[float, Tile]] = Kept(
            TILES_KEPT, most_bytes=TILES_KEPT_BYTES, size=lambda kept: len(kept[1].body)
        )
        self._flights = Flights()
        self._turn = asyncio.Semaphore(TILES_AT_ONCE)  # its wait is not the service's time
        self._http: aiohttp.ClientSession | None = None

    async def tile(self, url: str, z: int, row: int, col: int) -> Tile:
        """A tile by the template of its service; those who ask for the same at once wait for one answer."""
        place = (url, z, row, col)
        if (known := self._known(place)) is not None:
            return known
        return await self._flights.share(place, lambda: self._found(place))

    async def close(self) -> None:
        """Let go of the connections."""
        if self._http is not None:
            await self._http.close()

    def _known(self, place: _Place) -> Tile | None:
        known = self._kept.get(place)
        return known[1] if known is not None and time.monotonic() - known[0] < KEPT_S else None

    async def _found(self, place: _Place) -> Tile:
        if (known := self._known(place)) is not None:  # for who asked while it was fetched
            return known
        return self._kept.put(place, (time.monotonic(), await self._fetch(*place)))[1]

    async def _fetch(self, url: str, z: int, row: int, col: int) -> Tile:
        address = url
        for name, value in (("z", z), ("row", row), ("col", col), ("key", self._key)):
            address = address.replace(f"{{{name}}}", str(value))
        try:
            async with self._turn, self._session().get(address, allow_redirects=False) as answer:
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

    def _session(self) -> aiohttp.ClientSession:
        if self._http is None:
            self._http = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=FETCH_WITHIN_S),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._http
