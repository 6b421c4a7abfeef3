"""One connection: bytes to its session, steps in their order, limits, and answers when they are due."""

import asyncio
import re
from collections import deque
from typing import TYPE_CHECKING, cast

import structlog

from yong.kernel.base import clock
from yong.kernel.sensing.contracts import Incoming
from yong.kernel.sensing.tcp.committer import Held
from yong.kernel.sensing.tcp.contracts import (
    Answered,
    Close,
    Identify,
    LayAside,
    Listener,
    Order,
    Report,
    Send,
    Skipped,
    Step,
)

if TYPE_CHECKING:
    from yong.kernel.sensing.tcp.server import Server

log = structlog.get_logger(__name__)

_THING = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}")
_QUIET = frozenset({"left", "replaced", "idle", "done", "stopped", "lost"})  # ends that are nobody's fault


class Connection(asyncio.Protocol):
    """Made by the server for every connection that a listener accepts."""

    def __init__(self, server: "Server", listener: Listener) -> None:
        self.listener, self.listener_name = listener, listener.name
        self.address = ""
        self.things: dict[str, str | None] = {}  # admitted, with the word they said
        self.reason = ""  # why it ends, "" while it goes on
        self._server = server
        self._session = listener.session()
        self._transport: asyncio.Transport | None = None
        self._steps: deque[Step] = deque()
        self._asking = False
        self._held = 0  # reported and not yet committed
        self._aside = 0  # dead letters without a report since
        self._skipped = 0  # bytes without a frame since
        self._paused = False
        self._blocked_at: float | None = None  # the device does not read what we send
        now = server.now()
        self._began = self._heard = self._tokens_at = now
        self._partial_at: float | None = None  # since when a frame has not ended
        self._ended_at: float | None = None
        self._eof = False
        self._tokens = float(server.limits.burst_bytes)

    # ------------------------------------------------------------ the transport's calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports do not derive from asyncio's classes, so there is nothing to check.
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(high=self._server.limits.send_bytes)
        peer = self._transport.get_extra_info("peername")
        self.address = str(peer[0]) if peer else ""
        wrong = self._server.came(self)
        if wrong:
            self.end(wrong)

    def connection_lost(self, exc: Exception | None) -> None:
        self.reason = self.reason or ("lost" if exc else "left")
        self._steps.clear()
        self._transport = None
        self._server.went(self)
        (log.debug if self.reason in _QUIET else log.info)(
            "a device's connection ended",
            listener=self.listener.name,
            address=self.address,
            things=sorted(self.things)[:3],
            reason=self.reason,
            seconds=round(self._server.now() - self._began, 1),
        )

    def eof_received(self) -> bool:
        """The device says no more; what it said is still committed and answered."""
        self._eof = True
        self._go()
        return self._transport is not None and self._transport.get_extra_info("ssl_object") is None

    def pause_writing(self) -> None:
        self._blocked_at = self._server.now()
        self._breathe()

    def resume_writing(self) -> None:
        self._blocked_at = None
        self._breathe()

    def data_received(self, data: bytes) -> None:
        now = self._server.now()
        limits = self._server.limits
        self._heard = now
        self._tokens = min(
            float(limits.burst_bytes), self._tokens + (now - self._tokens_at) * limits.bytes_per_s
        )
        self._tokens -= len(data)
        self._tokens_at = now
        self._server.heard(self, len(data))
        if self.reason:
            return
        try:
            steps = self._session.receive(data, clock.micros(clock.now()))
        except Exception as error:  # a session's mistake ends its own connection, never the listener
            log.error("a session failed", listener=self.listener.name, exc_info=error)
            self.end("session-failed")
            return
        pending = self._session.pending()
        if not pending:
            self._partial_at = None
        elif steps or self._partial_at is None:
            self._partial_at = now
        self._steps.extend(steps)
        self._go()
        if pending > self.listener.frame_bytes:
            self.end("frame-too-long")
        self._breathe()

    # ------------------------------------------------------------ steps

    def _go(self) -> None:
        while self._steps and not self._asking and not self.reason:
            self._take(self._steps.popleft())
        if self._eof and not self._asking:
            self.end("left")

    def _take(self, step: Step) -> None:
        match step:
            case Identify():
                self._identify(step)
            case Report():
                self._skipped = self._aside = 0
                if step.thing in self.things:
                    self._hold(
                        step, Incoming(step.adapter or self.listener.name, step.thing, step.payload, _now())
                    )
                else:
                    self.end("not-admitted")
            case Send():
                self.send(step.data)
            case LayAside():
                self._lay_aside(step)
            case Answered():
                if step.thing in self.things:
                    self._hold(step, Incoming(self.listener.name, step.thing, b"", _now()))
            case Skipped():
                self._skipped += step.count
                self._server.skipped(self, step.count)
                if self._skipped > self._server.limits.skipped_bytes:
                    self.end("rubbish")
            case Close():
                self.end(step.reason)

    def _identify(self, step: Identify) -> None:
        if step.thing in self.things and self.things[step.thing] == step.word:
            return
        if not _THING.fullmatch(step.thing):
            self._refuse(step, "not-registered")
        elif step.thing not in self.things and len(self.things) >= self.listener.things:
            self._refuse(step, "too-many-things")
        else:
            self._asking = True
            self._server.admission.ask(self, step)

    def judged(self, asked: Identify, wrong: str) -> None:
        """The verdict on what this connection asked."""
        self._asking = False
        if self._transport is None or self.reason:
            return
        if wrong:
            self._refuse(asked, wrong)
        else:
            self.things[asked.thing] = asked.word
            self._server.admitted(self, asked.thing)
            self._steps.extendleft(reversed(self._session.admitted(asked.thing)))
        self._go()
        self._breathe()

    def _refuse(self, asked: Identify, wrong: str) -> None:
        self._server.refused(self, asked.thing, wrong)
        self._steps.clear()
        for step in self._session.refused(asked.thing):
            if isinstance(step, Send):
                self.send(step.data)
        self.end(wrong)

    def _lay_aside(self, step: LayAside) -> None:
        self._aside += 1
        if self._aside > self._server.limits.aside:
            self.end("unreadable")
        elif step.thing in self.things:
            assert step.thing is not None
            self._hold(step, Incoming(self.listener.name, step.thing, step.payload, _now()))
        else:
            self._server.skipped(self, len(step.payload))

    def _hold(self, step: Report | LayAside | Answered, message: Incoming) -> None:
        self._held += 1
        self._server.committer.put(Held(self, step, message))

    def committed(self, held: Held, refused: bool) -> None:
        """What this connection reported is kept: answer it."""
        self._held -= 1
        step = held.step
        if isinstance(step, Report):
            self.send(step.refused if refused else step.answer)
        elif isinstance(step, LayAside):
            self.send(step.answer)
        if self.reason:
            self._finish()
        else:
            self._breathe()

    def unkept(self, held: Held) -> None:
        """What this connection said is not kept: end without an answer, so that it is said again."""
        self._held -= 1
        self.end("not-kept")
        self._finish()

    def order(self, order: Order) -> bool:
        """Send a command; False when the protocol has none of that name. Raises Invalid for its arguments."""
        data = self._session.command(order, _now())
        if data is not None:
            self.send(data)
        return data is not None

    # ------------------------------------------------------------ going on and ending

    def send(self, data: bytes) -> None:
        """Send, unless the connection is gone."""
        if data and self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    def end(self, reason: str) -> None:
        """Take no more in; close when what is held is answered."""
        if self.reason:
            return
        self.reason = reason
        self._ended_at = self._server.now()
        self._steps.clear()
        self._pause()
        self._finish()

    def _finish(self) -> None:
        if self._transport is not None and not self._held:
            self._transport.close()

    def _breathe(self) -> None:
        """Read on, or not: when asked who it is, when too much waits, when it is too fast."""
        if self.reason or self._transport is None:
            return
        limits = self._server.limits
        if (
            self._asking
            or self._held > limits.held_of_connection
            or self._tokens < 0
            or self._blocked_at is not None
            or self._server.full
        ):
            self._pause()
        elif self._paused:
            self._paused = False
            self._transport.resume_reading()

    def _pause(self) -> None:
        if not self._paused and self._transport is not None and not self._transport.is_closing():
            self._paused = True
            self._transport.pause_reading()

    def look(self, now: float) -> None:
        """Once a second: what takes too long ends, what was too fast reads on."""
        limits = self._server.limits
        if self._transport is None:
            return
        if self._ended_at is not None:
            if now - self._ended_at > limits.close_s:
                self._transport.abort()
            return
        if self._paused:
            self._tokens = min(
                float(limits.burst_bytes), self._tokens + (now - self._tokens_at) * limits.bytes_per_s
            )
            self._tokens_at = now
            if self._held or self._server.full:
                self._heard = now  # it is we who do not listen
                if self._partial_at is not None:
                    self._partial_at = now
        if self._blocked_at is not None and now - self._blocked_at > limits.send_s:
            self.end("does-not-read")
            self._transport.abort()
        elif not self.things and now - self._began > self.listener.identify_s:
            self.end("unidentified")
        elif self._partial_at is not None and now - self._partial_at > limits.frame_s:
            self.end("slow-frame")
        elif now - self._heard > self.listener.idle_s:
            self.end("idle")
        else:
            self._breathe()


def _now() -> int:
    return clock.micros(clock.now())
