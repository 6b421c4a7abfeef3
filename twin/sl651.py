"""A river gauge that speaks SL 651 (HEX/BCD) over TCP, written from the standard, knowing no platform.

It sends timed reports (32H), waits for each confirmation, and answers a query (37H) and a clock that is set (4AH).
"""

import asyncio
import contextlib
from datetime import datetime, timedelta, timezone

CHINA = timezone(timedelta(hours=8))
ANSWER_S = 10.0
TIMED, QUERY, CLOCK = 0x32, 0x37, 0x4A
CENTRE = 1
CLASS = "48"  # a river's


class Refused(Exception):
    """The platform closed the line or did not confirm."""


FORMS = {"waterLevel": ("39", 4, 3), "rainfall": ("20", 3, 1), "supplyVoltage": ("38", 2, 2)}
"""Identifier, bytes and decimals of the elements that this gauge has."""


def check(data: bytes) -> bytes:
    """CRC-16 of Modbus, high byte first."""
    register = 0xFFFF
    for byte in data:
        register ^= byte
        for _ in range(8):
            register = (register >> 1) ^ 0xA001 if register & 1 else register >> 1
    return register.to_bytes(2, "big")


def element(name: str, value: float) -> str:
    """An element's hexadecimal digits; a negative number begins with FF."""
    identifier, size, decimals = FORMS[name]
    number = round(abs(value) * 10**decimals)
    if value < 0:
        return f"{identifier}{(size + 1) << 3 | decimals:02X}FF{number:0{size * 2}}"
    return f"{identifier}{size << 3 | decimals:02X}{number:0{size * 2}}"


class Gauge:
    """One gauge: `address` (ten digits) and `password` (four hexadecimal digits) are what it was set up with."""

    def __init__(self, address: str, password: str) -> None:
        self.address, self.password = address, password
        self.obeyed = 0
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._reading: asyncio.Task[None] | None = None
        self._answers: dict[int, asyncio.Future[None]] = {}
        self._last: tuple[datetime, dict[str, float]] = (datetime.now(CHINA), {})
        self._serial = 0

    async def connect(self, host: str, port: int) -> None:
        """Raises OSError."""
        self._streams = await asyncio.open_connection(host, port)
        self._reading = asyncio.create_task(self._listen(self._streams[0]))

    async def close(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)
        if self._streams is not None:
            self._streams[1].close()
            with contextlib.suppress(OSError):
                await self._streams[1].wait_closed()

    @property
    def lost(self) -> bool:
        return self._reading is None or self._reading.done()

    async def report(self, at: datetime, values: dict[str, float]) -> None:
        """Send a timed report; returns once confirmed. Raises Refused."""
        self._last = (at, values)
        self._serial = self._serial % 0xFFFF + 1
        serial = self._serial
        answer = self._answers[serial] = asyncio.get_running_loop().create_future()
        try:
            self._send(TIMED, self._body(serial))
            async with asyncio.timeout(ANSWER_S):
                await answer
        except TimeoutError:
            raise Refused("no confirmation") from None
        finally:
            del self._answers[serial]

    def _body(self, serial: int) -> str:
        at, values = self._last
        head = f"{serial:04X}{datetime.now(CHINA):%y%m%d%H%M%S}F1F1{self.address}{CLASS}"
        return (
            head + f"F0F0{at.astimezone(CHINA):%y%m%d%H%M}" + "".join(map(element, values, values.values()))
        )

    def _send(self, function: int, body: str) -> None:
        if self._streams is None:
            raise Refused("not connected")
        size = len(body) // 2
        head = f"7E7E{CENTRE:02X}{self.address}{self.password}{function:02X}{size:04X}02"
        data = bytes.fromhex(f"{head}{body}03")
        self._streams[1].write(data + check(data))

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        try:
            while True:
                head = await reader.readexactly(14)
                rest = await reader.readexactly((head[11] << 8 | head[12]) & 0x0FFF)
                tail = await reader.readexactly(3)
                if head[:2] != b"\x7e\x7e" or check(head + rest + tail[:1]) != tail[1:]:
                    return  # not the platform of this protocol
                self._hear(head[10], rest)
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            for answer in self._answers.values():
                if not answer.done():
                    answer.set_exception(Refused("the line was closed"))

    def _hear(self, function: int, body: bytes) -> None:
        serial = int.from_bytes(body[:2], "big")
        if function == QUERY and self._last[1]:
            self._send(QUERY, self._body(serial))
            self.obeyed += 1
        elif function == CLOCK:
            self._send(CLOCK, f"{serial:04X}{datetime.now(CHINA):%y%m%d%H%M%S}F1F1{self.address}")
            self.obeyed += 1
        else:
            answer = self._answers.get(serial)
            if answer is not None and not answer.done():
                answer.set_result(None)
