"""A receiver's byte stream as payloads for the adapter: checked, put together, thinned out. Without I/O."""

from collections import OrderedDict
from collections.abc import Sequence

import msgspec

from yong.kernel.base.errors import Malformed, YongError
from yong.kernel.base.text import Text
from yong.kernel.sensing.tcp.ais import ships
from yong.kernel.sensing.tcp.ais.sentence import LINE_BYTES, Assembler, Lines, Said, parse

INTERVAL_S = 10.0
AGAIN_S = 3600.0  # what did not change is told again after this
REMEMBERED = 50_000  # senders
MESSAGES = 200  # in one payload


class Thinner:
    """Keeps of each sender one position in `interval_s` seconds, and of what does not move only changes.

    A ship under way says where it is every 2 to 10 seconds (ITU-R M.1371-5, annex 1), a busy port's receiver
    passes on thousands of sentences a second. At 0 every position is kept.
    """

    def __init__(self, interval_s: float = INTERVAL_S) -> None:
        self._interval_s = interval_s
        self._kept: OrderedDict[tuple[int, int], tuple[float, bytes]] = OrderedDict()

    def keep(self, said: Said, now: float) -> bool:
        """Whether this message counts."""
        moves = said.type in ships.POSITIONS and said.type not in (4, 21)
        # the two parts of a type 24 message are told apart by the two bits behind the MMSI, in the 7th character
        kind = 0 if moves else said.type << 8 | (said.payload[6] & 3 if said.type == 24 else 0)
        key = (said.mmsi, kind)
        at, payload = self._kept.get(key, (float("-inf"), b""))
        if moves:
            if now - at < self._interval_s:
                return False
        elif payload == said.payload and now - at < AGAIN_S:
            return False
        self._kept[key] = now, b"" if moves else said.payload
        self._kept.move_to_end(key)
        if len(self._kept) > REMEMBERED:
            self._kept.popitem(last=False)
        return True


class Heard(msgspec.Struct):
    """What a piece of stream brought: payloads for the adapter, messages that cannot be read, bytes of no use."""

    payloads: list[bytes]
    aside: list[tuple[bytes, Text]]
    other: list[bytes]  # lines that are no sentences of AIS
    skipped: int = 0


class Feed:
    """One receiver's stream. `now_us` is UTC microseconds."""

    def __init__(self, interval_s: float = INTERVAL_S) -> None:
        self._lines, self._assembler, self._thinner = Lines(), Assembler(), Thinner(interval_s)

    @property
    def pending(self) -> int:
        """Bytes of a line that has not ended."""
        return self._lines.pending

    def take(self, data: bytes, now_us: int) -> Heard:
        """Take bytes, however cut. Raises TooLarge for a line without an end."""
        heard = Heard([], [], [])
        now = now_us / 1e6
        kept: list[Said] = []
        for line in self._lines.feed(data):
            try:
                if len(line) > LINE_BYTES:
                    raise Malformed(_LONG)
                part = parse(line)
            except YongError:
                heard.skipped += len(line) + 1
                continue
            if part is None:
                if line.strip():
                    heard.other.append(line)
                continue
            said = self._assembler.add(part, now)
            if said is None or said.type not in ships.KNOWN or not self._thinner.keep(said, now):
                continue
            try:
                if ships.decode(said, now_us)[2]:
                    kept.append(said)
            except YongError as error:
                heard.aside.append((joined([said]), error.detail))
        heard.payloads = [joined(kept[i : i + MESSAGES]) for i in range(0, len(kept), MESSAGES)]
        return heard


def joined(messages: Sequence[Said]) -> bytes:
    """Messages as the adapter takes them."""
    return b"\r\n".join(line for said in messages for line in said.lines)


_LONG = Text("行过长", "The line is too long")
