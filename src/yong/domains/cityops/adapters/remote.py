"""Another city's Open311 endpoint: asked over HTTP from hosts alone that the operator named, read without trust."""

import math
from collections.abc import Mapping
from urllib.parse import urlsplit

import aiohttp
import msgspec
from lxml import etree

from yong.domains.cityops.contracts import Misread, RemoteRequest
from yong.domains.cityops.logic.open311 import moment
from yong.kernel.base.errors import Forbidden, Malformed, Unavailable
from yong.kernel.base.text import Text

BYTES, ENTRIES, WITHIN_S = 8 << 20, 1_000, 30.0
_HOST = Text("{host} 不在 open311_hosts 之列", "{host} is not among open311_hosts")
_SILENT = Text("{host} 没有应答", "{host} did not answer")
_STATUS = Text("{host} 答复 {status}", "{host} answered {status}")
_LARGE = Text("{host} 的答复过大", "The answer of {host} is too large")
_UNREADABLE = Text("答复无法读取：{why}", "The answer cannot be read: {why}")
_MANY = Text("一次答复的条目过多", "There are too many entries in one answer")
_NO_ID = Text("没有 service_request_id", "It has no service_request_id")
_LONG = Text("{field} 过长", "{field} is too long")
_NO_STATUS = Text("status 应为 open 或 closed", "Its status is neither open nor closed")
_NO_PLACE = Text("没有可用的位置", "It has no place that can be used")
_LENGTHS = {"service_code": 100, "service_name": 200, "description": 4_000, "address": 200}


def permitted(url: str, hosts: str) -> None:
    """Raise Forbidden unless the host of an address is among those that the operator named, with commas."""
    parts = urlsplit(url)
    named = {h.strip().lower() for h in hosts.split(",") if h.strip()}
    host = (parts.hostname or "").lower()
    if parts.scheme not in ("http", "https") or not named & {"*", host, f"{host}:{parts.port}"}:
        raise Forbidden(_HOST, host=host[:200] or "–")


async def fetch(url: str, parameters: Mapping[str, str]) -> bytes:
    """What an address answers. Raises Unavailable where it does not, or not with 200, or with too much."""
    host = urlsplit(url).hostname
    try:
        async with (
            aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=WITHIN_S), cookie_jar=aiohttp.DummyCookieJar()
            ) as session,
            session.get(url, params=dict(parameters), allow_redirects=False) as answer,
        ):
            if answer.status != 200:
                raise Unavailable(_STATUS, host=host, status=answer.status)
            body = b""
            async for chunk in answer.content.iter_chunked(1 << 16):
                body += chunk
                if len(body) > BYTES:
                    raise Unavailable(_LARGE, host=host)
            return body
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
        raise Unavailable(_SILENT, host=host) from None  # whose words may hold the address


def read(body: bytes, xml: bool) -> list[RemoteRequest | Misread]:
    """The requests of an answer; what is wrong with one does not touch the others. Raises Malformed for no answer at all."""
    entries = _of_xml(body) if xml else _of_json(body)
    if len(entries) > ENTRIES:
        raise Malformed(_MANY)
    return [_request(entry) for entry in entries]


def _of_json(body: bytes) -> list[object]:
    try:
        said = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, ValueError) as error:
        raise Malformed(_UNREADABLE, why=str(error)[:200]) from None
    if isinstance(said, dict):  # as some say it, by the name that the XML has
        said = said.get("service_requests", said.get("requests"))
    if not isinstance(said, list):
        raise Malformed(_UNREADABLE, why="no list of requests")
    return said


def _of_xml(body: bytes) -> list[object]:
    """Hardened: no entity is resolved, nothing is fetched, and a document that declares any is refused."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True,
        remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Malformed(_UNREADABLE, why=str(error)[:200]) from None
    if root.getroottree().docinfo.doctype:
        raise Malformed(_UNREADABLE, why="a document type is declared")
    if etree.QName(root).localname != "service_requests":
        raise Malformed(_UNREADABLE, why="no service_requests")
    return [{etree.QName(field).localname: field.text for field in one} for one in root]


def _request(entry: object) -> RemoteRequest | Misread:
    if not isinstance(entry, dict):
        return Misread(id="–", why=_NO_ID)
    id_ = _text(entry.get("service_request_id"))
    if not id_ or len(id_) > 200:
        return Misread(id=(id_ or "–")[:200], why=_NO_ID)
    told = {name: _text(entry.get(name)) for name in _LENGTHS}
    for name, most in _LENGTHS.items():
        if len(told[name]) > most:
            return Misread(id=id_, why=_LONG.filled(field=name))
    status = _text(entry.get("status")).lower()
    if status not in ("open", "closed"):
        return Misread(id=id_, why=_NO_STATUS)
    lat, long = _degrees(entry.get("lat"), 90), _degrees(entry.get("long"), 180)
    if lat == long == 0:  # what is written where nothing is known
        lat = long = None
    if (lat is None or long is None) and not told["address"]:
        return Misread(id=id_, why=_NO_PLACE)
    return RemoteRequest(
        id=id_, closed=status == "closed", service_code=told["service_code"], service_name=told["service_name"],
        description=told["description"] or None, address=told["address"] or None,
        lat=lat if long is not None else None, long=long if lat is not None else None,
        updated_at=moment(_text(entry.get("updated_datetime"))),
    )  # fmt: skip


def _text(value: object) -> str:
    """A value in words, without what no text of ours holds."""
    words = str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
    return "".join(c for c in words if c >= " " or c in "\t\n").replace("\x7f", "").strip()


def _degrees(value: object, most: float) -> float | None:
    try:
        found = float(_text(value))
    except ValueError:
        return None
    return found if math.isfinite(found) and abs(found) <= most else None
