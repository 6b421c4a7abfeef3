"""What an authenticator app on a phone does, for a terminal: `python -m twin.authenticator SECRET` (RFC 6238)."""

import base64
import hashlib
import hmac
import sys
import time

STEP_S, DIGITS = 30, 6


def code(secret: str, unix_s: float) -> str:
    """The code of a base-32 secret at a moment: HMAC-SHA-1, steps of 30 s, six digits."""
    key = base64.b32decode(secret.upper() + "=" * (-len(secret) % 8))
    mac = hmac.digest(key, int(unix_s // STEP_S).to_bytes(8, "big"), hashlib.sha1)
    at = mac[-1] & 0x0F
    return str((int.from_bytes(mac[at : at + 4], "big") & 0x7FFFFFFF) % 10**DIGITS).zfill(DIGITS)


if __name__ == "__main__":
    sys.stdout.write(code(sys.argv[1], time.time()) + "\n")
