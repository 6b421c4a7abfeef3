"""How fast vector tiles over 1,000,000 entities are answered over HTTP to a person who pans and zooms.

The way is made up: from the whole city down to streets and back at several places, twelve tiles a view, one tile after
the other. `tile_p95` is the way walked for the second time, when each tile was asked for before; how long the first time
took is told beside it. The ceiling is how long PostgreSQL counts what lies in the same tiles, on one connection.
"""

import random
import time

import aiohttp
import numpy as np

from bench.context import provider_key
from bench.context_query import PLACED, fill
from bench.figure import Figure
from bench.install import Install
from yong.kernel.geo.tiles.matrix import EXTENT, Tile
from yong.kernel.store.database import Database

PLACES = 4
LEVELS = (9, 10, 11, 12, 13, 14, 15, 16, 14, 12)
_PATH = "/ogc/collections/context.Mapped/tiles/WebMercatorQuad"


async def figures(install: Install) -> list[Figure]:
    """tile_p95."""
    database = install.city[Database]
    key = await provider_key(install, "mapper")
    await fill(database, "Mapped", PLACED)
    tiles = list(dict.fromkeys(way()))
    cold = await _walk(install.state.http, key, tiles)
    warm = await _walk(install.state.http, key, way())
    counted = await _counted(database, tiles)
    return [
        Figure(
            name="tile_p95", value=p95(warm), unit="ms", ceiling=p95(counted), must=50, aim=15,
            what=f"what lies in these tiles counted in SQL; asked for the first time {p95(cold):,.0f} ms, "
            f"half of them {sorted(cold)[len(cold) // 2]:,.0f}",
        ),
    ]  # fmt: skip


def way() -> list[Tile]:
    """The tiles of every view, in the order in which a map asks for them."""
    dice = random.Random(7)
    found = []
    for _ in range(PLACES):
        x, y = 121.2 + 0.6 * dice.random(), 29.5 + 0.6 * dice.random()
        for z in LEVELS:
            x, y = x + (dice.random() - 0.5) * 40 / (1 << z), y + (dice.random() - 0.5) * 40 / (1 << z)
            col, row = _at(z, x, y)
            found += [Tile(z, row + r, col + c) for r in (-1, 0, 1) for c in (-1, 0, 1, 2)]
    return found


def _at(z: int, lon: float, lat: float) -> tuple[int, int]:
    """The column and row of the tile that holds a position."""
    tile = Tile(z, 0, 0)
    [(x, y)] = tile.units(np.array([[lon, lat]]))
    return int(x // EXTENT), int(y // EXTENT)


async def _walk(base: str, key: str, tiles: list[Tile]) -> list[float]:
    """Milliseconds of each answer."""
    took = []
    async with aiohttp.ClientSession(base, headers={"X-API-Key": key}) as session:
        for tile in tiles:
            began = time.perf_counter()
            async with session.get(f"{_PATH}/{tile.z}/{tile.row}/{tile.col}") as answer:
                await answer.read()
            took.append((time.perf_counter() - began) * 1000)
            assert answer.status in (200, 204), answer.status
    return took


async def _counted(database: Database, tiles: list[Tile]) -> list[float]:
    took = []
    async with database.pool.acquire() as connection:
        statement = await connection.prepare(
            """SELECT count(*) FROM (SELECT 1 FROM context.entity WHERE tenant = '' AND type = 'Mapped'
               AND point(location[0], location[1]) <@ $1::box LIMIT 10001) AS s"""
        )
        for tile in tiles:
            west, south, east, north = tile.box()
            began = time.perf_counter()
            await statement.fetchval(((east, north), (west, south)))
            took.append((time.perf_counter() - began) * 1000)
    return took


def p95(took: list[float]) -> float:
    """The 95th percentile."""
    return sorted(took)[int(len(took) * 0.95)]
