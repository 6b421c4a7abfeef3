"""HTTP of reports: none of its own. People report at the portal, officers answer at `/records/reports.report`."""

from litestar.types import ControllerRouterHandler

routes: tuple[ControllerRouterHandler, ...] = ()
