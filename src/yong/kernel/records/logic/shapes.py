"""GeoJSON geometries (RFC 7946): what makes one valid."""

import math
from collections.abc import Iterator

import shapely
from shapely.geometry import shape

from yong.kernel.base.text import Text

POSITIONS = 100_000
_DEPTHS = {
    "Point": 0,
    "MultiPoint": 1,
    "LineString": 1,
    "MultiLineString": 2,
    "Polygon": 2,
    "MultiPolygon": 3,
}
_FORM = Text("应为 GeoJSON 几何对象", "Must be a GeoJSON geometry")
_RANGE = Text("坐标超出经纬度范围", "A position lies outside of longitude and latitude")
_LARGE = Text("几何对象过大", "The geometry has too many positions")
_INVALID = Text("几何对象自相交或未闭合", "The geometry crosses itself or is not closed")


def shape_fault(value: object) -> Text | None:
    """Why a value is not a geometry that can be kept, None when it is one."""
    if (
        not isinstance(value, dict)
        or value.get("type") not in _DEPTHS
        or not set(value) <= {"type", "coordinates"}
    ):
        return _FORM
    count = 0
    try:
        for x, y in _positions(value.get("coordinates"), _DEPTHS[value["type"]]):
            count += 1
            if count > POSITIONS:
                return _LARGE
            if not (-180 <= x <= 180 and -90 <= y <= 90):
                return _RANGE
    except (TypeError, ValueError, OverflowError):
        return _FORM
    if not count:
        return _FORM
    if value["type"] == "Point":
        return None
    try:
        if not shapely.is_valid(shape(value)):
            return _INVALID
    except (ValueError, TypeError, IndexError, AttributeError, shapely.errors.ShapelyError):
        return _INVALID
    return None


def _positions(coordinates: object, depth: int) -> Iterator[tuple[float, float]]:
    if not isinstance(coordinates, list):
        raise TypeError
    if depth:
        for part in coordinates:
            yield from _positions(part, depth - 1)
        return
    if not 2 <= len(coordinates) <= 3:
        raise ValueError
    for number in coordinates:
        if isinstance(number, bool) or not isinstance(number, int | float) or not math.isfinite(number):
            raise ValueError
    yield float(coordinates[0]), float(coordinates[1])
