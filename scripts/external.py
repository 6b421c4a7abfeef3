"""`make test-external`: the suite against a PostgreSQL of the operator's own, here Debian's 15, by URL.

Starts the server on a folder and a port of its own, as an unprivileged user; makes an owner that is no
superuser (it may make databases and roles, as docs/how-to/external-postgresql.md asks) and runs pytest as it.
"""

import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg
from scripts import memory

from yong.kernel.store.embedded import OWNER, Server
from yong.kernel.store.secrets import secret

ROOT = Path(__file__).resolve().parent.parent
BINARIES = Path(os.environ.get("YONG_TEST_POSTGRES_BIN", "/usr/lib/postgresql/15/bin"))
QUICK = (
    "tests/store/test_outbox_jobs.py",
    "tests/records/test_rows.py",
    "tests/records/test_tables.py",
    "tests/records/test_idempotency.py",
    "tests/access/test_authority.py",
    "tests/sensing/test_commit.py",
)
SUITE = ("tests/store", "tests/records", "tests/access", "tests/sensing", "tests/environment", "tests/http")


class Foreign(Server):
    """A server that is reached over TCP, like one on another machine."""

    def __init__(self, home: Path, binaries: Path) -> None:
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.port = int(s.getsockname()[1])
        more = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "fsync": "off",
            "shared_buffers": "128MB",
        }
        super().__init__(home, more | {"max_connections": "200"}, bin=binaries)

    def url(self, database: str = "postgres") -> str:
        word = quote(secret(self.home, "postgres-owner"))
        return f"postgresql://{OWNER}:{word}@127.0.0.1:{self.port}/{database}"


@contextmanager
def server(binaries: Path = BINARIES) -> Iterator[str]:
    """While the block runs: the URL of an owner who is no superuser, connected to a database of its own."""
    folder = Path(tempfile.mkdtemp(prefix="yong-external-", dir=memory.folder()))
    folder.chmod(0o755)
    foreign = Foreign(folder, binaries)
    try:
        foreign.start(wait_s=60)
        word = secrets.token_hex(12)
        with psycopg.connect(foreign.url(), autocommit=True) as connection:
            connection.execute(f"CREATE ROLE city LOGIN CREATEROLE CREATEDB PASSWORD '{word}'")
            # Ends the sessions of databases that tests drop; an install does not need it.
            connection.execute("GRANT pg_signal_backend TO city")
            # Lets tests tamper with the audit trail past its triggers; an install must not have it.
            connection.execute("GRANT SET ON PARAMETER session_replication_role TO city")
            connection.execute("CREATE DATABASE city OWNER city")
        yield f"postgresql://city:{word}@127.0.0.1:{foreign.port}/city"
    finally:
        foreign.stop()
        shutil.rmtree(folder, ignore_errors=True)
        if foreign.folder.parent == Path("/var/lib/yong"):
            shutil.rmtree(foreign.folder, ignore_errors=True)


def main(arguments: list[str]) -> int:
    if not (BINARIES / "postgres").exists():
        print(
            f"跳过：没有 {BINARIES}/postgres · Skipped: there is no {BINARIES}/postgres (apt-get install postgresql-15)"
        )
        return 0
    with server() as url:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("YONG_") or k == "YONG_DATA"}
        environment["YONG_TEST_OWNER_URL"] = url
        command = [sys.executable, "-m", "pytest", *(arguments or ("-n", "2", "--dist", "loadfile", *SUITE))]
        return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
