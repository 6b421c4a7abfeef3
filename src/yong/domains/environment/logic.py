"""The air-quality index by HJ 633, both editions, and the validity of its averages. Pure.

Individual index, formula (1):  IAQI = (I_hi - I_lo) / (C_hi - C_lo) · (C - C_lo) + I_lo, rounded up.
Index, formula (2):             AQI  = the largest IAQI.

The 2026 edition, in force since 2026-03-01, lowers the 100 step of PM2.5 (75 → 60 µg/m³) and of PM10
(150 → 120 µg/m³), and holds SO₂ over one hour at 200 and O₃ over eight hours at 300 above 800 µg/m³,
where the 2012 edition sends the reader to the 24-hour and the 1-hour column.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from fractions import Fraction

import msgspec

from yong.domains.environment.contracts import (
    AirClass,
    AirIndex,
    Concentration,
    Edition,
    Pollutant,
    Report,
    SubIndex,
    Window,
)
from yong.kernel.base.clock import CHINA
from yong.kernel.base.text import Text

STEPS = (0, 50, 100, 150, 200, 300, 400, 500)
"""The IAQI at each breakpoint; a column that ends earlier has no index of its own beyond."""


class Column(msgspec.Struct, frozen=True):
    """The concentrations at STEPS for one pollutant and window; `above` is the index past a short column."""

    breakpoints: tuple[float, ...]
    above: int | None = 500


Table = Mapping[tuple[Pollutant, Window], Column]

_SHARED: Table = {
    (Pollutant.SO2, Window.DAY): Column((0, 50, 150, 475, 800, 1600, 2100, 2620)),
    (Pollutant.NO2, Window.DAY): Column((0, 40, 80, 180, 280, 565, 750, 940)),
    (Pollutant.NO2, Window.HOUR): Column((0, 100, 200, 700, 1200, 2340, 3090, 3840)),
    (Pollutant.CO, Window.DAY): Column((0, 2, 4, 14, 24, 36, 48, 60)),
    (Pollutant.CO, Window.HOUR): Column((0, 5, 10, 35, 60, 90, 120, 150)),
    (Pollutant.O3, Window.HOUR): Column((0, 160, 200, 300, 400, 800, 1000, 1200)),
}
_SO2_HOUR = (0, 150, 500, 650, 800)
_O3_EIGHT_HOURS = (0, 100, 160, 215, 265, 800)

TABLES: Mapping[Edition, Table] = {
    Edition.HJ_633_2012: {
        **_SHARED,
        (Pollutant.SO2, Window.HOUR): Column(_SO2_HOUR, above=None),
        (Pollutant.O3, Window.EIGHT_HOURS): Column(_O3_EIGHT_HOURS, above=None),
        (Pollutant.PM10, Window.DAY): Column((0, 50, 150, 250, 350, 420, 500, 600)),
        (Pollutant.PM25, Window.DAY): Column((0, 35, 75, 115, 150, 250, 350, 500)),
    },
    Edition.HJ_633_2026: {
        **_SHARED,
        (Pollutant.SO2, Window.HOUR): Column(_SO2_HOUR, above=200),
        (Pollutant.O3, Window.EIGHT_HOURS): Column(_O3_EIGHT_HOURS, above=300),
        (Pollutant.PM10, Window.DAY): Column((0, 50, 120, 250, 350, 420, 500, 600)),
        (Pollutant.PM25, Window.DAY): Column((0, 35, 60, 115, 150, 250, 350, 500)),
    },
}

IN_FORCE: tuple[tuple[date, Edition], ...] = (
    (date(2026, 3, 1), Edition.HJ_633_2026),
    (date(2012, 2, 29), Edition.HJ_633_2012),
)
"""Editions with the day from which they apply, newest first."""

INSTEAD: Mapping[tuple[Pollutant, Window], Window] = {
    (Pollutant.SO2, Window.HOUR): Window.DAY,
    (Pollutant.O3, Window.EIGHT_HOURS): Window.HOUR,
}
"""Which window answers where a column of the 2012 edition ends without one."""

CLASSES: tuple[AirClass, ...] = (
    AirClass(
        1,
        50,
        Text("优", "Excellent"),
        "#00E400",
        Text("空气质量令人满意，基本无空气污染", "Satisfactory, practically unpolluted"),
    ),
    AirClass(
        2,
        100,
        Text("良", "Good"),
        "#FFFF00",
        Text(
            "空气质量可接受，但对极少数异常敏感人群有较弱影响",
            "Acceptable; a few very sensitive people may notice it",
        ),
    ),
    AirClass(
        3,
        150,
        Text("轻度污染", "Lightly polluted"),
        "#FF7E00",
        Text("易感人群症状有轻度加剧", "Symptoms of sensitive people get slightly worse"),
    ),
    AirClass(
        4,
        200,
        Text("中度污染", "Moderately polluted"),
        "#FF0000",
        Text("进一步加剧易感人群症状", "Symptoms of sensitive people get worse"),
    ),
    AirClass(
        5,
        300,
        Text("重度污染", "Heavily polluted"),
        "#99004C",
        Text("健康人群普遍出现症状", "Healthy people commonly show symptoms"),
    ),
    AirClass(
        6,
        None,
        Text("严重污染", "Severely polluted"),
        "#7E0023",
        Text("健康人群有明显强烈症状", "Healthy people show strong symptoms"),
    ),
)

HOURS_NEEDED: Mapping[Window, int] = {Window.HOUR: 1, Window.EIGHT_HOURS: 6, Window.DAY: 20}
"""Hourly values that make an average valid (GB 3095: 20 of 24 for a day, 6 of 8 for ozone)."""

_REPORTS: Mapping[Report, Mapping[Pollutant, Window]] = {
    Report.HOURLY: dict.fromkeys(Pollutant, Window.HOUR),
    Report.DAILY: {p: Window.EIGHT_HOURS if p is Pollutant.O3 else Window.DAY for p in Pollutant},
}
_UPPERS = frozenset(c.upper for c in CLASSES if c.upper)
_PARTICLES = frozenset((Pollutant.PM25, Pollutant.PM10))


def edition_on(day: date) -> Edition:
    """The edition in force on a day (Beijing date). Raises ValueError before 2012-02-29."""
    for start, edition in IN_FORCE:
        if day >= start:
            return edition
    raise ValueError(f"no edition of HJ 633 was in force on {day}")


def edition_of(at: datetime) -> Edition:
    """The edition for the hour or day that ends at an aware moment, by its Beijing date."""
    # an average that ends at midnight belongs to the day before
    return edition_on((at.astimezone(CHINA) - timedelta(microseconds=1)).date())


def iaqi(edition: Edition, pollutant: Pollutant, window: Window, value: float) -> int | None:
    """The individual index of a mean concentration (µg/m³; CO in mg/m³), rounded up to an integer.

    None when the value is not a finite non-negative number, or when the edition's column ends below it and
    another window answers instead. Particles have one column, the 24-hour one; the hourly report judges
    their hourly mean by it. Raises KeyError for a window that the pollutant has no column for.
    """
    if not math.isfinite(value) or value < 0:
        return None
    column = TABLES[edition][pollutant, Window.DAY if pollutant in _PARTICLES else window]
    points = column.breakpoints
    if value > points[-1]:
        return column.above
    # Exact arithmetic on the decimal that was reported: in binary floats 100 may come out as 100.0…1 and
    # would be rounded up to 101.
    exact = Fraction(str(value))
    for low, high, i_low, i_high in zip(points, points[1:], STEPS, STEPS[1:], strict=False):
        if value <= high:
            start = Fraction(low)
            return math.ceil(i_low + (exact - start) * (i_high - i_low) / (Fraction(high) - start))
    return None


def hourly_classes(edition: Edition, pollutant: Pollutant) -> tuple[tuple[float | None, AirClass], ...]:
    """The classes of one pollutant's hourly mean, each with its highest concentration (None: open)."""
    column = TABLES[edition][pollutant, Window.DAY if pollutant in _PARTICLES else Window.HOUR]
    limits = [c for c, index in zip(column.breakpoints, STEPS, strict=False) if index in _UPPERS]
    if column.above in _UPPERS:
        limits.pop()  # what is beyond is held in the last class
    return tuple(zip([*limits, None], CLASSES, strict=False))


def air_class(aqi: int) -> AirClass:
    """The class of an index."""
    return next(c for c in CLASSES if c.upper is None or aqi <= c.upper)


def air_index(concentrations: Iterable[Concentration], report: Report, edition: Edition) -> AirIndex | None:
    """The index of one station from its valid mean concentrations; None when no pollutant can be judged.

    The hourly report takes hourly means; the daily one 24-hour means and ozone's largest 8-hour mean. Where
    a column of the 2012 edition ends, the window named by INSTEAD takes part if it is among the input.
    """
    given = {(c.pollutant, c.window): c.value for c in concentrations}
    parts: list[SubIndex] = []
    for pollutant, window in _REPORTS[report].items():
        for judged in (window, INSTEAD.get((pollutant, window))):
            value = given.get((pollutant, judged)) if judged else None
            if judged is None or value is None:
                break  # a window that nobody measured is never replaced by a kinder one
            index = iaqi(edition, pollutant, judged, value)
            if index is not None:
                parts.append(SubIndex(pollutant, judged, value, index))
                break
    if not parts:
        return None
    aqi = max(p.iaqi for p in parts)
    return AirIndex(
        aqi=aqi,
        air_class=air_class(aqi),
        primary=tuple(p.pollutant for p in parts if p.iaqi == aqi) if aqi > 50 else (),
        exceeding=tuple(p.pollutant for p in parts if p.iaqi > 100),
        parts=tuple(parts),
        complete=len(parts) == len(Pollutant),
        report=report,
        edition=edition,
    )


def mean(values: Sequence[float | None], window: Window) -> float | None:
    """The mean of a window's hourly values, None when fewer than HOURS_NEEDED are there."""
    valid = [v for v in values if v is not None and math.isfinite(v) and v >= 0]
    return math.fsum(valid) / len(valid) if len(valid) >= HOURS_NEEDED[window] else None


def largest_eight_hour_mean(hours: Sequence[float | None]) -> float | None:
    """Ozone's daily value: the largest mean of eight hours ending at 8:00 to 24:00 of one day.

    `hours` are the 24 hourly means ending at 1:00 … 24:00. Fewer than 14 valid 8-hour means make the day
    invalid, unless the largest already exceeds 160 µg/m³ (HJ 663, statistics of ozone).
    """
    means = [m for end in range(8, 25) if (m := mean(hours[end - 8 : end], Window.EIGHT_HOURS)) is not None]
    if not means:
        return None
    largest = max(means)
    return largest if len(means) >= 14 or largest > 160 else None


def daily(hours: Mapping[Pollutant, Sequence[float | None]]) -> list[Concentration]:
    """A day's mean concentrations from its 24 hourly means per pollutant (ending at 1:00 … 24:00)."""
    found: list[Concentration] = []
    for pollutant, values in hours.items():
        if len(values) != 24:
            raise ValueError(f"a day has 24 hours, {pollutant} brought {len(values)}")
        if pollutant is Pollutant.O3:
            largest = largest_eight_hour_mean(values)
            if largest is not None:
                found.append(Concentration(pollutant, Window.EIGHT_HOURS, largest))
            valid = [v for v in values if v is not None and math.isfinite(v) and v >= 0]
            if len(valid) >= HOURS_NEEDED[Window.DAY]:
                found.append(Concentration(pollutant, Window.HOUR, max(valid)))
            continue
        average = mean(values, Window.DAY)
        if average is not None:
            found.append(Concentration(pollutant, Window.DAY, average))
    return found
