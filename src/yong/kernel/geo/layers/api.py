"""The layers that a caller may see, the tiles of outside services and of static layers, and archives of those."""

from datetime import date
from typing import Any
from urllib.parse import urlsplit

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import Conflict, NotFound
from yong.kernel.base.text import Text
from yong.kernel.geo.layers import kept, styles
from yong.kernel.geo.layers.contracts import Layer, Layers, Tile
from yong.kernel.geo.layers.outside import Outside
from yong.kernel.geo.static import store
from yong.kernel.geo.static.archives import Archives, Opened
from yong.kernel.records.contracts import Record
from yong.kernel.store.database import Database

MVT = "application/vnd.mapbox-vector-tile"


async def layers(city: City, caller: Caller, *, at: date | None = None) -> Layers:
    """The layers that hold on a day (today), the lowest first; those of collections hidden from the caller left out."""
    found = await kept.every(city, caller, at)
    found.sort(key=lambda r: (kept.number(r, "position"), r.id))
    return Layers([_shown(r, caller, at) for r in found])


async def layer(city: City, caller: Caller, name: str, *, at: date | None = None) -> Layer:
    """One layer. Raises NotFound where there is none that the caller may see."""
    return _shown(await kept.of(city, caller, name, at), caller, at)


async def tile(
    city: City, caller: Caller, name: str, z: int, row: int, col: int, *, at: date | None = None
) -> Tile:
    """A tile of a static layer as it holds on a day (today), or one that an outside service draws.

    No bytes where a static layer has nothing. Raises NotFound for tiles that are none, Conflict where the service's host
    is not among the setting `map_hosts`, Unavailable where it does not answer or the archive is missing.
    """
    record = await kept.of(city, caller, name, at)
    if not (0 <= row < 1 << z and 0 <= col < 1 << z):
        raise NotFound
    if record.values["kind"] == "static":
        digest, opened = await _archive(city, record)
        if not opened.header["min_zoom"] <= z <= opened.header["max_zoom"]:
            raise NotFound
        body = await city[Archives].tile(digest, z, row, col)
        return Tile(body=body, media_type=MVT, tag=f"{digest[:24]}-{z}-{row}-{col}", packed=True)
    low, high = kept.number(record, "min_zoom"), kept.number(record, "max_zoom")
    if record.values["kind"] != "wmts" or not low <= z <= high:
        raise NotFound
    return await _outside(city, str(record.values["url"]), z, row, col)


async def _outside(city: City, url: str, z: int, row: int, col: int) -> Tile:
    host = urlsplit(url).hostname or ""
    if host not in city.settings.outside_map_hosts:
        raise Conflict(
            Text(
                "未允许访问 {host}：请把它加入设置 map_hosts",
                "{host} may not be asked: add it to the setting map_hosts",
            ),
            host=host,
        )
    if not city.has(Outside):
        city.at_end(city.put(Outside, Outside(city.settings.map_key or "")).close)
    return await city[Outside].tile(url, z, row, col)


async def tilejson(
    city: City, caller: Caller, name: str, root: str, *, at: date | None = None
) -> dict[str, Any]:
    """A static layer as TileJSON 3.0.0, its addresses beginning with `root`. Raises NotFound, Unavailable."""
    record = await kept.of(city, caller, name, at)
    _, opened = await _archive(city, record)
    header, shown = opened.header, _shown(record, caller, at)
    found = {
        "tilejson": "3.0.0",
        "name": shown.title,
        "scheme": "xyz",
        "tiles": [root + (shown.tiles or "").replace("{row}", "{y}").replace("{col}", "{x}")],
        "minzoom": header["min_zoom"],
        "maxzoom": header["max_zoom"],
        "bounds": [header[f] / 1e7 for f in ("min_lon_e7", "min_lat_e7", "max_lon_e7", "max_lat_e7")],
        "vector_layers": opened.metadata.get("vector_layers", []),
    }
    return found if shown.attribution is None else {**found, "attribution": shown.attribution}


async def archive(
    city: City, caller: Caller, name: str, *, at: date | None = None, first: bool = True
) -> tuple[str, Opened]:
    """The whole archive of a static layer, for who may export layers, and its digest.

    Written to the audit trail where the reader begins with its `first` byte. Raises NotFound, Forbidden, Unavailable.
    """
    access.authorize(city, caller, "records.export", kept.LAYER)
    record = await kept.of(city, caller, name, at)
    digest, opened = await _archive(city, record)
    if first:
        async with city[Database].transaction() as connection:
            facts = {"archive": digest, "bytes": opened.size}
            await access.audit(connection, caller, "records.export", f"{kept.LAYER}/{record.id}", facts)
    return digest, opened


async def _archive(city: City, record: Record) -> tuple[str, Opened]:
    """The archive that a static layer refers to; one that was built for another layer is none."""
    digest = record.values.get("archive")
    if record.values["kind"] != "static" or not digest:
        raise NotFound
    if not await store.of_layer(city[Database], record.id, str(digest)):
        raise NotFound
    archives = city.part(Archives, lambda: Archives(city.settings.home))
    return str(digest), await archives.opened(str(digest))


def _shown(record: Record, caller: Caller, at: date | None) -> Layer:
    values: dict[str, Any] = record.values
    kind = values["kind"]
    style = None if kind == "wmts" else styles.style_of(values.get("style"))
    digest = values.get("archive")
    tiled = kind == "wmts" or digest is not None
    day = "" if at is None else f"?at={at.isoformat()}"
    return Layer(
        name=record.id,
        title=values["title"] if caller.language == "zh" else values["title_en"],
        kind=kind,
        position=values["position"],
        shown=values["shown"],
        min_zoom=values["min_zoom"],
        max_zoom=values["max_zoom"],
        theme=values.get("theme"),
        features=values.get("collection"),
        tiles=f"/geo/layers/{record.id}/tiles/{{z}}/{{row}}/{{col}}{day}" if tiled else None,
        archive=digest,
        style=style,
        legend=styles.legend(style, caller.language) if style else [],
        attribution=values.get("attribution"),
        approval_number=values.get("approval_number"),
        owner=record.owner,
        district=record.district,
        version=record.version or 1,
        valid_from=record.valid_from,
        valid_to=record.valid_to,
    )
