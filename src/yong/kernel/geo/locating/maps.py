"""The areas that one caller may see, ready to be asked: read once, and again as soon as anything changed.

Before each answer the database is asked for a fingerprint of the rows in the caller's scope (their ids and
versions), so an answer never misses a change that was committed before the question, in whatever process.
"""

import asyncio
import threading
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import numpy as np
import shapely

from yong.kernel.access.contracts import Caller, Scope
from yong.kernel.base.city import City
from yong.kernel.base.errors import Forbidden
from yong.kernel.base.kept import Kept
from yong.kernel.geo.locating.layers import Floats, Layer, Numbers
from yong.kernel.records import api as records
from yong.kernel.store.database import Database

KINDS = ("cell", "community", "street", "district")
_DIGITS = {"cell": 15, "community": 12, "street": 9, "district": 6}
_SCOPES, _PERIODS = 32, 8
_BOUNDARY, _CELL = "geo.boundary", "geo.grid_cell"


class Row(NamedTuple):
    """An area, between two ordinals of days, the second exclusive."""

    kind: str
    code: str
    name: str | None
    start: int
    end: int
    shape: shapely.Geometry


class Day(NamedTuple):
    """What holds on the days of a period, by kind: the polygons, and the name of each."""

    layers: dict[str, Layer]
    names: dict[str, list[str | None]]

    def find(self, positions: Floats) -> dict[str, Numbers]:
        return {kind: layer.find(positions) for kind, layer in self.layers.items()}


class Map:
    """All areas of one scope, of every time."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.rows = rows
        self.turns = sorted({r.start for r in rows} | {r.end for r in rows})
        self.days: OrderedDict[int, Day] = OrderedDict()
        self.building = threading.Lock()

    def on(self, day: date) -> Day:
        """What holds on a day; the days between two changes share one index. For threads too."""
        period = bisect_right(self.turns, day.toordinal())
        with self.building:
            found = self.days.pop(period, None) or self._day(day.toordinal())
            self.days[period] = found
            while len(self.days) > _PERIODS:
                self.days.popitem(last=False)
        return found

    def _day(self, day: int) -> Day:
        layers, names = {}, {}
        for kind in KINDS:
            rows = [r for r in self.rows if r.kind == kind and r.start <= day < r.end]
            layer = layers[kind] = Layer([r.code for r in rows], [r.shape for r in rows])
            names[kind] = [rows[i].name for i in layer.rows]
        return Day(layers, names)


class Maps:
    """The maps in use, the last asked for last. A City part."""

    def __init__(self) -> None:
        self.kept: Kept[tuple[object, ...], tuple[object, Map]] = Kept(_SCOPES)
        self.loading = asyncio.Lock()


async def map_of(city: City, caller: Caller) -> Map:
    """The areas as the caller may see them now. Raises Unauthenticated or Forbidden."""
    boundary = await records.present(city, caller, _BOUNDARY)
    cell = await records.present(city, caller, _CELL)
    if "geometry" not in boundary.fields or "geometry" not in cell.fields:
        raise Forbidden
    maps = city.part(Maps)
    key = (boundary.sql, boundary.args, cell.sql, cell.args)
    print_ = await _fingerprint(city, boundary, cell)
    if (known := maps.kept.get(key)) is not None and known[0] == print_:
        return known[1]
    async with maps.loading:
        if (known := maps.kept.get(key)) is not None and known[0] == print_:
            return known[1]
        # The fingerprint is older than the rows at most: then they are read once more than needed.
        rows = [*await _boundaries(city, boundary), *await _cells(city, cell)]
        return maps.kept.put(key, (print_, Map(rows)))[1]


async def _fingerprint(city: City, *scopes: Scope) -> tuple[object, ...]:
    """Of each scope how many rows there are, and a sum over their ids and versions."""
    found: list[object] = []
    for scope in scopes:
        row = await city[Database].fetchrow(
            f"""SELECT count(*) AS n, sum(hashtextextended(id, version)::numeric) AS s
                FROM ({scope.sql}) AS r""",
            *scope.args,
        )
        found.append(tuple(row) if row else None)
    return tuple(found)


async def _boundaries(city: City, scope: Scope) -> list[Row]:
    rows = await city[Database].fetch(
        f"""SELECT code, level, name, starts_on, ends_on, geometry::text AS shape FROM ({scope.sql}) AS r
            WHERE level = ANY(ARRAY['community', 'street', 'district'])""",
        *scope.args,
    )
    shapes = await _shapes([r["shape"] for r in rows])
    return [
        Row(r["level"], r["code"], r["name"], *_days(r["starts_on"], r["ends_on"]), shape)
        for r, shape in zip(rows, shapes, strict=True)
        if len(r["code"]) == _DIGITS[r["level"]] and _surface(shape)
    ]


async def _cells(city: City, scope: Scope) -> list[Row]:
    rows = await city[Database].fetch(
        f"SELECT code, starts_on, ends_on, geometry::text AS shape FROM ({scope.sql}) AS r", *scope.args
    )
    shapes = await _shapes([r["shape"] for r in rows])
    return [
        Row("cell", r["code"], None, *_days(r["starts_on"], r["ends_on"]), shape)
        for r, shape in zip(rows, shapes, strict=True)
        if _surface(shape)
    ]


async def _shapes(texts: Sequence[str]) -> "np.ndarray[tuple[int], np.dtype[np.object_]]":
    return await asyncio.to_thread(shapely.from_geojson, np.array(texts, dtype=object))


def _surface(shape: shapely.Geometry) -> bool:
    return isinstance(shape, shapely.Polygon | shapely.MultiPolygon)


def _days(start: date | None, end: date | None) -> tuple[int, int]:
    return (start or date.min).toordinal(), (end.toordinal() if end else date.max.toordinal() + 1)
