"""Pages to find something on: the home page, services, progress by number, places, open data."""

import math
from typing import Any

from litestar import get, post
from litestar.di import NamedDependency
from litestar.response import Template

from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import NotFound
from yong.kernel.base.services import Journey, Rating
from yong.kernel.base.text import Text
from yong.portal import api, logic
from yong.portal.contracts import Fault, Told
from yong.portal.logic import CHOOSE, LONG, SCORES, WORDS_MOST
from yong.portal.shell import FORM_BYTES, Asked, Word, caller_of, client_of, form_of, page

_NUMBER = Text("请填写 12 位编号", "Enter the number, 12 digits")
_NONE = Text(
    "没有找到。请核对编号；查询码只适用于它自己的编号",
    "Nothing found. Check the number; a code fits its own number only",
)
_BOTH = Text("请同时填写经度和纬度", "Enter both longitude and latitude")


@get("/portal", include_in_schema=False)
async def home(request: Asked, city: NamedDependency[City]) -> Template:
    """What one can do here."""
    caller = await caller_of(request, city)
    found = api.services(city, caller)
    return page("portal/home.html", request, city, caller, services=found)


@get("/portal/services", include_in_schema=False)
async def services(request: Asked, city: NamedDependency[City]) -> Template:
    """The services that fit what somebody looks for."""
    caller = await caller_of(request, city)
    words = request.query_params.get("q", "")[:100]
    found = api.services(city, caller, words)
    return page("portal/services.html", request, city, caller, services=found, words=words)


@get("/portal/progress", include_in_schema=False)
async def look_up(request: Asked, city: NamedDependency[City]) -> Template:
    """The form that asks for a number."""
    caller = await caller_of(request, city)
    return page("portal/look_up.html", request, city, caller, form=True, faults=[], written={})


@post("/portal/progress", include_in_schema=False, status_code=200, request_max_body_size=FORM_BYTES)
async def looked_up(request: Asked, city: NamedDependency[City]) -> Template:
    """How far the matter of a number is. The code never gets into an address."""
    caller = await caller_of(request, city)
    form = await form_of(request, city)
    written = {"reference": form.get("reference", "")[:40], "code": form.get("code", "")[:40]}
    fault = None
    if not written["reference"].strip():
        fault = Fault("reference", _NUMBER)
    else:
        try:
            told = await api.progress(
                city, caller, written["reference"], written["code"].strip() or None, client_of(request)
            )
        except NotFound:
            fault = Fault("reference", _NONE)
    if fault is not None:
        return page(
            "portal/look_up.html",
            request,
            city,
            caller,
            form=True,
            status=422,
            faults=[fault],
            written=written,
        )
    return _progress(request, city, caller, told, code=written["code"])


@get("/portal/progress/{reference:str}", include_in_schema=False)
async def progress(request: Asked, city: NamedDependency[City], reference: Word) -> Template:
    """How far a matter is, as far as anybody may know; all of it for whoever sent it signed in."""
    caller = await caller_of(request, city)
    return _progress(
        request, city, caller, await api.progress(city, caller, reference, None, client_of(request))
    )


@post(
    "/portal/progress/{reference:str}/rating",
    include_in_schema=False, status_code=200, request_max_body_size=FORM_BYTES,
)  # fmt: skip
async def rate(request: Asked, city: NamedDependency[City], reference: Word) -> Template:
    """What its owner thinks of how a matter was handled."""
    caller, client = await caller_of(request, city), client_of(request)
    form = await form_of(request, city)
    code, score, words = (
        form.get("code", "")[:40].strip() or None,
        form.get("score", ""),
        form.get("words", "").strip(),
    )
    faults = [] if score in SCORES else [Fault("score", CHOOSE)]
    if len(words) > WORDS_MOST:
        faults.append(Fault("words", LONG))
    if not faults:
        await api.rate(city, caller, reference, code, Rating(score=int(score), words=words or None), client)
    told = await api.progress(city, caller, reference, code, client)
    return _progress(
        request,
        city,
        caller,
        told,
        code=code,
        faults=faults,
        written={"score": score, "words": words},
        rated=not faults,
    )


def _progress(
    request: Asked,
    city: City,
    caller: Caller,
    told: Told,
    *,
    code: str | None = None,
    faults: list[Fault] | None = None,
    written: dict[str, str] | None = None,
    rated: bool = False,
) -> Template:
    """The page of a matter; with the form to rate it where its owner may."""
    rating = told.progress.rating
    before = {"score": str(rating.score), "words": rating.words or ""} if rating else {}
    return page(
        "portal/progress.html", request, city, caller, form=told.progress.may_rate, status=422 if faults else 200,
        told=told, code=code or "", faults=faults or [], written=written if faults else before, rated=rated, scores=SCORES,
        words_most=WORDS_MOST,
    )  # fmt: skip


@get("/portal/places", include_in_schema=False)
async def places(request: Asked, city: NamedDependency[City]) -> Template:
    """Places by name and district."""
    return await _places(request, city, dict(request.query_params), [])


@post("/portal/places", include_in_schema=False, status_code=200, request_max_body_size=FORM_BYTES)
async def places_near(request: Asked, city: NamedDependency[City]) -> Template:
    """Places near a position, which is asked by POST so that it stands in no address and no log."""
    form = await form_of(request, city)
    return await _places(request, city, form, ["lon", "lat"])


async def _places(request: Asked, city: City, asked: dict[str, Any], position: list[str]) -> Template:
    caller = await caller_of(request, city)
    written = {k: str(asked.get(k, ""))[:100] for k in ("q", "district", *position)}
    near: tuple[float, float] | None = None
    faults: list[Fault] = []
    if position and (written["lon"].strip() or written["lat"].strip()):
        near, faults = _position(written)
    shown, total, sketch = await api.places(
        city, caller, words=written["q"], district=written["district"], near=near
    )
    choices = api.districts(city, caller)
    here = [s for s in api.services(city, caller) if s.journey and _asks_where(s.journey)]
    return page(
        "portal/places.html", request, city, caller, form=True, status=422 if faults else 200,
        places=shown, total=total, sketch=sketch, choices=choices,
        districts={c.code: c.title for c in choices}, here=here, written=written, faults=faults, near=near,
    )  # fmt: skip


def _asks_where(journey: Journey) -> bool:
    """Whether a position can be handed to a journey: it asks for `location`."""
    return any(one.field == "location" for question in journey.questions for one in question.inputs)


def _position(written: dict[str, str]) -> tuple[tuple[float, float] | None, list[Fault]]:
    numbers: list[float] = []
    for key, most in (("lon", 180), ("lat", 90)):
        text = written[key].strip()
        if not text:
            return None, [Fault(key, _BOTH)]
        try:
            number = float(text) if "_" not in text else math.nan
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            return None, [Fault(key, logic.NUMBER)]
        if abs(number) > most:
            return None, [Fault(key, logic.RANGE)]
        numbers.append(number)
    return (numbers[0], numbers[1]), []


@get("/portal/data", include_in_schema=False)
async def datasets(request: Asked, city: NamedDependency[City]) -> Template:
    """The open data."""
    caller = await caller_of(request, city)
    return page("portal/datasets.html", request, city, caller, datasets=api.datasets(city, caller))


@get("/portal/data/{name:str}", include_in_schema=False)
async def dataset(request: Asked, city: NamedDependency[City], name: Word) -> Template:
    """One set of open data: its fields, and the addresses to take it from."""
    caller = await caller_of(request, city)
    return page("portal/dataset.html", request, city, caller, one=api.dataset(city, caller, name))


routes = (home, services, look_up, looked_up, progress, rate, places, places_near, datasets, dataset)
