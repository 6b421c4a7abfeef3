"""HTTP of the coordinate systems, and of converting between them."""

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.geo import api
from yong.kernel.geo.datums.contracts import Conversion, Converted, System


@get("/geo/systems", summary="Coordinate systems")
async def systems(city: NamedDependency[City], caller: NamedDependency[Caller]) -> list[System]:
    """Every coordinate system known: names, EPSG code, where it is meant to be used, accuracy."""
    return api.systems(city, caller)


@post("/geo/convert", status_code=200, opt={"errors": (413,)}, summary="Convert coordinates")
async def convert(
    city: NamedDependency[City], caller: NamedDependency[Caller], data: JSONBody[Conversion]
) -> Converted:
    """A GeoJSON geometry or an array of positions in another system; longitude, latitude or easting, northing."""
    return await api.convert(city, caller, data)


routes = (systems, convert)
