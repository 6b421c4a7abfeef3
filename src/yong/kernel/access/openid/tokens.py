"""ID tokens: what must hold before a claim of one is believed (OpenID Connect Core 1.0 §3.1.3.7)."""

import base64
import binascii
import hashlib
import hmac
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from joserfc import jwt
from joserfc.errors import JoseError

from yong.kernel.access.openid.provider import Key

# What a token may be signed with, and the key that it takes: kty, curve. Nothing symmetric, never "none".
ALGORITHMS: dict[str, tuple[str, str | None]] = {
    "RS256": ("RSA", None),
    "PS256": ("RSA", None),
    "ES256": ("EC", "P-256"),
    "Ed25519": ("OKP", "Ed25519"),
    "EdDSA": ("OKP", "Ed25519"),  # the same by its former name, until RFC 9864
}
_LIMIT = 16_384  # characters of a token
_DRIFT_S = 60  # clocks may differ by so much
_OLD_S = 600  # a token answers a request of minutes ago at most
_RSA_BITS = 2048


class Untrusted(Exception):
    """An ID token that is not believed, and why; `reason` is one of few words, for the audit trail."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class Header(msgspec.Struct, frozen=True):
    """A token's header; it has no say in which algorithms are allowed."""

    alg: str
    kid: str | None = None
    crit: Any = msgspec.UNSET


class Identity(msgspec.Struct, frozen=True):
    """Whom a believed token names, and how the provider says they proved it."""

    issuer: str
    subject: str
    amr: frozenset[str]
    acr: str | None


def header_of(token: str) -> Header:
    """The header of a compact JWS, unverified. Raises Untrusted unless the algorithm is allowed."""
    if len(token) > _LIMIT or token.count(".") != 2 or not token.isascii():
        raise Untrusted("form")
    part = token.partition(".")[0]
    try:
        raw = base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
        header = msgspec.json.decode(raw, type=Header)
    except (binascii.Error, ValueError, RecursionError):
        raise Untrusted("form") from None
    if header.alg not in ALGORITHMS:
        raise Untrusted("algorithm")
    if header.crit is not msgspec.UNSET:
        raise Untrusted("form")
    return header


def believed(
    token: str,
    header: Header,
    keys: tuple[Key, ...],
    *,
    issuer: str,
    client: str,
    nonce: str,
    access_token: str | None,
    unix_s: float,
) -> Identity:
    """Whom the token names. Raises Untrusted for anything that does not hold."""
    key = _key(header, keys)
    try:
        claims = jwt.decode(token, key.key, algorithms=[header.alg]).claims
    except (JoseError, ValueError, TypeError, RecursionError):
        raise Untrusted("signature") from None
    if claims.get("iss") != issuer:
        raise Untrusted("issuer")
    audience = claims.get("aud")
    listed = [audience] if isinstance(audience, str) else audience
    if not isinstance(listed, list) or client not in listed:
        raise Untrusted("audience")
    party = claims.get("azp")
    if (len(listed) > 1 and party is None) or (party is not None and party != client):
        raise Untrusted("audience")
    _in_time(claims, unix_s)
    given = claims.get("nonce")
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(), nonce.encode()):
        raise Untrusted("nonce")
    if "at_hash" in claims and not _hashes(header.alg, access_token, claims["at_hash"]):
        raise Untrusted("at_hash")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 1 <= len(subject) <= 255 or not subject.isprintable():
        raise Untrusted("subject")
    amr, acr = claims.get("amr"), claims.get("acr")
    return Identity(
        issuer=issuer,
        subject=subject,
        amr=frozenset(a for a in amr if isinstance(a, str)) if isinstance(amr, list) else frozenset(),
        acr=acr if isinstance(acr, str) else None,
    )


def _key(header: Header, keys: tuple[Key, ...]) -> Key:
    """The one key that the token must be signed with. The key says what it is, not the token."""
    kind, curve = ALGORITHMS[header.alg]
    fitting = [
        k
        for k in keys
        if k.key.key_type == kind
        and k.alg in (None, header.alg)
        and (header.kid is None or k.kid == header.kid)
        and (curve is None or k.key.as_dict(private=False).get("crv") == curve)
    ]
    if len(fitting) != 1:
        raise Untrusted("key")
    public = fitting[0].key.public_key
    if isinstance(public, RSAPublicKey) and public.key_size < _RSA_BITS:
        raise Untrusted("key")
    return fitting[0]


def _in_time(claims: dict[str, Any], unix_s: float) -> None:
    moments = {}
    for name in ("exp", "iat", "nbf"):
        value = claims.get(name)
        if value is None and name == "nbf":
            continue
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise Untrusted("time")
        moments[name] = value
    if not unix_s < moments["exp"] + _DRIFT_S:
        raise Untrusted("expired")
    if not unix_s - _OLD_S <= moments["iat"] <= unix_s + _DRIFT_S:
        raise Untrusted("time")
    if "nbf" in moments and not moments["nbf"] <= unix_s + _DRIFT_S:
        raise Untrusted("time")


def _hashes(alg: str, access_token: str | None, given: object) -> bool:
    """Whether `at_hash` is the left half of the access token's hash (§3.1.3.6)."""
    if access_token is None or not isinstance(given, str):
        return False
    digest = hashlib.new(
        "sha512" if alg in ("Ed25519", "EdDSA") else "sha256", access_token.encode()
    ).digest()
    half = base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=")
    return hmac.compare_digest(half, given.encode())
