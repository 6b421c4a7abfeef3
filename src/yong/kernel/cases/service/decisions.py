"""Decisions on the shelf: put there, made live, asked; those that this process has ready."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import Invalid, NotFound, Problem
from yong.kernel.base.kept import Kept
from yong.kernel.base.text import Text
from yong.kernel.cases import store
from yong.kernel.cases.contracts import (
    DecisionAnswer,
    DecisionFindings,
    DecisionHit,
    DecisionMeeting,
    DecisionRule,
    DecisionShown,
    DecisionTable,
    DecisionVersion,
)
from yong.kernel.cases.decisions.checking import Findings, check
from yong.kernel.cases.decisions.deciding import Answered, answer
from yong.kernel.cases.decisions.model import POLICIES, Decisions
from yong.kernel.cases.decisions.reading import read
from yong.kernel.store.database import Database, Reader

_READY = 200
_NONE = Text("没有这项决策：{name}", "There is no such decision: {name}")
_NO_VERSION = Text("决策 {name} 没有第 {version} 版", "The decision {name} has no version {version}")
_MEET = Text(
    "规则 {first} 和规则 {second} 会同时成立：{at}", "The rules {first} and {second} hold together: {at}"
)


class ReadyDecisions:
    """The versions that this process has ready. A City part; a version never changes."""

    def __init__(self) -> None:
        self.ready: Kept[tuple[str, int], Decisions] = Kept(_READY)


def prepared(dmn: bytes) -> tuple[Decisions, list[Findings]]:
    """Decisions read from their file, held against themselves. Raises Invalid with everything that is in the way."""
    decisions = read(dmn)
    findings = [check(table) for table in decisions.tables]
    problems = [
        Problem(f"/{f.table}", _MEET.filled(first=m.first, second=m.second, at=m.at))
        for f in findings
        for m in f.meetings
    ]
    if problems:
        raise Invalid(None, problems=tuple(problems))
    return decisions, findings


async def shelve(city: City, caller: Caller, dmn: bytes) -> tuple[str, int]:
    """Put decisions on the shelf as a draft; their name and version. The same file again changes nothing."""
    decisions, _ = prepared(dmn)
    digest = hashlib.sha256(dmn).digest()
    title = msgspec.to_builtins(decisions.title)
    async with city[Database].transaction() as connection:
        version = await store.shelve_decision(
            connection, decisions.name, title, dmn.decode(), digest, caller.account
        )
        if version is None:
            newest = await store.decisions(city[Database], decisions.name)
            return decisions.name, newest[0]["version"]
        await access.audit(
            connection,
            caller,
            "cases.shelve",
            f"decision:{decisions.name}/{version}",
            {"sha256": digest.hex()},
        )
    return decisions.name, version


async def make_live(city: City, caller: Caller, name: str, version: int) -> None:
    """From now on every case is decided by this version."""
    async with city[Database].transaction() as connection:
        if not await store.make_live(connection, "decision", name, version):
            raise NotFound(_NO_VERSION, name=name[:100], version=version)
        await access.audit(connection, caller, "cases.make_live", f"decision:{name}/{version}")


async def live_names(city: City) -> Collection[str]:
    """The decisions that have a live version."""
    return {row["name"] for row in await store.decisions(city[Database]) if row["state"] == "live"}


async def ready(city: City, reader: Reader, name: str, version: int | None = None) -> tuple[int, Decisions]:
    """A version, or the live one, ready to be asked. Raises NotFound."""
    kept = city.part(ReadyDecisions).ready
    if version is None:
        version = await store.live_decision(reader, name)
    known = kept.get((name, version)) if version is not None else None
    if version is None or known is None:
        row = await store.decision(reader, name, version) if version is not None else None
        if row is None or version is None:
            raise NotFound(_NONE, name=name[:100])
        known = kept.put((name, version), read(row["dmn"].encode()))
    return version, known


async def decide(city: City, reader: Reader, name: str, data: Mapping[str, Any]) -> tuple[int, Answered]:
    """Ask the live version; its number, the answers, and why. Raises NotFound, Invalid."""
    version, decisions = await ready(city, reader, name)
    return version, answer(decisions, data)


# ---------------------------------------------------------------- as people read them


async def versions(city: City, caller: Caller, name: str | None) -> list[DecisionVersion]:
    rows = await store.decisions(city[Database], name)
    names = await access.names(city, caller, {row["made_by"] for row in rows})
    return [
        DecisionVersion(
            name=row["name"], version=row["version"], title=Text(**row["title"]).in_(caller.language), state=row["state"],
            made_by=names.get(row["made_by"], ""), made_at=row["made_at"], live_at=row["live_at"], sha256=row["sha256"],
        )
        for row in rows
    ]  # fmt: skip


async def shown(city: City, caller: Caller, name: str, version: int | None) -> DecisionShown:
    number, decisions = await ready(city, city[Database], name, version)
    row = await store.decision(city[Database], name, number)
    if row is None:
        raise NotFound(_NONE, name=name[:100])
    return DecisionShown(
        name=name, version=number, title=decisions.title.in_(caller.language), state=row["state"], dmn=row["dmn"],
        asked=list(decisions.asked), tables=tables_of(decisions, caller.language),
        findings=[findings_of(check(table)) for table in decisions.tables],
    )  # fmt: skip


def tables_of(decisions: Decisions, language: Any) -> list[DecisionTable]:
    """The tables as they are read."""
    return [
        DecisionTable(
            id=t.id, title=t.title.in_(language), policy=t.policy.value, policy_title=POLICIES[t.policy].in_(language),
            aggregate=t.aggregate, value=t.value.text if t.value else None, needs=list(t.needs),
            inputs=[(i.label, i.expression.text) for i in t.inputs], outputs=[(o.name, o.label) for o in t.outputs],
            rules=[
                DecisionRule(
                    number=r.number, tests=[x.text for x in r.tests], answers=[a.text for a in r.answers], note=r.note
                )
                for r in t.rules
            ],
        )
        for t in decisions.tables
    ]  # fmt: skip


def findings_of(found: Findings) -> DecisionFindings:
    return DecisionFindings(
        table=found.table, checked=found.checked, gaps=list(found.gaps),
        meetings=[DecisionMeeting(first=m.first, second=m.second, at=m.at) for m in found.meetings],
        unreached=list(found.unreached),
    )  # fmt: skip


async def tried(city: City, name: str, version: int | None, data: Mapping[str, Any]) -> DecisionAnswer:
    """What a version would answer, and why; nothing is kept."""
    number, decisions = await ready(city, city[Database], name, version)
    said = answer(decisions, data)
    return DecisionAnswer(version=number, answers=said.answers, why=hits_of(said))


def hits_of(said: Answered) -> list[DecisionHit]:
    return [DecisionHit(table=h.table, rules=list(h.rules), answers=h.answers) for h in said.why]


def missing(known: Collection[str], wanted: Sequence[tuple[str, str]]) -> list[Problem]:
    """A problem for each element that asks a decision which has no live version."""
    return [
        Problem(f"/{element}", _NONE.filled(name=name[:100])) for element, name in wanted if name not in known
    ]
