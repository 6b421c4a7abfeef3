"""The changes that records themselves take: a record made, changed or ended away from the network."""

from collections.abc import Mapping, Sequence

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.base import clock
from yong.kernel.base.city import City
from yong.kernel.base.errors import Conflict, Forbidden, Invalid, Malformed, NotFound, Problem
from yong.kernel.base.text import Text
from yong.kernel.records.contracts import Table
from yong.kernel.records.logic import broken, check, relation_of
from yong.kernel.records.service import reading
from yong.kernel.records.service.writing import Write, in_transaction, new_row
from yong.kernel.records.store import writes
from yong.kernel.records.sync import store
from yong.kernel.records.sync.contracts import (
    ChangedAway,
    Clash,
    Deed,
    EndedAway,
    Keep,
    Made,
    NewAway,
    Outcome,
)
from yong.kernel.records.sync.logic import State, merged
from yong.kernel.store.database import Connection, Database

_READ_ONLY = Text("此资源不能离线修改", "This Relation cannot be changed away from the network")
_NO_VERSION = Text("没有这个版本", "There is no such version")
_KEY = Text("键不可修改", "The key never changes")
_VALUES = 500
_BROKEN = "rule"


def table_of(city: City, name: str) -> Table:
    """A table that can be changed away from the network. Raises NotFound, Conflict."""
    table = reading.known(city, name)[1]
    if table is None or table.bitemporal:
        raise Conflict(_READ_ONLY)
    return table


async def _made(city: City, caller: Caller, made: Made, body: NewAway, keep: Keep) -> Outcome:
    access.authorize(city, caller, "records.create", body.relation)
    table = table_of(city, body.relation)
    kept = _checked(table, body.values, partial=False)
    row = new_row(table, caller, kept, body.owner or caller.party, body.district)
    await may(city, caller, "records.create", table, row)
    async with city[Database].transaction() as connection:
        await written(
            city, connection, table, Write(verb="create", caller=caller, row=row, changed=tuple(kept))
        )
        told: dict[str, object] = {"id": row["id"], "version": 1}
        outcome = Outcome(state="done", told=told, target=f"{table.name}/{row['id']}", version=1)
        await keep(connection, outcome)
    return outcome


async def _changed(city: City, caller: Caller, made: Made, body: ChangedAway, keep: Keep) -> Outcome:
    access.authorize(city, caller, "records.update", body.relation)
    table = table_of(city, body.relation)
    kept = _checked(table, body.values, partial=True)
    if table.key and kept.get(table.key, body.id) != body.id:
        raise Invalid(None, problems=(Problem(f"/values/{table.key}", _KEY),))
    target = f"{table.name}/{body.id}"
    async with city[Database].transaction() as connection:
        states = await _states(city, caller, connection, table, "records.update", body.id, body.version, made)
        fresh = await store.as_kept(connection, table, kept)
        row = (await writes.present(connection, table, [body.id]))[body.id]
        found = merged(states, {name: fresh[name] for name in kept})
        clashes = [_clash(table, body.id, name, kept[name], state) for name, state in found.clash]
        stand = {name: kept[name] for name in found.stand}
        if row["ended_at"] is not None:
            clashes = [_clash(table, body.id, None, kept, states[-1], ended=True)]
            stand = {}
        elif problems := broken(table, {**row, **stand}) if stand else ():
            if len(states) == 1:
                raise Invalid(None, problems=problems)
            why = [
                [p.pointer, p.detail.zh, p.detail.en] for p in problems
            ]  # each was right, together they are not
            clashes += [_clash(table, body.id, n, v, states[-1], **{_BROKEN: why}) for n, v in stand.items()]
            stand = {}
        version = await _apply(city, caller, connection, table, row, stand)
        outcome = Outcome(
            state="conflict" if clashes else "merged" if found.beside else "done", told={"id": body.id, "version": version, "stand": sorted(stand)}, target=target,
            version=version if stand else None, clashes=tuple(clashes),
        )  # fmt: skip
        await keep(connection, outcome)
    return outcome


async def _ended(city: City, caller: Caller, made: Made, body: EndedAway, keep: Keep) -> Outcome:
    access.authorize(city, caller, "records.end", body.relation)
    table = table_of(city, body.relation)
    async with city[Database].transaction() as connection:
        states = await _states(city, caller, connection, table, "records.end", body.id, body.version, made)
        row = (await writes.present(connection, table, [body.id]))[body.id]
        others = [s for s in states[1:] if not s.mine]
        target = f"{table.name}/{body.id}"
        if row["ended_at"] is not None:  # it is as was wanted
            outcome = Outcome(state="done", told={"id": body.id, "version": row["version"]}, target=target)
        elif others:
            clash = _clash(table, body.id, None, None, others[-1])
            told: dict[str, object] = {"id": body.id, "version": row["version"], "stand": []}
            outcome = Outcome(state="conflict", told=told, target=target, clashes=(clash,))
        else:
            now = clock.now().isoformat()
            ended = {**row, "ended_at": now, "updated_at": now, "updated_by": caller.account}
            await written(city, connection, table, Write(verb="end", caller=caller, row=ended, changed=()))
            version = int(str(row["version"])) + 1
            told = {"id": body.id, "version": version}
            outcome = Outcome(state="done", told=told, target=target, version=version)
        await keep(connection, outcome)
    return outcome


async def _states(
    city: City, caller: Caller, connection: Connection, table: Table, action: str, id_: str, version: int, made: Made
) -> Sequence[State]:  # fmt: skip
    """A record from the version on that a device saw. Raises NotFound, Forbidden, Invalid for a version that never was."""
    rows = await store.states(connection, table, id_, version)
    present = (await writes.present(connection, table, [id_])).get(id_)
    if present is None:
        raise NotFound
    try:
        await may(city, caller, action, table, present)
    except Forbidden:
        if await reading.unseen(connection, city, caller, table.name, [id_]):
            raise NotFound from None  # who may not see it does not learn that it is there
        raise
    if not rows or rows[0]["version"] != version or rows[-1]["version"] != present["version"]:
        raise Invalid(None, problems=(Problem("/version", _NO_VERSION),))
    own = await store.own_versions(connection, caller.account, made.device, f"{table.name}/{id_}")
    return [
        State(
            version=row["version"], values=writes.from_json(row["doc"]), by=row["updated_by"],
            at=row["recorded_from"], mine=row["version"] in own,
        )
        for row in rows
    ]  # fmt: skip


async def _apply(
    city: City, caller: Caller, connection: Connection, table: Table, row: Mapping[str, object], stand: Mapping[str, object]
) -> int:  # fmt: skip
    """Write the values that stand; the version that the record then has."""
    version = int(str(row["version"]))
    if not stand:
        return version
    after = {**row, **stand, "updated_at": clock.now().isoformat(), "updated_by": caller.account}
    await may(city, caller, "records.update", table, after)
    await written(
        city, connection, table, Write(verb="update", caller=caller, row=after, changed=tuple(stand))
    )
    return version + 1


def _clash(table: Table, id_: str, field: str | None, mine: object, state: State, **told: object) -> Clash:
    return Clash(
        relation=table.name,
        record=id_,
        field=field,
        mine=mine,
        their_by=state.by,
        their_at=state.at,
        told=dict(told),
    )


async def decided(
    city: City, caller: Caller, connection: Connection, name: str, id_: str, values: Mapping[str, object], version: int
) -> int:  # fmt: skip
    """Write what somebody decided on the version that they saw; the new version. Raises Stale, Invalid, Conflict, NotFound."""
    access.authorize(city, caller, "records.update", name)
    table = table_of(city, name)
    kept = _checked(table, values, partial=True)
    row = (await writes.present(connection, table, [id_])).get(id_)
    if row is None or await reading.unseen(connection, city, caller, name, [id_]):
        raise NotFound
    if row["ended_at"] is not None:
        raise Conflict(Text("记录已终止", "The record has ended"))
    if problems := broken(table, {**row, **kept}):
        raise Invalid(None, problems=problems)
    return await _apply(city, caller, connection, table, {**row, "version": version}, kept)


def _checked(table: Table, values: Mapping[str, object], *, partial: bool) -> dict[str, object]:
    if len(values) > _VALUES:
        raise Malformed(Text("字段过多", "Too many fields"))
    draft = check(table, values, partial=partial)
    if draft.problems:
        raise Invalid(None, problems=draft.problems)
    return draft.values


async def may(city: City, caller: Caller, action: str, table: Table, row: Mapping[str, object]) -> None:
    """Raise unless the caller may do so with a row."""
    subject = row.get(table.subject) if table.subject else None
    owner, district = row["owner_id"], row["district"]
    await access.may_touch(
        city, caller, action, relation_of(table),
        owner=None if owner is None else str(owner), district=None if district is None else str(district),
        subject=None if subject is None else str(subject),
    )  # fmt: skip


async def written(city: City, connection: Connection, table: Table, one: Write) -> None:
    for answer in await in_transaction(city, connection, table, [one]):
        if isinstance(answer, BaseException):
            raise answer


DEEDS = (
    Deed(name="records.create", title=Text("新建记录", "Make a record"), body=NewAway, handler=_made),
    Deed(
        name="records.update", title=Text("修改记录", "Change a record"), body=ChangedAway, handler=_changed
    ),
    Deed(name="records.end", title=Text("终止记录", "End a record"), body=EndedAway, handler=_ended),
)
