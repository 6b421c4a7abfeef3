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
