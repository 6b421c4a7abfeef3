"""Coordinate reference systems of OGC API Features Part 2: their URIs, their order of axes, and positions in them.

The datums are those of `geo.datums` with an EPSG code. Outside, positions stand in the order that the EPSG dataset
defines (latitude first for EPSG:4326 and EPSG:4490, northing first in the Gauss–Krüger zones), as the standard asks;
inside they are longitude, latitude. EPSG:3857 is the spherical Mercator of web maps (EPSG method 1024).
"""

import math
import re
from collections.abc import Callable, Sequence

import msgspec
import numpy as np
import shapely
from numpy.typing import NDArray

from yong.kernel.base.errors import Invalid, Malformed
from yong.kernel.base.text import Text
from yong.kernel.geo import datums
from yong.kernel.geo.datums.contracts import System, Unit

Positions = NDArray[np.float64]
RADIUS_M = 6_378_137.0
EDGE_M = math.pi * RADIUS_M  # of the square of web maps
_HIGHEST = 85.0511287798066  # degrees, where that square ends
_MERCATOR = 3857
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
_EPSG = re.compile(r"https?://www\.opengis\.net/def/crs/EPSG/[0-9.]+/([0-9]{4,6})|\[?EPSG:([0-9]{4,6})\]?")
_UNKNOWN = Text(
    "没有坐标系 {name}；GET /ogc/collections 的 crs 列出可用的",
    "There is no coordinate reference system {name}; crs of GET /ogc/collections lists them",
)
_REACH = Text(
    "有位置超出 EPSG:3857 的范围（纬度 ±85.06°）", "A position lies beyond EPSG:3857 (85.06° of latitude)"
)


class Crs(msgspec.Struct, frozen=True, kw_only=True):
    """A system by its URI; `system` is None for EPSG:3857. `north_first` says how its axes stand outside."""

    uri: str
    system: System | None
    north_first: bool

    @property
    def decimals(self) -> int:
        """What a tenth of a millimetre needs."""
        return 9 if self.system is not None and self.system.unit is Unit.DEGREE else 4

    @property
    def geographic(self) -> bool:
        return self.system is not None and self.system.unit is Unit.DEGREE


def uri_of(epsg: int) -> str:
    return f"http://www.opengis.net/def/crs/EPSG/0/{epsg}"


_WGS84 = next(s for s in datums.SYSTEMS if s.epsg == 4326)
DEFAULT = Crs(uri=CRS84, system=_WGS84, north_first=False)
ALL: tuple[Crs, ...] = (
    DEFAULT,
    *(Crs(uri=uri_of(s.epsg), system=s, north_first=True) for s in datums.SYSTEMS if s.epsg),
    Crs(uri=uri_of(_MERCATOR), system=None, north_first=False),
)
_BY_URI = {crs.uri: crs for crs in ALL}


def named(uri: str) -> Crs:
    """The system of a URI (or `EPSG:4490`, as a CURIE). Raises Malformed."""
    code = _EPSG.fullmatch(uri)
    found = _BY_URI.get(uri_of(int(code[1] or code[2])) if code else uri)
    if found is None:
        raise Malformed(_UNKNOWN, name=uri[:200])
    return found


def outward(crs: Crs) -> Callable[[Positions], Positions]:
    """From longitude, latitude to positions as they stand outside. Raises Malformed where the system does not reach."""

    def carried(positions: Positions) -> Positions:
        if crs.system is None:
            moved = mercator(positions)
        elif crs.system is _WGS84:
            moved = positions
        else:
            moved = _converted(positions, _WGS84, crs.system)
        return moved[:, ::-1] if crs.north_first else moved

    return carried


def inward(crs: Crs) -> Callable[[Positions], Positions]:
    """The inverse. Raises Malformed for what is out of range."""

    def carried(positions: Positions) -> Positions:
        found = positions[:, ::-1] if crs.north_first else positions
        if crs.system is None:
            if not (np.abs(found) <= EDGE_M * 1.001).all():
                raise Malformed(_REACH)
            lon = np.degrees(found[:, 0] / RADIUS_M)
            return np.column_stack((lon, np.degrees(np.arctan(np.sinh(found[:, 1] / RADIUS_M)))))
        return _converted(found, crs.system, _WGS84)

    return carried


def mercator(positions: Positions) -> Positions:
    """Longitude, latitude as metres of EPSG:3857. Raises Malformed beyond the square of web maps."""
    if not (np.abs(positions[:, 1]) <= _HIGHEST + 0.01).all():
        raise Malformed(_REACH)
    x = np.radians(positions[:, 0]) * RADIUS_M
    return np.column_stack((x, np.arcsinh(np.tan(np.radians(positions[:, 1]))) * RADIUS_M))


def _converted(positions: Positions, source: System, target: System) -> Positions:
    try:
        return datums.convert(positions, source, target)
    except Invalid as error:  # the standard's status for a parameter that does not fit
        raise Malformed(error.detail, problems=error.problems) from None


def place(crs: Crs) -> Callable[[shapely.Geometry], shapely.Geometry]:
    """Carries a geometry of a filter to longitude and latitude; heights are left out."""
    return lambda geometry: shapely.transform(geometry, inward(crs))


def written(geometries: Sequence[str | None], crs: Crs) -> list[str | None]:
    """GeoJSON geometries as a system has them, heights kept, rounded to a tenth of a millimetre."""
    if crs is DEFAULT:
        return list(geometries)
    shapes = shapely.from_geojson(np.array(geometries, dtype=object), on_invalid="ignore")
    there = shapely.is_geometry(shapes)
    carry = outward(crs)

    def moved(positions: Positions) -> Positions:
        plane = np.round(carry(positions[:, :2]), crs.decimals)
        return np.column_stack((plane, positions[:, 2:]))

    for z in (False, True):
        part = there & (shapely.has_z(shapes) == z)
        if part.any():
            shapes[part] = shapely.transform(shapes[part], moved, include_z=z)
    return [s if t else None for s, t in zip(shapely.to_geojson(shapes), there, strict=True)]
