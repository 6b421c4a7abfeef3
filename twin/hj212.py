"""A pollution monitor's data logger that speaks HJ 212-2017 over TCP, written from the standard, knowing no platform.

It uploads real-time data, waits for each answer (9014), keeps its interval and its clock as it is told.
"""

import asyncio
import contextlib
from datetime import datetime, timedelta, timezone

CHINA = timezone(timedelta(hours=8))
ANSWER_S = 10.0
CODES = {"wastewaterFlow": "w00000", "pH": "w01001", "cod": "w01018", "ammoniaNitrogen": "w21003"}
"""What this logger measures, by the codes of annex B."""


class Refused(Exception):
    """The platform closed the line or did not answer."""


def check(data: bytes) -> int:
    """Annex A: the byte meets the register shifted down by eight, then eight times shift and xor A001."""
    register = 0xFFFF
    for byte in data:
        register = (register >> 8) ^ byte
        for _ in range(8):
            low = register & 1
            register >>= 1
            if low:
                register ^= 0xA001
    return register


def packet(segment: str) -> bytes:
    """A segment as it goes over the line."""
    data = segment.encode("ascii")
    return f"##{len(data):04}".encode() + data + f"{check(data):04X}\r\n".encode()


def segment_of(line: bytes) -> dict[str, str]:
    """What a packet of the platform says: its fields, and what stands in CP under `CP`. Raises ValueError."""
    data = line.strip()[6:-4]
    if not line.startswith(b"##") or int(line[2:6]) != len(data) or int(line.strip()[-4:], 16) != check(data):
        raise ValueError("not a packet")
    head, _, area = data.decode("latin-1").partition("CP=&&")
    fields = dict(part.split("=", 1) for part in head.split(";") if "=" in part)
    return fields | {"CP": area.removesuffix("&&")}


class Monitor:
    """One data logger: `mn` and `password` are what it was set up with."""

    def __init__(self, mn: str, password: str) -> None:
        self.mn, self.password = mn, password
        self.interval_s = 60
        self.obeyed = 0
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._reading: asyncio.Task[None] | None = None
        self._answers: dict[str, asyncio.Future[None]] = {}
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
        """Upload real-time values; returns once answered. Raises Refused."""
        self._serial = (self._serial + 1) % 1000
        qn = f"{datetime.now(CHINA):%Y%m%d%H%M%S}{self._serial:03}"
        items = ";".join(
            f"{CODES[name]}-Rtd={value:g},{CODES[name]}-Flag=N" for name, value in values.items()
        )
        area = f"DataTime={at.astimezone(CHINA):%Y%m%d%H%M%S};{items}"
        answer = self._answers[qn] = asyncio.get_running_loop().create_future()
        try:
            self._send(f"QN={qn};ST=32;CN=2011;PW={self.password};MN={self.mn};Flag=5;CP=&&{area}&&")
            async with asyncio.timeout(ANSWER_S):
                await answer
        except TimeoutError:
            raise Refused("no answer") from None
        finally:
            del self._answers[qn]

    def _send(self, segment: str) -> None:
        if self._streams is None:
            raise Refused("not connected")
        self._streams[1].write(packet(segment))

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        try:
            while line := await reader.readline():
                with contextlib.suppress(ValueError):
                    self._hear(segment_of(line))
        finally:
            for answer in self._answers.values():
                if not answer.done():
                    answer.set_exception(Refused("the line was closed"))

    def _hear(self, said: dict[str, str]) -> None:
        qn, code = said.get("QN", ""), said.get("CN", "")
        answer = self._answers.get(qn)
        if code == "9014" and answer is not None and not answer.done():
            answer.set_result(None)
        elif code in ("1011", "1012", "1061", "1062"):
            self._talk(qn, "9011", "QnRtn=1")
            if code == "1062":
                with contextlib.suppress(ValueError):
                    self.interval_s = int(said["CP"].removeprefix("RtdInterval="))
            elif code != "1012":
                area = f"RtdInterval={self.interval_s}"
                if code == "1011":
                    area = f"SystemTime={datetime.now(CHINA):%Y%m%d%H%M%S}"
                self._talk(qn, code, area, "32")
            self._talk(qn, "9012", "ExeRtn=1")
            self.obeyed += 1
        elif code.startswith(("1", "2", "3")):
            self._talk(qn, "9011", "QnRtn=2")

    def _talk(self, qn: str, code: str, area: str, system: str = "91") -> None:
        self._send(f"QN={qn};ST={system};CN={code};PW={self.password};MN={self.mn};Flag=4;CP=&&{area}&&")
