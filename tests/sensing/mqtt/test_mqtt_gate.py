"""The gate: devices are admitted only while an acknowledgement means stored."""

import asyncio
import contextlib
import json
from pathlib import Path

import pytest

from yong.kernel.base.city import City
from yong.kernel.base.errors import Unavailable
from yong.kernel.sensing.mqtt import reader, writer
from yong.kernel.sensing.mqtt.client import Publisher
from yong.kernel.sensing.mqtt.endpoint import STREAM
from yong.kernel.sensing.mqtt.wire import Wire
from yong.kernel.store.database import Database

from .conftest import TOKEN, Nats, gate_running, keep, task, until


def device(nats: Nats, thing: str = "T1", token: str = TOKEN) -> Publisher:
    return Publisher("127.0.0.1", nats.mqtt_port, thing, token)


async def test_what_is_acknowledged_is_stored_before_any_writer_runs(city: City, nats: Nats) -> None:
    async with gate_running(city, nats):
        publisher = device(nats)
        await publisher.connect()
        for n in range(50):
            await publisher.publish("obs/json/T1", b"%d" % n)
        wire = await Wire.connect(nats.endpoint.app_url, "test")
        info = await reader.stream_info(wire)
        wire.close()
        await publisher.close()
    assert info is not None
    assert info.state.messages >= 50


async def test_a_shut_gate_refuses_and_status_says_why(city: City, nats: Nats) -> None:
    wire = await Wire.connect(nats.endpoint.app_url, "test")
    made = await reader.api(
        wire,
        f"STREAM.CREATE.{STREAM}",
        {
            "name": STREAM,
            "subjects": ["$MQTT.msgs.>"],
            "retention": "limits",
            "storage": "memory",
            "num_replicas": 1,
        },
    )
    assert b'"error"' not in made
    async with gate_running(city, nats, wait=False) as gate:
        await until(lambda: gate.why[0] == "stream-wrong", why=lambda: str(gate.why))
        with pytest.raises(Unavailable, match="0005"):
            await device(nats).connect()
        row = await city[Database].fetchrow("SELECT * FROM sensing.gate")
        assert row is not None
        assert (row["open"], row["code"]) == (False, "stream-wrong")
        assert "limits" in row["reason_en"]
        assert "memory" in row["reason_zh"]
        await reader.api(wire, f"STREAM.DELETE.{STREAM}")
        await until(lambda: gate.responder.open, why=lambda: str(gate.why))
        await device(nats).connect()
    wire.close()
    row = await city[Database].fetchrow("SELECT * FROM sensing.gate")
    assert row is not None
    assert (row["open"], row["code"]) == (False, "stopped")


async def test_a_wrong_token_is_refused(city: City, nats: Nats) -> None:
    async with gate_running(city, nats):
        for thing, token in (("T1", "wrong"), ("T1", ""), ("", TOKEN), ("yong.gate", TOKEN), ("a>b", TOKEN)):
            with pytest.raises(Unavailable, match=r"CONNACK 000[245]|EOF|Incomplete"):
                await device(nats, thing, token).connect()
        await device(nats).connect()


async def test_another_things_client_id_is_refused(city: City, nats: Nats) -> None:
    async with gate_running(city, nats):
        first = device(nats, "a.b")
        await first.connect()
        with pytest.raises(Unavailable):
            await device(nats, "a-b").connect()  # the same client id, another thing
        await first.publish("obs/json/a.b", b"1")


async def test_a_stream_deleted_under_load_is_made_anew(kept: City, nats: Nats) -> None:
    stop = asyncio.Event()
    async with (
        gate_running(kept, nats) as gate,
        task(writer.run(kept, nats.endpoint.app_url, keep, stop), stop),
    ):
        publisher = device(nats)
        await publisher.connect()
        await publisher.publish("obs/json/T1", b'"before"')
        wire = await Wire.connect(nats.endpoint.app_url, "test")
        await reader.api(wire, f"STREAM.DELETE.{STREAM}")
        await until(lambda: not gate.responder.open)
        await until(lambda: gate.responder.open, why=lambda: str(gate.why))
        again = device(nats, "T2")
        await again.connect()
        await again.publish("obs/json/T2", b'"after"')
        wire.close()
        await until_kept(kept, '"after"')


async def test_a_deleted_consumer_is_made_anew(kept: City, nats: Nats) -> None:
    stop = asyncio.Event()
    async with gate_running(kept, nats), task(writer.run(kept, nats.endpoint.app_url, keep, stop), stop):
        wire = await Wire.connect(nats.endpoint.app_url, "test")
        await until_takes(kept)
        for name in await reader.consumers(wire):
            await reader.api(wire, f"CONSUMER.DELETE.{STREAM}.{name}")
        await asyncio.sleep(0.5)
        assert await reader.consumers(wire)
        publisher = device(nats)
        await publisher.connect()
        await publisher.publish("obs/json/T1", b'"after"')
        wire.close()
        await until_kept(kept, '"after"')


async def test_the_writer_is_found_among_thousands_of_subscribers(kept: City, nats: Nats) -> None:
    stop = asyncio.Event()
    async with gate_running(kept, nats), task(writer.run(kept, nats.endpoint.app_url, keep, stop), stop):
        await until_takes(kept)
        wire = await Wire.connect(nats.endpoint.app_url, "test")
        for n in range(1100):  # as many pages of names as things that subscribe
            config = {
                "durable_name": f"a{n}",
                "ack_policy": "explicit",
                "filter_subject": f"$MQTT.msgs.cmd.t{n}",
            }
            answer = await reader.api(
                wire,
                f"CONSUMER.DURABLE.CREATE.{STREAM}.a{n}",
                {"stream_name": STREAM, "config": config},
            )
            assert b'"error"' not in answer
        assert len(await reader.consumers(wire)) == 1
        wire.close()


async def test_a_full_bus_shuts_the_gate_and_acknowledges_nothing_false(kept: City, tmp_path: Path) -> None:
    nats = Nats(tmp_path, most_bytes=1 << 20)
    nats.start()
    try:
        async with gate_running(kept, nats) as gate:
            publisher = device(nats)
            await publisher.connect()
            acknowledged = 0
            with contextlib.suppress(Unavailable):
                for _ in range(200):
                    await publisher.publish("obs/json/T1", json.dumps("x" * 10_000).encode(), timeout_s=8)
                    acknowledged += 1
            assert acknowledged < 200
            wire = await Wire.connect(nats.endpoint.app_url, "test")
            info = await reader.stream_info(wire)
            wire.close()
            assert info is not None
            assert info.state.messages >= acknowledged > 10
            await until(lambda: gate.why[0] == "bus-full", why=lambda: str(gate.why))
            with pytest.raises(Unavailable):
                await device(nats).connect()
            stop = asyncio.Event()
            async with task(writer.run(kept, nats.endpoint.app_url, keep, stop), stop):  # makes room
                await until(lambda: gate.responder.open, why=lambda: str(gate.why))
                again = device(nats)
                await again.connect()
                await again.publish("obs/json/T1", b'"after"')
                await until_kept(kept, '"after"')
            assert await kept[Database].fetchval("SELECT count(*) FROM kept") > acknowledged
    finally:
        nats.stop()


async def until_kept(city: City, payload: str) -> None:
    for _ in range(1000):
        if await city[Database].fetchval("SELECT count(*) FROM kept WHERE payload = $1", payload):
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"{payload} was not committed")


async def until_takes(city: City) -> None:
    for _ in range(1000):
        if await city[Database].fetchval("SELECT count(*) FROM sensing.bus_position WHERE consumer <> ''"):
            return
        await asyncio.sleep(0.01)
