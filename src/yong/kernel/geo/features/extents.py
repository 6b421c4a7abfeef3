"""From where to where a collection reaches, kept for a minute: its whole must be looked at for that."""

import time

from yong.kernel.base.city import City
from yong.kernel.base.kept import Kept
from yong.kernel.geo.features import documents
from yong.kernel.geo.features.contracts import Kind, Rows
from yong.kernel.store.database import Database

_KEPT_S = 60.0
_MOST = 500
_WITHIN_S = 3.0


class Extents:
    """Extents by what is seen of a collection. A City part."""

    def __init__(self) -> None:
        self.kept: Kept[tuple[object, ...], tuple[float, documents.Extent]] = Kept(_MOST)

    async def of(self, city: City, rows: Rows) -> documents.Extent:
        """The extent, at most a minute old; empty where it cannot be told in three seconds."""
        key = (rows.collection.id, rows.sql, rows.args)
        known = self.kept.get(key)
        if known is not None and time.monotonic() - known[0] < _KEPT_S:
            return known[1]
        try:
            row = await city[Database].pool.fetchrow(_sql(rows), *rows.args, timeout=_WITHIN_S)
        except TimeoutError:
            row = None
        found = documents.extent(dict(row)) if row is not None else {}
        return self.kept.put(key, (time.monotonic(), found))[1]


async def of(city: City, rows: Rows) -> documents.Extent:
    """The extent of a collection as its caller sees it."""
    return await city.part(Extents).of(city, rows)


def _sql(rows: Rows) -> str:
    time_ = rows.column(rows.time) if rows.time else None
    known = time_ is not None and time_.kind in (Kind.DATE, Kind.MOMENT)
    at = time_.sql if known and time_ is not None else "NULL::timestamptz"
    return f"""SELECT min((b[1])[0]) AS west, min((b[1])[1]) AS south, max((b[0])[0]) AS east,
                      max((b[0])[1]) AS north, min(at) AS first, max(at) AS last
               FROM (SELECT {rows.box} AS b, {at} AS at FROM ({rows.sql}) AS r OFFSET 0) AS s"""
