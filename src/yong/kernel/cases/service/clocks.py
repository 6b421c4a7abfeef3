"""The clocks of a case while it is in hand: started and stopped by its procedure, by the limits that a city keeps."""

import re
import time
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec

from yong.kernel.base import clock as clocks
from yong.kernel.base.calendars import CHINESE, Calendar
from yong.kernel.base.city import City
from yong.kernel.base.errors import Conflict, Invalid
from yong.kernel.base.text import Language, Text
from yong.kernel.cases.clocks.contracts import Clock, Colour, Ends, Limit, Rule, Stop, Times, Unit, When
from yong.kernel.cases.clocks.counting import times
from yong.kernel.cases.clocks.explaining import explain
from yong.kernel.cases.clocks.rules import Table
from yong.kernel.cases.contracts import ClockDo, ClockShown
from yong.kernel.store.database import Connection, Row

_FRESH_S = 2.0
_LAST = datetime.max.replace(tzinfo=UTC)
_DURATION = re.compile(
    r"P(?:(?P<days>\d{1,4})D)?(?:T(?:(?P<hours>\d{1,4})H)?(?:(?P<minutes>\d{1,5})M)?(?:(?P<seconds>\d{1,6})S)?)?"
)
_LIMIT = re.compile(rf"(?P<amount>\d{{1,4}}) (?P<unit>{'|'.join(u.value for u in Unit)})")
_NO_CLOCK = Text("没有正在运行的计时", "No clock runs")
_NO_BASIS = Text("本市规定", "as the city keeps it")


class Timing(msgspec.Struct, frozen=True):
    """The calendar that a city counts by, and its limits by clock."""

    calendar: Calendar
    tables: dict[str, Table]


class Limits:
    """The limits as this process read them last. A City part."""

    def __init__(self) -> None:
        self.read_at = -_FRESH_S
        self.timing = Timing(CHINESE, {})


async def timing(city: City, connection: Connection) -> Timing:
    """What clocks go by; what was changed counts after two seconds."""
    limits = city.part(Limits)
    if time.monotonic() - limits.read_at >= _FRESH_S:
        rows = await connection.fetch("SELECT * FROM cases.limit WHERE ended_at IS NULL ORDER BY id")
        rules: dict[str, list[Rule]] = {}
        for row in rows:
            rules.setdefault(row["clock"], []).append(_rule(row))
        limits.timing = Timing(CHINESE, {name: Table(of) for name, of in rules.items()})
        limits.read_at = time.monotonic()
    return limits.timing


def _rule(row: Row) -> Rule:
    facts = {name: row[name] for name in ("procedure", "district", "grade")}
    facts["urgent"] = None if row["urgent"] is None else str(row["urgent"]).lower()
    basis = row["basis_zh"] or row["basis_en"]
    last = row["ends_on"]
    return Rule(
        id=row["id"],
        prefix=row["class_prefix"] or "",
        limit=Limit(row["amount"], Unit(row["unit"]), Ends.SAME_TIME if row["same_time"] else Ends.CLOSE),
        basis=Text(row["basis_zh"] or basis, row["basis_en"] or basis) if basis else _NO_BASIS,
        when=tuple(When(name, frozenset((value,))) for name, value in facts.items() if value is not None),
        valid_from=row["starts_on"] or date.min,
        valid_to=last - timedelta(days=1) if last else date.max,
    )


def wait_of(text: str) -> timedelta | Limit | None:
    """What a timer waits for: `PT2H` as ISO 8601 has it, or `3 work_days` in the units of limits; None for neither."""
    if (said := _DURATION.fullmatch(text)) and any(said.groups()):
        return timedelta(**{name: int(value) for name, value in said.groupdict().items() if value})
    if said := _LIMIT.fullmatch(text):
        try:
            return Limit(int(said["amount"]), Unit(said["unit"]))
        except Invalid:
            return None
    return None


class _Kept:
    """A clock, what it tells, and which colour was told of it."""

    def __init__(self, clock: Clock, told: Colour, calendar: Calendar) -> None:
        self.clock, self.told = clock, told
        self.times: Times = times(clock, calendar)

    @property
    def running(self) -> bool:
        stops = self.clock.stops
        return self.clock.stopped_at is None and not (stops and stops[-1].until is None)

    def colour(self, now: datetime) -> Colour:
        """Green, or the last of its colours that it has come to."""
        turns = (
            (self.times.red_at, Colour.RED),
            (self.times.yellow_at, Colour.YELLOW),
            (self.times.hint_at, Colour.HINT),
        )
        for at, colour in turns:
            if at is not None and (now > at if colour is Colour.RED else now >= at):
                return colour
        return Colour.GREEN

    def next_at(self, now: datetime) -> datetime | None:
        """When somebody has to look at it again: where it turns next; where its days are unknown, in a day."""
        if not self.running:
            return None
        if self.times.unknown is not None:
            return now + timedelta(days=1)
        # Red is past the end, not at it.
        red = self.times.red_at + timedelta(milliseconds=1) if self.times.red_at else None
        return min(
            (at for at in (self.times.hint_at, self.times.yellow_at, red) if at and at > now), default=None
        )


class Clocks:
    """All clocks of a case."""

    def __init__(self, timing: Timing, rows: Iterable[dict[str, Any]]) -> None:
        self.timing = timing
        self._kept = {
            row["name"]: _Kept(msgspec.convert(row["clock"], Clock), Colour(row["told"]), timing.calendar)
            for row in rows
        }
        self._changed: set[str] = set()

    def branch(self) -> "Clocks":
        """The same to be changed further; these stay as they are."""
        other = Clocks(self.timing, ())
        other._kept, other._changed = {**self._kept}, {*self._changed}
        return other

    # ------------------------------------------------------------ what a procedure says

    def do(self, name: str, do: ClockDo, case: dict[str, Any], now: datetime) -> bool:
        """What a procedure says at an element; whether it changed anything. Starting a stopped clock lets it run on."""
        if name not in self._kept:
            return do is ClockDo.START and self._begin(name, case, now)
        if do in (ClockDo.START, ClockDo.RESUME):
            return self._resume(name, now)
        return self._pause(name, now, "") if do is ClockDo.PAUSE else self._end(name, now)

    def _begin(self, name: str, case: dict[str, Any], now: datetime) -> bool:
        table = self.timing.tables.get(name)
        grade = case["data"].get("grade")
        facts = {
            "procedure": case["procedure"], "district": case["district"], "urgent": str(case["urgent"]).lower(),
            **({"grade": str(grade)} if grade is not None else {}),
        }  # fmt: skip
        today = now.astimezone(clocks.CHINA).date()
        choice = table.choose(case["class"] or "", facts, today) if table else None
        if choice is None:
            return False
        self._put(name, Clock(started_at=now, limit=choice.rule.limit, choice=choice), Colour.GREEN)
        return True

    def _pause(self, name: str, now: datetime, why: str) -> bool:
        kept = self._kept[name]
        if not kept.running:
            return False
        self._change(name, stops=(*kept.clock.stops, Stop(now, why)))
        return True

    def _resume(self, name: str, now: datetime) -> bool:
        kept = self._kept[name]
        if kept.clock.stopped_at is not None:
            self._change(
                name, stops=(*kept.clock.stops, Stop(kept.clock.stopped_at, "", now)), stopped_at=None
            )
        elif not kept.running:
            self._change(name, stops=self._resumed(kept.clock, now))
        else:
            return False
        return True

    def _end(self, name: str, now: datetime) -> bool:
        kept = self._kept[name]
        if kept.clock.stopped_at is not None:
            return False
        self._change(name, stops=self._resumed(kept.clock, now), stopped_at=now)
        return True

    def _resumed(self, clock: Clock, now: datetime) -> tuple[Stop, ...]:
        """Its stops, none of them open any more."""
        if clock.stops and clock.stops[-1].until is None:
            return (*clock.stops[:-1], msgspec.structs.replace(clock.stops[-1], until=now))
        return clock.stops

    # ------------------------------------------------------------ what is done to the whole case

    def stop_all(self, now: datetime) -> None:
        for name in self._kept:
            self._end(name, now)

    def pause_all(self, now: datetime, why: str) -> None:
        for name in self._kept:
            self._pause(name, now, why)

    def resume_all(self, now: datetime) -> None:
        for name, kept in self._kept.items():
            if kept.clock.stopped_at is None:
                self._resume(name, now)

    def extend(self, amount: int) -> None:
        """So many more of its unit to every clock that has not ended. Raises Conflict where there is none, Invalid."""
        going = [name for name, kept in self._kept.items() if kept.clock.stopped_at is None]
        if not going:
            raise Conflict(_NO_CLOCK)
        for name in going:
            clock = self._kept[name].clock
            self._put(
                name,
                msgspec.structs.replace(
                    clock, extensions=(*clock.extensions, Limit(amount, clock.limit.unit))
                ),
                Colour.GREEN,
            )

    def turned(self, now: datetime) -> list[tuple[str, str]]:
        """Clocks that show another colour than was told last, and which; they count as told."""
        turned = []
        for name, kept in self._kept.items():
            if kept.running:
                colour = kept.colour(now)
                self._changed.add(name)  # when it turns next is to be said in any case
                if colour is not kept.told:
                    self._put(name, kept.clock, colour)
                    turned.append((name, colour.value))
        return turned

    def after(self, wait: str, now: datetime) -> datetime | None:
        """When a timer runs out that begins now."""
        said = wait_of(wait)
        if isinstance(said, Limit):
            return times(Clock(started_at=now, limit=said), self.timing.calendar).due_at
        return now + said if said else None

    def _change(self, name: str, **what: Any) -> None:
        kept = self._kept[name]
        self._put(name, msgspec.structs.replace(kept.clock, **what), kept.told)

    def _put(self, name: str, clock: Clock, told: Colour) -> None:
        self._kept[name] = _Kept(clock, told, self.timing.calendar)
        self._changed.add(name)

    # ------------------------------------------------------------ what is kept

    def shown(self) -> dict[str, Any]:
        """What the case shows of its clocks: of the one that runs out first; of those that ended, when they would have."""
        going = [kept for kept in self._kept.values() if kept.clock.stopped_at is None]
        dated = [kept.times for kept in going or self._kept.values() if kept.times.due_at is not None]
        first = min(dated, key=lambda t: t.due_at or _LAST, default=Times(None, None, None, None))
        return {
            "due_at": first.due_at,
            "hint_at": first.hint_at,
            "yellow_at": first.yellow_at,
            "due_unknown": any(kept.times.unknown is not None for kept in going),
        }

    def rows(self, case: str) -> list[dict[str, Any]]:
        """The clocks that changed, to be written."""
        now = clocks.now()
        return [
            {
                "case_id": case, "name": name, "clock": msgspec.to_builtins(kept.clock), "running": kept.running,
                "told": kept.told.value, "next_at": kept.next_at(now),
            }
            for name, kept in self._kept.items()
            if name in self._changed
        ]  # fmt: skip


def shown(row: Row, language: Language) -> ClockShown:
    """A clock as it was kept, and why it says so."""
    kept = _Kept(msgspec.convert(row["clock"], Clock), Colour(row["told"]), CHINESE)
    why = explain(kept.clock, CHINESE, language)
    return ClockShown(
        name=row["name"],
        colour=kept.colour(kept.clock.stopped_at or clocks.now()).value,
        running=kept.running,
        started_at=kept.clock.started_at,
        due_at=kept.times.due_at,
        hint_at=kept.times.hint_at,
        yellow_at=kept.times.yellow_at,
        why=[*why.facts, why.answer],
    )
