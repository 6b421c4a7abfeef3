"""HTTP of environment: open data, so nobody needs to sign in."""

from typing import Annotated

from litestar import get
from litestar.di import NamedDependency
from litestar.params import PathParameter

from yong.domains.environment import api
from yong.domains.environment.contracts import AirNow, StationNow
from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City

_Code = Annotated[str, PathParameter(min_length=1, max_length=128)]


@get("/environment/stations", opt={"public": True, "open": True}, summary="Air stations")
async def stations(city: NamedDependency[City], caller: NamedDependency[Caller]) -> list[StationNow]:
    """Air stations with their newest readings and index, by code."""
    return await api.stations(city, caller)


@get("/environment/stations/{code:str}", opt={"public": True, "open": True}, summary="One air station")
async def station(city: NamedDependency[City], caller: NamedDependency[Caller], code: _Code) -> StationNow:
    """An air station with its newest readings and index."""
    return await api.station(city, caller, code)


@get("/environment/aqi", opt={"public": True, "open": True}, summary="Air quality")
async def air(city: NamedDependency[City], caller: NamedDependency[Caller]) -> list[AirNow]:
    """Every station's newest hourly index by HJ 633, the worst first; names by Accept-Language."""
    return await api.air(city, caller)


routes = (stations, station, air)
