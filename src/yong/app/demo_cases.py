"""Work for the demo city's desks: classes, limits and responsibilities as other cities publish them, and synthetic cases.

Classes are a few of GB/T 30428's; the limits are those that 济源 publishes for them. The cases are made up, say so, and
stand at every desk.
"""

import asyncio

from yong.cities.ningbo.install import ROOT
from yong.domains.cityops.manifest import COURSES
from yong.domains.cityops.manifest.scores import SCORES
from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.base import clock
from yong.kernel.base.city import City
from yong.kernel.base.errors import Conflict
from yong.kernel.cases import api as cases
from yong.kernel.cases.contracts import Act, NewCase
from yong.kernel.indicators import api as indicators
from yong.kernel.records import api as records
from yong.kernel.records.contracts import Filter, Operator
from yong.kernel.store import followers

_CLASSES = (
    ("010101", "上水井盖", "Water main cover", "construction"),
    ("020102", "暴露垃圾", "Heap of rubbish", "cityops"),
    ("020104", "道路不洁", "Dirty road", "cityops"),
    ("020105", "水域不洁", "Dirty water", "ocean"),
    ("020501", "无照经营游商", "Hawker without a licence", "cityops"),
)
_LIMITS = (
    ("020102", 1, "work_days"),
    ("020104", 5, "work_hours"),
    ("020105", 15, "work_days"),
    ("010101", 6, "urgent_hours"),
)
_CASES = (
    ("中山东路井盖松动", "Loose cover, Zhongshan East Road", "010101", (121.557, 29.869), 0),
    ("鼓楼旁垃圾堆放", "Rubbish beside the Drum Tower", "020102", (121.546, 29.875), 1),
    ("药行街路面油污", "Oil on Yaohang Street", "020104", (121.552, 29.866), 2),
    ("月湖水面漂浮物", "Litter on Moon Lake", "020105", (121.541, 29.872), 3),
    ("天一广场占道经营", "Hawkers on Tianyi Square", "020501", (121.554, 29.870), 3),
    ("老外滩垃圾桶满溢", "Full bins on the Old Bund", "020102", (121.560, 29.880), 4),
    ("江厦街井盖缺失", "Missing cover, Jiangxia Street", "010101", (121.559, 29.871), 5),
    ("柳汀街道路不洁", "Dirty road, Liuting Street", "020104", (121.537, 29.868), 6),
)
_SETTLES = 10  # looks at what happened; an event is there when what ran beside it is over
_STEPS = (
    ("verify", "confirm", None),
    ("file", "file", None),
    ("handle", "done", "Done · 已处置"),
    ("check", "pass", None),
    ("close", "close", None),
)


async def fill(city: City, duty: Caller) -> int:
    """Give the desks their registers and some cases; how many cases are new. Doing it again adds what is missing."""
    keeper = access.system_caller("cases")
    await cases.shelve_declared(city, keeper)
    limits = {code: (amount, unit) for code, amount, unit in _LIMITS}
    for code, zh, en, party in _CLASSES:
        told = {"code": code, "title_zh": zh, "title_en": en, "procedure": "cityops.case"}
        try:
            await records.create(city, keeper, "cases.class", told, owner=ROOT)
        except Conflict:
            continue  # it is there, with what belongs to it
        await records.create(city, keeper, "cases.duty", {"class_prefix": code, "party": party}, owner=ROOT)
        if code in limits:
            amount, unit = limits[code]
            limit: dict[str, object] = {
                "clock": "handling", "class_prefix": code, "amount": amount, "unit": unit,
                "basis_zh": "演示：济源市公布的处置时限", "basis_en": "Demo: as Jiyuan publishes it",
            }  # fmt: skip
            await records.create(city, keeper, "cases.limit", limit, owner=ROOT)
    there = await records.listing(
        city, keeper, "cases.case", filters=[Filter("source", Operator.EQ, "synthetic")], limit=len(_CASES)
    )
    if len(there.items) == len(_CASES):
        return 0
    for n, (zh, en, code, place, steps) in enumerate(_CASES):
        await _case(city, duty, f"demo-{n}", f"{zh} · {en}", code, place, steps)
    await _score(city)
    return len(_CASES) - len(there.items)


async def _score(city: City) -> None:
    """The scores of this month as they stand; at night they are computed anew."""
    for _ in range(_SETTLES):
        if not await followers.turn(city, COURSES):
            await asyncio.sleep(0.1)
    month = f"{clock.now().astimezone(clock.CHINA):%Y-%m}"
    await indicators.compute(city, access.system_caller("cityops"), [one.name for one in SCORES], month)


async def _case(
    city: City, duty: Caller, key: str, title: str, code: str, place: tuple[float, float], steps: int
) -> None:
    """One case, as far as so many steps bring it."""
    new = NewCase(
        procedure="cityops.case", title=title, class_=code, source="synthetic", location=place, district="330203",
        description="合成案件，非真实事件。Made up for the demo.",
    )  # fmt: skip
    made = await cases.open_case(city, duty, new, key)
    for element, choice, note in _STEPS[:steps]:
        found = await cases.case(city, duty, made.id)
        for task in found.tasks:
            if task.state == "open" and task.element == element:
                await cases.act(
                    city,
                    duty,
                    task.id,
                    Act(choice=choice, note=note, class_=code if element == "file" else None),
                )
