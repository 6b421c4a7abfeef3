"""HTTP of what the city keeps: class sets, components, other endpoints."""

from typing import Annotated

from litestar import get, post, put
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody, PathParameter, QueryParameter

from yong.domains.cityops import api
from yong.domains.cityops.contracts import ClassSet, ClassSetKept, NearComponent, Pulled
from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City

_Name = Annotated[str, PathParameter(min_length=1, max_length=60, pattern=r"^[a-z0-9][a-z0-9._-]*$")]
_Lon = Annotated[float, QueryParameter(ge=-180, le=180)]
_Lat = Annotated[float, QueryParameter(ge=-90, le=90)]
_Class = Annotated[str | None, QueryParameter(name="class", max_length=40)]
_Metres = Annotated[float, QueryParameter(ge=1, le=1_000)]


@put("/cityops/class-sets/{name:str}", request_max_body_size=4 << 20, summary="Keep a class set")
async def keep_class_set(
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    name: _Name,
    data: JSONBody[ClassSet],
    dry_run: FromQuery[bool] = False,
) -> ClassSetKept:
    """Have the register of classes hold a set as it is said, with its time limits; a dry run says what would change.

    All of it is kept, or nothing. Classes of the set that are not among the lines end, and their codes are not used again.
    """
    return await api.keep_class_set(city, caller, name, data, dry_run=dry_run)


@get("/cityops/class-sets/{name:str}", summary="A class set")
async def class_set(city: NamedDependency[City], caller: NamedDependency[Caller], name: _Name) -> ClassSet:
    """A set as it is kept, in the form in which one is said."""
    return await api.class_set(city, caller, name)


@get("/cityops/components/near", summary="Components near a position")
async def near(
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    lon: _Lon,
    lat: _Lat,
    class_: _Class = None,
    within_m: _Metres = 50.0,
) -> list[NearComponent]:
    """Components within some metres of a position (degrees of CGCS2000), the nearest first, at most 20."""
    return await api.near(city, caller, lon, lat, class_, within_m)


@post("/cityops/sources/{name:str}/pull", status_code=200, summary="Take in another endpoint's requests now")
async def pull(city: NamedDependency[City], caller: NamedDependency[Caller], name: _Name) -> Pulled:
    """Take in what another Open311 endpoint has that is new, as the schedule does every ten minutes.

    Its host must be among the setting `open311_hosts`; what fails is told as `fault`.
    """
    return await api.pull(city, caller, name)


routes = (keep_class_set, class_set, near, pull)
