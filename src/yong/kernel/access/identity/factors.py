"""The second factor: one-time codes whose secrets lie encrypted, and recovery codes.

A secret is sealed with AES-256-GCM under the install's own key (`secrets/totp-key`), bound to its account:
a dump of the database alone, or a row moved to another account, opens nothing.
"""

import base64
import secrets
import time

import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from yong.kernel.access import logic
from yong.kernel.access.audit import audit
from yong.kernel.access.contracts import Caller
from yong.kernel.access.identity.known import Known
from yong.kernel.base.city import City
from yong.kernel.base.errors import Conflict, Invalid, Unauthenticated
from yong.kernel.base.text import Text
from yong.kernel.store.database import Database, Row
from yong.kernel.store.secrets import secret

_VERSION = b"\x01"  # the first byte of a sealed secret; then 12 of nonce, then ciphertext and tag
_log = structlog.get_logger("access")


def _key(city: City) -> AESGCM:
    known = city[Known]
    if known.sealing is None:
        word = secret(
            city.settings.home, "totp-key", lambda: base64.b64encode(secrets.token_bytes(32)).decode()
        )
        known.sealing = AESGCM(base64.b64decode(word, validate=True))
    return known.sealing


def seal(city: City, account: str, totp_secret: str) -> bytes:
    """A TOTP secret as the database keeps it."""
    nonce = secrets.token_bytes(12)
    return _VERSION + nonce + _key(city).encrypt(nonce, totp_secret.encode(), account.encode())


def unseal(city: City, account: str, sealed: bytes) -> str | None:
    """The secret of an account; None where the key or the account is another, or bytes were changed."""
    if sealed[:1] != _VERSION:
        return None
    try:
        return _key(city).decrypt(sealed[1:13], sealed[13:], account.encode()).decode()
    except (InvalidTag, ValueError):
        _log.error("a second factor cannot be unsealed: another key, or a changed row", account=account)
        return None


async def seal_stored(city: City) -> int:
    """Seal what an older version stored in clear; how many. The key exists afterwards, whatever was stored.

    It is made here, at the start, so that a backup taken later always has it.
    """
    _key(city)
    async with city[Database].transaction() as connection:
        rows = await connection.fetch(
            "SELECT id, totp_secret FROM access.account WHERE totp_secret IS NOT NULL FOR UPDATE"
        )
        await connection.executemany(
            "UPDATE access.account SET totp_sealed = $2, totp_secret = NULL WHERE id = $1",
            [(r["id"], seal(city, r["id"], r["totp_secret"])) for r in rows],
        )
    return len(rows)


async def proven(city: City, account: Row, code: str | None) -> bool:
    """Whether a one-time or recovery code of an account is right; it is used up by that.

    Of two who bring the same code at the same instant, one is right.
    """
    database = city[Database]
    totp = unseal(city, account["id"], account["totp_sealed"]) if account["totp_sealed"] else None
    step = logic.totp_step(totp, code or "", time.time(), account["totp_last_step"]) if totp else None
    if step is not None:
        used = await database.execute(
            "UPDATE access.account SET totp_last_step = $2 WHERE id = $1 AND totp_last_step < $2",
            account["id"],
            step,
        )
        return used.endswith(" 1")
    if not code or len(code) > 64:
        return False
    done = await database.execute(
        """UPDATE access.account SET recovery_hashes = array_remove(recovery_hashes, $2)
           WHERE id = $1 AND $2 = ANY(recovery_hashes)""",
        account["id"],
        logic.sha256(code),
    )
    return done.endswith(" 1")


async def enrol(city: City, caller: Caller) -> str:
    """Begin a second factor: its otpauth URI. Raises Conflict when one is confirmed already."""
    if caller.account == "anonymous":
        raise Unauthenticated()
    fresh = logic.new_totp_secret()
    name = await city[Database].fetchval(
        """UPDATE access.account SET totp_sealed = $2 WHERE id = $1 AND NOT totp_confirmed RETURNING name""",
        caller.account,
        seal(city, caller.account, fresh),
    )
    if name is None:
        raise Conflict(Text("已启用动态口令", "A second factor is enrolled already"))
    return logic.otpauth(fresh, name)


async def confirm(city: City, caller: Caller, code: str) -> list[str]:
    """Confirm the second factor with a code; ten recovery codes. Every session ends. Raises Invalid."""
    async with city[Database].transaction() as connection:
        row = await connection.fetchrow(
            "SELECT * FROM access.account WHERE id = $1 AND totp_sealed IS NOT NULL AND NOT totp_confirmed FOR UPDATE",
            caller.account,
        )
        totp = unseal(city, caller.account, row["totp_sealed"]) if row else None
        step = logic.totp_step(totp, code, time.time(), 0) if totp else None
        if step is None:
            raise Invalid(Text("动态口令不正确", "The one-time code is not right"))
        codes = [secrets.token_hex(10) for _ in range(10)]  # 80 bits: a plain hash of them gives nothing away
        await connection.execute(
            """UPDATE access.account SET totp_confirmed = true, totp_last_step = $2, recovery_hashes = $3
               WHERE id = $1""",
            caller.account,
            step,
            [logic.sha256(c) for c in codes],
        )
        await connection.execute("DELETE FROM access.session WHERE account_id = $1", caller.account)
        await audit(connection, caller, "access.enrol", f"account:{caller.account}")
    city[Known].forget()
    return codes
