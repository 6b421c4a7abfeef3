"""Keeping an index: once, again, and when a late reading changes it; every field of the Relation labelled."""

from datetime import UTC, datetime

from yong.domains.environment.contracts import Concentration, Edition, Pollutant, Report, Window
from yong.domains.environment.logic import edition_of
from yong.domains.environment.manifest import AQI
from yong.domains.environment.service import judge
from yong.kernel.base.city import City
from yong.kernel.store.database import Database

AT = datetime(2026, 11, 1, 4, tzinfo=UTC)


def hour(pm25: float) -> list[Concentration]:
    return [Concentration(Pollutant.PM25, Window.HOUR, pm25), Concentration(Pollutant.O3, Window.HOUR, 80)]


async def test_an_index_is_kept_once_and_replaced_when_it_changes(city: City) -> None:
    database = city[Database]

    async def told() -> list[int]:
        rows = await database.fetch("SELECT event FROM store.outbox ORDER BY id")
        return [r["event"]["data"]["aqi"] for r in rows if r["event"]["subject"] == "s-1"]

    for pm25 in (60.0, 60.0, 75.0):
        found = await judge(
            city, "s-1", AT, Report.HOURLY, hour(pm25), owner="environment", district="330203"
        )
        assert found is not None
    assert await told() == [100, 114]
    rows = await database.fetch("SELECT * FROM environment.aqi WHERE station = 's-1'")
    assert len(rows) == 1
    row = rows[0]
    assert (row["aqi"], row["level"], row["primary_pollutants"], row["exceeding"]) == (114, 3, "pm25", "pm25")
    assert (row["complete"], row["edition"], row["district"]) == (False, "HJ 633-2026", "330203")
    assert row["parts"][0] == {"pollutant": "pm25", "window": "1h", "value": 75.0, "iaqi": 114}


async def test_nothing_measured_is_nothing_kept(city: City) -> None:
    bad = [Concentration(Pollutant.PM25, Window.HOUR, -3)]
    assert await judge(city, "s-1", AT, Report.HOURLY, bad, owner="environment", district="330203") is None
    assert not await city[Database].fetchval("SELECT count(*) FROM environment.aqi")


async def test_the_relation_is_the_view(city: City) -> None:
    columns = await city[Database].fetch(
        """SELECT column_name AS name FROM information_schema.columns
           WHERE table_schema = 'environment' AND table_name = 'aqi'"""
    )
    names = {c["name"] for c in columns}
    assert {f.name for f in AQI.fields} == names
    assert {AQI.owner, AQI.district, AQI.time, *AQI.key} <= names
    assert all(f.meaning.zh and f.meaning.en for f in AQI.fields)


def test_a_mean_that_ends_at_midnight_belongs_to_the_day_before() -> None:
    midnight_in_beijing = datetime(2026, 2, 28, 16, tzinfo=UTC)
    assert edition_of(midnight_in_beijing) is Edition.HJ_633_2012
    assert edition_of(datetime(2026, 2, 28, 17, tzinfo=UTC)) is Edition.HJ_633_2026
