"""What a start does in the database, once that stands: brought up to date, first accounts, devices admitted."""

import asyncio
import os
import sys
import time
from collections.abc import Callable

import asyncpg

from yong.app import bootstrap
from yong.app.groundwork import Said
from yong.kernel.base.errors import YongError
from yong.kernel.base.settings import Settings
from yong.kernel.base.text import Text
from yong.kernel.sensing import api as sensing
from yong.kernel.store import embedded as postgres
from yong.kernel.store import place
from yong.kernel.store.database import Database

Tell = Callable[[Text], None]


async def prepare(settings: Settings, tell: Tell) -> None:
    """Make the database if there is none, bring it up to date, and make the first accounts."""
    owner = place.owner_url(settings)
    if not settings.database_url:
        connection = await asyncpg.connect(postgres.url_of(settings.home, "postgres"))
        try:
            if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = 'yong'"):
                await connection.execute("CREATE DATABASE yong")
        finally:
            await connection.close()
    password = None if settings.database_serve_url else place.serve_password(settings)
    done = await bootstrap.prepare(settings, owner, password)
    if done:
        tell(Text("已执行 {n} 项迁移", "{n} migrations done").filled(n=len(done)))
    async with bootstrap.running(
        settings, place.serve_url(settings), name="yong first run", connections=2
    ) as city:
        for line in await bootstrap.first_run(city):
            tell(line)


def stand(settings: Settings) -> None:
    """All of it, in a process of its own that says to its output how far it is, in lines of `Said`."""
    since = time.time()
    output = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)  # whatever else is printed goes to the log

    def say(what: Said) -> None:
        output.write(what.line())

    def tell(text: Text) -> None:
        say(Said("told", text))

    try:
        asyncio.run(prepare(settings, tell))
        say(Said("prepared"))
        asyncio.run(await_gate(settings, tell, since))
        say(Said("open"))
    except YongError as error:
        say(Said("refused", error.detail))
        sys.exit(1)


async def await_gate(settings: Settings, tell: Tell, since: float, wait_s: float = 20) -> None:
    """Until devices are admitted: whoever connects on the word *ready* must not be refused."""
    database = await Database.open(place.serve_url(settings), size=1, name="yong up")
    try:
        deadline = time.monotonic() + wait_s
        while True:
            gate = await sensing.gate(database)
            if gate.open and gate.checked_at.timestamp() > since:
                return
            if time.monotonic() > deadline:
                zh, en = gate.reason.zh, gate.reason.en
                tell(Text(f"设备暂不能接入：{zh}", f"Devices are not admitted yet: {en}"))
                return
            await asyncio.sleep(0.1)
    finally:
        await database.close()
