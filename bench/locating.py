"""How fast positions are located: a million random ones in Ningbo against its districts, streets, communities and grids.

Districts have their real outlines. Streets, communities and unit grids are made up in about the numbers of the city,
with crooked borders that neighbours share. Positions go through the door of geography in this process, as many a call as
it takes. The ceiling is Shapely's STRtree asked bare for the same positions in each of the four kinds.
"""

import time

import msgspec
import numpy as np
import shapely
from numpy.typing import NDArray

from bench.figure import Figure
from bench.install import Install
from yong.cities.ningbo import boundaries
from yong.kernel.access import api as access
from yong.kernel.geo import api as geo
from yong.kernel.geo.locating.contracts import MOST_POSITIONS
from yong.kernel.geo.locating.layers import Floats
from yong.kernel.store.database import Database

POINTS = 1_000_000
DISTRICTS = frozenset(
    ("330203", "330205", "330206", "330211", "330212", "330213", "330225", "330226", "330281", "330282")
)
# How many of each there are about in a whole box around the city, a side; what lies at sea falls away.
_SIDES = {"street": 18, "community": 72, "cell": 216}
_LEAST_DEG2 = 1e-9  # smaller slivers of a border are none
Shapes = NDArray[np.object_]
Areas = dict[str, dict[str, shapely.Geometry]]


async def figures(install: Install) -> list[Figure]:
    """locate_points."""
    areas = made_up()
    await fill(install.city[Database], areas)
    caller = access.system_caller("geo")
    points = _inside(areas, POINTS)
    await geo.locate(install.city, caller, points[:1].tolist())  # the areas are read and indexed once
    parts = [points[n : n + MOST_POSITIONS].tolist() for n in range(0, POINTS, MOST_POSITIONS)]
    began = time.perf_counter()
    found = [await geo.locate(install.city, caller, part) for part in parts]
    rate = POINTS / (time.perf_counter() - began)
    assert sum(n is not None for answer in found for n in answer.cell) > POINTS * 0.99
    held = {kind: len(of) for kind, of in areas.items()}
    return [
        Figure(
            name="locate_points", value=rate, unit="points/s", ceiling=_bare(areas, points), must=200_000, aim=500_000,
            what="STRtree bare; " + ", ".join(f"{n:,} of {kind}" for kind, n in held.items()),
        ),
    ]  # fmt: skip


def made_up() -> Areas:
    """Areas by kind and code; each smaller one lies in one larger one."""
    districts = {
        c: shapely.from_geojson(msgspec.json.encode(g)) for c, g in boundaries.read(DISTRICTS).items()
    }
    areas: Areas = {"district": districts}
    above = districts
    for kind, side in _SIDES.items():
        above = areas[kind] = _divided(above, _crooked(list(districts.values()), side))
    return areas


def _crooked(within: list[shapely.Geometry], side: int) -> Shapes:
    """Boxes around all of this, their borders bent in waves: the same wave for all, so that they fit in each other."""
    west, south, east, north = shapely.total_bounds(within)
    column, row = np.meshgrid(np.arange(side), np.arange(side))
    x, y = west + column.ravel() * (east - west) / side, south + row.ravel() * (north - south) / side
    boxes = shapely.box(x, y, x + (east - west) / side, y + (north - south) / side)
    fine = shapely.segmentize(boxes, (east - west) / max(_SIDES.values()) / 4)
    bent: Shapes = shapely.transform(
        fine, lambda c: c + 0.003 * np.column_stack((np.sin(c[:, 1] * 200), np.sin(c[:, 0] * 200)))
    )
    return bent


def _divided(wholes: dict[str, shapely.Geometry], boxes: Shapes) -> dict[str, shapely.Geometry]:
    """Each whole cut along the boxes; a part has its code and three digits more."""
    codes, shapes = list(wholes), list(wholes.values())
    box, whole = shapely.STRtree(shapes).query(boxes, predicate="intersects")
    cut = shapely.intersection(np.array(shapes, dtype=object)[whole], boxes[box])
    counts: dict[str, int] = {}
    found = {}
    for n, shape in zip(whole.tolist(), cut, strict=True):
        surface = shape if shape.geom_type in ("Polygon", "MultiPolygon") else shapely.MultiPolygon()
        if shapely.area(surface) > _LEAST_DEG2 and counts.setdefault(codes[n], 0) < 999:
            counts[codes[n]] += 1
            found[f"{codes[n]}{counts[codes[n]]:03d}"] = surface
    return found


async def fill(database: Database, areas: Areas) -> None:
    """Keep the areas as the registers of boundaries and unit grids have them."""
    for kind, held in areas.items():
        table, column = (
            ("grid_cell", "starts_on, area_m2") if kind == "cell" else ("boundary", "level, datum")
        )
        values = "date '2020-01-01', 1" if kind == "cell" else f"'{kind}', 'cgcs2000'"
        await database.pool.execute(
            f"""INSERT INTO geo.{table} (id, code, {column}, district, geometry, created_by, updated_by)
                SELECT code, code, {values}, left(code, 6), shape::jsonb, 'bench', 'bench'
                FROM unnest($1::text[], $2::text[]) AS n(code, shape)""",
            list(held), shapely.to_geojson(np.array(list(held.values()), dtype=object)).tolist(),
        )  # fmt: skip


def _inside(areas: Areas, count: int) -> Floats:
    """Random positions in the districts."""
    whole = shapely.union_all(list(areas["district"].values()))
    shapely.prepare(whole)
    chance, (west, south, east, north) = np.random.default_rng(7), whole.bounds
    drawn = chance.uniform((west, south), (east, north), (4 * count, 2))
    held: Floats = drawn[shapely.contains_xy(whole, drawn[:, 0], drawn[:, 1])][:count]
    return held


def _bare(areas: Areas, points: Floats) -> float:
    trees = [shapely.STRtree(list(held.values())) for held in areas.values()]
    began = time.perf_counter()
    shapes = shapely.points(points)
    for tree in trees:
        tree.query(shapes, predicate="intersects")
    return len(points) / (time.perf_counter() - began)
