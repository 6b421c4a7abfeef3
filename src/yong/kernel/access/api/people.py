"""Parties, accounts, mandates and credentials, for those who keep them."""

from datetime import date

import asyncpg

from yong.kernel.access import identity
from yong.kernel.access.audit import audit
from yong.kernel.access.contracts import Caller, Mandate, Role
from yong.kernel.access.policies import Policies
from yong.kernel.access.scope import allowed, authorize, effective, refusal
from yong.kernel.base.city import City
from yong.kernel.base.errors import Conflict, Invalid, NotFound
from yong.kernel.base.text import Text
from yong.kernel.store.database import Database


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


async def rename_party(city: City, caller: Caller, id: str, *, zh: str, en: str) -> None:
    """Give a party other names; its id stays."""
    authorize(city, caller, "access.manage_parties", "access")
    async with city[Database].transaction() as connection:
        await identity.rename_party(connection, caller, id, zh, en)


async def end_party(city: City, caller: Caller, id: str) -> None:
    """Take a party out of use, once nobody belongs to it and nothing is below it; what it owns stays its own."""
    authorize(city, caller, "access.manage_parties", "access")
    async with city[Database].transaction() as connection:
        await identity.end_party(connection, caller, id)


async def create_account(
    city: City, caller: Caller, name: str, party: str | None = None, password: str | None = None
) -> tuple[str, str]:
    """A new account and its one-time password."""
    authorize(city, caller, "access.manage_accounts", "access")
    async with city[Database].transaction() as connection:
        return await identity.create_account(connection, caller, name=name, party=party, password=password)


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


async def enable_account(city: City, caller: Caller, account: str) -> None:
    """Let a disabled account sign in again, with the password, second factor, mandates and keys it had."""
    authorize(city, caller, "access.manage_accounts", "access")
    async with city[Database].transaction() as connection:
        done = await connection.execute(
            """UPDATE access.account SET disabled_at = NULL, failures = 0, locked_until = NULL
               WHERE id = $1 AND disabled_at IS NOT NULL""",
            account,
        )
        if done.endswith(" 0"):
            raise NotFound(Text("没有停用的账户 {id}", "There is no disabled account {id}"), id=account[:100])
        await audit(connection, caller, "access.enable_account", f"account:{account}")
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
