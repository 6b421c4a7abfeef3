"""Many runs of a plan, within their time; and the live version held against the past that it was not learned from."""

from collections.abc import Sequence
from datetime import date, timedelta
from statistics import fmean
from time import monotonic

import msgspec

from yong.kernel.base.calendars import Calendar
from yong.kernel.base.errors import Invalid
from yong.kernel.base.text import Text
from yong.kernel.cases.clocks.rules import Table
from yong.kernel.cases.simulating.contracts import LEAST_CASES, SimulatedBand, SimulationAsked
from yong.kernel.cases.simulating.engine import OutOfTimeError, Run
from yong.kernel.cases.simulating.learning import DeskKey, Learned, Past, learned
from yong.kernel.cases.simulating.measuring import Load, Measured, Span, band, measured, was
from yong.kernel.cases.simulating.walking import Walk
from yong.kernel.cases.simulating.world import Plan, Wait, check, planned

SECONDS, BACK_SECONDS = 6.0, 3.0
"""How long a simulation may take of a core, and its back-test."""
LEAST_RUNS, BACK_RUNS = 5, 10
_HOLDS_UP = 0.05  # of the time through, for waiting at a desk to be what holds up
_LEAST_HOURS = 0.25
_FULL = 0.9

_TIME = Text(
    "模拟超过了允许的时间，请缩短时间范围、缩小类别或区划",
    "The simulation takes longer than it may: ask for fewer days, classes or districts",
)
_FEW_HALVES = Text(
    "往案不足以分两半检验：每半至少 {least} 件",
    "Too few past cases to be tested on: it takes {least} in each half",
)


class Runs(msgspec.Struct, frozen=True):
    """What the runs of a plan came to."""

    plan: Plan
    done: list[Measured]


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """A simulation, and the past in the same days; the back-test, or why there is none."""

    runs: Runs
    past: Measured
    learned: Learned
    tested: tuple[Runs, Measured, Span] | None
    untested: Text | None
    seconds: float


def run_all(plan: Plan, calendar: Calendar, runs: int, seed: int, seconds: float) -> Runs:
    """Run a plan so often; fewer where there is no time, and Invalid where not even five fit in."""
    deadline = monotonic() + seconds
    done: list[Measured] = []
    for n in range(runs):
        try:
            done.append(measured(Run(plan.world, seed, n, deadline), plan.span, calendar, plan.limit_of))
        except OutOfTimeError:
            break
    if len(done) < min(runs, LEAST_RUNS):
        raise Invalid(_TIME)
    return Runs(plan, done)


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A simulation to be made. `live` is walked in the back-test, where there is one to be made."""

    walk: Walk
    live: Walk | None
    past: Past
    said: SimulationAsked
    tables: dict[str, Table]
    waits: dict[str, Wait]
    live_waits: dict[str, Wait]


def simulate(asked: Asked, calendar: Calendar) -> Made:
    """All of it. Raises Invalid where the past is too little or what is asked is not there; Unannounced."""
    began = monotonic()
    check(asked.walk, asked.said)
    past, said = asked.past, asked.said
    knows = learned(past, calendar)
    plan = planned(asked.walk, knows, said, asked.tables, asked.waits, calendar, past.first, past.until)
    runs = run_all(plan, calendar, said.runs, said.seed, SECONDS)
    tested, untested = None, None
    if asked.live is not None:
        tested, untested = _tested(asked, asked.live, calendar)
    return Made(
        runs=runs, past=was(past, plan.span), learned=knows, tested=tested, untested=untested,
        seconds=monotonic() - began,
    )  # fmt: skip


def _tested(
    asked: Asked, live: Walk, calendar: Calendar
) -> tuple[tuple[Runs, Measured, Span] | None, Text | None]:
    """The live version over the second half of the past's days, learned from the first, as nothing were changed."""
    past = asked.past
    middle = _middle(past)
    first, second = past.part(past.first, middle), past.part(middle, past.until)
    if min(len(first.cases), len(second.cases)) < LEAST_CASES or middle <= past.first:
        return None, _FEW_HALVES.filled(least=LEAST_CASES)
    plain = SimulationAsked(seed=asked.said.seed)
    plan = planned(
        live, learned(first, calendar), plain, asked.tables, asked.live_waits, calendar, middle, past.until
    )
    try:
        runs = run_all(plan, calendar, BACK_RUNS, plain.seed, BACK_SECONDS)
    except Invalid as error:
        return None, error.detail
    return (runs, was(past, plan.span), plan.span), None


def _middle(past: Past) -> date:
    return past.first + timedelta(days=(past.until - past.first).days // 2)


# ---------------------------------------------------------------- what it comes to


def loads_of(runs: Runs) -> dict[DeskKey, list[Load]]:
    """The loads of each desk, run by run, of those in which anything came to it."""
    found: dict[DeskKey, list[Load]] = {}
    for one in runs.done:
        for key, load in one.loads.items():
            found.setdefault(key, []).append(load)
    return found


def busy_of(runs: Runs, key: DeskKey, loads: Sequence[Load]) -> SimulatedBand | None:
    """How much of their time people at a desk are at it; none where nobody waits for them."""
    desk = runs.plan.world.desk(key)
    if desk.officers is None:
        return None
    span = runs.plan.span
    there = desk.officers * (desk.hours.passed(span.end) - desk.hours.passed(span.start))
    return band([load.worked / there if there else 0.0 for load in loads])


def days_of(loads: Sequence[Load]) -> list[SimulatedBand]:
    """How many wait, day by day."""
    return [band([float(load.by_day[n]) for load in loads]) for n in range(len(loads[0].by_day))]


def bottleneck(runs: Runs, loads: dict[DeskKey, list[Load]]) -> DeskKey | None:
    """The desk at which most cases wait, where that is much of their time, or where people are hardly ever free."""
    waited = {
        key: fmean(load.queue for load in those)
        for key, those in loads.items()
        if runs.plan.world.desk(key).officers is not None
    }
    if not waited:
        return None
    key = max(waited, key=lambda k: waited[k])
    through = band([one.through_hours for one in runs.done]).mean
    came = fmean(one.cases for one in runs.done) / runs.plan.span.days
    busy = busy_of(runs, key, loads[key])
    hours = (
        waited[key] / came * 24 if came else 0.0
    )  # that a case waits there: how many wait by how many come
    return key if hours >= max(_LEAST_HOURS, _HOLDS_UP * through) or (busy and busy.mean >= _FULL) else None
