"""What inspectors did away from the network: done once, in conflict where the case moved on, with word and photo kept."""

import base64
import secrets
from typing import Any

import httpx
import pytest
from tests.cases.conftest import PURPOSE, Desks
from tests.conftest import key_of
from tests.documents.files import jpeg

from yong.kernel.base.city import City
from yong.kernel.store.database import Database

AT = "2026-06-01T08:00:00+08:00"
HERE = {"lon": 121.55, "lat": 29.87, "accuracy_m": 12.0}


async def handed(desks: Desks, kind: str, body: dict[str, Any], who: str = "inspector", **more: Any) -> Any:
    change = {"id": secrets.token_hex(8), "kind": kind, "made_at": AT, "place": HERE, "body": body, **more}
    answer = await desks.ask(who, "POST", "/sync/changes", json={"device": "phone-one", "changes": [change]})
    return answer[0]


async def taken(desks: Desks, client: httpx.AsyncClient, **more: Any) -> dict[str, Any]:
    answer = await client.get(
        "/sync", params={"parcel": "cityops.field", "device": "phone-one", **more},
        headers={**desks.keys["inspector"], **PURPOSE},
    )  # fmt: skip
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_task_is_taken_along_and_done_once(desks: Desks, client: httpx.AsyncClient) -> None:
    id_ = await desks.opened(description="Beside the bridge", contact="13800000000")
    got = await taken(desks, client)
    rows = {row["relation"]: row for row in got["rows"]}
    task = rows["cases.open_task"]
    assert task["values"]["title"] == "A cover is missing"
    assert rows["cases.case"]["values"]["description"] == "Beside the bridge"
    assert "13800000000" not in str(got)  # no more than the work needs
    body = {"task": task["id"], "choice": "confirm", "note": "It is so", "revision": 1, "seen_at": got["at"]}
    id_of = secrets.token_hex(8)
    first = await handed(desks, "cases.act", body, id=id_of)
    assert (first["state"], first["told"]["stage"], first["again"]) == ("done", "file", False)
    again = await handed(desks, "cases.act", body, id=id_of)
    assert (again["state"], again["told"], again["again"]) == ("done", first["told"], True)
    case = await desks.case(id_)
    [done] = [line for line in case["log"] if line["what"] == "task.done"]
    assert (done["note"], done["facts"]["place"], done["facts"]["made_at"]) == ("It is so", HERE, AT)
    later = await taken(desks, client, cursor=got["cursor"])
    assert {g["id"] for g in later["gone"]} == {task["id"], id_}


async def test_what_came_too_late_is_told_and_its_note_stays(city: City, desks: Desks) -> None:
    id_ = await desks.opened()
    task = await desks.task(id_, "verify")
    await desks.does("inspector", id_, "verify", "refute", note="Nothing there")
    body = {"task": task, "choice": "confirm", "note": "I saw it myself"}
    answer = await handed(desks, "cases.act", body)
    assert answer["state"] == "conflict"
    assert "It is not so" in answer["told"]["en"]
    assert "不属实" in answer["told"]["zh"]
    case = await desks.case(id_)
    assert (case["state"], case["outcome"]) == ("closed", "unfounded")  # nothing was turned over
    assert [(h["note"], h["facts"]["too_late"]) for h in case["log"] if h["what"] == "note"] == [
        ("I saw it myself", "confirm")
    ]
    [shown] = await desks.ask("inspector", "GET", "/sync/conflicts")
    assert shown["mine"] == {"choice": "confirm", "note": "I saw it myself"}
    assert shown["theirs_at"]
    path = f"/sync/conflicts/{shown['id']}/decision"
    await desks.ask("inspector", "POST", path, 409, json={"choice": "mine", "version": 1})
    await desks.ask("nobody", "POST", path, 403, json={"choice": "theirs"})
    await desks.ask("inspector", "POST", path, json={"choice": "theirs"})
    assert await desks.ask("inspector", "GET", "/sync/conflicts") == []
    assert await city[Database].fetchval("SELECT decided_by IS NOT NULL FROM records.clash")


async def test_a_case_that_was_merged_suspended_or_taken_by_a_colleague_is_a_conflict(
    city: City, desks: Desks
) -> None:
    other = await key_of(city, "cases.inspector")
    desks.keys["other"] = other
    told = []
    for n in range(3):
        id_, into = await desks.opened(), await desks.opened()
        task = await desks.task(id_, "verify")
        if n == 0:
            await desks.ask(
                "supervisor", "PUT", f"/cases/{id_}/merged-into", json={"into": into, "note": "same"}
            )
        elif n == 1:
            await desks.ask("supervisor", "PUT", f"/cases/{id_}/suspension", json={"note": "wait"})
        else:
            me = (await desks.ask("other", "GET", "/session"))["account"]
            await desks.ask("other", "PUT", f"/tasks/{task}/assignee", json={"to": me})
        told.append(await handed(desks, "cases.act", {"task": task, "choice": "confirm", "note": "ok"}))
    assert [t["state"] for t in told] == ["conflict"] * 3
    assert [
        "Merged" in told[0]["told"]["en"],
        "Suspended" in told[1]["told"]["en"],
        "taken" in told[2]["told"]["en"],
    ] == [True] * 3
    refused = await handed(desks, "cases.take", {"task": task})
    assert refused["state"] == "refused"
    assert "taken" in refused["error"]


async def test_what_others_did_beside_it_is_no_conflict(desks: Desks, client: httpx.AsyncClient) -> None:
    id_ = await desks.opened()
    got = await taken(desks, client)
    [task] = [r["id"] for r in got["rows"] if r["relation"] == "cases.open_task"]
    await desks.ask("supervisor", "PUT", f"/cases/{id_}/marks", json={"urgent": True, "note": "hurry"})
    body = {"task": task, "choice": "confirm", "revision": 1, "seen_at": got["at"]}
    assert (await handed(desks, "cases.act", body))["state"] == "merged"


async def test_a_case_is_reported_taken_and_written_to(desks: Desks) -> None:
    new = {
        "procedure": "cityops.case",
        "title": "Rubbish",
        "source": "inspector",
        "district": "330203",
        "class": "x",
    }
    key = secrets.token_hex(8)
    first = await handed(desks, "cases.open", new, id=key)
    again = await handed(desks, "cases.open", new, id=key)
    assert first["told"] == again["told"]
    case = await desks.case(first["told"]["case"])
    assert case["waiting"] == ["file"]  # an inspector's own report needs nobody to verify it
    assert case["log"][0]["facts"]["place"] == HERE
    assert (await handed(desks, "cases.note", {"case": case["id"], "note": "More"}))["state"] == "done"
    id_ = await desks.opened()
    task = await desks.task(id_, "verify")
    assert (await handed(desks, "cases.take", {"task": task}))["state"] == "done"
    [line] = [t for t in (await desks.case(id_))["tasks"] if t["state"] == "open"]
    assert line["assignee"]
    assert (await handed(desks, "cases.take", {"task": task, "back": True}))["state"] == "done"
    bad = [
        ("cases.act", {"task": task, "choice": "refute"}),  # it needs a note
        ("cases.act", {"task": task, "choice": "burn"}),
        ("cases.act", {"task": "none", "choice": "confirm"}),
        ("cases.act", {"task": task, "choice": "confirm", "more": 1}),
        ("cases.open", {"procedure": "none", "title": "x", "district": "330203"}),
        ("cases.note", {"case": "none", "note": "x"}),
    ]
    assert [(await handed(desks, kind, body))["state"] for kind, body in bad] == ["refused"] * len(bad)
    assert (await desks.case(id_))["waiting"] == ["verify"]


async def test_another_area_is_neither_given_nor_worked_on(
    city: City, desks: Desks, client: httpx.AsyncClient
) -> None:
    there, here = await desks.opened(district="330206"), await desks.opened()
    task = await desks.task(there, "verify")
    desks.keys = {**desks.keys, "inspector": await key_of(city, "cases.inspector", district="330203")}
    got = await taken(desks, client)
    assert {r["values"].get("case_id", r["id"]) for r in got["rows"]} == {here}
    assert (await taken(desks, client, district="330206"))["rows"] == []
    refused = await handed(desks, "cases.act", {"task": task, "choice": "confirm"})
    assert refused["state"] == "refused"
    assert (await desks.case(there))["waiting"] == ["verify"]


async def uploaded(client: httpx.AsyncClient, key: dict[str, str], case: str, **said: str) -> str:
    photo = jpeg(exif=True)
    about = {"filetype": "image/jpeg", "filename": "photo.jpg", "title": "On site", "belongs_to": "cases.case",
             "belongs_id": case, "district": "330203", "strip": "true", **said}  # fmt: skip
    metadata = ",".join(f"{k} {base64.b64encode(v.encode()).decode()}" for k, v in about.items())
    begun = await client.post(
        "/documents/uploads",
        headers={**key, **PURPOSE, "upload-length": str(len(photo)), "upload-metadata": metadata},
    )
    assert begun.status_code == 201, begun.text
    place = begun.headers["location"]
    for start in (0, 1000):
        part = photo[start:1000] if start == 0 else photo[start:]
        sent = await client.patch(
            place, content=part,
            headers={**key, "upload-offset": str(start), "content-type": "application/offset+octet-stream"},
        )  # fmt: skip
        assert sent.status_code == 204, sent.text
    return str(begun.json()["id"])


async def test_a_photo_becomes_a_document_of_the_case(
    city: City, desks: Desks, client: httpx.AsyncClient
) -> None:
    id_ = await desks.opened()
    photo = await uploaded(client, dict(desks.keys["inspector"]), id_)
    said = {"document": photo, "made_at": AT, "place": HERE}
    for _ in range(2):
        await desks.ask("inspector", "POST", f"/cases/{id_}/documents", 201, json=said)
    case = await desks.case(id_)
    assert [h["facts"]["document"] for h in case["log"] if h["what"] == "document"] == [photo]
    await desks.until_handled(id_)
    path = f"/cases/{id_}/documents"
    for who in ("water", "supervision", "inspector"):  # whoever has the case now, whoever took it
        headers = {**desks.keys[who], **PURPOSE}
        [shown] = (await client.get(path, headers=headers)).json()
        assert (shown["title"], shown["place"], shown["width"]) == ("On site", HERE, 64)
        answer = await client.get(f"{path}/{photo}/content", headers=headers)
        assert answer.status_code == 200
        assert b"Secret Camera" not in answer.content
        assert (await client.get(f"{path}/{photo}/thumbnail", headers=headers)).status_code == 200
        assert (await client.get(f"{path}/{photo}/content", headers=desks.keys[who])).status_code == 403
    [hidden] = await desks.ask("water", "GET", path)
    assert (hidden["title"], hidden["place"]) == ("image/jpeg", None)
    assert (await client.get(path, headers={**desks.keys["parks"], **PURPOSE})).status_code == 404
    assert (
        await client.get(f"{path}/{photo}/content", headers={**desks.keys["nobody"], **PURPOSE})
    ).status_code == 403
    opened = await city[Database].fetchval(
        "SELECT count(*) FROM access.audit_entry WHERE action = 'cases.open_document' AND facts->>'document' = $1",
        photo,
    )
    assert opened == 6


@pytest.mark.parametrize("which", ["none", "another"])
async def test_only_what_belongs_to_a_case_is_attached(
    desks: Desks, client: httpx.AsyncClient, which: str
) -> None:
    id_, other = await desks.opened(), await desks.opened()
    photo = await uploaded(client, dict(desks.keys["inspector"]), other) if which == "another" else "none"
    await desks.ask("inspector", "POST", f"/cases/{id_}/documents", 422, json={"document": photo})
    assert await desks.ask("inspector", "GET", f"/cases/{id_}/documents") == []
    answer = await client.get(
        f"/cases/{id_}/documents/{photo}/content", headers={**desks.keys["inspector"], **PURPOSE}
    )
    assert answer.status_code == 404
