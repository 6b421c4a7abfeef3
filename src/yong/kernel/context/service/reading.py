"""Entities read as a caller may see them; those asked for at one moment by one statement."""

from collections.abc import Sequence

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller, Scope
from yong.kernel.access.policies import Policies
from yong.kernel.base.city import City
from yong.kernel.base.errors import NotFound
from yong.kernel.base.text import Text
from yong.kernel.context import store
from yong.kernel.context.contracts import RELATION, TENANT_RELATION
from yong.kernel.context.ngsild.ids import shown
from yong.kernel.context.ngsild.shown import Whole
from yong.kernel.context.recorded.urns import is_record
from yong.kernel.context.service.writing import NO_ENTITY
from yong.kernel.store.batches import Batcher
from yong.kernel.store.database import Database, Row

COLUMNS = "id, type, other_types, scopes, doc, created_at, modified_at"
_SCOPES = 2000
_NO_TENANT = Text("没有租户 {tenant}", "There is no tenant {tenant}")


class NoTenant(NotFound):
    """A tenant that nobody wrote to yet (NonexistentTenant)."""


class Reads:
    """The reads under way in this process, one queue per scope and tenant. A City part."""

    def __init__(self) -> None:
        self.queues: dict[tuple[str, tuple[object, ...]], Batcher[str, Whole | None]] = {}
        self.tenants: set[str] = set()


async def known_tenant(city: City, tenant: str) -> None:
    """Raise NoTenant unless the tenant was made by a write."""
    reads = city[Reads]
    if not tenant or tenant in reads.tenants:
        return
    if not await store.has_tenant(city[Database], tenant):
        raise NoTenant(_NO_TENANT, tenant=tenant)
    reads.tenants.add(tenant)


def rows_of(city: City, caller: Caller, tenant: str = "") -> Scope:
    """The entities of a tenant as the caller may see them. Raises Unauthenticated or Forbidden for none."""
    relation = city[Policies].relations[TENANT_RELATION if tenant else RELATION]
    scope = access.scoped(city, relation, caller)
    if not tenant:
        return scope
    place = len(scope.args) + 1
    return Scope(
        sql=f"SELECT * FROM ({scope.sql}) AS t WHERE t.tenant = ${place}::text",
        args=(*scope.args, tenant),
        fields=scope.fields,
    )


async def whole(city: City, caller: Caller, id: str, tenant: str = "") -> Whole:
    """One entity. Raises NotFound when there is none that the caller may see."""
    scope = rows_of(city, caller, tenant)
    await known_tenant(city, tenant)
    queues = city[Reads].queues
    queue = queues.get((scope.sql, scope.args))
    if queue is None:
        if len(queues) >= _SCOPES:
            queues.clear()
        queue = queues[scope.sql, scope.args] = _queue(city, scope)
    found = await queue.submit(id)
    if found is None:
        raise NotFound(NO_ENTITY, id=shown(id)[:200])
    return found


def _queue(city: City, scope: Scope) -> Batcher[str, Whole | None]:
    sql = f"SELECT {COLUMNS} FROM ({scope.sql}) AS r WHERE id = ANY(${len(scope.args) + 1}::text[])"

    async def run(ids: Sequence[str]) -> list[Whole | BaseException | None]:
        rows = await city[Database].fetch(sql, *scope.args, list(set(ids)))
        by_id = {row["id"]: whole_of(row) for row in rows}
        return [by_id.get(id_) for id_ in ids]

    return Batcher(run)


def whole_of(row: Row) -> Whole:
    """An entity of a row with COLUMNS, perhaps without moments; what a record has not is null in its document."""
    attributes = row["doc"] or {}
    if is_record(row["id"]):
        attributes = {name: stored for name, stored in attributes.items() if stored is not None}
    return Whole(
        id=row["id"],
        type=row["type"],
        other_types=row["other_types"] or (),
        scopes=row["scopes"] or (),
        attributes=attributes,
        created_at=row.get("created_at"),
        modified_at=row.get("modified_at"),
    )
