"""What anybody may ask before reporting something: which open cases lie near."""

from litestar import post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from yong.domains.cityops import api
from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.cases.suggesting.contracts import Nearby, NearbyAsked


@post("/cityops/nearby", status_code=200, summary="Open cases near a place")
async def nearby(
    city: NamedDependency[City], caller: NamedDependency[Caller], data: JSONBody[NearbyAsked]
) -> Nearby:
    """How many open cases of the city's upkeep lie within 200 m, and of the nearest class, state, day and rounded place.

    For whoever is about to report something: neither words nor people are told.
    """
    return await api.nearby(city, caller, data)


routes = (nearby,)
