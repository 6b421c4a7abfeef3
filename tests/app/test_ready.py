"""`/health/ready` names the part that is not: bus, migrations, database; it asks them once a second at most."""

from pathlib import Path

import asyncpg
import httpx
import msgspec
import pytest

from yong.app import readiness
from yong.app.http import Front
from yong.kernel.base.city import City
from yong.kernel.bus import embedded
from yong.kernel.sensing import api as sensing
from yong.kernel.store.database import Database


@pytest.fixture
async def bus(city: City) -> object:
    """The city's bus runs."""
    from instance import free_port

    city.settings = msgspec.structs.replace(city.settings, mqtt_port=free_port(), nats_port=free_port())
    server = embedded.Server(city.settings)
    server.start()
    yield server
    server.stop()


async def ready(city: City) -> tuple[int, dict[str, object]]:
    """What is answered when nothing is remembered."""
    if city.has(readiness.Asked):
        city[readiness.Asked].at = 0.0
    transport = httpx.ASGITransport(Front(city.settings, city), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://yong.test") as client:
        answer = await client.get("/health/ready", headers={"accept-language": "en"})
        return answer.status_code, answer.json()


def secrets_of(home: Path) -> list[str]:
    found = [file.read_text("utf-8") for file in (home / "secrets").iterdir()]
    assert found
    return found


async def owned(database, sql: str) -> None:
    connection = await asyncpg.connect(database.owner_url)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()


async def test_everything_is_there(city: City, bus: embedded.Server) -> None:
    status, body = await ready(city)
    assert (status, body["status"]) == (200, "ready")
    assert body["mqtt"]["code"] == "not-started"  # told, and stops no request
    bus.stop()
    assert (await ready(city))[0] == 503


async def test_the_bus_is_down(city: City, settings) -> None:
    status, body = await ready(city)
    assert status == 503
    assert body["type"] == "/errors/unavailable"
    assert body["parts"] == {"database": "ready", "migrations": "ready", "bus": "down"}
    assert body["errors"] == [{"pointer": "/parts/bus", "detail": "cannot be reached"}]
    words = str(body)
    assert not [word for word in secrets_of(settings.home) if word in words]


async def test_a_migration_is_due(city: City, database, bus: embedded.Server) -> None:
    await owned(database, "DELETE FROM store.migration WHERE module = 'sensing' AND name LIKE '0011%'")
    status, body = await ready(city)
    assert (status, body["parts"]["migrations"]) == (503, "pending")
    await owned(database, "DROP TABLE store.migration")
    assert (await ready(city))[1]["parts"]["migrations"] == "pending"


async def test_the_database_is_newer(city: City, database, bus: embedded.Server) -> None:
    await owned(
        database, "INSERT INTO store.migration (module, name, checksum) VALUES ('sensing', '9999_x.sql', '')"
    )
    assert (await ready(city))[1]["parts"]["migrations"] == "newer"


async def test_the_database_is_down(city: City, bus: embedded.Server) -> None:
    await city[Database].pool.close()
    status, body = await ready(city)
    assert status == 503
    assert body["parts"] == {"database": "down", "migrations": "unknown", "bus": "ready"}


async def test_it_asks_once_a_second(city: City, bus: embedded.Server) -> None:
    assert (await readiness.of(city)).ready
    bus.stop()
    assert (await readiness.of(city)).ready  # what was found a moment ago
    city[readiness.Asked].at -= readiness.KEPT_S
    assert not (await readiness.of(city)).ready


async def test_a_gate_that_fell_silent_is_shut(city: City) -> None:
    await city[Database].execute("UPDATE sensing.gate SET open = true, code = 'open', checked_at = now()")
    assert (await sensing.gate(city[Database])).open
    await city[Database].execute("UPDATE sensing.gate SET checked_at = now() - interval '1 minute'")
    said = await sensing.gate(city[Database])
    assert (said.open, said.code) == (False, "silent")
