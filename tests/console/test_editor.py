"""The editor of procedures in a real browser: by hand and by keyboard, what is wrong while it is drawn, on the shelf."""

import re
from typing import Any

from tests.browser import needs_chromium, needs_console, needs_editor
from tests.console.conftest import Desk

from yong.kernel.cases.procedures.sheet import sheet_of

pytestmark = [needs_chromium, needs_console, needs_editor]


def shown(desk: Desk, name: str, version: int) -> Any:
    return sheet_of(
        desk.page.request.get(f"{desk.address}/procedures/{name}/versions/{version}").json()["bpmn"].encode()
    )


def versions(desk: Desk, name: str) -> list[int]:
    return [v["version"] for v in desk.page.request.get(f"{desk.address}/procedures?name={name}").json()]


def test_a_procedure_is_edited_told_what_is_wrong_and_shelved_without_losing_anything(desk: Desk) -> None:
    page = desk.page
    page.set_viewport_size({"width": 1440, "height": 1000})
    name = "cityops.case"
    first = min(versions(desk, name))
    before = shown(desk, name, first)
    desk.go(f"/console/procedures?name={name}&version={first}")
    page.click("a:text-is('编辑')")
    page.wait_for_selector("p.good:has-text('可以执行')")
    desk.until("document.querySelectorAll('.drafting-board .djs-shape').length > 20")
    assert page.locator(".bjs-powered-by").is_visible(), "what bpmn-js asks of whoever shows its drawings"
    assert page.locator("button:text-is('上架')").is_disabled(), "nothing was changed"
    desk.judge("the editor")

    page.click(".drafting-board [data-element-id=verify] .djs-hit")
    assert page.input_value("input[name=role]") == "cases.inspector"
    page.fill("input[name=role]", "cases.nobody")
    page.locator("input[name=role]").blur()
    page.wait_for_selector("[role=status] li:has(button:text-is('现场核实')) .error:has-text('没有岗位')")
    desk.until("document.querySelector('.drafting-board [data-element-id=verify].yong-wrong') !== null")
    assert page.locator("button:text-is('上架')").is_disabled()
    desk.judge("what is in the way")
    desk.shot("editor")
    page.click("button:text-is('撤销')")
    page.wait_for_selector("p.good")
    assert page.input_value("input[name=role]") == "cases.inspector"

    # By keyboard alone: the list of elements, and the form.
    page.focus(".drafting form select >> nth=0")
    page.select_option(".drafting form select >> nth=0", "handle")
    assert page.input_value("input[name=zh]") == before.places["handle"].title.zh
    page.focus("input[name=en]")
    page.keyboard.press("Control+A")
    page.keyboard.type("Repair it")
    page.keyboard.press("Tab")
    page.wait_for_selector("button:text-is('上架'):not([disabled])")
    page.click("button:text-is('上架')")
    page.wait_for_selector("p[role=status]:has-text('草稿')")
    made = max(versions(desk, name))
    after = shown(desk, name, made)
    assert after.places["handle"].title.en == "Repair it"
    changed = {id_ for id_, place in after.places.items() if place != before.places[id_]}
    assert (changed, after.fields, after.stages) == ({"handle"}, before.fields, before.stages)


def test_a_procedure_is_drawn_from_nothing(desk: Desk) -> None:
    page = desk.page
    desk.go("/console/procedures")
    page.fill("form input[pattern]", "tests.drawn")
    page.click("button:text-is('新建流程')")
    page.wait_for_selector("[role=status] .error")  # it is nobody's task yet
    page.click(".drafting-board [data-element-id=do] .djs-hit")
    page.fill("input[name=role]", "cases.inspector")
    page.locator("input[name=role]").blur()
    page.wait_for_selector("p.good")
    page.click(".drafting-board .djs-context-pad [data-action='append.append-task']")
    page.wait_for_selector("[role=status] .error")  # a task without a desk, and nothing after it
    added = page.input_value(".drafting form select >> nth=0")
    assert added.startswith("Activity_")
    page.keyboard.press("Escape")  # its name, which is asked for at once
    page.click(".drafting-board .djs-context-pad [data-action=replace]")
    titles = page.locator(".djs-popup .entry").all_inner_texts()
    assert "用户任务" in titles
    assert not {"脚本任务", "Script task", "Call activity"} & set(titles), (
        "what is not executed is not offered"
    )
    desk.shot("editor-new")
    page.click(".djs-popup .entry:has-text('用户任务')")
    for _ in range(2):
        page.click("button:text-is('撤销')")
    page.wait_for_selector("p.good")
    page.click("button:text-is('上架')")
    page.wait_for_selector("p[role=status]:has-text('草稿')")
    assert set(shown(desk, "tests.drawn", 1).places) == {"start", "do", "end"}
    page.fill(".drafting input[name=zh]", "改了")
    page.locator(".drafting input[name=zh]").blur()
    desk.until("[...document.querySelectorAll('button')].some(b => b.textContent === '撤销' && !b.disabled)")
    page.click("a:text-is('返回流程库')")  # the dialog that warns is accepted
    page.wait_for_url("**/console/procedures**")

    # A file that was written by hand says nothing of where things lie: it is laid out.
    bpmn = page.request.get(f"{desk.address}/procedures/tests.drawn/versions/1").json()["bpmn"]
    bare = re.sub(r"<bpmndi:BPMNDiagram.*</bpmndi:BPMNDiagram>", "", bpmn, flags=re.DOTALL)
    headers = {"Content-Type": "application/xml", "Origin": desk.address}
    answer = page.request.post(f"{desk.address}/procedures", data=bare, headers=headers)
    assert answer.json() == {"name": "tests.drawn", "version": 2}
    desk.go("/console/procedures/editor?name=tests.drawn&version=2")
    page.wait_for_selector("p.good")
    desk.until("document.querySelectorAll('.drafting-board .djs-shape').length >= 3")
    assert desk.errors == []
    assert desk.outside == []
