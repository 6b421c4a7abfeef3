"""The SQL of boards. Private to its service."""

from collections.abc import Sequence
from typing import Any

import msgspec

from yong.domains.boards.contracts import BOARDS, LINKS, BoardLink, Card, Shared
from yong.kernel.store.database import Connection, Database, Row

# $1 is the account, $2 the parties that it belongs to.
_VISIBLE = "(account = $1 OR shared = 'everyone' OR shared = 'department' AND party = ANY($2::text[]))"


async def listed(database: Database, account: str, parties: Sequence[str], most: int) -> list[Row]:
    """Boards without their cards: one's own, then those of others, the newest first."""
    return await database.fetch(
        f"""SELECT id, title, shared, jsonb_array_length(cards) AS cards, account, updated_at FROM boards.board
            WHERE {_VISIBLE} ORDER BY account = $1 DESC, updated_at DESC LIMIT $3""",
        account, list(parties), most,
    )  # fmt: skip


async def one(database: Database, account: str, parties: Sequence[str], id_: str) -> Row | None:
    return await database.fetchrow(
        f"SELECT * FROM boards.board WHERE {_VISIBLE} AND id = $3", account, list(parties), id_
    )


async def make(
    connection: Connection,
    id_: str,
    account: str,
    party: str | None,
    title: str,
    shared: Shared,
    cards: Sequence[Card],
) -> bool:
    """False where the account has as many as it may."""
    done = await connection.execute(
        """INSERT INTO boards.board (id, account, party, title, shared, cards)
           SELECT $1, $2, $3, $4, $5, $6
           WHERE (SELECT count(*) FROM boards.board WHERE account = $2) < $7::int""",
        id_, account, party, title, shared.value, _plain(cards), BOARDS,
    )  # fmt: skip
    return not done.endswith(" 0")


async def change(
    connection: Connection,
    id_: str,
    account: str,
    version: int,
    party: str | None,
    title: str,
    shared: Shared,
    cards: Sequence[Card],
) -> int | None:
    """The new version; None where it is not at `version` any more."""
    found: int | None = await connection.fetchval(
        """UPDATE boards.board SET title = $5, shared = $6, cards = $7, party = $4, version = version + 1, updated_at = now()
           WHERE id = $1 AND account = $2 AND version = $3 RETURNING version""",
        id_, account, version, party, title, shared.value, _plain(cards),
    )  # fmt: skip
    return found


async def drop(connection: Connection, id_: str, account: str) -> bool:
    done = await connection.execute("DELETE FROM boards.board WHERE id = $1 AND account = $2", id_, account)
    return not done.endswith(" 0")


async def links(database: Database, board: str) -> list[BoardLink]:
    rows = await database.fetch(
        "SELECT id, title, created_at, until, used_at FROM boards.link WHERE board = $1 AND until > now() ORDER BY id",
        board,
    )
    return [BoardLink(**row) for row in rows]


async def link(
    connection: Connection,
    id_: str,
    board: str,
    digest: bytes,
    title: str,
    account: str,
    roles: Sequence[str],
    days: int,
) -> BoardLink | None:
    """None where the board has as many as it may."""
    await connection.execute("DELETE FROM boards.link WHERE board = $1 AND until <= now()", board)
    row = await connection.fetchrow(
        """INSERT INTO boards.link (id, board, secret_sha256, title, account, roles, until)
           SELECT $1, $2, $3, $4, $5, $6, now() + make_interval(days => $7)
           WHERE (SELECT count(*) FROM boards.link WHERE board = $2) < $8::int
           RETURNING id, title, created_at, until, used_at""",
        id_, board, digest, title, account, list(roles), days, LINKS,
    )  # fmt: skip
    return BoardLink(**row) if row else None


async def unlink(connection: Connection, board: str, id_: str) -> bool:
    done = await connection.execute("DELETE FROM boards.link WHERE board = $1 AND id = $2", board, id_)
    return not done.endswith(" 0")


async def linked(database: Database, digest: bytes) -> Row | None:
    """The link of a secret and its board; seen as in use, once a minute."""
    return await database.fetchrow(
        """WITH seen AS (
             UPDATE boards.link SET used_at = now() WHERE secret_sha256 = $1 AND until > now()
               AND (used_at IS NULL OR used_at < now() - interval '1 minute'))
           SELECT l.id AS link, l.account AS by_account, l.roles, l.until, b.id, b.title, b.cards, b.version
           FROM boards.link l JOIN boards.board b ON b.id = l.board WHERE l.secret_sha256 = $1 AND l.until > now()""",
        digest,
    )


def cards_of(value: object) -> list[Card]:
    """Cards as they are kept."""
    return msgspec.convert(value, list[Card])


def _plain(cards: Sequence[Card]) -> list[Any]:
    plain: list[Any] = msgspec.to_builtins(list(cards))
    return plain
