"""The SQL of environment. Private to its service."""

import msgspec

from yong.domains.environment.contracts import StationIndex
from yong.kernel.store.database import Connection


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
