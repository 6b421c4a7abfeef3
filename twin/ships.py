"""An AIS receiver that passes on what it hears: a recorded stream with shifted time, or invented ships.

    python -m twin.ships things                    the registration list (CSV) on standard output
    python -m twin.ships run --credentials FILE …  sign on and pass on sentences until stopped

The recording is half a minute to an hour of Danish waters in 2010 (dma-ais/AisLib, Apache-2.0), told again and
again at its own pace; its ships are where they were, in Denmark. Without it (`$YONG_DATA`) ships are invented on
the approaches of Ningbo-Zhoushan. Which of the two it is stands in the registration list.
"""

import argparse
import asyncio
import json
import math
import random
import signal
import sys
import time
from collections.abc import Iterator
from functools import reduce
from operator import xor
from pathlib import Path
from typing import NamedTuple

import pyais

from twin.fleet import credentials, pause_s
from twin.series import data_folder

RECEIVER = "ais-receiver-1"
PLACE = (121.95, 29.98)
DISTRICT = "330206"
RECORDING = "ais_port_edi/dma_aislib_stream_example.txt"
SHIPS = 60
LOOP_S = 600  # the recording is told again after this
PER_S = 20  # sentences a second of the recording


class Sentence(NamedTuple):
    """A sentence, and the seconds after the stream's start at which it is heard."""

    after_s: float
    line: bytes


def recorded(folder: Path) -> list[Sentence]:
    """The recording's sentences, evenly over its loop; empty when it is not there."""
    path = folder / RECORDING
    if not path.is_file():
        return []
    lines = [line.strip() for line in path.read_bytes().splitlines() if line.startswith(b"!")]
    step = min(LOOP_S / len(lines), 1 / PER_S)
    return [Sentence(n * step, line) for n, line in enumerate(lines)]


class Ship(NamedTuple):
    """An invented ship on a circle, at a steady speed. Its MMSI and name are of no ship."""

    number: int
    centre: tuple[float, float]
    radius: float  # degrees of latitude
    speed_kn: float

    @property
    def mmsi(self) -> int:
        return 299_000_000 + self.number  # no country has 299

    def sentences(self, at: float, static: bool) -> list[bytes]:
        """What it says at a moment (Unix seconds): where it is, or who it is."""
        if static:
            said: dict[str, str | int | float | bytes | bool] = {
                "type": 5,
                "mmsi": self.mmsi,
                "shipname": f"SYNTHETIC {self.number}",
                "callsign": f"SYN{self.number}",
                "ship_type": 70 + self.number % 20,
                "destination": "CN NGB",
                "draught": 5 + self.number % 10,
                "to_bow": 90,
                "to_stern": 30,
                "to_port": 10,
                "to_starboard": 10,
            }
        else:
            driven = self.speed_kn * 1.852 * (at % 10_000_000) / 3600
            angle = 2 * math.pi * (driven / (2 * math.pi * self.radius * 111.2) + self.number / 7)
            longitude, latitude = self.centre
            course = (math.degrees(angle) + 90) % 360
            said = {
                "type": 1,
                "mmsi": self.mmsi,
                "status": 0,
                "speed": round(self.speed_kn, 1),
                "course": round(course, 1),
                "heading": round(course) % 360,
                "lon": longitude + self.radius * math.sin(angle) / math.cos(math.radians(latitude)),
                "lat": latitude + self.radius * math.cos(angle),
                "second": int(at) % 60,
            }
        return [
            line.encode() for line in pyais.encode_dict(said, sentence_type="VDM", seq_id=self.number % 10)
        ]


def ships(count: int = SHIPS) -> list[Ship]:
    """The invented ships, always the same."""
    dice = random.Random(1371)  # noqa: S311  # routes, no secrets
    return [
        Ship(
            number,
            (PLACE[0] + dice.uniform(0.1, 0.5), PLACE[1] + dice.uniform(-0.25, 0.25)),
            dice.uniform(0.02, 0.08),
            dice.uniform(4, 16),
        )
        for number in range(1, count + 1)
    ]


def origin(folder: Path) -> str:
    """What the receiver's stream is: every screen says it."""
    return "replay:dma_aislib" if (folder / RECORDING).is_file() else "synthetic:round_route"


def note(folder: Path) -> str:
    """The same for people."""
    if origin(folder).startswith("replay"):
        return "AIS：2010 年丹麦水域记录，循环回放 / AIS: Danish waters in 2010, told again and again"
    return "AIS：合成船舶 / AIS: synthetic ships"


def registration(folder: Path) -> str:
    """The list that an operator registers, as CSV."""
    return (
        "code,type,longitude,latitude,district,interval_s,origin\n"
        f"{RECEIVER},ais_receiver,{PLACE[0]},{PLACE[1]},{DISTRICT},60,{origin(folder)}\n"
    )


def checked(body: bytes) -> bytes:
    """A proprietary sentence with its checksum."""
    return b"$%b*%02X\r\n" % (body, reduce(xor, body))


class Station:
    """The receiver. Time stamps come from its tag blocks."""

    def __init__(self, thing: str, word: str, host: str, port: int, folder: Path) -> None:
        self.connected = False
        self.sent = self.lost_connections = 0
        self.refused = False
        self._thing, self._word, self._host, self._port = thing, word, host, port
        self._recorded = recorded(folder)
        self._ships = ships()

    async def run(self) -> None:
        """Until cancelled."""
        failures = 0
        while True:
            try:
                reader, writer = await asyncio.open_connection(self._host, self._port)
                try:
                    writer.write(checked(b"PYNG,%b,%b" % (self._thing.encode(), self._word.encode())))
                    async with asyncio.timeout(20):
                        answer = await reader.readline()
                    self.refused = answer.startswith(b"$PYNG,NO")
                    if not answer.startswith(b"$PYNG,OK"):
                        raise OSError("not signed on")
                    self.connected, failures = True, 0
                    await self._tell(writer)
                finally:
                    self.connected = False
                    writer.transport.abort()
            except (OSError, TimeoutError):
                pass
            self.lost_connections += 1
            failures += 1
            await asyncio.sleep(pause_s(failures))

    async def _tell(self, writer: asyncio.StreamWriter) -> None:
        for lines in self._told():
            now = time.time()
            for line in lines:
                tag = b"s:%b,c:%d" % (self._thing.encode(), int(now))
                writer.write(b"\\%b*%02X\\%b\r\n" % (tag, reduce(xor, tag), line))
                self.sent += 1
            await writer.drain()
            await asyncio.sleep(1)
            if writer.is_closing():
                raise OSError("the connection was lost")

    def _told(self) -> Iterator[list[bytes]]:
        """What is heard, second by second."""
        second = 0
        while True:
            if self._recorded:
                length = self._recorded[-1].after_s + 1
                at = second % length
                yield [s.line for s in self._recorded if at <= s.after_s < at + 1]
            else:
                now = time.time()
                yield [
                    line
                    for ship in self._ships
                    if (second + ship.number) % 10 == 0
                    for line in ship.sentences(now, static=(second + ship.number) // 10 % 36 == 0)
                ]
            second += 1

    def status(self) -> str:
        """One JSON line of counters."""
        return json.dumps(
            {"connected": self.connected, "sentences": self.sent, "lost_connections": self.lost_connections}
        )


async def _run(arguments: argparse.Namespace, words: dict[str, str]) -> None:
    host, _, port = arguments.ais.rpartition(":")
    station = Station(RECEIVER, words[RECEIVER], host, int(port), data_folder())
    work = asyncio.create_task(station.run())
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, work.cancel)
    while not work.done():
        await asyncio.wait({work}, timeout=10)
        _say(station.status())
    await asyncio.gather(work, return_exceptions=True)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="twin.ships", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("things")
    run = commands.add_parser("run")
    run.add_argument("--credentials", required=True)
    run.add_argument("--ais", default="127.0.0.1:7371", help="host:port")
    arguments = parser.parse_args(words)
    if arguments.command == "things":
        sys.stdout.write(registration(data_folder()))
        return
    _say(note(data_folder()))
    asyncio.run(_run(arguments, credentials(Path(arguments.credentials))))


if __name__ == "__main__":
    main()
