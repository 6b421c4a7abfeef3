"""What crosses the door of topology."""

from datetime import date
from enum import StrEnum
from typing import Annotated

import msgspec

from yong.kernel.records.contracts import Operator

MOST_FINDINGS = 1000
MOST_FEATURES = 20_000  # of one check
POSITIONS = 1_000_000  # of all their polygons


class Kind(StrEnum):
    """What may be wrong with polygons that are to cover an area."""

    INVALID = "invalid"  # an outline that crosses itself or is not a polygon
    DUPLICATE = "duplicate"  # two outlines are the same
    OVERLAP = "overlap"
    GAP = "gap"  # a part of the area that is in no outline
    OUTSIDE = "outside"  # a part of an outline outside of the area
    UNMATCHED = "unmatched"  # a border that two neighbours draw differently


class Condition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A condition on a field of the Relation, its value written as in a URL."""

    field: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    operator: Operator = Operator.EQ
    value: Annotated[str, msgspec.Meta(max_length=1000)]


class Asked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which polygons are checked: those of a located Relation under conditions, as they hold on a day (today).

    With `within`, the id of a record of `within_relation`, they are to cover its polygon; without it what they enclose.
    """

    relation: Annotated[str, msgspec.Meta(min_length=1, max_length=81)]
    conditions: Annotated[list[Condition], msgspec.Meta(max_length=20)] = []
    at: date | None = None
    within: Annotated[str, msgspec.Meta(min_length=1, max_length=400)] | None = None
    within_relation: Annotated[str, msgspec.Meta(min_length=1, max_length=81)] = "geo.boundary"


class Flaw(msgspec.Struct, frozen=True, kw_only=True):
    """Something wrong, in the reader's language: with which records, where (degrees), and how large."""

    kind: Kind
    records: list[str]
    lon: float
    lat: float
    area_m2: float
    length_m: float
    detail: str


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What a check found: of so many polygons, `passed_over` rows that hold none; the flaws, MOST_FINDINGS at most."""

    relation: str
    checked: int
    passed_over: int
    area_m2: float
    flaws: list[Flaw]
