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
from yong.kernel.geo.locating.api import locate, locate_one

__all__ = [
    "collection",
    "collections",
    "conformance",
    "convert",
    "divide",
    "explain",
    "item",
    "items",
    "landing",
    "locate",
    "locate_one",
    "queryables",
    "schema",
    "systems",
]
