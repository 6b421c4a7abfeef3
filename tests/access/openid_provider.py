"""An OpenID provider on loopback: discovery, keys, authorization with PKCE, codes that work once, signed tokens."""

import asyncio
import base64
import hashlib
import json
import secrets
import time
import warnings
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey

CLIENT, SECRET = "yong at the city/1", "s3cret:with colon"
KEYS: dict[str, Any] = {
    "RS256": RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig"}),
    "ES256": ECKey.generate_key("P-256", {"kid": "ec"}),
    "EdDSA": OKPKey.generate_key("Ed25519", {"kid": "ed"}),
}
KEYS["PS256"] = KEYS["RS256"]
KEYS["Ed25519"] = KEYS["EdDSA"]


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def signed(header: dict[str, Any], claims: dict[str, Any], key: Any) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # RFC 9864 would have "EdDSA" called by its curve
        return jwt.encode(header, claims, key, algorithms=[header["alg"]])


class OpenIDProvider:
    """What it answers is set by its attributes; `forge` makes the ID token from header and claims."""

    def __init__(self) -> None:
        self.subject, self.alg = "zhang.san@city", "RS256"
        self.claims: dict[str, Any] = {}
        self.metadata: dict[str, Any] = {}
        self.published = [KEYS[alg] for alg in ("RS256", "ES256", "EdDSA")]
        self.forge: Callable[[dict[str, Any], dict[str, Any]], str] | None = None
        self.codes: dict[str, dict[str, str]] = {}
        self.asked: list[str] = []
        self.authorization: str | None = None
        self.form: dict[str, str] = {}
        self.answers: dict[str, tuple[int, bytes]] = {}  # instead of what a path would answer
        self.pause_s = 0.0

    async def start(self) -> None:
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.issuer = f"http://127.0.0.1:{self.server.sockets[0].getsockname()[1]}"

    async def stop(self) -> None:
        self.server.close()
        await asyncio.sleep(0)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            line, *rest = head.split("\r\n")
            headers = {k.lower(): v for k, _, v in (h.partition(": ") for h in rest if h)}
            body = await reader.readexactly(int(headers.get("content-length", 0)))
            path = urlsplit(line.split(" ")[1])
            self.asked.append(path.path)
            await asyncio.sleep(self.pause_s)
            status, extra, answer = self._answer(path.path, path.query, headers, body.decode())
            writer.write(f"HTTP/1.1 {status} X\r\nconnection: close\r\n{extra}".encode())
            writer.write(f"content-length: {len(answer)}\r\n\r\n".encode() + answer)
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    def _answer(self, path: str, query: str, headers: dict[str, str], body: str) -> tuple[int, str, bytes]:
        if path in self.answers:
            status, answer = self.answers[path]
            return status, f"location: {self.issuer}/elsewhere\r\n" if status == 302 else "", answer
        if path == "/.well-known/openid-configuration":
            return (
                200,
                "",
                json.dumps(
                    {
                        "issuer": self.issuer,
                        "authorization_endpoint": f"{self.issuer}/authorize?tenant=city",
                        "token_endpoint": f"{self.issuer}/token",
                        "jwks_uri": f"{self.issuer}/keys",
                        **self.metadata,
                    }
                ).encode(),
            )
        if path == "/keys":
            keys = [k if isinstance(k, dict) else k.as_dict(private=False) for k in self.published]
            return 200, "", json.dumps({"keys": keys}).encode()
        if path == "/authorize":
            asked = {k: v[0] for k, v in parse_qs(query).items()}
            code = secrets.token_urlsafe(16)
            self.codes[code] = asked
            back = urlencode({"code": code, "state": asked["state"]})
            return 302, f"location: {asked['redirect_uri']}?{back}\r\n", b""
        if path == "/token":
            return self._token(headers, {k: v[0] for k, v in parse_qs(body).items()})
        return 404, "", b""

    def _token(self, headers: dict[str, str], form: dict[str, str]) -> tuple[int, str, bytes]:
        self.authorization, self.form = headers.get("authorization"), form
        if self.authorization:
            given = base64.b64decode(self.authorization.removeprefix("Basic ")).decode().split(":")
            client, secret = unquote(given[0]), unquote(given[1])
        else:
            client, secret = form.get("client_id", ""), form.get("client_secret", "")
        asked = self.codes.pop(form["code"], None)  # a code works once
        challenge = b64(hashlib.sha256(form["code_verifier"].encode()).digest())
        if (
            asked is None
            or (client, secret) != (CLIENT, SECRET)
            or asked["redirect_uri"] != form["redirect_uri"]
            or (asked["code_challenge_method"], asked["code_challenge"]) != ("S256", challenge)
        ):
            return 400, "", b'{"error": "invalid_grant"}'
        now = int(time.time())
        claims = {
            "iss": self.issuer, "sub": self.subject, "aud": CLIENT, "iat": now, "exp": now + 300,
            "nonce": asked["nonce"], **self.claims,
        }  # fmt: skip
        header = {"alg": self.alg, "kid": KEYS[self.alg].kid}
        token = self.forge(header, claims) if self.forge else signed(header, claims, KEYS[self.alg])
        return (
            200,
            "",
            json.dumps(
                {"access_token": "an-access-token", "token_type": "Bearer", "id_token": token}
            ).encode(),
        )
