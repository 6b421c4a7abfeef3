"""The bytes of the stream, shared by all who are told the same, and what waits for one client.

An event is `event: changed` or `deleted` with JSON in one line of `data`. The last event of what is sent together
carries the `id`: a reader that was cut off in between is told the whole again, and none of it is lost.
"""

from collections.abc import Iterable, Sequence

import msgspec

_encode = msgspec.json.Encoder().encode
COALESCE_BYTES = 128 << 10  # waiting; from here on only the newest of each entity is kept
MOST_BYTES = 512 << 10  # waiting; beyond, a reset takes its place
RETRY = b"retry: 2000\n\n"


class Frame:
    """One event about one entity. `parts` are its attributes, each as JSON, by name."""

    __slots__ = ("_bytes", "_head", "gone", "key", "parts")

    def __init__(
        self,
        key: str,
        head: dict[str, object],
        parts: dict[str, bytes] | None = None,
        *,
        gone: bool = False,
    ) -> None:
        self.key, self.parts, self.gone = key, parts, gone
        self._head = head
        self._bytes: bytes | None = None

    @property
    def bytes(self) -> bytes:
        """The event without the empty line that ends it."""
        if self._bytes is None:
            head = _encode(self._head)
            if self.parts is not None:
                body = b",".join(_encode(name) + b":" + part for name, part in self.parts.items())
                head = head[:-1] + b',"attributes":{' + body + b"}}"
            self._bytes = (
                (b"event: deleted\ndata: " if self.gone else b"event: changed\ndata: ") + head + b"\n"
            )
        return self._bytes

    def over(self, older: "Frame") -> "Frame":
        """This change and the attributes of an older one of the same entity that it says nothing of."""
        if older.parts is None or self.parts is None:
            return self
        return Frame(self.key, self._head, {**older.parts, **self.parts})


class Told:
    """What a batch tells to all who follow the same: its events and the id that ends them."""

    __slots__ = ("_bytes", "frames", "size", "tail")

    def __init__(self, frames: Sequence[Frame], position: str) -> None:
        self.frames = frames
        self.tail = b"id: " + position.encode() + b"\n\n"
        self.size = sum(len(frame.bytes) for frame in frames) + len(self.tail)
        self._bytes: bytes | None = None

    @property
    def bytes(self) -> bytes:
        if self._bytes is None:
            self._bytes = joined(self.frames) + self.tail
        return self._bytes


def joined(frames: Iterable[Frame]) -> bytes:
    """Events, the last one without the line that ends it."""
    return b"\n".join([frame.bytes for frame in frames])


def reset(reason: str, position: str | None = None) -> bytes:
    """The event that says: read the state anew, for this reason."""
    tail = f"id: {position}\n\n" if position else "\n"
    return f'event: reset\ndata: {{"reason":"{reason}"}}\n{tail}'.encode()


class Waiting:
    """What waits for one client, within bounds: all as it came, then the newest of each entity, then a reset."""

    def __init__(self) -> None:
        self.coalesced = 0  # changes that newer ones took in
        self.reason: str | None = None  # of a reset that is told before all else
        self._told: list[Told] = []
        self._newest: dict[str, tuple[Frame, ...]] | None = None
        self._size = 0
        self._tail = b""

    def __bool__(self) -> bool:
        return bool(self._told or self._newest or self.reason)

    def put(self, told: Told) -> bool:
        """Add a batch; False when it was too much and a reset waits instead."""
        self._tail = told.tail
        if self._newest is None:
            self._told.append(told)
            self._size += told.size
            if self._size <= COALESCE_BYTES or len(self._told) == 1:
                return True
            self._newest, self._size = {}, 0
            batches, self._told = self._told, []
        else:
            batches = [told]
        for batch in batches:
            for frame in batch.frames:
                self._merge(frame)
        if self._size <= MOST_BYTES:
            return True
        self.clear("slow")
        return False

    def clear(self, reason: str) -> None:
        """Drop what waits: the client is to read the state anew, for this reason."""
        self._told, self._newest, self._size = [], None, 0
        self.reason = reason

    def take(self, position: str) -> tuple[bytes, int]:
        """All that waits and how many events that is; a reset carries `position`, where the stream stands."""
        events, pieces = 0, []
        if self.reason is not None:
            events, pieces = 1, [reset(self.reason, position)]
        if self._newest is not None:
            frames = [frame for several in self._newest.values() for frame in several]
            pieces.append(joined(frames) + self._tail)
            events += len(frames)
        else:
            pieces += [told.bytes for told in self._told]
            events += sum(len(told.frames) for told in self._told)
        self.reason, self._told, self._newest, self._size = None, [], None, 0
        return (pieces[0] if len(pieces) == 1 else b"".join(pieces)), events

    def _merge(self, frame: Frame) -> None:
        assert self._newest is not None
        known = self._newest.pop(frame.key, ())
        self._size -= sum(len(one.bytes) for one in known)
        self.coalesced += bool(known)
        if frame.gone or not known:
            fresh: tuple[Frame, ...] = (frame,)
        elif known[-1].gone:
            fresh = (*known, frame)  # deleted, and made again
        else:
            fresh = (*known[:-1], frame.over(known[-1]))
        self._newest[frame.key] = fresh
        self._size += sum(len(one.bytes) for one in fresh)
