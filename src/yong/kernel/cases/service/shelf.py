"""Procedures on the shelf, and those that this process has ready."""

import hashlib
from collections.abc import Sequence
from importlib import resources
from typing import Any

import msgspec

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller, Role
from yong.kernel.base.city import City
from yong.kernel.base.errors import Invalid, NotFound, Problem
from yong.kernel.base.kept import Kept
from yong.kernel.base.text import Text
from yong.kernel.cases import store
from yong.kernel.cases.contracts import Operation, Procedure, Sheet
from yong.kernel.cases.procedures.machine import Machine
from yong.kernel.cases.procedures.model import Model
from yong.kernel.cases.procedures.reading import read
from yong.kernel.cases.procedures.runnable import obstacles
from yong.kernel.cases.procedures.sheet import sheet_of
from yong.kernel.cases.service import decisions
from yong.kernel.store.database import Database, Row

_READY = 200
_NONE = Text("没有这个流程：{name}", "There is no such procedure: {name}")
_NO_VERSION = Text("流程 {name} 没有第 {version} 版", "The procedure {name} has no version {version}")
_NO_ROLE = Text("没有岗位 {role}", "There is no role {role}")
_NO_OPERATION = Text("没有操作 {name}", "There is no operation {name}")
_DIFFERS = Text(
    "文件里的流程是 {name}，与模块声明的不同",
    "The procedure in the file is {name}, not what its module declares",
)


class Shelved(msgspec.Struct, frozen=True):
    """A version of a procedure that is ready to be walked."""

    name: str
    version: int
    sheet: Sheet
    model: Model
    machine: Machine
    places: frozenset[str]  # where a case may stand alone


class Shelf:
    """The versions that this process has ready. A City part; a version never changes."""

    def __init__(self) -> None:
        self.ready: Kept[tuple[str, int], Shelved] = Kept(_READY)


async def prepared(city: City, bpmn: bytes) -> tuple[Sheet, Model, Machine]:
    """A procedure read from its file. Raises Invalid with everything that keeps it from being run here."""
    model = read(bpmn)
    if problems := [Problem(f"/{o.element or ''}", o.reason) for o in obstacles(model)]:
        raise Invalid(None, problems=tuple(problems))
    sheet = sheet_of(bpmn)
    await _known(city, sheet)
    return sheet, model, _machine(bpmn, sheet)


def _machine(bpmn: bytes, sheet: Sheet) -> Machine:
    return Machine(
        bpmn,
        sheet.name,
        outcomes={e: [c.name for c in p.choices] for e, p in sheet.places.items() if p.choices},
        automatic=[e for e, p in sheet.places.items() if p.operation or p.decision],
    )


async def _known(city: City, sheet: Sheet) -> None:
    """Raise Invalid where a procedure names a role or an operation that no module declares, or a decision that is not live."""
    roles = {role.name for _, role in city.registry.of(Role)}
    operations = {operation.name for _, operation in city.registry.of(Operation)}
    asked = [(p.element, p.decision) for p in sheet.places.values() if p.decision]
    problems = decisions.missing(await decisions.live_names(city), asked) if asked else []
    for place in sheet.places.values():
        if place.desk and place.desk.role not in roles:
            problems.append(Problem(f"/{place.element}", _NO_ROLE.filled(role=place.desk.role[:100])))
        if place.operation and place.operation not in operations:
            problems.append(Problem(f"/{place.element}", _NO_OPERATION.filled(name=place.operation[:100])))
    if problems:
        raise Invalid(None, problems=tuple(problems))


async def shelve(city: City, caller: Caller, bpmn: bytes) -> tuple[str, int]:
    """Put a procedure on the shelf as a draft; its name and version. The same file again changes nothing."""
    sheet, _, machine = await prepared(city, bpmn)
    places = machine.compile()
    digest = hashlib.sha256(bpmn).digest()
    title = msgspec.to_builtins(sheet.title)
    async with city[Database].transaction() as connection:
        version = await store.shelve(
            connection, sheet.name, title, bpmn.decode(), digest, places, caller.account
        )
        if version is None:
            newest = await store.procedures(city[Database], sheet.name)
            return sheet.name, newest[0]["version"]
        await access.audit(
            connection, caller, "cases.shelve", f"procedure:{sheet.name}/{version}", {"sha256": digest.hex()}
        )
    return sheet.name, version


async def make_live(city: City, caller: Caller, name: str, version: int) -> None:
    """From now on new cases go by this version. Those that run stay on theirs."""
    async with city[Database].transaction() as connection:
        if not await store.make_live(connection, "procedure", name, version):
            raise NotFound(_NO_VERSION, name=name[:100], version=version)
        await access.audit(connection, caller, "cases.make_live", f"procedure:{name}/{version}")


async def shelve_declared(city: City, caller: Caller) -> list[str]:
    """Put what the modules declare on the shelf and make it live, where its file is new; the names of those."""
    done = []
    for module, declared in city.registry.of(Procedure):
        bpmn = resources.files(module.package).joinpath(declared.file).read_bytes()
        digest = hashlib.sha256(bpmn).hexdigest()
        known = await store.procedures(city[Database], declared.name)
        if any(row["sha256"] == digest for row in known):
            continue  # a city may have gone on to a version of its own
        name, version = await shelve(city, caller, bpmn)
        if name != declared.name:
            raise Invalid(_DIFFERS, name=name)
        await make_live(city, caller, name, version)
        done.append(name)
    return done


async def ready(city: City, name: str, version: int | None = None) -> Shelved:
    """A version, or the live one, ready to be walked. Raises NotFound."""
    shelf = city.part(Shelf)
    if version is not None and (known := shelf.ready.get((name, version))):
        return known
    row = await store.procedure(city[Database], name, version)
    if row is None:
        raise NotFound(_NONE, name=name[:100])
    key = (name, row["version"])
    return shelf.ready.get(key) or shelf.ready.put(key, _shelved(row))


async def fresh(city: City, name: str, version: int | None = None) -> Shelved:
    """A version, or the live one, with a machine of its own: for whoever walks it beside the loop. Raises NotFound."""
    row = await store.procedure(city[Database], name, version)
    if row is None:
        raise NotFound(_NONE, name=name[:100])
    return _shelved(row)


def _shelved(row: Row) -> Shelved:
    bpmn = row["bpmn"].encode()
    model = read(bpmn)
    sheet = sheet_of(bpmn)
    return Shelved(row["name"], row["version"], sheet, model, _machine(bpmn, sheet), frozenset(row["places"]))


async def versions(city: City, name: str | None = None) -> Sequence[dict[str, Any]]:
    return [dict(row) for row in await store.procedures(city[Database], name)]
