"""Conditions of procedures: what they mean, and that nothing in them ever runs, hangs or raises."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yong.kernel.base.errors import Invalid
from yong.kernel.cases.procedures.expressions import compile_expression

DATA = {
    "outcome": "confirm",
    "urgent": True,
    "amount": 12,
    "cause": "fire",
    "units": ["a", "b"],
    "nothing": None,
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('outcome == "confirm"', True), ("outcome == 'no'", False), ("urgent and amount > 10", True),
        ('cause in ("fire", "flood")', True), ("cause not in ['flood']", True), ("not assigned", True), ("unknown > 1", False),
        ("unknown == None", True), ("nothing is null", True), ("amount is not null", True), ('amount > "x"', False),
        ("5 < amount <= 12", True), ("amount * 2 + 1 == 25", True), ("amount / 0 == 1", False), ("-amount < 0", True),
        ("len(units) == 2", True), ("urgent == true", True), ("${urgent}", True), ('=outcome == "confirm"', True),
        ("unknown + 1 == 1", False), ('"fi" in cause', True), ("outcome or urgent", True), ("len(amount) == 1", False),
    ],
)  # fmt: skip
def test_what_conditions_mean(text: str, value: bool) -> None:
    assert bool(compile_expression(text).value(DATA)) is value


def test_what_a_condition_asks_is_known() -> None:
    assert compile_expression('outcome == "x" and len(units) > amount').names == {
        "outcome",
        "units",
        "amount",
    }


@pytest.mark.parametrize(
    "text",
    [
        "", "   ", "1 +", "__import__('os').system('ls')", "outcome.upper()", "open('x')", "[x for x in units]", "lambda: 1",
        "units[0]", "9**9**9", "a if b else c", "f'{x}'", "(x := 1)", "a; b", "x" * 1_001, "-" * 60 + "1",
        "not " * 60 + "x", "+".join("1" * 150), "len(units, 1)", "len(x=units)", "1j", "b'x'", "...", "yield", "*a", "x @ y",
    ],
)  # fmt: skip
def test_what_would_do_more_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        compile_expression(text)


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda c: st.lists(c, max_size=3),
    max_leaves=5,
)


@given(st.text(max_size=80), st.dictionaries(st.sampled_from("abc"), _VALUES))
def test_any_text_is_a_condition_or_is_refused(text: str, data: dict[str, Any]) -> None:
    try:
        compiled = compile_expression(text)
    except Invalid:
        return
    compiled.value(data)


_NAMES = st.sampled_from(["a", "b", "c", "1", "2.5", '"x"', "None", "[a, 1]", "len(a)"])
_TEXTS = st.recursive(
    _NAMES,
    lambda c: st.tuples(
        c,
        st.sampled_from(["<", "==", "!=", ">=", "in", "not in", "and", "or", "+", "-", "*", "/", "%", "is"]),
        c,
    ).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
    max_leaves=8,
)


@given(_TEXTS, st.dictionaries(st.sampled_from("abc"), _VALUES))
def test_no_condition_raises_whatever_a_case_holds(text: str, data: dict[str, Any]) -> None:
    compile_expression(text).value(data)
