"""What time brings: clocks that turn from green to red, and timers of procedures that run out."""

from typing import Any

from yong.kernel.access.contracts import Caller
from yong.kernel.base import clock
from yong.kernel.base.city import City
from yong.kernel.base.errors import YongError
from yong.kernel.cases import store
from yong.kernel.cases.contracts import State
from yong.kernel.cases.service.acting import Command, change_many
from yong.kernel.cases.service.work import Work
from yong.kernel.store.database import Connection, Database

_MOST = 500


async def tick(city: City, caller: Caller) -> int:
    """Turn what is to be turned; how many commands that were. A case that cannot go on stays as it is and is told of."""
    touched = 0
    while True:
        now = clock.now()
        async with city[Database].session() as connection:
            clocks = await store.due_clocks(connection, now, _MOST)
            timers = await store.due_events(connection, now, _MOST)
        commands = [Command(caller=caller, action="cases.clock", case=c, apply=_turn(caller)) for c in clocks]
        commands += [
            Command(
                caller=caller, action="cases.timer", case=r["case_id"], apply=_fire(city, caller, r["id"])
            )
            for r in timers
        ]
        answers = await change_many(city, commands)
        for answer in answers:
            if isinstance(answer, BaseException) and not isinstance(answer, YongError):
                raise answer
        done = sum(not isinstance(a, BaseException) for a in answers)
        touched += done
        if not done or len(commands) < _MOST:
            return touched


def _turn(caller: Caller) -> Any:
    async def apply(work: Work, connection: Connection) -> None:
        for name, colour in work.clocks.turned(work.now):
            work.log(caller, f"clock.{colour}", clock=name)

    return apply


def _fire(city: City, caller: Caller, task: str) -> Any:
    async def apply(work: Work, connection: Connection) -> None:
        found = work.tasks.get(task)
        if found is None or work.row["state"] != State.OPEN.value:
            return
        work.finish(found, None, caller.account)
        await work.go(city, connection, caller, found["element"], None)

    return apply
