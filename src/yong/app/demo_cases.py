"""Work for the demo city's desks: classes, limits and responsibilities as other cities publish them, and synthetic cases.

Classes are a few of GB/T 30428's in sets that say they are for a demo; the limits are those that 济源 publishes for them. The
cases and components are made up, say so, and the cases stand at every desk.
"""

import asyncio
from collections.abc import Callable

from yong.cities.ningbo.install import ROOT
from yong.domains.cityops import api as cityops
from yong.domains.cityops.contracts import ClassLimit, ClassLine, ClassSet
from yong.domains.cityops.manifest import COURSES
from yong.domains.cityops.manifest.scores import SCORES
from yong.kernel.access import api as access
from yong.kernel.access import identity
from yong.kernel.access.contracts import Caller
from yong.kernel.base import clock
from yong.kernel.base.city import City
from yong.kernel.base.errors import Conflict, NotFound, YongError
from yong.kernel.base.text import Language, Text
from yong.kernel.cases import api as cases
from yong.kernel.cases.contracts import Act, CaseShown, HappeningShown, NewCase
from yong.kernel.indicators import api as indicators
from yong.kernel.records import api as records
from yong.kernel.records.contracts import Filter, Operator
from yong.kernel.store import followers

DUTY = "duty"  # the operator's account of the demo
_BASIS = "演示：选自 GB/T 30428.2 的几个类别，由城市核对后替换 · Demo: a few classes, for the city to check and replace"
_SETS = {
    "demo.components": ClassSet(
        title_zh="演示部件类别", title_en="Demo classes of components", kind="component", edition="demo", prefix="01",
        basis=_BASIS, synthetic=True,
        lines=[
            ClassLine(code="01", title_zh="公用设施", title_en="Utilities"),
            ClassLine(
                code="0101", title_zh="上水井盖", title_en="Water main cover", open=True, filing="井盖破损、缺失、移位",
                closing="修复或补齐", words="井盖,manhole,cover", limits=[ClassLimit(amount=6, unit="urgent_hours")],
            ),
        ],
    ),
    "demo.events": ClassSet(
        title_zh="演示事件类别", title_en="Demo classes of events", kind="event", edition="demo", prefix="02", basis=_BASIS,
        synthetic=True,
        lines=[
            ClassLine(code="01", title_zh="市容环境", title_en="Litter and dirt"),
            ClassLine(
                code="0102", title_zh="暴露垃圾", title_en="Heap of rubbish", open=True, words="垃圾,rubbish,litter",
                limits=[ClassLimit(amount=1, unit="work_days")],
            ),
            ClassLine(
                code="0104", title_zh="道路不洁", title_en="Dirty road", open=True, words="油污,street,dirt",
                limits=[ClassLimit(amount=5, unit="work_hours")],
            ),
            ClassLine(
                code="0105", title_zh="水域不洁", title_en="Dirty water", open=True, words="水面,漂浮物,water",
                limits=[ClassLimit(amount=15, unit="work_days")],
            ),
            ClassLine(code="05", title_zh="街面秩序", title_en="Street order"),
            ClassLine(code="0501", title_zh="无照经营游商", title_en="Hawker without a licence"),
        ],
    ),
}  # fmt: skip
_UNITS = (
    ("010101", "construction"),
    ("020102", "cityops"),
    ("020104", "cityops"),
    ("020105", "ocean"),
    ("020501", "cityops"),
)
_QUESTION: dict[str, object] = {
    "class": "010101", "code": "STATE", "datatype": "singlevaluelist", "required": True, "position": 1,
    "text_zh": "井盖怎样了？", "text_en": "What is wrong with the cover?",
    "options": [
        {"key": "gone", "zh": "缺失", "en": "Gone"},
        {"key": "broken", "zh": "破损", "en": "Broken"},
        {"key": "loose", "zh": "松动、异响", "en": "Loose or noisy"},
    ],
}  # fmt: skip
_COVERS = ((121.55701, 29.86902), (121.55899, 29.87101), (121.55420, 29.87040), (121.54610, 29.87520))
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


# What the walk does, element by element: the first unit says that it is not its duty, and the work is not good at once.
_WALK: dict[str, list[Act]] = {
    "verify": [Act(choice="confirm")],
    "file": [Act(choice="file", class_="020104")],
    "handle": [
        Act(choice="wrong_unit", note="不在我单位管养范围 · Not our road"),
        Act(choice="done", note="已清扫 · Swept"),
        Act(choice="done", note="已冲洗 · Washed"),
    ],
    "dispatch": [Act(choice="dispatch", units=["construction"])],
    "check": [Act(choice="fail", note="仍有油污 · Still oily"), Act(choice="pass")],
    "close": [Act(choice="close")],
}
_ENDED = Text(
    "案件 {number} 已办结（{outcome}）：/console/desk/cases/{id}",
    "The case {number} is closed ({outcome}): /console/desk/cases/{id}",
)
NO_DEMO = Text("没有演示城市；请先运行 yong demo", "There is no demo city: run yong demo first")


async def walk(city: City, _: Caller, language: Language, say: Callable[..., None]) -> None:
    """Take a new synthetic case through all stages, and say what happened at each step. Raises NotFound without a demo."""
    try:
        duty = access.speaking(await identity.caller_as(city, DUTY), language)
    except YongError:
        raise NotFound(NO_DEMO) from None
    new = NewCase(
        procedure="cityops.case", title="演示：路面油污 · Demo: oil on the road", source="synthetic",
        location=(121.552, 29.866), district="330203", description="合成案件，非真实事件。Made up for the demo.",
    )  # fmt: skip
    made = await cases.open_case(city, duty, new)
    left = {element: list(acts) for element, acts in _WALK.items()}
    told = 0
    while True:
        found = await cases.case(city, duty, made.id)
        for line in found.log[told:]:
            _tell(found, line, say)
        told = len(found.log)
        task = next((t for t in found.tasks if t.state == "open"), None)
        if task is None:
            break
        await cases.act(city, duty, task.id, left[task.element].pop(0))
    say(_ENDED, number=found.number, outcome=found.outcome or "", id=found.id)


def _tell(found: CaseShown, line: HappeningShown, say: Callable[..., None]) -> None:
    said = [line.title, line.outcome or "", f"“{line.note}”" if line.note else "", line.party or ""]
    at = f"{line.at.astimezone(clock.CHINA):%H:%M:%S}"
    say(Text("{at}  {said}", "{at}  {said}"), at=at, said=" · ".join(filter(None, said)))
    if line.what == "clock.start":
        for one in found.clocks:
            for why in one.why:
                say(Text("          {why}", "          {why}"), why=why)


async def fill(city: City, duty: Caller) -> int:
    """Give the desks their registers and some cases; how many cases are new. Doing it again adds what is missing."""
    keeper = access.system_caller("cases")
    await cases.shelve_declared(city, keeper)
    await _registers(city, keeper, duty)
    there = await records.listing(
        city, keeper, "cases.case", filters=[Filter("source", Operator.EQ, "synthetic")], limit=len(_CASES)
    )
    if len(there.items) == len(_CASES):
        return 0
    for n, (zh, en, code, place, steps) in enumerate(_CASES):
        await _case(city, duty, f"demo-{n}", f"{zh} · {en}", code, place, steps)
    await _score(city)
    return len(_CASES) - len(there.items)


async def _registers(city: City, keeper: Caller, duty: Caller) -> None:
    """Classes with their limits, who is responsible for them, what one of them asks, and some components: all synthetic."""
    for name, said in _SETS.items():
        try:
            await cityops.class_set(city, duty, name)
        except NotFound:
            await cityops.keep_class_set(city, duty, name, said)
    if not (await records.listing(city, keeper, "cases.duty", limit=1)).items:
        for code, party in _UNITS:
            await records.create(
                city, keeper, "cases.duty", {"class_prefix": code, "party": party}, owner=ROOT
            )
    if not (await records.listing(city, duty, "cityops.question", limit=1)).items:
        await records.create(city, duty, "cityops.question", _QUESTION, owner=ROOT)
    for n, place in enumerate(_COVERS, 1):
        values: dict[str, object] = {
            "code": f"3302030101{n:06d}", "class": "010101", "name": f"上水井盖 {n}", "state": "完好",
            "location": {"type": "Point", "coordinates": list(place)}, "source": "合成数据 · synthetic",
        }  # fmt: skip
        try:
            await records.create(city, duty, "cityops.component", values, owner=ROOT, district="330203")
        except Conflict:
            continue


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
