"""API keys: issuing them, and counting their uses over all processes."""

import secrets

from yong.kernel.access import logic
from yong.kernel.access.audit import audit
from yong.kernel.access.contracts import Caller
from yong.kernel.access.identity.known import Known
from yong.kernel.base import clock
from yong.kernel.base.city import City
from yong.kernel.base.errors import TooMany
from yong.kernel.base.text import Text
from yong.kernel.store.database import Connection, Database

_BLOCK = 1_000


async def issue_key(
    connection: Connection,
    caller: Caller,
    *,
    title: str,
    roles: list[str],
    per_minute: int,
    per_day: int,
    days: int,
) -> str:
    """A new API key of the caller's account, with some of its roles; shown once."""
    id_, word = secrets.token_hex(8), secrets.token_urlsafe(32)
    await connection.execute(
        """INSERT INTO access.api_key (id, secret_sha256, account_id, title, roles, per_minute, per_day, until)
           VALUES ($1, $2, $3, $4, $5, $6, $7, now() + make_interval(days => $8))""",
        id_,
        logic.sha256(word),
        caller.account,
        title,
        roles,
        per_minute,
        per_day,
        days,
    )
    await audit(connection, caller, "access.issue_key", f"key:{id_}", {"roles": roles, "title": title})
    return f"yk_{id_}_{word}"


async def within_quota(city: City, key: str) -> None:
    """Count a use of an API key. Uses are reserved in blocks, so the count holds over all processes."""
    id_ = key[3:].partition("_")[0]
    now = clock.now()
    reserved = city[Known].reserved
    for column, period in (("per_minute", f"m{now:%Y-%m-%dT%H:%M}"), ("per_day", f"d{now:%Y-%m-%d}")):
        left = reserved.get((id_, period), 0)
        if left < 1:
            async with city[Known].reserving:  # one asks for a block, the others use it
                left = reserved.get((id_, period), 0) or await _reserve(city, id_, column, period)
                if left < 1:
                    wait_s = 60 - now.second if column == "per_minute" else 3600
                    raise TooMany(
                        Text("接口密钥的用量已满", "The quota of this API key is used up"),
                        retry_after_s=wait_s,
                    )
                reserved[id_, period] = left
        reserved[id_, period] -= 1


async def _reserve(city: City, id_: str, column: str, period: str) -> int:
    """A block of uses within the quota, a hundredth of it, at most _BLOCK, or what is left; 0 when it is used up.

    What a process that is killed had reserved is lost to the period: so a block is small, and large enough that
    a busy key asks the database ten times a second.
    What is granted is computed from the row while the statement holds its lock, so two processes that ask at
    the same instant get what each was granted and never more than the quota together.
    """
    if len(city[Known].reserved) > 10_000:
        city[Known].reserved.clear()
    granted = await city[Database].fetchval(
        f"""WITH quota AS (
              SELECT {column} AS most, least(greatest({column} / 100, 1), {_BLOCK}) AS block FROM access.api_key WHERE id = $1)
            INSERT INTO access.api_key_use AS u (key_id, period, uses, granted)
            SELECT $1, $2, least(block, most), least(block, most) FROM quota
            ON CONFLICT (key_id, period) DO UPDATE SET
              granted = greatest(least(excluded.granted, (SELECT most FROM quota) - u.uses), 0),
              uses = u.uses + greatest(least(excluded.granted, (SELECT most FROM quota) - u.uses), 0)
            RETURNING granted""",
        id_,
        period,
    )
    return int(granted or 0)
