"""Limits and clocks as data."""

from datetime import date, datetime
from enum import StrEnum

import msgspec

from yong.kernel.base.text import Text


class Unit(StrEnum):
    """What a limit counts.

    Working days count from the day after the start and end when the office closes on the last (民法典 Art. 201,
    行政许可法 Art. 82). Days at the hour begin when the office is open and end at the same time of a later working day,
    as many cities outside China promise. Calendar days count as working days do, and where the last is none it is the
    next working day (民法典 Art. 203). Working hours are hours while the office is open; urgent hours run round the
    clock.
    """

    WORK_HOURS = "work_hours"
    WORK_DAYS = "work_days"
    DAYS_AT_THE_HOUR = "days_at_the_hour"
    CALENDAR_DAYS = "calendar_days"
    URGENT_HOURS = "urgent_hours"


UNITS = {
    Unit.WORK_HOURS: Text("工作时", "working hours"),
    Unit.WORK_DAYS: Text("工作日", "working days"),
    Unit.DAYS_AT_THE_HOUR: Text("工作日（同一时刻）", "working days, to the hour"),
    Unit.CALENDAR_DAYS: Text("自然日", "calendar days"),
    Unit.URGENT_HOURS: Text("紧急工作时", "hours round the clock"),
}


class Limit(msgspec.Struct, frozen=True):
    """So many of a unit."""

    amount: int
    unit: Unit

    def text(self) -> Text:
        return Text(f"{self.amount} {UNITS[self.unit].zh}", f"{self.amount} {UNITS[self.unit].en}")


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the register of limits: the conditions that are not null must hold, and the days that it holds on."""

    clock: str
    limit: Limit
    procedure: str | None = None
    class_prefix: str | None = None
    area_prefix: str | None = None
    grade: str | None = None
    urgent: bool | None = None
    basis: Text | None = None
    starts_on: date | None = None
    ends_on: date | None = None


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What rules are asked of."""

    clock: str
    procedure: str
    class_: str
    area: str
    grade: str | None
    urgent: bool
    on: date


class Stop(msgspec.Struct, frozen=True):
    """A time that does not count: from a moment until another; null: it is stopped still."""

    since: datetime
    until: datetime | None
    why: str | None = None


class Colour(StrEnum):
    GREEN = "green"
    HINT = "hint"
    YELLOW = "yellow"
    RED = "red"


class Clock(msgspec.Struct, frozen=True, kw_only=True):
    """A clock of a case. Extensions are amounts of the limit's own unit."""

    limit: Limit
    started_at: datetime
    basis: Text | None = None
    extensions: tuple[int, ...] = ()
    stops: tuple[Stop, ...] = ()
    ended_at: datetime | None = None

    @property
    def running(self) -> bool:
        return self.ended_at is None and not (self.stops and self.stops[-1].until is None)


class Reckoned(msgspec.Struct, frozen=True, kw_only=True):
    """What a clock comes to. Everything is null while it is stopped; `unknown` says why it cannot be said at all.

    `hint_at` is one working day before the end, where the limit is longer; `yellow_at` when nine tenths of it are over.
    """

    due_at: datetime | None = None
    hint_at: datetime | None = None
    yellow_at: datetime | None = None
    unknown: Text | None = None

    def colour(self, now: datetime) -> Colour:
        """What the clock shows at a moment; red is past the end, not at it."""
        for at, colour in (
            (self.due_at, Colour.RED),
            (self.yellow_at, Colour.YELLOW),
            (self.hint_at, Colour.HINT),
        ):
            if at is not None and (now > at if colour is Colour.RED else now >= at):
                return colour
        return Colour.GREEN

    def next_at(self, now: datetime) -> datetime | None:
        """When it turns next."""
        later = [at for at in (self.hint_at, self.yellow_at, self.due_at) if at is not None and at >= now]
        return min(later, default=None)
