"""My messages at the portal: the badge, the list, one of them, and the settings, by links and forms alone."""

import re

import httpx
import pytest
from tests.conftest import TestDatabase
from tests.messaging.sample import gateway, set_up, tell, with_drills, working
from tests.portal.visitor import Forms, Visitor

from yong.kernel.base.city import City

SETTINGS = "/portal/messages/settings"
STORM = {"place": "江东", "since": "08:00", "level": 3}


async def party_of(visitor: Visitor) -> str:
    return str((await visitor.http.get("/session")).json()["party"])


def badge(visitor: Visitor) -> str | None:
    found = re.search(r'<span class="unread">(.*?)</span>', visitor.answer.text)
    return found[1] if found else None


async def test_messages_are_seen_opened_and_marked_as_read(city: City, client: httpx.AsyncClient) -> None:
    with_drills(city)
    one, other = Visitor(client), Visitor(client)
    await one.sign_up("wang.xiaoming")
    await other.sign_up("another")
    party = await party_of(one)
    await one.go("/portal")
    assert badge(one) is None
    await one.go("/portal/messages")
    assert "None yet" in one.answer.text
    for n in range(21):
        await tell(city, party, key=str(n), number=f"<b>{n}</b>")
    await tell(city, party, "drill.storm", **STORM)
    await one.go("/portal")
    assert badge(one) == "22"
    await one.go("/portal/messages")
    assert one.heading == "My messages"
    assert "Storm in 江东" in one.answer.text
    assert "Warning" in one.answer.text
    assert "&lt;b&gt;20&lt;/b&gt;" in one.answer.text
    [later] = [link for link in Forms(one.answer.text).links if "after=" in link]
    first = next(
        link for link in Forms(one.answer.text).links if re.fullmatch(r"/portal/messages/[0-9a-f-]{36}", link)
    )
    await one.go(first)
    assert one.heading == "Storm in 江东"
    assert "Inbox: stored" in one.answer.text
    assert "/portal/places?q=%E6%B1%9F%E4%B8%9C" in Forms(one.answer.text).links
    assert badge(one) == "21"
    await one.go(later)
    assert "Decision &lt;b&gt;0&lt;/b&gt;" in one.answer.text
    await one.go("/portal/messages?unread=1")
    assert "Storm" not in one.answer.text
    await one.send("/portal/messages/read")
    assert badge(one) is None
    await one.go("/portal/messages?unread=1")
    assert "Nothing is unread." in one.answer.text
    await other.go(first)
    assert other.answer.status_code == 404
    await other.go("/portal/messages")
    assert "Storm" not in other.answer.text
    nobody = Visitor(client)
    await nobody.go("/portal/messages")
    assert nobody.path == "/portal/sign-in"
    await nobody.send("/portal/sign-in", name="wang.xiaoming", password="a phrase that I keep")
    assert nobody.path == "/portal/messages"


async def test_a_number_is_verified_and_kinds_are_chosen(
    city: City, client: httpx.AsyncClient, database: TestDatabase
) -> None:
    with_drills(city)
    one = Visitor(client)
    await one.sign_up()
    await one.go(SETTINGS)
    assert "inbox here only" in one.answer.text
    async with gateway() as far, working(city, database.serve_url) as queue:
        set_up(city, sms_url=far.url, message_hosts="127.0.0.1")
        await one.go(SETTINGS)
        await one.send("/portal/messages/contact", **{"address-messaging.sms": "no number"})
        assert one.answer.status_code == 422
        assert [key for key, _ in one.faults] == ["address-messaging.sms"]
        await one.send("/portal/messages/contact", **{"address-messaging.sms": "138 1234 5678"})
        assert one.path == SETTINGS
        assert "not verified yet" in one.answer.text
        await queue.work(wait=False)
        code = re.findall(r"\d{6}", far.taken[0]["text"])[0]
        await one.send("/portal/messages/code", **{"code-messaging.sms": "x"})
        assert [key for key, _ in one.faults] == ["code-messaging.sms"]
        await one.send("/portal/messages/code", **{"code-messaging.sms": code})
        assert ">verified<" in one.answer.text
        await one.send(SETTINGS, **{"drill.fine|messaging.sms": "on"})
        assert "Your choices are kept." in one.answer.text
        [form] = [f for f in Forms(one.answer.text).forms if f["action"] == SETTINGS]
        assert "drill.fine|messaging.sms" in form["fields"]
        assert "drill.fine|inbox" not in form["fields"]  # the law asks for it: there is no box
        await tell(city, await party_of(one))
        await queue.work(wait=False)
        assert [t["to"] for t in far.taken] == ["13812345678", "13812345678"]
        form["fields"].pop("drill.storm|inbox")  # not ticked
        await one.http.post(SETTINGS, data=form["fields"])
        await one.go(SETTINGS)
        [form] = [f for f in Forms(one.answer.text).forms if f["action"] == SETTINGS]
        assert "drill.storm|inbox" not in form["fields"]
        await one.send("/portal/messages/forget")
        assert "13812345678" not in one.answer.text


@pytest.mark.parametrize("action", ["read", "settings", "contact", "code", "forget"])
async def test_forms_of_others_and_of_nobody_change_nothing(
    city: City, client: httpx.AsyncClient, action: str
) -> None:
    one = Visitor(client)
    await one.sign_up()
    answer = await one.http.post(f"/portal/messages/{action}", data={"channel": "messaging.sms"})
    assert answer.status_code == 403  # without the page's token
    nobody = Visitor(client)
    await nobody.go("/portal/sign-in")
    [form] = Forms(nobody.answer.text).forms
    token = {"csrf": form["fields"]["csrf"], "channel": "messaging.sms"}
    assert (await nobody.http.post(f"/portal/messages/{action}", data=token)).status_code == 401
