"""Changes at one moment, readings of things beside NGSI-LD, and input that is refused and changes nothing."""

import asyncio
from typing import Any

import httpx
import pytest
from tests.context.test_entities import ROOM, E

from yong.kernel.access import api as access
from yong.kernel.base import clock
from yong.kernel.base.city import City
from yong.kernel.context import service as context
from yong.kernel.context.contracts import Subject
from yong.kernel.history import service as history
from yong.kernel.history.contracts import Observation
from yong.kernel.store.database import Database

ID = "urn:ngsi-ld:Room:1"
NOW = clock.micros(clock.now())


async def test_concurrent_changes_of_different_attributes_all_survive(
    provider: httpx.AsyncClient, city: City
) -> None:
    attributes = {f"a{n}": 0 for n in range(40)}
    await provider.post(E, json={"id": ID, "type": "Room", **attributes})
    answers = await asyncio.gather(
        *(provider.patch(f"{E}/{ID}/attrs/a{n}", json={"value": n + 1}) for n in range(40)),
        *(provider.patch(f"{E}/{ID}", json={f"b{n}": n}) for n in range(10)),
    )
    assert {a.status_code for a in answers} == {204}
    found = (await provider.get(f"{E}/{ID}", params={"options": "keyValues"})).json()
    assert all(found[f"a{n}"] == n + 1 for n in range(40))
    assert all(found[f"b{n}"] == n for n in range(10))
    kept = await city[Database].fetchval("SELECT count(*) FROM history.observation")
    assert kept == 90


async def test_many_values_of_one_attribute_at_once_are_all_in_history(
    provider: httpx.AsyncClient, city: City
) -> None:
    await provider.post(E, json={"id": ID, "type": "Room", "a": 0})
    await asyncio.gather(*(provider.patch(f"{E}/{ID}/attrs/a", json={"value": n}) for n in range(1, 51)))
    rows = await city[Database].fetch("SELECT value FROM history.observation ORDER BY observed_at")
    assert sorted(r["value"] for r in rows) == list(range(51))
    last = (await provider.get(f"{E}/{ID}", params={"options": "keyValues"})).json()["a"]
    assert rows[-1]["value"] == last


async def observe(city: City, entity: str, value: float, at: int, attribute: str = "temperature") -> None:
    """A reading, as sensing commits it."""
    observation = Observation(entity, attribute, at, value, "CEL")
    numbers = await history.prepare(city, [observation])
    async with city[Database].transaction() as connection:
        await history.write(city, connection, [observation], numbers)
        learned = await context.apply(
            city, connection, {entity: Subject(entity=entity, type="Room")}, [observation], {}
        )
    context.settle(city, learned)


async def test_a_thing_is_an_entity_with_a_uri(provider: httpx.AsyncClient, city: City) -> None:
    await observe(city, "bench-0001", 20.0, NOW)
    found = (await provider.get(f"{E}/urn:yong:bench-0001")).json()
    assert found["id"] == "urn:yong:bench-0001"
    assert found["temperature"]["value"] == 20.0
    assert (
        await provider.patch(f"{E}/urn:yong:bench-0001/attrs/temperature", json={"value": 5})
    ).status_code == 204
    await observe(city, "bench-0001", 21.0, NOW + 1_000_000)
    found = (await provider.get(f"{E}/urn:yong:bench-0001", params={"options": "sysAttrs"})).json()
    assert found["temperature"]["value"] == 21.0
    assert found["temperature"]["createdAt"]


async def test_a_reading_leaves_other_data_sets_alone(provider: httpx.AsyncClient, city: City) -> None:
    await provider.post(E, json=ROOM)
    await observe(city, ID, 4.0, NOW, "speed")
    await observe(city, ID, 5.0, NOW + 1, "speed")
    speed = (await provider.get(f"{E}/{ID}")).json()["speed"]
    assert [s["value"] for s in speed] == [5.0, 2]
    assert speed[1] == ROOM["speed"][1]  # type: ignore[index]  # a list


async def test_made_again_an_entity_does_not_meet_what_was_known_of_it(
    provider: httpx.AsyncClient, city: City
) -> None:
    await observe(city, ID, 1.0, NOW)
    await observe(city, ID, 2.0, NOW + 1)
    assert (await provider.delete(f"{E}/{ID}")).status_code == 204
    assert (await provider.post(E, json={"id": ID, "type": "Room", "other": 1})).status_code == 201
    await provider.patch(f"{E}/{ID}/attrs/other", json={"value": 2})
    await observe(city, ID, 3.0, NOW + 2)
    found = (await provider.get(f"{E}/{ID}", params={"options": "keyValues"})).json()
    assert (found["other"], found["temperature"]) == (2, 3.0)


async def test_the_same_entity_is_made_once(provider: httpx.AsyncClient) -> None:
    answers = await asyncio.gather(
        *(provider.post(E, json={"id": ID, "type": "T", "n": n}) for n in range(20))
    )
    assert sorted(a.status_code for a in answers) == [201] + [409] * 19


async def test_an_entity_belongs_to_whom_it_is_made_for(provider: httpx.AsyncClient, city: City) -> None:
    await access.create_party(
        city, access.system_caller("access"), id="bureau", kind="department", zh="局", en="Bureau"
    )
    made = await provider.post(E, json=ROOM, headers={"x-owner": "bureau", "x-district": "330203"})
    assert made.status_code == 201
    row = await city[Database].fetchrow("SELECT owner_id, district FROM context.entity")
    assert row is not None
    assert tuple(row) == ("bureau", "330203")


def entity(**more: Any) -> dict[str, Any]:
    return {"id": "urn:ngsi-ld:X:1", "type": "T", **more}


WRONG = [
    {"type": "T"},
    {"id": "urn:ngsi-ld:X:1"},
    {"id": "no uri", "type": "T"},
    {"id": 5, "type": "T"},
    entity(type=[]),
    entity(type=7),
    entity(scope="a b"),
    entity(a=None),
    entity(a={"type": "Property"}),
    entity(a={"type": "Property", "value": None}),
    entity(a={"type": "Property", "object": "urn:x:1"}),
    entity(a={"type": "Nothing", "value": 1}),
    entity(a={"value": 1, "object": "urn:x:1"}),
    entity(a={"type": "Relationship", "object": "no uri"}),
    entity(a={"type": "Relationship", "object": []}),
    entity(a={"type": "GeoProperty", "value": {"type": "Point", "coordinates": [200, 0]}}),
    entity(a={"type": "GeoProperty", "value": {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [0, 1], [2, 2]]]}}),
    entity(a={"type": "GeoProperty", "value": "here"}),
    entity(a={"type": "LanguageProperty", "languageMap": {"zh": 1}}),
    entity(a={"type": "LanguageProperty", "languageMap": {"not a tag": "x"}}),
    entity(a={"type": "VocabProperty", "vocab": 1}),
    entity(a={"type": "ListProperty", "valueList": 1}),
    entity(a={"type": "ListRelationship", "objectList": ["x"]}),
    entity(a={"value": 1, "observedAt": "yesterday"}),
    entity(a={"value": 1, "observedAt": "2026-13-01T00:00:00Z"}),
    entity(a={"value": 1, "observedAt": "2026-11-01T00:00:00+08:00"}),
    entity(a={"value": 1, "unitCode": 5}),
    entity(a={"value": 1, "datasetId": "no uri"}),
    entity(a=[{"value": 1}, {"value": 2}]),
    entity(a="urn:ngsi-ld:null"),
    entity(**{"a b": 1}),
    entity(**{"@a": 1}),
    entity(a="\0"),
    entity(a={"value": 1, "s": {"value": 1, "s": {"value": 1, "s": {"value": 1, "s": {"value": 1, "s": {
        "value": 1, "s": {"value": 1, "s": {"value": 1, "s": {"value": {"x": 1}, "s": 2}}}}}}}}}),
    entity(**{f"a{n}": n for n in range(251)}),
    [],
    "x",
]  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG, ids=lambda w: str(w)[:60])
async def test_wrong_entities_are_refused_and_nothing_changes(
    provider: httpx.AsyncClient, city: City, wrong: Any
) -> None:
    answer = await provider.post(E, json=wrong)
    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] in (
        "https://uri.etsi.org/ngsi-ld/errors/BadRequestData",
        "https://uri.etsi.org/ngsi-ld/errors/InvalidRequest",
    )
    assert not await city[Database].fetchval("SELECT count(*) FROM context.entity")
    assert not await city[Database].fetchval("SELECT count(*) FROM history.observation")


async def test_bodies_and_headers_that_are_refused(provider: httpx.AsyncClient) -> None:
    json_, ld = {"content-type": "application/json"}, {"content-type": "application/ld+json"}
    context_link = {"link": '<https://c.example/>; rel="http://www.w3.org/ns/json-ld#context"'}
    cases: list[tuple[bytes, dict[str, str], int]] = [
        (b"{", json_, 400),
        (b"[" * 100 + b"]" * 100, json_, 400),
        (b"[" * 100_000, json_, 400),
        (b'{"id":"urn:x:1","type":"T"}', {"content-type": "text/plain"}, 415),
        (b'{"id":"urn:x:1","type":"T"}', ld, 400),
        (b'{"@context":{},"id":"urn:x:1","type":"T"}', json_, 400),
        (b'{"@context":{},"id":"urn:x:1","type":"T"}', {**ld, **context_link}, 400),
        (b'{"@context":7,"id":"urn:x:1","type":"T"}', ld, 400),
        (b'{"@context":"https://c.example/","id":"urn:x:1","type":"T"}', ld, 503),
        (b'{"id":"urn:x:1","type":"T","a":"\\ud800"}', json_, 400),
    ]
    for content, headers, status in cases:
        answer = await provider.post(E, content=content, headers=headers)
        assert answer.status_code == status, (content[:50], answer.text)
    await provider.post(E, json=ROOM)
    for path, body in (
        (f"{E}/{ID}/attrs/temperature", {"type": "Relationship", "object": "urn:x:1"}),
        (f"{E}/{ID}/attrs/temperature", {"object": "urn:x:1"}),
        (f"{E}/{ID}/attrs/inBuilding", {"value": 5}),
        (f"{E}/{ID}/attrs/temperature", 7 * [None]),
        (f"{E}/{ID}", {"id": "urn:x:2", "temperature": 1}),
        (f"{E}/{ID}", {"new": {"observedAt": "2026-11-01T00:00:00Z"}}),
        (f"{E}/no-uri/attrs/temperature", {"value": 1}),
    ):
        answer = await provider.patch(path, json=body)
        assert answer.status_code == 400, (path, body, answer.text)
    assert (await provider.get(f"{E}/{ID}")).json() == ROOM
    assert (await provider.get(f"{E}/{ID}", params={"options": "nonsense"})).status_code == 400
    assert (await provider.post("/ngsi-ld/v1/entityOperations/create", json=[])).status_code == 400
    assert (await provider.post("/ngsi-ld/v1/entityOperations/create", json=[ROOM] * 1001)).status_code == 400
