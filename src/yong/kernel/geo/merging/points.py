"""The points of sources, and reading them from files. Bad rows take no part and are told."""

import csv
import io
import math
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
import numpy as np

from yong.kernel.base.errors import Invalid, Malformed, Problem, TooLarge
from yong.kernel.base.text import Text
from yong.kernel.geo import datums
from yong.kernel.geo.datums.contracts import System, Unit
from yong.kernel.geo.merging.contracts import BAD_SHOWN, MOST_POINTS, Columns, SourcePlan
from yong.kernel.records.contracts import Format
from yong.kernel.records.matching.similarity import Floats

_NO_PLACE = Text("没有可用的点位", "There is no point position")
_OUT = Text("坐标超出该坐标系的范围", "The position is out of the coordinate system's range")
_NO_ID = Text("没有编号", "There is no id")
_LONG = Text("{what} 超过 {most} 个字符", "{what} is longer than {most} characters")
_TWICE = Text("编号重复", "The id is there twice")
LENGTHS = {"record": 200, "name": 200, "class": 40, "district": 15, "code": 100}


class Row(msgspec.Struct, frozen=True):
    """A point as a source has it: x, y are longitude, latitude, or easting, northing, in its stated system."""

    record: str
    x: float | None
    y: float | None
    name: str | None = None
    kind: str | None = None
    district: str | None = None
    code: str | None = None


class Points:
    """The points of one source that take part, and the rows that do not. `raw` is in the stated system."""

    def __init__(self, plan: SourcePlan, rows: Iterable[Row]) -> None:
        self.plan = plan
        self.rows: list[Row] = []
        self.bad: list[tuple[str, Text]] = []
        self.bad_total = 0
        for row in rows:
            fault = _fault(row)
            if fault:
                self._wrong(row.record, fault)
            else:
                self.rows.append(row)
        self.system = datums.named(plan.datum)
        self.raw: Floats = np.array([(r.x, r.y) for r in self.rows], dtype=np.float64).reshape(-1, 2)
        self.lonlat = self._converted()

    def __len__(self) -> int:
        return len(self.rows)

    def _wrong(self, record: str, why: Text) -> None:
        self.bad_total += 1
        if len(self.bad) < BAD_SHOWN:
            self.bad.append((record[:200], why))

    def _converted(self) -> Floats:
        good = in_range(self.raw, self.system)
        if not good.all():
            for n in np.flatnonzero(~good).tolist():
                self._wrong(self.rows[n].record, _OUT)
            self.rows = [r for r, fits in zip(self.rows, good.tolist(), strict=True) if fits]
            self.raw = self.raw[good]
        return datums.convert(self.raw, self.system, datums.CGCS2000)


def in_range(raw: Floats, system: System) -> "np.ndarray[Any, np.dtype[np.bool_]]":
    """Which positions a system can hold, and CGCS2000 after it."""
    if system.unit is Unit.DEGREE:
        return np.asarray((np.abs(raw[:, 0]) <= 180) & (np.abs(raw[:, 1]) <= 90))
    good = np.ones(len(raw), dtype=bool)
    if not len(raw):
        return good
    try:
        datums.convert(raw, system, datums.CGCS2000)
    except Invalid:  # one by one is slow, and only where one is wrong
        for n in range(len(raw)):
            try:
                datums.convert(raw[n : n + 1], system, datums.CGCS2000)
            except Invalid:
                good[n] = False
    return good


def _fault(row: Row) -> Text | None:
    if row.x is None or row.y is None or not (math.isfinite(row.x) and math.isfinite(row.y)):
        return _NO_PLACE
    return None


def rows_of(payload: bytes, format: Format, plan: SourcePlan) -> list[Row]:
    """The rows of a CSV or GeoJSON file, all of them with an id and none twice.

    Text is UTF-8, or GB 18030 where it is not. Raises Malformed for what cannot be read, Invalid with the rows whose
    id is missing, too long or there twice, TooLarge beyond MOST_POINTS.
    """
    read = _READERS.get(format)
    if read is None:
        raise Malformed(Text("点位文件应为 CSV 或 GeoJSON", "A file of points is CSV or GeoJSON"))
    rows: list[Row] = []
    seen: set[str] = set()
    problems: list[Problem] = []
    for number, row in enumerate(read(payload, plan.columns), 1):
        if number > MOST_POINTS:
            raise TooLarge(Text("超过 {n} 个点", "There are more than {n} points"), n=MOST_POINTS)
        why = _TWICE if row.record in seen else _unfit(row)
        if why:
            problems.append(Problem(f"/rows/{number}", why))
            if len(problems) >= BAD_SHOWN:
                break
        seen.add(row.record)
        rows.append(row)
    if problems:
        raise Invalid(None, problems=tuple(problems))
    return rows


def _unfit(row: Row) -> Text | None:
    if not row.record:
        return _NO_ID
    values = {
        "record": row.record,
        "name": row.name,
        "class": row.kind,
        "district": row.district,
        "code": row.code,
    }
    for name, value in values.items():
        if value and len(value) > LENGTHS[name]:
            return _LONG.filled(what=name, most=LENGTHS[name])
        if value and "\0" in value:
            return Text("含有空字符", "There is a null character")
    return None


def _csv(payload: bytes, columns: Columns) -> Iterator[Row]:
    if not (columns.record and columns.lon and columns.lat):
        raise Invalid(
            Text("CSV 须说明 record、lon、lat 各是哪一列", "A CSV file needs the columns record, lon and lat")
        )
    reader = csv.DictReader(io.StringIO(_text(payload), newline=""), strict=True)
    try:
        present = set(reader.fieldnames or ())
        wanted = [c for c in msgspec.structs.astuple(columns) if c]
        absent = [c for c in wanted if c not in present]
        if absent:
            raise Invalid(
                Text("文件没有列 {names}", "The file has no column {names}"), names=", ".join(absent)[:300]
            )
        for values in reader:
            yield _row(values, columns, _number(values.get(columns.lon)), _number(values.get(columns.lat)))
    except csv.Error:
        raise Malformed(Text("CSV 无法读取", "The CSV cannot be read")) from None


class _Feature(msgspec.Struct):
    properties: dict[str, Any] | None = None
    geometry: dict[str, Any] | None = None
    id: str | int | None = None


class _Features(msgspec.Struct):
    features: list[_Feature]


def _geojson(payload: bytes, columns: Columns) -> Iterator[Row]:
    try:
        found = msgspec.json.decode(_text(payload).encode(), type=_Features)
    except (msgspec.MsgspecError, RecursionError):
        raise Malformed(Text("GeoJSON 无法读取", "The GeoJSON cannot be read")) from None
    for feature in found.features:
        values = feature.properties or {}
        x, y = point_of(feature.geometry)
        row = _row(values, columns, x, y)
        if not columns.record:
            row = msgspec.structs.replace(row, record="" if feature.id is None else str(feature.id))
        yield row


_READERS = {Format.CSV: _csv, Format.GEOJSON: _geojson}


def point_of(geometry: object) -> tuple[float | None, float | None]:
    """The position of a GeoJSON Point; nothing of any other geometry."""
    if isinstance(geometry, dict) and geometry.get("type") == "Point":
        match geometry.get("coordinates"):
            case [int() | float() as x, int() | float() as y, *_]:
                return float(x), float(y)
    return None, None


def _row(values: dict[str, Any], columns: Columns, x: float | None, y: float | None) -> Row:
    def said(column: str | None) -> str | None:
        value = values.get(column) if column else None
        return None if value is None or isinstance(value, dict | list) else str(value).strip() or None

    return Row(
        said(columns.record) or "",
        x,
        y,
        said(columns.name),
        said(columns.kind),
        said(columns.district),
        said(columns.code),
    )


def _number(text: object) -> float | None:
    try:
        return float(str(text))
    except ValueError:
        return None


def _text(payload: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return payload.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Malformed(Text("文件既不是 UTF-8 也不是 GB 18030", "The file is neither UTF-8 nor GB 18030"))
