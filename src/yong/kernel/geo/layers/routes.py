"""HTTP of layers. They are kept as records (`/records/geo.layer`); here they are read to be drawn, and files handed in."""

import asyncio
import gzip
import re
from collections.abc import AsyncIterator
from datetime import date
from typing import Annotated, Any

from litestar import Request, Response, get, put
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromQuery, PathParameter, QueryParameter
from litestar.response import Stream

from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.geo import api
from yong.kernel.geo.features.routes import asked_of
from yong.kernel.geo.layers.contracts import Layer, Layers
from yong.kernel.geo.static.archives import Opened
from yong.kernel.geo.static.contracts import FILE_BYTES, Build, FileFormat

_Name = Annotated[str, PathParameter(min_length=1, max_length=40)]
_Id = Annotated[str, PathParameter(min_length=1, max_length=100, pattern=r"^[^\x00/]+$")]
_Number = Annotated[int, PathParameter(ge=0, le=1 << 24)]
_Datum = Annotated[str, QueryParameter(min_length=1, max_length=100)]
_PIECE = 256 << 10
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
_PMTILES, _TILES = "application/vnd.pmtiles", ("application/vnd.mapbox-vector-tile", "image/png")
_AS_IT_WAS = ResponseSpec(None, description="As it was", generate_examples=False)


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
    opt={"gives": _TILES},
    responses={
        204: ResponseSpec(None, description="Nothing is there", generate_examples=False),
        304: _AS_IT_WAS,
    },
    summary="A tile of a layer",
)
async def tile(
    request: Request[object, object, State],
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    name: _Name,
    z: _Number,
    row: _Number,
    col: _Number,
    at: FromQuery[date | None] = None,
) -> Response[bytes]:
    """A tile (WebMercatorQuad): a vector tile of a static layer as it holds on a day (today), 204 where it has nothing; a
    picture of a layer that an outside service draws, through this server.

    Only hosts of the setting `map_hosts` are asked, so that by default nothing leaves the city.
    """
    found = await api.layer_tile(city, caller, name, z, row, col, at=at)
    keep = "no-cache" if found.packed else "max-age=3600"  # a static layer's next file shows at once
    headers = {"ETag": f'"{found.tag}"', "Cache-Control": f"private, {keep}"}
    if found.packed:
        headers["Vary"] = "Accept-Encoding"
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(b"", status_code=304, headers=headers)
    if not found.body:
        return Response(b"", status_code=204, headers=headers)
    body = found.body
    if found.packed and "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
    elif found.packed:
        body = gzip.decompress(body)
    return Response(body, media_type=found.media_type, headers=headers)


@get("/geo/layers/{name:str}/tiles", summary="A static layer as TileJSON")
async def tilejson(
    request: "Request[Any, Any, Any]",
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    name: _Name,
    at: FromQuery[date | None] = None,
) -> dict[str, Any]:
    """TileJSON 3.0.0 of a static layer as it holds on a day (today): address of its tiles, levels, bounds, fields."""
    return await api.layer_tilejson(city, caller, name, asked_of(request).root.removesuffix("/ogc"), at=at)


@get(
    "/geo/layers/{name:str}/archive",
    opt={"gives": (_PMTILES,)},
    responses={
        206: ResponseSpec(None, description="The part that was asked for", generate_examples=False),
        304: _AS_IT_WAS,
        416: ResponseSpec(None, description="There is no such part", generate_examples=False),
    },
    summary="The archive of a static layer",
)
async def archive(
    request: "Request[Any, Any, Any]",
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    name: _Name,
    at: FromQuery[date | None] = None,
) -> Response[bytes] | Stream:
    """The PMTiles archive of a static layer as it holds on a day (today), whole or one `Range` of its bytes."""
    asked = request.headers.get("range")
    part = _RANGE.fullmatch(asked.strip()) if asked else None
    digest, opened = await api.layer_archive(
        city, caller, name, at=at, first=part is None or part[1] in ("", "0")
    )
    headers = {"ETag": f'"{digest}"', "Cache-Control": "private, no-cache", "Accept-Ranges": "bytes"}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(b"", status_code=304, headers=headers)
    if request.headers.get("if-range", headers["ETag"]) != headers["ETag"]:
        part = None
    start, end, status = 0, opened.size, 200
    if part is not None and (part[1] or part[2]):
        start, end = _part(part[1], part[2], opened.size)
        if start >= end:
            unmet = {**headers, "Content-Range": f"bytes */{opened.size}"}
            return Response(b"", status_code=416, headers=unmet)
        status = 206
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{opened.size}"
    headers["Content-Length"] = str(end - start)
    return Stream(_pieces(opened, start, end), status_code=status, media_type=_PMTILES, headers=headers)


def _part(first: str, last: str, size: int) -> tuple[int, int]:
    """The bytes of a range (RFC 9110, section 14.1.2), the second exclusive; none where start is not before end."""
    if not first:
        return max(0, size - int(last)), size
    return int(first), min(int(last) + 1, size) if last else size


async def _pieces(opened: Opened, start: int, end: int) -> AsyncIterator[bytes]:
    for at in range(start, end, _PIECE):
        yield await asyncio.to_thread(opened.read, at, min(_PIECE, end - at))


@put(
    "/geo/layers/{name:str}/file",
    status_code=202,
    opt={
        "takes": {"application/geo+json": {"type": "string"}, "application/geo+json-seq": {"type": "string"}},
        "errors": (409, 422, 429),
    },
    request_max_body_size=FILE_BYTES,
    summary="Hand in the file of a static layer",
)
async def hand_in(
    request: "Request[Any, Any, Any]",
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    name: _Name,
    format: FromQuery[FileFormat] = FileFormat.GEOJSON,
    datum: _Datum = "WGS84",
    valid_from: FromQuery[date | None] = None,
    valid_to: FromQuery[date | None] = None,
) -> Build:
    """Features for a static layer, their positions in `datum`, to be drawn from a day on (today).

    They are checked at once, carried over to WGS 84 and built in the background; the layer stays as it is until that is
    done, and where it fails. What became of it is read by its id.
    """
    return await api.hand_in(
        city, caller, name, request.stream(), format, datum, valid_from=valid_from, valid_to=valid_to
    )


@get("/geo/layers/{name:str}/builds", opt={"errors": (409,)}, summary="Files of a static layer")
async def builds(city: NamedDependency[City], caller: NamedDependency[Caller], name: _Name) -> list[Build]:
    """The last hundred files handed in for a static layer, newest first, and what became of them."""
    return await api.layer_builds(city, caller, name)


@get(
    "/geo/layers/{name:str}/builds/{build:str}",
    opt={"errors": (409,)},
    summary="One file of a static layer",
)
async def build(
    city: NamedDependency[City], caller: NamedDependency[Caller], name: _Name, build: _Id
) -> Build:
    """A file handed in, and what became of it: its archive, or why it could not be built."""
    return await api.layer_build(city, caller, name, build)


routes = (layers, layer, tile, tilejson, archive, hand_in, builds, build)
