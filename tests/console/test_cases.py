"""The pages of cases in a real browser: the desk and its map, a case on its way, the wall, procedures; by keys as well."""

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from tests.browser import fresh_code, needs_chromium, needs_console
from tests.cases import test_decisions as decisions
from tests.console.conftest import Demo, Desk
from tests.documents import scenes
from tests.documents.files import jpeg

XSS = '<img src=x onerror="document.title=1">'
LATER_S = 12 * 24 * 3600
WIDE = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
pytestmark = [needs_chromium, needs_console, pytest.mark.timeout(240)]


def opened(desk: Desk, title: str, **more: Any) -> str:
    """A case that stands at the inspectors' desk; its id."""
    body = {"procedure": "cityops.case", "title": title, "district": "330203", **more}
    answer = desk.page.request.post(
        f"{desk.address}/cases", data=json.dumps(body),
        headers={"Content-Type": "application/json", "Origin": desk.address},
    )  # fmt: skip
    assert answer.status == 201, answer.text()
    return str(answer.json()["id"])


def said(desk: Desk, method: str, path: str, body: object) -> int:
    """What a colleague does meanwhile, in another window."""
    headers = {"Content-Type": "application/json", "Origin": desk.address}
    answer = desk.page.request.fetch(desk.address + path, method=method, data=json.dumps(body), headers=headers)  # fmt: skip
    return int(answer.status)


def at_stage(desk: Desk, title: str) -> None:
    desk.until(f"document.querySelector('.stages .now')?.textContent.includes({json.dumps(title)})")


def fits(desk: Desk) -> None:
    """On a phone nothing has to be scrolled for sideways."""
    desk.page.set_viewport_size({"width": 390, "height": 844})
    assert desk.page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    desk.page.set_viewport_size(WIDE)


def test_a_case_is_opened_and_goes_from_desk_to_desk(desk: Desk) -> None:
    page = desk.page
    page.set_viewport_size(WIDE)
    desk.go("/console/desk")
    page.wait_for_selector("tbody tr")
    page.wait_for_selector(".beside .map[aria-busy=false]")
    assert "合成" in (page.text_content("tbody") or "")
    desk.judge("the desk")
    desk.shot("desk")
    fits(desk)
    page.click("button:has-text('登记案件')")
    page.fill("form.sheet [name=title]", XSS)
    page.click("form.sheet button[type=submit]")
    page.wait_for_selector("form.sheet label:has([name=case-district]) .error")  # neither district nor place
    page.fill("[name=lon]", "100")
    page.fill("[name=lat]", "10")
    page.click("form.sheet button[type=submit]")
    page.wait_for_selector("fieldset.place > .error")  # outside of the city, told at the place
    page.click("button:text-is('在地图上选')")
    page.wait_for_selector("fieldset .map[aria-busy=false]")
    desk.judge("a new case")
    desk.shot("new-case")
    page.fill("[name=lon]", "121.55")
    page.fill("[name=lat]", "29.87")
    page.click("form.sheet button[type=submit]")
    page.wait_for_selector(".stages .now")
    assert "onerror" in (page.text_content("h1") or "")
    assert page.evaluate("document.title") != "1"
    page.wait_for_selector(".case .map[aria-busy=false]")

    def choose(title: str) -> None:
        page.click(f"section button:text-is('{title}')")

    choose("属实")
    at_stage(desk, "案卷建立")
    choose("立案")
    page.fill("form.form [name=class]", "no-such")
    page.click("form.form button[type=submit]")
    page.wait_for_selector("form.form .error:has-text('没有这个类别')")  # at its field, and nothing changed
    page.fill("form.form [name=class]", "020102")
    page.wait_for_selector("form.form small:text-is('暴露垃圾')")
    page.click("form.form button[type=submit]")
    at_stage(desk, "任务处理")  # the register sent it
    page.wait_for_selector("header .badge.clock-green")
    page.click("summary:has-text('为何此时到期')")
    page.wait_for_selector("li:has-text('时限 1 个工作日')")
    assert page.locator(".drawing g.current").get_attribute("data-element") == "handle"
    assert page.locator(".drawing g.done[data-element=verify]").count() == 1
    desk.judge("a case")
    desk.shot("case")
    fits(desk)
    choose("退回：非本单位职责")
    page.fill("form.form textarea", "非本单位管养")
    page.click("form.form button[type=submit]")
    at_stage(desk, "任务派遣")
    choose("派遣")
    page.fill("form.form [name=unit]", "nobody")
    page.click("form.form button[type=submit]")
    page.wait_for_selector("form.form .units .error:has-text('没有这个单位')")
    page.fill("form.form [name=unit]", "cityops")
    page.click("form.form button[type=submit]")
    at_stage(desk, "任务处理")
    choose("处置完成")
    page.fill("form.form textarea", "已清运")
    page.click("form.form button[type=submit]")
    at_stage(desk, "核查")
    choose("核查通过")
    at_stage(desk, "结案")
    choose("结案")
    page.wait_for_selector("header .badge:has-text('已办结')")
    told = page.text_content("ol.log") or ""
    for word in ("现场核实", "属实", "非本单位管养", "已清运", "办结"):
        assert word in told
    page.click("button:text-is('重新打开')")
    page.fill("form.form [name=word]", "又有垃圾")
    page.click("form.form button[type=submit]")
    page.wait_for_selector("header .badge:has-text('办理中')")
    page.click("text=English")
    page.wait_for_selector("h2:has-text('What it went through')")
    page.click("text=中文")
    page.wait_for_selector("h2:has-text('办理经过')")


def test_the_whole_case_is_steered_and_what_others_did_meanwhile_is_told(desk: Desk) -> None:
    page = desk.page
    id_, other = opened(desk, "路灯不亮"), opened(desk, "同一盏灯")
    number = page.request.get(f"{desk.address}/cases/{id_}").json()["number"]
    desk.go(f"/console/desk/cases/{id_}")
    page.click("button:text-is('标记')")
    page.fill("[name=word]", "群众反映强烈")
    page.click("form.form button:text-is('督办')")
    page.wait_for_selector("header .badge:has-text('督办')")
    page.click("button:text-is('添加关联')")
    page.select_option("[name=link-kind]", "thing")
    page.fill("[name=link-target]", "lamp-7")
    page.click("form[aria-label='添加关联'] button[type=submit]")
    page.wait_for_selector("li:has-text('设备') a:text-is('lamp-7')")
    page.click("button[aria-label$='lamp-7']")
    page.wait_for_selector("li:has-text('lamp-7')", state="detached")

    # More time is asked for; whoever asked does not answer, and is told so.
    page.click("button:text-is('申请延期')")
    page.select_option("form.form select", "suspend")
    page.fill("[name=word]", "等待专家意见")
    page.click("form.form button[type=submit]")
    page.click("li:has-text('等待专家意见') button:text-is('同意')")
    page.wait_for_selector(".trouble:has-text('申请人不能自己批准')")
    desk.judge("a case with a request")

    # A colleague marks it while a form is open: what was written stays, and counts for the case as it is now.
    desk.go(f"/console/desk/cases/{id_}")
    page.click("section button:text-is('不属实')")
    page.fill("form.form textarea", "现场没有发现")
    assert said(desk, "PUT", f"/cases/{id_}/marks", {"urgent": True, "note": "Now"}) == 200
    page.click("form.form button[type=submit]")
    page.wait_for_selector("form.form [role=alert]:has-text('期间有人更改了案件')")
    page.wait_for_selector("header .badge:has-text('紧急')")
    assert page.input_value("form.form textarea") == "现场没有发现"
    [task] = [t["id"] for t in page.request.get(f"{desk.address}/cases/{id_}").json()["tasks"] if t["state"] == "open"]  # fmt: skip
    assert said(desk, "POST", f"/tasks/{task}/acts", {"choice": "confirm"}) == 200  # a colleague was faster
    page.click("form.form button[type=submit]")
    page.wait_for_selector(".trouble")
    at_stage(desk, "案卷建立")
    assert page.locator("form.form textarea").count() == 0

    desk.go(f"/console/desk/cases/{other}")
    page.click("button:text-is('并案')")
    page.fill("[name=other-case]", number)  # by the number that people know
    page.fill("[name=word]", "同一问题")
    page.click("form.form button[type=submit]")
    page.wait_for_selector("header .badge:has-text('已并案')")
    page.click("dd a:has-text('该案件')")
    page.wait_for_url(f"**/{id_}")
    page.wait_for_selector("li:has-text('并入的案件')")
    page.click("button:text-is('挂起')")
    page.fill("[name=word]", "听证")
    page.click("form.form button[type=submit]")
    page.wait_for_selector("header .badge:has-text('已挂起')")
    page.click("button:text-is('恢复')")
    page.click("form.form button[type=submit]")
    page.wait_for_selector("header .badge:has-text('办理中')")
    desk.go("/console/desk/cases/no-such")
    page.wait_for_selector(".trouble:has-text('没有这个案件')")


def test_list_and_map_are_in_step_and_filters_are_kept(desk: Desk) -> None:
    page = desk.page
    page.set_viewport_size(WIDE)
    desk.go("/console/desk?all=1")
    page.wait_for_selector("tbody tr")
    page.wait_for_selector(".beside .map[aria-busy=false]")
    drawn = page.locator(".beside .legend b").all_inner_texts()
    rows = page.request.get(f"{desk.address}/inbox?mine=false").json()["items"]
    assert sum(map(int, drawn)) == sum(r["values"]["location"] is not None for r in rows)

    # The point below the mouse is that of the row that is marked, and the other way round.
    box = page.locator(".beside canvas").bounding_box()
    assert box
    marked = "document.querySelector('tr.at')?.dataset.task"
    page.hover("tbody tr:has-text('月湖') >> nth=0")
    moon = page.evaluate(marked)
    page.hover("tbody tr:has-text('药行街') >> nth=0")
    assert page.evaluate(marked) != moon
    for _ in range(400):  # over the map until a point is met that is another's
        step = _ * 37
        page.mouse.move(
            box["x"] + 5 + step % (box["width"] - 10), box["y"] + 5 + (step // 11) % (box["height"] - 10)
        )
        if page.evaluate("document.querySelector('.beside canvas').style.cursor") == "pointer":
            break
    else:
        raise AssertionError("no point on the map")
    page.wait_for_timeout(100)
    met = next(r["values"] for r in rows if r["id"] == page.evaluate(marked))
    assert met["location"] is not None

    page.check("[name=urgent]")
    page.wait_for_url("**urgent=1**")
    page.select_option("[name=stage]", "file")
    page.wait_for_url("**stage=file**")
    desk.until("document.querySelectorAll('tbody tr').length === 1")
    page.wait_for_selector("tbody tr:has-text('路灯不亮')")
    page.click(".kept summary")
    page.fill("[name=kept]", "紧急立案")
    page.keyboard.press("Enter")
    page.wait_for_selector(".kept summary:has-text('紧急立案')")
    desk.judge("kept filters")
    page.click("button:text-is('全部显示')")
    page.wait_for_selector("tbody tr >> nth=1")
    assert "stage" not in page.url
    page.reload()
    page.click(".kept summary")
    page.click(".kept button:text-is('紧急立案')")
    page.wait_for_url("**stage=file**")
    page.click(".kept button[aria-label='移除: 紧急立案']")
    page.wait_for_selector("text=还没有保存的筛选")
    page.fill("[name=class]", "no-such")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=没有符合条件的任务")
    page.click("header button:text-is('地图')")
    page.wait_for_selector(".beside", state="detached")
    desk.go("/console/desk")
    page.wait_for_selector("tbody tr")
    assert page.locator(".beside").count() == 0, "it stays switched off"
    page.click("header button:text-is('地图')")
    page.wait_for_selector(".beside canvas")
    page.route("**/inbox*", lambda route: route.abort())
    page.reload()
    page.wait_for_selector(".trouble")
    page.unroute("**/inbox*")
    page.click(".trouble button")
    page.wait_for_selector("tbody tr")


def test_tasks_are_gone_through_by_keys_and_several_are_done_at_once(desk: Desk) -> None:
    """Nothing but keys: to the list, along it, a task taken and put back, two chosen, done, and each answers for itself."""
    page = desk.page
    page.set_viewport_size(WIDE)
    ids = [opened(desk, f"批量 {n}") for n in range(3)]
    desk.go("/console/desk?element=verify&sort=-opened_at")
    page.wait_for_selector("tbody tr:has-text('批量 2')")

    def reach(selector: str) -> None:
        for _ in range(60):
            page.keyboard.press("Tab")
            if page.evaluate("(wanted) => document.activeElement.matches(wanted)", selector):
                return
        raise AssertionError(f"{selector} is not reached")

    def row() -> str:
        return str(page.evaluate("document.activeElement.textContent"))

    reach("tbody tr")
    assert "批量 2" in row()
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("t")
    page.wait_for_selector("tr:has-text('批量 2') button:text-is('退回待领')")
    page.keyboard.press("t")
    page.wait_for_selector("tr:has-text('批量 2') button:text-is('认领')")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert "批量 0" in row()
    page.keyboard.press("ArrowUp")
    assert "批量 1" in row()
    page.keyboard.press("Space")
    page.wait_for_selector("section.sheet b:has-text('已选 2 个任务')")
    page.wait_for_selector("section.sheet button:text-is('不属实')")
    desk.judge("several tasks")
    desk.shot("bulk")
    [first] = [t["id"] for t in page.request.get(f"{desk.address}/cases/{ids[2]}").json()["tasks"]]
    assert said(desk, "POST", f"/tasks/{first}/acts", {"choice": "confirm"}) == 200  # a colleague was faster
    page.keyboard.press("Control+Home")
    page.locator("main").focus()
    reach("section.sheet button")
    reach("section.sheet button")  # the second choice
    page.keyboard.press("Enter")
    page.wait_for_selector("section.sheet textarea:focus")  # the form is where one goes on
    page.keyboard.type("现场没有发现")
    reach("section.sheet form button[type=submit]")
    page.keyboard.press("Enter")
    page.wait_for_selector("p[role=status]:has-text('2 个任务中已办理 1 个')")
    page.wait_for_selector("section[aria-label='逐项结果'] li:has(.is-failed)")
    assert page.locator("section[aria-label='逐项结果'] .is-acknowledged").count() == 1
    desk.judge("what became of each")
    page.locator("main").focus()
    reach("tbody tr")
    page.keyboard.press("Enter")
    page.wait_for_selector(".stages .now")  # its case


def test_the_wall_counts_by_itself_shows_nobody_and_does_not_grow(desk: Desk) -> None:
    """Twelve days on everything with a limit is late; forty refreshes later the page is as large as before."""
    context = desk.page.context.browser.new_context(
        viewport={"width": 1920, "height": 1080}, locale="zh-CN", color_scheme="dark"
    )
    context.add_cookies(desk.page.context.cookies())
    page = context.new_page()
    page.set_default_timeout(20_000)
    asked: list[str] = []
    page.on("request", lambda r: asked.append(r.url) if "cases.open_task" in r.url else None)
    page.clock.install(time=time.time() + LATER_S)
    page.goto(f"{desk.address}/console/desk/wall?screen=1")
    page.wait_for_selector(".counts tbody tr")
    wall = Desk(page, desk.address, desk.folder)
    rows = page.request.get(f"{desk.address}/records/cases.open_task?limit=1000").json()["items"]
    cases = {r["values"]["case_id"] for r in rows}
    late = {r["values"]["case_id"] for r in rows if r["values"]["due_at"]}
    assert late
    sums = [int(x.replace(",", "")) for x in page.locator(".sums dd").all_inner_texts()[:2]]
    assert sums == [len(cases), len(late)]
    assert page.locator(".wall-late li .clock-red").count() == min(len(late), 12)
    units = page.locator(".counts >> nth=1").locator("tbody th").all_inner_texts()
    assert units
    assert not {r["values"]["party_id"] for r in rows} & set(units), "units are told by name"
    stages = page.locator(".counts >> nth=0").locator("tbody td:nth-child(2)").all_inner_texts()
    assert sum(map(int, stages)) == len(cases)
    shown = page.inner_text("main")
    assert "任务处理" in shown
    assert "药行街" not in shown, "nothing that residents wrote hangs on a wall"
    assert page.locator("header.top").count() == 0
    wall.shot("wall")
    for theme in ("light", "dark"):
        page.evaluate(f"document.documentElement.className = '{theme}'")
    wall.judge("the wall")
    tools = context.new_cdp_session(page)

    def size() -> tuple[float, int]:
        for _ in range(3):
            tools.send("HeapProfiler.collectGarbage")
        used = float(tools.send("Runtime.getHeapUsage")["usedSize"]) / 1e6
        return used, int(page.evaluate("document.querySelectorAll('*').length"))

    def refreshed(times: int) -> None:
        for _ in range(times):
            before = len(asked)
            page.clock.fast_forward(60_000)
            deadline = time.monotonic() + 20
            while len(asked) == before:
                assert time.monotonic() < deadline, "it does not refresh"
                page.wait_for_timeout(20)
            page.wait_for_timeout(60)

    refreshed(5)
    (heap, nodes), (opened_id) = size(), opened(desk, "墙上新案")
    refreshed(40)
    after, nodes_after = size()
    print(f"the wall: {heap:.1f} to {after:.1f} MB in 40 refreshes, {nodes} to {nodes_after} elements")
    assert after - heap < 3
    assert abs(nodes_after - nodes) < 60
    wanted = len(cases) + 1
    assert int(page.locator(".sums dd").first.inner_text()) == wanted, opened_id

    # The line is lost: the numbers stay, with the time that they are of, and it goes on by itself.
    stamp = page.text_content(".as-of")
    page.route("**/records/cases.*", lambda route: route.abort())
    page.clock.fast_forward(60_000)
    page.wait_for_selector(".trouble")
    assert page.text_content(".as-of") == stamp
    assert page.locator(".counts tbody tr").count()
    page.unroute("**/records/cases.*")
    page.clock.fast_forward(60_000)
    page.wait_for_selector(".trouble", state="detached")
    assert wall.errors == []
    context.close()


def test_what_is_late_is_told_on_the_desk_in_words_and_on_the_map_by_a_sign(desk: Desk) -> None:
    page = desk.page.context.new_page()
    page.set_viewport_size(WIDE)
    page.clock.install(time=time.time() + LATER_S)
    late = Desk(page, desk.address, desk.folder)
    late.go("/console/desk?all=1&late=1")
    page.wait_for_selector("tbody tr .clock-red")
    assert page.locator("tbody tr").count() == page.locator("tbody .clock-red:text-is('超期')").count()
    page.wait_for_selector(".legend li:has-text('超期') text:text-is('!!')")
    late.judge("late tasks")
    late.shot("late")
    assert late.errors == []
    page.close()


def test_a_procedure_is_read_checked_shelved_made_live_and_its_cases_move(desk: Desk) -> None:
    page = desk.page
    page.set_viewport_size(WIDE)
    desk.go("/console/desk/procedures")  # where it was at first
    page.wait_for_url("**/console/procedures**")
    page.wait_for_selector(".drawing svg")
    page.click("li:has-text('监督中心：审核立案') button >> nth=0")
    desk.until("document.querySelector('.drawing g.current')?.dataset.element === 'file'")
    desk.judge("procedures")
    desk.shot("procedure")
    fits(desk)
    bpmn = page.request.get(f"{desk.address}/procedures/cityops.case").json()["bpmn"]

    def give(content: str, then: str) -> None:
        file = {"name": "case.bpmn", "mimeType": "application/xml", "buffer": content.encode()}
        page.set_input_files("input[type=file]", file)
        page.wait_for_selector(then)

    give("<definitions/>", "[role=alert] .error")
    give(
        bpmn.replace('role="cases.inspector"', 'role="cases.nobody"'),
        "dt:has-text('verify') ~ dd:has-text('没有岗位')",
    )
    desk.judge("a procedure that cannot be")
    assert page.locator("button:text-is('上架')").is_disabled()
    give(bpmn.replace("现场核实", "现场核实二"), "p[role=status]:has-text('可以执行')")
    page.click("button:text-is('上架')")
    page.wait_for_url("**version=2**")
    page.wait_for_selector("tr:has-text('草稿')")
    running = int(page.text_content("tbody tr:has-text('现行') td >> nth=2") or "0")
    assert running > 0
    page.click("button:text-is('设为现行')")
    page.wait_for_selector("tr:has-text('已停用')")
    page.click("button:text-is('哪些在办案件可转入此版本？')")
    page.wait_for_selector(f"text={running} 件中有 {running} 件可以转入")
    assert page.text_content("tbody tr:has-text('已停用') td >> nth=2") == str(running), "nothing moved yet"
    desk.judge("cases that could move")
    page.click("button:text-is('转入')")
    page.wait_for_selector(f"tr:has-text('现行') td a:text-is('{running}')")
    page.click("tbody tr:has-text('现行') td a")
    page.wait_for_url(re.compile(r"/console/desk\?.*procedure=cityops\.case"))
    page.wait_for_selector("tbody td:has-text('现场核实二')")


def inbox(desk: Desk) -> list[dict[str, Any]]:
    headers = {"x-purpose": "cases.handling"}
    found: list[dict[str, Any]] = desk.page.request.get(
        f"{desk.address}/inbox?mine=false&sort=-opened_at&limit=20", headers=headers
    ).json()["items"]
    return found


def report_by_phone(desk: Desk, words: str) -> tuple[str, str]:
    """A resident's report on a phone without scripts, with a photo; its number and code."""
    browser = desk.page.context.browser
    assert browser
    context = browser.new_context(viewport=PHONE, locale="zh-CN", java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{desk.address}/portal/services/reports.report")
    page.click("main button")
    page.check("input[value=C01]")
    page.click("main button")
    page.select_option("#district", "330203")
    for name, value in {
        "place": "药行街 12 号",
        "location_lon": "121.5521",
        "location_lat": "29.8661",
    }.items():
        page.fill(f"#{name}", value)
    page.click("main button")
    page.fill("#description", words)
    page.click("main button")
    photo = {"name": "cover.jpg", "mimeType": "image/jpeg", "buffer": jpeg((640, 480))}
    page.set_input_files("#photos", photo)
    page.click("main button[value=on]")
    page.click("main button")
    if page.url.endswith("/similar"):
        page.click("main button")
    page.click("main button")
    assert page.url.endswith("/done"), page.url
    number, code_ = (text.replace(" ", "") for text in page.locator("strong.number").all_inner_texts())
    context.close()
    return number, code_


def verify_offline(desk: Desk, demo: Demo, words: str) -> None:
    """An inspector finds the task on the phone, verifies it without a network, and it is sent once there is one."""
    browser = desk.page.context.browser
    assert browser
    context = browser.new_context(
        viewport=PHONE, locale="zh-CN", is_mobile=True, has_touch=True, permissions=["geolocation"],
        geolocation={"longitude": 121.5522, "latitude": 29.8662, "accuracy": 8},
    )  # fmt: skip
    page = context.new_page()
    page.set_default_timeout(20_000)
    page.goto(f"{desk.address}/field")
    page.fill("#name", "duty")
    page.fill("#password", demo.password)
    page.fill("#code", fresh_code(demo.seed))
    page.click("button[type=submit]")
    page.wait_for_selector(f".task:has-text('{words}')")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    context.set_offline(True)
    page.reload()
    page.wait_for_selector(".bar:has-text('离线')")
    page.click(f".task:has-text('{words}')")
    page.check("input[value=confirm]")
    page.fill("#note", "井盖确已缺失")
    page.click("button[type=submit]")
    page.wait_for_selector("li[data-state=waiting]")
    context.set_offline(False)
    page.wait_for_selector("li[data-state=sent]")
    context.close()


def test_the_whole_way_from_a_resident_s_phone_to_their_rating(desk: Desk, demo: Demo) -> None:
    """Reported by phone, verified without a network, sent back by one unit, repaired by another, checked, closed, rated."""
    page = desk.page
    page.set_viewport_size(WIDE)
    number, secret = report_by_phone(desk, "井盖没了，很危险")
    deadline = time.monotonic() + 20
    while not any("药行街 12 号" in str(r["values"]["title"]) for r in inbox(desk)):
        assert time.monotonic() < deadline, "the report did not become a case"
        time.sleep(0.3)
    verify_offline(desk, demo, "药行街 12 号")
    desk.go("/console/desk?all=1&stage=file&sort=-opened_at")
    page.click("tr:has-text('药行街 12 号') a >> nth=0")
    at_stage(desk, "案卷建立")
    page.wait_for_selector(".papers li img")  # the resident's photo
    page.wait_for_selector("ol.log:has-text('井盖确已缺失')")

    def choose(title: str, **said: str) -> None:
        page.click(f"section button:text-is('{title}')")
        for name, value in said.items():
            page.fill(f"form.form {'textarea' if name == 'note' else f'[name={name}]'}", value)
        if said:
            page.click("form.form button[type=submit]")

    choose("立案", **{"class": "010101"})
    at_stage(desk, "任务处理")  # the register of responsibilities sent it
    choose("退回：非本单位职责", note="非本单位管养")
    at_stage(desk, "任务派遣")
    choose("派遣", unit="cityops")
    at_stage(desk, "任务处理")
    due = page.request.get(f"{desk.address}/cases/{page.url.rpartition('/')[2]}").json()
    [task] = page.request.get(f"{desk.address}/inbox?filter=number:eq:{due['number']}&mine=false").json()[
        "items"
    ]
    for moment, colour in (("yellow_at", "yellow"), ("due_at", "red")):
        later = page.context.new_page()
        later.clock.install(time=datetime.fromisoformat(task["values"][moment]).timestamp() + 60)
        later.goto(f"{desk.address}/console/desk?all=1&stage=handle&sort=-opened_at")
        later.wait_for_selector(f"tr:has-text('{due['number']}') .clock-{colour}", timeout=20_000)
        later.close()
    choose("处置完成", note="已更换井盖")
    at_stage(desk, "核查")
    choose("核查通过")
    at_stage(desk, "结案")
    choose("结案")
    page.wait_for_selector("header .badge:has-text('已办结')")

    browser = page.context.browser
    assert browser
    context = browser.new_context(viewport=PHONE, locale="zh-CN", java_script_enabled=False)
    resident = context.new_page()
    deadline = time.monotonic() + 20
    while True:
        resident.goto(f"{desk.address}/portal/progress")
        resident.fill("#reference", number)
        resident.fill("#code", secret)
        resident.click("main button")
        if resident.locator("input[name=score]").count():
            break
        assert time.monotonic() < deadline, "the report is not closed"
        time.sleep(0.5)
    assert "现场核查" in (resident.text_content("blockquote.answer") or "")
    resident.check("input[name=score][value='5']")
    resident.fill("#words", "很快")
    resident.click("main form button")
    resident.wait_for_selector("text=谢谢您的评价")
    resident.screenshot(path=desk.folder / "portal-rated.png", full_page=True)
    context.close()


def test_a_case_is_walked_through_all_stages_by_a_command(desk: Desk, demo: Demo) -> None:
    said = subprocess.run(
        [sys.executable, "-m", "yong.app.main", "demo", "case"],
        env=demo.environment | {"YONG_LANGUAGE": "en"}, capture_output=True, text=True, check=True, timeout=60,
    ).stdout  # fmt: skip
    steps = ("Opened", "Verify on site · It is so", "Examine and file · File", "Clock started", "Return: not our duty",
             "Dispatch · Dispatch", "Handle · Done", "Not solved: rework", "Check on site · In order", "Close · Close", "Closed")  # fmt: skip
    at = 0
    for step in steps:
        assert step in said[at:], f"{step} after {said[:at]}\n--\n{said[at:]}"
        at = said.index(step, at) + len(step)
    desk.go(said.strip().rpartition(": ")[2])
    desk.page.wait_for_selector("header .badge:has-text('已办结')")


def test_a_decision_is_checked_shelved_tried_and_made_live(desk: Desk) -> None:
    page = desk.page
    desk.go("/console/decisions")
    page.wait_for_selector("text=还没有决策")

    def give(content: bytes, then: str) -> None:
        page.set_input_files(
            "input[type=file]", {"name": "risk.dmn", "mimeType": "application/xml", "buffer": content}
        )
        page.wait_for_selector(then)

    give(
        decisions.file(decisions.table([*decisions.AMOUNTS, (["> 5"], ['"x"'])])),
        "[role=alert] dd:has-text('会同时成立')",
    )
    desk.judge("a decision that cannot be")
    assert page.locator("button:text-is('上架')").is_disabled()
    give(decisions.file(decisions.table(decisions.AMOUNTS[:2])), "li:has-text('amount = 1001 没有规则')")
    give(decisions.file(decisions.table(decisions.AMOUNTS)), "p[role=status]:has-text('可以执行')")
    page.click("button:text-is('上架')")
    page.wait_for_url("**version=1**")
    page.wait_for_selector("text=规则没有遗漏")
    page.fill("[name=amount]", "250")
    page.click("button:text-is('试算')")
    page.wait_for_selector("output .badge:has-text('level = middle')")
    assert page.text_content(".rules tr.at th") == "2"
    page.click("button:text-is('设为现行')")
    page.wait_for_selector("tr:has-text('现行')")
    desk.judge("a decision")
    desk.shot("decision")


def test_documents_of_a_case_are_attached_and_seen(desk: Desk) -> None:
    page = desk.page
    page.set_viewport_size(WIDE)
    id_ = opened(desk, "井盖缺失")
    desk.go(f"/console/desk/cases/{id_}")
    page.wait_for_selector(".papers p:has-text('没有附件')")
    page.fill("[name=paper-title]", XSS)
    portrait, drawn = scenes.portrait()
    photo = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": portrait}
    page.set_input_files("[name=paper]", photo)
    page.wait_for_selector(".papers li img")
    assert "onerror" in (page.text_content(".papers li b") or "")
    page.click(".papers li button[aria-expanded=false]")
    page.wait_for_selector(".papers img.large")
    page.wait_for_selector("ol.log li:has-text('附件')")
    with page.expect_download() as download:
        page.click(".papers button:text-is('保存')")
    assert download.value.path().read_bytes().startswith(b"\xff\xd8")
    page.set_input_files(
        "[name=paper]", {"name": "a.exe", "mimeType": "application/x-msdownload", "buffer": b"MZ"}
    )
    page.wait_for_selector(".trouble")
    cover_a_photo(desk, drawn)
    desk.judge("documents of a case")
    desk.shot("case-documents")
    fits(desk)


def cover_a_photo(desk: Desk, drawn: scenes.Drawn) -> None:
    """What was found is looked at, a box is added by keys and one by dragging, one is taken away and comes back; then it is kept."""
    page, boxes = desk.page, desk.page.locator(".cover-picture rect")
    page.click(".papers button:text-is('遮盖人脸和号牌')")
    page.wait_for_selector(
        ".cover p[role=status]:has-text('自动查找会有遗漏')"
    )  # looked for, or not without the extra
    found = [tuple(int(b.get_attribute(n) or 0) for n in ("x", "y", "width", "height")) for b in boxes.all()]
    assert [scenes.share(drawn.box, one) > 0.8 for one in found] == [True]
    page.click("button:text-is('加一个框')")
    page.fill("[name=box-x]:focus", "500")
    page.press("[name=box-x]", "Tab")
    boxes.nth(1).press("ArrowRight")
    boxes.nth(1).press("Shift+ArrowDown")
    assert [boxes.nth(1).get_attribute(n) for n in ("x", "y", "width", "height")] == [
        "506",
        "200",
        "80",
        "86",
    ]
    shown = page.locator(".cover-picture svg").bounding_box()
    assert shown
    x, y = shown["x"] + shown["width"] * 0.6, shown["y"] + shown["height"] * 0.1
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y + 40, steps=3)
    page.mouse.up()
    assert boxes.count() == 3
    page.check("[name=cover-looked]")
    boxes.nth(2).press("Delete")
    assert boxes.count() == 2
    assert not page.is_checked("[name=cover-looked]"), "it was said of something else"
    page.click("button:text-is('撤销')")
    assert boxes.count() == 3
    assert page.locator("button:text-is('保存遮盖副本')").is_disabled()
    page.check("[name=cover-looked]")
    desk.judge("a photo that is being covered")
    desk.shot("case-cover")
    page.click("button:text-is('保存遮盖副本')")
    page.wait_for_selector(".papers li:has(.badge:has-text('遮盖副本')) img")
    page.wait_for_selector("ol.log li:has-text('照片（已遮盖）')")


def test_nothing_left_the_machine_and_nothing_was_refused(desk: Desk) -> None:
    assert desk.errors == []
    assert desk.outside == []


def test_a_drawing_is_built_of_what_is_known_alone(desk: Desk) -> None:
    """Even if a server's drawing held what runs or is fetched, nothing of it would be in the page."""
    page = desk.page
    asked: list[str] = []
    page.on("request", lambda r: asked.append(r.url) if "evil" in r.url else None)
    bad = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:h="http://www.w3.org/1999/xhtml" viewBox="0 0 9 9" onload="document.title=1">'
        '<script>document.title=1</script><image href="/evil.png"/><h:img src="/evil.png"/><a href="/evil"><text>x</text></a>'
        '<foreignObject><h:iframe src="/evil"/></foreignObject><g data-element="ok" onclick="document.title=1">'
        '<path d="M0 0" marker-end="url(/evil#a)" style="fill:url(/evil)"/><text>told</text></g></svg>'
    )

    def answer(route: Any) -> None:
        told = route.fetch()
        route.fulfill(response=told, json={**told.json(), "drawing": bad})

    page.route("**/procedures/*/versions/*", answer)
    desk.go("/console/procedures")
    page.wait_for_selector(".drawing [data-element=ok]")
    within: Callable[[str], int] = lambda what: page.locator(f".drawing {what}").count()  # noqa: E731
    assert [within(w) for w in ("script", "image", "img", "a", "foreignObject", "iframe", "text")] == [
        0
    ] * 6 + [1]
    kept = page.evaluate(
        "[...document.querySelectorAll('.drawing svg *')].flatMap(e => e.getAttributeNames())"
    )
    assert set(kept) == {"data-element", "d"}
    assert page.evaluate("document.querySelector('.drawing svg').getAttributeNames()") == ["viewBox"]
    assert not asked
    assert page.evaluate("document.title") != "1"
    page.unroute("**/procedures/*/versions/*")


def test_what_past_cases_suggest_is_shown_and_chosen_by_a_person(desk: Desk) -> None:
    page = desk.page
    page.set_viewport_size(WIDE)
    at = [121.5301, 29.8801]
    first = opened(desk, "柳汀街井盖松动有异响", location=at, **{"class": "010101"})
    number = page.request.get(f"{desk.address}/cases/{first}").json()["number"]
    desk.go("/console/desk")
    page.click("button:text-is('登记案件')")
    page.fill("form.sheet [name=title]", "柳汀街的井盖松动")
    page.fill("[name=lon]", "121.5302")
    page.fill("[name=lat]", "29.8801")
    page.wait_for_selector(f".suggestions li:has-text('{number}')")
    assert "往案太少" in (page.text_content(".suggestions") or "")
    desk.judge("a new case with suggestions")

    for n in range(102):  # past cases of two classes, as many as it takes
        words, code = (("窨井盖松动有异响", "010101"), ("垃圾堆放无人清运", "020102"))[n % 2]
        past = opened(desk, f"{words} {n}", **{"class": code})
        [task] = [t["id"] for t in page.request.get(f"{desk.address}/cases/{past}").json()["tasks"]]
        assert said(desk, "POST", f"/tasks/{task}/acts", {"choice": "refute", "note": "现场没有发现"}) == 200
    assert said(desk, "POST", "/suggestion-models", {"procedure": "cityops.case"}) == 202
    deadline = time.monotonic() + 60
    while not page.request.get(f"{desk.address}/suggestion-models").json():
        assert time.monotonic() < deadline, "nothing was learned"
        time.sleep(0.5)

    id_ = opened(desk, "柳汀街的井盖松动", location=[121.5302, 29.8801])
    deadline = time.monotonic() + 30  # each process looks for what was learned now and then
    while not page.request.get(f"{desk.address}/cases/{id_}/suggestions").json()["classes"]:
        assert time.monotonic() < deadline, "nothing is suggested"
        time.sleep(1)
    desk.go(f"/console/desk/cases/{id_}")
    page.wait_for_selector(".suggestions b:text-is('上水井盖')")  # nothing here takes a class yet
    page.click("section button:text-is('属实')")
    page.click(".suggestions [data-suggested='010101']")
    assert page.input_value("form.form [name=class]") == "010101"
    at_stage(desk, "案卷建立")  # it was filled in, not sent
    page.click(".suggestions h3:text-is('类别') + ul summary")
    page.wait_for_selector(".suggestions li:has-text('井盖'):has-text('倍')")
    desk.judge("a case with suggestions")
    desk.shot("suggestions")
    fits(desk)
    page.click(f".suggestions li:has-text('{number}') button:text-is('并案')")
    assert page.input_value("[name=other-case]") == number
    page.fill("[name=word]", "同一井盖")
    page.click("form[aria-label='并案'] button[type=submit]")
    page.wait_for_selector("header .badge:has-text('已并案')")
    page.wait_for_selector(".suggestions", state="detached")


def test_a_version_is_tried_out_before_it_goes_live(desk: Desk) -> None:
    page = desk.page
    page.set_viewport_size(WIDE)
    for n in range(60):
        past = opened(desk, f"往案 {n}")
        [task] = [t["id"] for t in page.request.get(f"{desk.address}/cases/{past}").json()["tasks"]]
        assert said(desk, "POST", f"/tasks/{task}/acts", {"choice": "refute", "note": "现场没有发现"}) == 200
    desk.go("/console/procedures")
    page.click(".simulation button:text-is('模拟')")
    page.wait_for_selector(".simulation .said:has-text('每天约')")
    page.wait_for_selector(".simulation tr:has-text('监督员') svg polygon", state="attached")
    page.wait_for_selector(".simulation tr:has-text('人工派遣') small:text-is('假定')")  # nobody did that
    page.fill("[name='minutes-dispatch']", "15")
    page.fill("[name='officers-cases.inspector']", "3")
    page.select_option("[name=simulate-factor]", "2")
    page.click(".simulation button:text-is('按这些数字模拟')")
    page.wait_for_selector(".simulation p:has-text('之前：')")
    page.wait_for_selector(".simulation tr:has-text('监督员') small:has-text('按所填')")
    page.wait_for_selector(".simulation tr:has-text('人工派遣') small:text-is('按所填')")
    desk.judge("a version that was tried out")
    desk.shot("simulation")
    fits(desk)
    page.fill("[name=simulate-until]", "2020-01-01")
    page.click(".simulation button:text-is('按这些数字模拟')")
    page.wait_for_selector(".simulation :text('往案太少')")
