"""Identifiers: time-ordered, unguessable enough for keys, never secrets."""

import os
import time
import uuid


def uuid7() -> uuid.UUID:
    """A UUID version 7 (RFC 9562 §5.7): 48 bits of Unix milliseconds, 74 bits of randomness."""
    millis = time.time_ns() // 1_000_000
    tail = int.from_bytes(os.urandom(10), "big")
    value = (millis & (1 << 48) - 1) << 80 | 0x7 << 76 | (tail >> 68) << 64
    value |= 0b10 << 62 | tail & (1 << 62) - 1
    return uuid.UUID(int=value)


def new_id() -> str:
    """A new identifier as text, sorted by the time it was made."""
    return str(uuid7())
