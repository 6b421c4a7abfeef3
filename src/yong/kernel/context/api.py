"""The door of context: what is now, as the caller may see it."""

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.access.policies import Policies
from yong.kernel.base.city import City
from yong.kernel.base.errors import Invalid, NotFound
from yong.kernel.base.text import Text
from yong.kernel.context.contracts import Entity
from yong.kernel.store.database import Database, Row

RELATION = "context.entity_now"
MOST = 1000
_COLUMNS = "id, type, doc, source, district, modified_at"


async def read(city: City, caller: Caller, id: str) -> Entity:
    """One entity. Raises NotFound when there is none that the caller may see."""
    scope = access.scoped(city, city[Policies].relations[RELATION], caller)
    row = await city[Database].fetchrow(
        f"SELECT {_COLUMNS} FROM ({scope.sql}) r WHERE id = ${len(scope.args) + 1}::text", *scope.args, id
    )
    if row is None:
        raise NotFound(Text("没有对象 {id}", "There is no entity {id}"), id=id)
    return _entity(row)


async def query(
    city: City,
    caller: Caller,
    *,
    type: str | None = None,
    bbox: tuple[float, float, float, float] | None = None,
    after: str | None = None,
    limit: int = 100,
    newest: bool = False,
) -> list[Entity]:
    """Entities by type and box (west, south, east, north in degrees), by id after `after` or newest first."""
    if not 1 <= limit <= MOST:
        raise Invalid(Text("limit 应在 1 与 {n} 之间", "limit must lie between 1 and {n}"), n=MOST)
    scope = access.scoped(city, city[Policies].relations[RELATION], caller)
    n = len(scope.args)
    west, south, east, north = bbox or (None, None, None, None)
    rows = await city[Database].fetch(
        f"""SELECT {_COLUMNS} FROM ({scope.sql}) r
            WHERE (${n + 1}::text IS NULL OR type = ${n + 1}) AND (${n + 2}::text IS NULL OR id > ${n + 2})
              AND (${n + 3}::float8 IS NULL OR (x BETWEEN ${n + 3} AND ${n + 5}::float8 AND y BETWEEN ${n + 4}::float8 AND ${n + 6}::float8))
            ORDER BY {"modified_at DESC" if newest else "id"} LIMIT ${n + 7}::int""",
        *scope.args,
        type,
        after,
        west,
        south,
        east,
        north,
        limit,
    )
    return [_entity(r) for r in rows]


def _entity(row: Row) -> Entity:
    return Entity(
        id=row["id"],
        type=row["type"],
        attributes=row["doc"] or {},
        source=row["source"],
        district=row["district"],
        modified_at=row["modified_at"],
    )
