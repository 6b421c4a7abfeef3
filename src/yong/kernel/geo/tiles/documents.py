"""The documents of OGC API Tiles: lists of tilesets, a tileset as the standard has it and as TileJSON 3.0.0."""

from collections.abc import Mapping
from typing import Any

from yong.kernel.base.text import Language, Text
from yong.kernel.geo.features.contracts import Asked, Kind, Rows
from yong.kernel.geo.features.documents import Extent, address, link
from yong.kernel.geo.tiles import matrix
from yong.kernel.geo.tiles.contracts import CELLS, CLUSTER, COUNT, MOST, SHOWN_TO

MVT = "application/vnd.mapbox-vector-tile"
_JSON = "application/json"
_REL = "http://www.opengis.net/def/rel/ogc/1.0"
_SELF, _SETS, _SET, _TILES, _SCHEME, _SCHEMES = (
    Text("本文档", "This document"), Text("矢量瓦片集", "Vector tilesets"), Text("矢量瓦片集", "The vector tileset"),
    Text("矢量瓦片", "Vector tiles"), Text("瓦片矩阵集", "The tile matrix set"), Text("瓦片矩阵集", "Tile matrix sets"),
)  # fmt: skip
_ABOUT = Text(
    f"要素超过 {MOST} 个的瓦片改为各网格（每边 {CELLS} 格）中的要素数：{CLUSTER} 为 true，{COUNT} 为个数",
    f"A tile with more than {MOST} features has instead how many are in each of its cells ({CELLS} a side): "
    f"{CLUSTER} is true, {COUNT} the number",
)
_FIELDS: Mapping[Kind, str] = {
    Kind.INTEGER: "Number", Kind.NUMBER: "Number", Kind.DECIMAL: "Number", Kind.BOOLEAN: "Boolean",
}  # fmt: skip


def links_of_landing(asked: Asked, language: Language) -> list[dict[str, str]]:
    """What tiles add to the landing page."""
    href = f"{asked.root}/tileMatrixSets"
    return [link(href, f"{_REL}/tiling-schemes", _JSON, _SCHEMES, language)]


def links_of_collection(asked: Asked, id: str, language: Language) -> list[dict[str, str]]:
    """What tiles add to a collection."""
    return [link(f"{address(asked, id)}/tiles", f"{_REL}/tilesets-vector", _JSON, _SETS, language)]


def matrix_sets(asked: Asked, language: Language) -> dict[str, Any]:
    """`/ogc/tileMatrixSets`: there is one."""
    href = f"{asked.root}/tileMatrixSets/{matrix.ID}"
    links = [link(href, "self", _JSON, _SCHEME, language)]
    one = {"id": matrix.ID, "title": "Google Maps Compatible for the World", "uri": matrix.URI,
           "crs": matrix.CRS, "links": links}  # fmt: skip
    return {"tileMatrixSets": [one]}


def tilesets(asked: Asked, rows: Rows, language: Language) -> dict[str, Any]:
    """The tilesets of a collection."""
    here = f"{address(asked, rows.collection.id)}/tiles"
    return {"links": [link(here, "self", _JSON, _SELF, language)], "tilesets": [_set(asked, rows, language)]}


def _set(asked: Asked, rows: Rows, language: Language) -> dict[str, Any]:
    here = f"{address(asked, rows.collection.id)}/tiles/{matrix.ID}"
    scheme = f"{asked.root}/tileMatrixSets/{matrix.ID}"
    template = link(f"{here}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}?f=mvt", "item", MVT, _TILES, language)
    return {
        "title": rows.collection.title.in_(language),
        "dataType": "vector",
        "crs": matrix.CRS,
        "tileMatrixSetURI": matrix.URI,
        "links": [
            link(here, "self", _JSON, _SET, language),
            link(f"{here}?f=tilejson", "describedby", _JSON, Text("TileJSON", "TileJSON"), language),
            link(scheme, f"{_REL}/tiling-scheme", _JSON, _SCHEME, language),
            {**template, "templated": True},
        ],
    }


def tileset(asked: Asked, rows: Rows, extent: Extent, language: Language) -> dict[str, Any]:
    """A tileset's metadata (OGC 17-083r4, clause 8)."""
    found = {
        **_set(asked, rows, language),
        "description": _ABOUT.in_(language),
        "layers": [
            {
                "id": rows.collection.id,
                "title": rows.collection.title.in_(language),
                "dataType": "vector",
                "minTileMatrix": "0",
                "maxTileMatrix": str(matrix.DEEPEST),
                "propertiesSchema": {"type": "object", "properties": _properties(rows, language)},
            }
        ],
    }
    box = _box(extent)
    if box is not None:
        found["boundingBox"] = {
            "lowerLeft": box[:2], "upperRight": box[2:],
            "crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
        }  # fmt: skip
    return found


def _properties(rows: Rows, language: Language) -> dict[str, Any]:
    types = {"Number": "number", "Boolean": "boolean"}
    own = {
        c.name: {"title": c.title.in_(language), "type": types.get(_FIELDS.get(c.kind, ""), "string")}
        for c in rows.columns
        if c.name != rows.geometry_name
    }
    return {**own, CLUSTER: {"type": "boolean"}, COUNT: {"type": "integer"}}


def _box(extent: Extent) -> list[float] | None:
    return extent["spatial"]["bbox"][0] if "spatial" in extent else None


def tilejson(asked: Asked, rows: Rows, extent: Extent, language: Language) -> dict[str, Any]:
    """The same as TileJSON 3.0.0, which MapLibre and GDAL read."""
    here = f"{address(asked, rows.collection.id)}/tiles/{matrix.ID}"
    fields = {c.name: _FIELDS.get(c.kind, "String") for c in rows.columns if c.name != rows.geometry_name}
    found = {
        "tilejson": "3.0.0",
        "name": rows.collection.title.in_(language),
        "description": _ABOUT.in_(language),
        "scheme": "xyz",
        "tiles": [f"{here}/{{z}}/{{y}}/{{x}}?f=mvt"],
        "minzoom": 0,
        "maxzoom": SHOWN_TO,
        "vector_layers": [
            {
                "id": rows.collection.id,
                "minzoom": 0,
                "maxzoom": SHOWN_TO,
                "fields": {"id": "String", **fields, CLUSTER: "Boolean", COUNT: "Number"},
            }
        ],
    }
    box = _box(extent)
    if box is not None:
        found["bounds"] = [box[0], max(box[1], -85.05112877980659), box[2], min(box[3], 85.05112877980659)]
    return found
