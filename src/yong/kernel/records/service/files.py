"""Files of records: rows out of CSV, XLSX, GeoJSON and Parquet, and into them.

Reading gives each row as field name → JSON value, text where the format knows only text; the checks of the
table decide what it becomes. Two columns beside the fields say whose a row is: `owner_id` and `district`.
"""

import contextlib
import csv
import io
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import openpyxl

from yong.kernel.base.errors import Malformed, TooLarge
from yong.kernel.base.relation import Field, Type
from yong.kernel.base.text import Text
from yong.kernel.records.contracts import IMPORT_BYTES, IMPORT_COLUMNS, IMPORT_ROWS, Format, Table

ROW_COLUMNS = ("owner_id", "district")
_UNPACKED = 1 << 30  # what a spreadsheet may unpack to
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

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
                name: _value(fields.get(name), value)
                for name, value in row.items()
                if value not in (None, "")
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


def _value(field: Field | None, value: object) -> object:
    """Text as the JSON value that a field's check expects; what cannot be one stays text and fails there."""
    if field is None or not isinstance(value, str):
        if (
            field is not None
            and field.type in (Type.TEXT, Type.CODE, Type.REFERENCE)
            and isinstance(value, int | float)
        ):
            return str(int(value)) if float(value).is_integer() else str(value)
        return value
    convert = _FROM_TEXT.get(field.type)
    if convert is None:
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
        yield {name: _unquoted(value) for name, value in row.items()}


def _unquoted(value: str | None) -> object:
    """Undo the quote that :func:`_shielded` puts before a formula."""
    return value[1:] if value and value[0] == "'" and value[1:2] in _FORMULA else value


def _xlsx(payload: bytes) -> Rows:
    with zipfile.ZipFile(io.BytesIO(payload)) as archive:
        if sum(info.file_size for info in archive.infolist()) > _UNPACKED:
            raise TooLarge(Text("表格展开后过大", "The spreadsheet unpacks to too much"))
    book = openpyxl.load_workbook(io.BytesIO(payload), read_only=True, data_only=True)
    try:
        sheet = book.worksheets[0]
        lines = sheet.iter_rows(values_only=True)
        names = ["" if cell is None else str(cell) for cell in next(lines, ())]
        _columns(names)
        for line in lines:
            if any(cell is not None for cell in line):
                yield {
                    name: (cell.isoformat() if hasattr(cell, "isoformat") else cell)
                    for name, cell in zip(names, line, strict=False)
                    if name
                }
    finally:
        book.close()


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


def written(rows: list[dict[str, object]], names: list[str], geometry: str | None, format: Format) -> bytes:
    """Rows as a file of `format`, columns in the order of `names`."""
    return _WRITERS[format](rows, names, geometry)


def _flat(value: object) -> object:
    return msgspec.json.encode(value).decode() if isinstance(value, dict | list) else value


def _shielded(value: object) -> object:
    """Text that a spreadsheet would run as a formula gets a quote before it."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _to_csv(rows: list[dict[str, object]], names: list[str], geometry: str | None) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(names)
    writer.writerows([[_shielded(_text(row.get(n))) for n in names] for row in rows])
    return out.getvalue().encode("utf-8-sig")


def _text(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    return _flat(value)


def _to_xlsx(rows: list[dict[str, object]], names: list[str], geometry: str | None) -> bytes:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("records")
    sheet.append(names)
    for row in rows:
        sheet.append([_shielded(_flat(row.get(n))) for n in names])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _to_geojson(rows: list[dict[str, object]], names: list[str], geometry: str | None) -> bytes:
    features = [
        {
            "type": "Feature",
            "geometry": row.get(geometry) if geometry else None,
            "properties": {n: row.get(n) for n in names if n != geometry},
        }
        for row in rows
    ]
    return msgspec.json.encode({"type": "FeatureCollection", "features": features})


def _to_parquet(rows: list[dict[str, object]], names: list[str], geometry: str | None) -> bytes:
    with tempfile.TemporaryDirectory() as folder, _duck() as duck:
        source, target = Path(folder) / "rows.json", Path(folder) / "rows.parquet"
        with source.open("wb") as file:
            for row in rows:
                file.write(msgspec.json.encode({n: _flat(row.get(n)) for n in names}) + b"\n")
        columns = {n: _duck_type([row.get(n) for row in rows]) for n in names}
        duck.execute(
            f"COPY (SELECT * FROM read_json('{source}', format='newline_delimited', columns={columns!r}))"
            f" TO '{target}' (FORMAT parquet)"
        )
        return target.read_bytes()


def _duck_type(values: list[object]) -> str:
    kinds = {type(v) for v in values if v is not None}
    if kinds == {bool}:
        return "BOOLEAN"
    if kinds == {int}:
        return "BIGINT"
    return "DOUBLE" if kinds and kinds <= {int, float} else "VARCHAR"


_WRITERS: dict[Format, Callable[[list[dict[str, object]], list[str], str | None], bytes]] = {
    Format.CSV: _to_csv,
    Format.XLSX: _to_xlsx,
    Format.GEOJSON: _to_geojson,
    Format.PARQUET: _to_parquet,
}


def _duck() -> Any:
    """An engine of our own that downloads nothing and reads only what we name."""
    return duckdb.connect(config={"autoinstall_known_extensions": False, "autoload_known_extensions": False})
