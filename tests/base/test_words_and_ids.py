"""Text, errors, identifiers and moments: what everything else is written in."""

import time
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yong.kernel.base import clock, errors
from yong.kernel.base.errors import Problem, YongError
from yong.kernel.base.ids import new_id, uuid7
from yong.kernel.base.text import Text, preferred


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "zh"),
        ("", "zh"),
        ("en", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("fr, en-GB;q=0.5, zh;q=0.4", "en"),
        ("en;q=0, zh;q=0.1", "zh"),
        ("de, fr", "zh"),
        ("en;q=rubbish, zh;q=0.9", "zh"),
    ],
)
def test_the_reader_gets_the_language_asked_for(header: str | None, language: str) -> None:
    assert preferred(header) == language


@given(st.text(max_size=400))
def test_no_header_breaks_the_choice(header: str) -> None:
    assert preferred(header) in ("zh", "en")


def test_places_are_filled_in_both_languages() -> None:
    text = Text("第 {n} 行", "Line {n}").filled(n=3)
    assert (text.in_("zh"), text.in_("en")) == ("第 3 行", "Line 3")


def test_a_problem_document_is_in_the_readers_language() -> None:
    error = errors.Invalid(
        Text("共 {n} 处", "{n} places"), problems=(Problem("/a", Text("缺", "missing")),), n=1
    )
    zh, en = error.document("zh", "/x"), error.document("en")
    assert (zh["detail"], zh["instance"], zh["errors"]) == (
        "共 1 处",
        "/x",
        [{"pointer": "/a", "detail": "缺"}],
    )
    assert (en["detail"], en["errors"]) == ("1 places", [{"pointer": "/a", "detail": "missing"}])
    assert "instance" not in en
    assert en["type"] == "/errors/invalid"
    assert en["status"] == 422


def tree(kind: type[YongError]) -> list[type[YongError]]:
    return [kind, *(x for sub in kind.__subclasses__() for x in tree(sub))]


def test_every_error_has_a_title_in_both_languages_and_a_fitting_status() -> None:
    for kind in tree(YongError):
        assert kind.title.zh, kind
        assert kind.title.en, kind
        assert 400 <= kind.status < 600, kind


def test_identifiers_are_version_7_and_sorted_by_time() -> None:
    made = []
    for _ in range(5):
        made.append(uuid7())
        time.sleep(0.00001)  # those of one millisecond too
    assert made == sorted(made)
    assert {(u.version, u.variant) for u in made} == {(7, "specified in RFC 4122")}
    assert abs((made[0].int >> 80) / 1000 - time.time()) < 5
    assert len({new_id() for _ in range(10_000)}) == 10_000


@given(st.datetimes(datetime(1, 1, 2), datetime(9998, 12, 31), timezones=st.sampled_from([UTC, clock.CHINA])))  # noqa: DTZ001  # hypothesis wants naive bounds
def test_microseconds_are_exact_both_ways(moment: datetime) -> None:
    assert clock.from_micros(clock.micros(moment)) == moment


def test_beijing_is_eight_hours_ahead_and_now_is_aware() -> None:
    assert datetime(2026, 1, 1, tzinfo=clock.CHINA).astimezone(UTC).hour == 16
    assert clock.CHINA.utcoffset(None) == timezone(timedelta(hours=8)).utcoffset(None)
    assert clock.now().tzinfo is UTC
