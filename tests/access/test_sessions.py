"""How long a sign-in lasts, by cookie and by token alike; accounts shut and opened; what nobody needs goes."""

import pytest

from yong.kernel.access import api as access
from yong.kernel.access import identity
from yong.kernel.access.contracts import Caller
from yong.kernel.access.identity import Known
from yong.kernel.access.jobs import tidy
from yong.kernel.base import clock
from yong.kernel.base.city import City
from yong.kernel.base.errors import NotFound, Unauthenticated
from yong.kernel.store.database import Database

PASSWORD = "a phrase that is long enough"
ADMIN = access.system_caller("access")


async def signed_in(city: City, name: str = "zhang.san") -> tuple[str, dict[str, str], dict[str, str]]:
    """An account: its id, its session as a cookie and as a token."""
    id_, _ = await access.create_account(city, ADMIN, name, password=PASSWORD)
    cookie, caller = await identity.sign_in(city, name, PASSWORD, None, "test")
    token, _ = identity.token_for(city, caller)
    return id_, {"cookie": f"{identity.SESSION_COOKIE}={cookie}"}, {"authorization": f"Bearer {token}"}


async def account_of(city: City, headers: dict[str, str]) -> str:
    city[Known].forget()
    return (await access.caller_of(city, headers, "test")).account


@pytest.mark.parametrize(
    "over", ["seen_at = now() - interval '31 minutes'", "created_at = now() - interval '13 hours'"]
)
async def test_an_idle_or_old_session_ends_for_its_cookie_and_its_token(city: City, over: str) -> None:
    id_, cookie, token = await signed_in(city)
    assert [await account_of(city, h) for h in (cookie, token)] == [id_, id_]
    await city[Database].execute(f"UPDATE access.session SET {over}")
    assert await account_of(city, cookie) == "anonymous"
    with pytest.raises(Unauthenticated):
        await account_of(city, token)


async def test_using_the_token_keeps_the_session_from_being_idle(city: City) -> None:
    id_, cookie, token = await signed_in(city)
    await city[Database].execute("UPDATE access.session SET seen_at = now() - interval '29 minutes'")
    await account_of(city, token)
    await city[Database].execute("UPDATE access.session SET seen_at = seen_at - interval '2 minutes'")
    assert await account_of(city, cookie) == id_


async def test_a_disabled_account_can_be_enabled_by_another_and_is_as_it_was(city: City) -> None:
    id_, cookie, token = await signed_in(city)
    await access.disable_account(city, ADMIN, id_)
    assert await account_of(city, cookie) == "anonymous"
    with pytest.raises(Unauthenticated):
        await identity.sign_in(city, "zhang.san", PASSWORD, None, "test")
    with pytest.raises(Unauthenticated):
        await access.enable_account(city, await access.caller_of(city, {}, "test"), id_)
    await access.enable_account(city, ADMIN, id_)
    with pytest.raises(Unauthenticated):
        await account_of(city, token)  # its session ended with the disabling
    await identity.sign_in(city, "zhang.san", PASSWORD, None, "test")
    with pytest.raises(NotFound):
        await access.enable_account(city, ADMIN, id_)
    told = await city[Database].fetch(
        "SELECT action FROM access.audit_entry WHERE resource = $1 ORDER BY id", f"account:{id_}"
    )
    assert [r["action"] for r in told if "able" in r["action"]] == [
        "access.disable_account",
        "access.enable_account",
    ]


async def test_ended_sessions_and_old_counts_go_and_the_rest_stays(city: City) -> None:
    old, _, _ = await signed_in(city, "old")
    await city[Database].execute("UPDATE access.session SET created_at = now() - interval '13 hours'")
    id_, cookie, _ = await signed_in(city)
    async with city[Database].transaction() as connection:
        key = await identity.issue_key(
            connection,
            Caller(account=id_),
            title="t",
            roles=["access.operator"],
            per_minute=9,
            per_day=9,
            days=1,
        )
    await access.caller_of(city, {"x-api-key": key}, "test")
    await city[Database].execute(
        """INSERT INTO access.api_key_use (key_id, period, uses)
           SELECT id, p, 1 FROM access.api_key, unnest(ARRAY['m2026-01-01T10:00', 'd2026-01-01']) AS p"""
    )
    await tidy(city)
    assert await account_of(city, cookie) == id_
    assert await city[Database].fetchval("SELECT count(*) FROM access.session") == 1
    left = {r["period"][:11] for r in await city[Database].fetch("SELECT period FROM access.api_key_use")}
    assert left == {f"m{clock.now():%Y-%m-%d}", f"d{clock.now():%Y-%m-%d}"}
    assert old != id_
