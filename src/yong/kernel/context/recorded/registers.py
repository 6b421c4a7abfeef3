"""Which Relations stand for records, whose they are, and by which door they are written."""

from typing import Any, Literal
from urllib.parse import quote

import msgspec

from yong.kernel.base.city import City
from yong.kernel.base.errors import Conflict, Invalid
from yong.kernel.base.module import Registry
from yong.kernel.base.relation import Relation
from yong.kernel.base.text import Language, Text
from yong.kernel.context.recorded import urns
from yong.kernel.context.recorded.attributes import column
from yong.kernel.context.recorded.urns import KEYS, Key
from yong.kernel.records import api as records
from yong.kernel.records.contracts import Table
from yong.kernel.store.arguments import Arguments

NOT_RECORDS = frozenset({"context", "history"})  # their Relations are of entities and of what those were
Verb = Literal["create", "change", "delete"]
Keys = tuple[str, ...]
_DOOR = Text(
    "{id} 是模块“{owner_zh}”（{module}）的记录，此处只读；请用 {door}",
    "{id} is a record of the module “{owner_en}” ({module}) and only read here; use {door}",
)
_COMPUTED = Text(
    "{id} 由模块“{owner_zh}”（{module}）计算得出，不能写入",
    "{id} is computed by the module “{owner_en}” ({module}); nobody writes it",
)
_NO_RELATION = Text(
    "以 {prefix} 开头的标识属于记录，而没有这个资源",
    "Ids that begin with {prefix} are those of records, and there is no such Relation",
)


class ReadOnly(Conflict):
    """A write of an entity that stands for a record (the standard's Conflict)."""

    def document(self, language: Language, instance: str | None = None) -> dict[str, object]:
        out = super().document(language, instance)
        return {**out, **{name: self.facts[name] for name in ("module", "door") if self.facts[name]}}


class Register(msgspec.Struct, frozen=True, kw_only=True):
    """A Relation whose rows are entities. Its name is their type. SQL is over rows `r` of it."""

    relation: Relation
    owner: Text  # the module's title
    table: bool  # records stand behind it, which can be written
    keys: tuple[Key, ...]

    @property
    def name(self) -> str:
        return self.relation.name

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(map(column, self.relation.key))

    @property
    def urn(self) -> str:
        """The id of a row, in SQL."""
        parts = " || '~' || ".join(
            key.text.format(own) for key, own in zip(self.keys, self.columns, strict=True)
        )
        return f"('{urns.urn(self.name, '')}' || {parts})"

    def one_of(self, keys: list[Keys], arguments: Arguments) -> str:
        """The rows of these keys, in SQL."""
        given = [
            f"{arguments.add([k[i] for k in keys], 'text[]')}::{key.kind}[]"
            for i, key in enumerate(self.keys)
        ]
        if len(given) == 1:
            return f"{self.columns[0]} = ANY({given[0]})"
        return f"({', '.join(self.columns)}) IN (SELECT * FROM unnest({', '.join(given)}))"

    def behind(self, keys: Keys, arguments: Arguments) -> str:
        """The rows behind this key in the order of keys, in SQL."""
        given = [f"{arguments.add(k, 'text')}::{key.kind}" for k, key in zip(keys, self.keys, strict=True)]
        return f"({', '.join(self.columns)}) > ({', '.join(given)})"


class Registers:
    """The Relations of an install whose rows are entities, by name. A City part."""

    def __init__(self, city: City) -> None:
        self.by_name: dict[str, Register] = {}
        for module_name, name, table in _declared(city.registry):
            relation = records.relation(city, name)
            fields = [relation.field(k) for k in relation.key]
            keys = tuple(KEYS[f.type] for f in fields if f is not None and f.type in KEYS)
            if module_name in NOT_RECORDS or not keys or len(keys) < len(fields):
                continue
            module = city.registry.module(module_name)
            assert module is not None
            self.by_name[name] = Register(relation=relation, owner=module.title, table=table, keys=keys)
        self.names = tuple(sorted(self.by_name))

    def of(self, id: str) -> tuple[Register, Keys] | None:
        """The Relation and the key of an id; None where it is none of a record."""
        found = urns.parse(id)
        register = self.by_name.get(found[0]) if found else None
        if found is None or register is None or len(found[1]) != len(register.keys):
            return None
        fits = all(key.reads(given) for key, given in zip(register.keys, found[1], strict=True))
        return (register, found[1]) if fits else None


def _declared(registry: Registry) -> list[tuple[str, str, bool]]:
    """Every Relation as the name of its module, its own, and whether a table of records stands behind it."""
    tables = [(module.name, table.name, True) for module, table in registry.of(Table)]
    return tables + [(module.name, view.name, False) for module, view in registry.of(Relation)]


def refuse(city: City, id: str, verb: Verb) -> None:
    """Raise ReadOnly where the id is that of a record, and Invalid where one is to be made that could be mistaken for one."""
    if not id.startswith(urns.PREFIX):
        return
    relation = id[len(urns.PREFIX) :].partition(":")[0]
    register = city[Registers].by_name.get(relation)
    if register is None:
        if verb == "create":
            raise Invalid(_NO_RELATION, prefix=urns.PREFIX)
        return
    facts: dict[str, Any] = {
        "id": id[:200],
        "owner_zh": register.owner.zh,
        "owner_en": register.owner.en,
        "module": register.relation.module,
    }
    if not register.table:
        raise ReadOnly(_COMPUTED, **facts, door="")
    raise ReadOnly(_DOOR, **facts, door=_door(register, urns.parse(id), verb))


def _door(register: Register, found: tuple[str, Keys] | None, verb: Verb) -> str:
    place = f"/records/{register.name}"
    if verb == "create" or found is None:
        return f"POST {place}"
    method = "DELETE" if verb == "delete" else "PATCH"
    return f"{method} {place}/{quote('~'.join(found[1]), safe='')}"
