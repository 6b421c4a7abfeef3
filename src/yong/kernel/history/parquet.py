"""A day of observations as a Parquet file: how it is made, and how it is checked before anything relies on it.

Rows lie by series, moment and hash. That keeps a series together, so a reader of one skips the others by the
row groups' bounds, and it makes series and moments small. Times are UTC microseconds, `other` is JSON text.
"""

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

import duckdb
import msgspec

# Groups of 100,000 rows: a reader of one series skips nearly all others by their bounds.
_OPTIONS = "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE 100000"
ORDER = "series, observed_at, hash"
COLUMNS = "series, observed_at, value, other, hash, received_at"


class Sums(msgspec.Struct, frozen=True):
    """What tells rows from other rows: how many, the sum of their hashes, the first and last moment (µs)."""

    rows: int
    checksum: int
    first_at: int | None
    last_at: int | None


class Made(msgspec.Struct, frozen=True):
    """A file that was made, synced and read again."""

    path: Path
    sums: Sums
    bytes: int
    sha256: str


class Mismatch(Exception):
    """What was read back is not what was written; the file is of no use."""


def engine(folder: Path, *, memory_mb: int = 512, threads: int = 1) -> duckdb.DuckDBPyConnection:
    """A DuckDB that touches nothing outside `folder`, spills there, and loads nothing from anywhere."""
    connection = duckdb.connect(
        config={
            "memory_limit": f"{memory_mb}MB",
            "threads": threads,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "preserve_insertion_order": True,
        }
    )
    here, spill = quoted(folder), quoted(folder / ".spill")
    connection.execute(
        f"""SET TimeZone = 'UTC'; SET allowed_directories = ['{here}']; SET temp_directory = '{spill}';
            SET enable_external_access = false; SET lock_configuration = true"""
    )
    return connection


def quoted(path: Path) -> str:
    """A path for a string in SQL."""
    return str(path).replace("'", "''")


def csv(path: Path) -> str:
    """A CSV of COLUMNS, as COPY writes it, as a source in SQL."""
    return f"""read_csv('{quoted(path)}', header = false, delim = ',', quote = '"', escape = '"', auto_detect = false,
        parallel = false, max_line_size = 33554432, buffer_size = 67108864, columns = {{'series': 'INTEGER',
        'observed_at': 'BIGINT', 'value': 'DOUBLE', 'other': 'VARCHAR', 'hash': 'BIGINT', 'received_at': 'BIGINT'}})"""


def make(
    folder: Path, target: Path, hot: Path | None, cold: Path | None, without: Iterable[int] = ()
) -> tuple[Sums, Made | None]:
    """Write the readings of `hot` (CSV of COLUMNS) and `cold` (a Parquet file) into the new file `target`.

    A hot reading that cold has already is dropped, and so are the series `without`. Returns what the hot ones
    sum up to and the file; no file when nothing is left. Raises Mismatch.
    """
    with engine(folder) as db:
        db.execute(f"CREATE TABLE hot ({_SCHEMA})")
        db.execute("CREATE TABLE without_series (series INTEGER)")
        if gone := [[number] for number in without]:
            db.executemany("INSERT INTO without_series VALUES (?)", gone)
        if hot is not None:
            db.execute(f"INSERT INTO hot SELECT * FROM {csv(hot)}")
        taken = sums(db, "hot")
        if cold is None:
            whole = "SELECT * FROM hot"
        else:
            db.execute(f"CREATE VIEW cold AS SELECT {COLUMNS} FROM read_parquet('{quoted(cold)}')")
            whole = """SELECT * FROM cold UNION ALL SELECT * FROM hot h WHERE NOT EXISTS (SELECT 1 FROM cold c
                       WHERE c.series = h.series AND c.observed_at = h.observed_at AND c.hash = h.hash)"""
        db.execute(
            f"""CREATE TABLE day AS SELECT {COLUMNS} FROM ({whole})
                WHERE series NOT IN (SELECT series FROM without_series) ORDER BY {ORDER}"""
        )
        expected = sums(db, "day")
        if not expected.rows:
            return taken, None
        db.execute(f"COPY (SELECT {COLUMNS} FROM day ORDER BY {ORDER}) TO '{quoted(target)}' ({_OPTIONS})")
        sync(target)
        _compare(db, target, expected)
    return taken, Made(target, expected, target.stat().st_size, digest(target))


def write(folder: Path, target: Path, rows: str) -> Made:
    """Write what a query gives in COLUMNS, sorted, as a day's file, without reading it again."""
    with engine(folder, memory_mb=1024, threads=2) as db:
        db.execute(
            f"COPY (SELECT {COLUMNS} FROM ({rows}) ORDER BY {ORDER}) TO '{quoted(target)}' ({_OPTIONS})"
        )
        sync(target)
        found = sums(db, f"read_parquet('{quoted(target)}')")
    return Made(target, found, target.stat().st_size, digest(target))


_SCHEMA = "series INTEGER, observed_at BIGINT, value DOUBLE, other VARCHAR, hash BIGINT, received_at BIGINT"


def _compare(db: duckdb.DuckDBPyConnection, target: Path, expected: Sums) -> None:
    """Read the file again, every value of it, beside what was to be written."""
    written = f"(SELECT {COLUMNS} FROM read_parquet('{quoted(target)}'))"
    different = " OR ".join(f"d.{name} IS DISTINCT FROM w.{name}" for name in COLUMNS.split(", "))
    row = db.execute(f"SELECT count(*) FROM day d POSITIONAL JOIN {written} w WHERE {different}").fetchone()
    if row != (0,) or sums(db, written) != expected:
        raise Mismatch(target.name)


def sums(db: duckdb.DuckDBPyConnection, source: str) -> Sums:
    """The Sums of a table or sub-query."""
    row = db.execute(
        f"""SELECT count(*), coalesce(sum(hash::HUGEINT), 0)::VARCHAR, min(observed_at), max(observed_at)
            FROM {source}"""
    ).fetchone()
    assert row is not None
    return Sums(row[0], int(row[1]), row[2], row[3])


def sync(path: Path) -> None:
    """Have a file or folder on the disk, not on its way there."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def digest(path: Path) -> str:
    """A file's SHA-256."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
