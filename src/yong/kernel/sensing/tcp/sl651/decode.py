"""Readings of a message: the adapter `sl651`. A message is a frame, or the frames of its packets in order.

A body is: serial number, time of sending, then groups. A group begins with its identifier: one byte of what it is
and one of how long it is (five bits) and how many decimals it has (three). Times are China's.
"""

from collections.abc import Sequence
from typing import NamedTuple

from yong.kernel.base.errors import Invalid, Malformed, TooLarge
from yong.kernel.base.text import Text
from yong.kernel.history.contracts import Observation
from yong.kernel.history.logic import NOT_KEPT, keepable
from yong.kernel.sensing.contracts import PAYLOAD_BYTES, READINGS, TEXT_CHARACTERS, ThingRef
from yong.kernel.sensing.tcp.china import micros_of_bcd
from yong.kernel.sensing.tcp.sl651.elements import STATUS, attribute_of
from yong.kernel.sensing.tcp.sl651.wire import Frame, frames

EVEN, HOURLY, MANUAL = 0x31, 0x34, 0x35
REPORTS = frozenset({0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x37, 0x38, 0x3A})
"""Functions whose bodies are readings: test, even intervals, timed, extra, hourly, by hand, and answers to queries."""

_TIME, _STATION, _MANUAL, _STEP, _RAIN = 0xF0, 0xF1, 0xF2, 0x04, 0xF4
_LEVELS = range(0xF5, 0xFD)  # twelve levels of five minutes each, two bytes, centimetres
_MINUTE_US = 60_000_000
_SLOT_US = 5 * _MINUTE_US
_TENS = (1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000)


class Element(NamedTuple):
    """A value of an element at a moment: a number, a text, or None where the station says that there is none."""

    attribute: str
    moment: int
    value: float | str | None
    unit: str


def decode(payload: bytes, thing: ThingRef, received_at: int) -> list[Observation]:
    """Observations of a message. Raises Malformed, Invalid or TooLarge."""
    if len(payload) > PAYLOAD_BYTES:
        raise TooLarge(Text("消息超过 256 KiB", "The message is over 256 KiB"))
    found = frames(payload)
    if found is None:
        raise Malformed(Text("不是校验正确的 SL 651 报文", "Not an SL 651 message with a good check"))
    first = found[0]
    if len({(f.station, f.function, f.total) for f in found}) > 1 or [f.number for f in found] != list(
        range(1, first.total + 1)
    ):
        raise Malformed(Text("分包不全或不属于同一报文", "Its packets are not one whole message"))
    if first.function not in REPORTS:
        raise Invalid(
            Text("功能码 {code} 不是数据上报", "Function {code} is no report"), code=f"{first.function:02X}"
        )
    values, unreadable = elements(first, b"".join(f.body for f in found))
    out: list[Observation] = []
    quality = dict.fromkeys(unreadable, "unreadable")
    for value in values:
        if not keepable(value.moment, received_at):
            raise Invalid(NOT_KEPT)
        if value.value is None:
            quality.setdefault(value.attribute, "missing")
        else:
            unit = thing.units.get(value.attribute, value.unit)
            out.append(Observation(thing.id, value.attribute, value.moment, value.value, unit))
    if not out and not quality:
        raise Invalid(Text("没有读数", "There is no reading in it"))
    if len(out) > READINGS:
        raise TooLarge(Text("一条消息至多 10000 个读数", "At most 10,000 readings in a message"))
    moment = max((value.moment for value in values), default=received_at)
    out.append(Observation(thing.id, "quality", moment, quality))
    return out


def elements(frame: Frame, body: bytes) -> tuple[list[Element], list[str]]:
    """The elements of a body, and the attributes whose values are no numbers. Raises Malformed or Invalid."""
    if len(body) < 8:
        raise _cut()
    sent = micros_of_bcd(body[2:8])
    if sent is None:
        raise Malformed(Text("发报时间无效", "The time of sending is not a moment"))
    out: list[Element] = []
    unreadable: list[str] = []
    moment, step, at = sent, 0, 8
    while at < len(body):
        identifier = body[at]
        if identifier == _STATION:
            if body[at + 1 : at + 2] != b"\xf1" or len(body) < at + 8:
                raise _cut()
            if body[at + 2 : at + 7].hex().upper() != frame.station:
                raise Invalid(Text("报文含其他测站的数据", "The message holds another station's data"))
            at += 8  # and the class of the station, a byte without an identifier
        elif identifier == _TIME:
            found = micros_of_bcd(body[at + 2 : at + 7])
            if body[at + 1 : at + 2] != b"\xf0" or found is None:
                raise Malformed(Text("观测时间无效", "The time of observation is not a moment"))
            moment, at = found, at + 7
        elif identifier == _MANUAL:
            text = body[at + 2 :].decode("latin-1").replace("\0", " ").strip()[:TEXT_CHARACTERS]
            out.append(Element("manualReport", moment, text, ""))
            at = len(body)
        else:
            extension = None
            if identifier == 0xFF:
                extension = body[at + 1] if at + 1 < len(body) else None
                at += 1
            at += 1
            if at >= len(body):
                raise _cut()
            size, decimals = body[at] >> 3, body[at] & 7
            at += 1
            if at + size > len(body):
                raise _cut()
            data = body[at : at + size]
            if identifier == _STEP:
                step, at = _step(data), at + size
                continue
            attribute, unit = attribute_of(identifier, extension)
            if identifier == _RAIN or identifier in _LEVELS:
                out += _slots(identifier, moment, data)
                at += size
                continue
            if frame.function == EVEN and step and size:
                rest = body[at:]
                values = [rest[n : n + size] for n in range(0, len(rest) - size + 1, size)]
                if len(rest) % size or len(values) > READINGS:
                    raise _cut()
                at = len(body)
                pairs = [(moment + n * step, value) for n, value in enumerate(values)]
            else:
                at += size
                pairs = [(moment, data)]
            for when, value in pairs:
                try:
                    number = (
                        float(int.from_bytes(value, "big")) if identifier == STATUS else bcd(value, decimals)
                    )
                except ValueError:
                    unreadable.append(attribute)
                    continue
                out.append(
                    Element("stationStatus" if identifier == STATUS else attribute, when, number, unit)
                )
    return out, unreadable


def bcd(data: bytes, decimals: int) -> float | None:
    """A number of two digits a byte: all F is none, a leading FF a minus. Raises ValueError when it is neither."""
    digits = data.hex()
    if not digits:
        raise ValueError("empty")
    if len(data) > 1 and data[0] == 0xFF and not set(digits[2:]) <= {"f"}:
        if not digits[2:].isdecimal():
            raise ValueError(digits)
        return -int(digits[2:]) / _TENS[decimals]
    if set(digits) == {"f"}:
        return None
    if not digits.isdecimal():
        raise ValueError(digits)
    return int(digits) / _TENS[decimals]


def _slots(identifier: int, moment: int, data: bytes) -> Sequence[Element]:
    """An hour in twelve values of five minutes: rain in 0.1 mm a byte, levels in cm in two; all ones are none."""
    if identifier == _RAIN:
        return [
            Element("rainfall5min", moment + n * _SLOT_US, None if byte == 0xFF else byte / 10, "MMT")
            for n, byte in enumerate(data)
        ]
    number = identifier - 0xF4
    name = "relativeLevel" if number == 1 else f"relativeLevel{number}"
    out: list[Element] = []
    for n in range(len(data) // 2):
        value = data[2 * n] << 8 | data[2 * n + 1]
        out.append(Element(name, moment + n * _SLOT_US, None if value == 0xFFFF else value / 100, "MTR"))
    return out


def _step(data: bytes) -> int:
    """Microseconds between two values: days, hours, minutes, a byte of digits each; all zero is five minutes."""
    digits = data.hex()
    if len(data) != 3 or not digits.isdecimal():
        raise Malformed(Text("时间步长码无效", "The time step is not valid"))
    days, hours, minutes = (int(digits[n : n + 2]) for n in (0, 2, 4))
    return ((days * 24 + hours) * 60 + minutes) * _MINUTE_US or _SLOT_US


def _cut() -> Malformed:
    return Malformed(Text("报文正文不完整", "The body is cut off"))
