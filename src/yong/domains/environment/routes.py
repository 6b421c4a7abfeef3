"""The HTTP of environment: parse, call `api`, answer."""

from litestar.types import ControllerRouterHandler

routes: tuple[ControllerRouterHandler, ...] = ()
