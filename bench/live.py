"""How fast changes are told to those who follow them.

`live_sse`: events a second that 200 clients receive over HTTP, with 20 different filters (type and attributes, a box, a
query, nearness) of which a change fulfils some five in eight. The changes are committed and told by this process, the
clients are one process of raw sockets, so three processes and the servers share the cores. The ceiling is a bare
asyncio server that writes the same bytes to the same clients without a pause.
"""

import asyncio
import contextlib
import math
import sys
import time
from collections.abc import AsyncIterator
from typing import cast
from urllib.parse import quote, urlencode

import msgspec
import uvloop

from bench.context import provider_key
from bench.figure import Figure
from bench.install import Install
from yong.kernel.context.service.telling import Told, tell
from yong.kernel.store.database import Database

CLIENTS, SHAPES, ACCOUNTS = 200, 20, 4
ENTITIES = 20_000
RATE, STEP_S = 2_400, 0.1  # changes a second, told so often
SECONDS = 8.0
_MARK = b"\nevent: changed\n"


async def figures(install: Install) -> list[Figure]:
    """live_sse."""
    keys = [await provider_key(install, f"follower-{n}") for n in range(ACCOUNTS)]
    await _fill(install.city[Database])
    host, _, port = install.state.http.rpartition("//")[2].partition(":")
    requests = [_request(_path(n % SHAPES), keys[n % ACCOUNTS]) for n in range(CLIENTS)]
    changing = asyncio.create_task(_change(install.city[Database]))
    try:
        told, sample = await _read(host, int(port), requests)
    finally:
        changing.cancel()
        await asyncio.gather(changing, return_exceptions=True)
    async with _bare(sample) as bare_port:
        bare, _ = await _read("127.0.0.1", bare_port, [_request("/", "") for _ in range(CLIENTS)])
    return [
        Figure(
            name="live_sse", value=told, unit="events/s", ceiling=bare, must=50_000, aim=150_000,
            what="a bare asyncio server writing the same events",
        )
    ]  # fmt: skip


def _path(shape: int) -> str:
    step = shape // 4
    given: dict[str, object] = {"type": "Followed"}
    match shape % 4:
        case 0:
            given |= {"attrs": f"level,other{step}"}
        case 1:
            given |= {"bbox": f"121,29,{121.5 + step / 1000},30"}
        case 2:
            given |= {"q": f"level<{50 + step / 10}"}
        case 3:
            given |= {
                "georel": f"near;maxDistance=={39_000 + step}",
                "geometry": "Point",
                "coordinates": "[121.5,29.5]",
            }
    return f"/live/entities?{urlencode(given, quote_via=quote)}"


def _request(path: str, key: str) -> str:
    return f"GET {path} HTTP/1.1\r\nHost: bench\r\nX-API-Key: {key}\r\nAccept: text/event-stream\r\n\r\n"


async def _fill(database: Database) -> None:
    await database.pool.execute(
        """INSERT INTO context.entity (id, type, district, location, doc)
           SELECT format('urn:ngsi-ld:Followed:%s', lpad(n::text, 6, '0')), 'Followed', '330203', point(x, y),
                  jsonb_build_object('level', jsonb_build_object('type', 'Property', 'value', 0, 'unitCode', 'MTR'),
                                     'name', jsonb_build_object('type', 'Property', 'value', 'number ' || n))
           FROM generate_series(0, $1::int - 1) AS n,
                LATERAL (SELECT 121 + (n % 1000) / 1000.0 AS x, 29 + (n * 7 % 1000) / 1000.0 AS y) AS p""",
        ENTITIES,
        timeout=60,
    )


async def _change(database: Database) -> None:
    """Change entities in turn, at a steady rate, each in a transaction that tells of it."""
    count, at, began = int(RATE * STEP_S), 0, time.monotonic()
    for turn in range(10**9):
        ids = [f"urn:ngsi-ld:Followed:{(at + n) % ENTITIES:06d}" for n in range(count)]
        at += count
        async with database.transaction() as connection:
            await connection.execute(
                """UPDATE context.entity AS e SET doc = e.doc || jsonb_build_object('level', jsonb_build_object(
                          'type', 'Property', 'value', n.level, 'observedAt', n.at, 'unitCode', 'MTR')),
                          version = e.version + 1, modified_at = now()
                   FROM (SELECT id, (ordinality * 37 % 100)::int AS level, to_char(now() AT TIME ZONE 'UTC',
                                'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at FROM unnest($1::text[]) WITH ORDINALITY AS u (id)) AS n
                   WHERE e.tenant = '' AND e.id = n.id""",
                ids,
            )
            await tell(connection, {id_: Told(types=("Followed",), changed=["level"]) for id_ in ids})
        await asyncio.sleep(max(0.0, began + (turn + 1) * STEP_S - time.monotonic()))


async def _read(host: str, port: int, requests: list[str]) -> tuple[float, str]:
    """Events a second that arrive at all clients together; some of what one of them got."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.live", "read", host, str(port),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, _ = await process.communicate(msgspec.json.encode(requests))
    assert process.returncode == 0
    seen = msgspec.json.decode(out, type=_Seen)
    assert not seen.closed, f"{seen.closed} of {len(requests)} streams ended"
    return seen.events / seen.seconds, seen.sample


class _Seen(msgspec.Struct):
    """What the clients saw."""

    events: int
    seconds: float
    closed: int
    sample: str


class _Client(asyncio.Protocol):
    """Counts events as they arrive; a mark may lie across two reads."""

    def __init__(self, request: str) -> None:
        self.request, self.events, self.tail, self.sample, self.closed = request, 0, b"", b"", False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        cast(asyncio.Transport, transport).write(self.request.encode())  # uvloop's are no subclass

    def data_received(self, data: bytes) -> None:
        self.events += data.count(_MARK)
        self.events += (self.tail + data[: len(_MARK) - 1]).count(_MARK)
        self.tail = (self.tail + data)[1 - len(_MARK) :]
        if len(self.sample) < 30_000:
            self.sample += data

    def connection_lost(self, error: Exception | None) -> None:
        self.closed = True


async def _clients(host: str, port: int) -> None:
    """The process of the clients: its requests by standard input, what it saw by standard output."""
    requests = msgspec.json.decode(sys.stdin.buffer.read(), type=list[str])
    loop = asyncio.get_running_loop()
    clients = [_Client(request) for request in requests]
    for client in clients:
        await loop.create_connection(lambda c=client: c, host, port)  # type: ignore[misc]  # bound at once
    await asyncio.sleep(2)
    before, began = sum(c.events for c in clients), time.perf_counter()
    await asyncio.sleep(SECONDS)
    events, seconds = sum(c.events for c in clients) - before, time.perf_counter() - began
    sample = clients[0].sample.decode("utf-8", "ignore")
    closed = sum(c.closed for c in clients)
    sys.stdout.buffer.write(msgspec.json.encode(_Seen(events, seconds, closed, sample)))


@contextlib.asynccontextmanager
async def _bare(sample: str) -> AsyncIterator[int]:
    """A server in a process of its own that writes these events to whoever connects."""
    event = next((e for e in sample.split("\n\n") if "event: changed" in e), "event: changed\ndata: {}")
    event = event[event.index("event: changed") :]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.live", "serve", event,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        yield int(await process.stdout.readline())
    finally:
        process.kill()
        await process.wait()


async def _serve(event: str) -> None:
    piece = (event + "\n\n").encode() * math.ceil(RATE * STEP_S / 2)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n\n")
        with contextlib.suppress(ConnectionError):
            while True:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(0)  # a drain that need not wait lets nobody else in

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["read", host, port]:
            uvloop.run(_clients(host, int(port)))
        case ["serve", event]:
            uvloop.run(_serve(event))
