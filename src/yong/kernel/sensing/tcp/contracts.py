"""What a device protocol over TCP brings: a declaration, and a session that does no I/O.

The server (`server`) owns the sockets, the limits and the order of things; a session turns bytes into steps.
A session never waits and never raises for what a stranger sent: what it cannot read it skips, lays aside or
answers, and when there is no going on it closes. One session lives as long as its connection.

    bytes ──▶ Session.receive ──▶ Identify ──▶ (registered? credential good?) ──▶ Session.admitted / refused
                              ──▶ Report   ──▶ committed with others' ──▶ its `answer` goes to the device
                              ──▶ Send, Answered, LayAside, Close
    command ──▶ Session.command ──▶ bytes; the device's word on it comes back as Answered

Steps are taken in their order; behind an Identify they wait for the verdict, and a refusal drops them.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from yong.kernel.base.text import Text

FRAME_BYTES = 64 << 10  # a listener may say less or more


class Identify(msgspec.Struct, frozen=True):
    """A connection says which thing speaks, with the word that the protocol carries (None: it carries none).

    The server admits a registered thing whose word was enrolled for this listener. A thing that was named and
    admitted on this connection with the same word before is admitted without asking.
    """

    thing: str
    word: str | None = None


class Report(msgspec.Struct, frozen=True):
    """A message of an admitted thing for the adapter of the listener's name (or of another).

    `answer` is sent when it is committed, and also when it was a repetition; `refused` when it was laid aside
    as a dead letter, which is the end of it too: a device that is not answered sends for ever what cannot be
    read. `answer` may be empty.
    """

    thing: str
    payload: bytes
    answer: bytes = b""
    refused: bytes = b""
    adapter: str = ""


class Send(msgspec.Struct, frozen=True):
    """Bytes to send at once, for what is answered without being kept."""

    data: bytes


class Answered(msgspec.Struct, frozen=True):
    """A thing's answer to a command, by the id that the command was sent under."""

    thing: str
    command: str
    ok: bool
    facts: Mapping[str, Any] = {}


class LayAside(msgspec.Struct, frozen=True):
    """A whole frame that cannot be read: kept as a dead letter when its thing is admitted, else counted.

    `answer` is sent when it is laid aside.
    """

    thing: str | None
    payload: bytes
    reason: Text
    answer: bytes = b""


class Skipped(msgspec.Struct, frozen=True):
    """Bytes between frames, counted. A connection that brings too many without a frame is closed."""

    count: int


class Close(msgspec.Struct, frozen=True):
    """End the connection when what it reported is committed and answered. `reason` is a word for the log."""

    reason: str


Step = Identify | Report | Send | Answered | LayAside | Skipped | Close


class Order(msgspec.Struct, frozen=True):
    """A command on its way to a thing."""

    id: str
    thing: str
    name: str
    arguments: Mapping[str, Any]


class Session:
    """One connection's half of a protocol, without I/O. The base answers nothing and knows no commands."""

    def receive(self, data: bytes, now_us: int) -> Sequence[Step]:
        """Bytes as they came, however cut. `now_us` is UTC microseconds since 1970."""
        raise NotImplementedError

    def admitted(self, thing: str) -> Sequence[Step]:
        """The verdict on an Identify; its steps come before those that waited behind it."""
        return ()

    def refused(self, thing: str) -> Sequence[Step]:
        """The other verdict. The connection is closed after these steps."""
        return ()

    def command(self, order: Order, now_us: int) -> bytes | None:
        """What to send for a command; None when the protocol has no such command (it fails then).

        Raises Invalid when the arguments are wrong. The device's word on it comes back as Answered.
        """
        return None

    def pending(self) -> int:
        """Bytes held of a frame that has not ended yet: what a slow sender makes us keep."""
        return 0


class Word(msgspec.Struct, frozen=True, kw_only=True):
    """What a protocol uses as a password, so that one can be made and checked: `length` of `alphabet`."""

    alphabet: str
    length: int


class Listener(msgspec.Struct, frozen=True, kw_only=True):
    """A device protocol that things speak to a TCP port of ours. A declaration of a module's manifest.

    Its port is set by its name in the setting `tcp_ports`; without one it does not listen. A thing's id is the
    protocol's own identity of the device (the MN, the station's address, the terminal's number). `word` says
    what credential the protocol carries; None means none: then registration and the setting `tcp_networks`
    are all there is, and an operator enrols the thing for the listener.
    """

    name: str
    title: Text
    session: Callable[[], Session]
    word: Word | None = None
    frame_bytes: int = FRAME_BYTES
    idle_s: float = 900.0  # without a byte from the device
    identify_s: float = 20.0  # from the connection to the first admitted thing
    things: int = 1  # admitted on one connection; more for gateways
    replaces: bool = True  # a thing's newer connection ends its older one
