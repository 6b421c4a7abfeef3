"""The first pages: what is alive now, signing in, and the static files they need. Everything as ANONYMOUS may see it."""

import secrets
import time
from collections import Counter as Tally
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.response import Redirect, Template
from litestar.static_files import create_static_files_router

from yong.app.http.problems import headers_of
from yong.domains.environment.contracts import Pollutant
from yong.kernel.access import api as access
from yong.kernel.access.contracts import ANONYMOUS, Caller
from yong.kernel.access.openid import flow as openid
from yong.kernel.access.routes.sessions import client_of, openid_cookie, session_cookie
from yong.kernel.base.city import City
from yong.kernel.base.clock import CHINA
from yong.kernel.base.errors import Forbidden, Malformed, YongError
from yong.kernel.base.relation import Relation
from yong.kernel.base.text import Language, Text
from yong.kernel.base.units import UNITS
from yong.kernel.records import api as records
from yong.kernel.records.contracts import Record
from yong.kernel.sensing import api as sensing
from yong.kernel.sensing.contracts import GateState
from yong.kernel.store.database import Database
from yong.portal import api as portal
from yong.portal.routes.place import STATIC as SHELL
from yong.portal.shell import language_of, page, visit_cookie, visit_of

STATIC = Path(__file__).parent / "static"
STATIONS = "environment.station_now"
OPEN = (STATIONS, "environment.weather_now")
_READINGS = 14
_FRESH_S = 1.0  # the counters and lists are computed at most so often, however many watch

_COUNTERS = (
    ("observations", Text("已提交读数", "Readings committed")),
    ("things", Text("已登记设备", "Things registered")),
    ("reporting", Text("五分钟内上报的设备", "Things that reported within 5 minutes")),
    ("dead_letters", Text("待处理死信", "Dead letters waiting")),
)
_SHUT = Text("MQTT 不接纳设备：{zh}", "MQTT admits nobody: {en}")
_SOURCES = {
    "live": Text("实时", "live"),
    "replay": Text("回放", "replayed"),
    "synthetic": Text("合成", "synthetic"),
}
_NO_SOURCE = Text("尚未上报", "nothing yet")  # of a station that never reported


class Counter(msgspec.Struct):
    """A number of the status page."""

    name: str
    title: str
    value: int


class Station(msgspec.Struct):
    """A station of the picture: degrees scaled to the picture, its index and class (0: none yet)."""

    name: str
    aqi: int | None
    grade: int
    class_: str
    primary: str
    source: str
    x: float
    y: float


class Reading(msgspec.Struct):
    """A reading of the list."""

    station: str
    attribute: str
    value: str
    time: str
    source: str


class Class(msgspec.Struct):
    """A class of the index that some station is in now, and how many are."""

    grade: int
    name: str
    count: int


class DoorNow(msgspec.Struct):
    """Whether things are admitted over MQTT, and since when; the reason when not."""

    open: bool
    said: str
    since: str


class Now(msgspec.Struct):
    """What the status page shows, to anybody."""

    counters: list[Counter]
    stations: list[Station]
    classes: list[Class]
    caption: str
    readings: list[Reading]
    door: DoorNow


class Shown:
    """What was computed last, by language. A City part."""

    def __init__(self) -> None:
        self.kept: dict[Language, tuple[float, Now]] = {}


async def now(city: City, language: Language) -> Now:
    """The page's content, computed at most once a second for everybody together."""
    shown = city.part(Shown)
    kept = shown.kept.get(language)
    if kept and time.monotonic() - kept[0] < _FRESH_S:
        return kept[1]
    totals = await sensing.totals(city)
    # The worst air first: it is what somebody who watches is to see.
    stations = sorted((_station(r, language) for r in await _stations(city)), key=lambda s: -(s.aqi or -1))
    fresh = Now(
        counters=[Counter(name, title.in_(language), totals[name]) for name, title in _COUNTERS],
        stations=stations,
        classes=_classes(stations),
        caption=_caption(stations, language),
        readings=await _newest(city, language),
        door=_door(await sensing.gate(city[Database]), language),
    )
    shown.kept[language] = (time.monotonic(), fresh)
    return fresh


def _door(gate: GateState, language: Language) -> DoorNow:
    said = gate.reason if gate.open else _SHUT.filled(zh=gate.reason.zh, en=gate.reason.en)
    return DoorNow(gate.open, said.in_(language), _clock(gate.since))


def _clock(moment: datetime) -> str:
    """A moment as the city's clocks show it."""
    return f"{moment.astimezone(CHINA):%m-%d %H:%M:%S}"


def _classes(stations: list[Station]) -> list[Class]:
    """The classes of the stations that have an index, the best first."""
    found = Tally((s.grade, s.class_) for s in stations if s.grade)
    return [Class(grade, name, count) for (grade, name), count in sorted(found.items())]


def _caption(stations: list[Station], language: Language) -> str:
    """What the picture is, and where its values come from."""
    found = dict(sorted(Tally(s.source for s in stations).items()))
    origins = (
        "、".join(f"{n} 站{s}" for s, n in found.items()),
        ", ".join(f"{n} {s}" for s, n in found.items()),
    )
    return _SKETCH.filled(zh=origins[0], en=origins[1]).in_(language)


_SKETCH = Text("示意图，不是地图。数据来源：{zh}", "A sketch, not a map. Stations: {en}")


async def _stations(city: City) -> list[Record]:
    try:
        page = await records.listing(city, ANONYMOUS, STATIONS, limit=200)
    except YongError:  # the domain is not installed, or this city keeps it closed
        return []
    return page.items


def _station(record: Record, language: Language) -> Station:
    v = record.values
    place = v.get("location")
    x, y = place["coordinates"][:2] if isinstance(place, dict) else (0.0, 0.0)
    aqi = v.get("aqi")
    level = v.get("level")
    return Station(
        name=str(v.get(f"name_{language}") or record.id),
        aqi=int(aqi) if isinstance(aqi, int | float) else None,
        grade=int(level) if isinstance(level, int | float) else 0,
        class_=str(v.get(f"class_{language}") or "–"),
        primary=", ".join(_symbol(p) for p in str(v.get("primary_pollutants") or "").split(",") if p),
        source=_SOURCES.get(str(v.get("source")), _NO_SOURCE).in_(language),
        x=round(float(x), 4),
        y=round(-float(y), 4),
    )


def _symbol(pollutant: str) -> str:
    return Pollutant(pollutant).symbol if pollutant in set(Pollutant) else pollutant


async def _newest(city: City, language: Language) -> list[Reading]:
    """The newest readings that anybody may see, out of the open Relations of what is now."""
    found: list[tuple[datetime, Reading]] = []
    for name in OPEN:
        try:
            relation = records.relation(city, name)
            page = await records.listing(city, ANONYMOUS, name, sort="-observed_at", limit=5)
        except YongError:  # the domain is not installed, or this city keeps it closed
            continue
        readings = [one for record in page.items for one in _readings(record, relation, language)]
        found += readings[: _READINGS // len(OPEN)]
    return [reading for _, reading in sorted(found, key=lambda f: f[0], reverse=True)]


def _readings(record: Record, relation: Relation, language: Language) -> Iterator[tuple[datetime, Reading]]:
    """What a station measured last, each with its moment."""
    v = record.values
    at = v.get("observed_at")
    if not isinstance(at, str):
        return
    moment = datetime.fromisoformat(at)
    source = _SOURCES.get(str(v.get("source")), _NO_SOURCE).in_(language)
    station = str(v.get(f"name_{language}") or record.id)
    for field in relation.fields:
        value = v.get(field.name)
        if field.unit and isinstance(value, int | float):
            known = UNITS.get(field.unit)
            shown = f"{value:g} {known.symbol if known else field.unit}"
            yield moment, Reading(station, field.meaning.in_(language), shown, _clock(moment), source)


def _picture(stations: list[Station]) -> dict[str, Any]:
    """The view box around the stations and the radius of their circles, in degrees."""
    if not stations:
        return {"box": "0 0 1 1", "radius": 0.02, "outlines": []}
    west, east = min(s.x for s in stations), max(s.x for s in stations)
    north, south = min(s.y for s in stations), max(s.y for s in stations)
    radius = max(east - west, south - north, 0.05) / 28
    edge = radius * 2
    box = f"{west - edge:.4f} {north - edge:.4f} {east - west + 2 * edge:.4f} {south - north + 2 * edge:.4f}"
    return {"box": box, "radius": round(radius, 4), "outlines": []}


@get("/", include_in_schema=False)
async def status(request: "Request[Any, Any, Any]", city: NamedDependency[City]) -> Template:
    """The status page: live counters, newest readings, the air-quality index by station."""
    caller = await _known(request, city)
    found = await now(city, language_of(request, city))
    return page("status.html", request, city, caller, now=found, picture=_picture(found.stations))


@get(
    "/status.json",
    tags=["app"],
    opt={"public": True, "any_query": True},
    security=[],
    summary="What the status page shows",
)
async def status_json(request: "Request[Any, Any, Any]", city: NamedDependency[City]) -> Now:
    """Counters, newest public readings and the air-quality index by station."""
    return await now(city, language_of(request, city))


@get("/sign-in", include_in_schema=False)
async def sign_in(request: "Request[Any, Any, Any]", city: NamedDependency[City]) -> Template:
    """The sign-in form, and the OpenID provider where one is set up."""
    settings = city.settings
    name = settings.oidc_name_zh if language_of(request, city) == "zh" else settings.oidc_name_en
    return page("sign_in.html", request, city, ANONYMOUS, provider=name if settings.oidc_issuer else None)


@get("/sign-in/openid", include_in_schema=False, status_code=303)
async def openid_start(request: "Request[Any, Any, Any]", city: NamedDependency[City]) -> Response[Any]:
    """Send the browser to the OpenID provider, if a person asked for it and no page of another site did."""
    try:
        if request.headers.get("sec-fetch-mode", "navigate") != "navigate":
            raise Forbidden(Text("来自其他网站的请求被拒绝", "A request from another site is refused"))
        onward = request.query_params.get("next")
        address, browser = await openid.begin(city, client_of(request), onward, language_of(request, city))
    except YongError as error:
        return _not_signed_in(request, city, error)
    headers = {"location": address, "cache-control": "no-store"}
    cookies = [openid_cookie(city.settings, browser)]
    return Response(b"", status_code=303, headers=headers, cookies=cookies)


@get("/sign-in/openid/callback", include_in_schema=False)
async def openid_callback(request: "Request[Any, Any, Any]", city: NamedDependency[City]) -> Response[Any]:
    """Where the provider sends the browser back: signed in, or asked for a one-time code, or told why not.

    The way on is a refresh by our own page: the session's cookie ("strict") does not go with a redirect that
    another site began.
    """
    browser = request.cookies.get(openid.cookie_name(city.settings))
    names = request.query_params
    try:
        if any(len(names.getall(name)) > 1 for name in names):
            raise Malformed
        outcome = await openid.finish(city, dict(names), browser, client_of(request))
    except YongError as error:
        return _not_signed_in(request, city, error)
    answer = page("openid.html", request, city, ANONYMOUS, outcome=outcome)
    answer.cookies.append(openid_cookie(city.settings, outcome.step))
    if outcome.session:
        answer.cookies.append(session_cookie(city.settings, outcome.session))
        fresh = secrets.token_urlsafe(32)
        await portal.go_on_as(city, ANONYMOUS, visit_of(request, city), fresh)
        answer.cookies.append(visit_cookie(city.settings, fresh))
    return answer


def _not_signed_in(request: "Request[Any, Any, Any]", city: City, error: YongError) -> Template:
    words = error.detail.in_(language_of(request, city))
    answer = page("openid.html", request, city, ANONYMOUS, outcome=None, problem=words)
    answer.status_code = error.status
    answer.headers.update(headers_of(error))
    return answer


@get("/me", include_in_schema=False)
async def me(request: "Request[Any, Any, Any]", city: NamedDependency[City]) -> Template | Redirect:
    """Who is signed in and what they may do."""
    caller = await _known(request, city)
    if caller.account == "anonymous":
        return Redirect("/sign-in")
    return page("me.html", request, city, caller, held=caller)


async def _known(request: "Request[Any, Any, Any]", city: City) -> Caller:
    try:
        return await access.caller_of(city, request.headers, request.client.host if request.client else "")
    except YongError:
        return ANONYMOUS


routes = (
    status,
    status_json,
    sign_in,
    openid_start,
    openid_callback,
    me,
    create_static_files_router("/static", [STATIC, SHELL], include_in_schema=False),
)
