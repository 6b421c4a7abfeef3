"""Export and import are one another's inverse, in every format, for every type a field may have.

CSV and XLSX: text that a spreadsheet would run as a formula, that begins with a quote or that is empty is
written with a quote before it, and read without: nothing is lost, and nothing runs.
"""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from yong.kernel.base.errors import TooLarge
from yong.kernel.base.relation import Type
from yong.kernel.base.text import Text
from yong.kernel.records.contracts import Format, Table
from yong.kernel.records.logic import check
from yong.kernel.records.service import files

from .sample import field

EVERY = Table(
    name="sample.every",
    title=Text("各类型", "Every type"),
    geometry="place",
    fields=(
        field("text", Type.TEXT, max_length=4000),
        field("whole", Type.INTEGER),
        field("number", Type.NUMBER),
        field("decimal", Type.DECIMAL),
        field("money", Type.MONEY),
        field("yes", Type.BOOLEAN),
        field("day", Type.DATE),
        field("moment", Type.MOMENT),
        field("code", Type.CODE, codes="sample.area"),
        field("other", Type.REFERENCE, refers="sample.station"),
        field("place", Type.GEOMETRY),
        field("shape", Type.GEOMETRY),
        field("json", Type.JSON),
    ),
)
COLUMNS = [*EVERY.fields, field("owner_id", Type.TEXT), field("district", Type.TEXT)]

letters = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
texts = st.one_of(
    st.text(letters, max_size=30),
    st.sampled_from([
        "", " ", "'", "''", "'=", "=1+1", "+86 574", "-1", "-x", "@SUM(A1)", "\t=1", "\r", "\r\n", "a\nb", "a\rb", '"', '""',
        "007", "00123456789012345678", "1e5", "1.0", "TRUE", "false", "null", "NULL", "None", "NaN", "#N/A", "#DIV/0!",
        "2026-01-01", "海曙区“站”，一号", "_x0041_", "_x005F_", "_x000D_", "\x01\x1f", "\ufffe", "\ufeff", "\x85", "\u2028",
        "{}", "[1]", "'tis", "，", ",", ";", "𠀀", "\x0b\x0c",
    ]),
)  # fmt: skip
int64 = st.one_of(st.integers(-(2**63), 2**63 - 1), st.sampled_from([2**53 + 1, -(2**53) - 1, 2**63 - 1, 0]))
degrees = st.builds(list, st.tuples(st.floats(-180, 180), st.floats(-90, 90)))
points = st.builds(lambda p: {"type": "Point", "coordinates": p}, degrees)
lines = st.builds(
    lambda a, b: {"type": "LineString", "coordinates": [[a, b], [a + 1, b + 1]]},
    st.floats(-179, 179), st.floats(-89, 88),
)  # fmt: skip
plain = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53), 2**53),
    st.floats(allow_nan=False, allow_infinity=False),
    texts,
)
jsons = st.recursive(
    plain,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)),
    max_leaves=5,
).filter(lambda value: value is not None)
decimals = st.decimals(-(10**30), 10**30, places=6).map(lambda d: format(d, "f"))
moments = st.datetimes(timezones=st.just(UTC)).map(datetime.isoformat)
names = texts.filter(bool)
rows = st.fixed_dictionaries(
    {
        name: st.one_of(st.none(), kind)
        for name, kind in {
            "text": texts, "whole": int64, "number": st.floats(allow_nan=False, allow_infinity=False), "decimal": decimals,
            "money": int64, "yes": st.booleans(), "day": st.dates(date(1, 1, 1)).map(date.isoformat), "moment": moments,
            "code": names, "other": names, "place": points, "shape": st.one_of(points, lines), "json": jsons,
            "owner_id": names, "district": st.sampled_from(["330203", "33"]),
        }.items()
    }
)  # fmt: skip


def again(row: dict[str, object]) -> dict[str, object]:
    """A row of a file as an import keeps it."""
    own = {name: row.pop(name, None) for name in files.ROW_COLUMNS}
    if "geometry" in row:
        row["place"] = row.pop("geometry")
    draft = check(EVERY, row)
    assert not draft.problems, draft.problems
    return {f.name: draft.values.get(f.name) for f in EVERY.fields} | own


def exported(found: list[dict[str, object]], format: Format) -> bytes:
    return files.written(found, COLUMNS, EVERY.geometry, format)


NOTHING: dict[str, object] = dict.fromkeys([f.name for f in COLUMNS])


@pytest.mark.parametrize("format", Format)
@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.lists(rows, max_size=4))
@example([NOTHING, {**NOTHING, "text": ""}, {**NOTHING, "json": ""}])
@example(
    [
        {**NOTHING, "text": t, "json": t, "owner_id": "o"}
        for t in ("=1+1", "007", "'", "_x0041_", "\x01", "\r\n")
    ]
)
def test_what_is_exported_is_imported_as_it_was(format: Format, found: list[dict[str, object]]) -> None:
    found = [row for row in found if format is not Format.XLSX or any(v is not None for v in row.values())]
    back = [again(dict(row)) for row in files.rows_of(exported(found, format), format, EVERY)]
    assert back == found
    kinds = [[type(row[f.name]) for f in EVERY.fields if f.type is Type.BOOLEAN] for row in back]
    assert kinds == [[type(row[f.name]) for f in EVERY.fields if f.type is Type.BOOLEAN] for row in found]


@given(texts)
@settings(max_examples=60, deadline=None, derandomize=True)
def test_no_cell_of_a_spreadsheet_begins_like_a_formula(text: str) -> None:
    row = {**NOTHING, "text": text, "json": text, "owner_id": text}
    [_, cells] = csv.reader(io.StringIO(exported([row], Format.CSV).decode("utf-8-sig"), newline=""))
    book = openpyxl.load_workbook(io.BytesIO(exported([row], Format.XLSX)))
    sheet = [c for c in list(book.worksheets[0].iter_rows())[1] if c.value is not None]
    assert all(c.data_type != "f" for c in sheet)
    for cell in [*cells, *(str(c.value) for c in sheet)]:
        assert not cell.startswith(("=", "@", "\t", "\r"))
        assert not cell.startswith(("+", "-")) or Decimal(cell) is not None


def test_a_value_longer_than_a_cell_is_told_and_not_cut() -> None:
    with pytest.raises(TooLarge):
        exported([{**NOTHING, "json": ["x" * 40_000]}], Format.XLSX)
    [row] = files.rows_of(exported([{**NOTHING, "json": ["x" * 40_000]}], Format.CSV), Format.CSV, EVERY)
    assert row["json"] == ["x" * 40_000]


def test_a_spreadsheets_own_dates_numbers_and_quotes_are_read() -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["day", "text", "code", "whole", "json"])
    sheet.append([date(2026, 1, 2), 7, 330203, 5.0, "[1]"])
    sheet.append([None, "'tis", "330203", None, None])
    out = io.BytesIO()
    book.save(out)
    first, second = (again(dict(r)) for r in files.rows_of(out.getvalue(), Format.XLSX, EVERY))
    assert (first["day"], first["text"], first["code"], first["whole"], first["json"]) == (
        "2026-01-02", "7", "330203", 5, [1],
    )  # fmt: skip
    assert second["text"] == "'tis"
