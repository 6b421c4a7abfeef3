"""Cases from desk to desk: the seven stages, what goes wrong on the way, and who may not."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from tests.cases.conftest import Desks, account_of
from tests.conftest import key_of

from yong.kernel.base.city import City
from yong.kernel.store.database import Database


async def test_a_case_goes_through_all_stages(desks: Desks) -> None:
    id_ = await desks.opened()
    stages = []

    async def stage() -> None:
        stages.append((await desks.case(id_))["stage"])

    await stage()
    await desks.does("inspector", id_, "verify", "confirm")
    await stage()
    await desks.does("supervision", id_, "file", "file", **{"class": "0101"})
    await stage()
    await desks.does("dispatcher", id_, "dispatch", "dispatch", units=["parks"])
    await stage()
    await desks.does("parks", id_, "handle", "wrong_unit", note="Not ours")
    await stage()
    await desks.does("dispatcher", id_, "dispatch", "dispatch", units=["water"])
    await desks.does("water", id_, "handle", "done", note="A new cover")
    await stage()
    await desks.does("inspector", id_, "check", "fail", note="It rattles")
    await desks.does("water", id_, "handle", "done", note="It rattles no more")
    await desks.does("inspector", id_, "check", "pass")
    await stage()
    done = await desks.does("supervision", id_, "close", "close")
    await stage()
    assert stages == ["collect", "file", "dispatch", "handle", "dispatch", "check", "close", "evaluate"]
    assert done["state"] == "closed"
    case = await desks.case(id_)
    assert (case["outcome"], case["waiting"], case["unit"]) == ("solved", [], "water")
    assert [h["element"] for h in case["log"] if h["what"] == "task.done"] == [
        "verify", "file", "dispatch", "handle", "dispatch", "handle", "check", "handle", "check", "close",
    ]  # fmt: skip
    assert case["passed"]["handle"] >= 3


async def test_an_inspectors_report_needs_no_verification_and_the_register_sends_it(
    desks: Desks, city: City
) -> None:
    from yong.kernel.access.api import system_caller
    from yong.kernel.records import api as records

    for values in (
        {"class_prefix": "01", "party": "parks"},
        {"class_prefix": "0101", "area_prefix": "330203", "party": "water"},
        {"class_prefix": "0101", "area_prefix": "330203", "party": "parks", "rank": 2},
    ):
        await records.create(city, system_caller("cases"), "cases.duty", values, owner="cityops")
    id_ = await desks.opened("inspector", source="inspector")
    await desks.does("supervision", id_, "file", "file", **{"class": "0101"})
    case = await desks.case(id_)
    assert (case["stage"], case["unit"]) == ("handle", "water")
    assert sorted(t["party"] for t in case["tasks"] if t["state"] == "open") == ["parks", "water"]
    waters = next(t["id"] for t in case["tasks"] if t["party"] == "water")
    await desks.ask("water", "POST", f"/tasks/{waters}/acts", json={"choice": "done", "note": "Our part"})
    assert (await desks.case(id_))["stage"] == "handle"
    parks = next(t["id"] for t in case["tasks"] if t["party"] == "parks")
    await desks.ask("parks", "POST", f"/tasks/{parks}/acts", json={"choice": "done", "note": "Ours too"})
    assert (await desks.case(id_))["stage"] == "check"


async def test_nobody_does_what_lies_on_anothers_desk(desks: Desks) -> None:
    id_ = await desks.opened()
    await desks.does("dispatcher", id_, "verify", "confirm", status=403)
    await desks.until_handled(id_)
    await desks.does("parks", id_, "handle", "done", status=403, note="I did it")
    task = await desks.task(id_, "handle")
    await desks.ask("nobody", "POST", f"/tasks/{task}/acts", 403, json={"choice": "done"})
    await desks.ask("nobody", "GET", f"/cases/{id_}", 403)
    await desks.ask("parks", "GET", f"/cases/{id_}", 404)
    await desks.ask("water", "GET", f"/cases/{id_}")
    await desks.ask("water", "PUT", f"/cases/{id_}/marks", 403, json={"urgent": True, "note": "Now"})
    assert (await desks.case(id_))["stage"] == "handle"
    bare = await desks.client.get(f"/cases/{id_}")
    assert bare.status_code == 401


@pytest.mark.parametrize(
    ("said", "pointer"),
    [
        ({"choice": "fly"}, "/choice"),
        ({"choice": "reject"}, "/note"),
        ({"choice": "file"}, "/class"),
        ({"choice": "file", "class": "0101", "data": {"colour": "red"}}, "/data/colour"),
        ({"choice": "file", "class": "0101", "units": ["nobody"]}, "/units"),
    ],
)
async def test_what_lacks_is_said_and_nothing_changes(
    desks: Desks, said: dict[str, Any], pointer: str
) -> None:
    id_ = await desks.opened("inspector", source="inspector")
    task = await desks.task(id_, "file")
    before = await desks.case(id_)
    answer = await desks.ask("supervision", "POST", f"/tasks/{task}/acts", 422, json=said)
    assert [e["pointer"] for e in answer["errors"]] == [pointer]
    assert await desks.case(id_) == before


async def test_two_who_act_at_once_do_it_once(desks: Desks) -> None:
    id_ = await desks.opened()
    task = await desks.task(id_, "verify")
    answers = await asyncio.gather(
        *(
            desks.client.post(
                f"/tasks/{task}/acts",
                headers=desks.keys["inspector"],
                json={"choice": choice, "note": "Seen"},
            )
            for choice in ("confirm", "refute") * 8
        )
    )
    assert sorted(a.status_code for a in answers) == [200, *[409] * 15]
    case = await desks.case(id_)
    assert [h["what"] for h in case["log"]].count("task.done") == 1


async def test_who_acts_on_an_old_view_is_told(desks: Desks) -> None:
    id_ = await desks.opened()
    seen = (await desks.case(id_))["revision"]
    await desks.ask(
        "supervisor", "PUT", f"/cases/{id_}/marks", json={"urgent": True, "note": "Children play there"}
    )
    await desks.does("inspector", id_, "verify", "confirm", status=412, revision=seen)
    await desks.does("inspector", id_, "verify", "confirm", revision=seen + 1)


async def test_the_same_key_opens_one_case(desks: Desks) -> None:
    body = {"procedure": "cityops.case", "title": "A cover is missing", "district": "330203"}
    headers = {**desks.keys["supervision"], "idempotency-key": "k-1"}
    answers = await asyncio.gather(
        *(desks.client.post("/cases", headers=headers, json=body) for _ in range(6))
    )
    assert {a.status_code for a in answers} == {201}
    assert len({a.json()["id"] for a in answers}) == 1
    other = await desks.client.post(
        "/cases", headers={**desks.keys["inspector"], "idempotency-key": "k-1"}, json=body
    )
    assert other.json()["id"] != answers[0].json()["id"]


async def test_suspended_resumed_merged_reopened(desks: Desks) -> None:
    id_, other = await desks.opened(), await desks.opened(title="The same cover")
    await desks.until_handled(id_)
    await desks.ask("supervisor", "PUT", f"/cases/{id_}/suspension", json={"note": "Expert review"})
    await desks.does("water", id_, "handle", "done", status=409, note="Done")
    await desks.ask("supervisor", "DELETE", f"/cases/{id_}/suspension", 204)
    await desks.ask(
        "supervisor", "PUT", f"/cases/{other}/merged-into", json={"into": id_, "note": "One cover"}
    )
    merged = await desks.case(other)
    assert (merged["state"], merged["merged_into"], merged["waiting"]) == ("merged", id_, [])
    assert [k["target"] for k in (await desks.case(id_))["links"]] == [other]
    await desks.ask(
        "supervisor", "PUT", f"/cases/{id_}/merged-into", 422, json={"into": other, "note": "Back"}
    )
    await desks.does("water", id_, "handle", "done", note="Done")
    await desks.does("inspector", id_, "check", "pass")
    await desks.does("supervision", id_, "close", "close")
    await desks.ask("supervisor", "POST", f"/cases/{id_}/reopenings", 201, json={"note": "It is gone again"})
    case = await desks.case(id_)
    assert (case["state"], case["waiting"]) == ("open", ["close"])
    await desks.does("supervision", id_, "close", "rework", note="A new cover, please")
    assert (await desks.case(id_))["waiting"] == ["handle"]


async def test_a_task_is_taken_handed_on_and_put_back(desks: Desks, city: City) -> None:
    id_ = await desks.opened()
    await desks.until_handled(id_)
    task = await desks.task(id_, "handle")
    inspector = await account_of(city, desks.keys["inspector"])
    await desks.ask("water", "PUT", f"/tasks/{task}/assignee", 422, json={"to": inspector})
    colleague = await account_of(city, await key_of(city, "cases.clerk", party="water"))
    await desks.ask("water", "PUT", f"/tasks/{task}/assignee", json={"to": colleague})
    await desks.does("water", id_, "handle", "done", status=403, note="Mine no more")
    await desks.ask("water", "PUT", f"/tasks/{task}/assignee", 403, json={"to": None})
    await desks.ask("parks", "PUT", f"/tasks/{task}/assignee", 403, json={"to": None})
    await desks.ask("supervisor", "PUT", f"/tasks/{task}/assignee", json={"to": None})
    await desks.ask("water", "PUT", f"/tasks/{task}/assignee", 422, json={"to": "nobody"})
    await desks.does("water", id_, "handle", "done", note="Mine again")


async def test_more_time_is_asked_for_and_granted_by_another(
    desks: Desks, limit: Callable[..., Awaitable[str]]
) -> None:
    await limit(amount=2)
    id_ = await desks.opened()
    await desks.until_handled(id_)
    due = (await desks.case(id_))["due_at"]
    asked = await desks.ask(
        "water", "POST", f"/cases/{id_}/requests", 201,
        json={"kind": "extend", "amount": 3, "reason": "The part is ordered"},
    )  # fmt: skip
    again = {"kind": "extend", "amount": 1, "reason": "More"}
    await desks.ask("water", "POST", f"/cases/{id_}/requests", 409, json=again)
    await desks.ask("parks", "POST", f"/cases/{id_}/requests", 403, json={**again, "kind": "suspend"})
    path = f"/cases/{id_}/requests/{asked['id']}/answer"
    await desks.ask("water", "PUT", path, 403, json={"granted": True})
    await desks.ask("supervisor", "PUT", path, json={"granted": True, "note": "Be quick"})
    await desks.ask("supervisor", "PUT", path, 404, json={"granted": True})
    before, case = due, await desks.case(id_)
    assert case["requests"][0]["answer"] == "granted"
    assert case["due_at"] > before
    assert "granted.extend" in [h["what"] for h in case["log"]]


async def test_units_are_told_by_name_to_whoever_sees_cases(desks: Desks, client: httpx.AsyncClient) -> None:
    units = {u["id"]: u["name"] for u in await desks.ask("water", "GET", "/case-units")}
    assert {"water", "parks"} <= units.keys()
    assert units["water"] != "water"
    assert (await client.get("/case-units")).status_code == 401


async def test_the_inbox_shows_what_lies_on_ones_desk(desks: Desks) -> None:
    ids = [await desks.opened(title=f"Cover {n}") for n in range(5)]
    await desks.until_handled(ids[0])
    mine = await desks.ask("water", "GET", "/inbox")
    assert [r["values"]["case_id"] for r in mine["items"]] == [ids[0]]
    assert (await desks.ask("parks", "GET", "/inbox"))["items"] == []
    page = await desks.ask("inspector", "GET", "/inbox?limit=3")
    rest = await desks.ask("inspector", "GET", f"/inbox?limit=3&cursor={page['cursor']}")
    assert {r["values"]["case_id"] for r in page["items"] + rest["items"]} == set(ids[1:])
    filtered = await desks.ask("supervisor", "GET", "/inbox?mine=false&filter=element:eq:handle")
    assert [r["values"]["title"] for r in filtered["items"]] == ["Cover 0"]


async def test_the_same_is_done_with_many(desks: Desks) -> None:
    ids = [await desks.opened() for _ in range(4)]
    tasks = [await desks.task(id_, "verify") for id_ in ids]
    await desks.does("inspector", ids[0], "verify", "confirm")
    answers = await desks.ask(
        "inspector", "POST", "/task-acts", json={"tasks": [*tasks, "none"], "act": {"choice": "confirm"}}
    )
    assert [a["done"] for a in answers] == [False, True, True, True, False]
    assert answers[0]["error"]


async def test_the_log_is_append_only_and_told_as_xes(desks: Desks, city: City) -> None:
    import asyncpg
    from lxml import etree

    id_ = await desks.opened(title='Cover <&"> ☃')
    await desks.does("inspector", id_, "verify", "refute", note="Nothing there")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await city[Database].execute("UPDATE cases.log SET note = 'nothing'")
    answer = await desks.client.get("/case-log", headers=desks.keys["supervision"])
    root = etree.fromstring(answer.content)
    names = root.xpath("//*[local-name()='event']/*[@key='concept:name']/@value")
    assert names == ["opened", "start", "verify", "unfounded", "closed"]
    assert "Nothing there" not in answer.text


async def test_what_is_not_a_case_is_refused(desks: Desks) -> None:
    base = {"procedure": "cityops.case", "title": "x", "district": "330203"}
    for change in (
        {"procedure": "no.such"}, {"title": ""}, {"title": "x" * 201}, {"district": None}, {"location": [500, 2]},
        {"owner": "nobody"}, {"data": {"a": 1}}, {"unknown": 1},
    ):  # fmt: skip
        answer = await desks.client.post("/cases", headers=desks.keys["supervision"], json={**base, **change})
        assert answer.status_code in (400, 404, 422), (change, answer.text)
    assert (await desks.ask("supervision", "GET", "/inbox?mine=false"))["items"] == []


async def test_the_door_is_shut_for_whoever_has_no_role(client: httpx.AsyncClient, desks: Desks) -> None:
    for method, path in (("GET", "/inbox"), ("GET", "/procedures"), ("POST", "/cases"), ("GET", "/case-log")):
        body = {"procedure": "cityops.case", "title": "x"} if method == "POST" else None
        assert (await client.request(method, path, json=body)).status_code == 401
        await desks.ask("nobody", method, path, 403, json=body)


async def test_a_unit_that_hands_a_case_back_leaves_it_to_those_beside_it(desks: Desks) -> None:
    id_ = await desks.opened()
    await desks.does("inspector", id_, "verify", "confirm")
    await desks.does("supervision", id_, "file", "file", **{"class": "0101"})
    await desks.does("dispatcher", id_, "dispatch", "dispatch", units=["water", "parks"])
    tasks = {t["party"]: t["id"] for t in (await desks.case(id_))["tasks"] if t["state"] == "open"}
    for unit, said in (
        ("water", {"choice": "wrong_unit", "note": "Not ours"}),
        ("parks", {"choice": "done", "note": "Done"}),
    ):
        await desks.ask(unit, "POST", f"/tasks/{tasks[unit]}/acts", json=said)
    assert (await desks.case(id_))["unit"] == "parks"
    await desks.does("inspector", id_, "check", "fail", note="Not yet")
    [again] = [t for t in (await desks.case(id_))["tasks"] if t["state"] == "open"]
    assert (again["element"], again["party"]) == ("handle", "parks")
