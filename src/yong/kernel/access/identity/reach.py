"""Which accounts stand for parties and for holders of a role: whom work reaches that is meant for them."""

from collections.abc import Sequence

from yong.kernel.store.database import Connection


async def of_parties(connection: Connection, parties: Sequence[str], limit: int) -> list[str]:
    """Accounts in use that belong to these parties themselves."""
    rows = await connection.fetch(
        """SELECT id FROM access.account WHERE party_id = ANY($1::text[]) AND disabled_at IS NULL
           ORDER BY id LIMIT $2""",
        list(parties),
        limit,
    )
    return [row["id"] for row in rows]


async def known(connection: Connection, accounts: Sequence[str]) -> list[str]:
    """Those of these accounts that are in use."""
    rows = await connection.fetch(
        "SELECT id FROM access.account WHERE id = ANY($1::text[]) AND disabled_at IS NULL ORDER BY id",
        list(accounts),
    )
    return [row["id"] for row in rows]


async def of_role(
    connection: Connection, role: str, district: str | None, owner: str | None, limit: int
) -> list[str]:
    """Accounts in use with a mandate of a role that stands and reaches this district and this owner."""
    rows = await connection.fetch(
        """SELECT DISTINCT a.id FROM access.mandate m JOIN access.account a ON a.id = m.account_id
           WHERE m.role = $1 AND m.revoked_at IS NULL AND a.disabled_at IS NULL
             AND (m.until IS NULL OR m.until >= (now() AT TIME ZONE 'Asia/Shanghai')::date)
             AND (m.district IS NULL OR $2::text IS NULL OR starts_with($2, m.district))
             AND (m.party_id IS NULL OR $3::text IS NULL
                  OR EXISTS (SELECT FROM access.party p WHERE p.id = $3 AND p.ancestors @> ARRAY[m.party_id]))
           ORDER BY a.id LIMIT $4""",
        role,
        district,
        owner,
        limit,
    )
    return [row["id"] for row in rows]
