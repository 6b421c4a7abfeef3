"""Requests that another city recorded go through all stages as cases of the past, once."""

import csv
import gzip
from pathlib import Path

import pytest
from tests.cases.conftest import Desks, desks  # noqa: F401  # the fixture

from yong.app import pasts
from yong.domains.cityops.adapters import requests_csv
from yong.domains.cityops.contracts import Imported
from yong.domains.cityops.logic import code_of, past_case, steps_of
from yong.kernel.access.api import system_caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import Forbidden, Invalid
from yong.kernel.cases import api as cases
from yong.kernel.store.database import Database

ZONE = "America/New_York"
KINDS = (
    ("Street Light Outages", "PWDx_Street Light"),
    ("Graffiti Removal", "PROP_GRAF"),
    ("Sign Repair", "BTDT_Signs"),
)


def line(n: int, **more: str) -> dict[str, str]:
    kind, queue = KINDS[n % 3]
    row = {
        "CASE_ENQUIRY_ID": f"1010{n:08d}", "OPEN_DT": f"01/{n % 28 + 1:02d}/2015 {n % 12 + 1:02d}:20:09 AM", "CASE_TITLE": kind,
        "CLOSED_DT": "" if n % 10 == 9 else "03/02/2015 09:08:42 PM", "TYPE": kind, "QUEUE": queue, "neighborhood": "Dorchester",
        "LATITUDE": f"{42.30 + n % 40 * 0.001:.4f}", "LONGITUDE": f"{-71.06 + n % 30 * 0.001:.4f}", "Source": "Self Service",
    }  # fmt: skip
    return row | more


def file_of(folder: Path, rows: list[dict[str, str]], *, zipped: bool = False) -> Path:
    file = folder / ("requests.csv.gz" if zipped else "requests.csv")
    with gzip.open(file, "wt", encoding="utf-8", newline="") if zipped else file.open("w", newline="") as out:
        writer = csv.DictWriter(out, list(rows[0]) if rows else list(requests_csv.COLUMNS))
        writer.writeheader()
        writer.writerows(rows)
    return file


async def imported(city: City, file: Path, first: int | None = None) -> Imported:
    return await pasts.import_requests(
        city, system_caller("access"), file, "330203", ZONE, first, lambda _: None
    )


async def test_requests_go_through_all_stages_as_of_then(city: City, desks: Desks, tmp_path: Path) -> None:  # noqa: F811
    file = file_of(tmp_path, [line(n) for n in range(300)], zipped=True)
    early = await imported(city, file, 120)
    assert (early.requests, early.fresh, early.refused) == (120, 120, 0)
    broken_off = requests_csv.read(file, ZONE)[120]
    await cases.replay(
        city, system_caller("cityops"), past_case(broken_off, "330203"), f"311/{broken_off.id}", broken_off.opened_at,
        steps_of(broken_off)[:2],
    )  # fmt: skip
    done = await imported(city, file)  # goes on where it was broken off
    assert (done.requests, done.fresh, done.known, done.refused) == (300, 179, 121, 0)
    assert early.closed + done.closed == 270
    again = await imported(city, file)
    assert (again.fresh, again.known, again.steps) == (0, 300, 0)
    rows = await city[Database].fetch("SELECT * FROM cases.case_file")
    assert len(rows) == 300
    assert {r["source"] for r in rows} == {"replay"}
    assert sum(r["state"] == "closed" for r in rows) == 270
    one = next(r for r in rows if r["state"] == "closed" and r["class"] == code_of("Sign Repair"))
    assert one["unit_id"] == code_of("BTDT_Signs")
    assert f"{one['closed_at']:%Y-%m-%d %H:%M:%S}" == "2015-03-03 02:08:42"  # by UTC
    assert one["number"].startswith("2015")
    case = await desks.case(one["id"])
    assert (case["stage"], case["outcome"], case["district"]) == ("evaluate", "solved", "330203")
    done_at = {h["element"]: h["at"] for h in case["log"] if h["what"] == "task.done"}
    assert list(done_at) == ["verify", "file", "dispatch", "handle", "check", "close"]
    assert done_at["dispatch"] == case["opened_at"] < done_at["handle"] == case["closed_at"]
    left = next(r for r in rows if r["state"] == "open")
    assert (await desks.case(left["id"]))["waiting"] == ["handle"]
    [learned] = await pasts.learn(city, system_caller("access"))
    assert learned.cases == 270
    found = await desks.ask("supervision", "GET", f"/cases/{left['id']}/suggestions")
    assert found["units"][0]["value"] == left["unit_id"]
    assert found["classes"][0]["value"] == left["class"]


async def test_nearby_tells_anybody_what_is_public(city: City, desks: Desks) -> None:  # noqa: F811
    at = [121.5571, 29.8691]
    await desks.opened(
        title="Zhang San's cover",
        location=at,
        contact="13800000000",
        description="secret",
        **{"class": "0101"},
    )
    await desks.opened(title="A lamp", location=[121.5572, 29.8691], **{"class": "0202"})
    answer = await desks.client.post("/cityops/nearby", json={"lon": at[0], "lat": at[1]})
    assert answer.status_code == 200
    told = answer.json()
    assert told["count"] == 2
    assert set(told["cases"][0]) == {"class", "class_title", "state", "stage", "opened_on", "lon", "lat"}
    assert [told["cases"][0][name] for name in ("lon", "lat", "stage")] == [121.557, 29.869, "Collected"]
    assert not any(word in answer.text for word in ("Zhang", "138", "secret", "lamp"))
    of_class = await desks.client.post("/cityops/nearby", json={"lon": at[0], "lat": at[1], "class": "0202"})
    assert of_class.json()["count"] == 1
    far = await desks.client.post("/cityops/nearby", json={"lon": 121.6, "lat": 29.9})
    assert far.json() == {"count": 0, "cases": []}
    assert (await desks.client.post("/cityops/nearby", json={"lon": 500, "lat": 1})).status_code in (400, 422)


async def test_a_file_with_a_wrong_line_changes_nothing(
    city: City,
    desks: Desks,  # noqa: F811
    tmp_path: Path,
) -> None:
    for wrong in (
        {"OPEN_DT": "yesterday"},
        {"OPEN_DT": ""},
        {"TYPE": " "},
        {"LATITUDE": "north"},
        {"LATITUDE": "99"},
    ):
        with pytest.raises(Invalid) as told:
            await imported(city, file_of(tmp_path, [line(1), line(2, **wrong)]))
        assert [p.pointer for p in told.value.problems] == ["/3"], wrong
    assert await city[Database].fetchval("SELECT count(*) FROM cases.case_file") == 0
    assert await city[Database].fetchval("SELECT count(*) FROM cases.class") == 0


def test_what_is_no_file_of_requests_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_text("a,b\n1,2\n")
    with pytest.raises(Invalid):
        requests_csv.read(other, ZONE)
    with pytest.raises(Invalid):
        requests_csv.read(file_of(tmp_path, [line(1)]), "No/Where")
    broken = tmp_path / "broken.gz"
    broken.write_bytes(b"\x1f\x8b\x00nothing")
    with pytest.raises(Invalid):
        requests_csv.read(broken, ZONE)


def test_where_the_system_puts_what_has_no_place_is_no_place(tmp_path: Path) -> None:
    rows = [
        line(n, **({"LATITUDE": "42.3594", "LONGITUDE": "-71.0587"} if n % 2 else {})) for n in range(400)
    ]
    read = requests_csv.read(file_of(tmp_path, rows), ZONE)
    assert sum(r.location is None for r in read) == 200
    backwards = requests_csv.read(file_of(tmp_path, [line(1, CLOSED_DT="01/01/2014 01:00:00 AM")]), ZONE)
    assert backwards[0].closed_at is None


async def test_only_the_past_is_replayed_and_only_by_modules(city: City, desks: Desks) -> None:  # noqa: F811
    from datetime import timedelta

    from yong.domains.cityops.contracts import PROCEDURE
    from yong.kernel.base import clock
    from yong.kernel.cases.contracts import Act, NewCase, Step

    now = clock.now()
    new = NewCase(procedure=PROCEDURE, title="A cover", district="330203")
    step = Step(element="verify", at=now - timedelta(hours=3), act=Act(choice="confirm"))
    system = system_caller("cityops")
    for at, steps in ((now + timedelta(hours=1), []), (now - timedelta(hours=1), [step])):
        with pytest.raises(Invalid):
            await cases.replay(city, system, new, "k", at, steps)
    with pytest.raises(Forbidden):
        await cases.replay(city, system_caller("reports"), new, "k", now - timedelta(hours=9), [step])
    assert await city[Database].fetchval("SELECT count(*) FROM cases.case_file") == 0
