"""The systems known, and their names as people write them.

Codes and definitions are those of the EPSG Geodetic Parameter Dataset, which the tests compare with the copy in PROJ.
GCJ-02 and BD-09 have no code there.
"""

import re

from yong.kernel.base.errors import Invalid
from yong.kernel.base.text import Text
from yong.kernel.geo.datums.contracts import Datum, Extent, System, Unit, Zone

CHINA: Extent = (73.62, 16.7, 134.77, 53.56)  # area of use of EPSG:4490
# Within this rectangle the public implementations of GCJ-02 shift a position, outside they do not.
SHIFTED: Extent = (72.004, 0.8293, 137.8347, 55.8271)
PROJECTION_M = 0.001

CGCS2000 = System(
    name="CGCS2000",
    title=Text("2000 国家大地坐标系", "China Geodetic Coordinate System 2000"),
    datum=Datum.CGCS2000,
    unit=Unit.DEGREE,
    extent=CHINA,
    accuracy_m=0.0,
    epsg=4490,
)
WGS84 = System(
    name="WGS84",
    title=Text("世界大地坐标系 1984", "World Geodetic System 1984"),
    datum=Datum.WGS84,
    unit=Unit.DEGREE,
    extent=(-180.0, -90.0, 180.0, 90.0),
    accuracy_m=1.0,
    epsg=4326,
)
GCJ02 = System(
    name="GCJ-02",
    title=Text("国测局坐标系（火星坐标系）", "GCJ-02, of public maps in China"),
    datum=Datum.GCJ02,
    unit=Unit.DEGREE,
    extent=SHIFTED,
    accuracy_m=2.0,
)
BD09 = System(
    name="BD-09",
    title=Text("百度坐标系", "BD-09, of Baidu's maps"),
    datum=Datum.BD09,
    unit=Unit.DEGREE,
    extent=SHIFTED,
    accuracy_m=3.0,
)


def _plane(epsg: int, meridian: int, width: int, number: int | None) -> System:
    """A Gauss–Krüger system; with the number of its zone before the easting, or without (None)."""
    west, south, east, north = CHINA
    zh, en = f"{width} 度带", f"{width}-degree Gauss–Krüger"
    return System(
        name=f"EPSG:{epsg}",
        title=Text(
            f"CGCS2000 高斯—克吕格 {zh}，中央经线 {meridian}°，不加带号", f"CGCS2000 {en}, CM {meridian}°E"
        )
        if number is None
        else Text(
            f"CGCS2000 高斯—克吕格 {zh}第 {number} 带（中央经线 {meridian}°），加带号",
            f"CGCS2000 {en} zone {number} (CM {meridian}°E), zone before the easting",
        ),
        datum=Datum.CGCS2000,
        unit=Unit.METRE,
        extent=(max(west, meridian - width / 2), south, min(east, meridian + width / 2), north),
        accuracy_m=PROJECTION_M,
        epsg=epsg,
        zone=Zone(meridian, width, 500_000 + 1_000_000 * (number or 0)),
    )


_SIX, _THREE = range(13, 24), range(25, 46)  # the zones that China reaches into
SYSTEMS: tuple[System, ...] = (
    CGCS2000,
    WGS84,
    GCJ02,
    BD09,
    *(_plane(4491 + n - 13, 6 * n - 3, 6, n) for n in _SIX),
    *(_plane(4502 + n - 13, 6 * n - 3, 6, None) for n in _SIX),
    *(_plane(4513 + n - 25, 3 * n, 3, n) for n in _THREE),
    *(_plane(4534 + n - 25, 3 * n, 3, None) for n in _THREE),
)

_BY_EPSG = {system.epsg: system for system in SYSTEMS if system.epsg}
_BY_WORD = {
    "CGCS2000": CGCS2000, "WGS84": WGS84, "CRS84": WGS84, "GCJ02": GCJ02, "BD09": BD09, "BD09LL": BD09,
}  # fmt: skip
_VERSION = r"[0-9.]*"
_EPSG = re.compile(
    rf"(?:EPSG:|URN:OGC:DEF:CRS:EPSG:{_VERSION}:|HTTPS?://WWW\.OPENGIS\.NET/DEF/CRS/EPSG/{_VERSION}/)([0-9]{{4,6}})"
)
_CRS84 = re.compile(
    rf"(?:OGC:|URN:OGC:DEF:CRS:OGC:{_VERSION}:|HTTPS?://WWW\.OPENGIS\.NET/DEF/CRS/OGC/{_VERSION}/)CRS84"
)
_UNKNOWN = Text(
    "没有坐标系 {name}；GET /geo/systems 列出可用的，例如 CGCS2000、EPSG:4549、GCJ-02、BD-09",
    "There is no coordinate system {name}; GET /geo/systems lists them, for instance CGCS2000, EPSG:4549, GCJ-02, BD-09",
)


def named(name: str) -> System:
    """The system of a name: a code, URN or URL of EPSG, CRS84, or CGCS2000, WGS84, GCJ-02 and BD-09 by themselves.

    Case, spaces, hyphens and underscores do not matter in names that are no URN or URL. Raises Invalid.
    """
    upper = name[:200].strip().upper()
    if code := _EPSG.fullmatch(upper):
        found = _BY_EPSG.get(int(code[1]))
    elif _CRS84.fullmatch(upper):
        found = WGS84
    else:
        found = _BY_WORD.get(re.sub(r"[\s_-]", "", upper))
    if found is None:
        raise Invalid(_UNKNOWN, name=name[:100])
    return found
