"""Contexts at hand: the bundled core context, those that users stored here, and copies of remote ones.

Nothing is asked of the network unless the setting `jsonld_context_hosts` names the host; what came from there
is kept in the table until somebody deletes it.
"""

import time
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import msgspec

from yong.kernel.base.city import City
from yong.kernel.base.errors import Invalid, NotFound, Unavailable
from yong.kernel.base.ids import new_id
from yong.kernel.base.text import Text
from yong.kernel.context.jsonld import core
from yong.kernel.context.jsonld.names import CORE, LONGEST, Names, merged, references, wrong
from yong.kernel.store.database import Connection, Database, Row

PATH = "/ngsi-ld/v1/jsonldContexts/"
LARGEST = 512 << 10  # bytes of one context
MOST_REFERRED = 32
_KEEP_S = 10.0  # how long a context counts without asking the table again
_KEPT = 2000
_WITHIN_S = 10.0

_DENIED = Text(
    "@context {url} 不在本机，且设置 jsonld_context_hosts 不允许下载",
    "The @context {url} is not stored here, and the setting jsonld_context_hosts does not allow to fetch it",
)
_FAILED = Text("无法取得 @context {url}：{why}", "The @context {url} could not be fetched: {why}")


class ContextUnavailable(Unavailable):
    """A context that is referred to cannot be had (LdContextNotAvailable)."""


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """A context as it is kept. `kind` is Hosted (by a user), Cached (from elsewhere) or ImplicitlyCreated."""

    id: str
    url: str
    kind: str
    body: Any
    created_at: datetime
    used_at: datetime | None
    uses: int


class Shelf:
    """Contexts as this process parsed them, by what was asked. A City part."""

    def __init__(self) -> None:
        self.names: dict[bytes, tuple[float, Names]] = {}


async def names_of(city: City, context: Any) -> Names:
    """The names of a user's context: an address, an object or an array of them.

    Raises Invalid for what is no context, ContextUnavailable where one that it refers to cannot be had.
    """
    if isinstance(context, str) and core.is_core(context):
        return CORE
    key = msgspec.json.encode(context)
    if len(key) > LARGEST:
        raise wrong(f"超过 {LARGEST} 字节", f"it is over {LARGEST} bytes long")
    shelf = city[Shelf].names
    kept = shelf.get(key)
    if kept is not None and kept[0] > time.monotonic():
        return kept[1]
    loaded: dict[str, Any] = {}
    waiting = _remote(references(context))
    while waiting:
        address = waiting.pop()
        if address in loaded:
            continue
        if len(loaded) >= MOST_REFERRED:
            raise wrong("引用过多", "it refers to too many others")
        body = await _load(city, address)
        loaded[address] = body
        waiting += _remote(references(body))
    names = merged(context, loaded)
    if len(shelf) >= _KEPT:
        shelf.clear()
    shelf[key] = (time.monotonic() + _KEEP_S, names)
    return names


def body_of(document: Any) -> Any:
    """The context within a context document: what its `@context` holds. Raises Invalid."""
    if not isinstance(document, dict) or "@context" not in document:
        raise wrong("缺少 @context 成员", "there is no member @context")
    return document["@context"]


async def add(city: City, connection: Connection, body: Any, *, kind: str = "Hosted") -> str:
    """Store a user's context once it is found to be one; its id."""
    await names_of(city, body)
    id_ = new_id()
    await connection.execute(
        "INSERT INTO context.jsonld_context (id, url, kind, body) VALUES ($1, $2, $4, $3)",
        id_,
        PATH + id_,
        [body],
        kind,
    )
    return id_


async def listing(city: City, kind: str | None = None, limit: int = 1000) -> list[Stored]:
    """What is stored, the newest first."""
    rows = await city[Database].fetch(
        """SELECT id, url, kind, body, created_at, used_at, uses FROM context.jsonld_context
           WHERE $1::text IS NULL OR kind = $1::text ORDER BY created_at DESC LIMIT $2""",
        kind,
        limit,
    )
    return [_stored(row) for row in rows]


async def read(city: City, id_or_url: str) -> Stored:
    """A stored context by its id or address. Raises NotFound."""
    row = await city[Database].fetchrow(
        """SELECT id, url, kind, body, created_at, used_at, uses FROM context.jsonld_context
           WHERE id = $1 OR url = $1""",
        id_or_url,
    )
    if row is None:
        raise NotFound(Text("没有 @context {id}", "There is no @context {id}"), id=id_or_url[:200])
    return _stored(row)


async def delete(city: City, connection: Connection, id_or_url: str) -> Stored:
    """Delete a stored context; what it was. Raises NotFound."""
    found = await read(city, id_or_url)
    await connection.execute("DELETE FROM context.jsonld_context WHERE id = $1", found.id)
    city[Shelf].names.clear()
    return found


async def reload(city: City, connection: Connection, id_or_url: str) -> None:
    """Fetch a cached context anew. Raises NotFound, Invalid for one that was not fetched, ContextUnavailable."""
    found = await read(city, id_or_url)
    if found.kind != "Cached":
        raise Invalid(Text("只有下载的 @context 可以重新加载", "Only a cached @context can be loaded anew"))
    body = await _fetched(city, found.url)
    merged(body, {address: {} for address in references(body)})
    await connection.execute("UPDATE context.jsonld_context SET body = $2 WHERE id = $1", found.id, [body])
    city[Shelf].names.clear()


def _stored(row: Row) -> Stored:
    return Stored(
        id=row["id"],
        url=row["url"],
        kind=row["kind"],
        body=row["body"][0],
        created_at=row["created_at"],
        used_at=row["used_at"],
        uses=row["uses"],
    )


def _remote(addresses: Iterable[str]) -> list[str]:
    return [a for a in addresses if not core.is_core(a)]


async def _load(city: City, address: str) -> Any:
    if len(address) > LONGEST or "\0" in address:
        raise wrong("地址过长", "an address is too long")
    _, here, id_ = address.rpartition(PATH)
    own = PATH + id_ if here else address
    body = await city[Database].fetchval(
        """UPDATE context.jsonld_context SET uses = uses + 1, used_at = now()
           WHERE url = $1 OR url = $2 RETURNING body""",
        address,
        own,
    )
    if body is not None:
        return body[0]
    fetched = await _fetched(city, address)
    await city[Database].execute(
        """INSERT INTO context.jsonld_context (id, url, kind, body, uses, used_at)
           VALUES ($1, $2, 'Cached', $3, 1, now()) ON CONFLICT (url) DO NOTHING""",
        new_id(),
        address,
        [fetched],
    )
    return fetched


async def _fetched(city: City, address: str) -> Any:
    """What lies at an address, if its host is allowed. Redirects are not followed: they would leave the list."""
    hosts = {h.strip().lower() for h in city.settings.jsonld_context_hosts.split(",") if h.strip()}
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").lower()
    except ValueError:
        host = ""
    if not host or parts.scheme not in ("http", "https") or host not in hosts:
        raise ContextUnavailable(_DENIED, url=address[:200])
    headers = {"accept": "application/ld+json, application/json"}
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_WITHIN_S)) as session,
            session.get(address, headers=headers, allow_redirects=False) as answer,
        ):
            if answer.status != 200:
                raise ContextUnavailable(_FAILED, url=address[:200], why=answer.status)
            payload = await answer.content.read(LARGEST + 1)
            while len(payload) <= LARGEST and (more := await answer.content.read(LARGEST + 1 - len(payload))):
                payload += more
        if len(payload) > LARGEST:
            raise ContextUnavailable(_FAILED, url=address[:200], why=f"> {LARGEST} B")
        return body_of(msgspec.json.decode(payload))
    except (
        aiohttp.ClientError,
        TimeoutError,
        OSError,
        msgspec.DecodeError,
        UnicodeDecodeError,
        Invalid,
    ) as e:
        raise ContextUnavailable(_FAILED, url=address[:200], why=type(e).__name__) from e
