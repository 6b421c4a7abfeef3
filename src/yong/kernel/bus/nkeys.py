"""NATS's keys and signed claims, as far as answering an authorization callout needs them.

An nkey is base32 of a prefix byte (a seed: two), the 32 bytes of an Ed25519 key and a CRC-16/XMODEM,
little endian; claims are a JWT whose algorithm is called `ed25519-nkey` (NATS ADR-14, and the
specification of nkeys in the nats.io documentation).
"""

import base64
import binascii
import os

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from yong.kernel.base.errors import Refused
from yong.kernel.base.text import Text

ACCOUNT, USER, SERVER, _SEED = 0 << 3, 20 << 3, 13 << 3, 18 << 3
_HEADER = b"eyJ0eXAiOiJKV1QiLCJhbGciOiJlZDI1NTE5LW5rZXkifQ"  # {"typ":"JWT","alg":"ed25519-nkey"}


def _armour(raw: bytes) -> str:
    return base64.b32encode(raw + binascii.crc_hqx(raw, 0).to_bytes(2, "little")).decode().rstrip("=")


def encode(kind: int, raw: bytes) -> str:
    """A public key as text."""
    return _armour(bytes((kind,)) + raw)


def encode_seed(kind: int, raw: bytes) -> str:
    """A private key as text: it starts with S and is a secret."""
    return _armour(bytes((_SEED | kind >> 5, (kind & 31) << 3)) + raw)


class Signer:
    """An account's key that signs claims."""

    def __init__(self, seed: str) -> None:
        """Raises Refused when `seed` is no account seed."""
        try:
            raw = base64.b32decode(seed.strip() + "=" * (-len(seed.strip()) % 8))
            body, check = raw[:-2], int.from_bytes(raw[-2:], "little")
            kind = (body[0] & 7) << 5 | body[1] >> 3
            if body[0] & 248 != _SEED or kind != ACCOUNT or len(body) != 34:
                raise ValueError
            if binascii.crc_hqx(body, 0) != check:
                raise ValueError
        except (ValueError, IndexError):
            raise Refused(Text("NATS 账户密钥无效", "The seed of the NATS account is not valid")) from None
        self._key = Ed25519PrivateKey.from_private_bytes(body[2:])
        self.public = encode(ACCOUNT, self._key.public_key().public_bytes_raw())

    @classmethod
    def generate(cls) -> tuple["Signer", str]:
        """A new account key and its seed."""
        seed = encode_seed(ACCOUNT, os.urandom(32))
        return cls(seed), seed

    def sign(self, claims: dict[str, object]) -> bytes:
        """The claims as a signed token."""
        body = _HEADER + b"." + _b64(msgspec.json.encode(claims))
        return body + b"." + _b64(self._key.sign(body))


def claims_of(token: bytes) -> bytes:
    """The JSON of a token's claims, unverified: the callout trusts the account that brought it.

    Raises ValueError when it is no token.
    """
    parts = token.split(b".")
    if len(parts) != 3:
        raise ValueError("not a token")
    return base64.urlsafe_b64decode(parts[1] + b"=" * (-len(parts[1]) % 4))


def _b64(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")
