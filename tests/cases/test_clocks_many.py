"""Deadlines of arrays are those of one clock at a time, whatever the calendar, zone, limit and stops."""

from datetime import UTC, date, datetime, time, timedelta

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from yong.kernel.base.calendars import Calendar, Span
from yong.kernel.base.errors import Invalid
from yong.kernel.cases.clocks.contracts import Clock, Ends, Limit, Stop, Unit
from yong.kernel.cases.clocks.counting import times
from yong.kernel.cases.clocks.many import Stops, many

NIGHT = (Span(time(0), time(2, 30)), Span(time(8), time(16)), Span(time(22), time(0)))
CALENDARS = (
    Calendar(),  # announced up to some year: what lies beyond has no answer
    Calendar(hours=(Span(time(9), time(17)),), declared=frozenset({2027, 2028})),
    Calendar(hours=(Span(time(0), time(0)),), off=frozenset({date(2025, 3, 9)})),
    Calendar(zone="America/New_York", announced=False, declared=frozenset(range(2022, 2029)), hours=NIGHT),
    Calendar(zone="America/Havana", announced=False, declared=frozenset(range(2022, 2029))),  # changes at midnight
    Calendar(
        zone="Australia/Lord_Howe", announced=False, declared=frozenset({2023, 2024, 2026}),  # half an hour; a gap
        week=frozenset({0, 1, 2, 3, 5}), hours=(Span(time(0), time(0)),),
    ),
)  # fmt: skip

LIMITS = st.one_of(
    st.builds(
        Limit,
        st.integers(1, 60),
        st.sampled_from([Unit.WORK_DAYS, Unit.CALENDAR_DAYS]),
        st.sampled_from(Ends),
    ),
    st.builds(Limit, st.integers(1, 14), st.just(Unit.MONTHS), st.sampled_from(Ends)),
    st.builds(
        Limit,
        st.sampled_from([0.5, 1, 2, 7.5, 8, 33.25]),
        st.sampled_from([Unit.WORK_HOURS, Unit.URGENT_HOURS]),
    ),
)
# Near what is difficult: midnights, openings and closings, changes of summer time, the year's end, holidays.
EDGES = st.sampled_from(
    [
        datetime(2023, 12, 29, 9, 30, tzinfo=UTC), datetime(2024, 2, 9, 16, tzinfo=UTC),
        datetime(2024, 3, 10, 6, 59, tzinfo=UTC), datetime(2024, 11, 3, 5, 30, tzinfo=UTC),
        datetime(2024, 4, 6, 15, tzinfo=UTC), datetime(2024, 10, 5, 15, 30, tzinfo=UTC),
        datetime(2024, 9, 30, 0, 30, tzinfo=UTC), datetime(2026, 9, 30, 9, 30, tzinfo=UTC),
        datetime(2026, 12, 20, 8, tzinfo=UTC), datetime(2022, 12, 31, 16, tzinfo=UTC),
    ]
)  # fmt: skip
MINUTES = st.integers(-3 * 1440, 3 * 1440)
STARTS = st.builds(
    lambda at, m, s: at + timedelta(minutes=m, microseconds=s), EDGES, MINUTES, st.integers(0, 1)
)


@st.composite
def clocks(draw: st.DrawFn) -> Clock:
    limit, started = draw(LIMITS), draw(STARTS)
    alike = LIMITS.filter(lambda other: other.unit.family == limit.unit.family)
    edges = sorted(draw(st.lists(st.integers(0, 40_000), max_size=6)))
    moments = [started + timedelta(minutes=m) for m in edges]
    pairs = list(zip(moments[::2], [*moments[1::2], None], strict=False))
    return Clock(
        started_at=started,
        limit=limit,
        extensions=tuple(draw(st.lists(alike, max_size=2))),
        stops=tuple(Stop(since, "hearing", until) for since, until in pairs),
    )


def arrays(made: list[Clock]) -> tuple[np.ndarray, list[tuple[Limit, ...]], np.ndarray, Stops]:
    terms = list(dict.fromkeys((c.limit, *c.extensions) for c in made))
    stops = [(n, s.since, s.until) for n, c in enumerate(made) for s in c.stops]
    return (
        moments([c.started_at for c in made]),
        terms,
        np.array([terms.index((c.limit, *c.extensions)) for c in made]),
        Stops(
            np.array([n for n, _, _ in stops], np.int64),
            moments([a for _, a, _ in stops]),
            moments([b for _, _, b in stops]),
        ),
    )


def moments(those: list[datetime | None]) -> np.ndarray:
    return np.array([m and m.replace(tzinfo=None) for m in those], "M8[us]")


BY_DAYS_AND_HOURS = Clock(
    started_at=datetime(2023, 12, 29, 9, 30, tzinfo=UTC),
    limit=Limit(1, Unit.WORK_DAYS),
    extensions=(Limit(0.5, Unit.WORK_HOURS),),
)


@settings(max_examples=250, deadline=None)
@example(CALENDARS[0], [BY_DAYS_AND_HOURS])
@given(st.sampled_from(CALENDARS), st.lists(clocks(), min_size=1, max_size=12))
def test_many_are_as_each(calendar: Calendar, made: list[Clock]) -> None:
    got = many(*arrays(made)[:3], calendar, arrays(made)[3])
    for n, clock in enumerate(made):
        one = times(clock, calendar)
        same = moments([one.due_at, one.hint_at, one.yellow_at])
        assert np.array_equal(
            np.array([got.due_at[n], got.hint_at[n], got.yellow_at[n]]), same, equal_nan=True
        ), (clock, one, got.due_at[n], got.hint_at[n], got.yellow_at[n])
        assert bool(got.paused[n]) is (one.paused_since is not None)


def test_without_stops_and_of_none() -> None:
    term = (Limit(5, Unit.WORK_DAYS),)
    start = np.array(["2024-02-05T01:00"], "M8[us]")
    assert many(start, [term], np.array([0]), Calendar()).due_at[0] == np.datetime64("2024-02-18T09:30", "us")
    assert len(many(start[:0], [term], np.array([], np.int64), Calendar()).due_at) == 0


def test_arrays_that_say_nothing_clear_are_refused() -> None:
    term = [(Limit(5, Unit.WORK_DAYS),)]
    start = np.array(["2024-02-05T01:00"], "M8[us]")
    later, much_later = np.array(["2024-02-06"], "M8[us]"), np.array(["2024-02-09"], "M8[us]")
    none, zero = np.array(["NaT"], "M8[us]"), np.array([0])
    for started, which, stops in (
        (start, np.array([1]), None),
        (start, np.array([0, 0]), None),
        (none, zero, None),
        (np.array(["9500-01-01"], "M8[us]"), zero, None),
        (start, zero, Stops(np.array([1]), later, much_later)),
        (start, zero, Stops(zero, much_later, later)),
        (start, zero, Stops(zero, start - 1, later)),
        (start, zero, Stops(np.array([0, 0]), np.append(later, much_later), np.append(none, none))),
        (start, zero, Stops(np.array([0, 0]), np.append(later, later), np.append(much_later, none))),
    ):
        with pytest.raises(Invalid):
            many(started, term, which, Calendar(), stops)
    with pytest.raises(Invalid):
        many(start, [(Limit(5, Unit.WORK_DAYS), Limit(5, Unit.CALENDAR_DAYS))], zero, Calendar())
