"""The ordeal: load, kills in turn, and the judgement."""

import asyncio
import random
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
from tests.chaos.instance import PARTS, Install
from tests.chaos.strangers import Book, counted, judged, reporting, settled

MQTT, HTTP = 8, 3
UNCOMMITTED_US = 5_000_000  # acknowledged longer ago than this, it is committed


class Result(msgspec.Struct):
    """What an ordeal came to."""

    kills: dict[str, int]
    acknowledged: int
    kept: int
    repeats: int
    lost: int  # with the bus's folder, and never otherwise


async def ordeal(home: Path, rounds: int, tell: Callable[[str], None] = lambda line: None) -> Result:
    """Kill every process `rounds` times under load, in an order that differs from round to round.

    Raises AssertionError when something acknowledged is missing or anything is there twice.
    """
    install, book = Install(home), Book()
    chance = random.Random(rounds)  # an order of kills, no secret
    await install.up()
    try:
        things, tokens = await install.furnish(MQTT + HTTP)
        async with reporting(install, book, things, tokens, over_http=HTTP):
            await asyncio.sleep(1)
            for turn in range(rounds):
                for part in chance.sample(PARTS, len(PARTS)):
                    before = book.counts()
                    await install.kill(part)
                    await install.open()
                    await _progress(book, before)
                    tell(f"round {turn + 1}: {part} killed; {book.total} acknowledged")
        await settled(install)
        result = Result(install.kills, **await judged(install, book))
        # A process killed between its commit and its count leaves the count behind, never ahead.
        assert 0 < await counted(install) <= result.kept
        return result
    except BaseException:
        tell(install.logs())
        raise
    finally:
        install.down()


async def wipe(home: Path) -> Result:
    """The bus's folder is deleted under load: what was committed stays, and the gate opens again by itself."""
    install, book = Install(home), Book()
    await install.up()
    try:
        things, tokens = await install.furnish(MQTT + HTTP)
        async with reporting(install, book, things, tokens, over_http=HTTP):
            await asyncio.sleep(2)
            [kept] = await install.fetch("SELECT count(*) AS n FROM history.observation")
            before = book.counts()
            begin = time.time_ns() // 1000 - UNCOMMITTED_US
            install.victim("supervisor").suspend()  # or it would start the bus before its folder is gone
            await install.kill("nats")
            shutil.rmtree(home / "bus")
            end = time.time_ns() // 1000
            install.victim("supervisor").resume()
            await _progress(book, before)
            await install.open()
        await settled(install)
        [after] = await install.fetch("SELECT count(*) AS n FROM history.observation")
        assert after["n"] > kept["n"] > 0
        return Result(install.kills, **await judged(install, book, wiped=(begin, end)))
    except BaseException:
        print(install.logs())
        raise
    finally:
        install.down()


async def _progress(book: Book, before: dict[str, int]) -> None:
    """Wait until every device has readings acknowledged again."""
    for _ in range(900):
        now = book.counts()
        if all(now.get(thing, 0) > before.get(thing, 0) + 1 for thing in before):
            return
        await asyncio.sleep(0.1)
    stuck = [t for t in before if book.counts()[t] <= before[t] + 1]
    raise AssertionError(f"nothing of {stuck} is acknowledged any more")
