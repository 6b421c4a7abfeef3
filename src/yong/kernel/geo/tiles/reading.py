"""A tile read from the rows that its caller may see: the features in it, or how many are in each of its cells."""

import asyncio
import hashlib
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np

from yong.kernel.base.city import City
from yong.kernel.base.errors import Malformed
from yong.kernel.base.text import Text
from yong.kernel.geo.features.contracts import Column, Rows
from yong.kernel.geo.features.reading import object_of
from yong.kernel.geo.tiles import mvt, shapes
from yong.kernel.geo.tiles.contracts import CELLS, CLUSTER, COUNT, MOST, WITHIN_S
from yong.kernel.geo.tiles.matrix import BUFFER, EXTENT, Tile
from yong.kernel.store.arguments import Arguments
from yong.kernel.store.database import Database, Row

_WIDE = Text("瓦片中的要素过多，无法及时生成", "There is too much in this tile to draw it in time")
_FEW = 100  # features are drawn at once, without a thread
_decode = msgspec.json.Decoder(dict[str, Any]).decode


class Print(msgspec.Struct, frozen=True):
    """What tells one state of a tile from another: how many features (MOST + 1 for more), a sum over their states."""

    count: int
    sum: str

    @property
    def many(self) -> bool:
        return self.count > MOST


async def look(city: City, rows: Rows, tile: Tile) -> Print:
    """What the tile holds now, without reading it; of more than MOST features just that."""
    arguments = Arguments(rows.args)
    sql = f"""SELECT count(*) AS n, sum(s.h)::text AS h FROM (
                SELECT hashtextextended({rows.id}, {rows.changes}) AS h FROM ({rows.placed or rows.sql}) AS r
                WHERE {_near(rows, tile, BUFFER, arguments)} LIMIT {MOST + 1}) AS s"""
    [row] = await _fetch(city, sql, arguments)
    return Print(row["n"], "" if row["n"] > MOST else row["h"] or "")


async def features(city: City, rows: Rows, tile: Tile, shown: tuple[Column, ...] | None) -> bytes:
    """The tile with its features, at most MOST + 1 of them."""
    arguments = Arguments(rows.args)
    picked = f"SELECT * FROM ({rows.placed or rows.sql}) AS r WHERE {_near(rows, tile, BUFFER, arguments)} LIMIT {MOST + 1}"
    sql = f"""SELECT {rows.id} AS id, {rows.x} AS x, {rows.y} AS y,
                     CASE WHEN {rows.x} IS NULL THEN ({rows.geometry})::text END AS geometry,
                     {_properties(rows, shown)}::text AS properties FROM ({picked}) AS r"""
    found = await _fetch(city, sql, arguments)
    if len(found) < _FEW:
        return _drawn(rows, tile, found)
    return await asyncio.to_thread(_drawn, rows, tile, found)


async def counts(city: City, rows: Rows, tile: Tile) -> tuple[int, Print, bytes]:
    """How many features there are, what tells this state apart, and the tile with how many are in each of its cells.

    A cell is told of at the mean position of what is in it. What is no point counts where the middle of its box is.
    """
    arguments = Arguments(rows.args)
    near = _near(rows, tile, 0, arguments)
    west, south, east, north = tile.box()
    corner, side = tile.corner_m, tile.side_m
    edges = [arguments.add(n, "float8") for n in (west, east, south, north, corner[1], side / CELLS)]
    sql = f"""SELECT cx, cy, count(*) AS n, avg(x) AS x, avg(y) AS y FROM (
                SELECT x, y, floor((x - {edges[0]}) / ({edges[1]} - {edges[0]}) * {CELLS}) AS cx,
                       floor(({edges[4]} - asinh(tan(radians(y))) * 6378137) / {edges[5]}) AS cy
                FROM (SELECT coalesce({rows.x}, (center({rows.box}))[0]) AS x,
                             coalesce({rows.y}, (center({rows.box}))[1]) AS y
                      FROM ({rows.placed or rows.sql}) AS r WHERE {near}) AS p
                WHERE x >= {edges[0]} AND x < {edges[1]} AND y > {edges[2]} AND y <= {edges[3]}) AS q
              GROUP BY cx, cy ORDER BY cx, cy"""
    found = await _fetch(city, sql, arguments)
    digest = hashlib.sha256(msgspec.json.encode([tuple(row) for row in found])).hexdigest()
    total = sum(row["n"] for row in found)
    return total, Print(MOST + 1, digest), _counted(rows, tile, found)


def _properties(rows: Rows, shown: tuple[Column, ...] | None) -> str:
    """The properties of a row as JSON, in SQL: those asked for, else those of the thing itself."""
    if shown is None and rows.drawn is not None:
        return rows.drawn
    if shown is None:
        shown = tuple(c for c in rows.columns if not c.about and c.name != rows.geometry_name)
    return object_of(shown)


async def _fetch(city: City, sql: str, arguments: Arguments) -> list[Row]:
    try:
        return await city[Database].pool.fetch(sql, *arguments.values, timeout=WITHIN_S)
    except TimeoutError:
        raise Malformed(_WIDE) from None


def _near(rows: Rows, tile: Tile, buffer: int, arguments: Arguments) -> str:
    west, south, east, north = tile.box(buffer)
    return rows.near.format(arguments.add(((east, north), (west, south)), "box"))


def _drawn(rows: Rows, tile: Tile, found: Sequence[Row]) -> bytes:
    """Features as a layer: points all at once, the others one by one."""
    dictionary = mvt.Dictionary()
    tags = [dictionary.tags({"id": row["id"], **_decode(row["properties"])}) for row in found]
    alone = [n for n, row in enumerate(found) if row["x"] is not None]
    places = np.array([(found[n]["x"], found[n]["y"]) for n in alone], dtype=np.float64).reshape(-1, 2)
    units = np.rint(tile.units(places)).astype(np.int64)
    others = [n for n, row in enumerate(found) if row["x"] is None]
    figures = shapes.drawn([found[n]["geometry"] or "" for n in others], tile) if others else []
    numbers = alone + [others[n] for n, _, _ in figures]
    kinds = np.array([mvt.POINT] * len(alone) + [kind for _, kind, _ in figures], dtype=np.uint8)
    dots, paths = mvt.points(units), mvt.ragged([commands for _, _, commands in figures])
    commands = mvt.Ragged(
        np.concatenate((dots.numbers, paths.numbers)), np.concatenate((dots.counts, paths.counts))
    )
    tagged = mvt.ragged([tags[n] for n in numbers])
    return mvt.layer(rows.collection.id, EXTENT, dictionary, kinds, tagged, commands)


def _counted(rows: Rows, tile: Tile, found: Sequence[Row]) -> bytes:
    dictionary = mvt.Dictionary()
    tags = [dictionary.tags({CLUSTER: True, COUNT: row["n"]}) for row in found]
    places = np.array([(row["x"], row["y"]) for row in found], dtype=np.float64).reshape(-1, 2)
    units = np.rint(tile.units(places)).astype(np.int64)
    kinds = np.full(len(found), mvt.POINT, dtype=np.uint8)
    return mvt.layer(rows.collection.id, EXTENT, dictionary, kinds, mvt.ragged(tags), mvt.points(units))
