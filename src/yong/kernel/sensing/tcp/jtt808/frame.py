"""Frames of JT/T 808: found in a byte stream, unescaped, checked, and put together.

    7E | header | body | XOR of header and body | 7E        with 7E → 7D 02 and 7D → 7D 01 inside

Header of 2013: id u16, attributes u16, phone BCD[6], serial u16. Of 2019 (attribute bit 14): id u16,
attributes u16, version u8, phone BCD[10], serial u16. Attribute bits 0–9 are the body's length, 10–12 the
encryption, 13 says that the message is in parts: then total u16 and part u16 (from 1) follow the serial.
Source: JT/T 808-2013 and -2019, clause 4.4, as public implementations and vendors' manuals give it.
"""

from functools import reduce
from operator import xor

import msgspec

from yong.kernel.base.errors import Invalid, Malformed, TooLarge
from yong.kernel.base.text import Text

FLAG = b"\x7e"
BODY_BYTES = 0x3FF
FRAME_BYTES = 2 * (21 + BODY_BYTES + 1)  # every byte escaped
PARTS = 256
WHOLE_BYTES = 128 << 10  # of a message in parts
OPEN_WHOLES = 4  # messages in parts that are collected at once

_HEADER = {2013: 12, 2019: 17}
_PHONE = {2013: slice(4, 10), 2019: slice(5, 15)}
_DIGITS = frozenset("0123456789")


class Message(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A message, or a part of one. `phone` is the terminal's number without leading zeros: personal data."""

    id: int
    edition: int  # 2013 or 2019
    phone: str
    serial: int
    body: bytes
    total: int = 1
    part: int = 1

    @property
    def first_serial(self) -> int:
        """The serial of the first part: those of one message are consecutive (2013, 7.12)."""
        return (self.serial - self.part + 1) & 0xFFFF


def escaped(data: bytes) -> bytes:
    """Data as it goes between two flags."""
    return data.replace(b"\x7d", b"\x7d\x01").replace(b"\x7e", b"\x7d\x02")


def unescaped(data: bytes) -> bytes:
    """The inverse of :func:`escaped`. Raises Malformed where 7D is followed by neither 01 nor 02."""
    if b"\x7d" not in data:
        return data
    if data.count(b"\x7d") != data.count(b"\x7d\x01") + data.count(b"\x7d\x02"):
        raise Malformed(_ESCAPE)
    return data.replace(b"\x7d\x02", b"\x7e").replace(b"\x7d\x01", b"\x7d")


def parse(frame: bytes) -> Message:
    """A message of what stood between two flags. Raises Malformed, and Invalid for an encrypted one."""
    if len(frame) > FRAME_BYTES:
        raise TooLarge(_LONG, most=FRAME_BYTES)
    data = unescaped(frame)
    if len(data) < 13:
        raise Malformed(_SHORT, size=len(data))
    if reduce(xor, data):
        raise Malformed(_CHECK)
    attributes = data[2] << 8 | data[3]
    edition = 2019 if attributes & 0x4000 else 2013
    start = _HEADER[edition]
    total = part = 1
    if attributes & 0x2000:
        start += 4
    if len(data) != start + (attributes & BODY_BYTES) + 1:
        raise Malformed(_LENGTH, said=attributes & BODY_BYTES, found=len(data) - start - 1)
    if attributes & 0x2000:
        total, part = data[start - 4] << 8 | data[start - 3], data[start - 2] << 8 | data[start - 1]
        if not 1 <= part <= total <= PARTS:
            raise Malformed(_PARTS, part=part, total=total, most=PARTS)
    phone = data[_PHONE[edition]].hex()
    if not _DIGITS.issuperset(phone):
        raise Malformed(_NUMBER)
    if attributes & 0x1C00:
        raise Invalid(_ENCRYPTED)
    serial = _HEADER[edition] - 2
    return Message(
        id=data[0] << 8 | data[1],
        edition=edition,
        phone=phone.lstrip("0") or "0",
        serial=data[serial] << 8 | data[serial + 1],
        body=data[start:-1],
        total=total,
        part=part,
    )


def built(message: Message) -> bytes:
    """A message as it goes over the wire, flags included."""
    assert len(message.body) <= BODY_BYTES
    attributes = len(message.body)
    if message.edition == 2019:
        head = b"\x01" + bytes.fromhex(message.phone.zfill(20))
        attributes |= 0x4000
    else:
        head = bytes.fromhex(message.phone.zfill(12))
    tail = message.serial.to_bytes(2, "big")
    if message.total > 1:
        attributes |= 0x2000
        tail += message.total.to_bytes(2, "big") + message.part.to_bytes(2, "big")
    data = message.id.to_bytes(2, "big") + attributes.to_bytes(2, "big") + head + tail + message.body
    return FLAG + escaped(data + bytes((reduce(xor, data),))) + FLAG


class Frames:
    """What stands between flags in a byte stream. Two frames may share a flag; none is longer than FRAME_BYTES."""

    def __init__(self) -> None:
        self._rest = b""
        self._begun = False

    @property
    def pending(self) -> int:
        """Bytes of a frame that has not ended."""
        return len(self._rest)

    def feed(self, data: bytes) -> list[bytes]:
        """The frames that `data` completes, without their flags. Raises TooLarge when one grows beyond the limit."""
        *whole, self._rest = (self._rest + data).split(FLAG)
        if whole and not self._begun:
            self._begun = True
            del whole[0]  # what came before the first flag is no frame
        if len(self._rest) > FRAME_BYTES:
            raise TooLarge(_LONG, most=FRAME_BYTES)
        return [frame for frame in whole if frame]


class _Whole(msgspec.Struct):
    total: int
    parts: dict[int, tuple[Message, bytes]]
    size: int
    touched: float
    asked: int = 0


class Complete(msgspec.Struct, frozen=True):
    """A message put together from its parts, and its frames as they came, flags included, in order."""

    message: Message  # its serial is the first part's
    frames: tuple[bytes, ...]


class Missing(msgspec.Struct, frozen=True):
    """Parts to ask for again with 0x8003."""

    of: Message  # a part that came
    parts: tuple[int, ...]


class Assembly:
    """Messages in parts, put together with bounds: OPEN_WHOLES at once, WHOLE_BYTES each.

    What makes no progress for `wait_s` seconds is asked for again `asks` times, then forgotten: none of its
    parts was acknowledged, so the terminal still has them.
    """

    def __init__(self, *, wait_s: float = 10, asks: int = 2) -> None:
        self._wait_s, self._asks = wait_s, asks
        self._open: dict[tuple[int, int], _Whole] = {}
        self.forgotten = 0

    @property
    def waiting(self) -> int:
        """How many messages lack parts."""
        return len(self._open)

    def add(self, message: Message, frame: bytes, now: float) -> Complete | None:
        """Take a part (`frame` without flags); the message, once that was the last one. Raises TooLarge and Malformed."""
        if message.total == 1:
            return Complete(message, (FLAG + frame + FLAG,))
        key = (message.id, message.first_serial)
        whole = self._open.get(key)
        if whole is None:
            if len(self._open) >= OPEN_WHOLES:
                self._forget(min(self._open, key=lambda k: self._open[k].touched))
            whole = self._open[key] = _Whole(message.total, {}, 0, now)
        if whole.total != message.total:
            self._forget(key)
            raise Malformed(_TOTALS)
        whole.touched = now
        if message.part not in whole.parts:
            whole.size += len(frame)
            if whole.size > WHOLE_BYTES:
                self._forget(key)
                raise TooLarge(_WHOLE, most=WHOLE_BYTES)
            whole.parts[message.part] = message, FLAG + frame + FLAG
        if len(whole.parts) < whole.total:
            return None
        del self._open[key]
        parts = [whole.parts[n] for n in range(1, whole.total + 1)]
        return Complete(
            msgspec.structs.replace(parts[0][0], body=b"".join(m.body for m, _ in parts), total=1),
            tuple(f for _, f in parts),
        )

    def overdue(self, now: float) -> list[Missing]:
        """What to ask for again."""
        out = []
        for key, whole in list(self._open.items()):
            if now - whole.touched < self._wait_s:
                continue
            if whole.asked >= self._asks:
                self._forget(key)
                continue
            whole.asked, whole.touched = whole.asked + 1, now
            missing = tuple(n for n in range(1, whole.total + 1) if n not in whole.parts)
            out.append(Missing(next(iter(whole.parts.values()))[0], missing))
        return out

    def _forget(self, key: tuple[int, int]) -> None:
        del self._open[key]
        self.forgotten += 1


_ESCAPE = Text("转义有误", "A wrong escape")
_LONG = Text("消息超过 {most} 字节", "The message is over {most} bytes")
_SHORT = Text("消息只有 {size} 字节", "The message has only {size} bytes")
_CHECK = Text("校验码不符", "The check byte does not match")
_LENGTH = Text(
    "消息头称消息体为 {said} 字节，实为 {found} 字节",
    "The header says that the body has {said} bytes; it has {found}",
)
_PARTS = Text(
    "分包 {part}/{total} 无效（至多 {most} 包）", "Part {part} of {total} is not valid (at most {most})"
)
_NUMBER = Text("终端手机号不是 BCD 码", "The terminal's phone number is not BCD")
_ENCRYPTED = Text("不支持加密的消息体", "Encrypted bodies are not supported")
_TOTALS = Text("分包总数前后不一", "The parts do not agree on how many they are")
_WHOLE = Text("分包消息超过 {most} 字节", "The message in parts is over {most} bytes")
