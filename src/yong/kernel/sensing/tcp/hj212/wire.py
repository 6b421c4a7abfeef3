r"""The frame: `##`, four digits of length, data, four hexadecimal digits of CRC, CR LF (HJ 212-2017, 6.3).

The data are `QN=…;ST=…;CN=…;PW=…;MN=…;Flag=…;CP=&&…&&`. The flag's bits: 0 an answer is wanted, 1 the frame is
one of several, the rest the edition of the standard.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

import msgspec

HEAD = b"##"
LONGEST = 9999  # of the data; the standard allows 1,024, and devices exceed it
FRAME_BYTES = LONGEST + 12
_FIELDS = 64
_CP = b"CP=&&"
_NAME = re.compile(r"[A-Za-z]{1,16}")


class Edition(msgspec.Struct, frozen=True):
    """An edition of the standard: its year and the version bits of its frames (Flag >> 2)."""

    year: int
    version: int


EDITIONS = (Edition(2005, 0), Edition(2017, 1))
NEWEST = EDITIONS[-1]
"""HJ 212-2025 took its place on 2026-01-01. Its text was not at hand: a frame of a version unknown here is read
by the newest edition known, and answered with the version it came with."""


class Frame(NamedTuple):
    """A frame with a good CRC. `head` is without CP; `cp` what stands between the `&&`."""

    raw: bytes
    head: Mapping[str, str]
    cp: bytes

    @property
    def flag(self) -> int:
        text = self.head.get("Flag", "")
        return int(text) & 255 if text.isascii() and text.isdigit() and len(text) <= 3 else 0

    @property
    def wants_answer(self) -> bool:
        return bool(self.flag & 1)

    @property
    def split(self) -> bool:
        return bool(self.flag & 2)

    @property
    def edition(self) -> Edition:
        return next((e for e in EDITIONS if e.version == self.flag >> 2), NEWEST)


class Found(NamedTuple):
    """What a look at a buffer gave: a frame or not, bytes done with, and how many of them were rubbish."""

    frame: Frame | None
    taken: int
    rubbish: int


def crc(data: bytes) -> int:
    """The check of annex A: unlike Modbus's, a byte meets the register's high half shifted down."""
    register = 0xFFFF
    for byte in data:
        register = _TABLE[register >> 8 ^ byte]
    return register


def _shifted(register: int) -> int:
    for _ in range(8):
        register = register >> 1 ^ (0xA001 if register & 1 else 0)
    return register


_TABLE = tuple(_shifted(register) for register in range(256))  # the high byte ^ a byte stays within a byte


def find(buffer: bytes | bytearray) -> Found | None:
    """The first frame, or the rubbish before something that may become one; None: wait for more.

    After a wrong CRC the search goes on behind the two signs that began it, so a frame inside is found.
    """
    at = buffer.find(HEAD)
    if at < 0:
        keep = 1 if buffer.endswith(b"#") else 0
        done = len(buffer) - keep
        return Found(None, done, _rubbish(buffer, done)) if done else None
    if at:
        return Found(None, at, _rubbish(buffer, at))
    digits = bytes(buffer[2:6])
    if digits and not digits.isdigit():
        return Found(None, 1, 1)
    if len(digits) < 4:
        return None
    end = 6 + int(digits)
    if len(buffer) < end + 4:
        return None
    data, check = bytes(buffer[6:end]), bytes(buffer[end : end + 4])
    try:
        good = int(check, 16) == crc(data) and check.isalnum()
    except ValueError:
        good = False
    head = _head(data) if good else None
    if head is None:
        return Found(None, 2, 2)
    raw = bytes(buffer[: end + 4]) + b"\r\n"
    begin = data.find(_CP)
    stop = data.rfind(b"&&")
    cp = data[begin + len(_CP) : stop] if begin >= 0 and begin + len(_CP) <= stop else b""
    return Found(Frame(raw, head, cp), end + 4, 0)


def one(payload: bytes) -> Frame | None:
    """The frame that a payload is, None when it is not one whole frame."""
    found = find(payload)
    if found is None or found.frame is None or payload[found.taken :].strip(b"\r\n"):
        return None
    return found.frame


def build(fields: Mapping[str, str], cp: str | bytes = "") -> bytes:
    """A frame of these fields, in their order."""
    text = "".join(f"{name}={value};" for name, value in fields.items()).encode("latin-1", "replace")
    data = text + _CP + (cp if isinstance(cp, bytes) else cp.encode("latin-1", "replace")) + b"&&"
    return HEAD + b"%04d" % len(data) + data + b"%04X\r\n" % crc(data)


def _head(data: bytes) -> dict[str, str] | None:
    begin = data.find(_CP)
    parts = (data if begin < 0 else data[:begin]).decode("latin-1").split(";")
    if len(parts) > _FIELDS:
        return None
    fields: dict[str, str] = {}
    for part in parts:
        name, equals, value = part.partition("=")
        if equals and _NAME.fullmatch(name.strip()):
            fields.setdefault(name.strip(), value.strip())
    return fields


def _rubbish(buffer: bytes | bytearray, count: int) -> int:
    """Line ends between frames are none: devices differ in how many they send."""
    return len(bytes(buffer[:count]).strip(b"\r\n"))
