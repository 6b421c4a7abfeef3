"""Files of records: rows out of CSV, XLSX, GeoJSON and Parquet, and into them.

Reading gives each row as field name → JSON value, text where the format knows only text; the checks of the
table decide what it becomes. Two columns beside the fields say whose a row is: `owner_id` and `district`.
"""

import contextlib
import csv
import io
import re
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import msgspec

from yong.kernel.base.errors import Malformed, TooLarge
from yong.kernel.base.relation import Field, Type
from yong.kernel.base.text import Text
from yong.kernel.records.contracts import IMPORT_BYTES, IMPORT_COLUMNS, IMPORT_ROWS, Format, Table

ROW_COLUMNS = ("owner_id", "district")
_UNPACKED = 1 << 30  # what a spreadsheet may unpack to
_SHIELDED = ("=", "+", "-", "@", "\t", "\r", "'")
_NUMBER = re.compile(r"[-+]?[0-9]+(\.[0-9]+)?")
_EXACT, _CELL = 1 << 53, 32_767  # what a spreadsheet's numbers and cells hold
# What XML cannot hold, and text that would be read as an escape of it (ECMA-376 part 1, 22.9.2.19).
_UNFIT = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_TEXTS = (Type.TEXT, Type.CODE, Type.REFERENCE)

Rows = Iterator[dict[str, object]]


def rows_of(payload: bytes, format: Format, table: Table) -> Rows:
    """The rows of a file. Raises Malformed for a file that is not of its format, TooLarge over the limits."""
    if len(payload) > IMPORT_BYTES:
        raise TooLarge(Text("文件超过 256 MiB", "The file is over 256 MiB"))
    fields = {f.name: f for f in table.fields}
    count = 0
    try:
        for row in _READERS[format](payload):
            count += 1
            if count > IMPORT_ROWS:
                raise TooLarge(Text("行数超过一百万", "There are over a million rows"))
            yield {
                name: _value(fields.get(name), value, format)
                for name, value in row.items()
                if value is not None and (value != "" or _keeps_empty(fields.get(name)))
            }
    except duckdb.Error:  # its words name files of this machine
        raise Malformed(Text("不是有效的 Parquet 文件", "Not a valid Parquet file")) from None
    except (
        csv.Error,
        UnicodeDecodeError,
        zipfile.BadZipFile,
        msgspec.MsgspecError,
        KeyError,
        ValueError,
        OSError,
    ) as error:
        raise Malformed(
            Text("不是有效的 {format} 文件：{why}", "Not a valid {format} file: {why}"),
            format=format.value,
            why=str(error)[:200],
        ) from None


def _keeps_empty(field: Field | None) -> bool:
    """Empty text is a value of TEXT and of JSON; elsewhere it means that there is none."""
    return field is not None and field.type in (Type.TEXT, Type.JSON)


def _value(field: Field | None, value: object, format: Format) -> object:
    """Text as the JSON value that a field's check expects; what cannot be one stays text and fails there."""
    if field is None:
        return value
    if not isinstance(value, str):
        if field.type in _TEXTS and isinstance(value, int | float) and not isinstance(value, bool):
            return str(int(value)) if float(value).is_integer() else str(value)
        return value
    if field.type is Type.DATE and value.endswith("T00:00:00"):
        return value[:10]  # a spreadsheet's day is a moment
    convert = _FROM_TEXT.get(field.type)
    if convert is None or (field.type is Type.JSON and format is Format.GEOJSON):
        return value
    with contextlib.suppress(ValueError, msgspec.MsgspecError):
        return convert(value.strip())
    return value


def _boolean(text: str) -> object:
    return {
        "true": True,
        "1": True,
        "是": True,
        "yes": True,
        "false": False,
        "0": False,
        "否": False,
        "no": False,
    }.get(text.lower(), text)


_FROM_TEXT: dict[Type, Callable[[str], object]] = {
    Type.INTEGER: int,
    Type.MONEY: int,
    Type.NUMBER: float,
    Type.BOOLEAN: _boolean,
    Type.JSON: lambda t: msgspec.json.decode(t),
    Type.GEOMETRY: lambda t: msgspec.json.decode(t),
}


def _csv(payload: bytes) -> Rows:
    try:
        text = payload.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = payload.decode("gb18030")
    if "\0" in text:
        raise csv.Error("null character")
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    names = reader.fieldnames or []
    _columns(names)
    for row in reader:
        extra = row.pop(None, None)
        if extra:
            row["…"] = "".join(str(e) for e in extra)
        yield {name: _unshielded(value) for name, value in row.items()}


def _unshielded(value: object) -> object:
    """A cell without the quote that :func:`_shielded` put before it; an empty one holds nothing."""
    if not isinstance(value, str):
        return value
    if value[:1] == "'" and (value == "'" or value[1] in _SHIELDED):
        return value[1:]
    return value or None


def _xlsx(payload: bytes) -> Rows:
    with zipfile.ZipFile(io.BytesIO(payload)) as archive:
        if sum(info.file_size for info in archive.infolist()) > _UNPACKED:
            raise TooLarge(Text("表格展开后过大", "The spreadsheet unpacks to too much"))
    import openpyxl  # half a second to load, which no start should wait for

    book = openpyxl.load_workbook(io.BytesIO(payload), read_only=True, data_only=True)
    try:
        sheet = book.worksheets[0]
        lines = sheet.iter_rows(values_only=True)
        names = ["" if cell is None else str(cell) for cell in next(lines, ())]
        _columns(names)
        for line in lines:
            if any(cell is not None for cell in line):
                yield {name: _read(cell) for name, cell in zip(names, line, strict=False) if name}
    finally:
        book.close()


def _read(cell: Any) -> object:
    if isinstance(cell, str):
        return _unshielded(_ESCAPE.sub(lambda found: chr(int(found[1], 16)), cell))
    return cell.isoformat() if hasattr(cell, "isoformat") else cell


class _Feature(msgspec.Struct):
    properties: dict[str, Any] | None = None
    geometry: dict[str, Any] | None = None


class _Collection(msgspec.Struct):
    features: list[_Feature]


def _geojson(payload: bytes) -> Rows:
    for feature in msgspec.json.decode(payload, type=_Collection).features:
        row = dict(feature.properties or {})
        _columns(list(row))
        if feature.geometry is not None:
            row["geometry"] = feature.geometry
        yield row


def _parquet(payload: bytes) -> Rows:
    with tempfile.NamedTemporaryFile(suffix=".parquet") as file, _duck() as duck:
        file.write(payload)
        file.flush()
        cursor = duck.execute("SELECT * FROM read_parquet(?)", [file.name])
        names = [d[0] for d in cursor.description]
        _columns(names)
        while lines := cursor.fetchmany(5000):
            for line in lines:
                yield {
                    n: (c.isoformat() if hasattr(c, "isoformat") else c)
                    for n, c in zip(names, line, strict=True)
                }


def _columns(names: "list[str] | Any") -> None:
    if len(names) > IMPORT_COLUMNS:
        raise TooLarge(Text("列数超过 200", "There are over 200 columns"))


_READERS: dict[Format, Callable[[bytes], Rows]] = {
    Format.CSV: _csv,
    Format.XLSX: _xlsx,
    Format.GEOJSON: _geojson,
    Format.PARQUET: _parquet,
}


def written(
    rows: list[dict[str, object]], fields: list[Field], geometry: str | None, format: Format
) -> bytes:
    """Rows as a file of `format`, columns in the order of `fields`. Importing it gives the same values."""
    return _WRITERS[format](rows, fields, geometry)


def _plain(field: Field, value: object) -> object:
    """A value as formats without nesting keep it: JSON is written as its text, also where it is a string."""
    if value is None or field.type not in (Type.JSON, Type.GEOMETRY):
        return value
    return msgspec.json.encode(value).decode()


def _shielded(value: object) -> object:
    """Text that a spreadsheet would run as a formula gets a quote before it; so does text that begins with
    a quote, and text that is empty, which would else come back as null."""
    if not isinstance(value, str) or _NUMBER.fullmatch(value):
        return value
    return f"'{value}" if not value or value[0] in _SHIELDED else value


def _to_csv(rows: list[dict[str, object]], fields: list[Field], geometry: str | None) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([f.name for f in fields])
    writer.writerows([[_shielded(_text(_plain(f, row.get(f.name)))) for f in fields] for row in rows])
    return out.getvalue().encode("utf-8-sig")


def _text(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value


def _to_xlsx(rows: list[dict[str, object]], fields: list[Field], geometry: str | None) -> bytes:
    import openpyxl  # as above

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("records")
    sheet.append([f.name for f in fields])
    for row in rows:
        sheet.append([_cell(_plain(f, row.get(f.name))) for f in fields])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(value: object) -> object:
    """A value as a spreadsheet's cell keeps it; a number of which it would lose digits as text."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > _EXACT:
        return str(value)
    if isinstance(value, float) and float(f"{value:.16g}") != value:
        return repr(value)
    value = _shielded(value)
    if not isinstance(value, str):
        return value
    escaped = _UNFIT.sub(lambda found: f"_x{ord(found[0][0]):04X}_", value)
    if len(escaped) > _CELL:
        raise TooLarge(
            Text(
                "有值超过电子表格单元格的 32767 个字符，请导出其他格式",
                "A value is longer than the 32767 characters of a spreadsheet's cell: export another format",
            )
        )
    return escaped


def _to_geojson(rows: list[dict[str, object]], fields: list[Field], geometry: str | None) -> bytes:
    features = [
        {
            "type": "Feature",
            "geometry": row.get(geometry) if geometry else None,
            "properties": {f.name: row.get(f.name) for f in fields if f.name != geometry},
        }
        for row in rows
    ]
    return msgspec.json.encode({"type": "FeatureCollection", "features": features})


def _to_parquet(rows: list[dict[str, object]], fields: list[Field], geometry: str | None) -> bytes:
    with tempfile.TemporaryDirectory() as folder, _duck() as duck:
        source, target = Path(folder) / "rows.json", Path(folder) / "rows.parquet"
        with source.open("wb") as file:
            for row in rows:
                file.write(msgspec.json.encode({f.name: _plain(f, row.get(f.name)) for f in fields}) + b"\n")
        columns = {f.name: _PARQUET.get(f.type, "VARCHAR") for f in fields}
        duck.execute(
            f"COPY (SELECT * FROM read_json('{source}', format='newline_delimited', columns={columns!r}))"
            f" TO '{target}' (FORMAT parquet)"
        )
        return target.read_bytes()


_PARQUET = {
    Type.BOOLEAN: "BOOLEAN",
    Type.INTEGER: "BIGINT",
    Type.MONEY: "BIGINT",
    Type.NUMBER: "DOUBLE",
}
_WRITERS: dict[Format, Callable[[list[dict[str, object]], list[Field], str | None], bytes]] = {
    Format.CSV: _to_csv,
    Format.XLSX: _to_xlsx,
    Format.GEOJSON: _to_geojson,
    Format.PARQUET: _to_parquet,
}


def _duck() -> Any:
    """An engine of our own that downloads nothing and reads only what we name."""
    return duckdb.connect(config={"autoinstall_known_extensions": False, "autoload_known_extensions": False})
