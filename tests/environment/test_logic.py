"""The index by HJ 633: the published table, worked examples, its rules, and a real series."""

import csv
import gzip
from collections import defaultdict
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yong.domains.environment.contracts import Concentration, Edition, Pollutant, Report, Window
from yong.domains.environment.logic import (
    CLASSES,
    STEPS,
    TABLES,
    air_class,
    air_index,
    daily,
    edition_on,
    iaqi,
    largest_eight_hour_mean,
    mean,
)

OLD, NEW = Edition.HJ_633_2012, Edition.HJ_633_2026
H, O8, D = Window.HOUR, Window.EIGHT_HOURS, Window.DAY
P = Pollutant

# (edition, pollutant, window, concentration, index): worked by hand from formula (1) and the printed table
WORKED = [
    (NEW, P.PM25, D, 60, 100),
    (NEW, P.PM25, D, 75, 114),  # 100 + 15/55·50 = 113.6…
    (NEW, P.PM25, D, 60.11, 101),  # 100.1 is rounded up, not to the nearest
    (OLD, P.PM25, D, 75, 100),
    (OLD, P.PM25, D, 120, 158),  # 150 + 5/35·50 = 157.1…
    (NEW, P.PM10, D, 150, 112),  # 100 + 30/130·50 = 111.5…
    (OLD, P.PM10, D, 150, 100),
    (NEW, P.SO2, H, 475, 97),  # 50 + 325/350·50 = 96.4…
    (NEW, P.SO2, D, 475, 150),
    (NEW, P.NO2, H, 350, 115),
    (NEW, P.CO, H, 10, 100),
    (NEW, P.CO, D, 0.8, 20),
    (NEW, P.O3, O8, 160, 100),
    (NEW, P.O3, H, 160, 50),
    (NEW, P.PM25, D, 800, 500),
    (NEW, P.SO2, H, 801, 200),
    (NEW, P.O3, O8, 801, 300),
    (OLD, P.SO2, H, 801, None),
    (OLD, P.O3, O8, 801, None),
    (NEW, P.PM25, D, -1, None),
    (NEW, P.PM25, D, float("nan"), None),
    (NEW, P.PM25, D, 0, 0),
]


@pytest.mark.parametrize(("edition", "pollutant", "window", "value", "expected"), WORKED)
def test_worked_examples(
    edition: Edition, pollutant: Pollutant, window: Window, value: float, expected: int | None
) -> None:
    assert iaqi(edition, pollutant, window, value) == expected


@pytest.mark.parametrize("edition", Edition)
def test_every_breakpoint_has_exactly_its_step(edition: Edition) -> None:
    for (pollutant, window), column in TABLES[edition].items():
        for step, value in zip(STEPS, column.breakpoints, strict=False):
            assert iaqi(edition, pollutant, window, value) == step


@given(
    st.sampled_from(Edition),
    st.sampled_from([P.PM25, P.PM10, P.NO2, P.CO]),
    st.floats(0, 5000),
    st.floats(0, 5000),
)
def test_more_pollution_is_never_a_lower_index(e: Edition, p: Pollutant, a: float, b: float) -> None:
    low, high = sorted((iaqi(e, p, D, a) or 0, iaqi(e, p, D, b) or 0))
    first, second = (iaqi(e, p, D, min(a, b)) or 0, iaqi(e, p, D, max(a, b)) or 0)
    assert (first, second) == (low, high)
    assert 0 <= low <= high <= 500


def test_the_edition_follows_the_day() -> None:
    assert edition_on(date(2026, 2, 28)) is OLD
    assert edition_on(date(2026, 3, 1)) is NEW
    with pytest.raises(ValueError, match="2011"):
        edition_on(date(2011, 1, 1))


def test_primary_only_over_fifty_and_ties_share_it() -> None:
    clean = air_index([Concentration(P.PM25, H, 20), Concentration(P.O3, H, 60)], Report.HOURLY, NEW)
    assert clean is not None
    assert (clean.primary, clean.exceeding, clean.complete) == ((), (), False)
    tied = air_index([Concentration(P.PM25, D, 60), Concentration(P.PM10, D, 120)], Report.DAILY, NEW)
    assert tied is not None
    assert (tied.aqi, set(tied.primary), tied.exceeding) == (100, {P.PM25, P.PM10}, ())
    bad = air_index([Concentration(P.PM25, D, 61), Concentration(P.PM10, D, 120)], Report.DAILY, NEW)
    assert bad is not None
    assert (bad.aqi, bad.primary, bad.exceeding) == (101, (P.PM25,), (P.PM25,))
    assert air_index([], Report.DAILY, NEW) is None


def test_the_2012_edition_answers_from_another_window_beyond_800() -> None:
    hourly = [Concentration(P.SO2, H, 900), Concentration(P.SO2, D, 475)]
    found = air_index(hourly, Report.HOURLY, OLD)
    assert found is not None
    assert (found.aqi, found.parts[0].window) == (150, D)
    assert air_index(hourly[:1], Report.HOURLY, OLD) is None
    ozone = air_index([Concentration(P.O3, O8, 900), Concentration(P.O3, H, 1000)], Report.DAILY, OLD)
    assert ozone is not None
    assert (ozone.aqi, ozone.parts[0].window) == (400, H)


def test_classes_cover_every_index_once() -> None:
    levels = [air_class(i).level for i in (0, 50, 51, 100, 101, 150, 151, 200, 201, 300, 301, 500)]
    assert levels == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6]
    names = ["优", "良", "轻度污染", "中度污染", "重度污染", "严重污染"]
    assert [c.name.zh for c in CLASSES] == names
    assert CLASSES[0].colour == "#00E400"


def test_averages_need_enough_hours() -> None:
    assert mean([1.0] * 20 + [None] * 4, D) == 1.0
    assert mean([1.0] * 19 + [None] * 5, D) is None
    assert mean([2.0] * 6 + [None] * 2, O8) == 2.0
    assert mean([2.0] * 5 + [None] * 3, O8) is None
    day: list[float | None] = [10.0] * 16 + [80.0] * 8
    assert largest_eight_hour_mean(day) == 80.0
    assert largest_eight_hour_mean([None] * 12 + [100.0] * 12) is None
    assert largest_eight_hour_mean([None] * 12 + [170.0] * 12) == 170.0
    with pytest.raises(ValueError, match="24 hours"):
        daily({P.CO: [1.0]})


COLUMNS = {"PM2.5": P.PM25, "PM10": P.PM10, "SO2": P.SO2, "NO2": P.NO2, "CO": P.CO, "O3": P.O3}


def interpolated(value: float, points: tuple[float, ...]) -> float:
    """Linear interpolation as a sum of clipped pieces, in floats: another way than the one under test."""
    pieces = zip(points, points[1:], STEPS, STEPS[1:], strict=False)
    return sum((hi - lo) * min(max((value - a) / (b - a), 0.0), 1.0) for a, b, lo, hi in pieces)


def test_a_real_year_of_hours(yong_data: Path) -> None:
    """Beijing Dongsi 2014: an independent piecewise interpolation finds the same index every day."""
    path = yong_data / "air_weather_water/beijing_prsa/PRSA_Data_Dongsi_20130301-20170228.csv.gz"
    days: dict[tuple[int, int, int], dict[Pollutant, list[float | None]]] = defaultdict(
        lambda: {p: [None] * 24 for p in P}
    )
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            if row["year"] != "2014":
                continue
            hours = days[int(row["year"]), int(row["month"]), int(row["day"])]
            for name, pollutant in COLUMNS.items():
                if row[name] != "NA":
                    factor = 0.001 if pollutant is P.CO else 1.0
                    hours[pollutant][int(row["hour"])] = float(row[name]) * factor
    assert len(days) == 365
    classes: dict[int, int] = defaultdict(int)
    for hours in days.values():
        found = air_index(daily(hours), Report.DAILY, OLD)
        if found is None:
            continue
        classes[found.air_class.level] += 1
        for part in found.parts:
            points = TABLES[OLD][part.pollutant, part.window].breakpoints
            exact = interpolated(part.value, points)
            assert exact - 1e-6 <= part.iaqi < exact + 1 + 1e-6
    assert sum(classes.values()) > 340
    assert classes[6] >= 5  # the winter smog of 2014 is in the data
    assert max(classes, key=lambda level: classes[level]) == 2
