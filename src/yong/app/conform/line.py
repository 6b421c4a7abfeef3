"""A script's connection to a stream door."""

import asyncio
import contextlib
import ssl
from collections.abc import Callable

import msgspec

from yong.app.conform.inside import turns
from yong.kernel.base import clock
from yong.kernel.sensing.conformance import wires
from yong.kernel.sensing.conformance.findings import About, Finding

CONNECT_S = 10.0
_HELD = 1000  # messages of a door that no step has asked for


class Address(msgspec.Struct, frozen=True):
    """Where a door is."""

    host: str
    port: int
    tls: bool = False


async def connected(address: Address) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection to a door. Raises OSError or TimeoutError."""
    async with asyncio.timeout(CONNECT_S):
        context = ssl.create_default_context() if address.tls else None
        return await asyncio.open_connection(address.host, address.port, ssl=context)


class Line:
    """A connection of the script, and what the door has said on it that no step has asked for yet."""

    def __init__(self, about: About, door: str) -> None:
        self.door, self.wire, self.inspector = door, wires.Wire(about), wires.INSPECTORS[door](about)
        self.inbox: list[wires.Fields] = []
        self.findings: list[Finding] = []
        self.closed = False
        self._news = asyncio.Event()
        self._writer: asyncio.StreamWriter | None = None
        self._task: asyncio.Task[None] | None = None

    async def open(self, address: Address) -> None:
        """Connect, and say what a connection begins with. Raises OSError or TimeoutError."""
        reader, self._writer = await connected(address)
        self._task = asyncio.create_task(self._listen(reader))
        if first := self.wire.opening(self.door):
            self.say(first)

    def say(self, data: bytes) -> None:
        """Send, and look at what is sent as the door will."""
        assert self._writer
        self.findings += self.inspector.heard(data, clock.micros(clock.now()))
        self._writer.write(data)

    async def hear(self, wanted: Callable[[wires.Fields], bool], within_s: float) -> wires.Fields | None:
        """The next message that is wanted; what is not stays for later steps."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while True:
                    for index, fields in enumerate(self.inbox):
                        if wanted(fields):
                            return self.inbox.pop(index)
                    if self.closed:
                        return None
                    self._news.clear()
                    await self._news.wait()
        return None

    async def ended(self, within_s: float) -> bool:
        """Whether the door hangs up."""
        async for _ in turns(within_s):
            if self.closed:
                return True
        return False

    async def close(self) -> None:
        """Hang up."""
        if self._writer:
            self._writer.close()
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(1 << 16):
                self.findings += self.inspector.said(data)
                found, reply = self.wire.heard(self.door, data)
                self.inbox = (self.inbox + found)[-_HELD:]
                if reply and self._writer:
                    self._writer.write(reply)
                self._news.set()
        self.closed = True
        self._news.set()
