"""The forms that entities come and go in: concise, simplified, GeoJSON, contexts, languages, tenants."""

import httpx
import pytest
from tests.context.conftest import Key
from tests.context.test_entities import CORE, ROOM, E

ID = "urn:ngsi-ld:Room:1"
CONTEXT = {
    "Room": "https://m.example/Room",
    "temperature": "https://m.example/temperature",
    "m": "https://m.example/",
}
LD = {"content-type": "application/ld+json"}


async def test_concise_and_simplified(provider: httpx.AsyncClient) -> None:
    await provider.post(E, json=ROOM)
    concise = (await provider.get(f"{E}/{ID}", params={"options": "concise"})).json()
    assert concise["temperature"] == {"value": 21.5, "unitCode": "CEL", "observedAt": "2026-11-20T08:00:00Z"}
    assert concise["location"] == {"type": "Point", "coordinates": [121.5, 29.8]}
    assert concise["next"] == {"objectList": ["urn:ngsi-ld:Room:2"]}
    assert concise["speed"] == [{"value": 1}, {"value": 2, "datasetId": "urn:d:gps", "accuracy": 0.9}]
    simple = (await provider.get(f"{E}/{ID}", params={"format": "simplified"})).json()
    assert simple["temperature"] == 21.5
    assert simple["inBuilding"] == "urn:ngsi-ld:Building:7"
    assert simple["name"] == {"languageMap": {"zh": "一号", "en": "One"}}
    assert simple["speed"] == {"dataset": {"@none": 1, "urn:d:gps": 2}}
    spoken = (
        await provider.get(f"{E}/{ID}", params={"options": "keyValues", "lang": "en-GB,zh;q=0.5"})
    ).json()
    assert spoken["name"] == "One"
    copy = {**concise, "id": "urn:ngsi-ld:Room:2"}
    assert (await provider.post(E, json=copy)).status_code == 201
    assert (await provider.get(f"{E}/urn:ngsi-ld:Room:2")).json() == {**ROOM, "id": "urn:ngsi-ld:Room:2"}


async def test_parts_geojson_and_system_attributes(provider: httpx.AsyncClient) -> None:
    await provider.post(E, json=ROOM)
    url = f"{E}/{ID}"
    assert (await provider.get(url, params={"attrs": "raw"})).json().keys() == {"id", "type", "scope", "raw"}
    assert (await provider.get(url, params={"attrs": "nothing"})).status_code == 404
    assert (await provider.get(url, params={"pick": "id,raw"})).json().keys() == {"id", "raw"}
    assert "raw" not in (await provider.get(url, params={"omit": "raw,scope"})).json()
    system = (await provider.get(url, params={"options": "sysAttrs"})).json()
    assert system["createdAt"].endswith("Z")
    assert system["temperature"]["modifiedAt"] == system["modifiedAt"]
    one = (await provider.get(url, params={"datasetId": "urn:d:gps"})).json()
    assert one["speed"]["value"] == 2
    feature = await provider.get(url, headers={"accept": "application/geo+json"})
    assert feature.headers["content-type"] == "application/geo+json"
    body = feature.json()
    assert (body["id"], body["type"], body["@context"]) == (ID, "Feature", CORE)
    assert body["geometry"] == {"type": "Point", "coordinates": [121.5, 29.8]}
    assert body["properties"]["type"] == "Room"
    assert (await provider.get(url, headers={"accept": "text/html"})).status_code == 406


async def test_contexts_by_body_and_by_link(provider: httpx.AsyncClient) -> None:
    body = {"@context": CONTEXT, "id": ID, "type": "Room", "temperature": 20, "m:x": 1, "plain": True}
    made = await provider.post(E, json=body, headers=LD)
    assert made.status_code == 201, made.text
    plain = (await provider.get(f"{E}/{ID}")).json()
    assert plain["type"] == "https://m.example/Room"
    assert plain["https://m.example/temperature"]["value"] == 20
    assert plain["plain"]["value"] is True
    kept = await provider.post("/ngsi-ld/v1/jsonldContexts", json={"@context": CONTEXT})
    assert kept.status_code == 201, kept.text
    where = kept.headers["location"]
    link = {
        "link": f'<http://yong.test{where}>; rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json"'
    }
    found = await provider.get(f"{E}/{ID}", headers={**link, "accept": "application/ld+json"})
    assert found.json() == {
        "id": ID,
        "type": "Room",
        "temperature": {"type": "Property", "value": 20},
        "m:x": {"type": "Property", "value": 1},
        "plain": {"type": "Property", "value": True},
        "@context": [f"http://yong.test{where}", CORE],
    }
    patched = await provider.patch(f"{E}/{ID}/attrs/temperature", json={"value": 3}, headers=link)
    assert patched.status_code == 204, patched.text
    escaped = await provider.get(f"{E}/{ID}", headers=link, params={"attrs": "temperature"})
    assert escaped.json()["temperature"]["value"] == 3
    removed = await provider.delete(f"{E}/{ID}/attrs/https%3A%2F%2Fm.example%2Ftemperature")
    assert removed.status_code == 204, removed.text
    assert where in (await provider.get("/ngsi-ld/v1/jsonldContexts")).json()
    assert (await provider.get(where)).json() == {"@context": CONTEXT}
    details = (await provider.get(where, params={"details": "true"})).json()
    assert (details["kind"], details["numberOfHits"] > 0) == ("Hosted", True)
    assert (await provider.delete(where)).status_code == 204
    assert (await provider.get(where)).status_code == 404


async def test_remote_contexts_are_not_fetched_unless_allowed(provider: httpx.AsyncClient) -> None:
    link = {"link": '<https://contexts.example/a.jsonld>; rel="http://www.w3.org/ns/json-ld#context"'}
    found = await provider.get(f"{E}/{ID}", headers=link)
    assert found.status_code == 503
    assert found.json()["type"] == "https://uri.etsi.org/ngsi-ld/errors/LdContextNotAvailable"
    core = {"link": f'<{CORE}>; rel="http://www.w3.org/ns/json-ld#context"'}
    assert (await provider.get(f"{E}/{ID}", headers=core)).status_code == 404


async def test_tenants_are_apart_and_made_by_writing(provider: httpx.AsyncClient) -> None:
    other = {"NGSILD-Tenant": "other"}
    unknown = await provider.get(f"{E}/{ID}", headers=other)
    assert (unknown.status_code, unknown.json()["type"][-17:]) == (404, "NonexistentTenant")
    assert (await provider.delete(f"{E}/{ID}", headers=other)).json()["type"].endswith("NonexistentTenant")
    await provider.post(E, json=ROOM)
    made = await provider.post(E, json={"id": ID, "type": "Car"}, headers=other)
    assert (made.status_code, made.headers["NGSILD-Tenant"]) == (201, "other")
    assert (await provider.get(f"{E}/{ID}", headers=other)).json() == {"id": ID, "type": "Car"}
    assert (await provider.get(f"{E}/{ID}")).json() == ROOM
    patched = await provider.post(f"{E}/{ID}/attrs", json={"speed": 5}, headers=other)
    assert patched.status_code == 204, patched.text
    assert (await provider.get("/ngsi-ld/v1/types", headers=other)).json()["typeList"] == ["Car"]
    assert (await provider.get(f"{E}/{ID}", headers={"NGSILD-Tenant": "a b"})).status_code == 400


async def test_an_id_with_slashes(provider: httpx.AsyncClient) -> None:
    id_ = "https://example.org/rooms/1?x=%2F"
    assert (await provider.post(E, json={"id": id_, "type": "Room", "a": 1})).status_code == 201
    url = f"{E}/https%3A%2F%2Fexample.org%2Frooms%2F1%3Fx=%252F"
    assert (await provider.get(url)).json()["id"] == id_
    assert (await provider.patch(f"{url}/attrs/a", json={"value": 2})).status_code == 204
    assert (await provider.get(url, params={"options": "keyValues"})).json()["a"] == 2
    assert (await provider.delete(url)).status_code == 204


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", f"{E}/{ID}"), ("PATCH", f"{E}/{ID}/attrs/x"), ("POST", E), ("GET", "/ngsi-ld/v1/types")],
)
async def test_nobody_is_asked_to_sign_in(client: httpx.AsyncClient, method: str, path: str) -> None:
    answer = await client.request(method, path, json={"value": 1} if method != "GET" else None)
    assert answer.status_code == 401


async def test_scope_never_leaks(client: httpx.AsyncClient, key: Key) -> None:
    here = await key("context.provider", district="330203")
    there = await key("context.provider", district="330212")
    reader = await key("access.operator")
    made = await client.post(E, json=ROOM, headers=here)
    assert made.status_code == 201, made.text
    assert (await client.get(f"{E}/{ID}", headers=reader)).status_code == 200
    assert (await client.patch(f"{E}/{ID}/attrs/raw", json={"json": 1}, headers=reader)).status_code == 403
    unseen = [
        ("GET", f"{E}/{ID}", None),
        ("PUT", f"{E}/{ID}", {"type": "Room"}),
        ("PATCH", f"{E}/{ID}", {"a": 1}),
        ("DELETE", f"{E}/{ID}", None),
        ("POST", f"{E}/{ID}/attrs", {"a": 1}),
        ("PATCH", f"{E}/{ID}/attrs", {"raw": 1}),
        ("PATCH", f"{E}/{ID}/attrs/raw", {"json": 1}),
        ("PUT", f"{E}/{ID}/attrs/raw", {"json": 1}),
        ("DELETE", f"{E}/{ID}/attrs/raw", None),
        ("GET", "/ngsi-ld/v1/types/Room", None),
        ("GET", "/ngsi-ld/v1/attributes/raw", None),
    ]
    for method, path, body in unseen:
        answer = await client.request(method, path, json=body, headers=there)
        assert answer.status_code == 404, (method, path, answer.text)
    assert (await client.get("/ngsi-ld/v1/types", headers=there)).json()["typeList"] == []
    for verb in ("update", "merge", "delete"):
        body = [ID] if verb == "delete" else [{"id": ID, "a": 1}]
        answer = await client.post(f"/ngsi-ld/v1/entityOperations/{verb}", json=body, headers=there)
        assert answer.status_code == 207
        assert answer.json()["success"] == []
    assert (await client.get(f"{E}/{ID}", headers=here)).json() == ROOM
    abroad = {**here, "x-district": "330212"}
    assert (await client.post(E, json={**ROOM, "id": "urn:x:2"}, headers=abroad)).status_code == 403
