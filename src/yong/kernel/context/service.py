"""Changes of state: the newest value of every attribute, merged in the transaction of its observation."""

from collections.abc import Sequence
from typing import Any

from yong.kernel.base import clock
from yong.kernel.base.city import City
from yong.kernel.context.contracts import Subject
from yong.kernel.history.contracts import Observation
from yong.kernel.store import outbox
from yong.kernel.store.contracts import Event
from yong.kernel.store.database import Connection

_IN_EVENT = 500


async def apply(
    city: City, connection: Connection, subjects: dict[str, Subject], observations: Sequence[Observation]
) -> int:
    """Merge observations into their entities; how many entities were touched.

    Per attribute the newest observation counts, here and against what is stored. `subjects` has an entry
    for every entity. Entities are taken in the order of their ids, so that two writers never wait in a circle.
    """
    newest: dict[tuple[str, str], Observation] = {}
    for o in observations:
        key = (o.entity, o.attribute)
        have = newest.get(key)
        if have is None or o.observed_at >= have.observed_at:
            newest[key] = o
    documents: dict[str, dict[str, Any]] = {}
    places: dict[str, tuple[float, float]] = {}
    for (entity, attribute), o in newest.items():
        documents.setdefault(entity, {})[attribute] = _property(o)
        if attribute == "location" and (place := _point(o.value)):
            places[entity] = place
    ids = sorted(documents)
    whole = [subjects[i] for i in ids]
    await connection.execute(
        """INSERT INTO context.entity AS e (id, type, doc, owner_id, district, location, source)
           SELECT n.id, n.type, n.doc, n.owner_id, n.district,
                  CASE WHEN n.x IS NULL THEN NULL ELSE point(n.x, n.y) END, n.source
           FROM unnest($1::text[], $2::text[], $3::jsonb[], $4::text[], $5::text[], $6::float8[], $7::float8[], $8::text[])
                AS n (id, type, doc, owner_id, district, x, y, source)
           ON CONFLICT (tenant, id) DO UPDATE SET
             doc = e.doc || (SELECT coalesce(jsonb_object_agg(a.key, a.value), '{}') FROM jsonb_each(excluded.doc) a
                             WHERE NOT e.doc ? a.key OR e.doc->a.key->>'observedAt' <= a.value->>'observedAt'),
             type = excluded.type, owner_id = excluded.owner_id, district = excluded.district,
             location = coalesce(excluded.location, e.location), source = excluded.source, modified_at = now()""",
        ids,
        [s.type for s in whole],
        [documents[i] for i in ids],
        [s.owner for s in whole],
        [s.district for s in whole],
        *_columns([places.get(s.entity) or s.place for s in whole]),
        [s.source for s in whole],
    )
    await outbox.emit(
        connection,
        *(
            Event(
                type="context.EntitiesChanged",
                subject=ids[i],
                data={"entities": {e: sorted(documents[e]) for e in ids[i : i + _IN_EVENT]}},
            )
            for i in range(0, len(ids), _IN_EVENT)
        ),
    )
    return len(ids)


def _property(o: Observation) -> dict[str, Any]:
    geo = isinstance(o.value, dict) and "coordinates" in o.value
    out: dict[str, Any] = {
        "type": "GeoProperty" if geo else "Property",
        "value": o.value,
        "observedAt": clock.from_micros(o.observed_at).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
    }
    if o.unit:
        out["unitCode"] = o.unit
    return out


def _point(value: object) -> tuple[float, float] | None:
    if not isinstance(value, dict) or value.get("type") != "Point":
        return None
    match value.get("coordinates"):
        case [int() | float() as x, int() | float() as y, *_] if -180 <= x <= 180 and -90 <= y <= 90:
            return float(x), float(y)
    return None


def _columns(places: Sequence[tuple[float, float] | None]) -> tuple[list[float | None], list[float | None]]:
    return [p[0] if p else None for p in places], [p[1] if p else None for p in places]
