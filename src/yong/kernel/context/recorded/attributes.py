"""What an entity that stands for a record says: the fields of its Relation as attributes, in SQL over a scope `r`.

A field is a Property of its own name. The field that says where a record is, is the GeoProperty `location`; a pair
of texts `x_zh` and `x_en` is the LanguageProperty `x`; a reference is a Relationship to the record that it names; a
document of JSON a JsonProperty. A moment is no `observedAt`: a Relation says when time windows apply to a row, not
when each of its values was observed.
"""

from collections.abc import Collection, Iterator

import msgspec

from yong.kernel.base.relation import Field, Relation, Type
from yong.kernel.context.asking.geo import DEFAULT
from yong.kernel.context.ngsild.attributes import RESERVED
from yong.kernel.context.recorded.urns import KEYS, urn

_TAKEN = RESERVED | {"id", "type", "scope", "@context", DEFAULT}
_SYSTEM = frozenset({"id", "created_at", "updated_at", "ended_at"})  # of a record: said by the entity itself
_LANGUAGES = ("zh", "en")
_PAIRS = 50  # a function of PostgreSQL takes a hundred arguments
_NUMBERS = frozenset({Type.INTEGER, Type.NUMBER, Type.DECIMAL, Type.MONEY})


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """An attribute: whether a row has it, and its instance where it has, both in SQL. `place`: its column of GeoJSON."""

    name: str
    kind: str
    there: str
    sql: str
    place: str | None = None


def attributes_of(
    relation: Relation,
    *,
    table: bool,
    fields: Collection[str],
    masked: Collection[str],
    shown_relations: Collection[str],
) -> tuple[Shown, ...]:
    """The attributes of a Relation of whose fields some are visible, some of them masked.

    `table` says whether records stand behind it, `shown_relations` which Relations a reference may lead to.
    """
    found: list[Shown] = []
    for name, group in _named(relation, table):
        seen = [f for f in group if f.name in fields]
        if len(group) > 1 and seen:
            found.append(_language(name, seen))
        elif seen:
            [field] = seen
            leads = field.refers in shown_relations and field.name not in masked
            found.append(_link(name, field) if leads else _plain(name, field))
    return tuple(found)


def _named(relation: Relation, table: bool) -> Iterator[tuple[str, list[Field]]]:
    """The names of attributes, each with its field or the fields of its languages; they depend on the declaration alone."""
    fields = {f.name: f for f in relation.fields if not (table and f.name in _SYSTEM)}
    used = set(fields) | _TAKEN
    paired: set[str] = set()
    for field in fields.values():
        stem, _, language = field.name.rpartition("_")
        pair = [fields[n] for n in (f"{stem}_{tag}" for tag in _LANGUAGES) if n in fields]
        if field.name in paired:
            continue
        if field.name == relation.geometry:
            yield DEFAULT, [field]
        elif (
            language in _LANGUAGES
            and stem not in used
            and len(pair) == len(_LANGUAGES)
            and all(f.type is Type.TEXT for f in pair)
        ):
            paired |= {f.name for f in pair}
            used.add(stem)
            yield stem, pair
        elif field.name not in _TAKEN:
            yield field.name, [field]
        else:
            name = f"{relation.name.partition('.')[2]}_{field.name}"
            while name in used:
                name += "_"
            used.add(name)
            yield name, [field]


def document(shown: Collection[Shown]) -> str:
    """The document of a row in SQL, as entities have theirs, but null for attributes that it has not."""
    pairs = [f"{literal(one.name)}, CASE WHEN {one.there} THEN {one.sql} END" for one in shown]
    groups = (", ".join(pairs[i : i + _PAIRS]) for i in range(0, len(pairs), _PAIRS))
    return " || ".join(f"jsonb_build_object({group})" for group in groups) or "'{}'::jsonb"


def document_of(shown: Collection[Shown], names: Collection[str]) -> str:
    """The document of a row in SQL, with these attributes alone, as far as it has them: what conditions look at."""
    rows = ", ".join(
        f"({literal(one.name)}, CASE WHEN {one.there} THEN {one.sql} END)"
        for one in shown
        if one.name in names
    )
    if not rows:
        return "'{}'::jsonb"
    return (
        "(SELECT coalesce(jsonb_object_agg(a.k, a.v) FILTER (WHERE a.v IS NOT NULL), '{}')"
        f" FROM (VALUES {rows}) AS a (k, v))"
    )


def literal(text: str) -> str:
    """A text of a declaration as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


def column(name: str) -> str:
    return f'r."{name}"'


def _plain(name: str, field: Field) -> Shown:
    own = column(field.name)
    kind, member, value = "Property", "value", own
    there = f"{own} IS NOT NULL"
    match field.type:
        case Type.GEOMETRY:
            kind, there = "GeoProperty", f"jsonb_typeof({own}) = 'object'"
        case Type.JSON:
            kind, member, there = "JsonProperty", "json", f"jsonb_typeof({own}) <> 'null'"
        case Type.DATE:
            value = f"jsonb_build_object('@type', 'Date', '@value', to_char({own}, 'YYYY-MM-DD'))"
            there = f"isfinite({own})"
        case Type.MOMENT:
            value = f"jsonb_build_object('@type', 'DateTime', '@value', context.moment_text({own}))"
            there = f"isfinite({own})"
    unit = f", 'unitCode', {literal(field.unit)}" if field.unit and field.type in _NUMBERS else ""
    return Shown(
        name=name,
        kind=kind,
        there=there,
        sql=f"jsonb_build_object('type', '{kind}', '{member}', {value}{unit})",
        place=own if field.type is Type.GEOMETRY else None,
    )


def _link(name: str, field: Field) -> Shown:
    own, target = column(field.name), str(field.refers)
    place = f"{literal(urn(target, ''))} || {KEYS[Type.TEXT].text.format(own)}"
    return Shown(
        name=name,
        kind="Relationship",
        there=f"{own} IS NOT NULL",
        sql=f"jsonb_build_object('type', 'Relationship', 'object', {place}, 'objectType', {literal(target)})",
    )


def _language(name: str, fields: Collection[Field]) -> Shown:
    words = ", ".join(f"'{f.name[-2:]}', {column(f.name)}" for f in fields)
    return Shown(
        name=name,
        kind="LanguageProperty",
        there="(" + " OR ".join(f"{column(f.name)} IS NOT NULL" for f in fields) + ")",
        sql="jsonb_build_object('type', 'LanguageProperty', 'languageMap', "
        f"jsonb_strip_nulls(jsonb_build_object({words})))",
    )
