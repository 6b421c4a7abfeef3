"""The audit trail: append-only entries, sealed into a hash chain whose head is anchored outside the database.

An entry is written in the transaction of what it tells of. About every second the sealer chains what has
settled: `hash = SHA-256(previous hash ‖ canonical bytes of the entry)`. The head goes, synced, to
`audit/anchor.jsonl` in the home folder, so a chain that was rewritten or cut does not match its anchors.
"""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import msgspec

from yong.kernel.access.contracts import Caller
from yong.kernel.base import clock
from yong.kernel.base.city import City
from yong.kernel.base.text import Text
from yong.kernel.store.database import Connection, Database, Row

_LOCK = 0x594F4E49
_START = b"\0" * 32
_ANCHOR_EVERY_S = 10.0
_COLUMNS = "e.id, e.at, e.account, e.party, e.request, e.action, e.resource, e.facts"


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

    @property
    def sound(self) -> bool:
        return not self.findings


async def audit(
    connection: Connection, caller: Caller, action: str, resource: str, facts: dict[str, Any] | None = None
) -> None:
    """Write an entry in the caller's transaction. `facts` hold no secret and no sensitive value."""
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
        [resource for _, _, resource, _ in entries],
        [facts for _, _, _, facts in entries],
    )


async def seal(city: City, limit: int = 5000) -> int:
    """Chain settled entries; how many. One sealer works at a time."""
    async with city[Database].transaction() as connection:
        if not await connection.fetchval("SELECT pg_try_advisory_xact_lock($1)", _LOCK):
            return 0
        position, previous = await _head(connection)
        rows = await connection.fetch(
            f"""SELECT {_COLUMNS} FROM access.audit_entry e
                LEFT JOIN access.audit_seal s ON s.entry_id = e.id
                WHERE s.entry_id IS NULL AND e.xid < pg_snapshot_xmin(pg_current_snapshot())
                ORDER BY e.xid, e.id LIMIT $1""",
            limit,
        )
        seals = []
        for row in rows:
            position += 1
            previous = _hash(previous, row)
            seals.append((position, row["id"], previous))
        await connection.copy_records_to_table(
            "audit_seal", schema_name="access", records=seals, columns=["position", "entry_id", "hash"]
        )
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
    await asyncio.to_thread(_append, file, msgspec.json.encode(fresh) + b"\n")
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
    """Compute the whole chain again and compare it with its seals and anchors, in bounded memory."""
    findings: list[Finding] = []
    anchors = await asyncio.to_thread(_anchors, anchor_file(city))
    async with city[Database].transaction() as connection:
        await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        start = await connection.fetchrow(
            "SELECT position, hash FROM access.audit_start ORDER BY position DESC LIMIT 1"
        )
        position, previous = (start["position"], start["hash"]) if start else (0, _START)
        first = position
        entries = 0
        async for row in _chain(connection):
            position += 1
            entries += 1
            if len(findings) >= 100:
                break
            if row["position"] != position:
                findings.append(
                    Finding(position=position, detail=Text("链中缺少一环", "A link of the chain is missing"))
                )
                position = row["position"]
            if row["id"] is None:
                findings.append(
                    Finding(
                        position=position,
                        detail=Text("条目 {id} 已被删除", "Entry {id} was deleted").filled(
                            id=row["entry_id"]
                        ),
                    )
                )
                previous = row["hash"]
                continue
            computed = _hash(previous, row)
            if computed != row["hash"]:
                findings.append(
                    Finding(
                        position=position,
                        detail=Text("条目 {id} 或其次序被改动", "Entry {id} or its order was changed").filled(
                            id=row["entry_id"]
                        ),
                    )
                )
            if position in anchors and anchors[position] != row["hash"].hex():
                findings.append(
                    Finding(
                        position=position,
                        detail=Text(
                            "与库外锚点不符，链被重写",
                            "Differs from the anchor outside: the chain was rewritten",
                        ),
                    )
                )
            previous = row["hash"]
        missing = [p for p in anchors if p > position]
        if missing:
            findings.append(
                Finding(
                    position=position + 1,
                    detail=Text(
                        "链在锚点 {p} 之前被截断", "The chain was cut before its anchor at {p}"
                    ).filled(p=max(missing)),
                )
            )
        unsealed, unchained = await _loose(connection)
        findings += [
            Finding(
                position=position,
                detail=Text("条目 {id} 早已写入却不在链中", "Entry {id} is old and not in the chain").filled(
                    id=i
                ),
            )
            for i in unchained
        ]
    return AuditReport(
        entries=entries,
        unsealed=unsealed,
        anchors=sum(1 for p in anchors if p > first),
        findings=findings,
    )


async def prune(owner_url: str, keep_days: int) -> int:
    """Drop sealed entries older than `keep_days`, as the owner; the chain then begins where they ended.

    At least 180 days stay, whatever is asked. Returns how many entries went.
    """
    limit = clock.now() - timedelta(days=max(keep_days, 180))
    connection = await asyncpg.connect(owner_url)
    try:
        async with connection.transaction():
            last = await connection.fetchrow(
                """SELECT s.position, s.hash FROM access.audit_seal s JOIN access.audit_entry e ON e.id = s.entry_id
                   WHERE e.at < $1 AND NOT EXISTS (
                       SELECT 1 FROM access.audit_seal t JOIN access.audit_entry f ON f.id = t.entry_id
                       WHERE f.at >= $1 AND t.position < s.position)
                   ORDER BY s.position DESC LIMIT 1""",
                limit,
            )
            if last is None:
                return 0
            await connection.execute(
                "INSERT INTO access.audit_start (position, hash) VALUES ($1, $2) ON CONFLICT DO NOTHING",
                last["position"],
                last["hash"],
            )
            done = await connection.execute(
                """DELETE FROM access.audit_entry WHERE id IN
                   (SELECT entry_id FROM access.audit_seal WHERE position <= $1)""",
                last["position"],
            )
            await connection.execute("DELETE FROM access.audit_seal WHERE position <= $1", last["position"])
            return int(done.split()[-1])
    finally:
        await connection.close()


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
        f"""SELECT s.position, s.entry_id, s.hash, {_COLUMNS} FROM access.audit_seal s
            LEFT JOIN access.audit_entry e ON e.id = s.entry_id ORDER BY s.position""",
        prefetch=2000,
    )
    async for row in cursor:
        yield row


async def _loose(connection: Connection) -> tuple[int, list[int]]:
    """Entries not in the chain: how many, and those that should have been for a minute."""
    rows = await connection.fetch(
        """SELECT e.id, e.at < clock_timestamp() - interval '1 minute'
                  AND e.id < (SELECT max(entry_id) FROM access.audit_seal) AS late
           FROM access.audit_entry e LEFT JOIN access.audit_seal s ON s.entry_id = e.id
           WHERE s.entry_id IS NULL ORDER BY e.id LIMIT 10000"""
    )
    return len(rows), [r["id"] for r in rows if r["late"]][:100]


def _hash(previous: bytes, row: Row) -> bytes:
    content = msgspec.json.encode(
        [
            row["id"],
            clock.micros(row["at"]),
            row["account"],
            row["party"],
            row["request"],
            row["action"],
            row["resource"],
            row["facts"],
        ],
        order="sorted",
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


def _anchors(file: Path) -> dict[int, str]:
    if not file.exists():
        return {}
    found: dict[int, str] = {}
    for line in file.read_bytes().splitlines():
        try:
            one = msgspec.json.decode(line, type=Anchor)
        except msgspec.MsgspecError:
            continue  # a line cut off by a power loss
        found[one.position] = one.hash
    return found


def _last_anchor(file: Path) -> Anchor | None:
    if not file.exists():
        return None
    for line in reversed(file.read_bytes()[-4096:].splitlines()):
        try:
            return msgspec.json.decode(line, type=Anchor)
        except msgspec.MsgspecError:
            continue
    return None
