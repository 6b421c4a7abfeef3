"""What crosses the door of history."""

from datetime import datetime

import msgspec


class Observation(msgspec.Struct, frozen=True, gc=False):
    """One value of one attribute at one moment.

    `observed_at` is UTC microseconds since 1970; `unit` a UN/CEFACT code or "". A number is a float, everything
    else (text, booleans, objects, GeoJSON) is kept as it is. Its identity is the series (entity, attribute,
    dataset, unit), the moment and the value: a reading that comes again is not counted again.
    """

    entity: str
    attribute: str
    observed_at: int
    value: object
    unit: str = ""
    dataset: str = ""
    tenant: str = ""


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """An observation as it is read."""

    entity: str
    attribute: str
    observed_at: datetime
    value: object
    unit: str | None = None
    dataset: str | None = None


class Statistic(msgspec.Struct, frozen=True, kw_only=True):
    """What the numbers of a group within a period come to.

    `group` is an entity, type, district or group of things, as asked; `start` the period's beginning. `percentiles` are by their
    number ("95"), linear between neighbours. Only what was asked for is given.
    """

    group: str | None
    attribute: str
    unit: str | None
    start: datetime | None
    count: int
    min: float | None = None
    max: float | None = None
    avg: float | None = None
    sum: float | None = None
    stddev: float | None = None
    percentiles: dict[str, float] = {}


class ChartPoint(msgspec.Struct, frozen=True, array_like=True):
    """A moment and a number."""

    observed_at: datetime
    value: float


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    """A series drawn with few of its readings."""

    entity: str
    attribute: str
    unit: str | None
    dataset: str | None
    points: list[ChartPoint]
