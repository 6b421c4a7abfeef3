"""The Litestar application: every module's routes under one law, described by one OpenAPI."""

import importlib
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

from litestar import Litestar, Request, Router
from litestar.config.response_cache import ResponseCacheConfig
from litestar.datastructures import State
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import Components, SecurityScheme
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.template.config import TemplateConfig

from yong import __version__
from yong.app.http import console, description, health, pages, parameters, problems, queue
from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.access.routes import same_origin
from yong.kernel.base.city import City
from yong.kernel.base.module import Registry
from yong.portal.routes.place import TEMPLATES

HERE = Path(__file__).parent


def routes_of(registry: Registry) -> Iterator[tuple[str, ModuleType]]:
    """Each module's name and its `routes` module, for those that have one."""
    for module in registry.modules:
        if find_spec(f"{module.package}.routes"):
            yield module.name, importlib.import_module(f"{module.package}.routes")


def tongues_of(registry: Registry) -> dict[str, Any]:
    """How errors are told below addresses whose standard has its own words for them: by the address they begin with."""
    return {
        prefix: told
        for _, module in routes_of(registry)
        for prefix, told in getattr(module, "tongues", {}).items()
    }


async def provide_city(state: State) -> City:
    city = state.city
    assert isinstance(city, City)
    return city


async def provide_caller(request: "Request[Any, Any, Any]") -> Caller:
    """Who is asking, from the session cookie, bearer token or API key; ANONYMOUS without any."""
    city: City = request.app.state.city
    client = request.client.host if request.client else ""
    return await access.caller_of(city, request.headers, client)


def create_app(city: City) -> Litestar:
    """The application over an open City."""
    routers = [
        Router("/", route_handlers=module.routes, tags=[name]) for name, module in routes_of(city.registry)
    ]
    return Litestar(
        route_handlers=[
            *routers,
            *health.routes,
            *description.routes,
            *queue.routes,
            *pages.routes,
            *console.routes,
        ],
        dependencies={
            "city": Provide(provide_city),
            "caller": Provide(provide_caller),
        },
        state=State({"city": city, "tongues": tongues_of(city.registry)}),
        before_request=same_origin,
        guards=[parameters.refuse_unknown],
        exception_handlers={Exception: problems.answer},
        request_max_body_size=city.settings.body_limit_kb * 1024,
        response_cache_config=ResponseCacheConfig(),
        template_config=TemplateConfig(directory=[HERE / "templates", TEMPLATES], engine=JinjaTemplateEngine),
        openapi_config=OpenAPIConfig(
            title="Yong 甬",
            version=__version__,
            description="An open city operating system. Every operation authorizes its caller.",
            use_handler_docstrings=True,
            render_plugins=[],
            components=Components(
                security_schemes={
                    "bearer": SecurityScheme(type="http", scheme="bearer", bearer_format="JWT"),
                    "session": SecurityScheme(
                        type="apiKey", security_scheme_in="cookie", name="yong_session"
                    ),
                    "key": SecurityScheme(type="apiKey", security_scheme_in="header", name="X-API-Key"),
                }
            ),
            security=[{"bearer": []}, {"session": []}, {"key": []}],
        ),
        logging_config=None,
    )
