"""Identity proofing (实名): how far it was checked that an account's holder is who they say, and by which way.

The ladder has the steps that provincial portals publish (Guangdong's calls them trust levels 2 to 5): what somebody
says of themselves; name and number compared with a register; person, name and document found to agree; the same by a
stronger way, such as at a counter or by a certificate. The names of the levels are ours.
"""

from yong.kernel.access.audit import audit
from yong.kernel.access.contracts import PROOFING_METHODS, Caller, Proofed, Way
from yong.kernel.access.identity.known import Known
from yong.kernel.base import ids
from yong.kernel.base.city import City
from yong.kernel.base.errors import Forbidden, NotFound
from yong.kernel.base.text import Text
from yong.kernel.store.database import Database

_SELF = Text("不得核验自己的身份", "Nobody proves their own identity")


async def prove(city: City, caller: Caller, name: str, method: Way) -> int:
    """Note that an account's holder was proved by a way, for the account of that user name; its new level.

    What stood in the document is not kept. Raises NotFound, Forbidden for one's own account.
    """
    way = next(m for m in PROOFING_METHODS if m.way is method)
    async with city[Database].transaction() as connection:
        account = await connection.fetchval(
            "UPDATE access.account SET proofing = $2 WHERE name = $1 AND disabled_at IS NULL RETURNING id",
            name,
            way.level,
        )
        if account is None:
            raise NotFound(Text("没有账户 {name}", "There is no account {name}"), name=name[:100])
        if account == caller.account:
            raise Forbidden(_SELF)
        await connection.execute(
            """INSERT INTO access.proofing (id, account_id, method, level, proved_by)
               VALUES ($1, $2, $3, $4, $5)""",
            ids.new_id(),
            account,
            way.way.value,
            way.level,
            caller.account,
        )
        await audit(
            connection, caller, "access.prove_identity", f"account:{account}",
            {"method": way.way.value, "level": way.level},
        )  # fmt: skip
    city[Known].forget()
    return way.level


async def proofed(city: City, account: str) -> Proofed:
    """How far an account's holder is proved."""
    row = await city[Database].fetchrow(
        """SELECT a.proofing AS level, p.method, p.proved_at FROM access.account a
           LEFT JOIN LATERAL (SELECT * FROM access.proofing x WHERE x.account_id = a.id
                              ORDER BY proved_at DESC, id DESC LIMIT 1) p ON true
           WHERE a.id = $1""",
        account,
    )
    if row is None:
        raise NotFound()
    return Proofed(level=row["level"], method=row["method"], proved_at=row["proved_at"])
