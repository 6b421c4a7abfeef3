"""Entities as collections of features (OGC API Features): every type of which some entity has a location is one.

A collection's id is `context.` and the type's short name; a type that is an IRI, or whose name would not do in a URL,
has the last part of it with eight digits of its hash. Properties are the attributes as key-values (clause 4.5.4).
"""

import hashlib
import re
import time
from collections.abc import Sequence

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller, Scope
from yong.kernel.access.policies import Policies
from yong.kernel.base.city import City
from yong.kernel.base.errors import Invalid
from yong.kernel.base.text import Text
from yong.kernel.context.contracts import RELATION
from yong.kernel.context.ngsild.attributes import KINDS
from yong.kernel.context.ngsild.ids import SHOWN_ID, stored
from yong.kernel.context.service.reading import rows_of
from yong.kernel.geo.features.contracts import Collection, Column, FeatureSource, Key, Kind, Rows
from yong.kernel.store.arguments import Arguments
from yong.kernel.store.database import Database

_PREFIX = "context."
_PLAIN = re.compile(r"[\w.-]{1,80}")
_TYPES = 2000  # are listed
_SEEN = 500  # entities of a type are looked at for its attributes
_KEPT_S, _KEPT = 5.0, 1000
_WITHIN_S = 10.0
_NEEDED = ("id", "type", "other_types", "doc", "x", "y", "shaped", "west", "south", "east", "north",
           "modified_at")  # fmt: skip
_MEMBERS = tuple(dict.fromkeys(kind.member for kind in KINDS.values()))
_TITLE = Text("类型为 {name} 的对象", "Entities of type {name}")
_POINT = "jsonb_build_object('type', 'Point', 'coordinates', jsonb_build_array(r.x, r.y))"
_EXTENT = "box(point(r.east, r.north), point(r.west, r.south))"
_GEOMETRY = f"CASE WHEN r.shaped THEN {{location}} WHEN r.x IS NOT NULL THEN {_POINT} END"


class Types:
    """Which types and attributes there are by what a caller sees, kept for some seconds. A City part."""

    def __init__(self) -> None:
        self.kept: dict[tuple[object, ...], tuple[float, list[str]]] = {}

    def get(self, key: tuple[object, ...]) -> list[str] | None:
        known = self.kept.get(key)
        return known[1] if known is not None and time.monotonic() - known[0] < _KEPT_S else None

    def keep(self, key: tuple[object, ...], found: list[str]) -> list[str]:
        if len(self.kept) >= _KEPT:
            self.kept.clear()
        self.kept[key] = (time.monotonic(), found)
        return found


async def collections(city: City, caller: Caller) -> Sequence[Collection]:
    """A collection for each type with a location among the entities that the caller sees."""
    scope = _scope(city, caller)
    return [_collection(city, name) for name in await _located(city, scope)]


async def rows(city: City, caller: Caller, id: str) -> Rows | None:
    """A collection opened; None of an id that is of no type with a location."""
    scope = _scope(city, caller)
    known = await _located(city, scope)
    name = next((n for n in known if _id(city, n) == id), None)
    return None if name is None else await _rows(city, scope, name)


def _scope(city: City, caller: Caller) -> Scope:
    scope = rows_of(city, caller)
    if not set(_NEEDED) <= set(scope.fields):
        raise access.refusal(caller, "records.read", RELATION)
    return scope


def _collection(city: City, name: str) -> Collection:
    return Collection(id=_id(city, name), title=_TITLE.filled(name=name))


def _id(city: City, type: str) -> str:
    plain = f"{_PREFIX}{type}"
    if _PLAIN.fullmatch(type) and plain not in city[Policies].relations:
        return plain
    last = re.sub(r"[^\w.-]", "_", re.split(r"[/#:]", type.rstrip("/#:"))[-1])[:60]
    return f"{plain[: len(_PREFIX)]}{last}-{hashlib.sha256(type.encode()).hexdigest()[:8]}"


async def _located(city: City, scope: Scope) -> list[str]:
    """The types, by name; each is found by the index, not by looking at all of its entities."""
    key = (scope.sql, scope.args)
    known = city.part(Types).get(key)
    if known is not None:
        return known
    found = await city[Database].pool.fetch(
        f"""WITH RECURSIVE every(type) AS (
                (SELECT r.type FROM ({scope.sql}) AS r ORDER BY r.type LIMIT 1)
                UNION ALL
                SELECT (SELECT r.type FROM ({scope.sql}) AS r WHERE r.type > e.type ORDER BY r.type LIMIT 1)
                FROM every AS e WHERE e.type IS NOT NULL)
            SELECT e.type FROM every AS e WHERE e.type IS NOT NULL
              AND EXISTS (SELECT FROM ({scope.sql}) AS r WHERE r.type = e.type AND (r.x IS NOT NULL OR r.shaped))
            UNION
            SELECT o.type FROM ({scope.sql}) AS r CROSS JOIN LATERAL unnest(r.other_types) AS o(type)
            WHERE r.other_types <> '{{}}' AND (r.x IS NOT NULL OR r.shaped)
            ORDER BY 1 LIMIT {_TYPES}""",
        *scope.args,
        timeout=_WITHIN_S,
    )
    return city.part(Types).keep(key, [row["type"] for row in found])


async def _rows(city: City, scope: Scope, type: str) -> Rows:
    arguments = Arguments(scope.args)
    name = arguments.add(type, "text")
    location = _value_of("r.doc->'location'")
    sql = _of_type(scope, "r.type", name)
    args = tuple(arguments.values)
    own = tuple(_attribute(one) for one in await _attributes(city, sql, args))
    taken = {c.name for c in own} | (set(_SYSTEM_NAMES) - set(scope.fields)) | scope.masked
    system = tuple(c for c in _SYSTEM if c.name not in taken)

    async def further(attribute: str) -> Column | None:
        """An attribute that none of those looked at has, but some other entity."""
        found = await city[Database].pool.fetchval(
            f"SELECT EXISTS (SELECT FROM ({sql}) AS r WHERE r.doc ? ${len(args) + 1}::text)",
            *args,
            attribute,
            timeout=_WITHIN_S,
        )
        return _attribute(attribute) if found and attribute != "location" else None

    return Rows(
        collection=_collection(city, type),
        sql=sql,
        args=args,
        keys=(Key("r.id"),),
        id=f"({SHOWN_ID})",
        geometry=_GEOMETRY.format(location=location),
        geometry_name="location",
        x="(CASE WHEN NOT r.shaped THEN r.x END)",
        y="(CASE WHEN NOT r.shaped THEN r.y END)",
        near=f"((NOT r.shaped AND point(r.x, r.y) <@ {{0}}) OR (r.shaped AND {_EXTENT} && {{0}}))",
        box=f"CASE WHEN r.shaped THEN {_EXTENT} ELSE box(point(r.x, r.y), point(r.x, r.y)) END",
        columns=(*own, *system),
        find=_find,
        changes="(extract(epoch FROM r.modified_at) * 1000000)::bigint",
        everything=_everything(system),
        drawn=_everything(tuple(c for c in system if not c.about)),
        # The planner takes a type that came after its last look for a rare one, and would read all of its index.
        placed=_of_type(scope, "(r.type || '')", name),
        further=further,
        time="modified_at" if any(c.name == "modified_at" for c in system) else None,
    )


def _of_type(scope: Scope, type: str, name: str) -> str:
    """The entities with a location that have a type, first or further, each once."""
    located = "(r.x IS NOT NULL OR r.shaped)"
    return f"""SELECT * FROM ({scope.sql}) AS r WHERE {type} = {name} AND {located}
               UNION ALL
               SELECT * FROM ({scope.sql}) AS r WHERE r.other_types <> '{{}}' AND {type} <> {name}
                 AND {name} = ANY(r.other_types) AND {located}"""


async def _attributes(city: City, sql: str, args: tuple[object, ...]) -> list[str]:
    """The attributes of some entities of a type."""
    key = (sql, args)
    known = city.part(Types).get(key)
    if known is not None:
        return known
    found = await city[Database].pool.fetch(
        f"""SELECT DISTINCT k.name FROM (SELECT r.doc FROM ({sql}) AS r LIMIT {_SEEN}) AS s
            CROSS JOIN LATERAL jsonb_object_keys(s.doc) AS k(name) WHERE k.name <> 'location' ORDER BY 1""",
        *args,
        timeout=_WITHIN_S,
    )
    return city.part(Types).keep(key, [row["name"] for row in found])


def _attribute(name: str) -> Column:
    quoted = name.replace("'", "''")
    return Column(name=name, sql=_value_of(f"r.doc->'{quoted}'"), kind=Kind.ANY, title=Text(name, name))


def _value_of(attribute: str) -> str:
    """What an attribute says, in SQL; of several instances the default one."""
    members = ", ".join(f"i.one->'{member}'" for member in _MEMBERS)
    return f"""(SELECT coalesce({members}) FROM (SELECT CASE jsonb_typeof({attribute}) WHEN 'array'
        THEN jsonb_path_query_first({attribute}, '$[*] ? (!exists(@.datasetId))') ELSE {attribute} END AS one) AS i)"""


def _everything(system: Sequence[Column]) -> str:
    """All properties of an entity, in SQL."""
    pairs = ", ".join(f"'{c.name}', {c.sql}" for c in system)
    return f"""(jsonb_strip_nulls(jsonb_build_object({pairs})) || (
        SELECT coalesce(jsonb_object_agg(a.key, v.value) FILTER (WHERE v.value IS NOT NULL), '{{}}')
        FROM jsonb_each(r.doc) AS a CROSS JOIN LATERAL (SELECT {_value_of("a.value")} AS value) AS v
        WHERE a.key <> 'location'))"""


_SYSTEM = (
    Column(name="district", sql="r.district", kind=Kind.TEXT, title=Text("行政区划", "District")),
    Column(
        name="source", sql="r.source", kind=Kind.TEXT, title=Text("来源", "Source: live, replay or synthetic")
    ),
    Column(
        name="created_at", sql="r.created_at", kind=Kind.MOMENT, title=Text("创建时间", "Made at"), about=True
    ),
    Column(
        name="modified_at",
        sql="r.modified_at",
        kind=Kind.MOMENT,
        title=Text("最近变化", "Last change"),
        about=True,
    ),
)
"""What is shown beside the attributes; an attribute of the same name comes first."""
_SYSTEM_NAMES = tuple(c.name for c in _SYSTEM)


def _find(given: str, arguments: Arguments) -> str | None:
    try:
        return f"r.id = {arguments.add(stored(given), 'text')}"
    except Invalid:
        return None


SOURCE = FeatureSource(title=Text("对象（按类型）", "Entities, by type"), collections=collections, rows=rows)
