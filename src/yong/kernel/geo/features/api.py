"""What has a place as OGC API Features, for callers who may see it; what they may not see is not there."""

import msgspec

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import NotFound
from yong.kernel.base.text import Text
from yong.kernel.geo.features import asking, documents, extents, reading, sources
from yong.kernel.geo.features.contracts import Answer, Asked
from yong.kernel.geo.features.crs import DEFAULT, Crs, named
from yong.kernel.geo.tiles import documents as tiles

_NO_FEATURE = Text("没有要素 {id}", "There is no feature {id}")
_JSON = "application/json"


def landing(city: City, caller: Caller, asked: Asked) -> Answer:
    """The landing page, for anybody: it tells of nothing that anybody keeps."""
    access.authorize(city, caller, "geo.ogc", "geo")
    asking.expect_format(asking.single(asked.query), "json")
    return _answer(documents.landing(asked, caller.language, tiles.links_of_landing(asked, caller.language)))


def conformance(city: City, caller: Caller, asked: Asked) -> Answer:
    """Which parts of the standards hold here, for anybody."""
    access.authorize(city, caller, "geo.ogc", "geo")
    asking.expect_format(asking.single(asked.query), "json")
    return _answer({"conformsTo": documents.CONFORMS})


async def collections(city: City, caller: Caller, asked: Asked) -> Answer:
    """The collections of which the caller may see something; for nobody known, those of open data."""
    access.authorize(city, caller, "geo.ogc", "geo")
    asking.expect_format(asking.single(asked.query), "json")
    found = [
        documents.collection(
            asked,
            one,
            caller.language,
            listed=True,
            more=tiles.links_of_collection(asked, one.id, caller.language),
        )
        for one in await sources.collections(city, caller)
    ]
    return _answer(documents.collections(asked, found, caller.language))


async def collection(city: City, caller: Caller, id: str, asked: Asked) -> Answer:
    """One collection with its extent. Raises NotFound, Unauthenticated or Forbidden."""
    rows = await sources.rows_of(city, caller, id)
    asking.expect_format(asking.single(asked.query), "json")
    extent = await extents.of(city, rows)
    more = tiles.links_of_collection(asked, id, caller.language)
    return _answer(documents.collection(asked, rows.collection, caller.language, extent=extent, more=more))


async def queryables(city: City, caller: Caller, id: str, asked: Asked) -> Answer:
    """What a collection's features can be asked by, as the caller may (Part 3)."""
    return await _schema(city, caller, id, asked, queryables=True)


async def schema(city: City, caller: Caller, id: str, asked: Asked) -> Answer:
    """The schema of a collection's features, as the caller sees them (Part 5)."""
    return await _schema(city, caller, id, asked, queryables=False)


async def _schema(city: City, caller: Caller, id: str, asked: Asked, *, queryables: bool) -> Answer:
    rows = await sources.rows_of(city, caller, id)
    asking.expect_format(asking.single(asked.query), "json")
    found = documents.schema(asked, rows, caller.language, queryables=queryables)
    return Answer(body=msgspec.json.encode(found), media_type=documents.SCHEMA)


async def items(city: City, caller: Caller, id: str, asked: Asked) -> Answer:
    """A page of a collection's features. Raises Malformed for what the query says wrong, NotFound, Forbidden."""
    rows = await sources.rows_of(city, caller, id)
    ask = await asking.ask_of(rows, asked.query)
    found = await reading.page_of(city, rows, ask)
    return _geojson(documents.page(asked, found, caller.language), ask.crs)


async def item(city: City, caller: Caller, id: str, feature_id: str, asked: Asked) -> Answer:
    """One feature. Raises NotFound also for one that the caller may not know of."""
    rows = await sources.rows_of(city, caller, id)
    given = asking.single(asked.query)
    asking.expect_format(given, "json")
    crs = named(given["crs"]) if "crs" in given else DEFAULT
    found = await reading.feature(city, rows, feature_id, crs)
    if found is None:
        raise NotFound(_NO_FEATURE, id=feature_id[:100])
    return _geojson(documents.feature(asked, found, caller.language), crs)


def _answer(document: dict[str, object]) -> Answer:
    return Answer(body=msgspec.json.encode(document), media_type=_JSON)


def _geojson(body: bytes, crs: Crs) -> Answer:
    return Answer(body=body, media_type=documents.GEOJSON, headers={"content-crs": f"<{crs.uri}>"})
