"""Observations as a file: CSV, Parquet or an Arrow stream, made beside the sealed days and streamed from there."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from enum import StrEnum
from pathlib import Path

from arro3.core import Array, DataType, RecordBatchReader, Table
from arro3.io import write_ipc_stream

from yong.kernel.base.city import City
from yong.kernel.base.errors import TooLarge
from yong.kernel.base.ids import new_id
from yong.kernel.base.text import Text
from yong.kernel.history import numbers, parquet
from yong.kernel.history.cold import Cold, Cursor, among
from yong.kernel.history.reading import Window
from yong.kernel.history.visible import Visible

MOST = 20_000_000
TIMEOUT_S = 300.0
_CHUNK = 1 << 18
_FOLDER = ".export"


class ExportFormat(StrEnum):
    """What a file may be."""

    CSV = "csv"
    PARQUET = "parquet"
    ARROW = "arrow"


_COPY = {ExportFormat.CSV: "FORMAT csv, HEADER", ExportFormat.PARQUET: "FORMAT parquet, COMPRESSION zstd"}


async def write(city: City, at: Window, series: Sequence[Visible], form: ExportFormat) -> Path:
    """Write the window's observations of the series to a new file, by entity, attribute and moment.

    Raises TooLarge for more than twenty million. Whoever gets the file deletes it.
    """
    cold = city[Cold]
    target = cold.folder / _FOLDER / f"{new_id()}.{form.value}"
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    csv = target.with_suffix(".hot")
    await at.connection.copy_from_query(
        f"""SELECT series, observed_at, value, other::text, hash, received_at FROM history.observation
            WHERE series = ANY($1::int[]) AND observed_at >= $2 AND observed_at < $3
            ORDER BY {parquet.ORDER} LIMIT $4""",
        [s.number for s in series], at.start, at.end, MOST + 1,
        output=csv, format="csv",
    )  # fmt: skip
    try:
        await cold.run(
            lambda cursor: _write(cold, cursor, at, series, csv, target, form), timeout_s=TIMEOUT_S
        )
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    finally:
        csv.unlink()
    return target


def _write(
    cold: Cold,
    cursor: Cursor,
    at: Window,
    series: Sequence[Visible],
    csv: Path,
    target: Path,
    form: ExportFormat,
) -> None:
    cursor.register("known", _names(series))
    cursor.register(
        "flags",
        numbers.column(
            [s.number for s in series], n=[s.numbers for s in series], o=[s.others for s in series]
        ),
    )
    everything = f"SELECT * FROM {parquet.csv(csv)}"
    if at.sealed and series:
        sealed = f"""SELECT {parquet.COLUMNS} FROM {cold.files([s.file for s in at.sealed])}
                     WHERE {among([s.number for s in series])} AND observed_at >= {at.start} AND observed_at < {at.end}"""
        everything = f"""{sealed} UNION ALL SELECT * FROM ({everything}) h WHERE NOT EXISTS (SELECT 1 FROM ({sealed}) c
                         WHERE c.series = h.series AND c.observed_at = h.observed_at AND c.hash = h.hash)"""
    rows = f"""SELECT k.entity, k.attribute, k.dataset, k.unit, make_timestamptz(e.observed_at) AS observed_at,
                      CASE WHEN f.n = 1 THEN e.value END AS value, CASE WHEN f.o = 1 THEN e.other END AS other
               FROM ({everything}) e JOIN known k USING (series) JOIN flags f USING (series)
               ORDER BY k.entity, k.attribute, k.dataset, k.unit, e.observed_at, e.hash"""
    count = cursor.execute(f"SELECT count(*) FROM ({everything})").fetchone()
    if count is not None and count[0] > MOST:
        raise TooLarge(Text("超过 {n} 条观测，请缩小范围", "More than {n} observations; narrow it"), n=MOST)
    if form is ExportFormat.ARROW:
        write_ipc_stream(RecordBatchReader.from_stream(cursor.sql(rows)), str(target))
    else:
        cursor.execute(f"COPY ({rows}) TO '{parquet.quoted(target)}' ({_COPY[form]})")


def _names(series: Sequence[Visible]) -> Table:
    def words(values: list[str]) -> Array:
        return Array(values, DataType.utf8())

    return Table.from_pydict(
        {
            "series": Array([s.number for s in series], DataType.int32()),
            "entity": words([s.entity for s in series]),
            "attribute": words([s.attribute for s in series]),
            "dataset": words([s.dataset for s in series]),
            "unit": words([s.unit for s in series]),
        }
    )


async def streamed(file: Path) -> AsyncIterator[bytes]:
    """The file's bytes; it is gone afterwards, however that ends."""
    try:
        with file.open("rb") as source:
            while chunk := await asyncio.to_thread(source.read, _CHUNK):
                yield chunk
    finally:
        await asyncio.to_thread(file.unlink, missing_ok=True)
