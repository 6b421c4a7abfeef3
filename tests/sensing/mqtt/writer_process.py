"""A writer in a process of its own, to be killed. Arguments: home, database URL, NATS URL."""

import asyncio
import sys

import uvloop

from yong.app import bootstrap
from yong.kernel.base.settings import load
from yong.kernel.sensing.mqtt import writer

from .conftest import keep


async def main(home: str, serve_url: str, nats_url: str) -> None:
    async with bootstrap.running(load({"YONG_HOME": home}), serve_url) as city:
        await writer.run(city, nats_url, keep, asyncio.Event())


if __name__ == "__main__":
    uvloop.run(main(*sys.argv[1:]))
