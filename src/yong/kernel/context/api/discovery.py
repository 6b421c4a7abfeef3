"""Which types and attributes there are among the entities that the caller may see (clauses 5.7.5 to 5.7.10)."""

import msgspec

from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import Forbidden, NotFound, Unauthenticated
from yong.kernel.base.text import Text
from yong.kernel.context.api.entities import may_read
from yong.kernel.context.recorded import reading as recorded
from yong.kernel.context.service.reading import known_tenant, rows_of
from yong.kernel.store.database import Database, Row

_NO_TYPE = Text("没有类型 {name}", "There is no type {name}")
_NO_ATTRIBUTE = Text("没有属性 {name}", "There is no attribute {name}")
MOST = 10_000


class AttributeFound(msgspec.Struct, kw_only=True):
    """An attribute: on how many entities, in which kinds, and on entities of which types."""

    name: str
    count: int
    kinds: list[str]
    types: list[str]


class TypeFound(msgspec.Struct, kw_only=True):
    """A type: how many entities, and which attributes they have."""

    name: str
    count: int
    attributes: list[AttributeFound]


async def entity_types(city: City, caller: Caller, *, tenant: str = "") -> list[TypeFound]:
    """Every type with its attributes, by name; in the city's own tenant those of records too.

    Raises Unauthenticated or Forbidden when the caller may see no entity, and is nobody known or may see no record.
    """
    try:
        rows = await _counted(city, caller, tenant)
    except (Unauthenticated, Forbidden):
        known = caller.account != "anonymous" and any(recorded.all_readable(city, caller))
        if tenant or not known:
            raise
        rows = []
    of_records = [] if tenant else await recorded.counted(city, caller)
    found: dict[str, TypeFound] = {}
    for row in rows:
        one = found.setdefault(row["type"], TypeFound(name=row["type"], count=row["entities"], attributes=[]))
        if row["attribute"] is not None:
            one.attributes.append(
                AttributeFound(name=row["attribute"], count=row["n"], kinds=row["kinds"], types=[row["type"]])
            )
    for one_of in of_records:
        _add(found, one_of)
    return sorted(found.values(), key=lambda t: t.name)


def _add(found: dict[str, TypeFound], counted: recorded.Counted) -> None:
    """Count the records of a Relation in, beside entities that somebody made of that type."""
    name = counted.register.name
    type_ = found.setdefault(name, TypeFound(name=name, count=0, attributes=[]))
    type_.count += counted.records
    known = {a.name: a for a in type_.attributes}
    for shown, n in counted.attributes:
        have = known.get(shown.name)
        if have is None:
            type_.attributes.append(
                AttributeFound(name=shown.name, count=n, kinds=[shown.kind], types=[name])
            )
        else:
            have.count += n
            have.kinds = sorted({*have.kinds, shown.kind})


async def entity_type(city: City, caller: Caller, name: str, *, tenant: str = "") -> TypeFound:
    """One type. Raises NotFound when no entity that the caller may see has it."""
    found = [t for t in await entity_types(city, caller, tenant=tenant) if t.name == name]
    if not found:
        raise NotFound(_NO_TYPE, name=name[:200])
    return found[0]


def may_discover(city: City, caller: Caller, tenant: str = "") -> None:
    """Raise Unauthenticated or Forbidden unless there is something that the caller may see; nobody asks for all there is."""
    may_read(city, caller, tenant, of_records=caller.account != "anonymous")


async def attributes(city: City, caller: Caller, *, tenant: str = "") -> list[AttributeFound]:
    """Every attribute, by name."""
    found: dict[str, AttributeFound] = {}
    for type_ in await entity_types(city, caller, tenant=tenant):
        for one in type_.attributes:
            have = found.setdefault(one.name, AttributeFound(name=one.name, count=0, kinds=[], types=[]))
            have.count += one.count
            have.kinds = sorted({*have.kinds, *one.kinds})
            have.types.append(type_.name)
    return sorted(found.values(), key=lambda a: a.name)


async def attribute(city: City, caller: Caller, name: str, *, tenant: str = "") -> AttributeFound:
    """One attribute. Raises NotFound when no entity that the caller may see has it."""
    found = [a for a in await attributes(city, caller, tenant=tenant) if a.name == name]
    if not found:
        raise NotFound(_NO_ATTRIBUTE, name=name[:200])
    return found[0]


async def _counted(city: City, caller: Caller, tenant: str) -> list[Row]:
    scope = rows_of(city, caller, tenant)
    await known_tenant(city, tenant)
    return await city[Database].fetch(
        f"""WITH seen AS MATERIALIZED (SELECT id, type, other_types, doc FROM ({scope.sql}) r),
            typed AS (SELECT t.type, s.doc FROM seen s CROSS JOIN LATERAL unnest(s.type || s.other_types) AS t(type)),
            counts AS (SELECT type, count(*) AS entities FROM typed GROUP BY type),
            kinds AS (SELECT t.type, a.key AS attribute, count(*) AS n,
                             array_agg(DISTINCT CASE WHEN jsonb_typeof(a.value) = 'array' THEN a.value->0->>'type'
                                                ELSE a.value->>'type' END) AS kinds
                      FROM typed t CROSS JOIN LATERAL jsonb_each(t.doc) AS a GROUP BY t.type, a.key)
            SELECT c.type, c.entities, k.attribute, k.n, k.kinds FROM counts c LEFT JOIN kinds k ON k.type = c.type
            ORDER BY c.type, k.attribute LIMIT {MOST}""",
        *scope.args,
    )
