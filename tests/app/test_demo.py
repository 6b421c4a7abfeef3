"""What the demo puts into an install: once, and signed in to by the way everybody takes."""

import asyncio
import time

from tests.conftest import TestDatabase
from tests.served import served

from twin import residents
from yong.app import demo
from yong.kernel.access import identity, logic
from yong.kernel.base.city import City
from yong.kernel.base.text import Text
from yong.kernel.store.database import Database


async def test_the_demo_fills_an_install_once(city: City, database: TestDatabase) -> None:
    said: list[Text] = []
    (city.settings.home / "run").mkdir(parents=True)
    await demo._fill(city, said.append)
    lines = [t.en for t in said]
    assert any("things registered" in line for line in lines)
    assert all("replayed" in line or "synthetic" in line for line in lines if line.startswith("  "))
    fleet = (city.settings.home / "run" / "fleet.csv").read_text("utf-8")
    things = await city[Database].fetchval("SELECT count(*) FROM sensing.thing")
    assert things == len(fleet.splitlines()) - 1 >= 2000
    unmarked = await city[Database].fetchval("SELECT count(*) FROM sensing.thing WHERE source = 'live'")
    assert unmarked == 0
    assert await city[Database].fetchval("SELECT count(*) FROM environment.station") == 80

    assert any("none of them is real" in line for line in lines)
    places = await city[Database].fetch("SELECT kind, source, district FROM geo.place")
    assert {p["kind"] for p in places} == {"school", "hospital", "station", "park", "government"}
    assert all("synthetic" in p["source"] for p in places)
    assert await city[Database].fetchval("SELECT count(*) FROM boards.board WHERE shared = 'everyone'") == 1

    said.clear()
    await demo._fill(city, said.append)
    assert not any("registered" in t.en for t in said)
    assert (city.settings.home / "run" / "fleet.csv").read_text("utf-8") == fleet
    assert (city.settings.home / "run" / "fleet.csv").stat().st_mode & 0o077 == 0

    secrets = city.settings.home / "secrets"
    word, seed = ((secrets / f"demo-duty-{n}").read_text("utf-8") for n in ("password", "totp"))
    code = logic.totp(seed, int(time.time()) // logic.STEP_S + 1)  # the present one was used to enrol
    _, caller = await identity.sign_in(city, "duty", word, code, "test")
    assert {m.role for m in caller.mandates} == set(demo.ROLES)

    # Residents report as strangers, and each report says that it is made up or replayed.
    key = (secrets / "demo-residents-key").read_text("utf-8").strip()
    told = [next(residents.made_up(seed))[1] for seed in range(12)]
    assert {r.code for r in told} == {code for code, *_ in residents.MADE_UP}
    async with served(city, database) as web:
        door = residents.Door(web.address, key)
        numbers = [await asyncio.to_thread(door.report, request) for request in told[:4]]
    rows = await city[Database].fetch("SELECT reference, class, description, district FROM reports.report")
    assert {row["reference"] for row in rows} == set(numbers)
    assert all("Synthetic" in row["description"] and row["district"] and row["class"] for row in rows)
