"""Merging component coordinates, for callers who keep geography."""

import asyncio
import base64
import binascii
from collections.abc import Sequence
from typing import Any

import msgspec

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import Conflict, Forbidden, Invalid, NotFound, Problem, YongError
from yong.kernel.base.ids import new_id
from yong.kernel.base.relation import Level, Personal
from yong.kernel.base.text import Language, Text
from yong.kernel.geo import datums
from yong.kernel.geo.merging import service, store
from yong.kernel.geo.merging.contracts import (
    Decided,
    Decision,
    DoubtfulPair,
    DoubtPage,
    Merging,
    NewRun,
    Plan,
    Received,
    RecordRef,
    Report,
    Run,
    SourcePlan,
    Verdict,
)
from yong.kernel.geo.merging.points import rows_of
from yong.kernel.records import api as records
from yong.kernel.records.contracts import Format
from yong.kernel.store import jobs
from yong.kernel.store.database import Database, Row

_MERGE, _COMPONENT = "geo.merge", "geo.component"
_WAITING = 5  # runs of one merging
_NONE = Text("没有合并 {name}", "There is no merging {name}")


async def keep_merging(city: City, caller: Caller, name: str, plan: Plan) -> Merging:
    """Make a merging or change its plan. Raises Invalid with everything that is wrong with the plan."""
    access.authorize(city, caller, _MERGE, _COMPONENT)
    problems = service.faults(plan)
    for n, source in enumerate(plan.sources):
        problems += _source_faults(city, caller, source, f"/sources/{n}")
    if problems:
        raise Invalid(None, problems=tuple(problems))
    owner = plan.owner or caller.party
    await _may(city, caller, owner, plan.district)
    async with city[Database].transaction() as connection:
        old = await store.lock(connection, name)
        if old:
            await _may(city, caller, old["owner_id"], old["district"])
        row = await store.keep_plan(connection, name, msgspec.to_builtins(plan), owner, plan.district)
        await store.drop_points(connection, name, [s.name for s in plan.sources if not s.relation])
        await access.audit(
            connection, caller, "geo.keep_merging", f"{_COMPONENT}/{name}", {"sources": len(plan.sources)}
        )
    return _merging(row)


def _source_faults(city: City, caller: Caller, source: SourcePlan, where: str) -> list[Problem]:
    """A datum that nobody knows; a Relation that the caller may not read, without positions, or with fields too
    delicate for a set that is general and about nobody.
    """
    found = []
    try:
        datums.named(source.datum)
    except Invalid as error:
        found.append(Problem(f"{where}/datum", error.detail))
    if source.relation is None:
        return found
    try:
        relation = records.relation(city, source.relation)
        access.authorize(city, caller, "records.read", source.relation)
    except YongError as error:
        return [*found, Problem(f"{where}/relation", error.detail)]
    if relation.geometry is None:
        found.append(Problem(f"{where}/relation", Text("此资源没有几何", "This Relation has no geometry")))
    columns = source.columns
    names = {"name": columns.name, "class": columns.kind, "district": columns.district, "code": columns.code}
    for what, column in [*names.items(), ("geometry", relation.geometry)]:
        if column is None:
            continue
        field = relation.field(column)
        pointer = f"{where}/columns/{what}"
        if field is None:
            found.append(Problem(pointer, Text("没有字段 {c}", "There is no field {c}").filled(c=column)))
        elif field.personal is not Personal.NO or field.level is not Level.GENERAL:
            text = Text(
                "字段 {c} 涉及个人信息或重要数据，不可合并",
                "Field {c} is personal or important: it cannot be merged",
            )
            found.append(Problem(pointer, text.filled(c=column)))
    return found


async def mergings(city: City, caller: Caller) -> list[Merging]:
    """The mergings that the caller may work on, by name."""
    access.authorize(city, caller, _MERGE, _COMPONENT)
    found = []
    for row in await store.plans(city[Database]):
        try:
            await _may(city, caller, row["owner_id"], row["district"])
        except Forbidden:
            continue
        found.append(_merging(row))
    return found


async def merging(city: City, caller: Caller, name: str) -> Merging:
    """One merging with its plan. Raises NotFound."""
    return _merging(await _plan(city, caller, name))


async def receive_points(
    city: City, caller: Caller, name: str, source: str, payload: bytes, format: Format
) -> Received:
    """The points of a source that is a file, in place of those it had: all of them, or none.

    Raises NotFound, Invalid with the rows that are wrong, Malformed, TooLarge.
    """
    row = await _plan(city, caller, name)
    plan = next((s for s in msgspec.convert(row["plan"], Plan).sources if s.name == source), None)
    if plan is None:
        raise NotFound(Text("没有来源 {source}", "There is no source {source}"), source=source)
    if plan.relation:
        raise Conflict(Text("此来源是资源，不接收文件", "This source is a Relation: it takes no file"))
    rows = await asyncio.to_thread(rows_of, payload, format, plan)
    async with city[Database].transaction() as connection:
        held = await store.lock(connection, name)
        if held is None or held["plan"] != row["plan"]:
            raise Conflict(Text("合并方案已改动，请重试", "The plan changed meanwhile: try again"))
        await store.replace_points(connection, name, source, rows)
        version = await store.touched(connection, name)
        facts = {"source": source, "points": len(rows)}
        await access.audit(connection, caller, "geo.receive_points", f"{_COMPONENT}/{name}", facts)
    return Received(source=source, points=len(rows), version=version)


async def order_merge(city: City, caller: Caller, name: str, wanted: NewRun) -> Run:
    """Order a run; a background job does it. Raises NotFound, Conflict while too many wait."""
    await _plan(city, caller, name)
    id_ = new_id()
    async with city[Database].transaction() as connection:
        await store.lock(connection, name)
        if await store.waiting(connection, name) >= _WAITING:
            raise Conflict(Text("已有 {n} 次运行在等待", "{n} runs are waiting already"), n=_WAITING)
        roles = [m.role for m in caller.mandates]
        await store.order(
            connection, id_, name, "merge", msgspec.to_builtins(wanted), caller.account, roles, caller.purpose
        )
        await access.audit(
            connection,
            caller,
            "geo.order_merge",
            f"{_COMPONENT}/{name}",
            {"run": id_, "dry_run": wanted.dry_run},
        )
        row = await store.run(connection, id_)
        await jobs.defer(connection, "geo.merge", run=id_)
    assert row is not None
    return _run(row, caller.language)


async def perform_merge(city: City, caller: Caller, run: str) -> None:
    """Do an ordered run, under the authority of whoever ordered it as it stands now; once.

    What is wrong with plan or sources is kept with the run, which then failed; anything else is raised.
    """
    access.authorize(city, caller, _MERGE, "geo")
    row = await store.run(city[Database], run)
    if row is None or row["state"] != "waiting":
        return
    try:
        by = await _orderer(city, row)
        planned = await _plan(city, by, row["merging"])
        for n, source in enumerate(msgspec.convert(planned["plan"], Plan).sources):
            problems = _source_faults(city, by, source, f"/sources/{n}")
            if problems:
                raise Invalid(problems[0].detail, problems=tuple(problems))
        await service.merge(city, by, row)
    except YongError as error:
        async with city[Database].transaction() as connection:
            await store.finish(connection, run, "failed", problem=msgspec.to_builtins(error.detail))


async def _orderer(city: City, row: Row) -> Caller:
    if row["account"] == "module:geo":
        return access.system_caller("geo")
    by = await access.standing(city, row["account"], tuple(row["roles"]), purpose=row["purpose"])
    if by is None:
        raise Forbidden(Text("下达运行的账户已停用", "The account that ordered the run is no more"))
    return by


async def merge_runs(city: City, caller: Caller, name: str) -> list[Run]:
    """The last hundred runs of a merging, newest first. Raises NotFound."""
    await _plan(city, caller, name)
    return [_run(r, caller.language) for r in await store.runs(city[Database], name)]


async def merge_run(city: City, caller: Caller, name: str, run: str) -> Run:
    """A run with its report. Raises NotFound."""
    await _plan(city, caller, name)
    row = await store.run(city[Database], run[:100].replace("\0", ""))
    if row is None or row["merging"] != name:
        raise NotFound
    return _run(row, caller.language)


async def undo_merge(city: City, caller: Caller, name: str, run: str) -> Run:
    """Put the merged set back to what it was before a run. Raises NotFound; Conflict unless the set stands on it."""
    await _plan(city, caller, name)
    return _run(await service.undo(city, caller, name, run[:100].replace("\0", "")), caller.language)


async def split_component(city: City, caller: Caller, name: str, component: str) -> Run:
    """Undo one merge: what the component's last run joined goes apart and is remembered as different.

    Raises NotFound; Conflict where that run joined nothing in it.
    """
    await _plan(city, caller, name)
    return _run(await service.split(city, caller, name, component[:100].replace("\0", "")), caller.language)


async def doubts(
    city: City,
    caller: Caller,
    name: str,
    *,
    run: str | None = None,
    cursor: str | None = None,
    limit: int = 100,
) -> DoubtPage:
    """Doubtful pairs that nobody decided, by falling probability: of the run that the set stands on, or of `run`."""
    row = await _plan(city, caller, name)
    if not 1 <= limit <= 1000:
        raise Invalid(
            None, problems=(Problem("/limit", Text("应在 1 与 1000 之间", "Must lie between 1 and 1000")),)
        )
    if run is not None:
        run = (await merge_run(city, caller, name, run)).id
    run = run or row["head"]
    if run is None:
        return DoubtPage(run=None, items=[])
    found = await store.doubts(city[Database], name, run, _after(run, cursor), limit)
    more = len(found) > limit
    items = [_doubt(r["doubt"], caller.language) for r in found[:limit]]
    return DoubtPage(run=run, items=items, cursor=_cursor(run, found[limit - 1]["number"]) if more else None)


def _cursor(run: str, number: int) -> str:
    return base64.urlsafe_b64encode(f"{run} {number}".encode()).decode()


def _after(run: str, cursor: str | None) -> int:
    if cursor is None:
        return -1
    try:
        theirs, number = base64.urlsafe_b64decode(cursor[:400]).decode().split(" ")
        if theirs == run and 0 <= int(number) < 2**31:
            return int(number)
    except (ValueError, binascii.Error):
        pass
    raise Invalid(None, problems=(Problem("/cursor", Text("游标无效", "The cursor is not valid")),))


async def decide(city: City, caller: Caller, name: str, said: Sequence[Decision]) -> Decided:
    """Take down what a person decided of pairs of records; later runs obey. All of them, or none.

    Raises NotFound; Invalid for a pair of one record, a pair twice, or a record that no source has.
    """
    row = await _plan(city, caller, name)
    names = {s.name for s in msgspec.convert(row["plan"], Plan).sources}
    problems = []
    rows: dict[tuple[RecordRef, RecordRef], tuple[bool | None, str | None]] = {}
    for n, one in enumerate(said):
        where = f"/decisions/{n}"
        pair = (min(one.a, one.b), max(one.a, one.b))
        if one.a == one.b:
            problems.append(Problem(where, Text("同一条记录", "Both are one record")))
        elif pair in rows:
            problems.append(Problem(where, Text("这一对出现了两次", "This pair is there twice")))
        problems += [
            Problem(f"{where}/{side}/source", Text("没有这个来源", "There is no such source"))
            for side, ref in (("a", one.a), ("b", one.b))
            if ref.source not in names
        ]
        problems += [
            Problem(f"{where}/{side}/record", Text("含有空字符", "There is a null character"))
            for side, ref in (("a", one.a), ("b", one.b))
            if "\0" in ref.record
        ]
        rows[pair] = (None if one.verdict is Verdict.OPEN else one.verdict is Verdict.SAME, one.note)
    if problems:
        raise Invalid(None, problems=tuple(problems[:100]))
    async with city[Database].transaction() as connection:
        await store.lock(connection, name)
        await store.decide(
            connection, name, caller.account, [(a, b, same, note) for (a, b), (same, note) in rows.items()]
        )
        version = await store.touched(connection, name)
        facts = {
            "decisions": [[*_flat(d.a), *_flat(d.b), d.verdict.value] for d in said[:50]],
            "count": len(said),
        }
        await access.audit(connection, caller, "geo.decide", f"{_COMPONENT}/{name}", facts)
    return Decided(decided=len(rows), version=version)


def _flat(ref: RecordRef) -> tuple[str, str]:
    return ref.source, ref.record


async def _plan(city: City, caller: Caller, name: str) -> Row:
    """A merging's row, if it lies within what the caller may merge."""
    access.authorize(city, caller, _MERGE, _COMPONENT)
    row = await store.plan(city[Database], name[:100].replace("\0", ""))
    if row is None:
        raise NotFound(_NONE, name=name[:100])
    await _may(city, caller, row["owner_id"], row["district"])
    return row


async def _may(city: City, caller: Caller, owner: str | None, district: str | None) -> None:
    relation = records.relation(city, _COMPONENT)
    await access.may_touch(city, caller, _MERGE, relation, owner=owner, district=district)


def _merging(row: Row) -> Merging:
    return Merging(
        name=row["name"], plan=msgspec.convert(row["plan"], Plan), version=row["version"], head=row["head"],
        created_at=row["created_at"], updated_at=row["updated_at"],
    )  # fmt: skip


def _run(row: Row, language: Language) -> Run:
    return Run(
        id=row["id"], merging=row["merging"], kind=row["kind"], state=row["state"],
        dry_run=bool(row["wanted"].get("dry_run")), ordered_at=row["ordered_at"], finished_at=row["finished_at"],
        report=None if row["report"] is None else msgspec.convert(_in(row["report"], language), Report),
        problem=None if row["problem"] is None else row["problem"][language],
    )  # fmt: skip


def _doubt(kept: Any, language: Language) -> DoubtfulPair:
    return msgspec.convert(_in(kept, language), DoubtfulPair)


def _in(kept: Any, language: Language) -> Any:
    """What is kept in both languages, in one."""
    if isinstance(kept, dict):
        if kept.keys() == {"zh", "en"}:
            return kept[language]
        return {k: _in(v, language) for k, v in kept.items()}
    return [_in(v, language) for v in kept] if isinstance(kept, list) else kept
