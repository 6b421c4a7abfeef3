"""HTTP of sessions: signing in and out, passwords, second factors, tokens."""

from typing import Annotated, Any

import msgspec
import segno
from litestar import Request, Response, delete, get, post
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.params import JSONBody

from yong.kernel.access import api, identity
from yong.kernel.access.contracts import Caller, Mandate
from yong.kernel.access.openid import flow
from yong.kernel.access.openid.provider import secure
from yong.kernel.base.city import City
from yong.kernel.base.errors import Unauthenticated
from yong.kernel.base.settings import Settings
from yong.kernel.base.text import Text

_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern="^[^\\x00]*$")]
_Password = Annotated[str, msgspec.Meta(max_length=256)]
_Code = Annotated[str, msgspec.Meta(max_length=64)]


class SignIn(msgspec.Struct, forbid_unknown_fields=True):
    """What signing in takes; `code` once a second factor is enrolled."""

    name: _Name
    password: _Password
    code: _Code | None = None


class PageTold(msgspec.Struct):
    """A domain's own page of the console, at `/console/domains/<module>/<name>`."""

    module: str
    name: str
    title: Text
    component: str


class Who(msgspec.Struct):
    """Who is calling, under which name, what they may do at all (permissions; each door decides for itself), and
    which pages of domains are for them."""

    account: str
    name: str
    party: str | None
    factors: list[str]
    mandates: list[Mandate]
    may: list[str]
    pages: list[PageTold]


class Token(msgspec.Struct):
    """A short-lived access token for `Authorization: Bearer`."""

    access_token: str
    expires_in: int
    token_type: str = "Bearer"  # noqa: S105  # the name RFC 6749 gives, no secret


class ChangePassword(msgspec.Struct, forbid_unknown_fields=True):
    """A password's change; a one-time password is changed the same way."""

    name: _Name
    password: _Password
    fresh: _Password
    code: _Code | None = None


class Enrolment(msgspec.Struct):
    """A second factor to be confirmed: the key URI, and the same as a QR code (SVG)."""

    uri: str
    qr: str


class Confirmation(msgspec.Struct, forbid_unknown_fields=True):
    """A code of the authenticator app."""

    code: _Code


class RecoveryCodes(msgspec.Struct):
    """Codes that each replace a one-time code once; shown once."""

    codes: list[str]


async def _who(city: City, caller: Caller) -> Who:
    return Who(
        caller.account,
        await api.name(city, caller),
        caller.party,
        sorted(caller.factors),
        list(caller.mandates),
        api.may(city, caller),
        [PageTold(module, p.name, p.title, p.component) for module, p in api.pages(city, caller)],
    )


def client_of(request: "Request[Any, Any, Any]") -> str:
    return request.client.host if request.client else ""


def session_cookie(settings: Settings, token: str) -> Cookie:
    """The cookie of a session: for our own pages alone, out of the reach of scripts."""
    return Cookie(
        key=identity.SESSION_COOKIE,
        value=token,
        httponly=True,
        samesite="strict",
        secure=secure(settings),
        path="/",
    )


def openid_cookie(settings: Settings, value: str | None) -> Cookie:
    """The cookie that binds a sign-in under way to its browser; `None` takes it away.

    It comes along when the provider sends the browser back ("lax"), and with nothing else from elsewhere.
    """
    return Cookie(
        key=flow.cookie_name(settings),
        value=value or "",
        max_age=flow.LASTS_S if value else 0,
        httponly=True,
        samesite="lax",
        secure=secure(settings),
        path="/",
    )


@post("/session", status_code=200, opt={"public": True, "errors": (401, 429)}, security=[], summary="Sign in")
async def sign_in(
    request: "Request[Any, Any, Any]", city: NamedDependency[City], data: JSONBody[SignIn]
) -> Response[Who]:
    """Open a session, kept in a cookie that scripts cannot read."""
    token, caller = await identity.sign_in(city, data.name, data.password, data.code, client_of(request))
    return Response(await _who(city, caller), cookies=[session_cookie(city.settings, token)])


@post(
    "/session/openid",
    status_code=200,
    opt={"errors": (401, 429)},
    summary="Finish signing in by OpenID Connect",
)
async def prove(
    request: "Request[Any, Any, Any]", city: NamedDependency[City], data: JSONBody[Confirmation]
) -> Response[Who]:
    """The one-time code that a sign-in at the provider still owes; opens the session."""
    name = flow.cookie_name(city.settings)
    token, caller = await flow.prove(city, request.cookies.get(name), data.code, client_of(request))
    cookies = [session_cookie(city.settings, token), openid_cookie(city.settings, None)]
    return Response(await _who(city, caller), cookies=cookies)


@get("/session", opt={"public": True}, summary="Who am I")
async def who(city: NamedDependency[City], caller: NamedDependency[Caller]) -> Who:
    """Who is calling, by which factors, with which mandates."""
    if caller.account == "anonymous":
        raise Unauthenticated
    return await _who(city, caller)


@delete("/session", summary="Sign out")
async def sign_out(
    request: "Request[Any, Any, Any]", city: NamedDependency[City], caller: NamedDependency[Caller]
) -> None:
    """End the session."""
    token = request.cookies.get(identity.SESSION_COOKIE)
    if caller.account == "anonymous" or token is None:
        raise Unauthenticated
    await identity.sign_out(city, token)


@post("/session/token", status_code=200, summary="A token of this session")
async def token(city: NamedDependency[City], caller: NamedDependency[Caller]) -> Token:
    """A short-lived access token with the rights of this session; it ends with the session."""
    if caller.account == "anonymous":
        raise Unauthenticated
    word, seconds = api.token_for(city, caller)
    return Token(word, seconds)


@post(
    "/session/password",
    status_code=204,
    opt={"public": True, "errors": (401, 429)},
    security=[],
    summary="Change a password",
)
async def change_password(
    request: "Request[Any, Any, Any]", city: NamedDependency[City], data: JSONBody[ChangePassword]
) -> None:
    """Change a password, also a one-time one; all sessions of the account end."""
    await identity.change_password(city, data.name, data.password, data.fresh, data.code, client_of(request))


@post("/session/factor", status_code=200, summary="Begin a second factor")
async def enrol(city: NamedDependency[City], caller: NamedDependency[Caller]) -> Enrolment:
    """A secret for an authenticator app, to be confirmed with a code."""
    uri = await identity.enrol(city, caller)
    return Enrolment(uri, segno.make(uri).svg_inline(scale=4))


@post("/session/factor/confirm", status_code=200, summary="Confirm the second factor")
async def confirm(
    city: NamedDependency[City], caller: NamedDependency[Caller], data: JSONBody[Confirmation]
) -> RecoveryCodes:
    """Confirm the second factor; all sessions end, recovery codes are shown once."""
    if caller.account == "anonymous":
        raise Unauthenticated
    return RecoveryCodes(await identity.confirm(city, caller, data.code))


routes = (sign_in, prove, who, sign_out, token, change_password, enrol, confirm)
