"""How long the audit trail is kept: what is older than the setting goes, and the rest still verifies."""

from datetime import timedelta

import asyncpg

from yong.kernel.access.audit import KEEP_DAYS, LOCK, anchor, audit, seal
from yong.kernel.access.identity.callers import system_caller
from yong.kernel.base import clock
from yong.kernel.base.city import City
from yong.kernel.base.errors import Invalid
from yong.kernel.base.text import Text
from yong.kernel.store import place
from yong.kernel.store.database import Database


async def retain(city: City) -> int:
    """Seal and anchor what has settled, then drop what is beyond `audit_keep_days`; how many entries went.

    The trail itself says so: an entry `access.prune_audit`. The serving role may drop nothing, so this
    connects as the owner for as long as it takes.
    """
    while await seal(city):
        pass
    await anchor(city)
    keep_days = city.settings.audit_keep_days
    went = await prune(place.owner_url(city.settings), keep_days)
    if went:
        async with city[Database].transaction() as connection:
            facts = {"entries": went, "keep_days": keep_days}
            await audit(connection, system_caller("access"), "access.prune_audit", "audit", facts)
    return went


async def prune(owner_url: str, keep_days: int) -> int:
    """Drop sealed entries older than `keep_days`, as the owner; the chain then begins where they ended.

    Returns how many entries went. Raises Invalid for less than 180 days.
    """
    if keep_days < KEEP_DAYS:
        raise Invalid(
            Text("审计至少保留 {n} 天", "The audit trail is kept for at least {n} days"), n=KEEP_DAYS
        )
    limit = clock.now() - timedelta(days=keep_days)
    connection = await asyncpg.connect(owner_url)
    try:
        async with connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
            last = await connection.fetchrow(
                """SELECT s.position, s.hash FROM access.audit_seal s
                   WHERE s.position < coalesce(
                       (SELECT min(t.position) FROM access.audit_entry e JOIN access.audit_seal t ON t.entry_id = e.id
                        WHERE e.at >= $1), 9223372036854775807)
                   ORDER BY s.position DESC LIMIT 1""",
                limit,
            )
            if last is None:
                return 0
            await connection.execute(
                "INSERT INTO access.audit_start (position, hash) VALUES ($1, $2) ON CONFLICT DO NOTHING",
                last["position"],
                last["hash"],
            )
            done = await connection.execute(
                """DELETE FROM access.audit_entry e USING access.audit_seal s
                   WHERE s.entry_id = e.id AND s.position <= $1""",
                last["position"],
            )
            await connection.execute("DELETE FROM access.audit_seal WHERE position <= $1", last["position"])
            return int(done.split()[-1])
    finally:
        await connection.close()
