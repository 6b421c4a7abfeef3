"""The duty roster: who is on duty when, and whom a task is given to."""

from datetime import date, datetime
from typing import Any

import httpx
import pytest
from tests.cases.conftest import Desks, account_of
from tests.conftest import key_of

from yong.kernel.access.api import system_caller
from yong.kernel.base.city import City
from yong.kernel.base.clock import CHINA
from yong.kernel.base.errors import Invalid
from yong.kernel.cases.logic import best_shift, on_shift
from yong.kernel.records import api as records

LINE: dict[str, Any] = {
    "account": "a", "role": "cases.inspector", "party": None, "class_prefix": None, "area_prefix": None,
    "starts_on": date(2026, 9, 1), "ends_on": None, "weekdays": None, "from_time": None, "to_time": None, "most": None,
}  # fmt: skip
TASK = {"role": "cases.inspector", "party": None}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


@pytest.mark.parametrize(
    ("line", "when", "holds"),
    [
        ({}, "2026-09-01T00:00", True),
        ({}, "2026-08-31T23:59", False),
        ({"ends_on": date(2026, 10, 1)}, "2026-09-30T23:59", True),
        ({"ends_on": date(2026, 10, 1)}, "2026-10-01T00:00", False),
        ({"weekdays": "12345"}, "2026-09-04T12:00", True),  # a Friday
        ({"weekdays": "12345"}, "2026-09-05T12:00", False),
        ({"from_time": "08:00", "to_time": "17:00"}, "2026-09-01T08:00", True),
        ({"from_time": "08:00", "to_time": "17:00"}, "2026-09-01T17:00", False),
        ({"from_time": "20:00", "to_time": "06:00", "weekdays": "5"}, "2026-09-04T23:00", True),
        ({"from_time": "20:00", "to_time": "06:00", "weekdays": "5"}, "2026-09-05T05:59", True),  # Friday's night
        ({"from_time": "20:00", "to_time": "06:00", "weekdays": "5"}, "2026-09-04T05:59", False),  # Thursday's
        ({"from_time": "20:00", "to_time": "06:00"}, "2026-09-01T03:00", False),  # before the first shift
        ({"from_time": "20:00", "to_time": "06:00", "ends_on": date(2026, 10, 1)}, "2026-10-01T03:00", True),
        ({"from_time": "20:00", "to_time": "06:00"}, "2026-09-02T12:00", False),
    ],
)  # fmt: skip
def test_when_a_line_holds(line: dict[str, Any], when: str, holds: bool) -> None:
    assert on_shift(LINE | line, at(when)) is holds


def test_who_is_for_the_class_comes_first_then_who_has_least() -> None:
    lines = [LINE | {"account": "a"}, LINE | {"account": "b"}, LINE | {"account": "c", "class_prefix": "02"}]

    def given(class_: str, loads: dict[str, int], lines: list[dict[str, Any]] = lines) -> str | None:
        return best_shift(lines, loads, TASK, class_, "330203", at("2026-09-02T12:00"))

    assert given("0101", {"a": 2, "b": 1}) == "b"
    assert given("0201", {"c": 9}) == "c"
    assert given("0201", {"c": 9, "a": 1}, [*lines[:2], lines[2] | {"most": 9}]) == "b"
    assert given("0101", {}, [LINE | {"role": "cases.clerk"}]) is None
    assert given("0101", {}, [LINE | {"area_prefix": "330212"}]) is None
    near = LINE | {"account": "z", "area_prefix": "330203"}
    assert given("0101", {"z": 5}, [*lines, near]) == "z"


async def duty(city: City, account: str, role: str = "cases.inspector", **more: object) -> None:
    values = {"account": account, "role": role, "starts_on": "2020-01-01", **more}
    await records.create(city, system_caller("cases"), "cases.roster", values, owner="cityops")


async def test_tasks_go_to_those_on_duty_in_turn(desks: Desks, city: City, client: httpx.AsyncClient) -> None:
    one, two = await key_of(city, "cases.inspector"), await key_of(city, "cases.inspector")
    first, second = await account_of(city, one), await account_of(city, two)
    await duty(city, first)
    await duty(city, second)
    await duty(city, await account_of(city, await key_of(city, "access.operator")))  # sits at no such desk
    cases = [await desks.case(await desks.opened()) for _ in range(4)]
    assert sorted(c["tasks"][0]["assignee"] for c in cases) == sorted([first, second] * 2)
    [line] = [h for h in cases[0]["log"] if h["what"] == "task.assigned"]
    assert line["facts"]["open_tasks"] == 1
    mine = next(c for c in cases if c["tasks"][0]["assignee"] == first)["tasks"][0]["id"]
    act = {"json": {"choice": "confirm"}}
    assert (await client.post(f"/tasks/{mine}/acts", headers=two, **act)).status_code == 403

    # Whoever steers the case gives it to somebody else of the desk, or back to all of it; nobody else does.
    async def give(to: str | None, headers: Any) -> int:
        return (await client.put(f"/tasks/{mine}/assignee", json={"to": to}, headers=headers)).status_code

    assert await give(second, two) == 403
    assert await give(second, desks.keys["supervisor"]) == 200
    assert (
        await give(await account_of(city, await key_of(city, "access.operator")), desks.keys["supervisor"])
        == 422
    )
    assert await give("nobody", desks.keys["supervisor"]) == 422
    assert (await client.post(f"/tasks/{mine}/acts", headers=one, **act)).status_code == 403
    assert (await client.post(f"/tasks/{mine}/acts", headers=two, **act)).status_code == 200


async def test_a_unit_s_task_goes_to_its_own_officer_and_lies_there_where_nobody_is_on_duty(
    desks: Desks, city: City
) -> None:
    water = await account_of(city, dict(desks.keys["water"]))
    await duty(city, water, "cases.clerk", party="water", most=1)
    ids = [await desks.opened() for _ in range(2)]
    for id_ in ids:
        await desks.until_handled(id_)
    tasks = [next(t for t in (await desks.case(id_))["tasks"] if t["state"] == "open") for id_ in ids]
    assert [t["assignee"] for t in tasks] == [water, None]
    assert (await desks.ask("water", "GET", "/inbox?filter=assignee:eq:" + water))["items"][0]["id"] == tasks[
        0
    ]["id"]


async def test_a_line_that_cannot_be_is_refused(city: City, desks: Desks) -> None:
    for more, pointer in (
        ({"from_time": "08:00"}, "/values/to_time"),
        ({"to_time": "08:00"}, "/values/from_time"),
        ({"ends_on": "2019-12-31"}, "/values/ends_on"),
        ({"weekdays": "8"}, "/values/weekdays"),
        ({"from_time": "8", "to_time": "17:00"}, "/values/from_time"),
    ):
        with pytest.raises(Invalid) as refused:
            await duty(city, "a", **more)
        assert [p.pointer for p in refused.value.problems] == [pointer], more
