"""Signing up, in and out: sessions that cannot be planted, visits that do not leak, limits, one's own matters."""

import re
from http.cookies import SimpleCookie

import httpx
import pytest
from tests.portal.visitor import GOOD, PASSWORD, Forms, Visitor, report

from yong.kernel.access import api as access
from yong.kernel.access import identity
from yong.kernel.access.contracts import ANONYMOUS, Caller, Way
from yong.kernel.access.identity import Known
from yong.kernel.access.openid.flow import Outcome
from yong.kernel.base.city import City
from yong.kernel.base.errors import Forbidden, NotFound, Unauthenticated
from yong.kernel.base.settings import load
from yong.kernel.records import api as records
from yong.kernel.store.database import Database
from yong.portal import api

ADMIN = access.system_caller("access")
START = "/portal/services/reports.report"


def set_cookies(answer: httpx.Response) -> dict[str, str]:
    found = {}
    for one in [*answer.history, answer]:
        for line in one.headers.get_list("set-cookie"):
            found |= dict.fromkeys(SimpleCookie(line), line)
    return found


async def test_who_signs_up_is_a_resident_and_sees_their_own_matters_alone(
    city: City, client: httpx.AsyncClient
) -> None:
    one, two = Visitor(client), Visitor(client)
    await one.sign_up("wang.xiaoming")
    assert one.path == "/portal/account"
    await two.sign_up("李雷 Zoé".replace(" ", ""))
    who = (await one.http.get("/session")).json()
    assert [(m["role"], m["own"]) for m in who["mandates"]] == [("access.resident", True)]
    assert who["factors"] == ["password"]
    number, _ = await report(one)
    await one.go("/portal/matters")
    assert f"/portal/progress/{number}" in Forms(one.answer.text).links
    await one.go(f"/portal/progress/{number}")
    assert "井边有一堆垃圾" in one.answer.text
    await two.go("/portal/matters")
    assert number not in two.answer.text
    await two.go(f"/portal/progress/{number}")
    assert "井边有一堆垃圾" not in two.answer.text
    assert (await one.http.get(f"/records/reports.report/{number}")).json()["values"][
        "contact_name"
    ] == "王小明"
    assert (await two.http.get(f"/records/reports.report/{number}")).status_code == 404
    assert (await one.http.get("/records/sensing.thing")).status_code == 403
    changed = await one.http.patch(
        f"/records/reports.report/{number}", json={"values": {"answer": "mine"}, "version": 1}
    )
    assert changed.status_code == 403
    audit = await city[Database].fetch(
        "SELECT action FROM access.audit_entry WHERE account = $1", who["account"]
    )
    assert {"access.sign_in", "reports.submit", "records.read"} <= {r["action"] for r in audit}


async def test_a_session_or_visit_that_was_planted_opens_nothing(
    city: City, client: httpx.AsyncClient
) -> None:
    await Visitor(client).sign_up("victim")
    attacker = Visitor(client)
    await attacker.sign_up("attacker")
    await attacker.go("/portal/sign-in")
    planted = {
        "yong_session": attacker.http.cookies["yong_session"],
        "yong_visit": attacker.http.cookies["yong_visit"],
    }
    victim = Visitor(client)
    for name, value in planted.items():
        victim.http.cookies.set(name, value, domain="yong.test")
    await victim.go(START)
    await victim.send(START)
    await victim.send(category="E01")
    await victim.go("/portal/sign-in")
    await victim.send("/portal/sign-in", name="victim", password=PASSWORD)
    assert victim.path == "/portal/account"
    fresh = victim.http.cookies
    assert fresh["yong_session"] != planted["yong_session"]
    assert fresh["yong_visit"] != planted["yong_visit"]
    assert (await attacker.http.get("/session")).status_code == 401  # what was planted ended
    await attacker.go(f"{START}/what")
    assert attacker.path == START  # the answers went with the fresh cookie
    await victim.go(f"{START}/where")
    assert victim.path.endswith("/where")


async def test_coming_back_from_the_provider_changes_the_visit_too(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def named(*_: object) -> Outcome:
        return Outcome("/portal/account", session="a session's word")

    monkeypatch.setattr("yong.app.http.pages.openid.finish", named)
    visitor = Visitor(client)
    await visitor.go(START)
    await visitor.send(START)
    before = visitor.http.cookies["yong_visit"]
    await visitor.go("/sign-in/openid/callback?code=x&state=y")
    assert visitor.http.cookies["yong_visit"] != before
    await visitor.go(f"{START}/what")
    assert visitor.path.endswith("/what")
    planter = Visitor(client)
    planter.http.cookies.set("yong_visit", before, domain="yong.test")
    await planter.go(f"{START}/what")
    assert planter.path == START


async def test_cookies_say_nothing_and_scripts_cannot_read_them(client: httpx.AsyncClient) -> None:
    visitor = Visitor(client)
    await visitor.sign_up()
    found = set_cookies(visitor.answer)
    assert {"yong_session", "yong_visit"} <= found.keys()
    for line in found.values():
        assert "HttpOnly" in line, line
        assert "resident-one" not in line
    assert "samesite=strict" in found["yong_session"].lower()
    assert "samesite=lax" in found["yong_visit"].lower()


async def test_by_https_every_cookie_is_secure_and_the_visits_is_the_hosts(
    city: City, client: httpx.AsyncClient
) -> None:
    city.settings = load({"YONG_HOME": str(city.settings.home), "YONG_PUBLIC_URL": "https://city.example"})
    answer = await client.get("/portal/sign-in?lang=en&view=large")
    found = set_cookies(answer)
    assert "__Host-yong_visit" in found
    assert all("Secure" in line for line in found.values()), found


async def test_signing_out_ends_the_session_and_forgets_the_answers(client: httpx.AsyncClient) -> None:
    visitor = Visitor(client)
    await visitor.sign_up()
    await visitor.go(START)
    await visitor.send(START)
    await visitor.send(**GOOD["what"])
    held = dict(visitor.http.cookies)
    await visitor.go("/portal/account")
    await visitor.send("/portal/sign-out")
    assert visitor.path == "/portal"
    assert (await visitor.go("/portal/account")).url.path == "/portal/sign-in"
    thief = Visitor(client)
    for name, value in held.items():
        thief.http.cookies.set(name, value, domain="yong.test")
    await thief.go(f"{START}/what")
    assert thief.path == START
    assert (await thief.go("/portal/account")).url.path == "/portal/sign-in"


async def test_bad_names_and_passwords_are_told_and_make_nothing(
    city: City, client: httpx.AsyncClient
) -> None:
    visitor = Visitor(client)
    await visitor.sign_up()
    other = Visitor(client)
    for name, password, again, keys in (
        ("x", PASSWORD, PASSWORD, ["name"]),
        ("two words", PASSWORD, PASSWORD, ["name"]),
        ("fine", "short", "short", ["password"]),
        ("fine", "fine and very long", "fine and very long", ["password"]),
        ("fine", PASSWORD, "another phrase", ["again"]),
        ("resident-one", PASSWORD, PASSWORD, ["name"]),
    ):
        await other.go("/portal/sign-up")
        await other.send("/portal/sign-up", name=name, password=password, again=again)
        assert other.answer.status_code == 422
        assert [k for k, _ in other.faults] == keys, (name, other.faults)
        assert password not in other.answer.text
    assert await city[Database].fetchval("SELECT count(*) FROM access.account") == 1
    assert await city[Database].fetchval("SELECT count(*) FROM access.party") == 1


async def test_signing_in_locks_and_brakes_as_for_staff_and_tells_no_more(
    city: City, client: httpx.AsyncClient
) -> None:
    await Visitor(client).sign_up()
    visitor = Visitor(client)
    said = set()
    for name in ("resident-one", "nobody") * 5:
        await visitor.go("/portal/sign-in")
        await visitor.send("/portal/sign-in", name=name, password="not the phrase")
        assert visitor.answer.status_code == 422
        said.add(tuple(visitor.faults))
    assert len(said) == 1  # the same words whether or not there is such an account
    await visitor.go("/portal/sign-in")
    await visitor.send("/portal/sign-in", name="resident-one", password=PASSWORD)
    assert visitor.answer.status_code == 422  # locked
    for _ in range(30):
        await visitor.go("/portal/sign-in")
        await visitor.send("/portal/sign-in", name="nobody", password="x")
    assert visitor.answer.status_code == 429
    assert "retry-after" in visitor.answer.headers


async def test_signing_in_leads_on_to_pages_of_the_portal_only(client: httpx.AsyncClient) -> None:
    await Visitor(client).sign_up()
    for wanted, path in (
        ("/portal/matters", "/portal/matters"),
        ("https://evil.example/", "/portal/account"),
        ("//evil.example/portal", "/portal/account"),
        ("/\\evil.example", "/portal/account"),
        ("/sign-in/openid", "/portal/account"),
        ("/portalx", "/portal/account"),
    ):
        visitor = Visitor(client)
        await visitor.go("/portal/sign-in")
        await visitor.send("/portal/sign-in", name="resident-one", password=PASSWORD, next=wanted)
        assert visitor.path == path, wanted


async def test_sign_up_can_be_closed_by_a_setting_and_by_a_policy(
    city: City, client: httpx.AsyncClient
) -> None:
    caller = ANONYMOUS
    await access.set_policy(
        city, ADMIN, "closed", 'forbid (principal, action == Action::"access.sign_up", resource);'
    )
    with pytest.raises(Forbidden):
        await access.sign_up(city, caller, "somebody", PASSWORD, "test")
    await access.withdraw_policy(city, ADMIN, "closed")
    await access.sign_up(city, caller, "somebody", PASSWORD, "test")
    city.settings = load({"YONG_HOME": str(city.settings.home), "YONG_RESIDENT_SIGN_UP": "false"})
    visitor = Visitor(client)
    await visitor.go("/portal/sign-in")
    assert "/portal/sign-up" not in Forms(visitor.answer.text).links
    await visitor.sign_up("another")
    assert visitor.answer.status_code == 403


async def test_staff_signs_in_with_a_second_factor_here_too(city: City, client: httpx.AsyncClient) -> None:
    account, word = await access.create_account(city, ADMIN, "officer", password=PASSWORD)
    await access.grant(city, ADMIN, account, "access.operator")
    visitor = Visitor(client)
    await visitor.go("/portal/sign-in")
    await visitor.send("/portal/sign-in", name="officer", password=word)
    assert (
        await visitor.http.get("/records/sensing.thing")
    ).status_code == 403  # one factor opens no staff mandate
    assert re.search("<h1>My account</h1>", visitor.answer.text)


async def test_a_clerk_proves_a_resident_and_the_account_page_says_how(
    city: City, client: httpx.AsyncClient
) -> None:
    visitor = Visitor(client)
    await visitor.sign_up()
    assert "0 Not proofed" in visitor.answer.text
    id_, _ = await access.create_account(city, ADMIN, "clerk", password=PASSWORD)
    await access.grant(city, ADMIN, id_, "access.identity_clerk")
    clerk = await identity.caller_as(city, id_)
    key = await access.issue_key(city, clerk, "counter", ["access.identity_clerk"])
    headers = {"x-api-key": key}
    answer = await client.post(
        "/proofings", json={"name": "resident-one", "method": "counter"}, headers=headers
    )
    assert (answer.status_code, answer.json()) == (200, {"level": 3})
    city[Known].forget()
    await visitor.go("/portal/account")
    assert "3 High" in visitor.answer.text
    assert "At a counter, face to face" in visitor.answer.text
    row = await city[Database].fetchrow(
        "SELECT account, facts FROM access.audit_entry WHERE action = 'access.prove_identity'"
    )
    assert row is not None
    assert (row["account"], row["facts"]) == (id_, {"method": "counter", "level": 3})
    with pytest.raises(NotFound):
        await access.prove_identity(city, clerk, "nobody", Way.FACE)
    with pytest.raises(Forbidden):
        await access.prove_identity(city, clerk, "clerk", Way.COUNTER)
    assert await city[Database].fetchval("SELECT proofing FROM access.account WHERE id = $1", id_) == 0
    resident = await access.caller_of(
        city, {"cookie": f"yong_session={visitor.http.cookies['yong_session']}"}, "t"
    )
    with pytest.raises(Forbidden):
        await access.prove_identity(city, resident, "resident-one", Way.COUNTER)
    assert (
        await client.post("/proofings", json={"name": "x", "method": "magic"}, headers=headers)
    ).status_code in (400, 422)
    await access.prove_identity(city, clerk, "resident-one", Way.WITHDRAWN)
    city[Known].forget()
    await visitor.go("/portal/account")
    assert "0 Not proofed" in visitor.answer.text


async def test_matters_are_for_whoever_is_signed_in(city: City, client: httpx.AsyncClient) -> None:
    with pytest.raises(Unauthenticated):
        await api.matters(city, ANONYMOUS)
    assert await api.matters(city, Caller(account="somebody")) == []
    assert (await records.listing(city, access.system_caller("reports"), "reports.report")).items == []
