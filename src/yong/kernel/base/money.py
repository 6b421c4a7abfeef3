"""Amounts of money in renminbi, exact: an integer number of fen.

No float ever enters: what comes as text or Decimal is taken exactly or refused. What does not come out even
(a rate, a share) is rounded by a rule that the caller reads in the code.
"""

import re
from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Decimal, localcontext

import msgspec

from yong.kernel.base.errors import Invalid
from yong.kernel.base.text import Language, Text

MOST_SHARES = 100_000
MOST_FEN = 2**63 - 1  # what a column of eight bytes holds

_AMOUNT = re.compile(
    r"([+-]?)(?:¥|￥|CNY|RMB)?\s?((?:[0-9]{1,3}(?:,[0-9]{3}){1,5}|[0-9]{1,17}))(?:\.([0-9]{1,2}))?(?:元)?"
)
_UNREADABLE = Text(
    "“{text}”不是金额（元，至多两位小数）", "{text!r} is no amount in yuan with at most two decimals"
)
_RANGE = Text("金额超出范围", "The amount is out of range")
_FLOAT = Text("金额不接受浮点数", "An amount is never made from a float")
_SHARES = Text(
    "份额须为非负整数且总和大于零，至多 {most} 份",
    "Shares are integers of zero or more, not all zero, and at most {most}",
)
_RATE = Text("比率至多 38 位数字，小于 10³⁰", "A rate has at most 38 digits and is below 10³⁰")

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_STEPS = ((10**8, "亿"), (10**4, "万"), (1000, "仟"), (100, "佰"), (10, "拾"))


class Money(msgspec.Struct, frozen=True, order=True):
    """An amount of `fen`. Adds, subtracts and compares with its like; multiplies by an integer.

    Raises Invalid beyond ±(2⁶³ − 1) fen and for anything but an integer.
    """

    fen: int

    def __post_init__(self) -> None:
        if type(self.fen) is not int:
            raise Invalid(_FLOAT)
        if abs(self.fen) > MOST_FEN:
            raise Invalid(_RANGE)

    @classmethod
    def of(cls, amount: str | int | Decimal) -> "Money":
        """An amount in yuan: `"1,234.50"`, `"¥12"`, `12` or a Decimal of at most two places. Raises Invalid."""
        if isinstance(amount, str):
            return cls._read(amount)
        if isinstance(amount, bool) or not isinstance(amount, int | Decimal):
            raise Invalid(_FLOAT)
        if isinstance(amount, int):
            return cls(amount * 100)
        if not amount.is_finite() or abs(amount) > MOST_FEN:
            raise Invalid(_RANGE)
        with localcontext(prec=60):
            fen = amount * 100
            if fen != fen.to_integral_value():
                raise Invalid(_UNREADABLE, text=str(amount)[:40])
            return cls(int(fen))

    @classmethod
    def _read(cls, text: str) -> "Money":
        found = _AMOUNT.fullmatch(text.strip())
        if not found:
            raise Invalid(_UNREADABLE, text=text[:40])
        sign, yuan, fen = found.groups()
        value = int(yuan.replace(",", "")) * 100 + int((fen or "0").ljust(2, "0"))
        return cls(-value if sign == "-" else value)

    def __add__(self, other: "Money") -> "Money":
        return Money(self.fen + other.fen) if isinstance(other, Money) else NotImplemented

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.fen - other.fen) if isinstance(other, Money) else NotImplemented

    def __neg__(self) -> "Money":
        return Money(-self.fen)

    def __mul__(self, times: int) -> "Money":
        return Money(self.fen * times) if type(times) is int else NotImplemented

    __rmul__ = __mul__

    def at(self, rate: Decimal, rounding: str = ROUND_HALF_EVEN) -> "Money":
        """This amount times `rate`, rounded once to the fen (half to even unless told).

        Raises Invalid for floats, out of range, and for a rate of more than 38 digits or from 10³⁰ on.
        """
        if not isinstance(rate, Decimal) or not rate.is_finite():
            raise Invalid(_FLOAT)
        if len(rate.as_tuple().digits) > 38 or rate.adjusted() >= 30:
            raise Invalid(_RATE)
        with localcontext(prec=60):  # 19 digits times 38 fit: the product is exact
            return Money(int((self.fen * rate).quantize(Decimal(1), rounding=rounding)))

    def split(self, shares: Sequence[int]) -> list["Money"]:
        """Parts in proportion to `shares` that add up to this amount, by largest remainder.

        Of equal remainders the earlier share gets the fen. Raises Invalid.
        """
        if len(shares) > MOST_SHARES or any(type(s) is not int or s < 0 for s in shares) or not any(shares):
            raise Invalid(_SHARES, most=MOST_SHARES)
        total = sum(shares)
        sign = -1 if self.fen < 0 else 1
        parts = [divmod(abs(self.fen) * s, total) for s in shares]
        left = abs(self.fen) - sum(whole for whole, _ in parts)
        first = set(sorted(range(len(parts)), key=lambda i: (-parts[i][1], i))[:left])
        return [Money(sign * (whole + (i in first))) for i, (whole, _) in enumerate(parts)]

    @property
    def yuan(self) -> Decimal:
        """The amount in yuan, with two decimals."""
        return Decimal(self.fen).scaleb(-2)

    def text(self, language: Language) -> str:
        """`¥1,234.50` in Chinese, `CNY 1,234.50` in English."""
        mark = "¥" if language == "zh" else "CNY "
        return f"{'-' if self.fen < 0 else ''}{mark}{abs(self.yuan):,.2f}"

    def capitals(self) -> str:
        """In the capital numerals of bills and contracts: 壹仟肆佰零玖元伍角.

        By the rules for filling in bills of the People's Bank (支付结算办法, annex 1): 零 once for zeros
        between digits, 整 after 元 alone.
        """
        yuan, cents = divmod(abs(self.fen), 100)
        jiao, fen = divmod(cents, 10)
        text = "负" if self.fen < 0 else ""
        if yuan or not cents:
            text += _whole(yuan) + "元"
        if not cents:
            return text + "整"
        if jiao:
            text += _DIGITS[jiao] + "角"
        elif yuan:
            text += "零"
        return text + (_DIGITS[fen] + "分" if fen else "")


def _whole(number: int) -> str:
    """A whole number in capital numerals. 零 stands where places between two parts are empty."""
    for size, name in _STEPS:
        if number >= size:
            high, low = divmod(number, size)
            gap = _DIGITS[0] if low and low < size // 10 else ""
            return _whole(high) + name + (gap + _whole(low) if low else "")
    return _DIGITS[number]
