"""The frozen types of time limits: limits and the rules that give them, clocks and what they tell."""

from datetime import date, datetime
from enum import Enum

import msgspec

from yong.kernel.base.errors import Invalid
from yong.kernel.base.text import Text

MOST = {"work": 3_660, "clock": 87_840, "calendar": 3_660}
"""The most that a limit is with its extensions: ten years, in working days, hours by the clock and days."""
LEAST = 0.01
YEARS = (1900, 9000)
"""Years between which moments are counted."""
MOST_STOPS = 1_000
MOST_EXTENSIONS = 100


class Unit(Enum):
    """What a limit is counted in."""

    WORK_HOURS = "work_hours"
    """工作时: hours of office time."""
    WORK_DAYS = "work_days"
    """工作日: working days (行政许可法 Art. 82)."""
    URGENT_HOURS = "urgent_hours"
    """紧急工作时: hours by the clock, day and night."""
    CALENDAR_DAYS = "calendar_days"
    """自然日: days, whoever works (民法典 Art. 200)."""
    MONTHS = "months"
    """月: up to the day of the same number, or the month's last (民法典 Art. 202)."""

    @property
    def family(self) -> str:
        """Units of a family can be added: working time, days of the calendar, hours by the clock."""
        return _FAMILY[self]

    @property
    def name_of(self) -> Text:
        return _NAMES[self]


class Ends(Enum):
    """How a limit in days ends; one in hours ends when they have passed."""

    CLOSE = "close"
    """As the office closes on the last day; the day on which it begins does not count (民法典 Art. 201, 203),
    and a last day that nobody works moves to the next working day."""
    SAME_TIME = "same_time"
    """At the time of day at which it began, as service desks of other countries count. In working days it
    begins in office time; days of the calendar do not move."""


class Limit(msgspec.Struct, frozen=True):
    """So much time. An extension is one too; its `ends` says nothing. Raises Invalid."""

    amount: float
    unit: Unit
    ends: Ends = Ends.CLOSE

    def __post_init__(self) -> None:
        if not LEAST <= self.amount <= MOST["clock"]:  # what is not a number is neither
            raise Invalid(_AMOUNT, least=f"{LEAST:g}", most=MOST["clock"])
        if self.unit not in (Unit.WORK_HOURS, Unit.URGENT_HOURS) and self.amount != int(self.amount):
            raise Invalid(_WHOLE)

    @property
    def text(self) -> Text:
        n = f"{self.amount:g}"
        name = self.unit.name_of
        return Text(f"{n} 个{name.zh}", f"{n} {name.en if self.amount == 1 else name.en + 's'}")


def check(limit: Limit, extensions: tuple[Limit, ...]) -> None:
    """Whether a limit and its extensions can be counted together. Raises Invalid."""
    family = limit.unit.family
    if any(e.unit.family != family for e in extensions):
        raise Invalid(_MIXED)
    if sum(e.amount * _DAYS.get(e.unit, 1) for e in (limit, *extensions)) > MOST[family]:
        raise Invalid(_LONG)


class When(msgspec.Struct, frozen=True):
    """A condition of a rule: the case's fact of that name (grade, district, source, …) is one of the values."""

    fact: str
    one_of: frozenset[str]


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the table of limits: for classes whose code begins so, under these conditions, in these days.

    `basis` names the law, standard or promise that it stands on. `valid_to` is the last day.
    """

    id: str
    prefix: str
    limit: Limit
    basis: Text
    when: tuple[When, ...] = ()
    valid_from: date = date.min
    valid_to: date = date.max


class Choice(msgspec.Struct, frozen=True):
    """The rule that holds for a case and why it is that one; `others` applied too and were less specific."""

    rule: Rule
    why: Text
    others: tuple[str, ...] = ()


class Stop(msgspec.Struct, frozen=True):
    """A time that does not count (行政许可法 Art. 45: hearing, inspection, expert review); open without `until`."""

    since: datetime
    reason: str
    until: datetime | None = None


class Clock(msgspec.Struct, frozen=True, kw_only=True):
    """A case's clock as it is kept. Everything it tells is derived (`times`, `standing`), and derived anew when
    the calendar learns a year.

    Stops follow each other; only the last may be open. Extensions are of the limit's family of units.
    `stopped_at` is when the case was done. Raises Invalid.
    """

    started_at: datetime
    limit: Limit
    extensions: tuple[Limit, ...] = ()
    stops: tuple[Stop, ...] = ()
    stopped_at: datetime | None = None
    choice: Choice | None = None

    def __post_init__(self) -> None:
        if len(self.extensions) > MOST_EXTENSIONS or len(self.stops) > MOST_STOPS:
            raise Invalid(_TOO_MANY, stops=MOST_STOPS, extensions=MOST_EXTENSIONS)
        check(self.limit, self.extensions)
        edges = [self.started_at]
        for n, stop in enumerate(self.stops):
            if stop.until is None and n + 1 < len(self.stops):
                raise Invalid(_ORDER)
            edges += [stop.since] if stop.until is None else [stop.since, stop.until]
        if any(edge.tzinfo is None for edge in (*edges, self.stopped_at or self.started_at)):
            raise Invalid(_NO_ZONE)
        if any(not YEARS[0] <= edge.year <= YEARS[1] for edge in edges):
            raise Invalid(_YEARS, first=YEARS[0], last=YEARS[1])
        if edges != sorted(edges) or (self.stopped_at and self.stopped_at < self.started_at):
            raise Invalid(_ORDER)


class Colour(Enum):
    GREEN = "green"
    HINT = "hint"
    YELLOW = "yellow"
    RED = "red"
    PAUSED = "paused"
    UNKNOWN = "unknown"
    """The calendar does not know the days that it would take to tell."""


class Times(msgspec.Struct, frozen=True):
    """When a clock hints, warns and is due, in UTC. None: not while it is paused, or `unknown` says why not.

    `hint_at` is None where it would not come after the start: a limit shorter than a working day has no hint.
    """

    due_at: datetime | None
    hint_at: datetime | None
    yellow_at: datetime | None
    red_at: datetime | None
    paused_since: datetime | None = None
    unknown: Text | None = None


class Standing(msgspec.Struct, frozen=True):
    """A clock at a moment. `elapsed` and `left` are in the clock's own `unit` (months in days); `left` is
    negative when it is late. None: the calendar does not know."""

    colour: Colour
    elapsed: float | None
    left: float | None
    unit: Unit


class Explanation(msgspec.Struct, frozen=True):
    """Why a clock is due when it is, in one language: the answer and the facts that lead to it, in order."""

    answer: str
    facts: tuple[str, ...]


_FAMILY = {
    Unit.WORK_HOURS: "work",
    Unit.WORK_DAYS: "work",
    Unit.URGENT_HOURS: "clock",
    Unit.CALENDAR_DAYS: "calendar",
    Unit.MONTHS: "calendar",
}
_NAMES = {
    Unit.WORK_HOURS: Text("工作时", "working hour"),
    Unit.WORK_DAYS: Text("工作日", "working day"),
    Unit.URGENT_HOURS: Text("紧急工作时", "urgent hour"),
    Unit.CALENDAR_DAYS: Text("自然日", "day"),
    Unit.MONTHS: Text("月", "month"),
}
_DAYS = {Unit.MONTHS: 31, Unit.WORK_HOURS: 1 / 24}
_LONG = Text("时限连同延期不得超过十年", "A limit with its extensions is at most ten years")
_YEARS = Text("时刻须在 {first} 年至 {last} 年之间", "Moments are between the years {first} and {last}")
_AMOUNT = Text("时限须在 {least} 与 {most} 之间", "A limit is between {least} and {most}")
_WHOLE = Text("以日、月计的时限须为整数", "A limit in days or months is a whole number")
_MIXED = Text(
    "延期须与时限同类：工作时间、自然日月或紧急工作时",
    "An extension is counted as its limit is: in working time, in days and months, or in urgent hours",
)
_NO_ZONE = Text("时刻须带时区", "The moment needs a time zone")
_ORDER = Text(
    "开始、各次中止、恢复和办结须按时间先后，只有最后一次中止可以未恢复",
    "Start, stops and end must follow each other in time, and only the last stop may be open",
)
_TOO_MANY = Text(
    "最多 {stops} 次中止、{extensions} 次延期", "At most {stops} stops and {extensions} extensions"
)
