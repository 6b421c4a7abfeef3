"""A subscriber under fire, and the book that it keeps of what it was told.

It refuses now and then, so that there is something to try again. Whatever broke meanwhile, at the end the newest value of
every entity was told or still waits for it visibly; a notification that comes again has the same id; and nothing
older comes behind something newer.
"""

import asyncio
import random
from collections.abc import Mapping

import httpx
import msgspec
from aiohttp import web
from tests.chaos.instance import PATIENCE_S, Install

REFUSED = 0.05  # of what comes


class Heard(msgspec.Struct):
    """What the subscriber's book came to."""

    notifications: int = 0
    again: int = 0  # that came twice
    refused: int = 0
    waiting: int = 0  # or given up


class Subscriber:
    """A server that is notified of the entities of one type."""

    def __init__(self, install: Install, seed: int) -> None:
        self._install, self._chance = install, random.Random(seed)
        self._told: dict[str, list[int]] = {}  # entity: values in the order they came
        self._ids: set[str] = set()
        self.heard = Heard()
        self._runner: web.AppRunner | None = None

    async def subscribe(self, key: str, kind: str) -> None:
        """Listen, and subscribe to the attribute `load` of the entities of a type."""
        app = web.Application(client_max_size=8 << 20)
        app.router.add_post("/told", self._notified)
        self._runner = web.AppRunner(app, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        uri = f"http://127.0.0.1:{self._runner.addresses[0][1]}/told"
        wanted = {
            "type": "Subscription",
            "entities": [{"type": kind}],
            "watchedAttributes": ["load"],
            "notification": {"format": "keyValues", "endpoint": {"uri": uri, "timeout": 5000}},
        }
        async with httpx.AsyncClient(trust_env=False, base_url=self._install.http) as client:
            answer = await client.post("/ngsi-ld/v1/subscriptions", json=wanted, headers={"x-api-key": key})
            assert answer.status_code == 201, answer.text

    async def close(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _notified(self, request: web.Request) -> web.Response:
        raw = await request.read()
        if self._chance.random() < REFUSED:
            self.heard.refused += 1
            return web.Response(status=503)
        note = msgspec.json.decode(raw)
        if note["id"] in self._ids:
            self.heard.again += 1
        else:
            self._ids.add(note["id"])
            self.heard.notifications += 1
            for entity in note["data"]:
                self._told.setdefault(entity["id"], []).append(entity["load"])
        return web.Response(status=204)

    async def judged(self, newest: Mapping[str, int]) -> Heard:
        """Compare with the newest values. Raises AssertionError when one was neither told nor waits to be."""
        await self._rested()
        [row] = await self._install.fetch("SELECT count(*) AS n FROM context.notification")
        self.heard.waiting = row["n"]
        for entity, values in self._told.items():
            assert values == sorted(values), f"{entity}: something older was told behind something newer"
        untold = {e for e, value in newest.items() if self._told.get(e, [-1])[-1] != value}
        if untold:
            rows = await self._install.fetch("SELECT body FROM context.notification ORDER BY number")
            for row in rows:
                for entity in msgspec.json.decode(row["body"])["data"]:
                    if entity["load"] == newest.get(entity["id"]):
                        untold.discard(entity["id"])
        assert not untold, f"neither told nor waiting: {sorted(untold)}"
        assert self.heard.notifications > 0
        return self.heard

    async def _rested(self) -> None:
        """Wait until nothing waits that may yet be delivered."""
        for _ in range(int(PATIENCE_S)):
            [row] = await self._install.fetch(
                "SELECT count(*) AS n FROM context.notification WHERE dead_at IS NULL"
            )
            if not row["n"]:
                return
            await asyncio.sleep(1)
