"""Decision tables: read, held against themselves, answered with the reason, asked by procedures."""

from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cases.conftest import Desks
from tests.conftest import key_of

from yong.kernel.base.city import City
from yong.kernel.base.errors import Invalid
from yong.kernel.cases.decisions.checking import check
from yong.kernel.cases.decisions.deciding import answer
from yong.kernel.cases.decisions.feel import compile_tests
from yong.kernel.cases.decisions.model import Decisions
from yong.kernel.cases.decisions.reading import BYTES, read

SPACE = "https://www.omg.org/spec/DMN/20191111/MODEL/"


def table(
    rules: list[tuple[list[str], list[str]]],
    *,
    inputs: tuple[str, ...] = ("amount",),
    outputs: tuple[str, ...] = ("level",),
    policy: str = "UNIQUE",
    more: str = "",
    order: str = "",
    default: str = "",
    id_: str = "risk",
) -> str:
    """A decision element with a table."""

    def text(of: str, said: str) -> str:
        return f"<{of}><text>{said.replace('&', '&amp;').replace('<', '&lt;')}</text></{of}>"

    asked = "".join(f'<input label="{i}">{text("inputExpression", i)}</input>' for i in inputs)
    ordered = text("outputValues", order) if order else ""
    by_default = text("defaultOutputEntry", default) if default else ""
    told = "".join(f'<output name="{o}">{ordered}{by_default}</output>' for o in outputs)
    lines = "".join(
        "<rule>"
        + "".join(text("inputEntry", t) for t in tests)
        + "".join(text("outputEntry", a) for a in answers)
        + "</rule>"
        for tests, answers in rules
    )
    return f'<decision id="{id_}" name="风险等级">{more}<decisionTable hitPolicy="{policy}">{asked}{told}{lines}</decisionTable></decision>'


def file(*decisions: str) -> bytes:
    return f'<definitions xmlns="{SPACE}" id="d" name="d" namespace="urn:x">{"".join(decisions)}</definitions>'.encode()


def decided(dmn: bytes, **data: Any) -> tuple[dict[str, Any], tuple[int, ...]]:
    said = answer(read(dmn), data)
    return said.answers, said.why[-1].rules


AMOUNTS = [(["< 100"], ['"low"']), (["[100..1000)"], ['"middle"']), ([">= 1000"], ['"high"'])]


@pytest.mark.parametrize(
    ("test", "holds", "fails"),
    [
        ("-", [1, "a", None, True], []),
        ('"a", "b"', ["a", "b"], ["c", None, 1]),
        ('not("a", "b")', ["c", 1, None], ["a", "b"]),
        ("< 10", [9, 9.99, -5], [10, "9", None, True]),
        (">= -2.5", [-2.5, 0], [-2.51, None]),
        ("[1..5]", [1, 5, 3], [0, 5.1]),
        ("(1..5)", [2], [1, 5]),
        ("]1..5[", [2], [1, 5]),
        ("[1..5), 9", [1, 9], [5, 8]),
        ("true", [True], [1, "true", None]),
        ("null", [None], [0, "", False]),
        ('date("2026-10-01")', ["2026-10-01"], ["2026-10-02"]),
        ('[date("2026-10-01")..date("2026-10-08")]', ["2026-10-01", "2026-10-05"], ["2026-09-30", "2026-10-09", None]),
        ("most", [7], [8]),
        ("<= most", [7, 6], [8]),
        ("!= 3", [4, None], [3]),
        (r'"say \"so\""', ['say "so"'], ["say so"]),
        ("海曙", [], [1]),
    ],
)  # fmt: skip
def test_what_a_cell_says(test: str, holds: list[Any], fails: list[Any]) -> None:
    tests = compile_tests(test)
    for value in holds:
        assert tests.hold(value, {"most": 7}), (test, value)
    for value in fails:
        assert not tests.hold(value, {"most": 7}), (test, value)


@pytest.mark.parametrize(
    "test",
    ['"a', "[1..", "[1,2]", "< ", "1 2", 'date("2026-13-01")', "not(1", "__import__('os')", "a.b", "1..2", "x" * 1001, "{}"],
)  # fmt: skip
def test_a_cell_that_cannot_be_read_is_refused(test: str) -> None:
    with pytest.raises(Invalid):
        compile_tests(test)


@given(st.text(max_size=60))
def test_no_cell_breaks_the_reader(text: str) -> None:
    try:
        tests = compile_tests(text)
    except Invalid:
        return
    for value in (None, 1, "a", True, [1], {"a": 1}):
        assert tests.hold(value, {}) in (True, False)


def test_the_policies_of_hits() -> None:
    assert decided(file(table(AMOUNTS)), amount=100) == ({"level": "middle"}, (2,))
    assert decided(file(table(AMOUNTS)), amount=None) == ({"level": None}, ())
    assert decided(file(table(AMOUNTS, default='"none"'))) == ({"level": "none"}, ())
    over = [(["> 1"], ['"a"']), (["> 2"], ['"b"']), (["> 3"], ['"a"'])]
    with pytest.raises(Invalid, match="1, 2"):
        decided(file(table(over)), amount=2.5)
    assert decided(file(table(over, policy="FIRST")), amount=9) == ({"level": "a"}, (1,))
    assert decided(file(table(over, policy="RULE ORDER")), amount=9) == (
        {"level": ["a", "b", "a"]},
        (1, 2, 3),
    )
    by_order = table(over, policy="OUTPUT ORDER", order='"b", "a"')
    assert decided(file(by_order), amount=9) == ({"level": ["b", "a", "a"]}, (2, 1, 3))
    assert decided(file(table(over, policy="PRIORITY", order='"b", "a"')), amount=9) == ({"level": "b"}, (2,))
    assert decided(file(table(over, policy="COLLECT")), amount=0) == ({"level": []}, ())
    same = [(["> 1"], ['"a"']), (["> 3"], ['"a"'])]
    assert decided(file(table(same, policy="ANY")), amount=9) == ({"level": "a"}, (1, 2))
    with pytest.raises(Invalid):
        decided(file(table(over, policy="ANY")), amount=9)
    fees = [(["> 1"], ["10"]), (["> 2"], ["amount * 2"]), (["> 3"], ["0.5"])]
    for aggregate, value in (("SUM", 28.5), ("MIN", 0.5), ("MAX", 18), ("COUNT", 3)):
        dmn = file(
            table(fees, policy="COLLECT").replace(
                "<decisionTable", f'<decisionTable aggregation="{aggregate}"'
            )
        )
        assert decided(dmn, amount=9)[0] == {"level": value}
        assert decided(dmn, amount=0)[0] == {"level": 0 if aggregate == "COUNT" else None}


def test_what_one_decision_needs_is_decided_before_it() -> None:
    need = '<informationRequirement><requiredDecision href="#fee"/></informationRequirement>'
    first = '<decision id="fee" name="费用"><variable name="fee"/><literalExpression><text>area * 12</text></literalExpression></decision>'
    second = table(
        [(["< 100"], ["false"]), ([">= 100"], ["true"])],
        inputs=("fee",),
        outputs=("hearing",),
        more=need,
        id_="banner.hearing",
    )
    decisions = read(file(second, first))
    assert (decisions.name, [t.id for t in decisions.tables], decisions.asked) == (
        "banner.hearing",
        ["fee", "banner.hearing"],
        ("area",),
    )
    said = answer(decisions, {"area": 10})
    assert said.answers == {"hearing": True}
    assert [(h.table, h.rules, h.answers) for h in said.why] == [
        ("fee", (), {"fee": 120}),
        ("banner.hearing", (2,), {"hearing": True}),
    ]


def test_a_table_is_held_against_itself() -> None:
    sound = check(read(file(table(AMOUNTS))).tables[0])
    assert (sound.checked, sound.gaps, sound.meetings, sound.unreached) == (True, (), (), ())
    gap = check(read(file(table([(["< 100"], ["1"]), (["> 100"], ["2"])]))).tables[0])
    assert gap.gaps == ("amount = 100",)
    rules = [(['"a"', "< 5"], ["1"]), (['"a", "b"', "[4..9]"], ["2"]), (["-", "true"], ["3"])]
    two = check(read(file(table(rules, inputs=("kind", "n")))).tables[0])
    assert [(m.first, m.second, m.at) for m in two.meetings] == [(1, 2, "kind = a, n = 4")]
    hidden = check(read(file(table([(["-"], ["1"]), (["> 3"], ["2"])], policy="FIRST"))).tables[0])
    assert hidden.unreached == (2,)
    days = [(['< date("2026-10-01")'], ["1"]), (['> date("2026-10-02")'], ["2"])]
    assert check(read(file(table(days)))
                 .tables[0]).gaps == ("amount = 2026-10-01", "amount = 2026-10-02")  # fmt: skip
    assert not check(read(file(table([(["< most"], ["1"])]))).tables[0]).checked


_CELLS = st.one_of(
    st.just("-"),
    st.tuples(st.sampled_from(["<", "<=", ">", ">="]), st.integers(-5, 5)).map(lambda p: f"{p[0]} {p[1]}"),
    st.tuples(st.sampled_from("[("), st.integers(-5, 5), st.integers(-5, 5), st.sampled_from("])")).map(
        lambda p: f"{p[0]}{p[1]}..{p[2]}{p[3]}"
    ),
    st.lists(st.integers(-5, 5), min_size=1, max_size=3).map(lambda v: ", ".join(map(str, v))),
)


@given(st.lists(st.tuples(_CELLS, _CELLS), min_size=1, max_size=6), st.data())
def test_what_the_check_does_not_tell_is_not_there(rules: list[tuple[str, str]], data: st.DataObject) -> None:
    """Whatever is asked: without a gap told there is an answer, without a meeting told there is one only."""
    dmn = file(table([([a, b], [str(n)]) for n, (a, b) in enumerate(rules)], inputs=("x", "y")))
    found = check(read(dmn).tables[0])
    for _ in range(20):
        x, y = (data.draw(st.one_of(st.integers(-7, 7), st.floats(-7, 7))) for _ in range(2))
        try:
            _, holding = decided(dmn, x=x, y=y)
        except Invalid:
            assert found.meetings
        else:
            assert holding or found.gaps


@pytest.mark.parametrize(
    ("dmn", "why"),
    [
        (b"rubbish", ""),
        (b"<definitions/>", "no DMN file"),
        (file(), "no decision in the file"),
        (b" " * (BYTES + 1), "too large"),
        (file(table(AMOUNTS), table(AMOUNTS, id_="other")), "exactly one decision"),
        (file(table(AMOUNTS, policy="BEST")), "There is no hit policy BEST"),
        (file(table([(["<"], ["1"])])), "no test that can be read"),
        (file(table([(["1", "2"], ["1"])])), "Rule 1 has 2 cells where there should be 1"),
        (file(table([(["1"], ["open('/etc/passwd')"])])), "cannot hold Call"),
        (file(table([], inputs=())), "The table has no input"),
        (file(table(AMOUNTS, outputs=("my level",))), "without blanks"),
        (file(table(AMOUNTS, policy="PRIORITY")), "needs the list"),
        (file('<decision id="a" name="a"><context/></decision>'), "context cannot be executed"),
        (file(table(AMOUNTS, more='<informationRequirement><requiredDecision href="#risk"/></informationRequirement>')), "circle"),
        (file(table(AMOUNTS, more="<knowledgeRequirement/>")), "Business knowledge"),
        (b'<!DOCTYPE d [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + file(table([(["&e;"], ["1"])])).replace(b"&amp;e;", b"&e;"), "DTD"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_is_refused_with_reasons(dmn: bytes, why: str) -> None:
    with pytest.raises(Invalid) as refused:
        read(dmn)
    told = [p.detail for p in refused.value.problems] or [refused.value.detail]
    assert all(t.zh and t.en for t in told)
    assert why in " ".join(t.en for t in told)


def test_older_and_newer_files_are_read() -> None:
    for space in ("http://www.omg.org/spec/DMN/20151101/dmn.xsd", "http://www.omg.org/spec/DMN/20180521/MODEL/",
                  "https://www.omg.org/spec/DMN/20211108/MODEL/", "https://www.omg.org/spec/DMN/20230324/MODEL/"):  # fmt: skip
        assert isinstance(read(file(table(AMOUNTS)).replace(SPACE.encode(), space.encode())), Decisions)


PROCEDURE = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:y="urn:yong:procedure" id="d" targetNamespace="urn:x">
  <process id="test.banner" name="横幅" isExecutable="true"><extensionElements><y:text en="Banner"/><y:stage name="ask" zh="申请" en="Asked"/>
    <y:field name="amount" kind="number" zh="金额" en="Amount"/></extensionElements>
    <startEvent id="start"/>
    <userTask id="say" name="填报"><extensionElements><y:stage name="ask"/><y:desk role="cases.inspector"/>
      <y:action name="said" zh="填好" en="Said" fields="amount"/></extensionElements></userTask>
    <businessRuleTask id="rate" name="定级"><extensionElements><y:text en="Rate"/><y:decision ref="risk"/></extensionElements></businessRuleTask>
    <exclusiveGateway id="high" default="no"/>
    <endEvent id="easy"><extensionElements><y:end outcome="easy"/></extensionElements></endEvent>
    <userTask id="look" name="核实"><extensionElements><y:stage name="ask"/><y:desk role="cases.inspector"/>
      <y:action name="seen" zh="看过" en="Seen"/></extensionElements></userTask>
    <endEvent id="hard"><extensionElements><y:end outcome="hard"/></extensionElements></endEvent>
    <sequenceFlow id="a" sourceRef="start" targetRef="say"/><sequenceFlow id="b" sourceRef="say" targetRef="rate"/>
    <sequenceFlow id="c" sourceRef="rate" targetRef="high"/><sequenceFlow id="no" sourceRef="high" targetRef="easy"/>
    <sequenceFlow id="yes" sourceRef="high" targetRef="look"><conditionExpression>level == "high"</conditionExpression></sequenceFlow>
    <sequenceFlow id="e" sourceRef="look" targetRef="hard"/>
  </process></definitions>"""


async def test_a_procedure_asks_its_decision_and_says_by_which_rule(
    desks: Desks, city: City, client: httpx.AsyncClient
) -> None:
    keeper = await key_of(city, "cases.designer")

    async def give(path: str, content: bytes, status: int) -> Any:
        answer = await client.post(path, content=content, headers=keeper | {"accept-language": "en"})
        assert answer.status_code == status, answer.text
        return answer.json()

    refused = await give("/procedure-checks", PROCEDURE.encode(), 422)
    assert refused["errors"] == [{"pointer": "/rate", "detail": "There is no such decision: risk"}]
    told = await give("/decision-checks", file(table([(["< 100"], ['"low"'])])), 200)
    assert told["findings"][0]["gaps"] == ["amount = 100", "amount = 101"]
    over = await give("/decision-checks", file(table([*AMOUNTS, (["> 5"], ['"x"'])])), 422)
    assert over["errors"][0]["pointer"] == "/risk"
    assert "The rules 1 and 4 hold together" in over["errors"][0]["detail"]
    dmn = file(table(AMOUNTS))
    assert await give("/decisions", dmn, 201) == {"name": "risk", "version": 1}
    assert await give("/decisions", dmn, 201) == {"name": "risk", "version": 1}
    await give("/procedure-checks", PROCEDURE.encode(), 422)  # a draft decides nothing
    assert (await client.put("/decisions/risk/live/1", headers=keeper)).status_code == 200
    assert (await client.put("/decisions/risk/live/7", headers=keeper)).status_code == 404
    await give("/procedures", PROCEDURE.encode(), 201)
    assert (await client.put("/procedures/test.banner/live/1", headers=keeper)).status_code == 200

    async def run(amount: float) -> dict[str, Any]:
        id_ = await desks.opened("inspector", procedure="test.banner")
        await desks.does("inspector", id_, "say", "said", data={"amount": amount})
        return await desks.case(id_, "inspector")

    assert (await run(20))["outcome"] == "easy"
    case = await run(5000)
    assert (case["state"], case["waiting"]) == ("open", ["look"])
    [line] = [h for h in case["log"] if h["what"] == "decided"]
    assert line["facts"] == {
        "decision": "risk",
        "version": 1,
        "rules": {"risk": [3]},
        "answers": {"level": "high"},
    }
    strict = file(table([(["< 10"], ['"low"']), ([">= 10"], ['"high"'])]))
    assert await give("/decisions", strict, 201) == {"name": "risk", "version": 2}
    assert (await run(20))["outcome"] == "easy"  # the second is a draft
    tried = await client.post(
        "/decisions/risk/answers", json={"data": {"amount": 20}, "version": 2}, headers=keeper
    )
    assert tried.json() == {
        "version": 2,
        "answers": {"level": "high"},
        "why": [{"table": "risk", "rules": [2], "answers": {"level": "high"}}],
    }
    assert (await client.put("/decisions/risk/live/2", headers=keeper)).status_code == 200
    assert (await run(20))["waiting"] == ["look"]
    shown = (await client.get("/decisions/risk", headers=keeper)).json()
    assert (shown["version"], shown["state"], shown["asked"]) == (2, "live", ["amount"])
    assert shown["tables"][0]["rules"][1] == {
        "number": 2,
        "tests": [">= 10"],
        "answers": ['"high"'],
        "note": "",
    }
    states = [(v["version"], v["state"]) for v in (await client.get("/decisions", headers=keeper)).json()]
    assert states == [(2, "live"), (1, "retired")]


async def test_decisions_are_kept_by_whoever_keeps_procedures(
    desks: Desks, client: httpx.AsyncClient
) -> None:
    assert (await client.get("/decisions")).status_code == 401
    assert (
        await client.post("/decisions", content=file(table(AMOUNTS)), headers=desks.keys["water"])
    ).status_code == 403
    assert (await client.get("/decisions", headers=desks.keys["water"])).json() == []
    assert (await client.get("/decisions/none", headers=desks.keys["water"])).status_code == 404
    big = await client.post("/decisions", content=b"x" * (BYTES + 1), headers=desks.keys["water"])
    assert big.status_code in (403, 413)
