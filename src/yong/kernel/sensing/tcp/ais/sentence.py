"""NMEA 0183 sentences that carry AIS: found in a byte stream, checked, and put together.

    \\s:station,c:1671533231*08\\!AIVDM,2,1,6,A,53@o0E0…,0*63

An optional tag block (IEC 61162-450 / NMEA 4.0) with a source `s` and a time `c` (Unix seconds or milliseconds),
then talker and VDM or VDO, how many sentences the message has and which one this is, their common number, the
channel, the payload in six-bit characters, fill bits, and the XOR of what stands between `!` and `*`.
"""

import re
from functools import reduce
from operator import xor

import msgspec

from yong.kernel.base.errors import Malformed, TooLarge
from yong.kernel.base.text import Text

LINE_BYTES = 512  # the standard's 82 characters and a tag block; some receivers append words of their own
OPEN_MESSAGES = 256  # of several sentences, collected at once
WAIT_S = 10.0  # from a message's first sentence to its last

_LINE = re.compile(
    rb"(?:\\(?P<tags>[^\\*]*)\*(?P<tagcheck>[0-9A-Fa-f]{2})\\)?"
    rb"!(?P<said>[A-Za-z\-]{2}VD[MO],(?P<total>[1-9]),(?P<number>[1-9]),(?P<sequence>[0-9]?),(?P<channel>[^,*]{0,2}),"
    rb"(?P<payload>[0-W`-w]{0,120}),(?P<fill>[0-5]))\*(?P<check>[0-9A-Fa-f]{2})"
)
_KNOWN_START = (b"!", b"\\")


class Part(msgspec.Struct, frozen=True, gc=False):
    """A sentence. `time_us` is its tag block's, UTC."""

    line: bytes
    total: int
    number: int
    key: tuple[bytes, bytes, bytes, int]  # what the sentences of a message have in common
    payload: bytes
    time_us: int | None


class Said(msgspec.Struct, frozen=True, gc=False):
    """A message, and its sentences as they came."""

    lines: tuple[bytes, ...]
    payload: bytes
    time_us: int | None

    @property
    def type(self) -> int:
        """The message's type (1 to 27)."""
        return _six(self.payload[0])

    @property
    def mmsi(self) -> int:
        """Who says it: bits 8 to 37. The payload has at least 7 characters."""
        bits = 0
        for character in self.payload[:7]:
            bits = bits << 6 | _six(character)
        return bits >> 4 & 0x3FFFFFFF


def _six(character: int) -> int:
    value = character - 48
    return value - 8 if value > 40 else value


def parse(line: bytes) -> Part | None:
    """A sentence of AIS; None of a line that is another kind of sentence. Raises Malformed."""
    line = line.strip()
    if not line.startswith(_KNOWN_START):
        return None
    found = _LINE.match(line)
    if found is None:
        raise Malformed(_FORM)
    if reduce(xor, found["said"]) != int(found["check"], 16):
        raise Malformed(_CHECK)
    total, number = int(found["total"]), int(found["number"])
    payload = found["payload"]
    if number > total or (number == 1 and len(payload) < 7):
        raise Malformed(_FORM)
    time_us, source = None, b""
    if found["tags"] is not None:
        if reduce(xor, found["tags"], 0) != int(found["tagcheck"], 16):
            raise Malformed(_CHECK)
        for tag in found["tags"].split(b","):
            if tag.startswith(b"c:") and tag[2:].isdigit() and len(tag) < 18:
                moment = int(tag[2:])
                time_us = moment * 1_000 if moment >= 10**11 else moment * 1_000_000
            elif tag.startswith(b"s:"):
                source = tag[2:]
    key = (source, found["sequence"], found["channel"], total)
    return Part(line, total, number, key, payload, time_us)


class Assembler:
    """Messages of several sentences, put together with bounds."""

    def __init__(self) -> None:
        self._open: dict[tuple[bytes, bytes, bytes, int], tuple[float, dict[int, Part]]] = {}
        self.forgotten = 0

    @property
    def waiting(self) -> int:
        """How many messages lack sentences."""
        return len(self._open)

    def add(self, part: Part, now: float) -> Said | None:
        """Take a sentence; the message, once that was the last one. `now` is in seconds, of any clock."""
        if part.total == 1:
            return Said((part.line,), part.payload, part.time_us)
        since, parts = self._open.get(part.key, (now, {}))
        if part.number in parts or now - since > WAIT_S:
            self._forget(part.key)  # their common number goes round: this is another message
            since, parts = now, {}
        if part.key not in self._open:
            while len(self._open) >= OPEN_MESSAGES:
                self._forget(next(iter(self._open)))
            self._open[part.key] = since, parts
        parts[part.number] = part
        if len(parts) < part.total:
            return None
        del self._open[part.key]
        whole = [parts[n] for n in range(1, part.total + 1)]
        time_us = next((p.time_us for p in whole if p.time_us is not None), None)
        return Said(tuple(p.line for p in whole), b"".join(p.payload for p in whole), time_us)

    def _forget(self, key: tuple[bytes, bytes, bytes, int]) -> None:
        if self._open.pop(key, None):
            self.forgotten += 1


class Lines:
    """Lines of a byte stream, none longer than LINE_BYTES."""

    def __init__(self) -> None:
        self._rest = b""

    @property
    def pending(self) -> int:
        """Bytes of a line that has not ended."""
        return len(self._rest)

    def feed(self, data: bytes) -> list[bytes]:
        """The lines that `data` completes. Raises TooLarge when one grows beyond the limit."""
        *whole, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > LINE_BYTES:
            raise TooLarge(_LONG, most=LINE_BYTES)
        return whole


_FORM = Text("不是 AIS 语句", "Not a sentence of AIS")
_CHECK = Text("语句校验和不符", "The sentence's checksum does not match")
_LONG = Text("一行超过 {most} 字节", "A line is over {most} bytes")
