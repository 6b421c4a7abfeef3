"""Passwords, hashed slowly (argon2id)."""

import asyncio
import secrets

import argon2

_hasher = argon2.PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)  # OWASP's argon2id minimum
_NOBODY = _hasher.hash(secrets.token_hex(16))  # verified when there is no such account, to take as long


async def hashed(password: str) -> str:
    return await asyncio.to_thread(_hasher.hash, password)


async def verified(known: str | None, password: str) -> bool:
    """Whether the password belongs to a hash. It takes as long when there is none."""
    return await asyncio.to_thread(_verified, known, password)


def _verified(known: str | None, password: str) -> bool:
    try:
        return _hasher.verify(known or _NOBODY, password) and known is not None
    except argon2.exceptions.VerificationError:
        return False
