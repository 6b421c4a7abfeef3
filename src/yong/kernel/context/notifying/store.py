"""Rows of subscriptions and of notifications on their way."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec

from yong.kernel.context.notifying.contracts import Dead, Key, Note, Subscription
from yong.kernel.store.database import Connection, Database, Row

BACKLOG = 1000  # notifications of a subscription that wait; more are given up at once, and said so
DEAD_KEPT = 10_000  # that were given up, of one subscription; the oldest go
_COLUMNS = """tenant, id, account, roles, purpose, body, context, created_at, modified_at, sent, failed, last_at,
              last_success_at, last_failure_at, failure, next_at"""


class Outcome(msgspec.Struct, gc=False):
    """What became of an attempt to deliver. `again_at` None and `failure` mean that it is given up."""

    note: Note
    at: datetime
    failure: str | None = None
    again_at: datetime | None = None


async def insert(connection: Connection, one: Subscription) -> bool:
    """Write a new one; False when its id is taken."""
    done = await connection.fetchval(
        """INSERT INTO context.subscription (tenant, id, account, roles, purpose, body, context, next_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING RETURNING TRUE""",
        one.tenant, one.id, one.account, list(one.roles), one.purpose, one.body, one.context, one.next_at,
    )  # fmt: skip
    return done is not None


async def update(connection: Connection, one: Subscription) -> None:
    await connection.execute(
        """UPDATE context.subscription SET roles = $3, purpose = $4, body = $5, context = $6, next_at = $7,
             modified_at = now() WHERE tenant = $1 AND id = $2""",
        one.tenant, one.id, list(one.roles), one.purpose, one.body, one.context, one.next_at,
    )  # fmt: skip


async def delete(connection: Connection, key: Key) -> None:
    """Delete one with what is on its way for it."""
    await connection.execute("DELETE FROM context.subscription WHERE tenant = $1 AND id = $2", *key)


async def one(connection: "Connection | Database", key: Key, *, lock: bool = False) -> Subscription | None:
    row = await connection.fetchrow(
        f"SELECT {_COLUMNS} FROM context.subscription WHERE tenant = $1 AND id = $2"
        + (" FOR UPDATE" if lock else ""),
        *key,
    )
    return _subscription(row) if row else None


async def several(
    connection: "Connection | Database", keys: Sequence[Key] | None = None
) -> list[Subscription]:
    """The subscriptions of these keys, or all."""
    if keys is None:
        rows = await connection.fetch(f"SELECT {_COLUMNS} FROM context.subscription")
    else:
        rows = await connection.fetch(
            f"""SELECT {_COLUMNS} FROM context.subscription
                WHERE (tenant, id) IN (SELECT * FROM unnest($1::text[], $2::text[]))""",
            *_columns(keys),
        )
    return [_subscription(row) for row in rows]


async def page(
    database: Database, tenant: str, account: str | None, *, limit: int, offset: int
) -> tuple[list[Subscription], int]:
    """A page in the order of ids, of one account's or of all, and how many there are."""
    rows = await database.fetch(
        f"""SELECT {_COLUMNS} FROM context.subscription WHERE tenant = $1 AND ($2::text IS NULL OR account = $2)
            ORDER BY id LIMIT $3 OFFSET $4""",
        tenant, account, limit, offset,
    )  # fmt: skip
    total = await count(database, tenant=tenant, account=account)
    return [_subscription(row) for row in rows], total


async def count(connection: "Connection | Database", *, tenant: str | None, account: str | None) -> int:
    found = await connection.fetchval(
        """SELECT count(*) FROM context.subscription
           WHERE ($1::text IS NULL OR tenant = $1) AND ($2::text IS NULL OR account = $2)""",
        tenant, account,
    )  # fmt: skip
    return int(found)


def _subscription(row: Row) -> Subscription:
    return Subscription(**{**dict(row), "roles": tuple(row["roles"])})


async def add(connection: Connection, made: Sequence[tuple[Key, str]], at: datetime) -> list[Note]:
    """Write notifications, in order. Those of a subscription whose backlog is full are given up with that reason.

    Returns those that wait; none for a subscription that is gone.
    """
    rows = await connection.fetch(
        """WITH new AS (
             SELECT n.tenant, n.subscription, n.body, n.ordinality,
                    row_number() OVER (PARTITION BY n.tenant, n.subscription ORDER BY n.ordinality) AS place
             FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS n (tenant, subscription, body, ordinality)
           ), full_ AS (
             SELECT k.tenant, k.subscription, w.n FROM (SELECT DISTINCT tenant, subscription FROM new) k
             CROSS JOIN LATERAL (SELECT count(*) AS n FROM context.notification o
               WHERE o.tenant = k.tenant AND o.subscription = k.subscription AND o.dead_at IS NULL) w
           )
           INSERT INTO context.notification (tenant, subscription, body, made_at, failure, dead_at)
           SELECT new.tenant, new.subscription, new.body, $4,
                  CASE WHEN f.n + new.place > $5 THEN $6 END, CASE WHEN f.n + new.place > $5 THEN $4::timestamptz END
           FROM new JOIN full_ f USING (tenant, subscription)
           JOIN context.subscription s ON s.tenant = new.tenant AND s.id = new.subscription
           ORDER BY new.ordinality RETURNING number, tenant, subscription, body, attempts, made_at, dead_at""",
        [key[0] for key, _ in made],
        [key[1] for key, _ in made],
        [body for _, body in made],
        at,
        BACKLOG,
        f"more than {BACKLOG} notifications wait",
    )
    return [_note(row) for row in rows if row["dead_at"] is None]


async def waiting(database: Database, key: Key, limit: int) -> list[Note]:
    """The oldest of a subscription's notifications that wait."""
    rows = await database.fetch(
        """SELECT number, tenant, subscription, body, attempts, made_at FROM context.notification
           WHERE tenant = $1 AND subscription = $2 AND dead_at IS NULL ORDER BY number LIMIT $3""",
        *key,
        limit,
    )
    return [_note(row) for row in rows]


async def lines(database: Database) -> list[tuple[Key, datetime | None]]:
    """The subscriptions for which something waits, and when to try the first again."""
    rows = await database.fetch(
        """SELECT tenant, subscription, max(due_at) AS due_at FROM context.notification WHERE dead_at IS NULL
           GROUP BY tenant, subscription"""
    )
    return [((row["tenant"], row["subscription"]), row["due_at"]) for row in rows]


async def settle(connection: Connection, outcomes: Sequence[Outcome]) -> None:
    """Write what became of attempts: delivered ones go, and subscriptions count them."""
    delivered = [o.note.number for o in outcomes if o.failure is None]
    if delivered:
        await connection.execute(
            "DELETE FROM context.notification WHERE number = ANY($1::bigint[])", delivered
        )
    failed = [o for o in outcomes if o.failure is not None]
    if failed:
        await connection.execute(
            """UPDATE context.notification AS n SET attempts = n.attempts + 1, failure = f.failure, due_at = f.again_at,
                 dead_at = CASE WHEN f.again_at IS NULL THEN f.at END
               FROM unnest($1::bigint[], $2::text[], $3::timestamptz[], $4::timestamptz[])
                    AS f (number, failure, again_at, at) WHERE n.number = f.number""",
            [o.note.number for o in failed],
            [o.failure for o in failed],
            [o.again_at for o in failed],
            [o.at for o in failed],
        )
    by_key: dict[Key, list[Outcome]] = {}
    for outcome in outcomes:
        by_key.setdefault(outcome.note.key, []).append(outcome)
    told = [(key, *_told(of)) for key, of in sorted(by_key.items())]
    await connection.execute(
        """UPDATE context.subscription AS s SET sent = s.sent + t.sent, failed = s.failed + t.failed, last_at = t.at,
             last_success_at = coalesce(t.success_at, s.last_success_at),
             last_failure_at = coalesce(t.failure_at, s.last_failure_at), failure = coalesce(t.failure, s.failure)
           FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::timestamptz[], $6::timestamptz[],
                       $7::timestamptz[], $8::text[])
                AS t (tenant, id, sent, failed, at, success_at, failure_at, failure)
           WHERE s.tenant = t.tenant AND s.id = t.id""",
        *_columns([t[0] for t in told]),
        *(list(column) for column in zip(*(t[1:] for t in told), strict=True)),
    )


def _told(of: Sequence[Outcome]) -> tuple[int, int, datetime, datetime | None, datetime | None, str | None]:
    succeeded = [o.at for o in of if o.failure is None]
    failed = [o for o in of if o.failure is not None]
    return (
        len(of),
        len(failed),
        max(o.at for o in of),
        max(succeeded, default=None),
        max((o.at for o in failed), default=None),
        failed[-1].failure if failed else None,
    )


async def hold(connection: Connection, held: Iterable[tuple[Key, str]]) -> None:
    """Keep entities to be told of when a subscription's throttling is over."""
    rows = [(*key, entity) for key, entity in held]
    await connection.executemany(
        """INSERT INTO context.notification_held (tenant, subscription, entity)
           SELECT $1, $2, $3 WHERE EXISTS (SELECT FROM context.subscription WHERE tenant = $1 AND id = $2)
           ON CONFLICT DO NOTHING""",
        rows,
    )


async def held(database: Database) -> set[Key]:
    """The subscriptions for which entities are held."""
    rows = await database.fetch("SELECT DISTINCT tenant, subscription FROM context.notification_held")
    return {(row["tenant"], row["subscription"]) for row in rows}


async def release(connection: Connection, key: Key, limit: int) -> list[str]:
    """Take entities that are held for a subscription."""
    rows = await connection.fetch(
        """DELETE FROM context.notification_held WHERE (tenant, subscription, entity) IN (
             SELECT tenant, subscription, entity FROM context.notification_held
             WHERE tenant = $1 AND subscription = $2 ORDER BY entity LIMIT $3) RETURNING entity""",
        *key,
        limit,
    )
    return sorted(row["entity"] for row in rows)


async def next_at(connection: Connection, key: Key, at: datetime | None) -> None:
    """When a subscription by interval is due next."""
    await connection.execute(
        "UPDATE context.subscription SET next_at = $3 WHERE tenant = $1 AND id = $2", *key, at
    )


async def listed(database: Database, key: Key, *, dead: bool, limit: int, after: int) -> list[Dead]:
    """A subscription's notifications that wait, or were given up, oldest first."""
    rows = await database.fetch(
        f"""SELECT number, subscription, made_at, attempts, due_at, failure, dead_at, body FROM context.notification
            WHERE tenant = $1 AND subscription = $2 AND dead_at IS {"NOT NULL" if dead else "NULL"} AND number > $4
            ORDER BY number LIMIT $3""",
        *key, limit, after,
    )  # fmt: skip
    return [_dead(row) for row in rows]


async def revive(connection: Connection, key: Key, number: int) -> bool:
    """Put a notification that was given up back in its line."""
    done = await connection.fetchval(
        """UPDATE context.notification SET dead_at = NULL, due_at = NULL, attempts = 0, made_at = now()
           WHERE tenant = $1 AND subscription = $2 AND number = $3 AND dead_at IS NOT NULL RETURNING TRUE""",
        *key,
        number,
    )
    return done is not None


async def discard(connection: Connection, key: Key, number: int) -> bool:
    """Delete a notification that was given up."""
    done = await connection.fetchval(
        """DELETE FROM context.notification
           WHERE tenant = $1 AND subscription = $2 AND number = $3 AND dead_at IS NOT NULL RETURNING TRUE""",
        *key,
        number,
    )
    return done is not None


async def forget(database: Database, before: datetime) -> int:
    """Delete what was given up before a moment, and the oldest beyond DEAD_KEPT of a subscription; how many."""
    gone = await database.fetchval(
        """WITH old AS (
             SELECT number FROM (
               SELECT number, dead_at, row_number() OVER (PARTITION BY tenant, subscription ORDER BY number DESC) AS place
               FROM context.notification WHERE dead_at IS NOT NULL) d
             WHERE dead_at < $1 OR place > $2),
           gone AS (DELETE FROM context.notification n USING old WHERE n.number = old.number RETURNING 1)
           SELECT count(*) FROM gone""",
        before,
        DEAD_KEPT,
    )
    return int(gone)


async def numbers(database: Database) -> tuple[int, int]:
    """How many notifications wait, and how many were given up."""
    row = await database.fetchrow(
        """SELECT count(*) FILTER (WHERE dead_at IS NULL) AS waiting, count(dead_at) AS dead
           FROM context.notification"""
    )
    assert row is not None
    return row["waiting"], row["dead"]


def _note(row: Row) -> Note:
    return Note(
        number=row["number"],
        key=(row["tenant"], row["subscription"]),
        body=row["body"],
        attempts=row["attempts"],
        made_at=row["made_at"],
    )


def _dead(row: Row) -> Dead:
    fields: dict[str, Any] = {name: row[name] for name in Dead.__struct_fields__ if name != "notification"}
    return Dead(**fields, notification=msgspec.json.decode(row["body"]))


def _columns(keys: Sequence[Key]) -> tuple[list[str], list[str]]:
    return [tenant for tenant, _ in keys], [id_ for _, id_ in keys]
