"""Every error that leaves by HTTP is an RFC 9457 problem document in the reader's language."""

from typing import Any

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.response import Template

from yong.kernel.base import errors
from yong.kernel.base.errors import YongError
from yong.kernel.base.text import Language, Text, preferred
from yong.kernel.store.database import away
from yong.portal.shell import problem

MEDIA_TYPE = "application/problem+json"
PORTAL = "/portal/"  # what goes wrong on a page is told as a page
_log = structlog.get_logger("yong.http")

_BY_STATUS: dict[int, type[YongError]] = {
    400: errors.Malformed,
    401: errors.Unauthenticated,
    403: errors.Forbidden,
    404: errors.NotFound,
    409: errors.Conflict,
    412: errors.Stale,
    413: errors.TooLarge,
    422: errors.Invalid,
    429: errors.TooMany,
    503: errors.Unavailable,
}
_METHOD = Text("此地址不支持该方法", "This address does not take that method")
_MEDIA = Text("不支持的内容类型", "That media type is not supported here")


def headers_of(error: YongError) -> dict[str, str]:
    """The headers that go with an error's status."""
    if isinstance(error, errors.TooMany):
        return {"retry-after": str(error.retry_after_s)}
    if isinstance(error, errors.Unauthenticated):
        return {"www-authenticate": "Bearer"}
    return {}


def encoded(error: YongError, language: Language, instance: str | None = None) -> bytes:
    return msgspec.json.encode(error.document(language, instance))


def language_of(request: "Request[Any, Any, Any]") -> Language:
    city = request.app.state.city
    return preferred(request.headers.get("accept-language"), city.settings.language)


def answer(request: "Request[Any, Any, Any]", exception: Exception) -> Response[bytes] | Template:
    """The response for anything raised in a handler; the unforeseen is logged and says nothing of itself."""
    if isinstance(exception, YongError):
        error, status = exception, exception.status
    elif isinstance(exception, HTTPException):
        error, status = _translated(exception), exception.status_code
    else:
        error = unforeseen(exception, request.url.path)
        status = error.status
    if f"{request.url.path}/".startswith(PORTAL):
        return problem(request, error, status)
    for prefix, told in request.app.state.tongues.items():
        if request.url.path.startswith(prefix):
            response: Response[bytes] = told(request, error, status)
            return response
    document = error.document(language_of(request), request.url.path)
    document["status"] = status
    return Response(
        msgspec.json.encode(document), status_code=status, media_type=MEDIA_TYPE, headers=headers_of(error)
    )


def unforeseen(exception: Exception, path: str) -> YongError:
    """What is said of an exception that is no YongError: that a part is away, else nothing but that; logged."""
    if away(exception):
        _log.warning("a part is away", path=path, error=f"{type(exception).__name__}: {exception}"[:300])
        return errors.Unavailable()
    _log.error("unhandled", path=path, exc_info=exception)
    return YongError()


def _translated(exception: HTTPException) -> YongError:
    """The framework's own complaints (unknown path, unreadable body, missing parameter) in our words."""
    if exception.status_code == 405:
        return YongError(_METHOD)
    if exception.status_code == 415:
        return YongError(_MEDIA)
    kind = _BY_STATUS.get(exception.status_code, YongError)
    if exception.status_code not in (400, 422):
        return kind()
    extra = exception.extra if isinstance(exception.extra, list) else []
    problems = tuple(
        errors.Problem(
            "/" + str(e.get("key", "")).replace(".", "/"),
            Text(f"不符合要求：{e.get('message', '')}", str(e.get("message", ""))),
        )
        for e in extra
        if isinstance(e, dict)
    )
    return kind(None, problems=problems)
