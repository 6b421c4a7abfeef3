"""The demo city's things: each registered by an operator, each with credentials, each on its own connection.

    python -m twin.fleet things                    the registration list (CSV) on standard output
    python -m twin.fleet run --credentials FILE …  connect them all and report until stopped

`FILE` is CSV with the columns `thing,token`, as an operator hands it out. Readings are SenML (RFC 8428); outfalls speak
HJ 212 and gauges SL 651 over TCP, and their token is the password of their protocol.
A thing remembers the last slot that was acknowledged, so it tells what it missed (at most `--catch-up`
slots) after the server, or it, was away. With TWIN_SHARE=0.2 in the environment a fifth of the kinds that are many report.
"""

import argparse
import asyncio
import csv
import json
import math
import os
import resource
import secrets
import signal
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple

import aiohttp

from twin import hj212, sl651
from twin.hj212 import Monitor
from twin.mqtt import Client, Denied, MqttError, Will
from twin.series import Source, data_folder, notes, sources
from twin.sl651 import Gauge

COUNTS = {
    "air": 40,
    "weather": 40,
    "tide": 40,
    "road": 621,
    "feeder": 700,
    "river": 300,
    "parking": 500,
    "outfall": 40,
    "gauge": 60,
}
MANY = 100  # kinds with more of them are thinned out where TWIN_SHARE says so
HTTP_KINDS = frozenset(("parking",))


class Line(NamedTuple):
    """A protocol of its own over TCP: the listener's name, and how its devices are called and made."""

    listener: str
    name: Callable[[int], str]
    make: Callable[[str, str], Monitor | Gauge]


LINES = {
    "outfall": Line("hj212", lambda n: f"010000A8900016F0{n:08}", Monitor),
    "gauge": Line("sl651", lambda n: f"0033020{n:03}", Gauge),
}
CENTRE = (121.55, 29.87)
DISTRICTS = (
    "330203",
    "330205",
    "330206",
    "330211",
    "330212",
    "330213",
    "330225",
    "330226",
    "330281",
    "330282",
)


class Thing(NamedTuple):
    """A thing and the source that speaks through it; `number` counts within its kind."""

    id: str
    number: int
    source: Source
    place: tuple[float, float]  # longitude, latitude, invented
    district: str


def things(found: tuple[Source, ...], counts: dict[str, int]) -> list[Thing]:
    """The fleet. Places are spread on a sunflower around the centre: invented, evenly, always the same."""
    out: list[Thing] = []
    for source in found:
        for index in range(counts.get(source.kind, 0)):
            angle = index * 2.399963
            radius = 0.22 * math.sqrt((index + 0.5) / max(counts[source.kind], 1))
            place = (
                round(CENTRE[0] + radius * math.cos(angle) / math.cos(math.radians(CENTRE[1])), 6),
                round(CENTRE[1] + radius * math.sin(angle), 6),
            )
            line = LINES.get(source.kind)
            name = line.name(index + 1) if line else f"{source.kind}-{index + 1:04}"
            out.append(Thing(name, index, source, place, DISTRICTS[index % 10]))
    return out


def thinned(counts: dict[str, int], share: str) -> dict[str, int]:
    """Fewer of the kinds that are many, for a machine that has other things to do: `share` from 0.05 to 1."""
    try:
        part = float(share)
    except ValueError:
        part = 0.0
    if not 0.05 <= part <= 1:
        raise SystemExit(f"TWIN_SHARE is a number from 0.05 to 1, not {share[:20]!r}")
    return {kind: max(MANY // 2, round(n * part)) if n > MANY else n for kind, n in counts.items()}


def registration(fleet: list[Thing]) -> str:
    """The list that an operator registers, as CSV."""
    lines = ["code,type,longitude,latitude,district,interval_s,origin"]
    lines += [
        f"{t.id},{t.source.kind},{t.place[0]},{t.place[1]},{t.district},{t.source.interval_s},{t.source.origin}"
        for t in fleet
    ]
    return "\n".join(lines) + "\n"


def senml(thing: Thing, slot: int) -> bytes:
    """The readings of a slot: base time in Unix seconds, one record an attribute."""
    values = thing.source.values(slot, thing.number)
    records: list[dict[str, object]] = [{"n": name, "v": value} for name, value in values.items()]
    records[0] = {"bt": slot * thing.source.interval_s, **records[0]}
    return json.dumps(records).encode()


def pause_s(failures: int) -> float:
    """Exponential back-off from 1 to 60 s with full jitter, so that a fleet does not return at once."""
    longest_ms = min(1000 * 2 ** min(failures, 6), 60_000)
    return (200 + secrets.randbelow(longest_ms)) / 1000


class Fleet:
    """Everything that runs, and what it counted."""

    def __init__(
        self,
        fleet: list[Thing],
        tokens: dict[str, str],
        host: str,
        port: int,
        *,
        http: str | None = None,
        tcp: dict[str, int] | None = None,
        catch_up: int = 24,
    ) -> None:
        self.things = [t for t in fleet if t.id in tokens]
        self.tokens = tokens
        self.tcp = tcp or {}  # ports by listener
        self.host, self.port, self.http, self.catch_up = host, port, http, catch_up
        self.acknowledged: dict[str, int] = {}
        self.sent = self.lost_connections = self.commands = self.connected = 0
        self.refused: dict[str, str] = {}
        self.deaf: set[str] = set()
        self._opening = asyncio.Semaphore(64)

    async def run(self) -> None:
        """Until cancelled."""
        async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as group:
            for thing in self.things:
                line = LINES.get(thing.source.kind)
                if line is not None:
                    if line.listener in self.tcp:
                        group.create_task(self._dial(thing, line, self.tcp[line.listener]))
                elif self.http and thing.source.kind in HTTP_KINDS:
                    group.create_task(self._post(session, thing))
                else:
                    group.create_task(self._speak(thing))

    def _due(self, thing: Thing) -> range:
        """The slots that are over and not yet acknowledged."""
        last = int(time.time()) // thing.source.interval_s
        return range(max(self.acknowledged.get(thing.id, 0) + 1, last - self.catch_up + 1), last + 1)

    def _wait_s(self, thing: Thing) -> float:
        # spread over the interval by the thing's number, or all would speak in the same instant
        interval = thing.source.interval_s
        phase = (thing.number * 0.618034 % 1) * min(interval, 20)
        return interval - time.time() % interval + phase

    async def _speak(self, thing: Thing) -> None:
        failures = 0
        while True:
            client = Client()
            client.on_message = partial(self._command, thing, client)
            try:
                async with self._opening:
                    await client.connect(
                        self.host,
                        self.port,
                        thing.id,
                        user=thing.id,
                        password=self.tokens[thing.id],
                        will=Will(f"state/{thing.id}", b"offline"),
                    )
                    try:
                        # QoS 0: a command has its own acknowledgement and time-out, and a server keeps
                        # a durable queue for every QoS 1 subscription, made and unmade at each connection
                        await client.subscribe(f"cmd/{thing.id}", qos=0)
                        self.deaf.discard(thing.id)
                    except Denied:
                        self.deaf.add(thing.id)  # it cannot be commanded, but what it measures still counts
                    await client.publish(f"state/{thing.id}", b"online")
                self.connected += 1
                try:
                    failures = 0
                    while True:
                        for slot in self._due(thing):
                            await client.publish(f"obs/senml/{thing.id}", senml(thing, slot))
                            self.acknowledged[thing.id] = slot
                            self.sent += 1
                        await asyncio.wait({client.closed}, timeout=self._wait_s(thing))
                        if client.closed.done():
                            raise MqttError("the connection was lost")
                finally:
                    self.connected -= 1
            except (MqttError, OSError, TimeoutError):
                self.lost_connections += 1
                failures += 1
                await asyncio.sleep(pause_s(failures))
            finally:
                await asyncio.shield(client.close())

    def _command(self, thing: Thing, client: Client, _topic: str, payload: bytes) -> None:
        """Obey and acknowledge: the command's `id` goes back with what was done."""
        try:
            order = json.loads(payload)
            number = order["id"]
        except (ValueError, TypeError, KeyError):
            return
        self.commands += 1
        answer = json.dumps({"id": number, "ok": True, "status": "done"}).encode()
        task = asyncio.create_task(client.publish(f"ack/{thing.id}", answer))
        task.add_done_callback(lambda t: t.cancelled() or t.exception())

    async def _dial(self, thing: Thing, line: Line, port: int) -> None:
        """Report over the thing's own protocol."""
        failures = 0
        while True:
            device = line.make(thing.id, self.tokens[thing.id])
            try:
                async with self._opening:
                    await device.connect(self.host, port)
                self.connected += 1
                try:
                    while not device.lost:
                        for slot in self._due(thing):
                            at = datetime.fromtimestamp(slot * thing.source.interval_s, UTC)
                            await device.report(at, thing.source.values(slot, thing.number))
                            self.acknowledged[thing.id] = slot
                            self.sent += 1
                            failures = 0
                        await asyncio.sleep(self._wait_s(thing))
                finally:
                    self.connected -= 1
                    self.commands += device.obeyed
            except (hj212.Refused, sl651.Refused, OSError):
                pass
            finally:
                await asyncio.shield(device.close())
            self.lost_connections += 1
            failures += 1
            await asyncio.sleep(pause_s(failures))

    async def _post(self, session: aiohttp.ClientSession, thing: Thing) -> None:
        failures = 0
        head = {"Authorization": f"Bearer {self.tokens[thing.id]}", "Content-Type": "application/senml+json"}
        while True:
            try:
                for slot in self._due(thing):
                    url = (self.http or "").format(thing=thing.id)
                    async with (
                        self._opening,
                        session.post(url, data=senml(thing, slot), headers=head) as answer,
                    ):
                        if answer.status >= 500 or answer.status == 429:
                            raise OSError(answer.status)
                        if answer.status >= 400:
                            self.refused[thing.id] = f"{answer.status} {(await answer.text())[:200]}"
                            raise OSError(answer.status)
                    self.acknowledged[thing.id] = slot
                    self.sent += 1
                failures = 0
                await asyncio.sleep(self._wait_s(thing))
            except (aiohttp.ClientError, OSError, TimeoutError):
                self.lost_connections += 1
                failures += 1
                await asyncio.sleep(pause_s(failures))

    def status(self) -> str:
        """One JSON line of counters."""
        return json.dumps(
            {
                "things": len(self.things),
                "connected": self.connected,
                "acknowledged_messages": self.sent,
                "lost_connections": self.lost_connections,
                "commands": self.commands,
                "refused": len(self.refused),
                "without_commands": len(self.deaf),
            }
        )


def credentials(path: Path) -> dict[str, str]:
    """What an operator handed out: the token of each thing."""
    with path.open(encoding="utf-8", newline="") as lines:
        return {row["thing"]: row["token"] for row in csv.DictReader(lines)}


async def _run(arguments: argparse.Namespace, fleet: list[Thing]) -> None:
    tokens = credentials(Path(arguments.credentials))
    host, _, port = arguments.mqtt.rpartition(":")
    tcp = {name: int(at) for name, _, at in (part.partition("=") for part in arguments.tcp.split(",")) if at}
    running = Fleet(fleet, tokens, host, int(port), http=arguments.http, tcp=tcp, catch_up=arguments.catch_up)
    state = Path(arguments.state) if arguments.state else None
    if state and state.is_file():
        running.acknowledged = {str(k): int(v) for k, v in json.loads(state.read_text("utf-8")).items()}
    work = asyncio.create_task(running.run())
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, work.cancel)
    try:
        while not work.done():
            await asyncio.wait({work}, timeout=10)
            _say(running.status())
            if state:
                _keep(state, running.acknowledged)
        await asyncio.gather(work, return_exceptions=True)
    finally:
        work.cancel()
        if state:
            _keep(state, running.acknowledged)


def _allow_files(wanted: int) -> None:
    """Raise this process's limit of open files: 1,024, a usual default, is fewer than a fleet has connections."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < limit:
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))


def _keep(state: Path, acknowledged: dict[str, int]) -> None:
    fresh = state.with_suffix(".new")
    fresh.write_text(json.dumps(acknowledged), "utf-8")
    fresh.replace(state)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="twin", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("things")
    run = commands.add_parser("run")
    run.add_argument("--credentials", required=True)
    run.add_argument("--mqtt", default="127.0.0.1:1883", help="host:port")
    run.add_argument(
        "--tcp",
        default="",
        help="ports of the device protocols, hj212=7212,sl651=7651; without one they are silent",
    )
    run.add_argument("--http", help="URL with {thing} in it; without it every thing uses MQTT")
    run.add_argument("--state", help="file that remembers what was acknowledged")
    run.add_argument(
        "--catch-up", type=int, default=24, help="missed slots that are told afterwards, at most"
    )
    arguments = parser.parse_args(words)
    found = sources(data_folder())
    fleet = things(found, thinned(COUNTS, os.environ.get("TWIN_SHARE", "1")))
    _allow_files(len(fleet) + 200)
    if arguments.command == "things":
        sys.stdout.write(registration(fleet))
        return
    for note in notes(found):
        _say(note)
    asyncio.run(_run(arguments, fleet))


if __name__ == "__main__":
    main()
