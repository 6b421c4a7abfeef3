"""The faults, each made under load and each over when every device is served again without help."""

import asyncio
import math
import shutil
import time
from collections.abc import Awaitable, Callable

import msgspec
from tests.chaos.instance import PARTS
from tests.chaos.trial import Trial

UNCOMMITTED_US = 5_000_000  # acknowledged longer ago than this, it is committed
HOUR_S = 3600


class Measure(msgspec.Struct, frozen=True):
    """How much of each fault."""

    rounds: int = 1  # in which every process is killed, the next one when everybody is served again
    volleys: int = 0  # further rounds, in which the next one is killed as soon as it lives
    kill_s: float = math.inf  # after which no new round or volley begins
    parts: tuple[str, ...] = PARTS  # which are killed and paused
    pause_s: float = 60.0
    full_s: float = 60.0
    killed_when_full: tuple[str, ...] = ("writer", "web", "nats", "postgres")


async def kill(trial: Trial, much: Measure) -> None:
    """Every process is killed, in an order that differs from round to round."""
    until = time.monotonic() + much.kill_s
    for turn in range(much.rounds + much.volleys):
        if time.monotonic() > until:
            trial.tell(f"the time is over: {turn} rounds and volleys of {much.rounds + much.volleys}")
            return
        before = trial.counts()
        for part in trial.chance.sample(much.parts, len(much.parts)):
            await trial.install.kill(part)
            if turn < much.rounds:
                await trial.recovered(before, f"round {turn + 1}: {part} killed")
                before = trial.counts()
        if turn >= much.rounds:
            await trial.recovered(before, f"volley {turn - much.rounds + 1}: all killed, one upon the other")


async def pause(trial: Trial, much: Measure) -> None:
    """Every process is stopped for a while and goes on, with whatever it held in its hands."""
    for part in trial.chance.sample(much.parts, len(much.parts)):
        await trial.install.pause(part, much.pause_s)
        await trial.recovered(trial.counts(), f"{part} paused for {much.pause_s:g} s")


async def bus(trial: Trial, much: Measure) -> None:
    """The bus is killed and its folder is deleted: what was committed stays, the rest is excused."""
    [kept] = await trial.install.fetch("SELECT count(*) AS n FROM history.observation")
    before = trial.counts()
    begin = time.time_ns() // 1000 - UNCOMMITTED_US
    supervisor = trial.install.victim("supervisor")
    supervisor.suspend()  # or it would start the bus before its folder is gone
    try:
        await trial.install.kill("nats")
        shutil.rmtree(trial.install.home / "bus")
        trial.excuse = (begin, time.time_ns() // 1000)
    finally:
        supervisor.resume()
    await trial.recovered(before, "the bus lost its folder")
    [after] = await trial.install.fetch("SELECT count(*) AS n FROM history.observation")
    assert after["n"] > kept["n"] > 0


async def disk(trial: Trial, much: Measure) -> None:
    """The file system of everything is full to the last byte for a while, and then has room again.

    Processes that are killed meanwhile try to start until there is room.
    """
    assert trial.ballast is not None
    until = time.monotonic() + much.full_s
    try:
        taken = trial.ballast.fill()
        await asyncio.sleep(much.full_s / 4)
        for part in much.killed_when_full:
            await trial.install.kill(part)
        while time.monotonic() < until:  # what is let go of is taken, too
            taken += trial.ballast.fill()
            await asyncio.sleep(0.2)
        before = trial.acknowledged
        await asyncio.sleep(1)
        still = trial.acknowledged - before
    finally:
        trial.ballast.empty()
    await trial.recovered(
        trial.counts(),
        f"the disk was full for {much.full_s:g} s ({taken >> 20} MiB; {still} acknowledged in its last second)",
    )


async def clock(trial: Trial, much: Measure) -> None:
    """The wall clock jumps ahead and back, and each time processes that die are started again."""
    assert trial.clock is not None
    for hours in (1, -2, 0):
        before = trial.counts()
        trial.clock.jump(hours * HOUR_S)
        await trial.recovered(before, f"the clock went to {hours:+d} h")
        before = trial.counts()
        part = "writer" if hours == 0 else "listeners"
        await trial.install.kill(part)
        await trial.recovered(before, f"{part} killed at {hours:+d} h")


Fault = Callable[[Trial, Measure], Awaitable[None]]
FAULTS: dict[str, Fault] = {"kill": kill, "pause": pause, "bus": bus, "disk": disk, "clock": clock}
