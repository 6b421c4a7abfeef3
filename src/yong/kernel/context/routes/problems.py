"""Errors as the standard words them (ETSI GS CIM 009 clauses 5.5.2, 6.3.2): problem documents with its types."""

from typing import Any

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException

from yong.kernel.base import errors
from yong.kernel.base.errors import YongError
from yong.kernel.base.text import Language, Text, preferred
from yong.kernel.context.asking.search import TooComplex
from yong.kernel.context.jsonld.shelf import ContextUnavailable
from yong.kernel.context.recorded.registers import ReadOnly
from yong.kernel.context.service.reading import NoTenant
from yong.kernel.store.database import away

MEDIA_TYPE = "application/problem+json"
_ETSI = "https://uri.etsi.org/ngsi-ld/errors/"
_log = structlog.get_logger("yong.http")

# The first that fits: an error, the standard's name of it and its status.
_TYPES: tuple[tuple[type[YongError], str, int], ...] = (
    (NoTenant, "NonexistentTenant", 404),
    (ContextUnavailable, "LdContextNotAvailable", 503),
    (TooComplex, "TooComplexQuery", 403),
    (errors.Malformed, "InvalidRequest", 400),
    (errors.Invalid, "BadRequestData", 400),
    (errors.NotFound, "ResourceNotFound", 404),
    (ReadOnly, "Conflict", 409),
    (errors.Conflict, "AlreadyExists", 409),
)
_BY_STATUS: dict[int, type[YongError]] = {
    400: errors.Malformed,
    404: errors.NotFound,
    413: errors.TooLarge,
    422: errors.Invalid,
}


class Unsupported(YongError):
    """A media type that is not taken or not given here; `status` says which."""

    code, status = "malformed", 415
    title = Text("不支持的内容类型", "That media type is not supported here")


class NotAcceptable(Unsupported):
    status = 406
    title = Text("不提供该内容类型", "That media type is not given here")


def of(error: BaseException) -> YongError:
    """Any error as one of ours; the unforeseen says nothing of itself."""
    if isinstance(error, YongError):
        return error
    if isinstance(error, HTTPException):
        kind = _BY_STATUS.get(error.status_code, YongError)
        return kind(Text(f"请求有误：{error.detail}", error.detail or "The request cannot be read"))
    if away(error):
        _log.warning("a part is away", error=f"{type(error).__name__}: {error}"[:300])
        return errors.Unavailable()
    return YongError()


def document(error: YongError, language: Language, instance: str | None = None) -> dict[str, object]:
    """The standard's ProblemDetails of an error."""
    out = error.document(language, instance)
    for kind, name, status in _TYPES:
        if isinstance(error, kind):
            out["type"], out["status"] = _ETSI + name, status
            return out
    if error.status >= 500:
        out["type"] = _ETSI + "InternalError"
    return out


def headers_of(error: YongError) -> dict[str, str]:
    if isinstance(error, errors.TooMany):
        return {"retry-after": str(error.retry_after_s)}
    return {"www-authenticate": "Bearer"} if isinstance(error, errors.Unauthenticated) else {}


def answer(request: "Request[Any, Any, Any]", exception: Exception) -> Response[bytes]:
    """The response for anything raised in a handler of the standard's API."""
    error = of(exception)
    if type(error) is YongError and not isinstance(exception, YongError | HTTPException):
        _log.error("unhandled", path=request.url.path, exc_info=exception)
    language = preferred(request.headers.get("accept-language"), request.app.state.city.settings.language)
    body = document(error, language, request.url.path)
    if isinstance(exception, HTTPException) and type(error) is YongError:
        body["status"] = exception.status_code
    return Response(
        msgspec.json.encode(body),
        status_code=int(str(body["status"])),
        media_type=MEDIA_TYPE,
        headers=headers_of(error),
    )
