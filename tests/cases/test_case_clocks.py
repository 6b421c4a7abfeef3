"""Clocks of cases: started, stopped, turned and told, by the limits that a city keeps."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import pytest
from tests.cases.conftest import Desks

from yong.kernel.access.api import system_caller
from yong.kernel.base.city import City
from yong.kernel.cases import api as cases
from yong.kernel.cases.clocks.contracts import Limit, Unit
from yong.kernel.cases.service.clocks import wait_of
from yong.kernel.store.database import Database


@pytest.mark.parametrize(
    ("text", "wait"),
    [
        ("PT2H", timedelta(hours=2)), ("P1DT30M", timedelta(days=1, minutes=30)), ("3 work_days", Limit(3, Unit.WORK_DAYS)),
        ("P", None), ("PT", None), ("", None), ("3 fortnights", None), ("P1Y", None),
    ],
)  # fmt: skip
def test_timers_wait_for_a_duration_or_a_limit(text: str, wait: object) -> None:
    assert wait_of(text) == wait


async def test_a_case_that_is_late_turns_yellow_then_red(
    desks: Desks, city: City, limit: Callable[..., Awaitable[str]]
) -> None:
    await limit(amount=10, unit="urgent_hours", class_prefix="01", basis_zh="试行", basis_en="On trial")
    id_ = await desks.opened()
    await desks.until_handled(id_)
    case = await desks.case(id_)
    assert case["clocks"][0]["colour"] == "green"
    assert any("On trial" in line for line in case["clocks"][0]["why"])
    assert case["due_at"] == case["clocks"][0]["due_at"]

    async def pass_hours(hours: float) -> None:
        async with city[Database].transaction() as connection:
            row = await connection.fetchrow("SELECT clock FROM cases.clock WHERE case_id = $1", id_)
            assert row
            clock = {**row["clock"]}
            began = datetime.fromisoformat(clock["started_at"]) - timedelta(hours=hours)
            clock["started_at"] = began.isoformat()
            await connection.execute(
                "UPDATE cases.clock SET clock = $2, next_at = now() WHERE case_id = $1", id_, clock
            )
        await cases.tick(city, system_caller("cases"))

    await pass_hours(9.5)
    await pass_hours(0)
    assert (await desks.case(id_))["clocks"][0]["colour"] == "yellow"
    await pass_hours(1)
    case = await desks.case(id_)
    assert case["clocks"][0]["colour"] == "red"
    assert [h["what"] for h in case["log"] if h["what"].startswith("clock.")] == [
        "clock.start", "clock.yellow", "clock.red",
    ]  # fmt: skip
    late = await desks.ask("supervision", "GET", "/records/cases.case?filter=late:eq:true")
    assert [r["id"] for r in late["items"]] == [id_]


async def test_the_clock_of_handling_stands_while_others_check(
    desks: Desks, city: City, limit: Callable[..., Awaitable[str]]
) -> None:
    await limit(amount=5, unit="work_hours")
    id_ = await desks.opened()
    await desks.until_handled(id_)
    await desks.does("water", id_, "handle", "done", note="Done")
    case = await desks.case(id_)
    assert (case["due_at"], case["clocks"][0]["running"]) == (None, False)
    await desks.does("inspector", id_, "check", "fail", note="Not yet")
    assert (await desks.case(id_))["clocks"][0]["running"]
    await desks.ask("supervisor", "PUT", f"/cases/{id_}/suspension", json={"note": "Hearing"})
    assert (await desks.case(id_))["due_at"] is None
    await desks.ask("supervisor", "DELETE", f"/cases/{id_}/suspension", 204)
    await desks.does("water", id_, "handle", "done", note="Done")
    await desks.does("inspector", id_, "check", "pass")
    await desks.does("supervision", id_, "close", "close")
    case = await desks.case(id_)
    assert case["due_at"] is not None
    assert any("Hearing" in line for line in case["clocks"][0]["why"])
