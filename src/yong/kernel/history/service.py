"""Observations in: exactly once, fast when they come in order and right when they do not.

Readings strictly newer than what this process has committed of their series go straight into the day's
partition by COPY. The rest (repeated, late, of a series not seen yet) is inserted unless it is there. If a
COPY meets a reading that another process committed meanwhile, the batch takes the slow way as a whole.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime

import asyncpg

from yong.kernel.base import clock
from yong.kernel.base.city import City
from yong.kernel.history.contracts import Observation
from yong.kernel.history.logic import DAY_US, value_hash
from yong.kernel.store.database import Connection, Database

Key = tuple[str, str, str, str]  # entity, attribute, dataset, unit
Row = tuple[int, int, float | None, object, int, int]

_COLUMNS = ("series", "observed_at", "value", "other", "hash", "received_at")
_KNOWN_LIMIT = 2_000_000


class Series:
    """The series this process knows: their numbers and the newest moment it committed. A City part."""

    def __init__(self) -> None:
        self.ids: dict[Key, int] = {}
        self.newest: dict[int, int] = {}
        self.days: set[int] = set()


async def prepare(city: City, observations: Sequence[Observation]) -> None:
    """Make what the observations need: numbers for new series, partitions for new days.

    On a connection of its own, before the transaction that writes: partitions are not made under locks of
    a transaction that waits for them.
    """
    known = city[Series]
    if len(known.ids) > _KNOWN_LIMIT:
        known.ids.clear()
        known.newest.clear()
    fresh = {
        key for o in observations if (key := (o.entity, o.attribute, o.dataset, o.unit)) not in known.ids
    }
    days = {o.observed_at // DAY_US for o in observations} - known.days
    if fresh:
        await _number(city, sorted(fresh))
    for day in sorted(days):
        await city[Database].execute("SELECT history.ensure_day($1)", _day(day))
        known.days.add(day)


async def write(city: City, connection: Connection, observations: Sequence[Observation]) -> list[bool]:
    """Write prepared observations in the caller's transaction: for each, whether it is new.

    What the caches learn from it is true once the transaction commits; if it does not, they make the next
    write slower, never wrong.
    """
    known = city[Series]
    received = clock.micros(clock.now())
    fast: dict[int, list[Row]] = defaultdict(list)
    slow: list[tuple[int, Row]] = []
    rows: list[Row] = []
    newest = known.newest
    ahead: dict[int, int] = {}
    for index, o in enumerate(observations):
        series = known.ids[o.entity, o.attribute, o.dataset, o.unit]
        value = o.value
        number = value if type(value) is float else None
        row = (
            series,
            o.observed_at,
            number,
            None if number is not None else value,
            value_hash(value),
            received,
        )
        rows.append(row)
        last = ahead.get(series) or newest.get(series)
        if last is not None and o.observed_at > last:
            fast[o.observed_at // DAY_US].append(row)
            ahead[series] = o.observed_at
        else:
            slow.append((index, row))
            if last is None:
                ahead.setdefault(series, o.observed_at)
            elif series in ahead or o.observed_at > last:
                ahead[series] = max(ahead.get(series, 0), o.observed_at)
    if fast and not await _copy(connection, fast):
        slow = list(enumerate(rows))
    new = [True] * len(rows)
    if slow:
        inserted = await _insert(connection, [row for _, row in slow])
        for index, row in slow:
            identity = (row[0], row[1], row[4])
            new[index] = identity in inserted
            inserted.discard(identity)
    for series, moment in ahead.items():
        if moment > newest.get(series, 0):
            newest[series] = moment
    return new


async def _number(city: City, keys: list[Key]) -> None:
    columns = [[key[i] for key in keys] for i in range(4)]
    async with city[Database].transaction() as connection:
        await connection.execute(
            """INSERT INTO history.series (entity, attribute, dataset, unit)
               SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])
               ON CONFLICT DO NOTHING""",
            *columns,
        )
        rows = await connection.fetch(
            """SELECT s.id, s.entity, s.attribute, s.dataset, s.unit FROM history.series s
               JOIN unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS w (entity, attribute, dataset, unit)
               USING (entity, attribute, dataset, unit) WHERE s.tenant = ''""",
            *columns,
        )
    ids = city[Series].ids
    for r in rows:
        ids[r["entity"], r["attribute"], r["dataset"], r["unit"]] = r["id"]


async def _copy(connection: Connection, by_day: dict[int, list[Row]]) -> bool:
    """COPY into the days' partitions; False, with nothing written, when something was there already."""
    try:
        async with connection.transaction():
            for day, rows in by_day.items():
                await connection.copy_records_to_table(
                    f"observation_{_day(day):%Y%m%d}", schema_name="history", records=rows, columns=_COLUMNS
                )
    except asyncpg.UniqueViolationError:
        return False
    return True


async def _insert(connection: Connection, rows: list[Row]) -> set[tuple[int, int, int]]:
    found = await connection.fetch(
        """INSERT INTO history.observation (series, observed_at, value, other, hash, received_at)
           SELECT * FROM unnest($1::int[], $2::bigint[], $3::float8[], $4::jsonb[], $5::bigint[], $6::bigint[])
           ORDER BY 1, 2 ON CONFLICT DO NOTHING RETURNING series, observed_at, hash""",
        *(list(column) for column in zip(*rows, strict=True)),
    )
    return {(r["series"], r["observed_at"], r["hash"]) for r in found}


def _day(day: int) -> date:
    return datetime.fromtimestamp(day * 86_400, UTC).date()
