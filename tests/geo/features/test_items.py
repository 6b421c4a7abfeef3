"""OGC API Features over HTTP: collections without extra code, pages, places over the antimeridian, the law."""

import asyncio
import json
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
import pytest
from tests.conftest import key_of
from tests.geo.sample import box

from yong.app.http.application import create_app
from yong.kernel.access.contracts import ANONYMOUS
from yong.kernel.base.city import City
from yong.kernel.geo import api
from yong.kernel.geo.features.contracts import Asked

EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
Key = dict[str, str]


@pytest.fixture
async def reader(city: City) -> Key:
    return await key_of(city, "access.operator")


async def keep(client: httpx.AsyncClient, key: Key, name: str, ring: Any) -> str:
    answer = await client.post(
        "/records/geo.boundary",
        json={
            "values": {"code": "330203", "level": "district", "datum": "cgcs2000", "name": name,
                       "geometry": {"type": "Polygon", "coordinates": ring}},
            "district": "330203",
        },
        headers=key,
    )  # fmt: skip
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def tell(
    client: httpx.AsyncClient, key: Key, id: str, type: Any, place: Any, **attributes: Any
) -> None:
    """Make an entity by NGSI-LD."""
    body: dict[str, Any] = {"id": id, "type": type, **attributes}
    if place is not None:
        body["location"] = {"type": "GeoProperty", "value": place}
    answer = await client.post("/ngsi-ld/v1/entities", json=body, headers=key)
    assert answer.status_code == 201, answer.text


def point(x: float, y: float) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [x, y]}


async def get(client: httpx.AsyncClient, key: Key, path: str, status: int = 200, **query: Any) -> Any:
    given = {k.replace("_", "-"): v for k, v in query.items()}
    answer = await client.get(f"/ogc{path}", params=given, headers=key)
    assert answer.status_code == status, answer.text
    return answer.json()


def ids(page: Any) -> list[str]:
    return [f["id"] for f in page["features"]]


async def test_the_way_from_the_landing_page_to_a_feature(
    city: City, client: httpx.AsyncClient, reader: Key
) -> None:
    id_ = await keep(client, await key_of(city, "geo.keeper"), "海曙", box(121, 29, 122, 30))
    page = await get(client, reader, "")
    links = {link["rel"]: link["href"] for link in page["links"]}
    described = await client.get(links["service-desc"])
    assert described.json()["openapi"].startswith("3.1")
    assert "/ogc/collections/{collection_id}/items" in described.json()["paths"]
    conforms = (await client.get(links["conformance"], headers=reader)).json()["conformsTo"]
    assert "http://www.opengis.net/spec/cql2/1.0/conf/temporal-functions" in conforms
    found = (await client.get(links["data"], headers=reader)).json()
    one = next(c for c in found["collections"] if c["id"] == "geo.boundary")
    assert one["title"] == "Boundaries"
    for link in one["links"]:
        answer = await client.get(link["href"], headers=reader)
        assert answer.status_code == 200, link
        assert answer.headers["content-type"] == link["type"]
    feature = await get(client, reader, f"/collections/geo.boundary/items/{id_}")
    assert feature["properties"]["name"] == "海曙"
    assert feature["geometry"] == {"type": "Polygon", "coordinates": box(121, 29, 122, 30)}
    whole = await get(client, reader, "/collections/geo.boundary")
    assert whole["extent"]["spatial"]["bbox"] == [[121, 29, 122, 30]]
    assert len(whole["extent"]["temporal"]["interval"][0]) == 2
    assert f"{EPSG}4549" in whole["crs"]
    await get(client, reader, "/collections/geo.boundary/items/nothing", 404)
    await get(client, reader, "/collections/no.such", 404)


async def test_next_links_lead_through_everything_also_while_it_grows(
    city: City, client: httpx.AsyncClient, reader: Key
) -> None:
    provider = await key_of(city, "context.provider")
    for n in range(7):
        await tell(client, provider, f"urn:t:{n}", "Lamp", point(121 + n / 10, 29))
    seen: list[str] = []
    path = "/ogc/collections/context.Lamp/items?limit=3"
    while path:
        answer = await client.get(path, headers=reader)
        page = answer.json()
        assert page["numberReturned"] == len(page["features"]) <= 3
        if not seen:
            assert page["numberMatched"] == 7
            await tell(client, provider, "urn:t:00", "Lamp", point(121, 29))  # before what was shown
        seen += ids(page)
        path = next((link["href"] for link in page["links"] if link["rel"] == "next"), "")
    assert seen == [f"urn:t:{n}" for n in range(7)]


async def test_boxes_also_over_the_antimeridian_and_in_other_systems(
    city: City, client: httpx.AsyncClient, reader: Key
) -> None:
    provider = await key_of(city, "context.provider")
    places = {"fiji": (178.4, -18.1), "samoa": (-172.1, -13.8), "ningbo": (121.55, 29.87)}
    for name, (x, y) in places.items():
        await tell(client, provider, f"urn:p:{name}", "Place", point(x, y))
    slanting = {"type": "LineString", "coordinates": [[121, 29], [122, 30]]}
    await tell(client, provider, "urn:p:line", "Place", slanting)
    items = "/collections/context.Place/items"

    async def inside(**query: Any) -> set[str]:
        return {i.removeprefix("urn:p:") for i in ids(await get(client, reader, items, **query))}

    assert await inside(bbox="170,-30,-170,0") == {"fiji", "samoa"}
    assert await inside(bbox="170,-30,-5,-170,0,10") == {"fiji", "samoa"}
    assert await inside(bbox="-180,-90,180,90") == {"fiji", "samoa", "ningbo", "line"}
    assert await inside(bbox="121,29.5,121.3,30") == set()  # in the line's box, beside the line
    assert await inside(bbox="121.4,29.3,121.6,29.5") == {"line"}
    assert await inside(bbox="29,121.5,30,122", bbox_crs=f"{EPSG}4490") == {"ningbo", "line"}
    assert await inside(bbox="13520000,3480000,13540000,3500000", bbox_crs=f"{EPSG}3857") == {"ningbo"}
    assert await inside(bbox="3300000,640000,3310000,660000", bbox_crs=f"{EPSG}4549") == {"ningbo"}
    wkt = "S_INTERSECTS(location, POLYGON((29 121.5, 30 121.5, 30 122, 29 122, 29 121.5)))"
    assert await inside(filter=wkt, filter_crs=f"{EPSG}4326") == {"ningbo", "line"}
    assert await inside(filter="NOT S_INTERSECTS(location, BBOX(170,-30,-170,0))") == {"ningbo", "line"}
    page = await get(client, reader, items, 400, crs=f"{EPSG}4549")
    assert "4549" in str(page["errors"])  # Fiji is not within six degrees of its meridian


async def test_a_page_says_in_which_system_it_is(city: City, client: httpx.AsyncClient, reader: Key) -> None:
    await tell(client, await key_of(city, "context.provider"), "urn:p:1", "Place", point(121.55, 29.87))
    path = "/ogc/collections/context.Place/items"
    plain = await client.get(path, headers=reader)
    assert plain.headers["content-crs"] == "<http://www.opengis.net/def/crs/OGC/1.3/CRS84>"
    assert plain.json()["features"][0]["geometry"]["coordinates"] == [121.55, 29.87]
    for one in (path, f"{path}/urn:p:1"):
        turned = await client.get(one, params={"crs": f"{EPSG}4326"}, headers=reader)
        assert turned.headers["content-crs"] == f"<{EPSG}4326>"
        feature = turned.json() if "features" not in turned.json() else turned.json()["features"][0]
        assert feature["geometry"]["coordinates"] == [29.87, 121.55]


async def test_types_of_entities_are_collections(city: City, client: httpx.AsyncClient, reader: Key) -> None:
    provider = await key_of(city, "context.provider")
    iri = "https://example.org/types/AirQuality"
    await tell(client, provider, "urn:a:1", "Lamp", point(121, 29), level={"type": "Property", "value": 3},
               near={"type": "Relationship", "object": "urn:a:2"},
               named={"type": "LanguageProperty", "languageMap": {"zh": "灯"}})  # fmt: skip
    await tell(
        client,
        provider,
        "urn:a:2",
        ["Pole", "Lamp"],
        point(121.5, 29),
        level={"type": "Property", "value": "high"},
    )
    await tell(client, provider, "https://example.org/x/y%20z", iri, point(121, 29))
    await tell(client, provider, "urn:a:4", "Idea", None)
    listed = {c["id"] for c in (await get(client, reader, "/collections"))["collections"]}
    assert {"context.Lamp", "context.Pole", "context.entity_now", "geo.boundary"} <= listed
    assert "context.Idea" not in listed
    [named] = [i for i in listed if i.startswith("context.AirQuality-")]
    strange = await get(client, reader, f"/collections/{named}/items")
    [id_] = ids(strange)
    assert id_ == "https://example.org/x/y%20z"
    one = await get(client, reader, f"/collections/{named}/items/{quote(id_, safe='')}")
    assert one["id"] == id_
    again = urlsplit(next(link["href"] for link in one["links"] if link["rel"] == "self"))
    assert (await client.get(again.path, headers=reader)).json()["id"] == id_
    lamps = await get(client, reader, "/collections/context.Lamp/items")
    assert ids(lamps) == ["urn:a:1", "urn:a:2"]
    first = lamps["features"][0]["properties"]
    assert (first["level"], first["near"], first["named"]) == (3, "urn:a:2", {"zh": "灯"})
    assert {"source", "modified_at"} <= set(first)
    items = "/collections/context.Lamp/items"
    assert ids(await get(client, reader, items, filter="level > 2")) == ["urn:a:1"]
    assert ids(await get(client, reader, items, level="high")) == ["urn:a:2"]
    assert ids(await get(client, reader, items, sortby="-level", properties="level")) == [
        "urn:a:1",
        "urn:a:2",
    ]
    shape = await get(client, reader, "/collections/context.Lamp/schema")
    assert {"id", "location", "level", "near", "modified_at"} <= set(shape["properties"])
    assert (await get(client, reader, items, 400, filter="lvl = 1"))["errors"][0]["pointer"] == "/lvl"
    now = "2020-01-01T00:00:00Z/.."
    assert len((await get(client, reader, items, datetime=now))["features"]) == 2
    assert ids(await get(client, reader, items, datetime="../2020-01-01")) == []


async def test_who_may_see_nothing_finds_nothing(city: City, client: httpx.AsyncClient) -> None:
    keeper, provider = await key_of(city, "geo.keeper"), await key_of(city, "context.provider")
    await keep(client, keeper, "海曙", box(121, 29, 122, 30))
    await tell(client, provider, "urn:a:1", "Lamp", point(121, 29))
    for path in (
        "geo.boundary",
        "geo.boundary/items",
        "context.Lamp/items",
        "geo.boundary/items/x",
        "x/items",
    ):
        await get(client, {}, f"/collections/{path}", 401)
    nobody = {c["id"] for c in (await get(client, {}, "/collections"))["collections"]}
    assert not {"geo.boundary", "context.Lamp", "context.entity_now"} & nobody
    # An officer of another district sees the entities of that district alone.
    elsewhere = await key_of(city, "access.department_officer", district="330282")
    assert "context.Lamp" not in {
        c["id"] for c in (await get(client, elsewhere, "/collections"))["collections"]
    }
    await get(client, elsewhere, "/collections/context.Lamp/items", 404)
    assert (await get(client, {}, ""))["links"]


async def test_ended_records_are_gone_at_once(city: City, client: httpx.AsyncClient, reader: Key) -> None:
    keeper = await key_of(city, "geo.keeper")
    id_ = await keep(client, keeper, "江东", box(121, 29, 122, 30))
    items = "/collections/geo.boundary/items"
    assert ids(await get(client, reader, items)) == [id_]
    assert (await client.delete(f"/records/geo.boundary/{id_}?version=1", headers=keeper)).status_code == 200
    page = await get(client, reader, items)
    assert (page["features"], page["numberMatched"]) == ([], 0)
    await get(client, reader, f"{items}/{id_}", 404)


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("filter=nix%20%3D%201", "nix"),
        ("limit=none", "limit"),
        ("limit=1&limit=2", "limit"),
        ("colour=red", "colour"),
        ("filter=name%20LIKE", "character"),
        ("f=html", "json"),
        ("filter-lang=cql2-json&filter=%7B", "JSON"),
        ("bbox=%00", "bbox"),
        ("%FF=1", "parameter"),
    ],
)
async def test_rubbish_gets_a_problem_in_the_readers_language(
    client: httpx.AsyncClient, reader: Key, query: str, told: str
) -> None:
    path = f"/ogc/collections/geo.boundary/items?{query}"
    answer = await client.get(path, headers=reader)
    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert told in answer.text
    chinese = await client.get(path, headers={**reader, "accept-language": "zh"})
    assert chinese.json()["title"] != answer.json()["title"]


async def test_more_than_the_most_is_the_most(client: httpx.AsyncClient, reader: Key) -> None:
    assert (await get(client, reader, "/collections/geo.boundary/items", limit=99999))["numberMatched"] == 0


async def test_both_ways_to_a_page_answer_the_same(
    city: City, client: httpx.AsyncClient, reader: Key
) -> None:
    """The hot route and the framework's handler."""
    await keep(client, await key_of(city, "geo.keeper"), "海曙", box(121, 29, 122, 30))
    path = "/ogc/collections/geo.boundary/items?limit=1&name=%E6%B5%B7%E6%9B%99"
    transport = httpx.ASGITransport(create_app(city))  # type: ignore[arg-type]  # Litestar's own types are narrower
    async with httpx.AsyncClient(transport=transport, base_url="http://yong.test") as framework:
        slow = await framework.get(path, headers={**reader, "accept-language": "en"})
    fast = await client.get(path, headers=reader)
    assert slow.status_code == fast.status_code == 200
    assert slow.headers["content-type"] == fast.headers["content-type"]
    one, other = slow.json(), fast.json()
    one.pop("timeStamp"), other.pop("timeStamp")
    assert json.dumps(one["features"]) == json.dumps(other["features"])
    assert [link["href"] for link in one["links"]] == [link["href"] for link in other["links"]]


async def test_an_answer_is_never_older_than_its_question(
    city: City, client: httpx.AsyncClient, reader: Key
) -> None:
    """Questions that are the same share an answer; a change between two of them is in the second."""
    keeper = await key_of(city, "geo.keeper")
    path = "/ogc/collections/geo.boundary/items?limit=10000"
    for n in range(1, 6):
        others = [asyncio.create_task(client.get(path, headers=reader)) for _ in range(8)]
        await asyncio.sleep(0)
        await keep(client, keeper, f"区{n}", box(121, 29, 122, 30))
        page = (await client.get(path, headers=reader)).json()
        assert page["numberMatched"] == n
        for answer in await asyncio.gather(*others):
            assert answer.json()["numberMatched"] in (n - 1, n)


def test_the_door_asks_the_law_for_its_catalogue(city: City) -> None:
    asked = Asked(root="http://x/ogc", path="/ogc")
    assert json.loads(api.landing(city, ANONYMOUS, asked).body)["links"]
