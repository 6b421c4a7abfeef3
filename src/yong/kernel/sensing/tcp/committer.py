"""What arrived on all connections, committed together, and only then answered.

A batch is whatever arrived while the one before was being committed, as with MQTT's writer. What is held is
bounded (`server` stops reading); while the database is away nothing is answered and nothing is given up.
"""

import asyncio
from collections.abc import Sequence
from typing import Protocol

import msgspec
import structlog

from yong.kernel.base.city import City
from yong.kernel.base.errors import Malformed, Unavailable, YongError
from yong.kernel.base.text import Text
from yong.kernel.sensing import commands, service
from yong.kernel.sensing.contracts import Incoming
from yong.kernel.sensing.tcp.contracts import Answered, LayAside, Report
from yong.kernel.store.database import AWAY, Database

log = structlog.get_logger(__name__)

LARGEST_BATCH = 5_000
PACE_S = 0.03  # a batch at most so often: a commit costs the same for one reading and for hundreds
RETRY_S = 0.2
LONGEST_RETRY_S = 2.0
_BROKEN = Text("此消息无法提交", "This message could not be committed")
_AWAY = (Unavailable, *AWAY)


class Waiting(Protocol):
    """A connection that waits for a commit."""

    def committed(self, held: "Held", refused: bool) -> None:
        """What it held is kept; `refused`: as a dead letter."""
        ...

    def unkept(self, held: "Held") -> None:
        """What it held cannot be kept in any way, and must not be answered."""
        ...


class Held(msgspec.Struct):
    """Something reported and not yet committed."""

    connection: Waiting
    step: Report | LayAside | Answered
    message: Incoming  # of an Answered it is empty

    @property
    def size(self) -> int:
        return len(self.message.payload)


class Committer:
    """One for all listeners of a process."""

    def __init__(self, city: City) -> None:
        self.bytes = 0  # held
        self.batches = 0
        self._city = city
        self._held: list[Held] = []
        self._count = 0
        self._ready = asyncio.Event()
        self._empty = asyncio.Event()
        self._empty.set()

    def __len__(self) -> int:
        return self._count

    def put(self, held: Held) -> None:
        """Commit this with what else there is, and tell its connection."""
        self._held.append(held)
        self._count += 1
        self.bytes += held.size
        self._empty.clear()
        self._ready.set()

    async def drained(self) -> None:
        """Wait until everything is committed."""
        await self._empty.wait()

    async def run(self) -> None:
        """Until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            await self._ready.wait()
            self._ready.clear()
            while self._held:
                began = loop.time()
                batch, self._held = self._held[:LARGEST_BATCH], self._held[LARGEST_BATCH:]
                await self._finish(batch)
                self.batches += 1
                if len(batch) < LARGEST_BATCH:
                    await asyncio.sleep(max(0.0, began + PACE_S - loop.time()))
            if not self._count:
                self._empty.set()

    async def _finish(self, batch: list[Held]) -> None:
        """Commit until it is done."""
        delay = RETRY_S
        while True:
            try:
                refused = await commit(self._city, batch)
                break
            except _AWAY as error:
                log.warning("reports wait for the database", reports=len(batch), error=type(error).__name__)
                await asyncio.sleep(delay)
                delay = min(LONGEST_RETRY_S, delay * 2)
            except Exception as error:  # one message must not stop the others
                if len(batch) > 1:
                    log.error("a batch could not be committed", reports=len(batch), exc_info=error)
                    for one in batch:
                        await self._finish([one])
                    return
                await self._set_aside(batch[0], error)
                return
        for index, held in enumerate(batch):
            self._let_go(held)
            held.connection.committed(held, index in refused)

    async def _set_aside(self, held: Held, error: Exception) -> None:
        """Keep as a dead letter what cannot be committed otherwise; not answered when that fails, too."""
        log.error("a report could not be committed", adapter=held.message.adapter, exc_info=error)
        step = held.step
        if isinstance(step, Report):
            aside = LayAside(step.thing, step.payload, _BROKEN, step.refused)
            await self._finish([Held(held.connection, aside, held.message)])
        else:
            self._let_go(held)
            held.connection.unkept(held)

    def _let_go(self, held: Held) -> None:
        self._count -= 1
        self.bytes -= held.size


async def commit(city: City, batch: Sequence[Held]) -> set[int]:
    """Commit reports, dead letters and commands' answers in one transaction; which reports were laid aside."""
    reports = [i for i, held in enumerate(batch) if isinstance(held.step, Report)]
    aside = [i for i, held in enumerate(batch) if isinstance(held.step, LayAside)]
    answers = [_answer(held.step) for held in batch if isinstance(held.step, Answered)]
    messages = [batch[i].message for i in reports]
    taken = await service.take(city, messages)
    errors: dict[int, YongError] = dict(taken.dead)
    for index in aside:
        step = batch[index].step
        errors[len(messages)] = Malformed(step.reason if isinstance(step, LayAside) else _BROKEN)
        messages.append(batch[index].message)
    taken.messages, taken.dead = messages, errors
    async with city[Database].transaction() as connection:
        committed = await service.write(city, connection, taken)
        if answers:
            await commands.acknowledge(connection, answers)
    service.settle(city, committed)
    order = reports + aside
    return {order[i] for i in committed.errors}


def _answer(step: Answered) -> tuple[str, bytes]:
    return step.thing, msgspec.json.encode({**step.facts, "id": step.command, "ok": step.ok})
