"""What the demo city's things report: recorded series replayed with shifted time stamps, or a small physics.

A source gives the values of slot `n` (the n-th interval since 1970) for the i-th thing, and always the same
ones: a thing that was away tells what it missed, and telling it twice changes nothing. Every source says
what it is, `replay:<series>` or `synthetic:<model>`, and that mark travels with its things.
"""

import csv
import gzip
import math
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

Values = dict[str, float]


class Source(NamedTuple):
    """A kind of thing: how often it reports, which attributes, from where. `note` is shown to people."""

    kind: str
    interval_s: int
    origin: str
    note: str
    values: Callable[[int, int], Values]


def data_folder() -> Path:
    return Path(os.environ.get("YONG_DATA", "../shared/data"))


def sources(folder: Path) -> tuple[Source, ...]:
    """One source per kind: the recorded series where it is present, else the synthetic one."""
    return (
        air(folder) or SYNTHETIC_AIR,
        weather(folder) or SYNTHETIC_WEATHER,
        sea_level(folder) or TIDE,
        road(folder) or SYNTHETIC_ROAD,
        feeder(folder) or SYNTHETIC_FEEDER,
        RIVER,
        PARKING,
        OUTFALL,
        GAUGE,
    )


def _number(raw: str) -> float | None:
    try:
        value = float(raw)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _cyclic(rows: list[Values], stride: int) -> Callable[[int, int], Values]:
    return lambda slot, thing: rows[(slot + thing * stride) % len(rows)]


# recorded

_AIR = {
    "PM2.5": ("pm25", 1),
    "PM10": ("pm10", 1),
    "SO2": ("so2", 1),
    "NO2": ("no2", 1),
    "CO": ("co", 0.001),
    "O3": ("o3", 1),
}


def air(folder: Path) -> Source | None:
    """Hourly means of two Beijing stations (µg/m³, CO turned into mg/m³); one recorded hour a minute."""
    rows: list[Values] = []
    for path in sorted((folder / "air_weather_water/beijing_prsa").glob("*.csv.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for row in csv.DictReader(lines):
                known = {
                    name: v * f for raw, (name, f) in _AIR.items() if (v := _number(row[raw])) is not None
                }
                if known:  # an hour in which nothing was measured is a gap there and here
                    rows.append({name: round(value, 4) for name, value in known.items()})
    note = (
        "北京东四、怀柔 2013–2017 逐时数据，每分钟一小时 / Beijing hourly series, one recorded hour a minute"
    )
    return Source("air", 60, "replay:beijing_prsa", note, _cyclic(rows, 733)) if rows else None


def weather(folder: Path) -> Source | None:
    """Daily weather of Seattle 2012–2015; one recorded day a minute."""
    path = folder / "air_weather_water/seattle-weather.csv"
    if not path.is_file():
        return None
    with path.open(encoding="utf-8") as lines:
        rows = [
            {
                "temperature": round((float(r["temp_max"]) + float(r["temp_min"])) / 2, 2),  # °C
                "windSpeed": float(r["wind"]),  # m/s
                "precipitation": float(r["precipitation"]),  # mm
            }
            for r in csv.DictReader(lines)
        ]
    note = "西雅图 2012–2015 逐日数据，每分钟一日 / Seattle daily series, one recorded day a minute"
    return Source("weather", 60, "replay:seattle_weather", note, _cyclic(rows, 29))


def sea_level(folder: Path) -> Source | None:
    """Hourly sea level of Honolulu 2010 in m; one recorded hour a minute."""
    path = folder / "air_weather_water/sea_level/HNL2010.asc"
    if not path.is_file():
        return None
    levels = (line.split() for line in path.read_text("ascii").splitlines())
    # 9999 mm is how this archive writes a missing hour
    rows = [{"waterLevel": int(p[1]) / 1000} for p in levels if len(p) == 2 and int(p[1]) < 9000]
    note = "檀香山 2010 逐时潮位，每分钟一小时 / Honolulu hourly sea level, one recorded hour a minute"
    return Source("tide", 60, "replay:hnl2010", note, _cyclic(rows, 5))


def road(folder: Path) -> Source | None:
    """Mean speed at 207 loop detectors of Los Angeles, every five minutes of a week, in km/h."""
    path = folder / "road_traffic/tgcn/los_speed.csv.gz"
    if not path.is_file():
        return None
    with gzip.open(path, "rt", encoding="ascii") as lines:
        table = [[float(v) for v in row] for row in list(csv.reader(lines))[1:]]

    def values(slot: int, thing: int) -> Values:
        miles_h = table[slot % len(table)][thing % len(table[0])]
        return {"speed": round(miles_h * 1.609344, 2)}

    note = "洛杉矶 207 个线圈一周车速，每 20 秒一个五分钟 / Los Angeles loop detectors, five recorded minutes each 20 s"
    return Source("road", 20, "replay:tgcn_los", note, values)


def feeder(folder: Path) -> Source | None:
    """Active power of SimBench low-voltage loads (profiles of a 15-minute grid), in kW."""
    path = folder / "electricity/simbench_LV1.101/LoadProfile_first92days.csv.gz"
    if not path.is_file():
        return None
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        reader = csv.DictReader(lines, delimiter=";")
        names = [n for n in reader.fieldnames or () if n.endswith("_pload")]
        table = [[float(row[n]) for n in names] for row in reader]

    def values(slot: int, thing: int) -> Values:
        rated_kw = 3 + thing % 9
        share = table[(slot + thing * 96) % len(table)][thing % len(names)]
        return {"activePower": round(share * rated_kw, 4)}

    note = "SimBench LV 负荷曲线，每 20 秒一刻钟 / SimBench load profiles, a recorded quarter hour each 20 s"
    return Source("feeder", 20, "replay:simbench_lv1", note, values)


# synthetic: closed forms in time, so that nothing has to be remembered


def _hour(slot: int, interval_s: int) -> float:
    """Local hour of the day (UTC+8)."""
    return (slot * interval_s / 3600 + 8) % 24


def _noise(slot: int, thing: int) -> float:
    """Repeatable noise in -1 … 1 (a multiplicative hash, not randomness)."""
    mixed = (slot * 2_654_435_761 ^ thing * 40_503 ^ 0x5BD1E995) * 2_246_822_519 & 0xFFFFFFFF
    return mixed / 0x7FFFFFFF - 1


_CONSTITUENTS = ((12.4206012, 1.0), (12.0, 0.4), (23.93447213, 0.25), (25.81933871, 0.2))
"""Periods in hours of M2, S2, K1 and O1 and invented amplitudes in m."""


def _tide(slot: int, thing: int) -> Values:
    hours = slot * 60 / 3600 - thing * 0.02
    level = sum(a * math.cos(2 * math.pi * hours / period) for period, a in _CONSTITUENTS)
    return {"waterLevel": round(2.0 + level, 3)}


def _river(slot: int, thing: int) -> Values:
    """A linear reservoir (recession 18 h) under repeatable storms, one chance every six hours."""
    hours = slot * 30 / 3600
    level = 1.2
    for k in range(16):
        storm = math.floor(hours / 6) - k
        depth = max(_noise(storm, thing % 7) - 0.4, 0.0)
        age = hours - storm * 6
        level += 1.8 * depth * (1 - math.exp(-age / 2)) * math.exp(-age / 18)
    return {"waterLevel": round(level + 0.004 * _noise(slot, thing), 3)}


def _parking(slot: int, thing: int) -> Values:
    capacity = 80 + thing * 37 % 420
    busy = 0.25 + 0.6 * math.exp(-(((_hour(slot, 30) - 14) / 5) ** 2)) + 0.05 * _noise(slot // 4, thing)
    return {"occupiedSpaces": float(round(capacity * min(max(busy, 0), 1))), "totalSpaces": float(capacity)}


def _air(slot: int, thing: int) -> Values:
    rush = sum(math.exp(-(((_hour(slot, 60) - h) / 2) ** 2)) for h in (8, 18))
    sun = max(math.sin(math.pi * (_hour(slot, 60) - 6) / 12), 0.0)
    pm25 = 38 + 25 * rush + 15 * _noise(slot // 60, thing)
    return {
        "pm25": round(pm25, 1),
        "pm10": round(pm25 * 1.5, 1),
        "so2": round(8 + 2 * _noise(slot // 60, thing + 1), 1),
        "no2": round(30 + 30 * rush, 1),
        "co": round(0.7 + 0.3 * rush, 2),
        "o3": round(40 + 110 * sun, 1),
    }


def _weather(slot: int, thing: int) -> Values:
    warm = math.sin(2 * math.pi * (_hour(slot, 60) - 9) / 24)
    return {
        "temperature": round(17 + 5 * warm + 0.3 * _noise(slot, thing), 1),
        "windSpeed": round(3 + 2 * abs(_noise(slot // 10, thing)), 1),
        "precipitation": 0.0,
    }


def _road(slot: int, thing: int) -> Values:
    rush = max(math.exp(-(((_hour(slot, 20) - h) / 1.2) ** 2)) for h in (8, 18))
    return {"speed": round(62 * (1 - 0.55 * rush) + 4 * _noise(slot, thing), 1)}


def _feeder(slot: int, thing: int) -> Values:
    evening = math.exp(-(((_hour(slot, 20) - 20) / 3) ** 2))
    return {
        "activePower": round((3 + thing % 9) * (0.15 + 0.5 * evening) + 0.1 * abs(_noise(slot, thing)), 3)
    }


def _outfall(slot: int, thing: int) -> Values:
    """Flow in l/s, pH, chemical oxygen demand and ammonia nitrogen in mg/l."""
    busy = 0.4 + 0.6 * math.exp(-(((_hour(slot, 60) - 15) / 5) ** 2))
    return {
        "wastewaterFlow": round((8 + thing % 12) * busy, 2),
        "pH": round(7.2 + 0.3 * _noise(slot // 30, thing), 2),
        "cod": round(28 + 14 * busy + 4 * _noise(slot // 10, thing), 1),
        "ammoniaNitrogen": round(1.2 + 0.8 * busy + 0.2 * _noise(slot // 10, thing + 1), 2),
    }


def _gauge(slot: int, thing: int) -> Values:
    """Level in m, supply voltage in V."""
    level = _river(slot * 2, thing)["waterLevel"]
    return {"waterLevel": level, "supplyVoltage": round(12.4 + 0.3 * _noise(slot // 60, thing), 2)}


_ABSENT = "没有真实数据，合成 / the recorded series is absent: synthetic"
SYNTHETIC_AIR = Source("air", 60, "synthetic:diurnal", _ABSENT, _air)
SYNTHETIC_WEATHER = Source("weather", 60, "synthetic:diurnal", _ABSENT, _weather)
TIDE = Source("tide", 60, "synthetic:harmonic", _ABSENT, _tide)
SYNTHETIC_ROAD = Source("road", 20, "synthetic:rush_hours", _ABSENT, _road)
SYNTHETIC_FEEDER = Source("feeder", 20, "synthetic:evening_peak", _ABSENT, _feeder)
RIVER = Source(
    "river", 30, "synthetic:linear_reservoir", "合成：线性水库 / synthetic: a linear reservoir", _river
)
PARKING = Source("parking", 30, "synthetic:diurnal", "合成：日变化 / synthetic: a daily curve", _parking)
OUTFALL = Source("outfall", 60, "synthetic:diurnal", "合成：日变化 / synthetic: a daily curve", _outfall)
GAUGE = Source(
    "gauge", 60, "synthetic:linear_reservoir", "合成：线性水库 / synthetic: a linear reservoir", _gauge
)


def notes(found: Iterable[Source]) -> list[str]:
    """What each source is, for the person who watches."""
    return [f"{s.kind}: {s.origin}: {s.note}" for s in found]
