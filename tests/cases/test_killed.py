"""The web process is killed while officers work on cases: nothing that was answered is lost, nothing is done twice."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from tests.cases.conftest import Desks
from tests.conftest import TestDatabase
from tests.served import Web, served

from yong.kernel.base.city import City
from yong.kernel.store.database import Database

CASES, KILLS = 16, 3
# Who sits where, and what they may choose there; the units send back, work again is asked for, as it is in life.
MAY: dict[str, tuple[str, list[dict[str, Any]]]] = {
    "verify": ("inspector", [{"choice": "confirm"}]),
    "file": ("supervision", [{"choice": "file", "class": "0101"}]),
    "dispatch": ("dispatcher", [{"choice": "dispatch", "units": ["water"]}, {"choice": "dispatch", "units": ["water", "parks"]}]),
    "handle": ("", [{"choice": "done", "note": "done"}, {"choice": "done", "note": "done"}, {"choice": "wrong_unit", "note": "not ours"}]),
    "check": ("inspector", [{"choice": "pass"}, {"choice": "pass"}, {"choice": "fail", "note": "not yet"}]),
    "close": ("supervision", [{"choice": "close"}]),
}  # fmt: skip


class Officers:
    """Officers who work on cases until these are closed, and keep a book of what they were answered."""

    def __init__(self, client: httpx.AsyncClient, desks: Desks) -> None:
        self.client, self.desks = client, desks
        self.done: dict[str, str] = {}  # tasks that were answered as done, with the choice
        self.unsure = 0
        self.progress = asyncio.Condition()
        self.dice = random.Random(11)

    async def did(self, so_many: int) -> None:
        """Wait until so many tasks were answered as done."""
        async with self.progress:
            await self.progress.wait_for(lambda: len(self.done) >= so_many)

    async def work(self, case: str) -> None:
        """Bring a case to its end, whatever happens to the server meanwhile."""
        while True:
            try:
                found = (
                    await self.client.get(f"/cases/{case}", headers=self.desks.keys["supervision"])
                ).json()
                if found["state"] == "closed":
                    return
                task = self.dice.choice([t for t in found["tasks"] if t["state"] == "open"])
                await self._do(task)
            except httpx.TransportError:
                await asyncio.sleep(0.2)

    async def _do(self, task: dict[str, Any]) -> None:
        who, choices = MAY[task["element"]]
        act = self.dice.choice(choices)
        headers = self.desks.keys[who or task["party"]]
        try:
            answer = await self.client.post(f"/tasks/{task['id']}/acts", json=act, headers=headers)
        except httpx.TransportError:
            self.unsure += 1  # it may have been done; the case tells
            raise
        if answer.status_code == 200:
            assert task["id"] not in self.done, "a task was answered as done twice"
            async with self.progress:
                self.done[task["id"]] = act["choice"]
                self.progress.notify_all()
        else:
            assert answer.status_code in (409, 503), answer.text


async def _disturb(web: Web, officers: Officers) -> int:
    """Kill the process while it works, and start it again; how often."""
    for n in range(1, KILLS + 1):
        await officers.did(n * CASES)
        await web.kill()
        await web.start()
    return KILLS


@pytest.mark.timeout(180)
async def test_a_killed_worker_loses_and_doubles_nothing(
    city: City, database: TestDatabase, desks: Desks, limit: Callable[..., Awaitable[str]]
) -> None:
    await limit()
    ids = [await desks.opened() for _ in range(CASES)]
    async with served(city, database) as web, httpx.AsyncClient(base_url=web.address, timeout=20) as client:
        officers = Officers(client, desks)
        kills, *_ = await asyncio.gather(_disturb(web, officers), *(officers.work(id_) for id_ in ids))
    assert kills == KILLS

    rows = await city[Database].fetch("SELECT id, case_id, state, outcome FROM cases.task")
    tasks = {row["id"]: row for row in rows}
    lost = [
        id_
        for id_, choice in officers.done.items()
        if (tasks[id_]["state"], tasks[id_]["outcome"]) != ("done", choice)
    ]
    assert lost == [], "answered, and not there"
    told = await city[Database].fetch(
        "SELECT facts->>'task' AS task, outcome FROM cases.log WHERE what = 'task.done'"
    )
    assert Counter(row["task"] for row in told) == Counter(
        id_ for id_, row in tasks.items() if row["state"] == "done"
    )
    assert all(tasks[row["task"]]["outcome"] == row["outcome"] for row in told)
    more = sum(row["state"] == "done" for row in rows) - len(officers.done)
    assert 0 <= more <= officers.unsure, "what was done unanswered is at most what was cut off"
    states = await city[Database].fetch(
        """SELECT c.state, c.outcome, (SELECT count(*) FROM cases.task t WHERE t.case_id = c.id AND t.state = 'open') AS open,
                  (SELECT bool_or(k.running) FROM cases.clock k WHERE k.case_id = c.id) AS running,
                  (SELECT count(*) FROM cases.log h WHERE h.case_id = c.id AND h.what = 'closed') AS closed
           FROM cases.case_file c"""
    )
    assert {tuple(row) for row in states} == {("closed", "solved", 0, False, 1)}
