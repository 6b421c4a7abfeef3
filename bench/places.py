"""How fast places are suggested while somebody types, over 100,000 of them, each key stroke a request over HTTP.

The ceiling in the same run is the smallest answer of the same server (`/health/live`) to the same client.
"""

import asyncio
import random
import statistics
import time

import httpx

from bench.figure import Figure
from bench.install import Install
from yong.kernel.access import api as access
from yong.kernel.geo import api as geo
from yong.kernel.records.contracts import Format
from yong.kernel.search import api as search
from yong.kernel.search.logic.words import readings

PLACES = 100_000
NAMES = 60  # typed from their first key to their fifth
_WITHIN_S = 600
_AREAS = (
    "海曙区330203",
    "江北区330205",
    "北仑区330206",
    "镇海区330211",
    "鄞州区330212",
    "奉化区330213",
)
_FIRST = [
    "天一",
    "月湖",
    "鼓楼",
    "城隍",
    "东门",
    "南塘",
    "来福",
    "万达",
    "环球",
    "和丰",
    "江厦",
    "灵桥",
    "三江",
    "姚江",
    "甬江",
    "四明",
    "长乐",
    "高桥",
    "望春",
    "石碶",
]
_THEN = ["东", "西", "南", "北", "新", "老", "第一", "第二", "中心", "实验"]
_LAST = ["小学", "中学", "医院", "公园", "菜场", "书店", "大厦", "花园", "新村", "银行", "图书馆", "停车场"]


def _places(chance: random.Random) -> list[tuple[str, str]]:
    """Names and the address of each, made up."""
    found = []
    for n in range(PLACES):
        area = chance.choice(_AREAS)[:3]
        name = chance.choice(_FIRST) + chance.choice(_THEN) + chance.choice(_LAST)
        found.append((name, f"{area}{chance.choice(_FIRST)}路{n % 999 + 1}号"))
    return found


async def figures(install: Install) -> list[Figure]:
    """geocode_p95."""
    chance = random.Random(7)
    places = _places(chance)
    lines = [
        f"{name},other,{address},{121.3 + chance.random() / 2:.6f},{29.7 + chance.random() / 3:.6f},synthetic,330203"
        for name, address in places
    ]
    payload = ("name,kind,address,lon,lat,source,district\n" + "\n".join(lines)).encode()
    report = await geo.import_places(
        install.city, access.system_caller("geo"), payload, Format.CSV, "CGCS2000"
    )
    assert report.imported == PLACES, report.bad[:3]
    await _indexed(install)
    typed = []
    for name, _ in chance.sample(places, NAMES):
        known = [of[0] for of in readings(name)]
        for whole in (name, "".join(known), "".join(k[0] for k in known)):
            typed += [whole[:n] for n in range(1, min(len(whole), 5) + 1)]
    async with httpx.AsyncClient(base_url=install.state.http, headers={"x-api-key": install.key}) as client:
        bare = await _p95_ms(client, ["/health/live"] * 200)
        took = await _p95_ms(client, [f"/geo/suggest?q={q}" for q in typed])
    return [
        Figure(
            name="geocode_p95", value=took, unit="ms", ceiling=bare, must=20, aim=10,
            what="the smallest answer of the same server, /health/live",
        )
    ]  # fmt: skip


async def _indexed(install: Install) -> None:
    system = access.system_caller("search")
    deadline = time.monotonic() + _WITHIN_S
    while True:
        state = await search.state(install.city, system)
        if state.ready and state.rows >= PLACES and not state.events:
            return
        assert time.monotonic() < deadline, state
        await asyncio.sleep(0.5)


async def _p95_ms(client: httpx.AsyncClient, paths: list[str]) -> float:
    """The 95th percentile of answers asked for one after the other, milliseconds."""
    took = []
    for path in paths:
        began = time.perf_counter()
        answer = await client.get(path)
        took.append((time.perf_counter() - began) * 1000)
        assert answer.status_code == 200, answer.text
    return statistics.quantiles(took, n=20)[-1]
