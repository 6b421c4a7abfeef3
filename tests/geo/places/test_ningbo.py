"""The real areas and stations of Ningbo: every one finds itself."""

import csv
import io
from pathlib import Path

import pytest

from yong.cities.ningbo.areas import AREAS
from yong.kernel.base.city import City
from yong.kernel.geo import api as geo
from yong.kernel.records.contracts import Format
from yong.kernel.search.indexing import Keeper

from . import sample


@pytest.fixture
async def ningbo(city: City, yong_data: Path) -> City:
    await sample.divisions(city, sample.real_divisions(yong_data))
    out = io.StringIO()
    csv.writer(out).writerow(("name", "kind", "lon", "lat", "source"))
    csv.writer(out).writerows(
        (s["name"], "station", s["lng"], s["lat"], "metro") for s in sample.stations(yong_data)
    )
    report = await geo.import_places(city, sample.SYSTEM, out.getvalue().encode(), Format.CSV, "GCJ-02")
    assert report.imported == len(sample.stations(yong_data))
    keeper = Keeper(city)
    await keeper.open()
    keeper.let_go()
    return city


async def test_every_area_and_station_finds_itself(ningbo: City, yong_data: Path, callers) -> None:
    """Hit rates as docs/reference/places.md reports them. 海曙鼓楼 is a station as well as a street: three answers count there."""
    caller = callers("access.operator")
    districts = {a.code: a.name.zh for a in AREAS}
    divisions = sample.real_divisions(yong_data)
    streets = {code: name for code, name, kind, _ in divisions if kind == "street"}
    full = [(f"浙江省宁波市{districts[c[:6]]}{n}", c) for c, n in streets.items()]
    shortened = [
        (f"{districts[c[:6]][:2]}{n[:-2] if n.endswith('街道') else n[:-1]}", c) for c, n in streets.items()
    ]
    communities = [
        (f"{districts[c[:6]]}{streets[c[:9]]}{n}", c) for c, n, kind, _ in divisions if kind == "community"
    ][::15]

    async def hits(asked: list[tuple[str, str]], within: int = 1) -> float:
        right = 0
        for address, code in asked:
            found = await geo.geocode(ningbo, caller, address, limit=within)
            right += code in [f.code for f in found]
        return right / len(asked)

    async def named(asked: list[tuple[str, str]], within: int = 1) -> float:
        right = 0
        for address, name in asked:
            found = await geo.geocode(ningbo, caller, address, limit=within)
            right += name in [f.name for f in found]
        return right / len(asked)

    stations = sample.stations(yong_data)
    rates = {
        "streets": await hits(full),
        "streets shortened": await hits(shortened, 3),
        "communities": await hits(communities),
        "stations": await named([(str(s["name"]), str(s["name"])) for s in stations], 3),
        "stations by pinyin": await named([(str(s["pinyin"]), str(s["name"])) for s in stations], 5),
        "stations by initials": await named([(str(s["py"]), str(s["name"])) for s in stations], 20),
    }
    print(rates)
    assert rates["streets"] == 1
    assert rates["streets shortened"] > 0.9
    assert rates["communities"] > 0.98
    assert rates["stations"] > 0.98
    assert rates["stations by pinyin"] > 0.95
    assert rates["stations by initials"] > 0.9
