"""Notifications over MQTT, by Debian's mosquitto: a broker and a client that nobody here wrote."""

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path
from typing import Any

import aiomqtt
import httpx
import msgspec
import pytest
from tests.context.subscriber import soon

from yong.kernel.base.city import City
from yong.kernel.base.settings import Settings
from yong.kernel.context.notifying import keeping, lines

BROKER = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")
pytestmark = pytest.mark.skipif(BROKER is None, reason="mosquitto is not installed")


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return msgspec.structs.replace(settings, notification_hosts="127.0.0.1")


class Broker:
    """mosquitto on a port of its own, with one user."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.port = int(s.getsockname()[1])
        folder.chmod(0o755)
        words = folder / "words"
        self.config = folder / "mosquitto.conf"
        self.config.write_text(f"listener {self.port} 127.0.0.1\npassword_file {words}\nuser root\n")
        self.words = words
        self.process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        if not self.words.exists():
            made = await asyncio.create_subprocess_exec(
                "mosquitto_passwd", "-c", "-b", str(self.words), "yong", "a b"
            )
            assert await made.wait() == 0
        assert BROKER
        quiet = asyncio.subprocess.DEVNULL
        self.process = await asyncio.create_subprocess_exec(
            BROKER, "-c", str(self.config), stdout=quiet, stderr=quiet
        )

        async def answers() -> bool:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", self.port)
            except OSError:
                return False
            writer.close()
            return True

        await soon(answers)

    async def stop(self) -> None:
        if self.process and self.process.returncode is None:
            self.process.terminate()
            await self.process.wait()


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Broker]:
    one = Broker(tmp_path)
    await one.start()
    try:
        yield one
    finally:
        await one.stop()


async def heard(broker: Broker, got: list[Any]) -> None:
    while True:
        try:
            async with aiomqtt.Client("127.0.0.1", broker.port, username="yong", password="a b") as client:
                await client.subscribe("city/told", qos=1)
                async for message in client.messages:
                    assert isinstance(message.payload, bytes)
                    got.append(msgspec.json.decode(message.payload))
        except aiomqtt.MqttError:
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("version", ["mqtt5.0", "mqtt3.1.1"])
async def test_notifications_are_published_also_after_the_broker_was_away(
    city: City, provider: httpx.AsyncClient, broker: Broker, version: str, monkeypatch: Any
) -> None:
    monkeypatch.setattr(lines, "WAIT_S", 0.1)
    got: list[Any] = []
    tasks = [
        asyncio.create_task(heard(broker, got)),
        asyncio.create_task(keeping.keep_notifying(city)),
    ]
    try:
        answer = await provider.post(
            "/ngsi-ld/v1/subscriptions",
            json={
                "type": "Subscription",
                "entities": [{"type": "Lamp"}],
                "notification": {
                    "endpoint": {
                        "uri": f"mqtt://yong:a%20b@127.0.0.1:{broker.port}/city/told",
                        "receiverInfo": [{"key": "X-Word", "value": "here"}],
                        "notifierInfo": [
                            {"key": "MQTT-Version", "value": version},
                            {"key": "MQTT-QoS", "value": "1"},
                        ],
                    }
                },
            },
        )
        assert answer.status_code == 201, answer.text
        await asyncio.sleep(0.2)
        await provider.post("/ngsi-ld/v1/entities", json={"id": "urn:x:1", "type": "Lamp", "power": 1})
        await soon(lambda: got)
        assert got[0]["metadata"]["Content-Type"] == "application/json"
        assert got[0]["metadata"]["X-Word"] == "here"
        assert "Link" in got[0]["metadata"]
        assert got[0]["body"]["data"] == [
            {"id": "urn:x:1", "type": "Lamp", "power": {"type": "Property", "value": 1}}
        ]
        await broker.stop()
        await provider.patch("/ngsi-ld/v1/entities/urn:x:1/attrs", json={"power": 2})
        where = answer.headers["location"]

        async def stands(status: str) -> bool:
            return bool((await provider.get(where)).json()["notification"]["status"] == status)

        await soon(lambda: stands("failed"))
        await broker.start()
        # What waited is published and the broker acknowledges it, perhaps before our listener is back to hear it.
        await soon(lambda: stands("ok"))
        powers = count(3)

        async def hears() -> bool:
            await provider.patch("/ngsi-ld/v1/entities/urn:x:1/attrs", json={"power": next(powers)})
            return bool(got[-1]["body"]["data"][0]["power"]["value"] >= 2)

        await soon(hears)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
