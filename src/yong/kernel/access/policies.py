"""Cedar policies of an install, loaded once and asked in memory; what no policy permits is denied.

Principal is a role (`Role::"environment.operator"`), resource a Relation within its module or a module
(`Relation::"environment.station"` in `Module::"environment"`). The context has the purpose, the factors, the
class of data asked for — `personal` (no, personal, sensitive) and `level` (general, important) — and how far
the mandate reaches: `scoped` (not the whole city) and `own` (rows about the caller alone).

Cedar skips a policy whose evaluation fails, which would make a misspelt `forbid` permit. So every policy is
checked against a schema made from the modules before it counts.
"""

import json
from collections.abc import Iterable
from functools import lru_cache
from importlib import resources
from typing import Any

import cedarpy
import msgspec

from yong.kernel.access.contracts import Purpose, Role
from yong.kernel.base import units
from yong.kernel.base.city import City
from yong.kernel.base.errors import Invalid, Problem, Refused
from yong.kernel.base.module import Permission, Registry
from yong.kernel.base.relation import Level, Relation
from yong.kernel.base.text import Text
from yong.kernel.store.database import Database

GENERIC = (
    Permission("records.read", Text("读取", "Read")),
    Permission("records.read_masked", Text("读取脱敏值", "Read masked values")),
    Permission("records.create", Text("新建", "Create")),
    Permission("records.update", Text("修改", "Change")),
    Permission("records.end", Text("终止", "End")),
    Permission("records.import", Text("导入", "Import")),
    Permission("records.export", Text("导出", "Export")),
)
_LIMIT = 200_000  # decisions kept; far more than roles × actions × Relations × classes


class Question(msgspec.Struct, frozen=True):
    """What a policy is asked about a role. `target` is a Relation's name, or a module's (without a dot)."""

    role: str
    action: str
    target: str
    purpose: str | None = None
    personal: str = "no"
    level: str = "general"
    scoped: bool = False
    own: bool = False
    factors: frozenset[str] = frozenset()


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """A policy that decided: its id (`@id`, else `<source>#<number>`), its words and its Cedar text."""

    id: str
    effect: str  # permit, forbid
    source: str  # the module that ships it, or `stored:<name>`
    meaning: Text | None


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """A policy in force, as Cedar writes it; `version` of a stored one, null for a module's own."""

    id: str
    effect: str  # permit, forbid
    source: str  # the module that ships it, or `stored:<name>`
    meaning: Text | None
    cedar: str
    version: int | None = None


class Policies:
    """All policies in force. `version` changes with them, so that what was compiled from them is dropped."""

    def __init__(self, registry: Registry, stored: dict[str, str] | None = None) -> None:
        self.registry = registry
        self.roles = {role.name: role for _, role in registry.of(Role)}
        self.purposes = {purpose.name: purpose for _, purpose in registry.of(Purpose)}
        self.relations: dict[str, Relation] = {}
        for _, relation in registry.of(Relation):
            self.add(relation)
        self.actions = {p.name for p in GENERIC} | {p.name for m in registry.modules for p in m.permissions}
        self.principals = frozenset(
            self.roles.keys() | {f"{m.name}.system" for m in registry.modules} | {"app.system"}
        )
        self.shipped = _shipped(registry)
        self.stored: dict[str, str] | None = None
        self.version = 0
        for source, cedar in self.shipped.items():
            try:
                self.check(cedar)
            except Invalid as error:
                raise Refused(
                    Text("模块 {m} 的策略无效：{why}", "The policies of {m} are not valid: {why}"),
                    m=source,
                    why="; ".join(p.detail.en for p in error.problems),
                ) from None
        self.use(stored or {})

    def add(self, relation: Relation) -> None:
        """Make a derived Relation known (record tables bring theirs). Raises Refused for 核心 data and unknown units."""
        _refuse_core((relation,))
        for field in relation.fields:
            units.declared(f"{relation.name}.{field.name}", field.unit)
        self.relations[relation.name] = relation

    def check(self, cedar: str) -> None:
        """Raise Invalid unless the text parses, fits the schema, has no templates and names known roles."""
        if found := _faults(cedar, frozenset(self.actions), self.principals):
            raise Invalid(
                Text("策略不符合模式", "The policy does not fit the schema"),
                problems=tuple(
                    Problem("/cedar", Text(f"策略有误：{why}", why)) for why in (w[:500] for w in found[:20])
                ),
            )

    def use(self, stored: dict[str, str]) -> None:
        """Put policies into force: the modules' own and the stored ones, by name. Raises Invalid."""
        if stored == self.stored:
            return
        sources = {**self.shipped, **{f"stored:{name}": cedar for name, cedar in stored.items()}}
        fresh = parsed("\n".join(sources.values()))
        self.reasons = _reasons(sources)
        self.sources = sources
        self.set, self.stored = fresh, dict(stored)
        self._decisions: dict[Question, bool] = {}
        self.version += 1

    def permits(self, question: Question) -> bool:
        """Whether a role may."""
        known = self._decisions.get(question)
        if known is None:
            known = self._ask(question).allowed
            if len(self._decisions) >= _LIMIT:
                self._decisions.clear()
            self._decisions[question] = known
        return known

    def explain(self, question: Question) -> tuple[bool, list[Reason]]:
        """The same, with the policies that decided; none where it is denied because nothing permits it."""
        result = self._ask(question)
        return result.allowed, [self.reasons[i] for i in sorted(result.diagnostics.reasons, key=_number)]

    def listing(self) -> list[Policy]:
        """Every policy in force, the modules' own first, with its text."""
        return listed(self.sources)

    def _ask(self, q: Question) -> cedarpy.AuthzResult:
        module, dot, _ = q.target.partition(".")
        request: dict[str, Any] = {
            "principal": {"type": "Role", "id": q.role},
            "action": {"type": "Action", "id": q.action},
            "resource": {"type": "Relation" if dot else "Module", "id": q.target},
            "context": {
                "purpose": q.purpose or "",
                "personal": q.personal,
                "level": q.level,
                "scoped": q.scoped,
                "own": q.own,
                "factors": sorted(q.factors),
            },
        }
        return cedarpy.is_authorized(request, self.set, _entities(q.role, module, q.target if dot else None))


@lru_cache(maxsize=4096)
def _entities(role: str, module: str, relation: str | None) -> cedarpy.Entities:
    """The role, the module and the Relation of a question; a Relation belongs to the module of its name."""
    system_of = role.removesuffix(".system") if role.endswith(".system") else ""
    found: list[dict[str, object]] = [
        {"uid": {"type": "Module", "id": module}, "attrs": {"module": module}, "parents": []},
        {"uid": {"type": "Role", "id": role}, "attrs": {"system_of": system_of}, "parents": []},
    ]
    if relation:
        parents = [{"type": "Module", "id": module}]
        found.append(
            {"uid": {"type": "Relation", "id": relation}, "attrs": {"module": module}, "parents": parents}
        )
    return cedarpy.Entities.from_json_str(json.dumps(found))


@lru_cache(maxsize=256)
def _faults(cedar: str, actions: frozenset[str], principals: frozenset[str]) -> list[str]:
    """What is wrong with a text. Kept: the modules' own are the same in every City of a process. Raises as `parsed`."""
    policies = parsed(cedar)
    found = [str(e.error) for e in cedarpy.validate_policies(cedar, _schema(actions)).errors]
    if policies.templates():
        found.append("a template permits nothing by itself")
    if cedar.strip():
        written = json.loads(cedarpy.policies_to_json_str(cedar))
        found += [f'there is no Role::"{role}"' for role in sorted(set(_named(written, "Role")) - principals)]
    return found


@lru_cache(maxsize=8)
def _schema(actions: frozenset[str]) -> cedarpy.Schema:
    text, yes = {"type": "String"}, {"type": "Boolean"}
    context = {
        "purpose": text, "personal": text, "level": text, "scoped": yes, "own": yes,
        "factors": {"type": "Set", "element": text},
    }  # fmt: skip
    applies = {
        "principalTypes": ["Role"],
        "resourceTypes": ["Relation", "Module"],
        "context": {"type": "Record", "attributes": context},
    }

    def shape(name: str) -> dict[str, object]:
        return {"type": "Record", "attributes": {name: text}}

    kinds = {
        "Role": {"shape": shape("system_of")},
        "Module": {"shape": shape("module")},
        "Relation": {"shape": shape("module"), "memberOfTypes": ["Module"]},
    }
    acts = {name: {"appliesTo": applies} for name in sorted(actions)}
    return cedarpy.Schema.from_json_str(json.dumps({"": {"entityTypes": kinds, "actions": acts}}))


def _reasons(sources: dict[str, str]) -> dict[str, Reason]:
    """Cedar numbers policies through the whole text in order: which is which."""
    return {f"policy{n}": reason for n, (reason, _) in enumerate(_each(sources))}


def listed(sources: dict[str, str]) -> list[Policy]:
    """Every policy of these texts, by the source that brings it, in order."""
    return [
        Policy(
            id=reason.id,
            effect=reason.effect,
            source=reason.source,
            meaning=reason.meaning,
            cedar=cedarpy.policies_from_json_str(
                json.dumps({"staticPolicies": {"policy0": written}, "templates": {}, "templateLinks": []})
            ),
        )
        for reason, written in _each(sources)
    ]


def _each(sources: dict[str, str]) -> Iterable[tuple[Reason, dict[str, Any]]]:
    """Every policy in order: what it says of itself, and itself as Cedar's JSON."""
    for source, cedar in sources.items():
        if not cedar.strip():
            continue
        policies = json.loads(cedarpy.policies_to_json_str(cedar))["staticPolicies"]
        for number, key in enumerate(sorted(policies, key=_number)):
            notes = policies[key].get("annotations", {})
            reason = Reason(
                id=notes.get("id") or f"{source}#{number + 1}",
                effect=policies[key]["effect"],
                source=source,
                meaning=Text(notes["zh"], notes["en"]) if {"zh", "en"} <= notes.keys() else None,
            )
            yield reason, policies[key]


def _number(policy: str) -> int:
    return int(policy.removeprefix("policy"))


def _named(node: object, kind: str) -> Iterable[str]:
    """The ids of all entities of a kind that a policy's JSON names."""
    if isinstance(node, dict):
        if node.get("type") == kind and isinstance(node.get("id"), str):
            yield node["id"]
        for value in node.values():
            yield from _named(value, kind)
    elif isinstance(node, list):
        for value in node:
            yield from _named(value, kind)


def parsed(cedar: str) -> cedarpy.PolicySet:
    """Parse policies; raises Invalid with the parser's words."""
    try:
        return cedarpy.PolicySet.from_str(cedar)
    except ValueError as error:
        why = str(error)[:500]
        raise Invalid(
            Text("策略无法解析", "The policy cannot be parsed"),
            problems=(Problem("/cedar", Text(f"无法解析：{why}", why)),),
        ) from None


async def load(city: City) -> None:
    """(Re)load the stored policies of a City into force. Raises Invalid and changes nothing if they are not."""
    rows = await city[Database].fetch(
        """SELECT DISTINCT ON (name) name, cedar, active FROM access.policy ORDER BY name, version DESC"""
    )
    city[Policies].use({r["name"]: r["cedar"] for r in rows if r["active"]})


def _shipped(registry: Registry) -> dict[str, str]:
    found = {}
    for module in registry.modules:
        file = resources.files(module.package).joinpath("policies.cedar")
        if file.is_file():
            found[module.name] = file.read_text("utf-8")
    return found


def _refuse_core(relations: Iterable[Relation]) -> None:
    for relation in relations:
        for field in relation.fields:
            if field.level is Level.CORE:
                raise Refused(
                    Text("拒绝存放核心数据：{r}.{f}", "Core data is refused: {r}.{f}"),
                    r=relation.name,
                    f=field.name,
                )
