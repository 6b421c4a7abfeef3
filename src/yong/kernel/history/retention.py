"""How long history is kept, by type of entity: sealed days are written anew without what is over."""

from datetime import UTC, date, timedelta

from yong.kernel.access import api as access
from yong.kernel.base import clock
from yong.kernel.base.city import City
from yong.kernel.history import sealing
from yong.kernel.history.cold import Cold
from yong.kernel.store.database import Connection, Database


async def retain(city: City) -> dict[date, int]:
    """Drop from the sealed days what is kept no longer; how many readings went of each day, audited.

    Hot days are left alone: nothing is kept for less than the hot window. Nothing while another process seals.
    """
    kept = city.settings.history_kept
    went: dict[date, int] = {}
    if not kept:
        return went
    today = clock.now().astimezone(UTC).date()
    async with city[Database].session() as connection:
        if not await sealing.alone(connection):
            return went
        folder = sealing.folder_of(city.settings)
        of_type = await _series(connection, list(kept))
        for row in await connection.fetch(
            "SELECT day, file, rows FROM history.sealed_day WHERE day < $1 ORDER BY day",
            today - timedelta(days=min(kept.values())),
        ):
            over = [t for t, days in kept.items() if row["day"] < today - timedelta(days=days)]
            gone = sorted(number for t in over for number in of_type.get(t, ()))
            if not gone or not await city[Cold].holds(row["file"], gone):
                continue
            if await sealing.seal_one(connection, folder, row["day"], gone):
                left = await connection.fetchval(
                    "SELECT rows FROM history.sealed_day WHERE day = $1", row["day"]
                )
                went[row["day"]] = row["rows"] - (left or 0)
                async with connection.transaction():
                    facts = {"readings": went[row["day"]], "types": over, "day": row["day"].isoformat()}
                    await access.audit(
                        connection, access.system_caller("history"), "history.retain", "history", facts
                    )
        if went:
            await sealing.tidy(connection, folder)
    return went


async def _series(connection: Connection, types: list[str]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for row in await connection.fetch(
        """SELECT e.type, s.id FROM history.series s
           JOIN context.entity e ON e.tenant = s.tenant AND e.id = s.entity WHERE e.type = ANY($1::text[])""",
        types,
    ):
        found.setdefault(row["type"], []).append(row["id"])
    return found
