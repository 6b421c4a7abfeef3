"""The SQL of the portal. Private to its service."""

from collections.abc import Sequence

import msgspec

from yong.kernel.base.ids import new_id
from yong.kernel.base.services import Photo, Receipt
from yong.kernel.store.database import Database
from yong.portal.contracts import ANSWERS_HOURS, ANSWERS_MINUTES, Added, Answers

_STANDS = f"""seen_at > now() - interval '{ANSWERS_MINUTES} minutes'
              AND created_at > now() - interval '{ANSWERS_HOURS} hours'"""


async def answers(database: Database, visit: bytes, service: str) -> Answers | None:
    """The answers of a visit for a service, if somebody was there within the hour."""
    row = await database.fetchrow(
        f"""UPDATE portal.answers SET seen_at = now() WHERE visit_sha256 = $1 AND service = $2 AND {_STANDS}
            RETURNING id, written, answered, receipt""",
        visit,
        service,
    )
    if row is None:
        return None
    receipt = msgspec.convert(row["receipt"], Receipt) if row["receipt"] else None
    return Answers(key=row["id"], written=row["written"], answered=tuple(row["answered"]), receipt=receipt)


async def begin(database: Database, visit: bytes, service: str, key: str, written: dict[str, str]) -> None:
    """Begin anew; what the visit had written for the service before is gone."""
    await database.execute(
        """WITH gone AS (DELETE FROM portal.photo p USING portal.answers a
                         WHERE a.id = p.answers_id AND a.visit_sha256 = $2 AND a.service = $3)
           INSERT INTO portal.answers (id, visit_sha256, service, written) VALUES ($1, $2, $3, $4)
           ON CONFLICT (visit_sha256, service) DO UPDATE SET id = excluded.id, written = excluded.written,
             answered = '{}', receipt = NULL, created_at = now(), seen_at = now()""",
        key,
        visit,
        service,
        written,
    )


async def note(database: Database, key: str, written: dict[str, str], answered: Sequence[str]) -> bool:
    """Keep what was written and that these steps are answered; False when it was handed in meanwhile."""
    done = await database.execute(
        """UPDATE portal.answers SET written = written || $2::jsonb, seen_at = now(),
             answered = (SELECT array_agg(DISTINCT a) FROM unnest(answered || $3::text[]) AS a)
           WHERE id = $1 AND receipt IS NULL""",
        key,
        written,
        list(answered),
    )
    return not done.endswith(" 0")


async def forget_steps(database: Database, key: str, steps: Sequence[str]) -> None:
    """Have these steps asked again."""
    await database.execute(
        """UPDATE portal.answers SET answered = (SELECT coalesce(array_agg(a), '{}') FROM unnest(answered) AS a
             WHERE a <> ALL($2::text[])) WHERE id = $1 AND receipt IS NULL""",
        key,
        list(steps),
    )


async def hand_in(database: Database, key: str, receipt: Receipt) -> None:
    """Keep the receipt and nothing of what was written and added."""
    await database.execute(
        """WITH gone AS (DELETE FROM portal.photo WHERE answers_id = $1)
           UPDATE portal.answers SET receipt = $2, written = '{}', seen_at = now() WHERE id = $1""",
        key,
        msgspec.to_builtins(receipt),
    )


async def add_photo(database: Database, key: str, question: str, photo: Photo, most: int) -> bool:
    """Add a photo to a question, as far as there is room and nothing was handed in; whether it was added."""
    async with database.transaction() as connection:
        if not await connection.fetchval(
            "SELECT TRUE FROM portal.answers WHERE id = $1 AND receipt IS NULL FOR UPDATE", key
        ):
            return False
        return bool(
            await connection.fetchval(
                """INSERT INTO portal.photo (id, answers_id, question, media_type, content)
                   SELECT $1, $2, $3, $4, $5
                   WHERE (SELECT count(*) FROM portal.photo WHERE answers_id = $2 AND question = $3) < $6
                   RETURNING TRUE""",
                new_id(), key, question, photo.media_type, photo.content, most,
            )
        )  # fmt: skip


async def photos(database: Database, key: str) -> list[Added]:
    """The photos of answers, in the order in which they were added."""
    rows = await database.fetch(
        """SELECT id, question, length(content) AS bytes FROM portal.photo
           WHERE answers_id = $1 ORDER BY added_at, id""",
        key,
    )
    return [Added(id=r["id"], question=r["question"], bytes=r["bytes"]) for r in rows]


async def photo(database: Database, key: str, id: str) -> Photo | None:
    """One of them, with its content."""
    row = await database.fetchrow(
        "SELECT media_type, content FROM portal.photo WHERE answers_id = $1 AND id = $2", key, id
    )
    return Photo(media_type=row["media_type"], content=row["content"]) if row else None


async def remove_photo(database: Database, key: str, id: str) -> None:
    """Take a photo away, if it is there."""
    await database.execute("DELETE FROM portal.photo WHERE answers_id = $1 AND id = $2", key, id)


async def move(database: Database, visit: bytes, fresh: bytes) -> None:
    """Let a visit go on under another cookie."""
    await database.execute(
        "UPDATE portal.answers SET visit_sha256 = $2 WHERE visit_sha256 = $1", visit, fresh
    )


async def leave(database: Database, visit: bytes) -> None:
    """Forget everything of a visit."""
    await database.execute("DELETE FROM portal.answers WHERE visit_sha256 = $1", visit)


async def tidy(database: Database) -> int:
    """Drop what nobody came back to; how many sets of answers."""
    done = await database.execute(f"DELETE FROM portal.answers WHERE NOT ({_STANDS})")
    return int(done.split()[-1])
