"""BPMN files: read whole, refused with reasons, drawn, told in plain words; the reference models of the MIWG among them."""

import random
import re
from pathlib import Path

import pytest
from lxml import etree

from yong.domains.cityops.manifest import CASE
from yong.kernel.base.errors import Invalid
from yong.kernel.base.text import LANGUAGES
from yong.kernel.cases.procedures.drawing import Mark, draw
from yong.kernel.cases.procedures.model import Model
from yong.kernel.cases.procedures.reading import BYTES, read
from yong.kernel.cases.procedures.runnable import obstacles
from yong.kernel.cases.procedures.sheet import sheet_of
from yong.kernel.cases.procedures.telling import tell

_CITYOPS = (Path(__file__).resolve().parents[2] / "src/yong/domains/cityops" / CASE.file).read_bytes()
_NS = "http://www.omg.org/spec/BPMN/20100524/MODEL"


@pytest.fixture(scope="session")
def reference(yong_data: Path) -> dict[str, bytes]:
    folder = yong_data / "permit_process" / "bpmn_miwg" / "Reference"
    return {file.stem: file.read_bytes() for file in sorted(folder.glob("*.bpmn"))}


def _drawn(model: Model, language: str = "en") -> etree._Element:
    svg = draw(model, language, {n.id: Mark("done", 1) for n in model.nodes[:3]})  # type: ignore[arg-type]
    return etree.fromstring(svg.encode())


def test_all_21_reference_models_are_read_drawn_and_told(reference: dict[str, bytes]) -> None:
    assert len(reference) == 21
    for name, xml in reference.items():
        model = read(xml)
        root = etree.fromstring(xml)
        # Every task, event, gateway and sequence flow of the file is in the model.
        in_file = {
            e.get("id")
            for e in root.iter()
            if isinstance(e.tag, str)
            and e.tag.startswith(f"{{{_NS}}}")
            and "global" not in e.tag
            and e.tag.endswith(
                ("Task", "task", "Event", "Gateway", "subProcess", "callActivity", "sequenceFlow")
            )
        }
        assert in_file == {n.id for n in model.nodes if n.id in in_file} | {
            f.id for f in model.flows if f.id in in_file
        }, name
        drawn = {g.get("data-element") for g in _drawn(model).iter("{http://www.w3.org/2000/svg}g")} - {None}
        assert len(drawn) > len(model.nodes) / 2, name
        for language in LANGUAGES:
            steps = tell(model, language)
            assert len({s.number for s in steps}) == len(steps), name


def test_what_keeps_each_from_running_is_said(reference: dict[str, bytes]) -> None:
    """One runs as it is; each other has its reasons, most that nobody marked it as executable."""
    reasons = {name: obstacles(read(xml)) for name, xml in reference.items()}
    assert [name for name, found in reasons.items() if not found] == ["C.9.1"]
    assert all(o.reason.zh and o.reason.en for found in reasons.values() for o in found)
    told = " ".join(o.reason.en for found in reasons.values() for o in found)
    for words in (
        "marked as executable",
        "neither a condition",
        "cannot be executed",
        "Loops",
        "cannot be triggered",
    ):
        assert words in told


def test_our_own_procedure_has_nothing_in_its_way() -> None:
    model = read(_CITYOPS)
    assert obstacles(model) == ()
    sheet = sheet_of(_CITYOPS)
    assert sheet.name == "cityops.case"
    assert [code for code, _ in sheet.stages] == [
        "collect",
        "file",
        "dispatch",
        "handle",
        "check",
        "close",
        "evaluate",
    ]
    assert sheet.places["handle"].desk.joint  # type: ignore[union-attr]
    lines = [s.text.en for s in tell(model, "en")]
    assert "Units that handle: Handle." in lines
    assert any("not that unit's duty → step" in line for line in lines)
    assert not any("outcome ==" in line for line in lines)
    assert not re.search("[\u4e00-\u9fff]", " ".join(lines))


def test_a_drawing_holds_nothing_that_runs() -> None:
    evil = _CITYOPS.replace(
        "审核立案".encode(), b"&lt;script&gt;alert(1)&lt;/script&gt;&quot; onload=&quot;x"
    )
    root = _drawn(read(evil), "zh")
    tags = {etree.QName(e).localname for e in root.iter()}
    assert tags <= {"svg", "title", "defs", "marker", "path", "g", "rect", "circle", "text", "tspan"}
    assert not [a for e in root.iter() for a in e.attrib if a.startswith("on") or "href" in a]


def test_a_file_without_geometry_is_laid_out() -> None:
    bare = re.sub(rb"<bpmndi:BPMNDiagram.*</bpmndi:BPMNDiagram>", b"", _CITYOPS, flags=re.S)
    model = read(bare)
    assert not model.boxes
    drawn = {g.get("data-element") for g in _drawn(model).iter("{http://www.w3.org/2000/svg}g")}
    assert {n.id for n in model.nodes} <= drawn


@pytest.mark.parametrize(
    ("xml", "words"),
    [
        (b"", "no XML"),
        (b"<a/>", "definitions"),
        (b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"/>', "no process"),
        (b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', "definitions"),
        (b" " * (BYTES + 1), "too large"),
    ],
)
def test_what_is_no_procedure_is_refused(xml: bytes, words: str) -> None:
    with pytest.raises(Invalid, match=words):
        read(xml)


def test_a_flow_to_nowhere_and_an_id_twice_are_said() -> None:
    with pytest.raises(Invalid) as refused:
        read(
            _CITYOPS.replace(b'targetRef="verify"', b'targetRef="nowhere"').replace(
                b'id="close"', b'id="check"'
            )
        )
    assert {"/by_inspector_to_verify", "/check"} <= {p.pointer for p in refused.value.problems}


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (b'role="cases.inspector"', b"", "role"),
        (b'<yong:desk role="cases.dispatcher" unit="city"/>', b"", "desk"),
        (b'unit="handling"', b'unit="moon"', "unit"),
        (b'needs="unit"', b'needs="luck"', "needs"),
        (b'do="start"', b'do="jump"', "do"),
        (b'<yong:operation name="cases.assign"/>', b"", "by itself"),
        (b'<yong:stage name="handle"/>', b'<yong:stage name="limbo"/>', "stage"),
        ('zh="属实" en="It is so"'.encode(), b"", "zh / en"),
        (b'isExecutable="true"', b'isExecutable="false"', "exactly one"),
    ],
)
def test_what_is_wrong_on_the_sheet_is_said(before: bytes, after: bytes, words: str) -> None:
    changed = _CITYOPS.replace(before, after)
    assert changed != _CITYOPS
    with pytest.raises(Invalid) as refused:
        sheet_of(changed)
    said = [p.detail.en for p in refused.value.problems] or [refused.value.detail.en]
    assert any(words in line for line in said), said


def test_mutated_files_are_read_or_refused() -> None:
    chance, refused = random.Random(7), 0
    for _ in range(300):
        data = bytearray(_CITYOPS)
        for _ in range(chance.randint(1, 12)):
            at = chance.randrange(len(data))
            match chance.randrange(3):
                case 0:
                    data[at] = chance.randrange(256)
                case 1:
                    del data[at : at + chance.randint(1, 60)]
                case _:
                    data[at:at] = data[at - 40 : at]
        try:
            model = read(bytes(data))
            obstacles(model)
            etree.fromstring(draw(model, "en", {}).encode())
            tell(model, "zh")
            sheet_of(bytes(data))
        except Invalid as error:
            refused += bool(error.detail.zh)
    assert refused > 100
