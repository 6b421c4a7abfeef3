"""Changes of cases: those that arrive together share a transaction, and one that fails leaves the others alone.

A command works on a copy of the case; what it made is kept only where it went through. So a batch is one statement to
load, one to write, and no half of anything.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any

import asyncpg
import msgspec

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.base import clock
from yong.kernel.base.city import City
from yong.kernel.base.errors import NotFound, Stale, Unavailable
from yong.kernel.base.text import Text
from yong.kernel.cases import store
from yong.kernel.cases.service.clocks import Clocks, Timing, timing
from yong.kernel.cases.service.duty import share_out
from yong.kernel.cases.service.shelf import ready
from yong.kernel.cases.service.work import Work
from yong.kernel.store import outbox
from yong.kernel.store.batches import Batcher
from yong.kernel.store.contracts import Event
from yong.kernel.store.database import Connection, Database, Row

_NO_CASE = Text("没有这个案件", "There is no such case")
_MOST = 100


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """Something to be done to a case, by whom. `apply` changes the Work; what it gives back is the answer.

    `new` makes the case instead: it is asked for the Work, with the number of the case. `key` is what it was asked
    under: the same key again gives the case that is there. `at`: when it happened, of what is replayed.
    """

    caller: Caller
    action: str  # as the audit trail names it
    case: str | None = None
    revision: int | None = None
    apply: Callable[[Work, Connection], Awaitable[Any]] | None = None
    new: Callable[[Connection, int, datetime, Timing], Awaitable[Work]] | None = None
    key: str | None = None
    at: datetime | None = None


class Actions:
    """The changes under way in this process. A City part."""

    def __init__(self, city: City) -> None:
        async def run(batch: Sequence[Command]) -> list[Any]:
            return await _commit(city, batch)

        self.queue: Batcher[Command, Any] = Batcher(run, most=_MOST)


async def change(city: City, command: Command) -> Any:
    """Do a command, together with those that arrive beside it; what it answers."""
    actions = city.part(Actions, lambda: Actions(city))
    if actions.queue.full:
        raise Unavailable
    return await actions.queue.submit(command)


async def change_many(city: City, commands: Sequence[Command]) -> list[Any]:
    """Do several; each answers with what it gave or with its error."""
    answers: list[Any] = []
    for start in range(0, len(commands), _MOST):
        answers += await _commit(city, commands[start : start + _MOST])
    return answers


async def _commit(city: City, batch: Sequence[Command]) -> list[Any]:
    if len(batch) > 1:
        try:
            async with city[Database].transaction() as connection:
                return await _batch(city, connection, batch)
        except asyncpg.PostgresError:
            pass
    answers: list[Any] = []
    for one in batch:
        try:
            async with city[Database].transaction() as connection:
                answers += await _batch(city, connection, [one])
        except Exception as error:
            answers.append(error)
    return answers


async def _batch(city: City, connection: Connection, batch: Sequence[Command]) -> list[Any]:
    now = clock.now()
    times = await timing(city, connection)
    keys = [c.key for c in batch if c.key]
    there = await store.asked(connection, keys) if keys else {}
    rows = await store.load(connection, [c.case for c in batch if c.case])
    fresh = [c for c in batch if c.new and c.key not in there]
    numbers = iter(await store.numbers(connection, len(fresh)) if fresh else ())
    works: dict[str, Work] = {}
    answers: list[Any] = []
    told: list[tuple[Command, Work]] = []
    for command in batch:
        try:
            if command.new:
                if command.key and (known := there.get(command.key)):
                    answers.append(known)
                    continue
                work = await command.new(connection, next(numbers), command.at or now, times)
                answer: Any = {"id": work.id, "number": work.row["number"]}
                if command.key:
                    there[command.key] = answer
            else:
                before = works.get(command.case or "") or await _loaded(
                    city, rows, command, command.at or now, times
                )
                work = before.branch()
                if command.revision is not None and command.revision != work.row["revision"]:
                    raise Stale
                assert command.apply is not None
                answer = await command.apply(work, connection)
        except asyncpg.PostgresError:
            raise  # the transaction is broken: each by itself
        except Exception as error:
            answers.append(error)
            continue
        works[work.id] = work
        told.append((command, work))
        answers.append(answer)
    await share_out(city, connection, works.values())
    await _write(connection, works, told)
    return answers


async def _loaded(city: City, rows: dict[str, Row], command: Command, now: datetime, times: Timing) -> Work:
    row = rows.get(command.case or "")
    if row is None:
        raise NotFound(_NO_CASE)
    values = dict(row)
    tasks = [msgspec.convert(task, dict[str, Any]) for task in values.pop("tasks") or []]
    clocks = values.pop("clocks") or []
    for extra in ("spot", "handler_id", "changed_at"):
        values.pop(extra)
    for task in tasks:
        for name in ("opened_at", "due_at", "fires_at", "done_at"):
            task[name] = datetime.fromisoformat(task[name]) if task[name] else None
    shelved = await ready(city, values["procedure"], values["version"])
    return Work(shelved, values, tasks, Clocks(times, clocks), now)


async def _write(
    connection: Connection, works: dict[str, Work], told: Sequence[tuple[Command, Work]]
) -> None:
    if not works:
        return
    writes = store.Writes([], [], [], [], [], [])
    for work in works.values():
        work.into(writes)
    await store.write(connection, writes)
    await access.audit_of(
        connection,
        [(c.caller, c.action, f"case:{work.id}", {"number": work.row["number"]}) for c, work in told],
    )
    await outbox.emit(
        connection,
        *(
            Event(
                type="cases.CaseOpened" if work.new else "cases.CaseChanged",
                subject=work.id,
                data={
                    "number": work.row["number"], "procedure": work.row["procedure"], "state": work.row["state"],
                    "stage": work.row["stage"], "source": work.row["source"], "what": [h["what"] for h in work.happened],
                },
            )
            for work in works.values()
        ),
    )  # fmt: skip
