"""The layers that a caller may see, and the tiles of outside services."""

from datetime import date
from typing import Any
from urllib.parse import urlsplit

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import Conflict, NotFound
from yong.kernel.base.text import Text
from yong.kernel.geo.features import sources
from yong.kernel.geo.layers import styles
from yong.kernel.geo.layers.contracts import Layer, Layers
from yong.kernel.geo.layers.outside import Outside, Tile
from yong.kernel.records import api as records
from yong.kernel.records.contracts import ROWS_PER_PAGE, Record

_LAYER = "geo.layer"


async def layers(city: City, caller: Caller, *, at: date | None = None) -> Layers:
    """The layers that hold on a day (today), the lowest first; those of collections hidden from the caller left out."""
    found: list[Record] = []
    cursor: str | None = None
    while True:
        page = await records.listing(city, caller, _LAYER, at=at, cursor=cursor, limit=ROWS_PER_PAGE)
        found += page.items
        cursor = page.cursor
        if cursor is None:
            break
    seen = {c.id for c in await sources.collections(city, caller)}
    kept = [r for r in found if r.values["kind"] != "features" or r.values["collection"] in seen]
    kept.sort(key=lambda r: (_number(r, "position"), r.id))
    return Layers([_shown(r, caller) for r in kept])


async def layer(city: City, caller: Caller, name: str, *, at: date | None = None) -> Layer:
    """One layer. Raises NotFound where there is none that the caller may see."""
    return _shown(await _record(city, caller, name, at), caller)


async def tile(city: City, caller: Caller, name: str, z: int, row: int, col: int) -> Tile:
    """A tile of a layer that an outside service draws, from the cache or fetched.

    Raises NotFound for tiles that are none, Conflict where the service's host is not among the setting `map_hosts`,
    Unavailable where it does not answer.
    """
    record = await _record(city, caller, name, None)
    low, high = _number(record, "min_zoom"), _number(record, "max_zoom")
    if (
        record.values["kind"] != "wmts"
        or not low <= z <= high
        or not (0 <= row < 1 << z and 0 <= col < 1 << z)
    ):
        raise NotFound
    url = str(record.values["url"])
    host = urlsplit(url).hostname or ""
    if host not in city.settings.outside_map_hosts:
        raise Conflict(
            Text(
                "未允许访问 {host}：请把它加入设置 map_hosts",
                "{host} may not be asked: add it to the setting map_hosts",
            ),
            host=host,
        )
    outside = city[Outside] if city.has(Outside) else city.put(Outside, Outside(city.settings.map_key or ""))
    return await outside.tile(url, z, row, col)


async def _record(city: City, caller: Caller, name: str, at: date | None) -> Record:
    access.authorize(city, caller, "records.read", _LAYER)
    record = await records.read(city, caller, _LAYER, name, at=at)
    if record.ended_at is not None:
        raise NotFound
    if record.values["kind"] == "features":
        seen = {c.id for c in await sources.collections(city, caller)}
        if record.values["collection"] not in seen:
            raise NotFound
    return record


def _number(record: Record, field: str) -> int:
    value = record.values[field]
    assert isinstance(value, int)
    return value


def _shown(record: Record, caller: Caller) -> Layer:
    values: dict[str, Any] = record.values
    drawn = values["kind"] == "features"
    style = styles.style_of(values.get("style")) if drawn else None
    return Layer(
        name=record.id,
        title=values["title"] if caller.language == "zh" else values["title_en"],
        kind=values["kind"],
        position=values["position"],
        shown=values["shown"],
        min_zoom=values["min_zoom"],
        max_zoom=values["max_zoom"],
        theme=values.get("theme"),
        features=values.get("collection"),
        tiles=None if drawn else f"/geo/layers/{record.id}/tiles/{{z}}/{{row}}/{{col}}",
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
