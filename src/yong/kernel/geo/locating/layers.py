"""Polygons of one kind, and which of them holds each of many positions."""

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

TILES = 256  # a side
_CHUNK = 200_000  # positions in hand at once, so that memory stays bounded
_MARGIN = 1e-9  # of a tile's side: more than rounding can move a position into the next tile

Floats = NDArray[np.float64]
Numbers = NDArray[np.int32]


class Layer:
    """Polygons by code. A position on a border belongs to the polygon with the smallest code that touches it.

    The answer depends on codes and shapes alone, not on the order in which they came. Borders between neighbours
    are exact where both draw them corner by corner alike. A raster of `tiles` by `tiles` answers for most positions:
    its size changes the time alone. Safe for threads: what GEOS builds lazily is built here.
    """

    def __init__(
        self, codes: Sequence[str], shapes: Sequence[shapely.Geometry], *, tiles: int = TILES
    ) -> None:
        order = sorted(
            range(len(codes)), key=lambda i: (codes[i], shapely.to_wkb(shapely.normalize(shapes[i])))
        )
        self.codes = [codes[i] for i in order]
        self.rows = order
        """Of each polygon by code, its place as given."""
        self.shapes = np.array([shapes[i] for i in order], dtype=object)
        self.side = tiles
        if len(self.codes):
            shapely.prepare(self.shapes)
            for shape in self.shapes:
                shapely.intersects_xy(shape, *shapely.get_coordinates(shape)[0])
            self._tile()

    def _tile(self) -> None:
        """Lay a raster over all: which polygons touch each tile, and which tiles lie wholly inside of one alone."""
        bounds = shapely.total_bounds(self.shapes)
        self.low, self.high = bounds[:2], bounds[2:]
        self.step = np.maximum((self.high - self.low) / self.side, 1e-12)
        column, row = np.meshgrid(np.arange(self.side), np.arange(self.side), indexing="ij")
        corner = self.low + np.stack((column.ravel(), row.ravel()), axis=1) * self.step
        low, high = corner - _MARGIN * self.step, corner + (1 + _MARGIN) * self.step
        boxes = shapely.box(low[:, 0], low[:, 1], high[:, 0], high[:, 1])
        raster = shapely.STRtree(boxes)
        polygon, tile = raster.query(self.shapes, predicate="intersects")
        order = np.lexsort((-polygon, tile))  # of each tile the smallest code last: it wins
        self.touching = polygon[order].astype(np.int32)
        self.counts = np.bincount(tile, minlength=len(boxes))
        self.starts = np.concatenate(([0], np.cumsum(self.counts)[:-1]))
        owner, tile = raster.query(self.shapes, predicate="contains_properly")
        self.tiles = np.full(self.side**2, -1, np.int32)
        # Where shapes overlap against the rules, another may reach into the tile: then its positions are tested.
        alone = self.counts[tile] == 1
        self.tiles[tile[alone]] = owner[alone]

    def find(self, positions: Floats) -> Numbers:
        """For positions of shape (n, 2), longitude and latitude in degrees, the polygon's number or -1."""
        found = np.full(len(positions), -1, np.int32)
        if len(self.codes):
            for start in range(0, len(positions), _CHUNK):
                self._chunk(positions[start : start + _CHUNK], found[start : start + _CHUNK])
        return found

    def _chunk(self, positions: Floats, found: Numbers) -> None:
        inside = np.flatnonzero(((positions >= self.low) & (positions <= self.high)).all(axis=1))
        place = np.floor((positions[inside] - self.low) / self.step).astype(np.int64).clip(0, self.side - 1)
        tile = place[:, 0] * self.side + place[:, 1]
        found[inside] = self.tiles[tile]
        unsure = self.tiles[tile] < 0
        rest, tile = inside[unsure], tile[unsure]
        order = np.argsort(tile)  # so that positions tested one after the other are near each other
        rest, tile = rest[order], tile[order]
        counts = self.counts[tile]
        point = np.repeat(rest, counts)
        first = np.repeat(self.starts[tile] - np.cumsum(counts) + counts, counts)
        polygon = self.touching[first + np.arange(len(point))]
        hit = shapely.intersects_xy(self.shapes[polygon], positions[point, 0], positions[point, 1])
        found[point[hit]] = polygon[hit]  # of several hits of a position the last stands
