"""Reading a BPMN 2.0 file (OMG 2013-12-09): whatever is in it, executable or not. Hardened; never raises but Invalid."""

from typing import Any

from lxml import etree

from yong.kernel.base.errors import Invalid, Problem
from yong.kernel.base.text import Text
from yong.kernel.cases.procedures.model import BOXED, FLOW_NODES, Box, Flow, Lane, Model, Node, Process

BYTES, ELEMENTS = 2 << 20, 50_000
BPMN, DI = "{http://www.omg.org/spec/BPMN/20100524/MODEL}", "{http://www.omg.org/spec/BPMN/20100524/DI}"
DC, DD, YONG = (
    "{http://www.omg.org/spec/DD/20100524/DC}",
    "{http://www.omg.org/spec/DD/20100524/DI}",
    "{urn:yong:procedure}",
)
BESIDE = frozenset(
    [
        "dataObjectReference",
        "dataStoreReference",
        "dataInput",
        "dataOutput",
        "textAnnotation",
        "group",
        "conversation",
    ]
)
_BIG = Text("文件过大（超过 {most}）", "The file is too large (over {most})")
_XML = Text("不是可读的 XML：{why}", "This is no XML that can be read: {why}")
_NO_BPMN = Text(
    "不是 BPMN 2.0 文件（根元素应为 definitions）", "This is no BPMN 2.0 file (its root is not definitions)"
)
_NO_PROCESS = Text("文件里没有流程", "There is no process in the file")
_TWICE = Text("标识 {id} 用了两次", "The id {id} is used twice")
_NO_ID = Text("第 {line} 行的 {what} 没有标识", "{what} in line {line} has no id")
_NOWHERE = Text("流向 {id} 指向不存在的 {end}", "The flow {id} leads to or from {end}, which is not there")
_GEOMETRY = Text("第 {line} 行的坐标无法读取", "The coordinates in line {line} cannot be read")


def read(xml: bytes) -> Model:
    """A file as a model. Raises Invalid with everything that keeps it from being one, by element."""
    if len(xml) > BYTES:
        raise Invalid(_BIG, most="2 MiB")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(xml, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Invalid(_XML, why=str(error)[:200]) from None
    if root.tag != f"{BPMN}definitions":
        raise Invalid(_NO_BPMN)
    if sum(1 for _ in root.iter()) > ELEMENTS:
        raise Invalid(_BIG, most=f"{ELEMENTS:,} XML")
    return _Reader(root).model()


class _Reader:
    def __init__(self, root: Any) -> None:
        self.root = root
        self.problems: list[Problem] = []
        self.nodes: dict[str, Node] = {}
        self.flows: dict[str, Flow] = {}
        self.lanes: list[Lane] = []
        self.in_lane: dict[str, str] = {}

    def model(self) -> Model:
        processes = []
        for process in self.root.iterchildren(f"{BPMN}process"):
            id_ = self._id(process)
            processes.append(
                Process(
                    id=id_, title=title_of(process), executable=process.get("isExecutable") == "true",
                    line=process.sourceline,
                )
            )  # fmt: skip
            for lanes in process.iterchildren(f"{BPMN}laneSet"):
                self._lanes(lanes, id_, 0)
            self._inside(process, id_, None)
        for meeting in self.root.iterchildren(f"{BPMN}collaboration", f"{BPMN}choreography"):
            self._collaboration(meeting)
        if not processes and not self.nodes and not self.lanes:
            raise Invalid(_NO_PROCESS)
        boxes, labels, ways, collapsed = self._geometry()
        known = self.nodes.keys() | {lane.id for lane in self.lanes} | {p.id for p in processes}
        for flow in self.flows.values():
            for end in (flow.source, flow.target):
                if flow.kind in ("sequence", "message") and end not in known:
                    self._wrong(flow.id, _NOWHERE.filled(id=flow.id[:60], end=end[:60] or "—"))
        if self.problems:
            raise Invalid(None, problems=tuple(self.problems))
        return Model(
            processes=tuple(processes), lanes=tuple(self.lanes), nodes=tuple(self.nodes.values()),
            flows=tuple(self.flows.values()), boxes=boxes, labels=labels, ways=ways, collapsed=collapsed,
        )  # fmt: skip

    # ------------------------------------------------------------ what it holds

    def _inside(self, container: Any, process: str, within: str | None) -> None:
        """What lies in a process or a sub-process."""
        for element in container.iterchildren():
            if not isinstance(element.tag, str) or not element.tag.startswith(BPMN):
                continue
            kind = element.tag.removeprefix(BPMN)
            if kind in FLOW_NODES or kind in BESIDE:
                node = self._node(element, kind, process, within)
                if node.id in self.nodes:
                    self._wrong(node.id, _TWICE.filled(id=node.id[:60]))
                self.nodes[node.id] = node
                self._data(element, node.id)
                if kind in BOXED:
                    for lanes in element.iterchildren(f"{BPMN}laneSet"):
                        self._lanes(lanes, process, 1)
                    self._inside(element, process, node.id)
            elif kind in ("sequenceFlow", "association"):
                self._flow(element, kind.removesuffix("Flow"))
            elif kind == "ioSpecification":
                self._inside(element, process, within)

    def _node(self, element: Any, kind: str, process: str, within: str | None) -> Node:
        id_ = self._id(element)
        title = title_of(element, bare=True)
        if kind == "textAnnotation":
            said = "".join(element.itertext(f"{BPMN}text")).strip()[:500]
            title = Text(said, said)
        loop = ""
        for mark in element.iterchildren(f"{BPMN}multiInstanceLoopCharacteristics"):
            loop = "sequential" if mark.get("isSequential") == "true" else "parallel"
        if element.find(f"{BPMN}standardLoopCharacteristics") is not None:
            loop = "standard"
        return Node(
            id=id_,
            kind=kind,
            title=title,
            process=process,
            line=element.sourceline,
            within=within,
            lane=self.in_lane.get(id_),
            events=_events(element),
            attached_to=element.get("attachedToRef"),
            interrupting=element.get("cancelActivity", element.get("isInterrupting", "true")) != "false",
            default=element.get("default"),
            loop=loop,
            by_event=element.get("triggeredByEvent") == "true",
            ad_hoc=kind == "adHocSubProcess",
            compensates=element.get("isForCompensation") == "true",
            calls=element.get("calledElement"),
        )

    def _flow(self, element: Any, kind: str) -> None:
        id_ = self._id(element)
        if id_ in self.flows:
            self._wrong(id_, _TWICE.filled(id=id_[:60]))
        condition = element.find(f"{BPMN}conditionExpression")
        self.flows[id_] = Flow(
            id=id_,
            kind=kind,
            source=element.get("sourceRef", ""),
            target=element.get("targetRef", ""),
            title=title_of(element, bare=True),
            condition="".join(condition.itertext()).strip() if condition is not None else None,
            line=element.sourceline,
        )

    def _data(self, element: Any, node: str) -> None:
        """What a node reads and writes, as flows of data."""
        for kind in ("dataInputAssociation", "dataOutputAssociation"):
            for said in element.iterchildren(BPMN + kind):
                ends = [(said.findtext(f"{BPMN}{end}") or "").strip() for end in ("sourceRef", "targetRef")]
                source, target = (ends[0], node) if kind == "dataInputAssociation" else (node, ends[1])
                id_ = said.get("id") or f"{node}.{len(self.flows)}"
                self.flows[id_] = Flow(id=id_, kind="data", source=source, target=target, title=Text("", ""))

    def _lanes(self, lanes: Any, process: str, level: int) -> None:
        for lane in lanes.iterchildren(f"{BPMN}lane"):
            id_ = self._id(lane)
            self.lanes.append(Lane(id=id_, title=title_of(lane), process=process, level=level))
            for said in lane.iterchildren(f"{BPMN}flowNodeRef"):
                self.in_lane[(said.text or "").strip()] = id_
            for inner in lane.iterchildren(f"{BPMN}childLaneSet"):
                self._lanes(inner, process, level + 1)

    def _collaboration(self, meeting: Any) -> None:
        for element in meeting.iterchildren():
            if not isinstance(element.tag, str):
                continue
            kind = element.tag.removeprefix(BPMN)
            if kind == "participant":
                self.lanes.insert(
                    0,
                    Lane(
                        id=self._id(element),
                        title=title_of(element),
                        process=element.get("processRef"),
                        pool=True,
                    ),
                )
            elif kind == "messageFlow":
                self._flow(element, "message")
            elif kind == "association":
                self._flow(element, "association")
        self._inside(meeting, "", None)

    # ------------------------------------------------------------ where it is drawn

    def _geometry(
        self,
    ) -> tuple[dict[str, Box], dict[str, Box], dict[str, tuple[tuple[float, float], ...]], frozenset[str]]:
        """Of the first diagram that draws a thing: a file may draw several."""
        boxes: dict[str, Box] = {}
        labels: dict[str, Box] = {}
        ways: dict[str, tuple[tuple[float, float], ...]] = {}
        collapsed = set()
        for shape in self.root.iter(f"{DI}BPMNShape"):
            of = (shape.get("bpmnElement") or "").rpartition(":")[2]
            bounds = shape.find(f"{DC}Bounds")
            if of and bounds is not None and of not in boxes and (box := self._box(bounds)):
                boxes[of] = box
                if shape.get("isExpanded") == "false":
                    collapsed.add(of)
            self._label(shape, of, labels)
        for edge in self.root.iter(f"{DI}BPMNEdge"):
            of = (edge.get("bpmnElement") or "").rpartition(":")[2]
            points = [self._point(point) for point in edge.iterchildren(f"{DD}waypoint")]
            if of and of not in ways and len(points) > 1 and None not in points:
                ways[of] = tuple(point for point in points if point)
            self._label(edge, of, labels)
        return boxes, labels, ways, frozenset(collapsed)

    def _label(self, drawn: Any, of: str, labels: dict[str, Box]) -> None:
        bounds = drawn.find(f"{DI}BPMNLabel/{DC}Bounds")
        if of and bounds is not None and of not in labels and (box := self._box(bounds)):
            labels[of] = box

    def _box(self, bounds: Any) -> Box | None:
        numbers = [self._number(bounds, name) for name in ("x", "y", "width", "height")]
        return None if None in numbers else Box(*(n for n in numbers if n is not None))

    def _point(self, point: Any) -> tuple[float, float] | None:
        x, y = self._number(point, "x"), self._number(point, "y")
        return None if x is None or y is None else (x, y)

    def _number(self, element: Any, name: str) -> float | None:
        try:
            number = float(element.get(name, ""))
        except ValueError:
            number = float("nan")
        if abs(number) < 1e6:
            return number
        self._wrong("", _GEOMETRY.filled(line=element.sourceline))
        return None

    # ------------------------------------------------------------ small things

    def _id(self, element: Any) -> str:
        id_: str = element.get("id") or ""
        if not 0 < len(id_) <= 200:
            what = etree.QName(element).localname
            self._wrong("", _NO_ID.filled(what=what, line=element.sourceline))
            return f"?{element.sourceline}"
        return id_

    def _wrong(self, of: str, text: Text) -> None:
        if len(self.problems) < 100:
            self.problems.append(Problem(f"/{of[:100]}", text))


def title_of(element: Any, *, bare: bool = False) -> Text:
    """What an element is called: its name, and the English one that `yong:text` gives; `bare`: nothing without a name."""
    zh = " ".join((element.get("name") or ("" if bare else element.get("id")) or "").split())[:200]
    for box in element.iterchildren(f"{BPMN}extensionElements"):
        for said in box.iterchildren(f"{YONG}text"):
            if said.get("en"):
                return Text(zh, said.get("en")[:200])
    return Text(zh, zh)


def _events(element: Any) -> tuple[str, ...]:
    found = [
        child.tag.removeprefix(BPMN).removesuffix("EventDefinition")
        for child in element.iterchildren()
        if isinstance(child.tag, str) and child.tag.startswith(BPMN) and child.tag.endswith("EventDefinition")
    ]
    return tuple(found)
