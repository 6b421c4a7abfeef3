"""How fast subscribers are notified, and whether one that hangs keeps the others waiting.

`notify_10k`: notifications a second that arrive over HTTP with ten thousand subscriptions, each to one entity; the
entities change in batches. The ceiling is one client of the same library posting the same bodies without a pause.
`notify_healthy_p99`: from before the request of a change to the arrival at a healthy subscriber, while another
one, with fifty subscriptions to the same entities, answers nobody; the ceiling is the same without the one that hangs.
"""

import asyncio
import contextlib
import re
import sys
import time
from collections.abc import AsyncIterator
from typing import cast

import aiohttp
import msgspec

from bench.context import provider_key
from bench.figure import Figure
from bench.install import Install
from yong.kernel.access import identity
from yong.kernel.base import clock
from yong.kernel.context.notifying import store
from yong.kernel.context.notifying.contracts import CHANGED, Subscription
from yong.kernel.store import outbox
from yong.kernel.store.contracts import Event
from yong.kernel.store.database import Database

SUBSCRIPTIONS = 10_000
BATCH = 500
ROUNDS = 3
RATE, SECONDS = 50, 8
HANGING = 50


async def figures(install: Install) -> list[Figure]:
    """notify_10k, notify_healthy_p99."""
    key = await provider_key(install, "notified")
    async with _receiver() as uri, aiohttp.ClientSession(headers={"x-api-key": key}) as session:
        posted = await _posted(uri)
        rate = await _many(install, session, uri)
        alone = await _latency(install, session, uri, hanging=0)
        beside = await _latency(install, session, uri, hanging=HANGING)
    return [
        Figure(
            name="notify_10k", value=rate, unit="notifications/s", ceiling=posted, must=2_000, aim=5_000,
            what="one client posting the same bodies",
        ),
        Figure(
            name="notify_healthy_p99", value=beside, unit="ms", ceiling=alone, must=1_000, aim=200,
            what="the same with nobody that hangs",
        ),
    ]  # fmt: skip


async def _subscribe(install: Install, account: str, wanted: list[tuple[str, str]]) -> None:
    """Subscriptions to entities (id, uri), all in one transaction as so many requests would leave them."""
    caller = await identity.caller_as(install.city, account)
    now = clock.now()
    async with install.city[Database].transaction() as connection:
        ids = []
        for number, (entity, uri) in enumerate(wanted):
            body = {
                "type": "Subscription",
                "entities": [{"type": "Notified", "id": entity}],
                "notification": {"endpoint": {"uri": uri, "timeout": 5000}, "format": "keyValues"},
            }
            one = Subscription(
                tenant="", id=f"urn:ngsi-ld:Subscription:{now.timestamp()}-{number}", account=caller.account,
                roles=("context.provider",), body=body, created_at=now, modified_at=now,
            )  # fmt: skip
            assert await store.insert(connection, one)
            ids.append(one.id)
        await outbox.emit(connection, *(Event(type=CHANGED, subject=i, data={"tenant": ""}) for i in ids))


async def _many(install: Install, session: aiohttp.ClientSession, uri: str) -> float:
    ids = [f"urn:ngsi-ld:Notified:{n:06d}" for n in range(SUBSCRIPTIONS)]
    await _upsert(install, session, ids, 0)
    await _subscribe(install, "notified", [(id_, uri) for id_ in ids])
    await _upsert(install, session, ids[:1], 1)
    await _until(session, uri, 1, 120)  # all subscriptions are in force: they were told of in order
    found = []
    for value in range(ROUNDS):
        await _reset(session, uri)
        await _upsert(install, session, ids, value + 2)
        seen = await _until(session, uri, SUBSCRIPTIONS, 120)  # changes of one entity may be told together
        found.append((len(seen.at) - 1) / (seen.at[-1] - seen.at[0]) * 1e9)
    return sorted(found)[len(found) // 2]


async def _upsert(install: Install, session: aiohttp.ClientSession, ids: list[str], value: int) -> None:
    url = f"{install.state.http}/ngsi-ld/v1/entityOperations/upsert"
    for start in range(0, len(ids), BATCH):
        body = [{"id": id_, "type": "Notified", "level": value} for id_ in ids[start : start + BATCH]]
        async with session.post(url, json=body) as answer:
            assert answer.status in (201, 204), await answer.text()


async def _latency(install: Install, session: aiohttp.ClientSession, uri: str, *, hanging: int) -> float:
    """The 99th percentile in ms."""
    ids = [f"urn:ngsi-ld:Watched:{hanging}-{n:03d}" for n in range(RATE)]
    await _upsert(install, session, ids, 0)
    hangs = uri.replace("/told", "/hang")
    await _subscribe(
        install, "notified", [*((ids[n % RATE], hangs) for n in range(hanging)), *((i, uri) for i in ids)]
    )
    await _upsert(install, session, ids[-1:], 1)
    await _reset(session, uri)
    await _until(session, uri, 1, 60)
    await _reset(session, uri)
    began = time.monotonic()
    for n in range(RATE * SECONDS):
        await asyncio.sleep(max(0.0, began + n / RATE - time.monotonic()))
        url = f"{install.state.http}/ngsi-ld/v1/entities/{ids[n % RATE]}/attrs/level"
        async with session.patch(url, json={"value": time.time_ns()}) as answer:
            assert answer.status == 204, await answer.text()
    seen = await _until(session, uri, RATE * SECONDS, 60)
    late = sorted(seen.late)
    return late[int(len(late) * 0.99)] / 1e6


class _Seen(msgspec.Struct):
    """When notifications came (ns), and how long after the moment that was their value."""

    at: list[int]
    late: list[int]


async def _reset(session: aiohttp.ClientSession, uri: str) -> None:
    async with session.get(uri.replace("/told", "/reset")) as answer:
        assert answer.status == 200


async def _until(session: aiohttp.ClientSession, uri: str, count: int, within_s: float) -> _Seen:
    deadline = time.monotonic() + within_s
    while True:
        async with session.get(uri.replace("/told", "/count")) as answer:
            found = int(await answer.text())
        if found >= count:
            break
        assert time.monotonic() < deadline, f"{found} of {count} notifications came within {within_s:g} s"
        await asyncio.sleep(0.2)
    async with session.get(uri.replace("/told", "/seen")) as answer:
        return msgspec.json.decode(await answer.read(), type=_Seen)


async def _posted(uri: str) -> float:
    """Posts a second of one client, many under way, to the same server."""
    body = (
        b'{"id":"urn:ngsi-ld:Notification:0","type":"Notification","data":[{"id":"urn:x:1","level":1}]}' * 2
    )
    left = [body] * 15_000
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def send() -> None:
            while left:
                async with session.post(uri, data=left.pop()) as answer:
                    await answer.read()

        began = time.perf_counter()
        await asyncio.gather(*(send() for _ in range(100)))
        return 15_000 / (time.perf_counter() - began)


@contextlib.asynccontextmanager
async def _receiver() -> AsyncIterator[str]:
    """A subscriber in a process of its own; its address."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.notify", stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    port = int(await process.stdout.readline())
    try:
        yield f"http://127.0.0.1:{port}/told"
    finally:
        process.terminate()
        await process.wait()


_LENGTH, _VALUE = re.compile(rb"content-length: (\d+)", re.I), re.compile(rb'"level":(\d+)')


class _Told(asyncio.Protocol):
    """Answers 204 to what is posted and keeps when it came; `/hang` is never answered."""

    seen = _Seen([], [])

    def __init__(self) -> None:
        self.buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            head = self.buffer[:end]
            found = _LENGTH.search(head)
            stop = end + 4 + (int(found[1]) if found else 0)
            if len(self.buffer) < stop:
                return
            body, self.buffer = self.buffer[end + 4 : stop], self.buffer[stop:]
            self._asked(head.split(b" ", 2)[1], body)

    def _asked(self, path: bytes, body: bytes) -> None:
        seen = _Told.seen
        answer = b""
        match path:
            case b"/hang":
                return
            case b"/told":
                now = time.time_ns()
                value = _VALUE.search(body)
                seen.at.append(now)
                seen.late.append(now - int(value[1]) if value else 0)
                self.transport.write(b"HTTP/1.1 204 No Content\r\n\r\n")
                return
            case b"/reset":
                _Told.seen = _Seen([], [])
            case b"/count":
                answer = str(len(seen.at)).encode()
            case b"/seen":
                answer = msgspec.json.encode(seen)
        self.transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(answer), answer))


async def _receive() -> None:
    server = await asyncio.get_running_loop().create_server(_Told, "127.0.0.1", 0, backlog=2048)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    import uvloop

    uvloop.run(_receive())
