"""Parties, accounts, their passwords and their mandates."""

import secrets
from datetime import timedelta

from yong.kernel.access import logic
from yong.kernel.access.audit import audit
from yong.kernel.access.contracts import Caller, Mandate
from yong.kernel.access.identity.known import Known
from yong.kernel.access.identity.parties import need_party
from yong.kernel.access.identity.passwords import hashed
from yong.kernel.access.identity.sessions import sign_in
from yong.kernel.base import clock, ids
from yong.kernel.base.city import City
from yong.kernel.base.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from yong.kernel.base.text import Text
from yong.kernel.store.database import Connection, Database


async def create_account(
    connection: Connection, caller: Caller, *, name: str, party: str | None, password: str | None = None
) -> tuple[str, str]:
    """A new account; its id and its password, a one-time one unless given. Raises Conflict, NotFound."""
    if not 2 <= len(name) <= 64 or name != name.strip():
        raise Invalid(Text("账户名应为 2 至 64 个字符", "An account's name has 2 to 64 characters"))
    once = password is None
    word = password or secrets.token_urlsafe(12)
    id_ = ids.new_id()
    if party is not None:
        await need_party(connection, party)
    done = await connection.execute(
        """INSERT INTO access.account (id, name, party_id, password_hash, must_change, password_until)
           VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (name) DO NOTHING""",
        id_,
        name,
        party,
        await hashed(word),
        once,
        clock.now() + timedelta(days=7) if once else None,
    )
    if done.endswith(" 0"):
        raise Conflict(Text("账户 {name} 已存在", "There is an account {name} already"), name=name)
    await audit(connection, caller, "access.create_account", f"account:{id_}", {"name": name})
    return id_, word


async def reset(connection: Connection, caller: Caller, account: str) -> str:
    """A new one-time password for an account, its second factor forgotten, its sessions ended."""
    word = secrets.token_urlsafe(12)
    done = await connection.execute(
        """UPDATE access.account SET password_hash = $2, must_change = true, password_until = $3, failures = 0,
             locked_until = NULL, totp_sealed = NULL, totp_confirmed = false, totp_last_step = 0,
             recovery_hashes = '{}' WHERE id = $1""",
        account,
        await hashed(word),
        clock.now() + timedelta(days=7),
    )
    if done.endswith(" 0"):
        raise NotFound()
    await connection.execute("DELETE FROM access.session WHERE account_id = $1", account)
    await audit(connection, caller, "access.reset_account", f"account:{account}")
    return word


async def change_password(
    city: City, name: str, password: str, fresh: str, code: str | None, client: str
) -> None:
    """Change a password, proving the old one; every session of the account ends. Raises Invalid."""
    problems = logic.password_problems(fresh, name)
    if fresh == password:
        problems.append(
            Problem("/password", Text("新密码须与旧密码不同", "The new password must differ from the old"))
        )
    if problems:
        raise Invalid(problems=tuple(problems))
    _token, caller = await sign_in(city, name, password, code, client)
    kept = await hashed(fresh)
    async with city[Database].transaction() as connection:
        await connection.execute(
            """UPDATE access.account SET password_hash = $2, must_change = false, password_until = NULL
               WHERE id = $1""",
            caller.account,
            kept,
        )
        await connection.execute("DELETE FROM access.session WHERE account_id = $1", caller.account)
        await audit(connection, caller, "access.change_password", f"account:{caller.account}")
    city[Known].forget()


async def grant(
    city: City,
    connection: Connection,
    caller: Caller,
    account: str,
    mandate: Mandate,
    administration: str | None,
) -> str:
    """Give a mandate; its id. Nobody grants to themselves; the three administrations stay apart."""
    if account == caller.account:
        raise Forbidden(Text("不得给自己授权", "Nobody grants a mandate to themselves"))
    if administration and await connection.fetchval(
        """SELECT 1 FROM access.mandate WHERE account_id = $1 AND revoked_at IS NULL
           AND administration IS NOT NULL AND administration <> $2 AND (until IS NULL OR until >= current_date)""",
        account,
        administration,
    ):
        raise Conflict(
            Text(
                "三员分立：该账户已担任另一管理员", "This account holds another of the three administrations"
            )
        )
    if mandate.party is not None:
        await need_party(connection, mandate.party)
    id_ = ids.new_id()
    await connection.execute(
        """INSERT INTO access.mandate (id, account_id, role, administration, party_id, district, own, until, granted_by)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)""",
        id_,
        account,
        mandate.role,
        administration,
        mandate.party,
        mandate.district,
        mandate.own,
        mandate.until,
        caller.account,
    )
    await audit(
        connection,
        caller,
        "access.grant",
        f"account:{account}",
        {"mandate": id_, "role": mandate.role, "party": mandate.party, "district": mandate.district},
    )
    return id_
