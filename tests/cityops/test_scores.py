# ruff: noqa: F811  # fixtures of cases
"""Scores of digital urban management: what becomes of cases is scored, frozen, and computed again to the same number."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from hypothesis import given
from hypothesis import strategies as st
from tests.cases.conftest import Desks, desks, limit  # noqa: F401  # fixtures
from tests.conftest import key_of

from yong.domains.cityops.logic.scores import course_of, deeds_of, turns_of
from yong.domains.cityops.manifest import COURSES
from yong.kernel.base.city import City
from yong.kernel.base.clock import CHINA
from yong.kernel.cases.contracts import CaseShown, TaskShown
from yong.kernel.store import followers
from yong.kernel.store.database import Database

NAMES = [
    "cityops.filing_rate", "cityops.handling_rate", "cityops.in_time_rate", "cityops.rework_rate",
    "cityops.closing_rate", "cityops.in_time_closing_rate", "cityops.return_rate", "cityops.sound_rate",
    "cityops.deeds", "cityops.handling_hours", "cityops.score",
]  # fmt: skip


def year() -> str:
    return str(datetime.now(CHINA).year)


async def followed(city: City) -> None:
    """Until nothing is left to follow; a transaction running in any database of the server holds events back."""
    for _ in range(200):
        await followers.turn(city, COURSES)
        left = await city[Database].fetchval(
            """SELECT count(*) FROM store.outbox o, store.outbox_reader r
               WHERE r.name = 'cityops_scores' AND (o.xid, o.id) > (r.xid, r.id)"""
        )
        if not left:
            return
        await asyncio.sleep(0.02)
    raise AssertionError("events are left")


async def computed(desks: Desks, period: str, *names: str) -> list[str]:
    made = await desks.ask(
        "supervision", "POST", "/indicator-computations", 201,
        json={"indicators": list(names) or NAMES, "period": period},
    )  # fmt: skip
    found: list[str] = made["computations"]
    return found


async def sheet(desks: Desks, who: str = "supervision", by: str = "") -> dict[str, dict[str, Any]]:
    """The figures of a sheet, by the line's cell and the indicator's name."""
    told = await desks.ask(who, "GET", f"/indicator-sheets/cityops?period={year()}&by={by}")
    names = [column["indicator"]["name"].removeprefix("cityops.") for column in told["columns"]]
    return {row["cell"]: dict(zip(names, row["figures"], strict=True)) for row in told["rows"]}


async def due_this_year(city: City) -> None:
    """What falls due later than this year falls due now: a test of the last days of December is of December."""
    for table in ("course", "turn"):
        await city[Database].execute(
            f"UPDATE cityops.{table}_history SET due_at = now() WHERE due_at > now()"
        )


async def test_what_becomes_of_cases_is_scored_by_area_unit_and_post(
    city: City,
    desks: Desks,
    limit: Callable[..., Awaitable[str]],
) -> None:
    await limit()
    first = await desks.opened()
    await desks.until_handled(first)
    await desks.does("water", first, "handle", "done", note="A new cover")
    await desks.does("inspector", first, "check", "fail", note="It rattles")
    await desks.does("water", first, "handle", "done", note="Fixed")
    await desks.does("inspector", first, "check", "pass")
    await desks.does("supervision", first, "close", "close")
    second = await desks.opened(district="330205", source="inspector")
    await desks.does("supervision", second, "file", "file", **{"class": "0101"})
    await desks.does("dispatcher", second, "dispatch", "dispatch", units=["parks"])
    await desks.does("parks", second, "handle", "wrong_unit", note="Not ours")
    await desks.does("dispatcher", second, "dispatch", "dispatch", units=["water"])
    third = await desks.opened()
    await desks.does("inspector", third, "verify", "refute", note="Nothing there")
    await followed(city)
    await due_this_year(city)
    await computed(desks, year())

    whole = (await sheet(desks))["*"]
    assert (whole["filing_rate"]["numerator"], whole["filing_rate"]["denominator"]) == (2, 3)
    assert whole["closing_rate"]["value"] == 50
    units = await sheet(desks, by="unit")
    water, parks = units["water"], units["parks"]
    assert (water["handling_rate"]["numerator"], water["handling_rate"]["denominator"]) == (2, 3)
    assert water["rework_rate"]["value"] == 50
    assert water["rework_rate"]["grade"] == "D"
    assert parks["return_rate"]["value"] == 100
    assert parks["handling_rate"]["value"] is None  # what is not a unit's duty is not due from it
    assert "filing_rate" not in water  # a unit files nothing
    areas = await sheet(desks, by="area")
    assert areas["330203"]["filing_rate"]["value"] == 50
    assert areas["330205"]["filing_rate"]["value"] == 100
    posts = await sheet(desks, by="post")
    assert posts["cases.inspector"]["deeds"]["value"] == 5  # verified twice, checked twice, reported once
    assert posts["cases.dispatcher"]["sound_rate"]["value"] < 100
    assert set(posts["cases.clerk"]) == {"deeds", "sound_rate"}
    score = water["score"]["value"]
    # handling 66.7 (20), in time 66.7 (30), rework 50 points (15), closing 50 (10), in-time closing 50 (15); no filing
    assert abs(score - (200 / 3 * 50 + 50 * 40) / 90) < 1e-9


async def test_a_figure_stays_and_is_computed_again_to_the_same_number(
    city: City,
    desks: Desks,
    limit: Callable[..., Awaitable[str]],
) -> None:
    await limit()
    first = await desks.opened()
    await desks.until_handled(first)
    await followed(city)
    await due_this_year(city)
    old = await computed(desks, year(), "cityops.in_time_rate")
    assert (
        await computed(desks, year(), "cityops.in_time_rate") == old
    )  # nothing changed: nothing is kept twice
    await desks.does("water", first, "handle", "done", note="A new cover")
    await followed(city)  # it came late
    await due_this_year(city)
    new = await computed(desks, year(), "cityops.in_time_rate")
    assert set(new).isdisjoint(old)
    told = await desks.ask("supervision", "GET", f"/indicators/cityops.in_time_rate/figures?period={year()}")
    assert (told["figures"][0]["value"], told["computation"]["id"]) == (100, new[0])
    assert [c["id"] for c in told["earlier"]] == [old[0]]
    before = await desks.ask(
        "supervision", "GET", f"/indicators/cityops.in_time_rate/figures?period={year()}&computation={old[0]}"
    )
    assert before["figures"][0]["value"] == 0
    for id_ in (*old, *new):
        again = await desks.ask("supervision", "POST", f"/indicator-computations/{id_}/checks")
        assert (again["same"], again["checksum_same"]) == (True, True)


async def test_the_rows_behind_a_figure_are_those_of_then_within_reach(
    city: City,
    desks: Desks,
    limit: Callable[..., Awaitable[str]],
) -> None:
    await limit()
    for unit in ("water", "parks"):
        case = await desks.opened()
        await desks.until_handled(case, unit)
    await followed(city)
    await due_this_year(city)
    [whole, area, unit] = await computed(desks, year(), "cityops.handling_rate")
    rows = await desks.ask("supervision", "GET", f"/indicator-computations/{whole}/rows?number=1")
    assert (rows["total"], rows["hidden"], {r["unit_id"] for r in rows["rows"]}) == (2, 0, {"water", "parks"})
    assert "in the period by" in rows["told"]
    # A unit reads its own figures, and of what lies behind them its own rows.
    assert set(await sheet(desks, "water", by="unit")) == {"water"}
    own = await desks.ask("water", "GET", f"/indicator-computations/{unit}/rows?number=1&cell=water")
    assert (own["total"], own["hidden"], len(own["rows"])) == (1, 0, 1)
    await desks.ask("water", "GET", f"/indicator-computations/{unit}/rows?number=1&cell=parks", 404)
    await desks.ask("water", "GET", f"/indicator-computations/{whole}/rows?number=1", 404)
    # Whoever reads the city's figures and not these rows is told how many there are.
    desks.keys["reviewer"] = await key_of(city, "indicators.reviewer")
    rows = await desks.ask("reviewer", "GET", f"/indicator-computations/{whole}/rows?number=1")
    assert (rows["total"], rows["hidden"], rows["rows"]) == (2, 2, [])
    # What the rows are now is something else.
    await city[Database].execute(
        "UPDATE cityops.turn_history SET recorded_to = now() WHERE unit_id = 'parks'"
    )
    rows = await desks.ask("supervision", "GET", f"/indicator-computations/{area}/rows?number=1&cell=330203")
    assert rows["total"] == len(rows["rows"]) == 2


async def test_whoever_has_no_part_in_it_reads_no_scores(
    city: City, desks: Desks, client: httpx.AsyncClient
) -> None:
    assert (await client.get(f"/indicator-sheets/cityops?period={year()}")).status_code == 401
    desks.keys["resident"] = await key_of(city, "access.resident")
    await desks.ask("resident", "GET", f"/indicator-sheets/cityops?period={year()}", 403)
    await desks.ask("resident", "GET", "/indicators/cityops.score/figures?period=2026", 403)
    await desks.ask(
        "water", "POST", "/indicator-computations", 403, json={"indicators": NAMES[:1], "period": year()}
    )


# ---------------------------------------------------------------- what is scored follows from the case alone

_AT = datetime(2026, 12, 31, 8, tzinfo=UTC)
_STEPS = {
    "verify": ("confirm", "refute"), "file": ("file", "reject"), "dispatch": ("dispatch", "back"),
    "handle": ("done", "wrong_unit"), "check": ("pass", "fail"), "close": ("close", "rework"),
}  # fmt: skip


@st.composite
def a_case(draw: st.DrawFn) -> CaseShown:
    """Any sequence of steps, sensible or not, one hour apart, across the year's end."""
    steps = draw(
        st.lists(st.sampled_from([(e, o) for e, several in _STEPS.items() for o in several]), max_size=14)
    )
    due = draw(st.none() | st.integers(-5, 20).map(lambda h: _AT + timedelta(hours=h)))
    tasks = []
    for n, (element, outcome) in enumerate(steps):
        open_ = n == len(steps) - 1 and draw(st.booleans())
        tasks.append(
            TaskShown(
                id=str(n), element=element, title=element, role="cases.clerk", party="water", party_name=None,
                assignee=None, assignee_name=None, state="open" if open_ else "done", outcome=None if open_ else outcome,
                opened_at=_AT + timedelta(hours=n), due_at=due, done_at=None if open_ else _AT + timedelta(hours=n + 1),
                mine=False, choices=[],
            )
        )  # fmt: skip
    closed = draw(st.booleans())
    return CaseShown(
        id="c", number="1", procedure="cityops.case", procedure_title="", version=1, revision=1,
        state="closed" if closed else "open", stage="handle", stage_title="",
        outcome="solved" if closed else None, title=None, description=None, source=draw(st.sampled_from(["desk", "inspector"])),
        urgent=False, supervised=False, owner="cityops", unit=None, unit_name=None, district="330203", cell=None, place=None,
        location=None, contact=None, opened_at=_AT, closed_at=_AT if closed else None, due_at=due, merged_into=None, may=[],
        waiting=[], passed={}, fields=[], tasks=tasks, clocks=[], requests=[], links=[], log=[],
    )  # fmt: skip


@given(a_case())
def test_no_case_is_scored_against_sense(case: CaseShown) -> None:
    turns = turns_of(case)
    course = course_of(case, turns)
    deeds = deeds_of(case, turns)
    for turn in turns:
        assert not (turn.in_time and not turn.handled)
        assert not (turn.reworked and not turn.handled)
        assert not (turn.returned and turn.theirs)
        assert turn.theirs or not turn.handled
    assert course.in_time <= (course.outcome == "solved")
    assert course.returns == sum(t.outcome == "wrong_unit" for t in case.tasks)
    assert sum(t.reworked for t in turns) <= course.reworks
    assert len(deeds) == sum(t.state == "done" for t in case.tasks) + (case.source == "inspector")
    assert len({d.task for d in deeds}) == len(deeds)
