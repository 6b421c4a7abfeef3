"""Named checks of TEXT: numbers that carry their own check character."""

from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType

from yong.kernel.base.text import Text

_USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_CITIZEN_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def citizen_number(value: str) -> bool:
    """GB 11643-1999: 6 digits area, 8 birth date, 3 serial, 1 check.

    The area is not looked up: codes are those valid when the number was issued.
    """
    if len(value) != 18 or not (value[:17].isascii() and value[:17].isdigit()):
        return False
    try:
        date(int(value[6:10]), int(value[10:12]), int(value[12:14]))
    except ValueError:
        return False
    total = sum(w * int(c) for w, c in zip(_CITIZEN_WEIGHTS, value, strict=False))
    return "10X98765432"[total % 11] == value[17]


def uscc(value: str) -> bool:
    """GB 32100-2015: unified social credit code, 18 characters of an alphabet of 31, the last a check."""
    if len(value) != 18 or any(c not in _USCC for c in value) or not value[2:8].isdigit():
        return False
    total = sum(w * _USCC.index(c) for w, c in zip(_USCC_WEIGHTS, value, strict=False))
    return _USCC[(31 - total % 31) % 31] == value[17]


FORMATS: Mapping[str, tuple[Callable[[str], bool], Text]] = MappingProxyType(
    {
        "citizen_number": (
            citizen_number,
            Text("不是有效的公民身份号码（GB 11643）", "Not a valid citizen number (GB 11643)"),
        ),
        "uscc": (
            uscc,
            Text(
                "不是有效的统一社会信用代码（GB 32100）", "Not a valid unified social credit code (GB 32100)"
            ),
        ),
    }
)
