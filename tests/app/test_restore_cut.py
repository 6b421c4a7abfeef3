"""A restore that is killed anywhere leaves the old city or the restored one, and the trail tells of it."""

import asyncio
import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
import psycopg
import pytest

from yong.app import backup, bootstrap, switch
from yong.kernel.access import api as access
from yong.kernel.access import audit as trail
from yong.kernel.base import clock
from yong.kernel.base.settings import Settings, load
from yong.kernel.store import place
from yong.kernel.store.database import Database
from yong.kernel.store.embedded import Server

WORDS = "correct horse battery"
SMALL = {"fsync": "off", "shared_buffers": "32MB"}
_STEPS = ("os.rename", "os.remove", "os.rmdir", "shutil.rmtree", "shutil.move")


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    settings = load({"YONG_HOME": str(tmp_path_factory.mktemp("install") / "home")})
    yield settings
    shutil.rmtree(Server(settings.home).settled(), ignore_errors=True)


def killed(work: Callable[[], object], when: Callable[[int, str, tuple[object, ...]], bool]) -> bool:
    """Do `work` in a process of its own that is killed (SIGKILL) at the step `when` names; whether it was."""
    pid = os.fork()
    if pid == 0:
        step = 0

        def watch(event: str, arguments: tuple[object, ...]) -> None:
            nonlocal step
            if event in _STEPS:
                step += 1
                if when(step, event, arguments):
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(watch)
        try:
            work()
        except BaseException:
            os._exit(3)
        os._exit(0)
    status = os.waitpid(pid, 0)[1]
    assert status in (0, signal.SIGKILL), status
    return status == signal.SIGKILL


def _city(settings: Settings, folder: Path, which: str) -> None:
    """Something that looks like an install: every part says which city it is of."""
    shutil.rmtree(settings.home, ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "data" / "base").mkdir(parents=True)
    (folder / "data" / "base" / "1").write_text(which)
    _files(settings.home, which)
    (settings.home / "bus").mkdir()


def _files(at: Path, which: str) -> None:
    for name in ("secrets/postgres-owner", "audit/anchor.jsonl", "yong.toml", "keys/one"):
        (at / name).parent.mkdir(parents=True, exist_ok=True)
        (at / name).write_text(f"# {which}\n")


def _which(home: Path, folder: Path) -> str:
    parts = {(home / n).read_text() for n in ("secrets/postgres-owner", "yong.toml", "keys/one")}
    parts.add(f"# {(folder / 'data' / 'base' / '1').read_text()}\n")
    assert len(parts) == 1, parts
    return parts.pop().strip("# \n")


def test_a_kill_at_any_step_leaves_one_city_whole(home: Settings, tmp_path: Path) -> None:
    folder = Server(home.home).settled()
    marker = switch.Marker(id="r1", made_at=clock.now().isoformat(), head=(3, "ab"))

    def restore() -> None:
        staged = tmp_path / "staged"
        shutil.rmtree(staged, ignore_errors=True)
        _files(staged, "restored")
        (folder / switch.DATA / "base").mkdir(parents=True)
        (folder / switch.DATA / "base" / "1").write_text("restored")
        switch.decide(home.home, staged, marker)
        switch.complete(home)

    seen: list[str] = []
    step = 0
    while True:
        step += 1
        _city(home, folder, "old")
        if not killed(restore, lambda n, *_, at=step: n == at):  # type: ignore[misc]  # bound on purpose
            break
        if step % 3 == 0:  # the start that finishes it may be killed too
            killed(lambda: switch.complete(home), lambda n, *_: n == 2)
        switch.complete(home)
        which = _which(home.home, folder)
        seen.append(which)
        assert {p.name for p in folder.iterdir()} <= {"data", "lock"}
        assert not (home.home / switch.FILES).exists()
        assert not (home.home / switch.MARKER).exists()
        if which == "restored":
            assert b'"r1"' in (home.home / "audit" / "anchor.jsonl").read_bytes()
            assert not (home.home / "bus").exists()
    assert set(seen) == {"old", "restored"}
    assert seen == sorted(seen)  # the marker decides once: old before it, restored from it on
    assert _which(home.home, folder) == "restored"


async def _act(settings: Settings, count: int) -> trail.AuditReport:
    """Some entries, sealed and anchored; then what a verification says."""
    async with bootstrap.running(settings, place.serve_url(settings), connections=3) as city:
        for _ in range(count):
            async with city[Database].transaction() as connection:
                await access.audit(connection, access.system_caller("app"), "test.act", "app")
        while await trail.seal(city):
            pass
        await trail.anchor(city)
        return await trail.verify(city)


def test_a_restore_killed_at_the_switch_is_finished_and_told_of(home: Settings, tmp_path: Path) -> None:
    server = Server(home.home, SMALL)
    server.start()
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE yong")
    asyncio.run(bootstrap.prepare(home, server.url(), place.serve_password(home)))
    assert asyncio.run(_act(home, 4)).sound
    made = backup.backup(home, tmp_path / "b", WORDS)
    later = asyncio.run(_act(home, 5))
    assert later.sound
    assert later.entries == 9
    server.stop()
    anchors = (home.home / "audit" / "anchor.jsonl").read_bytes()

    def at_the_switch(step: int, event: str, arguments: tuple[object, ...]) -> bool:
        return (
            event == "os.rename"
            and str(arguments[0]).endswith(switch.DATA)
            and str(arguments[1]).endswith("/data")
        )

    assert killed(lambda: backup.restore(home, tmp_path / "b", WORDS, force=True), at_the_switch)
    for left in home.home.parent.glob("home.making.*"):  # what was in the making is beside, and rubbish
        shutil.rmtree(Server(left).settled(), ignore_errors=True)
    assert switch.pending(home.home) is not None
    assert switch.complete(home)

    server = Server(home.home, SMALL)
    server.start()
    try:
        asyncio.run(bootstrap.prepare(home, server.url(), place.serve_password(home)))  # as `yong up` does
        report = asyncio.run(_act(home, 3))
        assert report.sound, report.findings
        assert report.entries == 4 + 1 + 3
        (told,) = report.restores
        assert (told.position, told.lost, told.made_at.isoformat()) == (4, 9, made.made_at)
        assert clock.now() - told.at < timedelta(minutes=2)
        assert (home.home / "audit" / "anchor.jsonl").read_bytes().startswith(anchors)
        assert "restored from the backup of" in told.told.en
        with psycopg.connect(server.url()) as connection:
            row = connection.execute("SELECT action FROM access.audit_entry ORDER BY id OFFSET 4").fetchone()
        assert row == ("access.restore",)

        file = home.home / "audit" / "anchor.jsonl"
        whole = file.read_bytes()
        lines = [line for line in whole.split(b"\n") if line]
        file.write_bytes(b"\n".join(line for line in lines if b"restored" not in line) + b"\n")
        assert not asyncio.run(_act(home, 0)).sound  # without the line it is what it looks like: a cut
        forged = msgspec.json.decode(next(line for line in lines if b"restored" in line))
        forged["restored"]["id"] = "another"
        file.write_bytes(b"\n".join([*lines, msgspec.json.encode(forged)]) + b"\n")
        findings = asyncio.run(_act(home, 0)).findings
        assert any("the trail does not have" in f.detail.en for f in findings)  # a line alone excuses nothing
    finally:
        server.stop()


def test_an_undecided_restore_is_cleared_away(home: Settings) -> None:
    folder = Server(home.home).settled()
    _city(home, folder, "old")
    (folder / switch.DATA).mkdir()
    _files(home.home / switch.FILES, "restored")
    assert switch.complete(home) is False
    assert _which(home.home, folder) == "old"
    assert not (folder / switch.DATA).exists()
