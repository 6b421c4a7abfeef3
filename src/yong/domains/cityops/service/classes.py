"""Class sets: declared as a whole, kept as the register of classes and its time limits, one edition after the other."""

from collections.abc import Mapping

import msgspec

from yong.domains.cityops.contracts import ClassSet, ClassSetKept
from yong.domains.cityops.logic.classes import faults_of, limits_of, values_of
from yong.domains.cityops.service.services import CLASS, SET
from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import Conflict, Invalid, NotFound, Problem
from yong.kernel.base.text import Text
from yong.kernel.records import api as records
from yong.kernel.records.contracts import Alter, Begin, Filter, Operator, Record
from yong.kernel.store.database import Database

LIMIT = "cases.limit"
_OTHERS = Text("代码 {code} 属于另一套 {other}", "The code {code} is of another set, {other}")
_WITHDRAWN = Text("代码 {code} 已停用，不再使用", "The code {code} was withdrawn and is not used again")


async def keep(city: City, caller: Caller, name: str, said: ClassSet, *, dry_run: bool) -> ClassSetKept:
    """Have the register of classes hold a set as it is said: all of it, or nothing and everything that is wrong."""
    if faults := faults_of(said):
        raise Invalid(None, problems=tuple(faults[:200]))
    there = await _among(city, caller, CLASS, "code", said.prefix)
    limits = await _among(city, caller, LIMIT, "", "")
    known = await _among(city, caller, SET, "name", name)
    wanted = {str(v["code"]): v for v in (values_of(name, said, line) for line in said.lines)}
    if problems := _against(name, said, there):
        raise Invalid(None, problems=tuple(problems[:200]))
    begin = [Begin(values=v) for code, v in wanted.items() if code not in there]
    alter, ended = [], []
    for code, record in there.items():
        version = record.version or 1
        if code in wanted and _differs(record.values, wanted[code]):
            change = {n: v for n, v in wanted[code].items() if n != "code"}
            alter.append(Alter(id=record.id, version=version, values=change))
        elif code not in wanted and record.values.get("class_set") == name and record.ended_at is None:
            ended.append(Alter(id=record.id, version=version))
    mine = [r for r in limits.values() if r.values.get("class_set") == name and r.ended_at is None]
    wanted_limits = limits_of(name, said)
    new_limits = [w for w in wanted_limits if all(_differs(r.values, w) for r in mine)]
    report = ClassSetKept(
        name=name, edition=said.edition, dry_run=dry_run, created=len(begin), changed=len(alter), ended=len(ended),
        kept=len(wanted) - len(begin) - len(alter), limits=len(new_limits),
    )  # fmt: skip
    if dry_run:
        return report
    over = [
        Alter(id=r.id, version=r.version or 1)
        for r in mine
        if all(_differs(r.values, w) for w in wanted_limits)
    ]
    told = _told(name, said)
    set_begin, set_alter = (
        ([Begin(values=told)], []) if name not in known else ([], [_renewed(known[name], told)])
    )
    async with city[Database].transaction() as connection:
        for relation, first, then, among, seen in (
            (CLASS, begin, [*alter, *ended], said.prefix, there),
            (LIMIT, [Begin(values=v) for v in new_limits], over, "", limits),
            (SET, set_begin, set_alter, name, known),
        ):
            await records.write_together(
                city, caller, connection, relation, begin=first, alter=then, among=among,
                seen={r.id: r.version or 1 for r in seen.values()},
            )  # fmt: skip
        facts = {n: v for n, v in msgspec.to_builtins(report).items() if n not in ("name", "dry_run")}
        await access.audit(connection, caller, "cityops.keep_classes", f"{SET}/{name}", facts)
    return report


async def _among(city: City, caller: Caller, relation: str, key: str, prefix: str) -> dict[str, Record]:
    """The records of a table whose key begins so, ended ones too, by key."""
    filters = (Filter(key, Operator.PREFIX, prefix),) if prefix else ()
    found: dict[str, Record] = {}
    cursor: str | None = None
    while True:
        page = await records.listing(
            city, caller, relation, filters=filters, cursor=cursor, limit=1000, ended=True
        )
        found |= {str(r.values.get(key, r.id)): r for r in page.items}
        cursor = page.cursor
        if cursor is None:
            return found


def _against(name: str, said: ClassSet, there: Mapping[str, Record]) -> list[Problem]:
    """Codes that the register holds otherwise: withdrawn ones, and those of another set."""
    faults = []
    for n, line in enumerate(said.lines):
        record = there.get(said.prefix + line.code)
        if record is None:
            continue
        other = record.values.get("class_set")
        if record.ended_at is not None:
            faults.append(Problem(f"/lines/{n}/code", _WITHDRAWN.filled(code=said.prefix + line.code)))
        elif other not in (None, name):
            faults.append(
                Problem(f"/lines/{n}/code", _OTHERS.filled(code=said.prefix + line.code, other=other))
            )
    return faults


def _differs(known: Mapping[str, object], wanted: Mapping[str, object]) -> bool:
    return any((known.get(name) or None) != (value or None) for name, value in wanted.items())


def _told(name: str, said: ClassSet) -> dict[str, object]:
    """A set as its own register keeps it: everything but its lines."""
    values = {n: v for n, v in msgspec.to_builtins(said).items() if n != "lines"}
    return {"name": name, **values}


def _renewed(record: Record, told: Mapping[str, object]) -> Alter:
    if record.ended_at is not None:
        raise Conflict(_WITHDRAWN, code=record.id)
    return Alter(
        id=record.id, version=record.version or 1, values={n: v for n, v in told.items() if n != "name"}
    )


async def shown(city: City, caller: Caller, name: str) -> ClassSet:
    """A set as it is kept, in the form in which one is said. Raises NotFound."""
    known = (await _among(city, caller, SET, "name", name)).get(name)
    if known is None or known.ended_at is not None:
        raise NotFound
    there = await _among(city, caller, CLASS, "code", str(known.values.get("prefix") or ""))
    limits = await _among(city, caller, LIMIT, "", "")
    prefix = len(str(known.values.get("prefix") or ""))
    lines = []
    for code, record in sorted(there.items()):
        if record.values.get("class_set") != name or record.ended_at is not None:
            continue
        mine = [
            {n: v for n in ("amount", "unit", "grade", "urgent") if (v := r.values.get(n)) is not None}
            for r in limits.values()
            if r.values.get("class_set") == name and r.ended_at is None and r.values["class_prefix"] == code
        ]
        fields = ("title_zh", "title_en", "filing", "closing", "open", "summary_zh", "summary_en", "words")
        told = {n: v for n in fields if (v := record.values.get(n)) is not None}
        lines.append({"code": code[prefix:], **told, "limits": mine})
    head = {n: v for n, v in known.values.items() if n != "name" and v is not None}
    return msgspec.convert({**head, "lines": lines}, ClassSet)
