"""A small real city for the console's tests: `yong up` with districts, things that have reported, and a duty officer."""

import asyncio
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from tests.app.instance import Instance

from yong.app import bootstrap
from yong.app.http.console import HERE
from yong.cities.ningbo.install import ROOT, install
from yong.kernel.access import api as access
from yong.kernel.access import identity, logic
from yong.kernel.base.city import City
from yong.kernel.base.settings import load
from yong.kernel.records import api as records
from yong.kernel.records.contracts import Format
from yong.kernel.store import place

CHROMIUM = Path("/usr/bin/chromium")
# MapLibre draws in headless Chromium by software; nothing of the browser's own goes out.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
]
PASSWORD = "the duty officer's long password"
BREAKING = '<img src=x onerror="window.broken=1">'  # what a browser would run, were it taken for HTML
ROADS = 120


def _thing(
    code: str, kind: str, source: str, district: str, zh: str, en: str, lon: float, lat: float
) -> dict[str, Any]:
    values = {
        "code": code,
        "type": kind,
        "source": source,
        "district": district,
        "name_zh": zh,
        "name_en": en,
    }
    place = {"type": "Point", "coordinates": [lon, lat]}
    return {"type": "Feature", "properties": values, "geometry": place}


class Town:
    """The running install, what there is in it, and how somebody comes in."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.url = f"http://127.0.0.1:{instance.http_port}"
        self.tokens: dict[str, str] = {}
        self.codes: list[str] = []  # each opens one session by the sign-in page
        self.cookie: dict[str, str] = {}

    def report(self, thing: str, values: dict[str, Any], at: datetime | None = None) -> None:
        """A reading over HTTP: committed when it returns."""
        reading = {"v": values} | ({"t": at.isoformat()} if at else {})
        self._post(thing, reading)

    def _post(self, thing: str, readings: object) -> None:
        headers = {"authorization": f"Bearer {self.tokens[thing]}"}
        url = f"{self.url}/sensing/things/{thing}/observations"
        answer = httpx.post(url, json=readings, headers=headers, timeout=30)
        assert answer.is_success, answer.text

    async def furnish(self) -> None:
        settings = load(self.instance.environment)
        async with bootstrap.running(settings, place.serve_url(settings), connections=4) as city:
            await install(city, None)
            await self._people(city)
            await self._things(city)

    async def _people(self, city: City) -> None:
        system = access.system_caller("access")
        account, _ = await access.create_account(city, system, "duty", party=ROOT, password=PASSWORD)
        for role in ("access.operator", "sensing.engineer"):
            await access.grant(city, system, account, role)
        _, caller = await identity.sign_in(city, "duty", PASSWORD, None, "test")
        seed = (await identity.enrol(city, caller)).partition("secret=")[2].partition("&")[0]
        step = int(time.time()) // logic.STEP_S
        self.codes = list(await identity.confirm(city, caller, logic.totp(seed, step - 1)))
        token, _ = await identity.sign_in(city, "duty", PASSWORD, logic.totp(seed, step), "test")
        self.cookie = {"name": identity.SESSION_COOKIE, "value": token, "url": self.url}

    async def _things(self, city: City) -> None:
        things = [
            _thing(
                f"road-{n:03d}",
                "road",
                "synthetic",
                "330203",
                f"线圈 {n}",
                f"Detector {n}",
                121.5 + n % 12 / 400,
                29.86 + n // 12 / 400,
            )
            for n in range(ROADS)
        ]
        things.append(
            _thing("gauge-1", "river", "live", "330212", "姚江水位", "Yao River gauge", 121.62, 29.8)
        )
        things.append(_thing("odd-1", "kettle", "live", "330212", BREAKING, BREAKING, 121.63, 29.81))
        file = msgspec.json.encode({"type": "FeatureCollection", "features": things})
        system = access.system_caller("sensing")
        report = await records.import_file(city, system, "sensing.thing", file, Format.GEOJSON)
        assert report.bad_total == 0, report.bad
        codes = [str(one["properties"]["code"]) for one in things]
        self.tokens = dict(await access.issue_credentials(city, access.system_caller("access"), codes))

    def live(self) -> None:
        """An hour of the gauge, and a reading of each of the others."""
        now = datetime.now(UTC)
        hour = [
            {"t": (now - timedelta(minutes=n)).isoformat(), "v": {"waterLevel": 1 + n / 100}}
            for n in range(60, 0, -1)
        ]
        self._post("gauge-1", hour)
        for n in range(ROADS):
            self.report(f"road-{n:03d}", {"speed": 20 + n / 4})
        self.report("odd-1", {"said": BREAKING})


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    if not (HERE / "index.html").is_file():
        pytest.skip("the console is not built (python3 scripts/console.py)")
    instance = Instance(tmp_path_factory.mktemp("console"), YONG_LOG_LEVEL="info")
    try:
        instance.up()
        one = Town(instance)
        asyncio.run(one.furnish())
        one.live()
        yield one
    finally:
        instance.gone()
