"""The OpenAPI document of this install, for clients that find their way by it."""

from typing import Any

import msgspec
from litestar import Request, Response, get

from yong.app.http.openapi import openapi

MEDIA_TYPE = "application/vnd.oai.openapi+json;version=3.1"


@get(
    "/openapi.json",
    tags=["app"],
    opt={"public": True, "gives": ("application/vnd.oai.openapi+json",)},
    security=[],
    summary="Description of the API",
)
async def description(request: "Request[Any, Any, Any]") -> Response[bytes]:
    """This description, OpenAPI 3.1; it tells of no data."""
    state = request.app.state
    if "description" not in state:
        state["description"] = msgspec.json.encode(openapi(request.app))
    return Response(state["description"], media_type=MEDIA_TYPE)


routes = (description,)
