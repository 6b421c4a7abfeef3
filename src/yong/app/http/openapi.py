"""The OpenAPI document: what the framework describes, made to say what an operation can really answer.

A handler says in its `opt` what its signature cannot: `takes` and `gives` are the media types of a body that
is no JSON struct, `refuses` those of errors that a standard words itself, `errors` are statuses beyond those that follow from its parts, `open` marks what also
answers anonymous callers, with what is open data.
"""

from collections.abc import Iterator
from typing import Any

import msgspec
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from yong.app.http import problems
from yong.kernel.base import errors
from yong.kernel.context.routes import problems as ngsi_ld
from yong.kernel.documents.contracts import ChecksumMismatch

_PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "A problem document (RFC 9457) in the language of Accept-Language",
    "required": ["type", "title", "status", "detail"],
    "additionalProperties": False,
    "properties": {
        "type": {
            "type": "string",
            "pattern": "^(/errors/[a-z-]+|https://uri.etsi.org/ngsi-ld/errors/[A-Za-z]+)$",
        },
        "title": {"type": "string", "minLength": 1},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string", "minLength": 1},
        "instance": {"type": "string", "description": "The path that was asked"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "detail"],
                "additionalProperties": False,
                "properties": {
                    "pointer": {"type": "string", "description": "A JSON Pointer (RFC 6901)"},
                    "detail": {"type": "string", "minLength": 1},
                },
            },
        },
    },
}
_KINDS: tuple[type[errors.YongError], ...] = (
    errors.Malformed,
    errors.Unauthenticated,
    errors.Forbidden,
    errors.NotFound,
    errors.Conflict,
    errors.Stale,
    errors.TooLarge,
    errors.Invalid,
    errors.TooMany,
    errors.YongError,
    errors.Unavailable,
)
_MEDIA_KINDS: tuple[type[errors.YongError], ...] = (
    ngsi_ld.NotAcceptable,
    ngsi_ld.Unsupported,
    ChecksumMismatch,
)
_ANONYMOUS: dict[str, Any] = {}
_PLAINER = {401: 403, 409: 400, 413: 400, 422: 400}
"""Statuses that standards before RFC 9110 do not use, and those that they say instead."""


def openapi(app: Litestar) -> dict[str, Any]:
    """The OpenAPI 3.1 document of an application. Raises ValueError where two bodies have parts of one name."""
    document: dict[str, Any] = app.openapi_schema.to_schema()
    components = document.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = _PROBLEM
    components["responses"] = {str(kind.status): _problem(kind) for kind in (*_KINDS, *_MEDIA_KINDS)}
    bodies: dict[str, Any] = {}
    for handler, path, method in _handlers(app):
        operation = document.get("paths", {}).get(path, {}).get(method)
        if operation is not None:
            _complete(document, bodies, operation, handler)
    return document


def errors_of(status: int) -> str:
    """What a status is called."""
    return next((kind.title.en for kind in _KINDS if kind.status == status), "Refused")


def _problem(kind: type[errors.YongError]) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "description": f"{kind.title.en} · {kind.title.zh}",
        "content": {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for name in problems.headers_of(kind()):
        answer.setdefault("headers", {})[name] = {"schema": {"type": "string"}, "required": True}
    return answer


def _handlers(app: Litestar) -> Iterator[tuple[HTTPRouteHandler, str, str]]:
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for handler in route.route_handlers:
                for method in handler.http_methods:
                    yield handler, route.path_format, str(method).lower()


def _complete(
    document: dict[str, Any], bodies: dict[str, Any], operation: dict[str, Any], handler: HTTPRouteHandler
) -> None:
    for parameter in operation.get("parameters", ()):
        parameter["schema"] = _written(parameter["schema"], parameter["in"])
    data = handler.parsed_fn_signature.parameters.get("data")
    if data is not None:
        # As the decoder itself says it: no unknown names, and every limit of what is inside lists.
        [schema], parts = msgspec.json.schema_components(
            [data.annotation], ref_template="#/components/schemas/{name}"
        )
        for name, part in parts.items():
            if bodies.setdefault(name, part) != part:
                raise ValueError(f"two bodies hold a {name} that is not the same: rename one")
        operation["requestBody"]["content"]["application/json"]["schema"] = schema
        document["components"]["schemas"].update(parts)
    takes: dict[str, Any] | None = handler.opt.get("takes")
    if takes is not None:
        operation["requestBody"] = {
            "required": True,
            "content": {media: {"schema": schema} for media, schema in takes.items()},
        }
    _rows(document, handler.parsed_fn_signature.return_type.annotation)
    answers = operation["responses"]
    gives: tuple[str, ...] | None = handler.opt.get("gives")
    if gives is not None:
        good = next(status for status in answers if status.startswith("2"))
        answers[good]["content"] = {media: {} for media in gives}
    if "caller" not in handler.parsed_fn_signature.parameters:
        operation["security"] = []
    elif handler.opt.get("open"):
        operation["security"] = [_ANONYMOUS, *document["security"]]
    body = operation.get("requestBody")
    if body is not None:
        limit = handler.resolve_request_max_body_size()
        body["description"] = f"At most {limit} bytes"
    for answer in answers.values():
        if [given.get("schema") for given in answer.get("content", {}).values()] == [{"type": "null"}]:
            del answer["content"]  # an answer without a body
    answers.pop("400", None)  # the framework's own form
    refuses: tuple[str, ...] | None = handler.opt.get("refuses")
    if refuses is not None:
        told: dict[str, Any] = {"content": {media: {} for media in refuses}}
        for status in sorted({_PLAINER.get(s, s) for s in _statuses(operation, handler)}):
            answers[str(status)] = {
                "description": f"{errors_of(status)}, in the standard's own words",
                **told,
            }
        return
    for status in sorted(_statuses(operation, handler)):
        answers.setdefault(str(status), {"$ref": f"#/components/responses/{status}"})


def _rows(document: dict[str, Any], annotation: Any) -> None:
    """Describe the parts of an answer that are written as arrays (msgspec's `array_like`) as the encoder writes them."""
    try:
        _, parts = msgspec.json.schema_components([annotation], ref_template="#/components/schemas/{name}")
    except TypeError:  # an answer of bytes or of a stream
        return
    rows = {name: part for name, part in parts.items() if part.get("type") == "array"}
    document["components"]["schemas"].update(rows)


def _written(schema: dict[str, Any], place: str) -> dict[str, Any]:
    """The schema of a parameter as a URL writes it: without null, but for the word."""
    choices = [one for one in schema.get("oneOf", ()) if one != {"type": "null"}]
    if len(choices) != 1:
        return schema
    rest = {name: value for name, value in schema.items() if name != "oneOf"}
    known = {**choices[0], **rest}
    plain = known.get("type") == "string" and "format" not in known
    if place != "query" or plain or known.get("type") == "array":
        return known
    return {"anyOf": [known, {"const": "null", "description": "As if absent"}]}


def _statuses(operation: dict[str, Any], handler: HTTPRouteHandler) -> set[int]:
    """The errors an operation may answer with, by what it takes and does."""
    found = {500, 503, *handler.opt.get("errors", ())}
    parameters = operation.get("parameters", ())
    body = operation.get("requestBody") is not None
    if "caller" in handler.parsed_fn_signature.parameters:
        found |= {401, 403, 422, 429}  # 422: X-Purpose names a purpose that nobody declared
    if parameters or body:
        found |= {400, 422}
    if any(p["in"] == "path" for p in parameters):
        found.add(404)
    if body:
        found.add(413)
    if handler.http_methods != {"GET"}:
        found |= {403, 409}  # 403: another site's page may not use our cookie
    return found
