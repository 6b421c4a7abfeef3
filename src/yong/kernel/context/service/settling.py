"""The index over values kept up: what stays as it is gets settled, attributes that are asked for get their slot.

Queries never wait for it and are never wrong by it: an entity counts as settled in the same transaction that puts
its values into the index, and no longer in the one that changes it.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

import structlog

from yong.kernel.base.city import City
from yong.kernel.context.asking.sought import BOUNDS, Slot
from yong.kernel.store.database import Connection, Database

_log = structlog.get_logger("context")

QUIET_S = 900.0  # so long an entity stays as it is before it is settled
ASKED = 30  # so often an attribute is asked for before it gets a slot
SLOTS_OF_TYPE, SLOTS = 8, 64
LEAST = 5000  # entities of a type that are worth an index
_KNOWN_S = 30.0  # so long a process goes by the slots it knows: those that are ready stay so
_IN_TURN = 100_000  # entities settled in one turn
_AT_ONCE = 500
_FORGOTTEN = "1 day"  # a slot that found nothing to hold by then was asked for in vain
_LOCK = 0x736F7567  # "soug"
_MOST_NOTED = 10_000
_LONGEST = 1000  # bytes of both names, which stand in one index


class Sought:
    """The slots that this process knows, and what was asked for without one. A City part."""

    def __init__(self) -> None:
        self.slots: Mapping[str, Mapping[str, Slot]] = {}
        self.known_at = float("-inf")
        self.asked: Counter[tuple[str, str]] = Counter()

    async def of(self, database: Database, type: str) -> Mapping[str, Slot]:
        """The slots of a type that are ready, by attribute."""
        if time.monotonic() - self.known_at > _KNOWN_S:
            self.known_at = time.monotonic()
            self.slots = await _ready(database)
        return self.slots.get(type, {})

    async def note(self, database: Database, type: str, attribute: str) -> None:
        """Remember that an attribute was asked for; the one that is asked for often is to be indexed."""
        if len(type.encode()) + len(attribute.encode()) > _LONGEST:
            return
        if len(self.asked) >= _MOST_NOTED:
            self.asked.clear()
        self.asked[type, attribute] += 1
        if self.asked[type, attribute] == ASKED:
            await wish(database, type, attribute)


async def wish(database: Database, type: str, attribute: str) -> None:
    """Let an attribute of a type be indexed, as far as there is room."""
    await database.execute(
        """INSERT INTO context.sought (type, attribute) SELECT $1::text, $2::text
           WHERE (SELECT count(*) FROM context.sought) < $3 AND (SELECT count(*) FROM context.sought s WHERE s.type = $1) < $4
           ON CONFLICT DO NOTHING""",
        type, attribute, SLOTS, SLOTS_OF_TYPE,
    )  # fmt: skip


async def turn(
    database: Database, *, quiet_s: float = QUIET_S, least: int = LEAST, most: int = _IN_TURN
) -> int:
    """Bring the index up to date; how many entities were settled. One process at a time does it.

    Types with less than `least` entities are left alone; those settled before stay so.
    """
    async with database.session() as connection:
        if not await connection.fetchval("SELECT pg_try_advisory_lock($1)", _LOCK):
            return 0
        await connection.execute(
            "DELETE FROM context.sought WHERE ready_at IS NULL AND asked_at < now() - $1::text::interval",
            _FORGOTTEN,
        )
        slots: dict[str, dict[str, int]] = defaultdict(dict)
        fresh: dict[str, list[int]] = defaultdict(list)
        for row in await connection.fetch(
            "SELECT slot, type, attribute, ready_at FROM context.sought ORDER BY slot"
        ):
            slots[row["type"]][row["attribute"]] = row["slot"]
            if row["ready_at"] is None:
                fresh[row["type"]].append(row["slot"])
        settled = 0
        for type_, numbers in slots.items():
            if await _has(connection, type_, least):
                moved = await _settle(connection, type_, numbers, quiet_s, most - settled)
                await _fill(connection, type_, {a: n for a, n in numbers.items() if n in fresh[type_]})
                if moved or fresh[type_]:
                    await _count(connection, list(numbers.values()))
                settled += moved
        if settled:
            _log.info("entities are settled", entities=settled)
        return settled


async def settle(city: City) -> int:
    """One turn; how many entities were settled."""
    return await turn(city[Database])


async def _ready(database: Database) -> dict[str, dict[str, Slot]]:
    found: dict[str, dict[str, Slot]] = defaultdict(dict)
    for row in await database.fetch(
        "SELECT slot, type, attribute, counts, least, most FROM context.sought WHERE ready_at IS NOT NULL"
    ):
        found[row["type"]][row["attribute"]] = Slot(
            number=row["slot"], counts=row["counts"], least=row["least"], most=row["most"]
        )
    return found


async def _has(connection: Connection, type: str, least: int) -> bool:
    """Whether there are so many entities of a type."""
    return bool(
        await connection.fetchval(
            "SELECT EXISTS (SELECT FROM context.entity WHERE tenant = '' AND type = $1 ORDER BY id OFFSET $2::int)",
            type,
            least - 1,
        )
    )


async def _settle(
    connection: Connection, type: str, numbers: Mapping[str, int], quiet_s: float, most: int
) -> int:
    """Settle what has been as it is for a while. What somebody is changing is left for the next turn."""
    after, settled = "", 0
    while settled < most:
        async with connection.transaction():
            rows = await connection.fetch(
                """WITH due AS (SELECT id FROM context.entity
                     WHERE tenant = '' AND type = $1 AND NOT settled AND id > $2 AND other_types = '{}'
                       AND modified_at <= now() - make_interval(secs => $3)
                     ORDER BY id LIMIT $4 FOR NO KEY UPDATE SKIP LOCKED)
                   UPDATE context.entity e SET settled = TRUE FROM due WHERE e.tenant = '' AND e.id = due.id
                   RETURNING e.id""",
                type, after, quiet_s, _AT_ONCE,
            )  # fmt: skip
            ids = [row["id"] for row in rows]
            if not ids:
                break
            await connection.execute("DELETE FROM context.sought_value WHERE id = ANY($1::text[])", ids)
            await _put(connection, ids, numbers)
        after, settled = max(ids), settled + len(ids)
    return settled


async def _put(connection: Connection, ids: Sequence[str], numbers: Mapping[str, int]) -> None:
    """The values of entities into slots, by attribute. Of the number that a key tells its value is kept too."""
    await connection.execute(
        """INSERT INTO context.sought_value (id, slot, key, value)
           SELECT v.id, v.slot, v.key, CASE WHEN v.key BETWEEN 0 AND 999 THEN (v.stored->>'value')::float8 END
           FROM (SELECT e.id, s.slot, e.doc->s.attribute AS stored, context.sought_key(e.doc->s.attribute, $4) AS key
                 FROM context.entity e, unnest($2::text[], $3::int[]) AS s (attribute, slot)
                 WHERE e.tenant = '' AND e.id = ANY($1::text[]) AND e.doc ? s.attribute) AS v
           ON CONFLICT (id, slot) DO UPDATE SET key = excluded.key, value = excluded.value""",
        ids,
        list(numbers),
        list(numbers.values()),
        BOUNDS,
    )


async def _fill(connection: Connection, type: str, numbers: Mapping[str, int]) -> None:
    """Fill new slots with what was settled before they were there; then they are ready, unless nothing has them."""
    if not numbers:
        return
    after = ""
    while True:
        rows = await connection.fetch(
            """SELECT id FROM context.entity WHERE tenant = '' AND type = $1 AND id > $2 AND settled
               ORDER BY id LIMIT $3""",
            type, after, _AT_ONCE,
        )  # fmt: skip
        if not rows:
            break
        ids = [row["id"] for row in rows]
        await _put(connection, ids, numbers)
        after = ids[-1]
    await connection.execute(
        """UPDATE context.sought s SET ready_at = now() WHERE slot = ANY($1::int[])
             AND EXISTS (SELECT FROM context.sought_value v WHERE v.slot = s.slot)""",
        list(numbers.values()),
    )


async def _count(connection: Connection, numbers: Sequence[int]) -> None:
    """Count what slots hold, and drop the values of entities that are gone."""
    await connection.execute(
        """DELETE FROM context.sought_value v WHERE slot = ANY($1::int[])
             AND NOT EXISTS (SELECT FROM context.entity e WHERE e.tenant = '' AND e.id = v.id)""",
        numbers,
    )
    await connection.execute(
        """UPDATE context.sought s SET counts = c.counts, least = c.least, most = c.most FROM (
             SELECT slot, jsonb_object_agg(key, n) AS counts, min(least) AS least, max(most) AS most FROM (
               SELECT v.slot, CASE WHEN v.key BETWEEN 0 AND 1002 THEN v.key::text ELSE 'texts' END AS key,
                      count(*) AS n, min(v.value) AS least, max(v.value) AS most
               FROM context.sought_value v WHERE v.slot = ANY($1::int[]) GROUP BY 1, 2) AS k GROUP BY slot) AS c
           WHERE s.slot = c.slot""",
        numbers,
    )
