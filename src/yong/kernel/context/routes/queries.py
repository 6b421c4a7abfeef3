"""HTTP of queries (clauses 6.4.3.2 and 6.23): entities by type, id, attributes, `q`, geography and scope."""

from typing import Annotated, Any
from urllib.parse import urlencode

import msgspec
from litestar import Response, get, post
from litestar.params import Parameter

from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import Invalid
from yong.kernel.base.text import Text
from yong.kernel.context import api
from yong.kernel.context.asking import geo, q, scope, types
from yong.kernel.context.asking.contracts import MOST, Ask, Page, Selector
from yong.kernel.context.asking.search import FAR
from yong.kernel.context.jsonld.names import Names
from yong.kernel.context.ngsild import ids
from yong.kernel.context.ngsild.attributes import attribute_name
from yong.kernel.context.ngsild.shown import PLAIN, View
from yong.kernel.context.routes.entities import ERRORS
from yong.kernel.context.routes.exchange import (
    GEO,
    GIVES,
    JSON,
    LD,
    AnyRequest,
    Asked,
    Words,
    accepted,
    ask,
    context_of,
    decoded,
    linked,
    media_type,
    names_in,
    respond,
    show,
    tenant_of,
    view_of,
)

SELECTORS = 100
IDS = 1000
_Limit = Annotated[int, Parameter(ge=0, le=MOST)]
_Offset = Annotated[int, Parameter(ge=0, le=FAR)]
_TAKES: dict[str, Any] = {
    media: {"type": "object", "description": "A Query (clause 5.2.23)", "required": ["type"]}
    for media in (JSON, LD)
}
_NOTHING = Text(
    "请至少给出 type、attrs、q、georel 之一（或 local=true）",
    "Give at least one of type, attrs, q and georel (or local=true)",
)
_GEO = Text("georel、geometry、coordinates 须一并给出", "georel, geometry and coordinates go together")
_IDS = Text("id 应为 1 至 {n} 个 URI", "id is 1 to {n} URIs")
_ZERO = Text("limit=0 须与 count=true 同用", "limit=0 goes with count=true")
_JOIN = Text("不支持 join={join}", "join={join} is not served")
_QUERY = Text("正文应为 Query（5.2.23）：{why}", "The body is a Query (5.2.23): {why}")


class _Selector(msgspec.Struct):
    """An EntitySelector as it is sent."""

    type: str = "*"
    id: str | list[str] | None = None
    idPattern: str | None = None  # noqa: N815  # the standard's own word


class _GeoQuery(msgspec.Struct):
    georel: str
    geometry: str
    coordinates: list[Any] | str
    geoproperty: str = geo.DEFAULT


class _Query(msgspec.Struct, kw_only=True):
    """A Query as it is sent: by POST, or in the parameters of a GET. Lists may be given with commas."""

    type: str = "Query"
    entities: Annotated[list[_Selector], msgspec.Meta(min_length=1, max_length=SELECTORS)] | None = None
    attrs: list[str] | str | None = None
    q: str | None = None
    geoQ: _GeoQuery | None = None  # noqa: N815  # the standard's own word
    scopeQ: str | None = None  # noqa: N815
    expandValues: str | list[str] | None = None  # noqa: N815
    pick: list[str] | str | None = None
    omit: list[str] | str | None = None
    lang: str | None = None
    datasetId: str | list[str] | None = None  # noqa: N815
    join: str | None = None


class _Paging(msgspec.Struct, frozen=True):
    limit: int
    offset: int
    count: bool
    local: bool
    after: str | None = None


@get("/entities", opt={"open": True, "gives": GIVES, "errors": ERRORS}, summary="Query entities")
async def query(
    request: AnyRequest,
    city: City,
    caller: Caller,
    type: Words = None,
    id: Words = None,
    id_pattern: Annotated[str | None, Parameter(query="idPattern", max_length=q.PATTERN)] = None,
    attrs: Words = None,
    q: Words = None,
    georel: Words = None,
    geometry: Words = None,
    coordinates: Words = None,
    geoproperty: Words = None,
    scope_q: Annotated[str | None, Parameter(query="scopeQ", max_length=4000)] = None,
    expand_values: Annotated[str | None, Parameter(query="expandValues", max_length=4000)] = None,
    pick: Words = None,
    omit: Words = None,
    lang: Words = None,
    dataset_id: Annotated[str | None, Parameter(query="datasetId", max_length=1024)] = None,
    geometry_property: Annotated[str | None, Parameter(query="geometryProperty", max_length=512)] = None,
    options: Words = None,
    format: Words = None,
    join: Words = None,
    limit: _Limit = 20,
    offset: _Offset = 0,
    after: Words = None,
    count: bool = False,
    local: bool = False,
) -> Response[bytes]:
    """Entities that match all that is asked (5.7.2), in the order of their ids; near a place, the nearest first.

    With `count=true` the header `NGSILD-Results-Count` says how many there are. The Link header leads on.
    """
    tenant = tenant_of(request)
    api.may_read(city, caller, tenant, of_records=bool(type or id))
    media = accepted(request)
    asked = await ask(city, caller, request)
    given = [georel, geometry, coordinates]
    if any(given) and not all(given):
        raise Invalid(_GEO)
    place = _GeoQuery(georel or "", geometry or "", coordinates or "", geoproperty or geo.DEFAULT)
    selector = _Selector(type or "*", id.split(",") if id else None, id_pattern)
    sent = _Query(
        entities=[selector] if type or id or id_pattern else None, attrs=attrs or None, q=q or None,
        geoQ=place if georel else None, scopeQ=scope_q or None, expandValues=expand_values, pick=pick, omit=omit,
        lang=lang, datasetId=dataset_id, join=join,
    )  # fmt: skip
    view = _view(asked, sent, options, format, geometry_property)
    paging = _Paging(limit, offset, count, local or type == "*", after)
    page = await _search(city, caller, asked, sent, paging, typed=bool(type))
    return _answer(request, asked, page, view, media, paging, geo_ordered=georel is not None)


@post(
    "/entityOperations/query",
    opt={"open": True, "takes": _TAKES, "gives": GIVES, "errors": ERRORS},
    status_code=200,
    summary="Query entities by a body",
)
async def query_by_post(
    request: AnyRequest,
    city: City,
    caller: Caller,
    options: Words = None,
    format: Words = None,
    geometry_property: Annotated[str | None, Parameter(query="geometryProperty", max_length=512)] = None,
    limit: _Limit = 20,
    offset: _Offset = 0,
    after: Words = None,
    count: bool = False,
    local: bool = False,
) -> Response[bytes]:
    """As GET of entities, with a Query (5.2.23) as the body."""
    tenant = tenant_of(request)
    api.may_read(city, caller, tenant, of_records=True)
    media = accepted(request)
    raw = decoded(await request.body())
    api.may_read(city, caller, tenant, of_records=isinstance(raw, dict) and "entities" in raw)
    inline = raw.pop("@context", None) if isinstance(raw, dict) else None
    context = context_of(media_type(request), inline, linked(request))
    asked = Asked(names=await api.names(city, caller, context), context=context, tenant=tenant)
    try:
        sent = msgspec.convert(raw, _Query)
    except msgspec.ValidationError as error:
        raise Invalid(_QUERY, why=error) from None
    if sent.type != "Query":
        raise Invalid(_QUERY, why="type")
    view = _view(asked, sent, options, format, geometry_property)
    star = any(s.type == "*" for s in sent.entities or ())
    paging = _Paging(limit, offset, count, local or star, after)
    page = await _search(city, caller, asked, sent, paging, typed=sent.entities is not None)
    return _answer(request, asked, page, view, media, paging, geo_ordered=sent.geoQ is not None)


def _view(asked: Asked, sent: _Query, options: str | None, format: str | None, geometry: str | None) -> View:
    view = view_of(
        asked, options=options, format=format, attrs=_commas(sent.attrs), pick=_commas(sent.pick),
        omit=_commas(sent.omit), lang=sent.lang, dataset=_commas(sent.datasetId), geometry=geometry,
    )  # fmt: skip
    return PLAIN if view == PLAIN else view  # which is shown without a look at every member


def _commas(several: list[str] | str | None) -> str | None:
    return ",".join(several) if isinstance(several, list) else several


async def _search(
    city: City, caller: Caller, asked: Asked, sent: _Query, paging: _Paging, *, typed: bool
) -> Page:
    if not (typed or sent.attrs or sent.q or sent.geoQ or paging.local):
        raise Invalid(_NOTHING)
    if sent.join not in (None, "", "@none"):
        raise Invalid(_JOIN, join=sent.join)
    if not paging.limit and not paging.count:
        raise Invalid(_ZERO)
    names = asked.names
    wanted = Ask(
        selectors=tuple(_selector(s, names) for s in sent.entities or ()),
        attrs=tuple(sorted(names_in(_commas(sent.attrs), names) or ())),
        q=_q(sent, names),
        scopes=scope.parse(sent.scopeQ) if sent.scopeQ else None,
        geo=_geo(sent.geoQ, names) if sent.geoQ else None,
        limit=paging.limit,
        offset=paging.offset,
        after=paging.after or None,
        count=paging.count,
    )
    return await api.search(city, caller, asked.tenant, wanted)


def _selector(sent: _Selector, names: Names) -> Selector:
    given = [sent.id] if isinstance(sent.id, str) else (sent.id or [])
    if len(given) > IDS:
        raise Invalid(_IDS, n=IDS)
    tree = None if sent.type == "*" else types.renamed(types.parse(sent.type), names.stored)
    pattern = q.safe_pattern(sent.idPattern) if sent.idPattern else None
    return Selector(type=tree, ids=tuple(ids.stored(i.strip()) for i in given), pattern=pattern)


def _q(sent: _Query, names: Names) -> object | None:
    if not sent.q:
        return None
    words = names_in(_commas(sent.expandValues), names) or frozenset()
    return q.renamed(q.parse(sent.q), lambda n: attribute_name(n, "/q", names), names.stored, words)


def _geo(sent: _GeoQuery, names: Names) -> geo.GeoQuery:
    attribute = attribute_name(sent.geoproperty, "/geoproperty", names)
    return geo.parse(sent.georel, sent.geometry, sent.coordinates, attribute)


def _answer(
    request: AnyRequest,
    asked: Asked,
    page: Page,
    view: View,
    media: str,
    paging: _Paging,
    *,
    geo_ordered: bool,
) -> Response[bytes]:
    shown = [show(entity, view, media) for entity in page.entities]
    body: Any = {"type": "FeatureCollection", "features": shown} if media == GEO else shown
    answer = respond(request, asked, body, media)
    if page.count is not None:
        answer.headers["NGSILD-Results-Count"] = str(page.count)
    links = [answer.headers["Link"]] if "Link" in answer.headers else []
    last = page.entities[-1].id if page.entities else ""
    if page.more and paging.offset + paging.limit <= FAR:
        links.append(_link(request, "next", offset=paging.offset + paging.limit))
    elif page.more and not geo_ordered:
        links.append(_link(request, "next", after=last, offset=0))
    if paging.offset and paging.limit:
        links.append(_link(request, "prev", offset=max(0, paging.offset - paging.limit)))
    if links:
        answer.headers["Link"] = ", ".join(links)
    return answer


def _link(request: AnyRequest, relation: str, **changed: object) -> str:
    rest = [(k, v) for k, v in request.query_params.multi_items() if k not in changed]
    return f'<{request.url.path}?{urlencode([*rest, *changed.items()])}>; rel="{relation}"; type="{LD}"'


routes = (query, query_by_post)
