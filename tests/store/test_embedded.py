"""The embedded server comes back from whatever killed it, and never destroys what it does not understand."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from yong.kernel.base.errors import Refused
from yong.kernel.store import embedded
from yong.kernel.store.embedded import Server

SMALL = {"shared_buffers": "32MB"}


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("install") / "home", SMALL)
    server.start()
    yield server
    server.stop()
    shutil.rmtree(server.folder, ignore_errors=True)


def _run(server: Server, sql: str) -> object:
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        cursor = connection.execute(sql.encode())
        return cursor.fetchone()[0] if cursor.description else None  # type: ignore[index]  # one row is asked for


def _kill(server: Server) -> None:
    assert server.process is not None
    assert server.process.poll() is None  # a kill counts only when it hits a live process
    server.process.kill()
    server.process.wait()
    server.release()


def test_a_killed_server_starts_again_with_every_commit(server: Server) -> None:
    _run(server, "CREATE TABLE kept (n int)")
    for n in range(3):
        _run(server, f"INSERT INTO kept VALUES ({n})")
        _kill(server)
        server.start()
        assert _run(server, "SELECT count(*) FROM kept") == n + 1


def test_a_reused_pid_is_not_taken_for_a_server(server: Server) -> None:
    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        _kill(server)
        pid_file = server.data / "postmaster.pid"
        lines = pid_file.read_text().split("\n")
        pid_file.write_text("\n".join([str(other.pid), *lines[1:]]))
        server.start()
        assert _run(server, "SELECT 1") == 1
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


def test_the_server_dies_with_a_killed_supervisor(tmp_path_factory: pytest.TempPathFactory) -> None:
    home = tmp_path_factory.mktemp("install") / "home"
    code = (
        "import sys, time; from pathlib import Path; from yong.kernel.store.embedded import Server;"
        "s = Server(Path(sys.argv[1]), {'shared_buffers': '32MB'}); s.start();"
        "print(s.process.pid, flush=True); time.sleep(60)"
    )
    holder = subprocess.Popen([sys.executable, "-c", code, str(home)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    postmaster = psutil.Process(int(holder.stdout.readline()))
    second = Server(home, SMALL)
    with pytest.raises(Refused, match="in use"):
        second.start()
    holder.kill()
    holder.wait()
    holder.stdout.close()
    second.start()  # at once: the orphan may still be ending
    try:
        assert _run(second, "SELECT 1") == 1
        assert not postmaster.is_running() or postmaster.status() == psutil.STATUS_ZOMBIE  # ended, not reaped
    finally:
        second.stop()
        shutil.rmtree(second.folder, ignore_errors=True)


def test_a_server_that_hears_nothing_any_more_keeps_nobody_from_starting(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is stopped, as by a hanging disk or SIGSTOP, and its supervisor is gone."""
    _run(server, "CREATE TABLE kept (n int); INSERT INTO kept VALUES (1)")
    assert server.process is not None
    stopped = psutil.Process(server.process.pid)
    stopped.suspend()
    server.release()
    monkeypatch.setattr(embedded, "LEFTOVER_S", 0.3)
    second = Server(server.home, SMALL)
    second.start()
    try:
        assert _run(second, "SELECT n FROM kept") == 1
        assert not stopped.is_running() or stopped.status() == psutil.STATUS_ZOMBIE
        assert second.process is not None
        psutil.Process(second.process.pid).suspend()
        monkeypatch.setattr(embedded, "QUIT_S", 0.3)
    finally:
        second.stop(wait_s=0.3)
    assert second.process.poll() is not None


def test_it_is_nobody_special_and_asks_for_a_password(server: Server) -> None:
    assert server.process is not None
    assert psutil.Process(server.process.pid).uids().real != 0
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(server.url("postgres").replace(":", ":x", 2).replace("x//", "//", 1))
    assert not psutil.Process(server.process.pid).net_connections("inet")
    modes = {p.stat().st_mode & 0o777 for p in (server.home / "secrets").iterdir()}
    assert modes == {0o600}


def test_data_without_its_version_is_kept(server: Server) -> None:
    server.stop()
    (server.data / "PG_VERSION").rename(server.data / "gone")
    with pytest.raises(Refused, match="PG_VERSION"):
        server.start()
    assert (server.data / "global").is_dir()
    (server.data / "gone").rename(server.data / "PG_VERSION")
    server.start()  # and the refused start let go of the folder
    assert _run(server, "SELECT 1") == 1


def test_a_start_that_cannot_succeed_says_so_soon(server: Server) -> None:
    server.stop()
    server.settings = server.settings | {"shared_buffers": "nonsense"}
    with pytest.raises(Refused, match="nonsense"):
        server.start(wait_s=10)
    server.settings = server.settings | SMALL
    server.start()


def test_a_closed_parent_folder_stays_closed(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    server = Server(closed / "home", SMALL)
    server.start()
    try:
        assert _run(server, "SELECT 1") == 1
    finally:
        server.stop()
        shutil.rmtree(server.folder, ignore_errors=True)
    assert closed.stat().st_mode & 0o777 == 0o700


def test_somebody_elses_socket_folder_is_refused(server: Server, tmp_path: Path) -> None:
    server.stop()
    assert not server.sockets.exists(), "nothing is left outside of the home"
    server.sockets.symlink_to(tmp_path)
    try:
        with pytest.raises(Refused, match="somebody else"):
            server.start()
    finally:
        server.sockets.unlink()
    assert not list(tmp_path.glob(".s.PGSQL*"))
    server.start()
