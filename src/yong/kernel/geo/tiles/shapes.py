"""Lines and areas as a tile draws them: clipped around it, simplified to its grid, wound as the specification asks.

What becomes smaller than the grid is left out. An outer ring has a positive area in the tile's units, whose y grows
to the south, an inner one a negative (Mapbox Vector Tile 2.1, clause 4.3.3.3).
"""

from collections.abc import Iterator, Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from yong.kernel.geo.tiles import mvt
from yong.kernel.geo.tiles.matrix import BUFFER, EXTENT, Tile

_EDGES = (-BUFFER, -BUFFER, EXTENT + BUFFER, EXTENT + BUFFER)
_KINDS = {
    "Point": mvt.POINT, "MultiPoint": mvt.POINT, "LineString": mvt.LINE, "MultiLineString": mvt.LINE,
    "Polygon": mvt.POLYGON, "MultiPolygon": mvt.POLYGON,
}  # fmt: skip
Drawn = tuple[int, int, list[int]]  # the number of the feature, the kind, the commands


def drawn(geometries: Sequence[str], tile: Tile) -> list[Drawn]:
    """GeoJSON geometries, those of them that are seen in the tile; a collection gives one for each of its kinds."""
    shapes = shapely.force_2d(shapely.from_geojson(np.array(geometries, dtype=object), on_invalid="ignore"))
    numbers = np.flatnonzero(shapely.is_geometry(shapes) & ~shapely.is_empty(shapes))
    if not len(numbers):
        return []
    shapes = shapely.transform(shapes[numbers], tile.units)
    return [
        (int(n), kind, commands)
        for n, shape in zip(numbers, shapes, strict=True)
        for part in _apart(shape)
        for kind, commands in _one(part)
    ]


def _apart(shape: shapely.Geometry) -> Iterator[shapely.Geometry]:
    """The parts of a collection, each of one kind."""
    if isinstance(shape, shapely.GeometryCollection):
        for part in shape.geoms:
            yield from _apart(part)
    elif not shape.is_empty:
        yield shape


def _one(shape: shapely.Geometry) -> Iterator[tuple[int, list[int]]]:
    kind = _KINDS.get(shape.geom_type)
    if kind == mvt.POINT:
        units = np.rint(shapely.get_coordinates(shape)).astype(np.int64)
        inside = ((units >= -BUFFER) & (units <= EXTENT + BUFFER)).all(axis=1)
        if inside.any():
            yield kind, mvt.path([units[inside]], kind)
    elif kind == mvt.LINE:
        lines = _lines(shape)
        if lines:
            yield kind, mvt.path(lines, kind)
    elif kind == mvt.POLYGON:
        rings = list(_rings(shape))
        if rings:
            yield kind, mvt.path(rings, kind)


def _lines(shape: shapely.Geometry) -> list[NDArray[np.int64]]:
    clipped = shapely.simplify(shapely.clip_by_rect(shape, *_EDGES), 0.5, preserve_topology=False)
    found = []
    for line in shapely.get_parts(clipped):
        if isinstance(line, shapely.LineString):
            units = _distinct(np.rint(shapely.get_coordinates(line)).astype(np.int64))
            if len(units) > 1:
                found.append(units)
    return found


def _rings(shape: shapely.Geometry) -> Iterator[NDArray[np.int64]]:
    """Rings of valid polygons on the grid, the outer one before its inner ones."""
    whole = shape if shapely.is_valid(shape) else shapely.make_valid(shape)
    simple = shapely.make_valid(shapely.simplify(whole, 0.5, preserve_topology=False))
    clipped = shapely.intersection(simple, shapely.box(*_EDGES))
    # One geometry of polygons alone: in a collection each would be snapped for itself, and could come to overlap.
    snapped = shapely.set_precision(shapely.MultiPolygon(list(_polygons(clipped))), 1.0)
    for polygon in _polygons(snapped):
        oriented = shapely.orient_polygons(polygon)
        for ring in (oriented.exterior, *oriented.interiors):
            yield np.rint(shapely.get_coordinates(ring)).astype(np.int64)[:-1]


def _polygons(shape: shapely.Geometry) -> Iterator[shapely.Polygon]:
    if isinstance(shape, shapely.Polygon) and not shape.is_empty:
        yield shape
    elif isinstance(shape, shapely.MultiPolygon | shapely.GeometryCollection):
        for part in shape.geoms:
            yield from _polygons(part)


def _distinct(units: NDArray[np.int64]) -> NDArray[np.int64]:
    """Positions without those that repeat the one before."""
    moved = np.ones(len(units), dtype=bool)
    moved[1:] = (np.diff(units, axis=0) != 0).any(axis=1)
    return units[moved]
