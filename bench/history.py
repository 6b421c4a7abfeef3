"""How fast history answers: ten thousand points hot and cold, and daily means of a hundred million cold ones.

The hundred million lie in days that the sealing's own writer made; the ceiling is DuckDB scanning the same
columns of the same files with the same threads, no grouping, no scope.
"""

import asyncio
import shutil
import statistics
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from bench.figure import Figure
from bench.install import Install
from yong.kernel.access.contracts import Caller, Mandate
from yong.kernel.base import clock
from yong.kernel.history import api, parquet, sealing, service
from yong.kernel.history.aggregate import Measure, Period
from yong.kernel.history.contracts import Observation
from yong.kernel.history.logic import DAY_US
from yong.kernel.history.statistics import Grouping
from yong.kernel.history.visible import Choice
from yong.kernel.store.database import Database

POINTS = 10_000
SERIES = 2_000
DAYS = 20
READINGS = 100_000_000
TRIES = 7
_WAS = (date(2000, 1, 1) - date(1970, 1, 1)).days  # days that nothing else of the install has
_OPERATOR = Caller(
    account="bench", mandates=(Mandate(id="bench", role="access.operator"),), factors=frozenset({"totp"})
)


async def figures(install: Install) -> list[Figure]:
    """history_10k_avg (the slower of hot and cold) and history_100m_daily."""
    ten = await _ten_thousand(install)
    return [*ten, await _hundred_million(install)]


async def _ten_thousand(install: Install) -> list[Figure]:
    city = install.city
    begin = (clock.micros(clock.now()) // DAY_US - 3) * DAY_US
    rows = [
        Observation("bench-ten", "power", begin + n * 8_000_000, n % 100 / 7, "WTT") for n in range(POINTS)
    ]
    numbers = await service.prepare(city, rows)
    async with city[Database].transaction() as connection:
        await service.write(city, connection, rows, numbers)
    chosen = Choice(entities=("bench-ten",))
    start, end = clock.from_micros(begin), clock.from_micros(begin + DAY_US)

    async def asked() -> float:
        found = []
        for _ in range(TRIES):
            began = time.perf_counter()
            (answer,) = await api.measure(
                city, _OPERATOR, chosen, measures=(Measure.AVG,), start=start, end=end
            )
            found.append((time.perf_counter() - began) * 1000)
            assert answer.count == POINTS
        return statistics.median(found)

    hot = await asked()
    bare_hot = await _bare(city[Database], numbers[0])
    assert await sealing.seal(city, before=(clock.now().astimezone(UTC) - timedelta(days=2)).date())
    cold = await asked()
    print(f"history_10k_avg: hot {hot:.1f} ms, cold {cold:.1f} ms", flush=True)
    return [
        Figure(
            name="history_10k_avg", value=max(hot, cold), unit="ms", ceiling=bare_hot, must=40, aim=15,
            what="avg over the same hot points in SQL",
        )
    ]  # fmt: skip


async def _bare(database: Database, number: int) -> float:
    found = []
    for _ in range(TRIES):
        began = time.perf_counter()
        await database.fetchval("SELECT avg(value) FROM history.observation WHERE series = $1", number)
        found.append((time.perf_counter() - began) * 1000)
    return statistics.median(found)


async def _hundred_million(install: Install) -> Figure:
    city = install.city
    database, folder = city[Database], sealing.folder_of(city.settings)
    await database.execute(
        f"""INSERT INTO history.series (entity, attribute, unit)
            SELECT 'bench-cold-' || n, 'power', 'WTT' FROM generate_series(1, {SERIES}) n ON CONFLICT DO NOTHING"""
    )
    rows = await database.fetch("SELECT id FROM history.series WHERE entity LIKE 'bench-cold-%' ORDER BY id")
    first = rows[0]["id"]
    began = time.perf_counter()
    files = await asyncio.to_thread(_make, folder, first)
    await _named(install, files)
    print(f"{READINGS:,} readings made in {time.perf_counter() - began:.0f} s", flush=True)
    try:
        names = [made.path for _, made in files]
        bare = await asyncio.to_thread(_scan, folder, names)
        start, end = _moment(_WAS), _moment(_WAS + DAYS)
        found = []
        for _ in range(3):
            began = time.perf_counter()
            answer = await api.measure(
                city, _OPERATOR, Choice(attributes=("power",)), period=Period.DAY, group=Grouping.ALL,
                measures=(Measure.AVG,), start=start, end=end,
            )  # fmt: skip
            found.append(time.perf_counter() - began)
            assert sum(a.count for a in answer) == READINGS
    finally:
        await _forget(install, files)
    value = statistics.median(found)
    print(
        f"history_100m_daily: {value:.2f} s, {value / bare:.2f} times a bare scan ({bare:.2f} s)", flush=True
    )
    return Figure(
        name="history_100m_daily", value=value, unit="s", ceiling=bare, must=3,
        aim=bare * 1.5, what="DuckDB scanning the same columns",
    )  # fmt: skip


def _make(folder: Path, first: int) -> list[tuple[date, parquet.Made]]:
    """Days of made-up readings through the writer that seals: series by series, a moment every few seconds."""
    each = READINGS // DAYS // SERIES
    made = []
    for n in range(DAYS):
        day = _WAS + n
        name = f"{_day(day):%Y}/{_day(day):%Y%m%d}-{n:016x}.parquet"
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        rows = f"""SELECT ({first} + i // {each})::INTEGER AS series,
                          {day * DAY_US} + (i % {each}) * {DAY_US // each} + (hash(i) % 1000)::BIGINT AS observed_at,
                          (20 + (hash(i) % 1000) / 100.0)::DOUBLE AS value, NULL::VARCHAR AS other,
                          (hash(i) >> 2)::BIGINT AS hash, {day * DAY_US} AS received_at
                   FROM range({each * SERIES}) r (i)"""
        made.append((_day(day), parquet.write(folder, folder / name, rows)))
    return made


async def _named(install: Install, files: list[tuple[date, parquet.Made]]) -> None:
    folder = sealing.folder_of(install.city.settings)
    for day, made in files:
        s = made.sums
        assert await install.city[Database].fetchval(
            "SELECT history.seal_day($1, NULL, 0, 0, NULL, NULL, $2, $3, $4, $5, $6, $7, $8)",
            day, made.path.relative_to(folder).as_posix(), s.rows, made.bytes, made.sha256, s.checksum,
            s.first_at, s.last_at,
        )  # fmt: skip


async def _forget(install: Install, files: list[tuple[date, parquet.Made]]) -> None:
    folder = sealing.folder_of(install.city.settings)
    for day, made in files:
        await install.city[Database].fetchval(
            "SELECT history.seal_day($1, $2, 0, 0, NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL, NULL)",
            day, made.path.relative_to(folder).as_posix(),
        )  # fmt: skip
        made.path.unlink()
    shutil.rmtree(folder / "2000", ignore_errors=True)


def _scan(folder: Path, names: list[Path]) -> float:
    paths = ", ".join(f"'{parquet.quoted(name)}'" for name in names)
    found = []
    with parquet.engine(folder, memory_mb=1024, threads=2) as db:
        for _ in range(3):
            began = time.perf_counter()
            db.execute(
                f"SELECT max(series), max(observed_at), sum(value) FROM read_parquet([{paths}])"
            ).fetchall()
            found.append(time.perf_counter() - began)
    return statistics.median(found)


def _day(number: int) -> date:
    return date(1970, 1, 1) + timedelta(days=number)


def _moment(number: int) -> datetime:
    return clock.from_micros(number * DAY_US)
