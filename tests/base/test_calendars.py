"""Working days and hours, by announced holidays."""

from datetime import UTC, date, datetime, time, timedelta

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yong.kernel.base.calendars import CHINESE, MOST_DAYS, Because, Calendar, Span, Unannounced
from yong.kernel.base.clock import CHINA
from yong.kernel.base.errors import Invalid

days = st.dates(date(2005, 1, 1), date(2025, 6, 30))

# Notices of the General Office of the State Council for 2024 and 2025.
ANNOUNCED = (
    (date(2024, 2, 4), True),  # a Sunday worked for the Spring Festival
    (date(2024, 2, 12), False),
    (date(2024, 2, 18), True),
    (date(2024, 4, 28), True),
    (date(2024, 10, 7), False),
    (date(2025, 1, 26), True),
    (date(2025, 10, 8), False),
    (date(2025, 10, 11), True),
    (date(2025, 10, 9), True),
    (date(2025, 10, 12), False),
)


@pytest.mark.parametrize(("day", "works"), ANNOUNCED)
def test_exchanged_days(day: date, works: bool) -> None:
    assert CHINESE.is_workday(day) is works


@pytest.mark.parametrize("day", [date(1999, 1, 4), date(2040, 1, 4)])
def test_a_year_nobody_announced_has_no_answer(day: date) -> None:
    with pytest.raises(Unannounced) as caught:
        CHINESE.is_workday(day)
    assert str(day.year) in caught.value.detail.zh
    assert str(day.year) in caught.value.detail.en
    with pytest.raises(Unannounced):
        CHINESE.add_workdays(date(2039, 12, 31), 5)


def test_a_city_declares_a_year_and_days() -> None:
    own = Calendar(
        working=frozenset({date(2040, 1, 7)}), off=frozenset({date(2040, 1, 3)}), declared=frozenset({2040})
    )
    assert own.is_workday(date(2040, 1, 7))  # a Saturday
    assert not own.is_workday(date(2040, 1, 3))
    assert own.is_workday(date(2040, 1, 4))
    assert own.is_workday(date(2024, 2, 4))  # what is announced still counts
    with pytest.raises(Unannounced):
        own.is_workday(date(2041, 1, 4))


def test_contradictions_are_refused() -> None:
    with pytest.raises(Invalid):
        Calendar(working=frozenset({date(2024, 1, 1)}), off=frozenset({date(2024, 1, 1)}))
    for hours in ((), (Span(time(9), time(9)),), (Span(time(9), time(12)), Span(time(11), time(13)))):
        with pytest.raises(Invalid):
            Calendar(hours=hours)
    with pytest.raises(Invalid):
        CHINESE.add_workdays(date(2024, 1, 1), MOST_DAYS + 1)
    with pytest.raises(Invalid):
        CHINESE.is_workday(datetime(2024, 1, 1, tzinfo=UTC))  # a moment is no date
    with pytest.raises(Invalid):
        CHINESE.add_work_time(datetime(2024, 1, 2), timedelta(hours=1))  # noqa: DTZ001  # that is the point


def test_the_day_itself_does_not_count() -> None:
    assert CHINESE.add_workdays(date(2024, 2, 9), 1) == date(2024, 2, 9) + timedelta(
        days=9
    )  # over the holiday
    assert CHINESE.add_workdays(date(2024, 2, 10), 0) == date(2024, 2, 18)
    assert CHINESE.add_workdays(date(2024, 2, 18), -1) == date(2024, 2, 9)


@given(days, st.integers(1, 200))
def test_counting_there_and_back(day: date, count: int) -> None:
    later = CHINESE.add_workdays(day, count)
    assert CHINESE.is_workday(later)
    assert CHINESE.workdays_between(day, later) == count
    assert CHINESE.workdays_between(later, day) == -count


def china(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2024, 2, day, hour, minute, tzinfo=CHINA)


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        (china(5, 9), 2, china(5, 11)),
        (china(5, 11), 2, china(5, 14, 30)),  # over the noon break
        (china(5, 22), 1, china(6, 9, 30)),  # from the next morning on
        (china(9, 17), 1, china(18, 9)),  # over the Spring Festival, onto a working Sunday
        (china(5, 8, 30), 7.5, china(5, 17, 30)),
    ],
)
def test_office_time(start: datetime, hours: float, end: datetime) -> None:
    assert CHINESE.add_work_time(start, timedelta(hours=hours)) == end
    assert CHINESE.work_time_between(start, end) == timedelta(hours=hours)


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2025, 6, 1), timezones=st.just(UTC)),  # noqa: DTZ001  # hypothesis wants naive bounds
    st.integers(0, 200 * 60),
)
def test_office_time_there_and_back(start: datetime, minutes: int) -> None:
    length = timedelta(minutes=minutes)
    assert CHINESE.work_time_between(start, CHINESE.add_work_time(start, length)) == length


LAST = max(chinese_calendar.constants.holidays).year


def test_the_last_announced_day_still_has_an_answer() -> None:
    evening = datetime(LAST, 12, 31, 18, tzinfo=CHINA)
    calendar = Calendar(working=frozenset({date(LAST, 12, 31)}))
    assert calendar.work_time_between(evening - timedelta(hours=9), evening) == timedelta(hours=7)
    with pytest.raises(Unannounced):
        calendar.work_time_between(evening, evening + timedelta(days=1))


def test_office_time_the_other_way_round_is_negative() -> None:
    assert CHINESE.work_time_between(china(6, 9), china(5, 17)) == -timedelta(hours=1)


def test_neighbours_are_working_days() -> None:
    assert CHINESE.next_workday(date(2024, 2, 9)) == date(2024, 2, 18)
    assert CHINESE.previous_workday(date(2024, 2, 18)) == date(2024, 2, 9)


def test_hours_of_working_days_round_the_clock() -> None:
    always = Calendar(hours=(Span(time(0), time(0)),))
    assert always.add_work_time(china(9, 20), timedelta(hours=24)) == china(18, 20)
    assert always.work_time_between(china(9, 20), china(18, 20)) == timedelta(hours=24)
    shifts = Calendar(hours=(Span(time(8), time(16)), Span(time(20), time(0))))
    assert shifts.add_work_time(china(5, 21), timedelta(hours=4)) == china(6, 9)


def test_what_is_no_count_and_what_ends_with_the_calendar_is_invalid() -> None:
    for days in (0.5, True, "1"):
        with pytest.raises(Invalid):
            CHINESE.add_workdays(date(2024, 1, 1), days)  # type: ignore[arg-type]  # that is the point
    with pytest.raises(Invalid):
        CHINESE.work_time_between(china(5, 9), datetime(2024, 2, 6))  # noqa: DTZ001  # that is the point
    with pytest.raises(Invalid):
        Calendar(hours=(Span(time(8, tzinfo=UTC), time(9, tzinfo=UTC)),))
    forever = Calendar(declared=frozenset({9999}))
    with pytest.raises(Invalid):
        forever.add_workdays(date(9999, 12, 30), 10)
    with pytest.raises(Invalid):
        forever.add_work_time(datetime(9999, 12, 30, tzinfo=UTC), timedelta(hours=99))


def test_why_a_day_is_worked_or_off() -> None:
    told = {n: CHINESE.day(date(2024, 2, n)) for n in (4, 8, 12, 24)}
    assert [told[n].works for n in told] == [True, True, False, False]
    assert [told[n].because for n in told] == [Because.EXCHANGED, Because.WEEK, Because.HOLIDAY, Because.WEEK]
    assert told[12].name is not None
    assert (told[12].name.zh, told[12].name.en) == ("春节", "Spring Festival")
    own = Calendar(off=frozenset({date(2024, 2, 8)}), declared=frozenset({2040}))
    assert (own.day(date(2024, 2, 8)).because, own.day(date(2040, 1, 7)).because) == (
        Because.DECLARED, Because.WEEK,
    )  # fmt: skip
    with pytest.raises(Unannounced):
        own.day(date(2041, 1, 7))


def test_a_calendar_of_another_zone_and_week_knows_only_what_is_declared() -> None:
    own = Calendar(
        zone="America/New_York", announced=False, declared=frozenset({2024}), week=frozenset({5, 6}),
        hours=(Span(time(0), time(0)),),
    )  # fmt: skip
    assert own.is_workday(date(2024, 3, 10))  # a Sunday, on which summer time begins
    assert not own.is_workday(date(2024, 2, 12))
    with pytest.raises(Unannounced):
        own.is_workday(date(2025, 1, 4))
    saturday = datetime(2024, 3, 9, 17, tzinfo=UTC)  # noon
    assert own.add_work_time(saturday, timedelta(hours=24)) == datetime(
        2024, 3, 10, 16, tzinfo=UTC
    )  # noon again
    assert own.work_time_between(saturday, datetime(2024, 3, 10, 16, tzinfo=UTC)) == timedelta(hours=24)
    assert own.day_length == timedelta(hours=24)
    assert own.moment(datetime(2024, 11, 3, 1, 30)) == datetime(2024, 11, 3, 5, 30, tzinfo=UTC)  # noqa: DTZ001
    assert own.local(datetime(2024, 11, 3, 6, 30, tzinfo=UTC)) == datetime(2024, 11, 3, 1, 30)  # noqa: DTZ001
    reopened = CHINESE.add_office_time(datetime(2024, 2, 9, 9, 30), timedelta(hours=6.5), reopen=True)  # noqa: DTZ001
    assert reopened == datetime(2024, 2, 18, 8, 30)  # noqa: DTZ001


@pytest.mark.parametrize(
    "wrong", [{"zone": "No/Where"}, {"zone": "../etc"}, {"week": frozenset()}, {"week": frozenset({7})}]
)
def test_what_is_no_zone_or_week_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        Calendar(**wrong)  # type: ignore[arg-type]  # that is the point
