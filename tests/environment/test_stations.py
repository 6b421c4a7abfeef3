"""From what stations report to what anybody may read."""

from datetime import timedelta

import httpx

from yong.app.http.pages import Shown
from yong.domains.environment import api
from yong.domains.environment.manifest import STATION_NOW, WEATHER_NOW
from yong.kernel.access.api import system_caller
from yong.kernel.access.contracts import ANONYMOUS
from yong.kernel.base import clock
from yong.kernel.base.city import City
from yong.kernel.base.clock import CHINA
from yong.kernel.records import api as records
from yong.kernel.sensing import api as sensing
from yong.kernel.sensing.contracts import Incoming
from yong.kernel.store.database import Database

PLACE = {"type": "Point", "coordinates": [121.55, 29.87]}


async def register(city: City, code: str, source: str) -> None:
    names = {"name_zh": "一站", "name_en": "Station one"}
    await records.create(
        city,
        system_caller("sensing"),
        "sensing.thing",
        {"code": code, "type": "environment.air_station", "location": PLACE, "source": source, **names},
        owner="environment",
        district="330203",
    )
    await records.create(
        city,
        system_caller("environment"),
        "environment.station",
        {"code": code, "kind": "air", "location": PLACE, **names},
        owner="environment",
        district="330203",
    )


async def report(city: City, code: str, minutes_ago: float, pm25: float) -> None:
    at = (clock.now() - timedelta(minutes=minutes_ago)).timestamp()
    payload = f'[{{"bt":{at},"n":"pm25","v":{pm25}}},{{"n":"o3","v":80}}]'.encode()
    message = Incoming("senml", code, payload, clock.micros(clock.now()))
    assert (await sensing.report_many(city, system_caller("sensing"), [message])).observations == 2


async def test_what_a_station_reports_becomes_an_index_that_anybody_may_read(city: City) -> None:
    await register(city, "s-1", "replay")
    assert (await api.station(city, ANONYMOUS, "s-1")).air is None
    await report(city, "s-1", 2, 10)
    await report(city, "s-1", 1, 75)
    assert await api.judge_hour(city, system_caller("environment")) == 1
    [air] = await api.air(city, ANONYMOUS)
    # a replayed report is an hour of its own: the newest counts, and 2026's table makes 75 into 114
    assert (air.aqi, air.level, air.colour, air.primary, air.source) == (
        114,
        3,
        "#FF7E00",
        ["pm25"],
        "replay",
    )
    assert (air.air_class, air.name) == ("轻度污染", "一站")
    found = await api.station(city, ANONYMOUS, "s-1")
    assert found.readings == {"pm25": 75.0, "o3": 80.0}
    entity = await city[Database].fetchval(
        "SELECT doc->'pm25'->>'unitCode' FROM context.entity WHERE id = 's-1'"
    )
    assert entity == "GQ"


async def test_a_live_station_is_judged_by_the_mean_of_the_hour(city: City) -> None:
    await register(city, "s-2", "live")
    now = clock.now()
    minutes = (now.minute + now.second / 60) or 0.01
    await report(city, "s-2", minutes * 0.8, 50)
    await report(city, "s-2", minutes * 0.2, 70)
    await api.judge_hour(city, system_caller("environment"))
    [air] = await api.air(city, ANONYMOUS)
    assert air.aqi == 100  # the mean of 60 µg/m³ is the step to 100
    assert air.at.minute == 0


async def test_the_views_have_the_fields_they_declare(city: City) -> None:
    for relation in (STATION_NOW, WEATHER_NOW):
        columns = await city[Database].fetch(f"SELECT * FROM {relation.name} LIMIT 0")
        assert columns == []
        names = await city[Database].fetch(
            """SELECT column_name AS name FROM information_schema.columns
               WHERE table_schema = 'environment' AND table_name = $1""",
            relation.name.partition(".")[2],
        )
        assert {r["name"] for r in names} == {f.name for f in relation.fields}


async def test_the_status_page_writes_the_unit_as_people_do(city: City, client: httpx.AsyncClient) -> None:
    await register(city, "s-9", "synthetic")
    await report(city, "s-9", 1, 75)
    for page in ("/status.json", "/"):
        text = (await client.get(page)).text
        assert "75 µg/m³" in text
        assert "75 GQ" not in text


async def test_the_status_page_marks_every_source_and_tells_the_citys_time(
    city: City, client: httpx.AsyncClient
) -> None:
    await register(city, "s-9", "synthetic")
    await register(city, "s-8", "replay")
    await report(city, "s-9", 1, 75)
    now = (await client.get("/status.json")).json()
    assert now["caption"] == "A sketch, not a map. Stations: 1 nothing yet, 1 synthetic"
    await report(city, "s-8", 2, 40)
    city[Shown].kept.clear()
    now = (await client.get("/status.json")).json()
    assert {s["source"] for s in now["stations"]} == {"synthetic", "replayed"}
    assert {(r["source"], r["value"]) for r in now["readings"]} >= {
        ("synthetic", "75 µg/m³"),
        ("replayed", "40 µg/m³"),
    }
    page = (await client.get("/?lang=zh")).text
    assert "PM2.5 浓度" in page
    assert "1 站合成" in page
    due = (clock.now() - timedelta(minutes=1)).astimezone(CHINA)
    near = {f"{due + timedelta(minutes=n):%m-%d %H:%M}" for n in (-1, 0, 1)}
    assert now["readings"][0]["time"][:11] in near
