"""HTTP of layers. They are kept as records (`/records/geo.layer`); here they are read to be drawn."""

from datetime import date
from typing import Annotated

from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import FromQuery, PathParameter

from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.geo import api
from yong.kernel.geo.layers.contracts import Layer, Layers

_Name = Annotated[str, PathParameter(min_length=1, max_length=40)]
_Number = Annotated[int, PathParameter(ge=0, le=1 << 24)]


@get("/geo/layers", summary="Layers")
async def layers(
    city: NamedDependency[City], caller: NamedDependency[Caller], at: FromQuery[date | None] = None
) -> Layers:
    """The layers that hold on a day (today), the lowest first, with style and legend in the reader's language."""
    return await api.layers(city, caller, at=at)


@get("/geo/layers/{name:str}", summary="One layer")
async def layer(
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    name: _Name,
    at: FromQuery[date | None] = None,
) -> Layer:
    """A layer as it holds on a day (today)."""
    return await api.layer(city, caller, name, at=at)


@get(
    "/geo/layers/{name:str}/tiles/{z:int}/{row:int}/{col:int}",
    media_type="image/png",
    summary="A raster tile",
)
async def tile(
    request: Request[object, object, State],
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    name: _Name,
    z: _Number,
    row: _Number,
    col: _Number,
) -> Response[bytes]:
    """A tile (WebMercatorQuad) of a layer that an outside service draws, through this server.

    Only hosts of the setting `map_hosts` are asked, so that by default nothing leaves the city.
    """
    found = await api.layer_tile(city, caller, name, z, row, col)
    headers = {"ETag": f'"{found.tag}"', "Cache-Control": "private, max-age=3600"}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(b"", status_code=304, headers=headers)
    return Response(found.body, media_type=found.media_type, headers=headers)


routes = (layers, layer, tile)
