"""The way to the provider and back: a request bound to one browser, used once, and what its answer opens.

Nobody gets an account by coming this way, unless the settings make residents so: an identity is linked to an
account by an administrator. A provider's word is one factor; the second is our own one-time code, or the
provider's where the settings trust the `amr` or `acr` it names and the account is no administrator's.
"""

import base64
import hashlib
import secrets
import time
from collections.abc import Mapping
from urllib.parse import urlencode

import msgspec

from yong.kernel.access import logic
from yong.kernel.access.audit import audit
from yong.kernel.access.contracts import ANONYMOUS, Caller
from yong.kernel.access.identity import factors
from yong.kernel.access.identity.callers import system_caller
from yong.kernel.access.identity.residents import make_resident
from yong.kernel.access.identity.sessions import WRONG, failed, open_session, shut, slow_down
from yong.kernel.access.openid import tokens
from yong.kernel.access.openid.provider import REFUSED, Provider, redirect_uri, secure
from yong.kernel.access.openid.tokens import Identity, Untrusted
from yong.kernel.base import ids
from yong.kernel.base.city import City
from yong.kernel.base.errors import NotFound, TooMany, Unauthenticated, YongError
from yong.kernel.base.settings import Settings
from yong.kernel.base.text import Language, Text
from yong.kernel.store.database import Connection, Database, Row

LASTS_S = 600  # a sign-in under way, and the wait for its one-time code
_MOST = 100_000  # sign-ins under way
_EXPIRED = Text(
    "这次登录已失效，或不是在此浏览器中开始的；请重新登录",
    "This sign-in has run out, or was not begun in this browser; begin again",
)
_UNLINKED = Text(
    "身份 {subject} 尚未关联账户；请将此标识告知安全管理员",
    "The identity {subject} is not linked to an account; tell the security administrator this identifier",
)
_SHUT = Text("此账户目前不能登录", "This account may not sign in at present")
_OFF = Text("未配置统一身份认证", "Sign-in by OpenID Connect is not set up")


class Outcome(msgspec.Struct, frozen=True):
    """What coming back opened: a session's token, or else the handle of a sign-in that owes a one-time code."""

    onward: str
    session: str | None = None
    step: str | None = None


def cookie_name(settings: Settings) -> str:
    """The cookie that binds a sign-in under way to its browser; by https no subdomain can set it."""
    return "__Host-yong_openid" if secure(settings) else "yong_openid"


def own_path(wanted: str | None) -> str:
    """A path of ours to go on to; `/me` where it is none or could lead to another site."""
    if wanted is None or not 1 <= len(wanted) <= 500 or not wanted.isascii() or not wanted.isprintable():
        return "/me"
    if not wanted.startswith("/") or wanted.startswith("//") or "\\" in wanted or " " in wanted:
        return "/me"
    return wanted


async def begin(city: City, client: str, onward: str | None, language: Language) -> tuple[str, str]:
    """The provider's address to send a browser to, and the value of the cookie that the browser must keep.

    Raises NotFound when not set up, Unavailable when the provider is down, TooMany.
    """
    settings = city.settings
    if not settings.oidc_issuer:
        raise NotFound(_OFF)
    slow_down(city, f"openid {client}")
    metadata = await city[Provider].metadata(settings)
    state, browser, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(4))
    async with city[Database].transaction() as connection:
        await connection.execute("DELETE FROM access.openid_request WHERE until < now()")
        await connection.execute("DELETE FROM access.openid_step WHERE until < now()")
        done = await connection.execute(
            """INSERT INTO access.openid_request
                 (state_sha256, browser_sha256, issuer, nonce, verifier, onward, until)
               SELECT $1, $2, $3, $4, $5, $6, now() + make_interval(secs => $7)
               WHERE (SELECT count(*) FROM access.openid_request) < $8""",
            logic.sha256(state),
            logic.sha256(browser),
            settings.oidc_issuer,
            nonce,
            verifier,
            own_path(onward),
            float(LASTS_S),
            _MOST,
        )
    if done.endswith(" 0"):
        raise TooMany(retry_after_s=60)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "response_type": "code",
        "client_id": settings.oidc_client or "",
        "redirect_uri": redirect_uri(settings),
        "scope": "openid",
        "state": state,
        "nonce": nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        "ui_locales": "zh-CN" if language == "zh" else "en",
    }
    if trusted := _listed(settings.oidc_trusted_acr):
        asked["acr_values"] = " ".join(sorted(trusted))
    place = metadata.authorization_endpoint
    return f"{place}{'&' if '?' in place else '?'}{urlencode(asked)}", browser


async def finish(city: City, answer: Mapping[str, str], browser: str | None, client: str) -> Outcome:
    """What the provider's answer (the query of the callback) opens, in the browser that began.

    Raises Unauthenticated where anything does not hold, Unavailable when the provider is down.
    """
    settings = city.settings
    slow_down(city, f"openid {client}")
    state = answer.get("state", "")
    if not settings.oidc_issuer or not browser or not 0 < len(state) <= 200 or len(browser) > 200:
        raise Unauthenticated(_EXPIRED)
    request = await city[Database].fetchrow(
        """DELETE FROM access.openid_request
           WHERE state_sha256 = $1 AND browser_sha256 = $2 AND issuer = $3 AND until > now() RETURNING *""",
        logic.sha256(state),
        logic.sha256(browser),
        settings.oidc_issuer,
    )
    if request is None:
        raise Unauthenticated(_EXPIRED)
    try:
        identity = await _identified(settings, city[Provider], request, answer)
    except Untrusted as refused:
        await _told(city, "openid", {"issuer": settings.oidc_issuer, "reason": refused.reason})
        raise Unauthenticated(REFUSED) from None
    except YongError as error:
        await _told(city, "openid", {"issuer": settings.oidc_issuer, "reason": error.code})
        raise
    return await _admitted(city, identity, request["onward"])


async def prove(city: City, step: str | None, code: str, client: str) -> tuple[str, Caller]:
    """Open the session of a sign-in that owed a one-time code: its token and caller.

    Wrong codes count as wrong passwords do. Raises Unauthenticated, TooMany.
    """
    slow_down(city, f"openid {client}")
    if not step or len(step) > 200:
        raise Unauthenticated(_EXPIRED)
    stamp = logic.sha256(step)
    row = await city[Database].fetchrow(
        """SELECT a.*, l.id AS link_id, l.issuer FROM access.openid_step s
           JOIN access.openid_link l ON l.id = s.link_id JOIN access.account a ON a.id = l.account_id
           WHERE s.browser_sha256 = $1 AND s.until > now() AND l.issuer = $2 AND a.totp_confirmed""",
        stamp,
        city.settings.oidc_issuer,
    )
    if row is None:
        raise Unauthenticated(_EXPIRED)
    if shut(row):
        raise Unauthenticated(_SHUT)
    if not await factors.proven(city, row, code):
        await failed(city, row["id"])
        raise Unauthenticated(WRONG)
    async with city[Database].transaction() as connection:
        done = await connection.execute("DELETE FROM access.openid_step WHERE browser_sha256 = $1", stamp)
        if done.endswith(" 0"):
            raise Unauthenticated(_EXPIRED)
        return await _opened(connection, row, ["oidc", "totp"])


async def _identified(
    settings: Settings, provider: Provider, request: Row, answer: Mapping[str, str]
) -> Identity:
    """Whom the answer names. Raises Untrusted, Unauthenticated, Unavailable."""
    metadata = await provider.metadata(settings)
    told = answer.get("iss")  # RFC 9207: which provider answers
    if told is None and metadata.authorization_response_iss_parameter_supported:
        raise Untrusted("issuer")
    if told is not None and told != metadata.issuer:
        raise Untrusted("issuer")
    code = answer.get("code", "")
    if "error" in answer or not 0 < len(code) <= 4000:
        raise Untrusted("provider")
    given = await provider.exchanged(settings, code, request["verifier"])
    header = tokens.header_of(given.id_token)
    return tokens.believed(
        given.id_token,
        header,
        await provider.keys(settings, header.kid),
        issuer=metadata.issuer,
        client=settings.oidc_client or "",
        nonce=request["nonce"],
        access_token=given.access_token,
        unix_s=time.time(),
    )


async def _admitted(city: City, identity: Identity, onward: str) -> Outcome:
    """The session of the linked account, or the step it still owes."""
    settings = city.settings
    async with city[Database].transaction() as connection:
        row = await _linked(connection, identity)
        if row is None and settings.oidc_create_residents:
            row = await _resident(city, connection, identity)
    if row is None:
        facts = {"issuer": identity.issuer, "subject": identity.subject, "reason": "unlinked"}
        await _told(city, "openid", facts)
        raise Unauthenticated(_UNLINKED, subject=identity.subject)
    if shut(row):
        await _told(city, f"account:{row['id']}", {"issuer": identity.issuer, "reason": "shut"})
        raise Unauthenticated(_SHUT)
    async with city[Database].transaction() as connection:
        strong = _trusted(settings, identity) and not await _administers(connection, row["id"])
        if row["totp_confirmed"] and not strong:
            step = secrets.token_urlsafe(32)
            await connection.execute(
                """INSERT INTO access.openid_step (browser_sha256, link_id, until)
                   VALUES ($1, $2, now() + make_interval(secs => $3))""",
                logic.sha256(step),
                row["link_id"],
                float(LASTS_S),
            )
            return Outcome(onward, step=step)
        token, _ = await _opened(connection, row, ["oidc", "oidc_mfa"] if strong else ["oidc"])
        return Outcome(onward, session=token)


async def _linked(connection: Connection, identity: Identity) -> Row | None:
    return await connection.fetchrow(
        """SELECT a.*, l.id AS link_id, l.issuer FROM access.openid_link l
           JOIN access.account a ON a.id = l.account_id WHERE l.issuer = $1 AND l.subject = $2""",
        identity.issuer,
        identity.subject,
    )


async def _opened(connection: Connection, row: Row, by: list[str]) -> tuple[str, Caller]:
    """A session of a linked account; none when the link was taken away a moment ago."""
    used = await connection.execute(
        "UPDATE access.openid_link SET used_at = now() WHERE id = $1", row["link_id"]
    )
    if used.endswith(" 0"):
        raise Unauthenticated(_EXPIRED)
    return await open_session(connection, row, by, {"issuer": row["issuer"]})


async def _resident(city: City, connection: Connection, identity: Identity) -> Row | None:
    """A new account of a resident, who sees what is about them and nothing else; it has no password."""
    await connection.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))",
        f"openid {identity.issuer} {identity.subject}",
    )
    known = await _linked(connection, identity)  # two of the same came at once
    if known is not None:
        return known
    id_ = await make_resident(city, connection, name=None, password_hash=None, by="openid")
    caller = system_caller("access")
    await record_link(connection, caller, identity.issuer, identity.subject, id_)
    return await _linked(connection, identity)


async def record_link(connection: Connection, caller: Caller, issuer: str, subject: str, account: str) -> str:
    """Write a link and say so; its id. The caller sees to conflicts."""
    id_ = ids.new_id()
    await connection.execute(
        """INSERT INTO access.openid_link (id, issuer, subject, account_id, linked_by)
           VALUES ($1, $2, $3, $4, $5)""",
        id_,
        issuer,
        subject,
        account,
        caller.account,
    )
    facts = {"link": id_, "issuer": issuer, "subject": subject}
    await audit(connection, caller, "access.link_identity", f"account:{account}", facts)
    return id_


async def _administers(connection: Connection, account: str) -> bool:
    """Whether an account holds one of the three administrations: these prove a second factor to us alone.

    Otherwise whoever keeps the links could point another administrator's account at a person of their choice.
    """
    return bool(
        await connection.fetchval(
            """SELECT 1 FROM access.mandate WHERE account_id = $1 AND administration IS NOT NULL
               AND revoked_at IS NULL AND (until IS NULL OR until >= current_date) LIMIT 1""",
            account,
        )
    )


def _trusted(settings: Settings, identity: Identity) -> bool:
    """Whether the provider says that it asked for a second factor, in words that the settings trust."""
    return not _listed(settings.oidc_trusted_amr).isdisjoint(identity.amr) or (
        identity.acr in _listed(settings.oidc_trusted_acr)
    )


def _listed(words: str) -> frozenset[str]:
    return frozenset(w.strip() for w in words.split(",") if w.strip())


async def _told(city: City, resource: str, facts: dict[str, str]) -> None:
    async with city[Database].transaction() as connection:
        await audit(connection, ANONYMOUS, "access.sign_in_failed", resource, {**facts, "by": "openid"})
