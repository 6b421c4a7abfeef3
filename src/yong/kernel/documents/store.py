"""The SQL of documents. Private to its service."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from yong.kernel.base.relation import Level, Personal
from yong.kernel.documents.contracts import (
    OF_ONE,
    UPLOAD_HOURS,
    About,
    Belongs,
    Document,
    RetentionClass,
    RetentionRow,
)
from yong.kernel.documents.sniffing import Found
from yong.kernel.store.database import Connection, Reader, Row

_HELD = "EXISTS (SELECT 1 FROM documents.hold h WHERE h.document_id = d.id AND h.lifted_at IS NULL)"
_COLUMNS = f"d.*, {_HELD} AS held"
_FIELDS = (
    "id", "title", "filename", "sha256", "media_type", "charset", "bytes", "width", "height", "district", "subject",
    "redacted_from", "retention", "held", "version", "created_at", "created_by", "ended_at", "removed_at",
)  # fmt: skip


def shown(row: Row) -> Document:
    """A document as it crosses the door."""
    belongs = Belongs(row["belongs_to"], row["belongs_id"]) if row["belongs_to"] else None
    return Document(
        **{name: row[name] for name in _FIELDS}, owner=row["owner_id"], belongs=belongs,
        personal=Personal(row["personal"]), level=Level(row["level"]),
    )  # fmt: skip


async def insert(
    connection: Connection,
    id: str,
    account: str,
    about: About,
    filename: str,
    found: Found,
    digest: str,
    size: int,
    redacted_from: str | None = None,
) -> bool:
    """Write a document down; False where one of that id is there."""
    belongs = about.belongs
    done = await connection.execute(
        """INSERT INTO documents.file (id, title, filename, sha256, media_type, charset, bytes, width, height,
             owner_id, district, subject, belongs_to, belongs_id, personal, level, retention, created_by, updated_by,
             redacted_from)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $18, $19)
           ON CONFLICT (id) DO NOTHING""",
        id, about.title, filename, digest, found.media_type, found.charset, size, found.width, found.height,
        about.owner, about.district, about.subject, belongs.relation if belongs else None,
        belongs.id if belongs else None, about.personal.value, about.level.value, about.retention, account,
        redacted_from,
    )  # fmt: skip
    return not done.endswith(" 0")


async def one(reader: Reader, id: str) -> Row | None:
    return await reader.fetchrow(f"SELECT {_COLUMNS} FROM documents.file d WHERE d.id = $1", id)


async def of(reader: Reader, belongs: Belongs) -> list[Row]:
    """The documents of a row of a Relation, oldest first, without those that were removed."""
    return await reader.fetch(
        f"""SELECT {_COLUMNS} FROM documents.file d
            WHERE d.belongs_to = $1 AND d.belongs_id = $2 AND d.removed_at IS NULL
            ORDER BY d.created_at, d.id LIMIT {OF_ONE}""",
        belongs.relation, belongs.id,
    )  # fmt: skip


async def redaction(reader: Reader, id: str, digest: str) -> Row | None:
    """The covered copy of a photo that has that content and is not withdrawn."""
    return await reader.fetchrow(
        f"""SELECT {_COLUMNS} FROM documents.file d
            WHERE d.redacted_from = $1 AND d.sha256 = $2 AND d.personal = 'no' AND d.removed_at IS NULL
            ORDER BY d.created_at LIMIT 1""",
        id, digest,
    )  # fmt: skip


async def relabel(connection: Connection, id: str, account: str) -> bool:
    """Give a covered copy the label of its original; False where it has it."""
    done = await connection.execute(
        """UPDATE documents.file d SET personal = o.personal, subject = o.subject, version = d.version + 1,
             updated_at = now(), updated_by = $2
           FROM documents.file o
           WHERE d.id = $1 AND o.id = d.redacted_from AND d.personal <> o.personal AND d.removed_at IS NULL""",
        id, account,
    )  # fmt: skip
    return not done.endswith(" 0")


async def change(
    connection: Connection, id: str, account: str, version: int, values: dict[str, Any]
) -> int | None:
    """Change columns; the new version, None where it is not at `version` any more."""
    places = ", ".join(f"{name} = ${n}" for n, name in enumerate(values, 4))
    found: int | None = await connection.fetchval(
        f"""UPDATE documents.file SET {places}, version = version + 1, updated_at = now(), updated_by = $2
            WHERE id = $1 AND version = $3 AND removed_at IS NULL RETURNING version""",
        id, account, version, *values.values(),
    )  # fmt: skip
    return found


async def history(reader: Reader, id: str) -> list[Row]:
    return await reader.fetch(
        "SELECT version, recorded_at, state FROM documents.file_history WHERE id = $1 ORDER BY version DESC LIMIT 1000",
        id,
    )


async def wanted(reader: Reader, digest: str, grace_hours: float) -> bool:
    """Whether a document has that content, or had it until a while ago."""
    return bool(
        await reader.fetchval(
            """SELECT EXISTS (SELECT 1 FROM documents.file WHERE sha256 = $1
                 AND (removed_at IS NULL OR removed_at > now() - make_interval(secs => $2 * 3600.0)))""",
            digest, grace_hours,
        )
    )  # fmt: skip


async def contents(reader: Reader) -> list[Row]:
    """Every content that there must be, with its bytes and a document that has it."""
    return await reader.fetch(
        """SELECT sha256, min(bytes) AS bytes, min(id) AS document, count(*) AS documents FROM documents.file
           WHERE removed_at IS NULL GROUP BY sha256 ORDER BY sha256"""
    )


async def classes(reader: Reader) -> list[RetentionRow]:
    """Every retention class: for good first, then the longest."""
    rows = await reader.fetch(
        """SELECT code, title_zh, title_en, years, basis_zh, basis_en, automatic, example, version, updated_at
           FROM documents.retention ORDER BY years DESC NULLS FIRST, code"""
    )
    return [RetentionRow(**row) for row in rows]


async def retention_codes(reader: Reader) -> set[str]:
    return {row["code"] for row in await reader.fetch("SELECT code FROM documents.retention")}


async def begin(connection: Connection, id: str, account: str, about: About, length: int, most: int) -> bool:
    """Write down that a file is on its way; False where the account has as many as it may."""
    await connection.execute("SELECT pg_advisory_xact_lock(hashtext('documents.upload ' || $1))", account)
    done = await connection.execute(
        f"""INSERT INTO documents.upload (id, account, about, length, expires_at)
            SELECT $1, $2, $3, $4, now() + interval '{UPLOAD_HOURS} hours'
            WHERE (SELECT count(*) FROM documents.upload
                   WHERE account = $2 AND finished_at IS NULL AND expires_at > now()) < $5::int""",
        id, account, msgspec.to_builtins(about), length, most,
    )  # fmt: skip
    return not done.endswith(" 0")


async def upload(reader: Reader, id: str, account: str) -> Row | None:
    """A file on its way, or one that came, of an account."""
    return await reader.fetchrow(
        "SELECT * FROM documents.upload WHERE id = $1 AND account = $2 AND expires_at > now()", id, account
    )


async def received(reader: Reader, id: str, total: int) -> datetime | None:
    """Note how many bytes are here for good; until when the rest is waited for."""
    found: datetime | None = await reader.fetchval(
        f"""UPDATE documents.upload SET received = $2, expires_at = now() + interval '{UPLOAD_HOURS} hours'
            WHERE id = $1 AND finished_at IS NULL RETURNING expires_at""",
        id, total,
    )  # fmt: skip
    return found


async def finish(connection: Connection, id: str) -> None:
    await connection.execute("UPDATE documents.upload SET finished_at = now() WHERE id = $1", id)


async def forget(reader: Reader, ids: Sequence[str]) -> None:
    await reader.execute("DELETE FROM documents.upload WHERE id = ANY($1::text[])", list(ids))


async def expired(reader: Reader) -> list[str]:
    """Files on their way of which no part came for long, and those that came long ago."""
    rows = await reader.fetch("SELECT id FROM documents.upload WHERE expires_at <= now() LIMIT 10000")
    return [row["id"] for row in rows]


_DUE_ON = "make_date(extract(year FROM d.ended_at AT TIME ZONE 'Asia/Shanghai')::integer + 1 + c.years, 1, 1)"
_DUE = f"""d.removed_at IS NULL AND d.ended_at IS NOT NULL AND c.years IS NOT NULL AND NOT {_HELD}
           AND {_DUE_ON} <= (now() AT TIME ZONE 'Asia/Shanghai')::date"""
_JOINED = "documents.file d JOIN documents.retention c ON c.code = d.retention"
_REMOVABLE = f"{_DUE} AND (c.automatic OR d.approved_at IS NOT NULL)"
_REMOVED_AT_ONCE = 10_000


async def set_class(
    connection: Connection, given: RetentionClass, account: str, version: int | None
) -> int | None:
    """Make or change a class; its version, None where it is there already or not at `version` any more."""
    values = (
        given.code, given.title_zh, given.title_en, given.years, given.basis_zh, given.basis_en, given.automatic, account,
    )  # fmt: skip
    if version is None:
        sql = """INSERT INTO documents.retention (code, title_zh, title_en, years, basis_zh, basis_en, automatic, updated_by)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING RETURNING version"""
        made: int | None = await connection.fetchval(sql, *values)
        return made
    sql = """UPDATE documents.retention SET title_zh = $2, title_en = $3, years = $4, basis_zh = $5, basis_en = $6,
               automatic = $7, updated_by = $8, updated_at = now(), example = false, version = version + 1
             WHERE code = $1 AND version = $9 RETURNING version"""
    changed: int | None = await connection.fetchval(sql, *values, version)
    return changed


async def due(reader: Reader, id: str) -> bool:
    """Whether its retention has run out and nothing holds it."""
    return bool(
        await reader.fetchval(f"SELECT EXISTS (SELECT 1 FROM {_JOINED} WHERE d.id = $1 AND {_DUE})", id)
    )


async def removable(reader: Reader) -> list[Row]:
    """What is to be removed now."""
    return await reader.fetch(
        f"SELECT d.* FROM {_JOINED} WHERE {_REMOVABLE} ORDER BY d.id LIMIT {_REMOVED_AT_ONCE}"
    )


async def still_removable(reader: Reader, id: str) -> bool:
    return bool(
        await reader.fetchval(f"SELECT EXISTS (SELECT 1 FROM {_JOINED} WHERE d.id = $1 AND {_REMOVABLE})", id)
    )


async def lock(connection: Connection, id: str) -> bool:
    """DocumentHold a document's row for the rest of the transaction; False where it is removed."""
    row = await connection.fetchrow("SELECT removed_at FROM documents.file WHERE id = $1 FOR UPDATE", id)
    return row is not None and row["removed_at"] is None


async def place(connection: Connection, id: str, document: str, reason: str, account: str) -> None:
    await connection.execute(
        "INSERT INTO documents.hold (id, document_id, reason, placed_by) VALUES ($1, $2, $3, $4)",
        id, document, reason, account,
    )  # fmt: skip


async def disapprove(connection: Connection, id: str, account: str) -> None:
    """Take an approval of the removal back, if there is one."""
    await connection.execute(
        """UPDATE documents.file SET approved_at = NULL, approved_by = NULL, version = version + 1, updated_at = now(),
             updated_by = $2 WHERE id = $1 AND approved_at IS NOT NULL""",
        id, account,
    )  # fmt: skip


async def lift(connection: Connection, id: str, document: str, account: str) -> bool:
    done = await connection.execute(
        """UPDATE documents.hold SET lifted_at = now(), lifted_by = $3
           WHERE id = $1 AND document_id = $2 AND lifted_at IS NULL""",
        id, document, account,
    )  # fmt: skip
    return not done.endswith(" 0")


async def holds(reader: Reader, document: str) -> list[Row]:
    return await reader.fetch(
        "SELECT * FROM documents.hold WHERE document_id = $1 AND lifted_at IS NULL ORDER BY placed_at, id LIMIT 1000",
        document,
    )
