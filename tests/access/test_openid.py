"""Signing in by OpenID Connect against a provider on loopback, and what must not open a session."""

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc.jwk import RSAKey
from tests.access.openid_provider import CLIENT, KEYS, SECRET, OpenIDProvider, b64, signed

from yong.kernel.access import api as access
from yong.kernel.access import identity, logic
from yong.kernel.access.contracts import Caller
from yong.kernel.access.openid import flow
from yong.kernel.access.openid import provider as ours
from yong.kernel.base.city import City
from yong.kernel.base.errors import Conflict, Forbidden, Invalid, Refused
from yong.kernel.base.settings import Settings, load
from yong.kernel.store.database import Database

pytestmark = [
    pytest.mark.filterwarnings("ignore:EdDSA is deprecated"),
    pytest.mark.filterwarnings("ignore:Key size should be >= 2048 bits"),  # a key that is refused for it
]
STATUS = "yong_session"


@pytest.fixture
async def provider() -> AsyncIterator[OpenIDProvider]:
    one = OpenIDProvider()
    await one.start()
    yield one
    await one.stop()


@pytest.fixture
async def settings(tmp_path: Path, provider: OpenIDProvider, request: pytest.FixtureRequest) -> Settings:
    more = getattr(request, "param", {})
    return load(
        {
            "YONG_HOME": str(tmp_path / "home"), "YONG_OIDC_ISSUER": provider.issuer,
            "YONG_OIDC_CLIENT": CLIENT, "YONG_OIDC_SECRET": SECRET, **more,
        }
    )  # fmt: skip


@pytest.fixture
def security(callers: Callable[..., Caller]) -> Caller:
    return callers("access.security_admin")


@pytest.fixture
async def account(city: City, security: Caller, provider: OpenIDProvider) -> str:
    """An operator's account, linked to the provider's subject."""
    id_, _ = await access.create_account(city, security, "zhang.san")
    await access.grant(city, security, id_, "access.operator")
    await access.link(city, security, id_, provider.subject)
    return id_


async def begun(client: httpx.AsyncClient, onward: str | None = None) -> str:
    """The callback's path and query, as the provider sends the browser back."""
    start = await client.get("/sign-in/openid", params={"next": onward} if onward else {})
    assert start.status_code == 303, start.text
    async with httpx.AsyncClient() as browser:
        back = await browser.get(start.headers["location"])
    parts = urlsplit(back.headers["location"])
    assert f"{parts.scheme}://{parts.netloc}" == "http://127.0.0.1:8080"  # of the settings, not of the Host
    return f"{parts.path}?{parts.query}"


async def through(client: httpx.AsyncClient, onward: str | None = None) -> httpx.Response:
    return await client.get(await begun(client, onward))


async def refusals(city: City) -> list[dict[str, Any]]:
    rows = await city[Database].fetch(
        "SELECT facts FROM access.audit_entry WHERE action = 'access.sign_in_failed' ORDER BY id"
    )
    return [r["facts"] for r in rows]


async def enrolled(city: City, account: str) -> str:
    """A confirmed second factor; its secret."""
    who = Caller(account=account)
    secret = (await identity.enrol(city, who)).partition("secret=")[2].partition("&")[0]
    await identity.confirm(city, who, logic.totp(secret, int(time.time()) // 30 - 1))
    return secret


async def test_a_linked_account_signs_in_with_one_factor(
    city: City, client: httpx.AsyncClient, provider: OpenIDProvider, account: str
) -> None:
    start = await client.get("/sign-in/openid")
    asked = {k: v[0] for k, v in parse_qs(urlsplit(start.headers["location"]).query).items()}
    assert asked["response_type"] == "code"
    assert asked["scope"] == "openid"
    assert len(asked["state"]) == len(asked["nonce"]) == 43
    assert asked["tenant"] == "city"
    cookie = start.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie

    page = await through(client, "/status.json?a=1&b=2")
    assert page.status_code == 200
    assert '<meta http-equiv="refresh" content="0; url=/status.json?a=1&amp;b=2">' in page.text
    session = next(c for c in page.headers.get_list("set-cookie") if c.startswith(STATUS)).lower()
    assert "httponly" in session
    assert "samesite=strict" in session
    assert page.headers["cache-control"] == "no-store"
    me = (await client.get("/session")).json()
    assert (me["account"], me["factors"]) == (account, ["oidc"])
    assert (await client.get("/sensing/things")).status_code == 403  # staff, and no second factor
    entry = await city[Database].fetchrow("SELECT * FROM access.audit_entry WHERE action = 'access.sign_in'")
    assert entry is not None
    assert entry["facts"] == {"factors": ["oidc"], "issuer": provider.issuer}
    assert (
        await city[Database].fetchval("SELECT count(*) FROM access.openid_request") == 1
    )  # the first start's
    assert "通过统一身份认证登录" in (await client.get("/sign-in?lang=zh")).text


async def test_the_one_time_code_is_asked_after_the_provider(
    city: City, client: httpx.AsyncClient, account: str
) -> None:
    secret = await enrolled(city, account)
    page = await through(client)
    assert page.status_code == 200
    assert 'data-post="/session/openid"' in page.text
    assert STATUS not in client.cookies
    assert (await client.get("/session")).status_code == 401
    step = client.cookies["yong_openid"]
    other = httpx.AsyncClient(transport=client._transport, base_url="http://yong.test")
    code = logic.totp(secret, int(time.time()) // 30)
    assert (await other.post("/session/openid", json={"code": code})).status_code == 401  # not its browser
    cross = {"sec-fetch-site": "cross-site"}
    assert (await client.post("/session/openid", json={"code": code}, headers=cross)).status_code == 403
    assert (await client.post("/session/openid", json={"code": "000000"})).status_code == 401
    done = await client.post("/session/openid", json={"code": code})
    assert done.status_code == 200, done.text
    assert done.json()["factors"] == ["oidc", "totp"]
    assert (await client.get("/sensing/things")).status_code == 200
    other.cookies.set("yong_openid", step)
    assert (await other.post("/session/openid", json={"code": code})).status_code == 401  # used up


async def test_a_step_opens_one_session_also_with_two_good_codes_at_once(
    city: City, client: httpx.AsyncClient, account: str
) -> None:
    who = Caller(account=account)
    secret = (await identity.enrol(city, who)).partition("secret=")[2].partition("&")[0]
    codes = await identity.confirm(city, who, logic.totp(secret, int(time.time()) // 30))
    await through(client)
    step = client.cookies["yong_openid"]
    answers = await asyncio.gather(
        *(flow.prove(city, step, code, "") for code in codes[:4]), return_exceptions=True
    )
    assert sum(not isinstance(a, BaseException) for a in answers) == 1
    assert await city[Database].fetchval("SELECT count(*) FROM access.session") == 1


async def test_wrong_codes_lock_the_account_for_every_way_in(
    city: City, client: httpx.AsyncClient, account: str
) -> None:
    secret = await enrolled(city, account)
    await through(client)
    for _ in range(5):
        assert (await client.post("/session/openid", json={"code": "123"})).status_code == 401
    code = logic.totp(secret, int(time.time()) // 30)
    assert (await client.post("/session/openid", json={"code": code})).status_code == 401
    assert (await through(client)).status_code == 401
    assert STATUS not in client.cookies
    assert (await refusals(city))[-1]["reason"] == "shut"


@pytest.mark.parametrize("settings", [{"YONG_OIDC_TRUSTED_AMR": "mfa, hwk", "YONG_OIDC_TRUSTED_ACR": "urn:loa3"}], indirect=True)  # fmt: skip
@pytest.mark.parametrize(
    ("claims", "strong"),
    [
        ({"amr": ["pwd", "mfa"]}, True),
        ({"acr": "urn:loa3"}, True),
        ({"amr": ["pwd", "otp"], "acr": "urn:loa2"}, False),
        ({"amr": "mfa"}, False),
        ({}, False),
    ],
)
async def test_a_second_factor_at_the_provider_counts_only_where_trusted(
    city: City, client: httpx.AsyncClient, provider: OpenIDProvider, account: str, claims: dict[str, Any], strong: bool
) -> None:  # fmt: skip
    await enrolled(city, account)
    provider.claims = claims
    page = await through(client)
    assert page.status_code == 200
    assert (STATUS in client.cookies) is strong
    if strong:
        assert (await client.get("/session")).json()["factors"] == ["oidc", "oidc_mfa"]
        assert (await client.get("/sensing/things")).status_code == 200


@pytest.mark.parametrize("settings", [{"YONG_OIDC_TRUSTED_AMR": "mfa"}], indirect=True)
async def test_an_administrator_proves_the_second_factor_to_us_whatever_the_provider_says(
    city: City, client: httpx.AsyncClient, provider: OpenIDProvider, security: Caller
) -> None:
    await access.first_run(city)
    id_ = await city[Database].fetchval("SELECT id FROM access.account WHERE name = 'audit-admin'")
    await access.link(city, security, id_, provider.subject)
    provider.claims = {"amr": ["mfa"]}
    await through(client)
    assert (await client.get("/session")).json()["factors"] == ["oidc"]
    assert (await client.get("/audit")).status_code == 403
    client.cookies.clear()
    secret = await enrolled(city, id_)
    await through(client)
    assert STATUS not in client.cookies
    code = logic.totp(secret, int(time.time()) // 30)
    assert (await client.post("/session/openid", json={"code": code})).status_code == 200
    assert (await client.get("/audit")).status_code == 200


def hs256(header: dict[str, Any], claims: dict[str, Any]) -> str:
    head = b64(json.dumps({"alg": "HS256", "typ": "JWT"}).encode())
    signing = f"{head}.{b64(json.dumps(claims).encode())}"
    key = KEYS["RS256"].as_pem(private=False)
    return f"{signing}.{b64(hmac.digest(key, signing.encode(), 'sha256'))}"


def none(header: dict[str, Any], claims: dict[str, Any]) -> str:
    return f"{b64(json.dumps({'alg': 'none'}).encode())}.{b64(json.dumps(claims).encode())}."


def with_claims(**changed: Any) -> Callable[[dict[str, Any], dict[str, Any]], str]:
    def forge(header: dict[str, Any], claims: dict[str, Any]) -> str:
        made = {k: v for k, v in (claims | changed).items() if v is not None}
        return signed(header, made, KEYS[header["alg"]])

    return forge


def with_header(key: Any = None, **changed: Any) -> Callable[[dict[str, Any], dict[str, Any]], str]:
    def forge(header: dict[str, Any], claims: dict[str, Any]) -> str:
        return signed(header | changed, claims, key or KEYS["RS256"])

    return forge


def body_changed(header: dict[str, Any], claims: dict[str, Any]) -> str:
    head, _, tail = signed(header, claims, KEYS["RS256"]).split(".")
    return f"{head}.{b64(json.dumps(claims | {'sub': 'admin'}).encode())}.{tail}"


NOW = int(time.time())
STRANGER = RSAKey.generate_key(2048, {"kid": "rsa"})
FORGED: dict[str, tuple[Callable[[dict[str, Any], dict[str, Any]], str], str]] = {
    "another nonce": (with_claims(nonce="x" * 43), "nonce"),
    "no nonce": (with_claims(nonce=None), "nonce"),
    "another audience": (with_claims(aud="somebody-else"), "audience"),
    "two audiences and no azp": (with_claims(aud=[CLIENT, "somebody-else"]), "audience"),
    "another azp": (with_claims(azp="somebody-else"), "audience"),
    "no audience": (with_claims(aud=None), "audience"),
    "another issuer": (with_claims(iss="https://evil.example"), "issuer"),
    "expired": (with_claims(exp=NOW - 120), "expired"),
    "no end": (with_claims(exp=None), "time"),
    "an end in words": (with_claims(exp="tomorrow"), "time"),
    "of long ago": (with_claims(iat=NOW - 7200), "time"),
    "of the future": (with_claims(iat=NOW + 7200), "time"),
    "not yet": (with_claims(nbf=NOW + 7200), "time"),
    "no subject": (with_claims(sub=None), "subject"),
    "a subject that is no text": (with_claims(sub=7), "subject"),
    "another at_hash": (with_claims(at_hash="AAAAAAAAAAAAAAAAAAAAAA"), "at_hash"),
    "unsigned": (none, "algorithm"),
    "signed with the public key as a secret": (hs256, "algorithm"),
    "a critical header": (with_header(crit=["b64"], b64=True), "form"),
    "an unknown kid": (with_header(kid="unknown"), "key"),
    "another's key under our kid": (with_header(STRANGER), "signature"),
    "a key of its own in the header": (with_header(STRANGER, jwk=STRANGER.as_dict(private=False)), "signature"),
    "another key's kid": (with_header(kid="ec"), "key"),
    "its claims changed": (body_changed, "signature"),
    "no token": (lambda header, claims: "x", "form"),
    "very long": (lambda header, claims: "x" * 20_000 + "..", "form"),
}  # fmt: skip


async def test_a_token_that_does_not_hold_opens_nothing(
    city: City, client: httpx.AsyncClient, provider: OpenIDProvider, account: str
) -> None:
    for name, (forge, reason) in FORGED.items():
        city[identity.Known].attempts.clear()
        provider.forge = forge
        page = await through(client)
        assert page.status_code == 401, name
        assert "The identity provider refused this sign-in" in page.text
        assert STATUS not in client.cookies, name
        told = {"issuer": provider.issuer, "reason": reason, "by": "openid"}
        assert (await refusals(city))[-1] == told, name
    assert await city[Database].fetchval("SELECT count(*) FROM access.session") == 0
    provider.forge = None
    assert (await through(client)).status_code == 200  # the same, not forged
    assert STATUS in client.cookies


@pytest.mark.parametrize("alg", ["RS256", "PS256", "ES256", "Ed25519", "EdDSA"])
async def test_the_allowed_algorithms_are_verified(
    client: httpx.AsyncClient, provider: OpenIDProvider, account: str, alg: str
) -> None:
    provider.alg = alg
    digest = hashlib.new("sha512" if alg in ("Ed25519", "EdDSA") else "sha256", b"an-access-token").digest()
    provider.claims = {"at_hash": b64(digest[: len(digest) // 2]), "azp": CLIENT, "aud": [CLIENT, "other"]}
    assert (await through(client)).status_code == 200
    assert STATUS in client.cookies


async def test_an_answer_is_taken_once_and_in_the_browser_that_began(
    city: City, client: httpx.AsyncClient, provider: OpenIDProvider, account: str
) -> None:
    back = await begun(client)
    other = httpx.AsyncClient(transport=client._transport, base_url="http://yong.test")
    assert (await other.get(back)).status_code == 401  # login CSRF: another browser
    await other.get("/sign-in/openid")
    assert (await other.get(back)).status_code == 401  # nor one with a sign-in of its own under way
    assert (await client.get(back + "&state=x")).status_code == 400  # said twice
    assert (await client.get(back)).status_code == 200
    client.cookies.clear()
    replayed = await client.get(back)
    assert replayed.status_code == 401
    assert "begin again" in replayed.text

    late = await begun(client)
    await city[Database].execute("UPDATE access.openid_request SET until = now() - interval '1 second'")
    assert (await client.get(late)).status_code == 401
    assert STATUS not in client.cookies


async def test_a_code_works_once_and_for_the_verifier_it_was_asked_with(
    city: City, client: httpx.AsyncClient, provider: OpenIDProvider, account: str
) -> None:
    first = await begun(client)
    code = parse_qs(urlsplit(first).query)["code"][0]
    assert (await client.get(first)).status_code == 200
    client.cookies.clear()
    second = parse_qs(urlsplit(await begun(client)).query)
    reused = await client.get("/sign-in/openid/callback", params={"code": code, "state": second["state"][0]})
    assert reused.status_code == 401
    # a code that another browser got, brought in here: the verifier is not the one it was asked with
    other = httpx.AsyncClient(transport=client._transport, base_url="http://yong.test")
    stolen = parse_qs(urlsplit(await begun(other)).query)["code"][0]
    mine = parse_qs(urlsplit(await begun(client)).query)["state"][0]
    injected = await client.get("/sign-in/openid/callback", params={"code": stolen, "state": mine})
    assert injected.status_code == 401
    assert STATUS not in client.cookies
    assert [r["reason"] for r in await refusals(city)] == ["unauthenticated", "unauthenticated"]


async def test_another_provider_cannot_answer_for_ours(
    city: City, client: httpx.AsyncClient, provider: OpenIDProvider, account: str
) -> None:
    mixed = await client.get(await begun(client) + "&iss=https%3A%2F%2Fevil.example")
    assert mixed.status_code == 401
    assert (await refusals(city))[-1]["reason"] == "issuer"
    city[ours.Provider].metadata_ = None
    provider.metadata = {"authorization_response_iss_parameter_supported": True}
    assert (await through(client)).status_code == 401  # it says that it always names itself, and did not
    named = await client.get(await begun(client) + "&iss=" + provider.issuer)
    assert named.status_code == 200
    denied = (await begun(client)).replace("code=", "error=access_denied&nocode=") + f"&iss={provider.issuer}"
    assert (await client.get(denied)).status_code == 401
    assert (await refusals(city))[-1]["reason"] == "provider"


async def test_a_discovery_document_that_is_not_acceptable_shuts_this_way_in(
    city: City, client: httpx.AsyncClient, provider: OpenIDProvider
) -> None:
    for wrong in (
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://evil.example/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"code_challenge_methods_supported": ["plain"]},
        {"token_endpoint": None},
    ):
        city[ours.Provider].failed = 0
        provider.metadata = wrong
        count = len(provider.asked)
        assert (await client.get("/sign-in/openid")).status_code == 503, wrong
        assert len(provider.asked) == count + 1
    city[ours.Provider].failed, provider.metadata = 0, {}
    assert (await client.get("/sign-in/openid")).status_code == 303


async def test_nobody_gets_in_without_a_link_or_disabled(
    city: City, client: httpx.AsyncClient, provider: OpenIDProvider, security: Caller, account: str
) -> None:
    provider.subject = "<b>li.si</b>"
    page = await through(client)
    assert page.status_code == 401
    assert "&lt;b&gt;li.si&lt;/b&gt; is not linked" in page.text
    assert (await refusals(city))[-1]["subject"] == "<b>li.si</b>"
    assert await city[Database].fetchval("SELECT count(*) FROM access.account") == 1  # none was made
    provider.subject = "zhang.san@city"
    await access.disable_account(city, security, account)
    page = await through(client)
    assert page.status_code == 401
    assert "may not sign in" in page.text
    assert STATUS not in client.cookies


async def test_links_are_the_security_administrators_and_end_what_they_opened(
    city: City, client: httpx.AsyncClient, provider: OpenIDProvider, security: Caller, account: str,
    callers: Callable[..., Caller],
) -> None:  # fmt: skip
    for role in ("access.system_admin", "access.audit_admin", "access.operator"):
        with pytest.raises(Forbidden):
            await access.links(city, callers(role))
        with pytest.raises(Forbidden):
            await access.link(city, callers(role), account, "x")
    with pytest.raises(Forbidden):
        await access.link(city, security, security.account, "x")  # nobody their own
    second, _ = await access.create_account(city, security, "li.si")
    with pytest.raises(Conflict):
        await access.link(city, security, second, provider.subject)  # one person, two accounts
    with pytest.raises(Conflict):
        await access.link(city, security, account, "another subject")
    with pytest.raises(Invalid):
        await access.link(city, security, second, "x", "http://evil.example")
    await through(client)
    assert (await client.get("/session")).status_code == 200
    (link,) = await access.links(city, security, account)
    assert link.used_at is not None
    await access.unlink(city, security, link.id)
    assert (await client.get("/session")).status_code == 401
    assert (await through(client)).status_code == 401
    told = await city[Database].fetch("SELECT action FROM access.audit_entry ORDER BY id")
    assert {"access.link_identity", "access.unlink_identity"} <= {r["action"] for r in told}


@pytest.mark.parametrize("settings", [{"YONG_OIDC_CREATE_RESIDENTS": "true"}], indirect=True)
async def test_residents_are_made_where_the_settings_say_so_and_nothing_more(
    city: City, client: httpx.AsyncClient
) -> None:
    assert (await through(client)).status_code == 200
    me = (await client.get("/session")).json()
    assert [(m["role"], m["own"]) for m in me["mandates"]] == [("access.resident", True)]
    assert me["party"].startswith("person-")
    other = httpx.AsyncClient(transport=client._transport, base_url="http://yong.test")
    assert (await through(other)).status_code == 200
    assert (await other.get("/session")).json()["account"] == me["account"]
    name = await city[Database].fetchval("SELECT name FROM access.account WHERE id = $1", me["account"])
    assert (await other.post("/session", json={"name": name, "password": ""})).status_code == 401


async def test_two_first_sign_ins_at_once_make_one_resident(settings: Settings, city: City) -> None:
    who = flow.Identity("https://issuer.example", "s", frozenset(), None)

    async def make() -> str:
        async with city[Database].transaction() as connection:
            row = await flow._resident(city, connection, who)
            assert row is not None
            return str(row["id"])

    assert len(set(await asyncio.gather(*(make() for _ in range(6))))) == 1


async def test_a_provider_that_is_down_shuts_this_way_in_both_languages(
    city: City, client: httpx.AsyncClient, provider: OpenIDProvider, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    part = city[ours.Provider]
    provider.answers["/token"] = (500, b"")
    assert (await through(client)).status_code == 503
    assert (await refusals(city))[-1]["reason"] == "unavailable"
    provider.answers = {"/keys": (200, b'{"keys": [' + b" " * 300_000 + b"]}")}
    assert (await through(client)).status_code == 503  # too much
    part.failed = 0
    provider.answers = {"/keys": (302, b"")}
    assert (await through(client)).status_code == 503
    assert "/elsewhere" not in provider.asked  # redirects are not followed
    part.failed, part.metadata_, provider.answers = 0, None, {}
    monkeypatch.setattr(ours, "_ANSWER_S", 0.2)
    provider.pause_s = 1.0
    assert (await client.get("/sign-in/openid")).status_code == 503  # too slow
    count = len(provider.asked)
    zh = await client.get("/sign-in/openid", headers={"accept-language": "zh"})
    assert zh.status_code == 503
    assert "身份提供方暂不可用" in zh.text
    assert len(provider.asked) == count  # left alone for a moment
    assert STATUS not in client.cookies
    await provider.stop()
    part.failed = 0
    assert (await client.get("/sign-in/openid")).status_code == 503
    ours_too = await client.post("/session", json={"name": "zhang.san", "password": "x"})
    assert ours_too.status_code == 401  # passwords are still taken


async def test_new_keys_are_fetched_when_a_token_names_one_but_not_for_every_token(
    client: httpx.AsyncClient, provider: OpenIDProvider, account: str
) -> None:
    assert (await through(client)).status_code == 200
    fresh = RSAKey.generate_key(2048, {"kid": "rsa-2"})
    provider.published = [fresh]
    provider.forge = with_header(fresh, kid="rsa-2")
    client.cookies.clear()
    assert (await through(client)).status_code == 200
    assert STATUS in client.cookies
    assert provider.asked.count("/keys") == 2
    provider.forge = with_header(kid="rsa-3")
    for _ in range(3):
        assert (await through(client)).status_code == 401
    assert provider.asked.count("/keys") == 2  # at most once a minute


async def test_keys_that_may_not_sign_do_not(
    city: City, client: httpx.AsyncClient, provider: OpenIDProvider, account: str
) -> None:
    public = KEYS["RS256"].as_dict(private=False)
    secret = {"kty": "oct", "kid": "rsa", "k": b64(b"k" * 32)}
    provider.published = [
        {**public, "use": "enc"},
        secret,
        {"kty": "RSA", "kid": "rsa", "n": "!", "e": "AQAB"},
    ]
    assert (await through(client)).status_code == 401
    assert (await refusals(city))[-1]["reason"] == "key"
    city[ours.Provider].keys_ = None
    short = RSAKey.generate_key(1024, {"kid": "short"})
    provider.published, provider.forge = [short], with_header(short, kid="short")
    assert (await through(client)).status_code == 401
    assert (await refusals(city))[-1]["reason"] == "key"
    assert STATUS not in client.cookies


async def test_the_secret_may_lie_in_a_file(tmp_path: Path) -> None:
    with pytest.raises(Refused):
        load({"YONG_HOME": str(tmp_path), "YONG_OIDC_SECRET_FILE": str(tmp_path / "absent")})
    file = tmp_path / "word"
    file.write_text(SECRET + "\n")
    found = load({"YONG_HOME": str(tmp_path), "YONG_OIDC_SECRET_FILE": str(file)})
    assert ours.client_secret(found) == SECRET


async def test_the_client_proves_itself_as_the_provider_wants_it(
    city: City, client: httpx.AsyncClient, provider: OpenIDProvider, account: str
) -> None:
    provider.metadata = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    assert (await through(client)).status_code == 200
    assert provider.authorization is None
    assert provider.form["client_secret"] == SECRET
    provider.metadata, city[ours.Provider].metadata_ = {}, None
    assert (await through(client)).status_code == 200
    assert provider.authorization is not None
    assert "client_secret" not in provider.form
    assert base64.b64decode(provider.authorization[6:]) == b"yong%20at%20the%20city%2F1:s3cret%3Awith%20colon"


async def test_nobody_is_sent_to_another_site(client: httpx.AsyncClient, account: str) -> None:
    for wanted in (
        "https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil", "javascript:alert(1)", "/a\nb",
        "", "me", "/甬", "/ b", "/" + "a" * 500,
    ):  # fmt: skip
        assert flow.own_path(wanted) == "/me"
    assert flow.own_path("/records/a?b=c#d") == "/records/a?b=c#d"
    assert 'content="0; url=/me"' in (await through(client, "//evil.example")).text


async def test_a_page_of_another_site_cannot_begin_a_sign_in_unseen(client: httpx.AsyncClient) -> None:
    hidden = await client.get("/sign-in/openid", headers={"sec-fetch-mode": "no-cors"})
    assert hidden.status_code == 403
    assert "set-cookie" not in hidden.headers


@pytest.mark.parametrize(
    "wrong",
    [
        {"YONG_OIDC_ISSUER": "http://login.example"},
        {"YONG_OIDC_ISSUER": "https://login.example?x=1"},
        {"YONG_OIDC_ISSUER": "https://u:p@login.example"},
        {"YONG_OIDC_ISSUER": "https://login.example#x"},
        {"YONG_OIDC_ISSUER": "http://127.0.0.1.evil.example"},
        {"YONG_OIDC_ISSUER": "https://login.example", "YONG_OIDC_CLIENT": ""},
        {"YONG_PUBLIC_URL": "http://city.example"},
        {"YONG_PUBLIC_URL": "https://city.example/yong"},
        {"YONG_OIDC_NAME_ZH": "长" * 61},
    ],
)
def test_unsafe_settings_are_refused(tmp_path: Path, wrong: dict[str, str]) -> None:
    good = {"YONG_HOME": str(tmp_path), "YONG_OIDC_ISSUER": "https://login.example", "YONG_OIDC_CLIENT": "c"}
    assert load(good).oidc_client == "c"
    with pytest.raises(Refused):
        load(good | wrong)


def test_by_https_the_cookie_cannot_be_set_by_a_subdomain(tmp_path: Path) -> None:
    by_https = load({"YONG_HOME": str(tmp_path), "YONG_PUBLIC_URL": "https://city.example"})
    assert flow.cookie_name(by_https) == "__Host-yong_openid"
    assert ours.secure(by_https)
    assert ours.redirect_uri(by_https) == "https://city.example/sign-in/openid/callback"
