"""A queue with jobs of its own, and a process that works it: to be killed while it does."""

import asyncio
import sys

from yong.kernel.base.city import City
from yong.kernel.base.module import Module, Registry
from yong.kernel.base.settings import Settings, load
from yong.kernel.base.text import Text
from yong.kernel.store.database import Database
from yong.kernel.store.jobs import Job, Jobs
from yong.kernel.store.manifest import MODULE as STORE


async def never(city: City) -> None:
    """A job that tells that it began, and ends with its process."""
    print("began", flush=True)
    await asyncio.sleep(600)


async def refuse(city: City) -> None:
    raise RuntimeError("never")


JOBS = Module(
    name="test",
    package="tests",
    title=Text("测", "Test"),
    needs=("store",),
    declares=(
        Job(name="test.never", title=Text("试", "Try"), handler=never, retries=1),
        Job(name="test.once", title=Text("一次", "Once"), handler=refuse, retries=0),
        Job(name="test.nightly", title=Text("夜", "Night"), handler=never, schedule="0 0 1 1 *"),
    ),
)


async def queue_of(settings: Settings, url: str) -> tuple[City, Jobs]:
    city = City(settings, Registry((STORE, JOBS)))
    city.put(Database, await Database.open(url, size=2))
    return city, Jobs(city, url)


async def main(url: str) -> None:
    _, queue = await queue_of(load({"YONG_HOME": "/nonexistent"}), url)
    async with queue.app.open_async():
        await queue.work()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
