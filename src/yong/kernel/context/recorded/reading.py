"""Records read as entities: what a caller may see of a Relation today, one record of it, and how many there are."""

from collections.abc import Iterator, Sequence

import msgspec

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller, Scope
from yong.kernel.base.city import City
from yong.kernel.base.errors import Forbidden, NotFound, Unauthenticated
from yong.kernel.context.asking.compiling import Columns
from yong.kernel.context.ngsild.shown import Whole
from yong.kernel.context.recorded.attributes import Shown, attributes_of, column, document, document_of
from yong.kernel.context.recorded.registers import Keys, Register, Registers
from yong.kernel.context.service.reading import whole_of
from yong.kernel.context.service.writing import NO_ENTITY
from yong.kernel.records import api as records
from yong.kernel.store.arguments import Arguments
from yong.kernel.store.batches import Batcher
from yong.kernel.store.database import Database

_SCOPES = 2000
_READ = "records.read"


class Reads:
    """What this process knows of scopes, and the reads of single records under way, one queue per scope. A City part."""

    def __init__(self) -> None:
        self.attributes: dict[tuple[str, tuple[str, ...], frozenset[str]], tuple[Shown, ...]] = {}
        self.queues: dict[tuple[str, tuple[object, ...]], Batcher[tuple[str, Keys], Whole | None]] = {}


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """A Relation as a caller may see it today."""

    register: Register
    scope: Scope
    attributes: tuple[Shown, ...]

    def attribute(self, name: str) -> Shown | None:
        return next((a for a in self.attributes if a.name == name), None)

    def columns(self, names: frozenset[str] | None = None) -> Columns:
        """Where a SELECT over `r` finds what entities have, to be shown; with `names`, for conditions on these attributes."""
        return Columns(
            id=self.register.urn,
            type=f"'{self.register.name}'::text",
            others="'{}'::text[]",
            scopes="'{}'::text[]",
            doc=document(self.attributes) if names is None else document_of(self.attributes, names),
            created_at=self._moment("created_at"),
            modified_at=self._moment("updated_at"),
        )

    def _moment(self, name: str) -> str:
        known = self.register.table and name in self.scope.fields
        return column(name) if known else "NULL::timestamptz"

    @property
    def identified(self) -> str:
        """The rows that have an id, in SQL: a view's key may lack a part."""
        if self.register.table:
            return "TRUE"
        return " AND ".join(f"{own} IS NOT NULL" for own in self.register.columns)


def readable(city: City, caller: Caller, register: Register) -> bool:
    """Whether the caller sees entities of a Relation: rows of it, and their keys in clear, without which they have no id."""
    try:
        scope = access.scoped(city, register.relation, caller)
    except (Forbidden, Unauthenticated):
        return False
    return scope.masked.isdisjoint(register.relation.key)


def all_readable(city: City, caller: Caller) -> Iterator[Register]:
    """The Relations of which the caller sees entities, by name."""
    registers = city[Registers]
    return (r for name in registers.names if readable(city, caller, r := registers.by_name[name]))


async def seen(city: City, caller: Caller, register: Register, id: str = "") -> Seen:
    """What a caller may see of a Relation; the reading is audited as one of records. Raises Unauthenticated or Forbidden."""
    scope = await records.present(city, caller, register.name, id)
    known = city[Reads].attributes
    key = (register.name, scope.fields, scope.masked)
    if key not in known:
        known[key] = attributes_of(
            register.relation,
            table=register.table,
            fields=scope.fields,
            masked=scope.masked,
            shown_relations=city[Registers].by_name,
        )
    return Seen(register=register, scope=scope, attributes=known[key])


async def whole(city: City, caller: Caller, id: str) -> Whole | None:
    """A record as an entity; None where the id is none of a record's. Raises NotFound, Unauthenticated or Forbidden."""
    found = city[Registers].of(id)
    if found is None:
        return None
    register, keys = found
    it = await seen(city, caller, register, "~".join(keys))
    if not it.scope.masked.isdisjoint(register.relation.key):
        raise NotFound(NO_ENTITY, id=id[:200])
    queues = city[Reads].queues
    queue = queues.get((it.scope.sql, it.scope.args))
    if queue is None:
        if len(queues) >= _SCOPES:
            queues.clear()
        queue = queues[it.scope.sql, it.scope.args] = _queue(city, it)
    answer = await queue.submit((id, keys))
    if answer is None:
        raise NotFound(NO_ENTITY, id=id[:200])
    return answer


def _queue(city: City, it: Seen) -> Batcher[tuple[str, Keys], Whole | None]:
    c = it.columns()
    head = (
        f"SELECT {c.id} AS id, {c.type} AS type, {c.others} AS other_types, {c.scopes} AS scopes, {c.doc} AS doc,"
        f" {c.created_at} AS created_at, {c.modified_at} AS modified_at FROM ({it.scope.sql}) AS r"
    )

    async def run(asked: Sequence[tuple[str, Keys]]) -> list[Whole | BaseException | None]:
        arguments = Arguments(it.scope.args)
        where = it.register.one_of(list({keys for _, keys in asked}), arguments)
        rows = await city[Database].fetch(f"{head} WHERE {where}", *arguments.values)
        by_id = {row["id"]: whole_of(row) for row in rows}
        return [by_id.get(id_) for id_, _ in asked]

    return Batcher(run)


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """How many records of a Relation a caller may see, and of how many each attribute is."""

    register: Register
    records: int
    attributes: tuple[tuple[Shown, int], ...]


async def counted(city: City, caller: Caller) -> list[Counted]:
    """What there is of each Relation of which the caller sees an entity at all."""
    found: list[Counted] = []
    for register in all_readable(city, caller):
        it = await seen(city, caller, register)
        each = ", ".join(f"count(*) FILTER (WHERE {a.there})" for a in it.attributes)
        row = await city[Database].fetchrow(
            f"SELECT count(*){each and ', '}{each} FROM ({it.scope.sql}) AS r WHERE {it.identified}",
            *it.scope.args,
        )
        assert row is not None
        total, *numbers = row.values()
        if total:
            attributes = tuple((a, n) for a, n in zip(it.attributes, numbers, strict=True) if n)
            found.append(Counted(register=register, records=total, attributes=attributes))
    return found
