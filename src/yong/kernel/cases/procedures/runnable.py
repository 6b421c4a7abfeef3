"""What keeps a BPMN model from being executed by Yong: everything, by element, with the reason."""

from collections import defaultdict
from collections.abc import Iterable

import msgspec

from yong.kernel.base.errors import Invalid
from yong.kernel.base.text import Text
from yong.kernel.cases.procedures.expressions import compile_expression
from yong.kernel.cases.procedures.model import FLOW_NODES, RUN, Flow, Model, Node

_EVENTS = {
    "startEvent": frozenset({"", "message", "timer"}),
    "endEvent": frozenset({"", "terminate"}),
    "intermediateThrowEvent": frozenset({""}),
    "intermediateCatchEvent": frozenset({"timer", "message"}),
    "boundaryEvent": frozenset({"timer", "message"}),
}
_RUN = RUN | _EVENTS.keys() | {"exclusiveGateway", "parallelGateway", "inclusiveGateway", "subProcess"}
_CHOOSE = ("exclusiveGateway", "inclusiveGateway")

_NONE = Text("没有标为可执行的流程（isExecutable）", "No process is marked as executable (isExecutable)")
_MANY = Text("文件里不止一个流程", "There is more than one process to be executed")
_KIND = Text("不能执行 {kind}", "{kind} cannot be executed")
_SCRIPT = Text("数据里不能带程序（scriptTask）", "Data holds no programs (scriptTask)")
_EVENT = Text("{kind} 不能用 {event} 触发", "{kind} cannot be triggered by {event}")
_SEVERAL = Text("一个事件只能有一种触发方式", "An event has one trigger only")
_LOOP = Text("不能执行循环或多实例标记", "Loops and several instances cannot be executed")
_SUB = Text(
    "不能执行由事件触发的或临时的子流程",
    "Sub-processes that events trigger, or ad hoc ones, cannot be executed",
)
_COMPENSATION = Text("不能执行补偿", "Compensation cannot be executed")
_NO_START = Text("没有开始事件，或不止一个", "There is no start event, or more than one")
_NO_END = Text("没有结束事件", "There is no end event")
_DEAD = Text("从这里走不出去", "Nothing leads on from here")
_LOST = Text("从开始到不了这里", "Nothing leads here from the start")
_NO_CONDITION = Text(
    "从“{of}”分出的流向既没有条件也不是默认",
    "A flow out of {of} has neither a condition nor is it the default",
)
_CONDITION = Text("条件写在了不能选择的地方", "A condition stands where nothing is chosen")
_ID = Text("标识不能含“|”或“:”", "An id cannot hold | or :")


class Obstacle(msgspec.Struct, frozen=True):
    """What is in the way, at which element (none: the file as a whole), in which line."""

    element: str | None
    reason: Text
    line: int | None = None


def obstacles(model: Model) -> tuple[Obstacle, ...]:
    """Everything in the way of executing a model; nothing where it can be."""
    running = [process for process in model.processes if process.executable]
    found: list[Obstacle] = []
    if not running:
        found.append(Obstacle(None, _NONE))
        running = list(model.processes)
    if len(running) != 1:
        return (*found, Obstacle(None, _MANY))
    nodes = [n for n in model.nodes if n.process == running[0].id and n.kind in FLOW_NODES]
    found += _of_nodes(nodes)
    flows = [f for f in model.flows if f.kind == "sequence"]
    inside: dict[str | None, list[Node]] = defaultdict(list)
    for node in nodes:
        inside[node.within].append(node)
    found += _of_flows(nodes, flows)
    for within, members in inside.items():
        found += _of_shape(within, members, flows)
    return tuple(found)


def _of_nodes(nodes: Iterable[Node]) -> Iterable[Obstacle]:
    for node in nodes:
        if "|" in node.id or ":" in node.id:
            yield Obstacle(node.id, _ID, node.line)
        if node.kind == "scriptTask":
            yield Obstacle(node.id, _SCRIPT, node.line)
        elif node.kind not in _RUN:
            yield Obstacle(node.id, _KIND.filled(kind=node.kind), node.line)
        elif node.kind in _EVENTS:
            yield from _of_event(node)
        if node.loop:
            yield Obstacle(node.id, _LOOP, node.line)
        if node.by_event or node.ad_hoc:
            yield Obstacle(node.id, _SUB, node.line)
        if node.compensates:
            yield Obstacle(node.id, _COMPENSATION, node.line)


def _of_event(node: Node) -> Iterable[Obstacle]:
    if len(node.events) > 1:
        yield Obstacle(node.id, _SEVERAL, node.line)
    event = node.events[0] if node.events else ""
    if event not in _EVENTS[node.kind]:
        yield Obstacle(node.id, _EVENT.filled(kind=node.kind, event=event or "—"), node.line)


def _of_flows(nodes: Iterable[Node], flows: Iterable[Flow]) -> Iterable[Obstacle]:
    """Choices that are none, conditions that cannot be read or that stand where nothing is chosen."""
    by_id = {node.id: node for node in nodes}
    out: dict[str, list[Flow]] = defaultdict(list)
    for flow in flows:
        if flow.source in by_id:
            out[flow.source].append(flow)
    for id_, leaving in out.items():
        node = by_id[id_]
        choosing = node.kind in _CHOOSE and len(leaving) > 1
        for flow in leaving:
            if flow.condition:
                if not choosing and flow.id != node.default:
                    yield Obstacle(flow.id, _CONDITION, flow.line)
                try:
                    compile_expression(flow.condition)
                except Invalid as error:
                    yield Obstacle(flow.id, error.detail, flow.line)
            elif choosing and flow.id != node.default:
                yield Obstacle(flow.id, _NO_CONDITION.filled(of=id_[:60]), flow.line)


def _of_shape(within: str | None, nodes: list[Node], flows: list[Flow]) -> Iterable[Obstacle]:
    """A process or sub-process has a start and an end, and every node lies on a way from the one to the other."""
    starts = [n for n in nodes if n.kind == "startEvent"]
    ends = [n for n in nodes if n.kind == "endEvent"]
    if len(starts) != 1:
        yield Obstacle(within, _NO_START)
    if not ends:
        yield Obstacle(within, _NO_END)
    ids = {n.id for n in nodes}
    on: dict[str, set[str]] = defaultdict(set)
    for flow in flows:
        if flow.source in ids and flow.target in ids:
            on[flow.source].add(flow.target)
    for node in nodes:
        if node.attached_to in ids:
            on[node.attached_to or ""].add(node.id)
        leaves = bool(on[node.id] - {n.id for n in nodes if n.attached_to == node.id})
        if node.kind != "endEvent" and not leaves:
            yield Obstacle(node.id, _DEAD, node.line)
    reached = _reached({n.id for n in starts}, on)
    for node in nodes:
        if node.id not in reached and starts:
            yield Obstacle(node.id, _LOST, node.line)


def _reached(starts: set[str], on: dict[str, set[str]]) -> set[str]:
    found, queue = set(starts), [*starts]
    while queue:
        for following in on[queue.pop()] - found:
            found.add(following)
            queue.append(following)
    return found
