"""The door of access: who is calling, what they may do, and what was done."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date

import asyncpg
import structlog

from yong.kernel.access import audit as trail
from yong.kernel.access import identity, simulator
from yong.kernel.access.audit import AuditReport, Entry, audit, audit_of, keep_sealing
from yong.kernel.access.contracts import Caller, Mandate, Role
from yong.kernel.access.identity import (
    caller_of,
    revoked_since,
    system_caller,
    token_for,
    verify_device,
    verify_devices,
)
from yong.kernel.access.policies import Policies, load
from yong.kernel.access.scope import Scopes, allowed, authorize, effective, may_touch, refusal, scoped
from yong.kernel.access.simulator import Explanation
from yong.kernel.base.city import City
from yong.kernel.base.errors import Conflict, Invalid, NotFound
from yong.kernel.base.text import Text
from yong.kernel.store.database import Database

__all__ = [
    "Explanation",
    "accounts",
    "allowed",
    "audit",
    "audit_entries",
    "audit_of",
    "authorize",
    "caller_of",
    "create_account",
    "create_party",
    "disable_account",
    "effective",
    "first_run",
    "grant",
    "issue_credentials",
    "issue_key",
    "keep_sealing",
    "listening",
    "may_touch",
    "open_parts",
    "refusal",
    "reset_account",
    "revoke",
    "revoke_credentials",
    "revoke_key",
    "revoked_since",
    "scoped",
    "set_policy",
    "simulate",
    "system_caller",
    "token_for",
    "verify_audit",
    "verify_device",
    "verify_devices",
]

_log = structlog.get_logger("access")

ADMINISTRATORS = (
    ("system", "access.system_admin"),
    ("security", "access.security_admin"),
    ("audit", "access.audit_admin"),
)


async def open_parts(city: City) -> None:
    """Put access's parts into a City whose database is open, and load the policies in force."""
    city.put(Policies, Policies(city.registry))
    city.put(Scopes, Scopes())
    city.put(identity.Known, identity.Known())
    await load(city)


@asynccontextmanager
async def listening(city: City) -> AsyncIterator[None]:
    """While the block runs, forget what is known as soon as PostgreSQL says that access changed."""
    task = asyncio.create_task(_listen(city))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _listen(city: City) -> None:
    changed = asyncio.Event()
    while True:
        try:
            connection = await asyncpg.connect(city[Database].url, timeout=10)
        except (OSError, TimeoutError, asyncpg.PostgresError):
            await asyncio.sleep(0.5)
            continue
        try:
            connection.add_termination_listener(lambda _: changed.set())
            await connection.add_listener("access_changed", lambda *_: changed.set())
            changed.set()  # what was missed while nobody listened
            while not connection.is_closed():
                await changed.wait()
                changed.clear()
                city[identity.Known].forget()
                await _follow(city)
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            await asyncio.sleep(0.5)
        finally:
            connection.terminate()


async def _follow(city: City) -> None:
    try:
        await load(city)
    except Invalid as error:  # the policies in force stay; the next change is heard all the same
        _log.error("stored policies are not valid", problems=[p.detail.en for p in error.problems])


async def first_run(city: City) -> list[tuple[str, str]]:
    """Make the three administrators of a new install; their names and one-time passwords, else nothing."""
    caller = system_caller("access")
    made = []
    async with city[Database].transaction() as connection:
        await connection.execute("SELECT pg_advisory_xact_lock(hashtext('access.first_run'))")
        if await connection.fetchval("SELECT 1 FROM access.account LIMIT 1"):
            return []
        for administration, role in ADMINISTRATORS:
            id_, word = await identity.create_account(
                connection, caller, name=f"{administration}-admin", party=None
            )
            await identity.grant(city, connection, caller, id_, Mandate(id="", role=role), administration)
            made.append((f"{administration}-admin", word))
    return made


async def create_party(
    city: City,
    caller: Caller,
    *,
    id: str,
    kind: str,
    zh: str,
    en: str,
    parent: str | None = None,  # a party's id is called id
) -> None:
    """Put a party into the tree of departments, districts, organisations and people."""
    authorize(city, caller, "access.manage_parties", "access")
    async with city[Database].transaction() as connection:
        await identity.create_party(connection, caller, id=id, kind=kind, zh=zh, en=en, parent=parent)


async def create_account(
    city: City, caller: Caller, name: str, party: str | None = None, password: str | None = None
) -> tuple[str, str]:
    """A new account and its one-time password."""
    authorize(city, caller, "access.manage_accounts", "access")
    async with city[Database].transaction() as connection:
        return await identity.create_account(connection, caller, name=name, party=party, password=password)


async def accounts(city: City, caller: Caller) -> list[identity.Account]:
    """All accounts, for those who manage them."""
    authorize(city, caller, "access.manage_accounts", "access")
    rows = await city[Database].fetch(
        "SELECT id, name, party_id, totp_confirmed, disabled_at FROM access.account ORDER BY name LIMIT 10000"
    )
    return [
        identity.Account(
            id=r["id"],
            name=r["name"],
            party=r["party_id"],
            second_factor=r["totp_confirmed"],
            disabled=r["disabled_at"] is not None,
        )
        for r in rows
    ]


async def reset_account(city: City, caller: Caller, account: str) -> str:
    """A new one-time password; the second factor is enrolled anew, every session ends. Nobody resets oneself."""
    authorize(city, caller, "access.manage_accounts", "access")
    if account == caller.account:
        raise refusal(caller, "access.manage_accounts", f"account:{account}")
    async with city[Database].transaction() as connection:
        word = await identity.reset(connection, caller, account)
    city[identity.Known].forget()
    return word


async def disable_account(city: City, caller: Caller, account: str) -> None:
    """Disable an account, at once in every process. Nobody disables oneself."""
    authorize(city, caller, "access.manage_accounts", "access")
    if account == caller.account:
        raise refusal(caller, "access.manage_accounts", f"account:{account}")
    async with city[Database].transaction() as connection:
        done = await connection.execute(
            "UPDATE access.account SET disabled_at = now() WHERE id = $1 AND disabled_at IS NULL", account
        )
        if done.endswith(" 0"):
            raise NotFound()
        await connection.execute("DELETE FROM access.session WHERE account_id = $1", account)
        await audit(connection, caller, "access.disable_account", f"account:{account}")
    city[identity.Known].forget()


async def grant(
    city: City,
    caller: Caller,
    account: str,
    role: str,
    *,
    party: str | None = None,
    district: str | None = None,
    own: bool = False,
    until: date | None = None,
) -> str:
    """Give a mandate to an account; its id."""
    authorize(city, caller, "access.grant", "access")
    declared: Role | None = city[Policies].roles.get(role)
    if declared is None or role == "access.anonymous":
        raise NotFound(Text("没有角色 {role}", "There is no role {role}"), role=role)
    administration = declared.administration.value if declared.administration else None
    mandate = Mandate(id="", role=role, party=party, district=district, own=own, until=until)
    async with city[Database].transaction() as connection:
        try:
            return await identity.grant(city, connection, caller, account, mandate, administration)
        except asyncpg.ForeignKeyViolationError:
            raise NotFound(Text("没有该账户或主体", "There is no such account or party")) from None
        except asyncpg.CheckViolationError:
            raise Conflict(Text("三员分立", "The three administrations stay apart")) from None


async def revoke(city: City, caller: Caller, mandate: str) -> None:
    """Take a mandate back, at once in every process."""
    authorize(city, caller, "access.grant", "access")
    async with city[Database].transaction() as connection:
        done = await connection.execute(
            "UPDATE access.mandate SET revoked_at = now() WHERE id = $1 AND revoked_at IS NULL", mandate
        )
        if done.endswith(" 0"):
            raise NotFound()
        await audit(connection, caller, "access.revoke", f"mandate:{mandate}")
    city[identity.Known].forget()


async def issue_key(
    city: City,
    caller: Caller,
    title: str,
    roles: list[str],
    *,
    per_minute: int = 600,
    per_day: int = 100_000,
    days: int = 365,
) -> str:
    """An API key with some of the caller's own roles."""
    held = {m.role for m in effective(city[Policies], caller)} - {"access.anonymous"}
    if not held or not set(roles) <= held or not roles:
        raise refusal(caller, "access.issue_key", "access")
    if not (
        1 <= per_minute <= 1_000_000
        and 1 <= per_day <= 1_000_000_000
        and 1 <= days <= 730
        and 1 <= len(title) <= 200
    ):
        raise Invalid(Text("配额或期限超出范围", "The quota or term is out of range"))
    async with city[Database].transaction() as connection:
        return await identity.issue_key(
            connection, caller, title=title, roles=roles, per_minute=per_minute, per_day=per_day, days=days
        )


async def revoke_key(city: City, caller: Caller, key: str) -> None:
    """Revoke one of the caller's own API keys, or anybody's for those who manage accounts."""
    anybody = allowed(city, caller, "access.manage_accounts", "access")
    async with city[Database].transaction() as connection:
        done = await connection.execute(
            """UPDATE access.api_key SET revoked_at = now()
               WHERE id = $1 AND revoked_at IS NULL AND (account_id = $2 OR $3)""",
            key,
            caller.account,
            anybody,
        )
        if done.endswith(" 0"):
            raise (
                NotFound()
                if caller.account != "anonymous"
                else refusal(caller, "access.revoke_key", "access")
            )
        await audit(connection, caller, "access.revoke_key", f"key:{key}")
    city[identity.Known].forget()


async def issue_credentials(city: City, caller: Caller, things: list[str]) -> dict[str, str]:
    """Fresh credentials for things, by id; shown once."""
    authorize(city, caller, "access.issue_credentials", "access")
    if len(things) > 200_000:
        raise Invalid(Text("一次至多 200000 个", "At most 200,000 at once"))
    async with city[Database].transaction() as connection:
        return await identity.issue_devices(connection, caller, things)


async def revoke_credentials(city: City, caller: Caller, thing: str) -> int:
    """Revoke every credential of a thing."""
    authorize(city, caller, "access.issue_credentials", "access")
    async with city[Database].transaction() as connection:
        return await identity.revoke_device(connection, caller, thing)


async def set_policy(city: City, caller: Caller, name: str, cedar: str, active: bool = True) -> int:
    """Put a stored policy into force, as a new version; checked against the schema before anything changes."""
    authorize(city, caller, "access.manage_policies", "access")
    if len(cedar) > 100_000:
        raise Invalid(Text("策略过长", "The policy is too long"))
    if not 0 < len(name) <= 100 or not name.isprintable():
        raise Invalid(Text("策略名称无效", "The policy's name is not valid"))
    if active:
        city[Policies].check(cedar)
    async with city[Database].transaction() as connection:
        await connection.execute("SELECT pg_advisory_xact_lock(hashtext('access.policy'))")
        version: int = await connection.fetchval(
            """INSERT INTO access.policy (name, version, cedar, active, changed_by)
               SELECT $1, coalesce(max(version), 0) + 1, $2, $3, $4 FROM access.policy WHERE name = $1
               RETURNING version""",
            name,
            cedar,
            active,
            caller.account,
        )
        await audit(
            connection, caller, "access.set_policy", f"policy:{name}", {"version": version, "active": active}
        )
    await load(city)
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
    explanation = await simulator.explain(city, subject, target, action=action, purpose=purpose, row=row)
    async with city[Database].transaction() as connection:
        facts = {"account": account, "mandate": mandate.role if mandate else None, "purpose": purpose}
        await audit(connection, caller, "access.simulate", relation, facts)
    return explanation
