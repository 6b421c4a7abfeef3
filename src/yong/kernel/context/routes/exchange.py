"""What requests and answers of the standard's API share (clause 6.3): media types, contexts, tenants, forms."""

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, cast
from urllib.parse import unquote

import msgspec
from litestar import Request, Response
from litestar.params import PathParameter, QueryParameter

from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import Invalid, Malformed
from yong.kernel.base.text import Text
from yong.kernel.context import api
from yong.kernel.context.api.entities import Place
from yong.kernel.context.asking.sent import members
from yong.kernel.context.jsonld.core import CORE_IRI, with_core
from yong.kernel.context.jsonld.names import CORE, Names
from yong.kernel.context.ngsild import shown
from yong.kernel.context.ngsild.attributes import attribute_name
from yong.kernel.context.ngsild.changes import Report
from yong.kernel.context.ngsild.shown import Form, View, Whole
from yong.kernel.context.routes.problems import NotAcceptable, Unsupported

JSON, LD, GEO, MERGE = (
    "application/json",
    "application/ld+json",
    "application/geo+json",
    "application/merge-patch+json",
)
GIVES = (JSON, LD, GEO)
TENANT = "NGSILD-Tenant"
DEEPEST = 64
_CONTEXT_REL = "http://www.w3.org/ns/json-ld#context"
_LINK = re.compile(r"<([^<>]*)>((?:\s*;\s*[^,<>;]+=(?:\"[^\"]*\"|[^,;\"]*))*)")
_TENANT = re.compile(r"[A-Za-z0-9_-]{1,64}")
_NO_BRACKETS = bytes(b for b in range(256) if b not in b"[]{}")
_decode = msgspec.json.Decoder().decode

Words = Annotated[str | None, QueryParameter(max_length=4000, pattern=r"^[^\x00]*$")]
EntityId = Annotated[str, PathParameter(min_length=1, max_length=3100, pattern=r"^[^\x00]+$")]
Name = Annotated[str, PathParameter(min_length=1, max_length=1600, pattern=r"^[^\x00]+$")]
AnyRequest = Request[Any, Any, Any]
TAKES: dict[str, Any] = {
    media: {"type": "object", "description": "An NGSI-LD entity, or a part of one"} for media in (JSON, LD)
}
TAKES_PATCH: dict[str, Any] = {**TAKES, MERGE: TAKES[JSON]}


class Asked(msgspec.Struct, kw_only=True):
    """What a request says beside its path and query: names in force, the context to answer with, the tenant."""

    names: Names = CORE
    context: Any = None  # as the user gave it
    tenant: str = ""
    raw: Any = None
    place: Place = Place()


def tenant_of(request: AnyRequest) -> str:
    """The tenant that a request is about. Raises Invalid."""
    tenant = request.headers.get(TENANT.lower(), "")
    if tenant and not _TENANT.fullmatch(tenant):
        raise Invalid(Text("租户名称有误", "This is no name of a tenant"))
    return tenant


def _place(request: AnyRequest, tenant: str) -> Place:
    owner, district = request.headers.get("x-owner"), request.headers.get("x-district")
    if (owner and len(owner) > 128) or (district and not re.fullmatch("[0-9]{2,15}", district)):
        raise Invalid(Text("X-Owner 或 X-District 有误", "X-Owner or X-District is wrong"))
    return Place(tenant=tenant, owner=owner or None, district=district or None)


def linked(request: AnyRequest) -> str | None:
    """The context that a request refers to by its Link header. Raises Invalid for several."""
    header = ", ".join(request.headers.getall("link", []))
    found = [
        url
        for url, rest in _LINK.findall(header[:8000])
        if re.search(rf'rel\s*=\s*"?{re.escape(_CONTEXT_REL)}"?(\s|;|$)', rest)
    ]
    if len(found) > 1:
        raise Invalid(Text("Link 头只能引用一个 @context", "The Link header may refer to one @context alone"))
    return found[0] if found else None


async def ask(city: City, caller: Caller, request: AnyRequest) -> Asked:
    """What a request without a body says."""
    context = linked(request)
    tenant = tenant_of(request)
    return Asked(names=await api.names(city, caller, context), context=context, tenant=tenant)


async def take(city: City, caller: Caller, request: AnyRequest, *, patch: bool = False) -> Asked:
    """What a request with a body says, once the caller may write at all. Raises as clause 6.3.5 has it."""
    tenant = tenant_of(request)
    api.may_write(city, caller, tenant)
    media = media_type(request, patch=patch)
    raw = decoded(await request.body())
    link = linked(request)
    inline = raw.get("@context") if isinstance(raw, dict) else None
    context = context_of(media, inline, link, several=isinstance(raw, list), patch=patch)
    names = await api.names(city, caller, context)
    return Asked(names=names, context=context, tenant=tenant, raw=raw, place=_place(request, tenant))


def media_type(request: AnyRequest, *, patch: bool = False) -> str:
    """The media type of a body. Raises Unsupported."""
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media not in (JSON, LD) and not (patch and media == MERGE):
        raise Unsupported(Text("请使用 application/json 或 application/ld+json", f"Send {JSON} or {LD}"))
    return media


def context_of(
    media: str, inline: Any, link: str | None, *, several: bool = False, patch: bool = False
) -> Any:
    """The context of a body by the rules of clause 6.3.5. Raises Invalid."""
    if media == LD:
        if link is not None:
            raise Invalid(
                Text(
                    "ld+json 不得同时使用 Link 头中的 @context", "With ld+json the @context is not in a Link"
                )
            )
        if inline is None and not several:
            raise Invalid(Text("ld+json 须含 @context", "With ld+json the body holds its @context"))
        return inline
    if inline is not None:
        if patch and media == MERGE and link is None:
            return inline
        raise Invalid(
            Text(
                "json 不得含 @context，请用 Link 头或 ld+json",
                "With json the @context is in a Link header alone",
            )
        )
    return link


def decoded(payload: bytes) -> Any:
    """A body of JSON, not nested too deeply. Raises Malformed."""
    try:
        raw = _decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Malformed(Text("内容不是有效的 JSON", "The body is no valid JSON")) from None
    if _brackets_nest(payload) and _deeper(raw):
        raise Malformed(Text(f"JSON 嵌套超过 {DEEPEST} 层", f"The JSON nests deeper than {DEEPEST}"))
    return raw


def _brackets_nest(payload: bytes) -> bool:
    """Whether JSON may nest too deeply: pairs of brackets are taken away from within until none is left.

    Brackets within texts may leave some over; then it takes a look at what was read.
    """
    left = payload.translate(None, _NO_BRACKETS)
    for _ in range(DEEPEST):
        if not left:
            return False
        left = left.replace(b"[]", b"").replace(b"{}", b"")
    return bool(left)


def _deeper(raw: Any) -> bool:
    level: list[Any] = [raw]
    for _ in range(DEEPEST + 1):
        inner: list[Any] = []
        for value in level:
            if isinstance(value, dict):
                inner += [v for v in value.values() if isinstance(v, dict | list)]
            elif isinstance(value, list):
                inner += [v for v in value if isinstance(v, dict | list)]
        if not inner:
            return False
        level = inner
    return True


def part(text: str) -> str:
    """A part of a path as it was meant: an escaped slash stays escaped until here."""
    return unquote(text)


def options_of(options: str | None, format: str | None) -> tuple[frozenset[str], Form]:
    """The options of a request, and the form of the answer. Raises Invalid for one that there is not."""
    given = frozenset(o.strip() for o in (options or "").split(",") if o.strip())
    forms = [*given & _FORMS.keys(), *([format] if format else [])]
    if format is not None and format not in _FORMS:
        raise Invalid(Text("没有格式 {f}", "There is no format {f}"), f=format[:50])
    if given - _FORMS.keys() - {"sysAttrs", "noOverwrite", "update", "replace"}:
        raise Invalid(Text("不认识的 options", "There is no such option"))
    return given, _FORMS[forms[-1]] if forms else "normalized"


_FORMS: Mapping[str, Form] = {
    "normalized": "normalized",
    "concise": "concise",
    "simplified": "simplified",
    "keyValues": "simplified",
}


def names_in(text: str | None, names: Names) -> frozenset[str] | None:
    """Stored names of a list of attributes or members, separated by commas."""
    if text is None:
        return None
    return members(text.split(","), names)


def view_of(
    asked: Asked,
    *,
    options: str | None = None,
    format: str | None = None,
    attrs: str | None = None,
    pick: str | None = None,
    omit: str | None = None,
    lang: str | None = None,
    dataset: str | None = None,
    geometry: str | None = None,
) -> View:
    """How the answer is to be shown."""
    given, form = options_of(options, format)
    return View(
        names=asked.names,
        form=form,
        system="sysAttrs" in given,
        attrs=names_in(attrs, asked.names),
        pick=names_in(pick, asked.names),
        omit=names_in(omit, asked.names) or frozenset(),
        lang=lang or None,
        dataset="" if dataset == "@none" else dataset,
        geometry=attribute_name(geometry, "/geometryProperty", asked.names) if geometry else "location",
    )


def accepted(request: AnyRequest, gives: Iterable[str] = GIVES) -> str:
    """The media type to answer with, by weight; JSON where all are alike. Raises NotAcceptable."""
    header = request.headers.get("accept", "*/*")
    best: tuple[float, str] | None = None
    for choice in header[:2000].split(","):
        media, _, rest = choice.strip().partition(";")
        match = re.search(r"q=([0-9.]+)", rest)
        try:
            weight = float(match[1]) if match else 1.0
        except ValueError:
            weight = 0.0
        media = media.strip().lower()
        found = JSON if media in ("*/*", "application/*", "") else media
        if found in gives and weight > 0 and (best is None or weight > best[0]):
            best = weight, found
    if best is None:
        raise NotAcceptable()
    return best[1]


def respond(asked: Asked, body: Any, media: str, *, status: int = 200) -> Response[bytes]:
    """An answer with its context: in the body of ld+json and geo+json, by Link for json."""
    headers = {TENANT: asked.tenant} if asked.tenant else {}
    if media == JSON:
        url = asked.context if isinstance(asked.context, str) else CORE_IRI
        headers["Link"] = link_to(url)
    else:
        context = with_core(asked.context)
        body = (
            [{**b, "@context": context} for b in body]
            if isinstance(body, list)
            else {**body, "@context": context}
        )
    return Response(msgspec.json.encode(body), status_code=status, media_type=media, headers=headers)


def link_to(url: str) -> str:
    return f'<{url}>; rel="{_CONTEXT_REL}"; type="{LD}"'


def show(whole: Whole, view: View, media: str) -> dict[str, Any]:
    """An entity in the form and media type asked for."""
    return shown.feature(whole, view) if media == GEO else shown.entity(whole, view)


def done(asked: Asked, status: int = 204, **headers: str) -> Response[None]:
    """An answer without a body."""
    if asked.tenant:
        headers[TENANT] = asked.tenant
    return Response(None, status_code=status, headers=headers)


def several(asked: Asked, body: Any, status: int = 207) -> Response[None]:
    """An answer with a body where the operation's usual one has none; the framework knows one type alone."""
    headers = {TENANT: asked.tenant} if asked.tenant else {}
    answer = Response(msgspec.json.encode(body), status_code=status, media_type=JSON, headers=headers)
    return cast("Response[None]", answer)


def reported(asked: Asked, report: Report) -> Response[None]:
    """204 where all was done, else 207 with the standard's UpdateResult."""
    if not report.not_updated:
        return done(asked)
    names = asked.names
    body = {
        "updated": [names.shown(n) for n in report.updated],
        "notUpdated": [
            {"attributeName": names.shown(n.attribute_name), "reason": n.reason} for n in report.not_updated
        ],
    }
    return several(asked, body)
