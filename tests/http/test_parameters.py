"""A misspelt filter is refused, by every operation."""

from urllib.parse import urlencode

import httpx
import pytest
from litestar import Litestar, get
from litestar.di import Provide
from litestar.exceptions import LitestarDeprecationWarning
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute
from tests.conftest import key_of

from yong.app.http.application import create_app
from yong.app.http.openapi import openapi
from yong.app.http.parameters import known
from yong.kernel.base.city import City


def handlers(city: City) -> list[tuple[str, HTTPRouteHandler]]:
    return [
        (route.path_format, handler)
        for route in create_app(city).routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
        if handler.include_in_schema
    ]


async def test_every_operation_knows_just_what_its_description_says(city: City) -> None:
    paths = openapi(create_app(city))["paths"]
    seen = 0
    for path, handler in handlers(city):
        for method in handler.http_methods & {"GET", "POST", "PUT", "PATCH", "DELETE"}:
            if path not in paths:  # files
                continue
            described = paths[path][str(method).lower()].get("parameters", ())
            names = {p["name"] for p in described if p["in"] == "query"}
            assert known(handler) in (names, None), f"{method} {path}"
            seen += 1
    assert seen > 60


@pytest.mark.parametrize(
    ("path", "unknown", "there"),
    [
        ("/sensing/things", "stat", "after, district, limit, state, text, thing, type"),
        ("/records/environment.station_now", "fliter", "filter"),
        ("/records/environment.station/A1", "version", "at"),
        ("/context/entities", "typ", "type"),
        ("/health/live", "x", "–"),
    ],
)
async def test_an_unknown_one_is_named_with_those_there_are(
    city: City, client: httpx.AsyncClient, path: str, unknown: str, there: str
) -> None:
    headers = await key_of(city, "access.operator")
    answer = await client.get(f"{path}?{urlencode({unknown: 'a'})}", headers=headers)
    assert answer.status_code == 400
    assert unknown in answer.json()["detail"]
    assert there in answer.json()["detail"]
    assert [e["pointer"] for e in answer.json()["errors"]] == [f"/{unknown}"]
    chinese = await client.get(f"{path}?{unknown}=a", headers={**headers, "accept-language": "zh"})
    assert "没有参数" in chinese.json()["detail"]


async def test_a_page_takes_what_others_added(client: httpx.AsyncClient) -> None:
    assert (await client.get("/?utm_source=paper&lang=en")).status_code == 200


def test_a_parameter_whose_place_is_only_inferred_fails_the_run() -> None:
    """pyproject.toml makes errors of what the framework will not do any more."""

    @get("/things")
    async def things(city: City, limit: int = 1) -> None: ...

    with pytest.raises(LitestarDeprecationWarning):
        Litestar([things], dependencies={"city": Provide(lambda: None, sync_to_thread=False)})
