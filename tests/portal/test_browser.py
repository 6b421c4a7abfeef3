"""The portal in a real browser (Debian's Chromium) on phones: without scripts, at 320 and 390 pixels, judged by axe.

Says visibly when Playwright, Chromium or axe-core is absent. Screenshots go to the test's folder, or where
`YONG_SCREENSHOTS` says.
"""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.browser import ARGUMENTS, AXE, CHROMIUM, JUDGE, needs_chromium
from tests.conftest import TestDatabase
from tests.documents.files import png
from tests.messaging.sample import followed
from tests.portal.visitor import GOOD, PASSWORD
from tests.served import served

from yong.kernel.access import api as access
from yong.kernel.base.city import City
from yong.kernel.records import api as records

playwright = pytest.importorskip("playwright.async_api", reason="playwright is absent")
START = "/portal/services/reports.report"
pytestmark = needs_chromium


@pytest.fixture
async def address(city: City, database: TestDatabase) -> AsyncIterator[str]:
    """A web process of its own, with things to be found."""
    await _furnish(city)
    async with served(
        city, database, YONG_DEMO="true", YONG_SMTP_URL="smtp://127.0.0.1:9", YONG_SMTP_FROM="yong@city.example",
        YONG_MESSAGE_HOSTS="127.0.0.1",
    ) as web:  # fmt: skip
        yield web.address


async def _furnish(city: City) -> None:
    shift = {"330203": 0.0, "330212": 0.1}
    for code, east in shift.items():
        ring = [[121.5 + east, 29.8], [121.6 + east, 29.8], [121.6 + east, 29.9], [121.5 + east, 29.9], [121.5 + east, 29.8]]  # fmt: skip
        await records.create(
            city, access.system_caller("geo"), "geo.boundary",
            {"code": code, "level": "district", "name": {"330203": "海曙区", "330212": "鄞州区"}[code],
             "datum": "cgcs2000", "geometry": {"type": "Polygon", "coordinates": [ring]}},
            owner="planning", district=code,
        )  # fmt: skip
        for n in range(4):
            place = {"type": "Point", "coordinates": [121.52 + east + n / 50, 29.82 + n / 60]}
            await records.create(
                city, access.system_caller("environment"), "environment.station",
                {"code": f"{code}-{n}", "kind": "air", "location": place, "name_zh": f"空气站 {n}", "name_en": f"Air station {n}"},
                owner="environment", district=code,
            )  # fmt: skip


class Phone:
    """A browser without scripts on a small screen; every page it sees is judged."""

    def __init__(
        self,
        page: Any,
        judge: Any,
        address: str,
        folder: Path,
        name: str,
        told: Callable[[], Awaitable[None]],
    ) -> None:
        self.told = told
        self.page, self.judge, self.address, self.folder, self.name = page, judge, address, folder, name
        self.schemes = ("dark",) if "dark" in name else ("light", "dark")
        self.wrong: dict[str, object] = {}
        self.shots = 0

    async def go(self, path: str) -> None:
        await self.page.goto(f"{self.address}{path}")

    async def see(self, what: str) -> None:
        """Judge the page that is shown: nothing to scroll sideways for, targets large enough, axe finds nothing."""
        self.shots += 1
        shot = self.folder / f"{self.name}-{self.shots:02d}-{what}.png"
        await self.page.screenshot(path=shot, full_page=True)
        await self.judge.set_viewport_size(self.page.viewport_size)
        await self.judge.set_content(await self._whole())
        size = await self.judge.evaluate(
            "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
        )
        if size[0] > size[1]:
            self.wrong[f"{what}: scrolls sideways"] = size
        if AXE.is_file():
            await self.judge.add_script_tag(path=AXE)
            for scheme in self.schemes:
                await self.judge.emulate_media(color_scheme=scheme)
                found = await self.judge.evaluate(JUDGE)
                if found:
                    self.wrong[f"{what}, {scheme}"] = found

    async def _whole(self) -> str:
        """The page as it is, with its style sheets in it: it is judged where scripts run, and these stay out of it."""
        text: str = await self.page.content()
        for sheet in ("/static/yong.css", "/portal/static/portal.css"):
            answer = await self.page.request.get(f"{self.address}{sheet}")
            link = f'<link rel="stylesheet" href="{sheet}">'
            assert link in text
            text = text.replace(link, f"<style>{await answer.text()}</style>")
        return text


async def journey(phone: Phone) -> None:
    """From the start to the confirmation and on, by touching links and buttons alone."""
    page = phone.page
    await phone.go("/portal")
    await phone.see("home")
    await page.click(f"a[href='{START}']")
    await phone.see("start")
    await page.click("main button")
    await phone.see("what")
    await page.click("main button")
    await phone.see("what-fault")
    await page.click(".summary a")
    await page.check("input[value=E01]")
    await page.click("main button")
    await phone.see("where")
    await page.select_option("#district", "330203")
    await page.fill("#place", GOOD["where"]["place"])
    await page.fill("#location_lon", "121.65")
    await page.fill("#location_lat", "29.85")
    await page.click("main button")
    await page.fill("#description", GOOD["details"]["description"])
    await phone.see("details")
    await page.click("main button")
    await page.set_input_files(
        "#photos", [{"name": "cover.png", "mimeType": "image/png", "buffer": png((300, 200))}]
    )
    await page.click("main button[value=stay]")
    await page.wait_for_load_state()  # of the picture too
    assert await page.evaluate("document.querySelector('.photos img').naturalWidth") == 300
    await page.set_input_files(
        "#photos", [{"name": "a.jpg", "mimeType": "image/jpeg", "buffer": b"no picture"}]
    )
    await page.click("main button[value=stay]")
    await phone.see("photos-fault")
    await page.click("main button[value=on]")
    await page.fill("#contact_name", "王小明")
    await phone.see("contact")
    await page.click("main button")
    await phone.see("where-fault")
    await page.fill("#location_lon", "121.55")
    await page.click("main button")
    if page.url.endswith("/similar"):
        await phone.see("similar")
        await page.click("main button")
    await phone.see("check")
    await page.go_back()
    await page.go_forward()
    await page.click("main button")
    assert page.url.endswith("/done"), page.url
    await phone.see("done")
    await page.click("a[href^='/portal/progress/']")
    await phone.see("progress")


async def others(phone: Phone) -> None:
    """Every other page."""
    page = phone.page
    for path in (
        "services",
        "progress",
        "places",
        "data",
        "data/reports.progress",
        "sign-in",
        "sign-up",
        "nowhere",
    ):
        await phone.go(f"/portal/{path}")
        await phone.see(path.replace("/", "-"))
    await phone.go("/portal/sign-up")
    await page.fill("#name", f"resident-{phone.name}")
    await page.fill("#password", PASSWORD)
    await page.fill("#again", PASSWORD)
    await page.click("main button")
    assert page.url.endswith("/portal/account")
    await phone.see("account")
    await phone.go("/portal/matters")
    await phone.see("matters")
    await phone.go("/portal/messages")
    await phone.see("no-messages")
    await messages(phone)


async def messages(phone: Phone) -> None:
    """What the worker tells: a report that was sent signed in, its message, and how messages come."""
    page = phone.page
    await phone.go(START)
    await page.click("main button")
    for choice, filled in GOOD.items():
        assert page.url.endswith(choice), page.url
        if "category" in filled:
            await page.check(f"input[value={filled['category']}]")
        if "district" in filled:
            await page.select_option("#district", filled["district"])
        for name, value in filled.items():
            if name not in ("category", "district"):
                await page.fill(f"#{name}", value)
        await page.click("main button[value=on]" if choice == "photos" else "main button")
    if page.url.endswith("/similar"):
        await page.click("main button")
    await page.click("main button")
    assert page.url.endswith("/done"), page.url
    await phone.told()
    await phone.go("/portal/messages")
    assert await page.text_content("header .unread") == "1"
    await phone.see("messages")
    await page.click(".messages a")
    assert await page.locator("header .unread").count() == 0
    await phone.see("message")
    await page.click("main a[href^='/portal/progress/']")
    assert "/portal/progress/" in page.url
    await phone.go("/portal/messages/settings")
    await page.fill("[id='address-messaging.email']", "no address")
    await page.click("[action='/portal/messages/contact'] button")
    await phone.see("settings-fault")
    await page.click(".summary a")
    assert await page.evaluate("document.activeElement.id") == "address-messaging.email"
    await page.fill("[id='address-messaging.email']", "wang@example.org")
    await page.click("[action='/portal/messages/contact'] button")
    await phone.see("settings-code")
    await page.uncheck("[id='reports.closed-inbox']")
    await page.click("[action='/portal/messages/settings'] button")
    assert await page.is_checked("[id='reports.answered-inbox']")
    assert not await page.is_checked("[id='reports.closed-inbox']")
    await phone.see("settings-saved")


@pytest.mark.parametrize(
    ("name", "width", "scheme", "chosen"),
    [
        ("390-zh", 390, "light", "lang=zh&view=standard"),
        ("320-en-large-dark", 320, "dark", "lang=en&view=large"),
    ],
)
async def test_everything_can_be_done_on_a_phone_without_scripts(
    address: str, city: City, tmp_path: Path, name: str, width: int, scheme: str, chosen: str
) -> None:
    folder = Path(os.environ.get("YONG_SCREENSHOTS") or tmp_path)
    asked: list[str] = []
    reports: list[str] = []
    async with playwright.async_playwright() as play:
        browser = await play.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        size = {"width": width, "height": 780}
        context = await browser.new_context(java_script_enabled=False, viewport=size, color_scheme=scheme)
        judging = await browser.new_context(viewport=size, color_scheme=scheme)
        page = await context.new_page()
        page.on("request", lambda r: asked.append(r.url))
        page.on("console", lambda m: reports.append(m.text))
        phone = Phone(page, await judging.new_page(), address, folder, name, lambda: followed(city))
        await phone.go(f"/portal?{chosen}")
        await journey(phone)
        await others(phone)
        await browser.close()
    assert phone.wrong == {}
    assert [url for url in asked if not url.startswith(address)] == []
    assert [text for text in reports if "Content Security Policy" in text] == []
    if not AXE.is_file():
        pytest.skip(f"axe-core is absent ({AXE}); everything else held")


async def test_the_web_process_sets_the_policy_on_every_page(address: str) -> None:
    async with httpx.AsyncClient(base_url=address) as client:
        for path in ("/portal", "/portal/static/portal.css", "/portal/nowhere"):
            answer = await client.get(path)
            assert "script-src 'self'" in answer.headers["content-security-policy"]
            assert answer.headers["x-content-type-options"] == "nosniff"
