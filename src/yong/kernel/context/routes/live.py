"""HTTP of changes as they happen: server-sent events (WHATWG HTML 9.2)."""

import asyncio
from typing import Annotated, Any

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import HeaderParameter, QueryParameter
from litestar.response.base import ASGIResponse
from litestar.types import Receive, Scope, Send

from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import Invalid
from yong.kernel.base.text import Text
from yong.kernel.context import api
from yong.kernel.context.asking import geo, q, reading, scope, types
from yong.kernel.context.jsonld.names import Names
from yong.kernel.context.live.streams import Following
from yong.kernel.context.live.wanted import Probe, Wanted
from yong.kernel.context.ngsild import ids
from yong.kernel.context.ngsild.attributes import attribute_name
from yong.kernel.context.routes.exchange import AnyRequest, Words, linked, names_in, tenant_of
from yong.kernel.context.routes.own import box_of
from yong.kernel.context.routes.problems import NotAcceptable

EVENT_STREAM = "text/event-stream"
STUCK_S = 60.0  # a client that reads nothing for so long is left
IDS, ATTRIBUTES = 1000, 100
TERMS = 20  # of one query: it is put to every change
_HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}  # a proxy must not gather what is sent
_MANY = Text("{name} 至多 {n} 个", "There may be at most {n} of {name}")
_GEO = Text("georel、geometry、coordinates 须一并给出", "georel, geometry and coordinates go together")


class _Sent(ASGIResponse):
    """The answer as it is sent; it is over when the stream is, the client goes, or reads nothing for too long."""

    _should_set_content_length = False

    def __init__(self, following: Following, headers: dict[str, str]) -> None:
        super().__init__(media_type=EVENT_STREAM, headers=headers)
        self.following = following

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self.following.close()

    async def send_body(self, send: Send, receive: Receive) -> None:
        sending, gone = asyncio.create_task(self._send(send)), asyncio.create_task(_gone(receive))
        try:
            await asyncio.wait({sending, gone}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sending.cancel()
            gone.cancel()
            await asyncio.gather(sending, gone, return_exceptions=True)
        if not sending.cancelled() and (error := sending.exception()) is not None:
            raise error

    async def _send(self, send: Send) -> None:
        try:
            async for piece in self.following.pieces():
                async with asyncio.timeout(STUCK_S):
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
        except TimeoutError:
            return
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _gone(receive: Receive) -> None:
    """Wait until the client is gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


class EventStream(Response[bytes]):
    """A stream of events."""

    def __init__(self, following: Following) -> None:
        super().__init__(b"", media_type=EVENT_STREAM, headers=_HEADERS)
        self.following = following

    def to_asgi_response(self, *given: Any, **how: Any) -> ASGIResponse:
        headers = {**(how.get("headers") or {}), **self.headers}
        return _Sent(self.following, headers)


@get(
    "/live/entities",
    opt={"open": True, "gives": (EVENT_STREAM,), "errors": (404, 406)},
    summary="Follow what changes",
)
async def changes(
    request: AnyRequest,
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    type: Words = None,
    id: Words = None,
    id_pattern: Annotated[str | None, QueryParameter(name="idPattern", max_length=q.PATTERN)] = None,
    attrs: Words = None,
    q: Words = None,
    scope_q: Annotated[str | None, QueryParameter(name="scopeQ", max_length=4000)] = None,
    bbox: Annotated[str | None, QueryParameter(max_length=100)] = None,
    georel: Words = None,
    geometry: Words = None,
    coordinates: Words = None,
    geoproperty: Words = None,
    district: Annotated[str | None, QueryParameter(pattern="^[0-9]{2,15}$")] = None,
    tenant: Annotated[str | None, QueryParameter(pattern="^[A-Za-z0-9_-]{1,64}$")] = None,
    seconds: Annotated[
        int | None,
        QueryParameter(ge=0, le=86_400, description="How long the stream lasts; 0 for what was missed alone"),
    ] = None,
    last_event_id: Annotated[
        str | None,
        HeaderParameter(name="Last-Event-ID", description="The id of the last event that was read"),
    ] = None,
) -> Response[bytes]:
    """Server-sent events: `changed` with the attributes that changed, `deleted`, `reset` to read the state anew.

    The filters are those of NGSI-LD queries, with `bbox=west,south,east,north` and `district` beside them; all that
    are given must hold. With Last-Event-ID comes first what was missed, or a `reset` where that cannot be told.
    """
    if not _takes_events(request.headers.get("accept", "")):
        raise NotAcceptable()
    where = tenant_of(request) or tenant or ""
    api.may_read(city, caller, where)
    context = linked(request)
    names = await api.names(city, caller, context)
    probes = tuple(_probes(q, scope_q, id_pattern, names))
    given = (
        type,
        id,
        id_pattern,
        attrs,
        q,
        scope_q,
        bbox,
        georel,
        geometry,
        coordinates,
        geoproperty,
        district,
    )
    wanted = Wanted(
        key=(*(word or "" for word in given), context or ""),
        type=types.renamed(types.parse(type), names.stored) if type and type != "*" else None,
        ids=frozenset(ids.stored(one.strip()) for one in _several(id, "id", IDS)),
        attrs=names_in(",".join(_several(attrs, "attrs", ATTRIBUTES)), names) or frozenset(),
        district=district,
        box=box_of(bbox),
        place=_geo(georel, geometry, coordinates, geoproperty, names),
        probes=probes,
        names=names,
    )
    return EventStream(
        await api.follow(
            city, caller, wanted, headers=request.headers, address=request.client.host if request.client else "",
            tenant=where, last=last_event_id, seconds=seconds,
        )
    )  # fmt: skip


def _takes_events(accept: str) -> bool:
    """Whether an Accept header lets server-sent events through."""
    medias = {choice.partition(";")[0].strip().lower() for choice in accept[:2000].split(",")}
    return not accept or not medias.isdisjoint({EVENT_STREAM, "text/*", "*/*"})


def _several(text: str | None, name: str, most: int) -> list[str]:
    found = [one for one in (text or "").split(",") if one.strip()]
    if len(found) > most:
        raise Invalid(_MANY, name=name, n=most)
    return found


def _probes(query: str | None, scopes: str | None, pattern: str | None, names: Names) -> list[Probe]:
    found = []
    if query:
        if _terms(parsed := q.parse(query)) > TERMS:
            raise Invalid(_MANY, name="q", n=TERMS)
        tree = q.renamed(parsed, lambda n: attribute_name(n, "/q", names), names.stored, frozenset())
        found.append(Probe(kind="q", written=msgspec.json.encode(tree).decode(), tree=tree))
    if scopes:
        found.append(Probe(kind="scopeQ", written=scopes, tree=scope.parse(scopes)))
    if pattern:
        found.append(Probe(kind="idPattern", written=pattern, tree=q.safe_pattern(pattern)))
    return found


def _terms(tree: object) -> int:
    return sum(map(_terms, tree.of)) if isinstance(tree, reading.All | reading.Any) else 1


def _geo(
    georel: str | None, geometry: str | None, coordinates: str | None, geoproperty: str | None, names: Names
) -> geo.GeoQuery | None:
    given = (georel, geometry, coordinates)
    if not any(given):
        return None
    if not all(given):
        raise Invalid(_GEO)
    attribute = attribute_name(geoproperty or geo.DEFAULT, "/geoproperty", names)
    return geo.parse(georel or "", geometry or "", coordinates, attribute)


routes = (changes,)
