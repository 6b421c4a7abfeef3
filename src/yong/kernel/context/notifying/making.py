"""From what concerns a subscription to notifications: what its maker may see now, and only if all that it asks holds."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller, Scope
from yong.kernel.access.policies import Policies
from yong.kernel.base.city import City
from yong.kernel.base.errors import Forbidden, Invalid, NotFound, Unauthenticated
from yong.kernel.base.ids import new_id
from yong.kernel.context.asking.contracts import MOST, Ask
from yong.kernel.context.asking.search import search
from yong.kernel.context.contracts import RELATION, TENANT_RELATION
from yong.kernel.context.jsonld.core import with_core
from yong.kernel.context.ngsild import ids
from yong.kernel.context.ngsild.attributes import NULL
from yong.kernel.context.ngsild.ids import SHOWN_ID
from yong.kernel.context.ngsild.shown import Whole, entity, feature, written
from yong.kernel.context.notifying.contracts import Key, Trigger
from yong.kernel.context.notifying.matching import Concern, Watcher
from yong.kernel.context.service.reading import COLUMNS, rows_of, whole_of
from yong.kernel.store.database import Connection

IN_ONE = 100  # entities of one notification
_HIDDEN = (Forbidden, Unauthenticated, NotFound, Invalid)


class Found(msgspec.Struct, gc=False):
    """An entity to be told of; with the attributes that were removed, where that is told."""

    whole: Whole
    removed: Sequence[str] = ()


async def found(city: City, connection: Connection, concerns: Sequence[Concern]) -> dict[Key, list[Found]]:
    """Of what changed, by subscription, the entities that are there, may be seen and fulfil every condition."""
    out: dict[Key, list[Found]] = defaultdict(list)
    groups: dict[tuple[str, tuple[object, ...]], list[Concern]] = defaultdict(list)
    searched: dict[Key, list[Concern]] = defaultdict(list)
    for concern in concerns:
        scope = await _scope(city, concern.watcher)
        if scope is None:
            continue
        if concern.watcher.searched:
            searched[concern.watcher.key].append(concern)
        else:
            groups[scope.sql, scope.args].append(concern)
    for (sql, args), group in groups.items():
        for concern, whole in await _fulfilled(connection, sql, args, group):
            out[concern.watcher.key].append(_found(concern, whole))
    for key, of in searched.items():
        told = {c.entity: c for c in of}
        some = sorted(told)
        for start in range(0, len(some), MOST):
            for whole in await matching(city, of[0].watcher, some[start : start + MOST]):
                out[key].append(_found(told[whole.id], whole))
    return out


def _found(concern: Concern, whole: Whole) -> Found:
    wanted = concern.watcher.wanted
    if Trigger.ATTRIBUTE_DELETED not in wanted.triggers:
        return Found(whole)
    return Found(whole, [n for n in concern.told.removed if wanted.watched is None or n in wanted.watched])


async def _fulfilled(
    connection: Connection, sql: str, args: tuple[object, ...], group: Sequence[Concern]
) -> list[tuple[Concern, Whole]]:
    """The entities that are there and fulfil all, by one statement: what is told is what the conditions held of."""
    asked = [n for n, c in enumerate(group) if c.patterns or c.watcher.path is not None]
    pairs = [(n, pattern) for n in asked for pattern in (group[n].patterns or (None,))]
    place = len(args)
    rows = await connection.fetch(
        f"""WITH e AS MATERIALIZED (SELECT {COLUMNS} FROM ({sql}) r WHERE id = ANY(${place + 1}::text[])),
            h AS (SELECT r.id, array_agg(DISTINCT p.n) AS holds
                  FROM unnest(${place + 2}::int[], ${place + 3}::text[], ${place + 4}::text[], ${place + 5}::text[])
                       AS p (n, id, path, pattern) JOIN e AS r ON r.id = p.id
                  WHERE (p.path IS NULL OR r.doc @? p.path::jsonpath)
                    AND (p.pattern IS NULL OR {SHOWN_ID} ~ p.pattern) GROUP BY r.id)
            SELECT e.*, h.holds FROM e LEFT JOIN h USING (id)""",
        *args,
        sorted({c.entity for c in group}),
        [n for n, _ in pairs],
        [group[n].entity for n, _ in pairs],
        [group[n].watcher.path for n, _ in pairs],
        [pattern for _, pattern in pairs],
    )
    there = {row["id"]: whole_of(row) for row in rows}
    holds = {n for row in rows for n in row["holds"] or ()}
    left_out = set(asked) - holds
    return [(c, there[c.entity]) for n, c in enumerate(group) if n not in left_out and c.entity in there]


async def matching(city: City, watcher: Watcher, among: Sequence[str] | None = None) -> list[Whole]:
    """The entities that a subscription asks for and its maker may see: among these, or (the first MOST) of all."""
    caller = await caller_of(city, watcher)
    if caller is None:
        return []
    wanted = watcher.wanted
    ask = Ask(
        selectors=wanted.selectors,
        attrs=tuple(sorted(wanted.watched or ())) if among is None else (),
        q=wanted.q,
        scopes=wanted.scopes,
        geo=wanted.geo,
        among=tuple(among) if among is not None else None,
        limit=MOST,
    )
    try:
        page = await search(city, caller, watcher.subscription.tenant, ask)
    except _HIDDEN:
        return []
    return list(page.entities)


async def gone(city: City, concerns: Iterable[Concern]) -> dict[Key, list[dict[str, Any]]]:
    """Of what was deleted, by subscription, what its maker could see."""
    out: dict[Key, list[dict[str, Any]]] = defaultdict(list)
    for concern in concerns:
        caller = await caller_of(city, concern.watcher)
        if caller is None:
            continue
        tenant = concern.watcher.subscription.tenant
        relation = city[Policies].relations[TENANT_RELATION if tenant else RELATION]
        told = concern.told
        try:
            await access.may_touch(
                city, caller, "records.read", relation, owner=told.owner, district=told.district
            )
        except _HIDDEN:
            continue
        names = concern.watcher.wanted.view.names
        types = [names.shown(t) for t in told.types]
        shown = {"id": ids.shown(concern.entity), "type": types if len(types) > 1 else types[0]}
        out[concern.watcher.key].append(shown)
    return out


def notifications(
    watcher: Watcher, entities: Sequence[Found], deleted: Sequence[dict[str, Any]], at: datetime
) -> list[tuple[Key, str]]:
    """The bodies of what is to be sent (clause 5.3.1), each of at most IN_ONE entities."""
    view, accept = watcher.wanted.view, watcher.wanted.endpoint.accept
    show = feature if accept.endswith("geo+json") else entity
    data = []
    for one in entities:
        shown = show(one.whole, view)
        place = shown["properties"] if "properties" in shown and show is feature else shown
        for name in one.removed:
            if name not in one.whole.attributes:
                place[view.names.shown(name)] = {"type": "Property", "value": NULL}
        data.append(shown)
    moment = written(at)
    data += [{**one, "deletedAt": moment} for one in deleted]
    out = []
    for start in range(0, len(data), IN_ONE):
        part: Any = data[start : start + IN_ONE]
        if show is feature:
            part = {"type": "FeatureCollection", "features": part}
        body = {
            "id": f"urn:ngsi-ld:Notification:{new_id()}",
            "type": "Notification",
            "subscriptionId": watcher.subscription.id,
            "notifiedAt": moment,
            "data": part,
        }
        if not accept.endswith("/json"):
            body["@context"] = with_core(watcher.subscription.context)
        out.append((watcher.key, msgspec.json.encode(body).decode()))
    return out


async def caller_of(city: City, watcher: Watcher) -> Caller | None:
    """Who asks: the subscription's maker, with what is left of the roles held then; None when nobody is left."""
    one = watcher.subscription
    return await access.standing(city, one.account, one.roles, purpose=one.purpose)


async def _scope(city: City, watcher: Watcher) -> Scope | None:
    caller = await caller_of(city, watcher)
    if caller is None:
        return None
    try:
        return rows_of(city, caller, watcher.subscription.tenant)
    except _HIDDEN:
        return None
