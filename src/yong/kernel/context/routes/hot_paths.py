"""GET of one entity, queries and PATCH of one attribute at the full speed of the database.

They take what is plain: JSON, the core context, no options. Everything else goes to the framework's handlers,
which answer the same.
"""

from collections.abc import Awaitable, Callable
from typing import TypeAlias
from urllib.parse import parse_qsl

import msgspec

from yong.kernel.access import api as access
from yong.kernel.base.city import City
from yong.kernel.base.door import ASGI, HotRoute, Message
from yong.kernel.base.errors import YongError
from yong.kernel.base.text import preferred
from yong.kernel.context import api
from yong.kernel.context.asking import q
from yong.kernel.context.asking.contracts import MOST
from yong.kernel.context.asking.search import FAR
from yong.kernel.context.jsonld.core import CORE_IRI
from yong.kernel.context.jsonld.names import CORE
from yong.kernel.context.ngsild import ids, shown
from yong.kernel.context.ngsild.attributes import attribute_name
from yong.kernel.context.routes import problems, queries
from yong.kernel.context.routes.attributes import one_instance
from yong.kernel.context.routes.exchange import JSON, MERGE, context_of, decoded, link_to

Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]

_ENTITIES = "/ngsi-ld/v1/entities"
_LONGEST = 4000
_LINK = (b"link", link_to(CORE_IRI).encode())
_ANY_JSON = frozenset({JSON, "*/*", "application/*", ""})
_SPECIAL = frozenset({"link", "ngsild-tenant", "x-owner", "x-district", "transfer-encoding"})


def _headers(scope: Message, *, query: bool = False) -> dict[str, str] | None:
    """The headers of a plain request, without a `query` if not said so; None where something is special."""
    if (scope["query_string"] and not query) or b"%" in scope.get("raw_path", b"").partition(b"?")[0]:
        return None
    headers = {k.decode("latin-1"): v.decode("latin-1") for k, v in scope["headers"]}
    return headers if _SPECIAL.isdisjoint(headers) else None


def _get(city: City) -> ASGI:
    async def retrieve(scope: Message, receive: Receive, send: Send) -> bool | None:
        parts = scope["path"].split("/")
        headers = _headers(scope)
        if len(parts) != 5 or parts[3] != "entities" or not parts[4] or headers is None:
            return False
        if headers.get("accept", "") not in _ANY_JSON:
            return False
        try:
            client = scope.get("client")
            caller = await access.caller_of(city, headers, client[0] if client else "")
            api.may_read(city, caller, of_records=api.is_record(parts[4]))
            found = await api.whole(city, caller, ids.stored(parts[4]))
        except YongError as error:
            await _problem(city, error, scope, send, headers)
            return None
        body = msgspec.json.encode(shown.entity(found))
        await _send(send, 200, body, [(b"content-type", JSON.encode()), _LINK])
        return None

    return retrieve


def _query(city: City) -> ASGI:
    async def query(scope: Message, receive: Receive, send: Send) -> bool | None:
        headers = _headers(scope, query=True)
        if scope["path"] != _ENTITIES or headers is None or headers.get("accept", "") not in _ANY_JSON:
            return False
        given = _plain(scope["query_string"])
        if given is None:
            return False
        try:
            client = scope.get("client")
            caller = await access.caller_of(city, headers, client[0] if client else "")
            answer = await queries.plain_query(city, caller, _ENTITIES, given)
        except YongError as error:
            await _problem(city, error, scope, send, headers)
            return None
        more = [(k.lower().encode(), v.encode("latin-1")) for k, v in answer.headers.items()]
        await _send(send, 200, answer.content, [(b"content-type", JSON.encode()), *more])
        return None

    return query


def _plain(query: bytes) -> dict[str, str] | None:
    """The parameters of a plain query; None where one is special, or wrong, which the framework explains."""
    if len(query) > _LONGEST:
        return None
    pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    given = dict(pairs)
    if len(given) < len(pairs) or not given.keys() <= queries.PLAIN_PARAMETERS:
        return None
    if not all(given.values()) or any("\0" in v or "\ufffd" in v for v in given.values()):
        return None
    for name in ("limit", "offset"):
        number = given.get(name, "0")
        if not (number.isascii() and number.isdigit() and len(number) <= 6):
            return None
        if int(number) > (MOST if name == "limit" else FAR):
            return None
    return (
        given
        if given.get("count", "true") == "true" and len(given.get("idPattern", "")) <= q.PATTERN
        else None
    )


def _patch(city: City) -> ASGI:
    limit = city.settings.body_limit_kb * 1024

    async def update(scope: Message, receive: Receive, send: Send) -> bool | None:
        parts = scope["path"].split("/")
        headers = _headers(scope)
        if len(parts) != 7 or parts[3] != "entities" or parts[5] != "attrs" or headers is None:
            return False
        media = headers.get("content-type", "").partition(";")[0].strip().lower()
        length = headers.get("content-length", "")
        if media not in (JSON, MERGE) or not length.isdigit() or int(length) > limit or "cookie" in headers:
            return False
        try:
            client = scope.get("client")
            caller = await access.caller_of(city, headers, client[0] if client else "")
            api.may_write(city, caller)
            raw = decoded(await _body(receive))
            inline = raw.get("@context") if isinstance(raw, dict) else None
            context = context_of(media, inline, None, patch=True)
            names = CORE if context is None else await api.names(city, caller, context)
            name = attribute_name(parts[6], "/attribute", names)
            given = one_instance(raw, names, partly=True)
            await api.update_attribute(city, caller, ids.stored(parts[4]), name, given)
        except YongError as error:
            await _problem(city, error, scope, send, headers)
            return None
        await _send(send, 204, b"", [])
        return None

    return update


async def _body(receive: Receive) -> bytes:
    chunks: list[bytes] = []
    while True:
        message = await receive()
        chunks.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(chunks)


async def _problem(city: City, error: YongError, scope: Message, send: Send, headers: dict[str, str]) -> None:
    language = preferred(headers.get("accept-language"), city.settings.language)
    document = problems.document(error, language, scope["path"])
    more = [(k.encode(), v.encode()) for k, v in problems.headers_of(error).items()]
    await _send(
        send,
        int(str(document["status"])),
        msgspec.json.encode(document),
        [(b"content-type", problems.MEDIA_TYPE.encode()), *more],
    )


async def _send(send: Send, status: int, body: bytes, headers: list[tuple[bytes, bytes]]) -> None:
    if status != 204:
        headers = [*headers, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


hot = (
    HotRoute(method="GET", prefix="/ngsi-ld/v1/entities", segments=3, open=_query),
    HotRoute(method="GET", prefix="/ngsi-ld/v1/entities/", segments=4, open=_get),
    HotRoute(method="PATCH", prefix="/ngsi-ld/v1/entities/", segments=5, open=_patch),
)
