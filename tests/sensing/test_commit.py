"""The commit: every reading once, what is now by the newest, and no message that stops the others."""

import asyncio
import json
import os
import random
import sys
from collections.abc import Sequence
from pathlib import Path

import asyncpg
import msgspec
import pytest
from tests.conftest import TestDatabase

from yong.kernel.access.api import system_caller
from yong.kernel.base import clock
from yong.kernel.base.city import City
from yong.kernel.base.errors import Conflict, YongError
from yong.kernel.base.text import Text
from yong.kernel.context.service import Entities
from yong.kernel.history.contracts import Observation
from yong.kernel.history.logic import DAY_US, LATE_US, SERIES_OF_ENTITY
from yong.kernel.history.service import Series
from yong.kernel.records import api as records
from yong.kernel.sensing import api, service
from yong.kernel.sensing.contracts import Adapter, CommitResult, Incoming, ThingRef
from yong.kernel.store.database import Database

SYSTEM = system_caller("sensing")


async def register(city: City, *codes: str, place: tuple[float, float] | None = None) -> None:
    for code in codes:
        values = {"code": code, "type": "lamp", "source": "synthetic"}
        if place:
            values["location"] = {"type": "Point", "coordinates": list(place)}  # type: ignore[assignment]  # a field may be JSON
        await records.create(city, SYSTEM, "sensing.thing", values, owner="lights", district="330203")
    city[service.Things].forget()


def message(thing: str, payload: object, at: int | None = None) -> Incoming:
    return Incoming("json", thing, msgspec.json.encode(payload), at or clock.micros(clock.now()))


async def commit(city: City, *messages: Incoming) -> CommitResult:
    return (await service.commit_now(city, messages)).result


async def rolled_back(city: City, messages: list[Incoming]) -> None:
    """Write a batch whose transaction fails afterwards."""
    try:
        async with city[Database].transaction() as connection:
            await service.commit(city, connection, messages)
            raise ZeroDivisionError
    except ZeroDivisionError:
        return


async def changes(city: City) -> list[dict[str, object]]:
    rows = await city[Database].fetch("SELECT event FROM store.outbox ORDER BY id")
    told = [r["event"]["data"] for r in rows if r["event"]["type"] == "context.EntitiesChanged"]
    return [{"entities": data["entities"]} for data in told]


async def state(city: City, thing: str) -> dict[str, object]:
    doc = await city[Database].fetchval("SELECT doc FROM context.entity WHERE id = $1", thing)
    return {name: of["value"] for name, of in (doc or {}).items()}


async def kept(city: City) -> list[tuple[str, str, int, object]]:
    rows = await city[Database].fetch(
        """SELECT s.entity, s.attribute, o.observed_at, o.value, o.other
           FROM history.observation o JOIN history.series s ON s.id = o.series"""
    )
    found = [
        (r["entity"], r["attribute"], r["observed_at"], r["other"] if r["value"] is None else r["value"])
        for r in rows
    ]
    return sorted(found, key=repr)


async def test_a_reading_becomes_history_state_counters_and_an_event(city: City) -> None:
    await register(city, "l1")
    result = await commit(city, message("l1", {"v": {"load": 3, "mode": "auto"}, "u": {"load": "P1"}}))
    assert (result.observations, result.repeated, result.refused) == (2, 0, ())
    row = await city[Database].fetchrow("SELECT * FROM context.entity WHERE id = 'l1'")
    assert row is not None
    assert (row["type"], row["owner_id"], row["district"], row["source"]) == (
        "lamp",
        "lights",
        "330203",
        "synthetic",
    )
    load = row["doc"]["load"]
    assert (load["type"], load["value"], load["unitCode"]) == ("Property", 3.0, "P1")
    assert await changes(city) == [{"entities": {"l1": ["load", "mode"]}}]
    [thing] = await api.states(city, SYSTEM)
    assert (thing.state, thing.readings, thing.errors) == ("online", 2, 0)


async def test_repeated_readings_change_nothing_and_say_nothing(city: City) -> None:
    await register(city, "l1")
    same = message("l1", [{"t": 1000 * (clock.micros(clock.now()) // 1000000), "v": {"load": 3}}])
    await commit(city, same)
    before = await city[Database].fetchrow("SELECT version, modified_at FROM context.entity")
    result = await commit(city, same, same)
    assert (result.observations, result.repeated) == (0, 2)
    assert await city[Database].fetchrow("SELECT version, modified_at FROM context.entity") == before
    assert len(await changes(city)) == 1
    assert await city[Database].fetchval("SELECT repeated FROM sensing.thing_state") == 2


class Model:
    """The naive truth: identities seen, and by attribute the newest, of one moment the last that was new."""

    def __init__(self) -> None:
        self.seen: set[tuple[str, str, int, str]] = set()
        self.rows: list[tuple[str, str, int, object]] = []
        self.state: dict[str, dict[str, tuple[int, object]]] = {}

    def take(self, thing: str, attribute: str, at: int, value: object) -> None:
        identity = (thing, attribute, at, repr(value))
        if identity in self.seen:
            return
        self.seen.add(identity)
        self.rows.append((thing, attribute, at, value))
        of = self.state.setdefault(thing, {})
        if attribute not in of or at >= of[attribute][0]:
            of[attribute] = (at, value)


@pytest.mark.parametrize("seed", range(4))
async def test_any_order_any_repetition_any_rollback_equals_the_model(city: City, seed: int) -> None:
    draw = random.Random(seed)
    things = [f"l{i}" for i in range(5)]
    await register(city, *things)
    model = Model()
    base = clock.micros(clock.now()) - 2 * DAY_US
    sent: list[tuple[str, str, int, object]] = []
    for _ in range(30):
        readings = []
        for _ in range(draw.randint(1, 40)):
            if sent and draw.random() < 0.3:
                readings.append(draw.choice(sent))
            else:
                value = draw.choice([float(draw.randint(0, 5)), "on", True, {"x": [1, "y"]}])
                at = (
                    base + draw.randint(0, 60) * DAY_US // 40
                    if draw.random() < 0.5
                    else base + len(sent) * 50_000_000
                )
                readings.append((draw.choice(things), draw.choice("abc"), at // 1000 * 1000, value))
        sent += readings
        messages = [message(t, {"t": at // 1000, "v": {a: v}}) for t, a, at, v in readings]
        if draw.random() < 0.25:  # a batch that is written, and then its transaction fails
            await rolled_back(city, messages)
            continue
        if draw.random() < 0.2:  # another process, which knows nothing
            city.put(Series, Series())
        if draw.random() < 0.2:
            city.put(Entities, Entities())
        before = len(model.rows)
        for reading in readings:
            model.take(*reading)
        result = await commit(city, *messages)
        assert result.observations == len(model.rows) - before
        assert result.observations + result.repeated == len(readings)
    assert await kept(city) == sorted(model.rows, key=repr)
    for thing in things:
        assert await state(city, thing) == {a: v for a, (_, v) in model.state.get(thing, {}).items()}
    counted = await city[Database].fetchval("SELECT sum(readings)::int FROM sensing.thing_state")
    assert counted == len(model.rows)


async def test_a_rolled_back_reading_does_not_hide_an_earlier_one(city: City) -> None:
    await register(city, "l1")
    now = clock.micros(clock.now()) // 1000
    await commit(city, message("l1", {"t": now - 9000, "v": {"a": 1}}))
    await rolled_back(city, [message("l1", {"t": now, "v": {"a": 3}})])
    await commit(city, message("l1", {"t": now - 5000, "v": {"a": 2}}))
    assert await state(city, "l1") == {"a": 2.0}


# ---------------------------------------------------------------- two processes


async def _process(database: TestDatabase, home: Path, seed: int) -> asyncio.subprocess.Process:
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(Path(__file__).with_name("commit_process.py")), str(home), database.serve_url, str(seed),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert process.stdout
    assert await process.stdout.readline() == b"ready\n"
    return process


# What another role's session waits for is shown to a superuser only, and an external engine's owner is none.
_WAITING = """SELECT count(DISTINCT pid) FROM pg_locks JOIN pg_stat_activity USING (pid)
              WHERE datname = current_database() AND NOT granted"""


async def _go(process: asyncio.subprocess.Process) -> dict[str, int]:
    out, _ = await process.communicate(b"go\n")
    assert process.returncode == 0
    found: dict[str, int] = json.loads(out)
    return found


async def test_two_processes_that_commit_the_same_keep_each_reading_once(
    city: City, database: TestDatabase, tmp_path: Path
) -> None:
    await register(city, *[f"l{i}" for i in range(20)])
    both = [await _process(database, tmp_path, seed) for seed in (1, 2)]
    # Neither is done before the other has begun; who looks is another session, since one sees itself as it began.
    holder, looker = [await asyncpg.connect(database.owner_url) for _ in range(2)]
    try:
        async with holder.transaction():
            await holder.execute("LOCK TABLE sensing.thing_state IN EXCLUSIVE MODE")
            going = [asyncio.create_task(_go(process)) for process in both]
            for _ in range(1500):
                if (waiting := await looker.fetchval(_WAITING)) == 2:
                    break
                await asyncio.sleep(0.02)
            assert waiting == 2
    finally:
        await asyncio.gather(holder.close(), looker.close())
    one, two = await asyncio.gather(*going)
    rows = await kept(city)
    assert len(rows) == len({row[:3] for row in rows}) == 20 * 100
    assert min(one["observations"], two["observations"]) > 0  # they did meet
    assert one["observations"] + two["observations"] == 2000
    assert one["repeated"] + two["repeated"] == 2000
    newest = max(row[2] for row in rows)
    for thing in range(20):
        [(_, _, _, value)] = [r for r in rows if r[0] == f"l{thing}" and r[2] == newest]
        assert await state(city, f"l{thing}") == {"load": value}


async def test_commits_that_wait_for_each_other_are_tried_again(city: City) -> None:
    """Many at once, on the same things, more of them than the pool has connections."""
    things = [f"l{i}" for i in range(8)]
    await register(city, *things)
    now = clock.micros(clock.now()) // 1000
    draw = random.Random(3)

    def batch(n: int) -> list[Incoming]:
        mixed = draw.sample(things, len(things))
        return [message(t, {"t": now + n * 10 + i, "v": {"a": n, f"b{n}": i}}) for i, t in enumerate(mixed)]

    results = await asyncio.wait_for(asyncio.gather(*[commit(city, *batch(n)) for n in range(30)]), 30)
    assert sum(r.observations for r in results) == 30 * 8 * 2
    for thing in things:
        assert (await state(city, thing))["a"] == 29.0


# ---------------------------------------------------------------- what cannot be taken in


def _made(value: object) -> Adapter:
    def decode(payload: bytes, thing: ThingRef, received_at: int) -> Sequence[Observation]:
        if isinstance(value, Exception):
            raise value
        return [Observation(thing.id, "a", received_at, value)]

    return Adapter(name="made", title=Text("试", "test"), media_type="x/y", decode=decode)  # type: ignore[arg-type]  # wrong on purpose


@pytest.mark.parametrize("wrong", ["a\0b", {"deep": "\0"}, RuntimeError("a decoder's mistake"), {1j}])
async def test_a_message_that_breaks_the_commit_is_found_and_the_others_are_kept(
    city: City, wrong: object
) -> None:
    await register(city, *[f"l{i}" for i in range(9)])
    city[service.Things].adapters["made"] = _made(wrong)
    messages = [message(f"l{i}", {"v": {"a": i}}) for i in range(9)]
    messages[5] = Incoming("made", "l5", b"x", messages[5].received_at)
    result = await commit(city, *messages)
    assert result.observations == 8
    assert [(r.index, r.thing, r.code) for r in result.refused] == [(5, "l5", "malformed")]
    assert await state(city, "l8") == {"a": 8.0}
    [letter] = await api.dead_letters(city, SYSTEM)
    assert (letter.thing, letter.code, letter.size) == ("l5", "malformed", 1)


async def test_unknown_things_and_formats_and_strange_names_are_laid_aside(city: City) -> None:
    await register(city, "l1")
    now = clock.micros(clock.now())
    result = await commit(
        city,
        message("nobody", {"v": {"a": 1}}),
        message("l1", {"v": {"a": 1}}),
        Incoming("morse", "l1", b"...---...", now),
        Incoming("json", "l\0", b'{"v":{"a":1}}', now),
        Incoming("json\0", "\ud800" * 300, b"\0" * 100_000, now),
        service.incoming("obs.json", b"{}", now),
        service.incoming("obs.json.l1", b"{", now),
    )
    assert result.observations == 1
    assert [(r.index, r.code) for r in result.refused] == [
        (0, "not-found"), (2, "not-found"), (3, "not-found"), (4, "not-found"), (5, "not-found"), (6, "malformed"),
    ]  # fmt: skip
    letters = await api.dead_letters(city, SYSTEM)
    assert len(letters) == 6
    [cut] = [x for x in letters if x.size == 100_000]
    assert len(await api.dead_letter_payload(city, SYSTEM, cut.id)) == 65_536
    with pytest.raises(YongError, match="too long"):
        await api.replay(city, SYSTEM, cut.id)


async def test_an_entity_has_so_many_attributes_and_no_more(city: City) -> None:
    await register(city, "l1", "l2")
    fits = {f"a{i}": i for i in range(SERIES_OF_ENTITY)}
    first = await commit(city, message("l1", {"v": fits}), message("l2", {"v": {"a": 1}}))
    assert first.observations == SERIES_OF_ENTITY + 1
    later = await commit(
        city, message("l1", {"v": {"b": 1}}), message("l1", {"v": {"a0": 5}}), message("l2", {"v": {"b": 1}})
    )
    assert later.observations == 2
    assert [(r.index, r.code) for r in later.refused] == [(0, "invalid")]


async def test_late_readings_land_in_their_own_day(city: City) -> None:
    await register(city, "l1")
    now = clock.micros(clock.now())
    edge = now - LATE_US + 3_600_000_000
    result = await commit(
        city,
        message("l1", {"t": edge // 1000, "v": {"a": 1}}),
        message("l1", {"t": (now - LATE_US - 3_600_000_000) // 1000, "v": {"a": 1}}),
        message("l1", {"t": (now + DAY_US - 3_600_000_000) // 1000, "v": {"a": 1}}),
    )
    assert (result.observations, [r.index for r in result.refused]) == (2, [1])
    day = clock.from_micros(edge)
    assert await city[Database].fetchval(f"SELECT count(*) FROM history.observation_{day:%Y%m%d}") == 1


async def test_what_was_observed_is_not_changed_by_the_serving_role(city: City) -> None:
    await register(city, "l1")
    await commit(city, message("l1", {"v": {"a": 1}}))
    [(part,)] = await city[Database].fetch(
        "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'history.observation'::regclass"
    )
    for table in ("history.observation", part, "history.series"):
        for verb in (
            f"DELETE FROM {table}",
            f"UPDATE {table} SET {'unit' if 'series' in table else 'value'} = NULL",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await city[Database].execute(verb)
    with pytest.raises(asyncpg.CheckViolationError):
        await city[Database].execute("SELECT history.ensure_day('1999-01-01')")


# ---------------------------------------------------------------- dead letters


async def test_a_dead_letter_is_replayed_once_its_reason_is_gone(city: City) -> None:
    await commit(
        city, message("l1", {"v": {"a": 1}}), message("l1", {"v": {"a": 2}}), message("l2", {"v": {"a": 2}})
    )
    newest, *_, oldest = await api.dead_letters(city, SYSTEM)
    assert "not registered" in oldest.reason.en
    with pytest.raises(Conflict, match=r"still cannot be taken in.*not registered"):
        await api.replay(city, SYSTEM, oldest.id)
    assert len(await api.dead_letters(city, SYSTEM)) == 3  # trying did not make more of them
    await register(city, "l1")
    assert (await api.replay(city, SYSTEM, oldest.id)).observations == 1
    with pytest.raises(YongError, match="replayed already"):
        await api.replay(city, SYSTEM, oldest.id)
    rest = await api.replay_all(city, SYSTEM)
    assert (rest.taken, rest.refused) == (1, 1)
    assert await state(city, "l1") == {"a": 2.0}
    await api.discard(city, SYSTEM, newest.id)
    assert all(x.replayed_at for x in await api.dead_letters(city, SYSTEM))


async def test_old_dead_letters_are_forgotten(city: City) -> None:
    await commit(city, *[message("nobody", {"v": {"a": n}}) for n in range(3)])
    await city[Database].execute(
        "UPDATE sensing.dead_letter SET at = now() - interval '31 days' WHERE id = (SELECT min(id) FROM sensing.dead_letter)"
    )
    assert await api.forget_dead_letters(city, SYSTEM) == 1
    assert len(await api.dead_letters(city, SYSTEM)) == 2


async def test_a_list_is_a_value_of_a_reading(city: City) -> None:
    await register(city, "l1", "l2")
    at = clock.micros(clock.now())
    for step, alarms in enumerate(([], ["overspeed", "fatigue"], [[1, 2], [3]], ["door"])):
        done = await commit(
            city,
            *(
                message(t, {"t": (at + step) / 1e6, "v": {"alarms": alarms, "n": step, "o": {"a": [1]}}})
                for t in ("l1", "l2")
            ),
        )
        assert (done.observations, done.refused) == (6, ())
    late = await commit(city, message("l1", {"t": (at - 60_000_000) / 1e6, "v": {"alarms": [], "n": 0}}))
    assert (late.observations, late.refused) == (2, ())
    assert (await state(city, "l1"))["alarms"] == ["door"]
    assert [v for e, a, _, v in await kept(city) if (e, a) == ("l2", "alarms")].count([[1, 2], [3]]) == 1
