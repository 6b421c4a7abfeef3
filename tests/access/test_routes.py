"""The first hours of an install over HTTP: one-time passwords, second factors, mandates, revocation."""

import re
import time

import httpx
import pytest

from yong.kernel.access import api as access
from yong.kernel.access import identity, logic
from yong.kernel.base.city import City
from yong.kernel.store.database import Database


async def password_and_factor(client: httpx.AsyncClient, name: str, once: str) -> tuple[str, str]:
    """What a new administrator does: change the one-time password, enrol, confirm. Password and TOTP secret."""
    fresh = f"a long phrase of its own {name[:1]}"
    done = await client.post("/session/password", json={"name": name, "password": once, "fresh": fresh})
    assert done.status_code == 204, done.text
    assert (await client.post("/session", json={"name": name, "password": fresh})).status_code == 200
    uri = (await client.post("/session/factor")).json()["uri"]
    found = re.search(r"secret=([A-Z2-7]+)", uri)
    assert found
    code = logic.totp(found[1], int(time.time() // 30) - 1)
    codes = await client.post("/session/factor/confirm", json={"code": code})
    assert codes.status_code == 200
    assert len(codes.json()["codes"]) == 10
    return fresh, found[1]


async def sign_in(client: httpx.AsyncClient, name: str, password: str, secret: str) -> None:
    code = logic.totp(secret, int(time.time() // 30))
    done = await client.post("/session", json={"name": name, "password": password, "code": code})
    assert done.status_code == 200, done.text


async def test_from_one_time_password_to_an_officer_at_work(city: City, client: httpx.AsyncClient) -> None:
    once = dict(await access.first_run(city))
    denied = await client.post("/accounts", json={"name": "officer"})
    assert denied.status_code == 401
    assert denied.headers["content-type"] == "application/problem+json"

    await client.post("/session", json={"name": "security-admin", "password": once["security-admin"]})
    assert (await client.post("/accounts", json={"name": "officer"})).status_code == 403  # one-time password

    password, secret = await password_and_factor(client, "security-admin", once["security-admin"])
    await sign_in(client, "security-admin", password, secret)
    made = (await client.post("/accounts", json={"name": "officer"})).json()
    granted = await client.post("/mandates", json={"account": made["id"], "role": "access.operator"})
    assert granted.status_code == 201
    me = (await client.get("/session")).json()
    mine = await client.post("/mandates", json={"account": me["account"], "role": "access.operator"})
    assert mine.status_code == 403  # nobody grants to themselves
    assert (await client.get("/audit")).status_code == 403  # that is the audit administrator's

    officer = httpx.AsyncClient(transport=client._transport, base_url="http://yong.test")
    word, factor = await password_and_factor(officer, "officer", made["password"])
    await sign_in(officer, "officer", word, factor)
    assert (await officer.get("/sensing/things")).json() == []
    assert (await client.delete(f"/mandates/{granted.json()['id']}")).status_code == 204
    assert (await officer.get("/sensing/things")).status_code == 403  # at once, the same process


async def test_a_code_is_good_once(city: City, client: httpx.AsyncClient) -> None:
    once = dict(await access.first_run(city))
    password, secret = await password_and_factor(client, "audit-admin", once["audit-admin"])
    await sign_in(client, "audit-admin", password, secret)
    code = logic.totp(secret, int(time.time() // 30))
    again = await client.post("/session", json={"name": "audit-admin", "password": password, "code": code})
    assert again.status_code == 401


async def test_guessing_locks_the_account_and_tells_nothing(city: City, client: httpx.AsyncClient) -> None:
    once = dict(await access.first_run(city))
    answers = [
        await client.post("/session", json={"name": name, "password": "wrong"})
        for name in ["system-admin"] * 5 + ["nobody-at-all"]
    ]
    assert len({(a.status_code, a.json()["detail"]) for a in answers}) == 1
    right = await client.post("/session", json={"name": "system-admin", "password": once["system-admin"]})
    assert right.status_code == 401  # locked


async def test_a_token_carries_the_session_and_ends_with_it(city: City, client: httpx.AsyncClient) -> None:
    once = dict(await access.first_run(city))
    await client.post("/session", json={"name": "audit-admin", "password": once["audit-admin"]})
    token = (await client.post("/session/token")).json()["access_token"]
    bearer = {"authorization": f"Bearer {token}"}
    stranger = httpx.AsyncClient(transport=client._transport, base_url="http://yong.test", headers=bearer)
    assert (await stranger.get("/session")).status_code == 200
    forged = {"authorization": f"Bearer {token[:-4]}AAAA"}
    assert (await stranger.get("/session", headers=forged)).status_code == 401
    assert (await client.delete("/session")).status_code == 204
    assert (await stranger.get("/session")).status_code == 401


async def test_another_site_cannot_use_our_cookie(city: City, client: httpx.AsyncClient) -> None:
    once = dict(await access.first_run(city))
    await client.post("/session", json={"name": "audit-admin", "password": once["audit-admin"]})
    for headers in ({"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}):
        assert (await client.post("/session/token", headers=headers)).status_code == 403


async def test_a_key_has_a_quota_over_all_processes(city: City, client: httpx.AsyncClient) -> None:
    caller = access.system_caller("access")
    id_, _ = await access.create_account(city, caller, "machine", password="a very long password")
    await access.grant(city, caller, id_, "access.operator")
    row = await city[Database].fetchrow("SELECT * FROM access.account WHERE id = $1", id_)
    async with city[Database].transaction() as connection:
        assert row is not None
        holder = await identity.caller_for(connection, row, ["password", "totp"], "s")
    key = await access.issue_key(city, holder, "tests", ["access.operator"], per_minute=3)
    headers = {"x-api-key": key}
    answers = []
    for _ in range(4):
        city[identity.Known].reserved.clear()  # as if each came to another process
        answers.append((await client.get("/sensing/things", headers=headers)).status_code)
    assert answers == [200, 200, 200, 429]
    assert (await client.get("/session", headers={"x-api-key": key[:-3] + "xyz"})).status_code == 401


@pytest.mark.parametrize(
    ("unix_s", "code"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_codes_are_those_of_rfc_6238(unix_s: int, code: str) -> None:
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # "12345678901234567890", RFC 6238 appendix B
    assert logic.totp(secret, unix_s // 30) == code
    assert logic.totp_step(secret, code, unix_s, 0) == unix_s // 30
    assert logic.totp_step(secret, code, unix_s, unix_s // 30) is None
