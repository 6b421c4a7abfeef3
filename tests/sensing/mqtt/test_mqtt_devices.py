"""Devices as strangers: real MQTT clients, presence, violations, revocation, commands."""

import asyncio
import contextlib
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

import msgspec
import pytest

from twin.mqtt import Client, MqttError, Will
from yong.kernel.base.city import City
from yong.kernel.base.errors import Conflict, Invalid, Unavailable
from yong.kernel.sensing import commands
from yong.kernel.sensing.mqtt import inbound, reader, writer
from yong.kernel.sensing.mqtt.client import Publisher
from yong.kernel.sensing.mqtt.door import Door
from yong.kernel.sensing.mqtt.endpoint import STREAM
from yong.kernel.sensing.mqtt.wire import Wire
from yong.kernel.store.database import Database, Row

from .conftest import TOKEN, Nats, keep, task, until, verify

revoked: set[str] = set()


async def revocations(since: datetime) -> Sequence[str]:
    return sorted(revoked)


@asynccontextmanager
async def door_and_writer(city: City, nats: Nats) -> AsyncIterator[Door]:
    stop = asyncio.Event()
    door = Door(city, nats.endpoint, verify, revocations)
    write = writer.run(city, nats.endpoint.app_url, inbound.commit(keep), stop)
    async with task(door.run(stop), stop), task(write, stop):
        await until(lambda: door.gate.responder.open, why=lambda: str(door.gate.why))
        yield door


async def presence(city: City, thing: str, wanted: str, timeout_s: float = 5) -> Row:
    """The thing's row once `wanted` (SQL) is true of it."""
    for _ in range(int(timeout_s * 50)):
        row = await city[Database].fetchrow(
            f"SELECT * FROM sensing.presence WHERE thing = $1 AND ({wanted})", thing
        )
        if row is not None:
            return row
        await asyncio.sleep(0.02)
    raise AssertionError(f"{wanted}: {await city[Database].fetch('SELECT * FROM sensing.presence')}")


def mosquitto(program: str) -> str:
    """Debian's client; installed when we may, else the test says visibly that it did not run."""
    if shutil.which(program) is None and os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(
            ["apt-get", "install", "-y", "-qq", "mosquitto-clients"], check=False, capture_output=True
        )
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is absent (Debian: mosquitto-clients)")
    return found


def arguments(nats: Nats, thing: str, topic: str, *more: str) -> list[str]:
    return [
        "-h",
        "127.0.0.1",
        "-p",
        str(nats.mqtt_port),
        "-i",
        thing,
        "-u",
        thing,
        "-P",
        TOKEN,
        "-t",
        topic,
        *more,
    ]


async def test_mosquitto_publishes_and_is_told(kept: City, nats: Nats) -> None:
    async with door_and_writer(kept, nats):
        sub = await asyncio.create_subprocess_exec(
            mosquitto("mosquitto_sub"), *arguments(nats, "M1", "cmd/M1", "-q", "1", "-C", "1", "-W", "10"),
            stdout=subprocess.PIPE,
        )  # fmt: skip
        await presence(kept, "M1", "online")
        async with kept[Database].transaction() as connection:
            placed = await commands.place(
                connection, by="tester", thing="M1", name="open_gate", arguments={"percent": 40}, timeout_s=20
            )
        out, _ = await sub.communicate()
        told = msgspec.json.decode(out)
        assert (told["id"], told["name"], told["arguments"]) == (placed.id, "open_gate", {"percent": 40})
        answer = msgspec.json.encode({"id": placed.id, "ok": True, "percent": 40}).decode()
        for topic, qos, payload in (
            ("ack/M1", "1", answer),
            ("obs/json/M1", "1", '"one"'),
            ("obs/json/M1", "0", '"zero"'),
        ):
            done = await asyncio.create_subprocess_exec(
                mosquitto("mosquitto_pub"), *arguments(nats, "M1", topic, "-q", qos, "-m", payload)
            )
            assert await done.wait() == 0
        for _ in range(200):
            rows = await kept[Database].fetch(
                "SELECT payload FROM kept WHERE subject = 'obs.json.M1' ORDER BY 1"
            )
            command = await commands.read(kept[Database].pool, placed.id)
            if len(rows) == 2 and command.state == "acknowledged":
                break
            await asyncio.sleep(0.02)
        assert [r["payload"] for r in rows] == ['"one"', '"zero"']
        assert command.state == "acknowledged"
        assert command.answer == {"id": placed.id, "ok": True, "percent": 40}
        events = await kept[Database].fetch("SELECT event FROM store.outbox")
        assert [e["event"]["data"]["state"] for e in events if e["event"]["subject"] == placed.id] == [
            "acknowledged"
        ]


async def test_a_last_will_says_offline(kept: City, nats: Nats) -> None:
    async with door_and_writer(kept, nats):
        sub = await asyncio.create_subprocess_exec(
            mosquitto("mosquitto_sub"),
            *arguments(nats, "M2", "cmd/M2", "--will-topic", "state/M2", "--will-payload", "offline", "--will-qos", "1"),
        )  # fmt: skip
        row = await presence(kept, "M2", "online")
        assert row["connections"] == 1
        sub.kill()
        await sub.wait()
        row = await presence(kept, "M2", "NOT online AND said = 'offline'")
        assert row["disconnected_at"] is not None


async def said(nats: Nats, thing: str, topic: str, *more: str) -> None:
    done = await asyncio.create_subprocess_exec(
        mosquitto("mosquitto_pub"), *arguments(nats, thing, topic, "-q", "1", *more)
    )
    assert await done.wait() == 0


async def test_a_retained_reading_is_kept_once_and_a_retained_will_does_not_stick(
    kept: City, nats: Nats
) -> None:
    async with door_and_writer(kept, nats):
        await said(nats, "M8", "obs/json/M8", "-r", "-m", '"kept"')
        await said(nats, "M8", "obs/json/M8", "-m", '"plain"')
        will = ("--will-topic", "state/M8", "--will-payload", "offline", "--will-qos", "1", "--will-retain")
        sub = await asyncio.create_subprocess_exec(
            mosquitto("mosquitto_sub"), *arguments(nats, "M8", "cmd/M8", *will)
        )
        await presence(kept, "M8", "online")
        sub.kill()
        await sub.wait()
        await presence(kept, "M8", "NOT online AND said = 'offline'")
    async with door_and_writer(kept, nats):  # a writer that starts anew is not told again what was retained
        again = await asyncio.create_subprocess_exec(
            mosquitto("mosquitto_sub"), *arguments(nats, "M8", "cmd/M8", "-C", "1", "-W", "1")
        )
        await presence(kept, "M8", "online")
        await again.wait()
        await said(nats, "M8", "obs/json/M8", "-m", '"last"')
        for _ in range(200):
            rows = await kept[Database].fetch("SELECT payload FROM kept WHERE subject = 'obs.json.M8'")
            if any(r["payload"] == '"last"' for r in rows):
                break
            await asyncio.sleep(0.02)
        assert sorted(r["payload"] for r in rows) == ['"kept"', '"last"', '"plain"']


async def test_a_foreign_topic_is_counted_and_never_stored(kept: City, nats: Nats) -> None:
    async with door_and_writer(kept, nats):
        publisher = Publisher("127.0.0.1", nats.mqtt_port, "M3", TOKEN)
        await publisher.connect()
        await presence(kept, "M3", "online")
        for topic in ("obs/json/M1", "state/M1", "cmd/M3", "ack/M1", "obs/M3"):
            await publisher.publish(topic, b'"forged"')
        row = await presence(kept, "M3", "violations >= 5")
        assert row["violations"] == 5
        await publisher.publish("obs/json/M3", b'"own"')
        for _ in range(200):
            if await kept[Database].fetchval("SELECT count(*) FROM kept"):
                break
            await asyncio.sleep(0.02)
        assert [r["payload"] for r in await kept[Database].fetch("SELECT payload FROM kept")] == ['"own"']


async def test_a_last_will_on_a_foreign_topic_is_never_stored(kept: City, nats: Nats) -> None:
    async with door_and_writer(kept, nats):
        for topic in ("obs/json/M1", "state/M1"):
            client = Client()
            with contextlib.suppress(MqttError):  # refused or admitted without it: either will do
                await client.connect(
                    "127.0.0.1",
                    nats.mqtt_port,
                    "M9",
                    user="M9",
                    password=TOKEN,
                    will=Will(topic, b'"forged"'),
                )
            client.abort()
        publisher = Publisher("127.0.0.1", nats.mqtt_port, "M3", TOKEN)
        await publisher.connect()
        await publisher.publish("obs/json/M3", b'"own"')
        for _ in range(200):
            if await kept[Database].fetchval("SELECT count(*) FROM kept WHERE subject = 'obs.json.M3'"):
                break
            await asyncio.sleep(0.02)
        assert [r["payload"] for r in await kept[Database].fetch("SELECT payload FROM kept")] == ['"own"']
        assert not await kept[Database].fetchval(
            "SELECT count(*) FROM sensing.presence WHERE said = '\"forged\"'"
        )


class Reporting:
    """A device that publishes its numbers one by one, whatever happens, and keeps which were acknowledged when."""

    def __init__(self, nats: Nats, thing: str) -> None:
        self.acknowledged: dict[int, float] = {}
        self._nats, self._thing = nats, thing

    async def run(self, stop: asyncio.Event) -> None:
        loop, number = asyncio.get_running_loop(), 0
        publisher: Publisher | None = None
        while not stop.is_set():
            try:
                if publisher is None:
                    publisher = Publisher("127.0.0.1", self._nats.mqtt_port, self._thing, TOKEN)
                    await publisher.connect()
                await publisher.publish(f"obs/json/{self._thing}", b"%d" % number, timeout_s=3)
                self.acknowledged[number] = loop.time()
                number += 1
                await asyncio.sleep(0.002)
            except Unavailable:
                publisher = None
                await asyncio.sleep(0.05)

    def newest(self) -> int:
        return max(self.acknowledged, default=-1)

    async def lost(self, city: City) -> list[int]:
        """The acknowledged numbers that are not kept once the newest one is."""
        for _ in range(500):
            rows = await city[Database].fetch(
                "SELECT payload FROM kept WHERE subject = $1", f"obs.json.{self._thing}"
            )
            kept = {int(r["payload"]) for r in rows}
            if self.newest() in kept:
                assert len(kept) > 100
                return sorted(self.acknowledged.keys() - kept)
            await asyncio.sleep(0.02)
        raise AssertionError("the newest acknowledged number is not kept")


async def change(nats: Nats, verb: str, **config: object) -> None:
    """Change the stream behind everybody's back."""
    wire = await Wire.connect(nats.endpoint.app_url, "test")
    body = {"name": STREAM, "subjects": ["$MQTT.msgs.>"], "storage": "file", "num_replicas": 1, **config}
    answer = await reader.api(wire, f"STREAM.{verb}.{STREAM}", body if config else None)
    wire.close()
    assert b'"error"' not in answer, answer


async def test_devices_are_sent_away_while_the_retention_is_wrong_and_lose_nothing(
    kept: City, nats: Nats
) -> None:
    stop, one = asyncio.Event(), Reporting(nats, "M10")
    async with door_and_writer(kept, nats) as door, task(one.run(stop), stop):
        gate = door.gate
        await until(lambda: one.newest() > 100)
        await change(nats, "UPDATE", retention="limits")
        await until(lambda: gate.why[0] == "stream-wrong", why=lambda: str(gate.why))
        row = await presence(kept, "M10", "NOT online")
        assert row["left_because"] == "Kicked"
        assert not gate.responder.open
        before = one.newest()
        await asyncio.sleep(0.5)
        assert one.newest() == before, "nobody is acknowledged meanwhile"
        await change(nats, "UPDATE", retention="interest")
        await until(lambda: one.newest() > before + 100, why=lambda: str(gate.why))
        assert gate.responder.open
    assert await _lost(kept, nats, one) == []


async def test_of_a_stream_deleted_under_load_only_what_was_under_way_is_lost(kept: City, nats: Nats) -> None:
    stop, one = asyncio.Event(), Reporting(nats, "M11")
    loop = asyncio.get_running_loop()
    async with door_and_writer(kept, nats) as door, task(one.run(stop), stop):
        await until(lambda: one.newest() > 100)
        deleted = loop.time()
        await change(nats, "DELETE")
        await until(lambda: not door.gate.responder.open, why=lambda: str(door.gate.why))
        await until(lambda: door.gate.responder.open, why=lambda: str(door.gate.why))
        opened, before = loop.time(), one.newest()
        await until(lambda: one.newest() > before + 100, why=lambda: str(door.gate.why))
    gone = await _lost(kept, nats, one)
    print("acknowledged and lost with the stream:", len(gone))
    assert all(deleted - 1 < one.acknowledged[n] < opened for n in gone), "committed, or of the new stream"


async def _lost(city: City, nats: Nats, one: Reporting) -> list[int]:
    stop = asyncio.Event()
    async with task(writer.run(city, nats.endpoint.app_url, inbound.commit(keep), stop), stop):
        return await one.lost(city)


async def test_revocation_ends_a_live_connection(kept: City, nats: Nats) -> None:
    async with door_and_writer(kept, nats):
        publisher = Publisher("127.0.0.1", nats.mqtt_port, "M4", TOKEN)
        await publisher.connect()
        await presence(kept, "M4", "online")
        revoked.add("M4")
        try:
            await until(lambda: not publisher.connected, 3)
            row = await presence(kept, "M4", "NOT online")
        finally:
            revoked.clear()
        assert row["left_because"] == "Kicked"
        with pytest.raises(Unavailable):
            await publisher.publish("obs/json/M4", b"1")


async def test_commands_end_by_time_and_are_placed_once(kept: City, nats: Nats) -> None:
    async with door_and_writer(kept, nats):
        database = kept[Database]
        await database.execute(
            "INSERT INTO sensing.presence (thing) VALUES ('M5')"
        )  # it came once, over MQTT
        one = {
            "by": "tester",
            "thing": "M5",
            "name": "blink",
            "arguments": {"times": 3},
            "idempotency_key": "k1",
        }
        async with database.transaction() as connection:
            first = await commands.place(connection, **one, timeout_s=0.5)  # type: ignore[arg-type]  # a test's table
            again = await commands.place(connection, **one, timeout_s=0.5)  # type: ignore[arg-type]  # a test's table
            assert first == again
            other = {**one, "thing": "M7", "timeout_s": 0.5}
            never = await commands.place(connection, **other)  # type: ignore[arg-type]  # as above
            with pytest.raises(Conflict):
                await commands.place(connection, **(one | {"name": "other"}), timeout_s=1)  # type: ignore[arg-type]  # as above
            with pytest.raises(Invalid) as raised:
                await commands.place(connection, by="t", thing="a/b", name="", arguments={}, timeout_s=0)
            assert [p.pointer for p in raised.value.problems] == ["/thing", "/name", "/timeout_s"]
        for _ in range(100):
            command = await commands.read(database.pool, first.id)
            untold = await commands.read(database.pool, never.id)
            if command.ended_at and untold.ended_at:
                break
            await asyncio.sleep(0.05)
        assert (command.state, command.attempts) == ("timed_out", 1)
        assert (untold.state, untold.attempts) == ("expired", 0), "it never came: nobody knows by which door"
        async with database.transaction() as connection:
            late = msgspec.json.encode({"id": first.id, "ok": True})
            assert await commands.acknowledge(connection, [("M6", late)]) == 0, "another thing's answer"
            assert (
                await commands.acknowledge(connection, [("M5", b"{"), ("M5", b"[]"), ("M5", b'{"id":1}')])
                == 0
            )
            assert await commands.acknowledge(connection, [("M5", late)]) == 1
        assert (await commands.history(database.pool, "M5"))[0].state == "timed_out"
