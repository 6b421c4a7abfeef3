"""Reading a DMN file (OMG DMN 1.1 to 1.5): decision tables and literal expressions, and which need which.

Hardened as BPMN's reader is; everything that is in the way is told at once, by element.
"""

import re
from collections.abc import Iterable
from typing import Any

from lxml import etree

from yong.kernel.base.errors import Invalid, Problem
from yong.kernel.base.text import Text
from yong.kernel.cases.decisions.feel import Tests, compile_tests, compile_values
from yong.kernel.cases.decisions.model import (
    AGGREGATES,
    INPUTS,
    OUTPUTS,
    RULES,
    TABLES,
    Decisions,
    Input,
    Output,
    Policy,
    Rule,
    Table,
)
from yong.kernel.cases.procedures.expressions import Expression, compile_expression
from yong.kernel.cases.procedures.machine import root_of

BYTES = 2 << 20
_MODEL = re.compile(r"\{https?://www\.omg\.org/spec/DMN/\d{8}/(?:MODEL/|dmn\.xsd)\}definitions")
_YONG = "{urn:yong:procedure}"
_NAME = re.compile(r"[^\W\d]\w{0,59}")
_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,127}")
_BIG = Text("文件过大（超过 2 MiB）", "The file is too large (over 2 MiB)")
_NO_DMN = Text("不是 DMN 文件（根元素应为 definitions）", "This is no DMN file (its root is not definitions)")
_NONE = Text("文件里没有决策", "There is no decision in the file")
_LAST = Text(
    "文件须恰有一个不被其他决策引用的决策；现有：{names}",
    "A file holds exactly one decision that no other needs; there are: {names}",
)
_CIRCLE = Text("决策互相依赖，成了环", "Decisions need each other in a circle")
_NO_DECISION = Text("没有决策 {name}", "There is no decision {name}")
_KIND = Text(
    "不能执行 {kind}；可用决策表或文字表达式",
    "{kind} cannot be executed: use a decision table or a literal expression",
)
_KNOWLEDGE = Text("不能调用业务知识模型", "Business knowledge models cannot be called")
_POLICY = Text("没有命中策略 {name}", "There is no hit policy {name}")
_AGGREGATE = Text("没有汇总方式 {name}", "There is no aggregation {name}")
_MANY = Text("{what} 过多，最多 {most} 个", "There are too many {what}: at most {most}")
_WIDTH = Text(
    "规则 {n} 有 {had} 格，应为 {should} 格", "Rule {n} has {had} cells where there should be {should}"
)
_NO_INPUT = Text("决策表没有输入", "The table has no input")
_NO_OUTPUT = Text("决策表没有输出", "The table has no output")
_NO_NAME = Text(
    "名称“{name}”应为不带空格的词，以字母开头",
    "The name {name} must be a word that begins with a letter, without blanks",
)
_NO_ORDER = Text(
    "按优先级选择时，须写明输出的取值顺序", "A policy by priority needs the list of the output's values"
)
_TWICE = Text("名称 {name} 用了两次", "The name {name} is used twice")


def read(dmn: bytes) -> Decisions:
    """A file as decisions. Raises Invalid with everything that is in the way."""
    if len(dmn) > BYTES:
        raise Invalid(_BIG)
    root = root_of(dmn)
    if not _MODEL.fullmatch(str(root.tag)):
        raise Invalid(_NO_DMN)
    return _Reader(root).decisions()


class _Reader:
    def __init__(self, root: Any) -> None:
        self.root = root
        self.space = root.tag.removesuffix("definitions")
        self.problems: list[Problem] = []

    def decisions(self) -> Decisions:
        elements = list(self.root.iterchildren(f"{self.space}decision"))
        if not elements:
            raise Invalid(_NONE)
        if len(elements) > TABLES:
            raise Invalid(_MANY.filled(what="decision", most=TABLES))
        tables = {table.id: table for table in map(self._table, elements)}
        for table in tables.values():
            for need in table.needs:
                if need not in tables:
                    self._wrong(table.id, _NO_DECISION.filled(name=need[:60]))
        if self.problems:
            raise Invalid(None, problems=tuple(self.problems))
        needed = {need for table in tables.values() for need in table.needs}
        last = [one for one in tables if one not in needed]
        if not last:
            raise Invalid(_CIRCLE)
        if len(last) > 1:
            raise Invalid(_LAST, names=", ".join(last)[:200])
        return Decisions(name=last[0], title=tables[last[0]].title, tables=tuple(_in_order(tables, last[0])))

    # ------------------------------------------------------------ a decision

    def _table(self, element: Any) -> Table:
        id_ = element.get("id") or ""
        if not _ID.fullmatch(id_):
            self._wrong(id_, _NO_NAME.filled(name=id_[:60]))
        if element.find(f"{self.space}knowledgeRequirement") is not None:
            self._wrong(id_, _KNOWLEDGE)
        named = element.find(f"{self.space}variable")
        variable = (named.get("name") if named is not None else None) or id_.rpartition(".")[2]
        if not _NAME.fullmatch(variable):
            self._wrong(id_, _NO_NAME.filled(name=variable[:60]))
        needs = tuple(
            str(required.get("href", "")).removeprefix("#")
            for required in element.iterfind(
                f"{self.space}informationRequirement/{self.space}requiredDecision"
            )
        )
        logic = element.find(f"{self.space}decisionTable")
        if logic is not None:
            return self._rules(logic, id_, self._title(element), variable, needs)
        logic = element.find(f"{self.space}literalExpression")
        if logic is None:
            kind = next(
                (etree.QName(e).localname for e in element if _is(e, self.space, "context", "invocation", "functionDefinition", "relation", "list")),
                "decision",
            )  # fmt: skip
            self._wrong(id_, _KIND.filled(kind=kind))
        value = self._expression(id_, _text(logic, self.space)) if logic is not None else None
        return Table(id=id_, title=self._title(element), variable=variable, value=value, needs=needs)

    def _rules(self, table: Any, id_: str, title: Text, variable: str, needs: tuple[str, ...]) -> Table:
        said, aggregate = table.get("hitPolicy") or "UNIQUE", table.get("aggregation")
        if said not in Policy.__members__.values():
            self._wrong(id_, _POLICY.filled(name=said[:40]))
            said = "UNIQUE"
        if aggregate is not None and aggregate not in AGGREGATES:
            self._wrong(id_, _AGGREGATE.filled(name=aggregate[:40]))
        policy = Policy(said)
        inputs = tuple(self._input(id_, e) for e in table.iterchildren(f"{self.space}input"))
        outputs = tuple(self._output(id_, e, variable) for e in table.iterchildren(f"{self.space}output"))
        lines = list(table.iterchildren(f"{self.space}rule"))
        for what, things, most in (
            ("input", inputs, INPUTS),
            ("output", outputs, OUTPUTS),
            ("rule", lines, RULES),
        ):
            if len(things) > most:
                self._wrong(id_, _MANY.filled(what=what, most=most))
        if not inputs:
            self._wrong(id_, _NO_INPUT)
        if not outputs:
            self._wrong(id_, _NO_OUTPUT)
        names = [o.name for o in outputs]
        for name in sorted({n for n in names if names.count(n) > 1}):
            self._wrong(id_, _TWICE.filled(name=name))
        if policy in (Policy.PRIORITY, Policy.OUTPUT_ORDER) and not any(o.order for o in outputs):
            self._wrong(id_, _NO_ORDER)
        rules = tuple(
            self._rule(id_, line, number, len(inputs), len(outputs))
            for number, line in enumerate(lines[:RULES], 1)
        )
        return Table(
            id=id_, title=title, variable=variable, policy=policy, aggregate=aggregate if policy is Policy.COLLECT else None,
            inputs=inputs, outputs=outputs, rules=rules, needs=needs,
        )  # fmt: skip

    def _input(self, id_: str, element: Any) -> Input:
        asked = element.find(f"{self.space}inputExpression")
        text = _text(asked, self.space)
        known = element.find(f"{self.space}inputValues")
        return Input(
            label=(element.get("label") or text)[:200], expression=self._expression(id_, text),
            known=self._values(id_, _text(known, self.space)) if known is not None else None,
        )  # fmt: skip

    def _output(self, id_: str, element: Any, variable: str) -> Output:
        name = element.get("name") or variable
        if not _NAME.fullmatch(name):
            self._wrong(id_, _NO_NAME.filled(name=name[:60]))
        order, default = (
            element.find(f"{self.space}outputValues"),
            element.find(f"{self.space}defaultOutputEntry"),
        )
        return Output(
            name=name, label=(element.get("label") or name)[:200], kind=element.get("typeRef") or "",
            order=self._values(id_, _text(order, self.space)) if order is not None else (),
            default=self._expression(id_, _text(default, self.space)) if default is not None else None,
        )  # fmt: skip

    def _rule(self, id_: str, line: Any, number: int, inputs: int, outputs: int) -> Rule:
        tests = [
            self._tests(id_, number, _text(e, self.space))
            for e in line.iterchildren(f"{self.space}inputEntry")
        ]
        answers = [
            self._expression(id_, _text(e, self.space)) for e in line.iterchildren(f"{self.space}outputEntry")
        ]
        for had, should in ((len(tests), inputs), (len(answers), outputs)):
            if had != should:
                self._wrong(id_, _WIDTH.filled(n=number, had=had, should=should))
        note = line.findtext(f"{self.space}description") or line.findtext(
            f"{self.space}annotationEntry/{self.space}text", ""
        )
        return Rule(number=number, tests=tuple(tests), answers=tuple(answers), note=note.strip()[:300])

    # ------------------------------------------------------------ words

    def _tests(self, id_: str, number: int, text: str) -> Tests:
        try:
            return compile_tests(text)
        except Invalid as error:
            self._wrong(f"{id_}/{number}", error.detail)
            return compile_tests("-")

    def _expression(self, id_: str, text: str) -> Expression:
        try:
            return compile_expression(text)
        except Invalid as error:
            self._wrong(id_, error.detail)
            return compile_expression("null")

    def _values(self, id_: str, text: str) -> tuple[object, ...]:
        try:
            return compile_values(text)
        except Invalid as error:
            self._wrong(id_, error.detail)
            return ()

    def _title(self, element: Any) -> Text:
        zh = (element.get("name") or element.get("id") or "").strip()[:200]
        told = element.find(f"{self.space}extensionElements/{_YONG}text")
        return Text(zh, (told.get("en") if told is not None else None) or zh)

    def _wrong(self, of: str, text: Text) -> None:
        if len(self.problems) < 100:
            self.problems.append(Problem(f"/{of[:100]}", text))


def _is(element: Any, space: str, *names: str) -> bool:
    return isinstance(element.tag, str) and element.tag in {space + name for name in names}


def _text(element: Any, space: str) -> str:
    return (element.findtext(f"{space}text") or "").strip() if element is not None else ""


def _in_order(tables: dict[str, Table], last: str) -> Iterable[Table]:
    """The tables that the last one needs, and itself: what is needed comes first. Raises Invalid for a circle."""
    done: dict[str, Table] = {}
    under_way: set[str] = set()

    def visit(id_: str) -> None:
        if id_ in done:
            return
        if id_ in under_way:
            raise Invalid(_CIRCLE)
        under_way.add(id_)
        for need in tables[id_].needs:
            visit(need)
        done[id_] = tables[id_]

    visit(last)
    if len(done) != len(tables):
        raise Invalid(_CIRCLE)
    return done.values()
