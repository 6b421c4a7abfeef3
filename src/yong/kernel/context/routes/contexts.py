"""HTTP of the JSON-LD contexts kept here (clauses 6.29, 6.30)."""

from typing import Annotated, Any, Literal

import msgspec
from litestar import Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter

from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.context import api
from yong.kernel.context.jsonld.shelf import PATH, Stored
from yong.kernel.context.routes.exchange import JSON, LD, AnyRequest, Name, decoded, media_type, part

_TAKES: dict[str, Any] = {
    media: {"type": "object", "required": ["@context"], "properties": {"@context": {}}}
    for media in (JSON, LD)
}


@post(
    "/jsonldContexts", opt={"takes": _TAKES, "errors": (415, 503)}, status_code=201, summary="Keep a @context"
)
async def add(
    request: AnyRequest, city: NamedDependency[City], caller: NamedDependency[Caller]
) -> Response[None]:
    """Keep a context (5.13.2); its address is in `Location`."""
    api.may_manage_contexts(city, caller)
    media_type(request)
    id_ = await api.add_context(city, caller, decoded(await request.body()))
    return Response(None, status_code=201, headers={"Location": PATH + id_})


@get("/jsonldContexts", opt={"open": True}, summary="Contexts kept here")
async def listing(
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    details: Annotated[bool, QueryParameter()] = False,
    kind: FromQuery[Literal["Hosted", "Cached", "ImplicitlyCreated"] | None] = None,
) -> list[dict[str, Any] | str]:
    """Addresses of the contexts kept here (5.13.3), with `details` what is known of them."""
    return [_details(s) if details else s.url for s in await api.contexts(city, caller, kind)]


@get("/jsonldContexts/{context_id:str}", opt={"open": True, "gives": (JSON,)}, summary="One @context")
async def one(
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    context_id: Name,
    details: Annotated[bool, QueryParameter()] = False,
) -> Response[bytes]:
    """A context kept here (5.13.4), by its id or, escaped, its address."""
    found = await api.one_context(city, caller, part(context_id))
    body = _details(found) if details else {"@context": found.body}
    return Response(msgspec.json.encode(body), media_type=JSON)


@delete(
    "/jsonldContexts/{context_id:str}", opt={"errors": (404,)}, status_code=204, summary="Delete a @context"
)
async def remove(
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    context_id: Name,
    reload: Annotated[bool, QueryParameter()] = False,
) -> None:
    """Delete a context (5.13.5), or with `reload` fetch one anew that came from elsewhere."""
    await api.delete_context(city, caller, part(context_id), reload=reload)


def _details(stored: Stored) -> dict[str, Any]:
    out: dict[str, Any] = {
        "URL": stored.url,
        "localId": stored.id,
        "kind": stored.kind,
        "createdAt": stored.created_at,
        "numberOfHits": stored.uses,
    }
    if stored.used_at is not None:
        out["lastUsage"] = stored.used_at
    return out


routes = (add, listing, one, remove)
