"""Text, its words and readings: pure rules."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yong.kernel.search.logic import words
from yong.kernel.search.logic.words import near, plain, read_as, readings, runs, spellings, syllables

HAN = st.text(
    st.sampled_from("宁波市江北区中马街道老外滩重庆路长乐银行绿岛女厦门会稽单县朝阳"), min_size=1, max_size=8
)


@given(st.text(max_size=60))
def test_a_normal_form_knows_where_each_character_came_from(text: str) -> None:
    normal = plain(text)
    assert len(normal.text) == len(normal.at)
    assert list(normal.at) == sorted(normal.at)
    assert all(0 <= at < len(text) for at in normal.at)
    assert plain(normal.text).text == normal.text


@pytest.mark.parametrize(
    ("text", "normal"),
    [("ＹＯＮＧ　１２号", "yong 12号"), ("Müller Straße", "muller strasse"), ("ﬁ", "fi"), ("ÉÈ", "ee")],
)
def test_width_case_and_accents_do_not_matter(text: str, normal: str) -> None:
    assert plain(text).text == normal


@given(st.text(max_size=60))
def test_runs_lie_in_their_text_in_order_and_do_not_touch_their_own_script(text: str) -> None:
    normal = plain(text).text
    found = list(runs(normal))
    assert all(normal[r.start : r.end] == r.text for r in found)
    assert all(a.end <= b.start for a, b in itertools.pairwise(found))
    assert all(a.end < b.start or a.han != b.han for a, b in itertools.pairwise(found))


@given(HAN)
def test_words_make_up_their_text(text: str) -> None:
    assert "".join(words.cut(text)) == text
    assert all(w in text for w in words.words(text))


def test_a_phrase_decides_how_its_characters_are_read() -> None:
    assert readings("重庆")[0][0] == "chong"
    assert readings("重量")[0][0] == "zhong"
    assert readings("银行")[1][0] == "hang"
    assert readings("长乐")[0][0] == "chang"
    assert {"lv", "lu"} <= set(readings("绿")[0])


@given(HAN)
def test_every_character_has_a_few_readings_that_are_syllables(text: str) -> None:
    found = readings(text)
    assert len(found) == len(text)
    assert all(1 <= len(of) <= 2 * words.READINGS and set(of) <= syllables() for of in found)


@given(HAN, st.data())
def test_what_reads_so_is_spelled_so(text: str, data: st.DataObject) -> None:
    """Any choice of readings, typed without a gap and possibly not to its end, reads as its text and can be cut."""
    chosen = [data.draw(st.sampled_from(of)) for of in readings(text)]
    letters = "".join(chosen)
    assert read_as(text, 0, letters) == len(text)
    typed = letters[: data.draw(st.integers(1, len(letters)))]
    end = read_as(text, 0, typed)
    assert end is not None
    assert 0 < end <= len(text)


@given(st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=40))
def test_a_spelling_is_made_of_syllables_and_loses_no_letter(letters: str) -> None:
    for whole, begun in spellings(letters):
        assert "".join(whole) + begun == letters
        assert set(whole) <= syllables()
        assert words.beginning(begun)


def test_letters_may_be_cut_in_more_than_one_way() -> None:
    assert {("xi",), ()} <= {s.whole for s in spellings("xian")}
    assert spellings("lwt") == ()
    assert spellings("a" * 5000) == ()


@given(st.text("abc", min_size=1, max_size=6), st.data())
def test_one_slip_is_near_and_two_are_not_always(word: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(word) - 1))
    assert near(word, word[:place] + word[place + 1 :])
    assert near(word, word[:place] + "z" + word[place:])
    assert near(word, word[:place] + "z" + word[place + 1 :])
    swapped = word[:place] + word[place : place + 2][::-1] + word[place + 2 :]
    assert near(word, swapped)
    assert near(swapped, word)
    assert not near(word, word + "zz")
