"""Requests of other endpoints: looked at now and then, each made a report once, what is wrong told and passed over."""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog

from yong.domains.cityops import store
from yong.domains.cityops.adapters import remote
from yong.domains.cityops.contracts import Misread, NewRequest, PublicService, Pulled, RemoteRequest
from yong.domains.cityops.logic.open311 import OTHERS, w3c
from yong.domains.cityops.service import open311, services
from yong.domains.reports import api as reports
from yong.domains.reports.contracts import CATEGORIES
from yong.kernel.access import api as access
from yong.kernel.base import clock
from yong.kernel.base.city import City
from yong.kernel.base.errors import NotFound, YongError
from yong.kernel.base.services import Submission
from yong.kernel.base.text import Text
from yong.kernel.records import api as records
from yong.kernel.store.database import Database

SOURCE = "cityops.source"
PAGE, PAGES = 200, 50
_FIRST, _BACK = timedelta(days=90), timedelta(days=7)
_OVERLAP = timedelta(hours=1)  # clocks differ, and what is written while it is read
_log = structlog.get_logger("cityops")


async def pull_all(city: City) -> list[Pulled]:
    """Look at every endpoint that is not paused; one that fails stops no other."""
    caller = access.system_caller("cityops")
    return [
        await pull(city, r.id, r.values)
        async for r in records.every(city, caller, SOURCE)
        if not r.values.get("paused")
    ]


async def pull_one(city: City, name: str) -> Pulled:
    """Look at one endpoint now. Raises NotFound."""
    found = await records.read(city, access.system_caller("cityops"), SOURCE, name)
    if found.ended_at is not None:
        raise NotFound
    return await pull(city, name, found.values)


async def pull(city: City, name: str, source: Mapping[str, object]) -> Pulled:
    """What an endpoint has that is new since it was looked at; how far that went is kept also where it breaks off."""
    counts, fault = dict.fromkeys(("taken", "known", "passed"), 0), None
    now = clock.now()
    try:
        await _pages(city, name, source, now, counts)
    except YongError as error:
        fault = error.detail.en
        _log.error("an Open311 endpoint was not read to its end", source=name, why=fault)
    report = Pulled(source=name, **counts, fault=fault)
    await store.keep_turn(city[Database], report, now, until=None if fault else now - _OVERLAP)
    return report


async def _pages(
    city: City, name: str, source: Mapping[str, object], now: datetime, counts: dict[str, int]
) -> None:
    url, xml = str(source["url"]).rstrip("/"), source.get("format") == "xml"
    remote.permitted(url, city.settings.open311_hosts)
    until = await store.turn_until(city[Database], name)
    asked = {"jurisdiction_id": str(source["jurisdiction"])} if source.get("jurisdiction") else {}
    if source.get("by_updated") and until:
        asked["updated_after"] = w3c(until)
    asked["start_date"] = w3c(now - _FIRST if until is None or source.get("by_updated") else until - _BACK)
    offered = {s.code: s for s in await services.services(city)}
    seen: set[str] = set()
    for page in range(1, PAGES + 1):
        parameters = {**asked, "page": str(page), "page_size": str(PAGE)}
        body = await remote.fetch(f"{url}/requests.{'xml' if xml else 'json'}", parameters)
        entries = remote.read(body, xml)
        fresh = [e for e in entries if e.id not in seen]  # one that knows no pages gives the same again
        for entry in fresh:
            counts[await _take(city, source, offered, entry)] += 1
        seen |= {e.id for e in fresh}
        if not fresh or len(entries) < PAGE:
            return


async def _take(
    city: City,
    source: Mapping[str, object],
    offered: Mapping[str, PublicService],
    entry: RemoteRequest | Misread,
) -> str:
    """Make an entry a report, once; what became of it."""
    database, name = city[Database], str(source["name"])
    if isinstance(entry, Misread):
        return await _passed(city, name, entry.id, entry.why, None)
    known = await store.remote_request(database, name, entry.id)
    status = "closed" if entry.closed else "open"
    if known and known["reference"]:
        await store.renew_remote(database, name, entry.id, status, entry.updated_at)
        return "known"
    if entry.closed:
        return "known"  # what is done with there is not begun here
    try:
        submission = known and known["submission"]
        if not submission:
            made = await _submission(city, source, offered, entry)
            submission = {"values": made.values, "district": made.district}
            await store.begin_remote(database, name, entry.id, submission, entry.updated_at)
        key = hashlib.sha256(f"open311 {name} {entry.id}".encode()).hexdigest()[:48]
        receipt = await reports.submit(
            city, access.system_caller("cityops"), Submission(key=key, **submission)
        )
    except YongError as error:
        why = error.problems[0].detail if error.problems else error.detail
        return await _passed(city, name, entry.id, why, status)
    await store.finish_remote(database, name, entry.id, receipt.reference, status)
    return "taken"


async def _passed(city: City, name: str, id_: str, why: Text, status: str | None) -> str:
    _log.warning("a request of another endpoint was passed over", source=name, id=id_[:60], why=why.en)
    await store.fail_remote(city[Database], name, id_, f"{why.zh}\n{why.en}", status)
    return "passed"


async def _submission(
    city: City, source: Mapping[str, object], offered: Mapping[str, PublicService], entry: RemoteRequest
) -> Submission:
    """An entry as a report. Its service is ours where the source says so or the codes are the same, else others."""
    named = source.get("services")
    code = (
        str(named.get(entry.service_code, entry.service_code))
        if isinstance(named, dict)
        else entry.service_code
    )
    found = offered.get(code) or services.of_category(OTHERS, CATEGORIES[OTHERS])
    words = entry.description or ""
    if code not in offered and entry.service_name:
        words = f"{entry.service_name}\n{words}".strip()
    new = NewRequest(
        service_code=found.code,
        lat=entry.lat,
        long=entry.long,
        address=entry.address,
        description=words[:4_000],
    )
    return await open311.submission(city, found, (), new, f"open311:{source['name']}"[:60])
