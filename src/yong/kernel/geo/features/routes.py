"""HTTP of OGC API Features under `/ogc`. Pages of features are answered beside the framework (decision 0009).

A path keeps its `%2F` and `%25` up to here (ids of entities are URIs); its parts are unescaped here.
"""

from typing import Annotated, Any
from urllib.parse import parse_qsl, quote, unquote

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.door import ASGI, HotRoute, Message
from yong.kernel.geo import api
from yong.kernel.geo.features.contracts import MOST, Answer, Asked
from yong.kernel.geo.features.documents import GEOJSON, SCHEMA

_Id = Annotated[str, PathParameter(min_length=1, max_length=300)]
_Feature = Annotated[str, PathParameter(min_length=1, max_length=1200)]
_Format = Annotated[str | None, QueryParameter(pattern="^json$", description="json")]
_LONGEST = 32_768  # bytes of a query
_ITEMS = "/ogc/collections/"


@get("/ogc", opt={"open": True, "gives": ("application/json",)}, summary="Landing page of OGC API")
async def landing(
    request: "Request[Any, Any, Any]",
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    f: _Format = None,
) -> Response[bytes]:
    """What the OGC APIs offer here: description, conformance, collections."""
    return sent(api.landing(city, caller, asked_of(request)))


@get(
    "/ogc/conformance",
    opt={"open": True, "gives": ("application/json",)},
    summary="Conformance classes of OGC API",
)
async def conformance(
    request: "Request[Any, Any, Any]",
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    f: _Format = None,
) -> Response[bytes]:
    """The conformance classes that hold here, by their URIs."""
    return sent(api.conformance(city, caller, asked_of(request)))


@get(
    "/ogc/collections", opt={"open": True, "gives": ("application/json",)}, summary="Collections of features"
)
async def collections(
    request: "Request[Any, Any, Any]",
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    f: _Format = None,
) -> Response[bytes]:
    """Every located Relation and every located type of entity of which the caller may see something."""
    return sent(await api.collections(city, caller, asked_of(request)))


@get(
    "/ogc/collections/{collection_id:str}",
    opt={"open": True, "gives": ("application/json",)},
    summary="A collection of features",
)
async def collection(
    request: "Request[Any, Any, Any]",
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    collection_id: _Id,
    f: _Format = None,
) -> Response[bytes]:
    """A collection: title, extent, coordinate reference systems, links."""
    return sent(await api.collection(city, caller, unquote(collection_id), asked_of(request)))


@get(
    "/ogc/collections/{collection_id:str}/queryables",
    opt={"open": True, "gives": (SCHEMA,)},
    summary="What features can be asked by",
)
async def queryables(
    request: "Request[Any, Any, Any]",
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    collection_id: _Id,
    f: _Format = None,
) -> Response[bytes]:
    """JSON Schema of the properties that filters, `sortby` and query parameters may name."""
    return sent(await api.queryables(city, caller, unquote(collection_id), asked_of(request)))


@get(
    "/ogc/collections/{collection_id:str}/schema",
    opt={"open": True, "gives": (SCHEMA,)},
    summary="The schema of features",
)
async def schema(
    request: "Request[Any, Any, Any]",
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    collection_id: _Id,
    f: _Format = None,
) -> Response[bytes]:
    """JSON Schema of a collection's features as the caller sees them."""
    return sent(await api.schema(city, caller, unquote(collection_id), asked_of(request)))


@get(
    "/ogc/collections/{collection_id:str}/items",
    opt={"open": True, "gives": (GEOJSON,), "any_query": True},
    summary="Features",
)
async def items(
    request: "Request[Any, Any, Any]",
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    collection_id: _Id,
    limit: Annotated[int | None, QueryParameter(ge=1, le=MOST, description="10 unless given")] = None,
    bbox: Annotated[str | None, QueryParameter(description="west,south,east,north")] = None,
    bbox_crs: Annotated[str | None, QueryParameter(name="bbox-crs")] = None,
    datetime: Annotated[
        str | None, QueryParameter(description="a moment, a day, or from/to with .. for no bound")
    ] = None,
    crs: Annotated[str | None, QueryParameter(description="the URI of one of the collection's crs")] = None,
    filter: Annotated[str | None, QueryParameter(description="CQL2")] = None,
    filter_lang: Annotated[
        str | None, QueryParameter(name="filter-lang", description="cql2-text or cql2-json")
    ] = None,
    filter_crs: Annotated[str | None, QueryParameter(name="filter-crs")] = None,
    sortby: Annotated[str | None, QueryParameter(description="name,-name")] = None,
    properties: Annotated[
        str | None, QueryParameter(description="those to be shown, parted by commas")
    ] = None,
    cursor: Annotated[str | None, QueryParameter(description="of a next link")] = None,
    f: _Format = None,
) -> Response[bytes]:
    """A page of features as GeoJSON; any other parameter is the value that a queryable property must have."""
    return sent(await api.items(city, caller, unquote(collection_id), asked_of(request)))


@get(
    "/ogc/collections/{collection_id:str}/items/{feature_id:str}",
    opt={"open": True, "gives": (GEOJSON,)},
    summary="One feature",
)
async def item(
    request: "Request[Any, Any, Any]",
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    collection_id: _Id,
    feature_id: _Feature,
    crs: Annotated[str | None, QueryParameter(description="the URI of one of the collection's crs")] = None,
    f: _Format = None,
) -> Response[bytes]:
    """A feature as GeoJSON."""
    return sent(await api.item(city, caller, unquote(collection_id), unquote(feature_id), asked_of(request)))


def asked_of(request: "Request[Any, Any, Any]") -> Asked:
    """What came, with the address under which it came."""
    return asked(request.app.state.city, request.scope)  # type: ignore[arg-type]  # our message type is wider


def asked(city: City, scope: Message) -> Asked:
    """The same from a bare scope. Links begin with `public_url`, else with the host that was asked."""
    query: bytes = scope["query_string"][:_LONGEST]
    pairs = tuple(parse_qsl(query.decode("latin-1"), keep_blank_values=True)) if query else ()
    raw: bytes = scope.get("raw_path") or b""
    path = quote(raw.partition(b"?")[0].decode("latin-1") or scope["path"], safe="/%:~+!$&'()*,;=@")
    return Asked(root=f"{_origin(city, scope)}/ogc", path=path.rstrip("/"), query=pairs)


def _origin(city: City, scope: Message) -> str:
    if city.settings.public_url is not None:
        return city.settings.public_url.rstrip("/")
    host = next((v for k, v in scope["headers"] if k == b"host"), b"localhost").decode("latin-1")
    return f"{scope['scheme']}://{host}"


def sent(answer: Answer) -> Response[bytes]:
    return Response(answer.body, media_type=answer.media_type, headers=answer.headers)


def _items_hot(city: City) -> ASGI:
    """A page of features at the full speed of the database."""

    async def answer(scope: Message, receive: Any, send: Any) -> bool | None:
        _, _, _, collection_id, last = scope["path"].split("/")
        if last != "items" or len(scope["query_string"]) > _LONGEST:
            return False
        headers = {k.decode("latin-1"): v.decode("latin-1") for k, v in scope["headers"]}
        client = scope.get("client")
        caller = await access.caller_of(city, headers, client[0] if client else "")
        found = await api.items(city, caller, unquote(collection_id), asked(city, scope))
        sent_headers = [
            (b"content-type", found.media_type.encode()),
            (b"content-length", str(len(found.body)).encode()),
            *((k.encode(), v.encode()) for k, v in found.headers.items()),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": sent_headers})
        await send({"type": "http.response.body", "body": found.body})
        return None

    return answer


routes = (landing, conformance, collections, collection, queryables, schema, items, item)
hot = (HotRoute(method="GET", prefix=_ITEMS, segments=4, open=_items_hot),)
