"""Content held against what is written down, and content that nobody has any more taken away."""

import asyncio
from pathlib import Path

from yong.kernel.base.city import City
from yong.kernel.base.text import Text
from yong.kernel.documents import blobs, store
from yong.kernel.documents.contracts import GRACE_HOURS, BlobFault, BlobReport
from yong.kernel.store.database import Database

_MISSING = Text("内容缺失", "The content is missing")
_OTHERWISE = Text(
    "内容已改变：应有 {n} 字节，散列值不符", "The content has changed: it should be {n} bytes of that digest"
)


async def check(city: City) -> BlobReport:
    """Read every byte of all content, and say what is missing or not as it was."""
    rows = await store.contents(city[Database])
    faults = []
    for row in rows:
        path = blobs.file_of(city.settings.home, row["sha256"])
        why = await asyncio.to_thread(_fault, path, row["sha256"], row["bytes"])
        if why is not None and await store.wanted(city[Database], row["sha256"], 0):
            faults.append(BlobFault(sha256=row["sha256"], document=row["document"], detail=why))
    return BlobReport(
        documents=sum(r["documents"] for r in rows), blobs=len(rows), bytes=sum(r["bytes"] for r in rows), faults=faults
    )  # fmt: skip


def _fault(path: Path, digest: str, size: int) -> Text | None:
    try:
        if path.stat().st_size == size and blobs.digest_of(path) == digest:
            return None
    except FileNotFoundError:
        return _MISSING
    return _OTHERWISE.filled(n=size)


async def sweep(city: City, grace_hours: float = GRACE_HOURS) -> int:
    """Take away content that no document has, or had within a while; how much. Nothing during a backup."""
    home = city.settings.home
    found = await asyncio.to_thread(
        lambda: [d for d, age_s in blobs.every(home) if age_s >= grace_hours * 3600]
    )
    gone = 0
    async with city[Database].session() as connection:
        for digest in found:
            if await store.wanted(connection, digest, grace_hours):
                continue
            async with connection.transaction():
                if not await connection.fetchval("SELECT pg_try_advisory_xact_lock($1)", blobs.LOCK):
                    return gone
                if await blobs.claim_alone(connection, digest) and not await store.wanted(
                    connection, digest, grace_hours
                ):
                    await asyncio.to_thread(blobs.drop, home, digest)
                    gone += 1
    return gone
