"""Second factors lie sealed, purposes are named, policies are seen, the trail is pruned, quotas hold together."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import asyncpg
import httpx
import msgspec
import pytest
from tests.conftest import TestDatabase

from yong.app import bootstrap
from yong.kernel.access import api as access
from yong.kernel.access import audit as trail
from yong.kernel.access import identity, logic
from yong.kernel.access.contracts import ANONYMOUS, Caller, Purpose
from yong.kernel.access.identity import factors, keys
from yong.kernel.access.policies import Policies
from yong.kernel.base import clock
from yong.kernel.base.city import City
from yong.kernel.base.errors import Forbidden, Invalid, NotFound, Unauthenticated
from yong.kernel.base.relation import Field, Level, Personal, Relation, Type
from yong.kernel.base.settings import Settings
from yong.kernel.base.text import Text
from yong.kernel.store.database import Database
from yong.kernel.store.jobs import Job, Jobs

T = Text("试", "test")
PASSWORD = "a phrase that is long enough"


async def as_owner(database: TestDatabase, *statements: str) -> None:
    connection = await asyncpg.connect(database.owner_url)
    try:
        for sql in statements:
            await connection.execute(sql)
    finally:
        await connection.close()


async def enrolled(city: City) -> tuple[str, str]:
    """An account with a confirmed second factor: its id and the secret."""
    caller = access.system_caller("access")
    id_, _ = await access.create_account(city, caller, "zhang.san", password=PASSWORD)
    who = Caller(account=id_)
    secret = (await identity.enrol(city, who)).partition("secret=")[2].partition("&")[0]
    await identity.confirm(city, who, logic.totp(secret, int(time.time()) // 30 - 1))
    return id_, secret


def now_code(secret: str) -> str:
    return logic.totp(secret, int(time.time()) // 30)


async def whole(city: City) -> str:
    """Everything the table of accounts holds, as text."""
    rows = await city[Database].fetch("SELECT a::text AS text FROM access.account a")
    return "\n".join(r["text"] for r in rows)


async def test_the_database_alone_opens_no_second_factor(city: City) -> None:
    id_, secret = await enrolled(city)
    text = await whole(city)
    assert secret not in text
    assert secret.encode().hex() not in text
    sealed = await city[Database].fetchval("SELECT totp_sealed FROM access.account WHERE id = $1", id_)
    assert factors.unseal(city, id_, sealed) == secret
    assert factors.unseal(city, "another", sealed) is None  # moved to another account
    for n in range(len(sealed)):
        assert factors.unseal(city, id_, sealed[:n] + bytes([sealed[n] ^ 1]) + sealed[n + 1 :]) is None
    assert factors.unseal(city, id_, b"") is None
    assert factors.seal(city, id_, secret) != factors.seal(city, id_, secret)
    key = city.settings.home / "secrets" / "totp-key"
    assert key.stat().st_mode & 0o777 == 0o600


async def test_a_row_of_another_account_or_a_lost_key_opens_nothing(city: City) -> None:
    id_, secret = await enrolled(city)
    caller = access.system_caller("access")
    other, _ = await access.create_account(city, caller, "li.si", password=PASSWORD)
    await city[Database].execute(
        """UPDATE access.account SET totp_confirmed = true,
             totp_sealed = (SELECT totp_sealed FROM access.account WHERE id = $1) WHERE id = $2""",
        id_,
        other,
    )
    with pytest.raises(Unauthenticated):
        await identity.sign_in(city, "li.si", PASSWORD, now_code(secret), "")
    city[identity.Known].sealing = None
    (city.settings.home / "secrets" / "totp-key").unlink()  # as after a restore without the secrets
    with pytest.raises(Unauthenticated):
        await identity.sign_in(city, "zhang.san", PASSWORD, now_code(secret), "")


async def test_what_an_older_version_stored_in_clear_is_sealed_at_the_start(
    settings: Settings, city: City, database: TestDatabase
) -> None:
    id_, _ = await enrolled(city)
    secret = logic.new_totp_secret()
    older = (
        "ALTER TABLE access.account DROP CONSTRAINT totp_secret_sealed",
        f"UPDATE access.account SET totp_secret = '{secret}', totp_sealed = NULL, totp_last_step = 0",
        "ALTER TABLE access.account ADD CONSTRAINT totp_secret_sealed CHECK (totp_secret IS NULL) NOT VALID",
    )
    await as_owner(database, *older)
    assert secret in await whole(city)
    async with bootstrap.running(settings, database.serve_url) as later:
        assert secret not in await whole(later)
        token, caller = await identity.sign_in(later, "zhang.san", PASSWORD, now_code(secret), "")
        assert token
        assert caller.account == id_
        assert await identity.seal_stored(later) == 0
        with pytest.raises(asyncpg.CheckViolationError):
            await later[Database].execute("UPDATE access.account SET totp_secret = 'x'")


async def test_one_code_signs_in_once_also_when_it_comes_many_times_at_once(city: City) -> None:
    _, secret = await enrolled(city)
    code = now_code(secret)
    answers = await asyncio.gather(
        *(identity.sign_in(city, "zhang.san", PASSWORD, code, str(n)) for n in range(4)),
        return_exceptions=True,
    )
    assert sum(not isinstance(a, BaseException) for a in answers) == 1
    assert all(isinstance(a, Unauthenticated) for a in answers if isinstance(a, BaseException))


# ---------------------------------------------------------------- purposes


PEOPLE = Relation(
    name="store.people",
    title=T,
    key=("id",),
    district="district",
    fields=(
        Field(name="id", type=Type.TEXT, meaning=T, level=Level.GENERAL, personal=Personal.NO),
        Field(name="name", type=Type.TEXT, meaning=T, level=Level.GENERAL, personal=Personal.PERSONAL),
    ),
)


async def test_a_purpose_that_no_module_declares_is_refused(
    city: City, client: httpx.AsyncClient, callers: Callable[..., Caller]
) -> None:
    city[Policies].add(PEOPLE)
    officer = callers("access.department_officer", district="3302")
    assert access.scoped(city, PEOPLE, officer).masked == {"name"}
    assert not access.scoped(city, PEOPLE, officer, purpose="access.inspection").masked
    for made_up in ("x", "inspection", "access.Inspection", " ", "无"):
        with pytest.raises(Invalid):
            access.scoped(city, PEOPLE, officer, purpose=made_up)
        stating = msgspec.structs.replace(officer, purpose=made_up)
        with pytest.raises(Invalid):
            access.scoped(city, PEOPLE, stating)
        with pytest.raises(Invalid):
            access.allowed(city, stating, "records.read", PEOPLE.name)
        with pytest.raises(Invalid):
            await access.may_touch(city, stating, "records.update", PEOPLE, owner=None, district="3302")
    answer = await client.get("/records/environment.station", headers={"x-purpose": "curiosity"})
    assert answer.status_code == 422
    assert "GET /purposes" in answer.json()["detail"]


def test_every_purpose_belongs_to_its_module_and_is_said_in_both_languages(settings: Settings) -> None:
    found = list(bootstrap.registry(settings).of(Purpose))
    assert found
    assert len({p.name for _, p in found}) == len(found)
    for module, purpose in found:
        assert purpose.name.startswith(f"{module.name}."), purpose
        assert purpose.title.zh, purpose
        assert purpose.title.en, purpose


async def test_purposes_are_listed_for_whoever_is_signed_in(
    city: City, client: httpx.AsyncClient, callers: Callable[..., Caller]
) -> None:
    assert (await client.get("/purposes")).status_code == 401
    with pytest.raises(Unauthenticated):
        access.purposes(city, ANONYMOUS)
    assert "access.inspection" in {p.name for p in access.purposes(city, callers("access.resident"))}
    once = dict(await access.first_run(city))
    await client.post("/session", json={"name": "audit-admin", "password": once["audit-admin"]})
    listed = (await client.get("/purposes")).json()
    assert {"access.emergency": "emergency"}.items() <= {p["name"]: p["basis"] for p in listed}.items()


# ---------------------------------------------------------------- policies


FORBID = '@id("quiet") forbid (principal == Role::"access.operator", action, resource in Module::"store");'


async def test_two_administrators_see_every_policy_in_force(
    city: City, callers: Callable[..., Caller]
) -> None:
    security, auditor = callers("access.security_admin"), callers("access.audit_admin")
    await access.set_policy(city, security, "quiet", FORBID)
    await access.set_policy(city, security, "quiet", FORBID)
    await access.set_policy(
        city, security, "greedy", 'permit (principal, action == Action::"access.read_policies", resource);'
    )
    for role in ("access.system_admin", "access.operator", "access.department_officer", "access.resident"):
        with pytest.raises(Forbidden):
            await access.policies(city, callers(role))
    with pytest.raises(Unauthenticated):
        await access.policies(city, ANONYMOUS)
    for who in (security, auditor):
        found = await access.policies(city, who)
        assert len(found) == len(city[Policies].reasons)
        by_id = {p.id: p for p in found}
        assert (by_id["quiet"].source, by_id["quiet"].effect, by_id["quiet"].version) == (
            "stored:quiet",
            "forbid",
            2,
        )
        shipped = by_id["access.administrators.no-data"]
        assert (shipped.source, shipped.effect, shipped.version) == ("access", "forbid", None)
        assert 'Role::"access.system_admin"' in shipped.cedar
        city[Policies].check("\n".join(p.cedar for p in found))  # the text is Cedar again
    told = await city[Database].fetch("SELECT action FROM access.audit_entry ORDER BY id")
    assert [r["action"] for r in told].count("access.read_policies") == 2


async def test_a_policy_is_checked_without_changing_anything_and_withdrawn_by_name(
    city: City, callers: Callable[..., Caller]
) -> None:
    security, operator = callers("access.security_admin"), callers("access.operator")
    (seen,) = access.check_policy(city, security, FORBID)
    assert (seen.id, seen.effect) == ("quiet", "forbid")
    with pytest.raises(Invalid):
        access.check_policy(city, security, "permit (")
    with pytest.raises(Invalid):
        access.check_policy(city, security, "x" * 100_001)
    with pytest.raises(Forbidden):
        access.check_policy(city, callers("access.audit_admin"), FORBID)
    assert await city[Database].fetchval("SELECT count(*) FROM access.policy") == 0
    assert access.allowed(city, operator, "records.read", PEOPLE.name)
    await access.set_policy(city, security, "quiet", FORBID)
    assert not access.allowed(city, operator, "records.read", PEOPLE.name)
    with pytest.raises(Forbidden):
        await access.withdraw_policy(city, callers("access.audit_admin"), "quiet")
    assert await access.withdraw_policy(city, security, "quiet") == 2
    assert access.allowed(city, operator, "records.read", PEOPLE.name)
    for absent in ("quiet", "never"):
        with pytest.raises(NotFound):
            await access.withdraw_policy(city, security, absent)
    facts = await city[Database].fetch(
        "SELECT facts FROM access.audit_entry WHERE action = 'access.set_policy' ORDER BY id"
    )
    assert [f["facts"] for f in facts] == [{"version": 1, "active": True}, {"version": 2, "active": False}]


# ---------------------------------------------------------------- the trail's retention


async def written(city: City, count: int) -> None:
    for n in range(count):
        async with city[Database].transaction() as connection:
            await access.audit(connection, access.system_caller("access"), "test.act", f"thing:{n}")


async def test_the_job_seals_prunes_and_leaves_a_chain_that_verifies(
    settings: Settings, database: TestDatabase
) -> None:
    kept = msgspec.structs.replace(settings, database_url=database.owner_url, audit_keep_days=200)
    async with bootstrap.running(kept, database.serve_url) as city:
        (job,) = (j for _, j in city.registry.of(Job) if j.name == "access.prune_audit")
        assert job.schedule
        await written(city, 5)
        while (await trail.verify(city)).unsealed:  # only what is sealed goes
            await trail.seal(city)
        await as_owner(
            database,
            "ALTER TABLE access.audit_entry DISABLE TRIGGER stays",
            "UPDATE access.audit_entry SET at = at - interval '201 days'",
            "ALTER TABLE access.audit_entry ENABLE TRIGGER stays",
        )
        await written(city, 3)
        jobs = Jobs(city, database.serve_url)
        async with jobs.app.open_async():
            await jobs.defer("access.prune_audit")
            await jobs.work(wait=False)
        # A transaction that runs in any database of the server holds what is to be sealed back.
        while (await trail.verify(city)).unsealed:
            await trail.seal(city)
        await trail.anchor(city)
        rows = await city[Database].fetch("SELECT action, facts FROM access.audit_entry ORDER BY id")
        assert [r["action"] for r in rows] == ["test.act"] * 3 + ["access.prune_audit"]
        assert rows[-1]["facts"] == {"entries": 5, "keep_days": 200}
        report = await trail.verify(city)
        assert (report.entries, report.unsealed, report.findings) == (4, 0, [])
        await job.handler(city)  # nothing more to drop
        assert (await trail.verify(city)).sound
        too_short = City(msgspec.structs.replace(kept, audit_keep_days=179), city.registry)
        too_short.put(Database, city[Database])
        with pytest.raises(Invalid):
            await job.handler(too_short)


# ---------------------------------------------------------------- quotas


async def test_processes_that_reserve_at_the_same_instant_are_granted_the_quota_together(
    settings: Settings, city: City, database: TestDatabase
) -> None:
    caller = access.system_caller("access")
    id_, _ = await access.create_account(city, caller, "machine", password=PASSWORD)
    async with city[Database].transaction() as connection:
        key = await identity.issue_key(
            connection, Caller(account=id_), title="t", roles=["access.operator"],
            per_minute=430, per_day=1000, days=1,
        )  # fmt: skip
    key_id, period = key[3:].partition("_")[0], f"m{clock.now():%Y-%m-%dT%H:%M}"
    first = await keys._reserve(city, key_id, "per_minute", period)
    assert first == 4  # a hundredth

    async def reserve(one: City) -> int:
        return await keys._reserve(one, key_id, "per_minute", period)

    async with bootstrap.running(settings, database.serve_url) as other:
        held = await asyncpg.connect(database.owner_url)
        try:
            async with held.transaction():  # both look at the same row before either may change it
                await held.execute("SELECT 1 FROM access.api_key_use WHERE key_id = $1 FOR UPDATE", key_id)
                waiting = [asyncio.create_task(reserve(one)) for one in (city, other)]
                await _blocked(held, 2)
            assert [await t for t in waiting] == [4, 4]
        finally:
            await held.close()
        rest = await asyncio.gather(*(reserve(one) for one in (city, other) * 60))
        assert first + 8 + sum(rest) == 430
        assert await city[Database].fetchval("SELECT uses FROM access.api_key_use") == 430
        assert await reserve(city) == 0


async def test_processes_that_are_killed_do_not_use_up_a_quota(city: City) -> None:
    caller = access.system_caller("access")
    id_, _ = await access.create_account(city, caller, "machine", password=PASSWORD)
    async with city[Database].transaction() as connection:
        key = await identity.issue_key(
            connection, Caller(account=id_), title="t", roles=["access.operator"],
            per_minute=1_000_000, per_day=10_000, days=1,
        )  # fmt: skip
    for _ in range(30):
        await keys.within_quota(city, key)
        city[identity.Known].reserved.clear()  # as when it starts anew
    used = {r["period"][0]: r["uses"] for r in await city[Database].fetch("SELECT * FROM access.api_key_use")}
    assert used == {"m": 30_000, "d": 3_000}


async def _blocked(connection: Any, count: int) -> None:
    for _ in range(500):
        await connection.execute(
            "SELECT pg_stat_clear_snapshot()"
        )  # else a transaction sees its first look again
        waiting = await connection.fetchval(
            """SELECT count(*) FROM pg_stat_activity
               WHERE wait_event_type = 'Lock' AND datname = current_database()"""
        )
        if waiting >= count:
            return
        await asyncio.sleep(0.01)
    raise AssertionError("they do not wait")
