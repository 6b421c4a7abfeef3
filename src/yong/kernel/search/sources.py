"""Which Relations are found, and by which fields: as declared, else by what their fields are called.

Without a declaration a record table is found by its name (else its first text), its codes and its other texts; a view only
if its rows have names, since without one it is a list of measurements or a log. Fields that are personal or sensitive
are found by nobody.
"""

import hashlib
from collections.abc import Iterable

import msgspec

from yong.kernel.base.city import City
from yong.kernel.base.errors import Refused
from yong.kernel.base.module import Registry
from yong.kernel.base.relation import Field, Personal, Relation, Type
from yong.kernel.base.text import Text
from yong.kernel.records.contracts import Table
from yong.kernel.records.logic import SYSTEM, relations
from yong.kernel.search.contracts import Searchable

_NAMES = ("name", "name_zh", "title", "title_zh", "full_name", "label", "name_en", "title_en", "short_name")
_CODES = ("code", "number", "no")
_NOT_TEXT = frozenset(f.name for f in SYSTEM) | {"source", "datum"}

_WRONG = Text("检索声明有误：{what}", "A declaration for search is wrong: {what}")


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """A Relation that is found, and how."""

    relation: Relation
    table: Table | None
    declared: Searchable

    @property
    def name(self) -> str:
        return self.relation.name

    @property
    def kind(self) -> Text:
        return self.declared.kind or self.relation.title

    @property
    def told(self) -> bool:
        """Whether events tell of its changes."""
        return self.table is not None or self.declared.changed is not None

    @property
    def fields(self) -> tuple[tuple[str, str], ...]:
        """Each field with its role: title, code, text."""
        d = self.declared
        roles = (("title", d.title), ("code", d.codes), ("text", d.text))
        return tuple((name, role) for role, names in roles for name in names)


class Sources:
    """All that is found in an install, by the Relation's name. A City part."""

    def __init__(self, registry: Registry) -> None:
        """Raises Refused for a declaration that fits no Relation."""
        known = {r.name: (r, t) for r, t in relations(registry)}
        declared = {s.relation: s for _, s in registry.of(Searchable)}
        for one in declared.values():
            _check(one, known[one.relation][0] if one.relation in known else None)
        self.by_name: dict[str, Source] = {}
        for name, (relation, table) in known.items():
            found = declared.get(name) or _default(relation, table)
            if found is not None and (found.title or found.codes or found.text):
                self.by_name[name] = Source(relation=relation, table=table, declared=found)
        self.by_event = {
            s.table.event(verb): s
            for s in self.by_name.values() if s.table is not None
            for verb in ("Created", "Updated", "Ended", "sImported")
        }  # fmt: skip

    @property
    def fingerprint(self) -> str:
        """Of what is found by what: an index that was made by others is made anew."""
        said = sorted((name, s.fields, s.relation.key) for name, s in self.by_name.items())
        return hashlib.sha256(repr(said).encode()).hexdigest()[:16]


def sources(city: City) -> Sources:
    return city[Sources]


def _check(one: Searchable, relation: Relation | None) -> None:
    if relation is None:
        raise Refused(_WRONG, what=one.relation)
    for name in (*one.title, *one.text, *one.codes):
        field = relation.field(name)
        if field is None or not _findable(field):
            raise Refused(_WRONG, what=f"{one.relation}.{name}")


def _findable(field: Field) -> bool:
    return field.type is Type.TEXT and field.personal is Personal.NO


def _default(relation: Relation, table: Table | None) -> Searchable | None:
    fields = [f for f in relation.fields if _findable(f) and f.name not in _NOT_TEXT]
    by_name = {f.name: f for f in fields}
    titles = [name for name in _NAMES if name in by_name]
    if table is None and not titles:
        return None
    codes = [
        f.name for f in fields if _is_code(f) or f.name in relation.key or (table and f.name == table.key)
    ]
    rest = [f for f in fields if f.name not in {*titles, *codes}]
    if not titles:
        titles = [f.name for f in _first(rest)]
    return Searchable(
        relation=relation.name,
        title=tuple(titles),
        codes=tuple(c for c in codes if c not in titles),
        text=tuple(f.name for f in rest if f.name not in titles),
    )


def _is_code(field: Field) -> bool:
    return field.name.rpartition("_")[2] in _CODES


def _first(fields: Iterable[Field]) -> list[Field]:
    """The first text that is required, if any is."""
    return [f for f in fields if f.required][:1]
