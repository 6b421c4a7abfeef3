"""Policies and purposes, the simulator, and the audit trail, for those who watch over them."""

import msgspec

from yong.kernel.access import audit as trail
from yong.kernel.access import identity, simulator
from yong.kernel.access.audit import AuditReport, Entry, audit
from yong.kernel.access.contracts import Caller, Mandate, Purpose
from yong.kernel.access.policies import Policies, Policy, listed, load
from yong.kernel.access.scope import authorize, signed_in, stated
from yong.kernel.access.simulator import Explanation
from yong.kernel.base.city import City
from yong.kernel.base.errors import Invalid, NotFound
from yong.kernel.base.text import Text
from yong.kernel.store.database import Connection, Database

_LONGEST = 100_000  # characters
_TOO_LONG = Text("策略过长", "The policy is too long")
_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtext('access.policy'))"


def purposes(city: City, caller: Caller) -> list[Purpose]:
    """Every purpose of processing that may be stated, for anybody who is signed in."""
    signed_in(caller)
    return list(city[Policies].purposes.values())


async def policies(city: City, caller: Caller) -> list[Policy]:
    """Every policy in force, the modules' own and the stored ones; the trail says who looked."""
    authorize(city, caller, "access.read_policies", "access")
    async with city[Database].transaction() as connection:
        rows = await connection.fetch("SELECT name, max(version) AS version FROM access.policy GROUP BY name")
        await audit(connection, caller, "access.read_policies", "policies")
    versions = {f"stored:{r['name']}": r["version"] for r in rows}
    return [
        msgspec.structs.replace(policy, version=versions.get(policy.source))
        for policy in city[Policies].listing()
    ]


def check_policy(city: City, caller: Caller, cedar: str) -> list[Policy]:
    """The policies that a text holds, checked as if it were to be stored; nothing changes. Raises Invalid."""
    authorize(city, caller, "access.manage_policies", "access")
    _checked(city, cedar)
    return listed({"": cedar})


async def set_policy(city: City, caller: Caller, name: str, cedar: str, active: bool = True) -> int:
    """Put a stored policy into force, as a new version; checked against the schema before anything changes."""
    authorize(city, caller, "access.manage_policies", "access")
    if not 0 < len(name) <= 100 or not name.isprintable():
        raise Invalid(Text("策略名称无效", "The policy's name is not valid"))
    if active:
        _checked(city, cedar)
    elif len(cedar) > _LONGEST:
        raise Invalid(_TOO_LONG)
    async with city[Database].transaction() as connection:
        await connection.execute(_ONE_AT_A_TIME)
        version = await _stored(connection, caller, name, cedar, active)
    await load(city)
    return version


async def withdraw_policy(city: City, caller: Caller, name: str) -> int:
    """Take a stored policy out of force, as a new version; what it said stays on record. Raises NotFound."""
    authorize(city, caller, "access.manage_policies", "access")
    async with city[Database].transaction() as connection:
        await connection.execute(_ONE_AT_A_TIME)
        row = await connection.fetchrow(
            "SELECT cedar, active FROM access.policy WHERE name = $1 ORDER BY version DESC LIMIT 1", name
        )
        if row is None or not row["active"]:
            raise NotFound(
                Text("没有生效的策略 {name}", "There is no policy {name} in force"), name=name[:100]
            )
        version = await _stored(connection, caller, name, row["cedar"], False)
    await load(city)
    return version


def _checked(city: City, cedar: str) -> None:
    if len(cedar) > _LONGEST:
        raise Invalid(_TOO_LONG)
    city[Policies].check(cedar)


async def _stored(connection: Connection, caller: Caller, name: str, cedar: str, active: bool) -> int:
    version: int = await connection.fetchval(
        """INSERT INTO access.policy (name, version, cedar, active, changed_by)
           SELECT $1, coalesce(max(version), 0) + 1, $2, $3, $4 FROM access.policy WHERE name = $1
           RETURNING version""",
        name,
        cedar,
        active,
        caller.account,
    )
    facts = {"version": version, "active": active}
    await audit(connection, caller, "access.set_policy", f"policy:{name}", facts)
    return version


async def audit_entries(
    city: City,
    caller: Caller,
    *,
    before: int | None = None,
    limit: int = 100,
    account: str | None = None,
    action: str | None = None,
) -> list[Entry]:
    """The audit trail, newest first."""
    authorize(city, caller, "access.read_audit", "access")
    return await trail.entries(
        city, before=before, limit=min(max(limit, 1), 1000), account=account, action=action
    )


async def verify_audit(city: City, caller: Caller) -> AuditReport:
    """Whether anything in the trail was changed, dropped, reordered or cut off."""
    authorize(city, caller, "access.verify_audit", "access")
    return await trail.verify(city)


async def simulate(
    city: City,
    caller: Caller,
    *,
    relation: str,
    account: str | None = None,
    mandate: Mandate | None = None,
    action: str = "records.read",
    purpose: str | None = None,
    row: dict[str, str] | None = None,
) -> Explanation:
    """What an account, or whoever would hold a mandate, could see of a Relation, and why.

    `row` is the key of one row: whether that one is seen, and which fields of it. Its values are not shown.
    """
    authorize(city, caller, "access.simulate", "access")
    target = city[Policies].relations.get(relation)
    if target is None:
        raise NotFound(Text("没有资源 {r}", "There is no Relation {r}"), r=relation[:100])
    if (account is None) == (mandate is None):
        raise Invalid(Text("须且只须给出账户或授权之一", "Give either an account or a mandate"))
    subject = Caller(
        account="simulation", mandates=(mandate,) if mandate else (), factors=frozenset({"totp"})
    )
    if account is not None:
        subject = await identity.caller_as(city, account)
    purpose = stated(city[Policies], purpose)
    explanation = await simulator.explain(city, subject, target, action=action, purpose=purpose, row=row)
    async with city[Database].transaction() as connection:
        facts = {"account": account, "mandate": mandate.role if mandate else None, "purpose": purpose}
        await audit(connection, caller, "access.simulate", relation, facts)
    return explanation
