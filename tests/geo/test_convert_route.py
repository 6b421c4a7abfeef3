"""The door of geography over HTTP: whoever is signed in converts, nobody else, and what is wrong is told."""

import json
from collections.abc import Callable

import httpx
import pytest
from tests.conftest import key_of

from yong.kernel.access.contracts import ANONYMOUS, Caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import Invalid, Unauthenticated
from yong.kernel.geo import api
from yong.kernel.geo.datums import SYSTEMS
from yong.kernel.geo.datums.contracts import Conversion

SQUARE = {"type": "Point", "coordinates": [121.5504, 29.8683, 12.5]}


@pytest.fixture
async def key(city: City) -> dict[str, str]:
    return await key_of(city, "access.resident")


async def test_a_geometry_comes_back_in_the_other_system(
    client: httpx.AsyncClient, key: dict[str, str]
) -> None:
    asked = {"from": "urn:ogc:def:crs:EPSG::4490", "to": "GCJ02", "geometry": SQUARE}
    answer = await client.post("/geo/convert", json=asked, headers=key)
    assert answer.status_code == 200
    found = answer.json()
    assert {k: v for k, v in found.items() if k != "geometry"} == {
        "from": "CGCS2000",
        "to": "GCJ-02",
        "accuracy_m": 2.0,
    }
    x, y, z = found["geometry"]["coordinates"]
    assert (x, y) == pytest.approx((121.5548, 29.8658), abs=5e-4)
    assert z == 12.5
    back = await client.post(
        "/geo/convert", json={"from": "GCJ-02", "to": "CGCS2000", "geometry": found["geometry"]}, headers=key
    )
    assert back.json()["geometry"]["coordinates"] == pytest.approx(SQUARE["coordinates"], abs=2e-9)


async def test_positions_come_back_as_positions(client: httpx.AsyncClient, key: dict[str, str]) -> None:
    asked = {"from": "WGS84", "to": "EPSG:4549", "positions": [[121.5504, 29.8683], [121, 29, 3]]}
    found = (await client.post("/geo/convert", json=asked, headers=key)).json()
    assert "geometry" not in found
    assert found["accuracy_m"] == 1.0
    assert [len(p) for p in found["positions"]] == [2, 3]
    assert found["positions"][0] == pytest.approx([649_797.9, 3_306_524.0], abs=100)


async def test_all_systems_are_listed(client: httpx.AsyncClient, key: dict[str, str]) -> None:
    found = (await client.get("/geo/systems", headers=key)).json()
    assert [s["name"] for s in found] == [s.name for s in SYSTEMS]
    by_name = {s["name"]: s for s in found}
    assert by_name["EPSG:4528"] == {
        "name": "EPSG:4528",
        "title": {
            "zh": "CGCS2000 高斯—克吕格 3 度带第 40 带（中央经线 120°），加带号",
            "en": "CGCS2000 3-degree Gauss–Krüger zone 40 (CM 120°E), zone before the easting",
        },
        "datum": "CGCS2000",
        "unit": "metre",
        "extent": [118.5, 16.7, 121.5, 53.56],
        "accuracy_m": 0.001,
        "epsg": 4528,
        "zone": {"meridian": 120, "width": 3, "false_easting": 40_500_000},
    }
    assert by_name["GCJ-02"]["epsg"] is None


async def test_nobody_is_asked_to_sign_in(client: httpx.AsyncClient) -> None:
    asked = {"from": "WGS84", "to": "GCJ-02", "geometry": SQUARE}
    assert (await client.post("/geo/convert", json=asked)).status_code == 401
    assert (await client.get("/geo/systems")).status_code == 401


async def test_every_caller_but_nobody_may(city: City, callers: Callable[..., Caller]) -> None:
    asked = Conversion(source="WGS84", target="GCJ-02", positions=[[121.5504, 29.8683]])
    for caller in (
        callers(),
        callers("access.audit_admin"),
        callers("access.resident", factors=("password",)),
    ):
        assert (await api.convert(city, caller, asked)).positions
        assert api.systems(city, caller)
    with pytest.raises(Unauthenticated):
        await api.convert(city, ANONYMOUS, asked)
    with pytest.raises(Unauthenticated):
        api.systems(city, ANONYMOUS)


@pytest.mark.parametrize(
    ("asked", "pointer"),
    [
        ({"from": "WGS84", "to": "GCJ-02"}, None),
        ({"from": "WGS84", "to": "GCJ-02", "geometry": SQUARE, "positions": []}, None),
        ({"from": "WGS84", "to": "EPSG:3857", "geometry": SQUARE}, None),
        ({"from": "WGS84", "to": "GCJ-02", "geometry": {"type": "Feature"}}, "/geometry/type"),
        ({"from": "WGS84", "to": "GCJ-02", "positions": [[121, 29], [29.8, 121.5]]}, "/positions/1"),
        ({"from": "WGS84", "to": "GCJ-02", "positions": [[121, 29, 1, 1]]}, "/positions/0"),
        ({"from": "EPSG:4528", "to": "GCJ-02", "positions": [[649_757, 3_306_711]]}, "/positions/0"),
    ],
)
async def test_what_is_wrong_is_told_with_its_place(
    client: httpx.AsyncClient, key: dict[str, str], asked: dict[str, object], pointer: str | None
) -> None:
    answer = await client.post("/geo/convert", json=asked, headers=key)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert [e["pointer"] for e in answer.json().get("errors", [])] == ([pointer] if pointer else [])


@pytest.mark.parametrize(
    "body", ["", "[]", '{"from": 1}', '{"from": "WGS84"}', '{"from":"WGS84","to":"WGS84","x":1}']
)
async def test_what_cannot_be_read_is_refused(
    client: httpx.AsyncClient, key: dict[str, str], body: str
) -> None:
    headers = {**key, "content-type": "application/json"}
    answer = await client.post("/geo/convert", content=body, headers=headers)
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"


async def test_more_than_a_hundred_thousand_positions_are_too_many(
    client: httpx.AsyncClient, key: dict[str, str]
) -> None:
    positions = [[121.5, 29.8]] * 100_000
    body = {"from": "GCJ-02", "to": "CGCS2000", "positions": positions}
    answer = await client.post("/geo/convert", json=body, headers=key)
    assert answer.status_code == 200
    assert len(answer.json()["positions"]) == 100_000
    positions.append([121.5, 29.8])
    answer = await client.post("/geo/convert", json=body, headers=key)
    assert answer.status_code == 413


async def test_a_number_beyond_all_numbers_is_out_of_range(
    client: httpx.AsyncClient, key: dict[str, str]
) -> None:
    body = json.dumps({"from": "WGS84", "to": "GCJ-02", "geometry": SQUARE}).replace("29.8683", "9" * 400)
    answer = await client.post(
        "/geo/convert", content=body, headers={**key, "content-type": "application/json"}
    )
    assert answer.status_code in (400, 422)


async def test_the_door_itself_wants_one_of_two(city: City, callers: Callable[..., Caller]) -> None:
    with pytest.raises(Invalid):
        await api.convert(city, callers(), Conversion(source="WGS84", target="GCJ-02"))
