"""A procedure drawn from its own geometry, as SVG: BPMN's shapes, with marks for where a case is and has been.

Colours come from classes (`current`, `done`, `late`) and `currentColor`, so that a page's light and dark are the drawing's.
Every text is escaped; nothing in it runs or is fetched. A file without geometry is laid out in ranks from left to right.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

import msgspec

from yong.kernel.base.text import Language, Text
from yong.kernel.cases.procedures.model import BOXED, TASKS, Box, Flow, Model, Node

_PAD, _LINE = 24.0, 14.0
_TITLE = Text("流程图：{name}", "Diagram of {name}")


class Mark(msgspec.Struct, frozen=True):
    """How an element is marked: `state` is current, done or late; `count` how often it was passed."""

    state: str
    count: int | None = None


class _At(NamedTuple):
    x: float
    y: float


# The sign of each kind of task and event, in a square of 16 units around 0,0; drawn, not written, so that no font matters.
_SIGNS = {
    "userTask": '<circle cy="-4" r="3"/><path d="M-6 7v-3q0-4 6-4t6 4v3z"/>',
    "manualTask": '<path d="M-6 6V-1l4-5 1 4h6v2h-4v1h4v2h-4v1h3v2z"/>',
    "serviceTask": '<circle r="3"/><path d="M0-7v3M0 4v3M-7 0h3M4 0h3M-5-5l2 2M3 3l2 2M-5 5l2-2M3-3l2-2"/>',
    "scriptTask": '<path d="M-4-6h8q-4 3 0 6t0 6h-8q4-3 0-6t0-6zM-2-3h4M-1 0h4M-1 3h4"/>',
    "businessRuleTask": '<path d="M-7-5H7V6H-7zM-7-1H7M-7 2.500H7M-3-1V6"/><path class="full" d="M-7-5H7v4H-7z"/>',
    "sendTask": '<path class="full" d="M-7-5H7V5H-7z"/><path class="back" d="M-7-5l7 6 7-6"/>',
    "receiveTask": '<path d="M-7-5H7V5H-7zM-7-5l7 6 7-6"/>',
    "message": '<path d="M-7-5H7V5H-7zM-7-5l7 6 7-6"/>',
    "timer": '<circle r="7"/><path d="M0-5V0l4 2"/>',
    "signal": '<path d="M0-7L7 5H-7z"/>',
    "error": '<path d="M-6 6l3-11 4 6 4-8-2 12-4-6z"/>',
    "escalation": '<path d="M0-7L6 7 0 1-6 7z"/>',
    "conditional": '<path d="M-6-7H6V7H-6zM-4-4h8M-4 0h8M-4 4h8"/>',
    "link": '<path d="M-7-3H1v-4l6 7-6 7v-4h-8z"/>',
    "compensate": '<path d="M0-6v12l-6-6zM6-6v12l-6-6z"/>',
    "cancel": '<path d="M-6-4l2-2 4 4 4-4 2 2-4 4 4 4-2 2-4-4-4 4-2-2 4-4z"/>',
    "terminate": '<circle class="full" r="8"/>',
    "exclusiveGateway": '<path class="thick" d="M-6-7L6 7M6-7L-6 7"/>',
    "parallelGateway": '<path class="thick" d="M0-9V9M-9 0H9"/>',
    "inclusiveGateway": '<circle class="thick" r="8"/>',
    "complexGateway": '<path class="thick" d="M0-9V9M-9 0H9M-6-6L6 6M6-6L-6 6"/>',
    "eventBasedGateway": '<circle r="10"/><circle r="8"/><path d="M0-6L6-1 4 6h-8l-2-7z"/>',
}
_THROWN = frozenset({"endEvent", "intermediateThrowEvent"})


def draw(model: Model, language: Language, marks: Mapping[str, Mark]) -> str:
    """The SVG of a model. Each thing is a `<g data-element="ID">`, marked as `marks` say."""
    boxes, ways = _laid_out(model)
    art = _Artist(model, language, marks, boxes, ways)
    body = art.body()
    left, top, width, height = _bounds(boxes, ways)
    name = next((p.title for p in model.processes), Text("", "")).in_(language)
    title = escape(_TITLE.filled(name=name or "—").in_(language))
    said = f'width="{width:g}" height="{height:g}" viewBox="{left:g} {top:g} {width:g} {height:g}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="procedure" role="img" aria-label={quoteattr(title)} {said}>'
        f"<title>{title}</title><defs>"
        '<marker id="arrow" markerWidth="10" markerHeight="8" refX="9" refY="4" orient="auto">'
        '<path d="M0 0l9 4-9 4z" fill="currentColor"/></marker></defs>'
        f"{body}</svg>"
    )


class _Artist:
    def __init__(
        self,
        model: Model,
        language: Language,
        marks: Mapping[str, Mark],
        boxes: Mapping[str, Box],
        ways: Mapping[str, tuple[tuple[float, float], ...]],
    ) -> None:
        self.model, self.language, self.marks, self.boxes, self.ways = model, language, marks, boxes, ways

    def body(self) -> str:
        """Pools and lanes below, then what holds others, flows, and what the flows join on top."""
        hidden = self._hidden()
        parts = [self._lane(lane.id, lane.title, lane.pool) for lane in self.model.lanes]
        nodes = [n for n in self.model.nodes if n.id in self.boxes and n.id not in hidden]
        parts += [self._node(n) for n in nodes if n.kind in BOXED or n.kind == "group"]
        gone = hidden | {n.id for n in self.model.nodes if n.id not in self.boxes}
        parts += [
            self._flow(f) for f in self.model.flows if not {f.source, f.target} & gone and f.id in self.ways
        ]
        parts += [self._node(n) for n in nodes if n.kind not in BOXED and n.kind != "group"]
        return "".join(parts)

    def _hidden(self) -> set[str]:
        """What lies in a sub-process that is drawn closed."""
        hidden: set[str] = set()
        for node in self.model.nodes:
            if node.within and (node.within in self.model.collapsed or node.within in hidden):
                hidden.add(node.id)
        return hidden

    def _group(self, id_: str, kind: str, title: Text, body: str) -> str:
        mark = self.marks.get(id_)
        classes = f"{kind} {mark.state}" if mark else kind
        count = ""
        box = self.boxes.get(id_)
        if mark and mark.count and box:
            x, y = box.x + box.width - 2, box.y + 2
            count = f'<g class="count"><circle cx="{x:g}" cy="{y:g}" r="9"/>{self._words(str(mark.count), _At(x, y + 4), 18, "middle")}</g>'
        name = title.in_(self.language)
        told = f"<title>{escape(name)}</title>" if name else ""
        return f"<g data-element={quoteattr(id_)} class={quoteattr(classes)}>{told}{body}{count}</g>"

    # ------------------------------------------------------------ shapes

    def _lane(self, id_: str, title: Text, pool: bool) -> str:
        box = self.boxes.get(id_)
        if box is None:
            return ""
        name = title.in_(self.language)
        x, y = box.x + 15, box.y + box.height / 2
        words = f'<g transform="rotate(-90 {x:g} {y:g})">{self._words(name, _At(x, y + 4), box.height - 8, "middle", 2)}</g>'
        line = f'<path d="M{box.x + 30:g} {box.y:g}v{box.height:g}"/>' if pool else ""
        return self._group(id_, "pool" if pool else "lane", title, self._rect(box, 0) + line + words)

    def _node(self, node: Node) -> str:
        box = self.boxes[node.id]
        if node.kind in TASKS or node.kind in BOXED:
            body = self._activity(node, box)
        elif node.kind.endswith("Event"):
            body = self._event(node, box)
        elif node.kind.endswith("Gateway"):
            x, y = box.middle
            body = (
                f'<path d="M{x:g} {box.y:g}L{box.x + box.width:g} {y:g} {x:g} {box.y + box.height:g} {box.x:g} {y:g}z"/>'
                + self._sign(node.kind, _At(x, y), min(box.width, box.height) / 50)
            )
        else:
            body = self._beside(node, box)
        return self._group(node.id, _class_of(node), node.title, body + self._label(node, box))

    def _activity(self, node: Node, box: Box) -> str:
        thick = ' class="thick"' if node.kind == "callActivity" else ""
        body = self._rect(box, 8, thick)
        if node.kind == "transaction":
            body += self._rect(Box(box.x + 3, box.y + 3, box.width - 6, box.height - 6), 6)
        if node.kind in _SIGNS:
            body += self._sign(node.kind, _At(box.x + 14, box.y + 13), 0.8)
        marks = []
        if node.kind in BOXED and node.id in self.model.collapsed:
            marks.append('<path d="M-6-6H6V6H-6zM0-4v8M-4 0h8"/>')
        marks += {
            "parallel": ['<path d="M-4-6v12M0-6v12M4-6v12"/>'],
            "sequential": ['<path d="M-6-4h12M-6 0h12M-6 4h12"/>'],
            "standard": ['<path d="M-3 6a6 6 0 1 1 4 0M-3 6l-3-1M-3 6l0-4"/>'],
        }.get(node.loop, [])
        if node.ad_hoc:
            marks.append('<path class="thick" d="M-7 2q4-6 7-2t7-2"/>')
        for n, mark in enumerate(marks):
            x = box.x + box.width / 2 + (n - (len(marks) - 1) / 2) * 18
            body += f'<g class="sign" transform="translate({x:g} {box.y + box.height - 9:g})">{mark}</g>'
        return body

    def _event(self, node: Node, box: Box) -> str:
        (x, y), r = box.middle, min(box.width, box.height) / 2
        dashed = "" if node.interrupting else ' stroke-dasharray="4 3"'
        thick = ' class="thick"' if node.kind == "endEvent" else ""
        body = f'<circle cx="{x:g}" cy="{y:g}" r="{r:g}"{thick}{dashed}/>'
        if node.kind.startswith(("intermediate", "boundary")):
            body += f'<circle cx="{x:g}" cy="{y:g}" r="{max(r - 3, 1):g}"{dashed}/>'
        if node.events:
            sign = self._sign(node.events[0], _At(x, y), r / 18)
            body += sign.replace('class="sign"', 'class="sign thrown"') if node.kind in _THROWN else sign
        return body

    def _beside(self, node: Node, box: Box) -> str:
        x, y, w, h = box.x, box.y, box.width, box.height
        if node.kind == "textAnnotation":
            return f'<path d="M{x + 12:g} {y:g}H{x:g}v{h:g}h12"/>'
        if node.kind == "group":
            return self._rect(box, 10, ' stroke-dasharray="8 4 2 4"')
        if node.kind == "dataStoreReference":
            return (
                f'<path d="M{x:g} {y + 6:g}q{w / 2:g}-12 {w:g} 0v{h - 12:g}q{-w / 2:g} 12 {-w:g} 0z'
                f'M{x:g} {y + 6:g}q{w / 2:g} 12 {w:g} 0"/>'
            )
        fold = min(12.0, w / 3)
        return f'<path d="M{x:g} {y:g}h{w - fold:g}l{fold:g} {fold:g}v{h - fold:g}h{-w:g}zM{x + w - fold:g} {y:g}v{fold:g}h{fold:g}"/>'

    def _rect(self, box: Box, radius: float, more: str = "") -> str:
        round_ = f' rx="{radius:g}"' if radius else ""
        return (
            f'<rect x="{box.x:g}" y="{box.y:g}" width="{box.width:g}" height="{box.height:g}"{round_}{more}/>'
        )

    def _sign(self, kind: str, at: _At, scale: float) -> str:
        sign = _SIGNS.get(kind, "")
        return (
            f'<g class="sign" transform="translate({at.x:g} {at.y:g}) scale({scale:.2f})">{sign}</g>'
            if sign
            else ""
        )

    # ------------------------------------------------------------ flows and words

    def _flow(self, flow: Flow) -> str:
        points = self.ways[flow.id]
        line = "M" + "L".join(f"{x:g} {y:g}" for x, y in points)
        dash = {
            "message": ' stroke-dasharray="8 5"',
            "association": ' stroke-dasharray="2 4"',
            "data": ' stroke-dasharray="2 4"',
        }
        arrow = "" if flow.kind == "association" else ' marker-end="url(#arrow)"'
        body = f'<path class="way" d="{line}"{dash.get(flow.kind, "")}{arrow}/>'
        source = self.model.node(flow.source)
        if source is not None and source.default == flow.id and len(points) > 1:
            body += _across(points)
        name = flow.title.in_(self.language)
        if name:
            label = self.model.labels.get(flow.id)
            at = _At(label.x + label.width / 2, label.y + 11) if label else _on_the_way(points)
            body += self._words(name, at, max(label.width, 80) if label else 110, "middle", 3)
        return self._group(flow.id, f"flow {flow.kind}", flow.title, body)

    def _label(self, node: Node, box: Box) -> str:
        name = node.title.in_(self.language)
        if not name:
            return ""
        if node.kind == "textAnnotation":
            return self._words(
                name, _At(box.x + 6, box.y + 14), box.width - 8, "start", int(box.height // _LINE) or 1
            )
        if node.kind in TASKS or (node.kind in BOXED and node.id in self.model.collapsed):
            lines = max(int((box.height - 12) // _LINE), 1)
            return self._words(
                name, _At(box.middle[0], box.middle[1] + 4), box.width - 10, "middle", lines, middle=True
            )
        if node.kind in BOXED:
            return self._words(name, _At(box.middle[0], box.y + 16), box.width - 20, "middle", 1)
        label = self.model.labels.get(node.id)
        if label:
            return self._words(
                name, _At(label.x + label.width / 2, label.y + 11), max(label.width + 20, 60), "middle", 4
            )
        return self._words(name, _At(box.middle[0], box.y + box.height + 14), 120, "middle", 3)

    def _words(
        self, text: str, at: _At, width: float, anchor: str, lines: int = 1, *, middle: bool = False
    ) -> str:
        """Text in as many lines as there may be, broken where it does not fit; around the point where `middle`."""
        broken = _broken(text, width, lines)
        y = at.y - (len(broken) - 1) * _LINE / 2 if middle else at.y
        spans = "".join(
            f'<tspan x="{at.x:g}" y="{y + n * _LINE:g}">{escape(line)}</tspan>'
            for n, line in enumerate(broken)
        )
        return f'<text text-anchor="{anchor}" font-size="12">{spans}</text>'


def _class_of(node: Node) -> str:
    if node.kind in TASKS or node.kind in BOXED:
        return "node task"
    return (
        "node event"
        if node.kind.endswith("Event")
        else "node gateway"
        if node.kind.endswith("Gateway")
        else "beside"
    )


def _width(text: str) -> float:
    return sum(12.0 if ord(c) > 0x2E80 else 6.6 for c in text)


def _broken(text: str, width: float, lines: int) -> list[str]:
    """Lines of at most a width; Latin words stay whole where they fit, what is left over ends in …"""
    words: list[str] = []
    for piece in text.split(" "):
        words += [*piece] if any(ord(c) > 0x2E80 for c in piece) else [piece]
        words.append(" ")
    out, line = [], ""
    for word in words[:-1]:
        if line and _width(line + word) > width:
            out.append(line.strip())
            line = ""
        line += word
    out.append(line.strip())
    out = [line for line in out if line]
    if len(out) > lines:
        last = out[lines - 1]
        while last and _width(last + "…") > width:
            last = last[:-1]
        out = [*out[: lines - 1], last + "…"]
    return out


def _on_the_way(points: tuple[tuple[float, float], ...]) -> _At:
    """A little above the first stretch that is long enough to be read at."""
    (x0, y0), (x1, y1) = points[0], points[1]
    if abs(x1 - x0) >= abs(y1 - y0):
        return _At((x0 + x1) / 2, (y0 + y1) / 2 - 5)
    return _At(x0 + 4 + 30, (y0 + min(max(y1, y0 - 60), y0 + 60)) / 2 + 4)


def _across(points: tuple[tuple[float, float], ...]) -> str:
    """The stroke across a default flow."""
    (x0, y0), (x1, y1) = points[0], points[1]
    length = max(((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5, 1.0)
    ux, uy = (x1 - x0) / length, (y1 - y0) / length
    x, y = x0 + ux * 10, y0 + uy * 10
    return f'<path class="way" d="M{x - (ux - uy) * 5:g} {y - (uy + ux) * 5:g}L{x + (ux - uy) * 5:g} {y + (uy + ux) * 5:g}"/>'


def _bounds(
    boxes: Mapping[str, Box], ways: Mapping[str, tuple[tuple[float, float], ...]]
) -> tuple[float, float, float, float]:
    xs = [v for b in boxes.values() for v in (b.x, b.x + b.width)] + [
        x for way in ways.values() for x, _ in way
    ]
    ys = [v for b in boxes.values() for v in (b.y, b.y + b.height)] + [
        y for way in ways.values() for _, y in way
    ]
    if not xs:
        return 0.0, 0.0, 100.0, 40.0
    left, top = min(xs) - _PAD - 30, min(ys) - _PAD
    return left, top, max(xs) - left + _PAD + 30, max(ys) - top + _PAD + 40


# ---------------------------------------------------------------- where nothing is drawn


def _laid_out(model: Model) -> tuple[dict[str, Box], dict[str, tuple[tuple[float, float], ...]]]:
    """The file's own geometry; where no node has one, ranks from left to right by the flow."""
    if any(node.id in model.boxes for node in model.nodes):
        return model.boxes, model.ways
    nodes = [
        n
        for n in model.nodes
        if n.within is None and (n.kind in TASKS | BOXED or n.kind.endswith(("Event", "Gateway")))
    ]
    ranks = _ranks(nodes, model.flows)
    boxes: dict[str, Box] = {}
    rows: dict[int, int] = defaultdict(int)
    for node in nodes:
        rank = ranks[node.id]
        width, height = (110.0, 60.0) if node.kind in TASKS | BOXED else (40.0, 40.0)
        x, y = rank * 160 + (110 - width) / 2, rows[rank] * 110 + (60 - height) / 2
        rows[rank] += 1
        boxes[node.id] = Box(x, y, width, height)
    ways: dict[str, tuple[tuple[float, float], ...]] = {}
    for flow in model.flows:
        if flow.source in boxes and flow.target in boxes:
            a, b = boxes[flow.source], boxes[flow.target]
            (ax, ay), (bx, by) = a.middle, b.middle
            ways[flow.id] = (
                ((a.x + a.width, ay), (b.x, by))
                if b.x > a.x
                else (
                    (ax, a.y + a.height),
                    (ax, a.y + a.height + 25),
                    (bx, a.y + a.height + 25),
                    (bx, b.y + b.height),
                )
            )
    return boxes, ways


def _ranks(nodes: list[Node], flows: tuple[Flow, ...]) -> dict[str, int]:
    """How far each node is from a start, the shortest way; what nothing leads to stands at the beginning."""
    on: dict[str, list[str]] = defaultdict(list)
    for flow in flows:
        if flow.kind == "sequence":
            on[flow.source].append(flow.target)
    into = {target for targets in on.values() for target in targets}
    ranks = {n.id: 0 for n in nodes if n.id not in into and not n.attached_to} or {n.id: 0 for n in nodes[:1]}
    queue = [*ranks]
    while queue:
        id_ = queue.pop(0)
        following = on[id_] + [n.id for n in nodes if n.attached_to == id_]
        for target in following:
            if target not in ranks:
                ranks[target] = ranks[id_] + 1
                queue.append(target)
    return {n.id: ranks.get(n.id, 0) for n in nodes}
