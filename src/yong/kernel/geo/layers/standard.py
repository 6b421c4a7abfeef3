"""Layers that modules bring along, made once."""

from datetime import date

import msgspec

from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.geo.layers.contracts import StandardLayer
from yong.kernel.geo.layers.kept import LAYER
from yong.kernel.records import api as records
from yong.kernel.records.contracts import Filter, Operator

SINCE = date(2000, 1, 1)  # a layer of what is there holds on every day that somebody may look back to


async def make_standard(city: City, caller: Caller, *, owner: str) -> int:
    """Make the declared layers of which there never was one of the name; how many. They belong to `owner`."""
    declared = [layer for _, layer in city.registry.of(StandardLayer)]
    names = Filter("name", Operator.IN, ",".join(layer.name for layer in declared))
    page = await records.listing(city, caller, LAYER, filters=(names,), limit=1000, ended=True)
    known = {record.id for record in page.items}
    new = [layer for layer in declared if layer.name not in known]
    for layer in new:
        values = {
            "name": layer.name, "title": layer.title.zh, "title_en": layer.title.en, "kind": "features",
            "collection": layer.collection, "style": msgspec.to_builtins(layer.style), "position": layer.position,
            "shown": layer.shown, "min_zoom": layer.min_zoom, "max_zoom": layer.max_zoom,
        }  # fmt: skip
        await records.create(city, caller, LAYER, values, owner=owner, valid_from=SINCE)
    return len(new)
