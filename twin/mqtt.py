"""A lean MQTT 3.1.1 client for many connections in one process (OASIS MQTT 3.1.1; section numbers below).

It knows nothing of who it talks to. One connection is one asyncio protocol object without tasks of its own;
QoS 0 and 1, a last will, user and password, and an upper limit on what it buffers.
"""

import asyncio
import ssl
from collections.abc import Callable
from typing import NamedTuple, cast

CONNECT, CONNACK, PUBLISH, PUBACK, SUBSCRIBE, SUBACK, PINGREQ, PINGRESP, DISCONNECT = (
    1,
    2,
    3,
    4,
    8,
    9,
    12,
    13,
    14,
)
LIMIT = 256 * 1024
"""Bytes of the largest packet that is taken."""


class MqttError(Exception):
    """The other side refused, went away, or does not speak MQTT 3.1.1."""


class Denied(MqttError):
    """The server gave no leave to subscribe; the connection stands."""


class Will(NamedTuple):
    """What the server publishes (QoS 1) when the connection ends without DISCONNECT."""

    topic: str
    payload: bytes


class Packet(NamedTuple):
    """A packet: its type, the four flag bits and the body behind the fixed header."""

    kind: int
    flags: int
    body: bytes


def text(value: str | bytes) -> bytes:
    """A length-prefixed string (§1.5.3)."""
    data = value.encode() if isinstance(value, str) else value
    return len(data).to_bytes(2, "big") + data


def packet(kind: int, flags: int, body: bytes) -> bytes:
    """A packet with its fixed header; the length in seven-bit digits (§2.2.3)."""
    head = bytearray((kind << 4 | flags,))
    left = len(body)
    while True:
        left, digit = left >> 7, left & 0x7F
        head.append(digit | 0x80 if left else digit)
        if not left:
            return bytes(head) + body


def packets(buffer: bytearray) -> list[Packet]:
    """Take every complete packet off the buffer's front. Raises MqttError on a bad or over-long length."""
    found: list[Packet] = []
    start = 0
    while len(buffer) - start >= 2:
        length, shift, at = 0, 0, start + 1
        while True:
            if at >= len(buffer):
                del buffer[:start]
                return found
            digit = buffer[at]
            length |= (digit & 0x7F) << shift
            shift, at = shift + 7, at + 1
            if not digit & 0x80:
                break
            if shift > 21:
                raise MqttError("the packet's length has more than four digits")
        if length > LIMIT:
            raise MqttError(f"a packet of {length} bytes is over the limit of {LIMIT}")
        if len(buffer) < at + length:
            break
        found.append(Packet(buffer[start] >> 4, buffer[start] & 0x0F, bytes(buffer[at : at + length])))
        start = at + length
    del buffer[:start]
    return found


def connect_packet(
    client: str, user: str | None, password: str | None, keepalive_s: int, will: Will | None
) -> bytes:
    """CONNECT (§3.1) with a clean session."""
    flags = 0x02
    payload = text(client)
    if will:
        flags |= 0x04 | 1 << 3
        payload += text(will.topic) + text(will.payload)
    if user is not None:
        flags |= 0x80
        payload += text(user)
    if password is not None:
        flags |= 0x40
        payload += text(password)
    body = text("MQTT") + bytes((4, flags)) + keepalive_s.to_bytes(2, "big") + payload
    return packet(CONNECT, 0, body)


class Client(asyncio.Protocol):
    """One connection. `on_message(topic, payload)` hears what arrives; `closed` is done when it ended."""

    def __init__(self, on_message: Callable[[str, bytes], None] | None = None) -> None:
        self.on_message = on_message
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None
        self._waiting: dict[tuple[int, int], asyncio.Future[bytes]] = {}
        self._next = 0
        self._ping: asyncio.TimerHandle | None = None
        self._pings_unanswered = 0

    async def connect(
        self,
        host: str,
        port: int,
        client: str,
        *,
        user: str | None = None,
        password: str | None = None,
        will: Will | None = None,
        keepalive_s: int = 60,
        timeout_s: float = 10,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """Open the connection. Raises MqttError when refused, OSError or TimeoutError when unreachable."""
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(timeout_s):
            await loop.create_connection(lambda: self, host, port, ssl=tls)
            answer = self._expect(CONNACK, 0)
            self._send(connect_packet(client, user, password, keepalive_s, will))
            body = await answer
        if len(body) != 2 or body[1]:
            self.abort()
            raise MqttError(f"the connection was refused with code {body[1] if len(body) > 1 else '?'}")
        self._beat(max(keepalive_s / 2, 1))

    async def publish(
        self, topic: str, payload: bytes, *, qos: int = 1, retain: bool = False, timeout_s: float = 20
    ) -> None:
        """Publish; with QoS 1 returns when the PUBACK came, and raises MqttError or TimeoutError if not."""
        if not qos:
            self._send(packet(PUBLISH, int(retain), text(topic) + payload))
            return
        number = self._number(PUBACK)
        self._send(packet(PUBLISH, 2 | int(retain), text(topic) + number.to_bytes(2, "big") + payload))
        answer = self._expect(PUBACK, number)
        await self._answered(answer, PUBACK, number, timeout_s)

    async def subscribe(self, topic: str, *, qos: int = 1, timeout_s: float = 10) -> None:
        """Subscribe with QoS 0 or 1. Raises Denied when the server refuses."""
        number = self._number(SUBACK)
        self._send(packet(SUBSCRIBE, 2, number.to_bytes(2, "big") + text(topic) + bytes((qos,))))
        answer = self._expect(SUBACK, number)
        granted = await self._answered(answer, SUBACK, number, timeout_s)
        if not granted or granted[-1] == 0x80:
            raise Denied(f"no leave to subscribe to {topic}")

    async def close(self) -> None:
        """Say DISCONNECT, so that the last will is not published, and end."""
        if self._transport and not self._transport.is_closing():
            self._send(packet(DISCONNECT, 0, b""))
            self._transport.close()
            await self.closed

    def abort(self) -> None:
        """End at once, as a device that lost its power: the server publishes the will."""
        if self._transport:
            self._transport.abort()

    # asyncio's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        try:
            for received in packets(self._buffer):
                self._take(received)
        except (MqttError, UnicodeDecodeError):
            self.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._ping:
            self._ping.cancel()
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(MqttError("the connection was lost"))
        self._waiting.clear()
        if not self.closed.done():
            self.closed.set_result(None)

    def _take(self, received: Packet) -> None:
        kind, flags, body = received
        if kind == PUBLISH:
            self._message(flags, body)
        elif kind == CONNACK:
            self._answer(CONNACK, 0, body)
        elif kind in (PUBACK, SUBACK) and len(body) >= 2:
            self._answer(kind, int.from_bytes(body[:2], "big"), body[2:])
        elif kind == PINGRESP:
            self._pings_unanswered = 0
        else:
            raise MqttError(f"unexpected packet of type {kind}")

    def _message(self, flags: int, body: bytes) -> None:
        end = 2 + int.from_bytes(body[:2], "big")
        qos = flags >> 1 & 3
        payload_at = end + 2 if qos else end
        if len(body) < payload_at or qos > 1:
            raise MqttError("a PUBLISH that cannot be read")
        if self.on_message:
            self.on_message(body[2:end].decode(), body[payload_at:])
        if qos:
            self._send(packet(PUBACK, 0, body[end:payload_at]))

    def _number(self, kind: int) -> int:
        for _ in range(65_535):
            self._next = self._next % 65_535 + 1
            if (kind, self._next) not in self._waiting:
                return self._next
        raise MqttError("65,535 packets wait for their answer")

    def _expect(self, kind: int, number: int) -> asyncio.Future[bytes]:
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._waiting[kind, number] = answer
        return answer

    async def _answered(
        self, answer: asyncio.Future[bytes], kind: int, number: int, timeout_s: float
    ) -> bytes:
        try:
            async with asyncio.timeout(timeout_s):
                return await answer
        finally:
            self._waiting.pop((kind, number), None)

    def _answer(self, kind: int, number: int, body: bytes) -> None:
        answer = self._waiting.pop((kind, number), None)
        if answer and not answer.done():
            answer.set_result(body)

    def _send(self, data: bytes) -> None:
        if not self._transport or self._transport.is_closing():
            raise MqttError("the connection is closed")
        self._transport.write(data)

    def _beat(self, every_s: float) -> None:
        if self._pings_unanswered > 1:
            self.abort()
            return
        self._ping = asyncio.get_running_loop().call_later(every_s, self._beat_now, every_s)

    def _beat_now(self, every_s: float) -> None:
        if self._transport and not self._transport.is_closing():
            self._pings_unanswered += 1
            self._send(packet(PINGREQ, 0, b""))
            self._beat(every_s)
