"""China's time in the digits that its device protocols write."""

from datetime import datetime

from yong.kernel.base import clock


def micros_of_digits(text: str) -> int | None:
    """UTC microseconds of YYYYMMDDhhmmss, perhaps with milliseconds behind it; None when it is no moment."""
    if len(text) not in (14, 17) or not (text.isascii() and text.isdigit()):
        return None
    try:
        moment = datetime.strptime(text[:14], "%Y%m%d%H%M%S").replace(tzinfo=clock.CHINA)
    except ValueError:
        return None
    return clock.micros(moment) + int(text[14:] or 0) * 1000


def digits_of(now_us: int) -> str:
    """YYYYMMDDhhmmsszzz of a moment."""
    moment = clock.from_micros(now_us).astimezone(clock.CHINA)
    return f"{moment:%Y%m%d%H%M%S}{moment.microsecond // 1000:03}"


def bcd_of(now_us: int) -> bytes:
    """YYMMDDhhmmss of a moment, two digits a byte."""
    return bytes.fromhex(digits_of(now_us)[2:14])


def micros_of_bcd(data: bytes) -> int | None:
    """UTC microseconds of YYMMDDhhmm or YYMMDDhhmmss, two digits a byte; None when it is no moment."""
    digits = data.hex()
    return micros_of_digits("20" + digits + "0" * (12 - len(digits))) if len(data) in (5, 6) else None
