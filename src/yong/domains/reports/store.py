"""The SQL of reports beyond what records does for them. Private to the service."""

from yong.kernel.store.database import Connection, Row


async def standing(connection: Connection, reference: str) -> Row | None:
    """How a report stands and who sent it, read in the transaction that tells of it; none once it was ended."""
    return await connection.fetchrow(
        "SELECT reference, category, state, reporter, version FROM reports.report WHERE id = $1 AND ended_at IS NULL",
        reference,
    )
