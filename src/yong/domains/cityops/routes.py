"""The HTTP of cityops: parse, call `api`, answer."""

from litestar.types import ControllerRouterHandler

routes: tuple[ControllerRouterHandler, ...] = ()
