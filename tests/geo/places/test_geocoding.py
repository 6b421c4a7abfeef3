"""Addresses to what they mean, positions to what is there."""

import pytest

from yong.kernel.access.contracts import ANONYMOUS
from yong.kernel.base.errors import Forbidden, Invalid, Unauthenticated
from yong.kernel.geo import api as geo
from yong.kernel.records import api as records
from yong.kernel.records.contracts import Format

from . import sample


@pytest.fixture
def anybody(callers):
    return callers("access.operator")


@pytest.mark.parametrize(
    ("address", "name", "least"),
    [
        ("浙江省宁波市江北区外滩街道老外滩12号", "老外滩12号", 0.99),
        ("江北区老外滩12号", "老外滩12号", 0.95),
        ("江北 老外滩", "老外滩", 0.95),
        ("宁波江北老外滩", "老外滩", 0.95),
        ("老外滩", "老外滩", 0.95),
        ("老外滩14号", "老外滩14号", 0.95),
        ("laowaitan", "老外滩", 0.9),
        ("lwt", "老外滩", 0.75),
        ("Old Bund", "老外滩", 0.9),
        ("鄞州中学", "鄞州中学", 0.95),
        ("海曙区鼓楼", "鼓楼", 0.9),
        ("江东区彩虹北路7号", "彩虹北路7号", 0.95),
        ("江北区外滩街道", "外滩街道", 0.95),
        ("外滩街道中马社区", "中马社区", 0.9),
        ("jiangbei", "江北区", 0.85),
        ("jbq", "江北区", 0.9),
        ("奉化", "奉化区", 0.85),
    ],
)
async def test_what_an_address_means(places, anybody, address: str, name: str, least: float) -> None:
    found = await geo.geocode(places, anybody, address)
    assert found, address
    assert (found[0].name, found[0].confidence >= least) == (name, True), found


async def test_areas_decide_between_places_of_one_name(places, anybody) -> None:
    here = await geo.geocode(places, anybody, "海曙 鼓楼")
    there = await geo.geocode(places, anybody, "奉化 鼓楼")
    assert (here[0].kind, here[0].lon) == ("station", 121.5442)
    assert (there[0].kind, there[0].lon) == ("park", 121.41)
    assert here[0].confidence > here[1].confidence


async def test_a_number_that_is_not_there_makes_less_sure(places, anybody) -> None:
    exact = (await geo.geocode(places, anybody, "江北区老外滩12号"))[0]
    other = (await geo.geocode(places, anybody, "江北区老外滩99号"))[0]
    assert (exact.precision, exact.confidence > 0.95) == ("house", True)
    assert other.precision == "place"
    assert other.confidence < 0.9


async def test_an_abolished_area_is_understood_and_says_what_it_is_now(places, anybody) -> None:
    area = (await geo.geocode(places, anybody, "宁波市江东区"))[0]
    assert area.code == "330204"
    assert area.note == "江东区 (330204) was abolished on 2016-09-14; it is now 鄞州区（330212）"
    place = (await geo.geocode(places, anybody, "江东区彩虹北路7号"))[0]
    assert place.matched[0].code == "330204"
    assert "鄞州区" in (place.note or "")
    assert (await geo.geocode(places, anybody, "奉化市"))[0].code == "330283"


async def test_what_is_not_found_is_the_area_with_less_confidence_or_nothing(places, anybody) -> None:
    found = (await geo.geocode(places, anybody, "江北区外滩街道没有这个地方"))[0]
    assert (found.precision, found.name) == ("street", "外滩街道")
    assert found.confidence <= 0.5
    for nothing in ("qqqqzz", "!!!", "zzz 9999", "\x00", "𠮷𠮷𠮷"):
        assert await geo.geocode(places, anybody, nothing) == [], nothing


async def test_a_place_that_ended_is_told_to_be_gone(places, anybody) -> None:
    page = await records.listing(places, sample.SYSTEM, "geo.place")
    old = next(r for r in page.items if r.values["name"] == "鄞州中学")
    await records.update(places, sample.SYSTEM, "geo.place", old.id, {"ends_on": "2020-01-01"}, 1)
    found = (await geo.geocode(places, anybody, "鄞州中学"))[0]
    assert found.note == "This place ended on 2020-01-01"
    assert found.confidence < 0.75


async def test_reverse_finds_the_nearest_and_takes_datums(places, anybody) -> None:
    there = await geo.reverse(places, anybody, 121.5586, 29.8858)
    assert [p.name for p in there.places[:3]] == ["老外滩", "老外滩12号", "老外滩14号"]
    assert there.places[0].distance_m == pytest.approx(14.8, abs=1)
    assert there.address == "老外滩"
    from_gcj = await geo.reverse(places, anybody, 121.5629, 29.8834, datum="GCJ-02")
    assert abs(from_gcj.lon - 121.5585) < 0.001
    assert (await geo.reverse(places, anybody, 0, 0)).places == []
    with pytest.raises(Invalid):
        await geo.reverse(places, anybody, 121, 29, datum="Mars")


async def test_reverse_names_the_areas(places, anybody) -> None:
    ring = [[121.55, 29.88], [121.57, 29.88], [121.57, 29.89], [121.55, 29.89], [121.55, 29.88]]
    for code, level in (("330205", "district"), ("330205004", "street")):
        values = {
            "code": code,
            "level": level,
            "datum": "cgcs2000",
            "geometry": {"type": "Polygon", "coordinates": [ring]},
        }
        await records.create(places, sample.SYSTEM, "geo.boundary", values, district=code[:6])
    there = await geo.reverse(places, anybody, 121.5585, 29.8857)
    assert there.address == "江北区外滩街道老外滩"
    area = (await geo.geocode(places, anybody, "江北区"))[0]
    assert (area.lon, area.lat) == (pytest.approx(121.56), pytest.approx(29.885))


async def test_suggestions_hold_places_and_areas(places, anybody) -> None:
    assert "老外滩" in [h.title for h in await geo.suggest_places(places, anybody, "laowait")]
    assert "外滩街道" in [h.title for h in await geo.suggest_places(places, anybody, "wtjd")]


async def test_who_may_not_read_places_geocodes_nothing(places, callers) -> None:
    with pytest.raises(Unauthenticated):
        await geo.geocode(places, ANONYMOUS, "老外滩")
    with pytest.raises(Forbidden):
        await geo.geocode(places, callers("access.system_admin"), "老外滩")
    with pytest.raises(Forbidden):
        await geo.import_places(places, callers("access.operator"), b"", Format.CSV, "CGCS2000")
    mine = callers("access.department_officer", district="330212")
    names = [f.name for f in await geo.geocode(places, mine, "老外滩12号") if f.kind != "area"]
    assert names == []


@pytest.mark.parametrize("limit", [0, 21])
async def test_limits_hold(places, anybody, limit: int) -> None:
    with pytest.raises(Invalid):
        await geo.geocode(places, anybody, "老外滩", limit=limit)
    with pytest.raises(Invalid):
        await geo.geocode(places, anybody, "x" * 201)
