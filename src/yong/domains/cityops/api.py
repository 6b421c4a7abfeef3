"""The only door of cityops: every function takes the City and the Caller, and authorizes first."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from yong.domains.cityops.adapters import requests_csv
from yong.domains.cityops.contracts import (
    PROCEDURE,
    Asked,
    Attribute,
    ClassSet,
    ClassSetKept,
    Imported,
    MadeRequest,
    NearComponent,
    NewRequest,
    PublicRequest,
    PublicService,
    Pulled,
)
from yong.domains.cityops.service import classes, components, past, pulling, reports, scores
from yong.domains.cityops.service import open311 as asking
from yong.domains.cityops.service import services as offered
from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import Unauthenticated
from yong.kernel.base.text import Text
from yong.kernel.cases import api as cases
from yong.kernel.cases.suggesting.contracts import Nearby, NearbyAsked
from yong.kernel.store.contracts import Event
from yong.kernel.store.database import Database

_NO_KEY = Text(
    "未给出 api_key，或 api_key 无效", "No api_key was given, or it is not valid: nothing was made"
)


async def follow(city: City, caller: Caller, events: Sequence[Event]) -> None:
    """Reports become cases; what becomes of the case is told at the report. Bears to be told the same again."""
    access.authorize(city, caller, "cityops.follow", "cityops")
    for event in events:
        if event.type == "reports.ReportCreated":
            await reports.take_in(city, event.subject)
        elif event.type == "documents.DocumentKept":
            if reports.is_photo(event.data):
                await reports.take_photos(city, str(event.data["belongs_id"]))
        elif event.type == "cases.CaseOpened" and reports.by_hand(event.data):
            await reports.name_component(city, event.subject)
        elif reports.concerns(event.data):
            await reports.tell_back(city, event.subject)


# ---------------------------------------------------------------- Open311


async def keep_score(city: City, caller: Caller, events: Sequence[Event]) -> None:
    """What is scored of cases is brought up to date. Bears to be told the same again."""
    access.authorize(city, caller, "cityops.keep_score", "cityops")
    await scores.keep(city, caller, [e.subject for e in events if scores.is_ours(e.data)])


async def services(city: City, caller: Caller) -> list[PublicService]:
    """What anybody may report, by code."""
    access.authorize(city, caller, "cityops.open311", "cityops")
    return await offered.services(city)


async def changed(city: City, caller: Caller) -> datetime:
    """When what may be reported, or what it asks, changed last."""
    access.authorize(city, caller, "cityops.open311", "cityops")
    return await offered.changed(city) or datetime(2000, 1, 1, tzinfo=UTC)


async def definition(city: City, caller: Caller, code: str) -> list[Attribute]:
    """What a service asks. Raises NotFound."""
    access.authorize(city, caller, "cityops.open311", "cityops")
    await offered.service(city, code)
    return await offered.attributes(city, code)


async def make(
    city: City, caller: Caller, new: NewRequest, client: str, idempotency: str | None = None
) -> MadeRequest:
    """Report something. Raises Unauthenticated where the city asks for a key and there is none (`open311_key`).

    With an Idempotency-Key the same request of the same account is made once. Raises Invalid with every problem,
    NotFound for a service that is none, TooMany.
    """
    access.authorize(city, caller, "cityops.open311", "cityops")
    if caller.account == "anonymous" and city.settings.open311_key:
        raise Unauthenticated(_NO_KEY)
    return await asking.make(city, caller, new, client, idempotency)


async def requests(city: City, caller: Caller, asked: Asked) -> list[PublicRequest]:
    """What anybody may know of requests: by their numbers in the order of these, else the newest first."""
    access.authorize(city, caller, "records.read", asking.PROGRESS)
    return await asking.requests(city, caller, asked)


async def pull_all(city: City, caller: Caller) -> list[Pulled]:
    """Take in what other endpoints have that is new; one that fails stops no other."""
    access.authorize(city, caller, "cityops.pull", "cityops")
    return await pulling.pull_all(city)


async def pull(city: City, caller: Caller, source: str) -> Pulled:
    """Take in what one endpoint has that is new, now. Raises NotFound."""
    access.authorize(city, caller, "cityops.pull", "cityops")
    async with city[Database].transaction() as connection:
        await access.audit(connection, caller, "cityops.pull", f"{pulling.SOURCE}/{source}")
    return await pulling.pull_one(city, source)


# ---------------------------------------------------------------- classes and components


async def keep_class_set(
    city: City, caller: Caller, name: str, said: ClassSet, *, dry_run: bool = False
) -> ClassSetKept:
    """Have the register of classes hold a set as it is said: all of it, or it raises Invalid with every problem."""
    access.authorize(city, caller, "cityops.classes", "cityops")
    return await classes.keep(city, caller, name, said, dry_run=dry_run)


async def class_set(city: City, caller: Caller, name: str) -> ClassSet:
    """A set as it is kept, in the form in which one is said. Raises NotFound."""
    access.authorize(city, caller, "cityops.classes", "cityops")
    return await classes.shown(city, caller, name)


async def near(
    city: City, caller: Caller, lon: float, lat: float, class_: str | None = None, within_m: float = 50.0
) -> list[NearComponent]:
    """Components near a position that the caller may see, the nearest first."""
    access.authorize(city, caller, "records.read", components.COMPONENT)
    return await components.near(city, caller, lon, lat, class_, within_m)


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
    return await past.take_over(city, caller, requests[:first], district, tell)


async def nearby(city: City, caller: Caller, asked: NearbyAsked) -> Nearby:
    """What anybody may know of the open cases near a place, before reporting the same once more."""
    access.authorize(city, caller, "cityops.nearby", "cityops")
    system = access.speaking(access.system_caller("cityops"), caller.language)
    return await cases.nearby(city, system, PROCEDURE, (asked.lon, asked.lat), asked.class_)
