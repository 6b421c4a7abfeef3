"""An install under load: doors opened, devices at work, and whether everything goes on."""

import asyncio
import contextlib
import random
import time
from collections.abc import AsyncIterator, Callable

import asyncpg
import httpx
from tests.chaos.book import Excuse
from tests.chaos.doors import DOORS, Door, Hj212, Http, Jtt808, Mqtt, NgsiLd, Trespasser
from tests.chaos.instance import PATIENCE_S, Install
from tests.chaos.means import Ballast, Clock
from tests.chaos.told import Heard, Subscriber

from bench import install as bench
from yong.app import bootstrap, condition
from yong.kernel.access.api import system_caller
from yong.kernel.base.city import City
from yong.kernel.records import api as records
from yong.kernel.records.contracts import Format
from yong.kernel.sensing import api as sensing
from yong.kernel.store import place

Tell = Callable[[str], None]
SLOW_S = 3.0  # then it is told who waited


class Trial:
    """What a fault is given: the install to hurt and the doors that must go on."""

    def __init__(self, install: Install, tell: Tell, seed: int) -> None:
        self.install, self.tell = install, tell
        self.chance = random.Random(seed)  # an order of faults, no secret
        self.doors: list[Door] = []
        self.subscriber = Subscriber(install, seed)
        self.excuse: Excuse | None = None  # when the bus lost its folder
        self.ballast: Ballast | None = None  # where the disk is small
        self.clock: Clock | None = None  # where it can be set
        self.slowest_s = 0.0
        self._tasks: list[asyncio.Task[None]] = []

    @contextlib.asynccontextmanager
    async def under_load(self) -> AsyncIterator[None]:
        """Devices at every door for as long as the block lasts. At its end the books are closed."""
        self.doors = await _furnished(self.install, self.subscriber)
        stop = asyncio.Event()
        tasks = self._tasks = [task for door in self.doors for task in door.running(stop)]
        try:
            await self.recovered({}, "the start")
            yield
            stop.set()
            done, left = await asyncio.wait(tasks, timeout=PATIENCE_S)
            assert not left, f"{len(left)} devices wait for ever"
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def counts(self) -> dict[Door, dict[str, int]]:
        """How many readings each device has acknowledged, by door."""
        return {door: door.book.counts() for door in self.doors}

    @property
    def acknowledged(self) -> int:
        return sum(door.book.total for door in self.doors)

    async def recovered(self, before: dict[Door, dict[str, int]], what: str) -> None:
        """Wait until the install is open and readings of every device are acknowledged and shown again."""
        began = time.monotonic()
        await self.install.open()
        waited = ""
        while time.monotonic() < began + PATIENCE_S:
            for task in self._tasks:
                if task.done():
                    task.result()  # a device heard what it must not hear
            waiting = await self._waiting(before)
            if not waiting:
                took = time.monotonic() - began
                self.slowest_s = max(self.slowest_s, took)
                last = f" ({waited} last)" if took > SLOW_S and waited else ""
                self.tell(
                    f"{what}: everybody goes on after {took:.1f} s{last}; {self.acknowledged} acknowledged"
                )
                return
            waited = waiting
            await asyncio.sleep(0.1)
        raise AssertionError(f"{what}: it does not go on for {waited}\n{await self._under_way()}")

    async def _waiting(self, before: dict[Door, dict[str, int]]) -> str:
        """Who has nothing acknowledged since, else whose entity shows nothing of it; "" when it is nobody."""
        for door in self.doors:
            then, now = before.get(door, {}), door.book.counts()
            stuck = [thing for thing in door.words if now.get(thing, 0) <= then.get(thing, 0) + 1]
            if not stuck:
                try:
                    stuck = await door.behind(then)
                except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                    return "the database"
            if stuck:
                return f"{door.name}: {', '.join(stuck)}"
        return ""

    async def _under_way(self) -> str:
        """What the database has been at for long, and what it waits for."""
        rows = await self.install.fetch(
            """SELECT application_name, state, wait_event, pg_blocking_pids(pid) AS waits_for, pid,
                      extract(epoch FROM now() - xact_start)::int AS s, left(query, 80) AS query
               FROM pg_stat_activity WHERE datname = 'yong' AND xact_start < now() - interval '5 seconds'"""
        )
        return "\n".join(str(dict(row)) for row in rows)

    async def settled(self) -> None:
        """Wait until nothing is under way, nobody is connected, and `yong status` says that all is well."""
        before, why = -1, ""
        for _ in range(int(PATIENCE_S)):
            [row] = await self.install.fetch(
                """SELECT (SELECT count(*) FROM history.observation) AS n, (SELECT count(*) FROM store.outbox) AS left,
                          (SELECT count(*) FROM sensing.presence WHERE online) AS online"""
            )
            unwell = [
                f"{part.name}: {part.detail.en}"
                for part in (await condition.of(self.install.settings)).parts
                if not part.healthy and part.name != "disk"  # it is small
            ]
            why = f"{dict(row)} {unwell}"
            if row["n"] == before and not (row["left"] or row["online"] or unwell):
                return
            before = row["n"]
            await asyncio.sleep(1)
        raise AssertionError(f"it does not come to rest: {why}")

    async def heard(self) -> Heard:
        """What the subscriber was told, compared with the entities of its type as they are."""
        rows = await self.install.fetch(
            "SELECT id, (doc->'load'->>'value')::float::int AS number FROM context.entity WHERE type = 'Chaos'"
        )
        return await self.subscriber.judged({row["id"]: row["number"] for row in rows})

    async def counted(self) -> int:
        """What the metrics say of committed readings since the last start."""
        async with httpx.AsyncClient(trust_env=False) as client:
            page = (await client.get(f"{self.install.http}/metrics")).text
        [value] = [
            line.split()[-1] for line in page.splitlines() if line.startswith("yong_observations_total")
        ]
        return int(float(value))


async def _furnished(install: Install, subscriber: Subscriber) -> list[Door]:
    """Every door with its devices registered and their credentials in hand."""
    async with bootstrap.running(install.settings, place.serve_url(install.settings), name="chaos") as city:
        things, tokens, key = await bench.furnish(
            city,
            DOORS[Mqtt] + DOORS[Http] + DOORS[Trespasser],
            roles=("sensing.engineer", "context.provider"),
        )
        own, http = DOORS[Mqtt], DOORS[Mqtt] + DOORS[Http]
        entities = [f"urn:ngsi-ld:Chaos:{n}" for n in range(DOORS[NgsiLd])]
        ngsi_ld = NgsiLd(install, entities, [key] * len(entities))
        await subscriber.subscribe(key, "Chaos")
        await ngsi_ld.create()
        monitors = [f"010000A8900016F0{n:08d}" for n in range(DOORS[Hj212])]
        vehicles = [f"1440000{n:04d}" for n in range(DOORS[Jtt808])]
        return [
            Mqtt(install, things[:own], tokens[:own]),
            Trespasser(install, things[http:], tokens[http:], victim=things[0]),
            Http(install, things[own:http], tokens[own:http]),
            ngsi_ld,
            Hj212(install, monitors, await _enrolled(city, monitors, "monitor", "hj212")),
            Jtt808(install, vehicles, await _enrolled(city, vehicles, "vehicle", "jtt808")),
        ]


async def _enrolled(city: City, things: list[str], kind: str, listener: str) -> list[str]:
    """Register things for a listener; the words that it knows them by."""
    rows = "code,type,source,district\n" + "".join(f"{t},{kind},synthetic,330203\n" for t in things)
    system = system_caller("sensing")
    report = await records.import_file(city, system, "sensing.thing", rows.encode(), Format.CSV)
    assert report.imported == len(things), report
    return [await sensing.enrol(city, system, thing, listener) for thing in things]
