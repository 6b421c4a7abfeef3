"""A part of a file as HTTP asks for it (RFC 9110, section 14)."""

import re

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


def part(asked: str | None, size: int) -> tuple[int, int] | None:
    """The bytes that a `Range` means, the second exclusive; None where it asks for nothing that is understood.

    Start is not before end where there is no such part.
    """
    found = _RANGE.fullmatch(asked.strip()) if asked else None
    if found is None or not (found[1] or found[2]):
        return None
    if not found[1]:
        return (max(0, size - int(found[2])), size) if int(found[2]) else (size, size)
    if found[2] and int(found[2]) < int(found[1]):
        return None
    return int(found[1]), min(int(found[2]) + 1, size) if found[2] else size
