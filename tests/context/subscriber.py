"""Somebody who is notified: a real HTTP server that keeps what it was sent, and may be told to behave badly."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from aiohttp import web


class Subscriber:
    """`answers` are the statuses of the next answers, then 204; `hangs` keeps everybody waiting."""

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.asked = 0
        self.answers: list[int] = []
        self.hangs = False
        self.uri = ""

    @property
    def data(self) -> list[dict[str, Any]]:
        """The entities of all notifications, in order."""
        return [entity for note in self.got for entity in note["data"]]

    async def _notified(self, request: web.Request) -> web.Response:
        self.asked += 1
        raw = await request.read()
        if self.hangs:
            await asyncio.sleep(60)
        status = self.answers.pop(0) if self.answers else 204
        if 200 <= status < 300:
            self.got.append(msgspec.json.decode(raw))
            self.headers.append(dict(request.headers))
        return web.Response(status=status, headers={"Location": self.uri} if status == 307 else {})

    @classmethod
    @asynccontextmanager
    async def listening(cls) -> AsyncIterator["Subscriber"]:
        one = cls()
        app = web.Application(client_max_size=1 << 30)
        app.router.add_post("/told", one._notified)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        one.uri = f"http://127.0.0.1:{port}/told"
        try:
            yield one
        finally:
            await runner.cleanup()

    async def until(self, count: int, within_s: float = 20.0) -> list[dict[str, Any]]:
        """The notifications, once there are so many."""
        await soon(lambda: len(self.got) >= count, within_s)
        return self.got


async def soon(true: Callable[[], Any], within_s: float = 20.0) -> Any:
    """What `true` gives (or what it awaits), once that is something. Raises AssertionError when it takes too long."""
    deadline = asyncio.get_running_loop().time() + within_s
    while True:
        found = true()
        if inspect.isawaitable(found):
            found = await found
        if found:
            return found
        assert asyncio.get_running_loop().time() < deadline, "it did not come about"
        await asyncio.sleep(0.01)
