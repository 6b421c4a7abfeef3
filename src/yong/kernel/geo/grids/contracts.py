"""What crosses the door of unit grids."""

from datetime import date
from typing import Annotated, Literal

import msgspec

from yong.kernel.geo.topology.contracts import Kind

MOST_CELLS = 999  # serial numbers of a community
POSITIONS = 100_000  # of all polygons of a division

_Position = Annotated[list[float], msgspec.Meta(min_length=2, max_length=2)]
_Ring = Annotated[list[_Position], msgspec.Meta(min_length=4, max_length=POSITIONS)]


class Outline(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A GeoJSON Polygon (RFC 7946) in degrees of CGCS2000: the outer ring, then holes; rings are closed."""

    type: Literal["Polygon"]
    coordinates: Annotated[list[_Ring], msgspec.Meta(min_length=1, max_length=1000)]


class NewCell(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A unit grid to be made: its outline and what is known of it."""

    outline: Outline
    land_use: Annotated[str, msgspec.Meta(min_length=1, max_length=20)] | None = None
    management_grade: Annotated[str, msgspec.Meta(min_length=1, max_length=20)] | None = None
    responsible: Annotated[str, msgspec.Meta(min_length=1, max_length=200)] | None = None


class Wanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A community (12 digits) to be divided, from a day on (today unless given).

    `anew`: the unit grids that stand are ended on that day; an outline that draws one of them keeps it, with its
    code. `standing` is then what the last answer said, so that nothing is ended that its sender did not see.
    A `dry_run` says what is wrong and which codes there would be, and changes nothing.
    """

    community: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    cells: Annotated[list[NewCell], msgspec.Meta(min_length=1, max_length=MOST_CELLS)]
    starts_on: date | None = None
    owner: Annotated[str, msgspec.Meta(min_length=1, max_length=200)] | None = None
    anew: bool = False
    standing: Annotated[str, msgspec.Meta(min_length=1, max_length=64)] | None = None
    dry_run: bool = False


class FindingTold(msgspec.Struct, frozen=True, kw_only=True):
    """Something wrong, in the reader's language: which outlines (counted from 0), where, and how large."""

    kind: Kind
    cells: list[int]
    lon: float
    lat: float
    area_m2: float
    length_m: float
    detail: str


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """A unit grid made: its code, and the place of its outline in the request."""

    code: str
    index: int
    area_m2: float


class EndedCell(msgspec.Struct, frozen=True, kw_only=True):
    """A unit grid that stands no more, and the codes of those that its ground is in now."""

    code: str
    into: list[str]


class Division(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it: the new cells by code, those kept and those ended; none where there are findings.

    `id` names a division that was made, to take it back. `standing` tells the community's grids and boundary as
    they were looked at or made.
    """

    community: str
    starts_on: date
    made: bool
    cells: list[Cell]
    kept: list[Cell]
    ended: list[EndedCell]
    findings: list[FindingTold]
    standing: str
    id: str | None = None


class TakenBack(msgspec.Struct, frozen=True, kw_only=True):
    """A division undone: the grids that it had made are ended, those that it had ended stand again."""

    id: str
    community: str
    ended: list[str]
    standing_again: list[str]


class CodeParts(msgspec.Struct, frozen=True, kw_only=True):
    """A code of a unit grid in its parts, or what is wrong with it in the reader's language."""

    code: str
    valid: bool
    area: str | None = None
    street: str | None = None
    community: str | None = None
    serial: str | None = None
    problems: list[str] = []
