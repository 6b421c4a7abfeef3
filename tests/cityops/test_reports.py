"""A resident's report goes its way as a case, and the resident is told what became of it."""

import asyncio
from typing import Any

import httpx
import pytest
from tests.cases.conftest import Desks, desks  # noqa: F401  # the fixture
from tests.documents.files import png

from yong.domains.cityops.logic import answer_of, case_of
from yong.domains.cityops.manifest import REPORTS
from yong.domains.reports import api as reports
from yong.domains.reports.contracts import State
from yong.kernel.access.api import system_caller
from yong.kernel.access.contracts import ANONYMOUS
from yong.kernel.base.city import City
from yong.kernel.base.services import Photo, Submission
from yong.kernel.records import api as records
from yong.kernel.store import followers
from yong.kernel.store.database import Database

SAID = {"category": "C01", "description": "The cover is gone", "place": "Zhongshan East Road 181"}


async def followed(city: City) -> None:
    """Until nothing is left to follow; a transaction running in any database of the server holds events back."""
    for _ in range(200):
        await followers.turn(city, REPORTS)
        left = await city[Database].fetchval(
            """SELECT count(*) FROM store.outbox o, store.outbox_reader r
               WHERE r.name = 'cityops' AND (o.xid, o.id) > (r.xid, r.id)"""
        )
        if not left:
            return
        await asyncio.sleep(0.02)
    raise AssertionError("events are left")


async def reported(city: City, key: str = "a" * 32, **more: Any) -> str:
    receipt = await reports.submit(
        city, ANONYMOUS, Submission(key=key, values={**SAID, **more}, district="330203")
    )
    return receipt.reference


async def report(city: City, reference: str) -> dict[str, object]:
    found = await records.read(city, system_caller("reports"), "reports.report", reference)
    return found.values


async def test_a_report_goes_its_way_and_its_reporter_is_told(city: City, desks: Desks) -> None:  # noqa: F811
    reference = await reported(city)
    await followed(city)
    [task] = (await desks.ask("inspector", "GET", "/inbox"))["items"]
    id_ = task["values"]["case_id"]
    case = await desks.case(id_)
    assert (case["source"], case["description"], case["place"]) == (
        "resident",
        SAID["description"],
        SAID["place"],
    )
    assert [(k["kind"], k["target"]) for k in case["links"]] == [("report", reference)]
    assert (await report(city, reference))["state"] == "received"
    await desks.until_handled(id_)
    await followed(city)
    told = await report(city, reference)
    assert told["state"] == "answered"
    assert case["number"] in str(told["answer"])
    await desks.does("water", id_, "handle", "done", note="A new cover")
    await desks.does("inspector", id_, "check", "pass")
    await desks.does("supervision", id_, "close", "close")
    await followed(city)
    told = await report(city, reference)
    assert told["state"] == "closed"
    assert "checked on site" in str(told["answer"])
    assert "A new cover" not in str(told["answer"])  # what is said among officers stays there


async def test_the_same_events_again_change_nothing(city: City, desks: Desks) -> None:  # noqa: F811
    await reported(city)
    await followed(city)
    await city[Database].execute("UPDATE store.outbox_reader SET xid = '0', id = 0 WHERE name = 'cityops'")
    await followed(city)
    assert len((await desks.ask("inspector", "GET", "/inbox"))["items"]) == 1


async def test_a_report_that_is_not_so_is_closed_and_says_so(city: City, desks: Desks) -> None:  # noqa: F811
    reference = await reported(city)
    await followed(city)
    [task] = (await desks.ask("inspector", "GET", "/inbox"))["items"]
    await desks.does("inspector", task["values"]["case_id"], "verify", "refute", note="Nothing there")
    await followed(city)
    told = await report(city, reference)
    assert told["state"] == "closed"
    assert "did not find it" in str(told["answer"])


async def test_a_report_that_cannot_be_a_case_stops_no_other(city: City, client: httpx.AsyncClient) -> None:
    """No procedure is on the shelf: the report stays with the officers, and the next ones are looked at."""
    reference = await reported(city)
    await followed(city)
    assert (await report(city, reference))["state"] == "received"


@pytest.mark.parametrize(
    ("state", "stage", "outcome", "told"),
    [
        ("open", "collect", None, None),
        ("open", "file", None, None),
        ("open", "handle", None, State.ANSWERED),
        ("suspended", "handle", None, State.ANSWERED),
        ("closed", "evaluate", "solved", State.CLOSED),
        ("closed", "file", "rejected", State.CLOSED),
        ("merged", "collect", None, State.CLOSED),
    ],
)
def test_how_far_a_report_is_follows_from_its_case(
    state: str, stage: str, outcome: str | None, told: State | None
) -> None:
    found = answer_of(state, stage, outcome, "1")
    assert (found[0] if found else None) is told


def test_a_long_report_fits_a_case() -> None:
    new = case_of({"category": "E01", "description": "x" * 5_000, "place": "y" * 300}, "330203", None)
    assert len(new.title) <= 200
    assert len(new.description or "") <= 4_000
    assert new.location is None


async def test_photos_of_a_report_come_to_its_case_once(city: City, desks: Desks) -> None:  # noqa: F811
    photo = Photo(media_type="image/png", content=png())
    sent = Submission(
        key="p" * 32,
        values=SAID,
        district="330203",
        photos=(photo, Photo(media_type="image/png", content=png((9, 9)))),
    )
    await reports.submit(city, ANONYMOUS, sent)
    await followed(city)
    [task] = (await desks.ask("inspector", "GET", "/inbox"))["items"]
    id_ = task["values"]["case_id"]
    found = await desks.ask("inspector", "GET", f"/cases/{id_}/documents")
    assert [d["media_type"] for d in found] == ["image/png"] * 2
    assert "document" in [h["what"] for h in (await desks.case(id_))["log"]]
    path = f"/cases/{id_}/documents/{found[0]['id']}/content"
    purpose = {"x-purpose": "cases.handling"}
    told = [
        (await desks.client.get(path, headers=desks.keys["inspector"] | more)).status_code
        for more in ({}, purpose)
    ]
    assert told == [403, 200]
    assert (
        await desks.client.get(path, headers=desks.keys["water"] | purpose)
    ).status_code == 404  # not its case
    await reports.submit(city, ANONYMOUS, sent)
    await city[Database].execute("UPDATE store.outbox_reader SET xid = '0', id = 0 WHERE name = 'cityops'")
    await followed(city)
    assert len(await desks.ask("inspector", "GET", f"/cases/{id_}/documents")) == 2
