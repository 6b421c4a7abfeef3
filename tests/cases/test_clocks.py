"""What one clock tells: due, hint, yellow, red, what is left; which rule gave the limit; why it is due then."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yong.kernel.base.calendars import CHINESE, Calendar, Span
from yong.kernel.base.clock import CHINA
from yong.kernel.base.errors import Invalid
from yong.kernel.base.text import Text
from yong.kernel.cases.clocks.contracts import Clock, Colour, Ends, Limit, Rule, Stop, Unit, When
from yong.kernel.cases.clocks.counting import standing, times
from yong.kernel.cases.clocks.explaining import explain
from yong.kernel.cases.clocks.rules import Table

BOSTON = Calendar(
    zone="America/New_York",
    announced=False,
    declared=frozenset(range(2014, 2027)),
    hours=(Span(time(8, 30), time(17)),),
    off=frozenset({date(2015, 1, 19), date(2015, 2, 16)}),
)


def at(month: int, day: int, hour: int = 9, minute: int = 0, year: int = 2024) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=CHINA)


def clock(start: datetime, amount: float, unit: Unit, *stops: Stop, **more: object) -> Clock:
    return Clock(started_at=start, limit=Limit(amount, unit), stops=stops, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("start", "amount", "unit", "due"),
    [
        # by hand, with the announced days of 2024: Spring Festival 10 to 17 February, worked 4 and 18 February
        (at(2, 5), 5, Unit.WORK_DAYS, at(2, 18, 17, 30)),
        (at(2, 5, 22), 1, Unit.WORK_DAYS, at(2, 6, 17, 30)),
        (at(2, 3), 1, Unit.WORK_DAYS, at(2, 4, 17, 30)),  # a Sunday that is worked
        (at(2, 9, 16, 30), 4, Unit.WORK_HOURS, at(2, 18, 11, 30)),
        (at(2, 9, 16, 30), 0.5, Unit.WORK_HOURS, at(2, 9, 17)),
        (at(2, 9, 16, 30), 4, Unit.URGENT_HOURS, at(2, 9, 20, 30)),
        (at(2, 1), 10, Unit.CALENDAR_DAYS, at(2, 18, 17, 30)),  # the last day is in the holiday: it moves
        (at(2, 1), 7, Unit.CALENDAR_DAYS, at(2, 8, 17, 30)),
        (at(1, 31), 1, Unit.MONTHS, at(2, 29, 17, 30)),  # February has no 31st
        (at(11, 30, year=2023), 2, Unit.MONTHS, at(1, 30, 17, 30)),
        (at(12, 29, year=2023), 2, Unit.WORK_DAYS, at(1, 3, 17, 30)),  # over the year's end
    ],
)
def test_when_a_limit_ends(start: datetime, amount: float, unit: Unit, due: datetime) -> None:
    told = times(clock(start, amount, unit), CHINESE)
    assert told.due_at == told.red_at == due
    assert told.unknown is None


def test_an_office_that_counts_by_the_time_of_day() -> None:
    zone = ZoneInfo("America/New_York")

    def due(day: datetime, amount: float, unit: Unit) -> datetime | None:
        limit = Limit(amount, unit, Ends.SAME_TIME)
        told = times(Clock(started_at=day.replace(tzinfo=zone), limit=limit), BOSTON)
        return told.due_at and told.due_at.astimezone(zone).replace(tzinfo=None)

    friday = datetime(2015, 1, 16, 11, 5)  # noqa: DTZ001  # the zone comes above
    assert due(friday, 1, Unit.WORK_DAYS) == datetime(2015, 1, 20, 11, 5)  # noqa: DTZ001  # over a holiday
    evening = friday.replace(hour=19)
    assert due(evening, 1, Unit.WORK_DAYS) == datetime(2015, 1, 21, 8, 30)  # noqa: DTZ001
    assert due(evening, 60, Unit.CALENDAR_DAYS) == datetime(2015, 3, 17, 19, 5)  # noqa: DTZ001  # summer time
    assert due(evening, 2, Unit.MONTHS) == datetime(2015, 3, 16, 19, 5)  # noqa: DTZ001
    assert due(evening, 60 * 24, Unit.URGENT_HOURS) == datetime(2015, 3, 17, 20, 5)  # noqa: DTZ001


def test_hint_yellow_and_red() -> None:
    one = clock(at(3, 1), 20, Unit.WORK_DAYS)  # due 29 March
    told = times(one, CHINESE)
    assert (told.due_at, told.yellow_at, told.hint_at) == (
        at(3, 29, 17, 30), at(3, 27, 17, 30), at(3, 28, 17, 30),
    )  # fmt: skip
    five = clock(
        at(3, 1), 5, Unit.WORK_DAYS
    )  # due Friday 8: a hint on Thursday's close, yellow half a day later
    shown = [
        standing(five, CHINESE, m).colour
        for m in (at(3, 7, 17), at(3, 7, 18), at(3, 8, 14), at(3, 8, 17, 30))
    ]
    assert shown == [Colour.GREEN, Colour.HINT, Colour.YELLOW, Colour.YELLOW]
    late = standing(five, CHINESE, at(3, 11, 12))
    assert (late.colour, late.elapsed, late.left, late.unit) == (
        Colour.RED, pytest.approx(5 + 3.5 / 7.5), pytest.approx(-3.5 / 7.5), Unit.WORK_DAYS,
    )  # fmt: skip
    assert times(clock(at(3, 4), 2, Unit.WORK_HOURS), CHINESE).hint_at is None  # shorter than a working day


def test_what_has_passed_and_is_left() -> None:
    told = standing(clock(at(3, 4, 16), 5, Unit.WORK_HOURS), CHINESE, at(3, 5, 10))
    assert (told.elapsed, told.left) == (3.0, 2.0)
    assert standing(clock(at(3, 4), 2, Unit.URGENT_HOURS), CHINESE, at(3, 4, 10, 30)).left == 0.5
    assert standing(clock(at(3, 4), 3, Unit.MONTHS), CHINESE, at(3, 6, 12)).unit is Unit.CALENDAR_DAYS
    done = clock(at(3, 4), 2, Unit.WORK_HOURS, stopped_at=at(3, 4, 10))
    assert standing(done, CHINESE, at(3, 9)) == standing(done, CHINESE, at(3, 4, 10))
    assert standing(done, CHINESE, at(3, 9)).colour is Colour.GREEN
    with pytest.raises(Invalid):
        standing(done, CHINESE, datetime(2024, 3, 9))  # noqa: DTZ001  # that is the point


def test_a_stopped_clock_has_no_due_until_it_is_resumed() -> None:
    hearing = Stop(at(3, 5, 10), "听证")
    paused = times(clock(at(3, 1), 5, Unit.WORK_DAYS, hearing), CHINESE)
    assert (paused.due_at, paused.paused_since) == (None, at(3, 5, 10))
    now = standing(clock(at(3, 1), 5, Unit.WORK_DAYS, hearing), CHINESE, at(3, 20))
    assert (now.colour, now.elapsed) == (Colour.PAUSED, pytest.approx(1 + 1.5 / 7.5))
    resumed = Stop(at(3, 5, 10), "听证", at(3, 12, 10))  # five working days to the hour
    assert times(clock(at(3, 1), 5, Unit.WORK_DAYS, resumed), CHINESE).due_at == at(3, 15, 17, 30)
    part = Stop(at(3, 5, 10), "听证", at(3, 5, 11))  # a limit in days ends with a day
    assert times(clock(at(3, 1), 5, Unit.WORK_DAYS, part), CHINESE).due_at == at(3, 11, 17, 30)
    hours = clock(at(3, 4), 4, Unit.WORK_HOURS, Stop(at(3, 4, 10), "听证", at(3, 4, 11)))
    assert times(hours, CHINESE).due_at == at(3, 4, 15, 30)
    too_late = clock(at(3, 1), 1, Unit.WORK_DAYS, Stop(at(3, 6), "听证"))  # it was late before it was stopped
    assert times(too_late, CHINESE).due_at == at(3, 4, 17, 30)
    assert standing(too_late, CHINESE, at(3, 8)).colour is Colour.RED


def test_extensions_add_up_in_the_limits_own_time() -> None:
    ten = Limit(10, Unit.WORK_DAYS)
    more = clock(at(3, 1), 20, Unit.WORK_DAYS, extensions=(ten,))
    assert times(more, CHINESE).due_at == times(clock(at(3, 1), 30, Unit.WORK_DAYS), CHINESE).due_at
    day = clock(at(3, 4), 4, Unit.WORK_HOURS, extensions=(Limit(1, Unit.WORK_DAYS),))
    assert times(day, CHINESE).due_at == at(3, 5, 14, 30)
    months = clock(at(1, 31), 1, Unit.MONTHS, extensions=(Limit(5, Unit.CALENDAR_DAYS),))
    assert times(months, CHINESE).due_at == at(3, 5, 17, 30)
    with pytest.raises(Invalid):
        clock(at(3, 1), 20, Unit.WORK_DAYS, extensions=(Limit(1, Unit.MONTHS),))


def test_a_due_day_nobody_announced_is_told_and_comes_with_the_calendar() -> None:
    # only 2024 is known: the rest is as if it had not been announced
    known = Calendar(announced=False, declared=frozenset({2024}))
    one = clock(at(12, 20), 10, Unit.WORK_DAYS)
    told = times(one, known)
    assert (told.due_at, told.hint_at, told.red_at, told.paused_since) == (None, None, None, None)
    assert told.unknown is not None
    assert "2025" in told.unknown.zh
    assert standing(one, known, at(12, 31, 17)).colour is Colour.GREEN  # it is certainly not due yet
    assert standing(one, known, at(1, 20, year=2025)).colour is Colour.UNKNOWN  # not silently late
    assert "2025" in explain(one, known, "en").answer
    long = clock(at(12, 2), 22, Unit.WORK_DAYS)
    assert times(long, known).yellow_at is not None  # that day is known
    assert standing(long, known, at(12, 31)).colour is Colour.YELLOW
    later = msgspec.structs.replace(known, declared=frozenset({2024, 2025}))
    assert times(one, later).due_at == at(1, 3, 17, 30, year=2025)
    assert standing(one, later, at(1, 20, year=2025)).colour is Colour.RED


@settings(max_examples=60, deadline=None)
@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2025, 6, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.integers(1, 40), st.sampled_from(Unit), st.integers(0, 3000), st.integers(0, 3000),
)  # fmt: skip
def test_a_clock_goes_forward_and_a_stop_never_shortens_it(
    start: datetime, amount: int, unit: Unit, since: int, length: int
) -> None:
    stop = Stop(start + timedelta(minutes=since), "x", start + timedelta(minutes=since + length))
    calendar = Calendar(declared=frozenset(range(2026, 2040)))
    plain, stopped = (times(clock(start, amount, unit, *s), calendar) for s in ((), (stop,)))
    assert plain.due_at is not None
    assert stopped.due_at is not None
    assert start < plain.due_at <= stopped.due_at
    assert stopped.yellow_at is not None
    assert stopped.yellow_at <= stopped.due_at
    at_due = standing(clock(start, amount, unit, stop), calendar, stopped.due_at)
    assert at_due.left == 0
    assert at_due.colour is not Colour.RED
    assert (
        standing(clock(start, amount, unit, stop), calendar, stopped.due_at + timedelta(seconds=1)).colour
        is Colour.RED
    )


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Limit(0, Unit.WORK_DAYS),
        lambda: Limit(float("nan"), Unit.WORK_HOURS),
        lambda: Limit(1.5, Unit.WORK_DAYS),
        lambda: clock(at(3, 1), 3661, Unit.CALENDAR_DAYS),
        lambda: Clock(started_at=datetime(2024, 3, 1), limit=Limit(1, Unit.MONTHS)),  # noqa: DTZ001
        lambda: Clock(started_at=at(3, 1, year=1800), limit=Limit(1, Unit.MONTHS)),
        lambda: Clock(started_at=at(3, 1), limit=Limit(1, Unit.MONTHS), stopped_at=at(2, 1)),
        lambda: Clock(started_at=at(3, 1), limit=Limit(1, Unit.MONTHS), stops=(Stop(at(2, 1), "x"),)),
        lambda: Clock(
            started_at=at(3, 1), limit=Limit(1, Unit.MONTHS), stops=(Stop(at(3, 2), "x"), Stop(at(3, 3), "y"))
        ),
        lambda: Clock(started_at=at(3, 1), limit=Limit(1, Unit.MONTHS), extensions=(Limit(1, Unit.MONTHS),) * 101),
    ],
)  # fmt: skip
def test_what_is_no_clock_is_refused(wrong: object) -> None:
    with pytest.raises(Invalid):
        wrong()  # type: ignore[operator]


def rule(id: str, prefix: str, days: int, **more: object) -> Rule:
    return msgspec.structs.replace(
        Rule(id=id, prefix=prefix, limit=Limit(days, Unit.WORK_DAYS), basis=Text("市容标准", "City order")),
        **more,
    )


A = When("grade", frozenset({"A"}))
RULES = [
    rule("all", "", 30),
    rule("appearance", "01", 20),
    rule("garbage", "0102", 2),
    rule("garbage-new", "0102", 1, valid_from=date(2024, 6, 1)),
    rule("garbage-A", "0102", 3, when=(A,)),
    rule("garbage-A-B", "0102", 4, when=(When("grade", frozenset({"A", "B"})),)),
    rule("garbage-A-app", "0102", 5, when=(A, When("source", frozenset({"app"})))),
    rule("old", "02", 6, valid_to=date(2024, 1, 1)),
]


@pytest.mark.parametrize(
    ("code", "facts", "day", "id", "word"),
    [
        ("010203", {}, date(2024, 3, 1), "garbage", "more specific"),
        ("010203", {}, date(2024, 7, 1), "garbage-new", "came into force later"),
        ("010203", {"grade": "A"}, date(2024, 7, 1), "garbage-A", "narrower"),
        ("010203", {"grade": "B"}, date(2024, 7, 1), "garbage-A-B", "more conditions"),
        ("010203", {"grade": "A", "source": "app"}, date(2024, 7, 1), "garbage-A-app", "more conditions"),
        ("01", {"grade": "A"}, date(2024, 7, 1), "appearance", "more specific"),
        ("02", {}, date(2024, 1, 1), "old", "more specific"),
        ("02", {}, date(2024, 1, 2), "all", "only rule"),
    ],
)
def test_the_most_specific_rule_holds_and_says_why(
    code: str, facts: dict[str, str], day: date, id: str, word: str
) -> None:
    for order in (RULES, RULES[::-1]):
        choice = Table(order).choose(code, facts, day)
        assert choice is not None
        assert choice.rule.id == id
        assert word in choice.why.en
        assert id not in choice.others
    assert Table(RULES[1:]).choose("99", {}, day) is None


def test_faults_of_a_table_are_all_told() -> None:
    wrong = [
        rule("x", "1", 1), rule("x", "2", 1), rule("", "3", 1), rule("y", "4", 1, valid_to=date.min, valid_from=date(2024, 1, 1)),
        rule("z", "5", 1, when=(A, A)), rule("w", "6", 1, when=(When("grade", frozenset()),)),
    ]  # fmt: skip
    with pytest.raises(Invalid) as caught:
        Table(wrong)
    assert [p.pointer for p in caught.value.problems] == ["/1", "/2", "/3", "/4", "/5"]
    even = Table([rule("b", "1", 1), rule("a", "1", 2)]).choose("1", {}, date(2024, 1, 1))
    assert even is not None
    assert even.rule.id == "a"
    assert "id comes first" in even.why.en


def test_why_it_is_due_then() -> None:
    choice = Table(RULES).choose("0102", {"grade": "A", "source": "app"}, date(2024, 2, 5))
    assert choice is not None
    one = Clock(
        started_at=at(2, 5), limit=choice.rule.limit, choice=choice,
        extensions=(Limit(1, Unit.WORK_DAYS),), stops=(Stop(at(2, 19, 9), "专家评审", at(2, 19, 11)),),
    )  # fmt: skip
    zh, en = explain(one, CHINESE, "zh"), explain(one, CHINESE, "en")
    assert "2024 年 2 月 20 日（周二） 17:30" in zh.answer
    assert en.answer == "Due by Tuesday 20 February 2024 17:30"
    for facts, words in (
        (zh.facts, ("当日不计入", "5 个工作日", "garbage-A-app", "市容标准", "延长 1 个工作日", "专家评审", "春节放假", "春节调休上班", "17:30")),
        (en.facts, ("Monday 5 February 2024 09:00", "garbage-A-app", "City order", "extended by 1 working day", "专家评审",
                    "Saturday 10 February 2024 to Saturday 17 February 2024: Spring Festival",
                    "Counted Sunday 18 February 2024: worked in exchange for Spring Festival", "Working days on the way, 7")),
    ):  # fmt: skip
        for word in words:
            assert any(word in fact for fact in facts), (word, facts)
    assert len(zh.facts) == len(en.facts)


def test_why_in_other_units_and_calendars() -> None:
    moved = explain(clock(at(2, 1), 10, Unit.CALENDAR_DAYS), CHINESE, "en")
    assert any("Nobody works" in f and "is Sunday 18 February 2024" in f for f in moved.facts)
    assert "昼夜" in explain(clock(at(2, 1), 2, Unit.URGENT_HOURS), CHINESE, "zh").facts[-1]
    long = explain(clock(at(3, 1), 15, Unit.WORK_DAYS), CHINESE, "en")
    assert any("15: from Monday 4 March 2024 to Friday 22 March 2024" in f for f in long.facts)
    limit = Limit(1, Unit.WORK_DAYS, Ends.SAME_TIME)
    own = explain(Clock(started_at=datetime(2015, 1, 16, 16, tzinfo=UTC), limit=limit), BOSTON, "en")
    assert own.answer == "Due by Tuesday 20 January 2015 11:00"
    assert "Skipped Monday 19 January 2015: off by the city's calendar" in own.facts
    paused = explain(clock(at(3, 1), 5, Unit.WORK_DAYS, Stop(at(3, 5, 10), "听证")), CHINESE, "zh")
    assert "中止" in paused.answer
    worked = Calendar(working=frozenset({date(2024, 3, 2)}))
    told = explain(clock(at(3, 1), 1, Unit.WORK_DAYS), worked, "zh")
    assert any("3 月 2 日（周六）：本市日历声明上班" in f for f in told.facts)


def test_a_clock_is_data() -> None:
    choice = Table(RULES).choose("0102", {"grade": "A"}, date(2024, 2, 5))
    one = clock(at(2, 5), 5, Unit.WORK_DAYS, Stop(at(2, 6), "听证"), choice=choice)
    assert msgspec.json.decode(msgspec.json.encode(one), type=Clock) == one
