"""A lean client of the NATS protocol, for the hot path and for what must know when a connection breaks.

`nats-py` hands over about 22,000 pulled messages a second and reconnects behind its caller's back. The
reader needs ten times the first, and the gate must close the moment a connection is lost and open only
after a new check: so one connection here lives once, parses in bulk and ends with an exception.
Protocol: docs.nats.io, "NATS client protocol".
"""

import asyncio
import contextlib
import itertools
import os
import ssl
from collections.abc import Callable
from typing import Any, NamedTuple, cast
from urllib.parse import unquote, urlsplit

import msgspec

from yong.kernel.base.errors import Unavailable
from yong.kernel.base.text import Text

LONGEST_LINE = 8_192
LARGEST_MESSAGE = 16 << 20  # bytes; a server that sends more is not the one we know


class Frame(NamedTuple):
    """One delivered message. `header` is the raw NATS header block, empty without one."""

    subject: bytes
    reply: bytes
    header: bytes
    payload: bytes


Handler = Callable[[Frame], None]


class Wire(asyncio.Protocol):
    """One connection to a NATS server. Made by :meth:`connect`; `closed` is set when it ends."""

    def __init__(self) -> None:
        self.closed = asyncio.Event()
        self.reason = ""
        self.info: dict[str, object] = {}
        self._transport: asyncio.Transport | None = None
        self._rest = b""
        self._resting: asyncio.TimerHandle | None = None
        self._handlers: dict[bytes, Handler] = {}
        self._sids = itertools.count(1)
        self._greeted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._pongs: list[asyncio.Future[None]] = []
        self._answers: dict[bytes, asyncio.Future[Frame]] = {}
        self._numbers = itertools.count(1)
        self.inbox = b"_INBOX." + os.urandom(12).hex().encode()  # never used by another connection

    @classmethod
    async def connect(cls, url: str, name: str, timeout_s: float = 10.0) -> "Wire":
        """Connect and sign in. `url` is nats://user:password@host:port (tls:// for TLS).

        Raises Unavailable when the server is away or refuses.
        """
        parts = urlsplit(url)
        host, port = parts.hostname or "127.0.0.1", parts.port or 4222
        loop = asyncio.get_running_loop()
        wire: Wire | None = None
        try:
            async with asyncio.timeout(timeout_s):
                transport, wire = await loop.create_connection(cls, host, port)
                await wire._greeted
                if parts.scheme == "tls" or wire.info.get("tls_required"):
                    context = ssl.create_default_context()
                    secured = await loop.start_tls(transport, wire, context, server_hostname=host)
                    wire._transport = cast(asyncio.Transport, secured)
                options: dict[str, object] = {
                    "verbose": False, "pedantic": False, "lang": "python", "version": "1", "protocol": 1,
                    "headers": True, "no_responders": True, "name": name,
                }  # fmt: skip
                if parts.username and parts.password is None:
                    options["auth_token"] = unquote(parts.username)
                elif parts.username:
                    options |= {"user": unquote(parts.username), "pass": unquote(parts.password or "")}
                wire.write(b"CONNECT " + msgspec.json.encode(options) + b"\r\n")
                wire.subscribe(wire.inbox + b".r.*", wire._answer)
                await wire.flush()
        except (OSError, TimeoutError, Unavailable) as error:
            reason = wire.reason if wire and wire.reason else type(error).__name__
            if wire:
                wire.close(reason)
            raise Unavailable(_AWAY, reason=reason) from None
        return wire

    # --- speaking ---

    def write(self, data: bytes) -> None:
        """Send; nothing happens on a connection that ended, which `closed` tells."""
        if self._transport is not None and not self.closed.is_set() and not self._transport.is_closing():
            self._transport.write(data)

    def publish(self, subject: bytes, payload: bytes, reply: bytes = b"", header: bytes = b"") -> None:
        head = subject + b" " + reply + b" " if reply else subject + b" "
        if header:
            size = b"%d %d" % (len(header), len(header) + len(payload))
            self.write(b"HPUB " + head + size + b"\r\n" + header + payload + b"\r\n")
        else:
            self.write(b"PUB " + head + b"%d\r\n" % len(payload) + payload + b"\r\n")

    def subscribe(self, subject: bytes, handler: Handler) -> None:
        """Hand every message of a subject to `handler`, which must not wait and must not raise."""
        sid = b"%d" % next(self._sids)
        self._handlers[sid] = handler
        self.write(b"SUB " + subject + b" " + sid + b"\r\n")

    async def request(self, subject: bytes, payload: bytes = b"", timeout_s: float = 5.0) -> bytes:
        """Ask and wait for one answer. Raises Unavailable without one."""
        if self.closed.is_set():
            raise Unavailable(_AWAY, reason=self.reason)
        reply = self.inbox + b".r.%d" % next(self._numbers)
        future: asyncio.Future[Frame] = asyncio.get_running_loop().create_future()
        self._answers[reply] = future
        self.publish(subject, payload, reply)
        try:
            async with asyncio.timeout(timeout_s):
                frame: Frame = await future
        except TimeoutError:
            raise Unavailable(_AWAY, reason=f"no answer on {subject.decode()}") from None
        finally:
            self._answers.pop(reply, None)
        if not frame.payload and frame.header.startswith(b"NATS/1.0 503"):
            raise Unavailable(_AWAY, reason=f"nobody answers {subject.decode()}")
        return frame.payload

    async def flush(self, timeout_s: float = 10.0) -> None:
        """Wait until the server has read everything written so far."""
        if self.closed.is_set():
            raise Unavailable(_AWAY, reason=self.reason)
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._pongs.append(future)
        self.write(b"PING\r\n")
        try:
            async with asyncio.timeout(timeout_s):
                await future
        except TimeoutError:
            self.close("no PONG")
            raise Unavailable(_AWAY, reason="no PONG") from None

    def close(self, reason: str = "closed here") -> None:
        if not self.closed.is_set():
            self.reason = self.reason or reason
            self.closed.set()
            error = Unavailable(_AWAY, reason=self.reason)
            waiting: list[asyncio.Future[Any]] = [self._greeted, *self._pongs, *self._answers.values()]
            for future in waiting:
                if not future.done():
                    future.set_exception(error)
                    future.exception()  # seen: nobody may be waiting for it
        if self._transport is not None and not self._transport.is_closing():
            self._transport.abort()

    # --- listening ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports do not derive from asyncio's classes, so there is nothing to check.
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self.close(f"connection lost ({type(exc).__name__})" if exc else "connection lost")

    def rest(self, seconds: float) -> None:
        """Read nothing for so long, or until `resume_reading`: one read then brings all that came meanwhile."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.pause_reading()
            self._resting = asyncio.get_running_loop().call_later(seconds, self.resume_reading)

    def resume_reading(self) -> None:
        if self._resting is not None:
            self._resting.cancel()
            self._resting = None
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    def data_received(self, data: bytes) -> None:
        buffer = self._rest + data if self._rest else data
        size, at = len(buffer), 0
        find, handlers = buffer.find, self._handlers
        while True:
            end = find(b"\r\n", at)
            if end < 0:
                break
            first = buffer[at]
            if first == 72:  # HMSG <subject> <sid> [reply] <header bytes> <total bytes>
                words = buffer[at:end].split(b" ")
                begin = end + 2
                stop = begin + int(words[-1])
                if stop + 2 > size:
                    break
                body = begin + int(words[-2])
                frame = Frame(
                    words[1],
                    words[3] if len(words) == 6 else b"",
                    buffer[begin:body],
                    buffer[body:stop],
                )
                at = stop + 2
                handlers[words[2]](frame)
            elif first == 77:  # MSG <subject> <sid> [reply] <bytes>
                words = buffer[at:end].split(b" ")
                begin = end + 2
                stop = begin + int(words[-1])
                if stop + 2 > size:
                    break
                frame = Frame(words[1], words[3] if len(words) == 5 else b"", b"", buffer[begin:stop])
                at = stop + 2
                handlers[words[2]](frame)
            else:
                line, at = buffer[at:end], end + 2
                self._line(line)
        self._rest = buffer[at:]
        if len(self._rest) > LARGEST_MESSAGE or (end < 0 and len(self._rest) > LONGEST_LINE):
            self.close("the server sent more than it may")

    def _line(self, line: bytes) -> None:
        if line == b"PING":
            self.write(b"PONG\r\n")
        elif line == b"PONG":
            if self._pongs:
                future = self._pongs.pop(0)
                if not future.done():
                    future.set_result(None)
        elif line.startswith(b"INFO "):
            with contextlib.suppress(msgspec.DecodeError):
                self.info = msgspec.json.decode(line[5:], type=dict[str, object])
            if not self._greeted.done():
                self._greeted.set_result(None)
        elif line.startswith(b"-ERR"):
            self.reason = line[5:200].decode("utf-8", "replace").strip("'")

    def _answer(self, frame: Frame) -> None:
        future = self._answers.get(frame.subject)
        if future and not future.done():
            future.set_result(frame)


_AWAY = Text("总线不可用：{reason}", "The bus is not available: {reason}")
