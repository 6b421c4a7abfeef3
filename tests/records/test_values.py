"""Checks of values: what is accepted is what an independent, naive reading of the rules accepts."""

import math
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yong.kernel.base.relation import Type
from yong.kernel.base.text import Text
from yong.kernel.records.contracts import Table
from yong.kernel.records.logic import check, schema_of
from yong.kernel.records.logic.formats import citizen_number, uscc
from yong.kernel.records.logic.tables import safe

from .sample import STATION, field


@pytest.mark.parametrize("number", ["34052419800101001X", "11010519491231002X"])
def test_citizen_numbers_of_the_standard(number):
    assert citizen_number(number)
    assert not citizen_number(number[:-1] + "1")
    assert not citizen_number(number[:10] + "13" + number[12:])


@pytest.mark.parametrize("code", ["91440300708461136T", "911101080828461726"])
def test_credit_codes_of_the_standard(code):
    assert uscc(code)
    assert not uscc(code[:-1] + ("0" if code[-1] != "0" else "1"))
    assert not uscc(code[:9] + "I" + code[10:])


def test_every_problem_is_listed_with_its_pointer():
    draft = check(STATION, {"code": "é", "height_m": 10_000, "fee": -1, "opened": "2026-02-30", "x/y": 1})
    assert {p.pointer for p in draft.problems} == {
        "/values/code", "/values/height_m", "/values/fee", "/values/opened", "/values/x~1y", "/values/name",
    }  # fmt: skip
    assert all(p.detail.zh and p.detail.en for p in draft.problems)


@pytest.mark.parametrize(
    ("place", "good"),
    [
        ({"type": "Point", "coordinates": [121.5, 29.9]}, True),
        ({"type": "Point", "coordinates": [200, 29.9]}, False),
        ({"type": "Point", "coordinates": []}, False),
        ({"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}, True),
        ({"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}, False),
        ({"type": "LineString", "coordinates": [[0, 0], [1, 1]]}, True),
        ({"type": "LineString", "coordinates": [[0, 0]]}, False),
        ({"type": "Circle", "coordinates": [0, 0]}, False),
    ],
)
def test_geometries(place, good):
    assert bool(check(STATION, {"code": "A", "name": "A", "place": place}).problems) is not good


_SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=12),
    st.sampled_from(["A1", "2026-01-02"]),
)


def _naive(one, value):
    if value is None:
        return not one.required
    if one.type is Type.TEXT:
        if not isinstance(value, str) or len(value) > one.max_length or "\0" in value:
            return False
        if any(0xD800 <= ord(c) <= 0xDFFF for c in value):
            return False
        return one.pattern is None or re.fullmatch(one.pattern, value) is not None
    if one.type is Type.BOOLEAN:
        return value is True or value is False
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    if not math.isfinite(value):
        return False
    if one.type is Type.INTEGER and (
        value != int(value) or (isinstance(value, float) and abs(value) >= 2**53)
    ):
        return False
    if one.type is Type.INTEGER and not -(2**63) <= value < 2**63:
        return False
    return (one.minimum is None or value >= one.minimum) and (one.maximum is None or value <= one.maximum)


_FIELDS = st.builds(
    lambda kind, required, low, span, length, pattern: field(
        "a",
        kind,
        required=required,
        minimum=low,
        maximum=None if low is None else low + span,
        max_length=length,
        pattern=pattern,
    ),
    st.sampled_from([Type.TEXT, Type.INTEGER, Type.NUMBER, Type.BOOLEAN]),
    st.booleans(),
    st.none() | st.integers(-100, 100),
    st.integers(0, 1000),
    st.integers(1, 20),
    st.none() | st.sampled_from(["[A-Z][0-9]", "a{0,3}", ".*"]),
)


@settings(max_examples=400, deadline=None)
@given(_FIELDS, _SCALARS)
def test_accepted_if_and_only_if_the_naive_reading_accepts(one, value):
    table = Table(name="sample.any", title=Text("任意", "Any"), fields=(one,))
    assert (not check(table, {"a": value}).problems) == _naive(one, value)


@pytest.mark.parametrize("pattern", ["(a+)+", "(a|aa)*", "(a*){5}", r"(.)\1", "(?=a)a", "[", "a" * 201])
def test_patterns_that_may_run_away_are_not_safe(pattern):
    assert not safe(pattern)


def test_the_form_names_every_field_in_both_languages():
    form = schema_of(STATION)
    assert set(form["properties"]) == {f.name for f in STATION.fields}
    assert form["required"] == ["code", "name"]
    assert all(p["x-title"]["zh"] and p["x-title"]["en"] for p in form["properties"].values())
