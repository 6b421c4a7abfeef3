"""Which series a caller may read, and what of them: decided before anything is read, hot or cold.

The caller's scope over the Relation is laid over one probe row for each series instead of over its
observations. Rows and fields of a scope depend on whose the entity is, never on a reading, so what the probe
shows of a series is what the Relation would show of each of its observations.
"""

from collections.abc import Sequence

import msgspec

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.access.policies import Policies
from yong.kernel.base.city import City
from yong.kernel.base.errors import Invalid
from yong.kernel.base.text import Text
from yong.kernel.store.database import Connection

RELATION = "history.observation_of"
_THINGS = "sensing.thing"  # a Relation, read by name like any other: its package stands above this one
Box = tuple[float, float, float, float]
_PROBE = """SELECT s.entity, s.attribute, 0::bigint AS observed_at, 1::float8 AS value, 'true'::jsonb AS other,
                   s.unit, s.dataset, s.id AS series, e.owner_id, e.district
            FROM history.series s LEFT JOIN context.entity e ON e.tenant = s.tenant AND e.id = s.entity
            WHERE s.tenant = ''"""


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """Which series are asked for: all conditions given must hold.

    `box` is where entities are now (degrees), `group` a group of things as the register names it.
    """

    entities: tuple[str, ...] | None = None
    type: str | None = None
    district: str | None = None
    box: Box | None = None
    group: str | None = None
    attributes: tuple[str, ...] | None = None


class Visible(msgspec.Struct, frozen=True, kw_only=True):
    """A series that the caller may read. Names are masked where the caller's scope masks them."""

    number: int
    entity: str
    attribute: str
    unit: str
    dataset: str
    numbers: bool  # its numbers may be read
    others: bool  # its other values may be read
    type: str | None = None
    district: str | None = None
    groups: tuple[str, ...] = ()  # of its thing, where they were asked for


async def of(
    city: City,
    connection: Connection,
    caller: Caller,
    choice: Choice,
    most: int,
    *,
    action: str = "records.read",
    grouped: bool = False,
) -> list[Visible]:
    """The chosen series that the caller may read, by number; `grouped` with the groups of their things.

    Raises Forbidden or Unauthenticated when the caller may read none at all, Invalid for more than `most`.
    """
    relation = city[Policies].relations[RELATION]
    scope = access.scoped(city, relation, caller, action=action)
    sql = access.over(scope, relation, _PROBE)
    shown = {*relation.key, *scope.fields}
    columns = ", ".join(
        f'p."{name}"' if name in shown else f'NULL AS "{name}"'
        for name in ("entity", "attribute", "observed_at", "value", "other", "unit", "dataset")
    )
    groups = await _groups(city, connection, caller) if grouped or choice.group is not None else {}
    entities = choice.entities
    if choice.group is not None:
        groups = {t: (choice.group,) for t, of_thing in groups.items() if choice.group in of_thing}
        members = set(groups)
        entities = tuple(members if entities is None else members.intersection(entities))
    n = len(scope.args)
    west, south, east, north = choice.box or (None, None, None, None)
    rows = await connection.fetch(
        f"""SELECT s.id, s.entity AS thing, {columns}, e.type, e.district
            FROM history.series s LEFT JOIN context.entity e ON e.tenant = s.tenant AND e.id = s.entity
            JOIN ({sql}) p ON p.series = s.id
            WHERE s.tenant = '' AND (${n + 1}::text[] IS NULL OR s.entity = ANY(${n + 1}))
              AND (${n + 2}::text IS NULL OR e.type = ${n + 2})
              AND (${n + 3}::text IS NULL OR starts_with(e.district, ${n + 3}))
              AND (${n + 4}::text[] IS NULL OR s.attribute = ANY(${n + 4}))
              AND (${n + 5}::float8 IS NULL OR point(e.location[0], e.location[1])
                   <@ box(point(${n + 5}, ${n + 6}::float8), point(${n + 7}::float8, ${n + 8}::float8)))
            ORDER BY s.id LIMIT ${n + 9}""",
        *scope.args,
        list(entities) if entities is not None else None,
        choice.type,
        choice.district,
        list(choice.attributes) if choice.attributes is not None else None,
        west, south, east, north,
        most + 1,
    )  # fmt: skip
    if len(rows) > most:
        raise Invalid(
            Text(
                "范围内超过 {n} 个序列，请缩小范围或指定属性",
                "That is more than {n} series; narrow it or name the attributes",
            ),
            n=most,
        )
    return [
        Visible(
            number=r["id"],
            entity=r["entity"] or "",
            attribute=r["attribute"] or "",
            unit=r["unit"] or "",
            dataset=r["dataset"] or "",
            numbers=r["value"] is not None,
            others=r["other"] is not None,
            type=r["type"],
            district=r["district"],
            groups=groups.get(r["thing"], ()),
        )
        for r in rows
        if r["observed_at"] is not None
    ]


async def _groups(city: City, connection: Connection, caller: Caller) -> dict[str, tuple[str, ...]]:
    """The groups of the things that the caller may see in the register.

    Raises Forbidden or Unauthenticated when those are none at all.
    """
    scope = access.scoped(city, city[Policies].relations[_THINGS], caller)
    if "groups" not in scope.fields:
        return {}
    rows = await connection.fetch(
        f"SELECT code, groups FROM ({scope.sql}) t WHERE groups IS NOT NULL", *scope.args
    )
    return {row["code"]: _parted(row["groups"]) for row in rows}


def _parted(groups: str) -> tuple[str, ...]:
    """Names of groups, parted by commas, each once."""
    return tuple(
        dict.fromkeys(name for part in groups.replace("，", ",").split(",") if (name := part.strip()))
    )


def numbers_of(series: Sequence[Visible]) -> list[int]:
    """Their numbers."""
    return [s.number for s in series]
