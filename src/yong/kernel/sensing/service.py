"""Messages in: decoded, checked against the register, committed with history, state and counters at once.

Every door ends here: MQTT's writer, HTTP, and the binary protocols' listeners. A message that cannot be taken
in becomes a dead letter with its reason and stops none of the others, not even when it is the database that
will not have it: then the batch is halved until that message is alone.
"""

import time
from collections import Counter as Tally
from collections.abc import Mapping, Sequence

import asyncpg
import msgspec
import structlog
from prometheus_client import Counter

from yong.kernel.base import clock, units
from yong.kernel.base.city import City
from yong.kernel.base.errors import Invalid, Malformed, YongError
from yong.kernel.base.text import Text
from yong.kernel.context import service as context
from yong.kernel.context.contracts import Subject
from yong.kernel.context.logic import point_of
from yong.kernel.history import service as history
from yong.kernel.history.contracts import Observation
from yong.kernel.history.logic import TOO_MANY_SERIES
from yong.kernel.sensing.contracts import Adapter, CommitResult, Incoming, Refusal, ThingRef, ThingType
from yong.kernel.store.database import Connection, Database

log = structlog.get_logger(__name__)

OBSERVATIONS = Counter("yong_observations", "Readings committed, repeated ones not counted")
REPEATED = Counter("yong_observations_repeated", "Readings that were there already")
DEAD = Counter("yong_dead_letters", "Messages that could not be taken in", ["code"])

LONGEST_THING = 128
_INTERVAL_S = 300
_KEEP_S = 10.0  # how long what is known of a thing counts without asking again
_UNKNOWN = Text("设备 {thing} 没有登记", "Thing {thing} is not registered")
_FORMAT = Text("没有格式 {adapter}", "There is no format {adapter}")
_FOREIGN = Text("{thing} 不得代 {entity} 上报", "{thing} may not report for {entity}")
_BROKEN = Text("格式 {adapter} 的解码器出错", "The decoder of {adapter} failed")
_UNFIT = Text("数据库不接受此消息", "The database does not accept this message")
_CUT = 64 << 10
_TRIES = 4
_BAD_DATA = (
    asyncpg.DataError,
    asyncpg.IntegrityConstraintViolationError,
    ValueError,
    TypeError,
    OverflowError,
)


class Things:
    """What this process knows of things and formats. A City part."""

    def __init__(self, city: City) -> None:
        self.adapters = {a.name: a for _, a in city.registry.of(Adapter)}
        self.types = {t.name: t for _, t in city.registry.of(ThingType)}
        for module, kind in city.registry.of(ThingType):
            for attribute in kind.attributes:
                units.declared(f"{module.name}: {kind.name}.{attribute.name}", attribute.unit)
        self.units = {
            name: {a.name: a.unit for a in t.attributes if a.unit} for name, t in self.types.items()
        }
        self.known: dict[str, ThingRef] = {}
        self.until = 0.0

    def interval_s(self, type: str) -> int:
        """How often things of a type report, unless their record says otherwise."""
        found = self.types.get(type)
        return found.interval_s if found else _INTERVAL_S

    def forget(self) -> None:
        """Ask the register again."""
        self.until = 0.0

    async def of(self, database: Database, wanted: set[str]) -> dict[str, ThingRef]:
        """The registered ones of `wanted`, and perhaps others."""
        if time.monotonic() > self.until:
            self.known = {}  # a new one: who holds the former goes on with it
            self.until = time.monotonic() + _KEEP_S
        known = self.known
        missing = {t for t in wanted - known.keys() if len(t) <= LONGEST_THING and "\0" not in t}
        if missing:
            rows = await database.fetch(
                """SELECT id, type, owner_id, district, location, source FROM sensing.thing
                   WHERE id = ANY($1::text[]) AND ended_at IS NULL""",
                sorted(missing),
            )
            for r in rows:
                known[r["id"]] = ThingRef(
                    id=r["id"],
                    entity_type=self.types[r["type"]].entity_type if r["type"] in self.types else r["type"],
                    owner=r["owner_id"],
                    district=r["district"],
                    place=point_of(r["location"]),
                    source=r["source"],
                    units=self.units.get(r["type"], {}),
                )
        return known


class Batch(msgspec.Struct):
    """Messages that were decoded and whose observations are prepared for: ready for a transaction."""

    messages: Sequence[Incoming]
    things: Mapping[str, ThingRef]
    taken: list["Taken"]
    dead: dict[int, YongError]
    others: dict[str, Subject]  # what things tell of besides themselves


class Taken(msgspec.Struct, gc=False):
    """A message's place in its batch, its observations and the numbers of their series."""

    index: int
    observations: list[Observation]
    numbers: list[int]


class Committed(msgspec.Struct):
    """What a transaction did, for :func:`settle` once it has committed."""

    result: CommitResult
    errors: Mapping[int, YongError]
    learned: Mapping[str, context.Known]


class NotRegistered(YongError):
    """A message of a thing or in a format that the register does not have."""

    code, status = "not-found", 404
    title = Text("未登记", "Not registered")


async def commit(city: City, connection: Connection, messages: Sequence[Incoming]) -> Committed:
    """Commit a batch in the caller's transaction. Call :func:`settle` once that committed.

    Decoding and preparing take another connection for a moment: do not hold more transactions open for this
    than the pool has connections to spare (the writer holds one).
    """
    return await write(city, connection, await take(city, messages))


async def commit_now(city: City, messages: Sequence[Incoming]) -> Committed:
    """Commit a batch in a transaction of its own, again when two batches waited for each other."""
    batch = await take(city, messages)
    for left in reversed(range(_TRIES)):
        try:
            async with city[Database].transaction() as connection:
                committed = await write(city, connection, batch)
            break
        except (asyncpg.DeadlockDetectedError, asyncpg.SerializationError):
            if not left:
                raise
    settle(city, committed)
    return committed


def settle(city: City, committed: Committed) -> None:
    """Count what a transaction did that has committed, and remember what it learned."""
    OBSERVATIONS.inc(committed.result.observations)
    REPEATED.inc(committed.result.repeated)
    for error in committed.errors.values():
        DEAD.labels(error.code).inc()
    context.settle(city, committed.learned)


async def take(city: City, messages: Sequence[Incoming]) -> Batch:
    """Decode messages and make what their observations need, outside of any transaction."""
    registry = city[Things]
    things = await registry.of(city[Database], {m.thing for m in messages})
    batch = Batch(messages, things, [], {}, {})
    adapters = registry.adapters
    for index, message in enumerate(messages):
        try:
            thing = things.get(message.thing)
            if thing is None:
                raise NotRegistered(_UNKNOWN, thing=message.thing[:LONGEST_THING])
            adapter = adapters.get(message.adapter)
            if adapter is None:
                raise NotRegistered(_FORMAT, adapter=message.adapter[:64])
            found = adapter.decode(message.payload, thing, message.received_at)
            if adapter.speaks_of:
                _tell_of_others(batch, adapter, thing, found)
            batch.taken.append(Taken(index, found, []))
        except YongError as error:
            batch.dead[index] = error
        except Exception as error:  # a decoder's mistake must not stop what the other things say
            log.error("a decoder failed", adapter=message.adapter, thing=message.thing, exc_info=error)
            batch.dead[index] = Malformed(_BROKEN, adapter=message.adapter)
    numbers = await history.prepare(city, [o for taken in batch.taken for o in taken.observations])
    at = 0
    for taken in batch.taken:
        taken.numbers = numbers[at : at + len(taken.observations)]
        at += len(taken.observations)
    if 0 in numbers:
        for taken in batch.taken:
            if 0 in taken.numbers:
                batch.dead[taken.index] = Invalid(TOO_MANY_SERIES, entity=messages[taken.index].thing)
        batch.taken = [taken for taken in batch.taken if taken.index not in batch.dead]
    return batch


def _tell_of_others(
    batch: Batch, adapter: Adapter, thing: ThingRef, observations: Sequence[Observation]
) -> None:
    """Note what entities a thing tells of. Raises Invalid for one that its format does not let it."""
    for entity in {o.entity for o in observations} - {thing.id}:
        type_ = next((t for prefix, t in adapter.speaks_of.items() if entity.startswith(prefix)), None)
        if type_ is None:
            raise Invalid(_FOREIGN, thing=thing.id, entity=entity[:LONGEST_THING])
        batch.others[entity] = Subject(
            entity=entity, type=type_, owner=thing.owner, district=thing.district, source=thing.source
        )


async def write(city: City, connection: Connection, batch: Batch) -> Committed:
    """Write a batch in the caller's transaction."""
    dead = dict(batch.dead)
    fresh: Tally[str] = Tally()
    repeated: Tally[str] = Tally()
    learned: dict[str, context.Known] = {}
    rest = [batch.taken] if batch.taken else []
    while rest:
        part = rest.pop()
        try:
            async with connection.transaction():
                new, learned_of_part = await _observe(city, connection, batch, part, learned)
        except _BAD_DATA as error:
            if len(part) == 1:
                [alone] = part
                log.error(
                    "the database refused a message", thing=batch.messages[alone.index].thing, exc_info=error
                )
                dead[alone.index] = Malformed(_UNFIT)
            else:
                rest += [part[len(part) // 2 :], part[: len(part) // 2]]
            continue
        learned |= learned_of_part
        at = 0
        for taken in part:
            thing, count = batch.messages[taken.index].thing, len(taken.observations)
            is_new = sum(new[at : at + count])
            at += count
            fresh[thing] += is_new
            if is_new < count:
                repeated[thing] += count - is_new
    await _count_things(connection, batch, fresh, repeated, dead)
    if dead:
        await _lay_aside(connection, batch.messages, dead)
    result = CommitResult(
        observations=fresh.total(),
        repeated=repeated.total(),
        refused=tuple(
            Refusal(
                index=index,
                thing=batch.messages[index].thing,
                code=error.code,
                reason=error.detail,
                problems=error.problems,
            )
            for index, error in sorted(dead.items())
        ),
    )
    return Committed(result, dead, learned)


async def _observe(
    city: City,
    connection: Connection,
    batch: Batch,
    part: Sequence[Taken],
    learned: Mapping[str, context.Known],
) -> tuple[list[bool], dict[str, context.Known]]:
    """Write messages' observations to history, and the new ones of them to their entities."""
    observations = [o for taken in part for o in taken.observations]
    numbers = [n for taken in part for n in taken.numbers]
    new = await history.write(city, connection, observations, numbers)
    changes = observations if all(new) else [o for o, is_new in zip(observations, new, strict=True) if is_new]
    if not changes:
        return new, {}
    things, others = batch.things, batch.others
    subjects = {
        entity: others.get(entity) or _subject(things[entity]) for entity in {o.entity for o in changes}
    }
    return new, await context.apply(city, connection, subjects, changes, learned)


def _subject(thing: ThingRef) -> Subject:
    return Subject(
        entity=thing.id,
        type=thing.entity_type,
        owner=thing.owner,
        district=thing.district,
        place=thing.place,
        source=thing.source,
    )


async def _count_things(
    connection: Connection,
    batch: Batch,
    fresh: Tally[str],
    repeated: Tally[str],
    dead: Mapping[int, YongError],
) -> None:
    errors: Tally[str] = Tally()
    last: dict[str, str] = {}
    for index, error in dead.items():
        thing = batch.messages[index].thing
        if thing in batch.things:
            errors[thing] += 1
            last[thing] = error.code
    ids = sorted(fresh.keys() | errors.keys())
    if not ids:
        return
    await connection.execute(
        """INSERT INTO sensing.thing_state AS s (thing, last_seen_at, readings, repeated, errors, last_error)
           SELECT thing, now(), readings, coalesce(repeated, 0), coalesce(errors, 0), last_error
           FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[])
                AS n (thing, readings, repeated, errors, last_error)
           ON CONFLICT (thing) DO UPDATE SET last_seen_at = excluded.last_seen_at,
             readings = s.readings + excluded.readings, repeated = s.repeated + excluded.repeated,
             errors = s.errors + excluded.errors, last_error = coalesce(excluded.last_error, s.last_error)""",
        ids,
        [fresh[i] for i in ids],
        [repeated[i] for i in ids] if repeated else None,
        [errors[i] for i in ids] if errors else None,
        [last.get(i) for i in ids] if errors else None,
    )


async def _lay_aside(
    connection: Connection, messages: Sequence[Incoming], dead: Mapping[int, YongError]
) -> None:
    await connection.executemany(
        """INSERT INTO sensing.dead_letter (thing, adapter, payload, size, code, reason_zh, reason_en)
           VALUES ($1, $2, $3, $4, $5, $6, $7)""",
        [
            (
                _kept(messages[i].thing, 200),
                _kept(messages[i].adapter, 64),
                messages[i].payload[:_CUT],
                len(messages[i].payload),
                error.code,
                _kept(error.detail.zh, 500),
                _kept(error.detail.en, 500),
            )
            for i, error in dead.items()
        ],
    )


def _kept(text: str, most: int) -> str:
    """Text as PostgreSQL takes it: without null characters and halves of characters."""
    return text[:most].replace("\0", "").encode("utf-8", "replace").decode()


def incoming(subject: str, payload: bytes, received_at: int) -> Incoming:
    """A message of the bus: its subject is `obs.<adapter>.<thing>`."""
    _, adapter, thing = (*subject.split(".", 2), "", "")[:3]
    return Incoming(adapter, thing.replace("//", "."), payload, received_at or clock.micros(clock.now()))
