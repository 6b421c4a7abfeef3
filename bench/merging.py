"""How fast the points of two departments become one set: 100,000 and 100,000, of a made-up city with known truth.

The whole run from its order on: a background job, sources read from the database, matched, grouped, written with their links and doubts. The ceiling is the
time that the same points take to be found near each other and copied into the database, with nothing judged.
"""

import asyncio
import time

import numpy as np

from bench.figure import Figure
from bench.install import Install
from bench.made_city import CLASSES, URBAN, WATER, city, score, survey
from yong.kernel.access.api import system_caller
from yong.kernel.geo import api as geo
from yong.kernel.geo.merging.contracts import NewRun, Plan
from yong.kernel.geo.merging.plane import plane_of
from yong.kernel.geo.merging.points import Points, Row
from yong.kernel.records.contracts import Format
from yong.kernel.records.matching import near
from yong.kernel.store.database import Database

THINGS = 121_000  # of which either department has 85 %, some 100,000


async def figures(install: Install) -> list[Figure]:
    """merge_points."""
    made = city(THINGS)
    surveys = [survey(made, WATER, 7), survey(made, URBAN, 7)]
    caller = system_caller("geo")
    plan = Plan(sources=[s.plan for s in surveys], classes=CLASSES)
    await geo.keep_merging(install.city, caller, "bench", plan)
    for one in surveys:
        await geo.receive_points(install.city, caller, "bench", one.plan.name, _csv(one.rows), Format.CSV)
    began = time.perf_counter()
    ordered = await geo.order_merge(install.city, caller, "bench", NewRun(dry_run=False))
    done = await _done(install, ordered.id)  # by the install's own worker
    seconds = time.perf_counter() - began
    rows = await install.city[Database].fetch(
        "SELECT source, record, component FROM geo.merge_link WHERE merging = 'bench'"
    )
    precision, recall = score([tuple(r) for r in rows], surveys)
    print(
        f"merge_points: {[len(s.rows) for s in surveys]} points, precision {precision:.4f}, recall {recall:.4f}, {done}"
    )
    return [
        Figure(
            name="merge_points", value=seconds, unit="s", ceiling=await _bare(install, [Points(s.plan, s.rows) for s in surveys]),
            must=20, aim=8, what="the same points found near each other and copied, nothing judged",
        )
    ]  # fmt: skip


async def _done(install: Install, run: str) -> str:
    for _ in range(600):
        found = await geo.merge_run(install.city, system_caller("geo"), "bench", run)
        if found.state != "waiting":
            break
        await asyncio.sleep(0.2)
    assert found.state == "done", found
    assert found.report is not None
    return f"{found.report.components} components, {found.report.doubtful} doubtful, {found.report.seconds} s of the job"


async def _bare(install: Install, sources: list[Points]) -> float:
    lonlat = np.concatenate([s.lonlat for s in sources])
    rows = [
        (s.plan.name, r.record, r.name, r.kind, x, y)
        for s in sources
        for r, (x, y) in zip(s.rows, s.lonlat.tolist(), strict=True)
    ]
    async with install.city[Database].pool.acquire() as connection:
        await connection.execute(
            "CREATE TEMP TABLE bare (a text, b text, c text, d text, x float8, y float8)"
        )
        began = time.perf_counter()
        near(plane_of(lonlat)[0](lonlat), 8.7)
        await connection.copy_records_to_table("bare", records=rows)
        seconds = time.perf_counter() - began
        await connection.execute("DROP TABLE bare")
    return seconds


def _csv(rows: list[Row]) -> bytes:
    lines = ["id,x,y,name,class"]
    lines += [f"{r.record},{r.x!r},{r.y!r},{r.name or ''},{r.kind or ''}" for r in rows]
    return "\n".join(lines).encode()
