"""The geo-query language (ETSI GS CIM 009 clause 4.10).

PostgreSQL finds candidates by boxes; what it cannot decide, Shapely does, in the plane of longitude and latitude as
the simple features of OGC say (a boundary is not within). Distances go along the mean sphere (up to 0.5 % from the
ellipsoid); to lines and areas, to the nearest point in a local projection.
"""

import json
import math
import re
from enum import StrEnum
from typing import Any

import msgspec
import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from yong.kernel.base.errors import Invalid
from yong.kernel.base.text import Text
from yong.kernel.context.logic import EARTH_M, Place, distance_m

POSITIONS = 10_000  # of the geometry asked for
DEFAULT = "location"
Box = tuple[float, float, float, float]  # west, south, east, north

_DEPTHS = {
    "Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3,
}  # fmt: skip
_NEAR = re.compile(r"near;(max|min)Distance==(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)")
_DEGREE_M = math.radians(1) * EARTH_M

_RELATION = Text(
    "georel 应为 within、contains、intersects、equals、disjoint、overlaps 或 near;maxDistance==米数（或 minDistance）",
    "georel is one of within, contains, intersects, equals, disjoint, overlaps and near;maxDistance==metres (or minDistance)",
)
_GEOMETRY = Text(
    "geometry 应为 GeoJSON 几何类型之一（GeometryCollection 除外）",
    "geometry is a geometry type of GeoJSON, without GeometryCollection",
)
_COORDINATES = Text(
    "coordinates 应为 {geometry} 的 GeoJSON 坐标（经度、纬度，至多 {n} 个点）",
    "coordinates are those of a GeoJSON {geometry} (longitude, latitude, at most {n} positions)",
)


class Relation(StrEnum):
    NEAR = "near"
    WITHIN = "within"
    CONTAINS = "contains"
    INTERSECTS = "intersects"
    EQUALS = "equals"
    DISJOINT = "disjoint"
    OVERLAPS = "overlaps"


class GeoQuery(msgspec.Struct, frozen=True, kw_only=True):
    """A relation that the geometry of an entity has to a reference.

    `reference` is a GeoJSON geometry; `attribute` names the GeoProperty as it is stored. For NEAR one of
    `within_m` and `beyond_m` is set.
    """

    relation: Relation
    reference: dict[str, Any]
    attribute: str = DEFAULT
    within_m: float | None = None
    beyond_m: float | None = None


def parse(georel: str, geometry: str, coordinates: object, attribute: str = DEFAULT) -> GeoQuery:
    """The parameters of a geo-query; coordinates as a list or as its JSON text. Raises Invalid."""
    found = _NEAR.fullmatch(georel)
    distance = float(found[2]) if found else None
    if found is None and (georel not in set(Relation) or georel == Relation.NEAR):
        raise Invalid(_RELATION)
    if distance is not None and not 0 < distance < math.inf:
        raise Invalid(_RELATION)
    if geometry not in _DEPTHS:
        raise Invalid(_GEOMETRY)
    if isinstance(coordinates, str):
        try:
            coordinates = json.loads(coordinates[:1_000_000])
        except (ValueError, RecursionError):
            coordinates = None
    reference = {"type": geometry, "coordinates": coordinates}
    if geometry_of(reference) is None or _positions(coordinates) > POSITIONS:
        raise Invalid(_COORDINATES, geometry=geometry, n=POSITIONS)
    return GeoQuery(
        relation=Relation.NEAR if found else Relation(georel),
        reference=reference,
        attribute=attribute,
        within_m=distance if found and found[1] == "max" else None,
        beyond_m=distance if found and found[1] == "min" else None,
    )


def _positions(coordinates: object) -> int:
    return sum(map(_positions, coordinates)) + 1 if isinstance(coordinates, list) else 0


def geometry_of(value: object) -> BaseGeometry | None:
    """A GeoJSON geometry as Shapely has it, None of what is none or makes no valid one."""
    if not isinstance(value, dict) or value.get("type") not in _DEPTHS:
        return None
    if not _well_formed(value.get("coordinates"), _DEPTHS[value["type"]]):
        return None
    try:
        found = shape({"type": value["type"], "coordinates": value["coordinates"]})
        return found if found.is_valid and not found.is_empty else None
    except (ValueError, TypeError, IndexError, AttributeError, shapely.errors.ShapelyError):
        return None


def _well_formed(part: object, depth: int) -> bool:
    if not isinstance(part, list):
        return False
    if depth:
        return bool(part) and all(_well_formed(p, depth - 1) for p in part)
    return (
        2 <= len(part) <= 3
        and all(isinstance(n, int | float) and not isinstance(n, bool) for n in part)
        and abs(part[0]) <= 180
        and abs(part[1]) <= 90
    )


def around(query: GeoQuery) -> Box | None:
    """The box outside of which nothing can be in the relation; None where that cannot be said."""
    if query.relation is Relation.DISJOINT or query.beyond_m is not None:
        return None
    found = geometry_of(query.reference)
    assert found is not None
    west, south, east, north = found.bounds
    if query.within_m is None:
        return west, south, east, north
    tall = query.within_m / _DEGREE_M * 1.001
    south, north = south - tall, north + tall
    highest = max(abs(south), abs(north))
    if highest >= 89.9:
        return -180.0, max(south, -90.0), 180.0, min(north, 90.0)
    # The widest parallel of a circle's reach lies poleward of its centre: asin(sin(d) / cos(latitude)).
    ratio = math.sin(min(query.within_m / EARTH_M, math.pi / 2)) / math.cos(math.radians(highest - tall))
    wide = math.degrees(math.asin(ratio)) * 1.001 if ratio < 1 else 360.0
    west, east = west - wide, east + wide
    if west < -180 or east > 180:  # over the date line the circle continues on the other side
        west, east = -180.0, 180.0
    return west, south, east, north


class Decision:
    """What Shapely decides for one query, over and over."""

    def __init__(self, query: GeoQuery) -> None:
        self.query = query
        reference = geometry_of(query.reference)
        assert reference is not None
        self.reference = reference
        shapely.prepare(reference)

    def holds(self, values: list[object]) -> bool:
        """Whether any of these GeoJSON geometries is in the relation."""
        return any(self._one(found) for value in values if (found := geometry_of(value)) is not None)

    def _one(self, target: BaseGeometry) -> bool:
        reference, query = self.reference, self.query
        match query.relation:
            case Relation.NEAR:
                far = metres(target, reference)
                return far <= query.within_m if query.within_m is not None else far > (query.beyond_m or 0)
            case Relation.WITHIN:
                return bool(shapely.contains(reference, target))
            case Relation.CONTAINS:
                return bool(shapely.within(reference, target))
            case Relation.INTERSECTS:
                return bool(shapely.intersects(reference, target))
            case Relation.DISJOINT:
                return not shapely.intersects(reference, target)
            case Relation.OVERLAPS:
                return bool(shapely.overlaps(reference, target))
            case Relation.EQUALS:
                return bool(shapely.equals(reference, target))


def metres(a: BaseGeometry, b: BaseGeometry) -> float:
    """The distance of two geometries along the mean sphere: exact between points, else by a local projection."""
    if a.geom_type == b.geom_type == "Point":
        return distance_m((a.x, a.y), (b.x, b.y))
    if shapely.intersects(a, b):
        return 0.0
    middle = shapely.centroid(shapely.union_all([shapely.envelope(a), shapely.envelope(b)]))
    shrink = max(math.cos(math.radians(middle.y)), 1e-6)
    one, two = (shapely.transform(g, lambda xy: xy * (shrink, 1.0)) for g in (a, b))
    line = shapely.shortest_line(one, two)
    (x1, y1), (x2, y2) = [(x / shrink, y) for x, y in shapely.get_coordinates(line)]
    return distance_m((float(x1), float(y1)), (float(x2), float(y2)))


def point(query: GeoQuery) -> Place | None:
    """The reference as a place, where it is one."""
    if query.reference["type"] != "Point":
        return None
    x, y = query.reference["coordinates"][:2]
    return float(x), float(y)
