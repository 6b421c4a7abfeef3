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
from yong.kernel.geo.grids.api import divide, explain, undo_division
from yong.kernel.geo.layers.api import archive as layer_archive
from yong.kernel.geo.layers.api import layer, layers
from yong.kernel.geo.layers.api import tile as layer_tile
from yong.kernel.geo.layers.api import tilejson as layer_tilejson
from yong.kernel.geo.layers.handing import build as layer_build
from yong.kernel.geo.layers.handing import builds as layer_builds
from yong.kernel.geo.layers.handing import hand_in, perform_build
from yong.kernel.geo.layers.standard import make_standard as make_standard_layers
from yong.kernel.geo.locating.api import locate, locate_one
from yong.kernel.geo.merging.api import (
    decide,
    doubts,
    keep_merging,
    merge_run,
    merge_runs,
    merging,
    mergings,
    order_merge,
    perform_merge,
    receive_points,
    split_component,
    undo_merge,
)
from yong.kernel.geo.places.api import geocode, geocode_file, import_places, reverse, suggest_places
from yong.kernel.geo.tiles.api import tile_matrix_set, tile_matrix_sets, tileset, tilesets, vector_tile
from yong.kernel.geo.topology.api import check as check_topology

__all__ = [
    "check_topology",
    "collection",
    "collections",
    "conformance",
    "convert",
    "decide",
    "divide",
    "doubts",
    "explain",
    "geocode",
    "geocode_file",
    "hand_in",
    "import_places",
    "item",
    "items",
    "keep_merging",
    "landing",
    "layer",
    "layer_archive",
    "layer_build",
    "layer_builds",
    "layer_tile",
    "layer_tilejson",
    "layers",
    "locate",
    "locate_one",
    "make_standard_layers",
    "merge_run",
    "merge_runs",
    "merging",
    "mergings",
    "order_merge",
    "perform_build",
    "perform_merge",
    "queryables",
    "receive_points",
    "reverse",
    "schema",
    "split_component",
    "suggest_places",
    "systems",
    "tile_matrix_set",
    "tile_matrix_sets",
    "tileset",
    "tilesets",
    "undo_division",
    "undo_merge",
    "vector_tile",
]
