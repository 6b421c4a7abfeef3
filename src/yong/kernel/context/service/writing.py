"""What NGSI-LD's operations do, committed: commands that arrive together share one transaction.

A command is a pure function of an entity. The rows are read without locks, the commands are folded over them
in the order they came, and the result is written over the version that was read, with history, the event and
the audit trail in the same transaction. Where somebody else was first, those commands are folded again.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeAlias

import asyncpg
import msgspec
import structlog

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.access.policies import Policies
from yong.kernel.base import clock
from yong.kernel.base.city import City
from yong.kernel.base.errors import Forbidden, Invalid, Malformed, NotFound, Unauthenticated, Unavailable
from yong.kernel.base.text import Text
from yong.kernel.context import store
from yong.kernel.context.contracts import RELATION, TENANT_RELATION
from yong.kernel.context.logic import observation_of
from yong.kernel.context.ngsild.changes import Body, Report, Touched, stamped
from yong.kernel.context.ngsild.ids import shown
from yong.kernel.context.service.telling import Told, renames, tell
from yong.kernel.context.store import Held, Key, Write
from yong.kernel.history import service as history
from yong.kernel.history.contracts import Observation
from yong.kernel.history.logic import TOO_MANY_SERIES
from yong.kernel.store.batches import Batcher
from yong.kernel.store.database import Connection, Database

_log = structlog.get_logger("context")

WRITE = "context.write"
NO_ENTITY = Text("没有对象 {id}", "There is no entity {id}")
_TRIES = 50
_IN_AUDIT = 100
_UNFIT = Text("数据库不接受此内容", "The database does not accept this content")
_BUSY = Text("同时修改的人过多，请稍后再试", "Too many change this at once; try again")
_DATA = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError, ValueError, TypeError, OverflowError)
_AGAIN = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError)

Operation: TypeAlias = Callable[[Body | None], tuple[Body | None, Report]]
"""From an entity (None: there is none) to what it becomes (None: it is deleted). Pure; raises YongError."""


_Permission: TypeAlias = tuple[int, str, str | None, str | None]
"""A caller (by its identity), a tenant, an owner and a district."""


class Command(msgspec.Struct, kw_only=True, gc=False):
    """One change of one entity. `owner` and `district` are of an entity that this makes."""

    caller: Caller
    action: str  # context.<verb>, for the audit trail
    id: str
    operation: Operation
    tenant: str = ""
    owner: str | None = None
    district: str | None = None

    @property
    def key(self) -> Key:
        return self.tenant, self.id


class Written(msgspec.Struct, gc=False):
    """What became of a command."""

    created: bool
    report: Report


class _Fold(msgspec.Struct, gc=False):
    """Commands folded over the rows they are about, ready to be written."""

    writes: dict[Key, Write]
    before: dict[Key, Held | None]
    touched: dict[Key, list[tuple[int, Touched, datetime]]]
    done: dict[int, Written]


class Desk:
    """The single changes under way in this process. A City part."""

    def __init__(self, city: City) -> None:
        async def run(batch: Sequence[Command]) -> Sequence[Written | BaseException]:
            return await commit(city, batch)

        self.queue: Batcher[Command, Written] = Batcher(run, most=200)


async def change(city: City, command: Command) -> Written:
    """Commit one command, together with those that arrive beside it."""
    queue = city[Desk].queue
    if queue.full:
        raise Unavailable
    return await queue.submit(command)


async def commit(city: City, commands: Sequence[Command]) -> list[Written | BaseException]:
    """Commit commands, each answered by what became of it or by its error."""
    answers: list[Written | BaseException | None] = [None] * len(commands)
    pending = list(range(len(commands)))
    for attempt in range(_TRIES):
        if attempt > 3:
            await asyncio.sleep(0.002 * attempt)
        try:
            pending = await _round(city, commands, pending, answers)
        except _AGAIN:
            continue
        except _DATA as error:
            if len(pending) == 1:
                _log.error("the database refused a change", entity=commands[pending[0]].id, exc_info=error)
                answers[pending[0]] = Malformed(_UNFIT)
                pending = []
            else:
                for index in pending:
                    [answers[index]] = await commit(city, [commands[index]])
                pending = []
        if not pending:
            break
    for index in pending:
        answers[index] = Unavailable(_BUSY)
    return [a if a is not None else Unavailable(_BUSY) for a in answers]


async def _round(
    city: City,
    commands: Sequence[Command],
    pending: list[int],
    answers: list[Written | BaseException | None],
) -> list[int]:
    """One attempt; the commands that must be tried again."""
    rows = await store.held(city[Database], {(c.tenant, c.id) for c in map(commands.__getitem__, pending)})
    fold = await _folded(city, commands, pending, rows, answers)
    observations, of = _observations(fold)
    numbers = await history.prepare(city, observations)
    if 0 in numbers:
        over = {of[i][1] for i, number in enumerate(numbers) if number == 0}
        for index in over:
            answers[index] = Invalid(TOO_MANY_SERIES, entity=shown(commands[index].id))
        return [i for i in pending if answers[i] is None]
    mine: Mapping[int, Written] = fold.done
    writes = list(fold.writes.values())
    async with city[Database].transaction() as connection:
        if lost := await store.write(connection, writes) if writes else set():
            kept = [i for i in range(len(observations)) if of[i][0] not in lost]
            observations, numbers = [observations[i] for i in kept], [numbers[i] for i in kept]
            mine = {i: done for i, done in fold.done.items() if commands[i].key not in lost}
            writes = [w for key, w in fold.writes.items() if key not in lost]
        if observations:
            await history.write(city, connection, observations, numbers)
        await _tell(connection, writes)
        await _audit(connection, commands, mine, fold)
    for index, done in mine.items():
        answers[index] = done
    return [i for i in pending if answers[i] is None]


async def _folded(
    city: City,
    commands: Sequence[Command],
    pending: Sequence[int],
    rows: Mapping[Key, Held],
    answers: list[Written | BaseException | None],
) -> _Fold:
    fold = _Fold({}, {}, defaultdict(list), {})
    current: dict[Key, Held | None] = {}
    allowed: dict[_Permission, BaseException | None] = {}
    now = clock.now()
    turns: Counter[Key] = Counter()
    for index in pending:
        command = commands[index]
        key = command.tenant, command.id
        at = now
        if key in current:  # each change of an entity has its own moment
            turns[key] += 1
            at = now + timedelta(microseconds=turns[key])
            held = current[key]
            if held is None and key in rows:
                continue  # deleted just now in this batch: a new one of that id is a matter for the next round
        else:
            held = rows.get(key)
        whose = held or command
        permission = (
            id(command.caller),
            command.tenant,
            whose.owner,
            whose.district,
        )  # the batch holds its callers
        may = permission in allowed and allowed[permission] is None
        try:
            if held is not None and not may:
                await _may(city, command, permission, allowed, existing=True)
            body, report = command.operation(held.body if held else None)
            if held is None and not may:
                await _may(city, command, permission, allowed, existing=False)
        except Exception as error:
            answers[index] = error
            continue
        before = held.body.attributes if held else {}
        attributes, touched = stamped(before, body.attributes if body else {}, at)
        fold.before.setdefault(key, held)
        fold.touched[key] += [(index, t, at) for t in touched]
        after = None if body is None else _after(command, held, body, attributes, touched)
        current[key] = after
        fold.done[index] = Written(held is None and after is not None, report)
        _note(fold, key, after, touched, at)
    return fold


def _after(
    command: Command, held: Held | None, body: Body, attributes: dict[str, Any], touched: Sequence[Touched]
) -> Held:
    moved = held is None or "location" in [t.attribute for t in touched]
    return Held(
        tenant=command.tenant,
        id=command.id,
        body=Body(types=body.types, scopes=body.scopes, attributes=attributes),
        owner=held.owner if held else command.owner,
        district=held.district if held else command.district,
        place=store.place_of(attributes) if moved else held.place if held else None,
        version=held.version if held else None,  # that of the row, through all of a batch
    )


def _note(fold: _Fold, key: Key, after: Held | None, touched: Sequence[Touched], at: datetime) -> None:
    """Keep what is to be written of an entity; made and deleted in one batch, it was never there."""
    before = fold.before[key]
    if before is None and after is None:
        fold.writes.pop(key, None)
        return
    known = fold.writes.get(key)
    names = {t.attribute for t in touched}
    if known is not None:
        names.update(known.changed)
    fold.writes[key] = Write(before=before, after=after, changed=sorted(names), at=at)


async def _may(
    city: City,
    command: Command,
    permission: _Permission,
    known: dict[_Permission, BaseException | None],
    *,
    existing: bool,
) -> None:
    """Raise unless the caller may write an entity of this owner and district; NotFound if it may not be known."""
    if permission not in known:
        _, _, owner, district = permission
        relation = city[Policies].relations[TENANT_RELATION if command.tenant else RELATION]
        try:
            await access.may_touch(city, command.caller, WRITE, relation, owner=owner, district=district)
            known[permission] = None
        except (Forbidden, Unauthenticated) as error:
            known[permission] = error
    refusal = known[permission]
    if refusal is not None:
        if existing and not await _visible(city, command):
            raise NotFound(NO_ENTITY, id=shown(command.id))
        raise refusal


async def _visible(city: City, command: Command) -> bool:
    relation = city[Policies].relations[TENANT_RELATION if command.tenant else RELATION]
    try:
        scope = access.scoped(city, relation, command.caller)
    except (Forbidden, Unauthenticated):
        return False
    place = len(scope.args) + 1
    tenant = f" AND tenant = ${place + 1}::text" if command.tenant else ""
    return bool(
        await city[Database].fetchval(
            f"SELECT EXISTS (SELECT 1 FROM ({scope.sql}) r WHERE id = ${place}::text{tenant})",
            *scope.args,
            command.id,
            *([command.tenant] if command.tenant else []),
        )
    )


def _observations(fold: _Fold) -> tuple[list[Observation], list[tuple[Key, int]]]:
    """What goes to history, and the entity and command that each is of."""
    found: list[Observation] = []
    of: list[tuple[Key, int]] = []
    at = None
    micros = 0
    for key, touched in fold.touched.items():
        for index, one, moment in touched:
            if moment is not at:  # most are of one
                at, micros = moment, clock.micros(moment)
            observation = observation_of(key, one.attribute, one.instance, one.before, micros)
            if observation is not None:
                found.append(observation)
                of.append((key, index))
    return found, of


async def _tell(connection: Connection, writes: Sequence[Write]) -> None:
    changed: dict[str, dict[str, Told]] = defaultdict(dict)
    deleted: dict[str, dict[str, Told]] = defaultdict(dict)
    for one in writes:
        tenant, id_ = one.key
        (changed if one.after else deleted)[tenant][id_] = _told(one)
    await store.make_tenants(connection, changed.keys() - {""})
    for tenant, entities in changed.items():
        await tell(connection, entities, tenant=tenant)
    for tenant, entities in deleted.items():
        await tell(connection, entities, tenant=tenant, deleted=True)


def _told(one: Write) -> Told:
    before, after = one.before, one.after
    last = after or before
    assert last is not None
    had = before.body.attributes if before else {}
    has = after.body.attributes if after else {}
    return Told(
        types=last.body.types,
        changed=one.changed,
        added=[name for name in one.changed if name not in had] if after else (),
        removed=[name for name in one.changed if name not in has] if after else (),
        made=before is None,
        named=before is not None
        and after is not None
        and (before.body.types != after.body.types or renames(one.changed, had, has)),
        owner=last.owner,
        district=last.district,
    )


async def _audit(
    connection: Connection, commands: Sequence[Command], done: Mapping[int, Written], fold: _Fold
) -> None:
    """One entry for what a caller did by one request or, unnamed, in one transaction; names, not values."""
    attributes: dict[int, set[str]] = defaultdict(set)
    for touched in fold.touched.values():
        for index, one, _ in touched:
            attributes[index].add(one.attribute)
    groups: dict[tuple[str, str | None, str, str], list[int]] = defaultdict(list)
    for index in done:
        command = commands[index]
        groups[command.caller.account, command.caller.request, command.action, command.tenant].append(index)
    entries: list[tuple[Caller, str, str, dict[str, Any]]] = []
    for (_, _, action, tenant), indexes in groups.items():
        for start in range(0, len(indexes), _IN_AUDIT):
            part = indexes[start : start + _IN_AUDIT]
            facts: dict[str, Any] = {"entities": {commands[i].id: sorted(attributes[i])[:20] for i in part}}
            if tenant:
                facts["tenant"] = tenant
            resource = f"entity:{commands[part[0]].id}" if len(part) == 1 else f"entities:{len(part)}"
            entries.append((commands[part[0]].caller, action, resource, facts))
    if entries:
        await access.audit_of(connection, entries)
