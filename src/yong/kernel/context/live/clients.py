"""One client: who asked and what for, and what waits for it."""

import asyncio
from collections.abc import Mapping

import msgspec
from prometheus_client import Counter

from yong.kernel.access.contracts import Caller
from yong.kernel.context.live.casting import Shape
from yong.kernel.context.live.frames import Told, Waiting
from yong.kernel.context.live.wanted import Wanted

COALESCED = Counter("yong_live_coalesced", "Changes that a newer one took in, as their client reads slowly")
RESETS = Counter("yong_live_resets", "Times that a client was told to read the state anew", ["reason"])


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A request to follow: `headers` are those that say who asks, looked at again and again while it lasts.

    `account` counts how often somebody follows. `last` is the id of the last event that was read, `seconds` how long
    the stream lasts (None: until either side ends it).
    """

    caller: Caller
    headers: Mapping[str, str]
    account: str
    wanted: Wanted
    tenant: str = ""
    last: str | None = None
    seconds: int | None = None


class Client:
    """A stream under way."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.caller = asked.caller  # as it stands now
        self.waiting = Waiting()
        self.wake = asyncio.Event()
        self.shape: Shape | None = None  # None before it is told anything
        self.ended = False

    def offer(self, told: Told) -> None:
        """Let a batch wait for it."""
        before = self.waiting.coalesced
        if not self.waiting.put(told):
            RESETS.labels("slow").inc()
        if self.waiting.coalesced > before:
            COALESCED.inc(self.waiting.coalesced - before)
        self.wake.set()

    def reset(self, reason: str) -> None:
        """Drop what waits and have the client read the state anew."""
        RESETS.labels(reason).inc()
        self.waiting.clear(reason)
        self.wake.set()

    def end(self) -> None:
        """Let nothing leave any more."""
        self.ended = True
        self.wake.set()
