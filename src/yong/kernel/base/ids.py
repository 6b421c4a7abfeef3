"""Identifiers: time-ordered, unguessable enough for keys, never secrets."""

import os
import time
import uuid


def uuid7() -> uuid.UUID:
    """A UUID version 7 (RFC 9562 §5.7): Unix milliseconds in 48 bits, the fraction of one in 12 (§6.2, method 3),
    62 bits of randomness. Those made one after the other on a machine sort so, to a quarter of a microsecond."""
    millis, nanos = divmod(time.time_ns(), 1_000_000)
    value = (millis & (1 << 48) - 1) << 80 | 0x7 << 76 | (nanos << 12) // 1_000_000 << 64
    value |= 0b10 << 62 | int.from_bytes(os.urandom(8), "big") >> 2
    return uuid.UUID(int=value)


def new_id() -> str:
    """A new identifier as text, sorted by the time it was made."""
    return str(uuid7())
