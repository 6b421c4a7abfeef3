"""HTTP of OGC API Tiles under `/ogc`."""

from typing import Annotated, Any
from urllib.parse import unquote

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import PathParameter, QueryParameter

from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.geo import api
from yong.kernel.geo.features.routes import asked_of, sent
from yong.kernel.geo.tiles.documents import MVT
from yong.kernel.geo.tiles.matrix import Tile

_Id = Annotated[str, PathParameter(min_length=1, max_length=300)]
_Set = Annotated[str, PathParameter(min_length=1, max_length=64)]
_Number = Annotated[int, PathParameter(ge=0, le=(1 << 31) - 1)]
_Json = Annotated[str | None, QueryParameter(pattern="^json$", description="json")]
_OPEN = {"open": True, "gives": ("application/json",)}


@get("/ogc/tileMatrixSets", opt=_OPEN, summary="Tile matrix sets")
async def tile_matrix_sets(
    request: "Request[Any, Any, Any]",
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    f: _Json = None,
) -> Response[bytes]:
    """The tile matrix sets that tilesets are made in: WebMercatorQuad."""
    return sent(api.tile_matrix_sets(city, caller, asked_of(request)))


@get("/ogc/tileMatrixSets/{tile_matrix_set_id:str}", opt=_OPEN, summary="A tile matrix set")
async def tile_matrix_set(
    request: "Request[Any, Any, Any]",
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    tile_matrix_set_id: _Set,
    f: _Json = None,
) -> Response[bytes]:
    """Its levels, with the size of a cell, the point of origin and how many tiles there are."""
    return sent(api.tile_matrix_set(city, caller, tile_matrix_set_id, asked_of(request)))


@get("/ogc/collections/{collection_id:str}/tiles", opt=_OPEN, summary="Vector tilesets of a collection")
async def tilesets(
    request: "Request[Any, Any, Any]",
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    collection_id: _Id,
    f: _Json = None,
) -> Response[bytes]:
    """The tilesets of a collection, with the address of their tiles."""
    return sent(await api.tilesets(city, caller, unquote(collection_id), asked_of(request)))


@get(
    "/ogc/collections/{collection_id:str}/tiles/{tile_matrix_set_id:str}",
    opt=_OPEN,
    summary="A vector tileset",
)
async def tileset(
    request: "Request[Any, Any, Any]",
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    collection_id: _Id,
    tile_matrix_set_id: _Set,
    f: Annotated[
        str | None, QueryParameter(pattern="^(json|tilejson)$", description="json or tilejson")
    ] = None,
) -> Response[bytes]:
    """A tileset's metadata; as TileJSON with `f=tilejson`."""
    return sent(
        await api.tileset(city, caller, unquote(collection_id), tile_matrix_set_id, asked_of(request))
    )


@get(
    "/ogc/collections/{collection_id:str}/tiles/{tile_matrix_set_id:str}/{z:int}/{row:int}/{col:int}",
    opt={"open": True, "gives": (MVT,)},
    responses={
        204: ResponseSpec(None, description="Nothing is there", generate_examples=False),
        304: ResponseSpec(None, description="As it was", generate_examples=False),
    },
    summary="A vector tile",
)
async def vector_tile(
    request: "Request[Any, Any, Any]",
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    collection_id: _Id,
    tile_matrix_set_id: _Set,
    z: _Number,
    row: _Number,
    col: _Number,
    properties: Annotated[
        str | None, QueryParameter(description="those to be shown, parted by commas")
    ] = None,
    f: Annotated[str | None, QueryParameter(pattern="^mvt$", description="mvt")] = None,
) -> Response[bytes]:
    """A Mapbox Vector Tile with one layer, named as the collection; 204 where nothing is, 304 by `If-None-Match`."""
    found = await api.vector_tile(
        city, caller, unquote(collection_id), tile_matrix_set_id, Tile(z, row, col), asked_of(request)
    )
    known = {tag.strip() for tag in request.headers.get("if-none-match", "").split(",")}
    if found.headers["etag"] in known:
        return Response(b"", status_code=304, headers=found.headers)
    if not found.body:
        return Response(b"", status_code=204, headers=found.headers)
    return sent(found)


routes = (tile_matrix_sets, tile_matrix_set, tilesets, tileset, vector_tile)
