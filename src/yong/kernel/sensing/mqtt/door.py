"""The MQTT door of an install: gate, callout, presence and commands, run together in one process."""

import asyncio
import contextlib

from yong.kernel.base.city import City
from yong.kernel.bus import embedded
from yong.kernel.sensing.commands import USER, Dispatcher
from yong.kernel.sensing.mqtt import writer
from yong.kernel.sensing.mqtt.callout import Verify
from yong.kernel.sensing.mqtt.client import Publisher
from yong.kernel.sensing.mqtt.endpoint import Endpoint
from yong.kernel.sensing.mqtt.gate import Gate, tls
from yong.kernel.sensing.mqtt.inbound import commit
from yong.kernel.sensing.mqtt.presence import Presence, Revoked
from yong.kernel.sensing.mqtt.writer import Commit
from yong.kernel.store.database import Database


def endpoint(city: City) -> Endpoint:
    """The bus of this install."""
    settings = city.settings
    return Endpoint(
        app_url=embedded.url(settings),
        auth_url=embedded.url(settings, "auth"),
        system_url=None if settings.nats_url else embedded.url(settings, "sys"),
        seed=embedded.seed(settings),
        mqtt_host=settings.mqtt_host.replace("0.0.0.0", "127.0.0.1"),  # noqa: S104  # where to connect, not where to listen
        mqtt_port=settings.mqtt_port,
        mqtt_ca=settings.tls_certificate,
        log=None if settings.nats_url else settings.home / "logs" / "nats.log",
    )


class Door:
    """Everything but the writer. `gate.why` says what the gate says."""

    def __init__(self, city: City, where: Endpoint, verify: Verify, revoked: Revoked) -> None:
        self.gate = Gate(city, where, verify)
        self.presence = Presence(city, where, self.gate, revoked)
        password = self.gate.responder.system_user(USER, ("cmd.>",))
        publisher = Publisher(where.mqtt_host, where.mqtt_port, USER, password, tls(where))
        self._dispatcher = Dispatcher(city[Database], publisher, self.presence.online)

    async def run(self, stop: asyncio.Event) -> None:
        """Run until `stop` is set or the task is cancelled."""
        parts = [asyncio.create_task(part.run(stop)) for part in (self.gate, self.presence, self._dispatcher)]
        try:
            done, _ = await asyncio.wait(parts, return_when=asyncio.FIRST_EXCEPTION)
            for part in done:
                part.result()
        finally:
            stop.set()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.gather(*parts, return_exceptions=True), 5)


async def run_door(city: City, verify: Verify, revoked: Revoked) -> None:
    """The door of this install, until cancelled."""
    await Door(city, endpoint(city), verify, revoked).run(asyncio.Event())


async def run_writer(city: City, observe: Commit, stop: asyncio.Event | None = None) -> None:
    """The writer of this install, until `stop` or cancelled. `observe` commits observations."""
    await writer.run(city, embedded.url(city.settings), commit(observe), stop or asyncio.Event())
