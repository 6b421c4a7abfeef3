"""Credentials of things: issued in numbers, verified at the doors that things come to."""

import secrets
import time
from collections.abc import Sequence
from datetime import datetime

from yong.kernel.access import logic
from yong.kernel.access.audit import audit
from yong.kernel.access.contracts import Caller
from yong.kernel.access.identity.callers import DEVICE
from yong.kernel.access.identity.known import KEEP_S, Known
from yong.kernel.base.city import City
from yong.kernel.store.database import Connection, Database


async def issue_devices(connection: Connection, caller: Caller, things: list[str]) -> dict[str, str]:
    """A fresh credential for each thing; older ones stay valid until revoked. 100,000 take seconds."""
    tokens = {thing: DEVICE + secrets.token_urlsafe(24) for thing in things}
    await connection.copy_records_to_table(
        "device_credential",
        schema_name="access",
        records=[(thing, logic.sha256(token)) for thing, token in tokens.items()],
        columns=["thing", "token_sha256"],
    )
    await audit(connection, caller, "access.issue_credentials", "devices", {"count": len(tokens)})
    return tokens


async def revoke_device(connection: Connection, caller: Caller, thing: str) -> int:
    """Revoke every credential of a thing; how many there were."""
    done = await connection.execute(
        "UPDATE access.device_credential SET revoked_at = now() WHERE thing = $1 AND revoked_at IS NULL",
        thing,
    )
    await audit(connection, caller, "access.revoke_credentials", f"thing:{thing}")
    return int(done.split()[-1])


async def verify_device(city: City, thing: str, token: str) -> bool:
    """Whether `token` is a credential of `thing`; an answer is kept for seconds."""
    stamp = logic.sha256(token)
    devices = city[Known].devices
    if devices.get((thing, stamp), 0) > time.monotonic():
        return True
    good = await city[Database].fetchval(
        "SELECT 1 FROM access.device_credential WHERE thing = $1 AND token_sha256 = $2 AND revoked_at IS NULL",
        thing,
        stamp,
    )
    if good:
        if len(devices) > 200_000:
            devices.clear()
        devices[thing, stamp] = time.monotonic() + KEEP_S
    return bool(good)


async def verify_devices(city: City, pairs: Sequence[tuple[str, str]]) -> list[bool]:
    """:func:`verify_device` for many (thing, token) at once: one question to the database."""
    stamps = [(thing, logic.sha256(token)) for thing, token in pairs]
    rows = await city[Database].fetch(
        """SELECT c.thing, c.token_sha256 FROM access.device_credential c
           JOIN unnest($1::text[], $2::bytea[]) AS w (thing, token_sha256) USING (thing, token_sha256)
           WHERE c.revoked_at IS NULL""",
        [t for t, _ in stamps],
        [h for _, h in stamps],
    )
    good = {(r["thing"], bytes(r["token_sha256"])) for r in rows}
    return [stamp in good for stamp in stamps]


async def revoked_since(city: City, since: datetime) -> list[str]:
    """Things with a credential revoked since a moment and none left that is good."""
    rows = await city[Database].fetch(
        """SELECT DISTINCT thing FROM access.device_credential c WHERE revoked_at >= $1 AND NOT EXISTS (
             SELECT 1 FROM access.device_credential d WHERE d.thing = c.thing AND d.revoked_at IS NULL)""",
        since,
    )
    return [r["thing"] for r in rows]
