"""Sealing: what was hot reads the same when it is cold, whatever interrupts it, and late readings find their day."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import asyncpg
import duckdb
import pytest
from tests.history import past

from yong.kernel.access.api import system_caller
from yong.kernel.base.city import City
from yong.kernel.history import api, parquet, sealing, service
from yong.kernel.history.contracts import Observation
from yong.kernel.store.database import Database

SYSTEM = system_caller("history")
BEFORE = past.day_ago(2)


@pytest.fixture
def reader(callers):
    return callers("access.operator")


async def hot(city: City) -> int:
    return await city[Database].fetchval("SELECT count(*) FROM history.observation")


async def test_what_is_sealed_reads_as_it_did(city: City, reader) -> None:
    await past.write(city, *past.week())
    before = await api.read(city, reader, "lamp-1", limit=10_000)
    first = await api.read(city, reader, "lamp-1", limit=7, newest_first=False)
    last = await api.latest(city, reader, "lamp-1", count=5)
    days = await sealing.seal(city, before=BEFORE)
    assert days == [past.day_ago(n) for n in (5, 4, 3)]
    assert await hot(city) == 0
    assert len(before) == 3 * (24 + 22)
    assert await api.read(city, reader, "lamp-1", limit=10_000) == before
    assert await api.read(city, reader, "lamp-1", limit=7, newest_first=False) == first
    assert await api.latest(city, reader, "lamp-1", count=5) == last
    assert await sealing.seal(city, before=BEFORE) == []


async def test_the_files_can_be_read_alone(city: City) -> None:
    await past.write(city, *past.week())
    await sealing.seal(city, before=BEFORE)
    folder = sealing.folder_of(city.settings)
    files = sorted(folder.glob("2*/*.parquet"))
    rows = duckdb.sql(
        f"""SELECT attribute, unit, count(*), sum(value) FROM read_parquet({[str(f) for f in files]}) o
            JOIN read_parquet('{folder / sealing.SERIES}') s USING (series) WHERE entity = 'lamp-1'
            GROUP BY ALL ORDER BY ALL"""
    ).fetchall()
    assert rows[1] == ("power", "WTT", 72, float(sum(d * 100 + h for d in (3, 4, 5) for h in range(24))))
    row = await city[Database].fetchrow("SELECT * FROM history.sealed_day ORDER BY day LIMIT 1")
    assert parquet.digest(folder / row["file"]) == row["sha256"]
    assert (folder / row["file"]).stat().st_size == row["bytes"]


async def test_late_readings_are_seen_once_and_merged(city: City, reader) -> None:
    week = past.week()
    await past.write(city, *week)
    await sealing.seal(city, before=BEFORE)
    at = past.start_of(4)
    late = Observation("lamp-1", "power", at + 5, 7.0, "WTT")
    assert await past.write(city, late) == [True]
    city[service.Series].newest.clear()
    await past.write(city, *week[:40], late)  # what is sealed comes again
    assert await hot(city) == 41
    seen = await api.read(city, reader, "lamp-1", limit=10_000)
    assert len(seen) == len(week) + 1
    assert (
        await sealing.seal(city, before=BEFORE) == [past.day_ago(5), past.day_ago(4)] or await hot(city) == 0
    )
    assert await hot(city) == 0
    assert await api.read(city, reader, "lamp-1", limit=10_000) == seen
    named = {r["file"] for r in await city[Database].fetch("SELECT file FROM history.sealed_day")}
    folder = sealing.folder_of(city.settings)
    assert {p.relative_to(folder).as_posix() for p in folder.glob("2*/*")} == named


async def test_a_reading_that_comes_during_sealing_is_not_lost(city: City, reader, monkeypatch) -> None:
    await past.write(city, *past.week())
    made, comes = parquet.make, [1.0]

    def making(*arguments):
        result = made(*arguments)
        while comes:
            value = comes.pop()
            one = Observation("lamp-1", "power", past.start_of(5) + 9, value, "WTT")
            asyncio.run_coroutine_threadsafe(past.write(city, one), loop).result(10)
        return result

    loop = asyncio.get_running_loop()
    monkeypatch.setattr(parquet, "make", making)
    assert len(await sealing.seal(city, before=BEFORE)) == 3
    assert await hot(city) == 0
    assert len(await api.read(city, reader, "lamp-1", limit=10_000)) == 3 * 46 + 1


async def test_two_at_once_and_readers_all_the_while(city: City, reader) -> None:
    await past.write(city, *past.week())
    whole = await api.read(city, reader, "lamp-1", limit=10_000)
    done = asyncio.Event()

    async def reads() -> int:
        n = 0
        while not done.is_set():
            assert await api.read(city, reader, "lamp-1", limit=10_000) == whole
            n += 1
        return n

    reading = asyncio.create_task(reads())
    days = await asyncio.gather(*(sealing.seal(city, before=BEFORE) for _ in range(3)))
    done.set()
    assert await reading > 0
    assert sorted(map(len, days)) == [0, 0, 3]


@pytest.mark.parametrize("part", [0.05, 0.2, 0.4, 0.6, 0.8, 0.95])
async def test_a_damaged_file_never_takes_the_place_of_a_partition(
    city: City, reader, monkeypatch, part: float
) -> None:
    await past.write(city, *past.week())
    whole = await api.read(city, reader, "lamp-1", limit=10_000)
    sync = parquet.sync

    def damaging(path: Path) -> None:
        sync(path)
        if path.suffix == ".parquet":
            raw = bytearray(path.read_bytes())
            begin = int(len(raw) * part)
            raw[begin : begin + 16] = bytes(b ^ 0x5A for b in raw[begin : begin + 16])
            path.write_bytes(raw)

    monkeypatch.setattr(parquet, "sync", damaging)
    with pytest.raises((parquet.Mismatch, duckdb.Error)):
        await sealing.seal(city, before=BEFORE)
    assert await hot(city) == 3 * 46
    assert await city[Database].fetchval("SELECT count(*) FROM history.sealed_day") == 0
    assert await api.read(city, reader, "lamp-1", limit=10_000) == whole


async def test_the_serving_role_cannot_drop_what_it_cannot_show(city: City) -> None:
    await past.write(city, *past.week())
    day = past.day_ago(4)
    call = "SELECT history.seal_day($1, NULL, $2, $3, $4, $5, NULL, NULL, NULL, NULL, NULL, NULL, NULL)"
    assert await city[Database].fetchval(call, day, 1, 0, 0, 0) is False
    with pytest.raises(asyncpg.CheckViolationError):
        await city[Database].fetchval(call, past.day_ago(0), 0, 0, None, None)
    for sql in (
        "DELETE FROM history.sealed_day",
        "SELECT history.take_turn()",
        f"DROP TABLE history.observation_{day:%Y%m%d}",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await city[Database].execute(sql)
    assert await hot(city) == 3 * 46


STEPS = ("export", "make", "synced", "compared", "placed", "decided", "tidied")


@pytest.mark.parametrize("step", STEPS)
async def test_killed_at_any_step_nothing_is_lost_or_doubled(city: City, reader, step: str) -> None:
    week = past.week()
    await past.write(city, *week[: len(week) // 2])
    await sealing.seal(city, before=BEFORE)
    await past.write(city, *week)  # merges as well as new days
    whole = await api.read(city, reader, "lamp-1", limit=10_000)
    assert len(whole) == len(week)
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(Path(__file__).with_name("seal_process.py")), step, city[Database].url,
        str(city.settings.home), env=dict(os.environ),
    )  # fmt: skip
    assert await process.wait() == -signal.SIGKILL
    assert await api.read(city, reader, "lamp-1", limit=10_000) == whole
    async with asyncio.timeout(20):
        making = sealing.folder_of(city.settings) / ".making"
        while await hot(city) or list(
            making.iterdir()
        ):  # the killed one's connection holds the lock for a moment
            await sealing.seal(city, before=BEFORE)
    assert await api.read(city, reader, "lamp-1", limit=10_000) == whole
    named = {r["file"] for r in await city[Database].fetch("SELECT file FROM history.sealed_day")}
    folder = sealing.folder_of(city.settings)
    assert {p.relative_to(folder).as_posix() for p in folder.glob("2*/*")} == named
