"""Files of features: read, checked, carried over to WGS 84 and written as lines for the builder. No database, no web."""

from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Literal

import msgspec
import numpy as np
import shapely

from yong.kernel.base.errors import Invalid, Malformed, Problem, TooLarge
from yong.kernel.base.text import Text
from yong.kernel.geo import datums
from yong.kernel.geo.datums.contracts import System
from yong.kernel.geo.static.contracts import (
    FEATURE_POSITIONS,
    MOST_FEATURES,
    MOST_POSITIONS,
    PROBLEMS_SHOWN,
    PROPERTIES,
    PROPERTY_BYTES,
    FileFormat,
    Prepared,
)

_BATCH = 2_000
_KINDS = frozenset(("Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"))
_NULL = b"null"
_RECORD = b"\x1e"  # begins a text of RFC 8142
_WGS84 = datums.named("WGS84")

_UNREAD = Text("不是 GeoJSON：{why}", "This is no GeoJSON: {why}")
_FEATURE = Text("应为 GeoJSON 要素：{why}", "A feature of GeoJSON is wanted: {why}")
_PROPERTIES = Text("属性至多 {n} 个、合计 {k} KiB", "A feature has at most {n} properties, {k} KiB together")
_GEOMETRY = Text("几何不符合 GeoJSON", "The geometry is not GeoJSON")
_KIND = Text("不支持 {kind}", "{kind} is not taken")
_CROSSED = Text("几何无效：{why}", "The geometry is not valid: {why}")
_LARGE = Text("要素的坐标超过 {n} 个", "The feature has more than {n} positions")
_MANY = Text("要素超过 {n} 个", "There are more than {n} features")
_POSITIONS = Text("坐标合计超过 {n} 个", "There are more than {n} positions in all")
_NOTHING = Text("文件中没有带几何的要素", "The file has no feature with a geometry")
_WRONG = Text("文件有误，未作任何改动", "The file is wrong; nothing was changed")


class _Collection(msgspec.Struct, frozen=True):
    type: Literal["FeatureCollection"]
    features: list[msgspec.Raw]


class _Feature(msgspec.Struct, frozen=True):
    type: Literal["Feature"]
    geometry: msgspec.Raw = msgspec.Raw(_NULL)
    properties: dict[str, Any] | None = None
    id: int | float | str | None = None


class _One(msgspec.Struct, frozen=True):
    """A feature that passed its own checks: where it stands in the file, its geometry's text, the rest."""

    pointer: str
    geometry: bytes
    properties: dict[str, Any]
    id: int | None


_collection = msgspec.json.Decoder(_Collection)
_feature = msgspec.json.Decoder(_Feature)


def prepare(source: Path, target: Path, format: FileFormat, system: System) -> Prepared:
    """Check a file of features whose positions are in `system` and write them in WGS 84, one a line.

    Raises Malformed for what is no such file, TooLarge over a limit, Invalid with what is wrong with which feature (the
    first PROBLEMS_SHOWN). Heights are left out. Features without a geometry are passed over and counted.
    """
    features = unplaced = positions = 0
    problems: list[Problem] = []
    with target.open("wb") as lines:
        for batch in _batches(source.read_bytes(), format):
            placed: list[_One] = []
            for pointer, raw in batch:
                one = _one(pointer, raw, problems)
                if one is None:
                    unplaced += 1
                else:
                    placed.append(one)
            features += len(placed)
            if features + unplaced > MOST_FEATURES:
                raise TooLarge(_MANY, n=MOST_FEATURES)
            positions += _carry(placed, system, lines, problems)
            if positions > MOST_POSITIONS:
                raise TooLarge(_POSITIONS, n=MOST_POSITIONS)
            if len(problems) >= PROBLEMS_SHOWN:
                break
    if problems:
        raise Invalid(_WRONG, problems=tuple(problems[:PROBLEMS_SHOWN]))
    if not features:
        raise Invalid(_NOTHING)
    return Prepared(features=features, unplaced=unplaced, positions=positions)


def _batches(payload: bytes, format: FileFormat) -> Iterator[list[tuple[str, msgspec.Raw | bytes]]]:
    """The features of a file as they stand in it, each with a pointer to it."""
    if format is FileFormat.GEOJSON:
        try:
            raws: list[Any] = _collection.decode(payload).features
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise Malformed(_UNREAD, why=str(error)[:200]) from None
        prefix = "/features"
    else:
        parts = payload.split(_RECORD if payload.startswith(_RECORD) else b"\n")
        raws, prefix = [part for part in parts if part.strip()], ""
    for start in range(0, len(raws), _BATCH):
        yield [(f"{prefix}/{start + n}", raw) for n, raw in enumerate(raws[start : start + _BATCH])]


def _one(pointer: str, raw: msgspec.Raw | bytes, problems: list[Problem]) -> _One | None:
    """A feature with a geometry; None for one without, and for one that is wrong."""
    try:
        found = _feature.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        problems.append(Problem(pointer, _FEATURE.filled(why=str(error)[:200])))
        return None
    properties = found.properties or {}
    if len(properties) > PROPERTIES or (
        len(raw) > PROPERTY_BYTES and len(msgspec.json.encode(properties)) > PROPERTY_BYTES
    ):
        words = _PROPERTIES.filled(n=PROPERTIES, k=PROPERTY_BYTES >> 10)
        problems.append(Problem(f"{pointer}/properties", words))
        return None
    if bytes(found.geometry) == _NULL:
        return None
    number = found.id if isinstance(found.id, int) and 0 <= found.id < 1 << 53 else None
    return _One(f"{pointer}/geometry", bytes(found.geometry), properties, number)


def _carry(batch: list[_One], system: System, lines: IO[bytes], problems: list[Problem]) -> int:
    """Write features in WGS 84; how many positions they have. What is wrong with one is told and keeps none back."""
    texts = np.array([one.geometry.decode("utf-8", "replace") for one in batch], dtype=object)
    shapes = shapely.force_2d(shapely.from_geojson(texts, on_invalid="ignore"))
    good = []
    for n, shape in enumerate(shapes):
        if (words := _fault(shape)) is None:
            good.append(n)
        else:
            problems.append(Problem(batch[n].pointer, words))
    shapes = shapes[good]
    flat, owner = shapely.get_coordinates(shapes, return_index=True)
    try:
        moved = datums.convert(flat, system, _WGS84, lambda i: batch[good[owner[i]]].pointer)
    except Invalid as error:
        problems.extend(error.problems)
        return len(flat)
    moved = np.round(moved, 9)
    shapely.set_coordinates(shapes, moved)
    for n, text in zip(good, shapely.to_geojson(shapes), strict=True):
        own = {} if batch[n].id is None else {"id": batch[n].id}
        feature = {
            "type": "Feature",
            **own,
            "properties": batch[n].properties,
            "geometry": msgspec.Raw(text.encode()),
        }
        lines.write(msgspec.json.encode(feature) + b"\n")
    return len(flat)


def _fault(shape: shapely.Geometry | None) -> Text | None:
    if shape is None or shape.is_empty:
        return _GEOMETRY
    if shape.geom_type not in _KINDS:
        return _KIND.filled(kind=shape.geom_type)
    if shapely.get_num_coordinates(shape) > FEATURE_POSITIONS:
        return _LARGE.filled(n=FEATURE_POSITIONS)
    if not shapely.is_valid(shape):
        return _CROSSED.filled(why=shapely.is_valid_reason(shape)[:200])
    return None
