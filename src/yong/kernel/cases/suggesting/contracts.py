"""What crosses the door of suggestions."""

from datetime import datetime
from typing import Annotated

import msgspec

from yong.kernel.cases.contracts import Degrees, Name, Title, Words
from yong.kernel.cases.suggesting.ranking import Measured

LEAST_CASES = 100
"""Past cases from which something is suggested; fewer are said to be too few."""
TOP = 3


class AskedFor(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A case that is not there yet, as far as it is known. Positions are longitude and latitude in CGCS2000 degrees."""

    procedure: Name
    title: Title | None = None
    description: Words | None = None
    class_: Name | None = msgspec.field(default=None, name="class")
    source: Name = "desk"
    district: Annotated[str, msgspec.Meta(max_length=12, pattern="^[0-9]*$")] | None = None
    location: tuple[Degrees, Degrees] | None = None


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """What of the case spoke for a suggestion: a word, the place, the hour … `times` as often as in all cases; in bits."""

    family: str
    title: str
    value: str
    times: float
    bits: float


class PastCase(msgspec.Struct, frozen=True, kw_only=True):
    """A past case that is like this one and went that way; `share` is how much of what is known of this one it shares."""

    id: str
    number: str
    share: float
    closed_on: datetime | None


class SuggestedValue(msgspec.Struct, frozen=True, kw_only=True):
    """A class or a unit that is suggested. `share` is how far the model believes in it, `agree` of `looked_at` most
    similar past cases went that way; `cases` are those of them that the reader may see."""

    value: str
    title: str
    share: float
    agree: int
    looked_at: int
    reasons: list[Reason]
    cases: list[PastCase]


class FieldEvidence(msgspec.Struct, frozen=True, kw_only=True):
    """What one comparison says of a possible duplicate, in words and bits."""

    field: str
    title: str
    words: str
    bits: float


class Duplicate(msgspec.Struct, frozen=True, kw_only=True):
    """An open case that may be about the same, how likely, and why."""

    id: str
    number: str
    title: str | None
    class_: str | None = msgspec.field(default=None, name="class")
    state: str
    stage: str
    opened_at: datetime
    distance_m: float | None
    probability: float
    evidence: list[FieldEvidence]


class LearnedFrom(msgspec.Struct, frozen=True, kw_only=True):
    """What the suggestions of a procedure rest on: which closed cases, how good it was on cases it did not learn from.

    `by_merges` are the pairs that people merged from which duplicates were learned; 0: without any.
    """

    version: int
    procedure: str
    made_at: datetime
    cases: int
    first_at: datetime
    last_at: datetime
    inputs: str
    classes: Measured | None
    units: Measured | None
    units_by_class: Measured | None
    by_merges: int


class Suggestions(msgspec.Struct, frozen=True, kw_only=True):
    """What past cases suggest. Nothing of it is set by itself: a person decides.

    `learned` is none, and `enough` false, where there are too few past cases; duplicates are looked for all the same.
    `placed` is false where the case has no position, by which duplicates are found.
    """

    enough: bool
    placed: bool
    note: str
    learned: LearnedFrom | None
    classes: list[SuggestedValue]
    units: list[SuggestedValue]
    duplicates: list[Duplicate]


class NearbyAsked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A place in CGCS2000 degrees, and the class of what is about to be reported where it is known."""

    lon: Degrees
    lat: Annotated[float, msgspec.Meta(ge=-90, le=90)]
    class_: Name | None = msgspec.field(default=None, name="class")


class NearbyCase(msgspec.Struct, frozen=True, kw_only=True):
    """What anybody may know of an open case near a place: its class, how far it is, on which day it came, and where to
    about 100 m."""

    class_: str | None = msgspec.field(default=None, name="class")
    class_title: str | None
    state: str
    stage: str
    opened_on: str
    lon: float
    lat: float


class Nearby(msgspec.Struct, frozen=True, kw_only=True):
    """Open cases near a place; `count` of them, the nearest are told."""

    count: int
    cases: list[NearbyCase]


class LearnAsked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The procedure whose past cases are to be learned from."""

    procedure: Name
