"""The order in which the unit grids of a community are numbered: west to east, then north to south."""

from collections.abc import Sequence

import shapely

DIGITS = 7  # of a degree: positions within about a centimetre count as equal


def reading_order(polygons: Sequence[shapely.Polygon]) -> list[int]:
    """The places of polygons (degrees) in the order of their serial numbers, however they were given.

    Rows run west to east and follow each other north to south. The polygon with the northernmost centroid among
    those not yet numbered opens a row (of several, the western one); to the row belong all whose centroid is not
    south of that polygon's southern end. In the row the western centroid comes first, then the northern one.
    Positions are compared after rounding to 1e-7 degree. What then still is equal is ordered by the western,
    northern, eastern and southern end, and by the corners in normal form.
    """
    keys = [_Place(p) for p in polygons]
    left = sorted(range(len(keys)), key=lambda i: (-keys[i].y, keys[i].x, keys[i].rest))
    order: list[int] = []
    while left:
        south = keys[left[0]].south
        row = [i for i in left if keys[i].y >= south]
        order += sorted(row, key=lambda i: (keys[i].x, -keys[i].y, keys[i].rest))
        left = [i for i in left if keys[i].y < south]
    return order


class _Place:
    def __init__(self, polygon: shapely.Polygon) -> None:
        self.x, self.y = (round(c, DIGITS) for c in polygon.centroid.coords[0])
        west, south, east, north = (round(c, DIGITS) for c in polygon.bounds)
        self.south = south
        self.rest = (west, -north, east, -south, shapely.to_wkb(shapely.normalize(polygon)))
