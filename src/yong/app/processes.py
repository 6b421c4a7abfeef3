"""What each of our processes does, from its first line to its last."""

import asyncio
import contextlib
import importlib
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

import structlog
import uvloop
from granian import Granian
from granian.constants import Interfaces, Loops
from granian.http import HTTP1Settings
from granian.log import LogLevels

from yong.app import bootstrap, standing, traces
from yong.app.groundwork import NAME as STANDING
from yong.kernel.base import trace
from yong.kernel.base.city import City
from yong.kernel.base.settings import Settings
from yong.kernel.bus import embedded as nats
from yong.kernel.bus.bus import Bus
from yong.kernel.store import jobs, outbox, place
from yong.kernel.store.contracts import Event
from yong.kernel.store.database import Connection, Database
from yong.kernel.store.jobs import Jobs

_log = structlog.get_logger("yong.process")
_STOP_WITHIN_S, _STOP_TRIES = 6.0, 3  # the supervisor kills after 15 s


def web(settings: Settings) -> None:
    """Serve HTTP with `web_workers` processes; a worker that dies is replaced."""
    Granian(
        "yong.app.http:serve",
        factory=True,
        interface=Interfaces.ASGI,
        address=settings.http_host,
        port=settings.http_port,
        workers=settings.web_workers,
        loop=Loops.uvloop,
        respawn_failed_workers=True,
        respawn_interval=0.5,
        workers_kill_timeout=10,
        backlog=2048,
        websockets=False,
        log_level=LogLevels.warning,
        http1_settings=HTTP1Settings(header_read_timeout=10_000),
        ssl_cert=settings.tls_certificate,
        ssl_key=settings.tls_key,
    ).serve()


def worker(settings: Settings) -> None:
    """Jobs, the outbox relay and whatever modules keep running in the background."""
    uvloop.run(_until_stopped(_worker(settings)))


def writer(settings: Settings) -> None:
    """Commit what devices report."""
    uvloop.run(_until_stopped(_writer(settings)))


def listeners(settings: Settings) -> None:
    """Speak device protocols over TCP and commit what they report."""
    uvloop.run(_until_stopped(_listeners(settings)))


RUN: dict[str, Callable[[Settings], None]] = {
    "web": web,
    "worker": worker,
    "writer": writer,
    "listeners": listeners,
    STANDING: standing.stand,
}


def load(settings: Settings) -> None:
    """Import what any of them will need and has not yet; the workers of HTTP are forked with it, too."""
    bootstrap.registry(settings)
    importlib.import_module("yong.app.http.front")


async def _worker(settings: Settings) -> None:
    async with _city(settings, "worker") as city, asyncio.TaskGroup() as group:
        group.create_task(for_ever("relay", lambda: _relay(city)))
        group.create_task(for_ever("jobs", lambda: _jobs(city)))
        group.create_task(for_ever("rescue", lambda: jobs.keep_rescuing(city)))
        for name, task in bootstrap.background(city):
            group.create_task(for_ever(name, task))


async def _writer(settings: Settings) -> None:
    async with _city(settings, "writer") as city:
        await for_ever("writer", lambda: bootstrap.write(city))


async def _listeners(settings: Settings) -> None:
    async with _city(settings, "listeners") as city:
        await for_ever("listeners", lambda: bootstrap.listen(city))


@asynccontextmanager
async def _city(settings: Settings, name: str) -> AsyncIterator[City]:
    url = place.serve_url(settings)
    async with bootstrap.running(settings, url, name=f"yong {name}", connections=6) as city:
        with traces.tracing(city, name):
            yield city


async def _relay(city: City) -> None:
    async with Bus.open(nats.url(city.settings), name="yong relay") as bus:
        tracer = trace.of(city)

        async def publish(_: Connection, events: Sequence[Event]) -> None:
            with tracer.span("outbox publish", "producer", messaging__batch__message_count=len(events)):
                await bus.publish(events)

        while True:
            if not await outbox.follow(city[Database], outbox.BUS, publish):
                await asyncio.sleep(0.1)


async def _jobs(city: City) -> None:
    queue = Jobs(city, place.serve_url(city.settings))
    async with queue.app.open_async():
        await queue.work()


async def for_ever(name: str, task: Callable[[], Awaitable[None]]) -> None:
    """Run what `task` does again whenever it fails: a part that is down comes back, and so do we.

    Each time is a task of its own: a TaskGroup within it that failed may leave its task marked as being cancelled
    (Python 3.11 does), and that would look like the word to stop.
    """
    wait_s = 0.2
    while True:
        began = asyncio.get_running_loop().time()
        try:
            await asyncio.ensure_future(task())
            return
        except asyncio.CancelledError:
            raise
        except Exception as error:
            current = asyncio.current_task()
            if current and current.cancelling():  # it failed at being stopped: the word to stop still holds
                raise asyncio.CancelledError from error
            if asyncio.get_running_loop().time() - began > 30:
                wait_s = 0.2
            _log.warning("task failed, trying again", task=name, wait_s=wait_s, error=repr(error))
            await asyncio.sleep(wait_s)
            wait_s = min(10.0, wait_s * 2)


async def _until_stopped(main: Awaitable[None]) -> None:
    """Run until done or told to stop by SIGTERM or SIGINT; then cancel and wait.

    Work that does not let go (its database went first, with a killed supervisor) must leave no orphan: after
    `_STOP_WITHIN_S` the process ends without it.
    """
    task = asyncio.ensure_future(main)
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    waiting = asyncio.ensure_future(told.wait())
    await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    for _ in range(_STOP_TRIES):
        if task.done():
            break
        task.cancel()
        await asyncio.wait({task}, timeout=_STOP_WITHIN_S / _STOP_TRIES)
    else:
        if not task.done():
            _log.error("ended without waiting any longer")
            os._exit(1)
    with contextlib.suppress(asyncio.CancelledError):
        await task
