"""A BPMN 2.0 file as data: what it holds, and where it is drawn."""

import msgspec

from yong.kernel.base.text import Text

TASKS = frozenset(
    (
        "task", "userTask", "manualTask", "serviceTask", "scriptTask", "businessRuleTask", "sendTask", "receiveTask",
        "callActivity", "choreographyTask",
    )
)  # fmt: skip
RUN = TASKS - {"scriptTask", "callActivity", "choreographyTask"}
"""Tasks that Yong executes, or has somebody do."""
BOXED = frozenset(("subProcess", "transaction", "adHocSubProcess", "subChoreography"))
"""Nodes that hold others."""
GATEWAYS = frozenset(
    ("exclusiveGateway", "inclusiveGateway", "parallelGateway", "eventBasedGateway", "complexGateway")
)
EVENTS = frozenset(
    ("startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent")
)
FLOW_NODES = TASKS | BOXED | GATEWAYS | EVENTS


class Box(msgspec.Struct, frozen=True):
    """Where something is drawn, in the file's own units, y downwards."""

    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> tuple[float, float]:
        return self.x + self.width / 2, self.y + self.height / 2


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """A flow node: event, task, gateway, sub-process, call activity; or a thing beside the flow, such as a data object.

    `events` are the kinds of its event definitions ("timer", "message" …), `loop` is "", "standard", "parallel" or
    "sequential", `within` the sub-process that it lies in.
    """

    id: str
    kind: str  # as BPMN names it
    title: Text
    process: str
    line: int | None = None
    within: str | None = None
    lane: str | None = None
    events: tuple[str, ...] = ()
    attached_to: str | None = None
    interrupting: bool = True
    default: str | None = None
    loop: str = ""
    by_event: bool = False
    ad_hoc: bool = False
    compensates: bool = False
    calls: str | None = None


class Flow(msgspec.Struct, frozen=True, kw_only=True):
    """What leads from one thing to another: `kind` is sequence, message, association or data."""

    id: str
    kind: str
    source: str
    target: str
    title: Text
    condition: str | None = None
    line: int | None = None


class Lane(msgspec.Struct, frozen=True, kw_only=True):
    """A pool (a participant) or a lane in one."""

    id: str
    title: Text
    process: str | None
    pool: bool = False
    level: int = 0


class Process(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    title: Text
    executable: bool
    line: int | None = None


class Model(msgspec.Struct, frozen=True, kw_only=True):
    """All of a file. `boxes` and `ways` are its own geometry, by the id of what is drawn."""

    processes: tuple[Process, ...]
    lanes: tuple[Lane, ...]
    nodes: tuple[Node, ...]
    flows: tuple[Flow, ...]
    boxes: dict[str, Box]
    labels: dict[str, Box]
    ways: dict[str, tuple[tuple[float, float], ...]]
    collapsed: frozenset[str] = frozenset()

    def node(self, id_: str) -> Node | None:
        return next((node for node in self.nodes if node.id == id_), None)
