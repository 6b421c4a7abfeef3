"""The listeners of an install in a process of their own, to be killed: prints its ports as JSON."""

import asyncio
import json
import sys

from yong.app import bootstrap
from yong.kernel.base.settings import load
from yong.kernel.sensing.tcp.server import Server


async def main(serve_url: str) -> None:
    async with bootstrap.running(load(), serve_url, connections=4) as city:
        server = Server(city)
        running = asyncio.create_task(server.run())
        await server.listening.wait()
        print(json.dumps(server.ports), flush=True)
        await running


asyncio.run(main(sys.argv[1]))
