"""An inspector's phone in a real browser: work without a network, photos that resume, conflicts, and who sees what.

Screenshots go to the test's folder, or where `YONG_SCREENSHOTS` says.
"""

import asyncio
import json
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.browser import ARGUMENTS, AXE, CHROMIUM, JUDGE, needs_chromium
from tests.cases.conftest import PURPOSE, Desks, desks  # noqa: F401  # the fixture
from tests.conftest import TestDatabase, free_port
from tests.documents.files import jpeg

from twin.authenticator import code
from yong.kernel.access import api as access
from yong.kernel.access import identity, logic
from yong.kernel.access.api import system_caller
from yong.kernel.base.city import City
from yong.kernel.records import api as records
from yong.kernel.store.database import Database

playwright = pytest.importorskip("playwright.async_api", reason="playwright is absent")
pytestmark = [needs_chromium, pytest.mark.timeout(180)]
XSS = 'A loose cover <img src=x onerror="document.title=1">'
PHONE = {"width": 390, "height": 844}
HERE = {"longitude": 121.55, "latitude": 29.87, "accuracy": 9}
PASSWORD = "a very long password"
LONG_AWAY = """import('/field/store.js').then(async ({Registry}) => {
    const registry = await Registry.open(), who = await registry.who(await registry.current());
    await registry.put({...who, contact: Date.now() - 73 * 3_600_000});
})"""


@pytest.fixture
async def address(city: City, database: TestDatabase, desks: Desks) -> AsyncIterator[str]:  # noqa: F811
    """A web process of its own on the test's database, as `yong up` starts it."""
    ring = [[121.5, 29.8], [121.6, 29.8], [121.6, 29.9], [121.5, 29.9], [121.5, 29.8]]
    await records.create(
        city, system_caller("geo"), "geo.boundary",
        {"code": "330203", "level": "district", "name": "海曙区", "datum": "cgcs2000",
         "geometry": {"type": "Polygon", "coordinates": [ring]}},
        owner="planning", district="330203",
    )  # fmt: skip
    await records.create(
        city, system_caller("cases"), "cases.class",
        {"code": "020102", "title_zh": "暴露垃圾", "title_en": "Heap of rubbish"},
    )  # fmt: skip
    port = free_port()
    environment = {k: v for k, v in os.environ.items() if not k.startswith("YONG_")} | {
        "YONG_HOME": str(city.settings.home), "YONG_HTTP_PORT": str(port),
        "YONG_DATABASE_URL": database.owner_url, "YONG_DATABASE_SERVE_URL": database.serve_url,
    }  # fmt: skip
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "yong.app.main", "run", "web", env=environment
    )
    try:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            await asyncio.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.wait(), 30)


async def inspector(city: City, name: str) -> str:
    """An inspector's account with a second factor; its seed."""
    account, _ = await access.create_account(city, system_caller("access"), name, password=PASSWORD)
    await access.grant(city, system_caller("access"), account, "cases.inspector", district="330203")
    _, caller = await identity.sign_in(city, name, PASSWORD, None, "test")
    uri = await identity.enrol(city, caller)
    seed = uri.partition("secret=")[2].partition("&")[0]
    await identity.confirm(city, caller, logic.totp(seed, int(time.time()) // logic.STEP_S - 1))
    return seed


class Phone:
    """A phone in an inspector's hand; it keeps what leaves the machine and what the page's policy refused."""

    def __init__(self, context: Any, page: Any, address: str, folder: Path) -> None:
        self.context, self.page, self.address, self.folder = context, page, address, folder
        self.wrong: list[str] = []
        page.on(
            "request", lambda r: None if r.url.startswith((address, "blob:")) else self.wrong.append(r.url)
        )
        page.on("pageerror", lambda e: self.wrong.append(str(e)))
        page.on(
            "console", lambda m: self.wrong.append(m.text) if "Content Security Policy" in m.text else None
        )

    async def sign_in(self, name: str, seed: str, at: float | None = None) -> None:
        await self.page.fill("#name", name)
        await self.page.fill("#password", PASSWORD)
        await self.page.fill("#code", code(seed, at or time.time()))
        await self.page.click("button[type=submit]")

    async def go(self, tab: str) -> None:
        await self.page.evaluate(f"location.hash = '#/{tab}'")

    async def see(self, selector: str) -> None:
        await self.page.wait_for_selector(selector)

    async def shot(self, name: str) -> None:
        await self.page.screenshot(path=self.folder / f"field-{name}.png", full_page=True)

    async def judge(self, what: str) -> None:
        """axe finds nothing, in light and dark; nothing is scrolled for sideways."""
        for scheme in ("light", "dark"):
            await self.page.emulate_media(color_scheme=scheme)
            await self.page.evaluate(AXE.read_text("utf-8"))
            found = await self.page.evaluate(JUDGE)
            assert not found, f"{what}, {scheme}: {json.dumps(found, indent=1)[:2000]}"
            await self.shot(f"{what}-{scheme}")
        wide = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        assert await self.page.evaluate(wide), what

    async def waiting_to_be_sent(self) -> None:
        await self.go("queue")
        await self.see("li[data-state=waiting]")


@asynccontextmanager
async def phone(address: str, folder: Path, language: str = "zh-CN") -> AsyncIterator[Phone]:
    async with playwright.async_playwright() as started:
        browser = await started.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        context = await browser.new_context(
            viewport=PHONE,
            locale=language,
            geolocation=HERE,
            permissions=["geolocation"],
            has_touch=True,
            is_mobile=True,
        )
        page = await context.new_page()
        page.set_default_timeout(30_000)
        made = Phone(context, page, address, folder)
        await page.goto(f"{address}/field")
        try:
            yield made
        except BaseException:
            await made.shot("failed")
            raise
        assert not made.wrong
        await browser.close()


async def until(holds: Callable[[], Awaitable[bool]], *, says: bool = True) -> None:
    deadline = time.monotonic() + 30
    while await holds() is not says:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)


async def taken(desks: Desks, case: str) -> bool:  # noqa: F811
    """Whether somebody has taken the case's first task."""
    return (await desks.case(case))["tasks"][0]["assignee"] is not None


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = Path(os.environ.get("YONG_SCREENSHOTS") or tmp_path / "shots")
    found.mkdir(parents=True, exist_ok=True)
    return found


async def test_a_task_is_verified_without_a_network_and_everything_arrives(
    city: City,
    address: str,
    desks: Desks,  # noqa: F811
    folder: Path,
) -> None:
    seed = await inspector(city, "lin")
    near = await desks.opened(
        title="鼓楼旁垃圾", location=[121.551, 29.871], description="两袋", **{"class": "020102"}
    )
    late = await desks.opened(title="月湖漂浮物", location=[121.541, 29.872], urgent=True)
    hidden = await desks.opened(title="别区", district="330206")
    async with phone(address, folder) as one:
        page = one.page
        await one.see("h1:has-text('登录')")
        await one.judge("sign-in")
        await one.sign_in("lin", "JBSWY3DPEHPK3PXP")
        await one.see(".error:has-text('不正确')")
        await one.sign_in("lin", seed)
        await one.see("h1:has-text('任务 (2)')")
        await one.see(".task:has-text('现场核实'):has-text('东北')")
        assert "别区" not in await page.content()
        await one.judge("tasks")
        await page.evaluate("navigator.serviceWorker.ready.then(() => true)")

        await one.context.set_offline(True)
        await page.reload()  # killed and opened again
        await one.see(".bar:has-text('离线')")
        await page.click(".task:has-text('鼓楼旁垃圾')")
        await one.see("dd:has-text('两袋')")
        await page.click("button[type=submit]")
        await one.see("[role=alert]:has-text('请选择一项')")
        await page.set_input_files("#photo", {"name": "a.txt", "mimeType": "text/plain", "buffer": b"x"})
        await one.see(".error:has-text('JPEG')")
        photo = jpeg((1200, 900), exif=True)
        assert len(photo) > 300_000  # more than one part
        await page.set_input_files("#photo", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photo})
        await one.see(".photos img")
        await page.fill("#note", "确有两袋垃圾")
        await page.check("input[value=confirm]")
        await page.wait_for_timeout(300)
        await page.reload()  # the camera cost the page its life: nothing that was written is lost
        await one.see(".photos img")
        assert await page.input_value("#note") == "确有两袋垃圾"
        await one.see("[data-position]:has-text('±9')")
        await one.judge("task")
        await page.click("button[type=submit]")
        await one.see("li[data-state=waiting]")

        await one.go("report")
        await page.fill("#kind", "020102 暴露垃圾")
        await page.fill("#what", "路边新的垃圾堆")
        await one.see("[data-position]:has-text('±9')")
        await page.click("button[type=submit]")
        await one.see("li[data-state=waiting] >> nth=1")
        await one.see(".notice:has-text('已保存')")
        await one.judge("queue")
        await page.reload()
        await one.see("nav >> text=(2)")
        assert (await desks.case(near))["waiting"] == ["verify"]

        await one.context.set_offline(False)
        await one.see("li[data-state=sent] >> nth=1")
        await one.see("text=照片 1/1")
        case = await desks.case(near)
        assert case["waiting"] == ["file"]
        done = {line["what"]: line for line in case["log"]}
        assert done["task.done"]["note"] == "确有两袋垃圾"
        assert done["task.done"]["facts"]["place"] == {"lon": 121.55, "lat": 29.87, "accuracy_m": 9}
        assert done["document"]["id"] < done["task.done"]["id"]  # evidence comes first
        headers = {**desks.keys["supervision"], **PURPOSE}
        [kept] = (await desks.client.get(f"/cases/{near}/documents", headers=headers)).json()
        content = await desks.client.get(f"/cases/{near}/documents/{kept['id']}/content", headers=headers)
        assert b"Secret Camera" not in content.content
        assert (kept["width"], kept["height"]) == (1200, 900)
        [new] = (await desks.ask("supervision", "GET", "/inbox?filter=source:eq:inspector"))["items"]
        assert new["values"]["title"].startswith("暴露垃圾：路边新的垃圾堆")
        await one.go("tasks")
        await one.see("h1:has-text('任务 (1)')")
        assert late
        assert hidden


async def test_what_a_colleague_did_meanwhile_is_shown_and_nothing_is_lost(
    city: City,
    address: str,
    desks: Desks,  # noqa: F811
    folder: Path,
) -> None:
    seed = await inspector(city, "lin")
    id_ = await desks.opened(title=XSS, location=[121.552, 29.866])
    async with phone(address, folder, "en-GB") as one:
        page = one.page
        await one.sign_in("lin", seed)
        await page.click(".task:has-text('A loose cover')")
        await page.click("button:text-is('Take it')")
        await one.see(".badge:has-text('I have taken it')")
        await until(lambda: taken(desks, id_))
        await page.click("button:text-is('Put it back')")
        await until(lambda: taken(desks, id_), says=False)
        await page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        await one.context.set_offline(True)
        await page.check("input[value=confirm]")
        await page.fill("#note", "I saw it myself")
        await page.set_input_files("#photo", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": jpeg()})
        await one.see(".photos img")
        await page.click("button[type=submit]")
        await one.see("li[data-state=waiting]")
        await desks.does("inspector", id_, "verify", "refute", note="Nothing there")  # a colleague, meanwhile
        await one.context.set_offline(False)
        await one.see("li[data-state=conflict]:has-text('It is not so')")
        await one.judge("conflict")
        assert await page.evaluate("document.title") != "1"
        case = await desks.case(id_)
        assert (case["state"], case["outcome"]) == ("closed", "unfounded")
        assert [h["note"] for h in case["log"] if h["what"] == "note"] == ["I saw it myself"]
        assert [h["what"] for h in case["log"] if h["what"] == "document"] == ["document"]
        await page.click("button:text-is('Understood')")
        await page.wait_for_selector("li[data-state=conflict]", state="hidden")
        assert await city[Database].fetchval("SELECT decision FROM records.clash") == "theirs"
        await one.context.set_geolocation({"longitude": 100, "latitude": 10, "accuracy": 9})
        await one.go("report")
        await page.fill("#what", "A heap of rubbish")
        await page.fill("#district", "")
        await page.click("button[type=submit]")
        await one.see("li[data-state=refused]:has-text('The place is not in this city')")
        await one.judge("refused")
        await page.click("button:text-is('Amend and send again')")
        await one.see("h1:has-text('Report a problem')")
        assert await page.input_value("#what") == "A heap of rubbish"
        await page.fill("#district", "330203")
        await page.click("button[type=submit]")
        await one.see("li[data-state=sent]:has-text('A heap of rubbish')")
        await one.go("me")
        await one.see("li:has-text('this phone')")
        await city[Database].execute("UPDATE records.device SET given_up_at = now()")  # on another of theirs
        await one.go("tasks")
        await page.click("button:text-is('Synchronise now')")
        await one.see(".notice:has-text('This phone was given up')")
        await one.see("h1:has-text('Sign in')")
        assert await page.evaluate("indexedDB.databases().then(all => all.length)") == 1


async def test_an_upload_that_was_broken_off_goes_on_and_a_session_that_ended_asks_the_same_person(
    city: City,
    address: str,
    desks: Desks,  # noqa: F811
    folder: Path,
) -> None:
    """The phone dies in the middle of a photo, the session ends meanwhile; somebody else sees nothing of it."""
    lin, wang = await inspector(city, "lin"), await inspector(city, "wang")
    id_ = await desks.opened(title="月湖漂浮物", location=[121.541, 29.872])
    started = time.time()
    async with phone(address, folder) as one:
        page = one.page
        await one.sign_in("lin", lin, started)
        await page.click(".task:has-text('月湖漂浮物')")
        await page.check("input[value=confirm]")
        await page.set_input_files(
            "#photo", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": jpeg((1500, 1100))}
        )
        await one.see(".photos img")
        parts = 0

        async def break_off(route: Any) -> None:
            nonlocal parts
            parts += 1
            await (route.continue_() if parts == 1 else route.abort())

        await one.context.route(
            "**/documents/uploads/*", lambda r: break_off(r) if r.request.method == "PATCH" else r.continue_()
        )
        await page.click("button[type=submit]")

        async def broken_off() -> bool:
            return parts > 1

        await until(broken_off)
        await one.see("li[data-state=waiting]:has(progress)")
        assert await city[Database].fetchval("SELECT received FROM documents.upload") == 256 << 10
        await page.goto("about:blank")
        await city[Database].execute("DELETE FROM access.session")
        await one.context.unroute("**/documents/uploads/*")
        await page.goto(f"{address}/field/#/queue")
        await page.click("a:has-text('请以“lin”重新登录')")
        await one.judge("signed-out")

        await one.sign_in("wang", wang, started)
        await one.see("h1:has-text('任务 (1)')")
        await one.go("queue")
        await one.see("p:has-text('没有待发送的记录')")
        await one.go("me")
        await one.see(".notice:has-text('另有他人未发送的 1 条')")
        await one.judge("me")
        await page.click("button:text-is('退出并清除本机数据')")
        await one.see("h1:has-text('登录')")
        await one.sign_in("lin", lin, started + 30)
        await one.see("h1:has-text('任务')")
        await one.go("queue")
        await one.see("li[data-state=sent]:has-text('照片 1/1')")
        assert (await desks.case(id_))["waiting"] == ["file"]
        assert (
            await city[Database].fetchval(
                "SELECT count(*) FROM documents.upload WHERE finished_at IS NOT NULL"
            )
            == 1
        )
        await one.context.set_offline(True)
        await page.evaluate(LONG_AWAY)
        await page.reload()
        await one.see(".notice:has-text('携带的数据已清除')")
        await one.go("tasks")
        await one.see("h1:has-text('任务 (0)')")
        await one.go("me")
        await page.click("button:text-is('退出并清除本机数据')")  # without a network
        await one.see("h1:has-text('登录')")
        names = await page.evaluate("indexedDB.databases().then(all => all.map(one => one.name))")
        assert names == ["field"]
        assert await city[Database].fetchval("SELECT count(*) FROM access.session") == 1
        await one.context.set_offline(False)  # the session ends as soon as it can

        async def ended() -> bool:
            return await city[Database].fetchval("SELECT count(*) FROM access.session") == 0

        await until(ended)


async def test_the_page_is_served_strictly_and_tells_nothing(client: httpx.AsyncClient) -> None:
    page = await client.get("/field/")
    assert (await client.get("/field")).content == page.content
    assert "unsafe" not in page.headers["content-security-policy"]
    assert "default-src 'none'" in page.headers["content-security-policy"]
    worker = await client.get("/field/sw.js")
    files = json.loads(worker.text.splitlines()[1].removeprefix("const FILES = ").removesuffix(";"))
    size = 0
    for url in files:
        found = await client.get(url, headers={"accept-encoding": "gzip"})
        assert found.status_code == 200, url
        size += int(found.headers["content-length"])
    assert {"/field/", "/field/app.js", "/field/style.css", "/field/manifest.webmanifest"} <= set(files)
    assert size < 40_000  # what a phone loads, once
    for path in ("/field/none.js", "/field/..%2froutes.py", "/field/routes.py"):
        assert (await client.get(path)).status_code == 404
