"""The shell of every page: language, large type, the signed-in person, forms that are ours, and errors as pages.

Nothing needs a script. Language and type size are kept in cookies that say nothing of a person; a visit's cookie is
random, binds forms to the browser (CSRF) and names the answers under way, which are kept here and not in it.
"""

import hmac
import secrets
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import parse_qsl, urlencode

from litestar import Request, Response
from litestar.datastructures import Cookie, UploadFile
from litestar.params import PathParameter
from litestar.response import Template

from yong import __version__
from yong.kernel.access import api as access
from yong.kernel.access.contracts import ANONYMOUS, Caller
from yong.kernel.access.openid.provider import secure
from yong.kernel.base.city import City
from yong.kernel.base.clock import CHINA
from yong.kernel.base.errors import Forbidden, Malformed, TooLarge, TooMany, Unauthenticated, YongError
from yong.kernel.base.services import Photo
from yong.kernel.base.settings import Settings
from yong.kernel.base.text import Language, Text, preferred
from yong.kernel.messaging import api as messaging
from yong.portal.logic import csrf_of

Asked = Request[Any, Any, Any]
Word = Annotated[str, PathParameter(min_length=1, max_length=100)]

FORM_BYTES = 64 << 10
_FIELDS = 100
_YEAR_S = 365 * 86_400
_MEDIA = "application/x-www-form-urlencoded"
_STALE = Text(
    "此页打开过久、来自其他网站，或浏览器不接受 Cookie；请返回重试",
    "This page was open for too long, came from another site, or your browser takes no cookies; go back and try again",
)
_NO_FORM = Text("应为网页表单", "A form of a page is expected")
_CITY = {"ningbo": "宁波"}


def language_of(request: Asked, city: City) -> Language:
    """The language asked for in the address, else chosen before, else that of the browser."""
    for asked in (request.query_params.get("lang"), request.cookies.get("yong_language")):
        if asked in ("zh", "en"):
            return "zh" if asked == "zh" else "en"
    return preferred(request.headers.get("accept-language"), city.settings.language)


def large_of(request: Asked) -> bool:
    """Whether large type (长辈版) is asked for in the address, or was chosen before."""
    asked = request.query_params.get("view") or request.cookies.get("yong_view")
    return asked == "large"


def visit_name(settings: Settings) -> str:
    """The name of a visit's cookie; by https no subdomain can set it."""
    return "__Host-yong_visit" if secure(settings) else "yong_visit"


def visit_of(request: Asked, city: City) -> str:
    """The visit's word, a new one where the browser has none."""
    held = request.cookies.get(visit_name(city.settings), "")
    if not 40 <= len(held) <= 60:
        held = request.scope.setdefault("state", {}).setdefault("visit", secrets.token_urlsafe(32))
    return held


def visit_cookie(settings: Settings, word: str) -> Cookie:
    """The cookie of a visit; it goes when the browser is closed."""
    return Cookie(
        key=visit_name(settings), value=word, httponly=True, samesite="lax", secure=secure(settings), path="/"
    )


def client_of(request: Asked) -> str:
    return request.client.host if request.client else ""


async def caller_of(request: Asked, city: City) -> Caller:
    """Who is asking; ANONYMOUS for a credential that is good no more, in the page's language.

    The head of the page tells how many messages they have not read, so that is asked here too.
    """
    try:
        caller = await access.caller_of(city, request.headers, client_of(request))
    except YongError:
        caller = ANONYMOUS
    caller = access.speaking(caller, language_of(request, city))
    if caller.account != ANONYMOUS.account:
        request.scope.setdefault("state", {})["unread"] = await messaging.badge(city, caller)
    return caller


async def form_of(request: Asked, city: City) -> dict[str, str]:
    """What a form of ours holds. Raises Forbidden for one that is not, Malformed, TooLarge."""
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media != _MEDIA:
        raise Malformed(_NO_FORM)
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > FORM_BYTES:
            raise TooLarge
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, max_num_fields=_FIELDS, errors="strict"
        )
    except ValueError:
        raise Malformed(_NO_FORM) from None
    form = dict(pairs)
    if len(form) != len(pairs) or any("\0" in part for pair in pairs for part in pair):
        raise Malformed(_NO_FORM)
    _ours(request, city, form)
    return form


async def photos_of(request: Asked, city: City) -> tuple[dict[str, str], list[Photo]]:
    """What a form of ours with photos holds; a box for files that was left empty holds none. Raises as `form_of` does."""
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise Malformed(_NO_FORM)
    form: dict[str, str] = {}
    photos: list[Photo] = []
    for name, value in (await request.form()).multi_items():
        if not isinstance(value, UploadFile):
            form[str(name)] = str(value)
        elif content := await value.read():
            photos.append(Photo(media_type=value.content_type.lower(), content=content))
    _ours(request, city, form)
    return form, photos


def _ours(request: Asked, city: City, form: dict[str, str]) -> None:
    """Take the token out of a form. Raises Forbidden where the page that it is of was not ours."""
    held = request.cookies.get(visit_name(city.settings))
    right = held is not None and hmac.compare_digest(csrf_of(held).encode(), form.pop("csrf", "").encode())
    if not right or request.headers.get("sec-fetch-site") in ("cross-site", "same-site"):
        raise Forbidden(_STALE)


def moment(at: datetime) -> str:
    """A moment as the city's clocks show it."""
    return f"{at.astimezone(CHINA):%Y-%m-%d %H:%M}"


def page(
    template: str,
    request: Asked,
    city: City,
    caller: Caller,
    /,
    *,
    status: int = 200,
    form: bool = False,
    **more: Any,
) -> Template:
    """A page of a template, with what every page shows. `form` where the page has forms: they get a visit."""
    language, large = language_of(request, city), large_of(request)
    visit = visit_of(request, city) if form else ""
    context = {
        "language": language,
        "large": large,
        "t": lambda zh, en: zh if language == "zh" else en,
        "say": lambda text: text.in_(language),
        "moment": moment,
        "city": _city(city, language),
        "other_language_url": _same(request, lang="en" if language == "zh" else "zh"),
        "view_url": _same(request, view="standard" if large else "large"),
        "signed_in": None if caller.account == "anonymous" else caller.account[:8],
        "unread": request.scope.get("state", {}).get("unread"),
        "demo": city.settings.demo,
        "csrf": csrf_of(visit) if form else "",
        "version": __version__,
        "status": status,
        **more,
    }
    headers = {"cache-control": "no-store", "content-language": language, "vary": "accept-language, cookie"}
    return Template(
        template_name=template, context=context, headers=headers, status_code=status,
        cookies=_chosen(request, city, language, large) + ([visit_cookie(city.settings, visit)] if form else []),
    )  # fmt: skip


def _city(city: City, language: Language) -> str:
    name = city.settings.city
    return name.capitalize() if language == "en" else _CITY.get(name, name)


def _same(request: Asked, **change: str) -> str:
    """The address of this page with another language or type size; what else was asked stays."""
    kept = [(k, v) for k, v in request.query_params.multi_items() if k not in ("lang", "view")][:20]
    return f"{request.url.path}?{urlencode([*kept, *change.items()])}"


def _chosen(request: Asked, city: City, language: Language, large: bool) -> list[Cookie]:
    """Cookies for what the address chose, so that it stays chosen."""
    found = []
    for name, asked, value in (
        ("yong_language", "lang", language),
        ("yong_view", "view", "large" if large else "standard"),
    ):
        if asked in request.query_params:
            found.append(
                Cookie(
                    key=name,
                    value=value,
                    max_age=_YEAR_S,
                    httponly=True,
                    samesite="lax",
                    secure=secure(city.settings),
                    path="/",
                )
            )
    return found


def onward(path: str) -> Response[Any]:
    """Send the browser on to another of our pages, by GET."""
    headers = {"location": path, "cache-control": "no-store"}
    return Response(b"", status_code=303, media_type="text/html", headers=headers)


def problem(request: Asked, error: YongError, status: int) -> Template:
    """An error as a page, with the way on; what went wrong inside is not told."""
    headers = {}
    if isinstance(error, TooMany):
        headers["retry-after"] = str(error.retry_after_s)
    found = page(
        "portal/problem.html", request, request.app.state.city, ANONYMOUS, status=status, error=error,
        signing_in=isinstance(error, Unauthenticated),
    )  # fmt: skip
    found.headers.update(headers)
    return found
