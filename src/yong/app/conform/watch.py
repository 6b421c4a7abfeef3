"""Listens between a device and its door: forwards every byte both ways, and says what is wrong with what it hears."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence

from yong.app.conform.line import Address, connected
from yong.app.conform.player import AWAY, LOST, UNKNOWN
from yong.app.conform.report import Report, StepReport
from yong.kernel.base import clock
from yong.kernel.base.text import Text
from yong.kernel.sensing.conformance import wires
from yong.kernel.sensing.conformance.findings import About, Finding, Inspector, broken

CONNECTIONS = 64  # at once
REMEMBERED = 10_000  # findings in the report of one watch
_PIECE = 1 << 16
_TITLE = Text("旁听设备与平台之间的通信", "What a device and its door say to each other")

Tell = Callable[[int, Sequence[Finding]], None]


class Watch:
    """One port that stands in for a door. `tell` hears of a connection's findings as they come."""

    def __init__(self, door: str, about: About, address: Address, tell: Tell) -> None:
        self._door, self._about, self._address, self._tell = door, about, address, tell
        self._findings: list[list[Finding]] = []
        self._from: list[str] = []
        self._messages = 0
        self._told = 0
        self._server: asyncio.Server | None = None
        self._live: set[asyncio.Task[None]] = set()

    async def open(self, host: str, port: int) -> int:
        """Listen; the port."""
        self._server = await asyncio.start_server(self._serve, host, port, limit=_PIECE)
        return int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> Report:
        """Listen no more; what was found, a step for each connection."""
        assert self._server
        self._server.close()
        for task in self._live:
            task.cancel()
        await asyncio.gather(*self._live, return_exceptions=True)
        steps = tuple(
            StepReport(n, "connection", Text(source, source), tuple(found))
            for n, (source, found) in enumerate(zip(self._from, self._findings, strict=True), 1)
        )
        return Report(
            door=self._door, thing=self._about.thing, title=_TITLE, messages=self._messages, steps=steps,
            complete=self._messages > 0,
        )  # fmt: skip

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        if len(self._live) >= CONNECTIONS:
            writer.close()
            return
        self._live.add(task)
        number = len(self._findings)
        self._findings.append([])
        self._from.append(str((writer.get_extra_info("peername") or ("?",))[0]))
        try:
            await self._between(number, reader, writer)
        except (OSError, TimeoutError) as error:
            at, why = self._address, str(error) or type(error).__name__
            self._note(number, [broken(AWAY, host=at.host, port=at.port, why=why)])
        finally:
            self._live.discard(task)
            writer.close()

    async def _between(self, number: int, device: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        door, to_door = await connected(self._address)
        inspector = wires.INSPECTORS[self._door](self._about)
        answered = False

        def heard(data: bytes) -> list[Finding]:
            before = inspector.messages
            found = inspector.heard(data, clock.micros(clock.now()))
            self._messages += inspector.messages - before
            return found

        def said(data: bytes) -> list[Finding]:
            nonlocal answered
            answered = True
            return inspector.said(data)

        up = asyncio.create_task(self._forward(number, device, to_door, heard))
        down = asyncio.create_task(self._forward(number, door, back, said))
        try:
            await asyncio.wait((up, down), return_when=asyncio.FIRST_COMPLETED)
            if up.done():  # the device is done: what it still waits for comes
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(asyncio.shield(down), 2)
            elif inspector.messages:
                self._note(number, [broken(LOST, hint=UNKNOWN if not answered else Text("", ""))])
            self._note(number, self._ended(inspector))
        finally:
            for task in (up, down):
                task.cancel()
            await asyncio.gather(up, down, return_exceptions=True)
            to_door.close()

    def _ended(self, inspector: Inspector) -> list[Finding]:
        before = inspector.messages
        found = inspector.ended()
        self._messages += inspector.messages - before
        return found

    async def _forward(
        self,
        number: int,
        source: asyncio.StreamReader,
        target: asyncio.StreamWriter,
        inspect: Callable[[bytes], list[Finding]],
    ) -> None:
        """Bytes as they come; who reads slowly slows the other down. What is found changes nothing of it."""
        with contextlib.suppress(OSError):
            while data := await source.read(_PIECE):
                target.write(data)
                self._note(number, inspect(data))
                await target.drain()
            if target.can_write_eof():
                target.write_eof()

    def _note(self, number: int, found: Sequence[Finding]) -> None:
        if not found:
            return
        self._tell(number + 1, found)
        room = REMEMBERED - self._told
        self._told += len(found)
        self._findings[number] += found[: max(0, room)]
