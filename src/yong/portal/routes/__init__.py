"""The pages of the portal: parse, call `api`, answer with a page."""

from litestar.static_files import create_static_files_router

from yong.portal.routes import finding, journeys, messages, people
from yong.portal.routes.place import STATIC

routes = (
    *finding.routes,
    *journeys.routes,
    *people.routes,
    *messages.routes,
    create_static_files_router("/portal/static", [STATIC], include_in_schema=False),
)
