"""HTTP of access: sessions, accounts and what goes with them, oversight."""

from typing import Any

from litestar import Request

from yong.kernel.access import identity
from yong.kernel.access.routes import accounts, oversight, sessions
from yong.kernel.base.errors import Forbidden
from yong.kernel.base.text import Text


async def same_origin(request: "Request[Any, Any, Any]") -> None:
    """Refuse a change that another site's page asks for (Sec-Fetch-Site, else Origin): with our cookie, or to
    sign a browser in as somebody of its choice.
    """
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return
    if identity.SESSION_COOKIE not in request.cookies and not request.url.path.startswith("/session"):
        return
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    host = request.headers.get("host", "")
    if site in ("cross-site", "same-site") or (origin and origin.partition("://")[2] != host):
        raise Forbidden(Text("来自其他网站的请求被拒绝", "A request from another site is refused"))


routes = (*sessions.routes, *accounts.routes, *oversight.routes)
