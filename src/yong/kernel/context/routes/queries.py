"""HTTP of queries (clauses 6.4.3.2 and 6.23): entities by type, id, attributes, `q`, geography and scope."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, NamedTuple
from urllib.parse import urlencode

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter

from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import Invalid
from yong.kernel.base.text import Text
from yong.kernel.context import api
from yong.kernel.context.asking import geo, q, scope
from yong.kernel.context.asking.contracts import MOST, Ask, Page
from yong.kernel.context.asking.search import FAR
from yong.kernel.context.asking.sent import (
    SELECTORS,
    SentGeoQuery,
    SentSelector,
    conditions,
    geography,
    selector,
)
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

LIMIT = 20  # of a page that names none
PLAIN_PARAMETERS = frozenset({"type", "id", "idPattern", "attrs", "q", "limit", "offset", "count"})
_Limit = Annotated[int, QueryParameter(ge=0, le=MOST)]
_Offset = Annotated[int, QueryParameter(ge=0, le=FAR)]
_TAKES: dict[str, Any] = {
    media: {"type": "object", "description": "A Query (clause 5.2.23)", "required": ["type"]}
    for media in (JSON, LD)
}
_NOTHING = Text(
    "请至少给出 type、attrs、q、georel 之一（或 local=true）",
    "Give at least one of type, attrs, q and georel (or local=true)",
)
_GEO = Text("georel、geometry、coordinates 须一并给出", "georel, geometry and coordinates go together")
_ZERO = Text("limit=0 须与 count=true 同用", "limit=0 goes with count=true")
_JOIN = Text("不支持 join={join}", "join={join} is not served")
_QUERY = Text("正文应为 Query（5.2.23）：{why}", "The body is a Query (5.2.23): {why}")


class _Query(msgspec.Struct, kw_only=True, rename="camel"):
    """A Query as it is sent: by POST, or in the parameters of a GET. Lists may be given with commas."""

    type: str = "Query"
    entities: Annotated[list[SentSelector], msgspec.Meta(min_length=1, max_length=SELECTORS)] | None = None
    attrs: list[str] | str | None = None
    q: str | None = None
    geo_q: SentGeoQuery | None = None
    scope_q: str | None = None
    expand_values: str | list[str] | None = None
    pick: list[str] | str | None = None
    omit: list[str] | str | None = None
    lang: str | None = None
    dataset_id: str | list[str] | None = None
    join: str | None = None


class _Paging(msgspec.Struct, frozen=True):
    limit: int
    offset: int
    count: bool
    local: bool
    after: str | None = None


class _Here(NamedTuple):
    """What was asked, for links to the pages beside it."""

    path: str
    parameters: Sequence[tuple[str, str]]


@get("/entities", opt={"open": True, "gives": GIVES, "errors": ERRORS}, summary="Query entities")
async def query(
    request: AnyRequest,
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    type: Words = None,
    id: Words = None,
    id_pattern: Annotated[str | None, QueryParameter(name="idPattern", max_length=q.PATTERN)] = None,
    attrs: Words = None,
    q: Words = None,
    georel: Words = None,
    geometry: Words = None,
    coordinates: Words = None,
    geoproperty: Words = None,
    scope_q: Annotated[str | None, QueryParameter(name="scopeQ", max_length=4000)] = None,
    expand_values: Annotated[str | None, QueryParameter(name="expandValues", max_length=4000)] = None,
    pick: Words = None,
    omit: Words = None,
    lang: Words = None,
    dataset_id: Annotated[str | None, QueryParameter(name="datasetId", max_length=1024)] = None,
    geometry_property: Annotated[str | None, QueryParameter(name="geometryProperty", max_length=512)] = None,
    options: Words = None,
    format: Words = None,
    join: Words = None,
    limit: _Limit = LIMIT,
    offset: _Offset = 0,
    after: Words = None,
    count: FromQuery[bool] = False,
    local: FromQuery[bool] = False,
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
    place = SentGeoQuery(georel or "", geometry or "", coordinates or "", geoproperty or geo.DEFAULT)
    sent = _Query(
        entities=_selected(type, id, id_pattern), attrs=attrs or None, q=q or None,
        geo_q=place if georel else None, scope_q=scope_q or None, expand_values=expand_values, pick=pick, omit=omit,
        lang=lang, dataset_id=dataset_id, join=join,
    )  # fmt: skip
    view = _view(asked, sent, options, format, geometry_property)
    paging = _Paging(limit, offset, count, local or type == "*", after)
    page = await _search(city, caller, asked, sent, paging, typed=bool(type))
    here = _Here(request.url.path, list(request.query_params.multi_items()))
    return _answer(here, asked, page, view, media, paging, geo_ordered=georel is not None)


async def plain_query(city: City, caller: Caller, path: str, given: Mapping[str, str]) -> Response[bytes]:
    """What :func:`query` answers to PLAIN_PARAMETERS alone, each valid, in the core context, with JSON."""
    type_, id_ = given.get("type"), given.get("id")
    api.may_read(city, caller, of_records=bool(type_ or id_))
    asked = Asked()
    sent = _Query(
        entities=_selected(type_, id_, given.get("idPattern")), attrs=given.get("attrs"), q=given.get("q")
    )
    view = _view(asked, sent, None, None, None)
    paging = _Paging(
        int(given.get("limit", LIMIT)), int(given.get("offset", 0)), "count" in given, type_ == "*"
    )
    page = await _search(city, caller, asked, sent, paging, typed=bool(type_), moments=False)
    return _answer(_Here(path, list(given.items())), asked, page, view, JSON, paging, geo_ordered=False)


def _selected(type: str | None, id: str | None, id_pattern: str | None) -> list[SentSelector] | None:
    if not (type or id or id_pattern):
        return None
    return [SentSelector(type or "*", id.split(",") if id else None, id_pattern)]


@post(
    "/entityOperations/query",
    opt={"open": True, "takes": _TAKES, "gives": GIVES, "errors": ERRORS},
    status_code=200,
    summary="Query entities by a body",
)
async def query_by_post(
    request: AnyRequest,
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    options: Words = None,
    format: Words = None,
    geometry_property: Annotated[str | None, QueryParameter(name="geometryProperty", max_length=512)] = None,
    limit: _Limit = LIMIT,
    offset: _Offset = 0,
    after: Words = None,
    count: FromQuery[bool] = False,
    local: FromQuery[bool] = False,
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
    here = _Here(request.url.path, list(request.query_params.multi_items()))
    return _answer(here, asked, page, view, media, paging, geo_ordered=sent.geo_q is not None)


def _view(asked: Asked, sent: _Query, options: str | None, format: str | None, geometry: str | None) -> View:
    view = view_of(
        asked, options=options, format=format, attrs=_commas(sent.attrs), pick=_commas(sent.pick),
        omit=_commas(sent.omit), lang=sent.lang, dataset=_commas(sent.dataset_id), geometry=geometry,
    )  # fmt: skip
    return PLAIN if view == PLAIN else view  # which is shown without a look at every member


def _commas(several: list[str] | str | None) -> str | None:
    return ",".join(several) if isinstance(several, list) else several


async def _search(
    city: City,
    caller: Caller,
    asked: Asked,
    sent: _Query,
    paging: _Paging,
    *,
    typed: bool,
    moments: bool = True,
) -> Page:
    if not (typed or sent.attrs or sent.q or sent.geo_q or paging.local):
        raise Invalid(_NOTHING)
    if sent.join not in (None, "", "@none"):
        raise Invalid(_JOIN, join=sent.join)
    if not paging.limit and not paging.count:
        raise Invalid(_ZERO)
    names = asked.names
    wanted = Ask(
        selectors=tuple(selector(s, names) for s in sent.entities or ()),
        attrs=tuple(sorted(names_in(_commas(sent.attrs), names) or ())),
        q=conditions(sent.q, names, names_in(_commas(sent.expand_values), names) or frozenset())
        if sent.q
        else None,
        scopes=scope.parse(sent.scope_q) if sent.scope_q else None,
        geo=geography(sent.geo_q, names) if sent.geo_q else None,
        limit=paging.limit,
        offset=paging.offset,
        after=paging.after or None,
        count=paging.count,
        moments=moments,
    )
    return await api.search(city, caller, asked.tenant, wanted)


def _answer(
    here: _Here,
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
    answer = respond(asked, body, media)
    if page.count is not None:
        answer.headers["NGSILD-Results-Count"] = str(page.count)
    links = [answer.headers["Link"]] if "Link" in answer.headers else []
    last = page.entities[-1].id if page.entities else ""
    if page.more and paging.offset + paging.limit <= FAR:
        links.append(_link(here, "next", offset=paging.offset + paging.limit))
    elif page.more and not geo_ordered:
        links.append(_link(here, "next", after=last, offset=0))
    if paging.offset and paging.limit:
        links.append(_link(here, "prev", offset=max(0, paging.offset - paging.limit)))
    if links:
        answer.headers["Link"] = ", ".join(links)
    return answer


def _link(here: _Here, relation: str, **changed: object) -> str:
    rest = [(k, v) for k, v in here.parameters if k not in changed]
    return f'<{here.path}?{urlencode([*rest, *changed.items()])}>; rel="{relation}"; type="{LD}"'


routes = (query, query_by_post)
