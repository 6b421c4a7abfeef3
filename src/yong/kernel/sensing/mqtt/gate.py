"""When devices are admitted: only while an acknowledgement means *stored*.

NATS acknowledges a QoS 1 message when its own stream `$MQTT_msgs` has dealt with it, and that stream keeps
a message only while somebody's interest in it stands. Configuration A is a durable consumer of the
writer's on that stream, over what things say. The gate makes it stand, proves it by publishing a message
over real MQTT and finding it, and only then lets the callout admit devices. It closes the moment a
connection to the bus is lost or the stream or consumer is reported deleted, and devices that are
connected while A cannot be put right are sent away, because their acknowledgements would be empty.

Why the server's own stream with a consumer and not one made beforehand with limits retention: on two
cores both gave 110,000–122,000 acknowledgements a second, and reading costs 5 against 2 microseconds of
the server's time a message, while the server's own rules keep holding for device-to-device messages.
"""

import asyncio
import contextlib
import secrets
import ssl

import msgspec
import structlog

from yong.kernel.base.city import City
from yong.kernel.base.errors import Unavailable, YongError
from yong.kernel.base.text import Text
from yong.kernel.sensing.mqtt import reader
from yong.kernel.sensing.mqtt.callout import Responder, Verify, probe_subjects
from yong.kernel.sensing.mqtt.client import Publisher
from yong.kernel.sensing.mqtt.endpoint import PREFIX, PROBE, STREAM, Endpoint
from yong.kernel.sensing.mqtt.wire import Frame, Wire
from yong.kernel.store.database import TROUBLE, Connection, Database

log = structlog.get_logger(__name__)

CHECK_S = 5.0
PROBE_S = 60.0
RETRY_S = 0.5
SETTLE_S = 0.5
FOUND_WITHIN_S = 3.0
FULL = 0.95  # of what the account or the stream may hold
_USER = "yong.gate"

OPEN = Text("接纳设备：确认即已存储", "Devices are admitted: acknowledged means stored")
_LIMITS = Text(
    "总线上的消息流 {stream} 保留方式为 {retention}，存储为 {storage}；须为 interest 和 file。请备份后删除该流",
    "The stream {stream} on the bus has retention {retention} and storage {storage}; it must have interest "
    "and file. Save what it holds and delete it",
)
_SUBJECTS = Text(
    "总线上的消息流 {stream} 不收录 {subject}", "The stream {stream} on the bus does not hold {subject}"
)
_FULL = Text(
    "总线存储已满：已用 {used} 字节，上限 {most} 字节", "The bus is full: {used} bytes of {most} are used"
)
_AWAY = Text("总线不可用：{reason}", "The bus is not available: {reason}")
_DATABASE = Text("数据库不可用：{reason}", "The database is not available: {reason}")
_LOST = Text(
    "自检失败：已确认的消息未找到", "The self-test failed: a message was acknowledged and cannot be found"
)

_UNACKNOWLEDGED = Text(
    "自检失败：总线未确认消息（{reason}）", "The self-test failed: nothing was acknowledged ({reason})"
)


class Closed(Exception):
    """Why the gate is shut."""

    def __init__(self, code: str, reason: Text) -> None:
        super().__init__(reason.en)
        self.code, self.reason = code, reason


class _Unstored(Closed):
    """The self-test's message was not acknowledged."""


class _Limits(msgspec.Struct):
    max_storage: int = -1


class _Account(msgspec.Struct):
    storage: int = 0
    limits: _Limits = msgspec.field(default_factory=_Limits)
    error: reader.ApiError | None = None


class Gate:
    """One process's gate: it owns the callout's responder and says whether that may admit."""

    def __init__(self, city: City, endpoint: Endpoint, verify: Verify) -> None:
        self.responder = Responder(endpoint, verify)
        self.why: tuple[str, Text] = ("starting", Text("正在启动", "Starting"))
        self._database = city[Database]
        self._endpoint = endpoint
        self._changed = asyncio.Event()
        self._made = False  # the stream, by this gate
        self._probe = Publisher(
            endpoint.mqtt_host,
            endpoint.mqtt_port,
            _USER,
            self.responder.system_user(_USER, probe_subjects()),
            tls(endpoint),
        )

    async def run(self, stop: asyncio.Event) -> None:
        """Open and close as the bus allows, until `stop`."""
        while not stop.is_set():
            try:
                await self._connected(stop)
            except Closed as closed:
                await self._shut(closed)
            except YongError as error:
                await self._shut(Closed("bus-away", error.detail))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), RETRY_S)
        await self._shut(Closed("stopped", Text("已停止", "Stopped")))

    async def _connected(self, stop: asyncio.Event) -> None:
        """One life of the connections. The gate is shut when this begins and when it ends."""
        self.responder.open = False
        app = await Wire.connect(self._endpoint.app_url, "yong-gate")
        answering: asyncio.Task[None] | None = None
        auth: Wire | None = None
        try:
            auth = await Wire.connect(self._endpoint.auth_url, "yong-callout")
            answering = asyncio.create_task(self.responder.serve(auth))
            for advisory in (
                f"$JS.EVENT.ADVISORY.STREAM.DELETED.{STREAM}",
                f"$JS.EVENT.ADVISORY.STREAM.UPDATED.{STREAM}",
                f"$JS.EVENT.ADVISORY.CONSUMER.DELETED.{STREAM}.*",
            ):
                app.subscribe(advisory.encode(), self._advised)
            await app.flush()
            probed = 0.0
            loop = asyncio.get_running_loop()
            while not (stop.is_set() or app.closed.is_set() or auth.closed.is_set()):
                self._changed.clear()
                wait_s = CHECK_S
                try:
                    await self._stand(app)
                    if not self.responder.open or loop.time() - probed > PROBE_S:
                        await self._prove(app)
                        probed = loop.time()
                    await self._opened()
                except _Unstored as closed:
                    await self._shut(closed)
                    await self._unmake(app)
                    wait_s = RETRY_S
                except Closed as closed:  # the responder stays, so that devices are refused at once
                    await self._shut(closed)
                    wait_s = RETRY_S
                if answering.done():
                    answering.result()
                await _first(wait_s, stop, app.closed, auth.closed, self._changed)
            if not stop.is_set():
                raise Closed("bus-away", _AWAY.filled(reason=app.reason or auth.reason))
        finally:
            self.responder.open = False
            await self._probe.close()
            for wire in (app, auth):
                if wire is not None:
                    wire.close()
            if answering is not None:
                answering.cancel()
                with contextlib.suppress(asyncio.CancelledError, YongError):
                    await answering

    def _advised(self, frame: Frame) -> None:
        """The stream or a consumer changed under us: look at once."""
        if b".STREAM." in frame.subject:
            self.responder.open = False
        self._changed.set()

    async def _stand(self, wire: Wire) -> None:
        """Make configuration A stand. Raises Closed when it cannot."""
        info = await reader.stream_info(wire)
        if info is None:
            self.responder.open = False
            await self._make_stream(wire)
            info = await reader.stream_info(wire)
            if info is None:
                raise Closed("stream-missing", _AWAY.filled(reason=f"{STREAM} cannot be made"))
        config = info.config
        if config.retention != "interest" or config.storage != "file" or config.sealed or config.max_age:
            raise Closed(
                "stream-wrong",
                _LIMITS.filled(stream=STREAM, retention=config.retention, storage=config.storage),
            )
        if PREFIX + ">" not in config.subjects:
            raise Closed("stream-wrong", _SUBJECTS.filled(stream=STREAM, subject=PREFIX + ">"))
        if 0 < config.max_bytes <= info.state.bytes / FULL:
            raise Closed("bus-full", _FULL.filled(used=info.state.bytes, most=config.max_bytes))
        account = msgspec.json.decode(await reader.api(wire, "INFO"), type=_Account)
        most = account.limits.max_storage
        if account.error is None and 0 < most <= account.storage / FULL:
            raise Closed("bus-full", _FULL.filled(used=account.storage, most=most))
        try:
            async with self._database.transaction() as connection:
                await _interest(wire, connection)
        except TROUBLE as error:
            raise Closed("database-away", _DATABASE.filled(reason=type(error).__name__)) from None

    async def _make_stream(self, wire: Wire) -> None:
        """The stream is missing: have the server make it, or make it as the server would.

        The server makes it at the account's first MQTT connection and not again while it runs.
        """
        if not self._probe.connected:
            with contextlib.suppress(Unavailable):
                await self._probe.connect()
        # A stream made while the files of a deleted one are still being removed loses its own with
        # them: it answers, and stores nothing (seen with 2.15.1 in one of six trials).
        await asyncio.sleep(SETTLE_S)
        if await reader.stream_info(wire) is None:
            await reader.api(
                wire,
                f"STREAM.CREATE.{STREAM}",
                {
                    "name": STREAM,
                    "subjects": [PREFIX + ">"],
                    "retention": "interest",
                    "storage": "file",
                    "num_replicas": 1,
                },
            )
            self._made = True
            log.warning("made the missing stream anew", stream=STREAM)

    async def _unmake(self, wire: Wire) -> None:
        """Delete a stream that this gate made, that holds nothing and stores nothing."""
        info = await reader.stream_info(wire)
        if self._made and info is not None and info.state.messages == 0:
            self._made = False
            await reader.api(wire, f"STREAM.DELETE.{STREAM}")

    async def _prove(self, wire: Wire) -> None:
        """Publish over MQTT and find it: on the stream, or already committed by the writer."""
        mark = secrets.token_hex(8)
        try:
            if not self._probe.connected:
                await self._probe.connect()
            await self._probe.publish(PROBE.replace(".", "/") + mark, b"{}")
        except Unavailable as error:
            raise _Unstored("self-test", _UNACKNOWLEDGED.filled(reason=error.detail.en)) from None
        ask = {"last_by_subj": PREFIX + PROBE + mark}
        loop = asyncio.get_running_loop()
        deadline = loop.time() + FOUND_WITHIN_S
        while loop.time() < deadline:
            found = msgspec.json.decode(
                await reader.api(wire, f"STREAM.MSG.GET.{STREAM}", ask), type=reader.Answer
            )
            if found.error is None or await self._committed(mark):
                return
            await asyncio.sleep(0.05)
        raise Closed("self-test", _LOST)

    async def _committed(self, mark: str) -> bool:
        with contextlib.suppress(*TROUBLE):
            return bool(await self._database.fetchval("SELECT probe = $1 FROM sensing.gate", mark))
        return False

    async def _opened(self) -> None:
        if not self.responder.open:
            self.responder.open = True
            log.info("the gate is open")
        await self._tell(True, "open", OPEN)

    async def _shut(self, closed: Closed) -> None:
        self.responder.open = False
        if self.why[0] != closed.code:
            log.warning("the gate is shut", code=closed.code, reason=closed.reason.en)
        await self._tell(False, closed.code, closed.reason)

    async def _tell(self, is_open: bool, code: str, reason: Text) -> None:
        self.why = (code, reason)
        counts = self.responder.counts
        with contextlib.suppress(*TROUBLE):
            async with asyncio.timeout(2):
                await self._database.execute(
                    """UPDATE sensing.gate SET open = $1, code = $2, reason_zh = $3, reason_en = $4,
                         since = CASE WHEN code = $2 THEN since ELSE now() END, checked_at = now(),
                         admitted = $5, refused = $6""",
                    is_open, code, reason.zh, reason.en, counts.admitted, counts.refused,
                )  # fmt: skip


async def _interest(wire: Wire, connection: Connection) -> None:
    """See that a writer's consumer stands on this life of the stream; make one when not."""
    position = await reader.lock_position(connection)
    info = await reader.stream_info(wire)
    if info is None:
        raise Closed("stream-missing", _AWAY.filled(reason=f"{STREAM} is missing"))
    if (
        position.created != info.created
        or info.state.last_seq < position.seq
        or position.consumer not in await reader.consumers(wire)
    ):
        await reader.take_over(wire, connection)


async def _first(timeout_s: float, *events: asyncio.Event) -> None:
    """Return when one of the events is set or the time is over."""
    tasks = [asyncio.create_task(e.wait()) for e in events]
    await asyncio.wait(tasks, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()


def tls(endpoint: Endpoint) -> ssl.SSLContext | None:
    """How to trust the MQTT listener; None without TLS.

    It is our own, reached by a loopback address that no certificate names: what counts is that it shows the
    very certificate we configured, whoever signed that.
    """
    if endpoint.mqtt_ca is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.load_verify_locations(cafile=str(endpoint.mqtt_ca))
    return context
