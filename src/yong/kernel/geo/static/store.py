"""The SQL of builds of static layers."""

from datetime import date
from typing import Any

from yong.kernel.access.contracts import Caller
from yong.kernel.geo.static.contracts import Archive, FileFormat, Prepared
from yong.kernel.store.database import Connection, Database, Reader, Row

_SHOWN = 100


async def order(
    connection: Connection, id: str, layer: str, caller: Caller, *,
    format: FileFormat, datum: str, bytes: int, prepared: Prepared, valid_from: date, valid_to: date | None,
) -> Row:  # fmt: skip
    """Write down a file that was handed in; those that still wait for the layer are replaced by it."""
    await connection.execute(
        "UPDATE geo.layer_build SET state = 'replaced', finished_at = now() WHERE layer = $1 AND state = 'waiting'",
        layer,
    )
    row = await connection.fetchrow(
        """INSERT INTO geo.layer_build (id, layer, state, format, datum, bytes, features, unplaced, positions,
             valid_from, valid_to, account, roles, purpose)
           VALUES ($1, $2, 'waiting', $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) RETURNING *""",
        id, layer, format.value, datum, bytes, prepared.features, prepared.unplaced, prepared.positions,
        valid_from, valid_to, caller.account, [m.role for m in caller.mandates], caller.purpose,
    )  # fmt: skip
    assert row is not None
    return row


async def build(reader: Reader, id: str) -> Row | None:
    return await reader.fetchrow("SELECT * FROM geo.layer_build WHERE id = $1", id)


async def builds(reader: Reader, layer: str) -> list[Row]:
    """The last hundred of a layer, newest first."""
    return await reader.fetch(
        f"SELECT * FROM geo.layer_build WHERE layer = $1 ORDER BY ordered_at DESC, id DESC LIMIT {_SHOWN}",
        layer,
    )


async def built(database: Database, id: str, archive: Archive) -> None:
    """Note what a build made, before the layer refers to it."""
    await database.execute(
        """UPDATE geo.layer_build SET archive = $2, archive_bytes = $3, tiles = $4, min_zoom = $5, max_zoom = $6
           WHERE id = $1""",
        id, archive.digest, archive.bytes, archive.tiles, archive.min_zoom, archive.max_zoom,
    )  # fmt: skip


async def finish(reader: Reader, id: str, state: str, problem: Any = None) -> None:
    """The end of a build that waits."""
    await reader.execute(
        """UPDATE geo.layer_build SET state = $2, problem = $3, finished_at = now()
           WHERE id = $1 AND state = 'waiting'""",
        id, state, problem,
    )  # fmt: skip


async def of_layer(reader: Reader, layer: str, digest: str) -> bool:
    """Whether an archive was built for this layer: no other layer's reader sees it."""
    row = await reader.fetchrow(
        "SELECT 1 FROM geo.layer_build WHERE layer = $1 AND archive = $2 LIMIT 1", layer, digest
    )
    return row is not None
