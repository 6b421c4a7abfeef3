"""What changed, read once for all who see the same: through `access.scoped`, with the conditions of their filters."""

from collections.abc import Iterable, Mapping, Sequence

import asyncpg

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Scope
from yong.kernel.access.policies import Policies
from yong.kernel.base.city import City
from yong.kernel.base.errors import Invalid
from yong.kernel.base.text import Text
from yong.kernel.context.contracts import RELATION, TENANT_RELATION, Gone
from yong.kernel.context.live.wanted import Probe, Seen
from yong.kernel.store.arguments import Arguments
from yong.kernel.store.database import Database, Row

WITHIN_S = 10.0
AWAY = (OSError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError, asyncpg.OperatorInterventionError)
"""What PostgreSQL that is down or starts raises: the same again later may do."""

_PATTERN = Text("正则表达式有误：{why}", "The pattern is wrong: {why}")
_KINDS = {
    "id": "text", "type": "text", "name": "text", "other_types": "text[]", "scopes": "text[]", "doc": "jsonb", "source": "text",
    "district": "text", "x": "float8", "y": "float8", "shaped": "boolean", "west": "float8", "south": "float8",
    "east": "float8", "north": "float8", "settled": "boolean", "created_at": "timestamptz", "modified_at": "timestamptz",
}  # fmt: skip
_SHOWN = "r.id, r.type, r.other_types, r.doc, r.source, r.district, r.x, r.y, r.shaped, r.west, r.south, r.east, r.north, r.modified_at"
_SAMPLE = """SELECT 'urn:x:1'::text AS id, 'T'::text AS type, '{}'::text[] AS other_types, ARRAY['/a'] AS scopes,
                    '{"a": {"type": "Property", "value": "a"}}'::jsonb AS doc, now() AS created_at, now() AS modified_at"""


def _source(scope: Scope) -> str:
    """The scope's SELECT with every column that there may be; what is hidden is null."""
    columns = [
        f"s.{name}" if name in scope.fields or name == "id" else f"NULL::{kind} AS {name}"
        for name, kind in _KINDS.items()
    ]
    return f"SELECT {', '.join(columns)} FROM ({scope.sql}) s"


async def now(city: City, scope: Scope, ids: Sequence[str], probes: Sequence[Probe]) -> list[Seen]:
    """The entities that are there and seen, as they are, each with the probes that hold."""
    arguments = Arguments(scope.args)
    asked = _asked(probes, arguments)
    place = arguments.add(list(ids), "text[]")
    rows = await city[Database].pool.fetch(
        f"SELECT {_SHOWN}, {asked} AS holds FROM ({_source(scope)}) r WHERE r.id = ANY({place})",
        *arguments.values,
        timeout=WITHIN_S,
    )
    return [_seen(row, probes) for row in rows]


async def gone(
    city: City, scope: Scope, tenant: str, were: Mapping[str, Gone], probes: Sequence[Probe]
) -> list[Seen]:
    """Of entities that are gone those that the scope let see: its conditions are put to what they were."""
    if not were:
        return []
    relation = city[Policies].relations[TENANT_RELATION if tenant else RELATION]
    arguments = Arguments(scope.args)
    asked = _asked(probes, arguments)
    given = [
        arguments.add(list(were), "text[]"),
        arguments.add([{"types": w.types} for w in were.values()], "jsonb[]"),
        arguments.add([w.owner for w in were.values()], "text[]"),
        arguments.add([w.district for w in were.values()], "text[]"),
    ]
    known = {
        "id": "n.id", "type": "n.was->'types'->>0", "district": "n.district",
        "other_types": "ARRAY(SELECT jsonb_array_elements_text((n.was->'types') - 0))",
    }  # fmt: skip
    columns = [f"({known.get(name, 'NULL')})::{kind} AS {name}" for name, kind in _KINDS.items()]
    columns += ["n.owner AS owner_id", "NULL::jsonb AS place", f"{arguments.add(tenant, 'text')} AS tenant"]
    source = f"SELECT {', '.join(columns)} FROM unnest({', '.join(given)}) AS n (id, was, owner, district)"
    seen = access.over(scope, relation, source)
    rows = await city[Database].pool.fetch(
        f"SELECT {_SHOWN}, {asked} AS holds FROM ({_source_of(scope, seen)}) r",
        *arguments.values,
        timeout=WITHIN_S,
    )
    return [_seen(row, probes) for row in rows]


def _source_of(scope: Scope, sql: str) -> str:
    return _source(Scope(sql=sql, args=scope.args, fields=scope.fields))


async def proven(city: City, probes: Iterable[Probe]) -> None:
    """Raise Invalid for a condition that PostgreSQL does not take: in a batch it would keep all others from theirs."""
    for probe in probes:
        arguments = Arguments()
        condition = probe.sql(arguments)
        try:
            await city[Database].fetchval(f"SELECT {condition} FROM ({_SAMPLE}) r", *arguments.values)
        except (asyncpg.DataError, asyncpg.SyntaxOrAccessError, asyncpg.ProgramLimitExceededError) as error:
            raise Invalid(_PATTERN, why=error.args[0]) from error


def _asked(probes: Sequence[Probe], arguments: Arguments) -> str:
    """The numbers of the probes that hold, as an array."""
    if not probes:
        return "NULL::int[]"
    each = ", ".join(f"CASE WHEN {probe.sql(arguments)} THEN {n} END" for n, probe in enumerate(probes))
    return f"array_remove(ARRAY[{each}]::int[], NULL)"


def _seen(row: Row, probes: Sequence[Probe]) -> Seen:
    kind = row["type"]
    types = () if kind is None else (kind, *(row["other_types"] or ()))
    holds = row["holds"]
    return Seen(
        id=row["id"],
        types=types,
        doc=row["doc"],
        source=row["source"],
        district=row["district"],
        x=row["x"],
        y=row["y"],
        extent=(row["west"], row["south"], row["east"], row["north"])
        if row["shaped"] and None not in (row["west"], row["south"], row["east"], row["north"])
        else None,
        modified_at=row["modified_at"],
        holds=frozenset(probes[n].key for n in holds) if holds else frozenset(),
    )
