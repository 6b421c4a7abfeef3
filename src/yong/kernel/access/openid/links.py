"""Which of a provider's subjects is which account here: linked by an administrator, never by whoever it is."""

from datetime import datetime

import asyncpg
import msgspec

from yong.kernel.access.audit import audit
from yong.kernel.access.contracts import Caller
from yong.kernel.access.identity.known import Known
from yong.kernel.access.openid.flow import record_link
from yong.kernel.access.scope import authorize, refusal
from yong.kernel.base.city import City
from yong.kernel.base.errors import Conflict, Invalid, NotFound, Problem
from yong.kernel.base.settings import safe_origin
from yong.kernel.base.text import Text
from yong.kernel.store.database import Database


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """A provider's subject and the account it signs in to."""

    id: str
    issuer: str
    subject: str
    account: str
    linked_by: str
    linked_at: datetime
    used_at: datetime | None


async def link(city: City, caller: Caller, account: str, subject: str, issuer: str | None = None) -> str:
    """Let a subject of the provider (the configured one unless told) sign in to an account; the link's id.

    Nobody links their own account. Raises Conflict when either is linked already, NotFound, Invalid.
    """
    authorize(city, caller, "access.manage_accounts", "access")
    if account == caller.account:
        raise refusal(caller, "access.manage_accounts", f"account:{account}")
    issuer = issuer or city.settings.oidc_issuer
    if issuer is None or len(issuer) > 500 or not safe_origin(issuer):
        raise Invalid(
            problems=(Problem("/issuer", Text("不是提供方的地址", "Not the address of a provider")),)
        )
    if not 1 <= len(subject) <= 255 or not subject.isprintable():
        raise Invalid(problems=(Problem("/subject", Text("标识无效", "Not a valid identifier")),))
    async with city[Database].transaction() as connection:
        try:
            return await record_link(connection, caller, issuer, subject, account)
        except asyncpg.ForeignKeyViolationError:
            raise NotFound(Text("没有账户 {a}", "There is no account {a}"), a=account[:100]) from None
        except asyncpg.UniqueViolationError:
            raise Conflict(
                Text("该身份或该账户已有关联", "This identity or this account is linked already")
            ) from None


async def unlink(city: City, caller: Caller, link_id: str) -> None:
    """Take a link away; what it opened ends at once in every process. Raises NotFound."""
    authorize(city, caller, "access.manage_accounts", "access")
    async with city[Database].transaction() as connection:
        row = await connection.fetchrow("DELETE FROM access.openid_link WHERE id = $1 RETURNING *", link_id)
        if row is None:
            raise NotFound()
        await connection.execute(
            "DELETE FROM access.session WHERE account_id = $1 AND 'oidc' = ANY(factors)", row["account_id"]
        )
        facts = {"link": link_id, "issuer": row["issuer"], "subject": row["subject"]}
        await audit(connection, caller, "access.unlink_identity", f"account:{row['account_id']}", facts)
    city[Known].forget()


async def links(city: City, caller: Caller, account: str | None = None) -> list[Link]:
    """All links, or those of an account, for those who manage accounts."""
    authorize(city, caller, "access.manage_accounts", "access")
    rows = await city[Database].fetch(
        """SELECT id, issuer, subject, account_id, linked_by, linked_at, used_at FROM access.openid_link
           WHERE $1::text IS NULL OR account_id = $1 ORDER BY linked_at DESC, id LIMIT 10000""",
        account,
    )
    return [
        Link(
            id=r["id"],
            issuer=r["issuer"],
            subject=r["subject"],
            account=r["account_id"],
            linked_by=r["linked_by"],
            linked_at=r["linked_at"],
            used_at=r["used_at"],
        )
        for r in rows
    ]
