"""Communities, streets and districts made up for the tests, and their unit grids."""

import random
from collections.abc import Sequence
from itertools import pairwise

import shapely

Polygon = shapely.Polygon
COMMUNITY = "330203001001"


def box(west: float, south: float, east: float, north: float) -> list[list[list[float]]]:
    """The coordinates of a GeoJSON Polygon, counter-clockwise."""
    return [[[west, south], [east, south], [east, north], [west, north], [west, south]]]


def coverage(columns: int, rows: int, *, seed: int, bends: int = 3) -> list[Polygon]:
    """The unit square around (121, 29) in cells whose crooked borders neighbours share corner by corner."""
    chance = random.Random(seed)
    corner = {(i, j): (121 + i / columns, 29 + j / rows) for i in range(columns + 1) for j in range(rows + 1)}

    def crooked(a: tuple[float, float], b: tuple[float, float]) -> list[tuple[float, float]]:
        line = [a, b]
        for _ in range(bends):
            bent = [line[0]]
            for p, q in pairwise(line):
                off = chance.uniform(-0.1, 0.1)
                bent += [
                    ((p[0] + q[0]) / 2 + (q[1] - p[1]) * off, (p[1] + q[1]) / 2 - (q[0] - p[0]) * off),
                    q,
                ]
            line = bent
        return line

    along = {(i, j): crooked(corner[i, j], corner[i + 1, j]) for i in range(columns) for j in range(rows + 1)}
    up = {(i, j): crooked(corner[i, j], corner[i, j + 1]) for i in range(columns + 1) for j in range(rows)}
    return [
        Polygon(
            along[i, j] + up[i + 1, j][1:] + along[i, j + 1][::-1][1:] + up[i, j][::-1][1:],
        )
        for i in range(columns)
        for j in range(rows)
    ]


def naive(codes: Sequence[str], shapes: Sequence[shapely.Geometry], x: float, y: float) -> str | None:
    """The smallest code among the shapes that a position touches, one after the other."""
    point = shapely.Point(x, y)
    return min((c for c, s in zip(codes, shapes, strict=True) if s.intersects(point)), default=None)
