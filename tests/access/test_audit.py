"""The trail under concurrency, restore, pruning and forgery; what never enters it; policies that are refused."""

import asyncio
from datetime import timedelta

import asyncpg
import msgspec
import pytest

from yong.kernel.access import api as access
from yong.kernel.access import audit as trail
from yong.kernel.access.contracts import ANONYMOUS, Caller, Mandate
from yong.kernel.access.policies import Policies
from yong.kernel.access.retention import prune
from yong.kernel.base import clock
from yong.kernel.base.errors import Forbidden, Invalid, Unauthenticated
from yong.kernel.base.relation import Field, Level, Mask, Personal, Relation, Type
from yong.kernel.base.text import Text
from yong.kernel.store.database import Database

STRONG = frozenset({"password", "totp"})
T = Text("试", "test")
PAPERS = Relation(
    name="store.papers",
    title=T,
    key=("id",),
    owner="owner_id",
    district="district",
    fields=tuple(
        Field(name=name, type=Type.TEXT, meaning=T, level=Level.GENERAL, personal=personal, mask=mask)
        for name, personal, mask in (("id", Personal.NO, Mask.HIDE), ("name", Personal.PERSONAL, Mask.NAME))
    ),
)


def holder(role):
    return Caller(account="somebody", mandates=(Mandate(id="m", role=role),), factors=STRONG)


async def written(city, count, **facts):
    async with city[Database].transaction() as connection:
        await access.audit_of(
            connection, [(holder("x"), "test.act", f"thing/{n}", {"n": n, **facts}) for n in range(count)]
        )


async def sealed(city, count):
    done = 0
    while done < count:
        done += await trail.seal(city, 1000)
        await asyncio.sleep(0.01)


async def as_owner(database, sql, *args):
    owner = await asyncpg.connect(database.owner_url)
    try:
        await owner.execute("SET session_replication_role = replica")
        return await owner.execute(sql, *args)
    finally:
        await owner.close()


async def told(city):
    return {f.detail.en for f in (await trail.verify(city)).findings}


async def test_writers_and_sealers_at_once_make_one_sound_chain(city):
    async def write(n):
        for k in range(20):
            async with city[Database].transaction() as connection:
                await access.audit(connection, holder("x"), "test.act", f"{n}/{k}", {})
                await asyncio.sleep(0.001 * (n % 3))

    async def keep():
        while True:
            await asyncio.gather(trail.seal(city, 7), trail.seal(city, 7))
            await trail.anchor(city)

    keeper = asyncio.create_task(keep())
    await asyncio.gather(*(write(n) for n in range(6)))
    keeper.cancel()
    await asyncio.gather(keeper, return_exceptions=True)
    while (await trail.verify(city)).unsealed:
        await trail.seal(city)
        await asyncio.sleep(0.01)
    await trail.anchor(city)
    report = await trail.verify(city)
    assert (report.entries, report.findings) == (120, [])
    assert report.anchors >= 1


async def test_what_is_rolled_back_leaves_no_trace_and_what_is_open_is_not_sealed(city):
    async with city[Database].pool.acquire() as connection:
        given_up = connection.transaction()
        await given_up.start()
        await access.audit(connection, holder("x"), "test.act", "never", {})
        await given_up.rollback()
    async with city[Database].transaction() as connection:
        await access.audit(connection, holder("x"), "test.act", "open", {})
        await written(city, 3)
        assert await trail.seal(city) == 0  # the open one may still come before them
    await sealed(city, 4)
    rows = await city[Database].fetch(
        "SELECT resource FROM access.audit_entry e JOIN access.audit_seal s ON s.entry_id = e.id ORDER BY position"
    )
    assert [r[0] for r in rows] == ["open", "thing/0", "thing/1", "thing/2"]


async def test_entries_of_a_restored_dump_are_sealed_though_their_transactions_lie_ahead(city, database):
    await written(city, 3)
    await as_owner(database, "UPDATE access.audit_entry SET xid = (xid::text::bigint + 1000000)::text::xid8")
    await as_owner(database, "UPDATE access.audit_settled SET xid = '900000000'")
    await sealed(city, 3)
    await written(city, 2)
    await sealed(city, 2)
    assert await told(city) == set()


@pytest.mark.parametrize(
    ("forgery", "finding"),
    [
        (
            """INSERT INTO access.audit_entry (at, account, action, resource, facts)
               VALUES (now() - interval '3 hours', 'a', 'test.act', 'thing', '{}')""",
            "Entry {id} claims a time before those that it follows",
        ),
        ("DELETE FROM access.audit_seal WHERE position = 4", "A link of the chain is missing"),
        ("DELETE FROM access.audit_entry WHERE id = (SELECT max(id) FROM access.audit_entry)", "Entry {id} was deleted"),
    ],
)  # fmt: skip
async def test_forgeries_are_named(city, database, forgery, finding):
    await written(city, 6)
    await sealed(city, 6)
    await trail.anchor(city)
    assert await told(city) == set()
    await as_owner(database, forgery)
    for _ in range(20):
        await trail.seal(city)
        await asyncio.sleep(0.01)
    start, _, end = finding.partition("{id}")
    assert any(t.startswith(start) and t.endswith(end) for t in await told(city))


async def test_a_tail_cut_behind_its_anchor_shows(city, database):
    await written(city, 6)
    await sealed(city, 6)
    await trail.anchor(city)
    await as_owner(
        database,
        "DELETE FROM access.audit_entry WHERE id IN (SELECT entry_id FROM access.audit_seal WHERE position > 4)",
    )
    await as_owner(database, "DELETE FROM access.audit_seal WHERE position > 4")
    assert await told(city) == {"The chain was cut before its anchor at 6"}


async def test_pruning_keeps_half_a_year_and_a_chain_that_verifies(city, database):
    await written(city, 4)
    await as_owner(database, "UPDATE access.audit_entry SET at = at - interval '400 days'")
    await written(city, 3)
    await as_owner(database, "UPDATE access.audit_entry SET at = at - interval '100 days' WHERE id > 4")
    await sealed(city, 7)
    with pytest.raises(Invalid):
        await prune(database.owner_url, 179)
    assert await prune(database.owner_url, 180) == 4
    assert await prune(database.owner_url, 180) == 0
    await written(city, 2)
    await sealed(city, 2)
    await trail.anchor(city)
    report = await trail.verify(city)
    assert (report.entries, report.findings) == (5, [])


async def test_a_beginning_dropped_before_its_time_shows(city, database):
    await written(city, 5)
    await sealed(city, 5)
    await trail.anchor(city)
    await written(city, 2)
    await sealed(city, 2)
    await trail.anchor(city)
    await as_owner(
        database,
        "INSERT INTO access.audit_start (position, hash) SELECT position, hash FROM access.audit_seal WHERE position = 5",
    )
    await as_owner(database, "DELETE FROM access.audit_entry WHERE id <= 5")
    await as_owner(database, "DELETE FROM access.audit_seal WHERE position <= 5")
    assert await told(city) == {"Entries younger than 180 days were dropped"}


async def test_anchors_torn_by_a_power_loss_are_passed_over(city):
    await written(city, 2)
    await sealed(city, 2)
    await trail.anchor(city)
    file = trail.anchor_file(city)
    with file.open("ab") as handle:
        handle.write(b'{"position":9,"ha')
    await written(city, 2)
    await sealed(city, 2)
    assert await trail.anchor(city) is not None
    report = await trail.verify(city)
    assert (report.findings, report.anchors) == ([], 2)
    assert file.stat().st_mode & 0o077 == 0


async def test_no_secret_and_no_citizen_number_enters_the_trail(city):
    number = "11010519491231002X"  # the example of GB 11643
    facts = {
        "password": "hunter22", "api_token": "yk_abc", "note": f"about {number}.", "list": [number, {"口令": "x"}],
        "number": 110105194912310037, "fields": ["password", "name"], "long": "123456789012345678",
    }  # fmt: skip
    async with city[Database].transaction() as connection:
        await access.audit(connection, holder("x"), "test.act", f"person/{number}", facts)
        await access.audit(connection, holder("x"), "test.act", "big", {"text": "x" * 20_000})
    first, second = await city[Database].fetch("SELECT resource, facts FROM access.audit_entry ORDER BY id")
    text = msgspec.json.encode(dict(first)).decode()
    assert number not in text
    assert "hunter22" not in text
    assert "yk_abc" not in text
    assert first["resource"] == "person/110105**********2X"
    assert first["facts"]["fields"] == ["password", "name"]
    assert first["facts"]["long"] == "123456789012345678"  # its check digit says it is no citizen number
    assert second["facts"]["left_out_bytes"] > 20_000


async def test_only_the_audit_administrator_reads_the_trail_whatever_is_stored(city):
    city[Policies].use(
        {
            "greedy": 'permit (principal == Role::"access.operator", action, resource);'
            'permit (principal == Role::"access.system_admin", action, resource);'
        }
    )
    for role in ("access.operator", "access.system_admin", "access.security_admin", "access.resident"):
        with pytest.raises(Forbidden):
            await access.audit_entries(city, holder(role))
        with pytest.raises(Forbidden):
            await access.verify_audit(city, holder(role))
    with pytest.raises(Unauthenticated):
        await access.audit_entries(city, ANONYMOUS)
    with pytest.raises(Forbidden):
        access.authorize(city, holder("access.system_admin"), "records.read", PAPERS.name)
    with pytest.raises(Forbidden):
        access.authorize(city, holder("access.operator"), "access.grant", "access")
    assert await access.audit_entries(city, holder("access.audit_admin")) == []


@pytest.mark.parametrize(
    "cedar",
    [
        "permit (",
        'permit (principal, action == Action::"records.raed", resource);',
        'forbid (principal == Role::"access.operater", action, resource);',
        'forbid (principal, action, resource) when { context.porpose == "" };',
        'forbid (principal, action, resource) when { resource.owner == "d1" };',
        'permit (principal == ?principal, action, resource);',
    ],
)  # fmt: skip
async def test_a_policy_that_cedar_would_skip_in_silence_is_refused(city, cedar):
    before = city[Policies].version
    with pytest.raises(Invalid) as refused:
        await access.set_policy(city, holder("access.security_admin"), "p", cedar)
    assert refused.value.problems
    assert city[Policies].version == before
    assert await city[Database].fetchval("SELECT count(*) FROM access.policy") == 0


async def test_a_stored_policy_counts_at_once_in_every_process_and_can_be_withdrawn(city, settings, database):
    from yong.app import bootstrap

    cedar = 'forbid (principal == Role::"access.operator", action, resource in Module::"store");'
    operator, security = holder("access.operator"), holder("access.security_admin")
    async with bootstrap.running(settings, database.serve_url) as other:
        assert access.allowed(other, operator, "records.read", PAPERS.name)
        assert await access.set_policy(city, security, "quiet", cedar) == 1
        assert not access.allowed(city, operator, "records.read", PAPERS.name)
        for _ in range(200):
            if not access.allowed(other, operator, "records.read", PAPERS.name):
                break
            await asyncio.sleep(0.01)
        assert not access.allowed(other, operator, "records.read", PAPERS.name)
    assert await access.set_policy(city, security, "quiet", cedar, active=False) == 2
    assert access.allowed(city, operator, "records.read", PAPERS.name)


async def test_the_simulator_says_who_sees_what_and_why(city, database):
    city[Policies].add(PAPERS)
    await as_owner(database, "CREATE TABLE store.papers (id text, name text, owner_id text, district text)")
    security = holder("access.security_admin")
    with pytest.raises(Forbidden):
        await access.simulate(
            city,
            holder("access.operator"),
            relation=PAPERS.name,
            mandate=Mandate(id="", role="access.operator"),
        )
    seen = await access.simulate(
        city, security, relation=PAPERS.name, mandate=Mandate(id="", role="access.operator")
    )
    assert seen.visible
    assert seen.summary.en == "all rows of the city"
    assert {f.name: f.seen for f in seen.fields} == {"id": "clear", "name": "masked"}
    assert [r.id for r in seen.mandates[0].reasons] == ["access.operator.general"]
    assert seen.mandates[0].reasons[0].meaning.zh.startswith("运行中心")
    key = {"id": "none"}
    narrow = await access.simulate(
        city, security, relation=PAPERS.name, row=key,
        mandate=Mandate(id="", role="access.department_officer", party="d1", district="330203"),
    )  # fmt: skip
    assert narrow.row is False
    assert narrow.summary.en == "rows owned by d1 or a party below it and rows whose area begins with 330203"
    assert narrow.summary.zh == "归 d1 及其下级所有的行，且区划代码以 330203 开头的行"
    admin = await access.simulate(
        city, security, relation=PAPERS.name, mandate=Mandate(id="", role="access.system_admin")
    )
    assert not admin.visible
    assert [r.id for r in admin.mandates[0].reasons] == ["access.administrators.no-data"]
    old = Mandate(id="", role="access.operator", until=(clock.now() - timedelta(days=2)).date())
    gone = await access.simulate(city, security, relation=PAPERS.name, mandate=old)
    assert (gone.visible, gone.mandates[0].counts, gone.mandates[0].permitted) == (False, False, True)
    assert (
        await city[Database].fetchval(
            "SELECT count(*) FROM access.audit_entry WHERE action = 'access.simulate'"
        )
        == 4
    )
