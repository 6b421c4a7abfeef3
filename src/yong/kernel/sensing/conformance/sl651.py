"""The rules of SL 651-2014 (HEX/BCD coding) over what a station sends."""

from yong.kernel.base.errors import YongError
from yong.kernel.base.text import Text
from yong.kernel.sensing.conformance.findings import (
    About,
    Finding,
    Inspector,
    Rule,
    ahead,
    behind,
    broken,
    refused,
    times,
)
from yong.kernel.sensing.contracts import ThingRef
from yong.kernel.sensing.tcp.china import micros_of_bcd
from yong.kernel.sensing.tcp.sl651 import decode, wire
from yong.kernel.sensing.tcp.sl651.elements import STATIONS
from yong.kernel.sensing.tcp.sl651.wire import ETB, ETX, HEAD, PREFIX, STX, SYN, Frame

_SENT, _SEEN = Text("发报时间", "The time of sending"), Text("观测时间", "The time of observation")
_LINK = 0x2F
_ANSWERS = frozenset({0x37, 0x4A})  # what a station answers to our commands
_NOW = frozenset({0x30, 0x32, 0x33, 0x34})

RUBBISH = Rule("sl651.rubbish", Text("帧前有 {n} 个多余字节", "{n} bytes before a frame belong to none"))
START = Rule(
    "sl651.start",
    Text("正文起始符为 {said}，应为 02 或 16", "The body begins with {said}, should be 02 or 16"),
)
DOWN = Rule(
    "sl651.direction", Text("长度字段标为下行，站点应为 0", "The length says downwards; a station says 0")
)
LENGTH = Rule(
    "sl651.length",
    Text("长度写 {said}，正文实为 {found} 字节", "The length says {said}; the body has {found} bytes"),
)
END = Rule(
    "sl651.end", Text("正文结束符为 {said}，应为 03 或 17", "The body ends with {said}, should be 03 or 17")
)
CRC = Rule("sl651.crc", Text("CRC 为 {said}，应为 {right}", "CRC is {said}, should be {right}"))
ORDER = Rule(
    "sl651.crc-order",
    Text(
        "CRC 为 {said}，低字节在前；应为 {right}，高字节在前",
        "CRC is {said}, low byte first; should be {right}, high byte first",
    ),
)
CUT = Rule("sl651.cut", Text("最后一帧不完整（{n} 字节）", "The last frame is not whole ({n} bytes)"))
THING = Rule(
    "sl651.station",
    Text("站址 {said} 属于另一测站，应为 {right}", "Station {said} is another's, should be {right}"),
)
WORD = Rule("sl651.password", Text("密码不是登记的密码", "The password is not the one that was enrolled"))
FUNCTION = Rule("sl651.function", Text("功能码 {said} 不能读取", "Function {said} is not read"))
TIME, CLOCK = times("sl651")
ZONE = Rule(
    "sl651.zone",
    Text(
        "{what}落后 8 小时：应为北京时间而非 UTC", "{what} is 8 h behind: it should be China's time, not UTC"
    ),
)
OBSERVED = Rule("sl651.observed", Text("缺少观测时间 F0F0", "The time of observation F0F0 is missing"), False)
ADDRESS = Rule("sl651.address", Text("缺少站址 F1F1", "The station's address F1F1 is missing"), False)
CLASS = Rule("sl651.class", Text("测站分类码 {said} 未知", "The class of station {said} is not known"), False)
ELEMENT = Rule(
    "sl651.element",
    Text("要素 {said} 未定义，按原标识保存", "Element {said} is not defined; it is kept under its code"),
    False,
)
BCD = Rule("sl651.bcd", Text("要素 {name} 的值不是 BCD 码", "The value of {name} is not BCD"))
REFUSED = Rule("sl651.refused", Text("不能读取", "It cannot be read"))


class Sl651Inspector(Inspector):
    """A station's connection."""

    def __init__(self, about: About) -> None:
        super().__init__(about)
        self._buffer, self._now_us = b"", 0

    def heard(self, data: bytes, now_us: int) -> list[Finding]:
        self._buffer, self._now_us = self._buffer + data, now_us
        out: list[Finding] = []
        while self._buffer:
            begin = self._buffer.find(HEAD)
            if begin < 0:
                keep = 1 if self._buffer.endswith(b"\x7e") else 0
                rest = self._buffer[: len(self._buffer) - keep]
                out += [broken(RUBBISH, rest, n=len(rest))] if rest else []
                self._buffer = self._buffer[len(rest) :]
                break
            if begin:
                out.append(broken(RUBBISH, self._buffer[:begin], n=begin))
                self._buffer = self._buffer[begin:]
            size = _size(self._buffer)
            if size is None:
                break
            raw, self._buffer = self._buffer[:size], self._buffer[size:]
            self.messages += 1
            out += check(raw, self.about, now_us)
        return out

    def ended(self) -> list[Finding]:
        rest, self._buffer = self._buffer, b""
        if not rest:
            return []
        self.messages += 1
        # A length that says too much keeps the door waiting: what there is tells by how much.
        if (
            len(rest) > PREFIX + 3
            and rest[-3] in (ETX, ETB)
            and wire.crc(rest[:-2]) == rest[-2] << 8 | rest[-1]
        ):
            return check(rest, self.about, self._now_us)
        return [broken(CUT, rest, n=len(rest))]


def _size(buffer: bytes) -> int | None:
    """How many bytes the frame at the beginning has: by its length when that fits, else up to its end mark."""
    if len(buffer) < PREFIX:
        return None
    declared = PREFIX + _length(buffer) + 3
    if len(buffer) >= declared and buffer[declared - 3] in (ETX, ETB):
        return declared
    found = _whole(buffer)
    if found is not None:
        return found
    return declared if len(buffer) >= declared else None


def _whole(buffer: bytes) -> int | None:
    """Where a frame with a good check ends, whatever its length says."""
    at = PREFIX
    while at + 2 < min(len(buffer), wire.FRAME_BYTES):
        if buffer[at] in (ETX, ETB) and wire.crc(buffer[: at + 1]) == buffer[at + 1] << 8 | buffer[at + 2]:
            return at + 3
        at += 1
    return None


def _length(raw: bytes) -> int:
    length = raw[11] << 8 | raw[12]
    return length if raw[13] == SYN else length & 0x0FFF


def check(raw: bytes, about: About, now_us: int) -> list[Finding]:
    """What is wrong with a frame, from 7E7E to its check."""
    out: list[Finding] = []
    if raw[13] not in (STX, SYN):
        out.append(broken(START, raw, said=f"{raw[13]:02X}"))
    if raw[13] != SYN and raw[11] & 0x80:
        out.append(broken(DOWN, raw))
    length, found = _length(raw), len(raw) - PREFIX - 3
    if length != found:
        out.append(broken(LENGTH, raw, said=length, found=found))
    if raw[-3] not in (ETX, ETB):
        out.append(broken(END, raw, said=f"{raw[-3]:02X}"))
    right = wire.crc(raw[:-2])
    said = raw[-2] << 8 | raw[-1]
    if said != right:
        rule = ORDER if said == (right & 255) << 8 | right >> 8 else CRC
        out.append(broken(rule, raw, said=f"{said:04X}", right=f"{right:04X}"))
    station, password, function = raw[3:8].hex().upper(), raw[8:10].hex().upper(), raw[10]
    if station != about.thing:
        out.append(broken(THING, raw, said=station, right=about.thing))
    if about.word is not None and password != about.word.upper():
        out.append(broken(WORD, raw))
    if function == _LINK or raw[13] == SYN:
        return out  # a packet is judged when it is put together, by the door
    if function not in decode.REPORTS:
        return out if function in _ANSWERS else [*out, broken(FUNCTION, raw, said=f"{function:02X}")]
    body = raw[PREFIX:-3]
    mended = wire.up(station, raw[2], password, function, body)
    frame = Frame(mended, raw[2], station, password, function, 1, 1, body, True)
    return out + _body(frame, about, now_us, raw)


def _body(frame: Frame, about: About, now_us: int, raw: bytes) -> list[Finding]:
    body, out = frame.body, []
    sent = micros_of_bcd(body[2:8])
    if len(body) >= 8 and sent is None:
        return [broken(TIME, raw, what=_SENT, said=body[2:8].hex())]
    if sent is not None:
        out += ahead(CLOCK, _SENT, sent, now_us, raw)
        out += out or behind(ZONE, _SENT, sent, now_us, raw)
    if b"\xf1\xf1" not in body:
        out.append(broken(ADDRESS, raw))
    else:
        kind = body[body.find(b"\xf1\xf1") + 7 :][:1]
        if kind and kind[0] not in STATIONS:
            out.append(broken(CLASS, raw, said=kind.hex().upper()))
    if b"\xf0\xf0" not in body and frame.function != decode.MANUAL:
        out.append(broken(OBSERVED, raw))
    try:
        values, unreadable = decode.elements(frame, body)
    except YongError as error:
        return [*out, refused(REFUSED, error.detail, raw)]
    out += [broken(BCD, raw, name=name) for name in unreadable]
    unknown = dict.fromkeys(v.attribute for v in values if v.attribute.startswith("sl651_"))
    out += [broken(ELEMENT, raw, said=name.removeprefix("sl651_")) for name in unknown]
    if not any(f.rule == CLOCK.name for f in out):
        latest = max((v.moment for v in values), default=0)
        out += ahead(CLOCK, _SEEN, latest, now_us, raw)
    if not any(f.grave for f in out):
        try:
            thing = ThingRef(
                id=about.thing,
                entity_type="",
                owner=None,
                district=None,
                place=None,
                source="",
                units=about.units,
            )
            if frame.station == about.thing:
                decode.decode(frame.raw, thing, now_us)
        except YongError as error:
            out.append(refused(REFUSED, error.detail, raw))
    return out
