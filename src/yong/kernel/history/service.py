"""Observations in: exactly once, fast when they come in order and right when they do not.

Readings strictly newer than what this process has written of their series go straight into the day's
partition by COPY. The rest (repeated, late, of a series not seen yet) is inserted unless it is there. If a
COPY meets a reading that another process committed meanwhile, the batch takes the slow way as a whole.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from operator import itemgetter

import asyncpg
import msgspec

from yong.kernel.base import clock
from yong.kernel.base.city import City
from yong.kernel.history.contracts import Observation
from yong.kernel.history.logic import DAY_US, SERIES_OF_ENTITY, value_hash
from yong.kernel.store.database import Connection, Database

Key = tuple[str, str, str, str, str]  # entity, attribute, dataset, unit, tenant
Row = tuple[int, int, float | None, object, int, int]

_COLUMNS = ("series", "observed_at", "value", "other", "hash", "received_at")
_KNOWN_LIMIT = 2_000_000
_DAYS_AHEAD = 2
_OPEN_DAYS = 2  # days before today that are not sealed for sure


class Series:
    """The series this process knows: their numbers and the newest moment it wrote. A City part.

    Both make writing fast and neither makes it right: a moment that was written and rolled back sends the
    next reading of its series the slow way.
    """

    def __init__(self) -> None:
        self.ids: dict[Key, int] = {}
        self.newest: dict[int, int] = {}
        self.days: set[int] = set()


async def prepare(city: City, observations: Sequence[Observation]) -> list[int]:
    """Make what the observations need, partitions for new days and numbers for new series; their numbers.

    0 stands for a series that its entity may not have any more. On connections of its own, *before* the
    transaction that writes: nothing here is done under locks of a transaction that waits for it.
    """
    known = city[Series]
    if len(known.ids) > _KNOWN_LIMIT:
        known.ids = {}
        known.newest = {}
    ids = known.ids
    keys = [(o.entity, o.attribute, o.dataset, o.unit, o.tenant) for o in observations]
    numbers = [ids.get(key, 0) for key in keys]
    for day in {o.observed_at // DAY_US for o in observations} - known.days:
        await city[Database].execute("SELECT history.ensure_day($1)", _date(day))
        known.days.add(day)
    if 0 in numbers:
        await _number(city, sorted({key for key, number in zip(keys, numbers, strict=True) if not number}))
        numbers = [number or ids.get(key, 0) for key, number in zip(keys, numbers, strict=True)]
    return numbers


async def write(
    city: City, connection: Connection, observations: Sequence[Observation], numbers: Sequence[int]
) -> list[bool]:
    """Write prepared observations (none of number 0) in the caller's transaction: for each, whether it is new.

    A late one that was sealed already counts as new here; it is dropped when its day is sealed again, and no
    reader sees it twice.
    """
    newest = city[Series].newest
    received = clock.micros(clock.now())
    await _hold(connection, observations, received)
    fast: dict[int, list[Row]] = defaultdict(list)
    slow: list[tuple[int, Row]] = []
    rows: list[Row] = []
    ahead: dict[int, int] = {}
    for index, o in enumerate(observations):
        series, moment, value = numbers[index], o.observed_at, o.value
        if type(value) is float:
            row: Row = (series, moment, value, None, value_hash(value), received)
        else:
            row = (series, moment, None, value, value_hash(value), received)
        rows.append(row)
        last = ahead.get(series) or newest.get(series)
        if last is None:
            slow.append((index, row))
            ahead[series] = moment
        elif moment > last:
            fast[moment // DAY_US].append(row)
            ahead[series] = moment
        else:
            slow.append((index, row))
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


async def _hold(connection: Connection, observations: Sequence[Observation], now_us: int) -> None:
    """Keep the days of late observations from being sealed until this transaction ends."""
    open_from = (now_us // DAY_US - _OPEN_DAYS) * DAY_US
    for day in sorted({o.observed_at // DAY_US for o in observations if o.observed_at < open_from}):
        await connection.execute("SELECT history.hold_day($1)", _date(day))


async def make_days(city: City) -> None:
    """Make the partitions of today and the days to come."""
    today = clock.now().date()
    for ahead in range(_DAYS_AHEAD + 1):
        await city[Database].execute("SELECT history.ensure_day($1)", today + timedelta(days=ahead))


async def _number(city: City, keys: list[Key]) -> None:
    """Give series their numbers, as far as their entities may have more."""
    ids = city[Series].ids
    async with city[Database].transaction() as connection:
        for row in await connection.fetch(_FIND, *_columns(keys)):
            ids[_key(row)] = row["id"]
        fresh = [key for key in keys if key not in ids]
        if not fresh:
            return
        have = Counter(
            {
                (row["tenant"], row["entity"]): row["n"]
                for row in await connection.fetch(
                    """SELECT tenant, entity, count(*) AS n FROM history.series
                       WHERE tenant = ANY($2::text[]) AND entity = ANY($1::text[]) GROUP BY tenant, entity""",
                    sorted({key[0] for key in fresh}),
                    sorted({key[4] for key in fresh}),
                )
            }
        )
        allowed = []
        for key in fresh:
            have[key[4], key[0]] += 1
            if have[key[4], key[0]] <= SERIES_OF_ENTITY:
                allowed.append(key)
        await connection.execute(
            """INSERT INTO history.series (entity, attribute, dataset, unit, tenant)
               SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])
               ON CONFLICT DO NOTHING""",
            *_columns(allowed),
        )
        rows = await connection.fetch(_FIND, *_columns(allowed))
    for row in rows:
        ids[_key(row)] = row["id"]


_FIND = """SELECT s.id, s.entity, s.attribute, s.dataset, s.unit, s.tenant FROM history.series s
           JOIN unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])
             AS w (entity, attribute, dataset, unit, tenant) USING (tenant, entity, attribute, dataset, unit)"""


def _columns(keys: Sequence[Key]) -> list[list[str]]:
    return [[key[i] for key in keys] for i in range(5)]


def _key(row: asyncpg.Record) -> Key:
    return row["entity"], row["attribute"], row["dataset"], row["unit"], row["tenant"]


async def _copy(connection: Connection, by_day: dict[int, list[Row]]) -> bool:
    """COPY into the days' partitions; False, with nothing written, when something was there already.

    Rows go in by series: two processes that write the same ones wait for each other, not in a circle.
    """
    try:
        async with connection.transaction():
            for day in sorted(by_day):
                await connection.copy_records_to_table(
                    f"observation_{_date(day):%Y%m%d}",
                    schema_name="history",
                    records=sorted(by_day[day], key=itemgetter(0, 1)),
                    columns=_COLUMNS,
                )
    except asyncpg.UniqueViolationError:
        return False
    return True


async def _insert(connection: Connection, rows: list[Row]) -> set[tuple[int, int, int]]:
    series, moments, values, others, hashes, received = (list(column) for column in zip(*rows, strict=True))
    # asyncpg takes a list within an array for a dimension of it
    others = [msgspec.Raw(msgspec.json.encode(o)) if isinstance(o, list) else o for o in others]
    found = await connection.fetch(
        """INSERT INTO history.observation (series, observed_at, value, other, hash, received_at)
           SELECT * FROM unnest($1::int[], $2::bigint[], $3::float8[], $4::jsonb[], $5::bigint[], $6::bigint[])
           ORDER BY 1, 2 ON CONFLICT DO NOTHING RETURNING series, observed_at, hash""",
        series, moments, values, others, hashes, received,
    )  # fmt: skip
    return {(row["series"], row["observed_at"], row["hash"]) for row in found}


def _date(day: int) -> date:
    return datetime.fromtimestamp(day * 86_400, UTC).date()
