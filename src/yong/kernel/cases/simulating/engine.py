"""One run: cases come, wait at desks, are worked on and go on, event by event. All of its chance follows from its seed."""

from collections import deque
from collections.abc import Callable, Sequence
from heapq import heappop, heappush
from random import Random
from time import monotonic

import msgspec
import numpy as np

from yong.kernel.cases.contracts import ClockDo, Place
from yong.kernel.cases.simulating.hours import DAY, NEVER, Floats, Hours
from yong.kernel.cases.simulating.learning import DeskKey, PastCase
from yong.kernel.cases.simulating.walking import Arrival, Walk

_DRAWS = 24
_LOOK = 2_048  # events between two looks at the clock


class OutOfTimeError(Exception):
    """The run would take longer than there is time for."""


class Desk(msgspec.Struct, frozen=True, kw_only=True):
    """A desk of the simulated city. `officers` None: nobody waits there."""

    key: DeskKey
    officers: int | None
    hours: Hours


class Element(msgspec.Struct, frozen=True, kw_only=True):
    """How long an element takes by unit (`None`: any) as values to draw from, and the choices with their summed shares."""

    place: Place
    work: dict[str | None, list[float]]
    lay: dict[str | None, list[float]]
    choices: tuple[str, ...]
    sums: tuple[float, ...]
    fires: Callable[[float], float] | None = None  # of a timer


class World(msgspec.Struct, frozen=True, kw_only=True):
    """What all runs share. `kinds` are past cases of which new ones are drawn, `numbers` those of their facts."""

    walk: Walk
    kinds: Sequence[PastCase]
    numbers: Sequence[int]
    elements: dict[str, Element]
    desk: Callable[[DeskKey], Desk]
    hourly: Sequence[tuple[float, Floats]]  # a midnight, and how many cases are expected in each of its hours
    end: float


class Case:
    """A simulated case. `clocks`: by name when it began, its stops, when it ended."""

    __slots__ = (
        "clocks",
        "closed",
        "drawn",
        "draws",
        "facts",
        "kind",
        "marking",
        "number",
        "opened",
        "stuck",
        "tasks",
    )

    def __init__(self, number: int, opened: float, kind: int, facts: int, draws: list[float]) -> None:
        self.number, self.opened, self.kind, self.facts, self.draws, self.drawn = (
            number,
            opened,
            kind,
            facts,
            draws,
            0,
        )
        self.marking = ""
        self.closed: float | None = None
        self.stuck: str | None = None
        self.tasks: dict[str, list[Task]] = {}
        self.clocks: dict[str, Clock] = {}


class Clock:
    __slots__ = ("ended", "started", "stops")

    def __init__(self, started: float) -> None:
        self.started = started
        self.stops: list[list[float]] = []  # since, until (NEVER: open)
        self.ended: float | None = None


class Task:
    """A task at a desk; `dropped` where it needs not be done any more."""

    __slots__ = ("arrived", "begun", "case", "desk", "dropped", "element", "ended", "work")

    def __init__(self, case: Case, element: str, desk: Desk | None, arrived: float, work: float) -> None:
        self.case, self.element, self.desk, self.arrived, self.work = case, element, desk, arrived, work
        self.begun: float | None = None
        self.ended: float | None = None
        self.dropped = False


class Run:
    """A run from beginning to end; `cases` and `tasks` are all that there were. Raises OutOfTimeError after `deadline`."""

    def __init__(self, world: World, seed: int, number: int, deadline: float = NEVER) -> None:
        self.world, self.deadline = world, deadline
        self.cases: list[Case] = []
        self.tasks: list[Task] = []
        self._events: list[tuple[float, int, Task]] = []
        self._count = 0
        self._free: dict[DeskKey, int] = {}
        self._queue: dict[DeskKey, tuple[deque[Task], deque[Task]]] = {}
        self._more = Random(f"{seed}/{number}")  # noqa: S311  for chance, not for secrets
        self._arrivals(np.random.default_rng([seed, number]))
        self._go()

    def _arrivals(self, chance: np.random.Generator) -> None:
        moments: list[float] = []
        for midnight, expected in self.world.hourly:
            for hour, many in enumerate(chance.poisson(expected)):
                moments += (midnight + (hour + chance.random(many)) * (DAY / 24)).tolist()
        moments.sort()
        kinds = chance.integers(len(self.world.kinds), size=len(moments)).tolist()
        draws = chance.random((len(moments), _DRAWS)).tolist()
        self.cases = [
            Case(n, moment, kind, self.world.numbers[kind], drawn)
            for n, (moment, kind, drawn) in enumerate(zip(moments, kinds, draws, strict=True))
        ]

    def _go(self) -> None:
        events, end = self._events, self.world.end
        coming = iter(self.cases)
        case = next(coming, None)
        looked = 0
        while True:
            looked += 1
            if looked % _LOOK == 0 and monotonic() > self.deadline:
                raise OutOfTimeError
            if case is not None and (not events or case.opened <= events[0][0]):
                if case.opened < end:
                    self._come(case, self.world.walk.start(case.facts), case.opened)
                case = next(coming, None)
            elif events and events[0][0] <= end:
                t, _, task = heappop(events)
                if not task.dropped:
                    self._done(task, t)
            else:
                return

    # ------------------------------------------------------------ cases

    def _come(self, case: Case, to: Arrival, t: float) -> None:
        """Be where a case came to: clocks turn, tasks are dropped and begun."""
        case.facts, case.marking, case.stuck = to.facts, to.marking, to.stuck
        for name, do in to.clocks:
            _turn(case, name, do, t)
        for element in [e for e in case.tasks if e not in to.waiting]:
            for task in case.tasks.pop(element):
                self._drop(task, t)
        for element in to.fresh:
            self._begin(case, element, t)
        if to.ended:
            case.closed = t
            for name in case.clocks:
                _turn(case, name, ClockDo.STOP, t)

    def _begin(self, case: Case, element: str, t: float) -> None:
        of = self.world.elements[element]
        desk, kind = of.place.desk, self.world.kinds[case.kind]
        units: Sequence[str | None] = (None,)
        if desk and desk.unit == "owner":
            units = (kind.owner,)
        elif desk and desk.unit == "handling":
            units = (kind.units if desk.joint else kind.units[:1]) or (kind.owner,)
        begun = case.tasks[element] = []
        for unit in units:
            at = self.world.desk((desk.role, unit)) if desk and not of.fires else None
            waits = at is not None and at.officers is not None
            values = of.work if waits else of.lay
            if unit not in values:
                unit = None
            own = values[unit]
            task = Task(case, element, at, t, own[int(self._drawn(case) * len(own))])
            begun.append(task)
            self.tasks.append(task)
            if of.fires:
                self._at(of.fires(t), task)
            elif waits:
                self._wait(task, t)
            else:
                task.begun = t
                self._at(t + task.work, task)

    def _drawn(self, case: Case) -> float:
        """The case's own next chance, so that it has the same luck however many officers there are."""
        n = case.drawn
        case.drawn = n + 1
        return case.draws[n] if n < _DRAWS else self._more.random()

    def _at(self, t: float, task: Task) -> None:
        if t <= self.world.end:
            self._count += 1
            heappush(self._events, (t, self._count, task))

    # ------------------------------------------------------------ desks

    def _wait(self, task: Task, t: float) -> None:
        desk = task.desk
        assert desk is not None
        assert desk.officers is not None
        free = self._free.setdefault(desk.key, desk.officers)
        if free:
            self._free[desk.key] = free - 1
            self._work(task, t)
        else:
            urgent, rest = self._queue.setdefault(desk.key, (deque(), deque()))
            (urgent if self.world.kinds[task.case.kind].urgent else rest).append(task)

    def _work(self, task: Task, t: float) -> None:
        assert task.desk is not None
        task.begun = task.desk.hours.open_from(t)
        self._at(task.desk.hours.after(task.begun, task.work), task)

    def _leave(self, task: Task, t: float) -> None:
        """An officer is free, and takes what waits: the urgent first, then what came first."""
        task.ended = t
        if task.desk is None or task.desk.officers is None:
            return
        for queue in self._queue.get(task.desk.key, ()):
            while queue:
                following = queue.popleft()
                if not following.dropped:
                    self._work(following, t)
                    return
        self._free[task.desk.key] += 1

    def _drop(self, task: Task, t: float) -> None:
        if task.dropped or task.ended is not None:
            return
        task.dropped = True
        if task.begun is not None:
            task.begun = min(task.begun, t)
            self._leave(task, t)
        else:
            task.ended = t

    def _done(self, task: Task, t: float) -> None:
        self._leave(task, t)
        case, element = task.case, task.element
        if any(other.ended is None for other in case.tasks[element]):
            return  # the others at their desks are not done
        del case.tasks[element]
        of = self.world.elements[element]
        outcome = None
        if of.choices:
            drawn = self._drawn(case)
            outcome = next((c for c, s in zip(of.choices, of.sums, strict=True) if drawn < s), of.choices[-1])
        self._come(case, self.world.walk.step(case.marking, element, outcome, case.facts), t)


def _turn(case: Case, name: str, do: ClockDo, t: float) -> None:
    """As `service.clocks` turns them."""
    clock = case.clocks.get(name)
    if clock is None:
        if do is ClockDo.START:
            case.clocks[name] = Clock(t)
    elif do in (ClockDo.START, ClockDo.RESUME):
        if clock.ended is not None:
            clock.stops.append([clock.ended, t])
            clock.ended = None
        elif clock.stops and clock.stops[-1][1] == NEVER:
            clock.stops[-1][1] = t
    elif do is ClockDo.PAUSE:
        if clock.ended is None and not (clock.stops and clock.stops[-1][1] == NEVER):
            clock.stops.append([t, NEVER])
    elif clock.ended is None:
        if clock.stops and clock.stops[-1][1] == NEVER:
            clock.stops[-1][1] = t
        clock.ended = t
