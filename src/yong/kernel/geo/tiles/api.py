"""Collections as vector tiles (OGC API Tiles), for callers who may see them; a tile shows what its caller sees."""

import msgspec

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import NotFound
from yong.kernel.base.text import Text
from yong.kernel.geo.features import asking, extents, sources
from yong.kernel.geo.features.contracts import Answer, Asked
from yong.kernel.geo.tiles import documents, matrix
from yong.kernel.geo.tiles.cache import Tiles
from yong.kernel.geo.tiles.matrix import Tile

_NO_SET = Text("没有瓦片矩阵集 {id}；可用 {there}", "There is no tile matrix set {id}; there is {there}")
_NO_TILE = Text("没有瓦片 {z}/{row}/{col}", "There is no tile {z}/{row}/{col}")
_JSON = "application/json"


def tile_matrix_sets(city: City, caller: Caller, asked: Asked) -> Answer:
    """The tile matrix sets that tilesets are made in, for anybody."""
    access.authorize(city, caller, "geo.ogc", "geo")
    asking.expect_format(asking.single(asked.query), "json")
    return _answer(documents.matrix_sets(asked, caller.language))


def tile_matrix_set(city: City, caller: Caller, id: str, asked: Asked) -> Answer:
    """One tile matrix set, for anybody. Raises NotFound."""
    access.authorize(city, caller, "geo.ogc", "geo")
    _expect(id)
    asking.expect_format(asking.single(asked.query), "json")
    return _answer(matrix.definition())


async def tilesets(city: City, caller: Caller, id: str, asked: Asked) -> Answer:
    """The tilesets of a collection. Raises NotFound, Unauthenticated or Forbidden."""
    rows = await sources.rows_of(city, caller, id)
    asking.expect_format(asking.single(asked.query), "json")
    return _answer(documents.tilesets(asked, rows, caller.language))


async def tileset(city: City, caller: Caller, id: str, matrix_set: str, asked: Asked) -> Answer:
    """A tileset's metadata, as the standard or as TileJSON has it. Raises NotFound, Unauthenticated or Forbidden."""
    rows = await sources.rows_of(city, caller, id)
    _expect(matrix_set)
    format_ = asking.expect_format(asking.single(asked.query), "json", "tilejson")
    extent = await extents.of(city, rows)
    made = documents.tileset if format_ == "json" else documents.tilejson
    return _answer(made(asked, rows, extent, caller.language))


async def vector_tile(
    city: City, caller: Caller, id: str, matrix_set: str, tile: Tile, asked: Asked
) -> Answer:
    """A vector tile, with no bytes where nothing is. Raises NotFound, Unauthenticated, Forbidden or Malformed."""
    rows = await sources.rows_of(city, caller, id)
    _expect(matrix_set)
    if not tile.there:
        raise NotFound(_NO_TILE, z=tile.z, row=tile.row, col=tile.col)
    given = asking.single(asked.query)
    asking.expect_format(given, "mvt")
    shown = await asking.shown_of(rows, given.get("properties"))
    found = await city.part(Tiles).tile(city, rows, tile, shown)
    headers = {"etag": found.etag, "cache-control": "private, no-cache"}
    return Answer(body=found.body, media_type=documents.MVT, headers=headers)


def _expect(id: str) -> None:
    if id != matrix.ID:
        raise NotFound(_NO_SET, id=id[:64], there=matrix.ID)


def _answer(document: dict[str, object]) -> Answer:
    return Answer(body=msgspec.json.encode(document), media_type=_JSON)
