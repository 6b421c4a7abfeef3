"""The rules of reports: numbers and codes that follow from a submission, and what lies near. Pure."""

import base64
import hmac
import math

from yong.kernel.base.text import Text

DIGITS, CODE = 12, 10
NEAR_M = 200.0
RECENT_DAYS = 14
_CROCKFORD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "0123456789ABCDEFGHJKMNPQRSTVWXYZ")
_READ = str.maketrans("OIL", "011")  # letters that his alphabet leaves out, as people read them
_EARTH_M = 6_371_008.8  # mean radius, IUGG


def reference_of(secret: str, key: str, attempt: int = 0) -> str:
    """The number of a submission: 12 digits that tell nothing; another one at each attempt."""
    digest = hmac.digest(secret.encode(), f"reference {attempt} {key}".encode(), "sha256")
    return str(int.from_bytes(digest[:12], "big") % 10**DIGITS).zfill(DIGITS)


def code_of(secret: str, reference: str) -> str:
    """The word that proves a number to be one's own: 50 bits in Crockford's base 32."""
    digest = hmac.digest(secret.encode(), f"code {reference}".encode(), "sha256")
    return base64.b32encode(digest).decode()[:CODE].translate(_CROCKFORD)


def read_reference(written: str) -> str:
    """A number as somebody may write it, with blanks and dashes and full-width digits; "" if it is none."""
    digits = "".join(c for c in written[:100] if c not in " -–—\u3000\t")
    digits = digits.translate({0xFF10 + n: str(n) for n in range(10)})
    return digits if len(digits) == DIGITS and digits.isascii() and digits.isdigit() else ""


def right_code(secret: str, reference: str, written: str) -> bool:
    """Whether that is the number's code, however it is written. Takes as long for every wrong one."""
    said = "".join(c for c in written[:100].upper() if c.isascii() and c.isalnum()).translate(_READ)
    return hmac.compare_digest(code_of(secret, reference), said)


def metres(a: tuple[float, float], b: tuple[float, float]) -> float:
    """The distance of two positions (longitude, latitude in degrees) on the mean sphere, in metres."""
    (x1, y1), (x2, y2) = (tuple(math.radians(v) for v in p) for p in (a, b))
    half = math.sin((y2 - y1) / 2) ** 2 + math.cos(y1) * math.cos(y2) * math.sin((x2 - x1) / 2) ** 2
    return 2 * _EARTH_M * math.asin(min(1.0, math.sqrt(half)))


def near_box(lon: float, lat: float) -> str:
    """The box within which everything nearer than NEAR_M lies: west,south,east,north in degrees."""
    dy = math.degrees(NEAR_M / _EARTH_M)
    dx = min(180.0, dy / max(math.cos(math.radians(lat)), 1e-6))
    box = (max(-180.0, lon - dx), max(-90.0, lat - dy), min(180.0, lon + dx), min(90.0, lat + dy))
    return ",".join(f"{v:.7f}" for v in box)


def grouped(text: str, size: int) -> str:
    """Text in groups with blanks, as people read it."""
    return " ".join(text[i : i + size] for i in range(0, len(text), size))


def away(distance_m: float) -> Text:
    """How far, in words: positions that anybody sees are rounded to about 100 m."""
    tens = max(100, round(distance_m / 100) * 100)
    return Text(f"约 {tens} 米以内", f"within about {tens} m")
