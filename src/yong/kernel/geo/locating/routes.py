"""HTTP of locating."""

from datetime import date
from typing import Annotated

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody, QueryParameter

from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.geo import api
from yong.kernel.geo.locating.contracts import Place, Places, Positions

_Lon = Annotated[float, QueryParameter(ge=-180, le=180)]
_Lat = Annotated[float, QueryParameter(ge=-90, le=90)]


@get("/geo/locate", summary="Where a point lies")
async def locate_one(
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    lon: _Lon,
    lat: _Lat,
    on: FromQuery[date | None] = None,
) -> Place:
    """The unit grid, community, street and district of a position in degrees of CGCS2000, `on` a day (today)."""
    return await api.locate_one(city, caller, lon, lat, on=on)


@post("/geo/locate", status_code=200, request_max_body_size=8 << 20, summary="Where many points lie")
async def locate(
    city: NamedDependency[City], caller: NamedDependency[Caller], data: JSONBody[Positions]
) -> Places:
    """The codes of the areas of up to 100,000 positions, each list in the order of the positions."""
    return await api.locate(city, caller, data.positions, on=data.on)


routes = (locate_one, locate)
