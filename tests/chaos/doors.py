"""The doors under fire: devices that speak to each, and the books that they keep of what it acknowledged.

A device sends one reading after the other, each of a moment of its own, and goes on to the next only when the
one before is acknowledged. Whatever breaks, it connects again and repeats.
"""

import asyncio
import contextlib
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from tests.chaos.book import Book, Excuse, Verdict, shown
from tests.chaos.instance import Install

from twin.hj212 import Monitor
from twin.hj212 import Refused as NoAnswer
from twin.jtt808 import LOCATION, Fix, Terminal, TerminalError, location
from twin.mqtt import Client, MqttError

WINDOW = 8  # readings of an MQTT device under way at a time
PACE_S = 0.05  # between two readings of a device
TRESPASS_S = 0.1  # between two messages under a foreign topic
ANSWER_S = 15.0
CONNECT_S = 3.0  # of an MQTT device: a server without its callout lets it wait for ten
_AWAY = (OSError, TimeoutError, MqttError, NoAnswer, TerminalError, httpx.HTTPError)
_DAYS_AGO = timedelta(days=5)  # where the seconds of those begin who tell time in seconds
_LATER = (429, 502, 503)  # what HTTP may say while something is away


class Door(ABC):
    """One way in. What it needs of an install, what its strangers do there, and what their book comes to."""

    name: str
    attribute: str
    buffered = False  # acknowledged means stored on the bus

    def __init__(self, install: Install, things: Sequence[str], words: Sequence[str]) -> None:
        self.install, self.words = install, dict(zip(things, words, strict=True))
        self.book = Book()
        self.answers: Counter[int] = Counter()  # of HTTP, other than good ones

    def running(self, stop: asyncio.Event) -> "list[asyncio.Task[None]]":
        """Everything the strangers of this door do until `stop`; then each has what it sent acknowledged."""
        return [asyncio.create_task(self._device(thing, stop)) for thing in self.words]

    async def behind(self, before: Mapping[str, int]) -> list[str]:
        """The things whose entities do not show a reading after the first `before` ones yet."""
        numbers = await shown(self.install, self.attribute, list(self.words))
        return [thing for thing in self.words if numbers.get(thing, -1) < before.get(thing, 0)]

    async def judged(self, excuse: Excuse | None = None) -> Verdict:
        """Compare the book with the database; `excuse` counts where the bus stands between."""
        return await self.book.judged(self.install, self.attribute, excuse if self.buffered else None)

    async def _device(self, thing: str, stop: asyncio.Event) -> None:
        number, line = self.book.counts().get(thing, 0), None
        while not stop.is_set():
            moment = self._moment(number)
            while True:
                try:
                    line = line or await self._connect(thing)
                    await self._report(line, thing, number, moment)
                    break
                except _AWAY:
                    self.book.repeats += 1
                    if line is not None:
                        await self._leave(line)
                    line = None
                    await asyncio.sleep(0.1)
            self.book.write(thing, number, moment)
            number += 1
            await asyncio.sleep(PACE_S)
        if line is not None:
            await self._leave(line)

    def _moment(self, number: int) -> int:
        """Of a reading, in microseconds: later than the one before."""
        return time.time_ns() // 1000

    @abstractmethod
    async def _connect(self, thing: str) -> Any:
        """A line of a thing. Raises one of _AWAY."""

    @abstractmethod
    async def _report(self, line: Any, thing: str, number: int, moment: int) -> None:
        """Report over a line; returns once acknowledged. Raises one of _AWAY."""

    @abstractmethod
    async def _leave(self, line: Any) -> None:
        """End a line."""


class Mqtt(Door):
    """JSON over MQTT with QoS 1, several readings under way at a time."""

    name, attribute, buffered = "mqtt", "load", True

    async def _device(self, thing: str, stop: asyncio.Event) -> None:
        number = 0
        open_: dict[int, int] = {}  # sent and not acknowledged
        line: Client | None = None
        while open_ or not stop.is_set():
            while len(open_) < WINDOW and not stop.is_set():
                open_[number] = self._moment(number)
                number += 1
            sent = dict(open_)
            try:
                line = line or await self._connect(thing)
                answers = await asyncio.gather(
                    *(self._report(line, thing, n, m) for n, m in sent.items()), return_exceptions=True
                )
                for (n, moment), answer in zip(sent.items(), answers, strict=True):
                    if answer is None:
                        self.book.write(thing, n, moment)
                        del open_[n]
                if failed := next((a for a in answers if isinstance(a, BaseException)), None):
                    raise failed
                await asyncio.sleep(PACE_S)
            except _AWAY:
                self.book.repeats += len(open_)
                if line is not None:
                    line.abort()
                line = None
                await asyncio.sleep(0.1)
        if line is not None:
            await self._leave(line)

    async def _connect(self, thing: str) -> Client:
        client = Client()
        try:
            await client.connect(
                "127.0.0.1", self.install.mqtt_port, f"chaos-{thing}",
                user=thing, password=self.words[thing], timeout_s=CONNECT_S,
            )  # fmt: skip
        except _AWAY:
            client.abort()
            raise
        return client

    async def _report(self, line: Client, thing: str, number: int, moment: int) -> None:
        await line.publish(f"obs/json/{thing}", _reading(moment, number), timeout_s=ANSWER_S)

    async def _leave(self, line: Client) -> None:
        await line.close()


class Trespasser(Mqtt):
    """Somebody who publishes under another thing's topic over and over: the server sends a PUBACK all the same.

    His book is judged the other way round: nothing of it may be there.
    """

    name, attribute, buffered = "foreign", "forged", False
    _device = Door._device  # one at a time

    def __init__(self, install: Install, things: Sequence[str], words: Sequence[str], victim: str) -> None:
        super().__init__(install, things, words)
        self._victim = victim

    async def behind(self, before: Mapping[str, int]) -> list[str]:
        return []

    async def judged(self, excuse: Excuse | None = None) -> Verdict:
        rows = await self.install.fetch(
            "SELECT entity, attribute FROM history.series WHERE attribute = $1 OR entity = ANY($2::text[])",
            self.attribute,
            list(self.words),
        )
        assert not rows, f"published under a foreign topic and kept: {rows[:3]}"
        [counted] = await self.install.fetch(
            "SELECT coalesce(sum(violations), 0)::bigint AS n FROM sensing.presence WHERE thing = ANY($1::text[])",
            list(self.words),
        )
        assert counted["n"] > 0, "nobody noticed"
        return Verdict(repeats=self.book.repeats)

    async def _report(self, line: Client, thing: str, number: int, moment: int) -> None:
        forged = b'{"t":%d,"v":{"forged":%d}}' % (moment // 1000, number)
        await line.publish(f"obs/json/{self._victim}", forged, timeout_s=ANSWER_S)
        await asyncio.sleep(TRESPASS_S)


class Http(Door):
    """JSON over HTTP with a device's own credential."""

    name, attribute = "http", "load"

    async def _connect(self, thing: str) -> httpx.AsyncClient:
        return httpx.AsyncClient(timeout=ANSWER_S, trust_env=False, base_url=self.install.http)

    async def _report(self, line: httpx.AsyncClient, thing: str, number: int, moment: int) -> None:
        headers = {"authorization": f"Bearer {self.words[thing]}", "content-type": "application/json"}
        url = f"/sensing/things/{thing}/observations"
        self._good(await line.post(url, content=_reading(moment, number), headers=headers))

    async def _leave(self, line: httpx.AsyncClient) -> None:
        await line.aclose()

    def _good(self, answer: httpx.Response) -> None:
        if not answer.is_success:
            self.answers[answer.status_code] += 1
            assert answer.status_code in _LATER, f"{answer.status_code}: {answer.text}"
            raise httpx.HTTPError(answer.text)


class NgsiLd(Http):
    """PATCH of one attribute of an entity by NGSI-LD, with an application's key."""

    name = "ngsi-ld"

    async def create(self) -> None:
        """Make the entities, each with its first reading."""
        line = await self._connect("")
        for entity, key in self.words.items():
            moment = self._moment(0)
            document = {"id": entity, "type": "Chaos", "load": self._property(0, moment)}
            made = await line.post("/ngsi-ld/v1/entities", json=document, headers={"x-api-key": key})
            assert made.status_code == 201, made.text
            self.book.write(entity, 0, moment)
        await self._leave(line)

    async def _report(self, line: httpx.AsyncClient, thing: str, number: int, moment: int) -> None:
        url = f"/ngsi-ld/v1/entities/{thing}/attrs/load"
        headers = {"x-api-key": self.words[thing]}
        self._good(await line.patch(url, json=self._property(number, moment), headers=headers))

    def _property(self, number: int, moment: int) -> dict[str, Any]:
        at = f"{datetime.fromtimestamp(moment // 1_000_000, UTC):%Y-%m-%dT%H:%M:%S}.{moment % 1_000_000:06}Z"
        return {"value": number, "observedAt": at}


class _Seconds(Door):
    """Those who tell time in seconds take one second a reading, from some days ago on."""

    def __init__(self, install: Install, things: Sequence[str], words: Sequence[str]) -> None:
        super().__init__(install, things, words)
        self._begin = (datetime.now(UTC) - _DAYS_AGO).replace(microsecond=0)

    def _moment(self, number: int) -> int:
        return int(self._at(number).timestamp()) * 1_000_000

    def _at(self, number: int) -> datetime:
        return self._begin + timedelta(seconds=number)


class Hj212(_Seconds):
    """Data loggers of pollution monitors: answered with 9014 once committed."""

    name, attribute = "hj212", "cod"

    async def _connect(self, thing: str) -> Monitor:
        monitor = Monitor(thing, self.words[thing])
        async with asyncio.timeout(ANSWER_S):
            await monitor.connect("127.0.0.1", self.install.tcp_ports["hj212"])
        return monitor

    async def _report(self, line: Monitor, thing: str, number: int, moment: int) -> None:
        if line.lost:
            raise NoAnswer("the line was closed")
        await line.report(self._at(number), {"cod": number})

    async def _leave(self, line: Monitor) -> None:
        with contextlib.suppress(ConnectionError):  # what the line ended with
            await line.close()


class Jtt808(_Seconds):
    """Vehicle terminals: answered with 0x8001 once committed. The clock's kilometres are the number."""

    name, attribute = "jtt808", "odometer"

    async def _connect(self, thing: str) -> Terminal:
        terminal = Terminal(thing)
        try:
            await terminal.connect(
                "127.0.0.1", self.install.tcp_ports["jtt808"], self.words[thing], timeout_s=ANSWER_S
            )
        except _AWAY:
            await terminal.close()
            raise
        return terminal

    async def _report(self, line: Terminal, thing: str, number: int, moment: int) -> None:
        fix = Fix(self._at(number), 121.5, 29.9, 30.0, 90.0, float(number))
        await line.ask(LOCATION, location(fix), timeout_s=ANSWER_S)

    async def _leave(self, line: Terminal) -> None:
        await line.close()


DOORS: dict[type[Door], int] = {Mqtt: 6, Trespasser: 1, Http: 2, NgsiLd: 2, Hj212: 2, Jtt808: 2}
"""The doors, and how many devices are at each."""


def _reading(moment: int, number: int) -> bytes:
    return b'{"t":%d.%03d,"v":{"load":%d}}' % (*divmod(moment, 1000), number)
