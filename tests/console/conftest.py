"""A whole install with Ningbo's districts, a few things in it, and one person on duty."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import paho.mqtt.client as mqtt
import pytest
from tests.app.instance import Instance

from yong.app import bootstrap
from yong.cities.ningbo.install import ROOT, install
from yong.kernel.access import api as access
from yong.kernel.access import identity, logic
from yong.kernel.base import settings as base_settings
from yong.kernel.base.city import City
from yong.kernel.records import api as records
from yong.kernel.store import place

ACCOUNT, WORD = "duty", "a phrase for the console"
ROLES = ("access.operator", "sensing.engineer")
STATION, RUDE = "air-1", "air-2"
EVIL = "<img src=x onerror=\"document.title='taken'\">"


class Place:
    """Where the install is, and what is needed to sign in and to report."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.address = f"http://127.0.0.1:{instance.http_port}"
        self.seed = ""
        self.tokens: dict[str, str] = {}
        self._used = int(time.time()) // logic.STEP_S  # a code counts once, and this one enrolled

    def code(self) -> str:
        """A one-time code that was not used yet; the server takes the next step's too, and no later one."""
        self._used += 1
        while self._used > int(time.time()) // logic.STEP_S + 1:
            time.sleep(0.2)
        return logic.totp(self.seed, self._used)

    @contextmanager
    def device(self, thing: str) -> Iterator["Device"]:
        """The thing, connected over MQTT."""
        one = Device(self, thing)
        try:
            yield one
        finally:
            one.client.disconnect()
            one.client.loop_stop()


class Device:
    """A thing that speaks MQTT: reports what it is told to, and does what it is sent."""

    def __init__(self, where: Place, thing: str) -> None:
        self.thing, self.asked = thing, list[dict[str, Any]]()
        self.client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=thing)
        self.client.username_pw_set(thing, where.tokens[thing])
        self.client.on_connect = lambda c, *_: c.subscribe(f"cmd/{thing}", qos=0)
        self.client.on_message = self._obey
        self.client.connect("127.0.0.1", where.instance.mqtt_port)
        self.client.loop_start()

    def report(self, **values: object) -> None:
        self.client.publish(f"obs/json/{self.thing}", json.dumps({"v": values}), qos=1).wait_for_publish(10)

    def _obey(self, client: mqtt.Client, _: object, message: mqtt.MQTTMessage) -> None:
        command = json.loads(message.payload)
        self.asked.append(command)
        client.publish(f"ack/{self.thing}", json.dumps({"id": command["id"], "ok": True}), qos=1)


@pytest.fixture(scope="module")
def duty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The install, up for all tests of a file."""
    instance = Instance(tmp_path_factory.mktemp("console"), YONG_LOG_LEVEL="warning")
    try:
        instance.up()
        where = Place(instance)
        asyncio.run(_in_city(instance, lambda city: _furnish(city, where)))
        instance.await_gate()
        yield where
    finally:
        instance.gone()


async def _in_city(instance: Instance, work: Callable[[City], Awaitable[None]]) -> None:
    settings = base_settings.load(instance.environment)
    async with bootstrap.running(settings, place.serve_url(settings), name="furnishing", connections=2) as city:
        await work(city)


async def _furnish(city: City, where: Place) -> None:
    await install(city, None)
    access_, sensing = access.system_caller("access"), access.system_caller("sensing")
    for n, (code, name, east) in enumerate(((STATION, "鼓楼空气站", 0.0), (RUDE, EVIL, 0.02))):
        await records.create(
            city, sensing, "sensing.thing",
            {"code": code, "type": "environment.air_station", "name_zh": name, "name_en": f"Air station {n + 1}",
             "location": {"type": "Point", "coordinates": [121.55 + east, 29.87]}, "interval_s": 60, "source": "live"},
            owner=ROOT, district="330203",
        )  # fmt: skip
    where.tokens = await access.issue_credentials(city, access_, [STATION, RUDE])
    account, _ = await access.create_account(city, access_, ACCOUNT, party=ROOT, password=WORD)
    for role in ROLES:
        await access.grant(city, access_, account, role)
    _, signed_in = await identity.sign_in(city, ACCOUNT, WORD, None, "furnishing")
    where.seed = (await identity.enrol(city, signed_in)).partition("secret=")[2].partition("&")[0]
    # The code before the present one enrols, so that the present one is still good.
    where._used = int(time.time()) // logic.STEP_S - 1
    await identity.confirm(city, signed_in, logic.totp(where.seed, where._used))
