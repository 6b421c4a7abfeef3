"""Creation, change and end of records: checked, kept with history, audited and told in one transaction.

Writes to one table that arrive together share a transaction; if it breaks, each gets one of its own, so
that a failing one does not fail the others.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date

import asyncpg
import msgspec

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.base import clock
from yong.kernel.base.city import City
from yong.kernel.base.errors import Conflict, Invalid, Problem, Stale, Unavailable
from yong.kernel.base.ids import new_id
from yong.kernel.base.relation import Type
from yong.kernel.base.text import Text
from yong.kernel.records.contracts import Table
from yong.kernel.records.service import reading
from yong.kernel.records.store import writes
from yong.kernel.records.store.tables import quoted
from yong.kernel.store import outbox
from yong.kernel.store.batches import Batcher
from yong.kernel.store.contracts import Event
from yong.kernel.store.database import Connection, Database

_TAKEN = Text("键或唯一值已被占用：{id}", "A key or unique value is already taken: {id}")
_REUSED = Text("Idempotency-Key 已用于另一请求", "The Idempotency-Key was used for another request")
_PAST = {"create": "Created", "update": "Updated", "end": "Ended"}


class Write(msgspec.Struct, frozen=True, kw_only=True):
    """One row to write. `row` has every column; `changed` names the fields whose values are new."""

    verb: str  # create, update, end
    caller: Caller
    row: dict[str, object]
    changed: tuple[str, ...]
    idempotency: str | None = None
    digest: bytes = b""

    @property
    def id(self) -> str:
        return str(self.row["id"])


class Written(msgspec.Struct, frozen=True):
    """A record as it was when its write was committed, also where an earlier request committed it."""

    id: str
    at: str  # ISO 8601


class Writers:
    """The writes under way in this process, one queue per table and verb."""

    def __init__(self) -> None:
        self.queues: dict[tuple[str, bool], Batcher[Write, Written]] = {}


async def write(city: City, table: Table, one: Write) -> Written:
    """Commit one write, together with those that arrive beside it."""
    writers = city.part(Writers)
    key = (table.name, one.verb == "create")
    queue = writers.queues.get(key)
    if queue is None:

        async def run(batch: Sequence[Write]) -> list[Written | BaseException]:
            return await _commit(city, table, batch)

        queue = writers.queues[key] = Batcher(run, most=100)
    if queue.full:
        raise Unavailable
    return await queue.submit(one)


def new_row(
    table: Table, caller: Caller, kept: Mapping[str, object], owner: str | None, district: str | None
) -> dict[str, object]:
    """Every column of a record to create but its validity."""
    now = clock.now().isoformat()
    return {
        **kept,
        "id": str(kept[table.key]) if table.key else new_id(),
        "version": 1,
        "owner_id": owner,
        "district": district,
        "created_at": now,
        "created_by": caller.account,
        "updated_at": now,
        "updated_by": caller.account,
    }


def digest_of(values: object) -> bytes:
    return hashlib.sha256(msgspec.json.encode(values, order="deterministic")).digest()


async def _commit(city: City, table: Table, batch: Sequence[Write]) -> list[Written | BaseException]:
    # One statement changes a row once: a second change of the same row is a case for itself.
    if len({one.id for one in batch}) == len(batch) and len(batch) > 1:
        try:
            async with city[Database].transaction() as connection:
                return await in_transaction(city, connection, table, batch)
        except asyncpg.PostgresError:
            pass
    answers: list[Written | BaseException] = []
    for one in batch:
        try:
            async with city[Database].transaction() as connection:
                answers += await in_transaction(city, connection, table, [one])
        except asyncpg.UniqueViolationError:
            answers.append(Conflict(_TAKEN, id=one.id))
        except asyncpg.ForeignKeyViolationError:
            answers.append(Conflict(Text("引用的记录不存在", "A record that is referred to does not exist")))
        except Exception as error:
            answers.append(error)
    return answers


async def in_transaction(
    city: City, connection: Connection, table: Table, batch: Sequence[Write]
) -> list[Written | BaseException]:
    """The writes of one verb in a transaction that is under way: what was written, or why not, of each."""
    answers: list[Written | BaseException | None] = [None] * len(batch)
    await _wait_for_the_same(connection, batch)
    for index, one in enumerate(batch):
        answers[index] = await _before(connection, table, one)
    todo = [w for w, a in zip(batch, answers, strict=True) if a is None]
    wrong = await _broken(city, connection, table, todo)
    for index, one in enumerate(batch):
        if answers[index] is None and one.id in wrong:
            answers[index] = Invalid(None, problems=tuple(wrong[one.id]))
    todo = [w for w, a in zip(batch, answers, strict=True) if a is None]
    done = await _apply(connection, table, todo)
    kept = [w for w in todo if w.id in done]
    await _tell(connection, table, kept)
    for index, one in enumerate(batch):
        if answers[index] is None:
            lost = Conflict(_TAKEN, id=one.id) if one.verb == "create" else Stale()
            answers[index] = Written(one.id, str(one.row["updated_at"])) if one.id in done else lost
    return [a for a in answers if a is not None]


async def _wait_for_the_same(connection: Connection, batch: Sequence[Write]) -> None:
    """Let a request with the same Idempotency-Key that is under way in any process end first.

    All keys of a batch are locked before anything is written, in one order, so that two batches cannot wait
    for each other. The locks end with the transaction.
    """
    keys = [f"{one.caller.account} {one.idempotency}" for one in batch if one.idempotency is not None]
    if keys:
        await connection.execute(
            """SELECT pg_advisory_xact_lock(k) FROM (
                 SELECT DISTINCT hashtextextended(x, 0) AS k FROM unnest($1::text[]) AS x ORDER BY k OFFSET 0) o""",
            keys,
        )


async def _before(connection: Connection, table: Table, one: Write) -> Written | BaseException | None:
    """The answer of an earlier creation with the same Idempotency-Key, if there was one."""
    if one.idempotency is None:
        return None
    row = await connection.fetchrow(
        f"""SELECT i.digest, i.id, coalesce(t.created_at, i.created_at) AS at FROM records.idempotency i
            LEFT JOIN {quoted(table.name)} t ON t.id = i.id WHERE i.account = $1 AND i.key = $2""",
        one.caller.account,
        one.idempotency,
    )
    if row is None:
        return None
    return Written(row["id"], row["at"].isoformat()) if row["digest"] == one.digest else Conflict(_REUSED)


async def _apply(connection: Connection, table: Table, todo: Sequence[Write]) -> set[str]:
    if not todo:
        return set()
    if todo[0].verb == "create":
        return await writes.insert(connection, table, [w.row for w in todo])
    if table.bitemporal:
        return {w.id for w in todo if await writes.slice_(connection, table, w.row)}
    return await writes.update(connection, table, [w.row for w in todo])


async def _broken(
    city: City, connection: Connection, table: Table, batch: Sequence[Write]
) -> dict[str, list[Problem]]:
    """Codes that are not valid and references to nothing that the writer may see, by the id of the write."""
    wrong: dict[str, list[Problem]] = {}
    for field in table.fields:
        having = [w for w in batch if field.name in w.changed and w.row.get(field.name) is not None]
        if not having or field.type not in (Type.CODE, Type.REFERENCE):
            continue
        if field.type is Type.CODE:
            text = Text("不在代码表中或已失效", "Not a code of the list, or no longer valid")
            bad: set[str] = set()
            for day in {_day(w) for w in having}:
                pairs = [(str(field.codes), str(w.row[field.name])) for w in having if _day(w) == day]
                bad |= {f"{day}/{code}" for _, code in await writes.bad_codes(connection, pairs, day)}
            hit = [w for w in having if f"{_day(w)}/{w.row[field.name]}" in bad]
        else:
            text = Text("引用的记录不存在", "There is no such record to refer to")
            hit = []
            for caller in dict.fromkeys(w.caller for w in having):
                mine = [w for w in having if w.caller == caller]
                ids = [str(w.row[field.name]) for w in mine]
                missing = await reading.unseen(connection, city, caller, str(field.refers), ids)
                hit += [w for w in mine if w.row[field.name] in missing]
        for one in hit:
            wrong.setdefault(one.id, []).append(Problem(f"/values/{field.name}", text))
    return wrong


def _day(one: Write) -> date:
    start = one.row.get("valid_from")
    return date.fromisoformat(str(start)) if start else clock.now().astimezone(clock.CHINA).date()


async def _tell(connection: Connection, table: Table, kept: Sequence[Write]) -> None:
    """Audit, outbox and idempotency of what was written. Values stay out of the audit: it names fields."""
    if not kept:
        return
    await access.audit_of(
        connection,
        [
            (one.caller, f"records.{one.verb}", f"{table.name}/{one.id}", {"fields": list(one.changed)})
            for one in kept
        ],
    )
    events = [
        Event(type=table.event(_PAST[w.verb]), subject=w.id, data={"fields": list(w.changed)}) for w in kept
    ]
    await outbox.emit(connection, *events)
    keyed = [(w.caller.account, w.idempotency, w.digest, w.id) for w in kept if w.idempotency is not None]
    if keyed:
        await connection.executemany(
            "INSERT INTO records.idempotency (account, key, digest, id) VALUES ($1, $2, $3, $4)", keyed
        )
