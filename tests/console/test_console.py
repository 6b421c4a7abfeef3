"""The console in a real browser (Debian's Chromium) over the demo city: signing in, finding, watching, telling, looking back.

Says visibly when Playwright, Chromium or the built console is absent. Screenshots go to the test's folder, or where
`YONG_SCREENSHOTS` says.
"""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import psutil
import pytest
from tests.conftest import free_port

from twin.authenticator import code

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is absent")
ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = Path("/usr/bin/chromium")
BUILT = ROOT / "src/yong/app/console/index.html"
AXE = ROOT / "console/node_modules/axe-core/axe.min.js"
ARGUMENTS = [
    "--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--use-gl=angle", "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
]  # fmt: skip
XSS = '<img src=x onerror="document.title=1">'
pytestmark = [
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"Chromium is absent ({CHROMIUM})"),
    pytest.mark.skipif(not BUILT.exists(), reason="the console has not been built (make console)"),
    pytest.mark.timeout(240),
]


class Demo(NamedTuple):
    """A demo city that runs, and what its operator signs in with."""

    address: str
    password: str
    seed: str
    pid: int


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    home = tmp_path_factory.mktemp("console") / "home"
    home.mkdir()
    for folder in (home, *home.parents[:2]):
        folder.chmod(0o755)
    ports = {f"YONG_{name}_PORT": str(free_port()) for name in ("HTTP", "MQTT", "NATS")}
    plain = {k: v for k, v in os.environ.items() if not k.startswith("YONG_") or k == "YONG_DATA"}
    log = (home / "demo.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "yong.app.main", "demo"],
        env=plain | ports | {"YONG_HOME": str(home), "YONG_TCP_PORTS": ""}, stdout=log, stderr=log,
    )  # fmt: skip
    secrets = home / "secrets"
    try:
        deadline = time.monotonic() + 120
        while not (
            re.search("committed reading|条已提交读数", (home / "demo.log").read_text("utf-8", "replace"))
        ):
            assert process.poll() is None, (home / "demo.log").read_text("utf-8", "replace")
            assert time.monotonic() < deadline, "the demo did not start"
            time.sleep(0.2)
        yield Demo(
            f"http://127.0.0.1:{ports['YONG_HTTP_PORT']}",
            (secrets / "demo-duty-password").read_text("utf-8").strip(),
            (secrets / "demo-duty-totp").read_text("utf-8").strip(),
            process.pid,
        )
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)
        log.close()


class Desk:
    """A browser at a duty officer's desk: it keeps what leaves the machine and what the policy of the page refused."""

    def __init__(self, page: Any, address: str, folder: Path) -> None:
        self.page, self.address, self.folder = page, address, folder
        self.outside: list[str] = []
        self.errors: list[str] = []
        page.on("request", lambda r: self.outside.append(r.url) if not r.url.startswith((address, "blob:", "data:")) else None)  # fmt: skip
        page.on("pageerror", lambda e: self.errors.append(str(e)))
        page.on(
            "console", lambda m: self.errors.append(m.text) if "Content Security Policy" in m.text else None
        )

    def go(self, path: str) -> None:
        self.page.goto(f"{self.address}{path}")

    def until(self, expression: str) -> None:
        """Wait until it holds; Playwright's own way to wait is refused by the page's policy."""
        deadline = time.monotonic() + 20
        while not self.page.evaluate(expression):
            assert time.monotonic() < deadline, expression
            time.sleep(0.1)

    def shot(self, name: str) -> None:
        self.page.screenshot(path=self.folder / f"console-{name}.png")

    def judge(self, what: str) -> None:
        """axe finds nothing, in light and dark."""
        if not AXE.is_file():
            pytest.skip("axe-core is absent (console/node_modules)")
        for theme in ("light", "dark"):
            self.page.evaluate(f"document.documentElement.className = '{theme}'")
            self.page.evaluate(
                AXE.read_text("utf-8")
            )  # as a debugger does: the page's policy lets no script in
            found = self.page.evaluate(_JUDGE)
            assert not found, f"{what}, {theme}: {json.dumps(found, indent=1)[:3000]}"


_JUDGE = """axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})
    .then(r => r.violations.map(v => [v.id, v.nodes.slice(0, 4).map(n => n.html.slice(0, 160) + ' | ' + n.failureSummary.slice(0, 200))]))"""


@pytest.fixture(scope="module")
def desk(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = Path(os.environ.get("YONG_SCREENSHOTS") or tmp_path_factory.mktemp("screenshots"))
    folder.mkdir(parents=True, exist_ok=True)
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        context = browser.new_context(
            viewport={"width": 1440, "height": 900}, locale="zh-CN", color_scheme="light"
        )
        page = context.new_page()
        page.set_default_timeout(20_000)
        made = Desk(page, demo.address, folder)
        _sign_in(made, demo)
        yield made
        browser.close()


def _sign_in(desk: Desk, demo: Demo) -> None:
    """Whoever is not signed in is led to sign in, and back to where they wanted to go."""
    desk.go("/console/things")
    desk.page.wait_for_url("**/sign-in?next=*")
    desk.page.fill("#name", "duty")
    desk.page.fill("#password", demo.password)
    desk.page.fill("#code", code(demo.seed, time.time()))
    desk.page.click("button[type=submit]")
    desk.page.wait_for_url("**/console/things")


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
    page.on("dialog", lambda dialog: dialog.accept())
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
    page.fill("form input >> nth=0", "open_gate")
    page.fill("form input >> nth=1", "[1]")
    page.click("form button[type=submit]")
    page.wait_for_selector(".trouble")  # arguments are an object
    page.fill("form input >> nth=1", '{"percent": 40}')
    page.click("form button[type=submit]")
    page.wait_for_selector(".commands code:text('open_gate')")
    desk.judge("a thing")
    assert page.evaluate("document.title") != "1"


def test_what_a_thing_did_is_told(desk: Desk) -> None:
    page = desk.page
    desk.go("/console/things?state=online&type=river")
    page.click("table.list tbody tr:has-text('river') >> nth=-1 >> a")
    page.wait_for_selector(".commands .quiet")
    page.fill("form input >> nth=0", "calibrate")
    page.click("form button[type=submit]")
    page.wait_for_selector(".commands .is-acknowledged")  # over MQTT to the thing, and its answer back


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
    page.click(".kinds li:has-text('AirQualityObserved') button")
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
        ("/console/records", ".cards li"),
        ("/console/records/geo.boundary", "table.list tbody tr"),
        ("/console/records/geo.boundary?new=1", ".form"),
        ("/console/records/sensing.thing?id=console-1", ".values"),
        ("/console/administration", "table.list tbody tr"),
        ("/console/administration?tab=letters", "section"),
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
    desk.go("/console/administration?tab=audit")
    page.wait_for_selector(".trouble h2")  # an operator does not read the audit trail
    assert "没有权限" in (page.text_content(".trouble h2") or "")
    desk.go("/console/records/no.such")
    page.wait_for_selector(".trouble h2")
    desk.go("/console/nowhere/at/all")
    page.wait_for_selector(".kinds")


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
    web = [p for p in psutil.Process(demo.pid).children(recursive=True) if "web" in p.cmdline()]
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
