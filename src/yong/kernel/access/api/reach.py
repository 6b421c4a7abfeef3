"""Whom work is meant for: the accounts of parties and of holders of a role, for the system's own work alone."""

from collections.abc import Sequence

from yong.kernel.access.contracts import Caller
from yong.kernel.access.identity import reach
from yong.kernel.access.scope import authorize
from yong.kernel.base.city import City
from yong.kernel.store.database import Connection


async def reached(
    city: City,
    caller: Caller,
    connection: Connection,
    *,
    parties: Sequence[str] = (),
    accounts: Sequence[str] = (),
    role: str | None = None,
    district: str | None = None,
    owner: str | None = None,
    limit: int = 1000,
) -> list[str]:
    """Accounts in use, by id: of the parties, those named, and holders of a role that reaches a district and owner."""
    authorize(city, caller, "access.reach", "access")
    found = set(await reach.of_parties(connection, parties, limit)) if parties else set()
    if accounts:
        found |= set(await reach.known(connection, accounts))
    if role is not None:
        found |= set(await reach.of_role(connection, role, district, owner, limit))
    return sorted(found)[:limit]
