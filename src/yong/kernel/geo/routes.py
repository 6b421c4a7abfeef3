"""HTTP of geography."""

from yong.kernel.geo.datums import routes as datums
from yong.kernel.geo.features import routes as features
from yong.kernel.geo.grids import routes as grids
from yong.kernel.geo.locating import routes as locating
from yong.kernel.geo.merging import routes as merging

routes = (
    *datums.routes,
    *features.routes,
    *grids.routes,
    *locating.routes,
    *merging.routes,
)
hot = (*features.hot,)
