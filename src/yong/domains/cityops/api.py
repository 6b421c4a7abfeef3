"""The only door of cityops: every function takes the City and the Caller, and authorizes first."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from yong.domains.cityops import service
from yong.domains.cityops.adapters import requests_csv
from yong.domains.cityops.contracts import PROCEDURE, Imported
from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.cases import api as cases
from yong.kernel.cases.suggesting.contracts import Nearby, NearbyAsked
from yong.kernel.store.contracts import Event


async def follow(city: City, caller: Caller, events: Sequence[Event]) -> None:
    """Reports become cases; what becomes of the case is told at the report. Bears to be told the same again."""
    access.authorize(city, caller, "cityops.follow", "cityops")
    for event in events:
        if event.type == "reports.ReportCreated":
            await service.take_in(city, event.subject)
        elif service.concerns(event.data):
            await service.tell_back(city, event.subject)


async def import_requests(
    city: City,
    caller: Caller,
    file: Path,
    *,
    district: str,
    zone: str,
    first: int | None = None,
    tell: Callable[[int], None] = lambda _: None,
) -> Imported:
    """Have the requests of a file (Boston's columns) go through all stages as cases of the past; the `first` of them.

    Bears to be done again, and goes on where it was broken off. Raises Invalid with the lines that are wrong.
    """
    access.authorize(city, caller, "cityops.import", "cityops")
    requests = await asyncio.to_thread(requests_csv.read, file, zone)
    return await service.take_over(city, caller, requests[:first], district, tell)


async def nearby(city: City, caller: Caller, asked: NearbyAsked) -> Nearby:
    """What anybody may know of the open cases near a place, before reporting the same once more."""
    access.authorize(city, caller, "cityops.nearby", "cityops")
    system = access.speaking(access.system_caller("cityops"), caller.language)
    return await cases.nearby(city, system, PROCEDURE, (asked.lon, asked.lat), asked.class_)
