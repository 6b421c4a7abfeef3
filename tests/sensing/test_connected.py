"""What the doors write of who is connected, all at the same time."""

import asyncio
import random
from collections.abc import Sequence

from yong.kernel.base.city import City
from yong.kernel.sensing import connected
from yong.kernel.sensing.mqtt import inbound
from yong.kernel.sensing.mqtt.reader import Message
from yong.kernel.store.database import Connection, Database

THINGS = [f"thing-{n:04d}" for n in range(400)]


async def test_doors_and_the_writer_never_wait_for_each_other_in_a_circle(city: City) -> None:
    database = city[Database]
    await database.execute(
        "INSERT INTO sensing.presence (thing, online) SELECT t, true FROM unnest($1::text[]) AS t",
        random.Random(1).sample(THINGS, len(THINGS)),
    )

    async def nothing(connection: Connection, messages: Sequence[Message]) -> None:
        raise AssertionError("there are no readings")

    commit = inbound.commit(nothing)

    async def say(seed: int) -> None:
        things = random.Random(seed).sample(THINGS, len(THINGS))
        async with database.transaction() as connection:
            await commit(connection, [Message(0, f"state.{t}", b"well", 0, b"") for t in things])

    async def refuse(seed: int) -> None:
        things = random.Random(seed).sample(THINGS, len(THINGS))
        await connected.count_refused(database, dict.fromkeys(things, 1))

    for turn in range(10):
        await asyncio.gather(
            *(work(turn * 10 + n) for n in range(3) for work in (say, refuse)),
            connected.only(database, ["mqtt"], THINGS[::2]),
        )
    row = await database.fetchrow(
        "SELECT sum(refused) AS refused, count(*) FILTER (WHERE online) AS online FROM sensing.presence"
    )
    assert row is not None
    assert (row["refused"], row["online"]) == (30 * len(THINGS), len(THINGS) / 2)
