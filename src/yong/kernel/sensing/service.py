"""Messages in: decoded, checked against the register, committed with history, state and counters at once.

Every door ends here: MQTT's writer, HTTP, and the binary protocols' listeners. A message that cannot be taken
in becomes a dead letter with its reason and stops none of the others.
"""

import time
from collections import Counter as Tally
from collections.abc import Sequence

import msgspec
from prometheus_client import Counter

from yong.kernel.base import clock
from yong.kernel.base.city import City
from yong.kernel.base.errors import YongError
from yong.kernel.base.text import Text
from yong.kernel.context import service as context
from yong.kernel.context.contracts import Subject
from yong.kernel.history import service as history
from yong.kernel.history.contracts import Observation
from yong.kernel.sensing.contracts import Adapter, CommitResult, Incoming, ThingRef, ThingType
from yong.kernel.store.database import Connection, Database

OBSERVATIONS = Counter("yong_observations", "Readings committed, repeated ones not counted")
REPEATED = Counter("yong_observations_repeated", "Readings that were there already")
DEAD = Counter("yong_dead_letters", "Messages that could not be taken in", ["code"])

_KEEP_S = 10.0  # how long what is known of a thing counts without asking again
_UNKNOWN = Text("设备 {thing} 没有登记", "Thing {thing} is not registered")
_FORMAT = Text("没有格式 {adapter}", "There is no format {adapter}")
_CUT = 64 << 10


class Things:
    """What this process knows of things and formats. A City part."""

    def __init__(self, city: City) -> None:
        self.adapters = {a.name: a for _, a in city.registry.of(Adapter)}
        self.types = {t.name: t for _, t in city.registry.of(ThingType)}
        self.units = {
            name: {a.name: a.unit for a in t.attributes if a.unit} for name, t in self.types.items()
        }
        self.known: dict[str, ThingRef] = {}
        self.until = 0.0

    async def of(self, connection: Connection, wanted: set[str]) -> dict[str, ThingRef]:
        """The registered ones of `wanted`."""
        if time.monotonic() > self.until:
            self.known.clear()
            self.until = time.monotonic() + _KEEP_S
        missing = wanted - self.known.keys()
        if missing:
            rows = await connection.fetch(
                """SELECT id, type, owner_id, district, location, source FROM sensing.thing
                   WHERE id = ANY($1::text[]) AND ended_at IS NULL""",
                sorted(missing),
            )
            for r in rows:
                place = r["location"]["coordinates"] if r["location"] else None
                self.known[r["id"]] = ThingRef(
                    id=r["id"],
                    entity_type=self.types[r["type"]].entity_type if r["type"] in self.types else r["type"],
                    owner=r["owner_id"],
                    district=r["district"],
                    place=(float(place[0]), float(place[1])) if place else None,
                    source=r["source"],
                    units=self.units.get(r["type"], {}),
                )
        return self.known


class _Decoded(msgspec.Struct):
    observations: list[Observation]
    dead: list[tuple[int, YongError]]
    things: dict[str, ThingRef]


async def commit(city: City, connection: Connection, messages: Sequence[Incoming]) -> CommitResult:
    """Commit a batch in the caller's transaction. Call :func:`count` with the result once it committed."""
    found = await _decode(city, connection, messages)
    observations = found.observations
    new: list[bool] = []
    if observations:
        await history.prepare(city, observations)
        new = await history.write(city, connection, observations)
        touched = {o.entity for o in observations}
        subjects = {
            t: Subject(
                entity=t,
                type=found.things[t].entity_type,
                owner=found.things[t].owner,
                district=found.things[t].district,
                place=found.things[t].place,
                source=found.things[t].source,
            )
            for t in touched
        }
        await context.apply(city, connection, subjects, observations)
    await _count_things(connection, observations, new, found, messages)
    if found.dead:
        await _lay_aside(connection, messages, found.dead)
    fresh = sum(new)
    return CommitResult(
        observations=fresh,
        repeated=len(new) - fresh,
        dead=tuple((index, error.detail) for index, error in found.dead),
    )


def count(result: CommitResult) -> None:
    """Add a committed batch to the metrics."""
    OBSERVATIONS.inc(result.observations)
    REPEATED.inc(result.repeated)


async def _decode(city: City, connection: Connection, messages: Sequence[Incoming]) -> _Decoded:
    registry = city[Things]
    things = await registry.of(connection, {m.thing for m in messages})
    out = _Decoded([], [], things)
    adapters = registry.adapters
    for index, message in enumerate(messages):
        thing = things.get(message.thing)
        try:
            if thing is None:
                raise NotRegistered(_UNKNOWN, thing=message.thing)
            adapter = adapters.get(message.adapter)
            if adapter is None:
                raise NotRegistered(_FORMAT, adapter=message.adapter)
            out.observations += adapter.decode(message.payload, thing, message.received_at)
        except YongError as error:
            out.dead.append((index, error))
    return out


class NotRegistered(YongError):
    """A message of a thing or in a format that the register does not have."""

    code, status = "not-found", 404
    title = Text("未登记", "Not registered")


async def _count_things(
    connection: Connection,
    observations: Sequence[Observation],
    new: Sequence[bool],
    found: _Decoded,
    messages: Sequence[Incoming],
) -> None:
    fresh: Tally[str] = Tally()
    repeated: Tally[str] = Tally()
    for o, is_new in zip(observations, new, strict=True):
        if is_new:
            fresh[o.entity] += 1
        else:
            repeated[o.entity] += 1
    errors: Tally[str] = Tally()
    last: dict[str, str] = {}
    for index, error in found.dead:
        thing = messages[index].thing
        if thing in found.things:
            errors[thing] += 1
            last[thing] = error.code
    ids = sorted(fresh.keys() | repeated.keys() | errors.keys())
    if not ids:
        return
    await connection.execute(
        """INSERT INTO sensing.thing_state AS s (thing, last_seen_at, readings, repeated, errors, last_error)
           SELECT thing, now(), readings, repeated, errors, last_error
           FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[])
                AS n (thing, readings, repeated, errors, last_error)
           ON CONFLICT (thing) DO UPDATE SET last_seen_at = excluded.last_seen_at,
             readings = s.readings + excluded.readings, repeated = s.repeated + excluded.repeated,
             errors = s.errors + excluded.errors, last_error = coalesce(excluded.last_error, s.last_error)""",
        ids,
        [fresh[i] for i in ids],
        [repeated[i] for i in ids],
        [errors[i] for i in ids],
        [last.get(i) for i in ids],
    )


async def _lay_aside(
    connection: Connection, messages: Sequence[Incoming], dead: Sequence[tuple[int, YongError]]
) -> None:
    await connection.executemany(
        """INSERT INTO sensing.dead_letter (thing, adapter, payload, size, code, reason_zh, reason_en)
           VALUES ($1, $2, $3, $4, $5, $6, $7)""",
        [
            (
                messages[i].thing[:200],
                messages[i].adapter[:64],
                messages[i].payload[:_CUT],
                len(messages[i].payload),
                error.code,
                _kept(error.detail.zh),
                _kept(error.detail.en),
            )
            for i, error in dead
        ],
    )
    for _, error in dead:
        DEAD.labels(error.code).inc()


def _kept(text: str) -> str:
    return text[:500].replace("\0", "")


async def commit_now(city: City, messages: Sequence[Incoming]) -> CommitResult:
    """Commit a batch in a transaction of its own."""
    async with city[Database].transaction() as connection:
        result = await commit(city, connection, messages)
    count(result)
    return result


def incoming(subject: str, payload: bytes, received_at: int) -> Incoming:
    """A message of the bus: its subject is `obs.<adapter>.<thing>`."""
    _, adapter, thing = subject.split(".", 2)
    return Incoming(adapter, thing.replace("//", "."), payload, received_at or clock.micros(clock.now()))
