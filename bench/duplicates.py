"""How fast possible duplicates of a case are found among a hundred thousand open ones.

The ceiling in the same run: the cases near by one statement over the table, neither weighed nor told.
"""

import time

import asyncpg
import httpx

from bench.cases import officer, p95
from bench.figure import Figure
from bench.install import Install
from yong.kernel.access import api as access
from yong.kernel.cases import api as cases
from yong.kernel.store import place
from yong.kernel.store.database import Database

OPEN, ASKED = 100_000, 400


async def figures(install: Install) -> list[Figure]:
    """duplicate_suggest_p95."""
    city = install.city
    for party in ("bench-unit", city.settings.reports_party):
        await access.create_party(
            city, access.system_caller("access"), id=party, kind="department", zh="单位", en="Unit"
        )
    await cases.shelve_declared(city, access.system_caller("cases"))
    _, key = await officer(city)
    same, near = await _asked(install, key)
    return [
        Figure(
            name="duplicate_suggest_p95", value=same, unit="ms", ceiling=near, must=80, aim=80,
            what="the cases near by one statement, neither weighed nor told",
        )
    ]  # fmt: skip


async def _asked(install: Install, key: str) -> tuple[float, float]:
    """The 95th percentile of what may be the same among OPEN open cases with a place, in ms, and of the bare statement.

    They lie over 0.2 by 0.2 degrees, densest in the middle, where some 200 are within reach of a place.
    """
    database = install.city[Database]
    async with database.transaction() as connection:
        await connection.execute(
            """INSERT INTO cases.case_file (id, number, procedure, version, marking, stage, state, title, class, source,
                   owner_id, unit_id, district, opened_at, location, spot)
               SELECT 'near-' || n, 'near-' || n, p.name, p.version, 'handle', 'handle', 'open',
                      (ARRAY['井盖松动', '垃圾堆放', '路灯不亮', '道路不洁', '占道经营'])[n % 5 + 1] || ' ' || n, '0' || (n % 9), 'desk',
                      'bench-unit', 'bench-unit', '3302' || lpad((n % 40)::text, 2, '0'), now() - (n % 20) * interval '1 day',
                      jsonb_build_object('type', 'Point', 'coordinates', jsonb_build_array(x, y)), point(x, y)
               FROM (SELECT n, 121.45 + (random() + random() + random()) / 15 AS x, 29.77 + (random() + random() + random()) / 15 AS y
                     FROM generate_series(1, $1) n) r, cases.procedure p WHERE p.name = 'cityops.case' AND p.state = 'live'""",
            OPEN,
            timeout=600,
        )
    owner = await asyncpg.connect(place.owner_url(install.settings))
    try:
        await owner.execute("ANALYZE cases.case_file")
    finally:
        await owner.close()
    rows = await database.fetch(
        "SELECT spot[0] AS x, spot[1] AS y FROM cases.case_file WHERE id LIKE 'near-%' ORDER BY md5(id) LIMIT $1",
        ASKED,
    )
    taken = []
    async with httpx.AsyncClient(base_url=install.state.http, headers={"x-api-key": key}) as client:
        for n, row in enumerate(rows):
            asked = {
                "procedure": "cityops.case", "title": f"路口的井盖松动 {n}", "class": f"0{n % 9}",
                "location": [row["x"], row["y"]],
            }  # fmt: skip
            began = time.perf_counter()
            answer = await client.post("/case-suggestions", json=asked)
            taken.append((time.perf_counter() - began) * 1e3)
            assert answer.status_code == 200, answer.text
    plain = []
    for row in rows:
        began = time.perf_counter()
        await database.fetch(
            """SELECT id, title, class, opened_at, spot FROM cases.case_file
               WHERE spot <@ box(point($1, $2), point($3, $4)) AND state IN ('open', 'suspended')
               ORDER BY spot <-> point($5, $6) LIMIT 200""",
            row["x"] - 0.0021, row["y"] - 0.0018, row["x"] + 0.0021, row["y"] + 0.0018, row["x"], row["y"],
        )  # fmt: skip
        plain.append((time.perf_counter() - began) * 1e3)
    return p95(taken), p95(plain)
