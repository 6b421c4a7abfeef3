"""Who is calling: the credential of a request, and the caller it stands for."""

import hmac
import time
from collections.abc import Iterable, Mapping

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from yong.kernel.access import logic
from yong.kernel.access.contracts import ANONYMOUS, Caller, Mandate
from yong.kernel.access.identity.keys import within_quota
from yong.kernel.access.identity.known import KEEP_S, Known
from yong.kernel.base.city import City
from yong.kernel.base.errors import NotFound, Unauthenticated
from yong.kernel.base.text import Text, preferred
from yong.kernel.store.database import Connection, Database, Row
from yong.kernel.store.secrets import secret

SESSION_COOKIE = "yong_session"
SESSION_HOURS = 12  # then a person signs in again, however busy; idle ones end sooner, by `idle_minutes`
_ALGORITHM = "Ed25519"  # of our own tokens, by the name of RFC 9864
DEVICE = "yd_"  # a device's token names a thing, not a caller: its door asks verify_device


async def caller_of(city: City, headers: Mapping[str, str], client: str) -> Caller:
    """The caller of a request: by session cookie, bearer token or API key; ANONYMOUS without any of them.

    Raises Unauthenticated for a credential that is not (or no longer) good.
    """
    return _asking(city, headers, await _credentialed(city, headers))


async def caller_again(city: City, headers: Mapping[str, str]) -> Caller:
    """The caller of a request that is still being answered, as the credential stands now.

    For what lasts long: it counts as no use of a key and keeps no session from idling. ANONYMOUS when the
    session of a cookie ended; raises Unauthenticated as :func:`caller_of` does.
    """
    return _asking(city, headers, await _credentialed(city, headers, again=True))


def _asking(city: City, headers: Mapping[str, str], caller: Caller) -> Caller:
    """The caller with what the request says of itself."""
    language = preferred(headers.get("accept-language"), city.settings.language)
    purpose = headers.get("x-purpose")
    request = headers.get("x-request-id")
    if language == caller.language and purpose is None and request is None:
        return caller
    return msgspec.structs.replace(
        caller,
        language=language,
        purpose=purpose[:200] if purpose else None,
        request=request[:64] if request else None,
    )


async def _credentialed(city: City, headers: Mapping[str, str], *, again: bool = False) -> Caller:
    key = headers.get("x-api-key")
    bearer = headers.get("authorization")
    cookie = headers.get("cookie")
    known = city[Known]
    mark = "again " if again else ""  # what was looked up without a use stands for no use
    if key:
        stamp = logic.sha256(f"{mark}k{key}")
        caller = _kept(known, stamp) or _keep(known, stamp, await _by_key(city, key))
        if not again:
            await within_quota(city, key)
        return caller
    if bearer and bearer[:7].lower() == "bearer " and not bearer[7:].lstrip().startswith(DEVICE):
        stamp = logic.sha256(f"{mark}b{bearer}")
        found = _kept(known, stamp)
        return found or _keep(known, stamp, await _by_token(city, bearer[7:].strip(), again))
    token = logic.cookie(cookie, SESSION_COOKIE) if cookie else None
    if token:
        stamp = logic.sha256(f"{mark}s{token}")
        found = _kept(known, stamp)
        if found is None:
            fresh = await _by_session(city, token, again)
            found = _keep(known, stamp, fresh) if fresh else ANONYMOUS
        return found
    return ANONYMOUS


def _kept(known: Known, stamp: bytes) -> Caller | None:
    entry = known.callers.get(stamp)
    return entry[1] if entry and entry[0] > time.monotonic() else None


def _keep(known: Known, stamp: bytes, caller: Caller) -> Caller:
    if len(known.callers) > 50_000:
        known.callers.clear()
    known.callers[stamp] = (time.monotonic() + KEEP_S, caller)
    return caller


_OPEN = """a.id = s.account_id AND a.disabled_at IS NULL
           AND s.seen_at > now() - make_interval(mins => $1) AND s.created_at > now() - make_interval(hours => $2)"""
_SEEN = f"""UPDATE access.session s SET seen_at = now() FROM access.account a
           WHERE {{which}} AND {_OPEN} RETURNING a.*, s.factors"""
_LOOKED_AT = (
    f"SELECT a.*, s.factors FROM access.session s, access.account a WHERE {{which}} AND {_OPEN}"  # constants
)
_OF_COOKIE, _OF_TOKEN = "s.token_sha256 = $3", "a.id = $3 AND encode(s.token_sha256, 'hex') LIKE $4 || '%'"


def _session(which: str, again: bool) -> str:
    """The statement that finds an open session; not `again`, it is seen as in use."""
    return (_LOOKED_AT if again else _SEEN).format(which=which)


async def _by_session(city: City, token: str, again: bool) -> Caller | None:
    idle = city.settings.idle_minutes
    async with city[Database].transaction() as connection:
        row = await connection.fetchrow(_session(_OF_COOKIE, again), idle, SESSION_HOURS, logic.sha256(token))
        if row is None:
            return None
        return await caller_for(connection, row, row["factors"], session=logic.sha256(token).hex()[:16])


async def _by_token(city: City, token: str, again: bool) -> Caller:
    try:
        claims = jwt.decode(token, _signing(city), algorithms=[_ALGORITHM]).claims
        jwt.JWTClaimsRegistry(
            iss={"essential": True, "value": "yong"}, exp={"essential": True}, sub={"essential": True}
        ).validate(claims)
    except (JoseError, ValueError):
        raise Unauthenticated(Text("令牌无效或已过期", "The token is not valid or has run out")) from None
    async with city[Database].transaction() as connection:
        row = await connection.fetchrow(
            _session(_OF_TOKEN, again), city.settings.idle_minutes, SESSION_HOURS, claims["sub"],
            str(claims.get("sid", "-")),
        )  # fmt: skip
        if row is None:
            raise Unauthenticated(Text("令牌所属的会话已结束", "The session of this token has ended"))
        return await caller_for(connection, row, claims.get("amr", []), session=str(claims["sid"]))


async def _by_key(city: City, key: str) -> Caller:
    _, _, rest = key.partition("yk_")
    id_, _, word = rest.partition("_")
    async with city[Database].transaction() as connection:
        row = await connection.fetchrow(
            """SELECT k.id AS key_id, k.secret_sha256, k.roles, a.* FROM access.api_key k
               JOIN access.account a ON a.id = k.account_id
               WHERE k.id = $1 AND k.revoked_at IS NULL AND k.until > now() AND a.disabled_at IS NULL""",
            id_,
        )
        if row is None or not hmac.compare_digest(row["secret_sha256"], logic.sha256(word)):
            raise Unauthenticated(Text("接口密钥无效或已撤销", "The API key is not valid or was revoked"))
        caller = await caller_for(connection, row, ["key"], session=f"key:{id_}")
    return msgspec.structs.replace(
        caller, mandates=tuple(m for m in caller.mandates if m.role in row["roles"])
    )


async def caller_as(city: City, account: str) -> Caller:
    """The caller that an account, by id or name, would be after signing in with two factors. NotFound."""
    async with city[Database].transaction() as connection:
        row = await connection.fetchrow("SELECT * FROM access.account WHERE id = $1 OR name = $1", account)
        if row is None:
            raise NotFound(Text("没有账户 {a}", "There is no account {a}"), a=account[:100])
        return await caller_for(connection, row, ["password", "totp"], session="simulation")


async def caller_for(connection: Connection, account: Row, factors: Iterable[str], session: str) -> Caller:
    rows = await connection.fetch(
        """SELECT id, role, party_id, district, own, until FROM access.mandate
           WHERE account_id = $1 AND revoked_at IS NULL AND (until IS NULL OR until >= current_date)""",
        account["id"],
    )
    mandates = tuple(
        Mandate(
            id=r["id"],
            role=r["role"],
            party=r["party_id"],
            district=r["district"],
            own=r["own"],
            until=r["until"],
        )
        for r in rows
    )
    held = frozenset(factors)
    if account["must_change"] and "oidc" not in held:
        mandates = ()  # a one-time password opens nothing but its own change
    return Caller(
        account=account["id"],
        party=account["party_id"],
        mandates=mandates,
        factors=held,
        session=session,
        proofing=account["proofing"],
    )


def turn_of(city: City) -> int:
    """A number that grows whenever this process heard that access changed: who may what is to be asked again."""
    return city[Known].turn


def system_caller(module: str) -> Caller:
    """The caller of a module's own work: jobs, writers, first runs."""
    return Caller(
        account=f"module:{module}",
        factors=frozenset({"module"}),
        mandates=(Mandate(id=f"module:{module}", role=f"{module}.system"),),
    )


def token_for(city: City, caller: Caller) -> tuple[str, int]:
    """A short-lived access token of a session's caller, and the seconds it is valid."""
    if not caller.session or caller.session.startswith("key:"):
        raise Unauthenticated()
    seconds = city.settings.token_minutes * 60
    now = int(time.time())
    claims = {
        "iss": "yong",
        "sub": caller.account,
        "sid": caller.session,
        "amr": sorted(caller.factors),
        "iat": now,
        "exp": now + seconds,
    }
    return jwt.encode(
        {"alg": _ALGORITHM, "typ": "JWT"}, claims, _signing(city), algorithms=[_ALGORITHM]
    ), seconds


def _signing(city: City) -> OKPKey:
    known = city[Known]
    if known.signing is None:
        word = secret(
            city.settings.home,
            "token-signing-key",
            lambda: msgspec.json.encode(OKPKey.generate_key("Ed25519").as_dict(private=True)).decode(),
        )
        known.signing = OKPKey.import_key(msgspec.json.decode(word))
    return known.signing


async def standing(
    city: City, account: str, roles: tuple[str, ...], *, purpose: str | None = None
) -> Caller | None:
    """The caller for work that an account ordered earlier, with those of `roles` that it still holds.

    None when the account is gone or disabled.
    """
    kept = city[Known].standing
    known = kept.get((account, roles))
    if known is None or known[0] <= time.monotonic():
        if len(kept) > 50_000:
            kept.clear()
        known = kept[account, roles] = time.monotonic() + KEEP_S, await _standing(city, account, roles)
    caller = known[1]
    if caller is None or purpose == caller.purpose:
        return caller
    return msgspec.structs.replace(caller, purpose=purpose)


async def _standing(city: City, account: str, roles: tuple[str, ...]) -> Caller | None:
    async with city[Database].transaction() as connection:
        row = await connection.fetchrow(
            "SELECT * FROM access.account WHERE id = $1 AND disabled_at IS NULL", account
        )
        if row is None:
            return None
        caller = await caller_for(connection, row, ["key"], session="standing")
    return msgspec.structs.replace(caller, mandates=tuple(m for m in caller.mandates if m.role in roles))
