"""HTTP of context: what is now and what changes for our own pages, and the standard's API (NGSI-LD)."""

from litestar import Router

from yong.kernel.context.routes import (
    attributes,
    batches,
    contexts,
    discovery,
    entities,
    hot_paths,
    live,
    own,
    queries,
    subscriptions,
)
from yong.kernel.context.routes.problems import answer

_NGSI_LD = Router(
    "/ngsi-ld/v1",
    route_handlers=[
        *entities.routes,
        *queries.routes,
        *attributes.routes,
        *batches.routes,
        *discovery.routes,
        *contexts.routes,
        *subscriptions.routes,
    ],
    exception_handlers={Exception: answer},
)

routes = (*own.routes, *live.routes, _NGSI_LD)
hot = hot_paths.hot
