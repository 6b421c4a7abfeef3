"""Positions from any system to any other, by way of CGCS2000.

CGCS2000 and WGS 84 are taken as equal (docs/reference/coordinates.md says how far that holds). The plane systems are
PROJ's transverse Mercator on the ellipsoid of CGCS2000, computed from parameters alone: no grid and no network.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from yong.kernel.base.errors import Invalid, Problem
from yong.kernel.base.text import Text
from yong.kernel.geo.datums import shifts
from yong.kernel.geo.datums.contracts import Datum, System, Zone
from yong.kernel.geo.datums.shifts import Array
from yong.kernel.geo.datums.systems import PROJECTION_M, SYSTEMS

if TYPE_CHECKING:
    from pyproj import Transformer

Pointer = Callable[[int], str]  # where the nth position stands, a JSON Pointer (RFC 6901)

_REACH = 6.0  # degrees from the central meridian; further out a plane system is not used
_REACH_M = 700_000.0
_NORTH, _NORTH_M = 84.0, 9_400_000.0
_SLACK = 1e-9  # degrees, of rounding there and back
_ACCURACY_M = {s.datum: s.accuracy_m for s in SYSTEMS if s.zone is None}

_DEGREES = Text(
    "应为经度、纬度：经度在 -180 与 180 之间，纬度在 -90 与 90 之间",
    "Longitude, latitude are wanted: between -180 and 180, between -90 and 90",
)
_METRES = Text(
    "应为 {name} 的东坐标、北坐标（米）：东坐标在 {low} 与 {high} 之间，北坐标在 0 与 9400000 之间",
    "Easting, northing of {name} in metres are wanted: easting between {low} and {high}, northing between 0 and 9400000",
)
_FAR = Text(
    "距 {name} 的中央经线 {meridian}° 超过 6°，或不在北纬 0 至 84° 之间",
    "More than 6° from {meridian}°E, the central meridian of {name}, or not between 0 and 84°N",
)
_RANGE = Text("有坐标超出范围", "A position is out of range")


def accuracy_m(source: System, target: System) -> float:
    """How far a converted position may be off, metres: what the datums bring, else a millimetre of arithmetic."""
    datums = {source.datum, target.datum}
    if datums == {Datum.GCJ02, Datum.BD09}:
        return 1.0  # what is unknown of GCJ-02 is in both
    if len(datums) > 1:
        return max(_ACCURACY_M[datum] for datum in datums)
    return PROJECTION_M if source != target else 0.0


def convert(
    positions: NDArray[np.float64], source: System, target: System, pointer: Pointer = lambda i: f"/{i}"
) -> Array:
    """Positions, an array (n, 2) of longitude, latitude in degrees or easting, northing in metres; a new array.

    Raises Invalid with a pointer to the first position that is no number or out of its system's range.
    """
    x, y = positions[:, 0].astype(np.float64), positions[:, 1].astype(np.float64)
    _check_range(x, y, source, pointer)
    if source == target:
        return np.column_stack((x, y))
    if source.zone:
        x, y = _projection(source.zone).transform(x, y, direction="INVERSE")
        _check_reach(x, y, source.name, source.zone, pointer)
    x, y = _between(x, y, source.datum, target.datum)
    if target.zone:
        _check_reach(x, y, target.name, target.zone, pointer)
        x, y = _projection(target.zone).transform(x, y)
    return np.column_stack((x, y))


def _between(x: Array, y: Array, source: Datum, target: Datum) -> tuple[Array, Array]:
    if source == target:
        return x, y
    if source in _BACK:
        x, y = _BACK[source](x, y)
    return _THERE[target](x, y) if target in _THERE else (x, y)


_THERE: dict[Datum, shifts.Shift] = {Datum.GCJ02: shifts.gcj02, Datum.BD09: shifts.bd09}
_BACK: dict[Datum, shifts.Shift] = {Datum.GCJ02: shifts.from_gcj02, Datum.BD09: shifts.from_bd09}


@lru_cache(maxsize=128)
def _projection(zone: Zone) -> "Transformer":
    """CGCS2000 to a zone; the ellipsoid's axis and flattening are those of EPSG:1024."""
    from pyproj import Transformer  # 11 MB, which a process that projects nothing does not need

    return Transformer.from_pipeline(
        "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad"
        f" +step +proj=tmerc +lat_0=0 +lon_0={zone.meridian} +k=1 +x_0={zone.false_easting} +y_0=0"
        " +a=6378137 +rf=298.257222101"
    )


def _check_range(x: Array, y: Array, system: System, pointer: Pointer) -> None:
    if system.zone is None:
        _check((np.abs(x) <= 180) & (np.abs(y) <= 90), _DEGREES, pointer)
        return
    middle = system.zone.false_easting
    words = _METRES.filled(name=system.name, low=middle - int(_REACH_M), high=middle + int(_REACH_M))
    _check((np.abs(x - middle) <= _REACH_M) & (y >= 0) & (y <= _NORTH_M), words, pointer)


def _check_reach(lon: Array, lat: Array, name: str, zone: Zone, pointer: Pointer) -> None:
    near = (np.abs(lon - zone.meridian) <= _REACH + _SLACK) & (lat >= -_SLACK) & (lat <= _NORTH + _SLACK)
    _check(near, _FAR.filled(name=name, meridian=zone.meridian), pointer)


def _check(good: NDArray[np.bool_], words: Text, pointer: Pointer) -> None:
    if not good.all():  # a number that is none compares as false
        raise Invalid(_RANGE, problems=(Problem(pointer(int(np.argmin(good))), words),))
