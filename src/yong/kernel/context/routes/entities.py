"""HTTP of entities (clauses 6.4, 6.5): made, read, replaced, merged, deleted."""

from typing import Annotated
from urllib.parse import quote

from litestar import Response, delete, get, patch, post, put
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import QueryParameter

from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import Invalid, NotFound
from yong.kernel.base.text import Text
from yong.kernel.context import api
from yong.kernel.context.ngsild import ids
from yong.kernel.context.ngsild.attributes import moment
from yong.kernel.context.ngsild.fragments import Fragment, read_entity, read_fragment
from yong.kernel.context.routes.exchange import (
    GIVES,
    TAKES,
    TAKES_PATCH,
    AnyRequest,
    EntityId,
    Words,
    accepted,
    ask,
    done,
    options_of,
    part,
    respond,
    show,
    take,
    tenant_of,
    view_of,
)
from yong.kernel.context.service.writing import NO_ENTITY

ERRORS = (404, 406, 415, 503)
MULTI = {207: ResponseSpec(dict, description="Some of it was done", generate_examples=False)}
_OTHER_ID = Text("正文中的 id 与地址不符", "The id in the body is not that of the address")


@post(
    "/entities", opt={"takes": TAKES, "errors": ERRORS}, summary="Create an entity", status_code=201,
)  # fmt: skip
async def create(
    request: AnyRequest, city: NamedDependency[City], caller: NamedDependency[Caller]
) -> Response[None]:
    """Make an entity (5.6.1). 409 when there is one of that id."""
    asked = await take(city, caller, request)
    fragment = read_entity(asked.raw, asked.names)
    await api.create_entity(city, caller, fragment, place=asked.place)
    where = f"/ngsi-ld/v1/entities/{quote(ids.shown(str(fragment.id)), safe=':')}"
    return done(asked, 201, Location=where)


@get(
    "/entities/{entity_id:str}",
    opt={"open": True, "gives": GIVES, "errors": ERRORS},
    summary="Retrieve an entity",
)
async def retrieve(
    request: AnyRequest,
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    entity_id: EntityId,
    options: Words = None,
    format: Words = None,
    attrs: Words = None,
    pick: Words = None,
    omit: Words = None,
    lang: Words = None,
    dataset_id: Annotated[str | None, QueryParameter(name="datasetId", max_length=1024)] = None,
    geometry_property: Annotated[str | None, QueryParameter(name="geometryProperty", max_length=512)] = None,
) -> Response[bytes]:
    """An entity (5.7.1): normalized, `concise` or `simplified`, as JSON, JSON-LD or GeoJSON."""
    tenant = tenant_of(request)
    api.may_read(city, caller, tenant, of_records=api.is_record(part(entity_id)))
    media = accepted(request)
    asked = await ask(city, caller, request)
    view = view_of(
        asked, options=options, format=format, attrs=attrs, pick=pick, omit=omit, lang=lang,
        dataset=dataset_id, geometry=geometry_property,
    )  # fmt: skip
    found = await api.whole(city, caller, ids.stored(part(entity_id)), tenant=tenant)
    if view.attrs is not None and view.attrs.isdisjoint(found.attributes):
        raise NotFound(NO_ENTITY, id=part(entity_id)[:200])
    return respond(asked, show(found, view, media), media)


@put(
    "/entities/{entity_id:str}",
    opt={"takes": TAKES, "errors": ERRORS},
    status_code=204,
    summary="Replace an entity",
)
async def replace(
    request: AnyRequest, city: NamedDependency[City], caller: NamedDependency[Caller], entity_id: EntityId
) -> Response[None]:
    """Put these attributes in place of all the entity has (5.6.18)."""
    asked = await take(city, caller, request)
    id_ = ids.stored(part(entity_id))
    fragment = _of(read_fragment(asked.raw, asked.names), id_)
    await api.replace_entity(city, caller, id_, fragment, place=asked.place)
    return done(asked)


@patch(
    "/entities/{entity_id:str}",
    opt={"takes": TAKES_PATCH, "errors": ERRORS},
    status_code=204,
    summary="Merge into an entity",
)
async def merge(
    request: AnyRequest,
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    entity_id: EntityId,
    options: Words = None,
    format: Words = None,
    observed_at: Annotated[str | None, QueryParameter(name="observedAt", max_length=40)] = None,
) -> Response[None]:
    """A merge-patch (5.6.17): members are merged deeply, `urn:ngsi-ld:null` takes away."""
    asked = await take(city, caller, request, patch=True)
    options_of(options, format)
    id_ = ids.stored(part(entity_id))
    fragment = _of(read_fragment(asked.raw, asked.names, part=True), id_)
    at = moment(observed_at, "/observedAt") if observed_at else None
    await api.merge_entity(city, caller, id_, fragment, place=asked.place, observed_at=at)
    return done(asked)


@delete("/entities/{entity_id:str}", opt={"errors": ERRORS}, status_code=204, summary="Delete an entity")
async def remove(
    request: AnyRequest, city: NamedDependency[City], caller: NamedDependency[Caller], entity_id: EntityId
) -> Response[None]:
    """Delete an entity (5.6.6). Its past stays in history."""
    tenant = tenant_of(request)
    api.may_write(city, caller, tenant)
    asked = await ask(city, caller, request)
    await api.delete_entity(city, caller, ids.stored(part(entity_id)), place=api.Place(tenant=tenant))
    return done(asked)


def _of(fragment: Fragment, id_: str) -> Fragment:
    if fragment.id is not None and fragment.id != id_:
        raise Invalid(_OTHER_ID)
    return fragment


routes = (create, retrieve, replace, merge, remove)
