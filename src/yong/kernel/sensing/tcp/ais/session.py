"""The connection of an AIS receiver that pushes what it hears to us.

Receivers say nothing of themselves, so the first line is a proprietary sentence of ours, `$PYNG,<thing>,<word>`
(`*` and a checksum may follow), answered with `$PYNG,OK` or `$PYNG,NO`; what comes before it is dropped. The
receiver is the thing, and what it says of ships is kept with its name (`heardBy`). Nothing else is answered: AIS
has no acknowledgements, and a receiver repeats nothing.
"""

import re
import string
from collections.abc import Sequence
from functools import reduce
from operator import xor

from yong.kernel.base.errors import TooLarge
from yong.kernel.base.text import Text
from yong.kernel.sensing.tcp.ais.feed import Feed
from yong.kernel.sensing.tcp.ais.sentence import LINE_BYTES
from yong.kernel.sensing.tcp.contracts import (
    Close,
    Identify,
    LayAside,
    Listener,
    Report,
    Send,
    Session,
    Skipped,
    Step,
    Word,
)

_SIGN_ON = re.compile(
    rb"\$(PYNG,([A-Za-z0-9][A-Za-z0-9_.:-]{0,127}),([A-Za-z0-9]{1,64}))(?:\*([0-9A-Fa-f]{2}))?\r?"
)


class Receiver(Session):
    """A connection."""

    def __init__(self) -> None:
        self._feed = Feed()
        self._thing = ""

    def receive(self, data: bytes, now_us: int) -> Sequence[Step]:
        try:
            heard = self._feed.take(data, now_us)
        except TooLarge:
            return [Close("frame-too-long")]
        steps: list[Step] = [step for line in heard.other for step in self._other(line)]
        if heard.skipped:
            steps.append(Skipped(heard.skipped))
        if self._thing:
            steps += [LayAside(self._thing, payload, reason) for payload, reason in heard.aside]
            steps += [Report(self._thing, payload) for payload in heard.payloads]
        return steps

    def admitted(self, thing: str) -> Sequence[Step]:
        return [Send(sentence(b"PYNG,OK"))]

    def refused(self, thing: str) -> Sequence[Step]:
        self._thing = ""
        return [Send(sentence(b"PYNG,NO"))]

    def pending(self) -> int:
        return self._feed.pending

    def _other(self, line: bytes) -> Sequence[Step]:
        if line.startswith(b"$") and not line.startswith(b"$PYNG"):
            return ()  # the receiver's own position, its health, another maker's words
        found = _SIGN_ON.fullmatch(line)
        if found is None or (found[4] and reduce(xor, found[1]) != int(found[4], 16)):
            return [Skipped(len(line) + 1)]
        self._thing = found[2].decode()
        return [Identify(self._thing, found[3].decode())]


def sentence(body: bytes) -> bytes:
    """A sentence with its checksum."""
    return b"$%b*%02X\r\n" % (body, reduce(xor, body))


LISTENER = Listener(
    name="ais",
    title=Text("AIS 接收站（推送）", "AIS receivers that push"),
    session=Receiver,
    word=Word(alphabet=string.ascii_letters + string.digits, length=32),
    frame_bytes=LINE_BYTES,
)
