"""The clocks of a case while it is in hand: started and stopped by its procedure, by the limits that a city keeps."""

import re
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from yong.kernel.base import clock
from yong.kernel.base.calendars import CHINESE, Calendar
from yong.kernel.base.city import City
from yong.kernel.base.errors import Conflict
from yong.kernel.base.text import Language, Text
from yong.kernel.cases.clocks.contracts import Clock, Colour, Facts, Limit, Reckoned, Rule, Stop, Unit
from yong.kernel.cases.clocks.explaining import explain
from yong.kernel.cases.clocks.reckoning import best, limit_after, reckoned
from yong.kernel.cases.contracts import ClockDo, ClockShown
from yong.kernel.store.database import Connection, Row

_FRESH_S = 2.0
_LAST = datetime.max.replace(tzinfo=UTC)
_DURATION = re.compile(
    r"P(?:(?P<days>\d{1,4})D)?(?:T(?:(?P<hours>\d{1,4})H)?(?:(?P<minutes>\d{1,5})M)?(?:(?P<seconds>\d{1,6})S)?)?"
)
_LIMIT = re.compile(rf"(?P<amount>\d{{1,4}}) (?P<unit>{'|'.join(u.value for u in Unit)})")
_NO_CLOCK = Text("没有正在运行的计时", "No clock runs")


class Timing(msgspec.Struct, frozen=True):
    """The calendar and the limits that a city keeps."""

    calendar: Calendar
    rules: tuple[Rule, ...]


class Limits:
    """The limits as this process read them last. A City part."""

    def __init__(self) -> None:
        self.read_at = -_FRESH_S
        self.timing = Timing(CHINESE, ())


async def timing(city: City, connection: Connection) -> Timing:
    """What clocks go by; what was changed counts after two seconds."""
    limits = city.part(Limits)
    if time.monotonic() - limits.read_at >= _FRESH_S:
        rows = await connection.fetch("SELECT * FROM cases.limit WHERE ended_at IS NULL ORDER BY id")
        limits.timing = Timing(CHINESE, tuple(_rule(row) for row in rows))
        limits.read_at = time.monotonic()
    return limits.timing


def _rule(row: Row) -> Rule:
    basis = row["basis_zh"] or row["basis_en"]
    return Rule(
        clock=row["clock"], limit=Limit(row["amount"], Unit(row["unit"])), procedure=row["procedure"],
        class_prefix=row["class_prefix"], area_prefix=row["area_prefix"], grade=row["grade"], urgent=row["urgent"],
        basis=Text(row["basis_zh"] or basis, row["basis_en"] or basis) if basis else None,
        starts_on=row["starts_on"], ends_on=row["ends_on"],
    )  # fmt: skip


def wait_of(text: str) -> timedelta | Limit | None:
    """What a timer waits for: `PT2H` as ISO 8601 has it, or `3 work_days` in the units of limits; None for neither."""
    if (said := _DURATION.fullmatch(text)) and any(said.groups()):
        return timedelta(**{name: int(value) for name, value in said.groupdict().items() if value})
    if said := _LIMIT.fullmatch(text):
        return Limit(int(said["amount"]), Unit(said["unit"]))
    return None


class _Kept:
    """A clock, what it comes to, and which colour was told of it."""

    def __init__(self, clock: Clock, told: Colour, calendar: Calendar) -> None:
        self.clock, self.told = clock, told
        self.reckoned = reckoned(clock, calendar)


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

    def do(self, name: str, do: ClockDo, case: dict[str, Any], now: datetime) -> bool:
        """What a procedure says at an element; whether it changed anything. Starting a stopped clock lets it run on."""
        kept = self._kept.get(name)
        if kept is None:
            return do is ClockDo.START and self._begin(name, case, now)
        if do in (ClockDo.START, ClockDo.RESUME):
            return self._resume(name, now)
        if do is ClockDo.PAUSE:
            return self._pause(name, now, None)
        return self._end(name, now)

    def _begin(self, name: str, case: dict[str, Any], now: datetime) -> bool:
        facts = Facts(
            clock=name,
            procedure=case["procedure"],
            class_=case["class"] or "",
            area=case["cell"] or case["district"],
            grade=str(case["data"].get("grade")) if case["data"].get("grade") is not None else None,
            urgent=case["urgent"],
            on=now.astimezone(clock.CHINA).date(),
        )
        rule = best(self.timing.rules, facts)
        if rule is None:
            return False
        self._put(name, Clock(limit=rule.limit, started_at=now, basis=rule.basis), Colour.GREEN)
        return True

    def _pause(self, name: str, now: datetime, why: str | None) -> bool:
        kept = self._kept[name]
        if not kept.clock.running:
            return False
        self._put(
            name,
            msgspec.structs.replace(kept.clock, stops=(*kept.clock.stops, Stop(now, None, why))),
            kept.told,
        )
        return True

    def _resume(self, name: str, now: datetime) -> bool:
        kept = self._kept[name]
        if kept.clock.ended_at is not None:
            stops = (*kept.clock.stops, Stop(kept.clock.ended_at, now))
        elif not kept.clock.running:
            stops = (*kept.clock.stops[:-1], msgspec.structs.replace(kept.clock.stops[-1], until=now))
        else:
            return False
        self._put(name, msgspec.structs.replace(kept.clock, stops=stops, ended_at=None), kept.told)
        return True

    def _end(self, name: str, now: datetime) -> bool:
        kept = self._kept[name]
        if kept.clock.ended_at is not None:
            return False
        stops = kept.clock.stops
        if stops and stops[-1].until is None:
            stops = (*stops[:-1], msgspec.structs.replace(stops[-1], until=now))
        self._put(name, msgspec.structs.replace(kept.clock, stops=stops, ended_at=now), kept.told)
        return True

    def stop_all(self, now: datetime) -> None:
        for name in self._kept:
            self._end(name, now)

    def pause_all(self, now: datetime, why: str) -> None:
        for name in self._kept:
            self._pause(name, now, why)

    def resume_all(self, now: datetime) -> None:
        for name, kept in self._kept.items():
            if kept.clock.ended_at is None:
                self._resume(name, now)

    def extend(self, amount: int) -> None:
        """So many more of its unit to every clock that has not ended. Raises Conflict where there is none."""
        going = [name for name, kept in self._kept.items() if kept.clock.ended_at is None]
        if not going:
            raise Conflict(_NO_CLOCK)
        for name in going:
            kept = self._kept[name]
            more = msgspec.structs.replace(kept.clock, extensions=(*kept.clock.extensions, amount))
            self._put(name, more, Colour.GREEN)

    def turned(self, now: datetime) -> list[tuple[str, str]]:
        """Clocks that show another colour than was told last, and which; they count as told."""
        turned = []
        for name, kept in self._kept.items():
            if kept.clock.running:
                colour = kept.reckoned.colour(now)
                self._changed.add(name)  # when it turns next is to be said in any case
                if colour is not kept.told:
                    self._put(name, kept.clock, colour)
                    turned.append((name, colour.value))
        return turned

    def after(self, wait: str, now: datetime) -> datetime | None:
        """When a timer runs out that begins now."""
        said = wait_of(wait)
        if isinstance(said, Limit):
            return limit_after(now, said, self.timing.calendar)
        return now + said if said else None

    def _put(self, name: str, clock: Clock, told: Colour) -> None:
        self._kept[name] = _Kept(clock, told, self.timing.calendar)
        self._changed.add(name)

    # ------------------------------------------------------------ what is kept

    def shown(self) -> dict[str, Any]:
        """What the case shows of its clocks: of the one that runs out first; of those that ended, when they would have."""
        going = [kept for kept in self._kept.values() if kept.clock.ended_at is None]
        dated = [kept.reckoned for kept in going or self._kept.values() if kept.reckoned.due_at is not None]
        first = min(dated, key=lambda r: r.due_at or _LAST, default=Reckoned())
        return {
            "due_at": first.due_at,
            "hint_at": first.hint_at,
            "yellow_at": first.yellow_at,
            "due_unknown": any(kept.reckoned.unknown is not None for kept in going),
        }

    def rows(self, case: str) -> list[dict[str, Any]]:
        """The clocks that changed, to be written."""
        return [
            {
                "case_id": case, "name": name, "clock": msgspec.to_builtins(kept.clock), "running": kept.clock.running,
                "told": kept.told.value, "next_at": _next(kept),
            }
            for name, kept in self._kept.items()
            if name in self._changed
        ]  # fmt: skip


def _next(kept: _Kept) -> datetime | None:
    """When somebody has to look at a clock again: where it turns next; where its year is unknown, in a day."""
    if not kept.clock.running:
        return None
    now = clock.now()
    if kept.reckoned.unknown is not None:
        return now + timedelta(days=1)
    following = kept.reckoned.next_at(now)
    # Red is past the end, not at it.
    return (
        following + timedelta(milliseconds=1)
        if following == kept.reckoned.due_at and following
        else following
    )


def shown(row: Row, language: Language) -> ClockShown:
    """A clock as it was kept, and why it says so."""
    kept = _Kept(msgspec.convert(row["clock"], Clock), Colour(row["told"]), CHINESE)
    said = kept.reckoned
    return ClockShown(
        name=row["name"],
        colour=said.colour(kept.clock.ended_at or clock.now()).value,
        running=kept.clock.running,
        started_at=kept.clock.started_at,
        due_at=said.due_at,
        hint_at=said.hint_at,
        yellow_at=said.yellow_at,
        why=[line.in_(language) for line in explain(kept.clock, said, CHINESE)],
    )
