"""What was once wrong over HTTP, found by generated requests or by reading: each stays right."""

import inspect
import types
from typing import Annotated, Any, Union, get_args, get_origin

import httpx
import pytest
from litestar.routes import HTTPRoute
from tests.http.test_openapi import key_for

from yong.app.http import create_app
from yong.kernel.access.api import system_caller
from yong.kernel.base.city import City
from yong.kernel.records import api as records


@pytest.mark.parametrize(
    ("role", "method", "path", "body", "status"),
    [
        ("access.operator", "GET", "/sensing/things?after=%00", None, 400),
        ("access.operator", "GET", "/sensing/things?after=" + "x" * 129, None, 400),
        ("access.operator", "GET", "/context/entities?type=%00", None, 400),
        ("access.operator", "GET", "/context/entities?attrs=a%00", None, 400),
        ("access.operator", "GET", "/history?type=%00", None, 400),
        ("sensing.engineer", "GET", "/sensing/dead-letters?thing=%00", None, 400),
        ("sensing.engineer", "POST", "/sensing/dead-letters/replay?code=%00", None, 400),
        ("access.audit_admin", "GET", "/audit?account=%00", None, 400),
        ("access.security_admin", "POST", "/accounts", {"name": "ab\0"}, 400),
        ("access.security_admin", "POST", "/accounts", {"name": "ab", "party": "nobody"}, 404),
        ("access.security_admin", "POST", "/parties", {"id": "p", "kind": "person", "zh": "\0", "en": "x"}, 400),
        ("access.operator", "POST", "/sensing/things/s-1/commands", {"name": "x", "arguments": {"a": ["\0"]}}, 422),
        ("access.operator", "POST", "/sensing/things/s-1/commands", {"name": "x", "arguments": {"a": "\\u0000"}}, 201),
    ],
)  # fmt: skip
async def test_a_null_or_unknown_name_is_told_and_breaks_nothing(
    city: City, client: httpx.AsyncClient, role: str, method: str, path: str, body: Any, status: int
) -> None:
    thing = {"code": "s-1", "type": "lamp", "source": "live"}
    await records.create(city, system_caller("sensing"), "sensing.thing", thing, owner="lights")
    answer = await client.request(method, path, json=body, headers=await key_for(city, role))
    assert answer.status_code == status, answer.text


async def test_a_file_that_is_no_parquet_is_told_without_the_servers_paths(
    city: City, client: httpx.AsyncClient
) -> None:
    headers = await key_for(city, "sensing.engineer")
    answer = await client.post("/records/sensing.thing/import?format=parquet", content=b"x", headers=headers)
    assert answer.status_code == 400
    assert "tmp" not in answer.text


def test_no_limit_of_a_parameter_is_lost_in_an_optional(city: City) -> None:
    """The framework reads `Annotated[X, limits] | None` without the limits; `Annotated[X | None, limits]` with."""
    for route in create_app(city).routes:
        for handler in route.route_handlers if isinstance(route, HTTPRoute) else ():
            function = inspect.unwrap(handler.fn)
            for name, parameter in inspect.signature(function).parameters.items():
                if get_origin(parameter.annotation) in (Union, types.UnionType):
                    lost = [a for a in get_args(parameter.annotation) if get_origin(a) is Annotated]
                    assert not lost, f"{handler.handler_name}: {name}"
