"""Mapbox Vector Tiles 2.1 written with numpy: all numbers of a layer's features become varints in one go.

A feature's message is nothing but varints (keys of fields, lengths, tags, commands), so a whole layer is one array of
numbers, whose lengths are known before it is written. Geometry commands are those of clause 4.3.
"""

import struct
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

POINT, LINE, POLYGON = 1, 2, 3
_FEATURE, _TAGS, _TYPE, _GEOMETRY = 0x12, 0x12, 0x18, 0x22  # keys of fields: number << 3 | wire type
_FRAME = 8  # numbers of a feature beside its tags and commands
_VERSION = bytes((0x78, 2))

_double = struct.Struct("<d").pack
Numbers = NDArray[np.uint64]
Counts = NDArray[np.int64]


class Ragged(msgspec.Struct, frozen=True):
    """Lists of numbers, one after the other: `counts` says how many each has."""

    numbers: Numbers
    counts: Counts


def ragged(lists: Sequence[Sequence[int]]) -> Ragged:
    """Lists as one array."""
    flat = [n for one in lists for n in one]
    return Ragged(np.array(flat, dtype=np.uint64), np.array([len(one) for one in lists], dtype=np.int64))


def zigzag(numbers: NDArray[np.int64]) -> Numbers:
    """Signed numbers so that small ones stay small."""
    return ((numbers << 1) ^ (numbers >> 63)).astype(np.uint64)


def points(units: NDArray[np.int64]) -> Ragged:
    """The commands of features that are one point each: MoveTo, once."""
    commands = np.empty((len(units), 3), dtype=np.uint64)
    commands[:, 0] = 9
    commands[:, 1:] = zigzag(units)
    return Ragged(commands.reshape(-1), np.full(len(units), 3, dtype=np.int64))


def path(parts: Sequence[NDArray[np.int64]], kind: int) -> list[int]:
    """The commands of one geometry: positions of each part, rings without the one that repeats the first."""
    found: list[int] = []
    cursor = np.zeros((1, 2), dtype=np.int64)
    if kind == POINT:
        joined = np.concatenate(parts)
        moves: list[int] = zigzag(np.diff(joined, axis=0, prepend=cursor)).reshape(-1).tolist()
        return [len(joined) << 3 | 1, *moves]
    for part in parts:
        steps: list[int] = zigzag(np.diff(part, axis=0, prepend=cursor)).reshape(-1).tolist()
        found += [9, *steps[:2], (len(part) - 1) << 3 | 2, *steps[2:]]
        if kind == POLYGON:
            found.append(15)
        cursor = part[-1:]
    return found


class Dictionary:
    """The keys and values of a layer, each once, and the tags that point to them (clause 4.4)."""

    def __init__(self) -> None:
        self.keys: dict[str, int] = {}
        self.values: dict[Any, int] = {}
        """A text stands for itself, all else with its type: true is not 1, and 1 is not 1.0."""

    def tags(self, properties: Mapping[str, Any]) -> list[int]:
        """Pairs of a feature's properties. Null has no tag; arrays and objects are written as JSON."""
        found = []
        keys, values = self.keys, self.values
        for name, value in properties.items():
            if value is None:
                continue
            kind = value.__class__
            if kind is list or kind is dict:
                value = msgspec.json.encode(value).decode()
            elif kind is not str:
                value = (kind, value)
            found.append(keys.setdefault(name, len(keys)))
            found.append(values.setdefault(value, len(values)))
        return found


def layer(
    name: str, extent: int, dictionary: Dictionary, kinds: NDArray[np.uint8], tags: Ragged, commands: Ragged
) -> bytes:
    """A tile of one layer; no bytes at all without features."""
    if not len(kinds):
        return b""
    parts = [_VERSION, _text(0x0A, name), _features(kinds, tags, commands)]
    parts += [_text(0x1A, key) for key in dictionary.keys]
    parts += map(_value, dictionary.values)
    parts.append(b"\x28" + _varint(extent))
    return _message(0x1A, b"".join(parts))


def _features(kinds: NDArray[np.uint8], tags: Ragged, commands: Ragged) -> bytes:
    """All features, each with the key of its field in the layer."""
    tag_bytes, command_bytes = _sums(tags), _sums(commands)
    whole = 4 + _lengths(tag_bytes) + tag_bytes + _lengths(command_bytes) + command_bytes
    # 4: the keys of tags, type and geometry, and the type itself
    starts = np.cumsum(tags.counts + commands.counts + _FRAME) - (tags.counts + commands.counts + _FRAME)
    out = np.empty(int(tags.counts.sum() + commands.counts.sum()) + _FRAME * len(kinds), dtype=np.uint64)
    for place, number in ((0, _FEATURE), (1, whole), (2, _TAGS), (3, tag_bytes)):
        out[starts + place] = number
    out[_places(starts + 4, tags.counts)] = tags.numbers
    behind = starts + 4 + tags.counts
    for place, number in ((0, _TYPE), (1, kinds), (2, _GEOMETRY), (3, command_bytes)):
        out[behind + place] = number
    out[_places(behind + 4, commands.counts)] = commands.numbers
    return varints(out)


def _places(starts: Counts, counts: Counts) -> Counts:
    """Where each number of ragged lists goes, whose lists begin at `starts`."""
    before = np.cumsum(counts) - counts
    return np.repeat(starts - before, counts) + np.arange(int(counts.sum()), dtype=np.int64)


def _sums(lists: Ragged) -> Numbers:
    """How many bytes the varints of each list take."""
    total = np.concatenate(([0], np.cumsum(_lengths(lists.numbers)))).astype(np.int64)
    ends = np.cumsum(lists.counts)
    found: Numbers = (total[ends] - total[ends - lists.counts]).astype(np.uint64)
    return found


def _lengths(numbers: Numbers) -> Numbers:
    """How many bytes each number takes as a varint, for numbers of 35 bits at most."""
    found = np.ones(len(numbers), dtype=np.uint64)
    for bits in (7, 14, 21, 28):
        found += numbers >= np.uint64(1 << bits)
    return found


def varints(numbers: Numbers) -> bytes:
    """Numbers of 35 bits at most as varints."""
    lengths = _lengths(numbers).astype(np.int64)
    starts = np.cumsum(lengths) - lengths
    out = np.zeros(int(lengths.sum()), dtype=np.uint8)
    for at in range(5):
        has = lengths > at
        if not has.any():
            break
        septet = (numbers[has] >> np.uint64(7 * at)) & np.uint64(0x7F)
        out[starts[has] + at] = septet | np.where(lengths[has] > at + 1, np.uint64(0x80), np.uint64(0))
    return out.tobytes()


def _value(value: Any) -> bytes:
    """A value of a layer, with the key of its field."""
    if value.__class__ is str:
        text = value.encode("utf-8", "replace")
        size = len(text)
        if size < 126:
            return bytes((0x22, size + 2, 0x0A, size)) + text
        return _message(0x22, _message(0x0A, text))
    match value[1]:
        case bool(truth):
            return bytes((0x22, 2, 0x38, truth))
        case int(whole) if 0 <= whole < 1 << 64:
            return _message(0x22, b"\x28" + _varint(whole))
        case int(whole) if -(1 << 63) <= whole < 0:
            return _message(0x22, b"\x30" + _varint((-whole << 1) - 1))
        case number:
            return b"\x22\x09\x19" + _double(number)


def _text(key: int, text: str) -> bytes:
    return _message(key, text.encode("utf-8", "replace"))


def _message(key: int, body: bytes) -> bytes:
    return bytes((key,)) + _varint(len(body)) + body


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)
