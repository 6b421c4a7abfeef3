"""The HTTP of cityops: parse, call `api`, answer."""

from litestar.types import ControllerRouterHandler

from yong.domains.cityops.routes import classes, field, nearby, open311

routes: tuple[ControllerRouterHandler, ...] = (
    *open311.routes,
    *classes.routes,
    *nearby.routes,
    *field.routes,
)
tongues = {f"{open311.BASE}/": open311.refused}
"""How errors are told below an address whose standard has words of its own for them."""
