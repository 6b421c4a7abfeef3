"""Imports: every bad row is found before any row goes in; then all go in, in one transaction."""

from collections.abc import Mapping

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.base import clock
from yong.kernel.base.city import City
from yong.kernel.base.errors import Forbidden, Unauthenticated
from yong.kernel.base.ids import new_id
from yong.kernel.base.relation import Type
from yong.kernel.base.text import Text
from yong.kernel.records.contracts import PROBLEMS_SHOWN, BadRow, ImportReport, Table
from yong.kernel.records.logic import check, relation_of
from yong.kernel.records.service import reading
from yong.kernel.records.service.files import ROW_COLUMNS, Rows
from yong.kernel.records.store import writes
from yong.kernel.store import outbox
from yong.kernel.store.contracts import Event
from yong.kernel.store.database import Connection, Database

_CHUNK = 5000
_TWICE = Text("与第 {n} 行重复", "The same as row {n}")
_THERE = Text("键或唯一值已被占用", "A key or unique value is already taken")


_Scopes = dict[tuple[str | None, str | None, str | None], bool]


class _Found:
    """What an import has found so far."""

    def __init__(self) -> None:
        self.rows: list[dict[str, object]] = []
        self.numbers: list[int] = []
        self.bad: list[BadRow] = []
        self.bad_total = 0
        self.count = 0

    def wrong(self, row: int, column: str, reason: Text) -> None:
        self.bad_total += 1
        if len(self.bad) < PROBLEMS_SHOWN:
            self.bad.append(BadRow(row, column, reason))


async def run(
    city: City,
    caller: Caller,
    table: Table,
    source: Rows,
    *,
    dry_run: bool,
    owner: str | None,
    district: str | None,
) -> ImportReport:
    """Check every row and, unless `dry_run` or any is bad, write them all. The audit has one entry."""
    found = _Found()
    now = clock.now().isoformat()
    ids: dict[str, int] = {}
    scopes: _Scopes = {}
    for number, values in enumerate(source, 1):
        found.count = number
        row = await _row(city, caller, table, values, found, number, now, owner, district, scopes)
        if row is None:
            continue
        first = ids.setdefault(str(row["id"]), number)
        if first != number:
            found.wrong(number, table.key or "id", _TWICE.filled(n=first))
            continue
        found.rows.append(row)
        found.numbers.append(number)
    imported = 0
    async with city[Database].transaction() as connection:
        await _codes(city, connection, caller, table, found)
        if table.key:
            await _taken(connection, table, found)
        if not dry_run and found.bad_total == 0:
            imported = await _write(connection, caller, table, found)
    return ImportReport(
        rows=found.count, imported=imported, dry_run=dry_run, bad_total=found.bad_total, bad=found.bad
    )


async def _row(
    city: City,
    caller: Caller,
    table: Table,
    values: Mapping[str, object],
    found: _Found,
    number: int,
    now: str,
    owner: str | None,
    district: str | None,
    scopes: _Scopes,
) -> dict[str, object] | None:
    named = dict(values)
    whose = [named.pop(c, None) for c in ROW_COLUMNS if c not in {f.name for f in table.fields}] + [
        None,
        None,
    ]
    row_owner = str(whose[0]) if whose[0] else owner or caller.party
    row_district = str(whose[1]) if whose[1] else district
    if table.geometry and "geometry" in named and table.geometry != "geometry":
        named[table.geometry] = named.pop("geometry")
    draft = check(table, named, prefix="")
    for problem in draft.problems:
        found.wrong(number, problem.pointer.lstrip("/"), problem.detail)
    subject = draft.values.get(table.subject) if table.subject else None
    key = (row_owner, row_district, str(subject) if subject is not None else None)
    if key not in scopes:
        try:
            await access.may_touch(
                city, caller, "records.import", relation_of(table),
                owner=key[0], district=key[1], subject=key[2],
            )  # fmt: skip
            scopes[key] = True
        except (Forbidden, Unauthenticated):
            scopes[key] = False
    if not scopes[key]:
        found.wrong(number, "owner_id", Text("不在您的权限范围内", "Outside what you may touch"))
        return None
    if draft.problems:
        return None
    return {
        **draft.values,
        "id": str(draft.values[table.key]) if table.key else new_id(),
        "version": 1,
        "owner_id": row_owner,
        "district": row_district,
        "created_at": now,
        "created_by": caller.account,
        "updated_at": now,
        "updated_by": caller.account,
        **({"valid_from": now[:10], "valid_to": None} if table.bitemporal else {}),
    }


async def _codes(city: City, connection: Connection, caller: Caller, table: Table, found: _Found) -> None:
    """Codes that are not valid and references to nothing that the caller may see, for every row that names one."""
    for field in table.fields:
        if field.type not in (Type.CODE, Type.REFERENCE):
            continue
        used = {str(r[field.name]) for r in found.rows if r.get(field.name) is not None}
        if not used:
            continue
        if field.type is Type.CODE:
            today = clock.now().astimezone(clock.CHINA).date()
            pairs = [(str(field.codes), code) for code in sorted(used)]
            bad = {code for _, code in await writes.bad_codes(connection, pairs, today)}
        else:
            bad = await reading.unseen(connection, city, caller, str(field.refers), sorted(used))
        if not bad:
            continue
        text = Text("不在代码表或引用的资源中", "Not in the code list or the Relation referred to")
        for number, row in zip(found.numbers, found.rows, strict=True):
            if str(row.get(field.name)) in bad:
                found.wrong(number, field.name, text)


async def _taken(connection: Connection, table: Table, found: _Found) -> None:
    for start in range(0, len(found.rows), 50_000):
        part = [str(r["id"]) for r in found.rows[start : start + 50_000]]
        absent = await writes.absent(connection, table.name, "id", part)
        if len(absent) < len(part):
            for number, id_ in zip(found.numbers[start:], part, strict=False):
                if id_ not in absent:
                    found.wrong(number, table.key or "id", _THERE)


async def _write(connection: Connection, caller: Caller, table: Table, found: _Found) -> int:
    done = 0
    for start in range(0, len(found.rows), _CHUNK):
        part = found.rows[start : start + _CHUNK]
        went = await writes.insert(connection, table, part)
        if len(went) < len(part):
            for number, row in zip(found.numbers[start:], part, strict=False):
                if row["id"] not in went:
                    found.wrong(number, table.key or "id", _THERE)
            raise Collided
        done += len(went)
    await access.audit(connection, caller, "records.import", table.name, {"rows": done})
    at = (
        found.rows[0]["updated_at"] if found.rows else None
    )  # of all rows, so that they can be told from others
    await outbox.emit(
        connection,
        Event(type=table.event("sImported"), subject=table.name, data={"rows": done, "at": at}),
    )
    return done


class Collided(Exception):
    """A row's key was taken between the check and the write: the import is rolled back and checked again."""
