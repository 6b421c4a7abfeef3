"""The fleet over HTTP, and as the program that an operator starts, stops and starts again."""

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from twin import fleet as fleets
from twin.series import PARKING

ROOT = Path(__file__).resolve().parents[2]


class Door:
    """An HTTP door that can be told to fail; keeps what it accepted."""

    def __init__(self) -> None:
        self.status = 202
        self.accepted: list[tuple[str, str, float]] = []  # thing, authorization, base time
        self.seen = 0
        self.port = 0

    async def post(self, request: web.Request) -> web.Response:
        self.seen += 1
        if self.status == 202:
            body = await request.json()
            head = request.headers["Authorization"]
            self.accepted.append((request.match_info["thing"], head, body[0]["bt"]))
        return web.Response(status=self.status)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[str]:
        app = web.Application()
        app.router.add_post("/in/{thing}", self.post)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", self.port)
        await site.start()
        self.port = runner.addresses[0][1]
        try:
            yield f"http://127.0.0.1:{self.port}/in/{{thing}}"
        finally:
            await runner.cleanup()


async def wait_for(condition: Callable[[], object], timeout_s: float = 15) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.05)


async def test_a_thing_over_http_waits_out_a_failure_and_skips_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fleets, "pause_s", lambda _failures: 0.1)
    door = Door()
    async with door.open() as url:
        things = fleets.things((PARKING._replace(interval_s=1),), {"parking": 1})
        running = fleets.Fleet(things, {"parking-0001": "secret"}, "127.0.0.1", 1, http=url, catch_up=3)
        work = asyncio.create_task(running.run())
        try:
            await wait_for(lambda: len(door.accepted) >= 3)
            door.status = 503
            await asyncio.sleep(1.5)
            door.status = 202
            await wait_for(lambda: len(door.accepted) >= 6)
            times = [at for _, _, at in door.accepted]
            assert times == list(range(int(times[0]), int(times[0]) + len(times)))
            assert {(t, head) for t, head, _ in door.accepted} == {("parking-0001", "Bearer secret")}
            door.status = 403
            await wait_for(lambda: running.refused)
            assert running.refused["parking-0001"].startswith("403")
        finally:
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)


async def program(credentials: Path, state: Path, url: str) -> None:
    """Run the fleet as a process until it has acknowledged something, then stop it as Ctrl-C does."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "twin.fleet", "run", "--credentials", str(credentials), "--state", str(state),
        "--mqtt", "127.0.0.1:9", "--http", url, "--catch-up", "4",
        cwd=ROOT, stdout=asyncio.subprocess.PIPE,
        env=os.environ | {"YONG_DATA": str(credentials.parent)},
    )  # fmt: skip
    try:
        assert process.stdout
        notes = [await process.stdout.readline() for _ in fleets.COUNTS]
        assert all(b"synthetic:" in note for note in notes)
        await asyncio.sleep(1.5)
        process.send_signal(signal.SIGINT)
        rest = (await asyncio.wait_for(process.communicate(), 10))[0]
        assert json.loads(rest.splitlines()[-1])["things"] == 1
        assert process.returncode == 0
    finally:
        if process.returncode is None:
            process.kill()


async def test_the_program_stops_cleanly_and_continues_where_it_was(tmp_path: Path) -> None:
    door = Door()
    credentials, state = tmp_path / "credentials.csv", tmp_path / "state.json"
    credentials.write_text("thing,token\nparking-0001,secret\n", "utf-8")
    async with door.open() as url:
        await program(credentials, state, url)
        first = len(door.accepted)
        assert first >= 4
        assert json.loads(state.read_text("utf-8")) == {"parking-0001": door.accepted[-1][2] // 30}
        await program(credentials, state, url)
    times = [at for _, _, at in door.accepted]
    assert times == sorted(set(times)), "a second run told something twice"
    assert len(times) <= first + 1
