"""Money: exact, and written as the law wants it."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yong.kernel.base.errors import Invalid
from yong.kernel.base.money import MOST_FEN, MOST_SHARES, Money

fen = st.integers(-(10**15), 10**15)

# The first seven are the examples of the rules for filling in bills (支付结算办法, annex 1).
CAPITALS = (
    ("1409.50", "壹仟肆佰零玖元伍角"),
    ("6007.14", "陆仟零柒元壹角肆分"),
    ("1680.32", "壹仟陆佰捌拾元叁角贰分"),
    ("107000.53", "壹拾万柒仟元伍角叁分"),
    ("16409.02", "壹万陆仟肆佰零玖元零贰分"),
    ("325.04", "叁佰贰拾伍元零肆分"),
    ("0.05", "伍分"),
    ("0", "零元整"),
    ("10", "壹拾元整"),
    ("100000000", "壹亿元整"),
    ("100005000", "壹亿零伍仟元整"),
    ("1000000000001", "壹万亿零壹元整"),
    ("-20.30", "负贰拾元叁角"),
)


@pytest.mark.parametrize(("amount", "words"), CAPITALS)
def test_capital_numerals(amount: str, words: str) -> None:
    assert Money.of(amount).capitals() == words


@given(fen)
def test_capital_numerals_tell_amounts_apart(value: int) -> None:
    words = Money(value).capitals()
    assert words != Money(value + 1).capitals()
    assert "零零" not in words
    assert words.endswith(("整", "角", "分"))


@given(fen)
def test_what_is_written_reads_back(value: int) -> None:
    money = Money(value)
    assert Money.of(money.text("zh")) == Money.of(money.text("en")) == money
    assert Money.of(money.yuan) == money


def test_in_both_languages() -> None:
    assert Money.of("-1234.5").text("zh") == "-¥1,234.50"
    assert Money.of("1234.5").text("en") == "CNY 1,234.50"


@pytest.mark.parametrize(
    "text", ["", "1.234", "1,23", "12,3456", "NaN", "1e5", "$1", "0x10", "--1", "1.2.3", "9" * 30, "壹"]
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        Money.of(text)


@pytest.mark.parametrize("value", [1.5, True, None, Decimal("0.001"), Decimal("Infinity"), Decimal("1e40")])
def test_floats_and_fractions_of_a_fen_are_refused(value: object) -> None:
    with pytest.raises(Invalid):
        Money.of(value)  # type: ignore[arg-type]  # that is the point
    with pytest.raises(Invalid):
        Money(1.0)  # type: ignore[arg-type]  # that is the point


def test_the_limits_hold() -> None:
    assert Money(MOST_FEN).fen == MOST_FEN
    for beyond in (
        lambda: Money(MOST_FEN) + Money(1),
        lambda: Money(MOST_FEN) * 2,
        lambda: Money(-MOST_FEN - 1),
    ):
        with pytest.raises(Invalid):
            beyond()


@given(fen, st.lists(st.integers(0, 1000), min_size=1, max_size=20).filter(any))
def test_shares_add_up_and_are_fair(value: int, shares: list[int]) -> None:
    parts = Money(value).split(shares)
    assert sum(p.fen for p in parts) == value
    for part, share in zip(parts, shares, strict=True):
        assert abs(part.fen - value * share / sum(shares)) <= 1 + abs(value) * 1e-15
        assert share or not part.fen


def test_rounding_is_by_the_stated_rule() -> None:
    assert Money(250).at(Decimal("0.05")) == Money(12)  # 12.5, to the even one
    assert Money(250).at(Decimal("0.05"), ROUND_HALF_UP) == Money(13)
    with pytest.raises(Invalid):
        Money(1).at(0.5)  # type: ignore[arg-type]  # that is the point
    with pytest.raises(Invalid):
        Money(1).split([0, 0])


@given(fen, st.decimals(-9, 9, allow_nan=False, places=37))
def test_a_rate_is_rounded_once(value: int, rate: Decimal) -> None:
    # the integer nearest to the exact product; Python rounds a Fraction half to even
    assert Money(value).at(rate).fen == round(value * Fraction(rate))


@pytest.mark.parametrize("rate", ["1e30", "1e70", "1e999999", "0." + "5" * 39, "NaN", "Infinity"])
def test_rates_have_limits(rate: str) -> None:
    with pytest.raises(Invalid):
        Money(1).at(Decimal(rate))


@pytest.mark.parametrize("shares", [["1"], [0.5, 0.5], [True], [], [0, 0], [2, -1], [1] * (MOST_SHARES + 1)])
def test_strange_shares_are_refused(shares: list[int]) -> None:
    with pytest.raises(Invalid):
        Money(5).split(shares)


@pytest.mark.parametrize("text", ["１２", "١٢", "USD 12", "€12", "12.345", "1e3", ""])
def test_other_currencies_and_digits_are_refused(text: str) -> None:
    with pytest.raises(Invalid):
        Money.of(text)
