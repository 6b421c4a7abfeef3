"""How things are doing, as the caller may see them: each one, and counted.

A state is not kept: it follows from when a thing was last heard and what it or its line said, so it is true at the
moment of asking, and nothing has to run for a thing to fall silent.
"""

from collections.abc import Sequence
from typing import Literal

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.access.policies import Policies
from yong.kernel.base.city import City
from yong.kernel.base.errors import Invalid
from yong.kernel.base.text import Text
from yong.kernel.sensing.contracts import StateCount, ThingState
from yong.kernel.sensing.logic import SILENT_AFTER
from yong.kernel.sensing.service import Things
from yong.kernel.store.database import Database

THING = "sensing.thing"
State = Literal["never", "offline", "silent", "online"]

# A thing that said so is offline (its last will says it for it), and one whose protocol keeps a line open while
# that is down. Over MQTT and HTTP a thing may come, report and go.
_STATES = f"""
    SELECT t.code AS thing, t.type, t.name_zh, t.name_en, t.district, t.source, s.last_seen_at, coalesce(s.readings, 0) AS readings,
           coalesce(s.repeated, 0) AS repeated, coalesce(s.errors, 0) AS errors,
           coalesce(p.violations, 0) AS violations,
           CASE WHEN s.last_seen_at IS NULL THEN 'never'
                WHEN p.said = 'offline' OR (p.door <> 'mqtt' AND NOT p.online) THEN 'offline'
                WHEN s.last_seen_at < now() - {SILENT_AFTER} * make_interval(
                       secs => greatest(coalesce(nullif(t.interval_s, 0), k.interval_s, ${{default}}::int), 1))
                  THEN 'silent'
                ELSE 'online' END AS state
    FROM ({{scope}}) t LEFT JOIN sensing.thing_state s ON s.thing = t.code
    LEFT JOIN sensing.presence p ON p.thing = t.code
    LEFT JOIN unnest(${{types}}::text[], ${{intervals}}::int[]) AS k (type, interval_s) ON k.type = t.type"""


def _states(city: City, caller: Caller) -> tuple[str, list[object]]:
    """The query of the things that the caller may see, and its arguments."""
    scope = access.scoped(city, city[Policies].relations[THING], caller)
    kinds, n = city[Things].types, len(scope.args)
    sql = _STATES.format(scope=scope.sql, default=n + 1, types=n + 2, intervals=n + 3)
    return sql, [
        *scope.args,
        city[Things].interval_s(""),
        list(kinds),
        [kind.interval_s for kind in kinds.values()],
    ]


def _filtered(sql: str, n: int) -> str:
    """`sql` with the filters by state, type, district and text, whose values are the arguments from `n` + 1 on.

    A text is looked for as it stands (% and _ mean themselves), in the id and in both names.
    """
    return f"""
        SELECT * FROM ({sql}) q
        WHERE (${n + 1}::text IS NULL OR state = ${n + 1}) AND (${n + 2}::text IS NULL OR type = ${n + 2})
          AND (${n + 3}::text IS NULL OR starts_with(district, ${n + 3}))
          AND (${n + 4}::text IS NULL
               OR strpos(lower(concat_ws(E'\\n', thing, name_zh, name_en)), lower(${n + 4})) > 0)"""


async def states(
    city: City,
    caller: Caller,
    *,
    state: State | None = None,
    type: str | None = None,
    district: str | None = None,
    text: str | None = None,
    things: Sequence[str] | None = None,
    after: str | None = None,
    limit: int = 100,
) -> list[ThingState]:
    """How the things that the caller may see are doing, by id: of one state, type or district, or by name.

    `district` is a code of GB/T 2260 or the beginning of one; `text` is part of an id or a name.
    """
    if not 1 <= limit <= 1000:
        raise Invalid(Text("limit 应在 1 与 1000 之间", "limit must lie between 1 and 1000"))
    sql, args = _states(city, caller)
    n = len(args)
    rows = await city[Database].fetch(
        f"""{_filtered(sql, n)}
              AND (${n + 5}::text[] IS NULL OR thing = ANY(${n + 5})) AND (${n + 6}::text IS NULL OR thing > ${n + 6})
            ORDER BY thing LIMIT ${n + 7}::int""",
        *args,
        state,
        type,
        district,
        text,
        list(things) if things else None,
        after,
        limit,
    )
    return [ThingState(**row) for row in rows]


async def counts(
    city: City, caller: Caller, *, district: str | None = None, text: str | None = None
) -> list[StateCount]:
    """How many things that the caller may see are in each state, by type; filtered as `states` filters."""
    sql, args = _states(city, caller)
    rows = await city[Database].fetch(
        f"""SELECT type, state, count(*) AS things FROM ({_filtered(sql, len(args))}) f
            GROUP BY type, state ORDER BY type, state""",
        *args,
        None,
        None,
        district,
        text,
    )
    return [StateCount(**row) for row in rows]
