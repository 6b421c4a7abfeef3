"""Entities over HTTP, as the standard has them."""

import httpx

from yong.kernel.base.city import City
from yong.kernel.store.database import Database

E = "/ngsi-ld/v1/entities"
CORE = "https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context-v1.8.jsonld"
ROOM = {
    "id": "urn:ngsi-ld:Room:1",
    "type": "Room",
    "temperature": {
        "type": "Property",
        "value": 21.5,
        "unitCode": "CEL",
        "observedAt": "2026-11-20T08:00:00Z",
    },
    "name": {"type": "LanguageProperty", "languageMap": {"zh": "一号", "en": "One"}},
    "inBuilding": {"type": "Relationship", "object": "urn:ngsi-ld:Building:7", "objectType": "Building"},
    "location": {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [121.5, 29.8]}},
    "state": {"type": "VocabProperty", "vocab": "open"},
    "raw": {"type": "JsonProperty", "json": {"id": 1, "type": "x"}},
    "row": {"type": "ListProperty", "valueList": [1, "two", 3]},
    "next": {"type": "ListRelationship", "objectList": [{"object": "urn:ngsi-ld:Room:2"}]},
    "speed": [
        {"type": "Property", "value": 1},
        {
            "type": "Property",
            "value": 2,
            "datasetId": "urn:d:gps",
            "accuracy": {"type": "Property", "value": 0.9},
        },
    ],
    "scope": "/Ningbo/Haishu",
}


async def test_an_entity_with_every_kind_of_attribute_comes_back_as_it_was_given(
    provider: httpx.AsyncClient,
) -> None:
    made = await provider.post(E, json=ROOM)
    assert made.status_code == 201, made.text
    assert made.headers["location"] == f"{E}/urn:ngsi-ld:Room:1"
    found = await provider.get(f"{E}/urn:ngsi-ld:Room:1")
    assert found.status_code == 200, found.text
    assert found.json() == ROOM
    assert CORE in found.headers["link"]
    again = await provider.post(E, json=ROOM)
    assert again.status_code == 409
    assert again.json()["type"] == "https://uri.etsi.org/ngsi-ld/errors/AlreadyExists"


async def test_changes_are_in_history_and_told_in_the_same_transaction(
    provider: httpx.AsyncClient, city: City
) -> None:
    await provider.post(E, json=ROOM)
    patched = await provider.patch(f"{E}/urn:ngsi-ld:Room:1/attrs/temperature", json={"value": 22.5})
    assert patched.status_code == 204, patched.text
    deleted = await provider.delete(f"{E}/urn:ngsi-ld:Room:1/attrs/speed", params={"datasetId": "urn:d:gps"})
    assert deleted.status_code == 204, deleted.text
    rows = await city[Database].fetch(
        """SELECT attribute, dataset, unit, coalesce(to_jsonb(value), other) AS v
           FROM history.observation o JOIN history.series s ON s.id = o.series WHERE entity = 'urn:ngsi-ld:Room:1'"""
    )
    found = [(r["attribute"], r["dataset"], r["unit"], r["v"]) for r in rows]
    assert ("temperature", "", "CEL", 21.5) in found
    assert ("temperature", "", "CEL", 22.5) in found
    assert ("speed", "urn:d:gps", "", 2) in found
    assert ("speed", "urn:d:gps", "", "urn:ngsi-ld:null") in found
    assert ("next", "", "", [{"object": "urn:ngsi-ld:Room:2"}]) in found
    assert ("location", "", "", {"type": "Point", "coordinates": [121.5, 29.8]}) in found
    assert len(found) == 12
    events = await city[Database].fetch("SELECT event FROM store.outbox")
    assert any(e["event"]["data"]["entities"].get("urn:ngsi-ld:Room:1") == ["temperature"] for e in events)
    audited = await city[Database].fetch("SELECT action, resource FROM access.audit_entry")
    assert ("context.update", "entity:urn:ngsi-ld:Room:1") in [(a["action"], a["resource"]) for a in audited]
