"""The OpenID provider as this process knows it: its metadata and keys, fetched lazily, within time and size.

Whatever the provider does not answer well, in time and within limits raises Unavailable: nobody signs in by it.
"""

import asyncio
import ssl
import time
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

import httpx
import msgspec
import structlog
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey

from yong.kernel.base.errors import Unauthenticated, Unavailable
from yong.kernel.base.settings import Settings, safe_origin
from yong.kernel.base.text import Text

T = TypeVar("T")
PublicKey = RSAKey | ECKey | OKPKey

DOWN = Text(
    "身份提供方暂不可用，请稍后再试或用密码登录",
    "The identity provider is not available; try later, or sign in with a password",
)
REFUSED = Text("身份提供方拒绝了这次登录", "The identity provider refused this sign-in")
_KEEP_S = 3600.0  # metadata and keys
_REFETCH_S = 60.0  # keys are asked for again because of an unknown kid at most so often
_FAIL_S = 3.0  # after a failure the provider is left alone for so long
_ANSWER_S = 8.0  # a whole answer
_LIMIT_BYTES = 256 * 1024
_MOST_KEYS = 50
_WELL_KNOWN = "/.well-known/openid-configuration"
_KINDS: dict[str, type[RSAKey] | type[ECKey] | type[OKPKey]] = {"RSA": RSAKey, "EC": ECKey, "OKP": OKPKey}
_log = structlog.get_logger("access.openid")


class Metadata(msgspec.Struct, frozen=True):
    """What we use of a provider's discovery document (OpenID Connect Discovery 1.0 §3)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)
    code_challenge_methods_supported: tuple[str, ...] = ("S256",)
    authorization_response_iss_parameter_supported: bool = False


class Answer(msgspec.Struct, frozen=True):
    """What we use of the token endpoint's answer."""

    id_token: str
    token_type: str
    access_token: str | None = None


class Key(msgspec.Struct, frozen=True):
    """A key of the provider that may sign ID tokens."""

    kid: str | None
    alg: str | None
    key: PublicKey


class Provider:
    """The provider of an install's settings. A City part, one in each process."""

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.metadata_: tuple[float, Metadata] | None = None
        self.keys_: tuple[float, tuple[Key, ...]] | None = None
        self.refetched = float("-inf")
        self.failed = float("-inf")
        self.client: httpx.AsyncClient | None = None

    async def metadata(self, settings: Settings) -> Metadata:
        """The discovery document, at most an hour old. Raises Unavailable."""
        async with self.lock:
            return await self._metadata(settings)

    async def keys(self, settings: Settings, kid: str | None) -> tuple[Key, ...]:
        """The provider's keys; fetched again when none has this `kid`, at most once a minute."""
        async with self.lock:
            now = time.monotonic()
            kept = self.keys_
            if kept and now - kept[0] < _KEEP_S:
                if kid is None or any(k.kid == kid for k in kept[1]) or now - self.refetched < _REFETCH_S:
                    return kept[1]
                self.refetched = now
            metadata = await self._metadata(settings)
            document = _decoded(await self._get(metadata.jwks_uri), dict[str, Any])
            keys = _keys(document)
            self.keys_ = (time.monotonic(), keys)
            return keys

    async def exchanged(self, settings: Settings, code: str, verifier: str) -> Answer:
        """The tokens for an authorization code. Raises Unauthenticated where the provider says no."""
        metadata = await self.metadata(settings)
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri(settings),
            "code_verifier": verifier,
        }
        client_id, secret = settings.oidc_client or "", client_secret(settings)
        auth = None
        if secret is None:
            form["client_id"] = client_id
        elif "client_secret_basic" in metadata.token_endpoint_auth_methods_supported:
            auth = httpx.BasicAuth(quote(client_id, safe=""), quote(secret, safe=""))  # RFC 6749 §2.3.1
        else:
            form |= {"client_id": client_id, "client_secret": secret}
        status, body = await self._ask("POST", metadata.token_endpoint, data=form, auth=auth)
        if status in (400, 401, 403):
            _log.warning("the provider refused a code", status=status)
            raise Unauthenticated(REFUSED)
        if status != 200:
            raise Unavailable(DOWN)
        answer = _decoded(body, Answer)
        if answer.token_type.lower() != "bearer":
            raise Unavailable(DOWN)
        return answer

    async def close(self) -> None:
        if self.client is not None:
            await self.client.aclose()

    async def _metadata(self, settings: Settings) -> Metadata:
        issuer = settings.oidc_issuer or ""
        kept = self.metadata_
        if kept and time.monotonic() - kept[0] < _KEEP_S and kept[1].issuer == issuer:
            return kept[1]
        found = _decoded(await self._get(issuer.rstrip("/") + _WELL_KNOWN), Metadata)
        places = (found.authorization_endpoint, found.token_endpoint, found.jwks_uri)
        wrong = (
            "issuer" if found.issuer != issuer
            else "endpoint" if not all(_endpoint(p) for p in places)
            else "PKCE" if "S256" not in found.code_challenge_methods_supported
            else None
        )  # fmt: skip
        if wrong:
            self.failed = time.monotonic()
            _log.error("the provider's discovery document is not acceptable", wrong=wrong)
            raise Unavailable(DOWN)
        self.metadata_ = (time.monotonic(), found)
        return found

    async def _get(self, url: str) -> bytes:
        status, body = await self._ask("GET", url)
        if status != 200:
            self.failed = time.monotonic()
            _log.warning("the provider does not answer", host=urlsplit(url).hostname, status=status)
            raise Unavailable(DOWN)
        return body

    async def _ask(self, method: str, url: str, **more: Any) -> tuple[int, bytes]:
        """An answer's status and body. Raises Unavailable, at once for a few seconds after a failure."""
        if time.monotonic() - self.failed < _FAIL_S:
            raise Unavailable(DOWN)
        if self.client is None:
            # No proxy, .netrc or redirect gets between: the secret goes where the issuer says and nowhere else.
            self.client = httpx.AsyncClient(
                timeout=5.0, follow_redirects=False, trust_env=False, verify=ssl.create_default_context(),
                headers={"accept": "application/json"},
            )  # fmt: skip
        try:
            async with asyncio.timeout(_ANSWER_S), self.client.stream(method, url, **more) as response:
                body = bytearray()
                async for chunk in response.aiter_bytes():
                    body += chunk
                    if len(body) > _LIMIT_BYTES:
                        raise ValueError("the answer is too large")  # handled as all below
                return response.status_code, bytes(body)
        except (httpx.HTTPError, httpx.InvalidURL, OSError, TimeoutError, ValueError) as error:
            self.failed = time.monotonic()
            _log.warning(
                "the provider does not answer", host=urlsplit(url).hostname, error=type(error).__name__
            )
            raise Unavailable(DOWN) from None


def redirect_uri(settings: Settings) -> str:
    """Where the provider sends the browser back: fixed by the settings, never by a request."""
    return origin(settings) + "/sign-in/openid/callback"


def origin(settings: Settings) -> str:
    """The address at which people reach this system, without a path."""
    if settings.public_url:
        return settings.public_url.rstrip("/")
    scheme = "https" if settings.tls_certificate else "http"
    host = f"[{settings.http_host}]" if ":" in settings.http_host else settings.http_host
    return f"{scheme}://{host}:{settings.http_port}"


def secure(settings: Settings) -> bool:
    """Whether browsers reach us by https, so that cookies are for it alone."""
    return settings.tls_certificate is not None or origin(settings).startswith("https:")


def client_secret(settings: Settings) -> str | None:
    """The client secret of the settings or of the file they name. Raises Unavailable."""
    if settings.oidc_secret_file is None:
        return settings.oidc_secret
    try:
        lines = settings.oidc_secret_file.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        _log.error("the client secret cannot be read", error=type(error).__name__)
        raise Unavailable(DOWN) from None
    if not lines or not lines[0].strip():
        _log.error("the client secret's file is empty")
        raise Unavailable(DOWN)
    return lines[0].strip()


def _endpoint(url: str) -> bool:
    """An endpoint may have a query, which an issuer may not."""
    return len(url) <= 2000 and safe_origin(url.partition("?")[0]) and "#" not in url and url.isprintable()


def _decoded(body: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, RecursionError):
        _log.warning("the provider's answer cannot be read")
        raise Unavailable(DOWN) from None


def _keys(document: dict[str, Any]) -> tuple[Key, ...]:
    """The public keys of a JWKS that may sign. What we do not understand is left out, symmetric keys too."""
    listed = document.get("keys")
    if not isinstance(listed, list) or len(listed) > _MOST_KEYS:
        raise Unavailable(DOWN)
    found = []
    for entry in listed:
        if not isinstance(entry, dict) or entry.get("use", "sig") != "sig":
            continue
        kind = _KINDS.get(str(entry.get("kty")))
        operations = entry.get("key_ops", ["verify"])
        if kind is None or not isinstance(operations, list) or "verify" not in operations:
            continue
        public = {k: entry[k] for k in ("kty", "n", "e", "crv", "x", "y") if k in entry}
        try:
            key = kind.import_key(public)
        except (JoseError, ValueError, TypeError):
            continue
        kid, alg = entry.get("kid"), entry.get("alg")
        found.append(Key(kid if isinstance(kid, str) else None, alg if isinstance(alg, str) else None, key))
    return tuple(found)
