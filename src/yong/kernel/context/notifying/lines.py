"""Delivery: the notifications of a subscription go one after the other, and no line waits for another.

A line that fails waits longer and longer. While it fails it works in a few places of its own, so that a thousand
subscribers that hang cannot take those of the others; and no host, however many subscriptions go there, takes
more than a share. What a line cannot hold in memory stays in its table.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from datetime import timedelta

import structlog
from prometheus_client import Counter

from yong.kernel.base import clock
from yong.kernel.base.city import City
from yong.kernel.context.notifying import store
from yong.kernel.context.notifying.contracts import Key, Note
from yong.kernel.context.notifying.matching import Watcher
from yong.kernel.context.notifying.senders import Failed, Senders, host_of
from yong.kernel.context.notifying.store import Outcome
from yong.kernel.store.database import Database

_log = structlog.get_logger("notifications")

SENT = Counter("yong_notifications", "Attempts to deliver notifications of subscriptions", ["outcome"])

IN_MEMORY = 50  # notifications of one line
AT_ONCE, OF_FAILING, TO_A_HOST = 500, 100, 100  # deliveries under way
WAIT_S, LONGEST_WAIT_S = 1.0, 300.0
_FLUSH_S, _IN_FLUSH = 0.02, 2000


class _Line:
    """What waits for one subscription."""

    __slots__ = ("again", "falls", "missed", "more", "notes", "task")

    def __init__(self) -> None:
        self.notes: deque[Note] = deque()
        self.more = False  # there are others in the table behind these
        self.missed = False  # and some came while it was read
        self.falls = 0  # failures in a row
        self.task: asyncio.Task[None] | None = None
        self.again: asyncio.TimerHandle | None = None


class Lines:
    """All lines of this process. `watcher` finds a subscription; None when it is gone."""

    def __init__(self, city: City, watcher: Callable[[Key], Watcher | None]) -> None:
        self._city, self._watcher = city, watcher
        self._lines: dict[Key, _Line] = {}
        self._senders = Senders(city.settings)
        self._well, self._failing = asyncio.Semaphore(AT_ONCE), asyncio.Semaphore(OF_FAILING)
        self._hosts: dict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(TO_A_HOST))
        self._outcomes: list[Outcome] = []
        self.stopped = False
        self._told, self._settling = asyncio.Event(), asyncio.Lock()

    async def load(self) -> None:
        """Take up what waits in the table, as after a restart."""
        now = clock.now()
        for key, due_at in await store.lines(self._city[Database]):
            line = self._lines.setdefault(key, _Line())
            line.more = True
            self._later(key, line, max(0.0, (due_at - now).total_seconds()) if due_at else 0.0)

    def offer(self, notes: Iterable[Note]) -> None:
        """Take up notifications that were committed."""
        for note in notes:
            line = self._lines.setdefault(note.key, _Line())
            if line.more or len(line.notes) >= IN_MEMORY:
                line.more = line.missed = True
            else:
                line.notes.append(note)
            if line.task is None and line.again is None:
                self._begin(note.key, line)

    def revive(self, key: Key) -> None:
        """Look into the table again, at once: a person put something back, or changed the endpoint."""
        line = self._lines.setdefault(key, _Line())
        line.more, line.falls = True, 0
        if line.again is not None:
            line.again.cancel()
            line.again = None
        if line.task is None:
            line.notes.clear()
            self._begin(key, line)

    def drop(self, key: Key) -> None:
        """Forget a subscription that is gone; what is under way for it ends by itself."""
        line = self._lines.pop(key, None)
        if line is not None:
            line.notes.clear()
            line.more = False
            if line.again is not None:
                line.again.cancel()

    async def keep_settling(self) -> None:
        """Write what became of deliveries, many at a time, until stopped; the last ones are written."""
        while not self.stopped:
            await self._told.wait()
            await asyncio.sleep(_FLUSH_S)
            self._told.clear()
            await self._settle()

    def stop(self) -> None:
        """Let no delivery begin any more."""
        self.stopped = True
        self._told.set()
        for line in self._lines.values():
            if line.again is not None:
                line.again.cancel()

    async def close(self) -> None:
        """Hang up. What is under way then counts as not delivered."""
        await self._senders.close()

    async def _settle(self) -> None:
        async with self._settling:
            while self._outcomes:
                part = self._outcomes[:_IN_FLUSH]
                async with self._city[Database].transaction() as connection:
                    await store.settle(connection, part)
                del self._outcomes[: len(part)]

    def _begin(self, key: Key, line: _Line) -> None:
        line.again = None
        line.task = asyncio.create_task(self._work(key, line))

    def _later(self, key: Key, line: _Line, wait_s: float) -> None:
        line.again = asyncio.get_running_loop().call_later(wait_s, self._begin, key, line)

    async def _work(self, key: Key, line: _Line) -> None:
        """Deliver a line until it is empty or fails."""
        try:
            wait_s = await self._emptied(key, line)
        except asyncio.CancelledError:
            raise
        except Exception as error:
            _log.warning("a line stopped, trying again", subscription=key[1], error=repr(error))
            line.notes.clear()
            line.more = True
            wait_s = WAIT_S
        line.task = None
        if self.stopped or self._lines.get(key) is not line:
            return
        if wait_s is not None:
            self._later(key, line, wait_s)
        elif not line.notes and not line.more:
            del self._lines[key]

    async def _emptied(self, key: Key, line: _Line) -> float | None:
        """None when nothing is left, else the seconds until the next try."""
        while (line.notes or line.more) and not self.stopped:
            if not line.notes:
                await self._refill(key, line)
                continue
            watcher = self._watcher(key)
            if watcher is None:
                return None
            note = line.notes[0]
            failure = await self._delivered(watcher, note, failing=line.falls > 0)
            line.falls = line.falls + 1 if failure else 0
            outcome, wait_s = self._outcome(watcher, note, failure, line.falls)
            self._outcomes.append(outcome)
            self._told.set()
            if failure is None or outcome.again_at is None:
                if line.notes and line.notes[0] is note:
                    line.notes.popleft()
            else:
                note.attempts += 1
            if wait_s is not None:
                return wait_s
        return None

    async def _refill(self, key: Key, line: _Line) -> None:
        """Read what lies in the table behind what was delivered, once that is written."""
        await self._settle()
        line.missed = False
        notes = await store.waiting(self._city[Database], key, IN_MEMORY)
        line.more = line.missed or len(notes) == IN_MEMORY
        line.notes.extend(notes)

    async def _delivered(self, watcher: Watcher, note: Note, *, failing: bool) -> str | None:
        """Why it was not delivered, None when it was."""
        endpoint = watcher.wanted.endpoint
        async with self._hosts[host_of(endpoint)], self._failing if failing else self._well:
            try:
                await self._senders.send(watcher.subscription, endpoint, note)
            except Failed as error:
                SENT.labels("failed").inc()
                return str(error)
        SENT.labels("delivered").inc()
        return None

    def _outcome(
        self, watcher: Watcher, note: Note, failure: str | None, falls: int
    ) -> tuple[Outcome, float | None]:
        now = clock.now()
        if failure is None:
            return Outcome(note, now), None
        wait_s = max(
            watcher.wanted.endpoint.cooldown_s, min(LONGEST_WAIT_S, WAIT_S * 2 ** min(falls - 1, 20))
        )
        again_at = now + timedelta(seconds=wait_s)
        if again_at > note.made_at + timedelta(hours=self._city.settings.notification_hours):
            SENT.labels("dead").inc()
            return Outcome(note, now, failure), wait_s
        return Outcome(note, now, failure, again_at), wait_s
