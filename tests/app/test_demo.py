"""What the demo puts into an install: once, and signed in to by the way everybody takes."""

import time

from yong.app import demo
from yong.kernel.access import identity, logic
from yong.kernel.base.city import City
from yong.kernel.base.text import Text
from yong.kernel.store.database import Database


async def test_the_demo_fills_an_install_once(city: City) -> None:
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
