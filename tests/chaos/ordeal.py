"""The ordeal: load, kills in turn, and the judgement."""

import asyncio
import random
from collections.abc import Callable
from pathlib import Path

import msgspec
from tests.chaos.instance import PARTS, Install
from tests.chaos.strangers import Book, judged, reporting, settled

MQTT, HTTP = 8, 3


class Result(msgspec.Struct):
    """What an ordeal came to."""

    kills: dict[str, int]
    acknowledged: int
    kept: int
    repeats: int


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
                    before = book.total
                    await install.kill(part)
                    await install.open()
                    await _progress(book, before)
                    tell(f"round {turn + 1}: {part} killed; {book.total} acknowledged")
        await settled(install, book)
        result = await judged(install, book)
        return Result(install.kills, **result)
    except BaseException:
        tell(install.logs())
        raise
    finally:
        install.down()


async def _progress(book: Book, before: int) -> None:
    """Wait until readings are acknowledged again."""
    for _ in range(600):
        if book.total > before + 20:
            return
        await asyncio.sleep(0.1)
    raise AssertionError("nothing is acknowledged any more")
