"""The twin's MQTT: packets as the standard writes them, and a real server that dies under it."""

import asyncio
import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import paho.mqtt.client as paho
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin import fleet as fleets
from twin.mqtt import LIMIT, Client, MqttError, Packet, Will, packet, packets
from twin.series import PARKING, RIVER, TIDE


@given(
    st.lists(st.tuples(st.integers(1, 14), st.integers(0, 15), st.binary(max_size=300)), max_size=8),
    st.data(),
)
def test_packets_survive_any_cut(sent: list[tuple[int, int, bytes]], data: st.DataObject) -> None:
    stream = b"".join(packet(*one) for one in sent)
    found: list[Packet] = []
    buffer = bytearray()
    while stream:
        cut = data.draw(st.integers(1, len(stream)))
        buffer += stream[:cut]
        stream = stream[cut:]
        found += packets(buffer)
    assert found == [Packet(*one) for one in sent]
    assert not buffer


@pytest.mark.parametrize(
    ("length", "head"),
    [(0, b"\x30\x00"), (127, b"\x30\x7f"), (128, b"\x30\x80\x01"), (16_384, b"\x30\x80\x80\x01")],
)
def test_lengths_as_in_table_2_4(length: int, head: bytes) -> None:
    assert packet(3, 0, bytes(length)) == head + bytes(length)


def test_bad_lengths_are_refused_before_they_are_buffered() -> None:
    with pytest.raises(MqttError, match="four digits"):
        packets(bytearray(b"\x30\xff\xff\xff\xff\x01"))
    with pytest.raises(MqttError, match="limit"):
        packets(bytearray(packet(3, 0, bytes(LIMIT + 1))[:8]))


class Broker:
    """A NATS server speaking MQTT, which a test may kill and start again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as s, socket.socket() as t:
            s.bind(("127.0.0.1", 0))
            t.bind(("127.0.0.1", 0))
            self.port, nats = s.getsockname()[1], t.getsockname()[1]
        # $MQTT_msgs is left as the server makes it: this tests the client, not what a PUBACK promises
        (folder / "nats.conf").write_text(
            f'server_name: t\nlisten: "127.0.0.1:{nats}"\nmqtt {{ listen: "127.0.0.1:{self.port}" }}\n'
            f'jetstream {{ store_dir: "{folder}" }}\n'
            'authorization { users: [ {user: watcher, password: w}, {user: "river-0001", password: a},'
            ' {user: "river-0002", password: b}, {user: "tide-0001", password: c, permissions: {subscribe: {deny: "cmd.>"}}} ] }\n',
            "utf-8",
        )
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        beside = Path(sys.executable).parent / "nats-server"
        binary = str(beside) if beside.exists() else shutil.which("nats-server")
        assert binary
        self.process = subprocess.Popen(
            [binary, "-c", str(self.folder / "nats.conf")], stderr=subprocess.DEVNULL
        )
        deadline = time.monotonic() + 15
        while time.monotonic() < deadline:
            with socket.socket() as s:
                if s.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        self.kill()
        raise AssertionError("the broker did not start")

    def kill(self) -> None:
        assert self.process
        assert self.process.poll() is None
        self.process.kill()
        self.process.wait()


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    found = Broker(tmp_path)
    found.start()
    yield found
    if found.process and found.process.poll() is None:
        found.kill()


def watch(broker: Broker, topic: str, heard: list[tuple[str, bytes]]) -> paho.Client:
    """A client that nobody here wrote."""
    client = paho.Client(paho.CallbackAPIVersion.VERSION2, client_id="watcher")
    client.username_pw_set("watcher", "w")
    client.on_message = lambda _c, _u, m: heard.append((m.topic, m.payload))
    client.on_connect = lambda c, *_: c.subscribe(topic, 1)
    client.connect("127.0.0.1", broker.port)
    client.loop_start()
    return client


async def until(condition: Callable[[], object], timeout_s: float = 20) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.05)


async def test_a_strangers_client_hears_us_and_our_will(broker: Broker) -> None:
    heard: list[tuple[str, bytes]] = []
    watcher = watch(broker, "#", heard)
    try:
        await until(watcher.is_connected)
        await asyncio.sleep(0.3)
        client = Client()
        will = Will("state/river-0001", b"offline")
        await client.connect("127.0.0.1", broker.port, "r1", user="river-0001", password="a", will=will)
        await client.publish("obs/senml/river-0001", b"[]")
        client.abort()
        await until(lambda: ("state/river-0001", b"offline") in heard)
        assert ("obs/senml/river-0001", b"[]") in heard
        with pytest.raises(MqttError, match="refused with code"):
            await Client().connect("127.0.0.1", broker.port, "x", user="river-0001", password="wrong")
    finally:
        watcher.loop_stop()
        watcher.disconnect()


async def test_the_fleet_obeys_returns_and_tells_what_it_missed(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fleets, "pause_s", lambda _failures: 0.2)
    heard: list[tuple[str, bytes]] = []
    quick = RIVER._replace(interval_s=1)
    things = fleets.things((quick, TIDE), {"river": 3, "tide": 1})
    tokens = {"river-0001": "a", "river-0002": "b", "tide-0001": "c"}
    running = fleets.Fleet(things, tokens, "127.0.0.1", broker.port, catch_up=5)
    assert len(running.things) == 3  # the third river was given no credentials
    watcher = watch(broker, "ack/#", heard)
    work = asyncio.create_task(running.run())
    try:
        await until(lambda: running.connected == 3)
        await until(watcher.is_connected)
        await asyncio.sleep(0.3)
        watcher.publish("cmd/river-0001", json.dumps({"id": "c-1", "action": "restart"}), qos=1)
        await until(lambda: heard)
        assert heard[0][0] == "ack/river-0001"
        assert json.loads(heard[0][1]) == {"id": "c-1", "ok": True, "status": "done"}
        broker.kill()
        await until(lambda: running.connected == 0)
        before = dict(running.acknowledged)
        await asyncio.sleep(1.5)
        broker.start()
        await until(lambda: running.connected == 3)
        await until(lambda: running.acknowledged["river-0001"] >= before["river-0001"] + 2)
        assert running.lost_connections >= 3
        assert running.deaf == {"tide-0001"}
        assert running.acknowledged["tide-0001"]
    finally:
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        watcher.loop_stop()
        watcher.disconnect()


def test_readings_are_senml_and_repeatable() -> None:
    thing = fleets.things((PARKING,), {"parking": 2})[1]
    first = json.loads(fleets.senml(thing, 59_000_000))
    assert first == json.loads(fleets.senml(thing, 59_000_000))
    assert first[0]["bt"] == 59_000_000 * 30
    assert {r["n"] for r in first} == {"occupiedSpaces", "totalSpaces"}
