"""Queries over HTTP, as the standard has them."""

import random
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
import shapely
from shapely.geometry import shape

from yong.kernel.context.asking import geo
from yong.kernel.context.logic import distance_m

E = "/ngsi-ld/v1/entities"
POST = "/ngsi-ld/v1/entityOperations/query"
Key = Callable[..., Awaitable[dict[str, str]]]


def room(n: int, **more: Any) -> dict[str, Any]:
    return {
        "id": f"urn:ngsi-ld:Room:{n:03d}",
        "type": "Room",
        "temperature": {"type": "Property", "value": n, "observedAt": f"2026-01-01T00:00:{n % 60:02d}Z"},
        "location": {
            "type": "GeoProperty",
            "value": {"type": "Point", "coordinates": [121.5 + n / 1000, 29.8]},
        },
        **more,
    }


@pytest.fixture
async def rooms(provider: httpx.AsyncClient) -> httpx.AsyncClient:
    made = await provider.post(
        "/ngsi-ld/v1/entityOperations/create",
        json=[
            *(room(n) for n in range(30)),
            room(90, type=["Hall", "Room"], scope=["/Ningbo/Haishu"], state={"type": "VocabProperty", "vocab": "open"}),
            {"id": "urn:ngsi-ld:Park:1", "type": "Park", "location": {"type": "GeoProperty", "value": {
                "type": "Polygon", "coordinates": [[[121.5, 29.7], [121.52, 29.7], [121.52, 29.9], [121.5, 29.9], [121.5, 29.7]]]}}},
        ],
    )  # fmt: skip
    assert made.status_code == 201, made.text
    return provider


async def found(client: httpx.AsyncClient, **params: Any) -> list[str]:
    answer = await client.get(E, params={"limit": 1000, **params})
    assert answer.status_code == 200, answer.text
    return [e["id"].removeprefix("urn:ngsi-ld:") for e in answer.json()]


async def test_types_ids_attributes_and_conditions_choose_entities(rooms: httpx.AsyncClient) -> None:
    assert len(await found(rooms, type="Room")) == 31
    assert await found(rooms, type="(Hall;Room)") == ["Room:090"]
    assert len(await found(rooms, type="Park,Room")) == 32
    assert len(await found(rooms, type="*")) == 32
    assert await found(rooms, type="Room", id="urn:ngsi-ld:Room:003,urn:ngsi-ld:Park:1") == ["Room:003"]
    assert await found(rooms, type="*", idPattern="00[12]$") == ["Room:001", "Room:002"]
    assert await found(rooms, attrs="state") == ["Room:090"]
    assert await found(rooms, q="temperature==1..3") == ["Room:001", "Room:002", "Room:003"]
    assert await found(rooms, type="Room", q="temperature>27|temperature<1") == [
        "Room:000", "Room:028", "Room:029", "Room:090",
    ]  # fmt: skip
    assert await found(rooms, q="temperature.observedAt>2026-01-01T00:00:28Z;temperature!=90") == ["Room:029"]
    assert await found(rooms, q="state==open") == ["Room:090"]
    assert await found(rooms, type="Room", scopeQ="/Ningbo/#") == ["Room:090"]
    assert await found(rooms, type="Room", scopeQ="/Haishu") == []
    assert len(await found(rooms, type="Room", q="createdAt>2020-01-01T00:00:00Z")) == 31


async def test_pages_count_and_links_lead_through_all(rooms: httpx.AsyncClient) -> None:
    url, seen = f"{E}?type=Room&limit=7&count=true", []
    while url:
        answer = await rooms.get(url)
        assert answer.headers["NGSILD-Results-Count"] == "31"
        seen += [e["id"] for e in answer.json()]
        url = answer.links.get("next", {}).get("url", "")
        assert bool(url) == (len(seen) < 31)
        assert ("prev" in answer.links) == (len(seen) > 7)
    assert seen == sorted(seen)
    assert len(set(seen)) == 31
    none = await rooms.get(E, params={"type": "Room", "limit": 0, "count": True})
    assert (none.json(), none.headers["NGSILD-Results-Count"]) == ([], "31")


async def test_what_is_near_comes_nearest_first(rooms: httpx.AsyncClient) -> None:
    near = {"georel": "near;maxDistance==500", "geometry": "Point", "coordinates": "[121.5101,29.8]"}
    assert await found(rooms, type="Room", **near) == [
        "Room:010", "Room:011", "Room:009", "Room:012", "Room:008", "Room:013", "Room:007", "Room:014", "Room:006",
        "Room:015", "Room:005",
    ]  # fmt: skip
    park = await found(rooms, type="Park", **near)
    assert park == ["Park:1"]
    page = await rooms.get(E, params={"type": "Room", "limit": 2, "offset": 2, "count": True, **near})
    assert [e["id"][-3:] for e in page.json()] == ["009", "012"]
    assert page.headers["NGSILD-Results-Count"] == "11"
    far = await found(rooms, georel="near;minDistance==500", geometry="Point", coordinates="[121.5101,29.8]")
    assert len(far) == 20


async def test_shapes_relate_as_shapely_says(provider: httpx.AsyncClient) -> None:
    dice = random.Random(7)
    made = []
    for n in range(150):
        x, y, size = dice.randrange(10) / 10, dice.randrange(10) / 10, dice.randrange(1, 4) / 10
        ring = [[x, y], [x + size, y], [x + size, y + size], [x, y + size], [x, y]]
        value = dice.choice(
            [{"type": "Point", "coordinates": [x, y]}, {"type": "Polygon", "coordinates": [ring]},
             {"type": "LineString", "coordinates": ring[:3]}, {"type": "MultiPoint", "coordinates": ring[:2]},
             {"type": "MultiPolygon", "coordinates": [[ring]]}, {"type": "MultiLineString", "coordinates": [ring[:2], ring[2:4]]}]
        )  # fmt: skip
        spot = {"type": "GeoProperty", "value": value}
        made.append({"id": f"urn:ngsi-ld:S:{n:03d}", "type": "S", "location": spot, "operationSpace": spot})
    answer = await provider.post("/ngsi-ld/v1/entityOperations/create", json=made)
    assert answer.status_code == 201, answer.text
    references = [
        {"type": "Polygon", "coordinates": [[[0.2, 0.2], [0.8, 0.2], [0.8, 0.8], [0.2, 0.8], [0.2, 0.2]]]},
        {"type": "Point", "coordinates": [0.3, 0.3]},
        {"type": "LineString", "coordinates": [[0.1, 0.5], [0.9, 0.5]]},
        made[3]["location"]["value"],
    ]
    relations = {"within": "within", "contains": "contains", "intersects": "intersects", "equals": "equals",
                 "disjoint": "disjoint", "overlaps": "overlaps"}  # fmt: skip
    some = 0
    for reference in references:
        for georel, name in relations.items():
            asked = {
                "georel": georel,
                "geometry": reference["type"],
                "coordinates": str(reference["coordinates"]),
            }
            wanted = [
                m["id"].removeprefix("urn:ngsi-ld:") for m in made
                if getattr(shapely, name)(shape(m["location"]["value"]), shape(reference))
            ]  # fmt: skip
            assert await found(provider, type="S", **asked) == wanted, (georel, reference)
            assert await found(provider, geoproperty="operationSpace", **asked) == wanted, (georel, reference)
            page = await provider.get(
                E, params={"type": "S", "limit": 3, "offset": 1, "count": True, **asked}
            )
            assert [e["id"].removeprefix("urn:ngsi-ld:") for e in page.json()] == wanted[1:4]
            assert page.headers["NGSILD-Results-Count"] == str(len(wanted))
            some += bool(wanted)
    assert some > 12
    near = {"georel": "near;maxDistance==20000", "geometry": "Point", "coordinates": "[0.35,0.35]"}
    place = shape({"type": "Point", "coordinates": [0.35, 0.35]})
    wanted = {m["id"][-3:] for m in made if geo.metres(shape(m["location"]["value"]), place) <= 20000}
    assert {i[-3:] for i in await found(provider, type="S", **near)} == wanted
    assert 0 < len(wanted) < 150


def test_distances_to_points_go_along_the_sphere() -> None:
    a, b = (121.5, 29.8), (121.9, 30.1)
    assert geo.metres(shapely.Point(a), shapely.Point(b)) == distance_m(a, b)
    line = shapely.LineString([(121.9, 29.0), (121.9, 31.0)])
    assert geo.metres(shapely.Point(a), line) == pytest.approx(distance_m(a, (121.9, 29.8)), rel=2e-3)


async def test_a_query_may_come_as_a_body(rooms: httpx.AsyncClient) -> None:
    body = {
        "type": "Query",
        "entities": [{"type": "Park"}, {"type": "Room", "idPattern": "00[1-3]$"}],
        "attrs": ["temperature"],
        "q": "temperature>=2",
        "geoQ": {"georel": "near;maxDistance==2000", "geometry": "Point", "coordinates": [121.5, 29.8]},
    }
    answer = await rooms.post(POST, json=body, params={"options": "keyValues"})
    assert answer.status_code == 200, answer.text
    assert answer.json() == [
        {"id": f"urn:ngsi-ld:Room:00{n}", "type": "Room", "temperature": n} for n in (2, 3)
    ]
    as_map = await rooms.get(E, params={"type": "Park"}, headers={"accept": "application/geo+json"})
    assert as_map.json()["type"] == "FeatureCollection"
    assert as_map.json()["features"][0]["geometry"]["type"] == "Polygon"


async def test_names_of_a_users_context_are_found_as_they_are_stored(provider: httpx.AsyncClient) -> None:
    context = {
        "Meter": "https://example.org/Meter",
        "power": "https://example.org/power",
        "m": "https://example.org/m",
    }
    entity = {"@context": context, "id": "urn:m:1", "type": "Meter", "power": 5, "mode": {"vocab": "m"}}
    made = await provider.post(E, json=entity, headers={"content-type": "application/ld+json"})
    assert made.status_code == 201, made.text
    headers = {"content-type": "application/ld+json"}
    ask = {"@context": context, "type": "Query", "entities": [{"type": "Meter"}], "q": "power==5;mode==m",
           "expandValues": "mode"}  # fmt: skip
    answer = await provider.post(POST, json=ask, headers=headers)
    assert [e["power"]["value"] for e in answer.json()] == [5], answer.text
    assert await found(provider, q="power") == []


@pytest.mark.parametrize(
    "params",
    [{}, {"type": "Room", "q": "a=="}, {"type": "("}, {"type": "Room", "scopeQ": "//"}, {"type": "Room", "limit": 1001},
     {"type": "Room", "georel": "near"}, {"georel": "near;maxDistance==-1", "geometry": "Point", "coordinates": "[1,2]"},
     {"georel": "within", "geometry": "Polygon", "coordinates": "[[1,2]]"}, {"type": "Room", "idPattern": "("},
     {"georel": "within", "geometry": "Point", "coordinates": "[" * 3000}, {"type": "Room", "q": 'a~="("'},
     {"type": "Room", "id": "no uri"}, {"type": "Room", "limit": 0}, {"type": "Room", "join": "inline"},
     {"type": "Room", "q": "a{b}"},
     {"georel": "near;maxDistance==9", "geometry": "Point", "coordinates": "[1,2]", "after": "urn:a:b"}],
)  # fmt: skip
async def test_a_wrong_query_is_a_bad_request(provider: httpx.AsyncClient, params: dict[str, Any]) -> None:
    answer = await provider.get(E, params=params)
    assert answer.status_code == 400, answer.text
    assert answer.json()["type"].startswith("https://uri.etsi.org/ngsi-ld/errors/")


async def test_nobody_finds_what_they_may_not_see(rooms: httpx.AsyncClient, key: Key) -> None:
    district = await key("context.provider", district="330203")
    made = await rooms.post(E, json=room(500), headers=district)
    assert made.status_code == 201, made.text
    mine = await rooms.get(E, params={"type": "Room", "count": True}, headers=district)
    assert [e["id"][-3:] for e in mine.json()] == ["500"]
    assert mine.headers["NGSILD-Results-Count"] == "1"
    near = {"georel": "near;maxDistance==90000", "geometry": "Point", "coordinates": "[121.5,29.8]"}
    seen = await rooms.get(E, params={"count": True, **near}, headers=district)
    assert ([e["id"][-3:] for e in seen.json()], seen.headers["NGSILD-Results-Count"]) == (["500"], "1")
    rooms.headers.pop("x-api-key")
    assert (await rooms.get(E, params={"type": "Room"})).status_code == 401
    assert (await rooms.post(POST, json={"type": "Query", "q": "temperature"})).status_code == 401


async def test_tenants_are_apart(rooms: httpx.AsyncClient) -> None:
    other = {"NGSILD-Tenant": "port"}
    assert (await rooms.post(E, json=room(700), headers=other)).status_code == 201
    answer = await rooms.get(E, params={"type": "Room"}, headers=other)
    assert [e["id"][-3:] for e in answer.json()] == ["700"]
    assert len(await found(rooms, type="Room")) == 31
    none = await rooms.get(E, params={"type": "Room"}, headers={"NGSILD-Tenant": "nobody"})
    assert none.status_code == 404
