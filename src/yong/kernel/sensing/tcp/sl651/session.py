"""A station's connection: reports answered when they are kept, packets put together, queries down."""

from collections.abc import Sequence

import msgspec

from yong.kernel.base.text import Text
from yong.kernel.sensing.contracts import PAYLOAD_BYTES
from yong.kernel.sensing.tcp.china import bcd_of
from yong.kernel.sensing.tcp.contracts import (
    Answered,
    Close,
    Identify,
    LayAside,
    Order,
    Report,
    Session,
    Skipped,
    Step,
)
from yong.kernel.sensing.tcp.contracts import Send as SendNow
from yong.kernel.sensing.tcp.sl651 import wire
from yong.kernel.sensing.tcp.sl651.decode import REPORTS
from yong.kernel.sensing.tcp.sl651.wire import ACK, ENQ, ESC, NAK, Frame

_LINK = 0x2F
_ASKED_AGAIN = 2  # times that a missing packet is asked for (6.3.1.2 c)
_WAITING = 16

COMMANDS = {"query": 0x37, "set_clock": 0x4A}
"""Commands by name: query all real-time values, set the clock (both carry a serial number and a time only)."""


class Packets(msgspec.Struct):
    """A message that comes in packets."""

    total: int
    parts: dict[int, Frame]
    size: int = 0
    again: int = 0


class Sl651(Session):
    """One connection of a station."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._packets: dict[tuple[str, int], Packets] = {}
        self._last: Frame | None = None
        self._told: dict[int, tuple[str, str]] = {}  # function → thing, command
        self._serial = 0

    def pending(self) -> int:
        return len(self._buffer)

    def receive(self, data: bytes, now_us: int) -> Sequence[Step]:
        self._buffer += data
        out: list[Step] = []
        while self._buffer:
            found = wire.find(self._buffer)
            if found is None:
                break
            del self._buffer[: found.taken]
            if found.frame is not None:
                out += self._steps(found.frame, now_us)
            elif found.rubbish:
                out.append(Skipped(found.rubbish))
        return out

    def command(self, order: Order, now_us: int) -> bytes | None:
        function, to = COMMANDS.get(order.name), self._last
        if function is None or to is None or to.station != order.thing:
            return None
        while len(self._told) >= _WAITING:
            del self._told[next(iter(self._told))]
        self._told[function] = (order.thing, order.id)
        self._serial = self._serial % 0xFFFF + 1
        body = self._serial.to_bytes(2, "big") + bcd_of(now_us)
        return wire.down(to.station, to.centre, to.password, function, body, ENQ)

    def _steps(self, frame: Frame, now_us: int) -> list[Step]:
        steps: list[Step] = [Identify(frame.station, frame.password)]
        self._last = frame
        if frame.function == _LINK:
            return steps  # a link is kept up without answers
        told = self._told.pop(frame.function, None)
        if frame.total > 1:
            steps += self._packet(frame, now_us)
        elif frame.function in REPORTS:
            answer = b"" if told else _answer(frame, frame.body, now_us, None)
            steps.append(Report(frame.station, frame.raw, answer, answer))
        elif told is None:
            answer = _answer(frame, frame.body, now_us, None)
            steps.append(LayAside(frame.station, frame.raw, _UNKNOWN, answer))
        if told:
            steps.append(Answered(*told, True))
        return steps

    def _packet(self, frame: Frame, now_us: int) -> list[Step]:
        """Packets are answered once, when all are there; the first missing one is asked for again, twice."""
        key = (frame.station, frame.function)
        packets = self._packets.get(key)
        if packets is None or packets.total != frame.total or (frame.number == 1 and 1 in packets.parts):
            while len(self._packets) >= _WAITING:
                del self._packets[next(iter(self._packets))]
            packets = self._packets[key] = Packets(frame.total, {})
        former = packets.parts.get(frame.number)
        packets.size += len(frame.raw) - (len(former.raw) if former else 0)
        packets.parts[frame.number] = frame
        if sum(p.size for p in self._packets.values()) > PAYLOAD_BYTES:
            return [Close("message-too-long")]
        missing = next((n for n in range(1, frame.total + 1) if n not in packets.parts), None)
        if missing is None:
            del self._packets[key]
            first = packets.parts[1]
            payload = b"".join(packets.parts[n].raw for n in range(1, frame.total + 1))
            answer = _answer(frame, first.body, now_us, (frame.total, frame.total))
            if frame.function in REPORTS:
                return [Report(frame.station, payload, answer, answer)]
            return [LayAside(frame.station, payload, _UNKNOWN, answer)]
        if not frame.last:
            return []
        packets.again += 1
        if packets.again > _ASKED_AGAIN * frame.total:
            del self._packets[key]
            return []
        again = wire.down(
            frame.station, frame.centre, frame.password, frame.function, b"", NAK, (frame.total, missing)
        )
        return [SendNow(again)]


def _answer(frame: Frame, body: bytes, now_us: int, packet: tuple[int, int] | None) -> bytes:
    """The confirmation: the report's serial number and our time. ESC keeps the station on the line."""
    end = ESC if frame.last or packet else ACK
    return wire.down(
        frame.station, frame.centre, frame.password, frame.function, body[:2] + bcd_of(now_us), end, packet
    )


_UNKNOWN = Text("不支持此功能码", "This function is not supported")
