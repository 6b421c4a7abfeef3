"""Places from files whose datum is declared: positions are carried over to CGCS2000, then records import them."""

import csv
import io
from collections.abc import Iterator
from typing import Any

import msgspec

from yong.kernel.base.errors import Invalid, Malformed, Problem, TooLarge
from yong.kernel.base.text import Text
from yong.kernel.geo.datums import CGCS2000, convert_geometry, convert_positions, named
from yong.kernel.geo.datums.contracts import Datum
from yong.kernel.geo.places.contracts import IMPORT_BYTES, IMPORT_ROWS
from yong.kernel.records.contracts import Format

_BATCH = 50_000
_DATUMS = {Datum.CGCS2000: "cgcs2000", Datum.WGS84: "wgs84", Datum.GCJ02: "gcj02", Datum.BD09: "bd09"}
_LARGE = Text("文件至多 {n} 行、{mb} MiB", "A file has at most {n} rows and {mb} MiB")
_FILE = Text("不是有效的 {format} 文件：{why}", "Not a valid {format} file: {why}")
_LONLAT = Text("须有列 lon 和 lat，且为数字", "There must be columns lon and lat, with numbers")
_FORMAT = Text("地点可由 csv 或 geojson 导入", "Places come as csv or geojson")


def converted(payload: bytes, format: Format, datum: str) -> bytes:
    """The file as GeoJSON in CGCS2000 with the datum it came in. Raises Invalid, Malformed, TooLarge."""
    if len(payload) > IMPORT_BYTES:
        raise TooLarge(_LARGE, n=IMPORT_ROWS, mb=IMPORT_BYTES >> 20)
    source = named(datum)
    features = list(_features(payload, format))
    if len(features) > IMPORT_ROWS:
        raise TooLarge(_LARGE, n=IMPORT_ROWS, mb=IMPORT_BYTES >> 20)
    points = [n for n, f in enumerate(features) if f["geometry"].get("type") == "Point"]
    for start in range(0, len(points), _BATCH):
        part = points[start : start + _BATCH]
        moved = convert_positions(
            [features[n]["geometry"].get("coordinates") for n in part], source, CGCS2000
        )
        for n, position in zip(part, moved, strict=True):
            features[n]["geometry"] = {"type": "Point", "coordinates": position}
    for n in set(range(len(features))) - set(points):
        geometry = features[n]["geometry"]
        features[n]["geometry"] = convert_geometry(geometry, source, CGCS2000, f"/features/{n}/geometry")
    for feature in features:
        feature["properties"].setdefault("datum", _DATUMS.get(source.datum, "local"))
    return msgspec.json.encode({"type": "FeatureCollection", "features": features})


def _features(payload: bytes, format: Format) -> Iterator[dict[str, Any]]:
    if format is Format.CSV:
        yield from _lines(payload)
        return
    if format is not Format.GEOJSON:
        raise Invalid(None, problems=(Problem("/format", _FORMAT),))
    try:
        found = msgspec.json.decode(payload, type=_Collection)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise Malformed(_FILE, format="geojson", why=str(error)[:200]) from None
    for feature in found.features:
        yield {"type": "Feature", "properties": dict(feature.properties or {}), "geometry": feature.geometry}


class _Feature(msgspec.Struct):
    geometry: dict[str, Any]
    properties: dict[str, Any] | None = None


class _Collection(msgspec.Struct):
    features: list[_Feature]


def _lines(payload: bytes) -> Iterator[dict[str, Any]]:
    try:
        for row in csv.DictReader(io.StringIO(payload.decode("utf-8-sig")), strict=True):
            try:
                position = [float(row.pop("lon")), float(row.pop("lat"))]
            except (KeyError, TypeError, ValueError):
                raise Invalid(None, problems=(Problem("/lon", _LONLAT),)) from None
            values = {k: v for k, v in row.items() if k is not None and v not in (None, "")}
            yield {
                "type": "Feature",
                "properties": values,
                "geometry": {"type": "Point", "coordinates": position},
            }
    except (UnicodeDecodeError, csv.Error) as error:
        raise Malformed(_FILE, format="csv", why=str(error)[:200]) from None
