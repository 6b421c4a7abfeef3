"""The listeners of an install in one process: sockets, limits, and what runs beside them."""

import asyncio
import contextlib
import ssl
import time
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from ipaddress import ip_address

import msgspec
import structlog
from prometheus_client import Counter as Total
from prometheus_client import Gauge

from yong.kernel.base.city import City
from yong.kernel.base.errors import Refused
from yong.kernel.base.text import Text
from yong.kernel.sensing.tcp.admission import Admission
from yong.kernel.sensing.tcp.committer import Committer
from yong.kernel.sensing.tcp.connection import Connection
from yong.kernel.sensing.tcp.contracts import Listener
from yong.kernel.sensing.tcp.orders import Orders
from yong.kernel.sensing.tcp.presence import Presence

log = structlog.get_logger(__name__)

CONNECTIONS = Gauge(
    "yong_tcp_connections", "Devices' TCP connections", ["listener"], multiprocess_mode="livesum"
)
HELD = Gauge("yong_tcp_held", "Messages over TCP not yet committed", multiprocess_mode="livesum")
BYTES = Total("yong_tcp_bytes", "Bytes that devices sent over TCP", ["listener"])
SKIPPED = Total("yong_tcp_skipped_bytes", "Bytes over TCP that belonged to no readable frame", ["listener"])
REFUSED = Total("yong_tcp_refused", "Devices that were not admitted over TCP", ["listener", "reason"])
CLOSED = Total("yong_tcp_closed", "Devices' TCP connections that ended", ["listener", "reason"])

LOOK_S = 1.0
STOP_S = 10.0


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What the listeners of a process bear."""

    connections: int = 10_000
    unidentified: int = 2_000  # connections that have not said who they are
    unidentified_of_address: int = 500
    held_messages: int = 20_000  # of all connections; beyond it nobody is read from
    held_bytes: int = 64 << 20
    held_of_connection: int = 64  # messages
    bytes_per_s: int = 256 << 10  # of a connection, in the long run
    burst_bytes: int = 1 << 20
    skipped_bytes: int = 64 << 10  # of a connection, between two frames
    aside: int = 100  # unreadable frames of a connection in a row
    frame_s: float = 30.0  # from a frame's first byte to its last
    send_bytes: int = 256 << 10  # that a device has not read
    send_s: float = 30.0
    close_s: float = 60.0  # to commit and answer what was said before a connection ends


class Server:
    """Every listener that the settings name. `ports` are the real ones once :meth:`start` returned."""

    def __init__(
        self,
        city: City,
        limits: Limits | None = None,
        now: Callable[[], float] = time.monotonic,
        listeners: Sequence[Listener] = (),
    ) -> None:
        self.limits, self.now = limits or Limits(), now
        self.ports: dict[str, int] = {}
        self.listening = asyncio.Event()
        self.connections: set[Connection] = set()
        self.live: dict[str, Connection] = {}  # by thing
        self.admission = Admission(city)
        self.committer = Committer(city)
        self.presence = Presence(city, self)
        self._orders = Orders(city, self)
        self._listeners = {one.name: one for _, one in city.registry.of(Listener)}
        self._listeners |= {one.name: one for one in listeners}
        self._city = city
        self._networks = city.settings.device_networks
        self._unidentified: Counter[str] = Counter()  # by address
        self._full = False
        self._servers: list[asyncio.Server] = []

    async def run(self) -> None:
        """Listen until cancelled; then commit and answer what was said."""
        async with asyncio.TaskGroup() as group:
            inner = [
                group.create_task(work())
                for work in (self.admission.run, self.committer.run, self.presence.run, self._orders.run)
            ]
            try:
                await self.start()
                self.listening.set()
                while True:
                    await asyncio.sleep(LOOK_S)
                    self._look()
            finally:
                await asyncio.shield(self._stop())
                for task in inner:
                    task.cancel()

    async def start(self) -> None:
        """Open the ports. Raises Refused for a listener that no module declares, OSError for a taken port."""
        settings = self._city.settings
        loop = asyncio.get_running_loop()
        for name, port in settings.listeners.items():
            listener = self._listeners.get(name)
            if listener is None:
                raise Refused(
                    Text(
                        "没有设备协议 {name}（有 {all}）",
                        "There is no device protocol {name} (there are {all})",
                    ),
                    name=name,
                    all=", ".join(sorted(self._listeners)),
                )
            context = None if name in settings.plain_listeners else _tls(self._city)
            server = await loop.create_server(
                partial(Connection, self, listener),
                settings.tcp_host,
                port,
                ssl=context,
                ssl_handshake_timeout=10.0 if context else None,
                backlog=1024,
            )
            self._servers.append(server)
            self.ports[name] = int(server.sockets[0].getsockname()[1])
            log.info(
                "listening", listener=name, host=settings.tcp_host, port=self.ports[name], tls=bool(context)
            )

    async def _stop(self) -> None:
        for server in self._servers:
            server.close()
        for connection in list(self.connections):
            connection.end("stopped")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.committer.drained(), STOP_S)
        await asyncio.sleep(0)  # what was answered leaves
        with contextlib.suppress(Exception):  # the database may be what stopped
            await self.presence.flush()

    # ------------------------------------------------------------ what connections tell

    @property
    def full(self) -> bool:
        """Whether so much waits for the database that nobody is read from; until half of it is gone."""
        limits, committer = self.limits, self.committer
        share = 2 if self._full else 1
        self._full = (
            len(committer) * share > limits.held_messages or committer.bytes * share > limits.held_bytes
        )
        return self._full

    def came(self, connection: Connection) -> str:
        """A new connection; why it may not stay, or "" when it may."""
        self.connections.add(connection)
        CONNECTIONS.labels(connection.listener_name).inc()
        self._unidentified[connection.address] += 1
        if not self._allowed(connection.address):
            return "network"
        if self.admission.lockout.locked(connection.address):
            return "locked"
        limits = self.limits
        if (
            len(self.connections) > limits.connections
            or self._unidentified.total() > limits.unidentified
            or self._unidentified[connection.address] > limits.unidentified_of_address
        ):
            return "too-many-connections"
        return ""

    def went(self, connection: Connection) -> None:
        """A connection is gone."""
        self.connections.discard(connection)
        CONNECTIONS.labels(connection.listener_name).dec()
        CLOSED.labels(connection.listener_name, connection.reason).inc()
        if not connection.things:
            self._identified(connection.address)
        for thing in connection.things:
            if self.live.get(thing) is connection:
                del self.live[thing]
                self.presence.left(thing, connection.listener_name, connection.reason)

    def admitted(self, connection: Connection, thing: str) -> None:
        """A connection speaks for a thing from now on."""
        if len(connection.things) == 1:
            self._identified(connection.address)
        former = self.live.get(thing)
        self.live[thing] = connection
        self.presence.came(thing, connection.listener_name)
        self._orders.came(thing)
        if former is not None and former is not connection and connection.listener.replaces:
            former.end("replaced")

    def refused(self, connection: Connection, thing: str, reason: str) -> None:
        """A connection was not believed."""
        REFUSED.labels(connection.listener_name, reason).inc()
        self.presence.refused(thing)

    def heard(self, connection: Connection, size: int) -> None:
        """Bytes arrived."""
        BYTES.labels(connection.listener_name).inc(size)

    def skipped(self, connection: Connection, size: int) -> None:
        """Bytes were no frame."""
        SKIPPED.labels(connection.listener_name).inc(size)

    def _identified(self, address: str) -> None:
        self._unidentified[address] -= 1
        if self._unidentified[address] <= 0:
            del self._unidentified[address]

    def _allowed(self, address: str) -> bool:
        try:
            own = ip_address(address)
        except ValueError:
            return False
        mapped = getattr(own, "ipv4_mapped", None)
        return any((mapped or own) in network for network in self._networks)

    def _look(self) -> None:
        HELD.set(len(self.committer))
        now = self.now()
        for connection in list(self.connections):
            connection.look(now)


def _tls(city: City) -> ssl.SSLContext | None:
    settings = city.settings
    if not (settings.tls_certificate and settings.tls_key):
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(settings.tls_certificate, settings.tls_key)
    return context


async def listen(city: City) -> None:
    """The listeners of this install, until cancelled."""
    await Server(city).run()
