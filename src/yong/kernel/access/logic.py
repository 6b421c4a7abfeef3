"""The pure rules of identity: passwords, one-time codes, tokens as text."""

import base64
import hashlib
import hmac
import re
import secrets
import struct
from urllib.parse import quote

from yong.kernel.base.errors import Problem
from yong.kernel.base.text import Text

STEP_S = 30  # RFC 6238's recommended time step
_COMMON = frozenset(
    {
        "password",
        "123456789012",
        "qwertyuiop12",
        "administrator",
        "letmein12345",
        "password1234",
        "admin1234567",
    }
)


def sha256(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def password_problems(password: str, name: str) -> list[Problem]:
    """Why a password is not good enough; empty if it is. Length counts, not symbols (NIST SP 800-63B §5.1.1)."""
    problems = []
    if not 12 <= len(password) <= 256:
        problems.append(Text("长度应为 12 至 256 个字符", "Use 12 to 256 characters"))
    if password.lower() in _COMMON or len(set(password)) < 5:
        problems.append(Text("过于常见或单调", "Too common or too monotonous"))
    if name and name.lower() in password.lower():
        problems.append(Text("不得包含账户名", "Must not contain the account's name"))
    return [Problem("/password", p) for p in problems]


def new_totp_secret() -> str:
    """160 random bits in base32 (RFC 4226 §4, R6)."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def totp(secret: str, step: int, digits: int = 6) -> str:
    """The code of a time step (RFC 6238 over RFC 4226's HOTP, SHA-1)."""
    key = base64.b32decode(secret)
    digest = hmac.digest(key, struct.pack(">Q", step), "sha1")
    offset = digest[-1] & 15
    number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF
    return str(number % 10**digits).zfill(digits)


def totp_step(secret: str, code: str, unix_s: float, last_step: int) -> int | None:
    """The step whose code this is, one step of clock drift allowed, never one used before; else None."""
    if not re.fullmatch(r"[0-9]{6}", code):
        return None
    now = int(unix_s // STEP_S)
    found = None
    for step in (now - 1, now, now + 1):
        if hmac.compare_digest(totp(secret, step), code) and step > last_step:
            found = step
    return found


def otpauth(secret: str, name: str) -> str:
    """The key URI that authenticator apps read from a QR code."""
    return f"otpauth://totp/Yong:{quote(name)}?secret={secret}&issuer=Yong&period={STEP_S}&digits=6"


def cookie(header: str, name: str) -> str | None:
    """One cookie's value from a Cookie header."""
    for part in header.split(";"):
        key, _, value = part.strip().partition("=")
        if key == name:
            return value
    return None
