"""The only door of geography: every function takes the City and the Caller, and authorizes first."""

from yong.kernel.geo.datums.api import convert, systems
from yong.kernel.geo.features.api import (
    collection,
    collections,
    conformance,
    item,
    items,
    landing,
    queryables,
    schema,
)
from yong.kernel.geo.grids.api import divide, explain
from yong.kernel.geo.layers.api import layer, layers
from yong.kernel.geo.layers.api import tile as layer_tile
from yong.kernel.geo.locating.api import locate, locate_one
from yong.kernel.geo.topology.api import check as check_topology

__all__ = [
    "check_topology",
    "collection",
    "collections",
    "conformance",
    "convert",
    "divide",
    "explain",
    "item",
    "items",
    "landing",
    "layer",
    "layer_tile",
    "layers",
    "locate",
    "locate_one",
    "queryables",
    "schema",
    "systems",
]
