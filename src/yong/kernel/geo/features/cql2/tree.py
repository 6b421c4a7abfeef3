"""A filter as a tree, the same from text and from JSON, and the limits that hold for it.

Conditions are `Call`s by the standard's own names of JSON (`and`, `like`, `isNull`, `s_intersects`, …).
"""

import math
from collections.abc import Callable
from datetime import UTC, date, datetime

import msgspec
import shapely

from yong.kernel.base.errors import Malformed
from yong.kernel.base.text import Text

LENGTH = 16_000  # characters of a filter
DEPTH = 24  # conditions within conditions
NODES = 1000  # conditions, names and values
LISTED = 500  # values of one IN
POSITIONS = 2000  # of one geometry

COMPARISONS = frozenset({"=", "<>", "<", ">", "<=", ">="})
SPATIAL = frozenset(
    f"s_{name}"
    for name in (
        "intersects", "equals", "disjoint", "touches", "within", "overlaps", "crosses", "contains",
    )
)  # fmt: skip
TEMPORAL = frozenset(
    f"t_{name}"
    for name in (
        "after", "before", "contains", "disjoint", "during", "equals", "finishedby", "finishes", "intersects",
        "meets", "metby", "overlappedby", "overlaps", "startedby", "starts",
    )
)  # fmt: skip

LONG = Text("filter 超过 {n} 个字符", "The filter is over {n} characters long")
DEEP = Text("filter 的条件嵌套超过 {n} 层", "The filter nests conditions over {n} deep")
MANY = Text("filter 超过 {n} 个条件与值", "The filter has more than {n} conditions and values")
_LISTED = Text("IN 超过 {n} 个值", "IN has more than {n} values")
_MOMENT = Text(
    "{given} 不是时间：应为 2026-01-31T08:00:00Z 或 2026-01-31",
    "{given} is no time: 2026-01-31T08:00:00Z or 2026-01-31 is expected",
)
_SHAPE = Text(
    "filter 中的几何无效：{given}（至多 {n} 个坐标）",
    "A geometry of the filter is not valid: {given} (at most {n} positions)",
)
_BOX = Text("BBOX 应为 4 或 6 个数，南不大于北", "A BBOX is 4 or 6 numbers, south not above north")

Scalar = bool | int | float | str | date | datetime


class Name(msgspec.Struct, frozen=True):
    """A property."""

    name: str


class Value(msgspec.Struct, frozen=True):
    """A literal; a moment is aware, in UTC."""

    value: Scalar


class Shape(msgspec.Struct, frozen=True):
    """A geometry, longitude and latitude as it was given or converted to; never empty."""

    geometry: shapely.Geometry


class Interval(msgspec.Struct, frozen=True):
    """From and to, both included; None without bound."""

    start: "Name | Value | None"
    end: "Name | Value | None"


class Call(msgspec.Struct, frozen=True):
    """A condition or a function of others."""

    op: str
    args: "tuple[Node, ...]"


Node = Name | Value | Shape | Interval | Call
Place = Callable[[shapely.Geometry], shapely.Geometry]
"""Carries a geometry of the filter to longitude and latitude. Raises Malformed."""


class Budget:
    """How much of a filter there may still be."""

    def __init__(self) -> None:
        self.left = NODES

    def spend(self) -> None:
        """One more node. Raises Malformed when there are too many."""
        self.left -= 1
        if self.left < 0:
            raise Malformed(MANY, n=NODES)


def deeper(depth: int) -> int:
    """One level further down. Raises Malformed below the last."""
    if depth >= DEPTH:
        raise Malformed(DEEP, n=DEPTH)
    return depth + 1


def not_too_many(count: int) -> None:
    if count > LISTED:
        raise Malformed(_LISTED, n=LISTED)


def moment(given: object) -> datetime:
    """A date-time of RFC 3339 with its offset, in UTC."""
    if isinstance(given, str) and 10 < len(given) <= 40:
        try:
            found = datetime.fromisoformat(given.upper())
            if found.tzinfo is not None:
                return found.astimezone(UTC)
        except (ValueError, OverflowError):
            pass
    raise _no_time(given)


def day(given: object) -> date:
    """A full-date of RFC 3339."""
    if isinstance(given, str) and len(given) == 10:
        try:
            return date.fromisoformat(given)
        except ValueError:
            pass
    raise _no_time(given)


def instant(given: object) -> date | datetime:
    """Either, as it is written within intervals."""
    return day(given) if isinstance(given, str) and len(given) == 10 else moment(given)


def _no_time(given: object) -> Malformed:
    return Malformed(_MOMENT, given=str(given)[:60])


def shape(geometry: shapely.Geometry | None, given: str, place: Place) -> Shape:
    """A geometry that was read, checked and carried to longitude and latitude."""
    if geometry is None or geometry.is_empty or shapely.count_coordinates(geometry) > POSITIONS:
        raise Malformed(_SHAPE, given=given[:60], n=POSITIONS)
    moved = place(geometry)
    if not shapely.is_valid(moved):
        raise Malformed(_SHAPE, given=given[:60], n=POSITIONS)
    return Shape(moved)


def box(numbers: list[float], place: Place) -> Shape:
    """A bounding box; west of which is greater than east reaches over the antimeridian."""
    if len(numbers) == 6:
        numbers = [*numbers[:2], *numbers[3:5]]
    if len(numbers) != 4 or not all(map(math.isfinite, numbers)) or numbers[1] > numbers[3]:
        raise Malformed(_BOX)
    west, south, east, north = numbers
    if west <= east:
        return shape(rectangle(west, south, east, north), "BBOX", place)
    halves = (rectangle(west, south, 180.0, north), rectangle(-180.0, south, east, north))
    return shape(shapely.union_all(halves), "BBOX", place)


def rectangle(west: float, south: float, east: float, north: float) -> shapely.Geometry:
    """A box as a geometry that is valid, also where it is a line or a point."""
    if west == east and south == north:
        return shapely.Point(west, south)
    if west == east or south == north:
        return shapely.LineString([(west, south), (east, north)])
    return shapely.box(west, south, east, north)
