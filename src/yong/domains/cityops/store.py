"""The SQL of cityops. Private to its service."""

from collections.abc import Sequence
from datetime import datetime

from yong.domains.cityops.contracts import Asked
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
