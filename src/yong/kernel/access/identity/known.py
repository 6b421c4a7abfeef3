"""What a process keeps for seconds, and forgets at once when PostgreSQL says `access_changed`. A City part."""

import asyncio

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from joserfc.jwk import OKPKey

from yong.kernel.access.contracts import Caller

KEEP_S = 5.0  # how long an answer is kept without asking again


class Known:
    """What this process knows for a few seconds: callers by credential, devices, quotas. A City part."""

    def __init__(self) -> None:
        self.callers: dict[bytes, tuple[float, Caller]] = {}
        self.standing: dict[tuple[str, tuple[str, ...]], tuple[float, Caller | None]] = {}
        self.devices: dict[tuple[str, bytes], float] = {}
        self.attempts: dict[str, list[float]] = {}
        self.reserved: dict[tuple[str, str], int] = {}
        self.reserving = asyncio.Lock()
        self.signing: OKPKey | None = None
        self.sealing: AESGCM | None = None
        self.turn = 0  # grows whenever access changed

    def forget(self) -> None:
        self.turn += 1
        self.callers.clear()
        self.standing.clear()
        self.devices.clear()
