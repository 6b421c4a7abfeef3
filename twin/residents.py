"""Residents who report what is wrong, as an application of their own at the city's Open311 door.

    python -m twin.residents run --http http://127.0.0.1:8080 --key FILE

They are recorded requests (Boston's 311, 2015, PDDL) of the same time of the same weekday, put into Ningbo and told ten
times as fast as they came; each says so. Without the recording (`$YONG_DATA`) they are made up, and say that. A day has its
own rush hours either way.
"""

import argparse
import csv
import gzip
import io
import random
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import NamedTuple

import httpx

from twin.fleet import pause_s
from twin.series import data_folder

RECORDING = "service_requests_311/boston_311_2015_jan_jun.csv.gz"
CHINA = timezone(timedelta(hours=8))  # the recording's times of day are taken for those of here
FIRST_WEEK, WEEKS = datetime(2015, 1, 5, tzinfo=CHINA), 24  # whole weeks of the recording
PACE = 10.0  # so many times as fast
BOSTON, NINGBO, SCALE = (-71.08, 42.32), (121.556, 29.870), 0.3  # a street of Boston is 0.3 of one here
REACH = 0.03  # degrees from the middle of Ningbo, at most
# What Boston calls it, and the class of the demo city it comes nearest to.
CLASSES = {
    "Empty Litter Basket": "020102", "CE Collection": "020102", "Schedule a Bulk Item Pickup SS": "020102",
    "Schedule a Bulk Item Pickup": "020102", "Illegal Dumping": "020102", "Improper Storage of Trash (Barrels)": "020102",
    "Missed Trash/Recycling/Yard Waste/Bulk Item": "020102", "Pick up Dead Animal": "020102",
    "Requests for Street Cleaning": "020104", "Street Cleaning": "020104", "Construction Debris": "020104",
    "Utility Call-In": "010101", "Catchbasin": "010101", "Sidewalk Cover / Manhole": "010101", "Sewage/Septic Back-Up": "010101",
}  # fmt: skip
MADE_UP = (
    ("020102", "垃圾堆放", "Rubbish left here"),
    ("020104", "路面有油污", "Oil on the road"),
    ("010101", "井盖有异响", "A cover rattles"),
    ("020105", "水面有漂浮物", "Litter on the water"),
)
MADE_UP_EVERY_S = 240.0
_TIMEOUT_S = 20.0


class Request(NamedTuple):
    """Something reported: seconds into its week, its class, what it says, and where."""

    at_s: float
    code: str
    words: str
    place: tuple[float, float]


def recorded(folder: Path) -> list[list[Request]]:
    """The recording's requests by week, each in the order of their times; empty where it is not there."""
    path = folder / RECORDING
    if not path.is_file():
        return []
    weeks: list[list[Request]] = [[] for _ in range(WEEKS)]
    with gzip.open(path) as raw:
        for row in csv.DictReader(io.TextIOWrapper(raw, "utf-8")):
            code = CLASSES.get(row["TYPE"])
            opened = datetime.strptime(row["OPEN_DT"], "%m/%d/%Y %I:%M:%S %p").replace(tzinfo=CHINA)
            week, into = divmod((opened - FIRST_WEEK).total_seconds(), 7 * 86_400)
            if code is None or not 0 <= week < WEEKS or not row["LATITUDE"]:
                continue
            words = (
                f"回放：波士顿 311，{opened:%Y-%m-%d %H:%M}，{row['TYPE']}（时间、地点已平移，并非宁波的事件） · "
                f"Replay of Boston's 311, shifted in time and place: nothing of it happened in Ningbo"
            )
            weeks[int(week)].append(
                Request(into, code, words, moved(float(row["LONGITUDE"]), float(row["LATITUDE"])))
            )
    return [sorted(week) for week in weeks]


def moved(lon: float, lat: float) -> tuple[float, float]:
    """A place of Boston, in Ningbo: as it lies from the middle, nearer."""
    return tuple(
        round(to + max(-REACH, min(REACH, (value - of) * SCALE)), 5)
        for value, of, to in zip((lon, lat), BOSTON, NINGBO, strict=True)
    )  # type: ignore[return-value]


def told(weeks: list[list[Request]], now: datetime) -> Iterator[tuple[float, Request]]:
    """Requests from now on, each with the seconds until it is told; the last one before now at once."""
    local = now.astimezone(CHINA)
    start = (local - timedelta(days=local.weekday())).replace(hour=0, minute=0, second=0, microsecond=0)
    number, at = int(start.timestamp() // (7 * 86_400)), (local - start).total_seconds()
    before = [request for request in weeks[number % len(weeks)] if request.at_s <= at]
    if before:
        yield 0.0, before[-1]
    waited = 0.0
    while True:
        for request in weeks[number % len(weeks)]:
            if request.at_s > at:
                yield waited + (request.at_s - at) / PACE, request
                waited, at = 0.0, request.at_s
        waited += (7 * 86_400 - at) / PACE
        number, at = number + 1, 0.0


def made_up(seed: int) -> Iterator[tuple[float, Request]]:
    """Requests that nobody ever made, one every four minutes or so."""
    dice = random.Random(seed)  # noqa: S311  # no secret
    while True:
        code, zh, en = dice.choice(MADE_UP)
        place = (
            round(NINGBO[0] + dice.uniform(-0.02, 0.02), 5),
            round(NINGBO[1] + dice.uniform(-0.02, 0.02), 5),
        )
        words = f"合成：{zh}（并非真实事件） · Synthetic: {en}"
        yield dice.expovariate(1 / MADE_UP_EVERY_S), Request(0.0, code, words, place)


class Door:
    """The city's Open311 door, as this application knows it."""

    def __init__(self, address: str, key: str) -> None:
        self.address, self.key = address.rstrip("/") + "/open311/v2", key

    def asked(self, code: str) -> dict[str, str]:
        """What a service asks and must be answered, with the first of its choices."""
        definition = (
            httpx.get(f"{self.address}/services/{code}.json", timeout=_TIMEOUT_S).raise_for_status().json()
        )
        return {
            f"attribute[{one['code']}]": one["values"][0]["key"] if one.get("values") else "–"
            for one in definition.get("attributes", ()) if one.get("required")
        }  # fmt: skip

    def report(self, request: Request) -> str:
        """Report something; its number. Raises httpx.HTTPError."""
        lon, lat = request.place
        said = {
            "api_key": self.key, "service_code": request.code, "description": request.words, "long": f"{lon}", "lat": f"{lat}",
            **self.asked(request.code),
        }  # fmt: skip
        answer = httpx.post(f"{self.address}/requests.json", data=said, timeout=_TIMEOUT_S).raise_for_status()
        return str(answer.json()[0]["service_request_id"])


def run(door: Door, requests: Iterator[tuple[float, Request]]) -> None:
    """Report for ever; what the city refuses is told once and left, while it is away it is tried again."""
    for wait, request in requests:
        time.sleep(wait)
        failures = 0
        while True:
            try:
                door.report(request)
                break
            except httpx.HTTPStatusError as error:
                if error.response.status_code not in (429, 503):
                    sys.stderr.write(f"refused {error.response.status_code}: {error.response.text[:300]}\n")
                    break
            except (httpx.HTTPError, ValueError):
                pass  # the city is away
            failures += 1
            time.sleep(pause_s(failures))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("command", choices=("run",))
    parser.add_argument("--http", required=True)
    parser.add_argument("--key", type=Path, required=True)
    given = parser.parse_args()
    weeks = recorded(data_folder())
    requests = told(weeks, datetime.now(CHINA)) if any(weeks) else made_up(time.time_ns())
    run(Door(given.http, given.key.read_text("utf-8").strip()), requests)


if __name__ == "__main__":
    main()
