"""Devices that report under fire, and the book they keep of what was acknowledged.

A device sends one reading after the other, each of a moment of its own, and goes on to the next only when the
one before is acknowledged: a PUBACK over MQTT, a 2xx over HTTP. Whatever breaks, it connects again and repeats.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

import httpx
from tests.chaos.instance import Install

from twin.mqtt import Client, MqttError

WINDOW = 8  # readings of an MQTT device under way at a time


class Book:
    """What each device had acknowledged: number of the reading → its moment in microseconds."""

    def __init__(self) -> None:
        self.acknowledged: dict[str, dict[int, int]] = {}
        self.repeats = 0

    def write(self, thing: str, number: int, moment: int) -> None:
        self.acknowledged.setdefault(thing, {})[number] = moment

    def counts(self) -> dict[str, int]:
        return {thing: len(numbers) for thing, numbers in self.acknowledged.items()}

    @property
    def total(self) -> int:
        return sum(map(len, self.acknowledged.values()))


def reading(moment: int, number: int) -> bytes:
    return b'{"t":%d.%03d,"v":{"load":%d}}' % (*divmod(moment, 1000), number)


@contextlib.asynccontextmanager
async def reporting(
    install: Install, book: Book, things: list[str], tokens: list[str], over_http: int
) -> AsyncIterator[None]:
    """Devices that report for as long as the block lasts, the last `over_http` of them over HTTP.

    At the end each has what it sent acknowledged, so the book is closed.
    """
    stop = asyncio.Event()
    split = len(things) - over_http
    async with asyncio.TaskGroup() as group:
        for thing, token in zip(things[:split], tokens[:split], strict=True):
            group.create_task(_over_mqtt(install, book, stop, thing, token))
        for thing, token in zip(things[split:], tokens[split:], strict=True):
            group.create_task(_over_http(install, book, stop, thing, token))
        try:
            yield
        finally:
            stop.set()


async def _over_mqtt(install: Install, book: Book, stop: asyncio.Event, thing: str, token: str) -> None:
    number = 0
    open_: dict[int, int] = {}  # sent and not acknowledged
    while open_ or not stop.is_set():
        client = Client()
        try:
            await client.connect(
                "127.0.0.1", install.mqtt_port, f"chaos-{thing}", user=thing, password=token, timeout_s=15
            )
            while open_ or not stop.is_set():
                while len(open_) < WINDOW and not stop.is_set():
                    open_[number] = time.time_ns() // 1000
                    number += 1
                sent = dict(open_)
                answers = await asyncio.gather(
                    *(
                        client.publish(f"obs/json/{thing}", reading(m, n), timeout_s=15)
                        for n, m in sent.items()
                    ),
                    return_exceptions=True,
                )
                for (n, moment), answer in zip(sent.items(), answers, strict=True):
                    if answer is None:
                        book.write(thing, n, moment)
                        del open_[n]
                if failed := next((a for a in answers if isinstance(a, BaseException)), None):
                    raise failed
                await asyncio.sleep(0.02)
        except (MqttError, OSError, TimeoutError):
            book.repeats += len(open_)
            client.abort()
            await asyncio.sleep(0.1)
    await client.close()


async def _over_http(install: Install, book: Book, stop: asyncio.Event, thing: str, token: str) -> None:
    url = f"{install.http}/sensing/things/{thing}/observations"
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    async with httpx.AsyncClient(timeout=15, trust_env=False) as client:
        number = 0
        while not stop.is_set():
            moment = time.time_ns() // 1000
            while True:
                try:
                    answer = await client.post(url, content=reading(moment, number), headers=headers)
                    if answer.is_success:
                        break
                    assert answer.status_code in (401, 429, 500, 502, 503), answer.text
                except httpx.HTTPError:
                    pass
                book.repeats += 1
                await asyncio.sleep(0.1)
            book.write(thing, number, moment)
            number += 1
            await asyncio.sleep(0.02)


async def settled(install: Install) -> None:
    """Wait until no reading has arrived for a second and the outbox is empty."""
    before = -1
    for _ in range(100):
        [row] = await install.fetch(
            "SELECT (SELECT count(*) FROM history.observation) AS n, (SELECT count(*) FROM store.outbox) AS left"
        )
        if row["n"] == before and not row["left"]:
            return
        before = row["n"]
        await asyncio.sleep(1)
    raise AssertionError("readings or events are under way without end")


async def counted(install: Install) -> int:
    """What the metrics say of committed readings since the last start."""
    async with httpx.AsyncClient(trust_env=False) as client:
        page = (await client.get(f"{install.http}/metrics")).text
    [value] = [line.split()[-1] for line in page.splitlines() if line.startswith("yong_observations_total")]
    return int(float(value))


async def judged(install: Install, book: Book, wiped: tuple[int, int] | None = None) -> dict[str, int]:
    """Compare the book with the database: nothing acknowledged is missing, nothing doubled, order holds.

    What was acknowledged between the two moments of `wiped`, in which the bus lost its folder, may be missing.
    """
    lost = 0
    rows = await install.fetch(
        """SELECT s.entity, o.observed_at, o.value::int AS number, count(*) AS times FROM history.observation o
           JOIN history.series s ON s.id = o.series WHERE s.attribute = 'load' GROUP BY 1, 2, 3"""
    )
    assert not [r for r in rows if r["times"] > 1], "a reading is there twice"
    kept: dict[str, dict[int, int]] = {}
    for r in rows:
        numbers = kept.setdefault(r["entity"], {})
        assert r["number"] not in numbers, "a reading is there at two moments"
        numbers[r["number"]] = r["observed_at"]
    for thing, acknowledged in book.acknowledged.items():
        there = kept.get(thing, {})
        missing = {n: m for n, m in acknowledged.items() if n not in there}
        if wiped:
            excused = {n: m for n, m in missing.items() if wiped[0] <= m <= wiped[1]}
            lost += len(excused)
            missing = {n: m for n, m in missing.items() if n not in excused}
        assert not missing, (
            f"{thing}: acknowledged and not there: {sorted(missing)[:10]} of {len(acknowledged)}"
        )
        assert all(there[n] == moment for n, moment in acknowledged.items() if n in there)
    newest = await install.fetch(
        "SELECT id, (doc->'load'->>'value')::float::int AS number FROM context.entity WHERE id = ANY($1::text[])",
        sorted(kept),
    )
    state = {r["id"]: r["number"] for r in newest}
    assert state == {thing: max(numbers) for thing, numbers in kept.items()}, (
        "the state is not the newest reading"
    )
    [dead] = await install.fetch("SELECT count(*) AS n FROM sensing.dead_letter")
    assert not dead["n"], "a fault made dead letters"
    return {"acknowledged": book.total, "kept": len(rows), "repeats": book.repeats, "lost": lost}
