"""Trying a version out at the door: from cases in the database, for whom it may, kept nowhere."""

import asyncio
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.cases.conftest import Desks
from tests.conftest import key_of

from yong.kernel.base.calendars import CHINESE
from yong.kernel.base.city import City
from yong.kernel.cases.service.simulating import Simulator
from yong.kernel.store.database import Database

PATH = "/procedures/cityops.case/versions/1/simulations"
FIRST = datetime(2026, 3, 1, 16, tzinfo=UTC)  # midnight in China
WAY = (
    ("verify", "cases.inspector", "confirm"), ("file", "cityops.supervision", "file"), ("handle", "cases.clerk", "done"),
    ("check", "cases.inspector", "pass"), ("close", "cityops.supervision", "close"),
)  # fmt: skip


async def past(city: City, days: int = 42, a_day: int = 8, district: str = "330203") -> int:
    """Cases that were opened on working mornings and taken to their end by the same few people, the units in order."""
    chance = random.Random(district)
    cases: list[dict[str, Any]] = []
    tasks: list[dict[str, Any]] = []
    free: dict[str, datetime] = {}
    for day in range(days):
        midnight = FIRST + timedelta(days=day)
        if not CHINESE.is_workday(CHINESE.local(midnight).date()):
            continue
        for n in range(a_day):
            at = opened = midnight + timedelta(hours=8.5, minutes=60 * 3 * n / a_day)
            id_ = f"past-{district}-{day:03}-{n}"
            unit = ("water", "parks")[n % 2]
            for element, role, outcome in WAY:
                party = unit if element == "handle" else None
                who = f"{role}-{party}-{n % 2}"
                begun = max(at, free.get(who, at))
                done = free[who] = begun + timedelta(minutes=2 + 6 * chance.random())
                tasks.append(
                    {"id": f"{id_}-{element}", "case": id_, "element": element, "role": role, "party": party, "outcome": outcome,
                     "opened": at, "done": done, "by": who, "district": district}
                )  # fmt: skip
                at = done
            cases.append(
                {"id": id_, "unit": unit, "district": district, "opened": opened, "closed": at,
                 "due": opened + timedelta(hours=0.5 if n % 4 == 0 else 4)}
            )  # fmt: skip
    await city[Database].execute(
        """INSERT INTO cases.case_file (id, number, procedure, version, marking, stage, state, outcome, title, class, source,
               owner_id, unit_id, district, data, opened_at, closed_at, due_at)
           SELECT r.id, r.id, 'cityops.case', 1, '', 'evaluate', 'closed', 'solved', 'A cover', '0101', 'resident', 'cityops',
               r.unit, r.district, jsonb_build_object('assigned', true, 'units', jsonb_build_array(r.unit)), r.opened, r.closed, r.due
           FROM jsonb_to_recordset($1::jsonb) AS r(id text, unit text, district text, opened timestamptz, closed timestamptz,
                                                   due timestamptz)""",
        cases,
    )
    await city[Database].execute(
        """INSERT INTO cases.task (id, case_id, element, role, party, state, outcome, district, opened_at, done_at, done_by)
           SELECT r.id, r."case", r.element, r.role, r.party, 'done', r.outcome, r.district, r.opened, r.done, r.by
           FROM jsonb_to_recordset($1::jsonb) AS r(id text, "case" text, element text, role text, party text, outcome text,
                                                   opened timestamptz, done timestamptz, by text, district text)""",
        tasks,
    )
    return len(cases)


async def simulated(at: Desks, who: str = "designer", **said: Any) -> dict[str, Any]:
    found: dict[str, Any] = await at.ask(who, "POST", PATH, json={"runs": 5, **said})
    return found


def of(found: dict[str, Any], what: str) -> dict[str, Any]:
    return next(one for one in found["compared"] if one["what"] == what)


async def test_a_version_is_tried_out_on_what_its_past_was(desks: Desks, city: City) -> None:
    many = await past(city)
    found = await simulated(desks)
    assert (found["past_cases"], found["runs"], found["since"], found["until"]) == (
        many,
        5,
        "2026-03-02",
        "2026-04-11",
    )
    through = of(found, "through_hours")
    assert through["simulated"]["mean"] == pytest.approx(through["past"], rel=0.3)
    assert of(found, "ended_per_day")["simulated"]["mean"] == pytest.approx(
        of(found, "ended_per_day")["past"], rel=0.15
    )
    by_desk = {(d["role"], d["unit"]): d for d in found["desks"]}
    assert set(by_desk) == {
        ("cases.inspector", None), ("cityops.supervision", None), ("cases.clerk", "water"), ("cases.clerk", "parks"),
    }  # fmt: skip
    water = by_desk["cases.clerk", "water"]
    assert (water["unit_name"], water["by"], water["hours"]) == (
        "Water",
        "past",
        "working days 08:30–12:00, 13:30–17:30",
    )
    assert len(water["queue_by_day"]) == 40
    elements = {e["element"]: e for e in found["elements"]}
    assert elements["handle"]["minutes"] == pytest.approx(5, rel=0.1)
    assert elements["handle"]["shares"] == [
        {"choice": "done", "title": "Done", "share": 1.0},
        {"choice": "wrong_unit", "title": "Return: not our duty", "share": 0.0},
    ]
    assert elements["dispatch"]["minutes_by"] == "default"
    assert any("Dispatch has no past" in note for note in found["notes"])
    assert found["back_test"]["version"] == 1
    assert found["back_test"]["runs"] == 10
    assert "off" in found["back_test"]["note"]
    assert found["said"].startswith("With some ")
    assert (await simulated(desks))["compared"] == found["compared"], "the same seed, the same answer"
    assert await city[Database].fetchval("SELECT count(*) FROM cases.case_file") == many, "nothing is kept"


async def test_what_is_asked_for_is_otherwise_and_whose_word_it_is_is_told(desks: Desks, city: City) -> None:
    await past(city)
    desk = {"role": "cityops.supervision", "officers": 1, "from_time": "13:00", "to_time": "14:30"}
    found = await simulated(desks, factor=3, desks=[desk], back_test=False)
    assert found["back_test"] is None
    held = found["desks"][found["bottleneck"]]
    assert (held["role"], held["by"], held["officers"], held["hours"]) == (
        "cityops.supervision", "given", 1, "working days 13:00–14:30",
    )  # fmt: skip
    assert held["busy"]["mean"] > 0.9
    assert held["role_title"] in found["said"]
    limits = [{"clock": "handling", "amount": 1, "unit": "work_days"}]
    kept = await simulated(desks, limits=limits, back_test=False)
    assert of(kept, "late")["simulated"]["mean"] < 0.1
    desks.keys["designer"] = {**desks.keys["designer"], "accept-language": "zh"}
    assert "每天约" in (await simulated(desks, back_test=False))["said"]


async def test_the_past_may_be_a_part_of_it(desks: Desks, city: City) -> None:
    here, there = await past(city, 20), await past(city, 20, 6, district="330206")
    assert (await simulated(desks, back_test=False))["past_cases"] == here + there
    assert (await simulated(desks, past={"district": "330206"}, back_test=False))["past_cases"] == there
    part = await simulated(desks, past={"since": "2026-03-05", "until": "2026-03-14"}, back_test=False)
    assert (part["since"], part["until"], part["past_cases"]) == ("2026-03-05", "2026-03-14", 7 * 14)
    desks.keys["near"] = await key_of(city, "cases.designer", district="330206")
    assert (await simulated(desks, "near", back_test=False))["past_cases"] == there, (
        "what is within reach, no more"
    )


async def test_what_cannot_be_simulated_is_refused_with_its_reason(desks: Desks, city: City) -> None:
    few = await desks.ask("designer", "POST", PATH, 422, json={})
    assert "Too few past cases: 0 were found" in few["detail"]
    await past(city, 14)
    await desks.ask("designer", "POST", PATH.replace("versions/1", "versions/9"), 404, json={})
    for wrong, pointer in (
        ({"past": {"since": "2026-04-01", "until": "2026-03-01"}}, "/past/until"),
        ({"past": {"since": "2025-01-01", "until": "2026-03-01"}}, "/past/since"),
        ({"desks": [{"role": "cases.nobody"}]}, "/desks/0/role"),
        (
            {"elements": [{"element": "handle", "shares": [{"choice": "fly", "share": 1}]}]},
            "/elements/0/shares/0/choice",
        ),
        (
            {"elements": [{"element": "handle", "shares": [{"choice": "done", "share": 0}]}]},
            "/elements/0/shares",
        ),
    ):
        refused = await desks.ask("designer", "POST", PATH, 422, json=wrong)
        assert [p["pointer"] for p in refused["errors"]] == [pointer], wrong
    for wrong in (
        {"factor": 9},
        {"runs": 500},
        {"factor": "many"},
        {"surprise": 1},
        {"desks": [{"role": "x", "officers": 0}]},
    ):
        await desks.ask("designer", "POST", PATH, 400, json=wrong)


async def test_only_the_keeper_of_procedures_simulates_and_it_is_told_of(desks: Desks, city: City) -> None:
    await past(city, 14)
    for who in ("nobody", "inspector", "supervisor", "water"):
        await desks.ask(who, "POST", PATH, 403, json={})
    assert (await desks.client.post(PATH, json={})).status_code == 401
    await simulated(desks, back_test=False)
    told = await city[Database].fetchrow("SELECT * FROM access.audit_entry WHERE action = 'cases.simulate'")
    assert told is not None
    assert told["resource"] == "procedure:cityops.case/1"


async def test_one_at_a_time(desks: Desks, city: City) -> None:
    await past(city, 14)
    async with city.part(Simulator).turn:
        answer = await desks.client.post(PATH, json={}, headers=desks.keys["designer"])
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "10"
    asked = asyncio.create_task(simulated(desks, back_test=False))
    live = await desks.client.get("/health/live")
    assert live.status_code == 200, "others are served meanwhile"
    await asked
