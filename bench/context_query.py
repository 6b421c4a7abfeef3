"""How fast entities are found by NGSI-LD queries over HTTP.

`context_query_20`: pages of 20 out of 100,000 entities whose condition holds for one in a hundred, a different one
each time, of entities that are settled: the index over values holds them. `context_geo_p95`: the 20 nearest of 1,000,000, asked for one after the other at random places. The
ceilings are the same statements' smallest form on one connection: a page of 20 by id, and the 20 nearest points
without a document.
"""

import asyncio
import random
import time
from datetime import datetime

import aiohttp

from bench.context import provider_key
from bench.figure import Figure
from bench.install import Install
from bench.records import wrk
from yong.kernel.context.service import settling
from yong.kernel.store.database import Database

QUERIED = 100_000
PLACED = 1_000_000
ASKED = 600
_QUERY = """
local n = 0
request = function()
  n = (n * 1103515245 + 12345) % 2147483648
  local from = n % 99
  return wrk.format("GET", string.format("/ngsi-ld/v1/entities?type=Asked&q=level==%d.0..%d.9999&limit=20", from, from), {["X-API-Key"] = "KEY"})
end
"""


async def figures(install: Install) -> list[Figure]:
    """context_query_20, context_geo_p95."""
    base, database = install.state.http, install.city[Database]
    key = await provider_key(install, "asker")
    await fill(database, "Asked", QUERIED)
    await settling.wish(database, "Asked", "level")
    assert await settling.turn(database, quiet_s=-1) == QUERIED
    await _looked_through(database, await database.fetchval("SELECT now()"))
    asked, bad = await wrk(base, _QUERY.replace("KEY", key), connections=32)
    assert not bad, f"{bad} queries failed"
    pages = await _pages(database)
    await fill(database, "Placed", PLACED)
    near = await _near(base, key)
    bare = await _nearest(database)
    return [
        Figure(
            name="context_query_20", value=asked, unit="queries/s", ceiling=pages, must=1_000, aim=3_000,
            what="20 entities by id in SQL, one connection",
        ),
        Figure(
            name="context_geo_p95", value=near, unit="ms", ceiling=bare, must=10, aim=3,
            what="the 20 nearest points in SQL",
        ),
    ]  # fmt: skip


async def fill(database: Database, kind: str, count: int) -> None:
    """Entities of a kind, in the order of their ids, in a city of 100 km; then what the planner knows of them."""
    await database.pool.execute(
        """INSERT INTO context.entity (id, type, district, location, doc)
           SELECT format('urn:ngsi-ld:%s:%s', $1::text, lpad(n::text, 7, '0')), $1::text, '330203', point(x, y),
                  jsonb_build_object(
                    'level', jsonb_build_object('type', 'Property', 'value', round((random() * 100)::numeric, 4),
                                                'observedAt', '2026-01-01T00:00:00Z', 'unitCode', 'MTR'),
                    'flow', jsonb_build_object('type', 'Property', 'value', round((random() * 9)::numeric, 3)),
                    'name', jsonb_build_object('type', 'Property', 'value', 'number ' || n),
                    'location', jsonb_build_object('type', 'GeoProperty', 'value', jsonb_build_object(
                        'type', 'Point', 'coordinates', jsonb_build_array(x, y))))
           FROM generate_series(1, $2::int) AS n, LATERAL (SELECT round((121 + random() + n * 0)::numeric, 6) AS x,
                                                                  round((29.3 + random())::numeric, 6) AS y) AS p""",
        kind,
        count,
        timeout=600,
    )


async def _looked_through(database: Database, since: datetime) -> None:
    """Wait until autovacuum has been at what was just written, as at all that has stayed for some minutes."""
    for _ in range(180):
        if await database.fetchval(
            """SELECT bool_and(least(last_autovacuum, last_autoanalyze) > $1) FROM pg_stat_user_tables
               WHERE schemaname = 'context' AND relname IN ('entity', 'sought_value')""",
            since,
        ):
            return
        await asyncio.sleep(1)
    raise AssertionError("autovacuum has not come by")


async def _near(base: str, key: str) -> float:
    """The 95th percentile in ms of the answers to near-queries, one at a time."""
    dice, took = random.Random(5), []
    async with aiohttp.ClientSession(base, headers={"X-API-Key": key}) as session:
        for _ in range(ASKED):
            place = f"[{121 + dice.random():.5f},{29.3 + dice.random():.5f}]"
            began = time.perf_counter()
            async with session.get(
                "/ngsi-ld/v1/entities",
                params={"type": "Placed", "georel": "near;maxDistance==2000", "geometry": "Point",
                        "coordinates": place, "limit": 20},
            ) as answer:  # fmt: skip
                found = await answer.json()
            took.append((time.perf_counter() - began) * 1000)
            assert answer.status == 200, found
            assert len(found) == 20, len(found)
    return sorted(took[50:])[int((ASKED - 50) * 0.95)]


async def _pages(database: Database) -> float:
    async with database.pool.acquire() as connection:
        statement = await connection.prepare(
            "SELECT id, doc FROM context.entity WHERE tenant = '' AND type = 'Asked' AND id > $1 ORDER BY id LIMIT 20"
        )
        began = time.perf_counter()
        for n in range(1000):
            await statement.fetch(f"urn:ngsi-ld:Asked:{n * 90:07d}")
    return 1000 / (time.perf_counter() - began)


async def _nearest(database: Database) -> float:
    dice, took = random.Random(6), []
    async with database.pool.acquire() as connection:
        statement = await connection.prepare(
            """SELECT id FROM context.entity WHERE tenant = ''
               ORDER BY point(location[0], location[1]) <-> $1::point LIMIT 20"""
        )
        for _ in range(300):
            began = time.perf_counter()
            await statement.fetch((121 + dice.random(), 29.3 + dice.random()))
            took.append((time.perf_counter() - began) * 1000)
    return sorted(took)[285]
