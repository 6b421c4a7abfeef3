"""The tree of departments, districts, organisations and people."""

from yong.kernel.access.audit import audit
from yong.kernel.access.contracts import Caller
from yong.kernel.base.errors import Conflict, NotFound
from yong.kernel.base.text import Text
from yong.kernel.store.database import Connection

_NONE = Text("没有主体 {id}", "There is no party {id}")
_IN_USE = Text(
    "主体 {id} 尚有 {parties} 个下级主体、{accounts} 个账户、{mandates} 项授权，请先处理",
    "Party {id} still has {parties} parties below it, {accounts} accounts and {mandates} mandates; see to them first",
)


async def need_party(connection: Connection, id: str) -> None:
    """Raise NotFound unless a party is in use; it stays so until the transaction is over."""
    if not await connection.fetchval(
        "SELECT 1 FROM access.party WHERE id = $1 AND ended_at IS NULL FOR SHARE", id
    ):
        raise NotFound(_NONE, id=id[:100])


async def create_party(
    connection: Connection,
    caller: Caller,
    *,
    id: str,
    kind: str,
    zh: str,
    en: str,
    parent: str | None,  # a party's id is called id
) -> None:
    """Put a party into the tree. Raises NotFound for a missing parent, Conflict if it is there already."""
    if parent is not None:
        await need_party(connection, parent)
    done = await connection.execute(
        """INSERT INTO access.party (id, kind, name_zh, name_en, parent_id, ancestors)
           SELECT $1, $2, $3, $4, $5, coalesce((SELECT ancestors FROM access.party WHERE id = $5), '{}') || $1::text
           ON CONFLICT (id) DO NOTHING""",
        id,
        kind,
        zh,
        en,
        parent,
    )
    if done.endswith(" 0"):
        raise Conflict(Text("主体 {id} 已存在", "Party {id} exists already"), id=id)
    await audit(connection, caller, "access.create_party", f"party:{id}", {"kind": kind, "parent": parent})


async def rename_party(connection: Connection, caller: Caller, id: str, zh: str, en: str) -> None:
    """Give a party other names; its id stays. Raises NotFound."""
    before = await connection.fetchrow(
        "SELECT name_zh, name_en FROM access.party WHERE id = $1 AND ended_at IS NULL FOR UPDATE", id
    )
    if before is None:
        raise NotFound(_NONE, id=id[:100])
    await connection.execute("UPDATE access.party SET name_zh = $2, name_en = $3 WHERE id = $1", id, zh, en)
    facts = {"zh": zh, "en": en, "before": dict(before)}
    await audit(connection, caller, "access.rename_party", f"party:{id}", facts)


async def end_party(connection: Connection, caller: Caller, id: str) -> None:
    """Take a party out of use; what it owns stays its own. Raises NotFound, Conflict while others depend on it."""
    if not await connection.fetchval(
        "SELECT 1 FROM access.party WHERE id = $1 AND ended_at IS NULL FOR UPDATE", id
    ):
        raise NotFound(_NONE, id=id[:100])
    held = await connection.fetchrow(
        """SELECT (SELECT count(*) FROM access.party WHERE parent_id = $1 AND ended_at IS NULL) AS parties,
                  (SELECT count(*) FROM access.account WHERE party_id = $1 AND disabled_at IS NULL) AS accounts,
                  (SELECT count(*) FROM access.mandate WHERE party_id = $1 AND revoked_at IS NULL
                     AND (until IS NULL OR until >= current_date)) AS mandates""",
        id,
    )
    if held is not None and any(held.values()):
        raise Conflict(_IN_USE, id=id, **held)
    await connection.execute("UPDATE access.party SET ended_at = now() WHERE id = $1", id)
    await audit(connection, caller, "access.end_party", f"party:{id}")
