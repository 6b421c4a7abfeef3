"""HTTP of geography."""

from yong.kernel.geo.datums import routes as datums
from yong.kernel.geo.features import routes as features
from yong.kernel.geo.grids import routes as grids
from yong.kernel.geo.layers import routes as layers
from yong.kernel.geo.locating import routes as locating
from yong.kernel.geo.merging import routes as merging
from yong.kernel.geo.places import routes as places
from yong.kernel.geo.tiles import routes as tiles
from yong.kernel.geo.topology import routes as topology

routes = (
    *datums.routes,
    *features.routes,
    *grids.routes,
    *layers.routes,
    *locating.routes,
    *merging.routes,
    *places.routes,
    *tiles.routes,
    *topology.routes,
)
hot = (*features.hot,)
