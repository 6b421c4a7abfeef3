"""What a query means, and that the index proposes everything that a text answers to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yong.kernel.base.errors import Invalid
from yong.kernel.search.logic.matching import Mark, Part, match, snippet
from yong.kernel.search.logic.query import CLAUSES, LONGEST, Clause, parse
from yong.kernel.search.logic.terms import of_code, of_text, of_title
from yong.kernel.search.logic.words import near, plain, readings, runs

NAMES = st.text(st.sampled_from("宁波市江北区老外滩重庆长乐银行绿女12abЯ -·"), min_size=1, max_size=12)
TYPED = st.text(st.sampled_from("宁波江北老外滩重庆行绿12abninglaochogwtd \"'-"), min_size=1, max_size=10)
OLD_BUND = (
    Part("title", "宁波老外滩 Old Bund"),
    Part("text", "位于江北区中马街道，Historic quarter near the river"),
    Part("code", "NB-0012"),
)


@pytest.mark.parametrize(
    "typed",
    [
        *("老外滩", "laowaitan", "LaoWai", "lwt", "nblwt", "ningbolaowait", "n"),
        *("old", "ol", "OLD BUND", "bnud", "bunt", "江北老外滩", "中马", "histroic", "quarter"),
        *('"old bund"', "“中马街道”", "nb0012", "0012", "NB-00", "老waitan", "宁波 bund", "老外滩的"),
    ],
)
def test_what_finds_the_old_bund(typed: str) -> None:
    assert match(parse(typed), OLD_BUND) is not None


@pytest.mark.parametrize(
    "typed",
    [
        "海曙",
        "lwtx",
        "waitanx",
        "olb bund x",
        '"bund old"',
        '"外滩中马"',
        "12",
        "zhongma",
        "l",
        "x",
        "old 海曙",
        "bnd1",
    ],
)
def test_what_does_not(typed: str) -> None:
    assert match(parse(typed), OLD_BUND) is None


def test_marks_are_where_it_matched() -> None:
    found = match(parse("lwt bund 中马"), OLD_BUND)
    assert found is not None
    assert found.marks == {0: [Mark(2, 5), Mark(10, 14)], 1: [Mark(5, 7)]}


@pytest.mark.parametrize(
    "typed", ["", " ", "?!", '""', "x" * (LONGEST + 1), " ".join("abcdefghijklmnopqrstuvwxyz")]
)
def test_a_query_without_words_or_with_too_many_is_invalid(typed: str) -> None:
    with pytest.raises(Invalid):
        parse(typed)


@given(st.text(max_size=LONGEST))
def test_any_text_is_a_query_or_invalid(typed: str) -> None:
    try:
        asked = parse(typed)
    except Invalid:
        return
    assert 0 < len(asked.clauses) <= CLAUSES
    match(asked, [Part("title", typed), Part("text", typed), Part("code", typed)])


@given(st.text(min_size=1, max_size=60))
def test_a_text_is_found_by_itself(text: str) -> None:
    try:
        asked = parse(text)
    except Invalid:
        return
    for role in ("title", "text", "code"):
        assert match(asked, [Part(role, text)]) is not None


def proposed(clause: Clause, terms: set[str], words: set[str], title: bool) -> bool:
    """Whether the index, holding these terms of one field, proposes its row for a clause."""
    for way in clause.ways:
        if (
            (title or not way.title)
            and set(way.terms) <= terms
            and (not way.any_of or set(way.any_of) & terms)
        ):
            return True
    return clause.fuzzy and any(near(clause.text, w) for w in words)


@given(NAMES, TYPED)
def test_the_index_proposes_whatever_matches(name: str, typed: str) -> None:
    try:
        asked = parse(typed)
    except Invalid:
        return
    words = {r.text for r in runs(plain(name).text) if not r.han}
    for role, terms in (("title", of_title), ("text", of_text), ("code", of_code)):
        if match(asked, [Part(role, name)]) is not None:
            stored = set(terms(name))
            assert all(proposed(c, stored, words, role == "title") for c in asked.clauses), (role, asked)


@given(st.text(st.sampled_from("宁波市江北区老外滩重庆长乐银行绿女"), min_size=1, max_size=8), st.data())
def test_a_name_is_found_by_any_part_of_it_in_letters(name: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(name) - 1))
    end = data.draw(st.integers(start + 1, len(name)))
    of = readings(name)[start:end]
    full = "".join(data.draw(st.sampled_from(r)) for r in of)
    short = "".join(data.draw(st.sampled_from(r))[0] for r in of)
    typed = [name[start:end], full, *([short] if len(short) > 1 else [])]
    for one in typed:
        asked = parse(one)
        assert match(asked, [Part("title", name)]) is not None, one
        assert all(proposed(c, set(of_title(name)), set(), True) for c in asked.clauses), one


@given(st.text("ab江北 ", min_size=1, max_size=400), st.integers(0, 300))
def test_a_snippet_holds_its_first_mark(text: str, start: int) -> None:
    place = min(start, len(text) - 1)
    shown, marks = snippet(text, [Mark(place, place + 1)])
    assert len(shown) <= 120
    assert shown[marks[0].start : marks[0].end] == text[place]
