"""A file of addresses, geocoded line by line: CSV in, the same CSV with seven columns more out."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from yong.kernel.base.errors import Invalid, Malformed, Problem, TooLarge
from yong.kernel.base.text import Text
from yong.kernel.geo.places.contracts import BYTES, LONGEST_QUERY, ROWS, Geocoded

ADDED = ("geo_lon", "geo_lat", "geo_confidence", "geo_precision", "geo_name", "geo_code", "geo_note")
ENCODINGS = ("utf-8", "gb18030")
_AT_ONCE, _CHUNK = 4, 100
_COLUMNS, _CELL = 200, 10_000
_SHIELDED = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would take it for a formula

Ask = Callable[[str], Awaitable[Geocoded | None]]

_READ = Text("不是 {encoding} 编码的 CSV 文件：{why}", "Not a CSV file in {encoding}: {why}")
_MANY = Text("一次至多 {n} 行、{mb} MiB", "At most {n} rows and {mb} MiB at once")
_NONE = Text("没有列 {name}", "There is no column {name}")
_TAKEN = Text("列名 {name} 是结果所用", "The column name {name} is one of the answer's")


class Sheet:
    """A file that was read: its columns and rows."""

    def __init__(self, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        self.columns = columns
        self.rows = rows


def read(payload: bytes, encoding: str, wanted: Sequence[str]) -> Sheet:
    """A CSV file with a heading. Raises Malformed, TooLarge, and Invalid where a column is not there."""
    if len(payload) > BYTES:
        raise TooLarge(_MANY, n=ROWS, mb=BYTES >> 20)
    try:
        text = payload.decode("utf-8-sig" if encoding == "utf-8" else encoding)
        rows = list(csv.reader(io.StringIO(text), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise Malformed(_READ, encoding=encoding, why=str(error)[:200]) from None
    if not rows or len(rows[0]) > _COLUMNS:
        raise Malformed(_READ, encoding=encoding, why="heading")
    if len(rows) > ROWS + 1:
        raise TooLarge(_MANY, n=ROWS, mb=BYTES >> 20)
    columns, body = rows[0], [row for row in rows[1:] if row]
    problems = [Problem("/address", _NONE.filled(name=w[:100])) for w in wanted if w not in columns]
    problems += [Problem("/columns", _TAKEN.filled(name=a)) for a in ADDED if a in columns]
    if problems:
        raise Invalid(None, problems=tuple(problems))
    uneven = next((n for n, row in enumerate(body, 1) if len(row) != len(columns)), None)
    if uneven is not None:
        raise Malformed(_READ, encoding=encoding, why=f"row {uneven}")
    return Sheet(columns, body)


async def answered(sheet: Sheet, encoding: str, wanted: Sequence[str], ask: Ask) -> AsyncIterator[bytes]:
    """The file again with what was found for each row, some rows at a time; the same address is asked once."""
    places = [list(sheet.columns).index(w) for w in wanted]
    known: dict[str, Geocoded | None] = {}
    turns = asyncio.Semaphore(_AT_ONCE)

    async def learn(address: str) -> None:
        async with turns:
            known[address] = await ask(address)

    yield _lines([[*sheet.columns, *ADDED]], encoding)
    for start in range(0, len(sheet.rows), _CHUNK):
        part = [(row, _address(row, places)) for row in sheet.rows[start : start + _CHUNK]]
        await asyncio.gather(*(learn(a) for a in {a for _, a in part} if a and a not in known))
        yield _lines([[*row, *_found(known.get(address))] for row, address in part], encoding)


def _address(row: Sequence[str], places: Sequence[int]) -> str:
    return " ".join(row[p].strip() for p in places if row[p].strip())[:LONGEST_QUERY]


def _found(one: Geocoded | None) -> list[str]:
    if one is None:
        return [""] * len(ADDED)
    at = [f"{v:.7f}" if v is not None else "" for v in (one.lon, one.lat)]
    words = [one.precision, one.name, one.code or "", one.note or ""]
    return [*at, f"{one.confidence:.3f}", *(f"'{w}" if w.startswith(_SHIELDED) else w for w in words)]


def _lines(rows: Sequence[Sequence[str]], encoding: str) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)  # RFC 4180
    return out.getvalue().encode(encoding, "replace")
