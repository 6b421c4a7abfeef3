"""The expressions on Spark: the files that sealing wrote, asked by another engine, give the same answers.

Counts, least and greatest are the same to the bit. What is added up (avg, sum, stddev) is added in another order
by either engine, and percentiles are interpolated by other formulae: they agree to 12 digits, counted from the
largest value times the count (what a sum of so many may be).
`make test-spark` installs what this needs.
"""

import random
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
import pytest
from tests.history import past

from yong.kernel.base import clock
from yong.kernel.base.city import City
from yong.kernel.history import aggregate, api, sealing
from yong.kernel.history.aggregate import Engine, Measure, Period
from yong.kernel.history.contracts import Observation, Statistic
from yong.kernel.history.statistics import Grouping
from yong.kernel.history.visible import Choice
from yong.kernel.records import api as records
from yong.kernel.store.database import Database

pyspark = pytest.importorskip("pyspark", reason="Spark is not installed: make test-spark")

ALL_TIME = {"start": datetime(2020, 1, 1, tzinfo=UTC), "end": datetime(2100, 1, 1, tzinfo=UTC)}
PERCENTILES = (0.0, 25.0, 50.0, 95.0, 99.9, 100.0)
GROUPS = {"m-0": ("quay", "night"), "m-1": ("quay",), "m-2": ()}
DISTRICTS = {"m-0": "330203", "m-1": "330203", "m-2": "330212"}


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A Spark of two threads in a process of its own, on loopback alone, without its pages."""
    from pyspark.sql import SparkSession

    folder = tmp_path_factory.mktemp("spark")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        patch.setenv("SPARK_LOCAL_DIRS", str(folder))
        patch.chdir(folder)
        session = (
            SparkSession.builder.master("local[2]")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.driver.memory", "1g")
            .config("spark.sql.shuffle.partitions", "2")
            .config("spark.sql.session.timeZone", "UTC")
            .config("spark.sql.warehouse.dir", str(folder / "warehouse"))
            .config("spark.ui.showConsoleProgress", "false")
            .getOrCreate()
        )
        try:
            yield session
        finally:
            session.stop()
            session.sparkContext._gateway.proc.stdin.close()  # which ends the process
            session.sparkContext._gateway.proc.wait(30)


async def sealed(city: City) -> list[Path]:
    """A past of three months in sealed files alone: numbers, units, values that are no numbers, repetitions."""
    dice = random.Random(11)
    system = api.access.system_caller("sensing")
    for thing, groups in GROUPS.items():
        await records.create(
            city, system, "sensing.thing",
            {"code": thing, "type": "Meter", "groups": ", ".join(groups) or None, "source": "synthetic"},
        )  # fmt: skip
        await past.entity(city, thing, type="Meter", district=DISTRICTS[thing])
    rows = [
        Observation(
            f"m-{dice.randrange(3)}", dice.choice(("power", "heat")),
            past.start_of(dice.choice((3, 4, 5, 33, 64))) + dice.randrange(86_400_000_000),
            dice.choice((dice.uniform(-50, 50), dice.gauss(1e6, 1), float(dice.randrange(5)))),
            dice.choice(("WTT", "KWT")),
        )
        for _ in range(2_000)
    ]  # fmt: skip
    odd = [o for o in past.week("m-1") if o.attribute == "odd" and type(o.value) is not float]
    at = past.start_of(5)
    mixed = [Observation("m-2", "heat", at + n, value, "WTT") for n, value in enumerate(("甬", True, [1.5]))]
    await past.write(city, *rows, *odd, *mixed)
    await sealing.seal(city, before=past.day_ago(2))
    await past.write(city, *rows[:50], Observation("m-0", "power", past.start_of(4) + 77, 3.5, "WTT"))
    await sealing.seal(city, before=past.day_ago(2))
    assert await city[Database].fetchval("SELECT count(*) FROM history.observation") == 0
    return sorted(sealing.folder_of(city.settings).glob("2*/*.parquet"))


def keys(group: Grouping, entity: str) -> tuple[str | None, ...]:
    """The groups of an entity, by what this test made."""
    of: Mapping[Grouping, tuple[str | None, ...]] = {
        Grouping.ALL: (None,),
        Grouping.ENTITY: (entity,),
        Grouping.TYPE: ("Meter",),
        Grouping.DISTRICT: (DISTRICTS[entity],),
        Grouping.GROUP: GROUPS[entity] or (None,),
    }
    return of[group]


def by_spark(spark: Any, group: Grouping, period: Period | None) -> dict[tuple[Any, ...], tuple[float, ...]]:
    """(group, attribute, unit, start) → count, the measures and the percentiles."""
    names: dict[tuple[Any, ...], int] = {}
    members = []
    for s in spark.sql("SELECT series, entity, attribute, unit FROM series").collect():
        members += [
            (s.series, names.setdefault((key, s.attribute, s.unit or None), len(names)))
            for key in keys(group, s.entity)
        ]
    values = ", ".join(f"({series}, {number})" for series, number in members)
    spark.sql(f"SELECT * FROM VALUES {values} AS g (series, grp)").createOrReplaceTempView("groups")
    begins: tuple[int, ...] = ()
    if period is Period.MONTH:
        begins = aggregate.months(*spark.sql("SELECT min(observed_at), max(observed_at) FROM sealed").first())
    sql = aggregate.sql(period, begins, tuple(Measure), PERCENTILES, Engine.SPARK)
    rows = spark.sql(
        f"""WITH points AS (SELECT g.grp, s.observed_at, s.value FROM sealed s JOIN groups g USING (series))
            {sql}"""
    ).collect()
    of = list(names)
    found = {}
    for row in rows:
        number, *rest = row
        start = clock.from_micros(rest.pop(0)) if period else None
        found[(*of[number], start)] = tuple(rest)
    return found


def by_us(answer: list[Statistic]) -> dict[tuple[Any, ...], tuple[float, ...]]:
    return {
        (a.group, a.attribute, a.unit, a.start): (
            a.count, a.min, a.max, a.avg, a.sum, a.stddev, *(a.percentiles[f"{p:g}"] for p in PERCENTILES),
        )
        for a in answer
    }  # type: ignore[misc]  # every measure was asked for  # fmt: skip


@pytest.mark.timeout(300)
async def test_spark_answers_as_the_engine_in_process_does(city: City, callers: Any, spark: Any) -> None:
    files = await sealed(city)
    assert len(files) == 5
    spark.read.parquet(*map(str, files)).createOrReplaceTempView("sealed")
    spark.read.parquet(str(sealing.folder_of(city.settings) / sealing.SERIES)).createOrReplaceTempView(
        "series"
    )
    reader = callers("access.operator")
    compared = 0
    for period in (None, *Period):
        for group in Grouping if period in (None, Period.DAY, Period.MONTH) else (Grouping.ALL,):
            answer = await api.measure(
                city, reader, Choice(), period=period, group=group, percentiles=PERCENTILES, **ALL_TIME
            )
            ours, theirs = by_us(answer), by_spark(spark, group, period)
            assert ours.keys() == theirs.keys()
            for key, mine in ours.items():
                assert mine[:3] == theirs[key][:3], key  # count, min, max
                near = 1e-12 * max(abs(mine[1]), abs(mine[2])) * mine[0]
                assert theirs[key][3:] == pytest.approx(mine[3:], rel=1e-12, abs=near), key
            compared += len(ours)
    assert compared > 1_000


def test_spark_listens_on_loopback_alone(spark: Any) -> None:
    """And its Java has no connection to anywhere else."""
    java = psutil.Process(spark.sparkContext._gateway.proc.pid)
    family = [java, *java.children(recursive=True)]
    ends = [end for p in family for c in p.net_connections("inet") for end in (c.laddr, c.raddr) if end]
    assert ends
    assert {end.ip.removeprefix("::ffff:") for end in ends} <= {"127.0.0.1", "::1"}
