"""The expressions of indicators: what is read, what is refused and where, what they come to."""

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yong.kernel.base.errors import Invalid
from yong.kernel.indicators import logic
from yong.kernel.indicators.contracts import Cycle, Direction, Grade, Indicator
from yong.kernel.indicators.formulas.model import (
    Aggregate,
    Both,
    Compare,
    Kind,
    Not,
    Number,
    Sum,
    Weighted,
    aggregates,
    ratio,
)
from yong.kernel.indicators.formulas.reading import read
from yong.kernel.records.contracts import Operator


def test_a_ratio_is_read() -> None:
    formula = read('100 * count(a.b where late and not (class prefix "01" or n > -2) by due_at) / count(a.b)')
    above, below = aggregates(formula)
    assert below == Aggregate(kind=Kind.COUNT, relation="a.b")
    assert above.by == "due_at"
    assert above.where == Both(
        True,
        (
            Compare("late", Operator.EQ, "true"),
            Not(Both(False, (Compare("class", Operator.PREFIX, "01"), Compare("n", Operator.GT, "-2")))),
        ),
    )
    assert ratio(formula) == (above, below)
    assert above.fields == {"late", "class", "n"}


def test_everything_that_may_be_asked_is_read() -> None:
    for text in (
        "avg(a.b.c)", "percentile(90, a.b.c)", "median(a.b.c where d is null)", "distinct(a.b.c where d is not null)",
        "sum(a.b.c where d in ('x', \"y\", 3)) - 2 * max(a.b.c) + min(a.b.c)", "-(count(a.b) + 1)",
        "weighted(a.b: 10, a.c: 2.5)",
    ):  # fmt: skip
        read(text)
    assert aggregates(read("count(a.b where d <= now)"))[0].where == Compare("d", Operator.LTE, "", now=True)
    assert read("weighted(a.b: 10, a.c: 2.5)") == Weighted((("a.b", 10), ("a.c", 2.5)))


@pytest.mark.parametrize(
    ("text", "place", "zh", "en"),
    [
        ("count(a.b", 10, "应为 )", ") is expected"),
        ("count(a.b; drop table x)", 10, "无法识别 ;", "; means nothing here"),
        ("count(a)", 7, "应为资源名", "A Relation"),
        ("sum(a.b)", 5, "应为资源的字段", "A field"),
        ("1 + 2", 1, "没有统计任何数据", "Nothing of any Relation"),
        ("count(a.b) count(a.b)", 12, "多余的 count", "count is too much"),
        ("mean(a.b.c)", 1, "应为数字或 count", "A number or one of count"),
        ("count(a.b where c = d)", 21, "应为数字、true", "A number, true"),
        ("count(a.b where c in ('x,y'))", 29, "不可含逗号", "holds no comma"),
        ("percentile(100, a.b.c)", 15, "百分位", "A percentile"),
        ("100 * weighted(a.b: 1)", 23, "只能单独使用", "stands alone"),
        ("weighted(a.b: 1, a.b: 2)", 25, "不可重复", "Each indicator once"),
        ("weighted(a.b: 0)", 17, "大于 0", "more than 0"),
        ("(" * 40 + "count(a.b)" + ")" * 40, 14, "嵌套过深", "nested too deep"),
        ("count(a.b where " + "not " * 40 + "c)", 69, "嵌套过深", "nested too deep"),
        (" + ".join(f"count(a.b{n})" for n in range(13)), 1, "最多 12 项", "At most 12"),
        ("count(a.b where " + " or ".join(["c"] * 61) + ")", None, "最多 60", "At most 60"),
        ("x" * 2001, None, "1 至 2000", "1 to 2000"),
        ("  ", None, "1 至 2000", "1 to 2000"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_in_both_languages_with_its_place(
    text: str, place: int | None, zh: str, en: str
) -> None:
    with pytest.raises(Invalid) as refused:
        read(text)
    [problem] = refused.value.problems
    assert problem.pointer == "/expression"
    assert zh in problem.detail.zh
    assert en in problem.detail.en
    if place is not None:
        assert f"At character {place}:" in problem.detail.en


@given(st.text(max_size=60) | st.lists(st.sampled_from(["count", "(", ")", "a.b", "where", "c", "=", "1", "and", "not", "/", "by", "'x'"]), max_size=20).map(" ".join))  # fmt: skip
def test_whatever_is_written_is_read_or_refused(text: str) -> None:
    with suppress(Invalid):
        assert aggregates(read(text)) is not None


# ---------------------------------------------------------------- what it comes to

_COUNT, _OTHER = (
    Aggregate(kind=Kind.COUNT, relation="a.b"),
    Aggregate(kind=Kind.AVG, relation="a.b", field="c"),
)


def test_nothing_divided_by_nothing_is_no_value() -> None:
    formula = read("100 * count(a.b where c) / count(a.b)")
    above, below = aggregates(formula)
    assert logic.value(formula, {above: 0, below: 0}) is None
    assert logic.parts(formula, {above: 0, below: 0}) == (0, 0)
    assert logic.value(formula, {above: 1, below: 4}) == 25
    assert logic.value(_COUNT, {}) == 0  # no row is no row
    assert logic.value(_OTHER, {}) is None  # the mean of nothing is nothing
    assert logic.value(Sum("+", _OTHER, Number(1)), {}) is None


def graded(direction: Direction, *limits: float, target: float | None = None) -> Indicator:
    grades = tuple(
        Grade(code="ABCD"[n], zh="级", en="grade", limit=limit, colour="#000000")
        for n, limit in enumerate((*limits, None))
    )
    return Indicator(
        name="a.b", zh="指标", en="Indicator", meaning_zh="", meaning_en="", source_zh="", source_en="",
        expression="count(a.b)", direction=direction, target=target, grades=grades,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("indicator", "value", "grade"),
    [
        (graded(Direction.MORE, 90, 80), 90, "A"),
        (graded(Direction.MORE, 90, 80), 89.9, "B"),
        (graded(Direction.MORE, 90, 80), 0, "C"),
        (graded(Direction.LESS, 5, 10), 5, "A"),
        (graded(Direction.LESS, 5, 10), 10.1, "C"),
        (graded(Direction.TARGET, 1, 2, target=20), 18, "B"),
        (graded(Direction.TARGET, 1, 2, target=20), 23, "C"),
    ],
)
def test_grades(indicator: Indicator, value: float, grade: str) -> None:
    found = logic.grade(indicator, value)
    assert found is not None
    assert found.code == grade
    assert logic.grade(indicator, None) is None


@given(st.lists(st.tuples(st.floats(0, 100), st.none() | st.floats(0, 100)), max_size=8))
def test_a_score_lies_between_its_points(parts: list[tuple[float, float | None]]) -> None:
    known = [point for weight, point in parts if point is not None and weight > 0]
    score = logic.weighted(parts)
    if not known:
        assert score is None
    else:
        assert score is not None
        assert min(known) - 1e-6 <= score <= max(known) + 1e-6


# ---------------------------------------------------------------- periods


@pytest.mark.parametrize(
    ("text", "first", "after"),
    [
        ("2026", date(2026, 1, 1), date(2027, 1, 1)),
        ("2026-Q4", date(2026, 10, 1), date(2027, 1, 1)),
        ("2026-12", date(2026, 12, 1), date(2027, 1, 1)),
        ("2026-W53", date(2026, 12, 28), date(2027, 1, 4)),  # a week of two years
        ("2024-02-29", date(2024, 2, 29), date(2024, 3, 1)),
    ],
)
def test_periods_have_names(text: str, first: date, after: date) -> None:
    period, within = logic.labelled(text)
    assert within == (first, after)
    assert logic.label(period, within) == text


@pytest.mark.parametrize(
    "text", ["", "2026-13", "2026-Q5", "2025-W53", "2026-02-30", "20261", "1000", "2026-1", "x"]
)
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        logic.labelled(text)


@given(st.dates(date(1950, 1, 1), date(2150, 1, 1)), st.sampled_from(list(Cycle)))
def test_periods_follow_one_another_without_a_gap(day: date, period: Cycle) -> None:
    within = logic.span(period, day)
    assert within[0] <= day < within[1]
    assert logic.before(period, within)[1] == within[0]
    assert logic.labelled(logic.label(period, within)) == (period, within)


def test_the_year_begins_at_midnight_in_the_city() -> None:
    _, within = logic.labelled("2026")
    assert within.moments[0].isoformat() == "2025-12-31T16:00:00+00:00"
