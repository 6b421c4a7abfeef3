"""Signing in and out: a session is opened after a password or by OpenID Connect, and found by its cookie."""

import secrets
import time

from yong.kernel.access import logic
from yong.kernel.access.audit import audit
from yong.kernel.access.contracts import ANONYMOUS, Caller
from yong.kernel.access.identity import factors
from yong.kernel.access.identity.callers import caller_for
from yong.kernel.access.identity.known import Known
from yong.kernel.access.identity.passwords import verified
from yong.kernel.base import clock
from yong.kernel.base.city import City
from yong.kernel.base.errors import TooMany, Unauthenticated
from yong.kernel.base.text import Text
from yong.kernel.store.database import Connection, Database, Row

WRONG = Text("账户、密码或动态口令不正确", "The account, password or one-time code is not right")


async def sign_in(city: City, name: str, password: str, code: str | None, client: str) -> tuple[str, Caller]:
    """Open a session; its token and caller. The same answer and work whether or not the account exists.

    Raises Unauthenticated, or TooMany when the account or the address tried too often.
    """
    slow_down(city, client)
    database = city[Database]
    row = await database.fetchrow("SELECT * FROM access.account WHERE name = $1", name)
    right = await verified(row["password_hash"] if row else None, password)
    if row is None or shut(row):
        raise Unauthenticated(WRONG)
    if row["password_until"] and row["password_until"] < clock.now():
        right = False
    if right and row["totp_confirmed"]:
        right = await factors.proven(city, row, code)
    if not right:
        await failed(city, row["id"])
        raise Unauthenticated(WRONG)
    async with database.transaction() as connection:
        return await open_session(connection, row, ["password"] + (["totp"] if row["totp_confirmed"] else []))


async def open_session(
    connection: Connection, account: Row, by: list[str], facts: dict[str, str] | None = None
) -> tuple[str, Caller]:
    """A session of an account that proved itself by these factors; its token and caller.

    Raises Unauthenticated when the account was disabled meanwhile.
    """
    token = secrets.token_urlsafe(32)
    open_ = await connection.execute(
        """UPDATE access.account SET failures = 0, locked_until = NULL
           WHERE id = $1 AND disabled_at IS NULL""",
        account["id"],
    )
    if open_.endswith(" 0"):
        raise Unauthenticated(WRONG)
    await connection.execute(
        "INSERT INTO access.session (token_sha256, account_id, factors) VALUES ($1, $2, $3)",
        logic.sha256(token),
        account["id"],
        by,
    )
    caller = await caller_for(connection, account, by, session=logic.sha256(token).hex()[:16])
    await audit(
        connection, caller, "access.sign_in", f"account:{account['id']}", {"factors": by, **(facts or {})}
    )
    return token, caller


async def sign_out(city: City, token: str) -> None:
    """End a session."""
    await city[Database].execute("DELETE FROM access.session WHERE token_sha256 = $1", logic.sha256(token))
    city[Known].forget()


def shut(account: Row) -> bool:
    """Whether an account may not sign in now: disabled, or locked for a while."""
    locked = account["locked_until"]
    return account["disabled_at"] is not None or (locked is not None and locked > clock.now())


async def failed(city: City, account: str) -> None:
    """Count a failed sign-in; so many in a row lock the account for a while."""
    settings = city.settings
    async with city[Database].transaction() as connection:
        failures = await connection.fetchval(
            """UPDATE access.account SET failures = failures + 1,
                 locked_until = CASE WHEN failures + 1 >= $2 THEN now() + make_interval(mins => $3) END
               WHERE id = $1 RETURNING failures""",
            account,
            settings.lockout_attempts,
            settings.lockout_minutes,
        )
        if failures >= settings.lockout_attempts:
            await connection.execute("UPDATE access.account SET failures = 0 WHERE id = $1", account)
        await audit(
            connection, ANONYMOUS, "access.sign_in_failed", f"account:{account}", {"failures": failures}
        )


def slow_down(city: City, client: str) -> None:
    """At most 30 attempts a minute from one address, in this process."""
    attempts = city[Known].attempts
    now = time.monotonic()
    while len(attempts) > 100_000:  # the address that came first goes, not everybody's count
        del attempts[next(iter(attempts))]
    recent = [t for t in attempts.get(client, ()) if now - t < 60]
    if len(recent) >= 30:
        attempts[client] = recent
        raise TooMany(retry_after_s=int(60 - (now - recent[0])) + 1)
    attempts[client] = [*recent, now]
