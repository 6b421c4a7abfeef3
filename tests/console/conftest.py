"""A demo city for all tests of the console, and a browser at a duty officer's desk for those of a file.

The files run one after the other in one process (see tests/conftest.py), so that there is one demo.

Screenshots go to the test's folder, or where `YONG_SCREENSHOTS` says.
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

import pytest
from tests.browser import ARGUMENTS, AXE, CHROMIUM, JUDGE, fresh_code
from tests.conftest import free_port


class Demo(NamedTuple):
    """A demo city that runs, and what its operator signs in with."""

    address: str
    password: str
    seed: str
    pid: int
    said: str  # until it was ready
    environment: dict[str, str]  # of the command line that works on it


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    home = tmp_path_factory.mktemp("console") / "home"
    home.mkdir()
    for folder in (home, *home.parents[:2]):
        folder.chmod(0o755)
    ports = {f"YONG_{name}_PORT": str(free_port()) for name in ("HTTP", "MQTT", "NATS")}
    plain = {k: v for k, v in os.environ.items() if not k.startswith("YONG_") or k == "YONG_DATA"}
    log = (home / "demo.log").open("wb")
    environment = plain | ports | {"YONG_HOME": str(home), "YONG_TCP_PORTS": "", "TWIN_SHARE": "0.2"}
    process = subprocess.Popen(
        [sys.executable, "-m", "yong.app.main", "demo"], env=environment, stdout=log, stderr=log
    )
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
            (home / "demo.log").read_text("utf-8"),
            environment,
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
        page.on("dialog", lambda dialog: dialog.accept())
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

    def sign_in(self, name: str, password: str, seed: str, wanted: str) -> None:
        """Whoever is not signed in is led to sign in, and back to where they wanted to go."""
        self.go(wanted)
        self.page.wait_for_url("**/sign-in?next=*")
        self.page.fill("#name", name)
        self.page.fill("#password", password)
        self.page.fill("#code", fresh_code(seed))
        self.page.click("button[type=submit]")
        self.page.wait_for_url(f"**{wanted}")

    def shot(self, name: str) -> None:
        self.page.screenshot(path=self.folder / f"console-{name}.png")

    def judge(self, what: str) -> None:
        """axe finds nothing, in light and dark."""
        for theme in ("light", "dark"):
            self.page.evaluate(f"document.documentElement.className = '{theme}'")
            self.page.evaluate(
                "new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))"
            )
            self.page.evaluate(
                AXE.read_text("utf-8")
            )  # as a debugger does: the page's policy lets no script in
            found = self.page.evaluate(JUDGE)
            assert not found, f"{what}, {theme}: {json.dumps(found, indent=1)[:3000]}"


@pytest.fixture(scope="module")
def desk(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = Path(os.environ.get("YONG_SCREENSHOTS") or tmp_path_factory.mktemp("screenshots"))
    folder.mkdir(parents=True, exist_ok=True)
    # Of the file alone: while it is open, no test that follows can run an event loop of its own.
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is absent")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        context = browser.new_context(
            viewport={"width": 1440, "height": 900}, locale="zh-CN", color_scheme="light"
        )
        page = context.new_page()
        page.set_default_timeout(20_000)
        made = Desk(page, demo.address, folder)
        made.sign_in("duty", demo.password, demo.seed, "/console/things")
        yield made
        browser.close()
