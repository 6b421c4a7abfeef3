"""HTTP of subscriptions (clauses 6.10, 6.11), and of notifications that were not delivered."""

from typing import Annotated, Any

import msgspec
from litestar import Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, PathParameter, QueryParameter

from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import Invalid
from yong.kernel.base.text import Text
from yong.kernel.context import api
from yong.kernel.context.jsonld.core import CORE_IRI, with_core
from yong.kernel.context.ngsild.ids import is_uri
from yong.kernel.context.notifying.contracts import Dead, Subscription
from yong.kernel.context.notifying.reading import shown
from yong.kernel.context.routes.entities import ERRORS
from yong.kernel.context.routes.exchange import (
    JSON,
    LD,
    TENANT,
    AnyRequest,
    EntityId,
    Words,
    accepted,
    context_of,
    decoded,
    link_to,
    linked,
    media_type,
    part,
    tenant_of,
)

_GIVES = (JSON, LD)
_TAKES: dict[str, Any] = {
    media: {"type": "object", "description": "A Subscription (clause 5.2.12)"} for media in (JSON, LD)
}
_OBJECT = Text("订阅应为 JSON 对象", "A subscription is a JSON object")
_ID = Text("id 应为 URI，且不得更改", "id is a URI, and stays as it is")
_Limit = Annotated[int, QueryParameter(ge=1, le=1000)]


@post(
    "/subscriptions",
    opt={"takes": _TAKES, "errors": (*ERRORS, 409, 429)},
    status_code=201,
    summary="Subscribe",
)
async def subscribe(
    request: AnyRequest, city: NamedDependency[City], caller: NamedDependency[Caller]
) -> Response[None]:
    """Make a subscription (5.8.1); its address is in `Location`."""
    tenant, body, context, id_ = await _taken(request, city, caller)
    made = await api.create_subscription(city, caller, tenant, id_, body, context)
    return _done(tenant, 201, Location=f"/ngsi-ld/v1/subscriptions/{made}")


@get("/subscriptions", opt={"open": True, "gives": _GIVES, "errors": ERRORS}, summary="Subscriptions")
async def listing(
    request: AnyRequest,
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    limit: _Limit = 20,
    offset: Annotated[int, QueryParameter(ge=0, le=100_000)] = 0,
    count: FromQuery[bool] = False,
    options: Words = None,
) -> Response[bytes]:
    """One's own subscriptions (5.8.4) in the order of their ids, with how each went."""
    tenant = tenant_of(request)
    media = accepted(request, _GIVES)
    found, total = await api.subscriptions(city, caller, tenant, limit=limit, offset=offset)
    body = [_shown(one, options, media) for one in found]
    headers = {TENANT: tenant} if tenant else {}
    if count:
        headers["NGSILD-Results-Count"] = str(total)
    links = [] if media == LD else [link_to(CORE_IRI)]
    for relation, at, there in (
        ("next", offset + limit, offset + limit < total),
        ("prev", max(0, offset - limit), offset > 0),
    ):
        if there:
            links.append(f'<{request.url.path}?limit={limit}&offset={at}>; rel="{relation}"; type="{LD}"')
    if links:
        headers["Link"] = ", ".join(links)
    return Response(msgspec.json.encode(body), media_type=media, headers=headers)


@get(
    "/subscriptions/{subscription_id:str}",
    opt={"open": True, "gives": _GIVES, "errors": ERRORS},
    summary="One subscription",
)
async def one(
    request: AnyRequest,
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    subscription_id: EntityId,
    options: Words = None,
) -> Response[bytes]:
    """A subscription (5.8.3), with how many notifications were sent, and when."""
    tenant = tenant_of(request)
    media = accepted(request, _GIVES)
    found = await api.subscription(city, caller, tenant, part(subscription_id))
    headers = {TENANT: tenant} if tenant else {}
    if media == JSON:
        headers["Link"] = link_to(found.context or CORE_IRI)
    return Response(msgspec.json.encode(_shown(found, options, media)), media_type=media, headers=headers)


@patch(
    "/subscriptions/{subscription_id:str}",
    opt={"takes": _TAKES, "errors": ERRORS},
    status_code=204,
    summary="Change a subscription",
)
async def change(
    request: AnyRequest,
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    subscription_id: EntityId,
) -> Response[None]:
    """Lay a part of a subscription over it (5.8.2); null takes a member away. `isActive` false pauses it."""
    tenant, fragment, context, id_ = await _taken(request, city, caller)
    if id_ is not None and id_ != part(subscription_id):
        raise Invalid(_ID)
    await api.update_subscription(city, caller, tenant, part(subscription_id), fragment, context)
    return _done(tenant, 204)


@delete(
    "/subscriptions/{subscription_id:str}", opt={"errors": ERRORS}, status_code=204, summary="Unsubscribe"
)
async def remove(
    request: AnyRequest,
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    subscription_id: EntityId,
) -> Response[None]:
    """Delete a subscription (5.8.5), with what is on its way to it."""
    tenant = tenant_of(request)
    await api.delete_subscription(city, caller, tenant, part(subscription_id))
    return _done(tenant, 204)


@get(
    "/subscriptions/{subscription_id:str}/notifications",
    opt={"open": True, "errors": ERRORS},
    summary="Notifications that were not delivered",
)
async def undelivered(
    request: AnyRequest,
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    subscription_id: EntityId,
    dead: FromQuery[bool] = True,
    limit: _Limit = 20,
    after: Annotated[int, QueryParameter(ge=0, le=(1 << 62))] = 0,
) -> list[Dead]:
    """Those given up, with the reason, or with `dead=false` those that wait. Yong's own, beside the standard."""
    return await api.undelivered(
        city, caller, tenant_of(request), part(subscription_id), dead=dead, limit=limit, after=after
    )


_Number = Annotated[int, PathParameter(ge=1, le=(1 << 62))]


@post(
    "/subscriptions/{subscription_id:str}/notifications/{number:int}/retry",
    opt={"errors": ERRORS},
    status_code=204,
    summary="Send again what was given up",
)
async def retry(
    request: AnyRequest,
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    subscription_id: EntityId,
    number: _Number,
) -> None:
    """Put a notification that was given up back in its line."""
    await api.retry_notification(city, caller, tenant_of(request), part(subscription_id), number)


@delete(
    "/subscriptions/{subscription_id:str}/notifications/{number:int}",
    opt={"errors": ERRORS},
    status_code=204,
    summary="Discard what was given up",
)
async def discard(
    request: AnyRequest,
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    subscription_id: EntityId,
    number: _Number,
) -> None:
    """Delete a notification that was given up."""
    await api.discard_notification(city, caller, tenant_of(request), part(subscription_id), number)


async def _taken(
    request: AnyRequest, city: City, caller: Caller
) -> tuple[str, dict[str, Any], Any, str | None]:
    """The tenant, body, context and id that a request gives, once the caller may subscribe at all."""
    tenant = tenant_of(request)
    api.may_subscribe(city, caller, tenant)
    media = media_type(request)
    raw = decoded(await request.body())
    if not isinstance(raw, dict):
        raise Invalid(_OBJECT)
    context = context_of(media, raw.pop("@context", None), linked(request))
    id_ = raw.pop("id", None)
    if id_ is not None and not is_uri(id_):
        raise Invalid(_ID)
    return tenant, raw, context if context is not None else raw.get("jsonldContext"), id_


def _shown(found: Subscription, options: str | None, media: str) -> dict[str, Any]:
    body = shown(found, system="sysAttrs" in (options or "").split(","))
    return body if media == JSON else {**body, "@context": with_core(found.context)}


def _done(tenant: str, status: int, **headers: str) -> Response[None]:
    if tenant:
        headers[TENANT] = tenant
    return Response(None, status_code=status, headers=headers)


routes = (subscribe, listing, one, change, remove, undelivered, retry, discard)
