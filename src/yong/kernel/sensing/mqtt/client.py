"""A small MQTT 3.1.1 client that publishes with QoS 1: the system's own voice among the devices.

It speaks the public protocol on the public port, so what it proves (the gate's self-test) and what it
sends (commands) takes exactly the way of a device's messages. OASIS MQTT 3.1.1, sections 3.1–3.4, 3.12.
"""

import asyncio
import contextlib
import ssl
import struct

from yong.kernel.base.errors import Unavailable
from yong.kernel.base.text import Text

_KEEPALIVE_S = 30


class Publisher:
    """One connection. `publish` returns when the server has acknowledged."""

    def __init__(
        self, host: str, port: int, user: str, password: str, tls: ssl.SSLContext | None = None
    ) -> None:
        self._where, self._tls = (host, port), tls
        self._user, self._password = user, password
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._waiting: dict[int, asyncio.Future[None]] = {}
        self._number = 0

    @property
    def connected(self) -> bool:
        return self._writer is not None and not self._writer.is_closing()

    async def connect(self, timeout_s: float = 10.0) -> None:
        """Connect. Raises Unavailable when the server is away or refuses."""
        try:
            async with asyncio.timeout(timeout_s):
                self._reader, self._writer = await asyncio.open_connection(*self._where, ssl=self._tls)
                self._writer.write(_connect(self._user, self._password))
                kind, body = await self._packet()
        except (OSError, EOFError, TimeoutError) as error:
            await self.close()
            raise Unavailable(_AWAY, reason=type(error).__name__) from None
        if kind != 0x20 or len(body) != 2 or body[1] != 0:
            await self.close()
            raise Unavailable(_AWAY, reason=f"CONNACK {body.hex()}")
        self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._ping())]

    async def publish(
        self, topic: str, payload: bytes, *, retain: bool = False, timeout_s: float = 10.0
    ) -> None:
        """Publish with QoS 1. Raises Unavailable unless the server acknowledged in time."""
        if not self.connected or self._writer is None:
            raise Unavailable(_AWAY, reason="not connected")
        self._number = self._number % 65_535 + 1
        number = self._number
        done = self._waiting[number] = asyncio.get_running_loop().create_future()
        body = _text(topic) + struct.pack("!H", number) + payload
        try:
            async with asyncio.timeout(timeout_s):
                self._writer.write(_framed(0x33 if retain else 0x32, body))
                await self._writer.drain()
                await done
        except (OSError, TimeoutError) as error:
            raise Unavailable(_AWAY, reason=type(error).__name__) from None
        finally:
            self._waiting.pop(number, None)

    async def close(self) -> None:
        """Say goodbye, so that no last will is sent, and hang up."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            if task is not asyncio.current_task():
                task.cancel()
        writer, self._writer = self._writer, None
        if writer is not None:
            with contextlib.suppress(OSError):
                writer.write(b"\xe0\x00")
                writer.close()
                await writer.wait_closed()
        self._fail("closed")

    def _fail(self, reason: str) -> None:
        waiting, self._waiting = self._waiting, {}
        for future in waiting.values():
            if not future.done():
                future.set_exception(Unavailable(_AWAY, reason=reason))

    async def _listen(self) -> None:
        try:
            while True:
                kind, body = await self._packet()
                if kind == 0x40 and len(body) == 2:
                    future = self._waiting.get(int.from_bytes(body, "big"))
                    if future and not future.done():
                        future.set_result(None)
        except (OSError, EOFError):
            if self._writer is not None:
                self._writer.close()
            self._fail("connection lost")

    async def _ping(self) -> None:
        while self.connected and self._writer is not None:
            await asyncio.sleep(_KEEPALIVE_S / 2)
            with contextlib.suppress(OSError):
                self._writer.write(b"\xc0\x00")

    async def _packet(self) -> tuple[int, bytes]:
        assert self._reader is not None
        kind = (await self._reader.readexactly(1))[0]
        length = 0
        for shift in (0, 7, 14, 21):
            byte = (await self._reader.readexactly(1))[0]
            length |= (byte & 127) << shift
            if byte < 128:
                break
        return kind, await self._reader.readexactly(length)


_AWAY = Text("MQTT 服务不可用：{reason}", "MQTT is not available: {reason}")


def _connect(user: str, password: str) -> bytes:
    client = user.replace(".", "-")  # the server refuses client ids with dots
    body = _text("MQTT") + bytes((4, 0xC2)) + struct.pack("!H", _KEEPALIVE_S)
    return _framed(0x10, body + _text(client) + _text(user) + _text(password))


def _text(value: str) -> bytes:
    raw = value.encode()
    return struct.pack("!H", len(raw)) + raw


def _framed(kind: int, body: bytes) -> bytes:
    length, size = len(body), bytearray()
    while True:
        size.append(length & 127 | (128 if length > 127 else 0))
        length >>= 7
        if not length:
            return bytes((kind,)) + bytes(size) + body
