"""A front over a City, served on loopback in this process, for clients that speak HTTP for themselves."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from granian.constants import Interfaces
from granian.server.embed import Server

from yong.app.http import Front
from yong.kernel.base.city import City


@asynccontextmanager
async def serving(city: City) -> AsyncIterator[str]:
    """The address of the server, which ends with the block."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = int(s.getsockname()[1])
    server = Server(Front(city.settings, city), address="127.0.0.1", port=port, interface=Interfaces.ASGINL)
    task = asyncio.create_task(server.serve())
    try:
        for _ in range(200):
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
                continue
            writer.close()
            break
        yield f"http://127.0.0.1:{port}"
    finally:
        server.stop()
        await task
