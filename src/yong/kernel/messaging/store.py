"""The SQL of messages. Private to the services."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeAlias

from yong.kernel.messaging.contracts import CODE_MINUTES, COUNTED, INBOX, KEPT
from yong.kernel.store.database import Connection, Database, Row

Asked: TypeAlias = "Connection | Database"


# ---------------------------------------------------------------- telling


async def add(
    connection: Connection, id_: str, kind: str, key: str, values: dict[str, object],
    about: tuple[str | None, str | None],
) -> bool:  # fmt: skip
    """Write a message; False when its key was told already. Waits for a transaction that tells the same."""
    done = await connection.fetchval(
        """INSERT INTO messaging.message (id, kind, key, values, about_kind, about_id) VALUES ($1, $2, $3, $4, $5, $6)
           ON CONFLICT (kind, key) DO NOTHING RETURNING TRUE""",
        id_, kind, key, values, *about,
    )  # fmt: skip
    return done is not None


async def lay(
    connection: Connection, message: str, kind: str, accounts: Sequence[str], *, always: bool
) -> None:
    """Lay a message into inboxes: all of them, or those whose owner did not choose otherwise."""
    await connection.execute(
        f"""INSERT INTO messaging.received (account, message) SELECT a, $1 FROM unnest($2::text[]) a
            WHERE $3 OR NOT EXISTS (SELECT FROM messaging.choice c
              WHERE c.account = a AND c.channel = '{INBOX}' AND c.kind = $4 AND NOT c.wanted)""",
        message, list(accounts), always, kind,
    )  # fmt: skip
    await connection.execute("UPDATE messaging.message SET told = $2 WHERE id = $1", message, len(accounts))


async def letters(
    connection: Connection, message: str, kind: str, accounts: Sequence[str], channels: Sequence[str]
) -> list[str]:
    """Letters for those who want this kind by one of the channels and have a verified address there; their ids."""
    rows = await connection.fetch(
        """INSERT INTO messaging.delivery (id, message, account, channel)
           SELECT gen_random_uuid()::text, $1, c.account, c.channel FROM messaging.contact c
           JOIN messaging.choice w ON w.account = c.account AND w.channel = c.channel AND w.kind = $2 AND w.wanted
           WHERE c.account = ANY($3::text[]) AND c.channel = ANY($4::text[]) AND c.verified_at IS NOT NULL
           RETURNING id""",
        message, kind, list(accounts), list(channels),
    )  # fmt: skip
    return [row["id"] for row in rows]


async def receipts(database: Database, kind: str, key: str) -> Row | None:
    return await database.fetchrow(
        """SELECT m.told,
             (SELECT count(*) FROM messaging.received r WHERE r.message = m.id) AS stored,
             (SELECT count(r.read_at) FROM messaging.received r WHERE r.message = m.id) AS read,
             count(d.id) FILTER (WHERE d.state = 'waiting') AS waiting,
             count(d.id) FILTER (WHERE d.state = 'sent') AS sent,
             count(d.id) FILTER (WHERE d.state = 'failed') AS failed
           FROM messaging.message m LEFT JOIN messaging.delivery d ON d.message = m.id
           WHERE m.kind = $1 AND m.key = $2 GROUP BY m.id""",
        kind, key,
    )  # fmt: skip


# ---------------------------------------------------------------- the inbox

_MESSAGE = "m.id, m.kind, m.values, m.about_kind, m.about_id, m.made_at, r.read_at"


async def inbox(
    database: Database, account: str, *, unread: bool, after: str | None, limit: int
) -> list[Row]:
    """Messages of an account, the newest first."""
    return await database.fetch(
        f"""SELECT {_MESSAGE} FROM messaging.received r JOIN messaging.message m ON m.id = r.message
            WHERE r.account = $1 AND ($2::text IS NULL OR r.message < $2) AND (NOT $3 OR r.read_at IS NULL)
            ORDER BY r.message DESC LIMIT $4""",
        account, after, unread, limit,
    )  # fmt: skip


async def unread(database: Database, account: str) -> int:
    found = await database.fetchval(
        f"""SELECT count(*) FROM (SELECT FROM messaging.received WHERE account = $1 AND read_at IS NULL
                                  LIMIT {COUNTED}) u""",
        account,
    )
    return int(found)


async def one(asked: Asked, account: str, message: str) -> Row | None:
    return await asked.fetchrow(
        f"""SELECT {_MESSAGE} FROM messaging.received r JOIN messaging.message m ON m.id = r.message
            WHERE r.account = $1 AND r.message = $2""",
        account,
        message,
    )


async def of_message(asked: Asked, account: str, message: str) -> list[Row]:
    """What became of an account's letters of a message."""
    return await asked.fetch(
        """SELECT channel, state, coalesce(ended_at, made_at) AS at FROM messaging.delivery
           WHERE message = $1 AND account = $2 ORDER BY channel""",
        message,
        account,
    )


async def read(connection: Connection, account: str, message: str) -> bool:
    """Note that a message was read; False when it was before."""
    done = await connection.execute(
        "UPDATE messaging.received SET read_at = now() WHERE account = $1 AND message = $2 AND read_at IS NULL",
        account,
        message,
    )
    return not done.endswith(" 0")


async def read_all(connection: Connection, account: str, until: str | None) -> int:
    """Note that everything was read, as far as the message `until`; how many were not yet."""
    done = await connection.execute(
        """UPDATE messaging.received SET read_at = now()
           WHERE account = $1 AND read_at IS NULL AND ($2::text IS NULL OR message <= $2)""",
        account,
        until,
    )
    return int(done.split()[-1])


# ---------------------------------------------------------------- what people choose


async def contacts(database: Database, account: str) -> dict[str, Row]:
    rows = await database.fetch("SELECT * FROM messaging.contact WHERE account = $1", account)
    return {row["channel"]: row for row in rows}


async def contact(asked: Asked, account: str, channel: str, *, lock: bool = False) -> Row | None:
    return await asked.fetchrow(
        "SELECT * FROM messaging.contact WHERE account = $1 AND channel = $2"
        + (" FOR UPDATE" if lock else ""),
        account,
        channel,
    )


async def codes_of_the_hour(connection: Connection, account: str, address: bytes) -> int:
    """How many codes were asked for within the hour: by the account or for the address, whichever are more."""
    await connection.execute("SELECT pg_advisory_xact_lock(hashtext('messaging.code_asked'))")
    found = await connection.fetchval(
        """SELECT greatest(count(*) FILTER (WHERE account = $1), count(*) FILTER (WHERE address_sha256 = $2))
           FROM messaging.code_asked
           WHERE at > now() - interval '1 hour' AND (account = $1 OR address_sha256 = $2)""",
        account,
        address,
    )
    return int(found)


async def ask_code(
    connection: Connection, account: str, channel: str, address: str, digest: bytes, language: str, nonce: str
) -> None:
    """Keep an address that is to be verified, in place of another."""
    await connection.execute(
        f"""INSERT INTO messaging.contact (account, channel, address, language, nonce, code_until)
            VALUES ($1, $2, $3, $4, $5, now() + interval '{CODE_MINUTES} minutes')
            ON CONFLICT (account, channel) DO UPDATE SET address = excluded.address, language = excluded.language,
              nonce = excluded.nonce, code_until = excluded.code_until, tries = 0, changed_at = now(),
              verified_at = NULL""",
        account, channel, address, language, nonce,
    )  # fmt: skip
    await connection.execute(
        "INSERT INTO messaging.code_asked (account, address_sha256) VALUES ($1, $2)", account, digest
    )


async def tried(connection: Connection, account: str, channel: str, *, right: bool) -> None:
    """Count a try; the right one verifies the address."""
    await connection.execute(
        """UPDATE messaging.contact SET tries = tries + 1,
             verified_at = CASE WHEN $3 THEN now() END, nonce = CASE WHEN $3 THEN NULL ELSE nonce END,
             code_until = CASE WHEN $3 THEN NULL ELSE code_until END
           WHERE account = $1 AND channel = $2""",
        account, channel, right,
    )  # fmt: skip


async def drop_contact(connection: Connection, account: str, channel: str) -> bool:
    done = await connection.execute(
        "DELETE FROM messaging.contact WHERE account = $1 AND channel = $2", account, channel
    )
    return not done.endswith(" 0")


async def choices(database: Database, account: str) -> dict[tuple[str, str], bool]:
    """What an account chose, by kind and channel."""
    rows = await database.fetch(
        "SELECT kind, channel, wanted FROM messaging.choice WHERE account = $1", account
    )
    return {(row["kind"], row["channel"]): row["wanted"] for row in rows}


async def choose(connection: Connection, account: str, chosen: Sequence[tuple[str, str, bool]]) -> None:
    await connection.execute(
        """INSERT INTO messaging.choice (account, kind, channel, wanted)
           SELECT $1, * FROM unnest($2::text[], $3::text[], $4::boolean[])
           ON CONFLICT (account, channel, kind) DO UPDATE SET wanted = excluded.wanted, at = now()
             WHERE messaging.choice.wanted <> excluded.wanted""",
        account, [c[0] for c in chosen], [c[1] for c in chosen], [c[2] for c in chosen],
    )  # fmt: skip


# ---------------------------------------------------------------- sending


async def to_send(database: Database, delivery: str) -> Row | None:
    """A letter with its message; `address` is there while its reader wants it there still."""
    return await database.fetchrow(
        """SELECT d.id, d.state, d.attempts, d.channel, m.kind, m.values, c.address, c.language
           FROM messaging.delivery d JOIN messaging.message m ON m.id = d.message
           LEFT JOIN messaging.choice w
             ON w.account = d.account AND w.channel = d.channel AND w.kind = m.kind AND w.wanted
           LEFT JOIN messaging.contact c
             ON w.account IS NOT NULL AND c.account = d.account AND c.channel = d.channel AND c.verified_at IS NOT NULL
           WHERE d.id = $1""",
        delivery,
    )


async def settle(database: Database, delivery: str, state: str, failure: str | None = None) -> None:
    """Note what became of a letter."""
    await database.execute(
        """UPDATE messaging.delivery SET state = $2, failure = $3, ended_at = now(),
             attempts = attempts + CASE WHEN $2 = 'withdrawn' THEN 0 ELSE 1 END WHERE id = $1""",
        delivery, state, failure,
    )  # fmt: skip


async def forget(database: Database, before: datetime) -> int:
    """Drop what is older than a moment, what is beyond the most of an inbox and was read, and codes of yesterday."""
    gone = await database.execute("DELETE FROM messaging.message WHERE made_at < $1", before)
    await database.execute(
        """DELETE FROM messaging.received r USING (
             SELECT account, message, row_number() OVER (PARTITION BY account ORDER BY message DESC) AS place
             FROM messaging.received) o
           WHERE o.account = r.account AND o.message = r.message AND o.place > $1 AND r.read_at IS NOT NULL""",
        KEPT,
    )
    await database.execute("DELETE FROM messaging.code_asked WHERE at < now() - interval '1 day'")
    await database.execute(
        """DELETE FROM messaging.contact WHERE verified_at IS NULL AND code_until < now() - interval '1 day'"""
    )
    return int(gone.split()[-1])


def values_of(row: Row) -> dict[str, Any]:
    found: dict[str, Any] = row["values"]
    return found
