"""HTTP of places."""

from typing import Annotated, Any, Literal

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter
from litestar.response import Stream

from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.geo import api
from yong.kernel.geo.places.contracts import BYTES, GEOCODED, IMPORT_BYTES, LONGEST_QUERY, Geocoded, Reverse
from yong.kernel.records.contracts import Format, ImportReport
from yong.kernel.search.contracts import SUGGESTIONS, Hit

_Words = Annotated[str, QueryParameter(min_length=1, max_length=LONGEST_QUERY)]
_Limit = Annotated[int, QueryParameter(ge=1, le=GEOCODED)]
_Datum = Annotated[str, QueryParameter(min_length=1, max_length=100)]
_CSV = "text/csv"


@get("/geo/geocode", opt={"errors": (503,)}, summary="Where an address is")
async def geocode(
    city: NamedDependency[City], caller: NamedDependency[Caller], q: _Words, limit: _Limit = 5
) -> list[Geocoded]:
    """What an address or a name may mean, in Chinese, pinyin or initials, the surest first; degrees of CGCS2000."""
    return await api.geocode(city, caller, q, limit=limit)


@post(
    "/geo/geocode",
    status_code=200,
    opt={"takes": {_CSV: {"type": "string"}}, "gives": (_CSV,), "errors": (413, 503)},
    summary="Where the addresses of a file are",
    request_max_body_size=BYTES,
    media_type=_CSV,
)
async def geocode_file(
    request: "Request[Any, Any, Any]",
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    address: Annotated[list[str], QueryParameter(min_items=1, max_items=10)],
    encoding: FromQuery[Literal["utf-8", "gb18030"]] = "utf-8",
) -> Stream:
    """The CSV of the body with position, confidence and name for each row; the columns `address` together are the address."""
    payload = await request.body()
    pieces = await api.geocode_file(city, caller, payload, address, encoding=encoding)
    return Stream(pieces, media_type=_CSV, encoding=encoding)


@get("/geo/reverse", opt={"errors": (503,)}, summary="What is at a position")
async def reverse(
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    lon: Annotated[float, QueryParameter(ge=-180, le=180)],
    lat: Annotated[float, QueryParameter(ge=-90, le=90)],
    datum: _Datum = "CGCS2000",
    limit: _Limit = 5,
) -> Reverse:
    """Areas, an address and the nearest places; `datum` is that of the position (CGCS2000, WGS 84, GCJ-02, BD-09)."""
    return await api.reverse(city, caller, lon, lat, datum=datum, limit=limit)


@get("/geo/suggest", opt={"errors": (503,)}, summary="Places while typing")
async def suggest(
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    q: _Words,
    bbox: Annotated[str | None, QueryParameter(max_length=120)] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=SUGGESTIONS)] = 10,
) -> list[Hit]:
    """Places and areas whose names hold what was typed so far; what lies in `bbox` first."""
    return await api.suggest_places(city, caller, q, bbox=bbox, limit=limit)


@post(
    "/geo/places/import",
    status_code=200,
    opt={"takes": {_CSV: {"type": "string"}, "application/geo+json": {"type": "string"}}},
    summary="Import places of any datum",
    request_max_body_size=IMPORT_BYTES,
)
async def import_places(
    request: "Request[Any, Any, Any]",
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    datum: _Datum,
    format: FromQuery[Format] = Format.CSV,
    dry_run: FromQuery[bool] = False,
) -> ImportReport:
    """All places of the body, or none: positions are carried over from `datum` to CGCS2000, and it is noted."""
    return await api.import_places(city, caller, await request.body(), format, datum, dry_run=dry_run)


routes = (geocode, geocode_file, reverse, suggest, import_places)
