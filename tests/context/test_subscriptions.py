"""Subscriptions, from the request to a real subscriber: who is told of what, and what becomes of it when it fails."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any

import httpx
import msgspec
import pytest
from tests.context.subscriber import Subscriber, soon

from yong.kernel.access import identity
from yong.kernel.base import clock
from yong.kernel.base.city import City
from yong.kernel.base.settings import Settings
from yong.kernel.context.contracts import Subject
from yong.kernel.context.notifying import keeping, lines, store
from yong.kernel.context.service import observing
from yong.kernel.history.contracts import Observation
from yong.kernel.store import outbox
from yong.kernel.store.contracts import Event
from yong.kernel.store.database import Connection, Database

SUBSCRIPTIONS = "/ngsi-ld/v1/subscriptions"
ENTITIES = "/ngsi-ld/v1/entities"
Subscribe = Callable[..., Awaitable[str]]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return msgspec.structs.replace(settings, notification_hosts="127.0.0.1")


@pytest.fixture
async def told() -> AsyncIterator[Subscriber]:
    async with Subscriber.listening() as one:
        yield one


@contextlib.asynccontextmanager
async def notifying(city: City) -> AsyncIterator[None]:
    """While the block runs, the background process does its work."""
    task = asyncio.create_task(keeping.keep_notifying(city))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
async def keeper(city: City) -> AsyncIterator[None]:
    async with notifying(city):
        yield


@pytest.fixture
def subscribe(provider: httpx.AsyncClient, told: Subscriber) -> Subscribe:
    """Subscribes; the subscription's address."""

    async def make(
        endpoint: dict[str, Any] | None = None, told_of: dict[str, Any] | None = None, **body: Any
    ) -> str:
        if "entities" not in body and "watchedAttributes" not in body:
            body["entities"] = [{"type": "Lamp"}]
        notification = {"endpoint": {"uri": told.uri, **(endpoint or {})}, **(told_of or {})}
        answer = await provider.post(
            SUBSCRIPTIONS, json={"type": "Subscription", "notification": notification, **body}
        )
        assert answer.status_code == 201, answer.text
        return str(answer.headers["location"])

    return make


async def lamp(client: httpx.AsyncClient, name: str = "1", **attributes: Any) -> None:
    body = {"id": f"urn:ngsi-ld:Lamp:{name}", "type": "Lamp", **(attributes or {"power": 60})}
    answer = await client.post(ENTITIES, json=body)
    assert answer.status_code == 201, answer.text


async def dim(client: httpx.AsyncClient, value: Any, name: str = "1", attribute: str = "power") -> None:
    answer = await client.patch(f"{ENTITIES}/urn:ngsi-ld:Lamp:{name}/attrs", json={attribute: value})
    assert answer.status_code == 204, answer.text


async def read(city: City) -> None:
    """Until everything that happened was read by whoever tells of it."""

    async def is_read() -> bool:
        others = await city[Database].fetch(
            "SELECT name FROM store.outbox_reader WHERE name <> 'subscriptions'"
        )
        for reader in others:
            await outbox.follow(city[Database], reader["name"], ignore)
        return not (await outbox.waiting(city[Database])).events

    await soon(is_read)


async def ignore(connection: Connection, events: Sequence[Event]) -> None:
    """The part of the bus and of search, which nobody plays here."""


async def nothing(told: Subscriber, before: int) -> None:
    """Nothing further comes, in ten times the time in which it would have."""
    await asyncio.sleep(0.6)
    assert len(told.got) == before


async def test_changes_are_told_as_asked(
    city: City, provider: httpx.AsyncClient, subscribe: Subscribe, told: Subscriber, keeper: None
) -> None:
    where = await subscribe(
        subscriptionName="lamps", endpoint={"receiverInfo": [{"key": "X-Word", "value": "甬".encode().hex()}]}
    )
    await lamp(provider, power=60, colour="warm")
    await read(city)
    await dim(provider, 20)
    (first, second) = await told.until(2)
    assert first["type"] == "Notification"
    assert first["subscriptionId"] == where.rpartition("/")[2]
    assert first["id"] != second["id"]
    assert first["data"] == [
        {
            "id": "urn:ngsi-ld:Lamp:1",
            "type": "Lamp",
            "power": {"type": "Property", "value": 60},
            "colour": {"type": "Property", "value": "warm"},
        }
    ]
    assert second["data"][0]["power"]["value"] == 20
    assert told.headers[0]["Content-Type"] == "application/json"
    assert "ngsi-ld-core-context" in told.headers[0]["Link"]
    assert told.headers[0]["X-Word"] == "甬".encode().hex()

    async def counted() -> Any:
        found = (await provider.get(where)).json()
        return found if found["notification"]["timesSent"] == 2 else None

    shown = await soon(counted)
    assert shown["subscriptionName"] == "lamps"
    assert shown["status"] == "active"
    assert shown["notification"]["status"] == "ok"
    assert {"lastNotification", "lastSuccess"} <= shown["notification"].keys()
    assert shown["notification"]["timesFailed"] == 0


CASES: dict[str, tuple[dict[str, Any], list[int]]] = {
    # what is asked beside lamps, and the values of power that are told of 60, 20, 90 (with place and scope)
    "all": ({}, [60, 20, 90]),
    "other type": ({"entities": [{"type": "Gauge"}]}, []),
    "either type": ({"entities": [{"type": "Gauge"}, {"type": "Lamp"}]}, [60, 20, 90]),
    "type expression": ({"entities": [{"type": "(Lamp;Gauge),Lamp"}]}, [60, 20, 90]),
    "by id": ({"entities": [{"type": "Lamp", "id": "urn:ngsi-ld:Lamp:1"}]}, [60, 20, 90]),
    "another id": ({"entities": [{"type": "Lamp", "id": "urn:ngsi-ld:Lamp:2"}]}, []),
    "pattern": ({"entities": [{"type": "Lamp", "idPattern": "Lamp:[0-9]$"}]}, [60, 20, 90]),
    "another pattern": ({"entities": [{"type": "Lamp", "idPattern": "Lamp:x"}]}, []),
    "watched": ({"entities": [{"type": "Lamp"}], "watchedAttributes": ["power"]}, [60, 20, 90]),
    "watched alone": ({"watchedAttributes": ["power"]}, [60, 20, 90]),
    "another attribute": ({"watchedAttributes": ["colour"]}, []),
    "q": ({"q": "power<50"}, [20]),
    "q and or": ({"q": "(power>80|power==60);place"}, [60, 90]),
    "q in time": ({"q": "seen>2026-01-01T00:00:00Z;power>50"}, [60, 90]),
    "q with pattern": (
        {"entities": [{"type": "Lamp", "idPattern": "Lamp:1"}], "q": "power<50"},
        [20],
    ),
    "near": (
        {"geoQ": {"georel": "near;maxDistance==1000", "geometry": "Point", "coordinates": [121.55, 29.87]}},
        [60, 20, 90],
    ),
    "far": (
        {"geoQ": {"georel": "near;maxDistance==1000", "geometry": "Point", "coordinates": [121.0, 29.0]}},
        [],
    ),
    "near with q and pattern": (
        {
            "entities": [{"type": "Lamp", "idPattern": "Lamp:1"}],
            "q": "power>80",
            "geoQ": {
                "georel": "near;maxDistance==1000",
                "geometry": "Point",
                "coordinates": "[121.55, 29.87]",
            },
        },
        [90],
    ),
    "scope": ({"scopeQ": "/Ningbo/#"}, [60, 20, 90]),
    "another scope": ({"scopeQ": "/Hangzhou"}, []),
    "paused": ({"isActive": False}, []),
    "created": ({"notificationTrigger": ["entityCreated"]}, [60]),
    "updated": ({"notificationTrigger": ["entityUpdated"]}, [20, 90]),
    "attribute created": (
        {"watchedAttributes": ["power"], "notificationTrigger": ["attributeCreated"]},
        [60],
    ),
    "attribute updated": (
        {"watchedAttributes": ["power"], "notificationTrigger": ["attributeUpdated"]},
        [20, 90],
    ),
}


async def test_who_is_told_what(
    city: City, provider: httpx.AsyncClient, subscribe: Subscribe, told: Subscriber, keeper: None
) -> None:
    """Every kind of condition at once; nothing is told to whom it does not concern."""
    by_id = {}
    for name, (asked, _) in CASES.items():
        where = await subscribe(subscriptionName=name, **asked)
        by_id[where.rpartition("/")[2]] = name
    await lamp(
        provider,
        power=60,
        place={"type": "Property", "value": "here"},
        seen={"type": "Property", "value": {"@type": "DateTime", "@value": "2026-11-01T08:00:00Z"}},
        location={"type": "GeoProperty", "value": {"type": "Point", "coordinates": [121.551, 29.871]}},
        scope="/Ningbo/Haishu",
    )
    per_value = {v: sum(v in expected for _, expected in CASES.values()) for v in (60, 20, 90)}
    await read(city)
    await dim(provider, 20)
    await read(city)
    await dim(provider, 90)
    await told.until(sum(per_value.values()))
    await nothing(told, sum(per_value.values()))
    found: dict[str, list[int]] = {name: [] for name in CASES}
    for note in told.got:
        found[by_id[note["subscriptionId"]]] += [e["power"]["value"] for e in note["data"]]
    assert found == {name: expected for name, (_, expected) in CASES.items()}


async def test_the_form_of_what_is_told(
    provider: httpx.AsyncClient, subscribe: Subscribe, told: Subscriber, keeper: None
) -> None:
    context = {"Leuchte": "https://example.org/Leuchte", "kraft": "https://example.org/kraft"}
    answer = await provider.post(
        SUBSCRIPTIONS,
        content=msgspec.json.encode(
            {
                "@context": [context],
                "id": "urn:ngsi-ld:Subscription:worte",
                "type": "Subscription",
                "entities": [{"type": "Leuchte"}],
                "watchedAttributes": ["kraft"],
                "q": "kraft>5",
                "notification": {
                    "attributes": ["kraft"],
                    "format": "keyValues",
                    "endpoint": {"uri": told.uri, "accept": "application/ld+json"},
                },
            }
        ),
        headers={"content-type": "application/ld+json"},
    )
    assert answer.status_code == 201, answer.text
    await subscribe(
        endpoint={"accept": "application/geo+json"},
        told_of={"format": "concise", "sysAttrs": True},
        entities=[{"type": "https://example.org/Leuchte"}],
    )
    made = await provider.post(
        ENTITIES,
        content=msgspec.json.encode(
            {
                "@context": context,
                "id": "urn:x:1",
                "type": "Leuchte",
                "kraft": 7,
                "farbe": "rot",
                "location": {"type": "Point", "coordinates": [121.5, 29.9]},
            }
        ),
        headers={"content-type": "application/ld+json"},
    )
    assert made.status_code == 201, made.text
    notes = {n["subscriptionId"].rpartition(":")[2]: n for n in await told.until(2)}
    plain = notes.pop("worte")
    assert plain["data"] == [{"id": "urn:x:1", "type": "Leuchte", "kraft": 7}]
    kept = plain["@context"][0]
    assert (await provider.get(kept)).json() == {"@context": [context]}
    (geo,) = notes.values()
    (feature,) = geo["data"]["features"]
    assert feature["geometry"] == {"type": "Point", "coordinates": [121.5, 29.9]}
    assert feature["properties"]["https://example.org/kraft"]["value"] == 7
    assert "createdAt" in feature["properties"]


async def test_what_is_deleted_is_told_to_who_could_see_it(
    provider: httpx.AsyncClient, subscribe: Subscribe, told: Subscriber, keeper: None
) -> None:
    await subscribe(notificationTrigger=["entityDeleted"])
    await subscribe(notificationTrigger=["attributeDeleted"], watchedAttributes=["colour"])
    await lamp(provider, power=60, colour="warm")
    assert (await provider.delete(f"{ENTITIES}/urn:ngsi-ld:Lamp:1/attrs/colour")).status_code == 204
    (note,) = await told.until(1)
    assert note["data"][0]["colour"] == {"type": "Property", "value": "urn:ngsi-ld:null"}
    assert (await provider.delete(f"{ENTITIES}/urn:ngsi-ld:Lamp:1")).status_code == 204
    await told.until(2)
    (gone,) = told.got[1]["data"]
    assert (gone["id"], gone["type"]) == ("urn:ngsi-ld:Lamp:1", "Lamp")
    assert gone["deletedAt"] == told.got[1]["notifiedAt"]


async def test_nobody_is_told_what_they_may_not_see(
    city: City, client: httpx.AsyncClient, key: Any, told: Subscriber, keeper: None
) -> None:
    here, there = (
        await key("context.provider", district="330203"),
        await key("context.provider", district="330205"),
    )
    wide = await key("context.provider")
    body = {
        "type": "Subscription",
        "entities": [{"type": "Lamp"}],
        "notificationTrigger": ["entityCreated", "entityUpdated", "entityDeleted"],
        "notification": {"endpoint": {"uri": told.uri}},
    }
    for headers in (here, there):
        assert (await client.post(SUBSCRIPTIONS, json=body, headers=headers)).status_code == 201
    mine = (await client.get(SUBSCRIPTIONS, headers=here)).json()
    (other,) = (await client.get(SUBSCRIPTIONS, headers=there)).json()
    assert len(mine) == 1
    assert (await client.get(f"{SUBSCRIPTIONS}/{other['id']}", headers=here)).status_code == 404
    assert (await client.delete(f"{SUBSCRIPTIONS}/{other['id']}", headers=here)).status_code == 404
    client.headers.update(here)
    await lamp(client)
    await told.until(1)
    await dim(client, 5)
    await told.until(2)
    await client.delete(f"{ENTITIES}/urn:ngsi-ld:Lamp:1")
    await told.until(3)
    assert {n["subscriptionId"] for n in told.got} == {mine[0]["id"]}
    await city[Database].execute(
        """UPDATE access.mandate SET revoked_at = now() WHERE account_id =
             (SELECT account FROM context.subscription WHERE id = $1)""",
        mine[0]["id"],
    )
    city[identity.Known].forget()  # as the notice of PostgreSQL does
    client.headers.pop("x-api-key")
    client.headers.update(wide)
    await client.post(
        ENTITIES, json={"id": "urn:ngsi-ld:Lamp:9", "type": "Lamp"}, headers={"x-district": "330203"}
    )
    await nothing(told, 3)
    assert (await client.post(SUBSCRIPTIONS, json=body, headers={"x-api-key": ""})).status_code in (401, 403)


async def test_an_overseer_sees_counts_and_deletes_but_not_what_is_told(
    city: City, provider: httpx.AsyncClient, subscribe: Subscribe, key: Any
) -> None:
    where = await subscribe()
    admin = await key("access.system_admin")
    assert (await provider.get(where, headers=admin)).status_code == 200
    assert (await provider.get(f"{where}/notifications", headers=admin)).status_code == 403
    assert (await provider.patch(where, json={"isActive": False}, headers=admin)).status_code == 403
    assert (await provider.delete(where, headers=admin)).status_code == 204
    assert (await provider.get(where)).status_code == 404


async def test_a_failing_subscriber_is_tried_again_in_order_and_then_given_up_visibly(
    city: City, provider: httpx.AsyncClient, subscribe: Subscribe, told: Subscriber, monkeypatch: Any
) -> None:
    monkeypatch.setattr(lines, "WAIT_S", 0.05)
    told.answers = [500, 307, 404]
    where = await subscribe()
    async with notifying(city):
        await lamp(provider, power=1)
        await told.until(1)
        await read(city)
        assert told.asked == 4
        shown = (await provider.get(where)).json()["notification"]
        told.answers = [503] * 1000
        for value in (2, 3):
            await dim(provider, value)
            await read(city)

        async def failed() -> Any:
            found = (await provider.get(where)).json()["notification"]
            return found if found["status"] == "failed" else None

        shown = await soon(failed)
        assert shown["failure"] == "HTTP 503"
        assert shown["timesFailed"] > 3
        waits = (await provider.get(f"{where}/notifications?dead=false")).json()
        assert [w["notification"]["data"][0]["power"]["value"] for w in waits] == [2, 3]
        monkeypatch.setattr(
            lines, "timedelta", lambda hours=0, seconds=0: timedelta(seconds=seconds)
        )  # no time left

        async def given_up() -> Any:
            found = (await provider.get(f"{where}/notifications")).json()
            return found if len(found) == 2 else None

        dead = await soon(given_up)
        assert dead[0]["failure"] == "HTTP 503"
        told.answers = []
        for one in dead:
            assert (await provider.post(f"{where}/notifications/{one['number']}/retry")).status_code == 204
        await told.until(1 + len(dead))
        assert [e["power"]["value"] for e in told.data][-1] == 3
        assert (await provider.get(f"{where}/notifications")).json() == []
        assert (await provider.post(f"{where}/notifications/{dead[0]['number']}/retry")).status_code == 404


async def test_one_that_hangs_delays_nobody(
    city: City, provider: httpx.AsyncClient, subscribe: Subscribe, told: Subscriber, keeper: None
) -> None:
    async with Subscriber.listening() as hanging:
        hanging.hangs = True
        for _ in range(20):
            await subscribe(endpoint={"uri": hanging.uri, "timeout": 3000})
        await subscribe()
        await lamp(provider)
        began = asyncio.get_running_loop().time()
        for value in range(1, 6):
            await told.until(value, within_s=2)
            await dim(provider, value)
        await told.until(6, within_s=2)
        assert asyncio.get_running_loop().time() - began < 3
        assert hanging.asked == 20


async def test_what_was_committed_is_told_after_a_death_once_or_twice_and_never_not(
    city: City, provider: httpx.AsyncClient, subscribe: Subscribe, told: Subscriber
) -> None:
    await subscribe()
    keeper = keeping.Keeper(city)
    await keeper.load()
    for n in range(20):
        await lamp(provider, str(n), power=n)
    keeper.lines.offer = lambda notes: None  # type: ignore[method-assign]  # dies between commit and delivery

    async def made() -> int:
        await keeper.follow()
        return (await store.numbers(city[Database]))[0]

    await soon(made)
    async with notifying(city):
        await soon(lambda: {e["power"]["value"] for e in told.data} == set(range(20)))

        async def settled() -> bool:
            return await store.numbers(city[Database]) == (0, 0)

        await soon(settled)


async def test_throttling_holds_and_tells_the_newest_of_each(
    provider: httpx.AsyncClient, subscribe: Subscribe, told: Subscriber, keeper: None
) -> None:
    await subscribe(throttling=3)
    await lamp(provider, "1", power=1)
    await told.until(1)
    for value in (2, 3, 4):
        await dim(provider, value)
    await lamp(provider, "2", power=9)
    await told.until(2)
    assert sorted(e["power"]["value"] for e in told.got[1]["data"]) == [4, 9]
    first, second = (note["notifiedAt"] for note in told.got)
    assert second > first


async def test_at_intervals_what_there_is_is_told(
    provider: httpx.AsyncClient, subscribe: Subscribe, told: Subscriber, keeper: None
) -> None:
    await lamp(provider, "1", power=1)
    await lamp(provider, "2", power=100)
    await subscribe(timeInterval=1, q="power<50")
    await told.until(2)
    assert [[e["id"] for e in n["data"]] for n in told.got[:2]] == [["urn:ngsi-ld:Lamp:1"]] * 2


async def test_a_subscription_is_changed_paused_and_ends(
    city: City, provider: httpx.AsyncClient, subscribe: Subscribe, told: Subscriber, keeper: None
) -> None:
    where = await subscribe(q="power>50", description="bright")
    assert (await provider.patch(where, json={"q": "power<50", "description": None})).status_code == 204
    shown = (await provider.get(where)).json()
    assert shown["q"] == "power<50"
    assert "description" not in shown
    await lamp(provider, power=60)
    await read(city)
    await dim(provider, 10)
    await told.until(1)
    assert told.data[0]["power"]["value"] == 10
    await provider.patch(where, json={"isActive": False})
    assert (await provider.get(where)).json()["status"] == "paused"
    await dim(provider, 11)
    await nothing(told, 1)
    soon = (clock.now() + timedelta(seconds=1)).isoformat()
    await provider.patch(where, json={"isActive": True, "expiresAt": soon})
    await asyncio.sleep(1.1)
    assert (await provider.get(where)).json()["status"] == "expired"
    await dim(provider, 12)
    await nothing(told, 1)
    assert (await provider.patch(where, json={"expiresAt": "2020-01-01T00:00:00Z"})).status_code == 400
    assert (await provider.patch(where, json={"notification": {"endpoint": None}})).status_code == 400
    assert (await provider.delete(where)).status_code == 204
    assert (await provider.delete(where)).status_code == 404


async def test_readings_of_things_are_told_too(
    city: City, provider: httpx.AsyncClient, subscribe: Subscribe, told: Subscriber, keeper: None
) -> None:
    await subscribe(watchedAttributes=["power"])
    at = clock.micros(clock.now())
    for n, made in enumerate((True, False)):
        seen = Observation("lamp-7", "power", at + n, float(n), "WTT")
        async with city[Database].transaction() as connection:
            subject = Subject(entity="lamp-7", type="Lamp")
            observing.settle(city, await observing.apply(city, connection, {"lamp-7": subject}, [seen], {}))
        (entity,) = (await told.until(n + 1))[n]["data"]
        assert entity["id"] == "urn:yong:lamp-7"
        assert entity["power"]["value"] == n
        assert made is (n == 0)


BAD: dict[str, dict[str, Any]] = {
    "no type": {"type": None},
    "another type": {"type": "Sub"},
    "nothing": {"entities": None},
    "empty list": {"entities": []},
    "no notification": {"notification": None},
    "no uri": {"notification": {"endpoint": {}}},
    "ftp": {"notification": {"endpoint": {"uri": "ftp://127.0.0.1/x"}}},
    "a port that is none": {"notification": {"endpoint": {"uri": "http://127.0.0.1:99999/x"}}},
    "mqtt without a topic": {"notification": {"endpoint": {"uri": "mqtt://127.0.0.1"}}},
    "mqtt to all": {"notification": {"endpoint": {"uri": "mqtt://127.0.0.1/a/%23/#"}}},
    "our header": {
        "notification": {
            "endpoint": {"uri": "http://127.0.0.1/", "receiverInfo": [{"key": "Host", "value": "x"}]}
        }
    },
    "a broken header": {
        "notification": {
            "endpoint": {"uri": "http://127.0.0.1/", "receiverInfo": [{"key": "X", "value": "a\r\nHost: b"}]}
        }
    },
    "accept": {"notification": {"endpoint": {"uri": "http://127.0.0.1/", "accept": "text/html"}}},
    "q": {"q": "power>"},
    "pattern": {"entities": [{"type": "Lamp", "idPattern": "("}]},
    "back reference": {"entities": [{"type": "Lamp", "idPattern": r"(a)\1"}]},
    "geo": {"geoQ": {"georel": "near", "geometry": "Point", "coordinates": [1, 2]}},
    "scope": {"scopeQ": "//"},
    "interval and watched": {"timeInterval": 5, "watchedAttributes": ["a"]},
    "interval too short": {"timeInterval": 0.001},
    "throttling": {"throttling": -1},
    "trigger": {"notificationTrigger": ["sometimes"]},
    "expired": {"expiresAt": "2020-01-01T00:00:00Z"},
    "without offset": {"expiresAt": "2099-01-01T00:00:00"},
    "not served": {"csf": "x"},
    "changes": {"notification": {"showChanges": True, "endpoint": {"uri": "http://127.0.0.1/"}}},
    "id": {"id": "no uri"},
    "watched name": {"watchedAttributes": ["a b"]},
}


@pytest.mark.parametrize("why", BAD)
async def test_what_is_no_subscription_is_refused_and_changes_nothing(
    provider: httpx.AsyncClient, why: str
) -> None:
    good = {
        "type": "Subscription",
        "entities": [{"type": "Lamp"}],
        "notification": {"endpoint": {"uri": "http://127.0.0.1/"}},
    }
    body = {k: v for k, v in (good | BAD[why]).items() if v is not None}
    answer = await provider.post(SUBSCRIPTIONS, json=body)
    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert (await provider.get(SUBSCRIPTIONS)).json() == []


async def test_only_hosts_that_the_operator_allows_are_notified(
    provider: httpx.AsyncClient, city: City
) -> None:
    body = {
        "type": "Subscription",
        "entities": [{"type": "Lamp"}],
        "notification": {"endpoint": {"uri": "http://192.0.2.1/"}},
    }
    answer = await provider.post(SUBSCRIPTIONS, json=body)
    assert answer.status_code == 403
    assert "notification_hosts" in answer.text
    same = {**body, "id": "urn:x:s", "notification": {"endpoint": {"uri": "http://127.0.0.1/"}}}
    assert (await provider.post(SUBSCRIPTIONS, json=same)).status_code == 201
    assert (await provider.post(SUBSCRIPTIONS, json=same)).status_code == 409


async def test_a_backlog_is_bounded_and_what_is_beyond_is_shown(
    city: City, provider: httpx.AsyncClient, subscribe: Subscribe, told: Subscriber, monkeypatch: Any
) -> None:
    monkeypatch.setattr(store, "BACKLOG", 3)
    where = await subscribe()
    keeper = keeping.Keeper(city)
    await keeper.load()
    monkeypatch.setattr(keeper.lines, "offer", lambda notes: None)
    for n in range(5):
        await lamp(provider, str(n), power=n)

        async def made(so_many: int = n + 1) -> bool:
            await keeper.follow()
            return sum(await store.numbers(city[Database])) == so_many

        await soon(made)
    dead = (await provider.get(f"{where}/notifications")).json()
    assert [d["notification"]["data"][0]["power"]["value"] for d in dead] == [3, 4]
    assert dead[0]["failure"] == "more than 3 notifications wait"
    assert (await provider.delete(f"{where}/notifications/{dead[0]['number']}")).status_code == 204
    assert (await store.numbers(city[Database])) == (3, 1)
