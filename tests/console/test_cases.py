"""The pages of cases in a real browser: the desk, a case on its way through the stages, procedures; by keys as well."""

import pytest
from tests.browser import needs_chromium, needs_console
from tests.console.conftest import Desk

pytestmark = [needs_chromium, needs_console, pytest.mark.timeout(240)]


def test_a_case_is_opened_and_goes_from_desk_to_desk(desk: Desk) -> None:
    page = desk.page
    desk.go("/console/desk")
    page.wait_for_selector("tbody tr")
    assert "合成" in (page.text_content("tbody") or "")
    desk.judge("the desk")
    desk.shot("desk")
    page.click("button:has-text('登记案件')")
    page.fill("form.sheet label:has-text('事项') input", '<img src=x onerror="document.title=1">')
    page.click("form.sheet button[type=submit]")
    page.wait_for_selector("form.sheet .error")  # neither district nor place
    page.fill("form.sheet label:has-text('区划') input", "330203")
    desk.judge("a new case")
    page.click("form.sheet button[type=submit]")
    page.wait_for_selector(".stages .now")
    assert "onerror" in (page.text_content("h1") or "")
    assert page.evaluate("document.title") != "1"

    def choose(title: str) -> None:
        page.click(f"section button:text-is('{title}')")

    choose("属实")
    desk.until("document.querySelector('.stages .now')?.textContent.includes('案卷建立')")
    choose("立案")
    page.wait_for_selector("form.form input[list=case-classes]")
    page.fill("form.form input[list=case-classes]", "no-such")
    page.click("form.form button[type=submit]")
    page.wait_for_selector("form.form .error:has-text('没有这个类别')")  # at its field, and nothing changed
    page.fill("form.form input[list=case-classes]", "020102")
    page.click("form.form button[type=submit]")
    desk.until(
        "document.querySelector('.stages .now')?.textContent.includes('任务处理')"
    )  # the register sent it
    page.wait_for_selector(".badge.clock-green")
    page.click("summary:has-text('为何此时到期')")
    page.wait_for_selector("li:has-text('时限 1 工作日')")
    assert page.locator(".drawing g.current").get_attribute("data-element") == "handle"
    desk.judge("a case")
    desk.shot("case")
    choose("退回：非本单位职责")
    page.fill("form.form textarea", "非本单位管养")
    page.click("form.form button[type=submit]")
    desk.until("document.querySelector('.stages .now')?.textContent.includes('任务派遣')")
    choose("派遣")
    page.fill("form.form label:has-text('单位') input", "cityops")
    page.click("form.form button[type=submit]")
    desk.until("document.querySelector('.stages .now')?.textContent.includes('任务处理')")
    page.click("button:text-is('标记')")
    page.fill("form.form textarea", "群众反映强烈")
    page.click("form.form button:text-is('督办')")
    page.wait_for_selector("header .badge:has-text('督办')")
    choose("处置完成")
    page.fill("form.form textarea", "已清运")
    page.click("form.form button[type=submit]")
    desk.until("document.querySelector('.stages .now')?.textContent.includes('核查')")
    choose("核查通过")
    desk.until("document.querySelector('.stages .now')?.textContent.includes('结案')")
    choose("结案")
    page.wait_for_selector("header .badge:has-text('已办结')")
    said = page.text_content("ol.log") or ""
    for word in ("现场核实", "属实", "非本单位管养", "督办", "已清运", "办结"):
        assert word in said
    page.click("text=English")
    page.wait_for_selector("h2:has-text('What it went through')")
    page.click("text=中文")
    page.wait_for_selector("h2:has-text('办理经过')")


def test_several_are_done_at_once_and_by_keys(desk: Desk) -> None:
    page = desk.page
    desk.go("/console/desk?element=verify")
    page.wait_for_selector("tbody tr")
    for n in range(2):
        page.click("button:has-text('登记案件')")
        page.fill("form.sheet label:has-text('事项') input", f"批量 {n}")
        page.fill("form.sheet label:has-text('区划') input", "330203")
        page.click("form.sheet button[type=submit]")
        page.wait_for_selector(".stages .now")
        desk.go("/console/desk?element=verify")
        page.wait_for_selector("tbody tr")
    boxes = page.locator("tbody tr:has-text('批量') input[type=checkbox]")
    for n in range(boxes.count()):
        boxes.nth(n).focus()
        page.keyboard.press("Space")
    page.wait_for_selector("section.sheet b:has-text('已选 2 个任务')")
    desk.judge("several tasks")
    page.locator("section.sheet button:text-is('不属实')").focus()
    page.keyboard.press("Enter")
    page.locator("section.sheet textarea").focus()
    page.keyboard.type("现场没有发现")
    page.locator("section.sheet form button[type=submit]").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("p[role=status]:has-text('已办理 2 个')")


def test_a_procedure_is_read_checked_and_told_in_plain_words(desk: Desk) -> None:
    page = desk.page
    desk.go("/console/desk/procedures")
    page.wait_for_selector(".drawing svg")
    page.wait_for_selector("li:has-text('监督中心：审核立案')")
    desk.judge("procedures")
    desk.shot("procedure")
    page.set_input_files(
        "input[type=file]",
        {"name": "wrong.bpmn", "mimeType": "application/xml", "buffer": b"<definitions/>"},
    )
    page.wait_for_selector("[role=alert] .error")
    page.click("button:text-is('哪些在办案件可转入此版本？')")
    page.wait_for_selector("text=没有按其他版本办理的案件")
    assert not desk.errors
    assert not desk.outside
