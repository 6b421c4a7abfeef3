"""What crosses the door of geography."""

from enum import StrEnum
from typing import Any

import msgspec

from yong.kernel.base.text import Text

Extent = tuple[float, float, float, float]  # west, south, east, north in degrees


class Datum(StrEnum):
    """What longitude and latitude refer to."""

    CGCS2000 = "CGCS2000"  # 2000国家大地坐标系, the law's own
    WGS84 = "WGS84"  # of satellite positioning
    GCJ02 = "GCJ-02"  # of public maps in China
    BD09 = "BD-09"  # of one provider's maps, on top of GCJ-02


class Unit(StrEnum):
    """What positions of a system are counted in."""

    DEGREE = "degree"
    METRE = "metre"


class Zone(msgspec.Struct, frozen=True):
    """A zone of the Gauss–Krüger projection: central meridian and width in degrees, false easting in metres."""

    meridian: int
    width: int
    false_easting: int


class System(msgspec.Struct, frozen=True, kw_only=True):
    """A coordinate reference system. Its positions are always longitude, latitude or easting, northing.

    `extent` is where it is meant to be used, `accuracy_m` how far a position may be off after conversion from or to
    CGCS2000, and `zone` the projection, of plane systems only.
    """

    name: str
    title: Text
    datum: Datum
    unit: Unit
    extent: Extent
    accuracy_m: float
    epsg: int | None = None
    zone: Zone | None = None


class Conversion(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to convert: a GeoJSON geometry or positions (two or three numbers each), and between which systems."""

    source: str = msgspec.field(name="from")
    target: str = msgspec.field(name="to")
    geometry: dict[str, Any] | None = None
    positions: list[list[float]] | None = None


class Converted(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What came of it, with the names of the systems and the accuracy of the conversion in metres."""

    source: str = msgspec.field(name="from")
    target: str = msgspec.field(name="to")
    accuracy_m: float
    geometry: dict[str, Any] | None = None
    positions: list[list[float]] | None = None
