"""The documents of OGC API Features: landing page, conformance, collections, schemas, pages of features."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

import msgspec

from yong.kernel.base import clock
from yong.kernel.base.text import Language, Text
from yong.kernel.geo.features import crs
from yong.kernel.geo.features.contracts import Asked, Collection, Column, Kind, Rows
from yong.kernel.geo.features.reading import Page

GEOJSON = "application/geo+json"
SCHEMA = "application/schema+json"
OPENAPI = "application/vnd.oai.openapi+json;version=3.1"
_FEATURES, _CQL2 = "http://www.opengis.net/spec/ogcapi-features", "http://www.opengis.net/spec/cql2/1.0/conf"
_TILES, _TMS = (
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf",
    "http://www.opengis.net/spec/tms/2.0/conf",
)
CONFORMS = (
    f"{_FEATURES}-1/1.0/conf/core",
    f"{_FEATURES}-1/1.0/conf/geojson",
    f"{_FEATURES}-2/1.0/conf/crs",
    f"{_FEATURES}-3/1.0/conf/queryables",
    f"{_FEATURES}-3/1.0/conf/queryables-query-parameters",
    f"{_FEATURES}-3/1.0/conf/filter",
    f"{_FEATURES}-3/1.0/conf/features-filter",
    f"{_FEATURES}-5/1.0/conf/schemas",
    f"{_FEATURES}-5/1.0/conf/core-roles-features",
    f"{_CQL2}/cql2-text",
    f"{_CQL2}/cql2-json",
    f"{_CQL2}/basic-cql2",
    f"{_CQL2}/advanced-comparison-operators",
    f"{_CQL2}/case-insensitive-comparison",
    f"{_CQL2}/property-property",
    f"{_CQL2}/basic-spatial-functions",
    f"{_CQL2}/basic-spatial-functions-plus",
    f"{_CQL2}/spatial-functions",
    f"{_CQL2}/temporal-functions",
    f"{_TILES}/core",
    f"{_TILES}/tileset",
    f"{_TILES}/tilesets-list",
    f"{_TILES}/geodata-tilesets",
    f"{_TILES}/mvt",
    f"{_TMS}/tilematrixset",
    f"{_TMS}/json-tilematrixset",
)
_TITLE = Text("甬：城市要素与瓦片", "Yong: features and tiles of the city")
_ABOUT = Text(
    "凡有位置的信息资源与对象，均为一个要素集合（OGC API Features、Tiles）",
    "Whatever has a place, records and entities, as collections of features (OGC API Features, OGC API Tiles)",
)
_SELF, _API, _CONFORMANCE, _DATA = (
    Text("本文档", "This document"), Text("接口描述", "Description of the API"),
    Text("符合性声明", "What this conforms to"), Text("要素集合", "Collections"),
)  # fmt: skip
_ITEMS, _QUERYABLES, _THE_SCHEMA, _COLLECTION, _NEXT = (
    Text("要素", "Features"), Text("可查询属性", "What can be asked by"), Text("属性结构", "Schema of features"),
    Text("所属集合", "The collection"), Text("下一页", "The next page"),
)  # fmt: skip
_TYPES: Mapping[Kind, Mapping[str, Any]] = {
    Kind.TEXT: {"type": "string"},
    Kind.INTEGER: {"type": "integer"},
    Kind.NUMBER: {"type": "number"},
    Kind.DECIMAL: {"type": "number"},
    Kind.BOOLEAN: {"type": "boolean"},
    Kind.DATE: {"type": "string", "format": "date"},
    Kind.MOMENT: {"type": "string", "format": "date-time"},
    Kind.ANY: {},
    Kind.DOCUMENT: {},
    Kind.GEOMETRY: {"format": "geometry-any"},
}
Extent = Mapping[str, Any]


def link(href: str, rel: str, type: str, title: Text, language: Language) -> dict[str, str]:
    """A link (RFC 8288 as OGC API Common writes it)."""
    return {"href": href, "rel": rel, "type": type, "title": title.in_(language)}


def landing(asked: Asked, language: Language, more: Sequence[dict[str, str]] = ()) -> dict[str, Any]:
    """`/ogc`: what there is and where."""
    json = "application/json"
    api = asked.root.removesuffix("/ogc") + "/openapi.json"
    return {
        "title": _TITLE.in_(language),
        "description": _ABOUT.in_(language),
        "links": [
            link(asked.root, "self", json, _SELF, language),
            link(api, "service-desc", OPENAPI, _API, language),
            link(f"{asked.root}/conformance", "conformance", json, _CONFORMANCE, language),
            link(f"{asked.root}/collections", "data", json, _DATA, language),
            *more,
        ],
    }


def collections(asked: Asked, found: Sequence[Mapping[str, Any]], language: Language) -> dict[str, Any]:
    """`/collections`; what every collection can be given in stands once."""
    return {
        "links": [link(f"{asked.root}/collections", "self", "application/json", _SELF, language)],
        "crs": [c.uri for c in crs.ALL],
        "collections": found,
    }


def collection(
    asked: Asked, one: Collection, language: Language, *,
    extent: Extent | None = None, listed: bool = False, more: Sequence[dict[str, str]] = (),
) -> dict[str, Any]:  # fmt: skip
    """A collection, by itself or in the list of all."""
    here = address(asked, one.id)
    found: dict[str, Any] = {
        "id": one.id,
        "title": one.title.in_(language),
        "itemType": "feature",
        "crs": ["#/crs"] if listed else [c.uri for c in crs.ALL],
        "storageCrs": crs.CRS84,
        "links": [
            link(here, "self", "application/json", _SELF, language),
            link(f"{here}/items", "items", GEOJSON, _ITEMS, language),
            link(f"{here}/queryables", f"{_REL}/queryables", SCHEMA, _QUERYABLES, language),
            link(f"{here}/schema", "describedby", SCHEMA, _THE_SCHEMA, language),
            *more,
        ],
    }
    if one.description is not None:
        found["description"] = one.description.in_(language)
    if extent:
        found["extent"] = extent
    return found


_REL = "http://www.opengis.net/def/rel/ogc/1.0"


def address(asked: Asked, collection_id: str) -> str:
    """Where a collection is."""
    return f"{asked.root}/collections/{quote(collection_id, safe='')}"


def extent(row: Mapping[str, Any]) -> dict[str, Any]:
    """The extent of a collection: degrees of CRS84, and from when to when."""
    found: dict[str, Any] = {}
    if row["west"] is not None:
        box = [row["west"], row["south"], row["east"], row["north"]]
        found["spatial"] = {"bbox": [box], "crs": crs.CRS84}
    if row["first"] is not None:
        found["temporal"] = {
            "interval": [[row["first"], row["last"]]],
            "trs": "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian",
        }
    return found


def schema(asked: Asked, rows: Rows, language: Language, *, queryables: bool) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a collection's features (Part 5), or of what they can be asked by (Part 3)."""
    properties: dict[str, Any] = {}
    if not queryables:
        properties["id"] = {"type": "string", "x-ogc-role": "id"}
    properties[rows.geometry_name] = {
        "title": rows.collection.title.in_(language),
        "x-ogc-role": "primary-geometry",
        **_TYPES[Kind.GEOMETRY],
    }
    for column in rows.columns:
        if column.name == rows.geometry_name:
            properties[column.name]["title"] = column.title.in_(language)
        elif not queryables or (column.kind.sortable and not column.masked):
            properties[column.name] = _property(rows, column, language)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{address(asked, rows.collection.id)}/{'queryables' if queryables else 'schema'}",
        "type": "object",
        "title": rows.collection.title.in_(language),
        "properties": properties,
        "additionalProperties": rows.further is not None,
    }


def _property(rows: Rows, column: Column, language: Language) -> dict[str, Any]:
    found = {"title": column.title.in_(language), **_TYPES[column.kind]}
    if column.unit is not None:
        found |= {"x-ogc-unit": column.unit, "x-ogc-unitLang": "UN/CEFACT"}
    if column.name == rows.time:
        found["x-ogc-role"] = "primary-instant"
    return found


def page(asked: Asked, found: Page, language: Language) -> bytes:
    """A page of features as GeoJSON."""
    links = [link(_here(asked), "self", GEOJSON, _SELF, language)]
    if found.cursor is not None:
        query = [*((n, v) for n, v in asked.query if n != "cursor"), ("cursor", found.cursor.text)]
        links.append(link(f"{asked.address}?{urlencode(query)}", "next", GEOJSON, _NEXT, language))
    base = asked.address.removesuffix("/items")
    links.append(link(base, "collection", "application/json", _COLLECTION, language))
    head = {
        "type": "FeatureCollection",
        "timeStamp": clock.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
        **({} if found.matched is None else {"numberMatched": found.matched}),
        "numberReturned": len(found.features),
        "links": links,
    }
    return b"".join(
        (msgspec.json.encode(head)[:-1], b',"features":[', ",".join(found.features).encode(), b"]}")
    )


def feature(asked: Asked, opened: str, language: Language) -> bytes:
    """One feature, whose JSON is not closed yet, with its links."""
    base = asked.address.rpartition("/items/")[0]
    links = [
        link(_here(asked), "self", GEOJSON, _SELF, language),
        link(base, "collection", "application/json", _COLLECTION, language),
    ]
    return opened.encode() + b',"links":' + msgspec.json.encode(links) + b"}"


def _here(asked: Asked) -> str:
    return f"{asked.address}?{urlencode(asked.query)}" if asked.query else asked.address
