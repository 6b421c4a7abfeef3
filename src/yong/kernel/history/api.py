"""The door of history: what was, as the caller may see it.

Reads walk the days backwards (or forwards) along the index of each series and stop when they have enough,
so the newest hundred of a year of readings cost what a hundred cost.
"""

from collections.abc import Sequence
from datetime import datetime

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.access.policies import Policies
from yong.kernel.base import clock
from yong.kernel.base.city import City
from yong.kernel.base.errors import Invalid
from yong.kernel.base.text import Text
from yong.kernel.history.contracts import Point
from yong.kernel.history.service import Series
from yong.kernel.store.database import Database, Row

RELATION = "history.observation_of"
MOST = 10_000
MOST_SERIES = 2_000  # of one query over many entities
Box = tuple[float, float, float, float]


async def open_parts(city: City) -> None:
    """Put history's parts into a City."""
    city.put(Series, Series())


async def read(
    city: City,
    caller: Caller,
    entity: str,
    *,
    attributes: Sequence[str] | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
    limit: int = 1000,
    newest_first: bool = True,
) -> list[Point]:
    """Observations of an entity within [start, end), at most `limit` (≤ 10,000); none of what may not be seen."""
    numbers = await _of_entity(city, entity, attributes)
    return await _read(city, caller, numbers, start, end, limit, limit, newest_first)


async def latest(
    city: City,
    caller: Caller,
    entity: str,
    *,
    attributes: Sequence[str] | None = None,
    count: int = 1,
    end: datetime | None = None,
) -> list[Point]:
    """The newest `count` (≤ 1,000) observations of each attribute, before `end` where given."""
    if not 1 <= count <= 1000:
        raise Invalid(Text("last 应在 1 与 1000 之间", "last must lie between 1 and 1000"))
    numbers = await _of_entity(city, entity, attributes)
    return await _read(city, caller, numbers, None, end, count, MOST, True)


async def query(
    city: City,
    caller: Caller,
    *,
    type: str | None = None,
    box: Box | None = None,
    attributes: Sequence[str] | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
    limit: int = 1000,
) -> list[Point]:
    """Observations of the entities of a type or within a box (west, south, east, north), newest first.

    The box is where entities are now. Raises Invalid when that is more than 2,000 series.
    """
    access.authorize(city, caller, "records.read", RELATION)
    if type is None and box is None:
        raise Invalid(Text("请给出 type 或 bbox", "Give a type or a bbox"))
    west, south, east, north = box or (None, None, None, None)
    rows = await city[Database].fetch(
        """SELECT s.id FROM context.entity e JOIN history.series s ON s.tenant = e.tenant AND s.entity = e.id
           WHERE e.tenant = '' AND ($1::text IS NULL OR e.type = $1) AND ($2::text[] IS NULL OR s.attribute = ANY($2))
             AND ($3::float8 IS NULL
                  OR point(e.location[0], e.location[1]) <@ box(point($3, $4::float8), point($5::float8, $6::float8)))
           LIMIT $7""",
        type,
        list(attributes) if attributes else None,
        west,
        south,
        east,
        north,
        MOST_SERIES + 1,
    )
    if len(rows) > MOST_SERIES:
        raise Invalid(
            Text(
                "范围内超过 {n} 个序列，请缩小范围或指定属性",
                "That is more than {n} series; narrow it or name the attributes",
            ),
            n=MOST_SERIES,
        )
    return await _read(city, caller, [r["id"] for r in rows], start, end, limit, limit, True)


async def _of_entity(city: City, entity: str, attributes: Sequence[str] | None) -> list[int]:
    rows = await city[Database].fetch(
        """SELECT id FROM history.series
           WHERE tenant = '' AND entity = $1 AND ($2::text[] IS NULL OR attribute = ANY($2))""",
        entity,
        list(attributes) if attributes else None,
    )
    return [r["id"] for r in rows]


async def _read(
    city: City,
    caller: Caller,
    numbers: list[int],
    start: datetime | None,
    end: datetime | None,
    each: int,
    limit: int,
    newest_first: bool,
) -> list[Point]:
    """Which series these are says nothing; their observations come through the scope."""
    if not 1 <= limit <= MOST:
        raise Invalid(Text("limit 应在 1 与 {n} 之间", "limit must lie between 1 and {n}"), n=MOST)
    scope = access.scoped(city, city[Policies].relations[RELATION], caller)
    if not numbers:
        return []
    n = len(scope.args)
    order = "DESC" if newest_first else "ASC"
    rows = await city[Database].fetch(
        f"""SELECT o.* FROM unnest(${n + 1}::int[]) AS w (number) CROSS JOIN LATERAL (
                SELECT entity, attribute, observed_at, value, other, unit, dataset FROM ({scope.sql}) r
                WHERE series = w.number AND observed_at >= ${n + 2}::bigint AND observed_at < ${n + 3}::bigint
                ORDER BY observed_at {order} LIMIT ${n + 4}::int) o
            ORDER BY o.observed_at {order}, o.entity, o.attribute LIMIT ${n + 5}::int""",
        *scope.args,
        numbers,
        clock.micros(start) if start else 0,
        clock.micros(end) if end else 1 << 62,
        each,
        limit,
    )
    return [_point(row) for row in rows]


def _point(row: Row) -> Point:
    return Point(
        entity=row["entity"],
        attribute=row["attribute"],
        observed_at=clock.from_micros(row["observed_at"]),
        value=row["other"] if row["value"] is None else row["value"],
        unit=row["unit"] or None,
        dataset=row["dataset"] or None,
    )
