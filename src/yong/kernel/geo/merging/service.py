"""The use cases of merging: reading sources, a run in one transaction, undoing one, taking one component apart."""

import asyncio
import math
import time
from collections.abc import Sequence
from typing import Any

import msgspec

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.base import clock
from yong.kernel.base.city import City
from yong.kernel.base.errors import Conflict, Invalid, NotFound, Problem, TooLarge
from yong.kernel.base.ids import new_id
from yong.kernel.base.text import Text
from yong.kernel.geo.merging import store
from yong.kernel.geo.merging.conflation import COMPARISONS, Doubted, Merged, conflate
from yong.kernel.geo.merging.contracts import MOST_POINTS, NewRun, Plan, RecordRef
from yong.kernel.geo.merging.points import Points
from yong.kernel.geo.merging.splitting import apart
from yong.kernel.records import api as records
from yong.kernel.records.matching.contracts import Model
from yong.kernel.store import outbox
from yong.kernel.store.contracts import Event
from yong.kernel.store.database import Connection, Database, Row

_TRIES = 3
_MOVED = Text(
    "运行期间合并方案、文件或判定有改动，请再次运行",
    "The plan, its files or decisions changed during the run: order it again",
)
_HELD = Text(
    "来源 {names} 的坐标系似与所述不符，未作任何改动；核实后改正 datum，或以 despite_shifts 再次运行",
    "The coordinates of {names} seem to be in another system than stated; nothing was changed. Correct datum, or run"
    " again with despite_shifts",
)
_MANY = Text("各来源合计超过 {n} 个点", "The sources have more than {n} points together")
_EMPTY = Text("各来源都没有可用的点", "No source has a point that can be used")


async def sources(city: City, caller: Caller, name: str, plan: Plan) -> list[Points]:
    """The points of every source as the caller may see them."""
    found = []
    total = 0
    for source in plan.sources:
        if source.relation:
            scope = await records.present(city, caller, source.relation)
            relation = records.relation(city, source.relation)
            wanted = {source.columns.name, source.columns.kind, source.columns.district, source.columns.code}
            hidden = sorted(
                (wanted | {relation.geometry}) - {None} - (set(scope.fields) - scope.masked), key=str
            )
            if hidden:
                raise Invalid(
                    Text(
                        "{relation} 的字段不可见或已脱敏：{names}",
                        "Fields of {relation} are hidden or masked: {names}",
                    ),
                    relation=source.relation,
                    names=", ".join(map(str, hidden)),
                )
            rows = await store.of_relation(city[Database], relation, scope, source.columns)
        else:
            rows = await store.points(city[Database], name, source.name)
        total += len(rows)
        if total > MOST_POINTS:
            raise TooLarge(_MANY, n=MOST_POINTS)
        found.append(await asyncio.to_thread(Points, source, rows))
    if not any(map(len, found)):
        raise Invalid(_EMPTY)
    return found


async def merge(city: City, caller: Caller, row: Row) -> None:
    """Do an ordered run: report, and unless it is dry or held change the merged set, in one transaction.

    What was read and computed must still stand when it is written; otherwise it is done again, and in the end refused.
    """
    name, wanted = row["merging"], msgspec.convert(row["wanted"], NewRun)
    for _ in range(_TRIES):
        began = time.perf_counter()
        planned = await store.plan(city[Database], name)
        assert planned is not None
        plan = msgspec.convert(planned["plan"], Plan)
        points = await sources(city, caller, name, plan)
        model = None if wanted.learn else _known(planned["model"])
        standing = await store.standing(city[Database], name)
        decided = await store.decisions(city[Database], name)
        merged = await asyncio.to_thread(
            conflate, points, plan, model=model, standing=standing, decided=decided
        )
        async with city[Database].transaction() as connection:
            held = await store.lock(connection, name)
            assert held is not None
            if (await store.run(connection, row["id"]) or row)["state"] != "waiting":
                return  # another process did it meanwhile
            if held["version"] == planned["version"]:
                await _write(connection, caller, row["id"], held, wanted, plan, points, merged, began)
                return
    raise Conflict(_MOVED)


def _known(model: object) -> Model | None:
    """The weights of the run before, unless this program compares otherwise."""
    if model is None:
        return None
    known = msgspec.convert(model, Model)
    return known if known.comparisons == COMPARISONS else None


async def _write(
    connection: Connection, caller: Caller, run: str, planned: Row, wanted: NewRun, plan: Plan,
    points: Sequence[Points], merged: Merged, began: float,
) -> None:  # fmt: skip
    name = planned["name"]
    fallback = planned["district"]
    components = [
        c if c.district or not fallback else c._replace(district=fallback) for c in merged.components
    ]
    await store.stage(connection, components, merged.links)
    counts = dict(await store.compare(connection, name))
    strayed = [s.source for s in merged.shifts if s.finding == "datum"]
    state, problem = "done", None
    if strayed and not wanted.despite_shifts and not wanted.dry_run:
        state, problem = "held", _HELD.filled(names=", ".join(strayed))
    elif not wanted.dry_run:
        await store.apply(connection, name, run, planned["owner_id"], clock.now())
        # Weights that were presumed for want of pairs are presumed again, or learned, by the next run.
        kept = merged.model if merged.model.rounds else None
        await store.stand_on(connection, name, run, msgspec.to_builtins(kept) if kept else None)
        await store.touched(connection, name)
        await _tell(connection, caller, "geo.merge", name, {"run": run, **counts}, "geo.ComponentsMerged")
    await store.forget_dry_runs(connection, name, run)
    await store.keep_doubts(connection, run, doubts_of(merged.doubts, merged))
    report = _report(points, merged, counts, time.perf_counter() - began)
    await store.finish(
        connection, run, state, report=report, problem=msgspec.to_builtins(problem) if problem else None
    )


async def _tell(
    connection: Connection, caller: Caller, action: str, name: str, facts: dict[str, Any], event: str
) -> None:
    await access.audit(connection, caller, action, f"geo.component/{name}", facts)
    await outbox.emit(connection, Event(type=event, subject=name, data=facts))


def doubts_of(doubts: Sequence[Doubted], merged: Merged) -> list[tuple[str, str, str, str, dict[str, Any]]]:
    """Doubtful pairs as they are kept: the smaller record first, with the evidence in both languages."""
    links = {(link.source, link.record): link for link in merged.links}

    def side(ref: tuple[str, str]) -> dict[str, Any]:
        link = links[ref]
        return {
            "source": link.source, "record": link.record, "lon": link.lon, "lat": link.lat,
            "name": link.name, "class": link.kind,
        }  # fmt: skip

    rows = []
    for d in doubts:
        a, b = sorted((d.a, d.b))
        doubt = {
            "a": side(a), "b": side(b), "distance_m": round(d.distance_m, 3),
            "probability": round(d.probability, 6), "reason": d.reason.value, "prior_bits": d.prior_bits,
            "evidence": [
                {"comparison": p.comparison, "words": msgspec.to_builtins(p.words), "bits": p.bits} for p in d.evidence
            ],
        }  # fmt: skip
        rows.append((*a, *b, doubt))
    return rows


def _report(
    points: Sequence[Points], merged: Merged, counts: dict[str, int], seconds: float
) -> dict[str, Any]:
    """A run's report as it is kept: its words in both languages."""
    weights = [
        {
            "comparison": c.name, "level": n, "words": msgspec.to_builtins(words),
            "m": round(m, 6), "u": round(u, 6), "bits": round(math.log2(m / u), 2),
        }
        for c, levels in zip(merged.model.comparisons, merged.model.levels, strict=True)
        for n, (words, m, u) in enumerate(zip(c.said, levels.m, levels.u, strict=True))
    ]  # fmt: skip
    return {
        "sources": [
            {
                "source": p.plan.name, "points": len(p), "bad_total": p.bad_total,
                "bad": [{"record": record, "reason": msgspec.to_builtins(why)} for record, why in p.bad],
            }
            for p in points
        ],
        "shifts": [msgspec.to_builtins(s) for s in merged.shifts],
        "pairs": merged.pairs,
        "components": len(merged.components),
        "merged": sum(c.records > 1 for c in merged.components),
        **counts,
        "doubtful": len(merged.doubts),
        "learned": merged.learned,
        "share": round(merged.model.share, 6),
        "weights": weights,
        "seconds": round(seconds, 2),
    }  # fmt: skip


async def undo(city: City, caller: Caller, name: str, run: str) -> Row:
    """Put the merged set back to where it was before a run. Raises NotFound; Conflict unless the set stands on it."""
    async with city[Database].transaction() as connection:
        planned = await store.lock(connection, name)
        row = await store.run(connection, run)
        if planned is None or row is None or row["merging"] != name:
            raise NotFound
        if planned["head"] != run:
            raise Conflict(
                Text(
                    "只能撤销合并结果当前所依的运行：{head}",
                    "Only the run that the merged set stands on can be undone: {head}",
                ),
                head=planned["head"] or "-",
            )
        count = await store.restore(connection, name, run)
        if row["kind"] == "split":
            await _take_back(connection, name, row["wanted"])
        await store.touched(connection, name)
        facts = {"run": run, "components": count}
        await _tell(connection, caller, "geo.undo_merge", name, facts, "geo.MergeUndone")
        after = await store.run(connection, run)
    assert after is not None
    return after


async def _take_back(connection: Connection, name: str, wanted: dict[str, Any]) -> None:
    """The decisions that came with a split go with it; those that were there before it are put back."""
    pairs = [(RecordRef(*p[:2]), RecordRef(*p[2:4]), p[4], None) for p in wanted.get("decisions", ())]
    await store.decide(connection, name, str(wanted.get("account", "")), pairs)


async def split(city: City, caller: Caller, name: str, component: str) -> Row:
    """Undo one merge: what the component's last run joined goes apart again, and is remembered as different.

    It is a run of its own, which can be undone. Raises NotFound, Conflict where that run joined nothing.
    """
    id_ = new_id()
    async with city[Database].transaction() as connection:
        planned = await store.lock(connection, name)
        found = await store.component(connection, name, component) if planned else None
        if planned is None or found is None:
            raise NotFound
        members = [dict(r) for r in await store.members(connection, component)]
        befores = await store.before(connection, found["run"], component)
        ids, components, links, pairs = apart(dict(found), members, [dict(b) for b in befores])
        known = {(a, b): same for a, b, same in await store.decisions(connection, name)}
        wanted = {
            "dry_run": False,
            "account": caller.account,
            "decisions": [[a.source, a.record, b.source, b.record, known.get((a, b))] for a, b in pairs],
        }
        roles = [m.role for m in caller.mandates]
        await store.order(connection, id_, name, "split", wanted, caller.account, roles, caller.purpose)
        await store.stage(connection, components, links)
        counts = dict(await store.compare(connection, name, ids))
        await store.apply(connection, name, id_, planned["owner_id"], clock.now())
        await store.decide(connection, name, caller.account, [(a, b, False, None) for a, b in pairs])
        await store.stand_on(connection, name, id_, planned["model"])
        await store.carry_doubts(connection, found_run=planned["head"], to=id_)
        await store.touched(connection, name)
        await _tell(
            connection, caller, "geo.split", name, {"run": id_, "component": component}, "geo.MergeUndone"
        )
        report = {**counts, "components": len(components)}
        await store.finish(connection, id_, "done", report=report)
        row = await store.run(connection, id_)
    assert row is not None
    return row


def faults(plan: Plan) -> list[Problem]:
    """What is wrong with a plan in itself."""
    problems = []
    names = [s.name for s in plan.sources]
    for n, source in enumerate(plan.sources):
        where = f"/sources/{n}"
        if names.index(source.name) != n:
            problems.append(Problem(f"{where}/name", Text("来源重名", "Two sources have this name")))
        columns = source.columns
        if source.relation and (columns.record or columns.lon or columns.lat):
            text = Text("资源自有键和几何，不必说明", "A Relation has its own key and geometry")
            problems.append(Problem(f"{where}/columns", text))
    if plan.doubtful >= plan.match:
        problems.append(Problem("/doubtful", Text("应小于 match", "Must be below match")))
    if len(plan.classes) > 2000:
        problems.append(Problem("/classes", Text("超过 2000 项", "There are more than 2,000")))
    return problems
