"""The inbox over HTTP: pages, what is unread, one's own alone; and what people choose."""

import httpx
import pytest
from tests.messaging.sample import person, tell, titles, with_drills

from yong.kernel.access import api as access
from yong.kernel.access.contracts import ANONYMOUS, Caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import Forbidden, Invalid, NotFound, Unauthenticated
from yong.kernel.messaging import api
from yong.kernel.messaging.contracts import MessageChoice
from yong.kernel.store.database import Database


async def header(city: City, caller: Caller, role: str = "access.resident") -> dict[str, str]:
    return {"x-api-key": await access.issue_key(city, caller, "tests", [role])}


async def test_messages_come_in_pages_and_are_marked_as_read(city: City, client: httpx.AsyncClient) -> None:
    with_drills(city)
    one = await person(city)
    for n in range(5):
        await tell(city, str(one.party), key=str(n), number=str(n))
    headers = await header(city, one)
    first = (await client.get("/messages?limit=2", headers=headers)).json()
    assert [m["title"] for m in first["items"]] == ["Decision 4", "Decision 3"]
    assert first["unread"] == 5
    second = (await client.get(f"/messages?limit=3&cursor={first['cursor']}", headers=headers)).json()
    assert [m["title"] for m in second["items"]] == ["Decision 2", "Decision 1", "Decision 0"]
    assert second["cursor"] is None
    middle = second["items"][0]["id"]
    assert (await client.post(f"/messages/{middle}/read", headers=headers)).status_code == 204
    assert (await client.post(f"/messages/{middle}/read", headers=headers)).status_code == 204  # stays read
    unread = (await client.get("/messages?unread=true", headers=headers)).json()
    assert [m["title"] for m in unread["items"]] == ["Decision 4", "Decision 3", "Decision 1", "Decision 0"]
    assert (await client.post("/messages/read", json={"until": middle}, headers=headers)).json() == {
        "unread": 2
    }
    assert (await client.get("/messages/unread", headers=headers)).json() == {"unread": 2}
    assert (await client.post("/messages/read", json={}, headers=headers)).json() == {"unread": 0}
    found = (await client.get(f"/messages/{middle}", headers=headers)).json()
    assert found["read_at"]
    assert [r["state"] for r in found["receipts"]] == ["stored"]
    assert (await client.get("/messages/none", headers=headers)).status_code == 404
    assert (await client.get("/messages?limit=101", headers=headers)).status_code == 400
    entries = await city[Database].fetch(
        "SELECT account, facts FROM access.audit_entry WHERE action = 'messaging.read' ORDER BY id"
    )
    assert [(e["account"] == one.account, e["facts"]) for e in entries] == [
        (True, {}), (True, {"messages": 2}), (True, {"messages": 2}),
    ]  # fmt: skip


async def test_everybody_has_their_own_messages_only(city: City, client: httpx.AsyncClient) -> None:
    with_drills(city)
    one = await person(city)
    await tell(city, str(one.party))
    [mine] = (await api.inbox(city, one)).items
    others = [
        await person(city),
        await person(city, "access.operator"),
        await person(city, "access.system_admin"),
        await person(city, "access.audit_admin"),
    ]
    for other in others:
        assert await titles(city, other) == []
        assert await api.unread(city, other) == 0
        with pytest.raises(NotFound):
            await api.one(city, other, mine.id)
        with pytest.raises(NotFound):
            await api.read(city, other, mine.id)
        assert await api.read_all(city, other) == 0
    assert await api.unread(city, one) == 1
    for nobody, error in ((ANONYMOUS, Unauthenticated), (Caller(account="somebody"), Forbidden)):
        with pytest.raises(error):
            await api.inbox(city, nobody)
        with pytest.raises(error):
            await api.choices(city, nobody)
        assert await api.badge(city, nobody) is None
    assert (await client.get("/messages")).status_code == 401


async def test_where_somebody_is_reached_is_seen_by_that_person_alone(
    city: City, client: httpx.AsyncClient
) -> None:
    one = await person(city, own=True)
    await city[Database].execute(
        """INSERT INTO messaging.contact (account, channel, address, language, verified_at)
           VALUES ($1, 'messaging.email', 'wang@example.org', 'zh', now())""",
        one.account,
    )
    path = "/records/messaging.contact_point"
    mine = (await client.get(path, headers=await header(city, one))).json()["items"]
    assert [r["values"]["address"] for r in mine] == ["wang@example.org"]
    other = await person(city, own=True)
    assert (await client.get(path, headers=await header(city, other))).json()["items"] == []
    for role in ("access.operator", "access.security_admin"):
        answer = await client.get(path, headers=await header(city, await person(city, role), role))
        assert answer.status_code == 403, role


async def test_the_inbox_can_be_closed_to_a_kind_but_not_to_what_the_law_says(city: City) -> None:
    with_drills(city)
    one = await person(city)
    party = str(one.party)
    shown = {k.name: k for k in (await api.choices(city, one)).kinds}
    assert shown["drill.fine"].law
    assert shown["drill.storm"].channels == ["inbox"]
    assert "drill.task" not in shown  # that is told to staff
    assert "drill.task" in {
        k.name for k in (await api.choices(city, await person(city, "access.operator"))).kinds
    }
    for wrong in (
        MessageChoice("drill.fine", "inbox", False),
        MessageChoice("drill.none", "inbox", False),
        MessageChoice("drill.storm", "pigeon", True),
        MessageChoice("drill.storm", "messaging.email", True),  # no address there
    ):
        with pytest.raises(Invalid):
            await api.choose(city, one, [MessageChoice("drill.storm", "inbox", False), wrong])
    storm = {"place": "x", "since": "y", "level": 1}
    assert await tell(city, party, "drill.storm", key="1", **storm) == 1
    await api.choose(city, one, [MessageChoice("drill.storm", "inbox", False)])
    await tell(city, party, "drill.storm", key="2", **storm)
    await tell(city, party)
    assert await titles(city, one) == ["Decision 7", "Storm in x"]
    await api.choose(city, one, [MessageChoice("drill.storm", "inbox", False), MessageChoice("drill.storm", "inbox", True)])  # fmt: skip
    await tell(city, party, "drill.storm", key="3", **storm)
    assert len(await titles(city, one)) == 3
    entries = await city[Database].fetch(
        "SELECT facts FROM access.audit_entry WHERE action = 'messaging.choose'"
    )
    assert [e["facts"]["choices"] for e in entries] == [["drill.storm inbox off"], ["drill.storm inbox on"]]
