"""From the bus to the writer: taking the stream over, and reading it in order with bounded memory.

Configuration A (see `gate`): a durable consumer is the interest that makes the server's own stream keep
what it acknowledged. Each writer makes a consumer *of its own*, starting behind the committed position,
before it removes the former one. So at every moment somebody's interest keeps the messages; nothing that
the former writer had fetched but not committed is held back until a time-out and comes out of order; and
no inbox or pull of a former life reaches the new one.
"""

import asyncio
import contextlib
import secrets
from typing import NamedTuple

import msgspec

from yong.kernel.base.errors import Unavailable
from yong.kernel.base.text import Text
from yong.kernel.sensing.mqtt.endpoint import PREFIX, READINGS, STREAM, SUBJECTS
from yong.kernel.sensing.mqtt.wire import Frame, Wire
from yong.kernel.store.database import Connection

ACK_WAIT_NS = 600 * 10**9  # a redelivery would only be dropped again: the position decides
HELD_MESSAGES = 20_000  # read and not yet taken by the writer
PULL_MESSAGES = 5_000
PULL_BYTES = 16 << 20
PULL_EXPIRES_NS = 30 * 10**9
HEARTBEAT_NS = 5 * 10**9
SILENCE_S = 12.0  # without a heartbeat the consumer or the server is gone
HELD_QOS0 = 20_000
# After a small batch nothing is read for a while: at 10,000 messages a second, each a wake-up of its own took the
# writer a tenth of its time and the messages a third longer. Behind large ones reading goes on beside the commit.
SMALL_BATCH = 1_500
REST_S = 0.05  # at most: a server that cannot write for `write_deadline` would cut the connection
READS = 3  # turns of the loop after a rest, for what one read of the socket did not bring

_NOT_FOUND = (404, 10059, 10014)


class ApiError(msgspec.Struct):
    code: int = 0
    err_code: int = 0
    description: str = ""


class State(msgspec.Struct):
    messages: int = 0
    bytes: int = 0
    first_seq: int = 0
    last_seq: int = 0


class Config(msgspec.Struct):
    retention: str = ""
    storage: str = ""
    subjects: list[str] = []
    max_msgs: int = -1
    max_bytes: int = -1
    max_age: int = 0
    max_msgs_per_subject: int = -1
    sealed: bool = False


class StreamInfo(msgspec.Struct):
    config: Config = msgspec.field(default_factory=Config)
    state: State = msgspec.field(default_factory=State)
    created: str = ""
    error: ApiError | None = None


class _Consumers(msgspec.Struct):
    consumers: list[str] | None = None
    total: int = 0
    error: ApiError | None = None


class Answer(msgspec.Struct):
    error: ApiError | None = None


class Standing(NamedTuple):
    """Whose turn it is: the stream's life, the reader's own consumer, the last committed sequence."""

    created: str
    consumer: str
    seq: int


class Message(NamedTuple):
    """One message of the stream. `subject` is without the stream's prefix: `obs.json.T1`."""

    seq: int
    subject: str
    payload: bytes
    stored_us: int  # when the bus stored it, UTC microseconds; 0 when unknown
    reply: bytes


async def api(wire: Wire, verb: str, body: object = None) -> bytes:
    """One call of the JetStream API."""
    payload = b"" if body is None else msgspec.json.encode(body)
    return await wire.request(b"$JS.API." + verb.encode(), payload)


async def stream_info(wire: Wire) -> StreamInfo | None:
    """The stream as it stands, None when it does not exist. Raises Unavailable on any other error."""
    info = msgspec.json.decode(await api(wire, f"STREAM.INFO.{STREAM}"), type=StreamInfo)
    if info.error is None:
        return info
    if info.error.code in _NOT_FOUND:
        return None
    raise Unavailable(_ANSWER, reason=info.error.description)


async def consumers(wire: Wire) -> list[str]:
    """The writers' consumers on the stream, among those of every thing that subscribed: page by page."""
    found: list[str] = []
    offset = 0
    while True:
        body = {"offset": offset}
        page = msgspec.json.decode(await api(wire, f"CONSUMER.NAMES.{STREAM}", body), type=_Consumers)
        if page.error is not None:
            raise Unavailable(_ANSWER, reason=page.error.description)
        names = page.consumers or []
        found += [n for n in names if n.startswith("writer-")]
        offset += len(names)
        if not names or offset >= page.total:
            return found


async def lock_position(connection: Connection) -> Standing:
    """The committed position, locked until the transaction ends: one taker at a time."""
    await connection.execute(
        """INSERT INTO sensing.bus_position (stream, created, consumer, seq) VALUES ($1, '', '', 0)
           ON CONFLICT DO NOTHING""",
        STREAM,
    )
    row = await connection.fetchrow(
        "SELECT created, consumer, seq FROM sensing.bus_position WHERE stream = $1 FOR UPDATE", STREAM
    )
    assert row is not None
    return Standing(row["created"], row["consumer"], row["seq"])


async def take_over(wire: Wire, connection: Connection) -> Standing:
    """Become the stream's reader, in the caller's transaction.

    A stream younger than the position, or one that lost its tail in a power cut (its last sequence lies
    behind the position, and sequences are given again), is read from what it has: what it gives out
    anew was never committed. Raises Unavailable when the bus does not play along.
    """
    former = await lock_position(connection)
    info = await stream_info(wire)
    if info is None:
        raise Unavailable(Text("总线上没有消息流", "The stream is missing on the bus"))
    seq = former.seq if former.created == info.created else 0
    seq = min(seq, info.state.last_seq)
    name = f"writer-{secrets.token_hex(6)}"
    answer = msgspec.json.decode(
        await api(
            wire,
            f"CONSUMER.CREATE.{STREAM}.{name}",
            {
                "stream_name": STREAM,
                "action": "create",
                "config": {
                    "name": name,
                    "durable_name": name,
                    "deliver_policy": "by_start_sequence",
                    "opt_start_seq": seq + 1,
                    "ack_policy": "all",
                    "ack_wait": ACK_WAIT_NS,
                    "max_ack_pending": 1_000_000,
                    # Everything, and the writer skips what is not said by things: with a filter of three
                    # subjects the server delivered 42,000 a second, of one 125,000, of all 299,000.
                    "filter_subject": PREFIX + ">",
                    "description": "the writer; its interest makes the server keep what it acknowledged",
                },
            },
        ),
        type=Answer,
    )
    if answer.error is not None:
        raise Unavailable(_ANSWER, reason=answer.error.description)
    for other in await consumers(wire):
        if other != name:
            await api(wire, f"CONSUMER.DELETE.{STREAM}.{other}")
    await connection.execute(
        "UPDATE sensing.bus_position SET created = $2, consumer = $3, seq = $4 WHERE stream = $1",
        STREAM,
        info.created,
        name,
        seq,
    )
    return Standing(info.created, name, seq)


class Feed:
    """The stream's messages in order, each once, and QoS 0 messages beside them.

    Memory is bounded: no more is pulled than `HELD_MESSAGES` and what pulls of `PULL_BYTES` bring.
    """

    def __init__(self, wire: Wire, standing: Standing, *, synced: bool = False) -> None:
        self.dropped_qos0 = 0
        self._synced = synced  # the bus syncs every record (strict mode)
        self._wire, self._standing = wire, standing
        self._messages: list[Message] = []
        self._qos0: list[Message] = []
        self._highest = standing.seq
        self._credit = 0  # asked for and not yet arrived
        self._arrived = asyncio.Event()
        self._committed: Message | None = None
        self._purging: Message | None = None
        self._failure = ""
        self._woken = False
        self._rested = False
        self._last = asyncio.get_running_loop().time()
        self._inbox = wire.inbox + b".m"
        self._pull = f"$JS.API.CONSUMER.MSG.NEXT.{STREAM}.{standing.consumer}".encode()

    async def start(self) -> None:
        self._wire.subscribe(self._inbox, self._take)
        self._wire.subscribe(self._inbox + b".purged", self._purged)
        for subject in SUBJECTS:
            self._wire.subscribe(subject.encode(), self._take_qos0)
        self._refill()
        await self._wire.flush()

    async def batch(self, most: int) -> tuple[list[Message], list[Message]]:
        """The next messages of the stream, and QoS 0 ones beside them: at least one, unless woken.

        Raises Unavailable when the consumer or the connection is gone: take the stream over again.
        """
        if self._rested:
            self._rested = False
            self._wire.resume_reading()
            for _ in range(READS):
                await asyncio.sleep(0)
        while not self._messages and not self._qos0:
            if self._failure or self._wire.closed.is_set():
                raise Unavailable(_ANSWER, reason=self._failure or self._wire.reason)
            self._arrived.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._arrived.wait(), 1.0)
            if self._woken:
                break
            if asyncio.get_running_loop().time() - self._last > SILENCE_S:
                raise Unavailable(_ANSWER, reason="the consumer fell silent")
        self._last = asyncio.get_running_loop().time()
        taken, self._messages = self._messages[:most], self._messages[most:]
        qos0, self._qos0 = self._qos0, []
        self._refill()
        if len(taken) < SMALL_BATCH:
            self._rested = True
            self._wire.rest(REST_S)
        return taken, qos0

    def wake(self) -> None:
        """Let `batch` return with nothing: the writer is to stop."""
        self._woken = True
        self._arrived.set()

    def acknowledge(self, message: Message) -> None:
        """Let the bus forget everything up to `message`. Only after the commit.

        An acknowledgement has the server remove message by message and write a record for each. Where each
        record is synced (strict mode) publishers waited longer for that than they do, so the readings are
        purged first, at the price of one write; what else lies before `message` the acknowledgement removes.
        One purge is under way at a time, and the next takes all that was committed meanwhile.
        """
        if not self._synced:
            self._wire.publish(message.reply, b"+ACK")
            return
        self._committed = message
        if self._purging is None:
            self._purge()

    def _purge(self) -> None:
        self._purging, self._committed = self._committed, None
        if self._purging is not None:
            body = b'{"filter":"%b","seq":%d}' % (READINGS.encode(), self._purging.seq + 1)
            self._wire.publish(b"$JS.API.STREAM.PURGE." + STREAM.encode(), body, self._inbox + b".purged")

    def _purged(self, frame: Frame) -> None:
        # Whatever the answer, a server that does not let us purge included: the acknowledgement does the rest.
        if self._purging is not None:
            self._wire.publish(self._purging.reply, b"+ACK")
        self._purge()

    def _refill(self) -> None:
        room = HELD_MESSAGES - len(self._messages) - self._credit
        while room >= PULL_MESSAGES:
            room -= PULL_MESSAGES
            self._credit += PULL_MESSAGES
            body = b'{"batch":%d,"max_bytes":%d,"expires":%d,"idle_heartbeat":%d}' % (
                PULL_MESSAGES, PULL_BYTES, PULL_EXPIRES_NS, HEARTBEAT_NS,
            )  # fmt: skip
            self._wire.publish(self._pull, body, self._inbox)

    def _take(self, frame: Frame) -> None:
        if not frame.reply:
            self._status(frame)
            return
        # $JS.ACK.<stream>.<consumer>.<delivered>.<seq>.<consumer seq>.<stored ns>.<pending>
        words = frame.reply.split(b".")
        at = 5 if len(words) == 9 else 7  # newer servers put domain and account before the stream
        seq = int(words[at])
        self._credit -= 1
        if seq <= self._highest:
            return  # delivered again: it is held here or committed
        self._highest = seq
        self._messages.append(
            Message(
                seq,
                frame.subject[len(PREFIX) :].decode("utf-8", "replace"),
                frame.payload,
                int(words[at + 2]) // 1000,
                frame.reply,
            )
        )
        if not self._arrived.is_set():
            self._arrived.set()

    def _status(self, frame: Frame) -> None:
        self._last = asyncio.get_running_loop().time()
        code = frame.header[9:12]
        if code == b"100":
            return  # a heartbeat
        left = _header(frame.header, b"Nats-Pending-Messages")
        if code == b"408" or (code == b"409" and left):  # a pull ended by its time or its bytes
            self._credit -= int(left or 0)
            self._refill()
        else:
            self._failure = frame.header[9:120].split(b"\r\n")[0].decode("ascii", "replace")
            self._arrived.set()

    def _take_qos0(self, frame: Frame) -> None:
        # Messages of QoS 1 and 2 pass here as copies; the stream has them.
        if b"Nmqtt-Pub:0" not in frame.header:
            return
        if len(self._qos0) >= HELD_QOS0:
            self.dropped_qos0 += 1
            return
        self._qos0.append(Message(0, frame.subject.decode("utf-8", "replace"), frame.payload, 0, b""))
        self._arrived.set()


def _header(block: bytes, name: bytes) -> bytes:
    for line in block.split(b"\r\n")[1:]:
        key, _, value = line.partition(b":")
        if key == name:
            return value.strip()
    return b""


_ANSWER = Text("总线拒绝：{reason}", "The bus refuses: {reason}")
