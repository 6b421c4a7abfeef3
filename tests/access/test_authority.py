"""Default deny, scope compiled to SQL, masks, and the audit chain under tampering."""

import asyncio

import asyncpg
import pytest
from tests.conftest import TestDatabase

from yong.kernel.access import api as access
from yong.kernel.access import audit as trail
from yong.kernel.access.contracts import ANONYMOUS, Caller, Mandate
from yong.kernel.access.policies import Policies
from yong.kernel.base.city import City
from yong.kernel.base.errors import Conflict, Forbidden, Unauthenticated
from yong.kernel.base.relation import Field, Level, Mask, Personal, Relation, Type
from yong.kernel.base.text import Text
from yong.kernel.store.database import Database

T = Text("试", "test")


def field(name: str, personal: Personal = Personal.NO, mask: Mask = Mask.HIDE) -> Field:
    return Field(name=name, type=Type.TEXT, meaning=T, level=Level.GENERAL, personal=personal, mask=mask)


PEOPLE = Relation(
    name="store.people",
    title=T,
    key=("id",),
    fields=(field("id"), field("city_part"), field("name", Personal.PERSONAL, Mask.NAME)),
    owner="owner_id",
    district="district",
    subject="subject_id",
)


def caller(
    *mandates: Mandate, party: str | None = None, factors: frozenset[str] = frozenset({"password", "totp"})
) -> Caller:
    return Caller(account="a", party=party, mandates=mandates, factors=factors)


@pytest.fixture
async def people(city: City, database: TestDatabase) -> City:
    owner = await asyncpg.connect(database.owner_url)
    await owner.execute(
        """CREATE TABLE store.people (id text, city_part text, name text, owner_id text, district text, subject_id text);
           INSERT INTO store.people VALUES ('1', 'a', '张三丰', 'd1', '330203', 'p1'), ('2', 'b', '李四', 'd1x', '330205', 'p2'),
                                           ('3', 'c', '王五', 'd2', '330203001', 'p3')"""
    )
    system = access.system_caller("access")
    for id_, parent in (("nb", None), ("d1", "nb"), ("d1x", "d1"), ("d2", "nb")):
        async with city[Database].transaction() as connection:
            from yong.kernel.access import identity

            await identity.create_party(
                connection, system, id=id_, kind="department", zh=id_, en=id_, parent=parent
            )
    await owner.close()
    city[Policies].add(PEOPLE)
    return city


async def rows(city: City, who: Caller, purpose: str | None = None) -> dict[str, str | None]:
    scope = access.scoped(city, PEOPLE, who, purpose=purpose)
    found = await city[Database].fetch(f"SELECT * FROM ({scope.sql}) r", *scope.args)
    return {r["id"]: r.get("name") for r in found}


async def test_nobody_sees_anything_by_default(people: City) -> None:
    with pytest.raises(Unauthenticated):
        await rows(people, ANONYMOUS)
    with pytest.raises(Forbidden):
        await rows(people, caller())


async def test_a_staff_mandate_needs_a_second_factor(people: City) -> None:
    operator = Mandate(id="m", role="access.operator")
    with pytest.raises(Forbidden):
        await rows(people, caller(operator, factors=frozenset({"password"})))
    assert await rows(people, caller(operator)) == {"1": "张**", "2": "李*", "3": "王*"}


@pytest.mark.parametrize(
    ("mandate", "expected"),
    [
        (Mandate(id="m", role="access.department_officer", party="d1"), {"1", "2"}),
        (Mandate(id="m", role="access.department_officer", party="d2"), {"3"}),
        (Mandate(id="m", role="access.department_officer", district="330203"), {"1", "3"}),
        (Mandate(id="m", role="access.department_officer", party="d1", district="330203"), {"1"}),
        (Mandate(id="m", role="access.resident", own=True), {"2"}),
    ],
)
async def test_rows_by_party_district_and_person(people: City, mandate: Mandate, expected: set[str]) -> None:
    assert set(await rows(people, caller(mandate, party="p2"))) == expected


async def test_personal_data_in_clear_needs_a_purpose_and_each_row_its_own_mandate(people: City) -> None:
    who = caller(
        Mandate(id="m", role="access.department_officer", party="d1"), Mandate(id="n", role="access.operator")
    )
    assert await rows(people, who) == {"1": "张**", "2": "李*", "3": "王*"}
    assert await rows(people, who, "access.inspection") == {"1": "张三丰", "2": "李四", "3": "王*"}
    scope = access.scoped(people, PEOPLE, who, purpose="access.inspection")
    leak = await people[Database].fetch(
        f"SELECT id FROM ({scope.sql}) r WHERE name LIKE '王五%'", *scope.args
    )
    assert leak == []


async def test_administrations_stay_apart(city: City) -> None:
    made = dict(await access.first_run(city))
    assert set(made) == {"system-admin", "security-admin", "audit-admin"}
    assert await access.first_run(city) == []
    security = caller(Mandate(id="m", role="access.security_admin"))
    id_, _ = await access.create_account(city, security, "somebody")
    await access.grant(city, security, id_, "access.audit_admin")
    with pytest.raises(Conflict):
        await access.grant(city, security, id_, "access.system_admin")
    with pytest.raises(asyncpg.CheckViolationError):
        await city[Database].execute(
            """INSERT INTO access.mandate (id, account_id, role, administration, granted_by)
               VALUES ('x', $1, 'access.system_admin', 'system', 'y')""",
            id_,
        )


async def sealed(city: City, count: int) -> None:
    """Seal until so many are; a transaction still running anywhere on the server holds the sealer back."""
    done = 0
    while done < count:
        done += await trail.seal(city)
        await asyncio.sleep(0.01)


TAMPER = {
    "a changed fact": "UPDATE access.audit_entry SET facts = '{\"n\": 99}' WHERE id = 3",
    "a changed account": "UPDATE access.audit_entry SET account = 'b' WHERE id = 2",
    "a changed time": "UPDATE access.audit_entry SET at = at + interval '1 µs' WHERE id = 2".replace(
        "µs", "microsecond"
    ),
    "the first dropped": "DELETE FROM access.audit_entry WHERE id = 1",
    "a middle one dropped with its seal": "DELETE FROM access.audit_entry WHERE id = 3; DELETE FROM access.audit_seal WHERE entry_id = 3",
    "the last dropped with its seal": "DELETE FROM access.audit_entry WHERE id = 5; DELETE FROM access.audit_seal WHERE entry_id = 5",
    "all dropped": "DELETE FROM access.audit_entry; DELETE FROM access.audit_seal",
    "two swapped": """UPDATE access.audit_seal SET entry_id = -2 WHERE entry_id = 2; UPDATE access.audit_seal SET entry_id = 2 WHERE entry_id = 3;
                      UPDATE access.audit_seal SET entry_id = 3 WHERE entry_id = -2""",
    "a fact changed beyond what a double can tell": "UPDATE access.audit_entry SET facts = '{\"n\": 2.00000000000000000001}' WHERE id = 3",
    "a changed transaction": "UPDATE access.audit_entry SET xid = '7' WHERE id = 3",
    "a changed party": "UPDATE access.audit_entry SET party = 'p' WHERE id = 3",
    "a changed request": "UPDATE access.audit_entry SET request = 'r' WHERE id = 3",
    "a changed action": "UPDATE access.audit_entry SET action = 'test.other' WHERE id = 3",
    "a changed resource": "UPDATE access.audit_entry SET resource = 'another' WHERE id = 3",
    "the first three dropped as if they were pruned": """INSERT INTO access.audit_start (position, hash)
        SELECT position, hash FROM access.audit_seal WHERE position = 5;
        DELETE FROM access.audit_entry; DELETE FROM access.audit_seal""",
    "one inserted behind the sealer": """INSERT INTO access.audit_entry (id, xid, at, account, action, resource, facts)
        OVERRIDING SYSTEM VALUE VALUES (-1, '3', now(), 'a', 'test.act', 'thing', '{}')""",
    "a forged hash": "UPDATE access.audit_seal SET hash = sha256('x') WHERE position = 4",
}


@pytest.mark.parametrize("how", TAMPER)
async def test_the_trail_shows_every_tampering(city: City, database: TestDatabase, how: str) -> None:
    for n in range(5):
        async with city[Database].transaction() as connection:
            await access.audit(connection, caller(), "test.act", "thing", {"n": n})
    await sealed(city, 5)
    assert await trail.anchor(city) is not None
    assert (await trail.verify(city)).sound
    owner = await asyncpg.connect(database.owner_url)
    await owner.execute(
        "SET session_replication_role = replica; " + TAMPER[how]
    )  # triggers off: a real intruder
    await owner.close()
    assert not (await trail.verify(city)).sound


async def test_a_rewritten_chain_differs_from_its_anchor(city: City, database: TestDatabase) -> None:
    for n in range(3):
        async with city[Database].transaction() as connection:
            await access.audit(connection, caller(), "test.act", "thing", {"n": n})
    await sealed(city, 3)
    await trail.anchor(city)
    owner = await asyncpg.connect(database.owner_url)
    await owner.execute(
        """SET session_replication_role = replica; UPDATE access.audit_entry SET account = 'z' WHERE id = 1;
           DELETE FROM access.audit_seal; UPDATE access.audit_settled SET xid = '0'"""
    )
    await owner.close()
    await sealed(city, 3)  # a consistent chain over the forged entries
    report = await trail.verify(city)
    assert [f.detail.en for f in report.findings] == [
        "Differs from the anchor outside: the chain was rewritten"
    ]


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE access.audit_entry SET account = 'b'",
        "DELETE FROM access.audit_entry",
        "TRUNCATE access.audit_seal",
        "DELETE FROM access.audit_seal",
        "INSERT INTO access.audit_start (position, hash) VALUES (1, 'x')",
        "INSERT INTO access.audit_entry (at, account, action, resource, facts) VALUES ('2020-01-01', 'a', 'b', 'c', '{}')",
        "INSERT INTO access.audit_entry (xid, account, action, resource, facts) VALUES ('3', 'a', 'b', 'c', '{}')",
        "INSERT INTO access.audit_entry (id, account, action, resource, facts) OVERRIDING SYSTEM VALUE VALUES (9, 'a', 'b', 'c', '{}')",
        "ALTER TABLE access.audit_entry DISABLE TRIGGER ALL",
        "UPDATE access.policy SET cedar = ''",
    ],
)
async def test_the_serving_role_cannot_touch_the_trail(city: City, sql: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await city[Database].execute(sql)
