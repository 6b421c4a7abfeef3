"""The pure rules of history: what makes two values the same, and which moments are kept."""

import hashlib
import struct

import msgspec

DAY_US = 86_400_000_000
OLDEST_US = 631_152_000_000_000  # 1990-01-01
AHEAD_US = DAY_US  # a clock may be a day ahead, not more

_double = struct.Struct("<d")
_integer = struct.Struct("<q")
_encode = msgspec.json.Encoder(order="sorted").encode


def value_hash(value: object) -> int:
    """64 bits that tell values apart: a number's own bits, else of its canonical JSON's BLAKE2b."""
    if type(value) is float:
        return int(_integer.unpack(_double.pack(value + 0.0))[0])
    digest = hashlib.blake2b(_encode(value), digest_size=8).digest()
    return int(_integer.unpack(digest)[0])


def keepable(observed_at: int, now_us: int) -> bool:
    """Whether a moment lies where observations are kept: from 1990 to a day ahead of now."""
    return OLDEST_US <= observed_at <= now_us + AHEAD_US
