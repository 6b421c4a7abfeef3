"""Pages about oneself: signing up, in and out, who one is here, one's own matters."""

import secrets
from typing import Any

from litestar import Response, get, post
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.response import Template

from yong.kernel.access import api as access
from yong.kernel.access.contracts import PROOFING_LEVELS, PROOFING_METHODS, Caller
from yong.kernel.access.openid.flow import own_path
from yong.kernel.access.routes.sessions import session_cookie
from yong.kernel.base.city import City
from yong.kernel.base.errors import Conflict, Invalid, Unauthenticated
from yong.kernel.base.text import Text
from yong.portal import api
from yong.portal.contracts import Fault
from yong.portal.shell import (
    FORM_BYTES,
    Asked,
    caller_of,
    client_of,
    form_of,
    onward,
    page,
    visit_cookie,
    visit_of,
)

SESSION = "yong_session"
_DIFFER = Text("两次输入的密码不同", "The two passwords differ")
_HOME = "/portal/account"


def _next(wanted: str | None) -> str:
    """Where to go after signing in: a page of the portal, whatever was asked for."""
    path = own_path(wanted) if wanted else _HOME
    return path if path == "/portal" or path.startswith("/portal/") else _HOME


@get("/portal/sign-in", include_in_schema=False)
async def sign_in(request: Asked, city: NamedDependency[City]) -> Template:
    """The form to sign in with."""
    return _sign_in(
        request, city, await caller_of(request, city), {"next": request.query_params.get("next", "")}
    )


@post("/portal/sign-in", include_in_schema=False, status_code=200, request_max_body_size=FORM_BYTES)
async def signed_in(request: Asked, city: NamedDependency[City]) -> Template | Response[Any]:
    """Sign in: a new session, whatever the browser held, and the visit goes on under a fresh cookie."""
    caller = await caller_of(request, city)
    form = await form_of(request, city)
    try:
        return await _enter(request, city, caller, form)
    except Unauthenticated as error:
        return _sign_in(request, city, caller, form, [Fault("name", error.detail)], status=422)


async def _enter(request: Asked, city: City, caller: Caller, form: dict[str, str]) -> Response[Any]:
    token = await access.open_session(
        city, caller, form.get("name", "").strip()[:64], form.get("password", "")[:256],
        form.get("code", "").strip()[:64] or None, client_of(request), former=request.cookies.get(SESSION),
    )  # fmt: skip
    fresh = secrets.token_urlsafe(32)
    await api.go_on_as(city, caller, visit_of(request, city), fresh)
    answer = onward(_next(form.get("next")))
    answer.cookies = [session_cookie(city.settings, token), visit_cookie(city.settings, fresh)]
    return answer


def _sign_in(
    request: Asked,
    city: City,
    caller: Caller,
    written: dict[str, str],
    faults: list[Fault] | None = None,
    status: int = 200,
) -> Template:
    settings = city.settings
    provider = Text(settings.oidc_name_zh, settings.oidc_name_en) if settings.oidc_issuer else None
    return page(
        "portal/sign_in.html", request, city, caller, form=True, status=status, faults=faults or [],
        name=written.get("name", "")[:64], onward=_next(written.get("next")), provider=provider,
        sign_up=settings.resident_sign_up,
    )  # fmt: skip


@get("/portal/sign-up", include_in_schema=False)
async def sign_up(request: Asked, city: NamedDependency[City]) -> Template:
    """The form to make an account with."""
    caller = await caller_of(request, city)
    return page("portal/sign_up.html", request, city, caller, form=True, faults=[], name="")


@post("/portal/sign-up", include_in_schema=False, status_code=200, request_max_body_size=FORM_BYTES)
async def signed_up(request: Asked, city: NamedDependency[City]) -> Template | Response[Any]:
    """Make an account and sign in with it."""
    caller = await caller_of(request, city)
    form = await form_of(request, city)
    name, password = form.get("name", "").strip()[:100], form.get("password", "")[:300]
    faults: list[Fault] = []
    if password != form.get("again", ""):
        faults.append(Fault("again", _DIFFER))
    else:
        try:
            await access.sign_up(city, caller, name, password, client_of(request))
            return await _enter(request, city, caller, form)
        except Invalid as error:
            faults = [Fault(p.pointer.strip("/"), p.detail) for p in error.problems]
        except Conflict as error:
            faults = [Fault("name", error.detail)]
    return page("portal/sign_up.html", request, city, caller, form=True, status=422, faults=faults, name=name)


@post("/portal/sign-out", include_in_schema=False, status_code=303, request_max_body_size=FORM_BYTES)
async def sign_out(request: Asked, city: NamedDependency[City]) -> Response[Any]:
    """End the session, and forget what the visit had under way: others may use this browser."""
    caller = await caller_of(request, city)
    await form_of(request, city)
    held = request.cookies.get(SESSION)
    if held:
        await access.close_session(city, caller, held)
    await api.leave(city, caller, visit_of(request, city))
    answer = onward("/portal")
    gone = Cookie(key=SESSION, value="", max_age=0, httponly=True, samesite="strict", path="/")
    answer.cookies = [gone, visit_cookie(city.settings, secrets.token_urlsafe(32))]
    return answer


@get("/portal/account", include_in_schema=False)
async def account(request: Asked, city: NamedDependency[City]) -> Template | Response[Any]:
    """Who one is here, how far that was checked, and what each level opens."""
    caller = await caller_of(request, city)
    if caller.account == "anonymous":
        return onward("/portal/sign-in")
    held = await access.proofed(city, caller)
    way = next((m.title for m in PROOFING_METHODS if m.way.value == held.method), None)
    opens = {
        level.level: [s.title for s in api.services(city, caller) if s.proofing == level.level]
        for level in PROOFING_LEVELS
    }
    return page(
        "portal/account.html", request, city, caller, form=True, held=held, way=way,
        levels=PROOFING_LEVELS, opens=opens,
    )  # fmt: skip


@get("/portal/matters", include_in_schema=False)
async def matters(request: Asked, city: NamedDependency[City]) -> Template | Response[Any]:
    """One's own matters."""
    caller = await caller_of(request, city)
    if caller.account == "anonymous":
        return onward("/portal/sign-in?next=/portal/matters")
    return page("portal/matters.html", request, city, caller, matters=await api.matters(city, caller))


routes = (sign_in, signed_in, sign_up, signed_up, sign_out, account, matters)
