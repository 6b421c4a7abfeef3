"""The SQL of indicators. Private to the services."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeAlias

import msgspec

from yong.kernel.access.contracts import Scope
from yong.kernel.indicators.contracts import ComputationShown, Definition, Indicator
from yong.kernel.store.database import Connection, Database, Row

Asked: TypeAlias = "Connection | Database"

# ---------------------------------------------------------------- indicators that people keep

_DECIDED = """SELECT DISTINCT ON (name) name, version, what, account, at FROM indicators.decision
              ORDER BY name, id DESC"""


async def live(database: Database) -> list[Row]:
    """The versions that hold."""
    return await database.fetch(
        f"""SELECT k.name, k.version, k.body, k.account, k.roles FROM ({_DECIDED}) d
            JOIN indicators.kept k ON k.name = d.name AND k.version = d.version WHERE d.what = 'live'"""
    )


async def versions(database: Database, name: str, limit: int = 100) -> list[Row]:
    """The versions of an indicator, the newest first, and what stands of each."""
    return await database.fetch(
        """SELECT k.name, k.version, k.body, k.account, k.made_at, d.account AS decided_by,
                  CASE WHEN last.version = k.version THEN last.what
                       WHEN d.version IS NULL THEN 'draft' ELSE 'retired' END
                  AS what
           FROM indicators.kept k
           LEFT JOIN LATERAL (SELECT version, account FROM indicators.decision d
                              WHERE d.name = k.name AND d.version = k.version AND d.what = 'live' ORDER BY id DESC LIMIT 1) d ON true
           LEFT JOIN LATERAL (SELECT version, what FROM indicators.decision l WHERE l.name = k.name ORDER BY id DESC LIMIT 1) last
             ON true
           WHERE k.name = $1 ORDER BY k.version DESC LIMIT $2""",
        name, limit,
    )  # fmt: skip


async def keep(
    connection: Connection, indicator: Indicator, account: str, roles: Sequence[str], most: int
) -> int | None:
    """A new version; none where there are as many indicators as there may be."""
    await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('indicators.kept', 0))")
    version: int | None = await connection.fetchval(
        """INSERT INTO indicators.kept (name, version, body, account, roles)
           SELECT $1, coalesce((SELECT max(version) FROM indicators.kept WHERE name = $1), 0) + 1, $2, $3, $4
           WHERE (SELECT count(DISTINCT name) FROM indicators.kept WHERE name <> $1) < $5::int RETURNING version""",
        indicator.name, msgspec.to_builtins(indicator), account, list(roles), most,
    )  # fmt: skip
    return version


async def version(connection: Connection, name: str, number: int) -> Row | None:
    return await connection.fetchrow(
        "SELECT name, version, body, account, roles FROM indicators.kept WHERE name = $1 AND version = $2",
        name, number,
    )  # fmt: skip


async def decide(connection: Connection, name: str, number: int, what: str, account: str) -> None:
    await connection.execute(
        "INSERT INTO indicators.decision (name, version, what, account) VALUES ($1, $2, $3, $4)",
        name, number, what, account,
    )  # fmt: skip


# ---------------------------------------------------------------- computations

_COMPUTATION = """id, name, period, starts_on, ends_on, breakdown, known_at, computed_at, complete, rows, checksum,
                  definition"""


async def settled(database: Database) -> tuple[datetime, datetime | None, datetime | None]:
    """What the database's clock says; since when the oldest transaction of others runs, and the oldest that has written."""
    row = await database.fetchrow(
        """SELECT clock_timestamp() AS now, min(xact_start) AS oldest,
                  min(xact_start) FILTER (WHERE backend_xid IS NOT NULL) AS writing
           FROM pg_stat_activity
           WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"""
    )
    assert row is not None
    return row["now"], row["oldest"], row["writing"]


async def freeze(
    connection: Connection, computation: dict[str, Any], sha256: str, definition: Definition,
    figures: Sequence[dict[str, Any]],
) -> None:  # fmt: skip
    """Keep a computation with its figures, and the definition where it is new."""
    await connection.execute(
        "INSERT INTO indicators.definition (sha256, body) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        sha256, msgspec.to_builtins(definition),
    )  # fmt: skip
    await connection.execute(
        """INSERT INTO indicators.computation (id, name, period, starts_on, ends_on, breakdown, known_at, complete, rows,
                                               checksum, definition, account)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)""",
        *(computation[k] for k in ("id", "name", "period", "starts_on", "ends_on", "breakdown", "known_at", "complete",
                                   "rows", "checksum")),
        sha256, computation["account"],
    )  # fmt: skip
    await connection.execute(
        """INSERT INTO indicators.frozen_figure (computation, cell, value, numerator, denominator, grade, counts, owner_id, district)
           SELECT $1, f.cell, f.value, f.numerator, f.denominator, f.grade, f.counts, f.owner_id, f.district
           FROM jsonb_to_recordset($2::jsonb) AS f(cell text, value float8, numerator float8, denominator float8, grade text,
                                                   counts jsonb, owner_id text, district text)""",
        computation["id"], list(figures),
    )  # fmt: skip


async def newest(database: Asked, name: str, period: str, by: str, limit: int = 1) -> list[Row]:
    """The computations of a period, the newest first."""
    return await database.fetch(
        f"""SELECT {_COMPUTATION} FROM indicators.computation WHERE name = $1 AND period = $2 AND breakdown = $3
            ORDER BY known_at DESC, computed_at DESC LIMIT $4""",
        name, period, by, limit,
    )  # fmt: skip


async def newest_of(database: Database, names: Sequence[str], period: str, by: str) -> dict[str, Row]:
    """The newest computation of each of several indicators."""
    rows = await database.fetch(
        f"""SELECT DISTINCT ON (name) {_COMPUTATION} FROM indicators.computation
            WHERE name = ANY($1::text[]) AND period = $2 AND breakdown = $3 ORDER BY name, known_at DESC, computed_at DESC""",
        list(names), period, by,
    )  # fmt: skip
    return {row["name"]: row for row in rows}


async def computation(database: Database, id_: str) -> tuple[Row, Definition] | None:
    row = await database.fetchrow(
        f"""SELECT {", ".join("c." + x.strip() for x in _COMPUTATION.split(","))}, d.body FROM indicators.computation c
            JOIN indicators.definition d ON d.sha256 = c.definition WHERE c.id = $1""",
        id_,
    )
    return (row, msgspec.convert(row["body"], Definition)) if row else None


async def all_figures(database: Asked, id_: str) -> list[Row]:
    """All figures of a computation, for those who compute; readers are given `figures`."""
    return await database.fetch(
        "SELECT * FROM indicators.frozen_figure WHERE computation = $1 ORDER BY cell", id_
    )


async def figures(database: Database, scope: Scope, ids: Sequence[str]) -> list[Row]:
    """The figures of computations, as a reader may see them; the whole first, then by cell."""
    n = len(scope.args) + 1
    return await database.fetch(
        f"""SELECT r.* FROM ({scope.sql}) r WHERE r.computation = ANY(${n}::text[])
            ORDER BY r.cell <> '*', r.cell""",
        *scope.args, list(ids),
    )  # fmt: skip


async def trend(
    database: Database, scope: Scope, name: str, by: str, cell: str, periods: Sequence[str]
) -> list[Row]:
    """The newest figure of a cell in each of these periods."""
    n = len(scope.args)
    return await database.fetch(
        f"""SELECT DISTINCT ON (c.period) c.period, r.value, r.grade
            FROM indicators.computation c JOIN ({scope.sql}) r ON r.computation = c.id
            WHERE c.name = ${n + 1} AND c.breakdown = ${n + 2} AND r.cell = ${n + 3} AND c.period = ANY(${n + 4}::text[])
            ORDER BY c.period, c.known_at DESC, c.computed_at DESC""",
        *scope.args, name, by, cell, list(periods),
    )  # fmt: skip


def shown(row: Row, whole: bool) -> ComputationShown:
    """A computation; `whole`: its reader sees the figure of all rows."""
    return ComputationShown(
        id=row["id"], indicator=row["name"], period=row["period"], starts_on=row["starts_on"], ends_on=row["ends_on"],
        by=row["breakdown"], known_at=row["known_at"], computed_at=row["computed_at"], complete=row["complete"],
        rows=row["rows"] if whole else None, checksum=row["checksum"], definition=row["definition"],
    )  # fmt: skip
