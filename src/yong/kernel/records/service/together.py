"""Many writes to one table that belong together: all of them, or none, over what the writer saw."""

from collections.abc import Mapping, Sequence

import asyncpg
import msgspec

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.base import clock
from yong.kernel.base.city import City
from yong.kernel.base.errors import Conflict, Forbidden, Invalid, NotFound, Stale, Unavailable
from yong.kernel.base.text import Text
from yong.kernel.records.contracts import Alter, Begin, Table
from yong.kernel.records.logic import broken, check, relation_of
from yong.kernel.records.service import reading
from yong.kernel.records.service.writing import Write, in_transaction, new_row
from yong.kernel.records.store import writes
from yong.kernel.store.database import Connection

_ENDED = Text("记录已终止：{id}", "The record has ended: {id}")
_UNSEEN = Text("其中有您无权查看的记录", "Among them are records that you may not see")


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What to write, and what must still be so."""

    begin: Sequence[Begin]
    alter: Sequence[Alter]
    among: str
    seen: Mapping[str, int]
    relying: Sequence[tuple[str, str, int]]


async def write(
    city: City, caller: Caller, connection: Connection, table: Table, plan: Plan
) -> dict[str, int]:
    """Write a plan; id and version of what is then among it."""
    assert not table.bitemporal
    await _unchanged(city, caller, connection, table, plan)
    rows = await writes.present(connection, table, [a.id for a in plan.alter])
    changed = [await _altered(city, caller, table, one, rows) for one in plan.alter]
    created = [await _begun(city, caller, table, one) for one in plan.begin]
    for batch in (
        [w for w in changed if w.verb == "end"],
        [w for w in changed if w.verb == "update"],
        created,
    ):
        if not batch:
            continue
        for answer in await in_transaction(city, connection, table, batch):
            if isinstance(answer, BaseException):
                raise answer
    return {
        **plan.seen,
        **{a.id: a.version + 1 for a in plan.alter},
        **{w.id: 1 for w in created},
    }


async def _unchanged(city: City, caller: Caller, connection: Connection, table: Table, plan: Plan) -> None:
    """Keep other writers out until the transaction ends, and look whether everything is as it was seen."""
    try:
        await writes.keep_to_oneself(connection, table)
    except asyncpg.LockNotAvailableError:
        raise Unavailable from None
    found = await writes.versions(connection, table, plan.among)
    if found != plan.seen:
        fresh = sorted(found.keys() - plan.seen.keys())
        if await reading.unseen(connection, city, caller, table.name, fresh):
            raise Forbidden(_UNSEEN)
        raise Stale
    for relation, id_, version in plan.relying:
        other = reading.known(city, relation)[1]
        assert other is not None
        if await writes.version_held(connection, other, id_) != version:
            raise Stale


async def _altered(
    city: City, caller: Caller, table: Table, one: Alter, rows: Mapping[str, dict[str, object]]
) -> Write:
    row = rows.get(one.id)
    if row is None:
        raise NotFound
    if row["ended_at"] is not None:
        raise Conflict(_ENDED, id=one.id)
    if row["version"] != one.version:
        raise Stale
    verb = "end" if one.values is None else "update"
    draft = check(table, one.values or {}, partial=True)
    after = {**row, **draft.values}
    problems = draft.problems or tuple(broken(table, after) if one.values else ())
    if problems:
        raise Invalid(None, problems=problems)
    await _may(city, caller, f"records.{verb}", table, after)
    now = clock.now().isoformat()
    ended = {"ended_at": now} if verb == "end" else {}
    return Write(
        verb=verb,
        caller=caller,
        row={**after, **ended, "updated_at": now, "updated_by": caller.account},
        changed=tuple(draft.values),
    )


async def _begun(city: City, caller: Caller, table: Table, one: Begin) -> Write:
    draft = check(table, one.values, partial=False)
    if draft.problems:
        raise Invalid(None, problems=draft.problems)
    row = new_row(table, caller, draft.values, one.owner or caller.party, one.district)
    await _may(city, caller, "records.create", table, row)
    return Write(verb="create", caller=caller, row=row, changed=tuple(draft.values))


async def _may(city: City, caller: Caller, action: str, table: Table, row: Mapping[str, object]) -> None:
    owner, district = row["owner_id"], row["district"]
    subject = row.get(table.subject) if table.subject else None
    await access.may_touch(
        city, caller, action, relation_of(table),
        owner=None if owner is None else str(owner),
        district=None if district is None else str(district),
        subject=None if subject is None else str(subject),
    )  # fmt: skip
