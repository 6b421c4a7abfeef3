"""Simulation of procedures: against queues whose waiting is known, against itself, and against pasts that are made up."""

import random
from collections import Counter
from datetime import date
from heapq import heapify, heapreplace
from math import factorial
from typing import Any

import numpy as np
import pytest

from yong.kernel.base.calendars import CHINESE
from yong.kernel.base.errors import Invalid
from yong.kernel.cases.procedures.machine import Machine
from yong.kernel.cases.procedures.reading import read
from yong.kernel.cases.procedures.sheet import sheet_of
from yong.kernel.cases.simulating.contracts import DeskAsked, ElementAsked, LimitAsked, SimulationAsked
from yong.kernel.cases.simulating.engine import Run
from yong.kernel.cases.simulating.hours import DAY, Hours, day_of, midnight, office_spans
from yong.kernel.cases.simulating.learning import (
    Learned,
    LearnedDesk,
    LearnedElement,
    Past,
    PastCase,
    PastTask,
    learned,
)
from yong.kernel.cases.simulating.measuring import band
from yong.kernel.cases.simulating.running import (
    Asked,
    Made,
    bottleneck,
    busy_of,
    loads_of,
    run_all,
    simulate,
)
from yong.kernel.cases.simulating.walking import Walk
from yong.kernel.cases.simulating.world import Plan, planned

FIRST, UNTIL = date(2026, 3, 2), date(2026, 4, 13)
ROUND_THE_CLOCK = ((0.0, DAY),)
BPMN = """<b:definitions xmlns:b="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:yong="urn:yong:procedure" id="d"
 targetNamespace="urn:x"><b:process id="x.p" name="受理" isExecutable="true"><b:extensionElements>
 <yong:text en="Taking in"/><yong:stage name="one" zh="受理" en="Taken in"/></b:extensionElements>
<b:startEvent id="s"/><b:sequenceFlow id="f1" sourceRef="s" targetRef="take"/>
<b:userTask id="take" name="受理"><b:extensionElements><yong:text en="Take in"/><yong:stage name="one"/>
 <yong:desk role="cases.clerk" unit="city"/><yong:clock name="handling" do="start"/>
 <yong:action name="on" zh="通过" en="On"/><yong:action name="again" zh="重来" en="Again"/></b:extensionElements></b:userTask>
<b:sequenceFlow id="f2" sourceRef="take" targetRef="g"/><b:exclusiveGateway id="g" default="f3"/>
<b:sequenceFlow id="f3" sourceRef="g" targetRef="check"/>
<b:sequenceFlow id="f4" sourceRef="g" targetRef="take"><b:conditionExpression>outcome == "again"</b:conditionExpression></b:sequenceFlow>
<b:userTask id="check" name="复核"><b:extensionElements><yong:text en="Check"/><yong:stage name="one"/>
 <yong:desk role="cases.supervisor" unit="city"/><yong:action name="done" zh="办结" en="Done"/></b:extensionElements></b:userTask>
<b:sequenceFlow id="f5" sourceRef="check" targetRef="e"/>
<b:endEvent id="e"><b:extensionElements><yong:end outcome="done"/></b:extensionElements></b:endEvent>
</b:process></b:definitions>"""
CLERK, HEAD = ("cases.clerk", None), ("cases.supervisor", None)


def walk() -> Walk:
    bpmn = BPMN.encode()
    sheet = sheet_of(bpmn)
    outcomes = {e: [c.name for c in p.choices] for e, p in sheet.places.items() if p.choices}
    return Walk(Machine(bpmn, sheet.name, outcomes=outcomes), sheet, read(bpmn), {})


def case(opened: float, **more: Any) -> PastCase:
    facts = {
        "class": "01",
        "district": "330203",
        "urgent": False,
        "supervised": False,
        "source": "desk",
        "unit": None,
    }
    values = {
        "facts": facts, "opened": opened, "closed": None, "due": None, "owner": "cityops", "units": (), "urgent": False,
        "class_": "01", "district": "330203", **more,
    }  # fmt: skip
    return PastCase(**values)


def known(rate: float, take_s: float, *, again: int = 0, officers: int = 3) -> Learned:
    """Cases at one rate day and night; work of the clerks as it is in an M/M/c queue; the head has next to nothing to do."""
    chance = np.random.default_rng(5)
    desk = LearnedDesk(officers=officers, spans=ROUND_THE_CLOCK, every_day=True, apart=0.0, times=1_000)
    work = chance.exponential(take_s, 20_000)
    return Learned(
        cases=[case(midnight(FIRST))], rates=np.full((7, 24), rate), first=FIRST, until=UNTIL,
        desks={CLERK: desk, HEAD: desk},
        elements={
            "take": LearnedElement(
                work={None: (work * take_s / work.mean()).tolist()}, lay={None: [60.0]},
                chosen=Counter({"on": 100 - again, "again": again}),
            ),
            "check": LearnedElement(work={None: [1.0] * 9}, lay={None: [1.0] * 9}, chosen=Counter({"done": 9})),
        },
    )  # fmt: skip


def plan(
    knows: Learned, said: SimulationAsked | None = None, first: date = FIRST, until: date = UNTIL
) -> Plan:
    return planned(walk(), knows, said or SimulationAsked(), {}, {}, CHINESE, first, until)


def erlang_c_wait_h(rate: float, service_h: float, officers: int) -> float:
    """Mean waiting of an M/M/c queue, in hours (Erlang 1917)."""
    load = rate * service_h
    top = load**officers / factorial(officers) * officers / (officers - load)
    waits = top / (sum(load**k / factorial(k) for k in range(officers)) + top)
    return waits / (officers / service_h - rate)


@pytest.mark.parametrize(("rate", "minutes", "officers"), [(4.0, 36.0, 3), (2.0, 24.0, 1), (6.0, 80.0, 10)])
def test_waiting_is_what_queueing_theory_says(rate: float, minutes: float, officers: int) -> None:
    made = run_all(plan(known(rate, minutes * 60, officers=officers)), CHINESE, 12, 3, 60)
    loads = loads_of(made)[CLERK]
    waits = band([load.wait_hours for load in loads])
    true = erlang_c_wait_h(rate, minutes / 60, officers)
    assert waits.low <= true <= waits.high
    assert waits.mean == pytest.approx(true, rel=0.15)
    busy = busy_of(made, CLERK, loads)
    assert busy is not None
    assert busy.mean == pytest.approx(rate * minutes / 60 / officers, rel=0.03)
    queue = band([load.queue for load in loads])
    assert queue.mean == pytest.approx(rate * true, rel=0.15), "Little's law"


def test_every_case_that_came_is_somewhere_or_has_ended() -> None:
    run = Run(plan(known(4.0, 2_000.0, again=30)).world, 1, 0)
    came = [c for c in run.cases if c.opened < run.world.end]
    assert len(came) > 1_000
    ended = [c for c in came if c.closed is not None]
    assert all(not c.tasks for c in ended)
    for one in (c for c in came if c.closed is None):
        [[task]] = one.tasks.values()  # in one place, and nowhere else
        assert task.ended is None
        assert one.stuck is None
    again = sum(t.element == "take" for t in run.tasks) / len(came)
    assert again == pytest.approx(1 / 0.7, rel=0.05), "each goes round as often as the past's choices have it"
    by_desk = [t for t in run.tasks if t.desk and t.desk.key == CLERK and t.begun is not None]
    edges = sorted(
        [(t.begun, 1) for t in by_desk] + [(t.ended, -1) for t in by_desk if t.ended],
        key=lambda e: (e[0], e[1]),
    )
    at_work = most = 0
    for _, change in edges:
        at_work += change
        most = max(most, at_work)
    assert most <= 3, "nobody works on two cases"


def test_the_same_seed_gives_the_same_runs_and_another_does_not() -> None:
    def told(seed: int) -> list[tuple[int, float | None]]:
        done = run_all(
            plan(known(2.0, 3_000.0, again=10), until=date(2026, 3, 12)), CHINESE, 5, seed, 60
        ).done
        return [(one.cases, one.through_hours) for one in done]

    assert told(7) == told(7)
    assert told(7) != told(8)
    assert len(set(told(7))) == 5, "each run has its own luck"


def test_more_officers_never_make_it_worse() -> None:
    before = None
    for officers in (2, 3, 4, 6, 12):
        said = SimulationAsked(desks=[DeskAsked(role="cases.clerk", officers=officers)])
        made = run_all(plan(known(4.0, 2_400.0, again=10), said, until=date(2026, 3, 23)), CHINESE, 6, 1, 60)
        through = [one.through_hours for one in made.done]
        assert all(t is not None for t in through)
        if before is not None:
            assert all(now <= was + 1e-6 for now, was in zip(through, before, strict=True))
        before = through
        if officers != 4:  # there cases wait now and then
            assert (bottleneck(made, loads_of(made)) == CLERK) == (officers < 4)


def test_a_desk_works_in_its_hours_alone() -> None:
    hours = Hours(CHINESE, office_spans(CHINESE), date(2026, 9, 24), date(2026, 10, 12))
    friday = midnight(date(2026, 9, 24)) + 17 * 3600  # the day before the mid-autumn holiday
    assert hours.open_from(friday + 3600) == midnight(date(2026, 9, 28)) + 8.5 * 3600
    assert hours.after(friday, 3600) == midnight(date(2026, 9, 28)) + 9 * 3600
    assert hours.after(midnight(date(2026, 9, 28)), 3.5 * 3600) == midnight(date(2026, 9, 28)) + 12 * 3600
    assert hours.passed(midnight(date(2026, 9, 28))) == 7.5 * 3600
    assert hours.open_from(midnight(date(2026, 10, 20))) == float("inf")
    said = SimulationAsked(
        desks=[
            DeskAsked(role="cases.clerk", officers=40, from_time="09:00", to_time="17:00", every_day=False)
        ]
    )
    run = Run(plan(known(2.0, 600.0), said).world, 1, 0)
    for task in run.tasks:
        if task.desk and task.desk.key == CLERK and task.begun is not None and task.begun < run.world.end:
            assert 9 * 3600 <= task.begun % DAY < 17 * 3600
            assert CHINESE.is_workday(day_of(task.begun))


# ---------------------------------------------------------------- learned from a past


def past(
    days: int = 56,
    a_day: float = 30,
    minutes: float = 25,
    officers: int = 2,
    slow: bool = False,
    seed: int = 3,
) -> Past:
    """A past in which clerks of an office work off what comes, in order; `slow`: the head's answer comes days later, whoever sits there."""
    chance = random.Random(seed)
    first = date(2026, 3, 2)
    until = date.fromordinal(first.toordinal() + days)
    hours = Hours(CHINESE, office_spans(CHINESE), first, date.fromordinal(until.toordinal() + 60))
    free = [(0.0, n) for n in range(officers)]
    heapify(free)
    cases: list[PastCase] = []
    tasks: list[PastTask] = []
    opened = []
    for n in range(days):
        day = midnight(first) + n * DAY
        if CHINESE.is_workday(day_of(day)):
            opened += [
                day + 8.5 * 3600 + chance.random() * 9 * 3600
                for _ in range(round(a_day * (0.8 + 0.4 * chance.random())))
            ]
    for moment in sorted(opened):
        done, who = free[0]
        begun = hours.open_from(max(moment, done))
        end = hours.after(begun, chance.expovariate(1 / (minutes * 60)))
        heapreplace(free, (end, who))
        close = end + (chance.expovariate(1 / (3 * DAY)) if slow else 1_200.0)
        number = len(cases)
        cases.append(case(moment, closed=close, due=hours.after(moment, 4 * 3600)))
        tasks += [
            PastTask(case=number, element="take", role="cases.clerk", party=None, opened=moment, done=end, by=f"clerk-{who}", outcome="on"),
            PastTask(case=number, element="check", role="cases.supervisor", party=None, opened=end, done=close, by=f"head-{number % 3}", outcome="done"),
        ]  # fmt: skip
    return Past(first, until, cases, tasks)


def made(of: Past, said: SimulationAsked | None = None) -> Made:
    asked = said or SimulationAsked(runs=8)
    return simulate(
        Asked(walk=walk(), live=walk(), past=of, said=asked, tables={}, waits={}, live_waits={}), CHINESE
    )


def test_officers_their_hours_and_their_work_are_learned() -> None:
    knows = learned(past(), CHINESE)
    desk = knows.desks[CLERK]
    assert (desk.officers, desk.spans, desk.every_day) == (2, office_spans(CHINESE), False)
    assert desk.queues
    assert desk.apart is not None
    assert desk.apart < 0.2
    work = knows.elements["take"].work[None]
    assert np.mean(work) / 60 == pytest.approx(25, rel=0.1), "waiting is not taken for work"
    assert knows.elements["take"].chosen == Counter({"on": len(work)})
    assert knows.rates[:5].sum() / 5 == pytest.approx(30, rel=0.1)
    assert knows.rates[6].sum() == 0


def test_a_desk_where_cases_lie_for_other_reasons_is_not_taken_for_a_queue() -> None:
    knows = learned(past(slow=True), CHINESE)
    assert knows.desks[CLERK].queues
    assert not knows.desks[HEAD].queues
    found = made(past(slow=True))
    assert found.runs.plan.world.desk(HEAD).officers is None
    through = band([one.through_hours for one in found.runs.done])
    assert through.mean == pytest.approx(found.past.through_hours or 0, rel=0.2)


def test_the_half_that_was_not_learned_from_is_met() -> None:
    found = made(past())
    assert found.tested is not None
    runs, was, span = found.tested
    assert span.days == 28
    through = band([one.through_hours for one in runs.done])
    ended = band([one.ended_per_day for one in runs.done])
    assert was.through_hours is not None
    assert through.mean == pytest.approx(was.through_hours, rel=0.35)
    assert ended.mean == pytest.approx(was.ended_per_day, rel=0.1)


def test_what_shall_be_otherwise_is() -> None:
    of = past()
    plain = made(of)
    through = band([one.through_hours for one in plain.runs.done]).mean
    rush = made(of, SimulationAsked(runs=5, factor=1.5, back_test=False))
    assert band([one.through_hours for one in rush.runs.done]).mean > 2 * through
    helped = made(of, SimulationAsked(runs=5, factor=1.5, desks=[DeskAsked(role="cases.clerk", officers=4)]))
    assert band([one.through_hours for one in helped.runs.done]).mean < through * 1.2
    slower = made(of, SimulationAsked(runs=5, elements=[ElementAsked(element="take", minutes=10)]))
    assert slower.runs.plan.assumed["take"].minutes == pytest.approx(10)
    assert band([one.through_hours for one in slower.runs.done]).mean < through
    assert plain.runs.done[0].late is None, "no limit is kept"
    late = []
    for amount in (1, 4, 40):
        limit = LimitAsked(clock="handling", amount=amount, unit="work_hours")
        late.append(
            band([one.late for one in made(of, SimulationAsked(runs=5, limits=[limit])).runs.done]).mean
        )
    assert late[0] > late[1] > late[2]
    assert late[1] == pytest.approx(plain.past.late or 0, abs=0.1), (
        "four working hours was their limit in the past"
    )


def test_what_nobody_knows_is_told_and_not_guessed_silently() -> None:
    of = past()
    without = Past(of.first, of.until, of.cases, [t for t in of.tasks if t.element == "take"])
    found = made(without)
    assert found.runs.plan.assumed["check"].minutes_by == "default"
    assert any("Check has no past" in note.en and "60 minutes" in note.en for note in found.runs.plan.notes)
    assert any("nobody chose Again" in note.en for note in found.runs.plan.notes)
    given = made(without, SimulationAsked(runs=5, elements=[ElementAsked(element="check", minutes=5)]))
    assert given.runs.plan.assumed["check"].minutes_by == "given"
    assert not any("Check has no past" in note.en for note in given.runs.plan.notes)


def test_too_little_past_is_refused_and_so_is_what_the_procedure_does_not_have() -> None:
    with pytest.raises(Invalid) as refused:
        made(past(days=2, a_day=10))
    assert "Too few past cases" in refused.value.detail.en
    assert "往案太少" in refused.value.detail.zh
    found = made(past(days=4, a_day=22))
    assert found.tested is None
    assert found.untested is not None
    wrong = SimulationAsked(
        desks=[DeskAsked(role="cases.nobody", officers=1), DeskAsked(role="cases.clerk", from_time="12:00", to_time="09:00")],
        elements=[ElementAsked(element="nothing"), ElementAsked(element="s")],
        limits=[LimitAsked(clock="other", amount=1, unit="work_days")],
    )  # fmt: skip
    with pytest.raises(Invalid) as refused:
        made(past(), wrong)
    assert [p.pointer for p in refused.value.problems] == [
        "/desks/0/role", "/desks/1/from_time", "/elements/0/element", "/elements/1/element", "/limits/0/clock",
    ]  # fmt: skip


def test_a_run_that_takes_too_long_is_broken_off() -> None:
    with pytest.raises(Invalid) as refused:
        run_all(plan(known(6.0, 600.0)), CHINESE, 5, 1, 0.0)
    assert "takes longer than it may" in refused.value.detail.en
