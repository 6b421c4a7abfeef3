"""HTTP of topology."""

from litestar import post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.geo import api
from yong.kernel.geo.topology.contracts import Asked, Report


@post(
    "/geo/topology-checks",
    status_code=200,
    opt={"errors": (404,)},
    summary="Check polygons against each other",
)
async def check(
    city: NamedDependency[City], caller: NamedDependency[Caller], data: JSONBody[Asked]
) -> Report:
    """Overlaps, gaps, self-intersections and borders that neighbours draw differently, with place and size.

    The polygons of a located Relation as the caller may see them; `within` names the area that they are to cover.
    """
    return await api.check_topology(city, caller, data)


routes = (check,)
