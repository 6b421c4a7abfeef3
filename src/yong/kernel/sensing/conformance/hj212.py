"""The rules of HJ 212-2017 (and 2005) over what a data logger sends.

Beyond what the door asks: the door reads a frame whose head is poor, and answers it; the standard wants the head whole
(6.3.2: QN, ST, CN, PW, MN, Flag, CP), the length at most 1,024 and `\\r\\n` at the end.
"""

import re

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
from yong.kernel.sensing.tcp.china import micros_of_digits
from yong.kernel.sensing.tcp.hj212 import decode, wire
from yong.kernel.sensing.tcp.hj212.codes import FLAGS, factor_of
from yong.kernel.sensing.tcp.hj212.wire import FRAME_BYTES, Frame
from yong.kernel.sensing.tcp.sl651 import wire as sl651

_STANDARD = 1024
_TAIL = re.compile(rb"&&([0-9A-Za-z]{4})\r\n")
_QN, _DATA_TIME = Text("QN", "QN"), Text("DataTime", "DataTime")
_ABOUT_MESSAGES = frozenset({"9011", "9012", "9013", "9014"})
_STAY = frozenset({"1011", "1013", "1061", "1063"})
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)")

RUBBISH = Rule("hj212.rubbish", Text("帧前有 {n} 个多余字节", "{n} bytes before a frame belong to none"))
DIGITS = Rule(
    "hj212.length-digits",
    Text("长度 {said} 不是四位数字", "The length {said} is not four digits"),
)
LENGTH = Rule(
    "hj212.length", Text("长度写 {said}，数据段实为 {found}", "The length says {said}; the data has {found}")
)
CRC = Rule("hj212.crc", Text("CRC 为 {said}，应为 {right}", "CRC is {said}, should be {right}"))
MODBUS = Rule(
    "hj212.crc-modbus",
    Text(
        "CRC 为 {said}，是 Modbus 的算法；HJ 212 附录 A 的结果为 {right}",
        "CRC is {said}, by Modbus's rule; annex A of HJ 212 gives {right}",
    ),
)
LONG = Rule(
    "hj212.long",
    Text("数据段 {n} 字节，标准至多 1024", "The data has {n} bytes, the standard allows 1,024"),
    False,
)
END = Rule("hj212.end", Text("帧尾不是 CR LF", "The frame does not end with CR LF"), False)
CUT = Rule("hj212.cut", Text("最后一帧不完整（{n} 字节）", "The last frame is not whole ({n} bytes)"))
MISSING = Rule("hj212.missing", Text("缺少 {field}", "{field} is missing"))
QN = Rule("hj212.qn", Text("QN {said} 应为 17 位时间", "QN {said} should be a time of 17 digits"))
COMMAND = Rule("hj212.cn", Text("命令编码 {said} 不是上传", "Command {said} is no upload"), False)
THING = Rule(
    "hj212.mn",
    Text("MN {said} 属于另一设备，应为 {right}", "MN {said} is another thing's, should be {right}"),
)
MN_LENGTH = Rule(
    "hj212.mn-length", Text("MN 有 {n} 个字符，标准为 24", "MN has {n} characters, the standard 24"), False
)
WORD = Rule("hj212.pw", Text("PW 不是登记的口令", "PW is not the password that was enrolled"))
FLAG = Rule("hj212.flag", Text("Flag {said} 应为 0 至 255", "Flag {said} should be 0 to 255"))
EDITION = Rule(
    "hj212.edition",
    Text(
        "Flag {said} 的版本位 {version} 未知，按 2017 版读取",
        "Flag {said} has the unknown version {version}; it is read as 2017",
    ),
    False,
)
PACKETS = Rule(
    "hj212.packets", Text("Flag 表示分包，但缺少 PNUM 或 PNO", "Flag says split, but PNUM or PNO is missing")
)
AREA = Rule("hj212.cp", Text("CP 应为 CP=&&…&&", "CP should be CP=&&…&&"))
DATA_TIME = Rule("hj212.datatime", Text("缺少 DataTime", "DataTime is missing"))
TIME, CLOCK = times("hj212")
ZONE = Rule(
    "hj212.zone",
    Text(
        "{what} 落后 8 小时：应为北京时间而非 UTC", "{what} is 8 h behind: it should be China's time, not UTC"
    ),
)
FACTOR = Rule(
    "hj212.factor",
    Text(
        "因子 {code} 不在附录 B 中，按原编码保存",
        "Factor {code} is not in annex B; it is kept under its code",
    ),
    False,
)
NUMBER = Rule(
    "hj212.number", Text("{name} 的值 {said} 不是数", "{name} has the value {said}, which is no number")
)
MARK = Rule(
    "hj212.mark", Text("{name}-Flag {said} 不在表 8 中", "{name}-Flag {said} is not in table 8"), False
)
SEPARATOR = Rule(
    "hj212.separator",
    Text("{name} 之间应以分号分隔", "{name} should be parted by a semicolon"),
    False,
)
REFUSED = Rule("hj212.refused", Text("不能读取", "It cannot be read"))


class Hj212Inspector(Inspector):
    """A data logger's connection."""

    def __init__(self, about: About) -> None:
        super().__init__(about)
        self._buffer, self._now_us = b"", 0

    def heard(self, data: bytes, now_us: int) -> list[Finding]:
        self._buffer, self._now_us = self._buffer + data, now_us
        out: list[Finding] = []
        while True:
            begin = self._buffer.find(wire.HEAD)
            if begin < 0:
                keep = 1 if self._buffer.endswith(b"#") else 0
                out += _rubbish(self._buffer[: len(self._buffer) - keep])
                self._buffer = self._buffer[len(self._buffer) - keep :]
                return out
            out += _rubbish(self._buffer[:begin])
            self._buffer = self._buffer[begin:]
            size = _size(self._buffer)
            if size is None:
                return out
            raw, self._buffer = self._buffer[:size], self._buffer[size:]
            self.messages += 1
            out += check(raw, self.about, now_us)

    def ended(self) -> list[Finding]:
        rest, self._buffer = self._buffer, b""
        if not rest.strip(b"\r\n"):
            return []
        self.messages += 1
        if rest[2:6].isdigit() and len(rest) == 6 + int(rest[2:6]) + 4:
            return check(rest, self.about, self._now_us)  # whole, without CR LF
        return [broken(CUT, rest, n=len(rest))]


def _rubbish(skipped: bytes) -> list[Finding]:
    skipped = skipped.strip(b"\r\n")
    return [broken(RUBBISH, skipped, n=len(skipped))] if skipped else []


def _size(buffer: bytes) -> int | None:
    """How many bytes the frame at the beginning has, whatever its length says; None: wait for more."""
    tail = _TAIL.search(buffer)
    if tail:
        again = buffer.find(wire.HEAD, 2, tail.start())
        return tail.end() if again < 0 else again
    digits = buffer[2:6]
    if len(digits) == 4 and digits.isdigit() and len(buffer) > 6 + int(digits) + 6:
        return 6 + int(digits) + 4  # whole by its length, and something else than CR LF behind it
    return len(buffer) if len(buffer) > FRAME_BYTES + 2 else None


def check(raw: bytes, about: About, now_us: int) -> list[Finding]:
    """What is wrong with a frame, from `##` to its end."""
    out: list[Finding] = []
    body = raw.removesuffix(b"\r\n")
    if body == raw:
        out.append(broken(END, raw))
    digits, data, said = body[2:6], body[6:-4], body[-4:]
    if not digits.isdigit():
        return [*out, broken(DIGITS, raw, said=digits.decode("latin-1"))]
    if int(digits) != len(data):
        out.append(broken(LENGTH, raw, said=int(digits), found=len(data)))
    if len(data) > _STANDARD:
        out.append(broken(LONG, raw, n=len(data)))
    out += _crc(data, said, raw)
    frame = wire.one(wire.HEAD + b"%04d" % len(data) + data + b"%04X\r\n" % wire.crc(data))
    if frame is None:
        return out
    out += _head(frame, data, about, now_us, raw)
    return out if any(f.rule == AREA.name for f in out) else out + _area(frame, about, now_us, raw)


def _crc(data: bytes, said: bytes, raw: bytes) -> list[Finding]:
    right = f"{wire.crc(data):04X}"
    found = said.decode("latin-1")
    if found.upper() == right:
        return []
    modbus = sl651.crc(data)
    rule = MODBUS if found.upper() in (f"{modbus:04X}", f"{modbus & 255:02X}{modbus >> 8:02X}") else CRC
    return [broken(rule, raw, said=found, right=right)]


def _head(frame: Frame, data: bytes, about: About, now_us: int, raw: bytes) -> list[Finding]:
    head, out = frame.head, []
    out += [broken(MISSING, raw, field=f) for f in ("QN", "ST", "CN", "PW", "MN", "Flag") if not head.get(f)]
    begin, end = data.find(b"CP=&&"), data.rfind(b"&&")
    if begin < 0 or end < begin + 5:
        out.append(broken(AREA, raw))
    if qn := head.get("QN"):
        moment = micros_of_digits(qn) if len(qn) == 17 else None
        if moment is None:
            out.append(broken(QN, raw, said=qn))
        else:
            out += ahead(CLOCK, _QN, moment, now_us, raw) or behind(ZONE, _QN, moment, now_us, raw)
    if (mn := head.get("MN")) and mn != about.thing:
        out.append(broken(THING, raw, said=mn, right=about.thing))
    elif mn and len(mn) != 24:
        out.append(broken(MN_LENGTH, raw, n=len(mn)))
    if about.word is not None and head.get("PW") and head["PW"] != about.word:
        out.append(broken(WORD, raw))
    if flag := head.get("Flag"):
        if not (flag.isascii() and flag.isdigit() and int(flag) < 256):
            out.append(broken(FLAG, raw, said=flag))
        elif all(e.version != int(flag) >> 2 for e in wire.EDITIONS):
            out.append(broken(EDITION, raw, said=flag, version=int(flag) >> 2))
        if frame.split and not (head.get("PNUM") and head.get("PNO")):
            out.append(broken(PACKETS, raw))
    return out


def _area(frame: Frame, about: About, now_us: int, raw: bytes) -> list[Finding]:
    code = frame.head.get("CN", "")
    if not code or code in _ABOUT_MESSAGES or code in _STAY:
        return []
    if code not in decode.PERIODS:
        return [broken(COMMAND, raw, said=code)]
    out: list[Finding] = []
    plain, values = decode.read(frame.cp)
    said = plain.get("DataTime")
    if said is None:
        out.append(broken(DATA_TIME, raw))
    elif (moment := micros_of_digits(said)) is None:
        return [*out, broken(TIME, raw, what="DataTime", said=said)]
    else:
        out += ahead(CLOCK, _DATA_TIME, moment, now_us, raw)
        out += behind(ZONE, _DATA_TIME, moment, now_us, raw) if code == "2011" else []
    out += _values(frame, values, raw) + _separators(frame.cp, raw)
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
        decode.decode(frame.raw, thing, now_us)
    except YongError as error:
        if not out or not any(f.grave for f in out):
            out.append(refused(REFUSED, error.detail, raw))
    return out


def _values(frame: Frame, values: dict[str, dict[str, str]], raw: bytes) -> list[Finding]:
    out: list[Finding] = []
    for code, kinds in values.items():
        if factor_of(code, frame.edition.year) is None:
            out.append(broken(FACTOR, raw, code=code))
        for kind, text in kinds.items():
            name = f"{code}-{kind}"
            if kind == "Flag":
                if text not in FLAGS and not text.isdigit():
                    out.append(broken(MARK, raw, name=code, said=text))
            elif kind not in decode.ABOUT | decode.TEXTS and not _NUMBER.fullmatch(text):
                out.append(broken(NUMBER, raw, name=name, said=text))
    return out


def _separators(cp: bytes, raw: bytes) -> list[Finding]:
    """Factors are parted by semicolons, what is said of one factor by commas (6.3.3)."""
    for group in cp.decode("latin-1").split(";"):
        codes = [item.partition("=")[0].rpartition("-")[0] for item in group.split(",") if "-" in item]
        if len(set(codes)) > 1:
            return [broken(SEPARATOR, raw, name=" / ".join(dict.fromkeys(codes)))]
    return []
