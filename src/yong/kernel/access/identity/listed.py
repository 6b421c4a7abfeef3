"""What is on record of parties, accounts, mandates and keys, for those who keep them. Secrets never are."""

from collections.abc import Iterable
from datetime import date, datetime

import msgspec

from yong.kernel.access.contracts import Kind
from yong.kernel.base import clock
from yong.kernel.base.text import Text
from yong.kernel.store.database import Database, Row


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """An account as administrators see it. `locked_until`: after too many failures; `one_time`: its password is one."""

    id: str
    name: str
    party: str | None
    party_name: Text | None
    second_factor: bool
    one_time: bool
    disabled: bool
    locked_until: datetime | None
    created_at: datetime
    roles: list[str]


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """A mandate that stands: its role, how far it reaches (nothing named: the whole city), who gave it when."""

    id: str
    role: str
    party: str | None
    district: str | None
    own: bool
    until: date | None
    granted_by: str
    granted_at: datetime


class Key(msgspec.Struct, frozen=True, kw_only=True):
    """An API key that is not revoked. `used_today` counts in blocks, of the day in UTC."""

    id: str
    title: str
    account: str
    account_name: str
    roles: list[str]
    per_minute: int
    per_day: int
    until: datetime
    created_at: datetime
    used_today: int


class Party(msgspec.Struct, frozen=True, kw_only=True):
    """A party in the tree; `accounts` that belong to it, without the disabled."""

    id: str
    kind: Kind
    name: Text
    parent: str | None
    ended: bool
    accounts: int


_STANDS = (
    "m.revoked_at IS NULL AND (m.until IS NULL OR m.until >= (now() AT TIME ZONE 'Asia/Shanghai')::date)"
)
_ACCOUNT = f"""
    SELECT a.id, a.name, a.party_id, p.name_zh, p.name_en, a.totp_confirmed, a.must_change, a.disabled_at, a.created_at,
           CASE WHEN a.locked_until > now() THEN a.locked_until END AS locked_until,
           (SELECT coalesce(array_agg(DISTINCT m.role ORDER BY m.role), '{{}}') FROM access.mandate m
             WHERE m.account_id = a.id AND {_STANDS}) AS roles
      FROM access.account a LEFT JOIN access.party p ON p.id = a.party_id"""  # our own constants


async def names(database: Database, accounts: Iterable[str]) -> dict[str, str]:
    """The names of accounts, by id."""
    rows = await database.fetch(
        "SELECT id, name FROM access.account WHERE id = ANY($1::text[])", list(accounts)
    )
    return {row["id"]: row["name"] for row in rows}


async def party_names(database: Database, parties: Iterable[str]) -> dict[str, Text]:
    """What parties that have not ended are called, by id."""
    rows = await database.fetch(
        "SELECT id, name_zh, name_en FROM access.party WHERE id = ANY($1::text[]) AND ended_at IS NULL",
        list(parties),
    )
    return {row["id"]: Text(row["name_zh"], row["name_en"]) for row in rows}


async def offices(database: Database, limit: int) -> dict[str, Text]:
    """What departments, districts and organisations that have not ended are called, by id."""
    rows = await database.fetch(
        """SELECT id, name_zh, name_en FROM access.party
           WHERE kind IN ('department', 'district', 'organisation') AND ended_at IS NULL ORDER BY name_zh, id LIMIT $1""",
        limit,
    )
    return {row["id"]: Text(row["name_zh"], row["name_en"]) for row in rows}


async def above(database: Database, parties: Iterable[str | None]) -> list[str]:
    """Parties and all above them in the tree, without order."""
    found: list[str] = await database.fetchval(
        """SELECT coalesce(array_agg(DISTINCT a), '{}') FROM access.party p, unnest(p.ancestors) a
           WHERE p.id = ANY($1::text[])""",
        list(parties),
    )
    return found


async def accounts(database: Database, text: str, after: str, limit: int) -> list[Account]:
    """Accounts by name, after a name, with `text` in their name or that of their party."""
    rows = await database.fetch(
        f"""{_ACCOUNT} WHERE a.name > $1 AND ($2 = '' OR strpos(lower(a.name), lower($2)) > 0 OR a.party_id = $2
              OR strpos(p.name_zh, $2) > 0 OR strpos(lower(p.name_en), lower($2)) > 0)
            ORDER BY a.name LIMIT $3""",
        after,
        text,
        limit,
    )
    return [_account(row) for row in rows]


async def account(database: Database, id: str) -> Account | None:
    row = await database.fetchrow(f"{_ACCOUNT} WHERE a.id = $1", id)
    return _account(row) if row else None


async def mandates(database: Database, account: str) -> list[Standing]:
    """The mandates of an account that stand, the last given first."""
    rows = await database.fetch(
        f"""SELECT m.id, m.role, m.party_id AS party, m.district, m.own, m.until, m.granted_at,
                   coalesce(g.name, m.granted_by) AS granted_by
              FROM access.mandate m LEFT JOIN access.account g ON g.id = m.granted_by
             WHERE m.account_id = $1 AND {_STANDS} ORDER BY m.granted_at DESC, m.id LIMIT 1000""",  # our own constants
        account,
    )
    return [Standing(**row) for row in rows]


async def keys(database: Database, account: str | None) -> list[Key]:
    """The keys of an account, or everybody's, that are not revoked and have not run out, the newest first."""
    rows = await database.fetch(
        """SELECT k.id, k.title, k.account_id AS account, a.name AS account_name, k.roles, k.per_minute, k.per_day,
                  k.until, k.created_at, coalesce(u.uses, 0) AS used_today
             FROM access.api_key k JOIN access.account a ON a.id = k.account_id
             LEFT JOIN access.api_key_use u ON u.key_id = k.id AND u.period = $2
            WHERE k.revoked_at IS NULL AND k.until > now() AND ($1::text IS NULL OR k.account_id = $1)
            ORDER BY k.created_at DESC, k.id LIMIT 1000""",
        account,
        f"d{clock.now():%Y-%m-%d}",
    )
    return [Key(**row) for row in rows]


async def parties(database: Database, text: str, parent: str | None, limit: int) -> list[Party]:
    """Parties below one (None: anywhere), with `text` in their id or a name; parents before what is below them."""
    rows = await database.fetch(
        """SELECT p.id, p.kind, p.name_zh, p.name_en, p.parent_id, p.ended_at,
                  (SELECT count(*) FROM access.account a WHERE a.party_id = p.id AND a.disabled_at IS NULL) AS accounts
             FROM access.party p
            WHERE ($1 = '' OR strpos(lower(p.id), lower($1)) > 0 OR strpos(p.name_zh, $1) > 0
                   OR strpos(lower(p.name_en), lower($1)) > 0)
              AND ($2::text IS NULL OR p.ancestors @> ARRAY[$2])
            ORDER BY cardinality(p.ancestors), p.id LIMIT $3""",
        text,
        parent,
        limit,
    )
    return [
        Party(
            id=row["id"], kind=Kind(row["kind"]), name=Text(row["name_zh"], row["name_en"]), parent=row["parent_id"],
            ended=row["ended_at"] is not None, accounts=row["accounts"],
        )
        for row in rows
    ]  # fmt: skip


def _account(row: Row) -> Account:
    return Account(
        id=row["id"], name=row["name"], party=row["party_id"],
        party_name=Text(row["name_zh"], row["name_en"]) if row["name_zh"] else None,
        second_factor=row["totp_confirmed"], one_time=row["must_change"], disabled=row["disabled_at"] is not None,
        locked_until=row["locked_until"], created_at=row["created_at"], roles=row["roles"],
    )  # fmt: skip
