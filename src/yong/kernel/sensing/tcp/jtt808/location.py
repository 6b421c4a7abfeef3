"""Location reports of JT/T 808 as readings: 0x0200, 0x0201 and the items of 0x0704.

A report is 28 bytes (alarms u32, status u32, latitude and longitude u32 in 10⁻⁶ °, altitude u16 m, speed u16
0.1 km/h, course u16 °, time BCD[6] in UTC+8) and then items of id u8, length u8, value. Source: clause 8.18 of
2013. Readings: location, altitude (MTR), speed (KMH), heading (DD), alarms and states (lists of keys of `tables`),
load, and of the items odometer (KMT), fuel (LTR), recorderSpeed (KMH), alarmEvent, speeding, areaCrossing,
sectionTime, signals, io, analog0, analog1, signalStrength, satellites. An item that is not known, or not as long
as the standard says, is kept as hexadecimal digits in `extras`, by its id; so is a tail that cannot be read.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone

import msgspec

from yong.kernel.base import clock
from yong.kernel.base.errors import Invalid, Malformed, Problem
from yong.kernel.base.text import Text
from yong.kernel.sensing.tcp.jtt808 import tables
from yong.kernel.sensing.tcp.jtt808.tables import Flags

BASE_BYTES = 28
ITEMS = 64  # of one report

_BEIJING = timezone(timedelta(hours=8))
_ALARMS, _STATES = Flags(tables.ALARMS), Flags(tables.STATES)
_SIGNALS, _IO = Flags(tables.SIGNALS), Flags(tables.IO)
_POSITIONED, _SOUTH, _WEST, _ENCRYPTED = 1 << 1, 1 << 2, 1 << 3, 1 << 5
_HOW_TO_READ = _SOUTH | _WEST | _ENCRYPTED | 3 << 8

Reading = tuple[str, object, str]  # attribute, value, UN/CEFACT unit


class Location(msgspec.Struct, frozen=True, gc=False):
    """A report: when (UTC µs) and its readings."""

    observed_at: int
    readings: list[Reading]


def _number(attribute: str, unit: str = "", scale: float = 1.0) -> Callable[[bytes, int], list[Reading]]:
    return lambda value, edition: [(attribute, int.from_bytes(value, "big") / scale, unit)]


def _flags(attribute: str, flags: Flags) -> Callable[[bytes, int], list[Reading]]:
    return lambda value, edition: [(attribute, flags.raised(int.from_bytes(value, "big"), edition), "")]


def _code(codes: Mapping[int, str], code: int) -> str:
    return codes.get(code) or f"code{code}"


def _speeding(value: bytes, edition: int) -> list[Reading]:
    found: dict[str, object] = {"place": _code(tables.PLACES, value[0])}
    if len(value) == 5:
        found["id"] = int.from_bytes(value[1:5], "big")
    return [("speeding", found, "")]


def _area(value: bytes, edition: int) -> list[Reading]:
    found = {
        "place": _code(tables.PLACES, value[0]),
        "id": int.from_bytes(value[1:5], "big"),
        "direction": _code(tables.DIRECTIONS, value[5]),
    }
    return [("areaCrossing", found, "")]


def _section(value: bytes, edition: int) -> list[Reading]:
    found = {
        "id": int.from_bytes(value[:4], "big"),
        "duration_s": int.from_bytes(value[4:6], "big"),
        "result": _code(tables.SECTION_RESULTS, value[6]),
    }
    return [("sectionTime", found, "")]


def _analog(value: bytes, edition: int) -> list[Reading]:
    # bits 0–15 are channel 0 and 16–31 channel 1
    return [
        ("analog0", float(int.from_bytes(value[2:], "big")), ""),
        ("analog1", float(int.from_bytes(value[:2], "big")), ""),
    ]


class Item(msgspec.Struct, frozen=True):
    """An additional item: the lengths that it may have and how it is read."""

    lengths: tuple[int, ...]
    read: Callable[[bytes, int], list[Reading]]


KNOWN: Mapping[int, Item] = {
    0x01: Item((4,), _number("odometer", "KMT", 10)),
    0x02: Item((2,), _number("fuel", "LTR", 10)),
    0x03: Item((2,), _number("recorderSpeed", "KMH", 10)),
    0x04: Item((2,), _number("alarmEvent")),
    0x11: Item((1, 5), _speeding),
    0x12: Item((6,), _area),
    0x13: Item((7,), _section),
    0x25: Item((4,), _flags("signals", _SIGNALS)),
    0x2A: Item((2,), _flags("io", _IO)),
    0x2B: Item((4,), _analog),
    0x30: Item((1,), _number("signalStrength")),
    0x31: Item((1,), _number("satellites")),
}


def moment(bcd: bytes) -> int:
    """UTC microseconds of BCD[6] YYMMDDhhmmss in UTC+8. Raises Invalid."""
    digits = bcd.hex()
    try:
        # int() of a digit pair that is not decimal raises, so that not-BCD is told as a wrong time, too
        year, month, day, hour, minute, second = (int(digits[i : i + 2]) for i in range(0, 12, 2))
        at = datetime(2000 + year, month, day, hour, minute, second, tzinfo=_BEIJING)
    except ValueError:
        raise Invalid(_TIME, problems=(Problem("/time", _TIME),)) from None
    return clock.micros(at.astimezone(UTC))


def bcd_time(at: datetime) -> bytes:
    """The inverse of :func:`moment`, to the second."""
    return bytes.fromhex(at.astimezone(_BEIJING).strftime("%y%m%d%H%M%S"))


def decode(body: bytes, edition: int) -> Location:
    """A location report. Raises Malformed and Invalid."""
    if len(body) < BASE_BYTES:
        raise Malformed(_SHORT, size=len(body))
    word = int.from_bytes
    status = word(body[4:8], "big")
    readings: list[Reading] = [
        ("alarms", _ALARMS.raised(word(body[:4], "big"), edition), ""),
        ("states", _STATES.raised(status & ~_HOW_TO_READ, edition), ""),
        ("load", tables.LOADS[status >> 8 & 3], ""),
    ]
    if status & _POSITIONED:
        if not status & _ENCRYPTED:
            latitude, longitude = word(body[8:12], "big") / 1e6, word(body[12:16], "big") / 1e6
            if latitude > 90 or longitude > 180:
                raise Invalid(_PLACE, problems=(Problem("/location", _PLACE),))
            place = [
                -longitude if status & _WEST and longitude else longitude,
                -latitude if status & _SOUTH and latitude else latitude,
            ]
            readings.append(("location", {"type": "Point", "coordinates": place}, ""))
        readings += [
            ("altitude", float(word(body[16:18], "big", signed=True)), "MTR"),
            ("speed", word(body[18:20], "big") / 10, "KMH"),
        ]
        heading = word(body[20:22], "big")
        if heading <= 360:
            readings.append(("heading", float(heading % 360), "DD"))
    readings += _items(body, edition)
    return Location(moment(body[22:28]), readings)


def _items(body: bytes, edition: int) -> list[Reading]:
    readings: list[Reading] = []
    extras: dict[str, str] = {}
    at, count = BASE_BYTES, 0
    while at < len(body):
        end = at + 2 + body[at + 1] if at + 1 < len(body) else len(body) + 1
        count += 1
        if end > len(body) or count > ITEMS:
            extras["tail"] = body[at:].hex()
            break
        id_, value = body[at], body[at + 2 : end]
        known = KNOWN.get(id_)
        if known and len(value) in known.lengths:
            readings += known.read(value, edition)
        else:
            key = f"{id_:02X}"
            extras[key] = f"{extras[key]},{value.hex()}" if key in extras else value.hex()
        at = end
    if extras:
        readings.append(("extras", extras, ""))
    return readings


def batch(body: bytes) -> tuple[int, list[bytes]]:
    """A batch of reports (0x0704): 0 for current and 1 for late ones, and their bodies. Raises Malformed."""
    if len(body) < 3:
        raise Malformed(_BATCH)
    count, at = body[0] << 8 | body[1], 3
    items: list[bytes] = []
    while at + 2 <= len(body) and len(items) < count:
        end = at + 2 + (body[at] << 8 | body[at + 1])
        if end > len(body):
            raise Malformed(_BATCH)
        items.append(body[at + 2 : end])
        at = end
    if len(items) != count or at != len(body) or not count:
        raise Malformed(_BATCH)
    return body[2], items


_SHORT = Text("位置信息只有 {size} 字节", "The location report has only {size} bytes")
_TIME = Text("时间不是有效的 BCD 码", "The time is not valid BCD")
_PLACE = Text("经纬度超出范围", "The coordinates are out of range")
_BATCH = Text("批量位置的项数或长度不符", "The batch's count or lengths do not fit")
