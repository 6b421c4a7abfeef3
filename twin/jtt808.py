"""A vehicle terminal that speaks JT/T 808 over TCP, written from the standard, knowing nothing of any platform.

It signs on with its authentication code, reports, waits for the platform's answer, tells what it missed as a batch
(in parts, when that is long), keeps the line alive and obeys commands. Edition 2013 or 2019.
"""

import asyncio
import contextlib
import itertools
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

HEARTBEAT, SIGN_ON, LOCATION, LOCATION_ANSWER, BATCH, DONE = 0x0002, 0x0102, 0x0200, 0x0201, 0x0704, 0x0001
ANSWER, PARTS_AGAIN, REGISTRATION_ANSWER, LOCATE = 0x8001, 0x8003, 0x8100, 0x8201
LONGEST = 1023


class TerminalError(Exception):
    """The platform refused, did not answer, or said what cannot be read."""


class Fix(NamedTuple):
    """Where a vehicle is: degrees, km/h, degrees from north, km on the clock."""

    at: datetime
    longitude: float
    latitude: float
    speed_kmh: float
    heading_deg: float
    odometer_km: float
    alarms: int = 0


def location(fix: Fix) -> bytes:
    """A location report (0x0200): 28 bytes, and the items odometer, signal strength and satellites."""
    local = fix.at.astimezone(UTC) + timedelta(hours=8)
    status = 1 | 1 << 1 | 1 << 19 | (fix.latitude < 0) << 2 | (fix.longitude < 0) << 3
    return b"".join(
        (
            fix.alarms.to_bytes(4, "big"),
            status.to_bytes(4, "big"),
            round(abs(fix.latitude) * 1e6).to_bytes(4, "big"),
            round(abs(fix.longitude) * 1e6).to_bytes(4, "big"),
            (12).to_bytes(2, "big"),
            round(fix.speed_kmh * 10).to_bytes(2, "big"),
            (round(fix.heading_deg) % 360).to_bytes(2, "big"),
            bytes.fromhex(local.strftime("%y%m%d%H%M%S")),
            b"\x01\x04" + round(fix.odometer_km * 10).to_bytes(4, "big"),
            b"\x30\x01\x1f\x31\x01\x0b",
        )
    )


def batch(reports: Sequence[bytes]) -> bytes:
    """Reports that were missed (0x0704, type 1)."""
    return (
        len(reports).to_bytes(2, "big") + b"\x01" + b"".join(len(r).to_bytes(2, "big") + r for r in reports)
    )


class Message(NamedTuple):
    """What the platform said."""

    id: int
    serial: int
    body: bytes


class Terminal:
    """A connection. `on_command(id, body)` hears what the platform orders; its answer is the result (0: done)."""

    def __init__(self, phone: str, *, edition: int = 2019) -> None:
        self.phone, self.edition = phone, edition
        self.on_command: Callable[[int, bytes], int] = lambda id_, body: 0
        self.where: Callable[[], bytes] = lambda: b""  # the present location report
        self.commands = 0
        self._serials = itertools.count()
        self._waiting: dict[tuple[int, int], asyncio.Future[int]] = {}
        self._sent: dict[int, list[bytes]] = {}  # parts by the first's serial
        self._writer: asyncio.StreamWriter | None = None
        self._reading: asyncio.Task[None] | None = None

    @property
    def connected(self) -> bool:
        return self._reading is not None and not self._reading.done()

    async def connect(self, host: str, port: int, code: str, *, timeout_s: float = 20) -> None:
        """Connect and sign on. Raises TerminalError when refused, OSError or TimeoutError when unreachable."""
        async with asyncio.timeout(timeout_s):
            reader, self._writer = await asyncio.open_connection(host, port)
            self._reading = asyncio.create_task(self._read(reader))
            body = code.encode()
            if self.edition == 2019:
                body = bytes((len(body),)) + body + b"0" * 15 + b"1.0".ljust(20, b"\0")
            await self.ask(SIGN_ON, body, timeout_s=timeout_s)

    async def ask(self, id_: int, body: bytes = b"", *, timeout_s: float = 20) -> None:
        """Send, in parts when it is long, and wait until the platform says that it is done. Raises TerminalError."""
        pieces = [body[i : i + LONGEST] for i in range(0, len(body), LONGEST)] or [b""]
        serials = [next(self._serials) & 0xFFFF for _ in pieces]
        frames = [
            self._frame(id_, serial, piece, (len(pieces), number))
            for number, (serial, piece) in enumerate(zip(serials, pieces, strict=True), 1)
        ]
        answers = []
        for serial in serials:
            answers.append(asyncio.get_running_loop().create_future())
            self._waiting[serial, id_] = answers[-1]
        if len(frames) > 1:
            self._sent[serials[0]] = frames
        try:
            for frame in frames:
                self._write(frame)
            async with asyncio.timeout(timeout_s):
                results = await asyncio.gather(*answers)
        finally:
            for serial in serials:
                self._waiting.pop((serial, id_), None)
            self._sent.pop(serials[0], None)
        if any(results):
            raise TerminalError(f"message {id_:04X} was answered with {max(results)}")

    async def close(self) -> None:
        if self._writer:
            self._writer.transport.abort()
        if self._reading:
            await asyncio.gather(self._reading, return_exceptions=True)

    def _write(self, data: bytes) -> None:
        if self._writer is None or not self.connected:
            raise TerminalError("the connection is closed")
        self._writer.write(data)

    def _frame(self, id_: int, serial: int, body: bytes, part: tuple[int, int] = (1, 1)) -> bytes:
        split = part[0] > 1
        attributes = len(body) | split << 13 | (self.edition == 2019) << 14
        phone = (
            b"\x01" + bytes.fromhex(f"{self.phone:0>20}")
            if self.edition == 2019
            else bytes.fromhex(f"{self.phone:0>12}")
        )
        data = id_.to_bytes(2, "big") + attributes.to_bytes(2, "big") + phone + serial.to_bytes(2, "big")
        if split:
            data += part[0].to_bytes(2, "big") + part[1].to_bytes(2, "big")
        data += body
        check = 0
        for byte in data:
            check ^= byte
        inside = (data + bytes((check,))).replace(b"\x7d", b"\x7d\x01").replace(b"\x7e", b"\x7d\x02")
        return b"\x7e" + inside + b"\x7e"

    def _taken_apart(self, inside: bytes) -> Message:
        data = inside.replace(b"\x7d\x02", b"\x7e").replace(b"\x7d\x01", b"\x7d")
        check = 0
        for byte in data:
            check ^= byte
        head = 17 if self.edition == 2019 else 12
        if check or len(data) <= head:
            raise TerminalError("the platform's message cannot be read")
        return Message(
            int.from_bytes(data[:2], "big"), int.from_bytes(data[head - 2 : head], "big"), data[head:-1]
        )

    async def _read(self, reader: asyncio.StreamReader) -> None:
        rest = b""
        try:
            while data := await reader.read(4096):
                *whole, rest = (rest + data).split(b"\x7e")
                for inside in filter(None, whole):
                    self._take(self._taken_apart(inside))
        except (OSError, TerminalError):
            pass
        finally:
            for answer in self._waiting.values():
                if not answer.done():
                    answer.set_exception(TerminalError("the connection was lost"))
            if self._writer:
                self._writer.transport.abort()

    def _take(self, message: Message) -> None:
        number = int.from_bytes(message.body[:2], "big")
        if message.id == ANSWER:
            of = int.from_bytes(message.body[2:4], "big")
            answer = self._waiting.get((number, of))
            if answer and not answer.done():
                answer.set_result(message.body[4])
        elif message.id == PARTS_AGAIN:
            listed = message.body[4 if self.edition == 2019 else 3 :]
            for at in range(0, len(listed), 2):
                part = int.from_bytes(listed[at : at + 2], "big")
                with contextlib.suppress(IndexError, KeyError):
                    self._write(self._sent[number][part - 1])
        elif message.id == LOCATE:
            self.commands += 1
            body = message.serial.to_bytes(2, "big") + self.where()
            self._write(self._frame(LOCATION_ANSWER, next(self._serials) & 0xFFFF, body))
        elif message.id != REGISTRATION_ANSWER:
            self.commands += 1
            result = self.on_command(message.id, message.body)
            body = message.serial.to_bytes(2, "big") + message.id.to_bytes(2, "big") + bytes((result,))
            self._write(self._frame(DONE, next(self._serials) & 0xFFFF, body))
