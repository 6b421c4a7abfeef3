"""What crosses the door of environment."""

from datetime import datetime
from enum import StrEnum

import msgspec

from yong.kernel.base.text import Text


class Pollutant(StrEnum):
    """The six pollutants of HJ 633. Values are also the attribute names of an air station."""

    PM25 = "pm25"  # µg/m³
    PM10 = "pm10"  # µg/m³
    SO2 = "so2"  # µg/m³
    NO2 = "no2"  # µg/m³
    CO = "co"  # mg/m³
    O3 = "o3"  # µg/m³

    @property
    def symbol(self) -> str:
        """How people write it: PM2.5, SO₂."""
        return {"pm25": "PM2.5", "so2": "SO₂", "no2": "NO₂", "o3": "O₃"}.get(self.value, self.value.upper())


class Window(StrEnum):
    """The averaging time that a concentration stands for."""

    HOUR = "1h"
    EIGHT_HOURS = "8h"
    DAY = "24h"


class Report(StrEnum):
    """Which of the two reports of HJ 633 an index belongs to."""

    HOURLY = "hourly"  # 实时报
    DAILY = "daily"  # 日报


class Edition(StrEnum):
    """The edition of HJ 633 whose table was used; an index keeps the edition it was computed by."""

    HJ_633_2012 = "HJ 633-2012"
    HJ_633_2026 = "HJ 633-2026"


class AirClass(msgspec.Struct, frozen=True):
    """One of the six classes: `level` 1 to 6, `upper` its highest index (None: open), `colour` as #RRGGBB."""

    level: int
    upper: int | None
    name: Text
    colour: str
    effect: Text


class Concentration(msgspec.Struct, frozen=True):
    """A mean concentration of a pollutant over a window: µg/m³, for CO mg/m³."""

    pollutant: Pollutant
    window: Window
    value: float


class SubIndex(msgspec.Struct, frozen=True):
    """An individual index (IAQI) with the concentration and the window that it was judged by."""

    pollutant: Pollutant
    window: Window
    value: float
    iaqi: int


class AirIndex(msgspec.Struct, frozen=True, kw_only=True):
    """The index of one station at one time.

    `primary` is empty up to an index of 50; `exceeding` are the pollutants whose sub-index is over 100.
    `complete` says whether all six pollutants took part: an incomplete index of 100 or less says nothing
    about the missing ones.
    """

    aqi: int
    air_class: AirClass
    primary: tuple[Pollutant, ...]
    exceeding: tuple[Pollutant, ...]
    parts: tuple[SubIndex, ...]
    complete: bool
    report: Report
    edition: Edition


class StationIndex(msgspec.Struct, frozen=True, kw_only=True):
    """An index together with the station and the end of the hour (or day) that it describes.

    `owner` is the party that keeps the station, `district` its GB/T 2260 code: they decide who may see it.
    """

    station: str
    at: datetime
    index: AirIndex
    owner: str
    district: str


class StationNow(msgspec.Struct, frozen=True, kw_only=True):
    """An air station with its newest readings (µg/m³; CO in mg/m³), in the reader's language.

    `source` says where its readings come from: live, replay or synthetic. None: it has not reported yet.
    """

    code: str
    name: str
    location: dict[str, object] | None
    district: str | None
    source: str | None
    observed_at: datetime | None
    readings: dict[str, float]
    air: "AirNow | None"


class AirNow(msgspec.Struct, frozen=True, kw_only=True):
    """A station's newest hourly index as a person reads it; `colour` as #RRGGBB."""

    station: str
    name: str
    at: datetime
    aqi: int
    level: int
    air_class: str
    colour: str
    effect: str
    primary: list[str]
    complete: bool
    source: str | None
