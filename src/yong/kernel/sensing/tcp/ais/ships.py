"""What AIS messages say as readings of the ships and other stations that said them.

Entities are named by MMSI: `vessel:413000001` (Vessel), `basestation:`, `aidtonavigation:`, `saraircraft:` and
`distressbeacon:` (MMSI 970, 972, 974: AIS-SART, man overboard, EPIRB). Readings: location, speed (KNT), course and
heading (DD), navigationalStatus, name, callSign, imo (with a right check digit, else imoClaimed), shipType,
destination, eta, draught, length and beam (MTR), altitude (MTR), aidType, offPosition, virtual; and of every message
heardBy, the registered station that passed it on. What a ship marks as not available gives no reading.
Source: ITU-R M.1371-5, annex 8; decoded by pyais.
"""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any

from yong.kernel.base.errors import Invalid, Malformed
from yong.kernel.base.text import Text
from yong.kernel.sensing.tcp.ais.sentence import Said

POSITIONS = frozenset((1, 2, 3, 4, 9, 18, 19, 21, 27))
KNOWN = POSITIONS | {5, 24}
SPEAKS_OF: Mapping[str, str] = {
    "vessel:": "Vessel",
    "basestation:": "BaseStation",
    "aidtonavigation:": "AidToNavigation",
    "saraircraft:": "SarAircraft",
    "distressbeacon:": "DistressBeacon",
}

# The least bits of a message; some transmitters leave the spare bits at the end out.
LEAST_BITS: Mapping[int, int] = {
    **dict.fromkeys((1, 2, 3, 4, 9, 18), 168), 5: 420, 19: 306, 21: 270, 24: 156, 27: 96,
}  # fmt: skip
STATUSES = (
    "under_way_using_engine",
    "at_anchor",
    "not_under_command",
    "restricted_manoeuvrability",
    "constrained_by_draught",
    "moored",
    "aground",
    "fishing",
    "under_way_sailing",
    "reserved_9",
    "reserved_10",
    "towing_astern",
    "pushing_ahead",
    "reserved_13",
    "distress_beacon_active",
)  # 15 is not defined

MINUTE_US = 60_000_000
_AHEAD_US = 5_000_000  # a ship's second may be ahead of a receiver's clock

Reading = tuple[str, object, str]  # attribute, value, UN/CEFACT unit


def entity(type_: int, mmsi: int) -> str:
    """The entity of a message's sender."""
    if mmsi // 1_000_000 in (970, 972, 974):
        kind = "distressbeacon:"
    else:
        kind = {4: "basestation:", 9: "saraircraft:", 21: "aidtonavigation:"}.get(type_, "vessel:")
    return f"{kind}{mmsi:09}"


def imo_right(number: int) -> bool:
    """Whether an IMO ship number has its check digit: the last of Σ dᵢ·(8−i) over the first six (7 6 5 4 3 2)."""
    digits = f"{number:07}"
    return len(digits) == 7 and sum(
        int(d) * w for d, w in zip(digits, range(7, 1, -1), strict=False)
    ) % 10 == int(digits[6])


def moment(said_at: int, second: int | None) -> int:
    """When it was said, in µs: `said_at` (the receiver's) moved to the UTC second that the ship gives, if it does.

    So one message is one moment, whichever receiver heard it.
    """
    if second is None or not 0 <= second < 60:
        return said_at // 1_000_000 * 1_000_000
    at = said_at // MINUTE_US * MINUTE_US + second * 1_000_000
    if at > said_at + _AHEAD_US:
        return at - MINUTE_US
    return at + MINUTE_US if at <= said_at + _AHEAD_US - MINUTE_US else at


def decode(said: Said, received_at: int) -> tuple[str, int, list[Reading]]:
    """The sender's entity, the moment (UTC µs) and the readings of a message. Raises Malformed and Invalid.

    The list is empty when everything in the message is marked as not available.
    """
    import pyais  # a third of a second to load, which no start should wait for
    from pyais.exceptions import AISBaseException

    if said.type not in KNOWN:
        raise Invalid(_OTHER, type=said.type)
    if len(said.payload) * 6 < LEAST_BITS[said.type]:
        raise Malformed(_CUT, bits=LEAST_BITS[said.type])
    try:
        message = pyais.decode(*said.lines)
    except (AISBaseException, ValueError, TypeError, LookupError, OverflowError, AttributeError) as error:
        # pyais tells what it cannot read with many kinds of exception
        raise Malformed(_UNREADABLE, why=f"{type(error).__name__}: {error}"[:200]) from None
    mmsi = _whole(message, "mmsi")
    if not mmsi or not 0 < mmsi < 10**9:
        raise Invalid(_MMSI)
    readings: list[Reading] = []
    for read in _READINGS:
        found = read(message)
        if found is not None:
            readings.append(found)
    second = _whole(message, "second") if said.type != 5 else None
    at = moment(received_at if said.time_us is None else said.time_us, second)
    return entity(said.type, mmsi), at, readings


def _whole(message: Any, name: str) -> int | None:
    value = getattr(message, name, None)
    return int(value) if isinstance(value, int | float) else None


def _number(
    attribute: str, field: str, unit: str, low: float, high: float
) -> Callable[[Any], Reading | None]:
    """A number that counts when it lies from `low` up to, not including, `high`."""

    def read(message: Any) -> Reading | None:
        value = getattr(message, field, None)
        if isinstance(value, int | float) and low <= value < high:
            return attribute, float(value), unit
        return None

    return read


def _words(attribute: str, *fields: str) -> Callable[[Any], Reading | None]:
    def read(message: Any) -> Reading | None:
        text = "".join(str(getattr(message, f, "") or "") for f in fields).strip(" @\0")
        return (attribute, text, "") if text else None

    return read


def _code(attribute: str, field: str, no: int) -> Callable[[Any], Reading | None]:
    """A code as its name in snake_case, or `code<n>`; the code `no` says not available."""

    def read(message: Any) -> Reading | None:
        value = getattr(message, field, None)
        if not isinstance(value, int) or int(value) == no:
            return None
        if isinstance(value, Enum):
            name = "".join(f"_{c.lower()}" if c.isupper() else c for c in value.name).strip("_")
            return attribute, name.replace("__", "_"), ""
        return attribute, f"code{int(value)}", ""

    return read


def _status(message: Any) -> Reading | None:
    status = _whole(message, "status")
    return ("navigationalStatus", STATUSES[status], "") if status is not None and 0 <= status < 15 else None


def _location(message: Any) -> Reading | None:
    longitude, latitude = getattr(message, "lon", None), getattr(message, "lat", None)
    if not isinstance(longitude, int | float) or not isinstance(latitude, int | float):
        return None
    if abs(longitude) > 180 or abs(latitude) > 90:  # 181 and 91 say not available
        return None
    return "location", {"type": "Point", "coordinates": [float(longitude), float(latitude)]}, ""


def _imo(message: Any) -> Reading | None:
    number = _whole(message, "imo")
    if not number:
        return None
    return ("imo", f"IMO{number:07}", "") if imo_right(number) else ("imoClaimed", str(number), "")


def _eta(message: Any) -> Reading | None:
    month, day, hour, minute = (_whole(message, n) for n in ("month", "day", "hour", "minute"))
    if message.msg_type != 5 or not month or not day or hour is None or minute is None:
        return None
    if month > 12 or hour > 23 or minute > 59:
        return None
    return "eta", f"{month:02}-{day:02}T{hour:02}:{minute:02}Z", ""


def _span(attribute: str, one: str, other: str) -> Callable[[Any], Reading | None]:
    def read(message: Any) -> Reading | None:
        span = (_whole(message, one) or 0) + (_whole(message, other) or 0)
        return (attribute, float(span), "MTR") if span else None

    return read


def _flag(attribute: str, field: str) -> Callable[[Any], Reading | None]:
    def read(message: Any) -> Reading | None:
        value = getattr(message, field, None)
        return (attribute, value, "") if isinstance(value, bool) else None

    return read


def _speed(message: Any) -> Reading | None:
    value = getattr(message, "speed", None)
    if not isinstance(value, int | float):
        return None
    # not available: 102.3 kn, of aircraft 1023 kn, of the long-range message 63 kn
    limit = {9: 1023, 27: 63}.get(int(message.msg_type), 102.3)
    return ("speed", float(value), "KNT") if 0 <= value < limit else None


_READINGS: tuple[Callable[[Any], Reading | None], ...] = (
    _location,
    _speed,
    _number("course", "course", "DD", 0, 360),
    _number("heading", "heading", "DD", 0, 360),
    _status,
    _number("altitude", "alt", "MTR", 0, 4095),
    _words("name", "shipname"),
    _words("name", "name", "name_ext"),
    _words("callSign", "callsign"),
    _imo,
    _code("shipType", "ship_type", 0),
    _words("destination", "destination"),
    _eta,
    _number("draught", "draught", "MTR", 0.05, 25.6),
    _span("length", "to_bow", "to_stern"),
    _span("beam", "to_port", "to_starboard"),
    _code("aidType", "aid_type", 0),
    _flag("offPosition", "off_position"),
    _flag("virtual", "virtual_aid"),
)

_OTHER = Text("不处理 AIS 消息类型 {type}", "AIS messages of type {type} are not read")
_UNREADABLE = Text("无法解码 AIS 消息：{why}", "The AIS message cannot be decoded: {why}")
_CUT = Text("AIS 消息不足 {bits} 位", "The AIS message has less than {bits} bits")
_MMSI = Text("MMSI 无效", "The MMSI is not valid")
