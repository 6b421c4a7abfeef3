"""The how-to pages, done word for word, one after the other, on one running install."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from shell import Shell, free_port, steps

from bench import install
from yong.app import bootstrap
from yong.kernel.access import api as access
from yong.kernel.access import identity
from yong.kernel.base.errors import Unavailable
from yong.kernel.base.settings import load
from yong.kernel.documents.rendering import fonts
from yong.kernel.sensing import api as sensing
from yong.kernel.store import place
from yong.kernel.store.database import Database
from yong.kernel.store.embedded import Server

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
RUN_HERE = (
    "how-to/connect-a-device.md",
    "how-to/check-a-device.md",
    "how-to/import-and-export.md",
    "how-to/query-history.md",
    "how-to/divide-into-unit-grids.md",
    "how-to/merge-points-of-several-departments.md",
    "how-to/search-the-city.md",
    "how-to/geocode-addresses.md",
    "how-to/read-the-city-with-a-gis.md",
    "how-to/keep-layers.md",
    "how-to/arrange-boards.md",
    "how-to/add-a-procedure.md",
    "how-to/add-an-indicator.md",
    "how-to/tell-people.md",
    "how-to/keep-documents.md",  # counts what is kept: before those that keep something
    "how-to/work-on-cases.md",
    "how-to/cover-photos.md",
    "how-to/open-the-city-to-open311.md",
    "how-to/work-in-the-field.md",
    "how-to/keep-people-and-keys.md",
    "how-to/follow-changes.md",
    "how-to/back-up-and-restore.md",
    "reference/metrics.md",
)


OFFICER = (
    "cases.designer", "cases.clerk", "cases.dispatcher", "cases.supervisor", "cases.inspector", "cityops.supervision",
    "indicators.keeper",
)  # fmt: skip


class Running(NamedTuple):
    """An install that admits devices, and the key of a device engineer who keeps geography and documents too."""

    folder: Path
    environment: dict[str, str]
    key: str
    keeper: str  # the key of a security administrator
    officer: str  # of somebody who keeps procedures and works at every desk


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    folder = Path(tempfile.mkdtemp(prefix="yong-how-to-"))
    folder.chmod(0o755)
    home = folder / "home"
    home.mkdir()
    chosen = {
        "YONG_HOME": str(home),
        "YONG_LANGUAGE": "en",
        **{f"YONG_{name}_PORT": str(free_port()) for name in ("HTTP", "MQTT", "NATS")},
        "YONG_TCP_PORTS": f"hj212={free_port()}",
    }
    plain = {k: v for k, v in os.environ.items() if not k.startswith("YONG_")}
    plain["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{plain['PATH']}"
    process = install.start(home, plain | chosen)
    try:
        yield Running(folder, plain | chosen, *asyncio.run(_furnished(home, process, chosen)))
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)
        for one in (home, folder / "second"):
            shutil.rmtree(Server(one).settled(), ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)


async def _furnished(
    home: Path, process: "subprocess.Popen[bytes]", chosen: dict[str, str]
) -> tuple[str, str, str]:
    await asyncio.wait_for(install.ready(home, process), 90)
    settings = load(chosen)
    async with bootstrap.running(settings, place.serve_url(settings), name="yong how-to") as city:
        _, _, key = await install.furnish(
            city,
            1,
            (
                "sensing.engineer",
                "access.operator",
                "geo.keeper",
                "documents.archivist",
                "indicators.reviewer",
            ),
        )
        system = access.system_caller("access")
        account, _ = await access.create_account(city, system, "keeper", password="a very long password")
        await access.grant(city, system, account, "access.security_admin")
        caller = await identity.caller_as(city, account)
        keeper = await access.issue_key(city, caller, "the keeper", ["access.security_admin"])
        account, _ = await access.create_account(city, system, "officer", password="a very long password")
        for role in OFFICER:
            await access.grant(city, system, account, role)
        caller = await identity.caller_as(city, account)
        officer = await access.issue_key(city, caller, "the officer", list(OFFICER))
        deadline = time.monotonic() + 60
        while not (gate := await sensing.gate(city[Database])).open:
            assert time.monotonic() < deadline, gate
            await asyncio.sleep(0.2)
    return key, keeper, officer


@pytest.mark.parametrize("page", RUN_HERE)
def test_the_page_works_as_written(page: str, running: Running) -> None:
    if "mosquitto_" in (DOCS / page).read_text("utf-8") and not shutil.which("mosquitto_pub"):
        pytest.skip("mosquitto_pub is not installed")
    if "handover.pdf" in (DOCS / page).read_text("utf-8"):
        try:
            fonts.found()
        except Unavailable as error:
            pytest.skip(error.detail.en)
    environment = running.environment
    todo = steps(DOCS / page)
    assert todo
    address = {
        "YONG": f"http://127.0.0.1:{environment['YONG_HTTP_PORT']}",
        "KEY": running.key,
        "KEEPER": running.keeper,
        "OFFICER": running.officer,
    }
    shell = Shell(environment | address, running.folder)
    try:
        places = {"-p 1883": f"-p {environment['YONG_MQTT_PORT']}", "1899": str(free_port())}
        shell.follow(todo, places)
    finally:
        shell.close()
