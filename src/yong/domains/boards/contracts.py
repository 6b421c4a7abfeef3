"""What crosses the door of boards: cards as people arrange them, what cards show, boards and links to them."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, TypeAlias

import msgspec

from yong.kernel.records.contracts import Operator

CARDS, COLUMNS, ROWS, LISTED, LINES, TYPES, FILTERS = 24, 8, 50, 20, 6, 5, 5
BOARDS, LINKS = 100, 20  # of an account, of a board
LINK_DAYS = 366
POINTS = 400  # of a line
PLACED = 5_000  # things on a map

_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=128, pattern=r"^[^\x00]+$")]
_Field = Annotated[str, msgspec.Meta(max_length=60, pattern="^[a-z][a-z0-9_]*$")]
_Size = Annotated[int, msgspec.Meta(ge=1, le=4)]
Title = Annotated[str, msgspec.Meta(min_length=1, max_length=80, pattern=r"^[^\x00]*\S[^\x00]*$")]


class Shared(StrEnum):
    """Who sees a board besides its maker; each sees in it what they may read."""

    NOBODY = "nobody"
    DEPARTMENT = "department"  # who belongs to the maker's party or to one below it
    EVERYONE = "everyone"  # who is signed in and holds a role


class Span(StrEnum):
    """How far back a card looks."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Of(StrEnum):
    """Whether a series is of one thing, or of all things of a type."""

    THING = "thing"
    TYPE = "type"


class Said(StrEnum):
    """What is said of a span's numbers."""

    LATEST = "latest"
    AVG = "avg"
    MIN = "min"
    MAX = "max"
    SUM = "sum"
    COUNT = "count"


class By(StrEnum):
    """The period by which a line is summed up; raw: as it was reported, of a type by a period that suits the span."""

    RAW = "raw"
    MINUTE = "minute"
    QUARTER_HOUR = "quarter-hour"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Series(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An attribute of a thing (by its code) or of all things of a type (by their entity type)."""

    of: Of
    id: _Name
    attribute: _Name


class TableFilter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A filter of a table, as `GET /records/{relation}` has them."""

    field: _Field
    operator: Operator
    value: Annotated[str, msgspec.Meta(max_length=200)]


class _Card(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind"):
    """What all cards have. They follow one another; `width` is in quarters of the board, `height` in rows."""

    title: Title | None = None
    width: _Size = 2
    height: _Size = 2


class MapCard(_Card, frozen=True, tag="map"):
    """Where the things of some types are, coloured by an attribute where one is given."""

    types: Annotated[list[_Name], msgspec.Meta(min_length=1, max_length=TYPES)]
    attribute: _Name | None = None


class ChartCard(_Card, frozen=True, tag="chart"):
    """Lines over a span: as reported, or summed up by a period (as those of a type always are)."""

    series: Annotated[list[Series], msgspec.Meta(min_length=1, max_length=LINES)]
    span: Span = Span.DAY
    by: By = By.RAW
    said: Said = Said.AVG


class NumberCard(_Card, frozen=True, tag="number"):
    """One number: the latest of a thing, or what a span's numbers come to."""

    series: Series
    said: Said = Said.LATEST
    span: Span = Span.HOUR


class TableCard(_Card, frozen=True, tag="table"):
    """Rows of a Relation."""

    relation: Annotated[str, msgspec.Meta(max_length=100, pattern="^[a-z][a-z0-9_]*[.][a-z][a-z0-9_]*$")]
    columns: Annotated[list[_Field], msgspec.Meta(min_length=1, max_length=COLUMNS)]
    filters: Annotated[list[TableFilter], msgspec.Meta(max_length=FILTERS)] = []
    sort: Annotated[str, msgspec.Meta(max_length=61, pattern="^-?[a-z][a-z0-9_]*$")] | None = None
    rows: Annotated[int, msgspec.Meta(ge=1, le=ROWS)] = 10


class ListCard(_Card, frozen=True, tag="list"):
    """The things of a type in the order of what an attribute came to within a span, the highest first."""

    type: _Name
    attribute: _Name
    said: Said = Said.AVG
    span: Span = Span.HOUR
    lowest: bool = False
    rows: Annotated[int, msgspec.Meta(ge=1, le=LISTED)] = 10


Card: TypeAlias = MapCard | ChartCard | NumberCard | TableCard | ListCard


class ValueBand(msgspec.Struct, frozen=True):
    """What a value up to `upper` (inclusive; none: without end) means, in the reader's language and in a colour."""

    upper: float | None
    title: str
    colour: str


class PlacedThing(msgspec.Struct, frozen=True):
    """A thing on a map, in degrees of CGCS2000."""

    id: str
    type: str
    lon: float
    lat: float
    value: float | None


class DistrictOutline(msgspec.Struct, frozen=True):
    """A district, as a map draws it: a GeoJSON geometry."""

    name: str
    geometry: dict[str, Any]


class LinePoint(msgspec.Struct, frozen=True, array_like=True):
    """A moment and a number."""

    at: datetime
    value: float


class Line(msgspec.Struct, frozen=True):
    """A line of a chart."""

    name: str
    unit: str | None
    points: list[LinePoint]


class TableColumn(msgspec.Struct, frozen=True):
    """A column of a table, in the reader's language."""

    name: str
    title: str
    type: str
    unit: str | None


class Ranked(msgspec.Struct, frozen=True):
    """A line of a list."""

    id: str
    name: str
    value: float


class _Answer(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    """What a card shows, as its reader may see it. `sources` tells what is live, replayed or synthetic."""

    title: str
    sources: list[str] = []


class MapAnswer(_Answer, frozen=True, tag="map"):
    """Things and districts; `truncated` where there are more than are shown."""

    places: list[PlacedThing]
    outlines: list[DistrictOutline]
    bands: list[ValueBand] = []
    unit: str | None = None
    truncated: bool = False


class ChartAnswer(_Answer, frozen=True, tag="chart"):
    """Lines, in the order of the card's series."""

    lines: list[Line]


class NumberAnswer(_Answer, frozen=True, tag="number"):
    """A number, none where there is none yet, and what it means where a standard says so."""

    value: float | None
    unit: str | None = None
    at: datetime | None = None
    band: ValueBand | None = None


class TableAnswer(_Answer, frozen=True, tag="table"):
    """Rows, each with the values of the columns; codes are told by their titles. `more` where rows follow."""

    relation: str
    columns: list[TableColumn]
    rows: list[list[Any]]
    more: bool


class ListAnswer(_Answer, frozen=True, tag="list"):
    """Things in their order."""

    rows: list[Ranked]
    unit: str | None = None
    bands: list[ValueBand] = []


Answer: TypeAlias = MapAnswer | ChartAnswer | NumberAnswer | TableAnswer | ListAnswer


class Board(msgspec.Struct, frozen=True, kw_only=True):
    """A board as one caller may see it; `mine` is who made it and may change it, `by` their name."""

    id: str
    title: str
    shared: Shared
    cards: list[Card]
    version: int
    mine: bool
    by: str
    updated_at: datetime


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A board in a list of them."""

    id: str
    title: str
    shared: Shared
    cards: int
    mine: bool
    by: str
    updated_at: datetime


class BoardLink(msgspec.Struct, frozen=True, kw_only=True):
    """A link that shows a board to whoever has it, until its day. Its secret is told once, when it is made."""

    id: str
    title: str
    created_at: datetime
    until: datetime
    used_at: datetime | None
    secret: str | None = None


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A board as a link shows it."""

    title: str
    cards: list[Card]
    version: int
    until: datetime
