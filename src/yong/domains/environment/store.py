"""The SQL of environment. Private to its service."""

from collections.abc import Sequence

import msgspec

from yong.domains.environment.contracts import Pollutant, StationIndex
from yong.kernel.access.contracts import Scope
from yong.kernel.store.database import Connection, Database, Row


async def keep(connection: Connection, found: StationIndex) -> bool:
    """Write an index; False when exactly this one stands there already."""
    index = found.index
    written = await connection.fetchval(
        """INSERT INTO environment.air_index AS old (station, report, at, aqi, level, primary_pollutants,
               exceeding, complete, edition, parts, owner_id, district)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
           ON CONFLICT (report, station, at) DO UPDATE
           SET aqi = excluded.aqi, level = excluded.level, primary_pollutants = excluded.primary_pollutants,
               exceeding = excluded.exceeding, complete = excluded.complete, edition = excluded.edition,
               parts = excluded.parts, owner_id = excluded.owner_id, district = excluded.district,
               computed_at = now()
           WHERE (old.aqi, old.edition, old.parts, old.owner_id, old.district)
                 IS DISTINCT FROM (excluded.aqi, excluded.edition, excluded.parts, excluded.owner_id,
                                   excluded.district)
           RETURNING true""",
        found.station,
        index.report.value,
        found.at,
        index.aqi,
        index.air_class.level,
        [p.value for p in index.primary],
        [p.value for p in index.exceeding],
        index.complete,
        index.edition.value,
        msgspec.to_builtins(index.parts),
        found.owner,
        found.district,
    )
    return bool(written)


async def stations(database: Database, scope: Scope, code: str | None = None) -> list[Row]:
    """Rows of environment.station_now as a scope shows them, by code."""
    return await database.fetch(
        f"""SELECT * FROM ({scope.sql}) r
            WHERE ${len(scope.args) + 1}::text IS NULL OR code = ${len(scope.args) + 1} ORDER BY code""",
        *scope.args,
        code,
    )


async def means(database: Database, scope: Scope, hours: Sequence[tuple[str, int, int]]) -> list[Row]:
    """Mean of each pollutant at each (station, start, end): microseconds, start exclusive, end inclusive."""
    n = len(scope.args)
    return await database.fetch(
        f"""SELECT h.station, r.attribute, avg(r.value) AS value
            FROM unnest(${n + 1}::text[], ${n + 2}::bigint[], ${n + 3}::bigint[]) AS h (station, start, stop)
            JOIN ({scope.sql}) r ON r.entity = h.station AND r.observed_at > h.start AND r.observed_at <= h.stop
            WHERE r.attribute = ANY(${n + 4}::text[]) AND r.observed_at > ${n + 5}::bigint AND r.value >= 0
            GROUP BY 1, 2""",
        *scope.args,
        [h[0] for h in hours],
        [h[1] for h in hours],
        [h[2] for h in hours],
        [p.value for p in Pollutant],
        min(h[1] for h in hours),
    )
