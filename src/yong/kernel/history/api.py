"""The door of history: what was, as the caller may see it."""

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
from yong.kernel.store.database import Database

RELATION = "history.observation_of"
MOST = 10_000


async def open_parts(city: City) -> None:
    """Put history's parts into a City."""
    city.put(Series, Series())


async def read(
    city: City,
    caller: Caller,
    entity: str,
    *,
    attributes: list[str] | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
    limit: int = 1000,
    newest_first: bool = True,
) -> list[Point]:
    """Observations of an entity within [start, end), at most `limit` (≤ 10,000)."""
    if not 1 <= limit <= MOST:
        raise Invalid(Text("limit 应在 1 与 {n} 之间", "limit must lie between 1 and {n}"), n=MOST)
    scope = access.scoped(city, city[Policies].relations[RELATION], caller)
    n = len(scope.args)
    rows = await city[Database].fetch(
        f"""SELECT attribute, observed_at, value, other, unit FROM ({scope.sql}) r
            WHERE entity = ${n + 1}::text AND (${n + 2}::text[] IS NULL OR attribute = ANY(${n + 2}))
              AND observed_at >= ${n + 3}::bigint AND observed_at < ${n + 4}::bigint
            ORDER BY observed_at {"DESC" if newest_first else "ASC"} LIMIT ${n + 5}::int""",
        *scope.args,
        entity,
        attributes,
        clock.micros(start) if start else 0,
        clock.micros(end) if end else 1 << 62,
        limit,
    )
    return [
        Point(
            attribute=r["attribute"],
            observed_at=clock.from_micros(r["observed_at"]),
            value=r["other"] if r["value"] is None else r["value"],
            unit=r["unit"] or None,
        )
        for r in rows
    ]
