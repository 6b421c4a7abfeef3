"""Sealing: days that are over go from their hot partition into a file, whatever kills it meanwhile.

    export → make and read again → put in place, synced → one transaction: compare, name the file, drop the partition

Until that transaction commits the partition is what counts, from then on the file. What was cut off leaves a
file that nothing names; the next run takes it away. One run at a time holds the lock, which a backup takes too.
Late readings make a new partition of a sealed day; the next run merges both into a new file.
"""

import asyncio
from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import structlog

from yong.kernel.base import clock
from yong.kernel.base.city import City
from yong.kernel.base.ids import new_id
from yong.kernel.base.settings import Settings
from yong.kernel.history import parquet
from yong.kernel.store.database import Connection, Database, Row

LOCK = 0x5945_4152  # of whoever changes the cold folder, and of a backup
FOLDER = "cold"
SERIES = "series.parquet"
_MAKING = ".making"
_TRIES = 5  # when late readings come while a day is being sealed
_log = structlog.get_logger()


def folder_of(settings: Settings) -> Path:
    """Where the sealed days lie."""
    return settings.home / FOLDER


async def seal(city: City, *, before: date | None = None) -> list[date]:
    """Seal every hot day older than the setting (or before a day); which ones. Nothing while another does."""
    before = before or clock.now().astimezone(UTC).date() - timedelta(days=city.settings.history_hot_days)
    async with city[Database].session() as connection:
        if not await alone(connection):
            return []
        folder = folder_of(city.settings)
        await tidy(connection, folder)
        days = [row[0] for row in await connection.fetch("SELECT * FROM history.hot_days()")]
        done = [day for day in days if day < before and await seal_one(connection, folder, day)]
        if done:
            await _export_series(connection, folder)
            await tidy(connection, folder)
        return done


async def alone(connection: Connection) -> bool:
    """Take the lock of the cold folder for as long as the connection is held; False when another has it."""
    return bool(await connection.fetchval("SELECT pg_try_advisory_lock($1)", LOCK))


async def seal_one(connection: Connection, folder: Path, day: date, without: Collection[int] = ()) -> bool:
    """Seal a day, merged with what was sealed of it, without some series. False when it has to wait."""
    for _ in range(_TRIES):
        if await _attempt(connection, folder, day, without):
            return True
    _log.warning("a day is not sealed: readings of it keep coming", day=day.isoformat())
    return False


async def tidy(connection: Connection, folder: Path) -> None:
    """Take away what no sealed day names: half-made files, and those that a newer one replaced."""
    named = {row["file"] for row in await connection.fetch("SELECT file FROM history.sealed_day")}
    await asyncio.to_thread(_clear, folder, named)


async def _attempt(connection: Connection, folder: Path, day: date, without: Collection[int]) -> bool:
    before = await connection.fetchrow("SELECT * FROM history.sealed_day WHERE day = $1", day)
    name = new_id()
    hot = await _export(connection, folder / _MAKING / f"{name}.csv", day)
    making = folder / _MAKING / f"{name}.parquet"
    old = folder / before["file"] if before else None
    taken, made = await asyncio.to_thread(parquet.make, folder, making, hot, old, without)
    if hot is not None:
        hot.unlink()
    if before and made and made.sums.rows == before["rows"] and not without:
        new = _as_it_was(before)  # every late reading was there already
    elif made:
        new = await asyncio.to_thread(_place, folder, day, made)
    else:
        new = (None, 0, None, None, None, None, None)
    return await _decide(connection, day, before["file"] if before else None, taken, new)


async def _export(connection: Connection, target: Path, day: date) -> Path | None:
    """The day's hot readings as CSV, in order; None without a partition."""
    table = f"history.observation_{day:%Y%m%d}"
    if not await connection.fetchval("SELECT to_regclass($1) IS NOT NULL", table):
        return None
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    await connection.copy_from_query(
        f"SELECT series, observed_at, value, other::text, hash, received_at FROM {table} ORDER BY {parquet.ORDER}",
        output=target, format="csv", timeout=3600,
    )  # fmt: skip
    return target


def _place(folder: Path, day: date, made: parquet.Made) -> tuple[Any, ...]:
    """Give the file its name for good, on the disk; what history.sealed_day says of it."""
    file = f"{day:%Y}/{day:%Y%m%d}-{made.sha256[:16]}.parquet"
    target = folder / file
    target.parent.mkdir(mode=0o700, exist_ok=True)
    made.path.replace(target)
    parquet.sync(target.parent)
    parquet.sync(folder)
    s = made.sums
    return (file, s.rows, made.bytes, made.sha256, s.checksum, s.first_at, s.last_at)


def _as_it_was(row: Row) -> tuple[Any, ...]:
    columns = ("file", "rows", "bytes", "sha256", "checksum", "first_at", "last_at")
    return tuple(row[column] for column in columns)


async def _decide(
    connection: Connection, day: date, was: str | None, taken: parquet.Sums, new: tuple[Any, ...]
) -> bool:
    arguments = (day, was, taken.rows, taken.checksum, taken.first_at, taken.last_at, *new)
    marks = ", ".join(f"${n}" for n in range(1, len(arguments) + 1))
    return bool(await connection.fetchval(f"SELECT history.seal_day({marks})", *arguments, timeout=3600))


async def _export_series(connection: Connection, folder: Path) -> None:
    """The dictionary of series beside the days, so that the files can be read without a database."""
    csv = folder / _MAKING / f"{new_id()}.csv"
    await connection.copy_from_query(
        "SELECT id, tenant, entity, attribute, dataset, unit FROM history.series ORDER BY id",
        output=csv, format="csv", force_quote=("tenant", "entity", "attribute", "dataset", "unit"),
    )  # fmt: skip
    await asyncio.to_thread(_write_series, folder, csv)


def _write_series(folder: Path, csv: Path) -> None:
    making = csv.with_suffix(".parquet")
    names = ", ".join(f"'{n}': 'VARCHAR'" for n in ("tenant", "entity", "attribute", "dataset", "unit"))
    with parquet.engine(folder) as db:
        db.execute(
            f"""COPY (SELECT * FROM read_csv('{parquet.quoted(csv)}', header = false, auto_detect = false, delim = ',', quote = '"',
                escape = '"', parallel = false, columns = {{'series': 'INTEGER', {names}}}))
                TO '{parquet.quoted(making)}' (FORMAT parquet, COMPRESSION zstd)"""
        )
    parquet.sync(making)
    making.replace(folder / SERIES)
    parquet.sync(folder)


def _clear(folder: Path, named: set[str]) -> None:
    (folder / _MAKING).mkdir(mode=0o700, parents=True, exist_ok=True)
    for path in (folder / _MAKING).iterdir():
        path.unlink()
    for path in folder.glob("[0-9][0-9][0-9][0-9]/*"):
        if path.relative_to(folder).as_posix() not in named:
            path.unlink()


def day_of(micros: int) -> date:
    """The UTC day of a moment."""
    return datetime.fromtimestamp(micros // 1_000_000, UTC).date()
