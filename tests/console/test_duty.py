"""What a duty officer relies on in the console, in a real browser (Debian's Chromium) over a running install.

Every page that a test opens is held to three things: it asks nobody but the server, the content security policy
has nothing to report, and nothing fails in it. Says visibly when Playwright, Chromium or the built console is absent.
"""

import threading
from collections.abc import Iterator
from typing import Any

import msgspec
import paho.mqtt.client as mqtt
import psutil
import pytest
from tests.console.conftest import ARGUMENTS, BREAKING, CHROMIUM, PASSWORD, Town

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is absent")
pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason=f"Chromium is absent ({CHROMIUM})")


class Desk:
    """A browser of its own, signed in unless told, and what went wrong in it."""

    def __init__(self, browser: Any, town: Town, *, signed_in: bool = True, **settings: Any) -> None:
        self.town = town
        size = {"width": 1440, "height": 900}
        self.context = browser.new_context(**{"viewport": size, "locale": "zh-CN", **settings})
        if signed_in:
            self.context.add_cookies([town.cookie])
        self.context.add_init_script(
            "window.refused = []; addEventListener('securitypolicyviolation', e => refused.push(e.violatedDirective + ' ' + e.blockedURI))"
        )
        self.page = self.context.new_page()
        self.page.set_default_timeout(15_000)
        self.wrong: list[str] = []
        self.page.on("request", lambda r: self._asked(r.url))
        self.page.on("pageerror", lambda e: self.wrong.append(f"error: {e}"))
        self.page.on("dialog", lambda d: (self.wrong.append(f"dialog: {d.message}"), d.dismiss()))

    def _asked(self, url: str) -> None:
        if not url.startswith((self.town.url, "data:", f"blob:{self.town.url}")):
            self.wrong.append(f"asked {url}")

    def go(self, path: str) -> Any:
        self.page.goto(self.town.url + path)
        return self.page

    def drawn(self) -> None:
        """Wait until the map shows its things."""
        self.page.wait_for_selector(".map canvas")
        self.page.wait_for_selector(".kinds li")
        self.page.wait_for_timeout(800)  # its worker clusters, then the next frame shows them

    def leave(self) -> None:
        """Close, and hold the pages to what all are held to."""
        self.wrong += [f"refused: {one}" for one in self.page.evaluate("window.refused")]
        if self.page.evaluate("window.broken"):
            self.wrong.append("a thing's words ran as a script")
        self.context.close()
        assert self.wrong == []


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as play:
        one = play.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield one
        one.close()


@pytest.fixture
def desk(town: Town, browser: Any) -> Iterator[Desk]:
    one = Desk(browser, town)
    yield one
    one.leave()


def test_a_thing_is_found_among_many_by_a_part_of_its_name(desk: Desk) -> None:
    page = desk.go("/console/things")
    page.wait_for_selector("tbody tr")
    assert page.locator("tbody tr").count() == 100  # a page of the server's
    page.fill("input[name=text]", "姚江")
    page.wait_for_url("**text=**")
    page.locator("tbody tr", has_text="姚江水位").wait_for()
    playwright.expect(page.locator("tbody tr")).to_have_count(1)
    page.click("tbody a")
    page.wait_for_url("**/console/things/gauge-1")
    playwright.expect(page.locator("h1")).to_have_text("姚江水位")
    page.go_back()
    playwright.expect(page.locator("input[name=text]")).to_have_value("姚江")


def test_a_command_is_seen_to_be_acknowledged(desk: Desk, town: Town) -> None:
    town.instance.await_gate()
    gauge = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id="gauge-1")
    gauge.username_pw_set("gauge-1", town.tokens["gauge-1"])
    heard: list[Any] = []
    listening = threading.Event()

    def obey(client: Any, _: Any, message: Any) -> None:
        heard.append(msgspec.json.decode(message.payload))
        client.publish("ack/gauge-1", msgspec.json.encode({"id": heard[-1]["id"], "ok": True}), qos=1)

    gauge.on_connect = lambda client, *_: client.subscribe("cmd/gauge-1", qos=1)
    gauge.on_subscribe = lambda *_: listening.set()
    gauge.on_message = obey
    gauge.connect("127.0.0.1", town.instance.mqtt_port)
    gauge.loop_start()
    try:
        assert listening.wait(10)
        page = desk.go("/console/things/gauge-1")
        page.locator(".facts form input").first.fill("set_interval")
        page.locator(".facts form input").nth(1).fill("not json")
        page.click(".facts form button")
        page.locator(".facts .trouble").wait_for()
        page.locator(".facts form input").nth(1).fill('{"interval": 60}')
        page.click(".facts form button")
        page.locator(".commands .is-acknowledged").wait_for()
    finally:
        gauge.disconnect()
        gauge.loop_stop()
    assert [(one["name"], one["arguments"]) for one in heard] == [("set_interval", {"interval": 60})]


def test_what_a_thing_reports_for_the_first_time_can_be_looked_at_at_once(desk: Desk, town: Town) -> None:
    page = desk.go("/console/")
    desk.drawn()
    page.click(".kinds li:has-text('kettle') button")
    playwright.expect(page.locator(".side select")).to_have_count(1)  # nothing to be coloured by
    town.report("odd-1", {"temperature": 20.5})
    page.locator(".side select option", has_text="temperature").wait_for(state="attached", timeout=10_000)


def test_an_hour_is_played_back(desk: Desk) -> None:
    page = desk.go("/console/")
    desk.drawn()
    page.click(".kinds li:has-text('river') button")
    page.locator(".playback input[type=radio]").nth(1).check()
    slider = page.locator(".playback input[type=range]")
    slider.wait_for()
    began = float(slider.input_value())
    page.select_option(".playback p select", "1800")
    page.click(".playback p button")
    page.wait_for_timeout(1200)
    page.click(".playback p button")
    moved = float(slider.input_value())
    assert moved >= began + 1800 * 500  # half a second of it at least
    page.locator(".badge.is-past").wait_for()
    page.wait_for_timeout(600)
    assert float(slider.input_value()) == moved  # it stands
    page.locator(".playback input[type=radio]").first.check()
    playwright.expect(page.locator(".badge.is-past")).to_have_count(0)


def test_the_language_changes_everywhere_and_stays(desk: Desk) -> None:
    page = desk.go("/console/things/gauge-1")
    playwright.expect(page.locator("h1")).to_have_text("姚江水位")
    playwright.expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    page.click(".tools button >> nth=0")
    playwright.expect(page.locator("h1")).to_have_text("Yao River gauge")
    playwright.expect(page.locator("html")).to_have_attribute("lang", "en")
    assert page.title().startswith("Things")
    page.goto(desk.town.url + "/console/things/nobody")
    playwright.expect(page.locator(".trouble h2").first).to_be_visible()
    assert not any("一" <= sign <= "鿿" for sign in page.locator("main").inner_text())


def test_what_things_are_called_stays_text_wherever_it_is_shown(desk: Desk) -> None:
    page = desk.go("/console/?thing=odd-1")
    playwright.expect(page.locator("aside.right h2")).to_have_text(BREAKING)
    playwright.expect(page.locator("aside.right [data-attribute=said]")).to_contain_text(BREAKING)
    desk.go("/console/things?text=onerror").locator("td", has_text=BREAKING).wait_for()
    desk.go("/console/records/sensing.thing?filter=code:prefix:odd").locator(
        "td", has_text=BREAKING
    ).first.wait_for()


def test_the_keyboard_alone_reaches_everything(desk: Desk) -> None:
    page = desk.go("/console/things")
    page.locator("tbody tr").first.wait_for()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('tbody a')"):
            break
    assert page.evaluate("document.activeElement.matches('tbody a')")
    ring = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert ring == "solid"
    page.keyboard.press("Enter")
    page.wait_for_url("**/console/things/*")


def test_a_lost_connection_is_told_and_found_again_and_an_ended_session_is_told(
    desk: Desk, town: Town, browser: Any
) -> None:
    page = desk.go("/console/")
    page.locator("[data-stream].is-live").wait_for()
    other = Desk(browser, town, signed_in=False)
    body = {"name": "duty", "password": PASSWORD, "code": town.codes.pop()}
    assert other.context.request.post(f"{town.url}/session", data=body).ok
    other.go("/console/?screen=1").locator("[data-stream].is-live").wait_for()
    assert other.context.request.delete(f"{town.url}/session").ok
    assert town.instance.process is not None
    web = [
        p for p in psutil.Process(town.instance.process.pid).children(recursive=True) if "web" in p.cmdline()
    ]
    assert web
    for process in web:
        process.kill()
    page.locator("[data-stream].is-lost").wait_for()
    page.locator("p.lost").wait_for()
    page.locator("[data-stream].is-live").wait_for(timeout=30_000)
    playwright.expect(page.locator("p.lost")).to_have_count(0)
    town.report("gauge-1", {"waterLevel": 4.75})
    page.goto(town.url + "/console/?thing=gauge-1")
    playwright.expect(page.locator("[data-attribute=waterLevel]")).to_contain_text("4.75")
    other.page.locator("p.lost a").wait_for(timeout=30_000)
    assert "/sign-in?next=%2Fconsole" in str(other.page.locator("p.lost a").get_attribute("href"))
    other.leave()
