"""A server on a free port with a protocol of lines, and devices that speak to it."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

import msgspec
import pytest

from yong.kernel.access.api import system_caller
from yong.kernel.base.city import City
from yong.kernel.base.text import Text
from yong.kernel.records import api as records
from yong.kernel.sensing import api, service
from yong.kernel.sensing.tcp import words
from yong.kernel.sensing.tcp.contracts import (
    Answered,
    Close,
    Identify,
    LayAside,
    Listener,
    Order,
    Report,
    Send,
    Session,
    Skipped,
    Step,
    Word,
)
from yong.kernel.sensing.tcp.server import Limits, Server
from yong.kernel.store.database import Database

SYSTEM = system_caller("sensing")


class Lines(Session):
    """`i <thing> <word>`, `r <thing> <json>`, `x <thing>` (unreadable), `p` (ping), `?…` rubbish, `q`."""

    def __init__(self) -> None:
        self._rest = b""

    def receive(self, data: bytes, now_us: int) -> Sequence[Step]:
        *lines, self._rest = (self._rest + data).split(b"\n")
        out: list[Step] = []
        for line in lines:
            kind, thing, rest = (*line.split(b" ", 2), b"", b"")[:3]
            name = thing.decode("latin-1")
            match kind:
                case b"i":
                    out.append(Identify(name, rest.decode("latin-1")))
                case b"r":
                    out.append(Report(name, rest, b"ok " + rest[:8] + b"\n", b"no\n", "json"))
                case b"x":
                    out.append(LayAside(name, rest, Text("读不懂", "Unreadable"), b"aside\n"))
                case b"a":
                    out.append(Answered(name, rest.decode(), True))
                case b"p":
                    out.append(Send(b"pong\n"))
                case b"q":
                    out.append(Close("done"))
                case b"b":
                    raise ZeroDivisionError
                case _:
                    out.append(Skipped(len(line)))
        return out

    def admitted(self, thing: str) -> Sequence[Step]:
        return (Send(b"welcome\n"),)

    def refused(self, thing: str) -> Sequence[Step]:
        return (Send(b"away\n"),)

    def command(self, order: Order, now_us: int) -> bytes | None:
        return f"do {order.name} {order.id}\n".encode() if order.name == "blink" else None

    def pending(self) -> int:
        return len(self._rest)


LINES = Listener(
    name="lines",
    title=Text("行", "Lines"),
    session=Lines,
    word=Word(alphabet="0123456789", length=4),
    frame_bytes=4096,
    things=2,
)


class Device:
    """A connection of a stranger."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def connect(cls, port: int) -> "Device":
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    def send(self, *lines: str) -> None:
        self.writer.write("".join(f"{line}\n" for line in lines).encode())

    async def line(self, timeout_s: float = 5) -> str:
        """The next line; "" when the connection ended."""
        with contextlib.suppress(ConnectionError):
            return (await asyncio.wait_for(self.reader.readline(), timeout_s)).decode().strip()
        return ""

    async def ended(self, timeout_s: float = 5) -> bool:
        with contextlib.suppress(ConnectionError):
            await asyncio.wait_for(self.reader.read(), timeout_s)
        return True

    def cut(self) -> None:
        self.writer.transport.abort()


async def register(city: City, *codes: str, listener: Listener = LINES, word: str = "1234") -> None:
    """Things that are registered and enrolled."""
    for code in codes:
        await records.create(
            city, SYSTEM, "sensing.thing", {"code": code, "type": "gauge", "source": "synthetic"},
            owner="water", district="330203",
        )  # fmt: skip
    async with city[Database].transaction() as connection:
        for code in codes:
            await words.enrol(connection, city, listener, code, word)
    city[service.Things].forget()


Serve = Callable[..., Awaitable[Server]]


@asynccontextmanager
async def serving(
    city: City, ports: str, listeners: Sequence[Listener] = (), limits: Limits | None = None
) -> AsyncIterator[Server]:
    """Listeners of a city on free ports, as their process has them."""
    city.settings = msgspec.structs.replace(city.settings, tcp_ports=ports)
    server = Server(city, limits, listeners=listeners)
    task = asyncio.create_task(server.run())
    try:
        ready = asyncio.create_task(server.listening.wait())
        await asyncio.wait((task, ready), return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()
        if task.done():
            task.result()
        yield server
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
async def lines(city: City) -> AsyncIterator[Server]:
    """A server of lines with the things g1 and g2, word 1234."""
    await register(city, "g1", "g2")
    async with serving(city, "lines=0", [LINES]) as server:
        yield server


async def until(condition: Callable[[], Awaitable[object]], timeout_s: float = 5) -> None:
    """Wait for something in the database."""
    async with asyncio.timeout(timeout_s):
        for _ in itertools.count():
            if await condition():
                return
            await asyncio.sleep(0.05)


async def readings(city: City, thing: str) -> int:
    """How many readings a thing has in history."""
    return int(
        await city[Database].fetchval(
            """SELECT count(*) FROM history.observation o JOIN history.series s ON s.id = o.series
               WHERE s.entity = $1""",
            thing,
        )
    )


__all__ = ["SYSTEM", "Device", "api", "readings", "register", "serving", "until"]
