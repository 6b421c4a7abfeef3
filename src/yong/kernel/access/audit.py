"""The audit trail: append-only entries, sealed into a hash chain whose head is anchored outside the database.

An entry is written in the transaction of what it tells of. About every second the sealer chains what has
settled: `hash = SHA-256(previous hash ‖ canonical bytes of the entry)`. The head goes, synced, to
`audit/anchor.jsonl` in the home folder, so a chain that was rewritten or cut does not match its anchors.
"""

import asyncio
import hashlib
import os
import re
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from yong.kernel.access import restored
from yong.kernel.access.contracts import Caller
from yong.kernel.base import clock
from yong.kernel.base.city import City
from yong.kernel.base.text import Text
from yong.kernel.store.database import Connection, Database, Row

LOCK = 0x594F4E49
_START = b"\0" * 32
_ANCHOR_EVERY_S = 10.0
_COLUMNS = "e.id, e.at, e.account, e.party, e.request, e.action, e.resource, e.facts"
_SEALED = "e.id, e.xid, e.at, e.account, e.party, e.request, e.action, e.resource, e.facts::text AS facts"
KEEP_DAYS = 180  # at least (GB/T 22239); nothing younger is ever pruned
_MOST_FINDINGS = 100
_FACTS_BYTES = 16_384
# The sealer looks at the newest of many millions of entries. A plan made for unknown values, or before the
# table was analysed, would read them all, once a second.
_FEW = "SET LOCAL plan_cache_mode = force_custom_plan; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off"
_LATE = timedelta(hours=1)  # an entry told to be older than those before it in the chain, by more than this
_UNANCHORED = timedelta(minutes=10)
_SECRET = re.compile(
    r"pass(word|wd)|secret|token|credential|private|authorization|cookie|otp|密码|口令|密钥", re.I
)
_CITIZEN = re.compile(r"(?<!\d)[1-9]\d{16}[\dXx](?!\d)")
_NUMBER = 18  # digits of such a number
_SEVERAL = (list, tuple, set, frozenset)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the trail."""

    id: int
    at: datetime
    account: str
    party: str | None
    request: str | None
    action: str
    resource: str
    facts: dict[str, Any]


class Anchor(msgspec.Struct, frozen=True, kw_only=True):
    """The chain's head at a moment, as the file outside the database keeps it."""

    position: int
    hash: str
    at: datetime


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """Something wrong with the trail: the position or entry, and what."""

    position: int
    detail: Text


class AuditReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a verification found."""

    entries: int
    unsealed: int
    anchors: int
    findings: list[Finding]
    restores: list[restored.Restore] = []

    @property
    def sound(self) -> bool:
        return not self.findings


async def audit(
    connection: Connection, caller: Caller, action: str, resource: str, facts: dict[str, Any] | None = None
) -> None:
    """Write an entry in the caller's transaction.

    `facts` should name fields, not hold their values; what looks like a secret or a citizen number is
    taken out, and facts beyond 16 KiB are left out with their size.
    """
    await audit_of(connection, [(caller, action, resource, facts or {})])


async def audit_of(
    connection: Connection, entries: Sequence[tuple[Caller, str, str, dict[str, Any]]]
) -> None:
    """Entries of several callers whose work shares a transaction: caller, action, resource, facts."""
    await connection.execute(
        """INSERT INTO access.audit_entry (account, party, request, action, resource, facts)
           SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::jsonb[])""",
        [c.account for c, _, _, _ in entries],
        [c.party for c, _, _, _ in entries],
        [c.request for c, _, _, _ in entries],
        [action for _, action, _, _ in entries],
        [redacted(resource) for _, _, resource, _ in entries],
        [_fitting(redacted(facts)) for _, _, _, facts in entries],
    )


def redacted(value: Any, depth: int = 8) -> Any:
    """The same without values whose name says secret, and without citizen numbers (GB 11643) in texts."""
    if isinstance(value, str):
        return _CITIZEN.sub(_starred, value) if len(value) >= _NUMBER else value
    if isinstance(value, dict):
        if depth == 0:
            return "…"
        return {
            str(k): "***" if isinstance(v, str) and _SECRET.search(str(k)) else redacted(v, depth - 1)
            for k, v in value.items()
        }
    if isinstance(value, _SEVERAL):
        if depth == 0:
            return "…"
        return [v if type(v) is str and len(v) < _NUMBER else redacted(v, depth - 1) for v in value]
    if isinstance(value, int) and not isinstance(value, bool) and 10**17 <= value < 10**18:
        text = str(value)
        masked = redacted(text)
        return value if masked == text else masked
    return value


def _starred(found: re.Match[str]) -> str:
    number = found.group().upper()
    check = "10X98765432"[sum(int(d) * w for d, w in zip(number, _WEIGHTS, strict=False)) % 11]
    return number[:6] + "*" * 10 + number[-2:] if number[17] == check else found.group()


def _fitting(facts: dict[str, Any]) -> dict[str, Any]:
    size = len(msgspec.json.encode(facts))
    return facts if size <= _FACTS_BYTES else {"left_out_bytes": size}


async def seal(city: City, limit: int = 5000) -> int:
    """Chain settled entries; how many. One sealer works at a time.

    Settled are entries of transactions older than every one still running, so the order of the chain is
    final. An entry whose transaction this server has not begun yet came with a restored dump.
    """
    async with city[Database].transaction() as connection:
        if not await connection.fetchval("SELECT pg_try_advisory_xact_lock($1)", LOCK):
            return 0
        await connection.execute(_FEW)
        now = await connection.fetchrow(
            """SELECT s.xid AS done, pg_snapshot_xmin(c) AS settled, pg_snapshot_xmax(c) AS next
               FROM access.audit_settled s, pg_current_snapshot() c"""
        )
        assert now is not None
        done = now["done"] if now["done"] <= now["settled"] else 0  # the server's count began anew
        position, previous = await _head(connection)
        rows = await connection.fetch(
            f"""SELECT {_SEALED} FROM access.audit_entry e
                WHERE ((e.xid >= $2 AND e.xid < $3) OR e.xid >= $4)
                  AND NOT EXISTS (SELECT 1 FROM access.audit_seal s WHERE s.entry_id = e.id)
                ORDER BY e.xid, e.id LIMIT $1""",
            limit,
            done,
            now["settled"],
            now["next"],
        )
        seals = []
        for row in rows:
            position += 1
            previous = _hash(previous, row)
            seals.append((position, row["id"], previous))
        if seals:
            await connection.copy_records_to_table(
                "audit_seal", schema_name="access", records=seals, columns=["position", "entry_id", "hash"]
            )
            reached = now["settled"] if len(rows) < limit else min(rows[-1]["xid"], now["settled"])
            await connection.execute("UPDATE access.audit_settled SET xid = $1", reached)
    return len(seals)


async def anchor(city: City) -> Anchor | None:
    """Append the chain's head to the anchor file, synced; None when nothing has been sealed since."""
    file = anchor_file(city)
    async with city[Database].transaction() as connection:
        position, head = await _head(connection)
    last = await asyncio.to_thread(_last_anchor, file)
    if position == 0 or (last and last.position == position):
        return None
    fresh = Anchor(position=position, hash=head.hex(), at=clock.now())
    await asyncio.to_thread(_append, file, b"\n" + msgspec.json.encode(fresh) + b"\n")
    return fresh


async def keep_sealing(city: City) -> None:
    """The sealer's life: seal about every second, anchor every ten and at the end."""
    anchored = 0.0
    loop = asyncio.get_running_loop()
    try:
        while True:
            while await seal(city):
                pass
            if loop.time() - anchored >= _ANCHOR_EVERY_S:
                await anchor(city)
                anchored = loop.time()
            await asyncio.sleep(1)
    finally:
        await asyncio.shield(anchor(city))


async def verify(city: City) -> AuditReport:
    """Compute the whole chain again and compare it with its seals and anchors, in bounded memory.

    Finds entries that were changed, dropped, reordered, inserted or cut off, and a chain that was rewritten
    or whose beginning was dropped before its time. What is younger than the last anchor (ten seconds) is
    proven by the chain alone. A restore on purpose is told of, and needs its entry in the trail.
    """
    found = _Findings()
    anchors = restored.binding(anchor_file(city))
    restores = restored.restores(anchor_file(city))
    waiting = next(anchors, None)
    anchored = 0
    async with (
        city[Database].pool.acquire() as connection,
        connection.transaction(isolation="repeatable_read"),
    ):
        start = await connection.fetchrow(
            "SELECT position, hash FROM access.audit_start ORDER BY position DESC LIMIT 1"
        )
        position, previous = (start["position"], start["hash"]) if start else (0, _START)
        young = clock.now() - timedelta(days=KEEP_DAYS - 1)
        while waiting and waiting.position <= position:
            if waiting.at > young:
                found.add(waiting.position, _PRUNED)
            if waiting.position == position and waiting.hash != previous.hex():
                found.add(position, _REWRITTEN)
            waiting = next(anchors, None)
        entries = 0
        oldest: datetime | None = None
        newest: datetime | None = None
        async for row in _chain(connection):
            position += 1
            entries += 1
            if found.full:
                break
            if row["position"] != position:
                found.add(position, _GAP)
                position = row["position"]
            while waiting and waiting.position < position:
                found.add(waiting.position, _GAP)
                waiting = next(anchors, None)
            while waiting and waiting.position == position:
                anchored += 1
                if waiting.hash != row["hash"].hex():
                    found.add(position, _REWRITTEN)
                waiting = next(anchors, None)
            if row["id"] is None:
                found.add(position, _DELETED, id=row["entry_id"])
            else:
                if _hash(previous, row) != row["hash"]:
                    found.add(position, _CHANGED, id=row["entry_id"])
                if newest and not newest - _LATE <= row["at"]:
                    found.add(position, _BACKDATED, id=row["entry_id"])
                oldest = oldest or row["at"]
                newest = max(newest or row["at"], row["at"])
            previous = row["hash"]
        if waiting and not found.full:
            found.add(position + 1, _CUT, p=waiting.position)
        if entries and not anchored and not start and oldest and oldest < clock.now() - _UNANCHORED:
            found.add(position, _NO_ANCHOR)
        unsealed, unchained = await _loose(connection)
        for id_ in unchained:
            found.add(position, _UNCHAINED, id=id_)
        for restore in restores:
            if restore.at > young and not await connection.fetchval(_ENTRY_OF, restored.ACTION, restore.id):
                found.add(restore.position, _UNTOLD)
    return AuditReport(
        entries=entries, unsealed=unsealed, anchors=anchored, findings=found.list, restores=restores
    )


_GAP = Text("链中缺少一环", "A link of the chain is missing")
_DELETED = Text("条目 {id} 已被删除", "Entry {id} was deleted")
_CHANGED = Text("条目 {id} 或其次序被改动", "Entry {id} or its order was changed")
_REWRITTEN = Text("与库外锚点不符，链被重写", "Differs from the anchor outside: the chain was rewritten")
_CUT = Text("链在锚点 {p} 之前被截断", "The chain was cut before its anchor at {p}")
_PRUNED = Text("不满 180 天的条目已被清除", "Entries younger than 180 days were dropped")
_BACKDATED = Text("条目 {id} 的时间早于其前条目", "Entry {id} claims a time before those that it follows")
_UNCHAINED = Text("条目 {id} 早已写入却不在链中", "Entry {id} is old and not in the chain")
_UNTOLD = Text(
    "锚点文件称有恢复，审计中却无此条目", "The anchors tell of a restore that the trail does not have"
)
_ENTRY_OF = "SELECT EXISTS (SELECT 1 FROM access.audit_entry WHERE action = $1 AND facts->>'restore' = $2)"
_NO_ANCHOR = Text("没有库外锚点", "There is no anchor outside the database")


class _Findings:
    """What was found, at most so many."""

    def __init__(self) -> None:
        self.list: list[Finding] = []

    @property
    def full(self) -> bool:
        return len(self.list) >= _MOST_FINDINGS

    def add(self, position: int, words: Text, **facts: object) -> None:
        if not self.full:
            self.list.append(Finding(position=position, detail=words.filled(**facts)))


async def entries(
    city: City, *, before: int | None, limit: int, account: str | None, action: str | None
) -> list[Entry]:
    """The newest entries, or those before an id."""
    rows = await city[Database].fetch(
        f"""SELECT {_COLUMNS} FROM access.audit_entry e
            WHERE ($1::bigint IS NULL OR e.id < $1) AND ($3::text IS NULL OR e.account = $3)
              AND ($4::text IS NULL OR e.action = $4) ORDER BY e.id DESC LIMIT $2""",
        before,
        limit,
        account,
        action,
    )
    return [Entry(**dict(row)) for row in rows]


def anchor_file(city: City) -> Path:
    return city.settings.home / "audit" / "anchor.jsonl"


async def _head(connection: Connection) -> tuple[int, bytes]:
    row = await connection.fetchrow(
        """SELECT position, hash FROM access.audit_seal
           UNION ALL SELECT position, hash FROM access.audit_start ORDER BY position DESC LIMIT 1"""
    )
    return (row["position"], row["hash"]) if row else (0, _START)


async def _chain(connection: Connection) -> AsyncIterator[Row]:
    cursor = connection.cursor(
        f"""SELECT s.position, s.entry_id, s.hash, {_SEALED} FROM access.audit_seal s
            LEFT JOIN access.audit_entry e ON e.id = s.entry_id ORDER BY s.position""",
        prefetch=2000,
    )
    async for row in cursor:
        yield row


async def _loose(connection: Connection) -> tuple[int, list[int]]:
    """Entries not in the chain: how many (at most 10,000), and those that the sealer has passed."""
    rows = await connection.fetch(
        """SELECT e.id, e.xid < (SELECT xid FROM access.audit_settled) AS late
           FROM access.audit_entry e
           WHERE NOT EXISTS (SELECT 1 FROM access.audit_seal s WHERE s.entry_id = e.id)
           ORDER BY e.id LIMIT 10000"""
    )
    return len(rows), [r["id"] for r in rows if r["late"]][:_MOST_FINDINGS]


def _hash(previous: bytes, row: Row) -> bytes:
    """Facts count as PostgreSQL writes them: exact where a reader's floats would not be."""
    content = msgspec.json.encode(
        [
            row["id"],
            row["xid"],
            clock.micros(row["at"]),
            row["account"],
            row["party"],
            row["request"],
            row["action"],
            row["resource"],
            row["facts"],
        ]
    )
    return hashlib.sha256(previous + content).digest()


def _append(file: Path, line: bytes) -> None:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, line)
        os.fsync(handle)
    finally:
        os.close(handle)


def _last_anchor(file: Path) -> Anchor | None:
    if not file.exists():
        return None
    with file.open("rb") as handle:
        handle.seek(max(0, file.stat().st_size - 4096))
        tail = handle.read()
    for line in reversed(tail.splitlines()):
        try:
            return msgspec.json.decode(line, type=Anchor)
        except msgspec.MsgspecError:
            continue
    return None
