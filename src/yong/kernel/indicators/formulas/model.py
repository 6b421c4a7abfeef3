"""What an expression consists of. Frozen, so that it may be kept and compared."""

from enum import StrEnum
from typing import TypeAlias

import msgspec

from yong.kernel.records.contracts import Operator

LENGTH = 2_000  # characters of an expression
AGGREGATES, TESTS, DEPTH, PARTS = 12, 60, 12, 20
NUMBERS = 1e15  # larger ones are none


class Kind(StrEnum):
    """What is asked of rows."""

    COUNT = "count"
    DISTINCT = "distinct"
    SUM = "sum"
    AVG = "avg"
    MIN = "min"
    MAX = "max"
    MEDIAN = "median"
    PERCENTILE = "percentile"


class Compare(msgspec.Struct, frozen=True, tag="test"):
    """A condition on one field, as the house's filters have it. `now`: compared with the moment that is counted at."""

    field: str
    operator: Operator
    value: str
    now: bool = False


class Both(msgspec.Struct, frozen=True, tag="both"):
    """Conditions that all hold, or of which one does."""

    all: bool
    parts: "tuple[Condition, ...]"


class Not(msgspec.Struct, frozen=True, tag="not"):
    """A condition that does not hold; of what is not known neither it nor its contrary holds."""

    part: "Condition"


Condition: TypeAlias = Compare | Both | Not


class Aggregate(msgspec.Struct, frozen=True, kw_only=True, tag="aggregate"):
    """One number of the rows of a Relation. `by` is the field whose moment puts a row into a period."""

    kind: Kind
    relation: str
    field: str | None = None
    where: Condition | None = None
    by: str | None = None
    percent: float | None = None  # of a percentile

    @property
    def fields(self) -> set[str]:
        """The fields that it asks for, except `by`."""
        return ({self.field} if self.field else set()) | _fields(self.where)


class Number(msgspec.Struct, frozen=True, tag="number"):
    """A number as it is written."""

    value: float


class Sum(msgspec.Struct, frozen=True, tag="sum"):
    """Two numbers added (+), taken away (-), multiplied (*) or divided (/)."""

    sign: str
    left: "Formula"
    right: "Formula"


class Weighted(msgspec.Struct, frozen=True, tag="weighted"):
    """A score: the weighted mean of other indicators' points, 0 to 100."""

    parts: tuple[tuple[str, float], ...]


Formula: TypeAlias = Number | Aggregate | Sum | Weighted


def aggregates(formula: Formula) -> list[Aggregate]:
    """All that is asked of rows, from left to right; the same is asked once."""
    match formula:
        case Aggregate():
            return [formula]
        case Sum(left=left, right=right):
            return list(dict.fromkeys([*aggregates(left), *aggregates(right)]))
    return []


def ratio(formula: Formula) -> tuple[Formula, Formula] | None:
    """What is divided by what, where the formula is a ratio, also one times a number."""
    match formula:
        case Sum(sign="/", left=Sum(sign="*", left=Number(), right=left), right=right):
            return left, right
        case Sum(sign="/", left=left, right=right):
            return left, right
        case Sum(sign="*", left=Number(), right=inner) | Sum(sign="*", left=inner, right=Number()):
            return ratio(inner)
    return None


def _fields(condition: Condition | None) -> set[str]:
    match condition:
        case Compare(field=field):
            return {field}
        case Both(parts=parts):
            return {name for part in parts for name in _fields(part)}
        case Not(part=part):
            return _fields(part)
    return set()
