"""A procedure in plain words, for whoever has to know it and reads no diagrams."""

from collections import defaultdict

import msgspec

from yong.kernel.base.text import Language, Text
from yong.kernel.cases.procedures.model import BOXED, FLOW_NODES, GATEWAYS, Flow, Model, Node

_DOES = Text("{who}：{what}。", "{who}: {what}.")
_ALONE = Text("{what}。", "{what}.")
_BY_ITSELF = Text("系统自动：{what}。", "By itself: {what}.")
_STARTS = Text("开始：{what}。", "It begins: {what}.")
_ENDS = Text("结束：{what}。", "It ends: {what}.")
_WAITS = Text("等待：{what}。", "It waits: {what}.")
_CHOICE = Text("{what} {ways}", "{what} {ways}")
_IF = Text("{when} → {to}；", "{when} → {to}; ")
_ELSE = Text("否则 → {to}；", "otherwise → {to}; ")
_ALL = Text("同时进行：{to}。", "At the same time: {to}.")
_JOIN = Text("以上都完成后继续。", "When all of these are done it goes on.")
_SOME = Text("凡符合的都进行：{ways}", "All that apply: {ways}")
_BORDER = Text("“{of}”进行中，若{what}：{to}{cuts}。", "While {of} is being done, if {what}: {to}{cuts}.")
_CUTS = Text("（原任务中止）", " (it is broken off)")
_STEP = Text("第 {n} 步", "step {n}")
_NEXT = Text("下一步", "next")
_GO = Text("然后转到{to}。", " Then {to}.")
_WITHIN = Text("“{what}”包含以下步骤。", "{what} consists of the following.")
_UNNAMED = {
    "startEvent": Text("流程启动", "the procedure is started"),
    "endEvent": Text("流程结束", "the procedure is over"),
    "boundaryEvent": Text("事件发生", "the event happens"),
    "gateway": Text("判断：", "It depends:"),
}
_AUTOMATIC = ("serviceTask", "scriptTask", "businessRuleTask", "sendTask")


class Step(msgspec.Struct, frozen=True):
    """A numbered step; `element` is what it is about."""

    number: str
    element: str | None
    text: Text


def tell(model: Model, language: Language) -> tuple[Step, ...]:
    """Every process of a model, a step a node in the order of the flow; loops are said as going back to a step."""
    steps: list[Step] = []
    shown = [
        p for p in model.processes if any(n.process == p.id and n.kind in FLOW_NODES for n in model.nodes)
    ]
    for number, process in enumerate(shown, 1):
        prefix = f"{number}." if len(shown) > 1 else ""
        steps += _Teller(model, process.id, None, prefix).steps()
    return tuple(steps)


class _Teller:
    """The steps of one process, or of a sub-process in it."""

    def __init__(self, model: Model, process: str, within: str | None, prefix: str) -> None:
        self.model, self.process, self.prefix = model, process, prefix
        self.nodes = {
            n.id: n
            for n in model.nodes
            if n.process == process and n.within == within and n.kind in FLOW_NODES
        }
        self.out: dict[str, list[Flow]] = defaultdict(list)
        self.into: dict[str, int] = defaultdict(int)
        for flow in model.flows:
            if flow.kind == "sequence" and flow.source in self.nodes and flow.target in self.nodes:
                self.out[flow.source].append(flow)
                self.into[flow.target] += 1
        self.lanes = {lane.id: lane.title for lane in model.lanes}
        self.order = self._ordered()
        self.number = {id_: f"{prefix}{n}" for n, id_ in enumerate(self.order, 1)}

    def _ordered(self) -> list[str]:
        """Nodes as the flow reaches them, from the starts on; those that nothing leads to come last."""
        starts = [n.id for n in self.nodes.values() if n.kind == "startEvent"]
        rest = [
            n.id
            for n in self.nodes.values()
            if not self.into[n.id] and n.id not in starts and not n.attached_to
        ]
        seen: dict[str, None] = {}
        queue = [*starts, *rest]
        while queue or len(seen) < len(self.nodes):
            if not queue:
                queue = [next(id_ for id_ in self.nodes if id_ not in seen)]
            id_ = queue.pop(0)
            if id_ in seen:
                continue
            seen[id_] = None
            borders = [n.id for n in self.nodes.values() if n.attached_to == id_]
            queue = [f.target for f in self.out[id_]] + borders + queue
        return [id_ for id_ in seen if not self._silent(self.nodes[id_])]

    def _silent(self, node: Node) -> bool:
        """A gateway that only brings ways together says nothing."""
        return node.kind in GATEWAYS and len(self.out[node.id]) == 1 and node.kind != "parallelGateway"

    def steps(self) -> list[Step]:
        found = []
        for n, id_ in enumerate(self.order):
            node = self.nodes[id_]
            text = self._text(node)
            following = self._goes(node, self.order[n + 1] if n + 1 < len(self.order) else None)
            if following:
                text = Text(text.zh.rstrip("。") + "。" + following.zh, text.en + following.en)
            found.append(Step(self.number[id_], id_, text))
            if node.kind in BOXED:
                inner = _Teller(self.model, self.process, id_, f"{self.number[id_]}.").steps()
                if inner:
                    found[-1] = Step(self.number[id_], id_, _plus(text, _WITHIN.filled(what=_name(node))))
                    found += inner
        return found

    # ------------------------------------------------------------ one step

    def _text(self, node: Node) -> Text:
        what = _called(node)
        if node.kind == "startEvent":
            return _filled(_STARTS, what=what)
        if node.kind == "endEvent":
            return _filled(_ENDS, what=what)
        if node.attached_to:
            of = _called(self.nodes[node.attached_to]) if node.attached_to in self.nodes else Text("", "")
            to = self._to([f.target for f in self.out[node.id]])
            return _filled(
                _BORDER, of=of, what=what, to=to, cuts=_CUTS if node.interrupting else Text("", "")
            )
        if node.kind in ("intermediateCatchEvent", "receiveTask"):
            return _filled(_WAITS, what=what)
        if node.kind == "parallelGateway":
            many = [f.target for f in self.out[node.id]]
            return _filled(_ALL, to=self._to(many)) if len(many) > 1 else _JOIN
        if node.kind in GATEWAYS:
            ways = self._ways(node)
            return (
                _filled(_SOME, ways=ways)
                if node.kind == "inclusiveGateway"
                else _filled(_CHOICE, what=what, ways=ways)
            )
        if node.kind in _AUTOMATIC:
            return _filled(_BY_ITSELF, what=what)
        lane = self.lanes.get(node.lane or "")
        return (
            _filled(_DOES, who=lane, what=what)
            if lane and (lane.zh or lane.en)
            else _filled(_ALONE, what=what)
        )

    def _ways(self, node: Node) -> Text:
        said = Text("", "")
        for flow in sorted(self.out[node.id], key=lambda f: f.id == node.default):
            to = self._to([flow.target])
            when = flow.title if flow.title.zh else Text(flow.condition or "", flow.condition or "")
            line = _filled(_IF, when=when, to=to) if when.zh or when.en else _filled(_ELSE, to=to)
            said = _plus(said, line)
        return Text(said.zh.rstrip("；") + "。", said.en.rstrip("; ") + ".")

    def _goes(self, node: Node, following: str | None) -> Text | None:
        """Where it goes on, where that is not simply the next step."""
        joins = node.kind == "parallelGateway" and len(self.out[node.id]) == 1
        if not joins and (node.kind in GATEWAYS or node.attached_to or node.kind == "endEvent"):
            return None
        targets = [self._real(f.target) for f in self.out[node.id]]
        if not targets or targets == [following]:
            return None
        return _filled(_GO, to=self._to(targets))

    def _real(self, id_: str) -> str:
        """What stands behind gateways that say nothing."""
        for _ in range(len(self.nodes)):
            if id_ not in self.nodes or not self._silent(self.nodes[id_]):
                return id_
            id_ = self.out[id_][0].target
        return id_

    def _to(self, targets: list[str]) -> Text:
        named = []
        for id_ in targets:
            real = self._real(id_)
            node, n = self.nodes.get(real), self.number.get(real, "?")
            step = _STEP.filled(n=n)
            name = _name(node) if node else ""
            named.append(
                Text(f"{step.zh}（{node.title.zh}）", f"{step.en} ({node.title.en})")
                if node and name
                else step
            )
        return Text("、".join(t.zh for t in named), ", ".join(t.en for t in named))


def _name(node: Node) -> str:
    return node.title.zh or node.title.en


def _called(node: Node) -> Text:
    """What a step is about: its name, else what kind of thing it is."""
    if _name(node):
        return node.title
    return _UNNAMED.get(node.kind) or (
        _UNNAMED["gateway"] if node.kind in GATEWAYS else Text(node.id, node.id)
    )


def _filled(text: Text, **parts: Text | None) -> Text:
    zh = {name: part.zh if part else "" for name, part in parts.items()}
    en = {name: part.en if part else "" for name, part in parts.items()}
    return Text(text.zh.format(**zh), text.en.format(**en))


def _plus(a: Text, b: Text) -> Text:
    return Text(a.zh + b.zh, f"{a.en} {b.en}".strip())
