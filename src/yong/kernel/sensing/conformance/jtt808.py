"""The rules of JT/T 808-2013 and -2019 over what a vehicle terminal sends."""

from functools import reduce
from operator import xor

from yong.kernel.base.errors import Invalid, Malformed, TooLarge, YongError
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
from yong.kernel.sensing.tcp.jtt808 import adapter, location
from yong.kernel.sensing.tcp.jtt808.frame import BODY_BYTES, FLAG, Frames, Message, parse, unescaped
from yong.kernel.sensing.tcp.jtt808.location import BASE_BYTES, KNOWN

_TIME, _SWAPPED = Text("时间", "The time"), Text("：两者颠倒？", ": the two swapped?")
REGISTER, SIGN_ON, GENERAL = 0x0100, 0x0102, 0x8001
_ANSWERED = frozenset(
    {0x0001, 0x0002, 0x0003, REGISTER, SIGN_ON, adapter.LOCATION, adapter.LOCATION_ANSWER, adapter.LOCATIONS}
)
_RESULTS = {
    1: Text("失败", "failed"),
    2: Text("消息有误", "the message is wrong"),
    3: Text("不支持", "not supported"),
}

RUBBISH = Rule(
    "jtt808.rubbish",
    Text("标识位 7E 之前有 {n} 个多余字节", "{n} bytes before the flag 7E belong to no message"),
)
LONG = Rule(
    "jtt808.long",
    Text("两个 7E 之间超过消息长度上限", "There is more between two flags than a message may have"),
)
CUT = Rule("jtt808.cut", Text("最后一条消息不完整（{n} 字节）", "The last message is not whole ({n} bytes)"))
ESCAPE = Rule("jtt808.escape", Text("7D 之后应为 01 或 02", "7D is followed by neither 01 nor 02"))
SHORT = Rule("jtt808.short", Text("消息只有 {n} 字节", "The message has only {n} bytes"))
CHECK = Rule(
    "jtt808.check", Text("校验码为 {said}，应为 {right}", "The check byte is {said}, should be {right}")
)
LENGTH = Rule(
    "jtt808.length",
    Text(
        "消息头称消息体 {said} 字节，实为 {found} 字节",
        "The header says {said} bytes of body; it has {found}",
    ),
)
FORM_2013 = Rule(
    "jtt808.header-2013",
    Text(
        "消息头标为 2019 版，终端手机号却只有 6 字节",
        "The header says 2019 edition, but the phone has 6 bytes",
    ),
)
FORM_2019 = Rule(
    "jtt808.header-2019",
    Text(
        "消息头是 2019 版的 10 字节手机号，版本标识（第 14 位）却未置位",
        "The phone has the 10 bytes of 2019, but the version flag (bit 14) is not set",
    ),
)
PHONE = Rule("jtt808.phone", Text("终端手机号 {said} 不是 BCD 码", "The terminal's number {said} is not BCD"))
THING = Rule(
    "jtt808.thing",
    Text(
        "终端手机号 {said} 属于另一设备，应为 {right}",
        "The terminal's number {said} is another thing's, should be {right}",
    ),
)
ENCRYPTED = Rule(
    "jtt808.encrypted",
    Text("消息体加密（第 10–12 位），不能读取", "The body is encrypted (bits 10–12) and cannot be read"),
)
PARTS = Rule("jtt808.parts", Text("分包不正确", "The parts are not right"))
SERIAL = Rule(
    "jtt808.serial", Text("流水号 {said}，应为 {right}", "The serial is {said}, should be {right}"), False
)
ORDER = Rule(
    "jtt808.sign-on", Text("{said} 在鉴权（0102）之前发送", "{said} is sent before the sign-on (0102)")
)
CODE = Rule(
    "jtt808.code", Text("鉴权码不是登记的鉴权码", "The authentication code is not the one that was enrolled")
)
CODE_LENGTH = Rule(
    "jtt808.code-length",
    Text(
        "2019 版鉴权码长度写 {said}，消息体不足",
        "The code of 2019 has the length {said}; the body is shorter",
    ),
)
KIND = Rule(
    "jtt808.kind",
    Text("消息 {said} 不处理，应答为 3（不支持）", "Message {said} is answered with 3 (not supported)"),
    False,
)
BODY = Rule(
    "jtt808.location-short", Text("位置信息只有 {n} 字节，至少 28", "The location has {n} bytes, at least 28")
)
PLACE = Rule(
    "jtt808.place",
    Text(
        "经纬度超出范围（纬度 {latitude}，经度 {longitude}）{hint}",
        "The coordinates are out of range (latitude {latitude}, longitude {longitude}){hint}",
    ),
)
TIME, CLOCK = times("jtt808")
ZONE = Rule(
    "jtt808.zone",
    Text(
        "时间落后 8 小时：应为北京时间而非 UTC", "The time is 8 h behind: it should be China's time, not UTC"
    ),
)
UNPLACED = Rule(
    "jtt808.unpositioned",
    Text("状态位未定位，位置不予保存", "The status says not positioned: no position is kept"),
    False,
)
ITEM = Rule(
    "jtt808.item-length",
    Text("附加信息 {said} 长 {found} 字节，应为 {right}", "Item {said} has {found} bytes, should be {right}"),
    False,
)
TAIL = Rule("jtt808.tail", Text("附加信息末尾不完整", "The items end in the middle of one"))
BATCH = Rule("jtt808.batch", Text("批量位置不能读取", "The batch cannot be read"))
ANSWERED = Rule(
    "jtt808.answered",
    Text("平台对 {said} 应答 {result}：{why}", "The platform answered {said} with {result}: {why}"),
)


class Jtt808Inspector(Inspector):
    """A terminal's connection. `signs_on` is false where its frames come by another door."""

    def __init__(self, about: About, *, signs_on: bool = True) -> None:
        super().__init__(about)
        self._frames, self._answers = Frames(), Frames()
        self._begun = False
        self._signed_on = not signs_on
        self._serial: int | None = None

    def heard(self, data: bytes, now_us: int) -> list[Finding]:
        out: list[Finding] = []
        if not self._begun and data:
            begin = data.find(FLAG)
            if begin:
                rest = data if begin < 0 else data[:begin]
                out.append(broken(RUBBISH, rest, n=len(rest)))
            if begin < 0:
                return out
            self._begun = True
        try:
            frames = self._frames.feed(data)
        except TooLarge:
            self._frames = Frames()
            return [*out, broken(LONG, data)]
        for frame in frames:
            self.messages += 1
            out += self._frame(frame, now_us)
        return out

    def said(self, data: bytes) -> list[Finding]:
        out: list[Finding] = []
        for frame in self._answers.feed(data):
            try:
                message = parse(frame)
            except YongError:
                continue
            if message.id == GENERAL and len(message.body) == 5 and message.body[4]:
                of = int.from_bytes(message.body[2:4], "big")
                if of not in _ANSWERED:
                    continue  # told as a remark already
                result = message.body[4]
                why = _RESULTS.get(result, Text("未知", "unknown"))
                out.append(broken(ANSWERED, FLAG + frame + FLAG, said=f"{of:04X}", result=result, why=why))
        return out

    def ended(self) -> list[Finding]:
        if self._frames.pending:
            self.messages += 1
            return [broken(CUT, n=self._frames.pending)]
        return []

    def _frame(self, frame: bytes, now_us: int) -> list[Finding]:
        whole = FLAG + frame + FLAG
        message, out = _parsed(frame, whole)
        if message is None:
            return out
        if message.phone != self.about.thing:
            out.append(broken(THING, whole, said=message.phone, right=self.about.thing))
        if (
            self._serial is not None
            and message.serial != (self._serial + 1) & 0xFFFF
            and message.serial != self._serial
        ):
            out.append(broken(SERIAL, whole, said=message.serial, right=(self._serial + 1) & 0xFFFF))
        self._serial = message.serial
        if message.id == SIGN_ON:
            self._signed_on = True
            return out + self._code(message, whole)
        if message.id not in _ANSWERED:
            return [*out, broken(KIND, whole, said=f"{message.id:04X}")]
        if not self._signed_on and message.id != REGISTER:
            self._signed_on = True  # told once
            out.append(broken(ORDER, whole, said=f"{message.id:04X}"))
        return out if message.total > 1 else out + _locations(message, now_us, whole)

    def _code(self, message: Message, whole: bytes) -> list[Finding]:
        body = message.body
        if message.edition == 2019 and body:
            if body[0] > len(body) - 1:
                return [broken(CODE_LENGTH, whole, said=body[0])]
            body = body[1 : 1 + body[0]]
        if self.about.word is not None and body.rstrip(b"\0") != self.about.word.encode():
            return [broken(CODE, whole)]
        return []


def _parsed(frame: bytes, whole: bytes) -> tuple[Message | None, list[Finding]]:
    """The message, if it can be read after all; and everything that is wrong with its frame."""
    try:
        data = unescaped(frame)
    except Malformed:
        return None, [broken(ESCAPE, whole)]
    if len(data) < 13:
        return None, [broken(SHORT, whole, n=len(data))]
    out: list[Finding] = []
    right = reduce(xor, data[:-1])
    if right != data[-1]:
        out.append(broken(CHECK, whole, said=f"{data[-1]:02X}", right=f"{right:02X}"))
    attributes = data[2] << 8 | data[3]
    out += _form(data, attributes, whole)
    if attributes & 0x1C00:
        out.append(broken(ENCRYPTED, whole))
    if out and any(f.rule != CHECK.name for f in out):
        return None, out
    mended = data[:-1] + bytes((right,))
    try:
        return parse(mended.replace(b"\x7d", b"\x7d\x01").replace(b"\x7e", b"\x7d\x02")), out
    except Invalid as error:
        digits = data[5:15] if attributes & 0x4000 else data[4:10]
        if not digits.hex().isdigit():
            return None, [*out, broken(PHONE, whole, said=digits.hex().upper())]
        return None, [*out, refused(PARTS, error.detail, whole)]


def _form(data: bytes, attributes: int, whole: bytes) -> list[Finding]:
    """Whether the header has the length of its edition and the body that of the header."""
    newer, parts = bool(attributes & 0x4000), 4 if attributes & 0x2000 else 0
    said = attributes & BODY_BYTES
    found = len(data) - (17 if newer else 12) - parts - 1
    if said == found:
        return []
    if newer and found + 5 == said:
        return [broken(FORM_2013, whole)]
    if not newer and found - 5 == said and data[4] == 1:
        return [broken(FORM_2019, whole)]
    return [broken(LENGTH, whole, said=said, found=max(found, 0))]


def _locations(message: Message, now_us: int, whole: bytes) -> list[Finding]:
    late = False
    try:
        bodies = adapter.reports(message)
        late = message.id == adapter.LOCATIONS and message.body[2] == 1
    except Malformed as error:
        return [refused(BATCH, error.detail, whole)]
    return [finding for body in bodies for finding in _location(body, late, now_us, whole)]


def _location(body: bytes, late: bool, now_us: int, whole: bytes) -> list[Finding]:
    if len(body) < BASE_BYTES:
        return [broken(BODY, whole, n=len(body))]
    out: list[Finding] = []
    status = int.from_bytes(body[4:8], "big")
    latitude, longitude = (int.from_bytes(body[n : n + 4], "big") / 1e6 for n in (8, 12))
    if not status & 2:
        out.append(broken(UNPLACED, whole))
    elif latitude > 90 or longitude > 180:
        hint = _SWAPPED if latitude <= 180 and longitude <= 90 else Text("", "")
        out.append(broken(PLACE, whole, latitude=latitude, longitude=longitude, hint=hint))
    try:
        moment = location.moment(body[22:28])
    except Invalid:
        out.append(broken(TIME, whole, what=_TIME, said=body[22:28].hex().upper()))
    else:
        found = ahead(CLOCK, _TIME, moment, now_us, whole)
        out += found or ([] if late else behind(ZONE, _TIME, moment, now_us, whole))
    return out + _items(body, whole)


def _items(body: bytes, whole: bytes) -> list[Finding]:
    out: list[Finding] = []
    at = BASE_BYTES
    while at < len(body):
        end = at + 2 + body[at + 1] if at + 1 < len(body) else len(body) + 1
        if end > len(body):
            return [*out, broken(TAIL, whole)]
        known = KNOWN.get(body[at])
        if known and body[at + 1] not in known.lengths:
            right = " / ".join(map(str, known.lengths))
            out.append(broken(ITEM, whole, said=f"{body[at]:02X}", found=body[at + 1], right=right))
        at = end
    return out
