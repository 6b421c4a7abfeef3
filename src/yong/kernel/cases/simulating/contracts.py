"""What crosses the door of simulations."""

from datetime import date
from typing import Annotated, Literal

import msgspec

LEAST_CASES = 50
"""How many past cases it takes to learn anything from."""
LEAST_TIMES = 5
"""How often an element was done at least, for its past to count."""
MOST_PAST, MOST_CASES = 8_000, 10_000
"""How many past cases are learned from, and how many are simulated in one run, at most."""
MOST_DAYS = 92
DEFAULT_MINUTES = 60.0
"""How long an element takes that nobody has done and nobody has said anything of."""

_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
_Amount = Annotated[int, msgspec.Meta(ge=1, le=3_660)]
_Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
_Minutes = Annotated[float, msgspec.Meta(ge=0.1, le=100_000)]
_Clock = Annotated[str, msgspec.Meta(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$")]
_Officers = Annotated[int, msgspec.Meta(ge=1, le=1_000)]


class PastAsked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which past cases are learned from; `since` to before `until`, of 92 days at most. Without days: up to the newest case."""

    procedure: _Name | None = None
    version: Annotated[int, msgspec.Meta(ge=1, le=2_147_483_647)] | None = None
    class_prefix: Annotated[str, msgspec.Meta(max_length=40)] | None = None
    district: Annotated[str, msgspec.Meta(max_length=12, pattern="^[0-9]*$")] | None = None
    since: date | None = None
    until: date | None = None


class DeskAsked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who sits at a desk. Without `officers`: as the past has it. `as_past`: nobody waits for an officer, it takes what it took."""

    role: _Name
    unit: _Name | None = None
    officers: _Officers | None = None
    as_past: bool = False
    from_time: _Clock | None = None
    to_time: _Clock | None = None
    every_day: bool | None = None


class ChoiceShare(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    choice: _Name
    share: _Share


class ElementAsked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is assumed of an element: the mean of the working time that it takes, and how often what is chosen."""

    element: _Name
    minutes: _Minutes | None = None
    shares: Annotated[list[ChoiceShare], msgspec.Meta(max_length=50)] = []


class LimitAsked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A limit as it would be, for the classes that begin so; the longest prefix holds."""

    clock: _Name
    class_prefix: Annotated[str, msgspec.Meta(max_length=40)] = ""
    amount: _Amount
    unit: Literal["work_hours", "work_days", "urgent_hours", "calendar_days", "months"]
    same_time: bool = False


class SimulationAsked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a version is tried out with: the past it is learned from, and what shall be otherwise."""

    past: PastAsked = PastAsked()
    factor: Annotated[float, msgspec.Meta(ge=0.5, le=5)] = 1.0
    desks: Annotated[list[DeskAsked], msgspec.Meta(max_length=200)] = []
    elements: Annotated[list[ElementAsked], msgspec.Meta(max_length=200)] = []
    limits: Annotated[list[LimitAsked], msgspec.Meta(max_length=50)] = []
    runs: Annotated[int, msgspec.Meta(ge=5, le=50)] = 20
    seed: Annotated[int, msgspec.Meta(ge=0, le=2_147_483_647)] = 1
    back_test: bool = True


# ---------------------------------------------------------------- what is told


class SimulatedBand(msgspec.Struct, frozen=True):
    """What is expected (the mean of all runs), and between what 90 % of them lie."""

    low: float
    mean: float
    high: float


class SimulatedDesk(msgspec.Struct, frozen=True, kw_only=True):
    """A desk: who sits there and when (`hours`), what comes, how long it waits, how much of the time people are busy.

    `officers` null: nobody waits for an officer there; `by` whose word that and the hours are: the past's, the person's, or nobody's;
    `apart` how far the past's own times are from those of a queue with as many as it had, as a share of the mean (null: too few to tell).
    """

    role: str
    role_title: str
    unit: str | None
    unit_name: str | None
    officers: int | None
    hours: str
    by: Literal["past", "given", "default"]
    apart: float | None
    tasks_per_day: SimulatedBand
    wait_hours: SimulatedBand
    busy: SimulatedBand | None
    queue: SimulatedBand
    queue_by_day: list[SimulatedBand]
    past_wait_hours: float | None


class SimulatedShare(msgspec.Struct, frozen=True, kw_only=True):
    """How often what is chosen, as a share."""

    choice: str
    title: str
    share: float


class SimulatedElement(msgspec.Struct, frozen=True, kw_only=True):
    """An element that people do: working minutes and shares, and whose word they are: the past's, the person's, or nobody's."""

    element: str
    title: str
    role: str | None
    times: int
    minutes: float
    minutes_by: Literal["past", "given", "default"]
    shares: list[SimulatedShare]
    shares_by: Literal["past", "given", "default"]


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """A number as simulated, and as it was (null: there is none); `inside` whether it lies in the band."""

    what: Literal["through_hours", "late", "ended_per_day", "open_at_end"]
    title: str
    simulated: SimulatedBand
    past: float | None
    inside: bool | None


class BackTest(msgspec.Struct, frozen=True, kw_only=True):
    """The live version simulated over the second half of the past, learned from the first, held against what was."""

    version: int | None
    since: date
    until: date
    runs: int
    compared: list[Compared]
    note: str


class Simulation(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be expected. Times through are the median's, in hours by the clock; `late` is a share of what fell due.

    `bottleneck` is the number of a desk; `clocks` those of the procedure, whose limits may be otherwise.
    """

    procedure: str
    version: int
    said: str
    since: date
    until: date
    past_cases: int
    cases: SimulatedBand
    runs: int
    seed: int
    seconds: float
    compared: list[Compared]
    bottleneck: int | None
    desks: list[SimulatedDesk]
    elements: list[SimulatedElement]
    clocks: list[str]
    notes: list[str]
    back_test: BackTest | None
