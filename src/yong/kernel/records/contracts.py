"""What crosses the door of records."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from enum import StrEnum

import msgspec

from yong.kernel.base.errors import Invalid, Problem
from yong.kernel.base.relation import Field
from yong.kernel.base.text import Text

ROWS_PER_PAGE = 1000
FILTERS = 20
IMPORT_ROWS = 1_000_000
IMPORT_BYTES = 256 << 20
IMPORTS_AT_ONCE = 2  # files in hand, in one process
IMPORT_COLUMNS = 200
EXPORT_ROWS = 1_000_000
PROBLEMS_SHOWN = 1000


Rule = Callable[[Mapping[str, object]], Sequence[Problem]]
"""What a record's kept values break together: each Problem points to a field (`/name`). Pure."""


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """A typed table that its module declares; a Relation of the same name is derived.

    `name` is `<module>.<noun>`. `key` names the TEXT or CODE field whose value is the record's id (and then
    never changes); without it ids are made. A `bitemporal` table keeps slices of validity besides what was
    recorded when. `subject`, `time` and `geometry` name fields, with the meaning they have in a Relation. `rule`
    says what values break that are each right by themselves; it is asked by every way in.
    """

    name: str
    title: Text
    fields: tuple[Field, ...]
    key: str | None = None
    bitemporal: bool = False
    subject: str | None = None
    time: str | None = None
    geometry: str | None = None
    description: Text | None = None
    rule: Rule | None = None

    def event(self, what: str) -> str:
        """The type of an event about its records: `geo.GridCell` and `Created` for `geo.grid_cell`."""
        module, noun = self.name.split(".")
        return f"{module}.{''.join(part.capitalize() for part in noun.split('_'))}{what}"


class Code(msgspec.Struct, frozen=True, kw_only=True):
    """One code, valid from `valid_from` (inclusive) to `valid_to` (exclusive); None means without bound."""

    code: str
    title: Text
    parent: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None


class CodeList(msgspec.Struct, frozen=True, kw_only=True):
    """A list of codes, such as the areas of GB/T 2260. `name` is `<module>.<noun>`."""

    name: str
    title: Text
    codes: tuple[Code, ...] = ()


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """A row as one caller may see it; `values` are JSON values (dates and moments ISO 8601, decimals text).

    Rows of view Relations have no version or owner. `valid_from` and `valid_to` (exclusive) are days.
    """

    id: str
    relation: str
    values: dict[str, object]
    version: int | None = None
    owner: str | None = None
    district: str | None = None
    created_at: str | None = None
    updated_at: str | None = None
    ended_at: str | None = None
    valid_from: str | None = None
    valid_to: str | None = None

    def holds_on(self, day: date) -> bool:
        """Whether a row that tells its days by its own fields, `starts_on` and `ends_on` (exclusive), holds on a day."""
        start, end, iso = self.values.get("starts_on"), self.values.get("ends_on"), day.isoformat()
        return (start is None or str(start) <= iso) and (end is None or iso < str(end))


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Some rows and, unless they are the last, the `cursor` of those that follow."""

    items: list[Record]
    cursor: str | None = None


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One state of a record: what was recorded between two moments (the second exclusive, None = still)."""

    record: Record
    recorded_from: str
    recorded_to: str | None = None


class Operator(StrEnum):
    """How a filter compares. `prefix` and `contains` take TEXT; `bbox` takes west,south,east,north."""

    EQ = "eq"
    NE = "ne"
    LT = "lt"
    LTE = "lte"
    GT = "gt"
    GTE = "gte"
    IN = "in"  # values parted by commas
    PREFIX = "prefix"
    CONTAINS = "contains"
    NULL = "null"  # true or false
    BBOX = "bbox"  # degrees


class Filter(msgspec.Struct, frozen=True):
    """A condition on one field. `value` is written as in a URL."""

    field: str
    operator: Operator
    value: str


_NO_FILTER = Text("应为 字段:运算:值", "A filter is field:operator:value")


def filters_of(texts: Sequence[str] | None) -> list[Filter]:
    """Filters as they stand in a URL, `field:operator:value` each. Raises Invalid."""
    out = []
    for index, text in enumerate(texts or ()):
        field, _, rest = text[:4000].partition(":")
        operator, _, value = rest.partition(":")
        if operator not in Operator.__members__.values() or "\0" in text:
            raise Invalid(_NO_FILTER, problems=(Problem(f"/filter/{index}", _NO_FILTER),))
        out.append(Filter(field, Operator(operator), value))
    return out


class Format(StrEnum):
    """File formats of import and export."""

    CSV = "csv"
    XLSX = "xlsx"
    GEOJSON = "geojson"
    PARQUET = "parquet"


class BadRow(msgspec.Struct, frozen=True):
    """A row that cannot be imported: its number (the first row of data is 1), the column and why."""

    row: int
    column: str
    reason: Text


class ImportReport(msgspec.Struct, frozen=True, kw_only=True):
    """What an import found. All rows go in, or none: `imported` is 0 in a dry run or when any row is bad."""

    rows: int
    imported: int
    dry_run: bool
    bad_total: int
    bad: list[BadRow]


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """Values that passed their checks, as PostgreSQL's JSON reads them, with what the row itself carries."""

    values: dict[str, object]
    problems: tuple[Problem, ...] = ()


class Begin(msgspec.Struct, frozen=True, kw_only=True):
    """A record to create, together with others."""

    values: dict[str, object]
    owner: str | None = None
    district: str | None = None


class Alter(msgspec.Struct, frozen=True, kw_only=True):
    """A record to change or, without `values`, to end, together with others; `version` is the one it has."""

    id: str
    version: int
    values: dict[str, object] | None = None
