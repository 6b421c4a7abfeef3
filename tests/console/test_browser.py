"""The console as a person on duty uses it, in Debian's Chromium: what changes in the city changes on the screen.

Says visibly when Playwright, Chromium, axe-core or the built console is absent. Screenshots go to the test's folder, or
where `YONG_SCREENSHOTS` says.
"""

import json
import os
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.console.conftest import ACCOUNT, EVIL, RUDE, STATION, WORD, Place

from yong.app.http.console import HERE as BUILT

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is absent")
CHROMIUM = Path("/usr/bin/chromium")
AXE = Path(__file__).resolve().parents[2] / "console/node_modules/axe-core/axe.min.js"
ARGUMENTS = [
    "--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--use-gl=angle", "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
]  # fmt: skip
pytestmark = [
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"Chromium is absent ({CHROMIUM})"),
    pytest.mark.skipif(not (BUILT / "index.html").is_file(), reason="the console was not built (make console)"),
]
PAGES = ("", "things", f"things/{STATION}", "records", "records/sensing.thing", "administration")
_JUDGE = """async () => {
    const found = await axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']});
    return found.violations.map(v => [v.id, v.nodes.map(n => n.html.slice(0, 160) + ' | ' + n.failureSummary.slice(0, 200))]);
}"""


class Desk:
    """A browser that is signed in, and what it must never do: ask elsewhere, break the policy, throw."""

    def __init__(self, page: Any, where: Place, folder: Path) -> None:
        self.page, self.where, self.folder = page, where, folder
        self.elsewhere: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda r: None if r.url.startswith((where.address, "blob:", "data:")) else self.elsewhere.append(r.url))
        page.on("console", lambda m: self.complaints.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda e: self.complaints.append(str(e)))

    def go(self, path: str) -> None:
        self.page.goto(f"{self.where.address}/console/{path}")

    def sign_in(self, path: str = "") -> None:
        """Ask for a page of the console, sign in where that leads to, and be back."""
        self.go(path)
        self.page.wait_for_url(re.compile(r"/sign-in\?next="))
        self.complaints.clear()  # that the session was asked for in vain is noted by the browser
        self.page.fill("#name", ACCOUNT)
        self.page.fill("#password", WORD)
        self.page.fill("#code", self.where.code())
        self.page.click("main button[type=submit]")
        self.page.wait_for_url(f"{self.where.address}/console/{path}")

    def until(self, holds: Callable[[], bool], what: str, wait_s: float = 15) -> None:
        deadline = time.monotonic() + wait_s
        while not holds():
            assert time.monotonic() < deadline, what
            self.page.wait_for_timeout(100)

    def reads(self, selector: str) -> str:
        return str(self.page.inner_text(selector))

    def drawn(self) -> None:
        """Wait until the map has nothing left to draw; where the page has none, until it has loaded."""
        self.page.wait_for_load_state("load")
        self.page.wait_for_selector("main h1", state="attached")
        self.page.wait_for_timeout(700)

    def shot(self, name: str) -> None:
        self.page.screenshot(path=self.folder / f"{name}.png")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as play:
        one = play.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield one
        one.close()


@pytest.fixture(scope="module")
def signed_in(duty: Place, browser: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The cookies of somebody who signed in by the form, on the way to a page deep in the console."""
    context = browser.new_context(locale="zh-CN")
    Desk(context.new_page(), duty, tmp_path_factory.mktemp("sign-in")).sign_in(f"things/{STATION}?from=sign-in")
    kept: dict[str, Any] = context.storage_state()
    context.close()
    return kept


@pytest.fixture
def desk(duty: Place, browser: Any, signed_in: dict[str, Any], tmp_path: Path) -> Iterator[Desk]:
    folder = Path(os.environ.get("YONG_SCREENSHOTS") or tmp_path)
    context = browser.new_context(
        storage_state=signed_in, locale="zh-CN", viewport={"width": 1440, "height": 900}, reduced_motion="reduce"
    )
    one = Desk(context.new_page(), duty, folder)
    yield one
    context.close()
    assert one.elsewhere == []
    assert one.complaints == []


def test_what_a_thing_reports_is_on_the_screen_while_one_looks(desk: Desk) -> None:
    value = "[data-attribute=pm25]"
    with desk.where.device(STATION) as device:
        device.report(pm25=12.5)
        desk.go(f"?thing={STATION}")
        desk.until(lambda: desk.page.locator(value).count() == 1, "the panel shows what is known")
        device.report(pm25=98.25)
        desk.until(lambda: desk.reads(value).startswith("98.25"), "the panel follows")
        desk.drawn()
        desk.shot("centre-1440")
        desk.go(f"things/{STATION}")
        desk.until(lambda: desk.page.locator(value).count() == 1, "its page shows what is known")
        device.report(pm25=7.75)
        desk.until(lambda: desk.reads(value).startswith("7.75"), "the page follows")
        desk.shot("thing")


def test_a_command_goes_out_and_its_end_is_shown(desk: Desk) -> None:
    with desk.where.device(STATION) as device:
        desk.go(f"things/{STATION}")
        desk.page.get_by_label("命令").first.fill("calibrate")
        desk.page.locator("form button[type=submit]").click()
        desk.until(lambda: desk.page.locator(".commands .is-acknowledged").count() == 1, "it was done")
        assert device.asked[0]["name"] == "calibrate"


def test_texts_of_others_stay_texts(desk: Desk) -> None:
    with desk.where.device(RUDE) as device:
        device.report(pm25=1, note=EVIL)
        for path in (f"?thing={RUDE}", f"things/{RUDE}", "records/sensing.thing"):
            desk.go(path)
            desk.until(lambda: EVIL in desk.reads("main"), path)
            assert desk.page.locator("main img[src=x]").count() == 0
            assert desk.page.title() != "taken"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(desk: Desk, theme: str) -> None:
    if not AXE.is_file():
        pytest.skip(f"axe-core is absent ({AXE})")
    desk.page.emulate_media(color_scheme=theme)
    wrong: dict[str, object] = {}
    for path in PAGES:
        desk.go(path)
        desk.drawn()
        desk.shot(f"{theme}-{path.replace('/', '-') or 'centre'}")
        assert desk.page.evaluate("document.documentElement.className") == theme
        desk.page.evaluate(AXE.read_text("utf-8"))
        if found := desk.page.evaluate(_JUDGE):
            wrong[path] = found
    assert wrong == {}, json.dumps(wrong, ensure_ascii=False, indent=1)


def test_it_speaks_the_language_that_is_chosen_and_keeps_it(desk: Desk) -> None:
    desk.go("things")
    desk.until(lambda: desk.page.title().startswith("设备"), "Chinese, as the browser asks for")
    desk.page.get_by_role("button", name="English").click()
    desk.until(lambda: desk.page.title().startswith("Things"), "English from now on")
    desk.go("administration")
    desk.until(lambda: desk.page.title().startswith("Administration"), "after loading anew, too")
    assert desk.page.evaluate("document.documentElement.lang") == "en"


def test_the_past_is_played_on_the_map(desk: Desk) -> None:
    with desk.where.device(STATION) as device:
        for value in (30, 60, 90):
            device.report(pm25=value)
            time.sleep(1.1)
    desk.go("")
    desk.page.get_by_label("回看").check()
    time_line = desk.page.locator(".playback input[type=range]")
    desk.until(lambda: time_line.count() == 1, "history is there")
    assert desk.page.locator(".badge.is-past").count() == 1
    began = int(time_line.input_value())
    desk.page.get_by_role("button", name="播放").click()
    desk.until(lambda: int(time_line.input_value()) >= began + 15_000, "time runs")
    desk.page.get_by_label("实时").check()
    desk.until(lambda: desk.page.locator(".badge.is-past").count() == 0, "back in the present")


def test_a_district_is_gone_into_and_left(desk: Desk) -> None:
    desk.go("")
    chosen = desk.page.get_by_label("区县", exact=True)
    desk.until(lambda: chosen.locator("option").count() == 11, "ten districts and the whole city")
    chosen.select_option("330212")
    desk.page.wait_for_url("**district=330212**")
    desk.until(lambda: desk.reads(".vitals dd") == "0", "nothing reports there")
    desk.page.go_back()
    desk.until(lambda: desk.reads(".vitals dd") == "2", "the whole city again")


@pytest.mark.parametrize(("name", "width", "height", "path"), [("phone", 390, 844, ""), ("screen", 1920, 1080, "?screen=1")])
def test_nothing_is_cut_off(desk: Desk, name: str, width: int, height: int, path: str) -> None:
    desk.page.set_viewport_size({"width": width, "height": height})
    for page in (path, f"things/{STATION}", "things", "records/sensing.thing", "administration"):
        desk.go(page)
        desk.drawn()
        size = desk.page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        assert size[0] <= size[1], page
        desk.shot(f"{name}-{page.partition('/')[0].strip('?') or 'centre'}")


def test_a_session_that_ends_leads_to_the_sign_in_page(desk: Desk) -> None:
    desk.go("things")
    desk.page.wait_for_selector("main h1")
    desk.page.context.clear_cookies()
    desk.page.get_by_role("link", name="运行中心").click()
    desk.page.wait_for_url(re.compile(r"/sign-in\?next=%2Fconsole"))
    desk.complaints.clear()  # the browser notes each refusal that it was given
