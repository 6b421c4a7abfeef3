"""Observations as they were, hot and cold, under one snapshot.

A reader locks history against being sealed before its snapshot begins and holds the lock until it has read: a
day is wholly hot or cold for it, and no file that it knows of goes away. Late readings of a sealed day are hot
until it is sealed again; those that repeat a sealed one are left out.
"""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import date
from typing import Any

import msgspec

from yong.kernel.base import clock
from yong.kernel.base.city import City
from yong.kernel.history.cold import Cold, Cursor, among
from yong.kernel.history.contracts import Point
from yong.kernel.history.visible import Visible
from yong.kernel.store.database import Connection, Database

_MOST_FILES = 32  # that one question opens when it walks back
_json = msgspec.json.Decoder().decode
Reading = tuple[int, int, float | None, object, int]  # series, moment (µs), number, other value, hash


class Sealed(msgspec.Struct, frozen=True):
    """A sealed day within a window."""

    day: date
    file: str
    first_at: int
    last_at: int


class Window(msgspec.Struct, frozen=True):
    """What a reader may read from: moments [start, end) in µs, the sealed days within, and its connection."""

    connection: Connection
    start: int
    end: int
    sealed: tuple[Sealed, ...]


@asynccontextmanager
async def window(city: City, start: int, end: int) -> AsyncIterator[Window]:
    """One snapshot of history within [start, end); nothing is sealed while it is open."""
    async with (
        city[Database].pool.acquire() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        await connection.execute("LOCK TABLE ONLY history.observation IN ACCESS SHARE MODE")
        rows = await connection.fetch(
            """SELECT day, file, first_at, last_at FROM history.sealed_day
               WHERE last_at >= $1 AND first_at < $2 ORDER BY day""",
            start,
            end,
        )
        yield Window(connection, start, end, tuple(Sealed(*row.values()) for row in rows))


async def points(
    city: City, at: Window, series: Sequence[Visible], each: int, limit: int, *, newest_first: bool
) -> list[Point]:
    """At most `each` observations of each series and `limit` in all, by moment.

    Those of one moment lie by series and hash in both directions, so that a limit cuts hot and cold rows at the same place.
    """
    if not series:
        return []
    known = {s.number: s for s in series}
    numbers = list(known)
    found = await _hot(at, numbers, each, limit, newest_first)
    found = await _with_cold(city[Cold], at, found, numbers, each, limit, newest_first)
    sign = -1 if newest_first else 1
    found.sort(key=lambda r: (sign * r[1], r[0], r[4]))
    have: Counter[int] = Counter()
    kept: list[Point] = []
    for reading in found:
        have[reading[0]] += 1
        if have[reading[0]] <= each:
            kept.append(_point(known[reading[0]], reading))
            if len(kept) == limit:
                break
    return kept


async def _hot(at: Window, numbers: list[int], each: int, limit: int, newest_first: bool) -> list[Reading]:
    order = "DESC" if newest_first else "ASC"
    rows = await at.connection.fetch(
        f"""SELECT o.* FROM unnest($1::int[]) AS w (number) CROSS JOIN LATERAL (
                SELECT series, observed_at, value, other, hash FROM history.observation
                WHERE series = w.number AND observed_at >= $2 AND observed_at < $3
                ORDER BY observed_at {order}, hash LIMIT $4::int) o
            ORDER BY o.observed_at {order}, o.series, o.hash LIMIT $5::int""",
        numbers,
        at.start,
        at.end,
        each,
        limit,
    )
    return [tuple(row.values()) for row in rows]


async def _with_cold(
    cold: Cold,
    at: Window,
    found: list[Reading],
    numbers: list[int],
    each: int,
    limit: int,
    newest_first: bool,
) -> list[Reading]:
    """Add the sealed readings, day after day from the end that is asked for, until there are enough."""
    order = "DESC" if newest_first else "ASC"
    days = list(reversed(at.sealed)) if newest_first else list(at.sealed)
    known = {(r[0], r[1], r[4]) for r in found}
    wanted, take = set(numbers), 1
    while days and wanted:
        edge = days[0].last_at if newest_first else days[0].first_at
        beyond = [r for r in found if (r[1] > edge if newest_first else r[1] < edge)]
        if len(beyond) >= limit:
            break
        counts = Counter(r[0] for r in beyond)
        wanted = {number for number in wanted if counts[number] < each}
        if not wanted:
            break
        now, days = days[:take], days[take:]
        take = min(take * 2, _MOST_FILES)
        sql = f"""SELECT series, observed_at, value, other, hash FROM {cold.files([d.file for d in now])}
                  WHERE {among(sorted(wanted))} AND observed_at >= {at.start} AND observed_at < {at.end}
                  QUALIFY row_number() OVER (PARTITION BY series ORDER BY observed_at {order}, hash) <= {each}
                  ORDER BY observed_at {order}, series, hash LIMIT {limit}"""
        for row in await cold.run(_all(sql)):
            identity = (row[0], row[1], row[4])
            if identity not in known:
                known.add(identity)
                found.append((row[0], row[1], row[2], None if row[3] is None else _json(row[3]), row[4]))
    return found


def _all(sql: str) -> Any:
    def ask(cursor: Cursor) -> list[tuple[Any, ...]]:
        return cursor.execute(sql).fetchall()

    return ask


def _point(series: Visible, reading: Reading) -> Point:
    _, moment, number, other, _ = reading
    value = (other if series.others else None) if number is None else (number if series.numbers else None)
    return Point(
        entity=series.entity,
        attribute=series.attribute,
        observed_at=clock.from_micros(moment),
        value=value,
        unit=series.unit or None,
        dataset=series.dataset or None,
    )
