"""The collections there are: every located Relation by itself, and what modules declare as a FeatureSource."""

from collections.abc import Mapping

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller, Scope
from yong.kernel.access.policies import Policies
from yong.kernel.base.city import City
from yong.kernel.base.errors import Forbidden, NotFound, Unauthenticated
from yong.kernel.base.relation import Field, Relation, Type
from yong.kernel.base.text import Text
from yong.kernel.geo.features.contracts import Collection, Column, FeatureSource, Key, Kind, Rows
from yong.kernel.records import api as records
from yong.kernel.store.arguments import Arguments

_NO_COLLECTION = Text("没有要素集合 {id}", "There is no collection {id}")
_KEPT = 2000
_ABOUT = frozenset({"version", "owner_id", "created_at", "updated_at", "ended_at"})
_KINDS: Mapping[Type, Kind] = {
    Type.TEXT: Kind.TEXT,
    Type.CODE: Kind.TEXT,
    Type.REFERENCE: Kind.TEXT,
    Type.INTEGER: Kind.INTEGER,
    Type.MONEY: Kind.INTEGER,
    Type.NUMBER: Kind.NUMBER,
    Type.DECIMAL: Kind.DECIMAL,
    Type.BOOLEAN: Kind.BOOLEAN,
    Type.DATE: Kind.DATE,
    Type.MOMENT: Kind.MOMENT,
    Type.GEOMETRY: Kind.GEOMETRY,
    Type.JSON: Kind.DOCUMENT,
}


class Opened:
    """Collections of Relations as they were opened for some scope. A City part."""

    def __init__(self) -> None:
        self.kept: dict[tuple[object, ...], Rows] = {}


async def collections(city: City, caller: Caller) -> list[Collection]:
    """Every collection of which the caller may see something, by id."""
    found = [
        _collection(relation) for relation in _located(city).values() if _readable(city, caller, relation)
    ]
    for _, source in city.registry.of(FeatureSource):
        try:
            found += await source.collections(city, caller)
        except (Forbidden, Unauthenticated):
            continue
    return sorted(found, key=lambda c: c.id)


async def rows_of(city: City, caller: Caller, id: str) -> Rows:
    """A collection opened for a caller; personal data in clear is audited as read.

    Raises NotFound, Unauthenticated or Forbidden. Who is nobody known is asked to sign in, whatever there is.
    """
    relation = _located(city).get(id)
    if relation is not None:
        scope = await records.present(city, caller, id)
        if relation.geometry not in scope.fields:
            raise access.refusal(caller, "records.read", id)
        kept = city.part(Opened).kept
        key = (id, scope.sql, scope.args, scope.fields, scope.masked)
        if key not in kept:
            if len(kept) >= _KEPT:
                kept.clear()
            kept[key] = _rows(relation, scope, table=records.is_table(city, id))
        return kept[key]
    module = id.partition(".")[0]
    for owner, source in city.registry.of(FeatureSource):
        if owner.name == module and (found := await source.rows(city, caller, id)) is not None:
            return found
    access.signed_in(caller)
    if not await collections(city, caller):
        raise Forbidden()
    raise NotFound(_NO_COLLECTION, id=id[:100])


def _located(city: City) -> dict[str, Relation]:
    return {name: r for name, r in city[Policies].relations.items() if r.geometry is not None}


def _readable(city: City, caller: Caller, relation: Relation) -> bool:
    try:
        return relation.geometry in access.scoped(city, relation, caller).fields
    except (Forbidden, Unauthenticated):
        return False


def _collection(relation: Relation) -> Collection:
    return Collection(id=relation.name, title=relation.title, description=relation.description)


def _rows(relation: Relation, scope: Scope, *, table: bool) -> Rows:
    fields = [f for name in scope.fields if (f := relation.field(name)) is not None]
    geometry = f'r."{relation.geometry}"'
    keys = tuple(Key(f'r."{k}"', _kind(relation.field(k))) for k in relation.key)
    id_ = keys[0].sql if len(keys) == 1 else f"concat_ws('~', {', '.join(k.sql for k in keys)})"
    sql = scope.sql
    if not table:  # a view's key may lack a part: such a row has no id
        sql = f"SELECT * FROM ({sql}) AS r WHERE {' AND '.join(f'{k.sql} IS NOT NULL' for k in keys)}"
    columns = tuple(
        Column(
            name=f.name, sql=f'r."{f.name}"', kind=_KINDS[f.type], title=f.meaning, unit=f.unit,
            required=f.required, about=table and f.name in _ABOUT, masked=f.name in scope.masked and f.name != relation.geometry,
        )
        for f in fields
    )  # fmt: skip
    time = relation.time if relation.time in scope.fields and relation.time not in scope.masked else None
    version = "r.version::bigint" if table and "version" in scope.fields else "hashtextextended(r::text, 0)"
    return Rows(
        collection=_collection(relation),
        sql=sql,
        args=scope.args,
        keys=keys,
        id=f"({id_})::text",
        geometry=geometry,
        x=_number(f"{geometry}->'coordinates'->0"),
        y=_number(f"{geometry}->'coordinates'->1"),
        near=f"records.box_of({geometry}) && {{0}}",
        box=f"records.box_of({geometry})",
        columns=columns,
        find=lambda given, arguments: _find(keys, given, arguments),
        changes=version,
        time=time,
        geometry_name=relation.geometry or "geometry",
    )


def _number(sql: str) -> str:
    """A JSON number as SQL has it: the coordinates of what is no point are arrays."""
    return f"(CASE WHEN jsonb_typeof({sql}) = 'number' THEN ({sql})::float8 END)"


def _kind(field: Field | None) -> Kind:
    return _KINDS[field.type] if field is not None else Kind.TEXT


def _find(keys: tuple[Key, ...], given: str, arguments: Arguments) -> str | None:
    """The row of an id, which joins the parts of a key by `~` as records do."""
    if not 0 < len(given) <= 400 or "\0" in given:
        return None
    if len(keys) == 1:
        text = keys[0].kind is Kind.TEXT
        return f"{keys[0].sql}{'' if text else '::text'} = {arguments.add(given, 'text')}"
    parts = given.split("~")
    if len(parts) == len(keys):
        return " AND ".join(
            f"{k.sql}::text = {arguments.add(p, 'text')}" for k, p in zip(keys, parts, strict=True)
        )
    return f"concat_ws('~', {', '.join(k.sql for k in keys)}) = {arguments.add(given, 'text')}"
