"""The embedded bus alone: it starts, stops, comes back from a kill and from a lost folder, and says why not."""

import asyncio
import contextlib
import shutil
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import nats
import psutil
import pytest
from tests.chaos.means import Ballast, Impossible, small_disk

from yong.kernel.base import clock
from yong.kernel.base.errors import Refused
from yong.kernel.base.ids import new_id
from yong.kernel.base.settings import Settings, load
from yong.kernel.bus import embedded
from yong.kernel.bus.bus import STREAM, SUBJECT, Bus
from yong.kernel.store.contracts import Event


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    ports = {"YONG_MQTT_PORT": str(free_port()), "YONG_NATS_PORT": str(free_port())}
    return load({"YONG_HOME": str(tmp_path / "home"), **ports})


@pytest.fixture
def server(settings: Settings) -> Iterator[embedded.Server]:
    server = embedded.Server(settings)
    server.start()
    yield server
    server.stop()


def event(n: int) -> Event:
    return Event(type="test.happened", subject=f"test/{n}", data={"n": n}, id=new_id(), time=clock.now())


def kill(server: embedded.Server) -> None:
    assert server.process is not None
    assert server.process.poll() is None  # a kill counts only when it hits a live process
    server.process.kill()
    server.process.wait()


async def numbers(bus: Bus, count: int) -> list[int]:
    """The newest `count` events' numbers, in order."""
    subscription = await bus.stream.subscribe(f"{SUBJECT}>", ordered_consumer=True)
    got = [msgspec.json.decode((await subscription.next_msg(5)).data) for _ in range(count)]
    await subscription.unsubscribe()
    assert all(g["specversion"] == "1.0" and g["type"] == "test.happened" for g in got)
    return [g["data"]["n"] for g in got]


async def test_what_is_published_is_heard_in_order_and_once(
    server: embedded.Server, settings: Settings
) -> None:
    async with Bus.open(embedded.url(settings)) as bus:
        events = [event(n) for n in range(20)]
        await bus.publish(events)
        await bus.publish(events[5:15])  # the relay was cut off and offers them again
        assert await numbers(bus, 20) == list(range(20))
        assert (await bus.stream.stream_info(STREAM)).state.messages == 20


async def test_acknowledged_events_outlive_a_kill(server: embedded.Server, settings: Settings) -> None:
    async with Bus.open(embedded.url(settings)) as bus:
        await bus.publish([event(n) for n in range(5)])
        bus.stream = bus.connection.jetstream(timeout=1)
        kill(server)
        server.start()
        for why in (
            TimeoutError,
            nats.errors.ConnectionClosedError,
        ):  # so that whoever publishes opens it anew
            with pytest.raises(why):
                await bus.publish([event(5)])
    async with Bus.open(embedded.url(settings)) as bus:
        await bus.publish([event(5)])
        assert await numbers(bus, 6) == [0, 1, 2, 3, 4, 5]


async def test_a_lost_folder_is_an_empty_bus(server: embedded.Server, settings: Settings) -> None:
    async with Bus.open(embedded.url(settings)) as bus:
        await bus.publish([event(0)])
    kill(server)
    shutil.rmtree(server.folder)
    server.start()
    async with Bus.open(embedded.url(settings)) as bus:
        await bus.publish([event(1)])
        assert await numbers(bus, 1) == [1]


async def test_the_stream_is_made_anew_when_it_goes_under_a_publisher(
    server: embedded.Server, settings: Settings
) -> None:
    async with Bus.open(embedded.url(settings)) as bus:
        await bus.stream.delete_stream(STREAM)
        for n in range(2):  # the first tells that it is gone and makes it
            try:
                await bus.publish([event(n)])
            except nats.errors.Error:
                await bus.ensure()
        await bus.publish([event(9)])
        assert (await numbers(bus, 2))[-1] == 9


async def test_a_damaged_folder_does_not_stop_the_start(server: embedded.Server, settings: Settings) -> None:
    async with Bus.open(embedded.url(settings)) as bus:
        await bus.publish([event(n) for n in range(50)])
    kill(server)
    damaged = 0
    for path in server.folder.rglob("*"):
        if path.is_file() and path.suffix in (".inf", ".blk", ".db", ".sum"):
            path.write_bytes(b"\x00rubbish\xff" * 3)
            damaged += 1
    assert damaged >= 2
    server.start()
    async with Bus.open(embedded.url(settings)) as bus:
        await bus.publish([event(1)])
        assert (await bus.stream.stream_info(STREAM)).state.messages >= 1


def test_a_taken_port_is_refused_soon(settings: Settings) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", settings.nats_port))
        other.listen()
        server = embedded.Server(settings)
        began = time.monotonic()
        with pytest.raises(Refused, match=r"nats\.log"):
            server.start(wait_s=10)
        assert time.monotonic() - began < 8
        server.stop()
    assert "address already in use" in (settings.home / "logs" / "nats.log").read_text()


def test_it_stops_when_told_and_starts_again(server: embedded.Server, settings: Settings) -> None:
    assert server.process is not None
    first = psutil.Process(server.process.pid)
    server.stop()
    assert not first.is_running()
    server.start()
    with socket.create_connection(("127.0.0.1", settings.nats_port), 1) as s:
        assert s.recv(4) == b"INFO"
    assert (settings.home / "run" / "nats.conf").stat().st_mode & 0o777 == 0o600


async def test_a_subscriber_that_died_gets_what_it_missed_and_holds_up_nobody(
    server: embedded.Server, settings: Settings
) -> None:
    async with Bus.open(embedded.url(settings)) as bus:
        dead = await nats.connect(embedded.url(settings), allow_reconnect=False)

        async def never(message: Any) -> None:
            await asyncio.sleep(3600)

        await dead.jetstream().subscribe(f"{SUBJECT}>", durable="listener", cb=never, manual_ack=True)
        await bus.publish([event(0)])
        dead._transport._io_writer.transport.abort()  # as a killed process leaves it
        began = time.monotonic()
        await bus.publish([event(n) for n in range(1, 100)])
        assert time.monotonic() - began < 5
        assert await numbers(bus, 100) == list(range(100))
        info = await bus.stream.consumer_info(STREAM, "listener")
        assert info.num_pending + info.num_ack_pending == 100  # kept for it until it comes back
        await dead.close()


async def test_a_bus_whose_disk_was_full_is_known_to_be_broken_and_stores_again_once_started_again(
    settings: Settings,
) -> None:
    server = embedded.Server(settings)
    server.folder.mkdir(parents=True)
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(small_disk(server.folder, 100))
        except Impossible as why:
            pytest.skip(str(why))
        stack.callback(server.stop)
        server.start()
        ballast = Ballast(server.folder)
        async with Bus.open(embedded.url(settings)) as bus:
            await bus.publish([event(0)])
            assert server.broken() == ""
            ballast.fill()
            bus.stream = bus.connection.jetstream(timeout=1)
            with pytest.raises(TimeoutError):  # noqa: PT012  # one of the first that find no room
                for n in range(1, 200):
                    await bus.publish([event(n)])
            assert server.broken() == "", "a start is in vain while the disk is full"
            ballast.empty()
            with pytest.raises(TimeoutError):
                await bus.publish([event(200)])
            assert "no space left" in server.broken()
            server.stop()
            assert server.broken() == ""
            server.start()
            assert server.broken() == ""
        async with Bus.open(embedded.url(settings)) as bus:
            await bus.publish([event(201)])
            assert (await numbers(bus, 1))[0] == 0
