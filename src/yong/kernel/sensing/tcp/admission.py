"""Who may speak: registered things with the word enrolled for them, and how guessing is slowed.

Questions are answered in groups, so that a wave of reconnections costs few round trips. While the database is
away nobody is admitted; who waits is let go by the time to identify.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Protocol

import structlog

from yong.kernel.base.city import City
from yong.kernel.sensing.service import Things
from yong.kernel.sensing.tcp import words
from yong.kernel.sensing.tcp.contracts import Identify
from yong.kernel.store.database import TROUBLE, Database

log = structlog.get_logger(__name__)

LARGEST_GROUP = 500
ADDRESS_FACTOR = (
    10  # wrong words of an address, in units of a thing's: stations share an address behind a NAT
)
_REMEMBERED = 100_000


class Asking(Protocol):
    """A connection that asks."""

    listener_name: str
    address: str

    def judged(self, asked: Identify, wrong: str) -> None:
        """The verdict: what is wrong with it, "" when nothing is."""
        ...


class Lockout:
    """Wrong words, counted for the thing at that address, for the address, and for the thing anywhere.

    `attempts` wrong ones lock a thing at an address; ten times as many lock the address, or the thing for every
    address but the one where it was admitted last. A good word clears the thing's count at its address. Locks
    end `lock_s` after the last wrong word that counted.
    """

    def __init__(self, attempts: int, lock_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._attempts, self._lock_s, self._clock = attempts, lock_s, clock
        self._wrong: OrderedDict[tuple[str, str], tuple[int, float]] = OrderedDict()
        self._home: OrderedDict[str, str] = OrderedDict()

    def locked(self, address: str, thing: str = "") -> bool:
        """Whether an address (and a thing there) must wait."""
        many = self._attempts * ADDRESS_FACTOR
        if self._count(address, "") >= many:
            return True
        if not thing:
            return False
        if self._count(address, thing) >= self._attempts:
            return True
        return self._count("", thing) >= many and self._home.get(thing) != address

    def wrong(self, address: str, thing: str) -> None:
        """A wrong word was said."""
        for key in ((address, thing), (address, ""), ("", thing)):
            self._wrong[key] = (self._count(*key) + 1, self._clock() + self._lock_s)
            self._wrong.move_to_end(key)
        while len(self._wrong) > _REMEMBERED:
            self._wrong.popitem(last=False)

    def good(self, address: str, thing: str) -> None:
        """The right word was said."""
        self._wrong.pop((address, thing), None)
        self._home[thing] = address
        self._home.move_to_end(thing)
        while len(self._home) > _REMEMBERED:
            self._home.popitem(last=False)

    def _count(self, address: str, thing: str) -> int:
        count, until = self._wrong.get((address, thing), (0, 0.0))
        return count if until > self._clock() else 0


class Admission:
    """Answers what connections ask."""

    def __init__(self, city: City) -> None:
        settings = city.settings
        self.lockout = Lockout(settings.lockout_attempts, settings.lockout_minutes * 60)
        self._city, self._key = city, words.key(city)
        self._asked: list[tuple[Asking, Identify]] = []
        self._ready = asyncio.Event()

    def ask(self, connection: Asking, asked: Identify) -> None:
        """Answered by `connection.judged`, later."""
        self._asked.append((connection, asked))
        self._ready.set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self._ready.wait()
            self._ready.clear()
            while self._asked:
                group = self._asked[:LARGEST_GROUP]
                try:
                    verdicts = await self._judge(group)
                except TROUBLE as error:
                    log.warning("nobody can be admitted", error=type(error).__name__)
                    await asyncio.sleep(0.5)
                    continue
                del self._asked[: len(group)]
                for (connection, asked), wrong in zip(group, verdicts, strict=True):
                    connection.judged(asked, wrong)

    async def _judge(self, group: list[tuple[Asking, Identify]]) -> list[str]:
        registered = await self._city[Things].of(self._city[Database], {asked.thing for _, asked in group})
        good = await words.verify(
            self._city, self._key, [(c.listener_name, asked.thing, asked.word or "") for c, asked in group]
        )
        out: list[str] = []
        for (connection, asked), right in zip(group, good, strict=True):
            if self.lockout.locked(connection.address, asked.thing):
                out.append("locked")
            elif asked.thing not in registered:
                out.append("not-registered")
            elif not right:
                self.lockout.wrong(connection.address, asked.thing)
                out.append("wrong-word")
            else:
                self.lockout.good(connection.address, asked.thing)
                out.append("")
        return out
