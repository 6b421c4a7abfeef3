"""The divisions of communities as they are kept."""

from typing import Any

import msgspec

from yong.kernel.geo.grids.contracts import EndedCell
from yong.kernel.store.database import Connection, Row


class Cornered(msgspec.Struct, frozen=True):
    """A kept grid whose outline took a corner of a new neighbour: its new version, and its values before."""

    code: str
    version: int
    values: dict[str, Any]


class Ended(EndedCell, frozen=True, kw_only=True):
    """A grid that a division ended, with the version that ending it gave."""

    version: int


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A division as it is kept; its days are in the grids."""

    id: str
    community: str
    made: list[str]
    ended: list[Ended]
    kept: list[str]
    cornered: list[Cornered]
    district: str | None
    owner_id: str | None
    undone: bool = False


async def keep(connection: Connection, one: Kept, starts_on: object) -> None:
    await connection.execute(
        """INSERT INTO geo.division (id, community, starts_on, made, ended, kept, cornered, district, owner_id)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)""",
        one.id,
        one.community,
        starts_on,
        one.made,
        msgspec.to_builtins(one.ended),
        one.kept,
        msgspec.to_builtins(one.cornered),
        one.district,
        one.owner_id,
    )


async def division(connection: Connection, id_: str, *, lock: bool = False) -> Kept | None:
    """A division; with `lock` nobody else takes it back until the transaction ends."""
    row = await connection.fetchrow(
        f"SELECT * FROM geo.division WHERE id = $1{' FOR UPDATE' if lock else ''}", id_
    )
    return None if row is None else _kept(row)


def _kept(row: Row) -> Kept:
    columns = {f: row[f] for f in Kept.__struct_fields__ if f != "undone"}
    return msgspec.convert({**columns, "undone": row["undone_at"] is not None}, Kept)


async def newest(connection: Connection, community: str) -> str | None:
    """The last division of a community that still stands."""
    found: str | None = await connection.fetchval(
        """SELECT id FROM geo.division WHERE community = $1 AND undone_at IS NULL
           ORDER BY made_at DESC LIMIT 1""",
        community,
    )
    return found


async def take_back(connection: Connection, id_: str) -> None:
    await connection.execute("UPDATE geo.division SET undone_at = clock_timestamp() WHERE id = $1", id_)
