"""The SQL of suggestions. Private to their service."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from yong.kernel.store.database import Connection, Database, Row

_KEPT = 50
"""How many versions of what was learned are remembered, by their heads."""


async def past(database: Database, procedure: str, most: int) -> list[Row]:
    """The newest cases of a procedure that are over, and those that others were merged into."""
    return await database.fetch(
        """SELECT id, title, description, class, source, district, spot[0] AS lon, spot[1] AS lat, unit_id, opened_at,
                  closed_at, merged_into
           FROM cases.case_file
           WHERE procedure = $1 AND (state IN ('closed', 'merged') OR id IN (
             SELECT merged_into FROM cases.case_file WHERE merged_into IS NOT NULL))
           ORDER BY opened_at DESC, id LIMIT $2""",
        procedure, most,
    )  # fmt: skip


async def live(database: Database) -> list[str]:
    rows = await database.fetch("SELECT name FROM cases.procedure WHERE state = 'live' ORDER BY name")
    return [row["name"] for row in rows]


async def newest(database: Database, procedure: str) -> int | None:
    version: int | None = await database.fetchval(
        "SELECT max(version) FROM cases.learned WHERE procedure = $1 AND body IS NOT NULL", procedure
    )
    return version


async def learned(database: Database, procedure: str, version: int) -> Row | None:
    return await database.fetchrow(
        "SELECT * FROM cases.learned WHERE procedure = $1 AND version = $2", procedure, version
    )


async def versions(database: Database, procedure: str | None) -> list[Row]:
    """Heads, the newest first."""
    return await database.fetch(
        """SELECT procedure, version, made_at, head FROM cases.learned WHERE $1::text IS NULL OR procedure = $1
           ORDER BY made_at DESC LIMIT 100""",
        procedure,
    )


async def keep(
    connection: Connection, procedure: str, account: str, head: dict[str, Any], body: bytes
) -> int | None:
    """Keep what was learned as the newest version; none where the newest was learned from the very same."""
    await connection.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended('cases.learned ' || $1, 0))", procedure
    )
    version: int | None = await connection.fetchval(
        """INSERT INTO cases.learned (procedure, version, made_by, head, body)
           SELECT $1, coalesce(max(version), 0) + 1, $2, $3, $4 FROM cases.learned WHERE procedure = $1
           HAVING coalesce((SELECT head->>'inputs' FROM cases.learned WHERE procedure = $1 AND body IS NOT NULL
                            ORDER BY version DESC LIMIT 1), '') <> $3::jsonb->>'inputs'
           RETURNING version""",
        procedure, account, head, body,
    )  # fmt: skip
    if version is not None:
        await connection.execute(
            "UPDATE cases.learned SET body = NULL WHERE procedure = $1 AND version < $2 AND body IS NOT NULL",
            procedure, version,
        )  # fmt: skip
        await connection.execute(
            "DELETE FROM cases.learned WHERE procedure = $1 AND version <= $2", procedure, version - _KEPT
        )
    return version


async def open_near(
    database: Database, procedure: str, at: tuple[float, float], reach: tuple[float, float],
    since: datetime, until: datetime, but: str, most: int,
) -> list[Row]:  # fmt: skip
    """Open cases in the box around a place that came between two moments, the nearest first; `reach` in degrees."""
    (lon, lat), (east, north) = at, reach
    box = [lon - east, lat - north, lon + east, lat + north]
    return await database.fetch(
        """SELECT id, class, state, stage, version, opened_at, spot[0] AS lon, spot[1] AS lat
           FROM cases.case_file
           WHERE spot <@ box(point($2, $3), point($4, $5)) AND state IN ('open', 'suspended')
             AND procedure = $1 AND opened_at BETWEEN $6 AND $7 AND id <> $8
           ORDER BY spot <-> point($9, $10), id LIMIT $11""",
        procedure, *box, since, until, but, lon, lat, most,
    )  # fmt: skip


async def class_titles(
    database: Database, codes: Sequence[str]
) -> tuple[bool, dict[str, tuple[str, str | None]]]:
    """Whether the city keeps classes at all, and what those of `codes` that are kept are called."""
    kept = await database.fetchval("SELECT EXISTS (SELECT 1 FROM cases.class WHERE ended_at IS NULL)")
    rows = await database.fetch(
        "SELECT id, title_zh, title_en FROM cases.class WHERE id = ANY($1::text[]) AND ended_at IS NULL",
        list(codes),
    )
    return bool(kept), {row["id"]: (row["title_zh"], row["title_en"]) for row in rows}
