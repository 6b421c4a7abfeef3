"""A procedure as a machine: what it compiles to is what the engine does, wherever a case has been."""

import random
from pathlib import Path

import pytest

from yong.kernel.base.errors import Conflict, Invalid
from yong.kernel.cases.procedures import machine
from yong.kernel.cases.procedures.machine import ENDED, Machine

_SIDE_BY_SIDE = Path(__file__).with_name("side_by_side.bpmn").read_bytes()
OUTCOMES = {"verify": ("yes", "no"), "check": ("ok", "rework")}


def _machine(xml: bytes = _SIDE_BY_SIDE) -> Machine:
    return Machine(xml, "p", outcomes=OUTCOMES, automatic=("urge",))


def _process(body: str) -> bytes:
    return (
        '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="urn:x">'
        f'<bpmn:process id="p" isExecutable="true">{body}</bpmn:process></bpmn:definitions>'
    ).encode()


def _flows(*pairs: str) -> str:
    return "".join(
        f'<bpmn:sequenceFlow id="f{n}" sourceRef="{a}" targetRef="{b}"/>'
        for n, (a, b) in enumerate(p.split(">") for p in pairs)
    )


def test_single_places_are_known_by_their_element_and_everything_else_by_what_was_done_since() -> None:
    made = _machine()
    assert made.compile() == ("check", "dispatch", "verify")
    assert made.start({}).place.marking == "verify"
    move = made.step("verify", "verify", {"outcome": "yes"})
    assert (move.place.marking, move.passed) == ("dispatch", ("g1",))
    at_work = made.step("dispatch", "dispatch", {"outcome": None}).place
    assert at_work.waiting == ("handle", "late", "opinion")
    one = made.step(made.step(at_work.marking, "handle", {}).place.marking, "opinion", {}).place
    other = made.step(made.step(at_work.marking, "opinion", {}).place.marking, "handle", {}).place
    assert one.marking == other.marking == "check"
    assert made.step("check", "check", {"outcome": "ok"}).place.marking == ENDED
    assert made.step("check", "check", {"outcome": "ok", "grade": 1}).place.marking == "dispatch"


def test_the_order_of_work_side_by_side_makes_no_other_marking() -> None:
    made = _machine()
    made.compile()
    at_work = made.step("dispatch", "dispatch", {}).place.marking

    def walked(*elements: str) -> str:
        marking = at_work
        for element in elements:
            marking = made.step(marking, element, {}).place.marking
        return marking

    assert (
        walked("late", "urge", "opinion")
        == walked("opinion", "late", "urge")
        == walked("late", "opinion", "urge")
    )


def test_another_process_goes_on_from_a_marking_alone() -> None:
    marking = "dispatch|dispatch:|late:|opinion:|urge:"
    again = _machine()
    assert again.place(marking).waiting == ("handle",)
    assert again.step(marking, "handle", {}).place.marking == "check"
    with pytest.raises(Conflict):
        again.step(marking, "opinion", {})
    with pytest.raises(Conflict):
        again.place("nowhere")


@pytest.mark.parametrize("seed", range(30))
def test_a_walk_is_the_walk_of_the_engine(seed: int) -> None:
    """Beside the machine the engine itself runs one case from its beginning, until it goes round."""
    chance = random.Random(seed)
    made = _machine()
    data: dict[str, object] = {}
    case, engine = made._at(ENDED)
    engine.decide = lambda condition: made._holds(condition, data)
    case.do_engine_steps()
    marking = made.start({}).place.marking
    for _ in range(12):
        waiting = made.place(marking).waiting
        assert set(waiting) == set(machine._waiting(case))
        element = "urge" if "urge" in waiting else chance.choice(waiting or ("",))
        data = {"outcome": chance.choice(OUTCOMES.get(element, ("",))), "grade": chance.choice((0, 0, 1))}
        if not waiting or (element == "check" and (data["outcome"] == "rework" or data["grade"])):
            return
        machine._run(case, element, [])
        marking = made.step(marking, element, data).place.marking


def test_a_second_round_waits_for_all_again() -> None:
    """The engine's own joins take what arrived in the round before for an arrival."""
    made = _machine()
    marking = made.step("check", "check", {"outcome": "rework"}).place.marking
    marking = made.step(marking, "dispatch", {}).place.marking
    marking = made.step(marking, "handle", {}).place.marking
    assert made.place(marking).waiting == ("opinion",)


def test_what_keeps_a_procedure_off_the_shelf_is_said_by_element() -> None:
    stuck = _process(
        '<bpmn:startEvent id="s"/><bpmn:userTask id="verify"/><bpmn:exclusiveGateway id="g"/><bpmn:endEvent id="e"/>'
        + _flows("s>verify", "verify>g")
        + '<bpmn:sequenceFlow id="y" sourceRef="g" targetRef="e">'
        '<bpmn:conditionExpression>outcome == "yes"</bpmn:conditionExpression></bpmn:sequenceFlow>'
    )
    with pytest.raises(Invalid) as refused:
        _machine(stuck).compile()
    assert [p.pointer for p in refused.value.problems] == ["/verify"]
    endless = _process(
        '<bpmn:startEvent id="s"/><bpmn:userTask id="a"/><bpmn:userTask id="b"/><bpmn:exclusiveGateway id="m"/>'
        '<bpmn:endEvent id="e"/>' + _flows("s>m", "m>a", "a>b", "b>m")
    )
    with pytest.raises(Invalid) as refused:
        _machine(endless).compile()
    assert {p.pointer for p in refused.value.problems} == {"/a", "/b"}
    grows = _process(
        '<bpmn:startEvent id="s"/><bpmn:parallelGateway id="g"/><bpmn:userTask id="a"/><bpmn:userTask id="b"/>'
        '<bpmn:exclusiveGateway id="m"/><bpmn:exclusiveGateway id="x" default="f4"/><bpmn:endEvent id="e"/>'
        '<bpmn:endEvent id="e2"/>'
        + _flows("s>m", "m>g", "g>a", "g>b", "x>e", "a>x", "b>e2")
        + '<bpmn:sequenceFlow id="more" sourceRef="x" targetRef="m">'
        "<bpmn:conditionExpression>more == 1</bpmn:conditionExpression></bpmn:sequenceFlow>"
    )
    with pytest.raises(Invalid, match="different states"):
        _machine(grows).compile()


def test_what_the_engine_cannot_load_is_refused() -> None:
    with pytest.raises(Invalid, match="cannot load"):
        _machine(
            _process('<bpmn:startEvent id="s"/><bpmn:sequenceFlow id="f" sourceRef="s" targetRef="none"/>')
        )
    with pytest.raises(Invalid):
        Machine(b"<bpmn", "p")
