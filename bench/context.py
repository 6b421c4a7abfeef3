"""How fast entities are read and changed by NGSI-LD over HTTP.

Asked by wrk (C) and, for batches, by this process, on the same cores. Ceilings in the same run: for reads and
single changes the smallest answer of the same server (`/health/live`), for batches a bare COPY of the rows.
"""

import asyncio
import time

import aiohttp
import msgspec

from bench.figure import Figure
from bench.install import Install
from bench.records import wrk
from yong.kernel.access import api as access
from yong.kernel.access import identity
from yong.kernel.store.database import Database

ENTITIES = 100_000
BATCH = 1000
UPSERTS = 30
AT_ONCE = 2
_GET = """
local n = 0
request = function()
  n = (n * 1103515245 + 12345) % 2147483648
  return wrk.format("GET", string.format("/ngsi-ld/v1/entities/urn:ngsi-ld:Load:%06d", n % COUNT), {["X-API-Key"] = "KEY"})
end
"""
_PATCH = """
local n = 1
local v = 0
request = function()
  n = (n * 1103515245 + 12345) % 2147483648
  v = v + 1
  local path = string.format("/ngsi-ld/v1/entities/urn:ngsi-ld:Load:%06d/attrs/level", n % COUNT)
  return wrk.format("PATCH", path, {["X-API-Key"] = "KEY", ["Content-Type"] = "application/json"}, string.format('{"value":%d}', v))
end
"""


async def figures(install: Install) -> list[Figure]:
    """context_get, context_patch, context_batch_upsert."""
    base = install.state.http
    key = await provider_key(install, "provider")
    await _upsert(install, key, ENTITIES // BATCH, 0)
    bare, _ = await wrk(f"{base}/health/live", None, connections=64)
    get = _GET.replace("KEY", key).replace("COUNT", str(ENTITIES))
    read, bad = await wrk(base, get, connections=64)
    assert not bad, f"{bad} reads failed"
    patch = _PATCH.replace("KEY", key).replace("COUNT", str(ENTITIES))
    changed, bad = await wrk(base, patch, connections=128)
    assert not bad, f"{bad} changes failed"
    upserted = await _upsert(install, key, UPSERTS, 1)
    copied = await _copy(install)
    answer = "the smallest answer of the same server, /health/live"
    return [
        Figure(
            name="context_get", value=read, unit="entities/s", ceiling=bare, must=6_000, aim=12_000, what=answer
        ),
        Figure(
            name="context_patch", value=changed, unit="changes/s", ceiling=bare, must=3_000, aim=8_000, what=answer
        ),
        Figure(
            name="context_batch_upsert", value=upserted, unit="entities/s", ceiling=copied, must=12_000,
            aim=25_000, what="a bare COPY of the same entities as JSON",
        ),
    ]  # fmt: skip


async def provider_key(install: Install, account_name: str) -> str:
    """A key of a new context provider of the whole city."""
    city, owner = install.city, access.system_caller("access")
    account, _ = await access.create_account(city, owner, account_name, password="a password of the bench")  # noqa: S106  # it lives as long as the measurement
    await access.grant(city, owner, account, "context.provider")
    row = await city[Database].fetchrow("SELECT * FROM access.account WHERE id = $1", account)
    assert row is not None
    async with city[Database].transaction() as connection:
        holder = await identity.caller_for(connection, row, ["password", "totp"], "bench")
    return await access.issue_key(
        city, holder, "bench", ["context.provider"], per_minute=1_000_000, per_day=1_000_000_000, days=1
    )


def _entity(number: int, value: int) -> dict[str, object]:
    return {
        "id": f"urn:ngsi-ld:Load:{number:06d}",
        "type": "Load",
        "level": {"type": "Property", "value": value, "unitCode": "P1"},
        "name": {"type": "Property", "value": f"load {number}"},
        "location": {
            "type": "GeoProperty",
            "value": {
                "type": "Point",
                "coordinates": [121 + number % 1000 / 1000, 29 + number // 1000 / 100],
            },
        },
    }


async def _upsert(install: Install, key: str, batches: int, value: int) -> float:
    """Entities a second, upserted in batches with two requests under way."""
    bodies = [
        msgspec.json.encode([_entity(n, value) for n in range(b * BATCH, (b + 1) * BATCH)])
        for b in range(batches)
    ]
    headers = {"x-api-key": key, "content-type": "application/json"}
    url = f"{install.state.http}/ngsi-ld/v1/entityOperations/upsert"
    bodies.reverse()
    async with aiohttp.ClientSession(headers=headers) as session:

        async def send() -> None:
            while bodies:
                async with session.post(url, data=bodies.pop()) as answer:
                    assert answer.status in (201, 204), await answer.text()

        began = time.perf_counter()
        await asyncio.gather(*(send() for _ in range(AT_ONCE)))
        return batches * BATCH / (time.perf_counter() - began)


async def _copy(install: Install) -> float:
    rows = [(f"urn:ngsi-ld:Load:{n:06d}", "Load", _entity(n, 1)) for n in range(UPSERTS * BATCH)]
    async with install.city[Database].pool.acquire() as connection:
        await connection.execute("CREATE TEMP TABLE bare (id text, type text, doc jsonb)")
        began = time.perf_counter()
        await connection.copy_records_to_table("bare", records=rows)
        seconds = time.perf_counter() - began
        await connection.execute("DROP TABLE bare")
    return len(rows) / seconds
