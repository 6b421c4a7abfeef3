"""A process that commits readings that another one commits too. Arguments: home, database URL, seed."""

import asyncio
import json
import random
import sys

from yong.app import bootstrap
from yong.kernel.base import clock
from yong.kernel.base.settings import load
from yong.kernel.sensing import service
from yong.kernel.sensing.contracts import Incoming
from yong.kernel.store.database import Database

THINGS, READINGS = 20, 100


async def main(home: str, serve_url: str, seed: str) -> None:
    draw = random.Random(int(seed))
    async with bootstrap.running(load({"YONG_HOME": home}), serve_url) as city:
        # Both start from the same moment: that of the register's first row.
        first = await city[Database].fetchval("SELECT min(created_at) FROM sensing.thing")
        base = clock.micros(first) // 1000
        print("ready", flush=True)
        sys.stdin.readline()
        slots = [list(range(n, n + 5)) for n in range(0, READINGS, 5)]
        if (
            int(seed) % 2
        ):  # one of them takes every second slot first, so that now this one is ahead, now that
            slots = [slots[i ^ 1] for i in range(len(slots))]
        new = repeated = 0
        for slot in slots:
            draw.shuffle(slot)
            things = draw.sample(range(THINGS), THINGS)
            messages = [
                Incoming("json", f"l{t}", b'{"t":%d,"v":{"load":%d}}' % (base + n, n), base * 1000)
                for n in slot
                for t in things
            ]
            result = (await service.commit_now(city, messages)).result
            new, repeated = new + result.observations, repeated + result.repeated
        print(json.dumps({"observations": new, "repeated": repeated}))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
