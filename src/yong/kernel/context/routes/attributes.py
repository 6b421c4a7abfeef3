"""HTTP of the attributes of an entity (clauses 6.6, 6.7)."""

from typing import Annotated, Any

from litestar import Response, delete, patch, post, put
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.context import api
from yong.kernel.context.jsonld.names import Names
from yong.kernel.context.ngsild import ids
from yong.kernel.context.ngsild.attributes import Instances, attribute_name, bad, read_attribute
from yong.kernel.context.ngsild.fragments import read_fragment
from yong.kernel.context.routes.entities import ERRORS, MULTI
from yong.kernel.context.routes.exchange import (
    TAKES,
    TAKES_PATCH,
    AnyRequest,
    EntityId,
    Name,
    Words,
    ask,
    done,
    options_of,
    part,
    reported,
    take,
    tenant_of,
)


@post(
    "/entities/{entity_id:str}/attrs",
    opt={"takes": TAKES, "errors": ERRORS},
    status_code=204,
    responses=MULTI,
    summary="Append attributes",
)
async def append(
    request: AnyRequest,
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    entity_id: EntityId,
    options: Words = None,
) -> Response[None]:
    """Add attributes, over those there are unless `options=noOverwrite` (5.6.3)."""
    asked = await take(city, caller, request)
    given, _ = options_of(options, None)
    report = await api.append_attributes(
        city,
        caller,
        ids.stored(part(entity_id)),
        read_fragment(asked.raw, asked.names),
        overwrite="noOverwrite" not in given,
        place=asked.place,
    )
    return reported(asked, report)


@patch(
    "/entities/{entity_id:str}/attrs",
    opt={"takes": TAKES_PATCH, "errors": ERRORS},
    status_code=204,
    responses=MULTI,
    summary="Update attributes",
)
async def update(
    request: AnyRequest, city: NamedDependency[City], caller: NamedDependency[Caller], entity_id: EntityId
) -> Response[None]:
    """Replace attributes that the entity has (5.6.2); 207 tells which it has not."""
    asked = await take(city, caller, request, patch=True)
    fragment = read_fragment(asked.raw, asked.names, part=True)
    report = await api.update_attributes(
        city, caller, ids.stored(part(entity_id)), fragment, place=asked.place
    )
    return reported(asked, report)


@patch(
    "/entities/{entity_id:str}/attrs/{attribute:str}",
    opt={"takes": TAKES_PATCH, "errors": ERRORS},
    status_code=204,
    summary="Update one attribute in part",
)
async def update_one(
    request: AnyRequest,
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    entity_id: EntityId,
    attribute: Name,
) -> Response[None]:
    """Members of one attribute put in place of those it has (5.6.4)."""
    asked = await take(city, caller, request, patch=True)
    name = attribute_name(part(attribute), "/attribute", asked.names)
    given = one_instance(asked.raw, asked.names, partly=True)
    await api.update_attribute(city, caller, ids.stored(part(entity_id)), name, given, place=asked.place)
    return done(asked)


@put(
    "/entities/{entity_id:str}/attrs/{attribute:str}",
    opt={"takes": TAKES, "errors": ERRORS},
    status_code=204,
    summary="Replace one attribute",
)
async def replace_one(
    request: AnyRequest,
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    entity_id: EntityId,
    attribute: Name,
) -> Response[None]:
    """An attribute put in place of the one there is (5.6.19)."""
    asked = await take(city, caller, request)
    name = attribute_name(part(attribute), "/attribute", asked.names)
    given = one_instance(asked.raw, asked.names, partly=False)
    await api.replace_attribute(city, caller, ids.stored(part(entity_id)), name, given, place=asked.place)
    return done(asked)


@delete(
    "/entities/{entity_id:str}/attrs/{attribute:str}",
    opt={"errors": ERRORS},
    status_code=204,
    summary="Delete an attribute",
)
async def remove(
    request: AnyRequest,
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    entity_id: EntityId,
    attribute: Name,
    dataset_id: Annotated[str | None, QueryParameter(name="datasetId", max_length=1024)] = None,
    delete_all: Annotated[bool, QueryParameter(name="deleteAll")] = False,
) -> Response[None]:
    """Take the default instance away, that of a `datasetId`, or with `deleteAll` every one (5.6.5)."""
    tenant = tenant_of(request)
    api.may_write(city, caller, tenant)
    asked = await ask(city, caller, request)
    await api.delete_attribute(
        city,
        caller,
        ids.stored(part(entity_id)),
        attribute_name(part(attribute), "/attribute", asked.names),
        dataset="" if dataset_id in (None, "@none") else dataset_id,
        every=delete_all,
        place=api.Place(tenant=tenant),
    )
    return done(asked)


def one_instance(raw: Any, names: Names, *, partly: bool) -> Instances:
    """The instance that a body gives of an attribute. Raises Invalid."""
    if not isinstance(raw, dict):
        raise bad("/", "应为属性对象", "an attribute is expected, as an object")
    raw = {k: v for k, v in raw.items() if k != "@context"}
    if partly and raw and "type" not in raw and "datasetId" not in raw:
        raw["datasetId"] = "@none"  # members without a kind or value are a part, not a value
    return read_attribute(raw, "", names, part=partly)


routes = (append, update, update_one, replace_one, remove)
