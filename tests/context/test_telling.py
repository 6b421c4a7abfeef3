"""What events tell of entities: whom the search has to look at anew."""

from typing import Any

import httpx

from yong.kernel.base.city import City
from yong.kernel.context.contracts import CHANGED
from yong.kernel.context.service.telling import to_find
from yong.kernel.store.contracts import Event
from yong.kernel.store.database import Database

UPSERT = "/ngsi-ld/v1/entityOperations/upsert"


def lamp(n: int, *, name: Any = "lamp", type: Any = "Lamp", level: int = 0) -> dict[str, Any]:
    named = {} if name is None else {"name": {"type": "Property", "value": name}}
    return {
        "id": f"urn:ngsi-ld:Lamp:{n}",
        "type": type,
        "level": {"type": "Property", "value": level},
        **named,
    }


async def to_look_at(city: City) -> list[str]:
    """The ids told of since the last look."""
    rows = await city[Database].fetch("DELETE FROM store.outbox RETURNING event")
    events = [Event(type=e["type"], subject=e["subject"], data=e["data"]) for e in (r["event"] for r in rows)]
    return sorted(i.rpartition(":")[2] for e in events for i in to_find(e))


async def test_replacing_entities_tells_the_search_of_those_alone_that_are_called_otherwise(
    provider: httpx.AsyncClient, city: City
) -> None:
    first = [lamp(n) for n in range(6)]
    assert (await provider.post(UPSERT, json=first)).status_code == 201
    assert await to_look_at(city) == ["0", "1", "2", "3", "4", "5"]
    again = [
        lamp(0, level=1),
        lamp(1, name="another"),
        lamp(2, name=None),
        lamp(3, type=["Lamp", "Light"]),
        {**lamp(4), "name": {"type": "LanguageProperty", "languageMap": {"zh": "灯"}}},
        {**lamp(5), "name": [{"type": "Property", "value": "lamp"}, {"type": "Property", "value": "x", "datasetId": "urn:x:1"}]},
    ]  # fmt: skip
    answer = await provider.post(UPSERT, json=again)
    assert answer.status_code == 204, answer.text
    assert await to_look_at(city) == ["1", "2", "3", "4", "5"]
    assert (await provider.post(UPSERT, json=again)).status_code == 204
    assert await to_look_at(city) == []
    assert (await provider.delete("/ngsi-ld/v1/entities/urn:ngsi-ld:Lamp:0")).status_code == 204
    assert await to_look_at(city) == ["0"]


def test_events_from_before_tell_of_every_change_of_a_name() -> None:
    data: dict[str, object] = {"entities": {"a": ["name"], "b": ["level"], "c": ["level"]}, "made": ["c"]}
    assert to_find(Event(type=CHANGED, subject="a", data=data)) == ["a", "c"]
