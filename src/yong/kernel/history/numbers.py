"""Numbers of many series for the engine: sealed days by their files, hot ones beside them as columns.

Hot readings of days that are sealed too (late ones) are laid against the sealed, so none counts twice.
"""

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from arro3.core import Array, Table

from yong.kernel.base.errors import Invalid
from yong.kernel.base.text import Text
from yong.kernel.history.cold import Cold, Cursor, among
from yong.kernel.history.logic import DAY_US
from yong.kernel.history.reading import Window

MOST_HOT = 5_000_000
_INLINE = 2_000  # series that stand in the query's text
_ROW = np.dtype(
    [(name, kind) for column in (("series", ">i4"), ("observed_at", ">i8"), ("value", ">f8"), ("hash", ">i8"))
     for name, kind in ((f"{column[0]}_bytes", ">i4"), column)]
)  # fmt: skip
_WIRE = np.dtype([("fields", ">i2"), ("row", _ROW)])  # a row of PostgreSQL's binary COPY: no column is null
_HEADER = 19
_END = 2


async def hot(at: Window, series: Sequence[int]) -> Table:
    """The hot numbers of the series within the window, with `late` where the day is sealed too.

    Raises Invalid for more than five million.
    """
    sink = io.BytesIO()

    async def take(chunk: bytes) -> None:
        sink.write(chunk)

    await at.connection.copy_from_query(
        """SELECT series, observed_at, value, hash FROM history.observation
           WHERE series = ANY($1::int[]) AND observed_at >= $2 AND observed_at < $3 AND value IS NOT NULL
           LIMIT $4""",
        list(series), at.start, at.end, MOST_HOT + 1,
        output=take, format="binary",
    )  # fmt: skip
    raw = memoryview(sink.getbuffer())[_HEADER:-_END]
    rows = np.frombuffer(raw, dtype=_WIRE)["row"]
    if len(rows) > MOST_HOT:
        raise Invalid(
            Text(
                "未封存的读数超过 {n} 条，请缩小范围",
                "That is more than {n} readings not sealed yet; narrow it",
            ),
            n=MOST_HOT,
        )
    moments = rows["observed_at"].astype("i8")
    sealed = np.array([s.first_at // DAY_US for s in at.sealed], dtype="i8")
    columns = {
        "series": rows["series"].astype("i4"),
        "observed_at": moments,
        "value": rows["value"].astype("f8"),
        "hash": rows["hash"].astype("i8"),
        "late": np.isin(moments // DAY_US, sealed).astype("u1"),
    }
    return Table.from_pydict({name: Array.from_numpy(column) for name, column in columns.items()})


def source(cold: Cold, cursor: Cursor, at: Window, series: Sequence[int], hot: Table, *, every: bool) -> str:
    """SQL of the series' numbers: series, observed_at, value. `every` says that no other series exist."""
    wanted = _wanted(cursor, series, every=every)
    parts = []
    if at.sealed:
        files = cold.files([s.file for s in at.sealed])
        whole = all(s.first_at >= at.start and s.last_at < at.end for s in at.sealed)
        within = "TRUE" if whole else f"observed_at >= {at.start} AND observed_at < {at.end}"
        parts.append(f"SELECT series, observed_at, value FROM {files} WHERE {within} AND {wanted}")
    if hot.num_rows:
        cursor.register("hot", hot)
        if at.sealed:
            parts.append("SELECT series, observed_at, value FROM hot WHERE late = 0")
            parts.append(
                f"""SELECT series, observed_at, value FROM hot WHERE late = 1
                    AND (series, observed_at, hash) NOT IN (
                        SELECT (c.series, c.observed_at, c.hash) FROM {files} c
                        WHERE c.observed_at BETWEEN (SELECT min(observed_at) FROM hot WHERE late = 1)
                                            AND (SELECT max(observed_at) FROM hot WHERE late = 1) AND {wanted})"""
                if _has_late(cursor)
                else "SELECT series, observed_at, value FROM hot WHERE FALSE"
            )
        else:
            parts.append("SELECT series, observed_at, value FROM hot")
    return " UNION ALL ".join(parts) or (
        "SELECT 0::INTEGER AS series, 0::BIGINT AS observed_at, 0::DOUBLE AS value WHERE FALSE"
    )


def _has_late(cursor: Cursor) -> bool:
    return cursor.execute("SELECT 1 FROM hot WHERE late = 1 LIMIT 1").fetchone() is not None


def _wanted(cursor: Cursor, series: Sequence[int], *, every: bool) -> str:
    if every:
        return "series IS NOT NULL"
    if len(series) <= _INLINE:
        return among(series)
    cursor.register("wanted", column(series))
    return "series IN (SELECT series FROM wanted)"


def column(series: Sequence[int], **more: Sequence[Any]) -> Table:
    """Series, and what belongs to each, as columns."""
    columns: dict[str, Any] = {"series": Array.from_numpy(np.array(series, dtype="i4"))}
    columns.update({name: Array.from_numpy(np.array(values, dtype="i4")) for name, values in more.items()})
    return Table.from_pydict(columns)
