"""What crosses the door of locating."""

from datetime import date
from typing import Annotated

import msgspec

MOST_POSITIONS = 100_000


class Positions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Positions as [longitude, latitude] in degrees of CGCS2000; `on` is a day, today unless given."""

    positions: Annotated[
        list[Annotated[list[float], msgspec.Meta(min_length=2, max_length=2)]],
        msgspec.Meta(min_length=1, max_length=MOST_POSITIONS),
    ]
    on: date | None = None


class Area(msgspec.Struct, frozen=True):
    """An area's code, and its name where one is known."""

    code: str
    name: str | None = None


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where a position lies on a day; null where no area of that kind holds it."""

    on: date
    cell: Area | None = None
    community: Area | None = None
    street: Area | None = None
    district: Area | None = None


class Places(msgspec.Struct, frozen=True, kw_only=True):
    """Codes of where many positions lie on a day, each list in the order of the positions."""

    on: date
    cell: list[str | None]
    community: list[str | None]
    street: list[str | None]
    district: list[str | None]
