"""Open311 GeoReport v2 (wiki.open311.org/GeoReport_v2) over HTTP: names, fields and errors are the standard's."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import HeaderParameter, PathParameter, QueryParameter

from yong.domains.cityops import api
from yong.domains.cityops.adapters import answers, forms
from yong.domains.cityops.adapters.answers import JSON, XML
from yong.domains.cityops.contracts import FORM_BYTES, Attribute, PublicRequest, PublicService
from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.base import errors
from yong.kernel.base.city import City
from yong.kernel.base.errors import Malformed, NotFound, TooLarge, YongError
from yong.kernel.base.text import Text, preferred

BASE = "/open311/v2"
SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
MEDIA = ("text/xml", "application/json")
_FORM = "application/x-www-form-urlencoded"
_NO_TOKEN = Text("没有编号为 {id} 的请求", "There is no request for the token {id}")
_NO_REQUEST = Text(
    "没有 service_request_id 为 {id} 的请求", "There is no request with the service_request_id {id}"
)
_NO_FORM = Text(
    "应为表单（application/x-www-form-urlencoded）", "A form is asked for (application/x-www-form-urlencoded)"
)
_KEYS = Text(
    "接口密钥（api_key）由本市账户管理员发放，见 {url}/portal",
    "An API key (api_key) is given out by the city's account administrators: see {url}/portal",
)
_Asking = Request[Any, Any, Any]
_Word = Annotated[str | None, QueryParameter(max_length=200)]
_Words = Annotated[str | None, QueryParameter(max_length=60_000)]
_Moment = Annotated[str | None, QueryParameter(max_length=64)]
_Number = Annotated[str | None, QueryParameter(max_length=8)]
_Id = Annotated[str, PathParameter(min_length=1, max_length=128, pattern=r"^[^\x00/]+$")]
_Key = Annotated[
    str | None, HeaderParameter(name="Idempotency-Key", min_length=1, max_length=200, pattern="^[ -~]+$")
]
_TEXT = {"type": "string"}
FORM = {
    _FORM: {
        "type": "object",
        "required": ["service_code"],
        "properties": dict.fromkeys(forms.NAMES, _TEXT),
    }
}
_OPEN: dict[str, Any] = {"open": True, "gives": MEDIA, "refuses": MEDIA, "any_query": True}


def _format(request: _Asking) -> str:
    """XML or JSON: as the address ends, else as Accept says, else the standard's XML."""
    path = request.url.path
    if path.endswith((".json", ".xml")):
        return JSON if path.endswith(".json") else XML
    accept = request.headers.get("accept", "").lower()
    json, xml = accept.find("json"), accept.find("xml")
    return JSON if json >= 0 and (xml < 0 or json < xml) else XML


def _given(request: _Asking, root: str, tree: object, status: int = 200) -> Response[bytes]:
    if _format(request) == JSON:
        return Response(answers.as_json(tree), status_code=status, media_type=JSON)
    return Response(answers.as_xml(root, tree), status_code=status, media_type=XML)


def _named(id_: str) -> str:
    """An id of a path without its format."""
    for ending in (".json", ".xml"):
        if id_.endswith(ending):
            return id_[: -len(ending)]
    return id_


def _query(request: _Asking, city: City) -> Mapping[str, str]:
    said = forms.asked_of(request.query_params.multi_items())
    forms.jurisdiction(city.settings.open311_jurisdiction, said.get("jurisdiction_id"))
    return said


# ---------------------------------------------------------------- what there is


@get(f"{BASE}/discovery", opt=_OPEN, summary="Open311 service discovery")
async def discovery(
    request: _Asking,
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    jurisdiction_id: _Word = None,
) -> Response[bytes]:
    """Where the door is, in which formats, and when its services changed last."""
    _query(request, city)
    changed = await api.changed(city, caller)
    url = (city.settings.public_url or str(request.base_url)).rstrip("/")
    endpoint = {
        "specification": SPECIFICATION,
        "url": f"{url}{BASE}",
        "changeset": answers.w3c(changed),
        "type": "production",
        "formats": list(MEDIA),
    }
    return _given(
        request,
        "discovery",
        {
            "changeset": answers.w3c(changed),
            "contact": f"{url}/portal",
            "key_service": _KEYS.filled(url=url).in_(caller.language),
            "endpoints": [endpoint],
        },
    )


@get(f"{BASE}/services", opt=_OPEN, summary="Open311 services")
async def services(
    request: _Asking,
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    jurisdiction_id: _Word = None,
) -> Response[bytes]:
    """What may be reported: the classes of cases that are open to the public."""
    _query(request, city)
    found = await api.services(city, caller)
    return _given(request, "services", [_service(one, caller) for one in found])


def _service(one: PublicService, caller: Caller) -> dict[str, object]:
    return {
        "service_code": one.code,
        "service_name": one.name.in_(caller.language),
        "description": one.description.in_(caller.language),
        "metadata": one.asks,
        "type": "realtime",
        "keywords": one.words or None,
        "group": one.group.in_(caller.language),
    }


@get(f"{BASE}/services/{{service_code:str}}", opt=_OPEN, summary="Open311 service definition")
async def definition(
    request: _Asking,
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    service_code: _Id,
    jurisdiction_id: _Word = None,
) -> Response[bytes]:
    """What a service asks: its attributes. The code may end in `.xml` or `.json`."""
    _query(request, city)
    code = _named(service_code)
    asked = await api.definition(city, caller, code)
    tree = {"service_code": code, "attributes": [_attribute(one, caller) for one in asked]}
    return _given(request, "service_definition", tree)


def _attribute(one: Attribute, caller: Caller) -> dict[str, object]:
    tree: dict[str, object] = {
        "variable": one.variable,
        "code": one.code,
        "datatype": one.datatype.value,
        "required": one.required,
        "datatype_description": one.hint.in_(caller.language) if one.hint else None,
        "order": one.order,
        "description": one.description.in_(caller.language),
    }
    if one.values:
        tree["values"] = [{"key": v.key, "name": v.name.in_(caller.language)} for v in one.values]
    return tree


# ---------------------------------------------------------------- requests


@post(
    f"{BASE}/requests",
    opt={**_OPEN, "takes": FORM},
    status_code=201,
    request_max_body_size=FORM_BYTES,
    summary="Make an Open311 request",
)
async def make(
    request: _Asking, city: NamedDependency[City], caller: NamedDependency[Caller], key: _Key = None
) -> Response[bytes]:
    """Report something; the answer has its number. It goes the way of the portal's reports and becomes a case."""
    fields, attributes = forms.form(await _body(request))
    forms.jurisdiction(city.settings.open311_jurisdiction, fields.get("jurisdiction_id"))
    client = request.client.host if request.client else ""
    if "api_key" in fields:
        headers = {
            "x-api-key": fields["api_key"],
            "accept-language": request.headers.get("accept-language", ""),
        }
        caller = await access.caller_of(city, headers, client)
    made = await api.make(city, caller, forms.request_of(fields, attributes), client, key)
    tree = [{"service_request_id": made.id, "service_notice": made.notice, "account_id": None}]
    return _given(request, "service_requests", tree, 201)


async def _body(request: _Asking) -> bytes:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise Malformed(_NO_FORM)
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > FORM_BYTES:
            raise TooLarge
    return body


@get(f"{BASE}/requests", opt=_OPEN, summary="Open311 requests")
async def requests(
    request: _Asking,
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    jurisdiction_id: _Word = None,
    api_key: _Word = None,
    service_request_id: _Words = None,
    service_code: _Words = None,
    start_date: _Moment = None,
    end_date: _Moment = None,
    status: _Word = None,
    updated_after: _Moment = None,
    updated_before: _Moment = None,
    page: _Number = None,
    page_size: _Number = None,
) -> Response[bytes]:
    """What anybody may know of requests, the newest first: of the last 90 days, the first 1,000, unless asked otherwise."""
    asked = forms.asked(_query(request, city))
    found = await api.requests(city, caller, asked)
    return _given(request, "service_requests", [_request(one) for one in found])


@get(f"{BASE}/requests/{{service_request_id:str}}", opt=_OPEN, summary="One Open311 request")
async def one_request(
    request: _Asking,
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    service_request_id: _Id,
    jurisdiction_id: _Word = None,
) -> Response[bytes]:
    """What anybody may know of a request, or of several with commas between their numbers."""
    _query(request, city)
    ids = _named(service_request_id)
    found = await api.requests(city, caller, forms.asked({"service_request_id": ids}))
    if not found:
        raise NotFound(_NO_REQUEST, id=ids[:60])
    return _given(request, "service_requests", [_request(one) for one in found])


@get(f"{BASE}/tokens/{{token:str}}", opt=_OPEN, summary="The request of an Open311 token")
async def token(
    request: _Asking,
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    token: _Id,
    jurisdiction_id: _Word = None,
) -> Response[bytes]:
    """The number of a request by its token. Numbers are given at once here, so a request's number is its token."""
    _query(request, city)
    id_ = _named(token)
    found = await api.requests(city, caller, forms.asked({"service_request_id": id_.replace(",", " ")}))
    if not found:
        raise NotFound(_NO_TOKEN, id=id_[:60])
    return _given(request, "service_requests", [{"service_request_id": found[0].id, "token": id_}])


def _request(one: PublicRequest) -> dict[str, object]:
    """A request in the standard's fields; those that are about its sender, or not kept, are empty."""
    return {
        "service_request_id": one.id,
        "status": "closed" if one.closed else "open",
        "status_notes": one.notes,
        "service_name": one.service_name,
        "service_code": one.service_code,
        "description": None,
        "agency_responsible": one.agency,
        "service_notice": None,
        "requested_datetime": answers.w3c(one.requested_at),
        "updated_datetime": answers.w3c(one.updated_at),
        "expected_datetime": answers.w3c(one.expected_at) if one.expected_at else None,
        "address": None,
        "address_id": None,
        "zipcode": None,
        "lat": one.lat,
        "long": one.long,
        "media_url": None,
    }


# ---------------------------------------------------------------- errors

_STATUS: tuple[tuple[type[YongError], int], ...] = (
    (errors.NotFound, 404),
    (errors.Unauthenticated, 403),
    (errors.Forbidden, 403),
    (errors.TooMany, 429),
    (errors.Unavailable, 503),
    (errors.Invalid, 400),
    (errors.Conflict, 400),
    (errors.TooLarge, 400),
)


def refused(request: _Asking, error: YongError, status: int) -> Response[bytes]:
    """An error as the standard writes it: a list of codes and descriptions.

    404 for what is not there, 403 for a key that is missing or wrong, 400 for anything else that is asked wrongly.
    """
    status = next((s for kind, s in _STATUS if isinstance(error, kind)), status)
    city: City = request.app.state.city
    language = preferred(request.headers.get("accept-language"), city.settings.language)
    said = [f"{p.pointer.lstrip('/')}: {p.detail.in_(language)}" for p in error.problems]
    tree = [{"code": status, "description": one} for one in said or [error.detail.in_(language)]]
    answer = _given(request, "errors", tree, status)
    if isinstance(error, errors.TooMany):
        answer.headers["retry-after"] = str(error.retry_after_s)
    return answer


def _alias(of: Any, make_handler: Callable[..., Any], name: str, **more: Any) -> Any:
    """The same at the addresses that name a format."""
    paths = [f"{BASE}/{name}.xml", f"{BASE}/{name}.json"]
    return make_handler(paths, include_in_schema=False, **more)(of.fn)


routes = (
    discovery,
    services,
    definition,
    make,
    requests,
    one_request,
    token,
    _alias(discovery, get, "discovery"),
    _alias(services, get, "services"),
    _alias(requests, get, "requests"),
    _alias(make, post, "requests", status_code=201, request_max_body_size=FORM_BYTES),
)
