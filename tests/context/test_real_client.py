"""A client that nobody here wrote, Orange's ngsildclient, against a running install."""

import asyncio
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import requests
from tests.conftest import key_of

from bench import install
from yong.app import bootstrap
from yong.kernel.access import api as access
from yong.kernel.base.settings import load
from yong.kernel.records import api as records
from yong.kernel.store import place
from yong.kernel.store.embedded import Server

ngsildclient = pytest.importorskip("ngsildclient", reason="requirements/strangers.lock is not installed")
exceptions = pytest.importorskip("ngsildclient.api.exceptions")

STATION = {"code": "A01", "kind": "air", "name_zh": "月湖", "name_en": "Moon Lake",
           "location": {"type": "Point", "coordinates": [121.55, 29.87]}}  # fmt: skip


class Running(NamedTuple):
    """The port of an install, and keys of a context provider and an operator."""

    port: int
    provider: str
    operator: str


class Key(requests.auth.AuthBase):
    """How Yong's keys are sent with a request of `requests`."""

    def __init__(self, word: str) -> None:
        self.word = word

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["X-API-Key"] = self.word
        return request


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    home = Path(tempfile.mkdtemp(prefix="yong-client-"))
    chosen = {"YONG_HOME": str(home), "YONG_LANGUAGE": "en",
              **{f"YONG_{name}_PORT": "0" for name in ("HTTP", "MQTT", "NATS")}}  # fmt: skip
    plain = {k: v for k, v in os.environ.items() if not k.startswith("YONG_")}
    process = install.start(home, plain | chosen)
    try:
        yield asyncio.run(_furnished(home, process, chosen))
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)
        shutil.rmtree(Server(home).settled(), ignore_errors=True)
        shutil.rmtree(home, ignore_errors=True)


async def _furnished(home: Path, process: "subprocess.Popen[bytes]", chosen: dict[str, str]) -> Running:
    state = await asyncio.wait_for(install.ready(home, process), 90)
    settings = load(chosen)
    async with bootstrap.running(settings, place.serve_url(settings), name="yong client") as city:
        system = access.system_caller("environment")
        await records.create(city, system, "environment.station", STATION, owner="d1", district="330203")
        words = [(await key_of(city, role))["x-api-key"] for role in ("context.provider", "access.operator")]
    return Running(int(state.http.rpartition(":")[2]), *words)


@pytest.fixture
def client(running: Running) -> Iterator[Any]:
    with ngsildclient.Client(
        "127.0.0.1", running.port, custom_auth=Key(running.provider), verbose=False
    ) as one:
        yield one


def room(number: int, temperature: float) -> Any:
    entity = ngsildclient.Entity("Room", f"{number:03d}")
    entity.prop("temperature", temperature, unitcode="CEL", observedat="2026-11-20T08:00:00Z")
    entity.gprop("location", (29.87, 121.55))
    entity.rel("inBuilding", "Building:7")
    return entity


def without_context(entity: dict[str, Any]) -> dict[str, Any]:
    """An entity as it says itself: what names its context by an array may get back its one address."""
    return {k: v for k, v in entity.items() if k != "@context"}


def test_one_entity_is_made_read_changed_and_deleted(client: Any) -> None:
    made = room(1, 20.5)
    assert client.create(made)
    with pytest.raises(exceptions.NgsiAlreadyExistsError):
        client.create(made)
    assert client.exists(made)
    back = client.get(made, asdict=True)
    assert without_context(back) == without_context(made.to_dict())
    assert back["temperature"]["observedAt"] == "2026-11-20T08:00:00Z"
    assert back["location"]["value"]["coordinates"] == [121.55, 29.87]
    made["temperature.value"] = 21.5
    assert client.update(made)
    assert client.get(made.id, asdict=True)["temperature"]["value"] == 21.5
    assert client.upsert(room(1, 22.5))
    assert client.get(made)["temperature.value"] == 22.5
    assert client.delete(made)
    assert not client.exists(made)
    with pytest.raises(exceptions.NgsiResourceNotFoundError):
        client.get(made)


def test_many_are_made_changed_queried_and_deleted(client: Any) -> None:
    rooms = [room(n, n) for n in range(100, 130)]
    result = client.create(rooms)
    assert (result.n_ok, result.n_err) == (30, 0)
    again = client.create([*rooms[:2], room(130, 130)])
    assert (again.n_ok, again.n_err) == (1, 2)
    found = client.query(type="Room", limit=7)
    assert [e.id for e in found] == [f"urn:ngsi-ld:Room:{n}" for n in range(100, 131)]
    assert without_context(found[3].to_dict()) == without_context(rooms[3].to_dict())
    assert client.count(type="Room", q="temperature>=120") == 11
    warm = client.query(type="Room", q="temperature>127;temperature!=129")
    assert [e["temperature.value"] for e in warm] == [128, 130]
    assert "Room" in client.types.list()
    assert client.upsert([room(100, 5), room(131, 5)], update=True).ok
    assert client.update([room(101, 5), room(102, 5)]).ok
    assert client.count(type="Room", q="temperature==5") == 4
    client.batch.delete([*client.query(type="Room")[:30], "urn:ngsi-ld:Room:999"])
    client.drop("Room")
    assert client.count(type="Room") == 0


def test_a_tenant_and_a_context_of_ones_own(client: Any, running: Running) -> None:
    with ngsildclient.Client(
        "127.0.0.1", running.port, tenant="port", custom_auth=Key(running.provider), verbose=False
    ) as port:
        assert port.create(room(1, 1))
        assert port.count(type="Room") == 1
        port.drop("Room")
    assert client.count(type="Room") == 0
    client.contexts.add({"@context": {"Pump": "https://example.org/Pump"}})
    [mine] = [c for c in client.contexts.list() if "/jsonldContexts/" in c]
    assert client.query(type="Pump", ctx=mine) == []


def test_records_are_read_like_any_entity(running: Running) -> None:
    id_ = "urn:yong:record:environment.station:A01"
    with ngsildclient.Client(
        "127.0.0.1", running.port, custom_auth=Key(running.operator), verbose=False
    ) as one:
        [station] = one.query(type="environment.station", q='kind=="air"')
        assert one.get(station).id == id_
        assert station["location.value.coordinates"] == [121.55, 29.87]
        assert station["name"]["languageMap"] == {"zh": "月湖", "en": "Moon Lake"}
        assert "environment.station" in one.types.list()
    with ngsildclient.Client(
        "127.0.0.1", running.port, custom_auth=Key(running.provider), verbose=False
    ) as one:
        refused = one.batch.upsert([station])
        assert [e["error"]["door"] for e in refused.errors] == ["POST /records/environment.station"]
