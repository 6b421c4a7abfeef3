"""HTTP of types and attributes (clauses 6.25 to 6.28)."""

from typing import Annotated, Any

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.ids import new_id
from yong.kernel.context import api
from yong.kernel.context.api.discovery import AttributeFound, TypeFound
from yong.kernel.context.jsonld.core import iri_of
from yong.kernel.context.jsonld.names import Names
from yong.kernel.context.ngsild.attributes import attribute_name
from yong.kernel.context.routes.exchange import (
    JSON,
    LD,
    AnyRequest,
    Name,
    accepted,
    ask,
    part,
    respond,
    tenant_of,
)

_OPT = {"open": True, "gives": (JSON, LD), "errors": (404, 406, 503)}
Details = Annotated[bool, QueryParameter()]


@get("/types", opt=_OPT, summary="Types of entities")
async def types(
    request: AnyRequest,
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    details: Details = False,
) -> Response[bytes]:
    """The types of the entities that the caller may see (5.7.5), with `details` their attributes (5.7.6)."""
    tenant = tenant_of(request)
    api.may_discover(city, caller, tenant)
    media, asked = accepted(request, (JSON, LD)), await ask(city, caller, request)
    found = await api.entity_types(city, caller, tenant=tenant)
    body: Any
    if details:
        body = [
            {
                "id": iri_of(t.name),
                "type": "EntityType",
                "typeName": asked.names.shown(t.name),
                "attributeNames": [asked.names.shown(a.name) for a in t.attributes],
            }
            for t in found
        ]
    else:
        body = {
            "id": f"urn:ngsi-ld:EntityTypeList:{new_id()}",
            "type": "EntityTypeList",
            "typeList": [asked.names.shown(t.name) for t in found],
        }
    return respond(asked, body, media)


@get("/types/{type_name:str}", opt=_OPT, summary="One type of entities")
async def one_type(
    request: AnyRequest, city: NamedDependency[City], caller: NamedDependency[Caller], type_name: Name
) -> Response[bytes]:
    """How many entities of a type there are, and which attributes they have (5.7.7)."""
    tenant = tenant_of(request)
    api.may_discover(city, caller, tenant)
    media, asked = accepted(request, (JSON, LD)), await ask(city, caller, request)
    name = attribute_name(part(type_name), "/type", asked.names)
    found = await api.entity_type(city, caller, name, tenant=tenant)
    return respond(asked, _info(found, asked.names), media)


@get("/attributes", opt=_OPT, summary="Attributes of entities")
async def attributes(
    request: AnyRequest,
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    details: Details = False,
) -> Response[bytes]:
    """The attributes of the entities that the caller may see (5.7.8), with `details` their types (5.7.9)."""
    tenant = tenant_of(request)
    api.may_discover(city, caller, tenant)
    media, asked = accepted(request, (JSON, LD)), await ask(city, caller, request)
    found = await api.attributes(city, caller, tenant=tenant)
    body: Any
    if details:
        body = [
            {
                "id": iri_of(a.name),
                "type": "Attribute",
                "attributeName": asked.names.shown(a.name),
                "typeNames": [asked.names.shown(t) for t in a.types],
            }
            for a in found
        ]
    else:
        body = {
            "id": f"urn:ngsi-ld:AttributeList:{new_id()}",
            "type": "AttributeList",
            "attributeList": [asked.names.shown(a.name) for a in found],
        }
    return respond(asked, body, media)


@get("/attributes/{attribute:str}", opt=_OPT, summary="One attribute of entities")
async def one_attribute(
    request: AnyRequest, city: NamedDependency[City], caller: NamedDependency[Caller], attribute: Name
) -> Response[bytes]:
    """On how many entities an attribute is, in which kinds, and of which types they are (5.7.10)."""
    tenant = tenant_of(request)
    api.may_discover(city, caller, tenant)
    media, asked = accepted(request, (JSON, LD)), await ask(city, caller, request)
    name = attribute_name(part(attribute), "/attribute", asked.names)
    found = await api.attribute(city, caller, name, tenant=tenant)
    body = {
        **_attribute(found, asked.names),
        "attributeCount": found.count,
        "typeNames": [asked.names.shown(t) for t in found.types],
    }
    return respond(asked, body, media)


def _info(found: TypeFound, names: Names) -> dict[str, Any]:
    return {
        "id": iri_of(found.name),
        "type": "EntityTypeInfo",
        "typeName": names.shown(found.name),
        "entityCount": found.count,
        "attributeDetails": [_attribute(a, names) for a in found.attributes],
    }


def _attribute(found: AttributeFound, names: Names) -> dict[str, Any]:
    return {
        "id": iri_of(found.name),
        "type": "Attribute",
        "attributeName": names.shown(found.name),
        "attributeTypes": found.kinds,
    }


routes = (types, one_type, attributes, one_attribute)
