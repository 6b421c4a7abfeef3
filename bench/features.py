"""How fast pages of features are answered by OGC API – Features over HTTP: `/items?limit=10` of 1,000 features.

Asked by wrk (C) on the same cores, and so is pygeoapi 0.21 in the same run, over the same features: it is the ceiling. Where
it cannot be installed the ceiling is left out.
"""

import sys

import httpx

from bench import pygeoapi
from bench.figure import Figure
from bench.install import Install
from bench.records import wrk
from yong.kernel.store.database import Database

COUNT = 1_000
_COLLECTION = "/ogc/collections/geo.boundary/items"
PATH = f"{_COLLECTION}?limit=10"
_ITEMS = """
request = function() return wrk.format("GET", "PATH", {["X-API-Key"] = "KEY"}) end
"""


async def figures(install: Install) -> list[Figure]:
    """features_items_10."""
    base = install.state.http
    await fill(install.city[Database])
    async with httpx.AsyncClient(headers={"x-api-key": install.key}) as client:
        every = await client.get(f"{base}{_COLLECTION}", params={"limit": COUNT})
    assert len(every.json()["features"]) == COUNT
    bare, _ = await wrk(f"{base}/health/live", None, connections=32)
    script = _ITEMS.replace("PATH", PATH).replace("KEY", install.key)
    asked, bad = await wrk(base, script, connections=32)
    assert not bad, f"{bad} pages failed"
    other = await _pygeoapi(every.content)
    what = (
        f"pygeoapi {pygeoapi.VERSION} over a file of them"
        if other
        else f"pygeoapi {pygeoapi.VERSION} could not be installed"
    )
    return [
        Figure(
            name="features_items_10", value=asked, unit="req/s", ceiling=other, must=1_000, aim=3_000,
            what=f"{what}; the smallest answer of the same server, /health/live: {bare:,.0f}",
        ),
    ]  # fmt: skip


async def _pygeoapi(features: bytes) -> float:
    """Pages a second of pygeoapi over the same features; 0 without it."""
    try:
        async with pygeoapi.serving(features) as collection:
            rate, bad = await wrk(f"{collection}/items?limit=10&f=json", None, connections=32)
    except pygeoapi.Absent as error:
        print(f"pygeoapi: {error}", file=sys.stderr)
        return 0.0
    assert not bad, f"{bad} pages of pygeoapi failed"
    return rate


async def fill(database: Database) -> None:
    """Boundaries that are small squares."""
    await database.pool.execute(
        """INSERT INTO geo.boundary (id, code, level, name, datum, district, geometry, created_by, updated_by)
           SELECT lpad(n::text, 6, '0'), lpad(n::text, 6, '0'), 'district', 'number ' || n, 'cgcs2000', '330203',
                  jsonb_build_object('type', 'Polygon', 'coordinates', jsonb_build_array(jsonb_build_array(
                    jsonb_build_array(x, y), jsonb_build_array(x + 0.01, y), jsonb_build_array(x + 0.01, y + 0.01),
                    jsonb_build_array(x, y + 0.01), jsonb_build_array(x, y)))), 'bench', 'bench'
           FROM generate_series(1, $1::int) AS n,
                LATERAL (SELECT round(121 + n % 100 / 100.0, 6) AS x, round(29 + n / 100 / 100.0, 6) AS y) AS p""",
        COUNT,
    )
