"""GeoJSON geometries (RFC 7946) and lists of positions carried from one system to another.

Heights stay as they are. Numbers come back with nine decimals of a degree or four of a metre, a tenth of a millimetre,
and a ring that was closed is closed.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np

from yong.kernel.base.errors import Invalid, Problem, TooLarge
from yong.kernel.base.text import Text
from yong.kernel.geo.datums.contracts import System, Unit
from yong.kernel.geo.datums.convert import Pointer, convert

MOST = 100_000  # positions at once
DEEPEST = 8  # collections within collections
_DECIMALS = {Unit.DEGREE: 9, Unit.METRE: 4}
_DEPTHS = {
    "Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3,
}  # fmt: skip
_AREAS = {"Polygon", "MultiPolygon"}

_TYPE = Text(
    "type 应为 GeoJSON 几何类型之一：Point、MultiPoint、LineString、MultiLineString、Polygon、MultiPolygon、GeometryCollection",
    "type is a geometry type of GeoJSON: Point, MultiPoint, LineString, MultiLineString, Polygon, MultiPolygon or GeometryCollection",
)
_LIST = Text("应为数组", "An array is wanted here")
_POSITION = Text("坐标应为两个或三个数", "A position is two or three numbers")
_NESTED = Text(
    "GeometryCollection 嵌套过深（至多 {n} 层）", "Collections are nested too deeply (at most {n})"
)
_MANY = Text("一次至多 {n} 个坐标", "At most {n} positions at once")
_SHAPE = Text("几何不符合 GeoJSON", "The geometry is not GeoJSON")

Position = list[float]


def convert_positions(
    positions: list[Position], source: System, target: System, pointer: str = ""
) -> list[Position]:
    """Positions of two or three numbers; raises Invalid, and TooLarge above 100,000."""
    found: list[Position] = []
    _read(positions, 1, pointer, found)
    return _converted(found, source, target, lambda i: f"{pointer}/{i}")


def convert_geometry(
    geometry: dict[str, Any], source: System, target: System, pointer: str = ""
) -> dict[str, Any]:
    """A geometry of any type, with its type and coordinates alone: a `bbox` or `crs` would not be true any more.

    Raises Invalid with a pointer to what is wrong, and TooLarge above 100,000 positions.
    """
    found: list[Position] = []
    _gather(geometry, pointer, 0, found)
    moved = _converted(found, source, target, lambda i: next(islice(_pointers(geometry, pointer), i, None)))
    return _rebuilt(geometry, iter(moved))


def _converted(found: list[Position], source: System, target: System, pointer: Pointer) -> list[Position]:
    if not found:
        return []
    try:
        flat = np.array([position[:2] for position in found], dtype=np.float64)
    except OverflowError:  # an integer beyond every float
        flat = np.array([[_number(n) for n in position[:2]] for position in found], dtype=np.float64)
    moved = np.round(convert(flat, source, target, pointer), _DECIMALS[target.unit]).tolist()
    return [new + old[2:] for new, old in zip(moved, found, strict=True)]


def _number(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        return np.inf


def _gather(geometry: object, pointer: str, nested: int, found: list[Position]) -> None:
    """Check a geometry's form and append its positions in order."""
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if not isinstance(geometry, dict) or not isinstance(kind, str):
        raise _wrong(pointer, _TYPE)
    if kind == "GeometryCollection":
        if nested == DEEPEST:
            raise _wrong(pointer, _NESTED.filled(n=DEEPEST))
        parts = geometry.get("geometries")
        if not isinstance(parts, list):
            raise _wrong(f"{pointer}/geometries", _LIST)
        for i, part in enumerate(parts):
            _gather(part, f"{pointer}/geometries/{i}", nested + 1, found)
    elif kind in _DEPTHS:
        _read(geometry.get("coordinates"), _DEPTHS[kind], f"{pointer}/coordinates", found)
    else:
        raise _wrong(f"{pointer}/type", _TYPE)


def _read(part: object, depth: int, pointer: str, found: list[Position]) -> None:
    if not isinstance(part, list):
        raise _wrong(pointer, _LIST)
    if depth:
        for i, inner in enumerate(part):
            _read(inner, depth - 1, f"{pointer}/{i}", found)
        return
    if not part:  # a Point that is nowhere (RFC 7946, section 3.1)
        return
    if not 2 <= len(part) <= 3 or not all(type(n) in (int, float) for n in part):
        raise _wrong(pointer, _POSITION)
    if len(found) == MOST:
        raise TooLarge(_MANY, n=MOST)
    found.append(part)


def _wrong(pointer: str, words: Text) -> Invalid:
    return Invalid(_SHAPE, problems=(Problem(pointer, words),))


def _pointers(geometry: dict[str, Any], pointer: str) -> Iterator[str]:
    """Where each position stands, in order."""
    if geometry["type"] == "GeometryCollection":
        for i, part in enumerate(geometry["geometries"]):
            yield from _pointers(part, f"{pointer}/geometries/{i}")
    else:
        yield from _places(geometry["coordinates"], _DEPTHS[geometry["type"]], f"{pointer}/coordinates")


def _places(part: list[Any], depth: int, pointer: str) -> Iterator[str]:
    if depth:
        for i, inner in enumerate(part):
            yield from _places(inner, depth - 1, f"{pointer}/{i}")
    elif part:
        yield pointer


def _rebuilt(geometry: dict[str, Any], moved: Iterator[Position]) -> dict[str, Any]:
    kind = geometry["type"]
    if kind == "GeometryCollection":
        return {"type": kind, "geometries": [_rebuilt(part, moved) for part in geometry["geometries"]]}
    placed = _placed(geometry["coordinates"], _DEPTHS[kind], moved, rings=kind in _AREAS)
    return {"type": kind, "coordinates": placed}


def _placed(part: list[Any], depth: int, moved: Iterator[Position], *, rings: bool) -> list[Any]:
    if not depth:
        return next(moved) if part else []
    placed = [_placed(inner, depth - 1, moved, rings=rings) for inner in part]
    if rings and depth == 1 and part and part[0] == part[-1]:
        placed[-1] = list(placed[0])  # equal numbers in two lanes of the processor may differ in the last bit
    return placed
