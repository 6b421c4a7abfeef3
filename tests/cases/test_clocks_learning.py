"""What is learned from past cases: on made-up offices whose rules are known, and on a real city's half year."""

import csv
import gzip
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from yong.kernel.base.calendars import CHINESE, Calendar, Span
from yong.kernel.base.errors import Invalid
from yong.kernel.cases.clocks.contracts import Ends, Limit, Unit
from yong.kernel.cases.clocks.learning import Cause, Past, compare, derive, learn
from yong.kernel.cases.clocks.many import many

NEW_YORK = ZoneInfo("America/New_York")
ZONES = ("UTC", "Asia/Shanghai", "Europe/London", "America/New_York", "America/Chicago")
KEPT_OFF = frozenset(
    {
        date(2015, 1, 1), date(2015, 1, 19), date(2015, 2, 16), date(2015, 4, 20), date(2015, 5, 25),
        date(2015, 9, 7), date(2015, 10, 12), date(2015, 11, 11), date(2015, 11, 26), date(2015, 12, 25),
    }
)  # fmt: skip


def made(
    calendar: Calendar, limits: dict[str, Limit], n: int, start: str, seed: int, group: str = "g"
) -> Past:
    """Cases of an office: opened at any time, more of them by day; targets by its limits."""
    rng = np.random.default_rng(seed)
    opened = np.sort(np.datetime64(start, "us") + rng.integers(0, 180 * 86_400 * 10**6, n))
    kinds = sorted(limits)
    which = rng.integers(0, len(kinds), n)
    due = many(opened, [(limits[k],) for k in kinds], which, calendar).due_at
    return Past(opened, due, [kinds[k] for k in which], [group] * n)


SAME = Ends.SAME_TIME
LUNCH = Calendar(
    zone="Europe/London", announced=False, declared=frozenset(range(2023, 2028)), week=frozenset({0, 1, 2, 3, 5}),
    hours=(Span(time(9), time(12, 15)), Span(time(13, 30), time(18))), off=frozenset({date(2024, 3, 7), date(2024, 5, 6)}),
)  # fmt: skip


def test_an_office_with_a_noon_break_and_a_week_of_its_own() -> None:
    limits = {
        "a": Limit(3, Unit.WORK_DAYS, SAME), "b": Limit(10, Unit.WORK_DAYS, SAME), "c": Limit(30, Unit.CALENDAR_DAYS, SAME),
        "d": Limit(6, Unit.URGENT_HOURS), "e": Limit(2, Unit.MONTHS, SAME),
    }  # fmt: skip
    learned = learn(made(LUNCH, limits, 6000, "2024-01-08", 1), ZONES)
    found = learned.practice
    assert found.zones == ("Europe/London",)
    assert (found.ends, found.calendar.week, found.calendar.hours) == (SAME, LUNCH.week, LUNCH.hours)
    assert {d.day for d in found.days_off} == LUNCH.off
    assert {k: v.limit for k, v in learned.kinds.items()} == limits
    assert all(v.agreement == 1.0 and v.support > 1000 for v in learned.kinds.values())
    later = made(LUNCH, limits, 2000, "2024-07-08", 2)
    assert compare(learned, later).agreement == 1.0


def test_an_office_whose_limits_end_as_it_closes() -> None:
    limits = {
        "a": Limit(3, Unit.WORK_DAYS),
        "b": Limit(20, Unit.WORK_DAYS),
        "c": Limit(15, Unit.CALENDAR_DAYS),
    }
    learned = learn(made(CHINESE, limits, 6000, "2024-01-08", 3), ("Asia/Shanghai",))
    assert learned.practice.ends is Ends.CLOSE
    assert learned.practice.calendar.hours[-1].end == time(17, 30)
    off = {d.day for d in learned.practice.days_off}
    assert off >= {date(2024, 2, 12), date(2024, 4, 4), date(2024, 5, 1), date(2024, 6, 10)}
    assert {k: v.limit for k, v in learned.kinds.items()} == limits


def test_an_office_that_never_closes_and_one_that_counts_hours() -> None:
    days = {"a": Limit(7, Unit.CALENDAR_DAYS, SAME)}
    learned = learn(
        made(LUNCH, days, 400, "2024-01-08", 13), ("Europe/London",), frozenset({date(2024, 5, 6)})
    )
    assert learned.kinds["a"].limit == days["a"]
    assert [d.day for d in learned.practice.days_off] == [date(2024, 5, 6)]
    hours = {"a": Limit(6, Unit.URGENT_HOURS), "b": Limit(50, Unit.URGENT_HOURS)}
    learned = learn(made(LUNCH, hours, 400, "2024-01-08", 14), ("Europe/London",))
    assert {k: v.limit for k, v in learned.kinds.items()} == hours


def test_a_limit_that_changed_two_limits_of_a_class_and_a_rare_class() -> None:
    ten, five, two = (Limit(n, Unit.WORK_DAYS, SAME) for n in (10, 5, 2))
    before = made(LUNCH, {"a": ten, "b": two}, 1500, "2024-01-08", 4)
    after = made(LUNCH, {"a": five, "b": two}, 1500, "2024-07-08", 5)
    past = _joined(before, after)
    learned = learn(past, ("Europe/London",))
    assert learned.kinds["a"].limit == five
    assert date(2024, 7, 6) <= learned.kinds["a"].since <= date(2024, 7, 12)
    assert set(learned.seen["a"]) == {ten, five}
    assert learned.limit_of("rare", "g") == learned.groups["g"]
    assert learned.limit_of("rare", "nobody's") is None
    later = made(LUNCH, {"a": Limit(7, Unit.WORK_DAYS, SAME), "b": two}, 400, "2025-01-08", 6)
    found = compare(learned, later)
    assert found.causes[Cause.CHANGED] == later.kind.count("a") == found.cases - found.day
    some = made(LUNCH, {"a": five, "b": two}, 400, "2025-01-08", 7)
    back = made(LUNCH, {"a": ten, "b": two}, 60, "2025-01-08", 8)
    assert compare(learned, _joined(some, back)).causes[Cause.SEVERAL] == back.kind.count("a")
    unseen = Past(some.opened_at[:9], some.target_at[:9], ["x"] * 9, ["y"] * 9)
    assert compare(learned, unseen).causes[Cause.UNSEEN] == 9
    by_hand = Past(
        some.opened_at, some.target_at + np.arange(400) % 97 * np.timedelta64(1, "D"), some.kind, some.group
    )
    assert compare(learned, by_hand).causes[Cause.BY_HAND] > 300


def _joined(a: Past, b: Past) -> Past:
    return Past(
        np.concatenate([a.opened_at, b.opened_at]), np.concatenate([a.target_at, b.target_at]),
        [*a.kind, *b.kind], [*a.group, *b.group],
    )  # fmt: skip


def test_a_day_off_that_could_not_be_known_is_told_as_such_unless_it_is_declared() -> None:
    limits = {"a": Limit(3, Unit.WORK_DAYS, SAME)}
    known = Calendar(
        **{f: getattr(LUNCH, f) for f in LUNCH.__struct_fields__ if f != "off"},
        off=frozenset({date(2024, 9, 4)}),
    )
    past, later = made(known, limits, 2000, "2024-01-08", 9), made(known, limits, 1000, "2024-07-20", 10)
    found = compare(learn(past, ("Europe/London",)), later, known.off)
    assert 0 < found.causes[Cause.DAY_OFF] == found.cases - found.day
    declared = learn(past, ("Europe/London",), known.off | {date(2024, 3, 14)})  # which was worked
    assert [d.day for d in declared.practice.refuted] == [date(2024, 3, 14)]
    assert compare(declared, later).agreement == 1.0


def test_nothing_of_later_targets_is_looked_at() -> None:
    limits = {"a": Limit(3, Unit.WORK_DAYS, SAME)}
    learned = learn(made(LUNCH, limits, 1000, "2024-01-08", 11), ("Europe/London",))
    later = made(LUNCH, limits, 100, "2024-07-20", 12)
    told = derive(learned, later.opened_at, later.kind, later.group)
    spoiled = later._replace(target_at=later.target_at + np.timedelta64(40, "D"))
    compare(learned, spoiled)
    assert np.array_equal(derive(learned, spoiled.opened_at, spoiled.kind, spoiled.group), told)


def test_nothing_to_learn_from_is_refused() -> None:
    none = np.array([], "M8[us]")
    one = np.array(["2024-01-08"], "M8[us]")
    for past, zones in (
        (Past(none, none, [], []), ZONES),
        (Past(one, one, ["a"], []), ZONES),
        (Past(np.array(["NaT"], "M8[us]"), one, ["a"], ["b"]), ZONES),
        (Past(one, one + np.timedelta64(1, "D"), ["a"], ["b"]), ()),
        (Past(one, one + np.timedelta64(1, "D"), ["a"], ["b"]), ("No/Where",)),
    ):
        with pytest.raises(Invalid):
            learn(past, zones)


@pytest.fixture(scope="module")
def boston(yong_data: Path) -> tuple[Past, Past]:
    """The cases of Boston's 311 with a target, January to June 2015: the first half and the second by opening."""
    file = yong_data / "service_requests_311" / "boston_311_2015_jan_jun.csv.gz"
    if not file.is_file():
        pytest.skip(f"the cases of Boston are absent ({file.name})")
    with gzip.open(file, "rt", encoding="utf-8", newline="") as lines:
        rows = [r for r in csv.DictReader(lines) if r["TARGET_DT"]]
    opened, target = (
        np.array([_moment(r[name]) for r in rows], "M8[us]") for name in ("OPEN_DT", "TARGET_DT")
    )
    order = np.argsort(opened, kind="stable")
    halves = order[: len(order) // 2], order[len(order) // 2 :]
    first, second = (
        Past(opened[n], target[n], [rows[k]["TYPE"] for k in n], [rows[k]["REASON"] for k in n])
        for n in halves
    )
    return first, second


def _moment(text: str) -> datetime:
    local = datetime.strptime(text, "%m/%d/%Y %I:%M:%S %p").replace(tzinfo=NEW_YORK)
    return local.astimezone(UTC).replace(tzinfo=None)


def test_boston_by_its_first_half(boston: tuple[Past, Past]) -> None:
    first, second = boston
    learned = learn(first, ZONES)
    found = learned.practice
    assert found.zones == ("America/New_York", "America/Chicago")  # their summer times cannot be told apart
    assert (found.calendar.hours, found.ends) == ((Span(time(8, 30), time(17)),), SAME)
    assert found.calendar.week == frozenset(range(5))
    # Patriots' and Memorial Day lie in the second half, but cases of the first were already due around them
    assert {d.day for d in found.days_off} == {d for d in KEPT_OFF if d < date(2015, 6, 1)}
    told = compare(learned, second, KEPT_OFF)
    print(f"boston, nothing declared: {told.day} of {told.cases} = {told.agreement:.4f}, {told.causes}")
    assert told.cases > 20_000
    assert told.agreement >= 0.975
    assert told.moment / told.cases >= 0.97
    assert sum(told.causes.values()) == told.cases - told.day


def test_boston_with_days_declared(boston: tuple[Past, Past]) -> None:
    """What is a holiday in law is not what the city counts: its help desk works on those of the county."""
    first, second = boston
    county = frozenset({date(2015, 3, 17), date(2015, 4, 20), date(2015, 5, 25), date(2015, 6, 17)})
    learned = learn(first, ZONES, county)
    assert [d.day for d in learned.practice.refuted] == [date(2015, 3, 17), date(2015, 6, 17)]
    told = compare(learned, second, KEPT_OFF)
    assert told.agreement >= 0.975
    federal = compare(learn(first, ZONES, county | {date(2015, 7, 3)}), second, KEPT_OFF)
    print(
        f"boston, declared: {told.agreement:.4f}; with 3 July, which nothing refutes: {federal.agreement:.4f}"
    )
    assert federal.causes[Cause.DAY_OFF] == told.day - federal.day > 2_000


def test_the_second_half_says_nothing_to_learning(boston: tuple[Past, Past]) -> None:
    first, second = boston
    both = _joined(
        first, second._replace(target_at=np.full(len(second.kind), np.datetime64("NaT"), "M8[us]"))
    )
    assert learn(both, ZONES) == learn(first, ZONES)
    assert timedelta(0) < timedelta(
        microseconds=int((second.opened_at[-1] - first.opened_at[-1]).astype(int))
    )
