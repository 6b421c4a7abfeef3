"""What the embedded NATS server says of its own health, asked as its system user over a connection of the moment.

It blocks, for at most a few seconds: the supervisor asks, which is one plain loop.
"""

import socket
import time
from typing import BinaryIO

import msgspec

WITHIN_S = 2.0
_INBOX = b"_INBOX.health"


class _Info(msgspec.Struct):
    server_id: str


class _Health(msgspec.Struct):
    status: str = ""
    error: str = ""


class _Answer(msgspec.Struct):
    data: _Health = msgspec.field(default_factory=_Health)


def complaint(port: int, password: str) -> str:
    """Why the server calls itself unavailable; "" when it does not, and when it does not answer."""
    try:
        with socket.create_connection(("127.0.0.1", port), WITHIN_S) as connection:
            connection.settimeout(WITHIN_S)
            with connection.makefile("rb") as lines:
                health = _ask(connection, lines, password)
    except (OSError, msgspec.MsgspecError, ValueError):
        return ""
    return health.error if health.status != "ok" else ""


def _ask(connection: socket.socket, lines: BinaryIO, password: str) -> _Health:
    """One request of the NATS protocol. Raises what cannot be read as ValueError or MsgspecError."""
    info = msgspec.json.decode(lines.readline().removeprefix(b"INFO "), type=_Info)
    words = msgspec.json.encode({"user": "sys", "pass": password, "verbose": False, "name": "yong health"})
    subject = f"$SYS.REQ.SERVER.{info.server_id}.HEALTHZ".encode()
    connection.sendall(b"CONNECT %b\r\nSUB %b 1\r\nPUB %b %b 0\r\n\r\n" % (words, _INBOX, subject, _INBOX))
    deadline = time.monotonic() + WITHIN_S
    while time.monotonic() < deadline:
        line = lines.readline()
        if not line or line.startswith(b"-ERR"):
            break
        if line.startswith(b"MSG "):  # MSG <subject> <subscription> <bytes>
            body = lines.read(int(line.split()[-1]))
            return msgspec.json.decode(body, type=_Answer).data
    raise ValueError("no answer")
