"""HTTP of access: signing in and out, second factor, tokens, accounts, mandates, keys, credentials, audit, policies."""

from datetime import date
from typing import Annotated, Any

import msgspec
import segno
from litestar import Request, Response, delete, get, post, put
from litestar.datastructures import Cookie
from litestar.params import Parameter

from yong.kernel.access import api, identity
from yong.kernel.access.api import Explanation
from yong.kernel.access.audit import Entry, Finding
from yong.kernel.access.contracts import Caller, Kind, Mandate
from yong.kernel.access.identity import Account
from yong.kernel.base.city import City
from yong.kernel.base.errors import Forbidden, Unauthenticated
from yong.kernel.base.text import Text

_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern="^[^\\x00]*$")]
_Id = Annotated[str, msgspec.Meta(min_length=1, max_length=128, pattern="^[^\\x00]*$")]
_Password = Annotated[str, msgspec.Meta(max_length=256)]
_Code = Annotated[str, msgspec.Meta(max_length=64)]
_Asked = Annotated[str | None, Parameter(min_length=1, max_length=128, pattern="^[^\\x00]*$")]
_Path = Annotated[str, Parameter(min_length=1, max_length=128, pattern="^[^\\x00]*$")]


class SignIn(msgspec.Struct, forbid_unknown_fields=True):
    """What signing in takes; `code` once a second factor is enrolled."""

    name: _Name
    password: _Password
    code: _Code | None = None


class Who(msgspec.Struct):
    """Who is calling."""

    account: str
    party: str | None
    factors: list[str]
    mandates: list[Mandate]


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


class NewAccount(msgspec.Struct, forbid_unknown_fields=True):
    """An account to be made."""

    name: _Name
    party: _Id | None = None


class MadeAccount(msgspec.Struct):
    """A new account and its one-time password, shown once."""

    id: str
    password: str


class NewParty(msgspec.Struct, forbid_unknown_fields=True):
    """A party to be put into the tree."""

    id: _Id
    kind: Kind
    zh: _Name
    en: _Name
    parent: _Id | None = None


class NewMandate(msgspec.Struct, forbid_unknown_fields=True):
    """A mandate to be given; no scope means the whole city."""

    account: _Id
    role: _Name
    party: _Id | None = None
    district: Annotated[str, msgspec.Meta(pattern="^[0-9]{2,15}$")] | None = None
    own: bool = False
    until: date | None = None


class Made(msgspec.Struct):
    """The id of what was made."""

    id: str


class NewKey(msgspec.Struct, forbid_unknown_fields=True):
    """An API key to be made, with some of the caller's roles."""

    title: Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern="^[^\\x00]*$")]
    roles: Annotated[list[_Name], msgspec.Meta(min_length=1, max_length=50)]
    per_minute: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = 600
    per_day: Annotated[int, msgspec.Meta(ge=1, le=1_000_000_000)] = 100_000
    days: Annotated[int, msgspec.Meta(ge=1, le=730)] = 365


class Key(msgspec.Struct):
    """An API key, shown once."""

    key: str


class ThingList(msgspec.Struct, forbid_unknown_fields=True):
    """Things that need credentials."""

    things: Annotated[list[_Id], msgspec.Meta(min_length=1, max_length=100_000)]


class Credentials(msgspec.Struct):
    """Tokens by thing, shown once."""

    tokens: dict[str, str]


class Verification(msgspec.Struct):
    """What a verification of the audit trail found."""

    sound: bool
    entries: int
    unsealed: int
    anchors: int
    findings: list[Finding]


class NewPolicy(msgspec.Struct, forbid_unknown_fields=True):
    """A policy in Cedar."""

    cedar: Annotated[str, msgspec.Meta(max_length=100_000, pattern="^[^\\x00]*$")]
    active: bool = True


class Version(msgspec.Struct):
    """The version that a policy has now."""

    version: int


class Holding(msgspec.Struct, forbid_unknown_fields=True):
    """A mandate that somebody might hold: a role within a scope."""

    role: _Name
    party: _Id | None = None
    district: _Id | None = None
    own: bool = False


class Question(msgspec.Struct, forbid_unknown_fields=True):
    """Who could see what: an account (id or name) or a mandate, a Relation, an action, a purpose, a row's key."""

    relation: _Id
    account: _Id | None = None
    mandate: Holding | None = None
    action: _Name = "records.read"
    purpose: Annotated[str, msgspec.Meta(max_length=200, pattern="^[^\\x00]*$")] | None = None
    row: Annotated[dict[_Name, _Id], msgspec.Meta(max_length=16)] | None = None


def _who(caller: Caller) -> Who:
    return Who(caller.account, caller.party, sorted(caller.factors), list(caller.mandates))


def _client(request: "Request[Any, Any, Any]") -> str:
    return request.client.host if request.client else ""


@post("/session", status_code=200, opt={"public": True, "errors": (401, 429)}, security=[], summary="Sign in")
async def sign_in(request: "Request[Any, Any, Any]", city: City, data: SignIn) -> Response[Who]:
    """Open a session, kept in a cookie that scripts cannot read."""
    token, caller = await identity.sign_in(city, data.name, data.password, data.code, _client(request))
    cookie = Cookie(
        key=identity.SESSION_COOKIE,
        value=token,
        httponly=True,
        samesite="strict",
        secure=city.settings.tls_certificate is not None,
        path="/",
    )
    return Response(_who(caller), cookies=[cookie])


@get("/session", opt={"public": True}, summary="Who am I")
async def who(caller: Caller) -> Who:
    """Who is calling, by which factors, with which mandates."""
    if caller.account == "anonymous":
        raise Unauthenticated
    return _who(caller)


@delete("/session", summary="Sign out")
async def sign_out(request: "Request[Any, Any, Any]", city: City, caller: Caller) -> None:
    """End the session."""
    token = request.cookies.get(identity.SESSION_COOKIE)
    if caller.account == "anonymous" or token is None:
        raise Unauthenticated
    await identity.sign_out(city, token)


@post("/session/token", status_code=200, summary="A token of this session")
async def token(city: City, caller: Caller) -> Token:
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
async def change_password(request: "Request[Any, Any, Any]", city: City, data: ChangePassword) -> None:
    """Change a password, also a one-time one; all sessions of the account end."""
    await identity.change_password(city, data.name, data.password, data.fresh, data.code, _client(request))


@post("/session/factor", status_code=200, summary="Begin a second factor")
async def enrol(city: City, caller: Caller) -> Enrolment:
    """A secret for an authenticator app, to be confirmed with a code."""
    uri = await identity.enrol(city, caller)
    return Enrolment(uri, segno.make(uri).svg_inline(scale=4))


@post("/session/factor/confirm", status_code=200, summary="Confirm the second factor")
async def confirm(city: City, caller: Caller, data: Confirmation) -> RecoveryCodes:
    """Confirm the second factor; all sessions end, recovery codes are shown once."""
    if caller.account == "anonymous":
        raise Unauthenticated
    return RecoveryCodes(await identity.confirm(city, caller, data.code))


@get("/accounts", summary="Accounts")
async def accounts(city: City, caller: Caller) -> list[Account]:
    """All accounts, for those who manage them."""
    return await api.accounts(city, caller)


@post("/accounts", opt={"errors": (404,)}, summary="Make an account")
async def create_account(city: City, caller: Caller, data: NewAccount) -> MadeAccount:
    """A new account with a one-time password."""
    return MadeAccount(*await api.create_account(city, caller, data.name, data.party))


@post("/accounts/{id:str}/reset", status_code=200, summary="A new one-time password")
async def reset(city: City, caller: Caller, id: _Path) -> MadeAccount:
    """Give an account a new one-time password; its second factor is enrolled anew."""
    return MadeAccount(id, await api.reset_account(city, caller, id))


@post("/accounts/{id:str}/disable", status_code=204, summary="Disable an account")
async def disable(city: City, caller: Caller, id: _Path) -> None:
    """Disable an account; its sessions end at once."""
    await api.disable_account(city, caller, id)


@post("/parties", status_code=204, opt={"errors": (404,)}, summary="Put a party into the tree")
async def create_party(city: City, caller: Caller, data: NewParty) -> None:
    """A department, district, organisation, person or application."""
    await api.create_party(
        city, caller, id=data.id, kind=data.kind.value, zh=data.zh, en=data.en, parent=data.parent
    )


@post("/mandates", opt={"errors": (404,)}, summary="Give a mandate")
async def grant(city: City, caller: Caller, data: NewMandate) -> Made:
    """A role within a scope, for somebody else than oneself."""
    return Made(
        await api.grant(
            city,
            caller,
            data.account,
            data.role,
            party=data.party,
            district=data.district,
            own=data.own,
            until=data.until,
        )
    )


@delete("/mandates/{id:str}", summary="Take a mandate back")
async def revoke(city: City, caller: Caller, id: _Path) -> None:
    """Take a mandate back, at once."""
    await api.revoke(city, caller, id)


@post("/keys", opt={"errors": (404,)}, summary="Make an API key")
async def issue_key(city: City, caller: Caller, data: NewKey) -> Key:
    """An API key of one's own, with scope, quota and term."""
    return Key(
        await api.issue_key(
            city,
            caller,
            data.title,
            data.roles,
            per_minute=data.per_minute,
            per_day=data.per_day,
            days=data.days,
        )
    )


@delete("/keys/{id:str}", summary="Revoke an API key")
async def revoke_key(city: City, caller: Caller, id: _Path) -> None:
    """Revoke a key, at once."""
    await api.revoke_key(city, caller, id)


@post("/credentials", opt={"errors": (404,)}, summary="Credentials for things")
async def issue_credentials(city: City, caller: Caller, data: ThingList) -> Credentials:
    """A fresh token for each thing."""
    return Credentials(await api.issue_credentials(city, caller, data.things))


@delete("/credentials/{thing:str}", summary="Revoke a thing's credentials")
async def revoke_credentials(city: City, caller: Caller, thing: _Path) -> None:
    """Revoke every token of a thing; a live connection is cut."""
    await api.revoke_credentials(city, caller, thing)


@get("/audit", summary="The audit trail")
async def audit(
    city: City,
    caller: Caller,
    before: Annotated[int | None, Parameter(ge=1, le=(1 << 62))] = None,
    limit: Annotated[int, Parameter(ge=1, le=1000)] = 100,
    account: _Asked = None,
    action: _Asked = None,
) -> list[Entry]:
    """Entries, newest first."""
    return await api.audit_entries(city, caller, before=before, limit=limit, account=account, action=action)


@get("/audit/verification", summary="Verify the audit trail")
async def verification(city: City, caller: Caller) -> Verification:
    """Compute the whole chain again and compare it with its seals and anchors."""
    report = await api.verify_audit(city, caller)
    return Verification(report.sound, report.entries, report.unsealed, report.anchors, report.findings)


@put("/policies/{name:str}", summary="Set a policy")
async def set_policy(city: City, caller: Caller, name: _Path, data: NewPolicy) -> Version:
    """Put a policy into force, as a new version, or take it out of force."""
    return Version(await api.set_policy(city, caller, name, data.cedar, data.active))


@post("/policies/simulation", status_code=200, opt={"errors": (404,)}, summary="Who can see this, and why")
async def simulate(city: City, caller: Caller, data: Question) -> Explanation:
    """What an account, or whoever held a mandate, could see of a Relation, and which policies say so."""
    held = data.mandate
    mandate = (
        Mandate(id="simulated", role=held.role, party=held.party, district=held.district, own=held.own)
        if held
        else None
    )
    return await api.simulate(
        city,
        caller,
        relation=data.relation,
        account=data.account,
        mandate=mandate,
        action=data.action,
        purpose=data.purpose,
        row=data.row,
    )


async def same_origin(request: "Request[Any, Any, Any]") -> None:
    """Refuse a change that another site's page asks for with our cookie (Sec-Fetch-Site, else Origin)."""
    if request.method in ("GET", "HEAD", "OPTIONS") or identity.SESSION_COOKIE not in request.cookies:
        return
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    host = request.headers.get("host", "")
    if site in ("cross-site", "same-site") or (origin and origin.partition("://")[2] != host):
        raise Forbidden(Text("来自其他网站的请求被拒绝", "A request from another site is refused"))


routes = (
    sign_in,
    who,
    sign_out,
    token,
    change_password,
    enrol,
    confirm,
    accounts,
    create_account,
    reset,
    disable,
    create_party,
    grant,
    revoke,
    issue_key,
    revoke_key,
    issue_credentials,
    revoke_credentials,
    audit,
    verification,
    set_policy,
    simulate,
)
