"""Who somebody is: accounts, sessions, tokens, keys and device credentials.

Credentials are random or hashed slowly (argon2); what is looked up often is kept for seconds and forgotten
at once when PostgreSQL says `access_changed`.
"""

import asyncio
import hmac
import secrets
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import argon2
import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from yong.kernel.access import logic
from yong.kernel.access.audit import audit
from yong.kernel.access.contracts import ANONYMOUS, Caller, Mandate
from yong.kernel.base import clock, ids
from yong.kernel.base.city import City
from yong.kernel.base.errors import Conflict, Forbidden, Invalid, NotFound, Problem, TooMany, Unauthenticated
from yong.kernel.base.text import Text, preferred
from yong.kernel.store.database import Connection, Database, Row
from yong.kernel.store.secrets import secret

SESSION_COOKIE = "yong_session"
DEVICE = "yd_"  # a device's token names a thing, not a caller: its door asks verify_device
_KEEP_S = 5.0  # how long an answer is kept without asking again
_WRONG = Text("账户、密码或动态口令不正确", "The account, password or one-time code is not right")
_hasher = argon2.PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)  # OWASP's argon2id minimum
_NOBODY = _hasher.hash(secrets.token_hex(16))  # verified when there is no such account, to take as long


class Known:
    """What this process knows for a few seconds: callers by credential, devices, quotas. A City part."""

    def __init__(self) -> None:
        self.callers: dict[bytes, tuple[float, Caller]] = {}
        self.devices: dict[tuple[str, bytes], float] = {}
        self.attempts: dict[str, list[float]] = {}
        self.reserved: dict[tuple[str, str], int] = {}
        self.reserving = asyncio.Lock()
        self.signing: OKPKey | None = None

    def forget(self) -> None:
        self.callers.clear()
        self.devices.clear()


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """An account as administrators see it."""

    id: str
    name: str
    party: str | None
    second_factor: bool
    disabled: bool


# ---------------------------------------------------------------- signing in


async def sign_in(city: City, name: str, password: str, code: str | None, client: str) -> tuple[str, Caller]:
    """Open a session; its token and caller. The same answer and work whether or not the account exists.

    Raises Unauthenticated, or TooMany when the account or the address tried too often.
    """
    _slow_down(city, client)
    database = city[Database]
    row = await database.fetchrow("SELECT * FROM access.account WHERE name = $1", name)
    right = await asyncio.to_thread(_verified, row["password_hash"] if row else None, password)
    if row is None or row["disabled_at"] is not None:
        raise Unauthenticated(_WRONG)
    if row["locked_until"] and row["locked_until"] > clock.now():
        raise Unauthenticated(_WRONG)
    if row["password_until"] and row["password_until"] < clock.now():
        right = False
    step = None
    if right and row["totp_confirmed"]:
        step = logic.totp_step(row["totp_secret"], code or "", time.time(), row["totp_last_step"])
        right = step is not None or await _recovery(database, row, code)
    if not right:
        await _failed(city, row)
        raise Unauthenticated(_WRONG)
    factors = ["password"] + (["totp"] if row["totp_confirmed"] else [])
    token = secrets.token_urlsafe(32)
    async with database.transaction() as connection:
        if step is not None:
            used = await connection.execute(
                "UPDATE access.account SET totp_last_step = $2 WHERE id = $1 AND totp_last_step < $2",
                row["id"],
                step,
            )
            if used.endswith(" 0"):  # the same code was used a moment ago
                raise Unauthenticated(_WRONG)
        await connection.execute(
            "UPDATE access.account SET failures = 0, locked_until = NULL WHERE id = $1", row["id"]
        )
        await connection.execute(
            "INSERT INTO access.session (token_sha256, account_id, factors) VALUES ($1, $2, $3)",
            logic.sha256(token),
            row["id"],
            factors,
        )
        caller = await caller_for(connection, row, factors, session=logic.sha256(token).hex()[:16])
        await audit(connection, caller, "access.sign_in", f"account:{row['id']}", {"factors": factors})
    return token, caller


async def sign_out(city: City, token: str) -> None:
    """End a session."""
    await city[Database].execute("DELETE FROM access.session WHERE token_sha256 = $1", logic.sha256(token))
    city[Known].forget()


def _verified(known: str | None, password: str) -> bool:
    try:
        return _hasher.verify(known or _NOBODY, password) and known is not None
    except argon2.exceptions.VerificationError:
        return False


async def _recovery(database: Database, row: Row, code: str | None) -> bool:
    """Use up a recovery code."""
    if not code or len(code) > 64:
        return False
    done = await database.execute(
        """UPDATE access.account SET recovery_hashes = array_remove(recovery_hashes, $2)
           WHERE id = $1 AND $2 = ANY(recovery_hashes)""",
        row["id"],
        logic.sha256(code),
    )
    return done.endswith(" 1")


async def _failed(city: City, row: Row) -> None:
    settings = city.settings
    async with city[Database].transaction() as connection:
        failures = await connection.fetchval(
            """UPDATE access.account SET failures = failures + 1,
                 locked_until = CASE WHEN failures + 1 >= $2 THEN now() + make_interval(mins => $3) END
               WHERE id = $1 RETURNING failures""",
            row["id"],
            settings.lockout_attempts,
            settings.lockout_minutes,
        )
        if failures >= settings.lockout_attempts:
            await connection.execute("UPDATE access.account SET failures = 0 WHERE id = $1", row["id"])
        await audit(
            connection, ANONYMOUS, "access.sign_in_failed", f"account:{row['id']}", {"failures": failures}
        )


def _slow_down(city: City, client: str) -> None:
    """At most 30 attempts a minute from one address, in this process."""
    attempts = city[Known].attempts
    now = time.monotonic()
    if len(attempts) > 10_000:
        attempts.clear()
    recent = [t for t in attempts.get(client, ()) if now - t < 60]
    if len(recent) >= 30:
        attempts[client] = recent
        raise TooMany(retry_after_s=int(60 - (now - recent[0])) + 1)
    attempts[client] = [*recent, now]


# ---------------------------------------------------------------- who is calling


async def caller_of(city: City, headers: Mapping[str, str], client: str) -> Caller:
    """The caller of a request: by session cookie, bearer token or API key; ANONYMOUS without any of them.

    Raises Unauthenticated for a credential that is not (or no longer) good.
    """
    caller = await _credentialed(city, headers)
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


async def _credentialed(city: City, headers: Mapping[str, str]) -> Caller:
    key = headers.get("x-api-key")
    bearer = headers.get("authorization")
    cookie = headers.get("cookie")
    known = city[Known]
    if key:
        stamp = logic.sha256("k" + key)
        caller = _kept(known, stamp) or _keep(known, stamp, await _by_key(city, key))
        await _within_quota(city, key)
        return caller
    if bearer and bearer[:7].lower() == "bearer " and not bearer[7:].lstrip().startswith(DEVICE):
        stamp = logic.sha256("b" + bearer)
        return _kept(known, stamp) or _keep(known, stamp, await _by_token(city, bearer[7:].strip()))
    token = logic.cookie(cookie, SESSION_COOKIE) if cookie else None
    if token:
        stamp = logic.sha256("s" + token)
        found = _kept(known, stamp)
        if found is None:
            fresh = await _by_session(city, token)
            found = _keep(known, stamp, fresh) if fresh else ANONYMOUS
        return found
    return ANONYMOUS


def _kept(known: Known, stamp: bytes) -> Caller | None:
    entry = known.callers.get(stamp)
    return entry[1] if entry and entry[0] > time.monotonic() else None


def _keep(known: Known, stamp: bytes, caller: Caller) -> Caller:
    if len(known.callers) > 50_000:
        known.callers.clear()
    known.callers[stamp] = (time.monotonic() + _KEEP_S, caller)
    return caller


async def _by_session(city: City, token: str) -> Caller | None:
    async with city[Database].transaction() as connection:
        row = await connection.fetchrow(
            """UPDATE access.session s SET seen_at = now() FROM access.account a
               WHERE s.token_sha256 = $1 AND a.id = s.account_id AND a.disabled_at IS NULL
                 AND s.seen_at > now() - make_interval(mins => $2)
                 AND s.created_at > now() - interval '12 hours'
               RETURNING a.*, s.factors""",
            logic.sha256(token),
            city.settings.idle_minutes,
        )
        if row is None:
            return None
        return await caller_for(connection, row, row["factors"], session=logic.sha256(token).hex()[:16])


async def _by_token(city: City, token: str) -> Caller:
    try:
        claims = jwt.decode(token, _signing(city), algorithms=["EdDSA"]).claims
        jwt.JWTClaimsRegistry(
            iss={"essential": True, "value": "yong"}, exp={"essential": True}, sub={"essential": True}
        ).validate(claims)
    except (JoseError, ValueError):
        raise Unauthenticated(Text("令牌无效或已过期", "The token is not valid or has run out")) from None
    async with city[Database].transaction() as connection:
        row = await connection.fetchrow(
            """SELECT a.* FROM access.account a JOIN access.session s ON s.account_id = a.id
               WHERE a.id = $1 AND a.disabled_at IS NULL AND encode(s.token_sha256, 'hex') LIKE $2 || '%'""",
            claims["sub"],
            str(claims.get("sid", "-")),
        )
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
    if account["must_change"]:
        mandates = ()  # a one-time password opens nothing but its own change
    return Caller(
        account=account["id"],
        party=account["party_id"],
        mandates=mandates,
        factors=frozenset(factors),
        session=session,
    )


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
    return jwt.encode({"alg": "EdDSA", "typ": "JWT"}, claims, _signing(city), algorithms=["EdDSA"]), seconds


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


async def _within_quota(city: City, key: str) -> None:
    """Count a use of an API key. Uses are reserved in blocks, so the count holds over all processes."""
    id_ = key[3:].partition("_")[0]
    now = clock.now()
    reserved = city[Known].reserved
    for column, period in (("per_minute", f"m{now:%Y-%m-%dT%H:%M}"), ("per_day", f"d{now:%Y-%m-%d}")):
        left = reserved.get((id_, period), 0)
        if left < 1:
            async with city[Known].reserving:  # one asks for a block, the others use it
                left = reserved.get((id_, period), 0) or await _reserve(city, id_, column, period)
                if left < 1:
                    wait_s = 60 - now.second if column == "per_minute" else 3600
                    raise TooMany(
                        Text("接口密钥的用量已满", "The quota of this API key is used up"),
                        retry_after_s=wait_s,
                    )
                reserved[id_, period] = left
        reserved[id_, period] -= 1


async def _reserve(city: City, id_: str, column: str, period: str) -> int:
    """A block of uses within the quota, a twentieth of it or what is left; 0 when it is used up."""
    if len(city[Known].reserved) > 10_000:
        city[Known].reserved.clear()
    granted = await city[Database].fetchval(
        f"""WITH quota AS (SELECT {column} AS most, greatest({column} / 20, 1) AS block FROM access.api_key WHERE id = $1),
                 had AS (SELECT coalesce((SELECT uses FROM access.api_key_use WHERE key_id = $1 AND period = $2), 0) AS uses)
            INSERT INTO access.api_key_use AS u (key_id, period, uses)
            SELECT $1, $2, least(block, most) FROM quota
            ON CONFLICT (key_id, period) DO UPDATE SET uses = least(u.uses + excluded.uses, (SELECT most FROM quota))
            RETURNING u.uses - (SELECT uses FROM had)""",
        id_,
        period,
    )
    return int(granted or 0)


# ---------------------------------------------------------------- accounts, mandates, keys


async def create_party(
    connection: Connection,
    caller: Caller,
    *,
    id: str,
    kind: str,
    zh: str,
    en: str,
    parent: str | None,  # a party's id is called id
) -> None:
    """Put a party into the tree. Raises NotFound for a missing parent, Conflict if it is there already."""
    done = await connection.execute(
        """INSERT INTO access.party (id, kind, name_zh, name_en, parent_id, ancestors)
           SELECT $1, $2, $3, $4, $5, coalesce((SELECT ancestors FROM access.party WHERE id = $5), '{}') || $1::text
           WHERE $5::text IS NULL OR EXISTS (SELECT 1 FROM access.party WHERE id = $5)
           ON CONFLICT (id) DO NOTHING""",
        id,
        kind,
        zh,
        en,
        parent,
    )
    if done.endswith(" 0"):
        if parent and not await connection.fetchval("SELECT 1 FROM access.party WHERE id = $1", parent):
            raise NotFound(Text("没有主体 {id}", "There is no party {id}"), id=parent)
        raise Conflict(Text("主体 {id} 已存在", "Party {id} exists already"), id=id)
    await audit(connection, caller, "access.create_party", f"party:{id}", {"kind": kind, "parent": parent})


async def create_account(
    connection: Connection, caller: Caller, *, name: str, party: str | None, password: str | None = None
) -> tuple[str, str]:
    """A new account; its id and its password, a one-time one unless given. Raises Conflict, NotFound."""
    if not 2 <= len(name) <= 64 or name != name.strip():
        raise Invalid(Text("账户名应为 2 至 64 个字符", "An account's name has 2 to 64 characters"))
    once = password is None
    word = password or secrets.token_urlsafe(12)
    id_ = ids.new_id()
    if party is not None and not await connection.fetchval("SELECT 1 FROM access.party WHERE id = $1", party):
        raise NotFound(Text("没有主体 {party}", "There is no party {party}"), party=party)
    done = await connection.execute(
        """INSERT INTO access.account (id, name, party_id, password_hash, must_change, password_until)
           VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (name) DO NOTHING""",
        id_,
        name,
        party,
        await asyncio.to_thread(_hasher.hash, word),
        once,
        clock.now() + timedelta(days=7) if once else None,
    )
    if done.endswith(" 0"):
        raise Conflict(Text("账户 {name} 已存在", "There is an account {name} already"), name=name)
    await audit(connection, caller, "access.create_account", f"account:{id_}", {"name": name})
    return id_, word


async def reset(connection: Connection, caller: Caller, account: str) -> str:
    """A new one-time password for an account, its second factor forgotten, its sessions ended."""
    word = secrets.token_urlsafe(12)
    done = await connection.execute(
        """UPDATE access.account SET password_hash = $2, must_change = true, password_until = $3, failures = 0,
             locked_until = NULL, totp_secret = NULL, totp_confirmed = false, totp_last_step = 0,
             recovery_hashes = '{}' WHERE id = $1""",
        account,
        await asyncio.to_thread(_hasher.hash, word),
        clock.now() + timedelta(days=7),
    )
    if done.endswith(" 0"):
        raise NotFound()
    await connection.execute("DELETE FROM access.session WHERE account_id = $1", account)
    await audit(connection, caller, "access.reset_account", f"account:{account}")
    return word


async def change_password(
    city: City, name: str, password: str, fresh: str, code: str | None, client: str
) -> None:
    """Change a password, proving the old one; every session of the account ends. Raises Invalid."""
    problems = logic.password_problems(fresh, name)
    if fresh == password:
        problems.append(
            Problem("/password", Text("新密码须与旧密码不同", "The new password must differ from the old"))
        )
    if problems:
        raise Invalid(problems=tuple(problems))
    _token, caller = await sign_in(city, name, password, code, client)
    hashed = await asyncio.to_thread(_hasher.hash, fresh)
    async with city[Database].transaction() as connection:
        await connection.execute(
            """UPDATE access.account SET password_hash = $2, must_change = false, password_until = NULL
               WHERE id = $1""",
            caller.account,
            hashed,
        )
        await connection.execute("DELETE FROM access.session WHERE account_id = $1", caller.account)
        await audit(connection, caller, "access.change_password", f"account:{caller.account}")
    city[Known].forget()


async def enrol(city: City, caller: Caller) -> str:
    """Begin a second factor: its otpauth URI. Raises Conflict when one is confirmed already."""
    if caller.account == "anonymous":
        raise Unauthenticated()
    fresh = logic.new_totp_secret()
    name = await city[Database].fetchval(
        """UPDATE access.account SET totp_secret = $2 WHERE id = $1 AND NOT totp_confirmed RETURNING name""",
        caller.account,
        fresh,
    )
    if name is None:
        raise Conflict(Text("已启用动态口令", "A second factor is enrolled already"))
    return logic.otpauth(fresh, name)


async def confirm(city: City, caller: Caller, code: str) -> list[str]:
    """Confirm the second factor with a code; ten recovery codes. Every session ends. Raises Invalid."""
    async with city[Database].transaction() as connection:
        row = await connection.fetchrow(
            "SELECT * FROM access.account WHERE id = $1 AND totp_secret IS NOT NULL AND NOT totp_confirmed FOR UPDATE",
            caller.account,
        )
        step = logic.totp_step(row["totp_secret"], code, time.time(), 0) if row else None
        if step is None:
            raise Invalid(Text("动态口令不正确", "The one-time code is not right"))
        codes = [secrets.token_hex(5) for _ in range(10)]
        await connection.execute(
            """UPDATE access.account SET totp_confirmed = true, totp_last_step = $2, recovery_hashes = $3
               WHERE id = $1""",
            caller.account,
            step,
            [logic.sha256(c) for c in codes],
        )
        await connection.execute("DELETE FROM access.session WHERE account_id = $1", caller.account)
        await audit(connection, caller, "access.enrol", f"account:{caller.account}")
    city[Known].forget()
    return codes


async def grant(
    city: City,
    connection: Connection,
    caller: Caller,
    account: str,
    mandate: Mandate,
    administration: str | None,
) -> str:
    """Give a mandate; its id. Nobody grants to themselves; the three administrations stay apart."""
    if account == caller.account:
        raise Forbidden(Text("不得给自己授权", "Nobody grants a mandate to themselves"))
    if administration and await connection.fetchval(
        """SELECT 1 FROM access.mandate WHERE account_id = $1 AND revoked_at IS NULL
           AND administration IS NOT NULL AND administration <> $2 AND (until IS NULL OR until >= current_date)""",
        account,
        administration,
    ):
        raise Conflict(
            Text(
                "三员分立：该账户已担任另一管理员", "This account holds another of the three administrations"
            )
        )
    id_ = ids.new_id()
    await connection.execute(
        """INSERT INTO access.mandate (id, account_id, role, administration, party_id, district, own, until, granted_by)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)""",
        id_,
        account,
        mandate.role,
        administration,
        mandate.party,
        mandate.district,
        mandate.own,
        mandate.until,
        caller.account,
    )
    await audit(
        connection,
        caller,
        "access.grant",
        f"account:{account}",
        {"mandate": id_, "role": mandate.role, "party": mandate.party, "district": mandate.district},
    )
    return id_


async def issue_key(
    connection: Connection,
    caller: Caller,
    *,
    title: str,
    roles: list[str],
    per_minute: int,
    per_day: int,
    days: int,
) -> str:
    """A new API key of the caller's account, with some of its roles; shown once."""
    id_, word = secrets.token_hex(8), secrets.token_urlsafe(32)
    await connection.execute(
        """INSERT INTO access.api_key (id, secret_sha256, account_id, title, roles, per_minute, per_day, until)
           VALUES ($1, $2, $3, $4, $5, $6, $7, now() + make_interval(days => $8))""",
        id_,
        logic.sha256(word),
        caller.account,
        title,
        roles,
        per_minute,
        per_day,
        days,
    )
    await audit(connection, caller, "access.issue_key", f"key:{id_}", {"roles": roles, "title": title})
    return f"yk_{id_}_{word}"


# ---------------------------------------------------------------- devices


async def issue_devices(connection: Connection, caller: Caller, things: list[str]) -> dict[str, str]:
    """A fresh credential for each thing; older ones stay valid until revoked. 100,000 take seconds."""
    tokens = {thing: DEVICE + secrets.token_urlsafe(24) for thing in things}
    await connection.copy_records_to_table(
        "device_credential",
        schema_name="access",
        records=[(thing, logic.sha256(token)) for thing, token in tokens.items()],
        columns=["thing", "token_sha256"],
    )
    await audit(connection, caller, "access.issue_credentials", "devices", {"count": len(tokens)})
    return tokens


async def revoke_device(connection: Connection, caller: Caller, thing: str) -> int:
    """Revoke every credential of a thing; how many there were."""
    done = await connection.execute(
        "UPDATE access.device_credential SET revoked_at = now() WHERE thing = $1 AND revoked_at IS NULL",
        thing,
    )
    await audit(connection, caller, "access.revoke_credentials", f"thing:{thing}")
    return int(done.split()[-1])


async def verify_device(city: City, thing: str, token: str) -> bool:
    """Whether `token` is a credential of `thing`; an answer is kept for seconds."""
    stamp = logic.sha256(token)
    devices = city[Known].devices
    if devices.get((thing, stamp), 0) > time.monotonic():
        return True
    good = await city[Database].fetchval(
        "SELECT 1 FROM access.device_credential WHERE thing = $1 AND token_sha256 = $2 AND revoked_at IS NULL",
        thing,
        stamp,
    )
    if good:
        if len(devices) > 200_000:
            devices.clear()
        devices[thing, stamp] = time.monotonic() + _KEEP_S
    return bool(good)


async def verify_devices(city: City, pairs: Sequence[tuple[str, str]]) -> list[bool]:
    """:func:`verify_device` for many (thing, token) at once: one question to the database."""
    stamps = [(thing, logic.sha256(token)) for thing, token in pairs]
    rows = await city[Database].fetch(
        """SELECT c.thing, c.token_sha256 FROM access.device_credential c
           JOIN unnest($1::text[], $2::bytea[]) AS w (thing, token_sha256) USING (thing, token_sha256)
           WHERE c.revoked_at IS NULL""",
        [t for t, _ in stamps],
        [h for _, h in stamps],
    )
    good = {(r["thing"], bytes(r["token_sha256"])) for r in rows}
    return [stamp in good for stamp in stamps]


async def revoked_since(city: City, since: datetime) -> list[str]:
    """Things with a credential revoked since a moment and none left that is good."""
    rows = await city[Database].fetch(
        """SELECT DISTINCT thing FROM access.device_credential c WHERE revoked_at >= $1 AND NOT EXISTS (
             SELECT 1 FROM access.device_credential d WHERE d.thing = c.thing AND d.revoked_at IS NULL)""",
        since,
    )
    return [r["thing"] for r in rows]
