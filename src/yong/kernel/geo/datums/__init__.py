"""Coordinate systems: their table and names, the shifts between datums, the projection, and geometries carried over."""

from yong.kernel.geo.datums.convert import accuracy_m, convert
from yong.kernel.geo.datums.geometry import convert_geometry, convert_positions
from yong.kernel.geo.datums.systems import CGCS2000, SYSTEMS, named

__all__ = [
    "CGCS2000",
    "SYSTEMS",
    "accuracy_m",
    "convert",
    "convert_geometry",
    "convert_positions",
    "named",
]
