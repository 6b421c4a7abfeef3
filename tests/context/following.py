"""A reader of server-sent events, put straight before the front: what it does not take waits there."""

import asyncio
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

import msgspec

from yong.app.http import Front


class Event(NamedTuple):
    kind: str
    data: Any
    id: str | None


class Reader:
    """One request for a stream. `id` is the last id that was told, as EventSource keeps it."""

    def __init__(self, front: Front, headers: dict[str, str], **query: object) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.id: str | None = None
        self.body = b""
        self.taking = asyncio.Event()  # cleared: it reads nothing
        self.taking.set()
        self._events: asyncio.Queue[Event] = asyncio.Queue()
        self._left = b""
        self._gone = asyncio.Event()
        self._asked = False
        scope = {
            "type": "http", "method": "GET", "path": "/live/entities", "raw_path": b"/live/entities", "http_version": "1.1",
            "query_string": urlencode(query, quote_via=quote).encode(), "client": ("127.0.0.1", 1), "server": ("test", 80),
            "scheme": "http", "root_path": "", "extensions": {}, "state": {},
            "headers": [(k.lower().encode(), v.encode()) for k, v in {"accept-language": "en", **headers}.items()],
        }  # fmt: skip
        self.task = asyncio.create_task(front(scope, self._receive, self._send))

    async def _receive(self) -> dict[str, Any]:
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {k.decode(): v.decode() for k, v in message["headers"]}
            return
        await self.taking.wait()
        self.body += message.get("body", b"")
        self._left += message.get("body", b"")
        *whole, self._left = self._left.split(b"\n\n")
        for block in whole:
            self._read(block.decode())

    def _read(self, block: str) -> None:
        kind, data, id_ = "message", "", None
        for line in block.split("\n"):
            name, _, value = line.partition(": ")
            if name == "event":
                kind = value
            elif name == "data":
                data += value
            elif name == "id":
                id_ = self.id = value
        if data:
            self._events.put_nowait(Event(kind, msgspec.json.decode(data), id_))

    async def next(self, within_s: float = 5) -> Event:
        """The next event."""
        return await asyncio.wait_for(self._events.get(), within_s)

    def told(self) -> list[Event]:
        """The events that came and were not asked for yet."""
        return [self._events.get_nowait() for _ in range(self._events.qsize())]

    async def begun(self) -> "Reader":
        """Once it is told what happens: behind the reset that a fresh stream begins with."""
        event = await self.next()
        assert (event.kind, event.data) == ("reset", {"reason": "start"})
        return self

    async def over(self, within_s: float = 10) -> None:
        """Wait until the stream ends by itself."""
        await asyncio.wait_for(asyncio.shield(self.task), within_s)

    async def close(self) -> None:
        """Go away, as a reader does that closes its connection."""
        self._gone.set()
        await asyncio.wait_for(self.task, 5)
