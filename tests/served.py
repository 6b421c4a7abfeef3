"""A web process of its own on a test's database, as `yong up` starts it."""

import asyncio
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psutil
from tests.conftest import TestDatabase, free_port

from yong.kernel.base.city import City


class Web:
    """A web process: started, killed with all that it started, started again."""

    def __init__(self, city: City, database: TestDatabase, **more: str) -> None:
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self._environment = {k: v for k, v in os.environ.items() if not k.startswith("YONG_")} | {
            "YONG_HOME": str(city.settings.home), "YONG_HTTP_PORT": str(self.port),
            "YONG_DATABASE_URL": database.owner_url, "YONG_DATABASE_SERVE_URL": database.serve_url, **more,
        }  # fmt: skip
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it and wait until it listens."""
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "yong.app.main", "run", "web", env=self._environment
        )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            await asyncio.sleep(0.1)
        raise AssertionError("the web process does not listen")

    async def kill(self) -> None:
        """End it and what it started at once, wherever they are."""
        assert self._process is not None
        whole = psutil.Process(self._process.pid)
        for one in (*whole.children(recursive=True), whole):
            one.kill()
        await self._process.wait()

    async def stop(self) -> None:
        """End it as the supervisor does."""
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
            await asyncio.wait_for(self._process.wait(), 30)


@asynccontextmanager
async def served(city: City, database: TestDatabase, **more: str) -> AsyncIterator[Web]:
    """A web process for the length of a test."""
    web = Web(city, database, **more)
    try:
        await web.start()
        yield web
    finally:
        await web.stop()
