"""The SQL of cityops. Private to its service."""

from collections.abc import Sequence
from datetime import datetime

from yong.domains.cityops.contracts import Asked, Pulled
from yong.kernel.access.contracts import Scope
from yong.kernel.store.database import Database, Row

_SHOWN = """r.reference, r.class, r.state, r.answer, r.unit, r.owner_id, r.received_at, r.updated_at, r.closed_at,
            r.expected_at, r.location"""


async def public_requests(
    database: Database, scope: Scope, asked: Asked, span: tuple[datetime, datetime]
) -> list[Row]:
    """Requests as anybody sees them, the newest first. `span` is by when they came in."""
    args: list[object] = list(scope.args)

    def of(value: object) -> str:
        args.append(value)
        return f"${len(args)}"

    wanted = [f"r.received_at BETWEEN {of(span[0])} AND {of(span[1])}"]
    if asked.services:
        wanted.append(f"r.class = ANY({of(list(asked.services))}::text[])")
    if len(asked.states) == 1:
        wanted.append(f"(r.state = 'closed') = {of(asked.states[0] == 'closed')}")
    if asked.updated_after:
        wanted.append(f"r.updated_at >= {of(asked.updated_after)}")
    if asked.updated_before:
        wanted.append(f"r.updated_at <= {of(asked.updated_before)}")
    return await database.fetch(
        f"""SELECT {_SHOWN} FROM ({scope.sql}) AS r WHERE {" AND ".join(wanted)}
            ORDER BY r.received_at DESC, r.reference LIMIT {of(asked.size)} OFFSET {of((asked.page - 1) * asked.size)}""",
        *args,
    )


async def public_requests_of(database: Database, scope: Scope, ids: Sequence[str]) -> list[Row]:
    """Requests by their numbers, in the order of these."""
    place = len(scope.args) + 1
    return await database.fetch(
        f"""SELECT {_SHOWN} FROM ({scope.sql}) AS r WHERE r.reference = ANY(${place}::text[])
            ORDER BY array_position(${place}::text[], r.reference)""",
        *scope.args,
        list(ids),
    )


async def any_component(database: Database) -> bool:
    """Whether the city keeps components at all: most cases are asked for nothing where it does not."""
    return bool(await database.fetchval("SELECT EXISTS (SELECT 1 FROM cityops.component)"))


# ---------------------------------------------------------------- requests of other endpoints


async def turn_until(database: Database, source: str) -> datetime | None:
    """Up to when an endpoint was read."""
    found: datetime | None = await database.fetchval(
        "SELECT until FROM cityops.remote_look WHERE source = $1", source
    )
    return found


async def keep_turn(database: Database, report: Pulled, at: datetime, until: datetime | None) -> None:
    """What a look brought; one that broke off leaves how far it was read as it was."""
    await database.execute(
        """INSERT INTO cityops.remote_look AS t (source, until, at, taken, known, passed, fault)
           VALUES ($1, $2, $3, $4, $5, $6, $7)
           ON CONFLICT (source) DO UPDATE SET until = coalesce(excluded.until, t.until), at = excluded.at,
             taken = excluded.taken, known = excluded.known, passed = excluded.passed, fault = excluded.fault""",
        report.source, until, at, report.taken, report.known, report.passed, report.fault,
    )  # fmt: skip


async def remote_request(database: Database, source: str, id_: str) -> Row | None:
    return await database.fetchrow(
        "SELECT submission, reference FROM cityops.remote_taken WHERE source = $1 AND remote_id = $2",
        source, id_,
    )  # fmt: skip


async def begin_remote(
    database: Database, source: str, id_: str, submission: dict[str, object], updated_at: datetime | None
) -> None:
    """Keep what an entry is to be as a report, before it is one."""
    await database.execute(
        """INSERT INTO cityops.remote_taken (source, remote_id, submission, status, updated_at)
           VALUES ($1, $2, $3, 'open', $4)
           ON CONFLICT (source, remote_id) DO UPDATE SET submission = excluded.submission, seen_at = now()""",
        source, id_, submission, updated_at,
    )  # fmt: skip


async def finish_remote(database: Database, source: str, id_: str, reference: str, status: str) -> None:
    await database.execute(
        """UPDATE cityops.remote_taken SET reference = $3, status = $4, submission = NULL, fault = NULL, seen_at = now()
           WHERE source = $1 AND remote_id = $2""",
        source, id_, reference, status,
    )  # fmt: skip


async def renew_remote(
    database: Database, source: str, id_: str, status: str, updated_at: datetime | None
) -> None:
    await database.execute(
        """UPDATE cityops.remote_taken SET status = $3, updated_at = coalesce($4, updated_at), seen_at = now()
           WHERE source = $1 AND remote_id = $2 AND (status, updated_at) IS DISTINCT FROM ($3, $4)""",
        source, id_, status, updated_at,
    )  # fmt: skip


async def fail_remote(database: Database, source: str, id_: str, fault: str, status: str | None) -> None:
    """Say why an entry became no report; it is looked at again when it comes again."""
    await database.execute(
        """INSERT INTO cityops.remote_taken (source, remote_id, fault, status) VALUES ($1, $2, $3, $4)
           ON CONFLICT (source, remote_id) DO UPDATE SET fault = excluded.fault, submission = NULL, seen_at = now()""",
        source, id_, fault, status,
    )  # fmt: skip
