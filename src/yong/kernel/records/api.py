"""The door of records: registers kept under one law. Every function authorizes its caller."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import date, datetime
from typing import Any, Literal

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller, Scope
from yong.kernel.access.policies import Policies
from yong.kernel.base import clock
from yong.kernel.base.city import City
from yong.kernel.base.errors import (
    Conflict,
    Forbidden,
    Invalid,
    Malformed,
    NotFound,
    Problem,
    Stale,
    TooLarge,
    TooMany,
)
from yong.kernel.base.relation import Relation
from yong.kernel.base.text import Text
from yong.kernel.records.contracts import (
    EXPORT_ROWS,
    IMPORTS_AT_ONCE,
    Alter,
    Begin,
    Change,
    Draft,
    Filter,
    Format,
    ImportReport,
    Page,
    Record,
    Table,
)
from yong.kernel.records.logic import broken, check, relation_of, relations, schema_of
from yong.kernel.records.service import files, importing, reading, together, writing
from yong.kernel.records.store import writes
from yong.kernel.records.store.reads import Query, Source
from yong.kernel.records.sync import clashing, handing, taking
from yong.kernel.records.sync.contracts import ConflictShown, DeviceShown, HandedIn, Taken
from yong.kernel.store.database import Connection, Database

_VALUES = 500


async def open_parts(city: City) -> None:
    """Make the Relations of record tables known to access."""
    for derived, _ in relations(city.registry):
        city[Policies].add(derived)
    city.put(Hands, Hands())


class Hands:
    """How many files this process holds in hand: each may take a quarter of a gigabyte. A City part."""

    def __init__(self) -> None:
        self.free = IMPORTS_AT_ONCE


def relation(city: City, name: str) -> Relation:
    """A Relation by name, declared or derived from a Table. NotFound when there is none."""
    return reading.known(city, name)[0]


def is_table(city: City, name: str) -> bool:
    """Whether a Relation stands over a record table. NotFound when there is none."""
    return reading.known(city, name)[1] is not None


def schema(city: City, caller: Caller, relation_name: str) -> dict[str, object]:
    """The JSON Schema (draft 2020-12) of a record's values."""
    access.authorize(city, caller, "records.read", relation_name)
    return schema_of(_table(city, relation_name))


def _table(city: City, name: str) -> Table:
    table = reading.known(city, name)[1]
    if table is None:
        raise Conflict(Text("此资源只读", "This Relation is read-only"))
    return table


async def read(
    city: City, caller: Caller, relation_name: str, id_: str, *,
    at: date | None = None, as_known_at: datetime | None = None, purpose: str | None = None,
) -> Record:  # fmt: skip
    """One record as the caller may see it: what holds on the day `at`, as recorded at `as_known_at`."""
    rows = reading.source(city, caller, relation_name, purpose=purpose)
    await _told(city, caller, rows, id_, purpose)
    return await reading.record(city, reading.at_time(rows, at, as_known_at), id_)


async def document(city: City, caller: Caller, relation_name: str, id_: str) -> bytes:
    """One record as the caller may see it, as the JSON that PostgreSQL encoded."""
    rows = reading.source(city, caller, relation_name, purpose=None)
    await _told(city, caller, rows, id_, None)
    return await reading.document(city, rows, id_)


async def listing(
    city: City, caller: Caller, relation_name: str, *,
    filters: Sequence[Filter] = (), sort: str | None = None, cursor: str | None = None, limit: int = 100,
    at: date | None = None, as_known_at: datetime | None = None, purpose: str | None = None, ended: bool = False,
) -> Page:  # fmt: skip
    """A page of any Relation. `sort` is a field, with "-" before it for descending; ended records are left out."""
    rows = reading.at_time(reading.source(city, caller, relation_name, purpose=purpose), at, as_known_at)
    query = Query(tuple(filters), sort, cursor, limit, ended)
    await _told(city, caller, rows, "", purpose)
    return await reading.page(city, rows, query)


async def every(
    city: City, caller: Caller, relation_name: str, *, filters: Sequence[Filter] = (), at: date | None = None
) -> AsyncIterator[Record]:  # fmt: skip
    """All rows of a listing, read page by page as they are asked for; their number is the caller's to bound."""
    rows = reading.at_time(reading.source(city, caller, relation_name, purpose=None), at, None)
    await _told(city, caller, rows, "", None)
    async for row in reading.every(city, rows, filters):
        yield row


async def present(
    city: City, caller: Caller, relation_name: str, id_: str = "", *, purpose: str | None = None
) -> Scope:
    """What holds today of a Relation, as the caller may see it, to be asked further; ended records are left out.

    Whoever asks for it reads it: personal data in clear is in the audit trail, with `id_` where one record is meant.
    """
    rows = reading.source(city, caller, relation_name, purpose=purpose)
    await _told(city, caller, rows, id_, purpose)
    scope = access.scoped(city, rows.relation, caller, purpose=purpose or caller.purpose)
    now = reading.present(rows)
    return Scope(
        sql=now.sql,
        args=now.args,
        fields=scope.fields,
        masked=scope.masked,
        absent=scope.absent,
        audited=scope.audited,
    )


async def history(
    city: City, caller: Caller, relation_name: str, id_: str, *, limit: int = 100, purpose: str | None = None
) -> list[Change]:
    """What was recorded of one record, newest first, at most `limit` (1 to 1000) states."""
    rows = reading.source(city, caller, relation_name, purpose=purpose)
    await _told(city, caller, rows, id_, purpose)
    return await reading.changes(city, rows, id_, max(1, min(limit, 1000)))


async def _told(city: City, caller: Caller, rows: Source, id_: str, purpose: str | None) -> None:
    """Write a reading of personal data in clear to the audit trail, before it is given out."""
    if rows.audited:
        resource = f"{rows.relation.name}/{id_[:100]}".replace("\0", "")
        async with city[Database].transaction() as connection:
            await access.audit(
                connection, caller, "records.read", resource, {"purpose": purpose or caller.purpose}
            )


async def create(
    city: City, caller: Caller, relation_name: str, values: Mapping[str, object], *,
    owner: str | None = None, district: str | None = None,
    valid_from: date | None = None, valid_to: date | None = None, idempotency_key: str | None = None,
) -> Record:  # fmt: skip
    """A new record, owned by the caller's party unless `owner` says otherwise.

    The same request with the same Idempotency-Key, also at the same moment and in another process, waits for
    the first and gets its answer. Raises Invalid with every problem, Conflict for a taken key or an
    Idempotency-Key used otherwise.
    """
    access.authorize(city, caller, "records.create", relation_name)
    table = _table(city, relation_name)
    owner = owner or caller.party
    kept = _checked(table, values, partial=False)
    await access.may_touch(
        city, caller, "records.create", relation_of(table),
        owner=owner, district=district, subject=_subject(table, kept),
    )  # fmt: skip
    if idempotency_key is not None and not (
        0 < len(idempotency_key) <= 255 and idempotency_key.isprintable()
    ):
        raise Malformed(Text("Idempotency-Key 无效", "The Idempotency-Key is not valid"))
    row = {
        **writing.new_row(table, caller, kept, owner, district),
        **_validity(table, valid_from, valid_to),
    }
    one = writing.Write(
        verb="create", caller=caller, row=row, changed=tuple(kept), idempotency=idempotency_key,
        digest=writing.digest_of([relation_name, kept, owner, district, valid_from, valid_to]),
    )  # fmt: skip
    written = await writing.write(city, table, one)
    return Record(
        id=written.id, relation=relation_name, values=kept, version=1, owner=owner, district=district,
        created_at=written.at, updated_at=written.at,
        valid_from=_iso(row.get("valid_from")), valid_to=_iso(row.get("valid_to")),
    )  # fmt: skip


def draft(city: City, caller: Caller, relation_name: str, values: Mapping[str, object]) -> Draft:
    """The values of some fields checked as `create` checks them, and every problem of those; nothing is written.

    Whether a code is on its list, and what refers to other records, is for `create` to say.
    """
    access.authorize(city, caller, "records.create", relation_name)
    return check(_table(city, relation_name), values, partial=True)


async def update(
    city: City, caller: Caller, relation_name: str, id_: str, values: Mapping[str, object], version: int, *,
    valid_from: date | None = None, valid_to: date | None = None,
) -> int:  # fmt: skip
    """Change the values given, leave the others; the new version. Stale if `version` is no longer the present one.

    In a bitemporal table the change holds from `valid_from` (today unless given) to `valid_to`.
    """
    table, row = await _for_change(city, caller, "records.update", relation_name, id_, version)
    kept = _checked(table, values, partial=True)
    if table.key and kept.get(table.key, id_) != id_:
        problem = Problem(f"/values/{table.key}", Text("键不可修改", "The key never changes"))
        raise Invalid(None, problems=(problem,))
    if problems := broken(table, {**row, **kept}):
        raise Invalid(None, problems=problems)
    await access.may_touch(
        city, caller, "records.update", relation_of(table),
        owner=_iso(row["owner_id"]), district=_iso(row["district"]), subject=_subject(table, {**row, **kept}),
    )  # fmt: skip
    return await _change(
        city, table, caller, "update", {**row, **kept, **_validity(table, valid_from, valid_to)}, tuple(kept)
    )


async def end(city: City, caller: Caller, relation_name: str, id_: str, version: int) -> int:
    """End a record: it leaves the lists and stays readable; the new version."""
    table, row = await _for_change(city, caller, "records.end", relation_name, id_, version)
    change = {**row, "ended_at": clock.now().isoformat(), **_validity(table, None, None)}
    return await _change(city, table, caller, "end", change, ())


async def write_together(
    city: City, caller: Caller, connection: Connection, relation_name: str, *,
    begin: Sequence[Begin] = (), alter: Sequence[Alter] = (), among: str, seen: Mapping[str, int],
    relying: Sequence[tuple[str, str, int]] = (),
) -> dict[str, int]:  # fmt: skip
    """Create, change and end records of a table without validity in the caller's transaction: all, or it raises.

    `seen` holds id and version of every record whose id begins with `among`, ended ones too, as the caller read
    them; `relying` names records (Relation, id, version) that the whole rests on. Raises Stale where either is no
    longer so: until the transaction ends nobody else writes to the table. The answer is `seen` as it is after it.
    """
    access.authorize(city, caller, "records.create", relation_name)
    table = _table(city, relation_name)
    plan = together.Plan(begin=begin, alter=alter, among=among, seen=seen, relying=relying)
    return await together.write(city, caller, connection, table, plan)


async def _for_change(
    city: City, caller: Caller, action: str, name: str, id_: str, version: int
) -> tuple[Table, dict[str, object]]:
    access.authorize(city, caller, action, name)
    table = _table(city, name)
    if not 0 < len(id_) <= 400 or "\0" in id_:
        raise NotFound
    async with city[Database].pool.acquire() as connection:
        row = (await writes.present(connection, table, [id_])).get(id_)
    if row is None:
        raise NotFound
    try:
        await access.may_touch(
            city, caller, action, relation_of(table),
            owner=_iso(row["owner_id"]), district=_iso(row["district"]), subject=_subject(table, row),
        )  # fmt: skip
    except Forbidden:
        async with city[Database].pool.acquire() as connection:
            if await reading.unseen(connection, city, caller, name, [id_]):
                raise NotFound from None  # who may not see it does not learn that it is there
        raise
    if row["ended_at"] is not None:
        raise Conflict(Text("记录已终止", "The record has ended"))
    if row["version"] != version:
        raise Stale
    return table, row


async def _change(
    city: City, table: Table, caller: Caller, verb: str, row: dict[str, object], changed: tuple[str, ...]
) -> int:
    row = {**row, "updated_at": clock.now().isoformat(), "updated_by": caller.account}
    await writing.write(city, table, writing.Write(verb=verb, caller=caller, row=row, changed=changed))
    version = row["version"]
    assert isinstance(version, int)
    return version + 1


def _checked(table: Table, values: Mapping[str, object], *, partial: bool) -> dict[str, object]:
    if len(values) > _VALUES:
        raise Malformed(Text("字段过多", "Too many fields"))
    draft = check(table, values, partial=partial)
    if draft.problems:
        raise Invalid(None, problems=draft.problems)
    return draft.values


def _validity(table: Table, start: date | None, stop: date | None) -> dict[str, object]:
    if not table.bitemporal:
        if start or stop:
            raise Invalid(
                None,
                problems=(Problem("/valid_from", Text("此表没有有效期", "This table keeps no validity")),),
            )
        return {}
    start = start or clock.now().astimezone(clock.CHINA).date()
    if stop is not None and stop <= start:
        raise Invalid(
            None, problems=(Problem("/valid_to", Text("应晚于生效日期", "Must be after valid_from")),)
        )
    return {"valid_from": start.isoformat(), "valid_to": stop.isoformat() if stop else None}


def _subject(table: Table, values: Mapping[str, object]) -> str | None:
    return _iso(values.get(table.subject)) if table.subject else None


def _iso(value: object) -> str | None:
    return None if value is None else str(value)


@asynccontextmanager
async def taking_in(city: City, caller: Caller, relation_name: str) -> AsyncIterator[None]:
    """A place for a file, for who may import into the table; asked before a byte of it is read.

    Raises TooMany when IMPORTS_AT_ONCE files are in hand.
    """
    access.authorize(city, caller, "records.import", relation_name)
    _table(city, relation_name)
    hands = city[Hands]
    if not hands.free:
        raise TooMany(
            Text("正在导入其他文件，请稍后再试", "Other files are being imported; try again soon"),
            retry_after_s=10,
        )
    hands.free -= 1
    try:
        yield
    finally:
        hands.free += 1


async def import_file(
    city: City, caller: Caller, relation_name: str, payload: bytes, format: Format, *,
    dry_run: bool = False, owner: str | None = None, district: str | None = None,
) -> ImportReport:  # fmt: skip
    """Rows of a file become records: all of them, or none and the report says which are bad and why."""
    access.authorize(city, caller, "records.import", relation_name)
    table = _table(city, relation_name)
    for _ in range(2):
        try:
            rows = files.rows_of(payload, format, table)
            return await importing.run(
                city, caller, table, rows, dry_run=dry_run, owner=owner, district=district
            )
        except importing.Collided:
            continue
    raise Conflict(Text("导入期间有人写入了相同的键", "Somebody wrote the same keys during the import"))


async def export(
    city: City, caller: Caller, relation_name: str, format: Format, *,
    filters: Sequence[Filter] = (), purpose: str | None = None,
) -> bytes:  # fmt: skip
    """Every row that the caller may see, at most EXPORT_ROWS, as a file; masked values stay masked. Audited."""
    rows = reading.source(city, caller, relation_name, purpose=purpose, action="records.export")
    found: list[dict[str, object]] = []
    async for item in reading.every(city, rows, filters):
        own = {} if rows.table is None else {"owner_id": item.owner, "district": item.district}
        found.append({**item.values, **own})
        if len(found) > EXPORT_ROWS:
            raise TooLarge(Text("结果超过一百万行，请加条件", "Over a million rows: add conditions"))
    fields = [f for f in rows.relation.fields if f in rows.fields]
    if rows.table is not None:
        kept = {f.name for f in rows.table.fields} | {"owner_id", "district"}
        fields = [f for f in fields if f.name in kept]
    facts = {"rows": len(found), "format": format.value, "purpose": purpose or caller.purpose}
    async with city[Database].transaction() as connection:
        await access.audit(connection, caller, "records.export", relation_name, facts)
    return await asyncio.to_thread(files.written, found, fields, rows.relation.geometry, format)


def readable(city: City, caller: Caller) -> list[Relation]:
    """The Relations of which the caller may read something."""
    policies = city[Policies]
    return [
        r
        for _, r in sorted(policies.relations.items())
        if access.allowed(city, caller, "records.read", r.name)
    ]


# ---------------------------------------------------------------- away from the network


async def take_along(
    city: City, caller: Caller, parcel: str, device: str, *,
    cursor: str | None = None, district: str | None = None, limit: int = 500,
) -> Taken:  # fmt: skip
    """What a device of the caller does not hold yet of a parcel, and what it holds too much: rows and fields in scope.

    `cursor` is the one of its last answer; without one, or with one that is not known, it begins anew. `district` (a prefix)
    makes it smaller still. Raises NotFound for no such parcel, Invalid where more rows are in scope than a device may hold.
    """
    access.authorize(city, caller, "records.take", "records")
    return await taking.take(city, caller, parcel, device, cursor, district, limit)


async def hand_in(
    city: City, caller: Caller, device: str, changes: Sequence[Mapping[str, Any]]
) -> list[HandedIn]:
    """Do what was done away from the network, in its order; each answers for itself, and the same again does nothing.

    Raises Forbidden for a device that was given up.
    """
    access.authorize(city, caller, "records.hand_in", "records")
    return await handing.hand_in(city, caller, device, changes)


async def conflicts(city: City, caller: Caller, *, everyone: bool = False) -> list[ConflictShown]:
    """What the caller's devices handed in and others said otherwise; `everyone`: of all records the caller may change."""
    access.authorize(city, caller, "records.hand_in", "records")
    return await clashing.conflicts(city, caller, everyone=everyone)


async def decide(
    city: City, caller: Caller, id: str, choice: Literal["mine", "theirs", "value"], *,
    value: Any = None, version: int | None = None,
) -> int | None:  # fmt: skip
    """Say which of two values stands; the record's new version where it changed. Raises NotFound, Conflict, Stale, Invalid."""
    access.authorize(city, caller, "records.hand_in", "records")
    return await clashing.decide(city, caller, id, choice, value, version)


async def devices(city: City, caller: Caller) -> list[DeviceShown]:
    """The caller's devices that took something along."""
    access.authorize(city, caller, "records.take", "records")
    return await taking.devices(city, caller)


async def give_up(city: City, caller: Caller, device: str) -> None:
    """A device of the caller is lost: it is told to forget everything, nothing is taken from it. Raises NotFound."""
    access.authorize(city, caller, "records.take", "records")
    await taking.give_up(city, caller, device)
