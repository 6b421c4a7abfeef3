"""Trying out a version of a procedure: the past it is learned from, the runs beside the loop, and what they say."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller, Role
from yong.kernel.access.policies import Policies
from yong.kernel.base.calendars import Calendar
from yong.kernel.base.city import City
from yong.kernel.base.errors import Invalid, NotFound, Problem, TooMany
from yong.kernel.base.text import Text
from yong.kernel.cases.service import decisions
from yong.kernel.cases.service.cases import RELATION
from yong.kernel.cases.service.clocks import timing, wait_of
from yong.kernel.cases.service.shelf import Shelved, fresh
from yong.kernel.cases.simulating import store
from yong.kernel.cases.simulating.contracts import (
    MOST_DAYS,
    MOST_PAST,
    PastAsked,
    Simulation,
    SimulationAsked,
)
from yong.kernel.cases.simulating.hours import wall
from yong.kernel.cases.simulating.learning import Past, PastCase, PastTask
from yong.kernel.cases.simulating.running import Asked, simulate
from yong.kernel.cases.simulating.telling import Names, tell
from yong.kernel.cases.simulating.walking import Walk, facts_of
from yong.kernel.cases.simulating.world import Wait
from yong.kernel.store.database import Connection, Database, Row

_BUSY = Text("另一个模拟正在运行，请稍后再试", "Another simulation runs; try again when it is done")
_ORDER = Text("起始日期须早于终止日期", "The first day comes before the last")
_LONG = Text("最多 {most} 天", "At most {most} days")


class Simulator:
    """One simulation at a time in a process: each takes a core. A City part."""

    def __init__(self) -> None:
        self.turn = asyncio.Lock()


async def simulated(city: City, caller: Caller, name: str, version: int, said: SimulationAsked) -> Simulation:
    """What is to be expected of a version. Nothing of it is kept but that it was asked for."""
    turn = city.part(Simulator).turn
    if turn.locked():
        raise TooMany(_BUSY, retry_after_s=10)
    async with turn:
        shelved = await fresh(city, name, version)
        of = said.past.procedure or name
        live = await _live(city, of) if said.back_test else None
        walk = await _walk(city, shelved)
        live_walk = await _walk(city, live) if live else None
        names = sorted(walk.said | (live_walk.said if live_walk else frozenset()))
        async with city[Database].transaction() as connection:
            times = await timing(city, connection)
            past = await _past(city, caller, connection, of, said.past, names, times.calendar)
            await access.audit(
                connection, caller, "cases.simulate", f"procedure:{name}/{version}",
                {"past": of, "cases": len(past.cases), "since": past.first.isoformat(), "until": past.until.isoformat()},
            )  # fmt: skip
        asked = Asked(
            walk=walk, live=live_walk, past=past, said=said, tables=times.tables, waits=_waits(shelved),
            live_waits=_waits(live) if live else {},
        )  # fmt: skip
        made = await asyncio.to_thread(simulate, asked, times.calendar)
        units = {unit for _, unit in made.runs.plan.desks if unit is not None}
        found = Names(
            roles={role.name: role.title for _, role in city.registry.of(Role)},
            units=await access.party_names(city, caller, units), language=caller.language
        )  # fmt: skip
        return tell(made, said, found, name, version, live.version if live else None)


async def _live(city: City, name: str) -> Shelved | None:
    try:
        return await fresh(city, name)
    except NotFound:
        return None


async def _walk(city: City, shelved: Shelved) -> Walk:
    """A version to be walked by cases that are not there, with the decisions that are live."""
    asked = {p.decision for p in shelved.sheet.places.values() if p.decision}
    ready = {one: (await decisions.ready(city, city[Database], one))[1] for one in sorted(asked)}
    return Walk(shelved.machine, shelved.sheet, shelved.model, ready)


def _waits(shelved: Shelved) -> dict[str, Wait]:
    found = {e: wait_of(p.wait) for e, p in shelved.sheet.places.items() if p.wait}
    return {element: wait for element, wait in found.items() if wait is not None}


# ---------------------------------------------------------------- the past


async def _past(
    city: City, caller: Caller, connection: Connection, procedure: str, asked: PastAsked, names: Sequence[str],
    calendar: Calendar,
) -> Past:  # fmt: skip
    """Past cases within the caller's reach, and what was done with them. Raises Invalid for days that are none."""
    since, until = asked.since, asked.until
    if since and until and since >= until:
        raise Invalid(None, problems=(Problem("/past/until", _ORDER),))
    if since and until and (until - since).days > MOST_DAYS:
        raise Invalid(None, problems=(Problem("/past/since", _LONG.filled(most=MOST_DAYS)),))
    scope = access.scoped(city, city[Policies].relations[RELATION], caller)
    rows = await store.past(
        connection, scope, procedure, asked.version, asked.class_prefix or "", asked.district or "",
        _begins(calendar, since), _begins(calendar, until), names, MOST_PAST + 1,
    )  # fmt: skip
    first, last = _days(rows, since, until, calendar)
    rows = [row for row in rows if first <= _day(calendar, row["opened_at"]) < last]
    tasks = await store.tasks(connection, [row["id"] for row in rows])
    number = {row["id"]: n for n, row in enumerate(rows)}
    return Past(
        first, last, [_case(row, calendar) for row in rows], [_task(row, number, calendar) for row in tasks]
    )


def _days(
    rows: Sequence[Row], since: date | None, until: date | None, calendar: Calendar
) -> tuple[date, date]:
    """The days that are learned from: whole ones, of what was asked for, in which there were cases (`rows`: the newest first)."""
    if not rows:
        today = datetime.now(UTC).date()
        return since or today, until or today + timedelta(days=1)
    newest, oldest = (_day(calendar, rows[n]["opened_at"]) for n in (0, -1))
    last = until or newest + timedelta(days=1)
    if since and not until:
        last = min(last, since + timedelta(days=MOST_DAYS))
    first = max(last - timedelta(days=MOST_DAYS), since or oldest)
    if len(rows) > MOST_PAST and oldest >= first:
        first = oldest + timedelta(days=1)  # of the oldest day some may be left out
    return first, last


def _case(row: Row, calendar: Calendar) -> PastCase:
    units = row["units"] if isinstance(row["units"], list) else [row["unit_id"]] if row["unit_id"] else []
    return PastCase(
        facts=facts_of(dict(row), row["said"]), opened=wall(calendar, row["opened_at"]),
        closed=_wall(calendar, row["closed_at"]), due=_wall(calendar, row["due_at"]), owner=row["owner_id"],
        units=tuple(str(unit) for unit in units), urgent=row["urgent"], class_=row["class"] or "",
        district=row["district"], grade=row["grade"],
    )  # fmt: skip


def _task(row: Row, number: dict[str, int], calendar: Calendar) -> PastTask:
    done = row["done_at"] if row["state"] == "done" else None
    return PastTask(
        case=number[row["case_id"]], element=row["element"], role=row["role"], party=row["party"],
        opened=wall(calendar, row["opened_at"]), done=_wall(calendar, done), by=row["done_by"] if done else None,
        outcome=row["outcome"], taken=_wall(calendar, row["taken_at"]), dropped=row["state"] == "dropped",
    )  # fmt: skip


def _wall(calendar: Calendar, moment: datetime | None) -> float | None:
    return None if moment is None else wall(calendar, moment)


def _day(calendar: Calendar, moment: datetime) -> date:
    return calendar.local(moment).date()


def _begins(calendar: Calendar, day: date | None) -> datetime | None:
    return None if day is None else calendar.moment(datetime.combine(day, time()))
