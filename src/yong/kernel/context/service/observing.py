"""Changes of state: the newest value of every attribute, merged in the transaction of its observation.

Which value is the newest is decided here, against what this process knows of an entity; PostgreSQL is told
the version that this knowledge is of, and merges only over that one. For entities not known, or changed by
another process meanwhile, the rows are locked and read, and then the same is done again.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from yong.kernel.base import clock
from yong.kernel.base.city import City
from yong.kernel.context.contracts import Subject
from yong.kernel.context.logic import newest_of, point_of
from yong.kernel.context.service.telling import Told, may_name, tell
from yong.kernel.history.contracts import Observation
from yong.kernel.store.database import Connection, Row

_KNOWN_LIMIT = 200_000
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  # aware ones format at half the speed; only used within _moment


class Known(msgspec.Struct, gc=False):
    """An entity as this process committed or read it: its version, the moment of each attribute, whose it is."""

    version: int
    newest: dict[str, int]
    subject: Subject
    several: frozenset[str] = (
        frozenset()
    )  # attributes with instances of other data sets beside the default one
    others: tuple[str, ...] = ()  # types beside the first
    made: bool = False  # by this transaction


class Entities:
    """The entities this process knows as they were committed. A City part."""

    def __init__(self) -> None:
        self.known: dict[str, Known] = {}


class _Property(msgspec.Struct, gc=False, omit_defaults=True):
    type: str
    value: Any
    observedAt: str  # noqa: N815  # NGSI-LD's own word
    unitCode: str = ""  # noqa: N815  # NGSI-LD's own word


async def apply(
    city: City,
    connection: Connection,
    subjects: Mapping[str, Subject],
    observations: Sequence[Observation],
    before: Mapping[str, Known],
) -> dict[str, Known]:
    """Merge observations, none of them kept before, into their entities.

    Per attribute the newest observation counts, here and against what is stored; of two at one moment the one
    that came later. `subjects` has an entry for every entity. One event tells which attributes of which entities
    changed. The answer is for :func:`settle` once the transaction committed; `before` is that of an earlier call
    in the same transaction.
    """
    wanted = newest_of(observations)
    entities = city[Entities].known
    known = {i: k for i in wanted if (k := before.get(i) or entities.get(i)) is not None}
    if missing := wanted.keys() - known.keys():
        known |= await _read(connection, subjects, missing)
    learned: dict[str, Known] = {}
    changed: dict[str, Told] = {}
    left = await _merge(connection, wanted, subjects, known, learned, changed)
    if left:
        known |= await _read(connection, subjects, left)
        again = {i: wanted[i] for i in left}
        left = await _merge(connection, again, subjects, known, learned, changed)
        assert not left, "rows that are locked have the version that was read"
    await tell(connection, changed)
    return learned


def settle(city: City, learned: Mapping[str, Known]) -> None:
    """Remember what a transaction that has committed learned."""
    entities = city[Entities]
    if len(entities.known) > _KNOWN_LIMIT:
        entities.known = {}
    entities.known.update(learned)


class _Change(msgspec.Struct, gc=False):
    document: dict[str, _Property]
    known: Known
    placed: tuple[float, float] | None = None
    moved: bool = False


async def _merge(
    connection: Connection,
    wanted: Mapping[str, Mapping[str, Observation]],
    subjects: Mapping[str, Subject],
    known: Mapping[str, Known],
    learned: dict[str, Known],
    changed: dict[str, Told],
) -> set[str]:
    """Write what is newer; the entities whose version was another one."""
    simple: dict[str, _Change] = {}
    whole: dict[str, _Change] = {}
    moments: dict[int, str] = {}
    for entity in sorted(wanted):
        have, subject = known[entity], subjects[entity]
        newest = have.newest
        fresh = {a: o for a, o in wanted[entity].items() if o.observed_at >= newest.get(a, 0)}
        same = have.subject == subject
        if not fresh and same:
            continue
        change = _Change(
            {a: _property(o, moments) for a, o in fresh.items()},
            Known(
                have.version + 1,
                {**newest, **{a: o.observed_at for a, o in fresh.items()}},
                subject,
                have.several,
                have.others,
            ),
        )
        place = point_of(fresh["location"].value) if "location" in fresh else None
        if place is not None:
            change.placed, change.moved = place, True
        elif "location" not in newest and have.subject.place != subject.place:
            change.placed, change.moved = subject.place, True
        alone = have.several.isdisjoint(fresh)
        (simple if same and alone and not change.moved else whole)[entity] = change
    left = await _update(connection, simple, known) if simple else set()
    if whole:
        left |= await _update_whole(connection, whole, known)
    for entity, change in (*simple.items(), *whole.items()):
        if entity not in left:
            learned[entity] = change.known
            if change.document:
                changed[entity] = _told(change, known[entity])
    return left


def _told(change: _Change, before: Known) -> Told:
    return Told(
        types=(change.known.subject.type, *before.others),
        changed=sorted(change.document),
        added=sorted(change.document.keys() - before.newest.keys()),
        made=before.made,
        named=may_name(change.document) or before.subject.type != change.known.subject.type,
    )


async def _update(
    connection: Connection, changes: Mapping[str, _Change], known: Mapping[str, Known]
) -> set[str]:
    done = await connection.fetchval(
        """WITH done AS (
             UPDATE context.entity AS e SET doc = e.doc || n.doc, version = n.version + 1, settled = FALSE, modified_at = now()
             FROM unnest($1::text[], $2::jsonb[], $3::bigint[]) AS n (id, doc, version)
             WHERE e.tenant = '' AND e.id = n.id AND e.version = n.version RETURNING e.id)
           SELECT CASE WHEN (SELECT count(*) FROM done) < cardinality($1) THEN ARRAY(SELECT id FROM done) END""",
        list(changes),
        [c.document for c in changes.values()],
        [known[i].version for i in changes],
    )
    return set() if done is None else changes.keys() - set(done)


async def _update_whole(
    connection: Connection, changes: Mapping[str, _Change], known: Mapping[str, Known]
) -> set[str]:
    """As :func:`_update`, where place, owner, district, type or source changed, or an attribute has instances."""
    subjects = [c.known.subject for c in changes.values()]
    rows = await connection.fetch(
        """UPDATE context.entity AS e SET doc = context.merged(e.doc, n.doc), version = n.version + 1, settled = FALSE,
             modified_at = now(), type = n.type, owner_id = n.owner_id, district = n.district, source = n.source,
             location = CASE WHEN NOT n.moved THEN e.location WHEN n.x IS NOT NULL THEN point(n.x, n.y) END
           FROM unnest($1::text[], $2::jsonb[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[],
                       $8::boolean[], $9::float8[], $10::float8[])
                AS n (id, doc, version, type, owner_id, district, source, moved, x, y)
           WHERE e.tenant = '' AND e.id = n.id AND e.version = n.version RETURNING e.id""",
        list(changes),
        [c.document for c in changes.values()],
        [known[i].version for i in changes],
        [s.type for s in subjects],
        [s.owner for s in subjects],
        [s.district for s in subjects],
        [s.source for s in subjects],
        [c.moved for c in changes.values()],
        [c.placed[0] if c.placed else None for c in changes.values()],
        [c.placed[1] if c.placed else None for c in changes.values()],
    )
    return changes.keys() - {row["id"] for row in rows}


async def _read(
    connection: Connection, subjects: Mapping[str, Subject], ids: Iterable[str]
) -> dict[str, Known]:
    """Entities as they are, locked; those that are not there yet are made."""
    wanted = sorted(ids)
    made = await connection.fetch(
        """INSERT INTO context.entity (id, type)
           SELECT id, type FROM unnest($1::text[], $2::text[]) AS n (id, type) ORDER BY id ON CONFLICT DO NOTHING
           RETURNING id""",
        wanted,
        [subjects[i].type for i in wanted],
    )
    new = {row["id"] for row in made}
    rows = await connection.fetch(
        """SELECT id, version, type, other_types, owner_id, district, source, location,
                  (SELECT jsonb_object_agg(key, CASE WHEN jsonb_typeof(value) = 'array'
                              THEN (SELECT i->>'observedAt' FROM jsonb_array_elements(value) i WHERE NOT i ? 'datasetId')
                              ELSE value->>'observedAt' END) FROM jsonb_each(doc)) AS moments,
                  (SELECT array_agg(key) FROM jsonb_each(doc) WHERE jsonb_typeof(value) = 'array') AS several
           FROM context.entity WHERE tenant = '' AND id = ANY($1::text[]) ORDER BY id FOR UPDATE""",
        wanted,
    )
    return {row["id"]: _known(row, subjects[row["id"]], made=row["id"] in new) for row in rows}


def _known(row: Row, subject: Subject, *, made: bool) -> Known:
    newest = {
        a: clock.micros(datetime.fromisoformat(at)) if at else 0 for a, at in (row["moments"] or {}).items()
    }
    place = row["location"]
    registered = subject.place if "location" in newest else place and (place[0], place[1])
    stored = Subject(
        entity=row["id"],
        type=row["type"],
        owner=row["owner_id"],
        district=row["district"],
        place=registered,
        source=row["source"],
    )
    return Known(
        version=row["version"],
        newest=newest,
        subject=stored,
        several=frozenset(row["several"] or ()),
        others=tuple(row["other_types"]),
        made=made,
    )


def _property(o: Observation, moments: dict[int, str]) -> _Property:
    at = moments.get(o.observed_at)
    if at is None:
        at = moments[o.observed_at] = _moment(o.observed_at)
    geo = o.attribute == "location" or (isinstance(o.value, dict) and "coordinates" in o.value)
    return _Property("GeoProperty" if geo else "Property", o.value, at, o.unit)


def _moment(micros: int) -> str:
    return (_EPOCH + timedelta(microseconds=micros)).isoformat(timespec="microseconds") + "Z"
