"""What is now, as the caller may see it, for our own pages and programs."""

import math
from collections.abc import Sequence

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.access.policies import Policies
from yong.kernel.base.city import City
from yong.kernel.base.errors import Invalid, NotFound
from yong.kernel.base.text import Text
from yong.kernel.context.contracts import RELATION, Entity
from yong.kernel.context.logic import Place, distance_m
from yong.kernel.store.database import Database, Row

MOST = 1000
Box = tuple[float, float, float, float]  # west, south, east, north in degrees
_COLUMNS = "id, type, doc, place, source, district, modified_at"
_DEGREE_M = 111_195.0  # of latitude, and of longitude at the equator
_REFINE = 4  # the index orders by degrees: so many times the limit is read to order by metres


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
    bbox: Box | None = None,
    attributes: Sequence[str] | None = None,
    after: str | None = None,
    limit: int = 100,
    newest: bool = False,
) -> list[Entity]:
    """Entities by type, box and attributes (those that have one of them, with these alone).

    In the order of their ids from behind `after`, or the newest change first.
    """
    where = [_Where("type = {}::text", type)] if type is not None else []
    if after is not None:
        where.append(_Where("id > {}::text", after))
    if bbox is not None:
        west, south, east, north = bbox
        where.append(_Where("point(x, y) <@ {}::box", ((east, north), (west, south))))
    return await _entities(
        city, caller, where, attributes, "modified_at DESC" if newest else "id", [], _least(limit)
    )


async def near(
    city: City,
    caller: Caller,
    place: Place,
    *,
    type: str | None = None,
    within_m: float | None = None,
    attributes: Sequence[str] | None = None,
    limit: int = 100,
) -> list[Entity]:
    """The entities nearest to a place (longitude, latitude), by great-circle distance, at most `within_m` away."""
    where = [_Where("type = {}::text", type)] if type is not None else []
    where.append(_Where("x IS NOT NULL", None))
    if within_m is not None:
        where.append(_Where("point(x, y) <@ {}::box", _around(place, within_m)))
    found = await _entities(
        city, caller, where, attributes, "point(x, y) <-> {}::point", [place], _least(limit) * _REFINE
    )
    far = [(distance_m(place, p), e) for e in found if (p := _place(e)) is not None]
    far.sort(key=lambda pair: pair[0])
    return [e for d, e in far if within_m is None or d <= within_m][:limit]


class _Where:
    """A condition with a place for one typed argument; an untyped one would miss the index of points."""

    def __init__(self, sql: str, argument: object) -> None:
        self.sql, self.argument = sql, argument


async def _entities(
    city: City,
    caller: Caller,
    where: Sequence[_Where],
    attributes: Sequence[str] | None,
    order: str,
    order_args: Sequence[object],
    limit: int,
) -> list[Entity]:
    scope = access.scoped(city, city[Policies].relations[RELATION], caller)
    args: list[object] = list(scope.args)
    terms = []
    if attributes:
        where = (*where, _Where("doc ?| {}::text[]", list(attributes)))
    for term in where:
        if "{}" in term.sql:
            args.append(term.argument)
        terms.append(term.sql.format(f"${len(args)}"))
    args += order_args
    order = order.format(f"${len(args)}")
    args.append(limit)
    rows = await city[Database].fetch(
        f"""SELECT {_COLUMNS} FROM ({scope.sql}) r WHERE {" AND ".join(terms) or "TRUE"}
            ORDER BY {order} LIMIT ${len(args)}::int""",
        *args,
    )
    return [_entity(row, attributes) for row in rows]


def _least(limit: int) -> int:
    if not 1 <= limit <= MOST:
        raise Invalid(Text("limit 应在 1 与 {n} 之间", "limit must lie between 1 and {n}"), n=MOST)
    return limit


def _around(place: Place, metres: float) -> tuple[Place, Place]:
    """A box that holds the circle: its corners north-east and south-west."""
    tall = metres / _DEGREE_M
    wide = min(360.0, tall / max(math.cos(math.radians(min(abs(place[1]) + tall, 89.9))), 1e-3))
    return (place[0] + wide, place[1] + tall), (place[0] - wide, place[1] - tall)


def _place(entity: Entity) -> Place | None:
    if entity.location is None:
        return None
    x, y = entity.location["coordinates"][:2]
    return x, y


def _entity(row: Row, attributes: Sequence[str] | None = None) -> Entity:
    doc = row["doc"] or {}
    if attributes:
        doc = {a: doc[a] for a in attributes if a in doc}
    return Entity(
        id=row["id"],
        type=row["type"],
        attributes=doc,
        location=row["place"],
        source=row["source"],
        district=row["district"],
        modified_at=row["modified_at"],
    )
