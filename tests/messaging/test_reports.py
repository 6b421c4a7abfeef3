"""Whoever sent a report signed in is told when it came in, was answered and was closed: once, and nobody else is."""

import httpx
from tests.conftest import key_of
from tests.messaging.sample import followed
from tests.portal.visitor import Visitor, report

from yong.kernel.base.city import City
from yong.kernel.store.database import Database


async def test_a_reporter_is_told_how_far_the_report_is(city: City, client: httpx.AsyncClient) -> None:
    officer = await key_of(city, "access.department_officer", district="330203")
    one, other = Visitor(client), Visitor(client)
    await one.sign_up("wang.xiaoming")
    await other.sign_up("another")
    number, _ = await report(one)
    await report(Visitor(client), details={"description": "没有登录"})  # by nobody: nobody is told

    async def told(visitor: Visitor = one) -> list[str]:
        await followed(city)
        return [m["kind"] for m in (await visitor.http.get("/messages")).json()["items"]]

    async def change(version: int, **values: str) -> None:
        answer = await client.patch(
            f"/records/reports.report/{number}", json={"values": values, "version": version}, headers=officer
        )
        assert answer.status_code == 200, answer.text

    assert await told() == ["reports.received"]
    await change(1, state="answered", answer="已派人清运")
    assert await told() == ["reports.answered", "reports.received"]
    await change(2, category="E06")  # of which nobody needs to be told
    assert len(await told()) == 2
    await change(3, answer="已清运完毕")
    await change(4, state="closed")  # both before anybody reads what happened: it is told how it stands
    assert await told() == ["reports.closed", "reports.answered", "reports.received"]
    assert await told(other) == []
    newest = (await one.http.get("/messages?limit=1")).json()["items"][0]
    assert newest["portal"] == f"/portal/progress/{number}"
    assert (newest["about_kind"], newest["about_id"]) == ("reports.report", number)
    assert newest["title"] == "Your report was closed: Something else"
    assert await city[Database].fetchval("SELECT count(*) FROM messaging.message") == 3


async def test_a_report_that_was_ended_is_told_of_no_more(city: City, client: httpx.AsyncClient) -> None:
    officer = await key_of(city, "access.department_officer", district="330203")
    one = Visitor(client)
    await one.sign_up()
    number, _ = await report(one)
    ended = await client.delete(f"/records/reports.report/{number}?version=1", headers=officer)
    assert ended.status_code == 200, ended.text
    await followed(city)
    assert (await one.http.get("/messages")).json()["items"] == []
