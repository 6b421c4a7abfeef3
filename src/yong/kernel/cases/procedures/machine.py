"""A procedure as a machine: where a case may stand, and where it goes from there.

SpiffWorkflow executes. What it does at a place depends on nothing but the place, what is done there and how the
conditions on the way come out, so each such step is executed once in a process and looked up from then on; a case
keeps no engine's state but the text of its marking. A marking is the single place where the case stood last and what was
done since, with the results of the conditions: "handle", or "split|opinion_a:|opinion_b:10". The engine is brought
there by planting a token at the single place and doing the steps again. So a procedure that goes round does not carry
its past along, which would grow without end, and which the engine's joins take for arrivals of this round.
"""

from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import msgspec
from lxml import etree
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser, TaskParser
from SpiffWorkflow.bpmn.parser.util import full_tag
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.specs.control import BoundaryEventSplit, _EndJoin
from SpiffWorkflow.bpmn.specs.defaults import UserTask
from SpiffWorkflow.bpmn.specs.event_definitions.base import EventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.message import MessageEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.timer import TimerEventDefinition
from SpiffWorkflow.util.task import TaskState

from yong.kernel.base.errors import Conflict, Invalid, Problem, YongError
from yong.kernel.base.kept import Kept
from yong.kernel.base.text import Text
from yong.kernel.cases.procedures.expressions import Expression, compile_expression
from yong.kernel.cases.procedures.model import RUN

ENDED = ""
"""The marking of a case that has come to an end."""
MARKINGS, CONDITIONS = 500, 24
"""How many places a procedure may have that differ, and how many conditions one step may ask."""
_KEPT = 5_000
_VARIANTS = 50
_STEPS = 200
_START = ""

_NOT_THERE = Text("流程现在不在“{element}”", "The procedure does not stand at {element}")
_STUCK = Text(
    "在“{element}”之后没有一个条件成立，也没有默认流向",
    "After {element} no condition holds and there is no default flow",
)
_TOO_MANY = Text(
    "流程的不同状态超过 {most} 个，请拆分", "The procedure has more than {most} different states; divide it"
)
_NO_END = Text("从这里走不到结束", "From here no way leads to an end")
_NO_SCRIPT = Text("流程里不能有程序", "A procedure holds no program")
_ENDLESS = Text("流程在这里原地循环", "The procedure goes in a circle here without anybody doing anything")
_DTD = Text("不接受带 DTD 的文件", "A file with a DTD is not read")
_ENGINE = Text("流程引擎无法装入：{why}", "The engine cannot load the procedure: {why}")


class Step(msgspec.Struct, frozen=True):
    """An element that was done, and how the conditions came out that were asked then, in their order."""

    element: str
    results: str = ""  # "10": the first held, the second did not


class Place(msgspec.Struct, frozen=True):
    """Where a case stands: the elements that wait to be done, sorted; none when it has ended."""

    marking: str
    waiting: tuple[str, ...]


class Move(msgspec.Struct, frozen=True):
    """What a step led to, and by what elements it went: events and gateways, in their order."""

    place: Place
    passed: tuple[str, ...]
    asked: tuple[str, ...]  # the conditions, as they stand in the procedure
    results: str


class _Engine(PythonScriptEngine):  # type: ignore[misc]
    """Conditions are asked of whoever walks; nothing else is ever evaluated."""

    def __init__(self) -> None:
        super().__init__()
        self.decide: Callable[[str], bool] = lambda _: False
        self.asked: list[str] = []
        self.results: list[str] = []

    def evaluate(self, task: Any, expression: str, external_context: Any = None) -> bool:
        held = self.decide(expression)
        self.asked.append(expression)
        self.results.append("1" if held else "0")
        return held

    def execute(self, task: Any, script: str, external_context: Any = None) -> bool:
        raise Invalid(_NO_SCRIPT)


class _Alarm(EventDefinition):  # type: ignore[misc]
    """A time or a message that Yong tells the engine of by the element's id; the engine has no clock."""

    def catches(self, my_task: Any, event: Any) -> bool:
        return False


class Parser(BpmnParser):  # type: ignore[misc]
    """The engine's reader, to which every task is something that somebody else does."""

    OVERRIDE_PARSER_CLASSES = {full_tag(name): (TaskParser, UserTask) for name in RUN}  # noqa: RUF012


class Machine:
    """One version of a procedure, ready to be walked. Raises Invalid where the engine cannot load it.

    `outcomes` are what a person may choose at an element; `automatic` the elements that Yong does by itself, at once.
    """

    def __init__(
        self,
        xml: bytes,
        process: str,
        *,
        outcomes: Mapping[str, Sequence[str]] | None = None,
        automatic: Collection[str] = (),
    ) -> None:
        parser, root = Parser(), root_of(xml)
        try:
            parser.add_bpmn_xml(root)
            self._spec = parser.get_spec(process)
            self._parts = parser.get_subprocess_specs(process)
        except Exception as error:  # the engine's parser raises whatever it stumbles over
            raise Invalid(_ENGINE, why=str(error)[:300]) from None
        for spec in (self._spec, *self._parts.values()):
            for task_spec in spec.task_specs.values():
                _silence(task_spec)
        self.outcomes = {element: tuple(of) for element, of in (outcomes or {}).items()}
        self.automatic = frozenset(automatic)
        self._roots = {
            spec.bpmn_id: _root_of(spec) for spec in self._spec.task_specs.values() if spec.bpmn_id
        }
        self._conditions: dict[str, Expression] = {}
        self._places: Kept[str, Place] = Kept(_KEPT)
        self._same: Kept[tuple[str, frozenset[Step], tuple[str, ...]], str] = Kept(_KEPT)
        self._moves: Kept[tuple[str, str], list[Move]] = Kept(_KEPT)

    # ------------------------------------------------------------ walking

    def start(self, data: Mapping[str, object]) -> Move:
        """Where a new case stands; what its conditions ask before anybody did anything is asked of `data`."""
        return self._known(ENDED, _START, data)

    def place(self, marking: str) -> Place:
        """The place of a marking. Raises Conflict where the procedure knows none such."""
        if (known := self._places.get(marking)) is not None:
            return known
        if marking == ENDED:
            return Place(ENDED, ())
        return self._places.put(marking, Place(marking, _waiting(self._at(marking)[0])))

    def step(self, marking: str, element: str, data: Mapping[str, object]) -> Move:
        """Do an element that waits. Raises Conflict where it does not wait, Invalid where no flow leads on."""
        if element not in self.place(marking).waiting:
            raise Conflict(_NOT_THERE, element=element)
        return self._known(marking, element, data)

    def _known(self, marking: str, element: str, data: Mapping[str, object]) -> Move:
        """The move from a marking by an element, looked up or made."""
        key = (marking, element)
        known = self._moves.get(key) or []
        for move in known:
            if all(self._holds(a, data) == (r == "1") for a, r in zip(move.asked, move.results, strict=True)):
                return move
        move = self._walk(marking, element, lambda condition: self._holds(condition, data))
        if len(known) < _VARIANTS:
            self._moves.put(key, [*known, move])
        return move

    def _expression(self, condition: str) -> Expression:
        compiled = self._conditions.get(condition)
        if compiled is None:
            compiled = self._conditions[condition] = compile_expression(condition)
        return compiled

    def _holds(self, condition: str, data: Mapping[str, object]) -> bool:
        return bool(self._expression(condition).value(data))

    # ------------------------------------------------------------ on the shelf

    def compile(self) -> tuple[str, ...]:
        """The single places, by walking everywhere. Raises Invalid with every fault found on the way.

        A fault is a place from which no way leads to an end, a choice where nothing may hold, a circle without
        anybody in it, a condition that cannot be read, and a procedure with too many places.
        """
        faults: dict[str, Text] = {}
        seen = {move.place.marking: move.place for move in self._branches(ENDED, _START, faults)}
        leads: dict[str, set[str]] = {}
        queue = deque(seen.values())
        while queue:
            place = queue.popleft()
            leads.setdefault(place.marking, set())
            at_once = [element for element in place.waiting if element in self.automatic]
            for element in at_once[:1] or place.waiting:
                for move in self._branches(place.marking, element, faults):
                    leads[place.marking].add(move.place.marking)
                    if move.place.marking not in seen:
                        seen[move.place.marking] = move.place
                        queue.append(move.place)
            if len(seen) > MARKINGS:
                raise Invalid(_TOO_MANY, most=MARKINGS)
        for marking in seen.keys() - _back_from(ENDED, leads):
            for element in seen[marking].waiting:
                faults.setdefault(element, _NO_END)
        if faults:
            raise Invalid(
                None, problems=tuple(Problem(f"/{element}", text) for element, text in sorted(faults.items()))
            )
        return tuple(sorted(marking for marking in seen if marking and "|" not in marking))

    def _branches(self, marking: str, element: str, faults: dict[str, Text]) -> list[Move]:
        """What an element may lead to: with each of its outcomes, whatever the other conditions say."""
        moves: list[Move] = []
        for outcome in self.outcomes.get(element) or (None,):
            plans = [""]
            while plans:
                plan = plans.pop()
                choice = _Choice(self, outcome, plan)
                try:
                    moves.append(self._walk(marking, element, choice))
                except Invalid as error:
                    faults.setdefault(element or _START, error.detail)
                plans += [choice.said[:n] + "1" for n in range(len(plan), min(len(choice.said), CONDITIONS))]
        return moves

    # ------------------------------------------------------------ the engine

    def _walk(self, marking: str, element: str, decide: Callable[[str], bool]) -> Move:
        """Do one step with the engine: bring it to a marking, then do the element."""
        workflow, engine = self._at(marking)
        engine.decide, engine.asked, engine.results = decide, [], []
        passed: list[str] = []
        _run(workflow, element, passed)
        done = Step(element, "".join(engine.results))
        return Move(self._place_of(workflow, marking, done), tuple(passed), tuple(engine.asked), done.results)

    def _at(self, marking: str) -> tuple[Any, _Engine]:
        """The engine, brought to a marking. Raises Conflict where there is no such place."""
        base, steps = _read(marking)
        engine = _Engine()
        workflow = BpmnWorkflow(self._spec, self._parts, script_engine=engine)
        if base:
            if base not in self._roots:
                raise Conflict(_NOT_THERE, element=base)
            _plant(workflow, self._roots[base])
        for step in steps:
            said = iter(step.results)
            engine.decide = lambda _, said=said: next(said) == "1"  # type: ignore[misc]
            _run(workflow, step.element, [])
        return workflow, engine

    def _place_of(self, workflow: Any, before: str, done: Step) -> Place:
        waiting = _waiting(workflow)
        if not waiting:
            return Place(ENDED, ())
        marking = _single(workflow)
        if marking is None:
            base, steps = _read(before)
            steps.append(done)
            marking = _written(base, steps)
            if len({s.element for s in steps}) == len(steps):  # side by side, the order makes no other place
                marking = self._same.get((base, frozenset(steps), waiting)) or marking
                self._same.put((base, frozenset(steps), waiting), marking)
        return self._places.put(marking, Place(marking, waiting))


class _Choice:
    """One way that the conditions of a step may come out: by an outcome where they ask for nothing else, else as planned."""

    def __init__(self, machine: Machine, outcome: str | None, plan: str) -> None:
        self.machine, self.outcome, self.plan, self.said = machine, outcome, plan, ""

    def __call__(self, condition: str) -> bool:
        expression = self.machine._expression(condition)
        if self.outcome is not None and expression.names <= {"outcome"}:
            return bool(expression.value({"outcome": self.outcome}))
        held = self.plan[len(self.said) : len(self.said) + 1] == "1"
        self.said += "1" if held else "0"
        return held


def root_of(xml: bytes) -> Any:
    """The root of an XML file, without entities, DTDs or the network. Raises Invalid."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(xml, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Invalid(_ENGINE, why=str(error)[:300]) from None
    if (
        root.getroottree().docinfo.doctype
    ):  # an entity that is not resolved would be a gap in what people read
        raise Invalid(_DTD)
    return root


def _silence(task_spec: Any) -> None:
    """Take clock and post away from the engine: Yong says when an event has come."""
    definition = getattr(task_spec, "event_definition", None)
    if isinstance(definition, TimerEventDefinition | MessageEventDefinition):
        task_spec.event_definition = _Alarm(name=task_spec.bpmn_id)


def _run(workflow: Any, element: str, passed: list[str]) -> None:
    """Complete an element (_START: what begins by itself), then whatever needs nobody."""
    if element != _START:
        task = next((t for t in _live(workflow) if t.task_spec.bpmn_id == element), None)
        if task is None:
            raise Conflict(_NOT_THERE, element=element)
        if task.state == TaskState.READY:
            task.run()
        else:
            task.task_spec.catch(task, None)
            task.task_spec._update(task)

    def note(task: Any) -> None:
        if task.task_spec.bpmn_id:
            passed.append(task.task_spec.bpmn_id)
            if len(passed) > _STEPS:
                raise Invalid(_ENDLESS)

    try:
        workflow.do_engine_steps(will_complete_task=note)
    except YongError:
        raise
    except Exception:  # the engine's word for a choice where nothing holds
        raise Invalid(_STUCK, element=passed[-1] if passed else element) from None


def _root_of(spec: Any) -> Any:
    """Where a token is planted to stand at an element: at the split that sets up the events at its border, if any."""
    return next((into for into in spec.inputs if isinstance(into, BoundaryEventSplit)), spec)


def _plant(workflow: Any, spec: Any) -> None:
    """Have a token at a place and nowhere else."""
    root = workflow.task_tree
    root._drop_children(force=True)
    task = root._add_child(spec, TaskState.FUTURE)
    spec._predict(task, mask=TaskState.FUTURE | TaskState.PREDICTED_MASK)
    root._set_state(TaskState.COMPLETED)
    spec._update(task)
    workflow.do_engine_steps()


def _live(workflow: Any) -> list[Any]:
    """What waits for somebody or something: tasks of people, and events that Yong tells of."""
    people = [*workflow.get_tasks(state=TaskState.READY, manual=True)]
    return people + [
        task
        for task in workflow.get_tasks(state=TaskState.WAITING)
        if isinstance(getattr(task.task_spec, "event_definition", None), _Alarm)
    ]


def _waiting(workflow: Any) -> tuple[str, ...]:
    return tuple(sorted({task.task_spec.bpmn_id for task in _live(workflow)}))


def _single(workflow: Any) -> str | None:
    """The element that a case stands at, if it stands nowhere else: alone or with the events at its border.

    Not within a sub-process, and not while a join has half of what it needs: there the past counts.
    """
    if workflow.get_active_subprocesses():
        return None
    live = _live(workflow)
    rest = set(workflow.get_tasks(state=TaskState.WAITING | TaskState.STARTED)) - set(live)
    if not all(isinstance(task.task_spec, _EndJoin) for task in rest):  # an end waits for nobody
        return None
    if len(live) == 1:
        return str(live[0].task_spec.bpmn_id)
    split = live[0].parent
    if isinstance(split.task_spec, BoundaryEventSplit) and all(task.parent is split for task in live):
        return next((str(t.task_spec.bpmn_id) for t in live if t.state == TaskState.READY), None)
    return None


def _read(marking: str) -> tuple[str, list[Step]]:
    base, *steps = marking.split("|")
    return base, [Step(*step.rsplit(":", 1)) for step in steps]


def _written(base: str, steps: Sequence[Step]) -> str:
    return "|".join([base, *(f"{s.element}:{s.results}" for s in steps)])


def _back_from(end: str, leads: Mapping[str, set[str]]) -> set[str]:
    """The places from which a way leads to `end`."""
    into: dict[str, set[str]] = {}
    for place, nexts in leads.items():
        for following in nexts:
            into.setdefault(following, set()).add(place)
    found, queue = {end}, [end]
    while queue:
        for place in into.get(queue.pop(), ()):
            if place not in found:
                found.add(place)
                queue.append(place)
    return found
