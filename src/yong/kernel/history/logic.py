"""The pure rules of history: what makes two values the same, and which moments are kept."""

import hashlib
import struct

import msgspec

from yong.kernel.base.text import Text

DAY_US = 86_400_000_000
LATE_US = 400 * DAY_US  # how late a reading may come
AHEAD_US = DAY_US  # a clock may be a day ahead, not more
SERIES_OF_ENTITY = 256  # attributes (by unit and data set) that one entity may have

NOT_KEPT = Text(
    "观测时间须在过去 400 天之内、至多超前一天",
    "A time observed lies within the last 400 days, at most a day ahead",
)
TOO_MANY_SERIES = Text("{entity} 的属性超过 256 个", "{entity} has more than 256 attributes")

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
    """Whether a moment lies where observations are kept: from 400 days ago to a day ahead of now (all in µs)."""
    return now_us - LATE_US <= observed_at <= now_us + AHEAD_US
