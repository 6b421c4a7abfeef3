"""Following changes: to whom what is told, from where on, and what becomes of those who read too slowly."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from pathlib import Path

import httpx
import pytest
from following import Event, Reader
from tests.conftest import TestDatabase, free_port

from yong.app import bootstrap
from yong.app.http import Front
from yong.app.http.front import SECONDS
from yong.kernel.access import api as access
from yong.kernel.access.identity import Known
from yong.kernel.base.city import City
from yong.kernel.base.settings import Settings, load
from yong.kernel.bus import embedded
from yong.kernel.bus.bus import STREAM, Bus
from yong.kernel.context.live import feed, frames, hub
from yong.kernel.context.live.changes import position_of
from yong.kernel.context.live.clients import RESETS
from yong.kernel.context.live.hub import Hub
from yong.kernel.context.routes import live as live_route
from yong.kernel.store import outbox
from yong.kernel.store.contracts import Event as StoredEvent
from yong.kernel.store.database import Connection, Database

Key = Callable[..., Awaitable[dict[str, str]]]
Relay = Callable[[], Awaitable[None]]
Follow = Callable[..., Reader]
JSON = {"content-type": "application/json"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[embedded.Server]:
    home: Path = tmp_path_factory.mktemp("live") / "home"
    ports = {"YONG_MQTT_PORT": str(free_port()), "YONG_NATS_PORT": str(free_port())}
    server = embedded.Server(load({"YONG_HOME": str(home), "YONG_LIVE_CLIENTS_PER_ACCOUNT": "3", **ports}))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def settings(server: embedded.Server) -> Settings:
    return server.settings


async def hand_on(city: City, bus: Bus) -> None:
    """Hand everything that happened on to the bus."""

    async def publish(connection: Connection, events: Sequence[StoredEvent]) -> None:
        await bus.publish(events)

    while await city[Database].fetchval(
        """SELECT EXISTS (SELECT FROM store.outbox o JOIN store.outbox_reader r ON (o.xid, o.id) > (r.xid, r.id)
                          WHERE r.name = $1)""",
        outbox.BUS,
    ):
        await outbox.follow(city[Database], outbox.BUS, publish)


@pytest.fixture
async def relay(city: City) -> AsyncIterator[Relay]:
    """Hands what happened on to the bus, as the worker does."""
    async with Bus.open(embedded.url(city.settings)) as bus:

        async def run() -> None:
            await hand_on(city, bus)

        await run()
        yield run


@pytest.fixture
async def follow(city: City, relay: Relay) -> AsyncIterator[Follow]:
    """Opens streams; closed at the end."""
    front = Front(city.settings, city)
    readers: list[Reader] = []

    def open_(headers: dict[str, str], **query: object) -> Reader:
        readers.append(Reader(front, headers, **query))
        return readers[-1]

    yield open_
    for reader in readers:
        reader.taking.set()
        await reader.close()
    assert not city[Hub].clients


async def upsert(
    client: httpx.AsyncClient, relay: Relay, *entities: dict[str, object], **headers: str
) -> None:
    answer = await client.post(
        "/ngsi-ld/v1/entityOperations/upsert?options=update", json=list(entities), headers=headers
    )
    assert answer.status_code in (201, 204), answer.text
    await relay()


def gauge(n: int, level: float = 1.0, **more: object) -> dict[str, object]:
    place = {"type": "Point", "coordinates": [121.5 + n / 100, 29.8]}
    return {
        "id": f"urn:x:gauge:{n}",
        "type": "Gauge",
        "level": {"value": level, "unitCode": "MTR"},
        "location": place,
        **more,
    }


def names(events: list[Event]) -> list[str]:
    return [f"{e.kind} {e.data['id'].rpartition(':')[2]}" for e in events]


async def test_a_change_is_told_with_its_values_and_an_id(
    provider: httpx.AsyncClient, key: Key, relay: Relay, follow: Follow
) -> None:
    reader = await follow(await key("access.operator")).begun()
    assert reader.status == 200
    assert reader.headers["content-type"].startswith("text/event-stream")
    assert reader.headers["cache-control"] == "no-store"
    assert reader.body.startswith(b"retry: ")
    level = {"type": "Property", "value": 2.5, "unitCode": "MTR", "observedAt": "2026-11-20T08:00:00Z"}
    await upsert(provider, relay, {**gauge(1), "level": level})
    event = await reader.next()
    assert event.kind == "changed"
    assert event.id is not None
    shown = event.data["attributes"]
    assert shown["level"] == level
    assert shown["location"]["value"]["type"] == "Point"
    assert {k: event.data[k] for k in ("id", "type", "source")} == {
        "id": "urn:x:gauge:1",
        "type": "Gauge",
        "source": "live",
    }
    await provider.delete("/ngsi-ld/v1/entities/urn:x:gauge:1/attrs/level")
    await relay()
    event = await reader.next()
    assert event.data["attributes"] == {"level": None}
    assert event.data["modifiedAt"] > "2026"
    await provider.delete("/ngsi-ld/v1/entities/urn:x:gauge:1")
    await relay()
    event = await reader.next()
    assert (event.kind, event.data) == ("deleted", {"id": "urn:x:gauge:1", "type": "Gauge"})


async def test_what_happens_together_is_told_once_and_the_last_carries_the_id(
    provider: httpx.AsyncClient, key: Key, relay: Relay, follow: Follow
) -> None:
    reader = await follow(await key("access.operator")).begun()
    await upsert(provider, relay, *(gauge(n) for n in range(5)))
    events = [await reader.next() for _ in range(5)]
    assert sorted(names(events)) == [f"changed {n}" for n in range(5)]
    assert [e.id is None for e in events] == [True] * 4 + [False]


FILTERS: list[tuple[dict[str, object], set[str]]] = [
    ({}, {"1", "2", "3", "lamp"}),
    ({"type": "Gauge"}, {"1", "2", "3"}),
    ({"type": "Lamp,Car"}, {"lamp"}),
    ({"type": "Gauge;Lamp"}, set()),
    ({"id": "urn:x:gauge:1,urn:x:lamp"}, {"1", "lamp"}),
    ({"idPattern": "gauge:[23]$"}, {"2", "3"}),
    ({"attrs": "level"}, {"1", "2", "3"}),
    ({"attrs": "on,colour"}, {"lamp"}),
    ({"q": "level>=2"}, {"2", "3"}),
    ({"q": "level==2..2.5|on==true"}, {"2", "lamp"}),
    ({"scopeQ": "/Ningbo/#"}, {"3"}),
    ({"bbox": "121.515,29,121.6,30"}, {"2", "3"}),
    ({"georel": "near;maxDistance==1500", "geometry": "Point", "coordinates": "[121.51,29.8]"}, {"1", "2"}),
    ({"georel": "near;minDistance==1500", "geometry": "Point", "coordinates": "[121.51,29.8]"}, {"3", "lamp"}),
    (
        {"georel": "within", "geometry": "Polygon",
         "coordinates": "[[[121.525,29],[121.6,29],[121.6,30],[121.525,30],[121.525,29]]]"},
        {"3"},
    ),
    ({"type": "Gauge", "q": "level<3", "bbox": "121.515,29,121.6,30", "attrs": "level"}, {"2"}),
]  # fmt: skip


async def test_a_filter_lets_through_what_it_means(
    provider: httpx.AsyncClient, key: Key, relay: Relay, follow: Follow
) -> None:
    keys = [await key("access.operator") for _ in range(6)]
    readers = [follow(keys[n // 3], **given) for n, (given, _) in enumerate(FILTERS)]
    for reader in readers:
        await reader.begun()
    await upsert(
        provider, relay, gauge(1, 1.0), gauge(2, 2.5), gauge(3, 3.0, scope="/Ningbo/Haishu"),
        {"id": "urn:x:lamp", "type": "Lamp", "on": True,
         "location": {"type": "LineString", "coordinates": [[121.61, 29.7], [121.7, 29.7]]}},
    )  # fmt: skip
    last = await readers[0].next()  # told, and with it all the others
    await asyncio.sleep(0.05)
    for (given, expected), reader in zip(FILTERS, readers, strict=True):
        events = ([last] if reader is readers[0] else []) + reader.told()
        assert {e.data["id"].rpartition(":")[2] for e in events} == expected, given
        if given.get("attrs") == "level":
            assert all(set(e.data["attributes"]) == {"level"} for e in events)


async def test_a_change_of_another_attribute_is_not_told(
    provider: httpx.AsyncClient, key: Key, relay: Relay, follow: Follow
) -> None:
    reader = await follow(await key("access.operator"), attrs="level").begun()
    await upsert(provider, relay, gauge(1))
    await reader.next()
    await upsert(provider, relay, {"id": "urn:x:gauge:1", "type": "Gauge", "name": "new"})
    await upsert(provider, relay, gauge(2))
    assert names([await reader.next()]) == ["changed 2"]


async def test_tenants_are_apart(provider: httpx.AsyncClient, key: Key, relay: Relay, follow: Follow) -> None:
    await upsert(provider, relay, gauge(1), **{"NGSILD-Tenant": "other"})
    credential = await key("access.operator")
    ours, theirs = await follow(credential).begun(), await follow(credential, tenant="other").begun()
    await upsert(provider, relay, gauge(2), **{"NGSILD-Tenant": "other"})
    await upsert(provider, relay, gauge(3))
    assert names([await theirs.next()]) == ["changed 2"]
    assert names([await ours.next()]) == ["changed 3"]
    await provider.delete("/ngsi-ld/v1/entities/urn:x:gauge:2", headers={"NGSILD-Tenant": "other"})
    await relay()
    assert names([await theirs.next()]) == ["deleted 2"]
    await asyncio.sleep(0.1)
    assert not ours.told()


async def test_names_of_a_context_are_those_of_the_answer(
    provider: httpx.AsyncClient, key: Key, relay: Relay, follow: Follow
) -> None:
    context = {"@context": {"Gauge": "https://example.org/Gauge", "level": "https://example.org/level"}}
    made = await provider.post("/ngsi-ld/v1/jsonldContexts", json=context)
    address = made.headers["location"]
    link = {"link": f'<{address}>; rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json"'}
    credential = await key("access.operator")
    plain = await follow(credential).begun()
    reader = await follow({**credential, **link}, type="Gauge", attrs="level").begun()
    await upsert(provider, relay, gauge(1), **link)
    event = await reader.next()
    assert (event.data["type"], set(event.data["attributes"])) == ("Gauge", {"level"})
    assert (await plain.next()).data["type"] == "https://example.org/Gauge"


WRONG: list[tuple[dict[str, str], int]] = [
    ({"type": "("}, 422),
    ({"q": "level>"}, 422),
    ({"idPattern": "("}, 422),
    ({"q": 'name~="("'}, 422),
    ({"id": "no uri"}, 422),
    ({"id": ",".join(f"urn:x:{n}" for n in range(700))}, 400),
    ({"attrs": ",".join(f"a{n}" for n in range(101))}, 422),
    ({"bbox": "1,2,3"}, 422),
    ({"q": "|".join(f"a=={n}" for n in range(21))}, 422),
    ({"georel": "within"}, 422),
    ({"district": "Haishu"}, 400),
    ({"tenant": "nobody"}, 404),
    ({"seconds": "-1"}, 400),
    ({"sevonds": "1"}, 400),
]


async def test_a_wrong_filter_is_refused_with_words(provider: httpx.AsyncClient) -> None:
    for given, status in WRONG:
        answer = await provider.get("/live/entities", params=given)
        assert answer.status_code == status, (given, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["detail"]


async def test_how_long_a_stream_lasts_is_no_answering_time(
    provider: httpx.AsyncClient, follow: Follow
) -> None:
    before, began = SECONDS._sum.get(), time.monotonic()
    await follow({"x-api-key": provider.headers["x-api-key"]}, seconds=1).over()
    assert SECONDS._sum.get() - before < time.monotonic() - began - 0.8


async def test_only_events_are_given(provider: httpx.AsyncClient) -> None:
    answer = await provider.get("/live/entities", headers={"accept": "application/json"})
    assert answer.status_code == 406


async def test_a_stream_that_is_lost_goes_on_where_it_was(
    provider: httpx.AsyncClient, key: Key, relay: Relay, follow: Follow
) -> None:
    credential = await key("access.operator")
    reader = await follow(credential, type="Gauge").begun()
    await upsert(provider, relay, gauge(1))
    await reader.next()
    await reader.close()
    await upsert(provider, relay, gauge(1, 5.0), gauge(2), {"id": "urn:x:lamp", "type": "Lamp"})
    await upsert(provider, relay, gauge(2, 6.0), gauge(3))
    await provider.delete("/ngsi-ld/v1/entities/urn:x:gauge:3")
    await relay()
    again = follow({**credential, "last-event-id": str(reader.id)}, type="Gauge")
    events = [await again.next() for _ in range(3)]
    assert sorted(names(events)) == ["changed 1", "changed 2", "deleted 3"]
    assert {e.data["attributes"]["level"]["value"] for e in events if e.kind == "changed"} == {5.0, 6.0}
    await upsert(provider, relay, gauge(4))
    assert names([await again.next()]) == ["changed 4"]
    before, after = position_of(str(reader.id)), position_of(str(again.id))
    assert before is not None
    assert after is not None
    assert (after.epoch, after.seq > before.seq) == (before.epoch, True)


async def test_what_was_missed_can_be_asked_for_alone(
    provider: httpx.AsyncClient, key: Key, relay: Relay, follow: Follow
) -> None:
    credential = await key("access.operator")
    first = follow(credential, seconds=0)
    await first.over()
    assert [(e.kind, e.data) for e in first.told()] == [("reset", {"reason": "start"})]
    assert first.id
    quiet = follow({**credential, "last-event-id": first.id}, seconds=0)
    await quiet.over()
    assert not quiet.told()
    for start in (0, 600):
        await upsert(provider, relay, *(gauge(n) for n in range(start, start + 600)))
    second = follow({**credential, "last-event-id": first.id}, seconds=0)
    await second.over()
    events = second.told()
    assert len({e.data["id"] for e in events}) == 1200
    assert [e.id for e in events if e.id] == [
        first.id,
        first.id,
        events[-1].id,
    ]  # only whole, it is behind them
    third = follow({**credential, "last-event-id": str(second.id)}, seconds=0)
    await third.over()
    assert not third.told()


async def test_an_id_that_says_nothing_begins_anew(provider: httpx.AsyncClient, follow: Follow) -> None:
    for last in ("", "rubbish", "1-1", "ffffffffffffffff-1", "0-0\u00e9", "../../x", "1" * 5000):
        reader = follow({"x-api-key": provider.headers["x-api-key"], "last-event-id": last}, seconds=0)
        await reader.over()
        assert [(e.kind, e.data["reason"]) for e in reader.told()] == [("reset", "unknown")], last


async def test_what_the_bus_forgot_is_not_passed_over(
    city: City, provider: httpx.AsyncClient, key: Key, relay: Relay, follow: Follow
) -> None:
    credential = await key("access.operator")
    reader = await follow(credential).begun()
    await upsert(provider, relay, gauge(1))
    await reader.next()
    await reader.close()
    for n in range(3):
        await upsert(provider, relay, gauge(n))
    async with Bus.open(embedded.url(city.settings)) as bus:
        await bus.stream.purge_stream(STREAM, keep=1)
    for ahead, reason in ((0, "expired"), (10_000, "unknown")):
        epoch, _, seq = str(reader.id).partition("-")
        again = follow({**credential, "last-event-id": f"{epoch}-{int(seq) + ahead}"}, seconds=0)
        await again.over()
        assert [(e.kind, e.data["reason"]) for e in again.told()] == [("reset", reason)]


async def test_an_event_that_is_missing_is_noticed(
    city: City,
    provider: httpx.AsyncClient,
    key: Key,
    relay: Relay,
    follow: Follow,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(feed, "PULL_EVENTS", 1)
    monkeypatch.setattr(hub, "PACE_S", 1.5)
    credential = await key("access.operator")
    reader = await follow(credential).begun()
    await upsert(provider, relay, gauge(1))
    await reader.next()
    last = str(reader.id)
    for n in (2, 3):
        await upsert(provider, relay, gauge(n))
    async with Bus.open(embedded.url(city.settings)) as bus:
        await bus.stream.delete_msg(STREAM, int(last.partition("-")[2]) + 1)
    event = await reader.next(10)
    assert (event.kind, event.data) == ("reset", {"reason": "bus"})
    await upsert(provider, relay, gauge(4))
    assert names([await reader.next()]) == ["changed 4"]
    again = follow({**credential, "last-event-id": last}, seconds=0)
    await again.over()
    assert [(e.kind, e.data["reason"]) for e in again.told()] == [("reset", "expired")]


async def test_each_is_told_what_he_may_see(
    provider: httpx.AsyncClient, key: Key, relay: Relay, follow: Follow
) -> None:
    haishu = await follow(await key("access.department_officer", district="330203")).begun()
    all_ = await follow(await key("access.operator")).begun()
    await upsert(provider, relay, gauge(1), **{"X-District": "330203"})
    await upsert(provider, relay, gauge(2), **{"X-District": "330206"})
    await upsert(provider, relay, gauge(3), **{"X-District": "330203"})
    assert names([await haishu.next() for _ in range(2)]) == ["changed 1", "changed 3"]
    assert names([await all_.next() for _ in range(3)]) == ["changed 1", "changed 2", "changed 3"]
    for n in (2, 1):
        await provider.delete(f"/ngsi-ld/v1/entities/urn:x:gauge:{n}")
        await relay()
    assert names([await haishu.next()]) == ["deleted 1"]  # and nothing of the other one
    assert names([await all_.next() for _ in range(2)]) == ["deleted 2", "deleted 1"]


async def test_what_was_missed_is_told_within_the_scope(
    provider: httpx.AsyncClient, key: Key, relay: Relay, follow: Follow
) -> None:
    operator = await follow(await key("access.operator")).begun()
    last = str(operator.id)
    await upsert(provider, relay, gauge(1), **{"X-District": "330203"})
    await upsert(provider, relay, gauge(2), gauge(4), **{"X-District": "330206"})
    await provider.delete("/ngsi-ld/v1/entities/urn:x:gauge:4")
    await relay()
    credential = await key("access.department_officer", district="330203")
    officer = follow({**credential, "last-event-id": last}, seconds=0)
    await officer.over()
    assert names(officer.told()) == ["changed 1"]


async def test_nobody_and_nobody_in_particular_are_refused(
    client: httpx.AsyncClient, key: Key, follow: Follow
) -> None:
    assert (await client.get("/live/entities")).status_code == 401
    assert (await client.get("/live/entities", headers=await key("access.audit_admin"))).status_code == 403


async def test_a_revoked_mandate_ends_the_stream(
    city: City, provider: httpx.AsyncClient, key: Key, relay: Relay, follow: Follow
) -> None:
    reader = await follow(await key("access.operator")).begun()
    row = await city[Database].fetchrow("SELECT id FROM access.mandate WHERE role = 'access.operator'")
    assert row is not None
    await access.revoke(city, access.system_caller("access"), row["id"])
    await reader.over(8)
    await upsert(provider, relay, gauge(1))
    await asyncio.sleep(0.2)
    assert not reader.told()


async def test_a_narrower_mandate_begins_anew_with_what_is_left(
    city: City, provider: httpx.AsyncClient, key: Key, relay: Relay, follow: Follow
) -> None:
    reader = await follow(await key("access.department_officer", district="330203")).begun()
    await city[Database].execute("SELECT pg_notify('access_changed', '')")
    await asyncio.sleep(0.6)
    assert not reader.told()  # something changed, but nothing of this caller's
    mandate = await city[Database].fetchrow(
        "SELECT id, account_id FROM access.mandate WHERE role = 'access.department_officer'"
    )
    assert mandate is not None
    system = access.system_caller("access")
    await access.grant(city, system, mandate["account_id"], "access.department_officer", district="330206")
    await access.revoke(city, system, mandate["id"])
    event = await reader.next(8)
    assert (event.kind, event.data) == ("reset", {"reason": "access"})
    await asyncio.sleep(0.6)  # until both are heard
    reader.told()
    await upsert(provider, relay, gauge(1), **{"X-District": "330203"})
    await upsert(provider, relay, gauge(2), **{"X-District": "330206"})
    assert names([await reader.next()]) == ["changed 2"]


async def test_a_stream_ends_with_its_session_and_does_not_keep_it_from_idling(
    city: City, provider: httpx.AsyncClient, relay: Relay, follow: Follow
) -> None:
    owner = access.system_caller("access")
    account, _ = await access.create_account(city, owner, "duty", password="a password of a test")
    await access.grant(city, owner, account, "context.provider")
    signed = await provider.post(
        "/session", json={"name": "duty", "password": "a password of a test"}, headers={"x-api-key": ""}
    )
    cookie = signed.headers["set-cookie"].partition(";")[0]
    reader = await follow({"cookie": cookie}).begun()
    await upsert(provider, relay, gauge(1))
    assert names([await reader.next()]) == ["changed 1"]
    await _idle(city, minutes=5)
    await asyncio.sleep(1.2)
    seen = await city[Database].fetchval(
        "SELECT now() - max(seen_at) > interval '4 minutes' FROM access.session"
    )
    assert seen
    assert not reader.task.done()
    await _idle(city, minutes=city.settings.idle_minutes + 1)
    city[Known].forget()
    await reader.over(8)


async def _idle(city: City, minutes: int) -> None:
    await city[Database].execute(
        "UPDATE access.session SET seen_at = now() - make_interval(mins => $1)", minutes
    )


async def test_a_key_is_used_once_by_a_stream(
    city: City, provider: httpx.AsyncClient, key: Key, follow: Follow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "REVIEW_S", 0.1)
    credential = await key("access.operator")
    reader = await follow(credential).begun()
    reserved = dict(city[Known].reserved)
    await asyncio.sleep(1.3)
    assert city[Known].reserved == reserved
    assert not reader.task.done()


async def test_a_reader_that_is_slow_gets_the_newest_of_each(
    provider: httpx.AsyncClient, key: Key, relay: Relay, follow: Follow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frames, "COALESCE_BYTES", 2_000)
    slow = await follow(await key("access.operator")).begun()
    quick = await follow(await key("access.operator")).begun()
    slow.taking.clear()
    for value in range(40):
        await upsert(provider, relay, gauge(value % 2, value))
        if value == 20:
            await upsert(provider, relay, {"id": "urn:x:gauge:1", "type": "Gauge", "name": "once"})
    await _until_level(quick, 39)
    slow.taking.set()
    events = await _until_level(slow, 39)
    assert len(events) < 20
    last = {e.data["id"]: e.data["attributes"] for e in events}
    assert last["urn:x:gauge:0"]["level"]["value"] == 38
    assert last["urn:x:gauge:1"]["level"]["value"] == 39
    assert last["urn:x:gauge:1"]["name"]["value"] == "once"  # what newer changes say nothing of stays


async def _until_level(reader: Reader, level: float) -> list[Event]:
    events = [await reader.next()]
    while events[-1].data["attributes"].get("level", {}).get("value") != level:
        events.append(await reader.next())
    return events


async def test_a_reader_that_stopped_costs_no_more_than_its_bound(
    city: City,
    provider: httpx.AsyncClient,
    key: Key,
    relay: Relay,
    follow: Follow,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(frames, "COALESCE_BYTES", 1_000)
    monkeypatch.setattr(frames, "MOST_BYTES", 4_000)
    stopped = await follow(await key("access.operator")).begun()
    (held,) = city[Hub].clients
    before = RESETS.labels("slow")._value.get()
    quick = await follow(await key("access.operator")).begun()
    stopped.taking.clear()
    for n in range(15):
        await upsert(provider, relay, {**gauge(n), "note": "x" * 500})
        await quick.next()
        assert held.waiting._size <= 4_000
    assert RESETS.labels("slow")._value.get() > before
    stopped.taking.set()
    events = [await stopped.next(), await stopped.next()]
    assert [e.kind for e in events] == ["changed", "reset"]  # the first was under way already
    assert events[1].data == {"reason": "slow"}


async def test_a_reader_that_reads_nothing_is_left(
    city: City,
    provider: httpx.AsyncClient,
    key: Key,
    relay: Relay,
    follow: Follow,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(live_route, "STUCK_S", 0.5)
    stopped = await follow(await key("access.operator")).begun()
    stopped.taking.clear()
    await upsert(provider, relay, gauge(1))
    await stopped.over()
    assert not city[Hub].clients


async def test_there_are_so_many_streams_of_an_account_and_no_more(
    city: City, client: httpx.AsyncClient, key: Key, follow: Follow
) -> None:
    credential = await key("access.operator")
    readers = [await follow(credential).begun() for _ in range(3)]
    answer = await client.get("/live/entities", headers=credential)
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0
    assert "3" in answer.json()["detail"]
    assert (await follow(await key("access.operator")).begun()).status == 200
    await readers[0].close()
    assert (await follow(credential).begun()).status == 200


async def test_reset_when_the_stream_is_another_and_no_gap_when_the_bus_was_away(
    provider: httpx.AsyncClient, key: Key, tmp_path: Path, database: TestDatabase
) -> None:
    ports = {"YONG_MQTT_PORT": str(free_port()), "YONG_NATS_PORT": str(free_port())}
    settings = load({"YONG_HOME": str(tmp_path / "alone"), **ports})
    server = embedded.Server(settings)
    async with bootstrap.running(settings, database.serve_url) as city:
        waiting = Reader(Front(settings, city), await key("access.operator"))
        await asyncio.sleep(0.5)
        assert (waiting.status, waiting.told()) == (200, [])  # the bus is away: it waits
        server.start()
        try:
            await _through_restarts(city, server, waiting, provider)
        finally:
            await waiting.close()
            server.stop()


async def _through_restarts(
    city: City, server: embedded.Server, reader: Reader, provider: httpx.AsyncClient
) -> None:
    async def relay() -> None:
        async with Bus.open(embedded.url(city.settings)) as bus:
            await hand_on(city, bus)

    await relay()  # which makes the stream
    await reader.begun()
    await upsert(provider, relay, gauge(1))
    assert names([await reader.next()]) == ["changed 1"]
    assert server.process is not None
    server.process.kill()
    server.process.wait()
    server.start()
    await upsert(provider, relay, gauge(2))
    assert names([await reader.next(10)]) == ["changed 2"]  # and no reset: nothing was lost
    async with Bus.open(embedded.url(city.settings)) as bus:
        await bus.stream.delete_stream(STREAM)
    await asyncio.sleep(1)
    await relay_anew(city)
    event = await reader.next(15)
    assert (event.kind, event.data) == ("reset", {"reason": "bus"})
    await upsert(provider, relay, gauge(3))
    assert names([await reader.next(10)]) == ["changed 3"]


async def relay_anew(city: City) -> None:
    """The stream made anew, as the relay does that finds none."""
    async with Bus.open(embedded.url(city.settings)):
        pass
