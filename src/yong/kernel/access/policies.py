"""Cedar policies of an install, loaded once and asked in memory; what no policy permits is denied.

Principal is a role (`Role::"environment.operator"`), resource a Relation within its module or a module
(`Relation::"environment.station"` in `Module::"environment"`). The context has the purpose and the class of
data asked for: `personal` (no, personal, sensitive) and `level` (general, important).
"""

import json
from importlib import resources

import cedarpy

from yong.kernel.access.contracts import Role
from yong.kernel.base.city import City
from yong.kernel.base.errors import Invalid, Refused
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


class Policies:
    """All policies in force. `version` changes with them, so that what was compiled from them is dropped."""

    def __init__(self, registry: Registry, stored: dict[str, str] | None = None) -> None:
        self.registry = registry
        self.roles = {role.name: role for _, role in registry.of(Role)}
        self.relations: dict[str, Relation] = {r.name: r for _, r in registry.of(Relation)}
        self.actions = {p.name for p in GENERIC} | {p.name for m in registry.modules for p in m.permissions}
        self.shipped = _shipped(registry)
        self.version = 0
        _refuse_core(self.relations.values())
        self.use(stored or {})

    def add(self, relation: Relation) -> None:
        """Make a derived Relation known (record tables bring theirs)."""
        _refuse_core((relation,))
        if self.relations.get(relation.name) != relation:
            self.relations[relation.name] = relation
            self._entities = self._as_entities()
            self._forget()

    def use(self, stored: dict[str, str]) -> None:
        """Put policies into force: the modules' own and the stored ones, by name. Raises Invalid."""
        self.stored = stored
        self.set = parsed("\n".join((*self.shipped.values(), *stored.values())))
        self._entities = self._as_entities()
        self._forget()

    def permits(
        self,
        role: str,
        action: str,
        target: str,
        *,
        purpose: str | None = None,
        personal: str = "no",
        level: str = "general",
    ) -> bool:
        """Whether a role may do `action` on a Relation or module, for data of that class."""
        key = (role, action, target, purpose, personal, level)
        known = self._decisions.get(key)
        if known is None:
            known = self.explain(role, action, target, purpose=purpose, personal=personal, level=level)[0]
            if len(self._decisions) >= _LIMIT:
                self._decisions.clear()
            self._decisions[key] = known
        return known

    def explain(
        self,
        role: str,
        action: str,
        target: str,
        *,
        purpose: str | None = None,
        personal: str = "no",
        level: str = "general",
    ) -> tuple[bool, list[str]]:
        """The same, with the ids of the policies that decided."""
        kind = "Relation" if target in self.relations else "Module"
        result = cedarpy.is_authorized(
            {
                "principal": {"type": "Role", "id": role},
                "action": {"type": "Action", "id": action},
                "resource": {"type": kind, "id": target},
                "context": {"purpose": purpose or "", "personal": personal, "level": level},
            },
            self.set,
            self._entities,
        )
        return result.allowed, list(result.diagnostics.reasons)

    def _forget(self) -> None:
        self._decisions: dict[tuple[str, str, str, str | None, str, str], bool] = {}
        self.version += 1

    def _as_entities(self) -> cedarpy.Entities:
        modules = {m.name for m in self.registry.modules} | {"app"}
        entities: list[dict[str, object]] = [
            {"uid": {"type": "Module", "id": name}, "attrs": {"module": name}, "parents": []}
            for name in modules
        ]
        entities += [
            {
                "uid": {"type": "Relation", "id": r.name},
                "attrs": {"module": r.module},
                "parents": [{"type": "Module", "id": r.module}],
            }
            for r in self.relations.values()
        ]
        names = {*self.roles, *(f"{m}.system" for m in modules)}
        entities += [
            {
                "uid": {"type": "Role", "id": name},
                "attrs": {"system_of": name.removesuffix(".system") if name.endswith(".system") else ""},
                "parents": [],
            }
            for name in names
        ]
        return cedarpy.Entities.from_json_str(json.dumps(entities))


def parsed(cedar: str) -> cedarpy.PolicySet:
    """Parse policies; raises Invalid with the parser's words."""
    try:
        return cedarpy.PolicySet.from_str(cedar)
    except ValueError as error:
        raise Invalid(
            Text("策略无法解析：{why}", "The policy cannot be parsed: {why}"), why=str(error)[:500]
        ) from None


async def load(city: City) -> None:
    """(Re)load the stored policies of a City into force."""
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


def _refuse_core(relations: "object") -> None:
    for relation in relations:  # type: ignore[attr-defined]  # any iterable of Relation
        for field in relation.fields:
            if field.level is Level.CORE:
                raise Refused(
                    Text("拒绝存放核心数据：{r}.{f}", "Core data is refused: {r}.{f}"),
                    r=relation.name,
                    f=field.name,
                )
