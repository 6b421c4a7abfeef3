"""Synthetic vehicles that report over JT/T 808: invented, on round routes, marked synthetic.

    python -m twin.vehicles things                    the registration list (CSV) on standard output
    python -m twin.vehicles run --credentials FILE …  connect them all and report until stopped

`FILE` is CSV with the columns `thing,token`: a terminal's number and its authentication code. Half of the terminals
speak edition 2013, half 2019. A terminal that was away tells what it missed as a batch.
"""

import argparse
import asyncio
import json
import math
import random
import signal
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from twin.fleet import CENTRE, DISTRICTS, credentials, pause_s
from twin.jtt808 import BATCH, LOCATION, Fix, Terminal, TerminalError, batch, location

COUNT = 120
INTERVAL_S = 15
CATCH_UP = 40  # missed reports that are told, at most
NOTE = "车辆：合成，沿虚构环线行驶 / vehicles: synthetic, on invented round routes"
_OVERSPEED = 1 << 1


class Vehicle(NamedTuple):
    """A vehicle and its route: a circle around a point, `radius` in degrees of latitude."""

    id: str
    number: int
    centre: tuple[float, float]
    radius: float
    speed_kmh: float
    district: str

    @property
    def edition(self) -> int:
        return 2013 + 6 * (self.number % 2)

    def fix(self, at: float) -> Fix:
        """Where it is at a moment (Unix seconds): always the same answer."""
        circumference_km = 2 * math.pi * self.radius * 111.2
        swing = math.sin(at / 97 + self.number)  # faster and slower
        speed = max(0.0, self.speed_kmh * (1 + 0.25 * swing))
        driven_km = self.speed_kmh * (at % 10_000_000) / 3600
        angle = 2 * math.pi * (driven_km / circumference_km + self.number / 7)
        longitude, latitude = self.centre
        return Fix(
            at=datetime.fromtimestamp(at, UTC),
            longitude=longitude + self.radius * math.sin(angle) / math.cos(math.radians(latitude)),
            latitude=latitude + self.radius * math.cos(angle),
            speed_kmh=round(speed, 1),
            heading_deg=(math.degrees(angle) + 90) % 360,
            odometer_km=round(10_000 + driven_km, 1),
            alarms=_OVERSPEED if speed > 70 else 0,
        )


def vehicles(count: int = COUNT) -> list[Vehicle]:
    """The vehicles, always the same. Their numbers are no telephone's: 8080000 and a count."""
    dice = random.Random(808)  # noqa: S311  # routes, no secrets
    return [
        Vehicle(
            id=f"8080000{number:05}",
            number=number,
            centre=(
                round(CENTRE[0] + dice.uniform(-0.15, 0.15), 6),
                round(CENTRE[1] + dice.uniform(-0.12, 0.12), 6),
            ),
            radius=dice.uniform(0.01, 0.05),
            speed_kmh=dice.uniform(25, 60),
            district=DISTRICTS[number % 10],
        )
        for number in range(1, count + 1)
    ]


def registration(found: list[Vehicle]) -> str:
    """The list that an operator registers, as CSV. A vehicle has no place of its own."""
    lines = ["code,type,longitude,latitude,district,interval_s,origin"]
    lines += [f"{v.id},vehicle,,,{v.district},{INTERVAL_S},synthetic:round_route" for v in found]
    return "\n".join(lines) + "\n"


class Traffic:
    """Everything that runs, and what it counted."""

    def __init__(self, found: list[Vehicle], codes: dict[str, str], host: str, port: int) -> None:
        self.vehicles = [v for v in found if v.id in codes]
        self.acknowledged: dict[str, int] = {}  # the last slot that was answered
        self.sent = self.connected = self.lost_connections = self.commands = 0
        self._codes, self._host, self._port = codes, host, port
        self._opening = asyncio.Semaphore(32)

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as group:
            for vehicle in self.vehicles:
                group.create_task(self._drive(vehicle))

    async def _drive(self, vehicle: Vehicle) -> None:
        failures = 0
        while True:
            terminal = Terminal(vehicle.id, edition=vehicle.edition)
            terminal.where = lambda: location(vehicle.fix(time.time()))
            try:
                async with self._opening:
                    await terminal.connect(self._host, self._port, self._codes[vehicle.id])
                self.connected += 1
                try:
                    while terminal.connected:
                        await self._report(vehicle, terminal)
                        failures = 0
                        phase = vehicle.number * 0.618034 % 1 * INTERVAL_S
                        await asyncio.sleep(INTERVAL_S - (time.time() - phase) % INTERVAL_S)
                finally:
                    self.connected -= 1
            except (TerminalError, OSError, TimeoutError):
                pass
            finally:
                self.commands += terminal.commands
                await asyncio.shield(terminal.close())
            self.lost_connections += 1
            failures += 1
            await asyncio.sleep(pause_s(failures))

    async def _report(self, vehicle: Vehicle, terminal: Terminal) -> None:
        last = int(time.time()) // INTERVAL_S
        due = range(max(self.acknowledged.get(vehicle.id, last - 1) + 1, last - CATCH_UP + 1), last + 1)
        reports = [location(vehicle.fix(slot * INTERVAL_S)) for slot in due]
        if len(reports) == 1:
            await terminal.ask(LOCATION, reports[0])
        elif reports:
            await terminal.ask(BATCH, batch(reports))
        self.acknowledged[vehicle.id] = last
        self.sent += len(reports)

    def status(self) -> str:
        """One JSON line of counters."""
        return json.dumps(
            {
                "vehicles": len(self.vehicles),
                "connected": self.connected,
                "acknowledged_reports": self.sent,
                "lost_connections": self.lost_connections,
                "commands": self.commands,
            }
        )


async def _run(arguments: argparse.Namespace, codes: dict[str, str]) -> None:
    host, _, port = arguments.jtt808.rpartition(":")
    traffic = Traffic(vehicles(), codes, host, int(port))
    work = asyncio.create_task(traffic.run())
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, work.cancel)
    while not work.done():
        await asyncio.wait({work}, timeout=10)
        _say(traffic.status())
    await asyncio.gather(work, return_exceptions=True)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="twin.vehicles", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("things")
    run = commands.add_parser("run")
    run.add_argument("--credentials", required=True)
    run.add_argument("--jtt808", default="127.0.0.1:7808", help="host:port")
    arguments = parser.parse_args(words)
    if arguments.command == "things":
        sys.stdout.write(registration(vehicles()))
        return
    _say(NOTE)
    asyncio.run(_run(arguments, credentials(Path(arguments.credentials))))


if __name__ == "__main__":
    main()
