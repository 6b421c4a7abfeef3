"""What a procedure's file says beyond BPMN, in extension elements of `urn:yong:procedure`.

On the process: `text en`, `stage name zh en`, `field name kind zh en …` with `choice code zh en` in it. On a node: `text en`,
`stage name`, `desk role unit joint assign`, `action name zh en needs fields frees`, `clock name do`, `operation name`,
`decision ref`, `wait for`, `reopen`, `end outcome`. docs/reference/procedures.md tells what each means.
"""

from typing import Any

import msgspec
from lxml import etree

from yong.kernel.base.errors import Invalid, Problem
from yong.kernel.base.text import Text
from yong.kernel.cases.contracts import Choice, ClockDo, Desk, FieldKind, FormField, Place, Sheet
from yong.kernel.cases.procedures.machine import root_of

BPMN, YONG = "{http://www.omg.org/spec/BPMN/20100524/MODEL}", "{urn:yong:procedure}"
FIELDS, STAGES, CHOICES = 60, 30, 12
_NODES = ("Task", "task", "Event", "Gateway", "subProcess", "callActivity")
_NEEDS = frozenset({"note", "unit", "class"})
_NAME = "abcdefghijklmnopqrstuvwxyz0123456789_"
_NO_PROCESS = Text("文件里须恰有一个可执行的流程", "A file holds exactly one executable process")
_UNSOUND = Text("“{what}”的 {name} 不能是“{value}”", "{name} of {what} cannot be {value}")
_LACKS = Text("“{what}”缺少 {name}", "{what} lacks {name}")
_MANY = Text("“{what}”过多，最多 {most} 个", "There are too many {what}: at most {most}")
_TWICE = Text("“{name}”出现两次", "{name} is there twice")
_NO_STAGE = Text("没有声明阶段 {name}", "The stage {name} is not declared")
_NO_FIELD = Text("没有声明字段 {name}", "The field {name} is not declared")
_NO_DESK = Text("没有写明由哪个岗位办理", "It says on whose desk it lies nowhere")
_NO_CHOICE = Text("没有可选的办理方式", "It says nowhere what can be done")
_NO_OPERATION = Text("没有写明执行哪个操作或决策", "It says nowhere what is to be done or decided by itself")
_BY_HAND = ("userTask", "manualTask", "task")
_BY_ITSELF = ("serviceTask", "sendTask", "businessRuleTask")


def sheet_of(bpmn: bytes) -> Sheet:
    """The sheet of a procedure's file. Raises Invalid with everything that lacks or is wrong, by element."""
    return _Reader(root_of(bpmn)).sheet()


class _Reader:
    def __init__(self, root: Any) -> None:
        self.root = root
        self.problems: list[Problem] = []

    def sheet(self) -> Sheet:
        running = [p for p in self.root.iter(f"{BPMN}process") if p.get("isExecutable", "true") == "true"]
        if len(running) != 1 or not running[0].get("id"):
            raise Invalid(_NO_PROCESS)
        process = running[0]
        stages = tuple((self._name("", e), self._text("", e)) for e in _said(process, "stage"))
        fields = tuple(self._field(e) for e in _said(process, "field"))
        self._few("stage", stages, STAGES, [name for name, _ in stages])
        self._few("field", fields, FIELDS, [f.name for f in fields])
        names = {f.name for f in fields}
        codes = {name for name, _ in stages}
        places = {}
        for node in process.iter():
            if isinstance(node.tag, str) and node.tag.startswith(BPMN) and node.get("id"):
                kind = node.tag.removeprefix(BPMN)
                if kind.endswith(_NODES):
                    places[node.get("id")] = self._place(node, kind, codes, names)
        if self.problems:
            raise Invalid(None, problems=tuple(self.problems))
        return Sheet(
            name=process.get("id"), title=_title(process), fields=fields, stages=stages, places=places
        )

    # ------------------------------------------------------------ a node

    def _place(self, node: Any, kind: str, stages: set[str], fields: set[str]) -> Place:
        id_ = node.get("id")
        stage = next((e.get("name") for e in _said(node, "stage")), None)
        if stage is not None and stage not in stages:
            self._wrong(id_, _NO_STAGE.filled(name=stage[:60]))
        choices = tuple(self._choice(id_, e, fields) for e in _said(node, "action"))
        self._few(id_, choices, CHOICES, [c.name for c in choices])
        desk = next((self._desk(id_, e) for e in _said(node, "desk")), None)
        operation = next((e.get("name") for e in _said(node, "operation")), None)
        decision = next((e.get("ref") for e in _said(node, "decision")), None)
        if kind in _BY_HAND:
            if desk is None:
                self._wrong(id_, _NO_DESK)
            if not choices:
                self._wrong(id_, _NO_CHOICE)
        elif kind in _BY_ITSELF and not operation and not (decision and kind == "businessRuleTask"):
            self._wrong(id_, _NO_OPERATION)
        return Place(
            element=id_,
            kind=kind,
            title=_title(node),
            stage=stage,
            desk=desk,
            choices=choices,
            clocks=tuple(self._clock(id_, e) for e in _said(node, "clock")),
            operation=operation,
            decision=decision,
            wait=_wait(node),
            reopen=bool(_said(node, "reopen")),
            ends=next((e.get("outcome") for e in _said(node, "end")), None) if kind == "endEvent" else None,
        )

    def _choice(self, of: str, element: Any, fields: set[str]) -> Choice:
        asked = tuple((element.get("fields") or "").split())
        for name in asked:
            if name not in fields:
                self._wrong(of, _NO_FIELD.filled(name=name[:60]))
        needs = tuple((element.get("needs") or "").split())
        for need in needs:
            if need not in _NEEDS:
                self._unsound(of, "needs", need)
        return Choice(
            name=self._name(of, element), title=self._text(of, element), needs=needs, fields=asked,
            frees=element.get("frees") == "unit",
        )  # fmt: skip

    def _desk(self, of: str, element: Any) -> Desk:
        unit = element.get("unit", "city")
        if unit not in ("handling", "owner", "city"):
            self._unsound(of, "unit", unit)
            unit = "city"
        if not element.get("role"):
            self._wrong(of, _LACKS.filled(what="desk", name="role"))
        return Desk(
            role=element.get("role") or "", unit=unit, joint=element.get("joint") == "true",
            roster=element.get("assign") == "roster",
        )  # fmt: skip

    def _clock(self, of: str, element: Any) -> tuple[str, ClockDo]:
        do = element.get("do", "")
        if do not in ClockDo.__members__.values():
            self._unsound(of, "do", do)
            do = "start"
        return self._name(of, element), ClockDo(do)

    # ------------------------------------------------------------ the form

    def _field(self, element: Any) -> FormField:
        name = self._name("", element)
        kind = element.get("kind", "text")
        if kind not in FieldKind.__members__.values():
            self._unsound(name, "kind", kind)
            kind = "text"
        choices = tuple(
            (c.get("code") or "", self._text(name, c)) for c in element.iterchildren(f"{YONG}choice")
        )
        if (kind == "code") != bool(choices) or any(not code for code, _ in choices):
            self._wrong(name, _LACKS.filled(what=name, name="choice"))
        return FormField(
            name=name,
            kind=FieldKind(kind),
            title=self._text(name, element),
            required=element.get("required") == "true",
            personal=element.get("personal") == "true",
            max_length=min(int(self._number(name, element, "max-length") or 1_000), 4_000),
            minimum=self._number(name, element, "minimum"),
            maximum=self._number(name, element, "maximum"),
            choices=choices,
        )

    def _number(self, of: str, element: Any, name: str) -> float | None:
        said = element.get(name)
        try:
            return msgspec.json.decode(said, type=float) if said is not None else None
        except msgspec.DecodeError:
            self._unsound(of, name, said)
            return None

    # ------------------------------------------------------------ words

    def _name(self, of: str, element: Any) -> str:
        name = element.get("name") or ""
        if not 0 < len(name) <= 60 or any(c not in _NAME for c in name):
            self._unsound(of, "name", name)
        return name

    def _text(self, of: str, element: Any) -> Text:
        zh, en = element.get("zh") or "", element.get("en") or ""
        if not zh or not en or max(len(zh), len(en)) > 200:
            self._wrong(
                of, _LACKS.filled(what=element.get("name") or etree.QName(element).localname, name="zh / en")
            )
        return Text(zh, en)

    def _few(self, of: str, things: tuple[Any, ...], most: int, names: list[str]) -> None:
        if len(things) > most:
            self._wrong(of, _MANY.filled(what=of, most=most))
        for name in sorted({n for n in names if names.count(n) > 1}):
            self._wrong(of, _TWICE.filled(name=name[:60]))

    def _unsound(self, of: str, name: str, value: str) -> None:
        self._wrong(of, _UNSOUND.filled(what=of[:60], name=name, value=value[:60]))

    def _wrong(self, of: str, text: Text) -> None:
        if len(self.problems) < 100:
            self.problems.append(Problem(f"/{of[:100]}", text))


def _said(node: Any, name: str) -> list[Any]:
    return [e for box in node.iterchildren(f"{BPMN}extensionElements") for e in box.iterchildren(YONG + name)]


def _title(node: Any) -> Text:
    """What a node is called: its name is the Chinese one; without an English one it stands for both."""
    zh = (node.get("name") or node.get("id") or "").strip()[:200]
    return Text(zh, next((e.get("en") for e in _said(node, "text") if e.get("en")), zh)[:200])


def _wait(node: Any) -> str | None:
    """What a timer waits for: `yong:wait for`, else the duration that BPMN gives it."""
    for element in _said(node, "wait"):
        if element.get("for"):
            return str(element.get("for"))
    for element in node.iter(f"{BPMN}timeDuration"):
        if element.text:
            return str(element.text.strip())
    return None
