"""Indicators that people keep, over a register: written, checked, approved, computed, frozen, withdrawn."""

import asyncio
import random
from collections import Counter
from datetime import datetime
from typing import Any

import httpx
import pytest
from tests.conftest import key_of

from yong.kernel.access import api as access
from yong.kernel.access import identity
from yong.kernel.access.api import system_caller
from yong.kernel.base.city import City
from yong.kernel.base.clock import CHINA
from yong.kernel.indicators import api
from yong.kernel.indicators.service import computing, counting
from yong.kernel.records import api as records
from yong.kernel.records.contracts import Begin
from yong.kernel.store.database import Database

HERE = "cases.duty"  # a register: which unit is responsible for what
KEEPS = ("indicators.keeper", "cases.designer", "cityops.supervision")
YEAR = str(datetime.now(CHINA).year)


def written(**more: Any) -> dict[str, Any]:
    return {
        "name": "cases.led", "zh": "主办占比", "en": "Share of leading units", "meaning_zh": "", "meaning_en": "",
        "source_zh": "本市", "source_en": "Ours",
        "expression": "100 * count(cases.duty where rank = 1) / count(cases.duty)", "unit": "P1", "periods": ["year"],
        "breakdowns": [{"name": "unit", "field": "party", "zh": "单位", "en": "Unit", "names": "party"}], **more,
    }  # fmt: skip


class Room:
    """A keeper, a reviewer and others, by the headers of their keys."""

    def __init__(self, client: httpx.AsyncClient, **keys: dict[str, str]) -> None:
        self.client, self.keys = client, keys

    async def ask(self, who: str, method: str, path: str, status: int = 200, **more: Any) -> Any:
        answer = await self.client.request(method, path, headers=self.keys[who], **more)
        assert answer.status_code == status, f"{answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    async def live(self, **more: Any) -> str:
        body = written(**more)
        made = await self.ask("keeper", "POST", "/indicators", 201, json=body)
        await self.ask("reviewer", "PUT", f"/indicators/{body['name']}/live/{made['version']}")
        return str(body["name"])

    async def compute(self, name: str, status: int = 201, **more: Any) -> list[str]:
        body = {"indicators": [name], "period": YEAR, **more}
        made = await self.ask("keeper", "POST", "/indicator-computations", status, json=body)
        return list(made.get("computations", []))

    async def figures(self, name: str, by: str = "", who: str = "keeper") -> dict[str, Any]:
        told = await self.ask(who, "GET", f"/indicators/{name}/figures?period={YEAR}&by={by}")
        return {f["cell"]: f for f in told["figures"]}


@pytest.fixture
async def room(city: City, client: httpx.AsyncClient) -> Room:
    system = system_caller("access")
    await access.create_party(city, system, id="water", kind="department", zh="水务", en="Water")
    account, _ = await access.create_account(city, system, "keeper", password="a very long password")
    for role in KEEPS:
        await access.grant(city, system, account, role)
    caller = await identity.caller_as(city, account)
    key = await access.issue_key(
        city, caller, "tests", list(KEEPS), per_minute=1_000_000, per_day=1_000_000_000
    )  # fmt: skip
    return Room(
        client, keeper={"x-api-key": key}, reviewer=await key_of(city, "indicators.reviewer"),
        operator=await key_of(city, "access.operator"), clerk=await key_of(city, "cases.clerk", party="water"),
        resident=await key_of(city, "access.resident"),
    )  # fmt: skip


async def duty(city: City, party: str, rank: int | None = None, **more: Any) -> str:
    values = {"party": party, **({"rank": rank} if rank else {}), **more}
    return (await records.create(city, system_caller("cases"), HERE, values, owner=party)).id


async def test_an_indicator_is_kept_by_one_and_approved_by_another(room: Room, city: City) -> None:
    told = await room.ask("keeper", "POST", "/indicator-checks", json=written())
    assert told["told"] == ["How many responsibilities where “Order” is 1", "How many responsibilities"]
    await room.ask("keeper", "GET", "/indicators/cases.led/figures?period=2026", 404)  # nothing was kept
    made = await room.ask("keeper", "POST", "/indicators", 201, json=written())
    assert made == {"name": "cases.led", "version": 1}
    await room.compute("cases.led", 404)  # a draft is not computed
    await room.ask("keeper", "PUT", "/indicators/cases.led/live/1", 403)
    await room.ask("reviewer", "PUT", "/indicators/cases.led/live/7", 404)
    await room.ask("reviewer", "PUT", "/indicators/cases.led/live/1")
    [version] = await room.ask("keeper", "GET", "/indicators/cases.led/versions")
    assert (version["state"], version["made_by"]) == ("live", "keeper")
    await room.ask("keeper", "POST", "/indicators", 201, json=written(zh="主办比"))
    states = [v["state"] for v in await room.ask("keeper", "GET", "/indicators/cases.led/versions")]
    assert states == ["draft", "live"]
    await room.ask("reviewer", "PUT", "/indicators/cases.led/live/2")
    await room.ask("reviewer", "DELETE", "/indicators/cases.led", 204)
    states = [v["state"] for v in await room.ask("keeper", "GET", "/indicators/cases.led/versions")]
    assert states == ["withdrawn", "retired"]
    await room.compute("cases.led", 404)
    actions = [
        r["action"] for r in await city[Database].fetch("SELECT action FROM access.audit_entry ORDER BY id")
    ]
    assert [a for a in actions if a.startswith("indicators.")] == [
        "indicators.keep", "indicators.approve", "indicators.keep", "indicators.approve", "indicators.withdraw",
    ]  # fmt: skip


async def test_nobody_approves_their_own_work(room: Room, city: City) -> None:
    await room.ask("keeper", "POST", "/indicators", 201, json=written())
    account = await city[Database].fetchval("SELECT account FROM indicators.kept")
    await access.grant(city, system_caller("access"), account, "indicators.reviewer")
    caller = await identity.caller_as(city, account)
    with pytest.raises(Exception, match="Somebody other than who wrote it"):
        await api.approve(city, caller, "cases.led", 1)


@pytest.mark.parametrize(
    ("more", "pointer", "zh", "en"),
    [
        ({"expression": "count(cases.nothing)"}, "/expression", "没有可读取的资源", "There is no Relation"),
        ({"expression": "count(access.account)"}, "/expression", "没有可读取的资源", "There is no Relation"),
        ({"expression": "count(cases.duty where colour = 1)"}, "/expression", "没有字段 colour", "no field colour"),
        ({"expression": "count(cases.duty where rank = 'x')"}, "/expression", "筛选条件无效", "does not fit"),
        ({"expression": "sum(cases.duty.party)"}, "/expression", "不是数字", "is no number"),
        ({"expression": "count(cases.duty by rank)"}, "/expression", "不是日期或时刻", "no day or moment"),
        ({"expression": "count(cases.case)"}, "/expression", "不保留历史", "keeps no history"),
        ({"expression": "count(cases.duty"}, "/expression", "第 17 个字符", "At character 17"),
        ({"expression": "count(cases.duty) WHERE 1=1; --"}, "/expression", "无法识别", "means nothing"),
        ({"name": "cases.Led; x"}, "/name", "应为 模块名", "module.noun"),
        ({"name": "nowhere.led"}, "/name", "没有模块 nowhere", "no module nowhere"),
        ({"unit": "ZZZ"}, "/unit", "计量单位", "no unit"),
        ({"direction": "target"}, "/target", "目标值", "needs the target"),
        ({"breakdowns": [{"name": "x", "field": "colour", "zh": "色", "en": "C"}]}, "/breakdowns/0/field", "没有字段", "no field"),
        ({"expression": "weighted(cases.other: 1)"}, "/expression", "没有指标 cases.other", "no indicator cases.other"),
        ({"grades": [{"code": "A", "zh": "优", "en": "A", "limit": 1, "colour": "#000000"},
                     {"code": "B", "zh": "良", "en": "B", "limit": 2, "colour": "#000000"}]},
         "/grades", "由好到差", "from the best"),
    ],
)  # fmt: skip
async def test_what_cannot_be_computed_is_refused_in_both_languages(
    room: Room, more: dict[str, Any], pointer: str, zh: str, en: str
) -> None:
    for language, said in (("zh", zh), ("en", en)):
        room.keys["keeper"] |= {"accept-language": language}
        for path in ("/indicator-checks", "/indicators"):
            answer = await room.ask("keeper", "POST", path, 422, json=written(**more))
            assert any(e["pointer"] == pointer and said in e["detail"] for e in answer["errors"]), answer
    room.keys["keeper"] |= {"accept-language": "en"}
    await room.ask("keeper", "GET", "/indicators/cases.led", 404)  # nothing was kept


async def test_who_may_what(room: Room, client: httpx.AsyncClient) -> None:
    name = await room.live()
    for who in ("clerk", "operator", "resident"):
        await room.ask(who, "POST", "/indicators", 403, json=written())
        await room.ask(who, "POST", "/indicator-checks", 403, json=written())
        await room.ask(who, "DELETE", f"/indicators/{name}", 403)
    await room.ask("reviewer", "POST", "/indicators", 403, json=written())
    await room.ask("resident", "GET", "/indicators", 403)
    assert name in {i["name"] for i in await room.ask("operator", "GET", "/indicators?module=cases")}
    # A clerk reads scores of urban management, and none that are named after another module.
    assert {i["name"].partition(".")[0] for i in await room.ask("clerk", "GET", "/indicators")} == {"cityops"}
    await room.ask("clerk", "GET", f"/indicators/{name}/figures?period={YEAR}", 404)
    await room.ask("clerk", "GET", f"/indicator-sheets/cases?period={YEAR}", 403)
    assert (await client.get("/indicators")).status_code == 401


async def test_a_declared_indicator_is_not_kept_otherwise(room: Room) -> None:
    await room.ask("keeper", "POST", "/indicators", 409, json=written(name="cityops.score"))
    await room.ask("reviewer", "DELETE", "/indicators/cityops.score", 409)


async def test_rows_that_change_leave_a_figure_as_it_was(room: Room, city: City) -> None:
    name = await room.live()
    ids = [await duty(city, "water", 1), await duty(city, "parks", 2)]
    [old, old_by_unit] = await room.compute(name)
    assert (await room.figures(name))["*"]["value"] == 50
    system = system_caller("cases")
    await records.update(city, system, HERE, ids[0], {"rank": 3}, version=1)
    await records.end(city, system, HERE, ids[1], version=1)
    await duty(city, "roads", 1)
    again = await room.ask("keeper", "POST", f"/indicator-computations/{old}/checks")
    assert (again["same"], again["checksum_same"], again["rows"]) == (True, True, 2)
    [new, _] = await room.compute(name)
    assert new != old
    assert (await room.figures(name))["*"] | {"counts": []} == {
        "cell": "*", "title": "All", "value": 50, "numerator": 1, "denominator": 2, "grade": None, "counts": [],
    }  # fmt: skip
    assert set(await room.figures(name, "unit")) == {"*", "water", "roads"}
    for one in (old, old_by_unit, new):
        assert (await room.ask("keeper", "POST", f"/indicator-computations/{one}/checks"))["same"]
    # A definition that changed is another figure; the old one is computed again by the old definition.
    await room.live(expression="count(cases.duty where rank = 1)")
    [other, _] = await room.compute(name)
    assert (await room.figures(name))["*"]["value"] == 1
    path = "/records/indicators.figure?filter=newest:eq:true&filter=breakdown:eq:&sort=-known_at"
    [row] = (await room.ask("operator", "GET", path))["items"]  # as boards, exports and layers read them
    assert (row["values"]["computation"], row["values"]["value"]) == (other, 1)
    assert (await room.ask("keeper", "POST", f"/indicator-computations/{old}/checks"))["same"]
    earlier = (await room.ask("keeper", "GET", f"/indicators/{name}/figures?period={YEAR}"))["earlier"]
    assert [c["id"] for c in earlier] == [new, old]
    assert other not in (new, old)


async def test_figures_cannot_be_written_over(room: Room, city: City) -> None:
    name = await room.live()
    await duty(city, "water", 1)
    await room.compute(name)
    for table in ("frozen_figure", "computation", "definition", "kept", "decision"):
        with pytest.raises(Exception, match="permission denied"):
            await city[Database].execute(f"DELETE FROM indicators.{table}")


async def test_nothing_to_divide_by_is_no_value(room: Room) -> None:
    name = await room.live()
    await room.compute(name)
    figure = (await room.figures(name))["*"]
    assert (figure["value"], figure["numerator"], figure["denominator"]) == (None, 0, 0)


async def test_a_row_that_is_being_written_is_waited_for(room: Room, city: City) -> None:
    """Its moment lies before the computation's: computed again it would be counted, so it is counted at once."""
    name = await room.live(expression="count(cases.duty)")
    system, done = system_caller("cases"), asyncio.Event()

    async def write() -> None:
        async with city[Database].transaction() as connection:
            await connection.execute("SELECT 1")
            await records.write_together(
                city, system, connection, HERE, begin=[Begin(values={"party": "slow"}, owner="slow")],
                among="nothing", seen={},
            )  # fmt: skip
            done.set()
            await asyncio.sleep(0.8)

    task = asyncio.create_task(write())
    await done.wait()
    [id_, _] = await room.compute(name)
    await task
    assert (await room.figures(name))["*"]["value"] == 1
    assert (await room.ask("keeper", "POST", f"/indicator-computations/{id_}/checks"))["checksum_same"]


async def test_a_breakdown_of_too_many_values_is_refused(
    room: Room, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = await room.live()
    for n in range(5):
        await duty(city, f"unit{n}", 1)
    monkeypatch.setattr(counting, "CELLS", 3)
    await room.compute(name, 413)
    assert (await room.ask("keeper", "GET", f"/indicators/{name}/figures?period={YEAR}&by=unit"))[
        "computation"
    ] is None
    await room.compute(name, 422, by="colour")
    await room.compute(name, 422, period="2026-11")  # it is of years
    await room.compute(name, 422, period=str(int(YEAR) + 1))


async def test_counting_that_takes_too_long_is_stopped(
    room: Room, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "TIME_S", 0.05)
    with pytest.raises(Exception, match="took more than"):
        await counting._fetch(city, counting.Query("SELECT pg_sleep(2)", ()))


async def test_weights_are_data(room: Room, city: City) -> None:
    await room.live()
    await room.live(
        name="cases.second", expression="100 * count(cases.duty where rank = 2) / count(cases.duty)"
    )
    score = await room.live(
        name="cases.mark", expression="weighted(cases.led: 1, cases.second: 1)", unit="C62"
    )
    for rank in (1, 1, 1, 2):
        await duty(city, "water", rank)
    await room.compute(score)
    assert (await room.figures(score))["*"]["value"] == 50  # (75 + 25) / 2
    weight = {"values": {"score": score, "part": "cases.led", "weight": 3}, "owner": "city"}
    await room.ask("keeper", "POST", "/records/indicators.weight", 201, json=weight)
    [new, _] = await room.compute(score)
    assert (await room.figures(score))["*"]["value"] == 62.5  # (3 × 75 + 25) / 4
    assert (await room.ask("keeper", "POST", f"/indicator-computations/{new}/checks"))["same"]
    wrong = written(name="cases.worse", expression=f"weighted({score}: 1)")
    answer = await room.ask("keeper", "POST", "/indicator-checks", 422, json=wrong)
    assert "is a score itself" in answer["errors"][0]["detail"]


async def test_what_is_due_is_computed_every_night(room: Room, city: City) -> None:
    name = await room.live()
    await duty(city, "water", 1)
    assert await api.compute_due(city, system_caller("indicators")) == 0
    assert (await room.figures(name, "unit"))["water"]["value"] == 100
    before = await city[Database].fetchval("SELECT count(*) FROM indicators.computation")
    await api.compute_due(city, system_caller("indicators"))
    assert await city[Database].fetchval("SELECT count(*) FROM indicators.computation") == before


async def test_a_trend_tells_of_periods_that_were_not_computed(room: Room, city: City) -> None:
    name = await room.live()
    await duty(city, "water", 1)
    await room.compute(name)
    points = await room.ask("keeper", "GET", f"/indicators/{name}/trend?period={YEAR}&last=3")
    assert [(p["period"], p["value"]) for p in points] == [
        (str(int(YEAR) - 2), None), (str(int(YEAR) - 1), None), (YEAR, 100),
    ]  # fmt: skip


async def test_a_unit_sees_its_own_line_and_not_the_whole(room: Room, city: City) -> None:
    name = await room.live()
    for party in ("water", "parks"):
        await duty(city, party, 1)
    await room.compute(name)
    room.keys["officer"] = await key_of(city, "access.department_officer", party="water")
    assert {c: f["title"] for c, f in (await room.figures(name, "unit", "officer")).items()} == {
        "water": "Water"
    }
    assert not await room.figures(name, "", "officer")
    told = await room.ask("officer", "GET", f"/indicators/{name}/figures?period={YEAR}")
    assert told["computation"]["rows"] is None  # nor how many rows there are in the city


async def test_a_row_belongs_to_the_period_of_its_moment_in_the_city(room: Room, city: City) -> None:
    """The last second of December and the first of January, as the city's clocks have them."""
    name = await room.live(
        name="cityops.opened", expression="count(cityops.course by opened_at)", breakdowns=[]
    )
    for n, at in enumerate(("2025-12-31T15:59:59Z", "2025-12-31T16:00:00Z")):
        await city[Database].execute(
            """INSERT INTO cityops.course_history (case_id, number, source, district, owner_id, opened_at, state, in_time, reworks,
                                                   returns, recorded_from)
               VALUES ($1, $1, 'desk', '330203', 'water', $2, 'open', false, 0, 0, now())""",
            str(n), datetime.fromisoformat(at),
        )  # fmt: skip
    for period in ("2025", "2026"):
        await room.compute(name, period=period)
        told = await room.ask("keeper", "GET", f"/indicators/{name}/figures?period={period}")
        assert told["figures"][0]["value"] == 1, period


async def test_the_parts_of_a_breakdown_add_up(city: City, room: Room) -> None:
    """Whatever rows there are: counts of the cells come to the whole's, and so does their mean by weight."""
    await room.live(breakdowns=[{"name": "class", "field": "class_prefix", "zh": "类别", "en": "Class"}])
    for seed in range(8):
        dice = random.Random(seed)
        rows = [(dice.choice("abc") * dice.randint(0, 1), dice.choice((None, 1, 2))) for _ in range(2 * seed)]
        for record in [r async for r in records.every(city, system_caller("cases"), HERE)]:
            await records.end(city, system_caller("cases"), HERE, record.id, version=record.version or 1)
        for prefix, rank in rows:
            await duty(city, "water", rank, **({"class_prefix": prefix} if prefix else {}))
        await room.compute("cases.led")
        cells = await room.figures("cases.led", "class")
        whole = cells.pop("*")
        assert {c: f["denominator"] for c, f in cells.items()} == Counter(prefix for prefix, _ in rows)
        assert whole["denominator"] == len(rows)
        assert whole["numerator"] == sum(f["numerator"] for f in cells.values())
        shares = [f["value"] * f["denominator"] for f in cells.values()]
        assert whole["value"] == (pytest.approx(sum(shares) / len(rows)) if rows else None)


async def test_what_cannot_be_computed_stops_nothing_else(
    room: Room, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One breakdown has too many values: the whole and the other one are computed all the same, and it is counted."""
    several = [
        {"name": "unit", "field": "party", "zh": "单位", "en": "Unit"},
        {"name": "class", "field": "class_prefix", "zh": "类别", "en": "Class"},
    ]
    name = await room.live(breakdowns=several)
    for n in range(4):
        await duty(city, f"unit{n}", 1)
    monkeypatch.setattr(counting, "CELLS", 3)
    assert await api.compute_due(city, system_caller("indicators")) == 1
    assert (await room.figures(name))["*"]["value"] == 100
    assert (await room.figures(name, "class"))[""]["value"] == 100
    assert not await room.figures(name, "unit")


async def test_whoever_only_reads_does_not_hold_up_figures(
    room: Room, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = await room.live()
    monkeypatch.setattr(computing, "_READERS_S", 0.2)
    monkeypatch.setattr(computing, "_WAIT_S", 0.6)
    async with city[Database].transaction() as reader:
        await reader.fetchval("SELECT count(*) FROM cases.duty")
        await room.compute(name)
        await reader.execute("SELECT pg_current_xact_id()")  # and now it writes
        await room.compute(name, 503)
