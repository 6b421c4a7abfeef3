"""What crosses the door of indicators."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any

import msgspec

from yong.kernel.base.text import Text

CELLS = 2_000  # of a breakdown
ROWS = 200  # of a page of the rows behind a figure
KEPT = 500  # definitions that people keep
TREND = 60  # periods of a trend
TIME_S = 30  # that one computation may ask the database for
WHOLE = "*"
"""The cell of all rows together."""


class Direction(StrEnum):
    """Which way is better."""

    MORE = "more"
    LESS = "less"
    TARGET = "target"  # the nearer to the target, the better


class Cycle(StrEnum):
    """What is looked at at once, in the city's own time. Weeks begin on Monday (ISO 8601)."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class Names(StrEnum):
    """What the values of a breakdown are, so that they can be named; and whose the figure is then."""

    PARTY = "party"  # the figure of a party is that party's
    AREA = "area"  # the figure of an area is of that district
    ROLE = "role"
    CODE = "code"  # of the field's code list
    PLAIN = "plain"


_Word = Annotated[str, msgspec.Meta(max_length=60, pattern="^[a-z][a-z0-9_]*$")]
_Title = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
_Meaning = Annotated[str, msgspec.Meta(max_length=1_000)]
IndicatorName = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
_Colour = Annotated[str, msgspec.Meta(pattern="^#[0-9a-fA-F]{6}$")]


class Breakdown(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """By what figures may be told apart: a field of every Relation of the expression, or its first characters."""

    name: _Word
    field: _Word
    zh: _Title
    en: _Title
    names: Names = Names.PLAIN
    first: Annotated[int, msgspec.Meta(ge=1, le=40)] | None = None


class Grade(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A grade: of values of at least `limit`, at most where less is better, off by at most where there is a target.

    Of several the first that fits. Without a limit it is for all others.
    """

    code: Annotated[str, msgspec.Meta(min_length=1, max_length=8)]
    zh: _Title
    en: _Title
    limit: float | None = None
    colour: _Colour


class Indicator(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An indicator, as a module declares it or people keep it. `name` is `<module>.<noun>`.

    `unit` is a UN/CEFACT common code; `source` the standard it follows, or says that it is the city's own.
    """

    name: IndicatorName
    zh: _Title
    en: _Title
    meaning_zh: _Meaning
    meaning_en: _Meaning
    source_zh: _Meaning
    source_en: _Meaning
    expression: Annotated[str, msgspec.Meta(min_length=1, max_length=2_000)]
    unit: Annotated[str, msgspec.Meta(min_length=1, max_length=3)] = "C62"
    direction: Direction = Direction.MORE
    target: float | None = None
    grades: Annotated[tuple[Grade, ...], msgspec.Meta(max_length=10)] = ()
    periods: Annotated[tuple[Cycle, ...], msgspec.Meta(min_length=1, max_length=5)] = (Cycle.MONTH,)
    breakdowns: Annotated[tuple[Breakdown, ...], msgspec.Meta(max_length=8)] = ()

    @property
    def title(self) -> Text:
        return Text(self.zh, self.en)


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """An indicator within a score, as it stood when the score was computed."""

    weight: float
    indicator: Indicator
    owner: str
    roles: tuple[str, ...] = ()


class Definition(msgspec.Struct, frozen=True, kw_only=True):
    """All that a figure follows from besides rows: it is kept with the figure, and known by its SHA-256."""

    indicator: Indicator
    owner: str  # module:<name>, or the account that keeps it
    roles: tuple[str, ...] = ()  # of that account
    parts: tuple[Part, ...] = ()


# ---------------------------------------------------------------- what people are told


class GradeShown(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    title: str
    limit: float | None
    colour: str


class BreakdownShown(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    title: str


class IndicatorShown(msgspec.Struct, frozen=True, kw_only=True):
    """An indicator in the reader's language; `told` is its expression in plain words, one line a part."""

    name: str
    title: str
    meaning: str
    source: str
    expression: str
    told: list[str]
    unit: str
    direction: Direction
    target: float | None
    grades: list[GradeShown]
    periods: list[Cycle]
    breakdowns: list[BreakdownShown]
    declared: bool  # by a module, otherwise kept by people
    version: int | None = None


class FigureShown(msgspec.Struct, frozen=True, kw_only=True):
    """A figure: none as value where there is nothing to divide by. `counts` are what the expression asked of rows."""

    cell: str
    title: str
    value: float | None
    numerator: float | None
    denominator: float | None
    grade: str | None
    counts: list[float | None]


class ComputationShown(msgspec.Struct, frozen=True, kw_only=True):
    """One computation, frozen. `complete`: the period was over. `rows` and `checksum` are of the rows it looked at; how many
    there were is told to whoever sees the whole.
    """

    id: str
    indicator: str
    period: str
    starts_on: date
    ends_on: date  # exclusive
    by: str
    known_at: datetime
    computed_at: datetime
    complete: bool
    rows: int | None
    checksum: str
    definition: str  # SHA-256


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What an indicator came to in a period: one computation, those figures of it that the reader may see, all others."""

    indicator: IndicatorShown
    computation: ComputationShown | None
    figures: list[FigureShown]
    earlier: list[ComputationShown]


class TrendPoint(msgspec.Struct, frozen=True, kw_only=True):
    period: str
    value: float | None
    grade: str | None


class SheetColumn(msgspec.Struct, frozen=True, kw_only=True):
    """A column of a sheet: an indicator, and the computation that its figures are of, if there is one."""

    indicator: IndicatorShown
    computation: ComputationShown | None


class SheetRow(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a sheet: a cell of the breakdown, with a figure for each column; the first line is all together."""

    cell: str
    title: str
    figures: list[FigureShown | None]


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """The indicators of a module side by side, in one period, told apart by one breakdown."""

    module: str
    period: str
    starts_on: date
    ends_on: date
    by: str
    may_compute: bool  # the reader, at once
    breakdowns: list[BreakdownShown]
    columns: list[SheetColumn]
    rows: list[SheetRow]


class BehindColumn(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    title: str
    type: str


class Behind(msgspec.Struct, frozen=True, kw_only=True):
    """The rows behind a number, as known when it was computed. `hidden` are those that the reader may not see."""

    relation: str
    relation_title: str
    told: str
    total: int
    hidden: int
    columns: list[BehindColumn]
    rows: list[dict[str, Any]]
    more: bool


class Recomputed(msgspec.Struct, frozen=True, kw_only=True):
    """A computation made again as things were known then: whether every figure is the same."""

    id: str
    same: bool
    rows: int
    checksum_same: bool
    differing: list[str]  # cells


class IndicatorVersion(msgspec.Struct, frozen=True, kw_only=True):
    """A version of an indicator that people keep. `state`: draft, live, retired, withdrawn."""

    name: str
    version: int
    state: str
    made_by: str
    made_at: datetime
    approved_by: str | None
    indicator: Indicator
