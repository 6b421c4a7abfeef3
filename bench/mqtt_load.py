"""A load of MQTT publishers: many connections in one process, packets encoded beforehand.

Raw sockets and prepared bytes keep this below the price of the server that is measured: on one core it
sends and counts several hundred thousand acknowledgements a second against a server that does nothing.
Run as `python -m bench.mqtt_load '<json of Load>'`; prints one JSON line of Result.
"""

import selectors
import socket
import struct
import sys
import time
from collections.abc import Iterator

import msgspec


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """What to send. `rate` is messages a second over all connections (0: as fast as acknowledged)."""

    port: int
    host: str = "127.0.0.1"
    users: list[str]
    passwords: list[str]
    messages: int = 10_000  # over all connections
    seconds: float = 60.0  # stop after this long, whatever was sent
    readings: int = 1  # in each message
    qos: int = 1
    rate: float = 0.0
    window: int = 64  # unacknowledged messages a connection
    topic: str = "obs/json/{user}"
    attribute: str = "load"
    start_micros: int = 0  # observation time of the first reading; 0: the moment of sending
    reconnect: bool = False  # carry on with the unacknowledged ones after a broken connection


class Result(msgspec.Struct, kw_only=True):
    """What came of it. Acknowledgements come in order, so a count per connection names the messages."""

    sent: int
    acknowledged: int
    seconds: float
    connect_s: float
    per_connection: list[int]
    reconnects: int = 0
    refused: int = 0
    ended_at: float = 0.0  # Unix seconds


def packet(kind: int, body: bytes) -> bytes:
    size, length = bytearray(), len(body)
    while True:
        size.append(length & 127 | (128 if length > 127 else 0))
        length >>= 7
        if not length:
            return bytes((kind,)) + bytes(size) + body


def text(value: str) -> bytes:
    raw = value.encode()
    return struct.pack("!H", len(raw)) + raw


def connect_packet(client: str, user: str, password: str, keepalive_s: int = 60) -> bytes:
    flags = 0b1100_0010
    body = text("MQTT") + bytes((4, flags)) + struct.pack("!H", keepalive_s)
    return packet(0x10, body + text(client) + text(user) + text(password))


def publish_packet(topic: str, payload: bytes, qos: int, number: int) -> bytes:
    pi = struct.pack("!H", number % 65_535 + 1) if qos else b""
    return packet(0x30 | qos << 1, text(topic) + pi + payload)


class Client:
    """One connection: its prepared messages, how many are sent and acknowledged."""

    def __init__(self, load: Load, user: str, password: str, messages: int, offset: int) -> None:
        self.load, self.user, self.password, self.offset = load, user, password, offset
        self.topic = load.topic.format(user=user)
        self.messages = messages
        self.base = 0  # message number of packets[0]
        self.packets: list[bytes] = []
        if load.start_micros:
            self.packets = [self.encode(n, 0) for n in range(messages)]
        self.sent = self.acked = 0
        self.rest = b""
        self.out = b""
        self.sock: socket.socket | None = None

    def encode(self, number: int, now_micros: int) -> bytes:
        load = self.load
        at = now_micros or load.start_micros + number * 1_000 * load.readings
        first = number * load.readings
        name = load.attribute.encode()
        each = [
            b'{"t":%d.%03d,"v":{"%s":%d}}' % (*divmod(at + i * 1_000, 1_000), name, first + i)
            for i in range(load.readings)
        ]
        payload = each[0] if load.readings == 1 else b"[" + b",".join(each) + b"]"
        return publish_packet(self.topic, payload, load.qos, number)

    def open(self) -> bool:
        sock = socket.create_connection((self.load.host, self.load.port), timeout=20)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.sendall(connect_packet(f"load-{self.user}", self.user, self.password))
        answer = b""
        try:
            while len(answer) < 4:
                piece = sock.recv(4 - len(answer))
                if not piece:
                    break
                answer += piece
        except OSError:
            answer = b""
        if answer != b"\x20\x02\x00\x00":
            sock.close()
            return False
        sock.setblocking(False)
        self.sock, self.rest, self.out = sock, b"", b""
        self.sent = self.acked
        return True

    def fill(self, allowance: int, now_micros: int) -> int:
        """Queue up to `allowance` more messages within the window; how many were queued."""
        room = min(allowance, self.messages - self.sent, self.load.window - (self.sent - self.acked))
        if room <= 0:
            return 0
        if self.packets:
            pieces = self.packets[self.sent : self.sent + room]
        else:
            pieces = [self.encode(self.sent + i, now_micros) for i in range(room)]
        self.out += b"".join(pieces)
        self.sent += room
        if self.load.qos == 0:
            self.acked = self.sent
        return room

    def flush(self) -> None:
        if self.out and self.sock:
            try:
                done = self.sock.send(self.out)
            except BlockingIOError:
                return
            except OSError:  # the next read says so too, and there it is dealt with
                done = len(self.out)
            self.out = self.out[done:]

    def read(self) -> None:
        assert self.sock
        data = self.sock.recv(65536)
        if not data:
            raise ConnectionResetError
        data = self.rest + data
        acks = len(data) // 4  # nothing but PUBACKs comes: no subscriptions, no pings within the run
        self.acked += acks
        self.rest = data[acks * 4 :]


def run(load: Load) -> Result:
    share, extra = divmod(load.messages, len(load.users))
    clients = [
        Client(load, user, password, share + (i < extra), i)
        for i, (user, password) in enumerate(zip(load.users, load.passwords, strict=True))
    ]
    began = time.perf_counter()
    refused = sum(not c.open() for c in clients)
    connect_s = time.perf_counter() - began
    selector = selectors.DefaultSelector()
    live = [c for c in clients if c.sock]
    for client in live:
        assert client.sock
        selector.register(client.sock, selectors.EVENT_READ, client)
    reconnects = 0
    began = time.perf_counter()
    budget_from, queued = began, 0
    step = max(1, load.window // 4)
    broken: list[Client] = []
    for client in live if not load.rate else ():
        client.fill(load.window, time.time_ns() // 1000)
        client.flush()
    turn = 0
    while True:
        now = time.perf_counter()
        if now - began > load.seconds or all(c.acked >= c.messages for c in live):
            break
        if load.rate:
            due = int((now - budget_from) * load.rate) - queued
            micros = time.time_ns() // 1000
            idle = 0
            while due > 0 and idle < len(live):
                client = live[turn % len(live)]
                turn += 1
                done = client.fill(1, micros) if client.sock else 0
                idle = 0 if done else idle + 1
                due -= done
                queued += done
                if done:
                    client.flush()
        for key, _ in selector.select(0.0005 if load.rate else 0.05):
            client = key.data
            try:
                client.read()
                if not load.rate and client.sent - client.acked <= load.window - step:
                    client.fill(load.window, time.time_ns() // 1000)
                client.flush()
            except OSError:
                selector.unregister(client.sock)
                client.sock.close()
                client.sock = None
                if load.reconnect:
                    broken.append(client)
        if broken:
            client = broken.pop(0)
            try:
                opened = client.open()
            except OSError:
                opened = False
            if opened and client.sock is not None:
                reconnects += 1
                selector.register(client.sock, selectors.EVENT_READ, client)
                if not load.rate:
                    client.fill(load.window, time.time_ns() // 1000)
                    client.flush()
            else:
                broken.append(client)
                time.sleep(0.02)
        elif not any(c.sock for c in live):
            break
    seconds = time.perf_counter() - began
    ended_at = time.time()
    for client in live:
        if client.sock:
            client.sock.close()
    return Result(
        sent=sum(c.sent for c in clients),
        acknowledged=sum(c.acked for c in clients),
        seconds=seconds,
        connect_s=connect_s,
        per_connection=[c.acked for c in clients],
        reconnects=reconnects,
        refused=refused,
        ended_at=ended_at,
    )


def chunks(values: list[str], size: int) -> Iterator[list[str]]:
    for i in range(0, len(values), size):
        yield values[i : i + size]


if __name__ == "__main__":
    print(msgspec.json.encode(run(msgspec.json.decode(sys.argv[1], type=Load))).decode())
