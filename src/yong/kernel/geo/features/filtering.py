"""A filter as SQL, and what is left for Shapely to decide.

PostgreSQL narrows by boxes, which an index serves, and evaluates every part of the tree that has nothing spatial in
it; where the tree has spatial parts, Shapely decides about those and the tree is put together here, in the three
values of SQL: what is unknown (a null on the way) is not selected, and neither is its negation.
Spatial relations are those of the simple features of OGC in the plane of longitude and latitude.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import msgspec
import numpy as np
import shapely
from numpy.typing import NDArray

from yong.kernel.base.errors import Malformed, Problem
from yong.kernel.base.text import Text
from yong.kernel.geo.features.contracts import Column, Kind
from yong.kernel.geo.features.cql2 import tree
from yong.kernel.geo.features.cql2.tree import Call, Interval, Name, Node, Shape, Value
from yong.kernel.store.arguments import Arguments

States = NDArray[np.int8]  # 0 false, 1 unknown, 2 true
FALSE, UNKNOWN, TRUE = 0, 1, 2

_NO_PROPERTY = Text(
    "没有属性 {name}；queryables 列出可用的", "There is no property {name}; queryables lists them"
)
_MASKED = Text(
    "属性 {name} 对您是脱敏的，不能用于筛选或排序",
    "The property {name} is masked for you: nothing can be asked by it",
)
_COMPARED = Text("{what} 不能这样比较", "{what} cannot be compared in this way")
_SPATIAL = Text("空间函数比较属性 {name} 与一个几何", "A spatial function compares {name} with a geometry")
_TEMPORAL = Text(
    "时间函数比较时间、区间或时间属性",
    "A temporal function compares times, intervals or properties that are times",
)
_CONDITION = Text("此处应为条件", "A condition is expected here")

# Of the property's geometry towards the literal one; prepared is the literal.
_DECIDES: Mapping[str, Callable[..., NDArray[np.bool_]]] = {
    "s_intersects": shapely.intersects, "s_equals": shapely.equals, "s_disjoint": shapely.disjoint,
    "s_touches": shapely.touches, "s_within": shapely.contains, "s_overlaps": shapely.overlaps,
    "s_crosses": shapely.crosses, "s_contains": shapely.within,
}  # fmt: skip
_TURNED = {"s_within": "s_contains", "s_contains": "s_within"}
_RELATIONS = {
    "t_after": "{a} > {d}", "t_before": "{b} < {c}",
    "t_contains": "({a} < {c} AND {b} > {d})", "t_during": "({a} > {c} AND {b} < {d})",
    "t_disjoint": "({b} < {c} OR {a} > {d})", "t_intersects": "({a} <= {d} AND {b} >= {c})",
    "t_equals": "({a} = {c} AND {b} = {d})",
    "t_finishedby": "({a} < {c} AND {b} = {d})", "t_finishes": "({a} > {c} AND {b} = {d})",
    "t_meets": "{b} = {c}", "t_metby": "{a} = {d}",
    "t_overlappedby": "({a} > {c} AND {a} < {d} AND {b} > {d})",
    "t_overlaps": "({a} < {c} AND {b} > {c} AND {b} < {d})",
    "t_startedby": "({a} = {c} AND {b} > {d})", "t_starts": "({a} = {c} AND {b} < {d})",
}  # fmt: skip
"""Of an interval from a to b towards one from c to d (OGC 21-065r2, table 7 and figure 2)."""
_TIMES = {
    "=": "({a} <= {d} AND {b} >= {c})", "<>": "({b} < {c} OR {a} > {d})", "<": "{b} < {c}", ">": "{a} > {d}",
    "<=": "{a} <= {d}", ">=": "{b} >= {c}",
}  # fmt: skip
"""Of a time towards a time; a day beside a moment is all of that day, in UTC."""


class Condition(msgspec.Struct, frozen=True, kw_only=True):
    """`where` leaves nothing out that holds. Unless it decides alone, `rest` puts `flags` and places together."""

    where: str = "TRUE"
    flags: tuple[str, ...] = ()
    rest: "Callable[[Sequence[States], Shapes], States] | None" = None


class Shapes:
    """Geometries of candidates; where there is none, None."""

    def __init__(self, geometries: Sequence[str | None]) -> None:
        self.all = shapely.from_geojson(np.array(geometries, dtype=object), on_invalid="ignore")
        self.missing = ~shapely.is_geometry(self.all) | shapely.is_empty(self.all)

    def decide(self, relation: Callable[..., NDArray[np.bool_]], literal: shapely.Geometry) -> States:
        """Which of them are in a relation to a geometry."""
        try:
            holds = relation(literal, self.all)
        except shapely.errors.GEOSException:  # a polygon that is none, stored before anybody checked
            holds = relation(literal, shapely.make_valid(self.all))
        states = np.where(holds, TRUE, FALSE).astype(np.int8)
        states[self.missing] = UNKNOWN
        return states


class _Operand(msgspec.Struct, frozen=True):
    """A value in SQL, and as what it is compared."""

    sql: str
    kind: Kind
    column: bool = False


class Compiler:
    """Trees over the columns of a collection. `columns` has those that the trees name; `near` is the source's."""

    def __init__(self, columns: Mapping[str, Column], geometry: str, near: str, arguments: Arguments) -> None:
        self.columns, self.geometry, self.near, self.arguments = columns, geometry, near, arguments
        self.flags: list[str] = []

    def condition(self, node: Node) -> Condition:
        """A tree as a Condition. Raises Malformed for what cannot be compared."""
        if not _spatial(node):
            return Condition(where=self._plain(node))
        where = self._narrow(node, True)
        rest = self._rest(node)
        return Condition(where=where, flags=tuple(self.flags), rest=rest)

    # What Shapely is needed for

    def _narrow(self, node: Node, positive: bool) -> str:
        """SQL that holds at least where the node does; where not `positive`, at most."""
        if not _spatial(node):
            return self._plain(node)
        assert isinstance(node, Call)
        if node.op == "not":
            return f"(NOT {self._narrow(node.args[0], not positive)})"
        if node.op in ("and", "or"):
            return "(" + f" {node.op.upper()} ".join(self._narrow(a, positive) for a in node.args) + ")"
        op, literal = self._relation(node)
        if op == "s_disjoint":
            return "TRUE" if positive else f"(NOT {self._overlap(literal)})"
        return self._overlap(literal) if positive else "FALSE"

    def _overlap(self, literal: shapely.Geometry) -> str:
        """Whether the box around a feature overlaps that around a geometry; each of two halves apart."""
        parts = [literal]
        if isinstance(literal, shapely.MultiPolygon) and len(literal.geoms) == 2:
            parts = list(literal.geoms)
        boxes = []
        for part in parts:
            west, south, east, north = part.bounds
            boxes.append(self.near.format(self.arguments.add(((east, north), (west, south)), "box")))
        return boxes[0] if len(boxes) == 1 else f"({' OR '.join(boxes)})"

    def _relation(self, node: Call) -> tuple[str, shapely.Geometry]:
        match node.args:
            case (Name(name), Shape(literal)) if name == self.geometry:
                return node.op, literal
            case (Shape(literal), Name(name)) if name == self.geometry:
                return _TURNED.get(node.op, node.op), literal
            case (Name(name), _) | (_, Name(name)) if name != self.geometry:
                self._column(name)
        raise Malformed(_SPATIAL, name=self.geometry)

    def _rest(self, node: Node) -> Callable[[Sequence[States], Shapes], States]:
        if not _spatial(node):
            number = len(self.flags)
            self.flags.append(self._plain(node))
            return lambda flags, shapes: flags[number]
        assert isinstance(node, Call)
        if node.op in ("and", "or", "not"):
            parts = [self._rest(a) for a in node.args]
            if node.op == "not":
                return lambda flags, shapes: (2 - parts[0](flags, shapes)).astype(np.int8)
            both = np.minimum if node.op == "and" else np.maximum
            return lambda flags, shapes: both.reduce([part(flags, shapes) for part in parts])
        op, literal = self._relation(node)
        shapely.prepare(literal)
        return lambda flags, shapes: shapes.decide(_DECIDES[op], literal)

    # What SQL decides alone

    def _plain(self, node: Node) -> str:
        match node:
            case Value(bool(value)):
                return "TRUE" if value else "FALSE"
            case Name(name):
                found = self._column(name)
                if found.kind is Kind.BOOLEAN:
                    return f"({found.sql})"
                if found.kind is Kind.ANY:
                    return f"({_as(found.sql, 'boolean')})"
            case Call("not", (inner,)):
                return f"(NOT {self._plain(inner)})"
            case Call("and" | "or" as op, parts):
                return "(" + f" {op.upper()} ".join(map(self._plain, parts)) + ")"
            case Call("isNull", (inner,)):
                return self._null(inner)
            case Call(op, (left, right)) if op in tree.COMPARISONS:
                return self._compare(op, left, right)
            case Call("like", (subject, pattern)):
                text, like = self._text(subject), self._pattern(pattern)
                return f"{text} LIKE {like}"
            case Call("between", (subject, low, high)):
                lower, upper = self._compare(">=", subject, low), self._compare("<=", subject, high)
                return f"({lower} AND {upper})"
            case Call("in", (subject, *values)):
                return "(" + " OR ".join(self._compare("=", subject, v) for v in values) + ")"
            case Call(op, (left, right)) if op in tree.TEMPORAL:
                return self._temporal(op, left, right)
        raise Malformed(_CONDITION)

    def _null(self, node: Node) -> str:
        match node:
            case Name(name) if name == self.geometry:
                return f"({self.columns[name].sql}) IS NULL"
            case Name(name):
                column = self._column(name)
                if column.kind is Kind.ANY:
                    return f"(({column.sql}) IS NULL OR ({column.sql}) = 'null')"
                return f"({column.sql}) IS NULL"
            case Value():
                return "FALSE"
            case Call("casei", _):
                return f"({self._text(node)}) IS NULL"
        return f"({self._plain(node)}) IS NULL"

    def _column(self, name: str) -> Column:
        found = self.columns.get(name)
        if found is None:
            raise Malformed(
                _NO_PROPERTY,
                problems=(Problem(f"/{name[:64]}", _NO_PROPERTY.filled(name=name[:64])),),
                name=name[:64],
            )
        if found.masked:
            raise Malformed(_MASKED, name=name[:64])
        return found

    def _compare(self, op: str, left: Node, right: Node) -> str:
        a, b = self._operand(left), self._operand(right)
        if a.kind is Kind.ANY and b.kind is Kind.ANY:
            if op not in ("=", "<>"):
                raise _unfit(left)
            return f"{a.sql} {op} {b.sql}"
        a, b = _drawn(a, b), _drawn(b, a)
        if {a.kind, b.kind} <= {Kind.DATE, Kind.MOMENT}:
            if a.kind is b.kind:
                return f"{a.sql} {op} {b.sql}"
            (one, two), (three, four) = _ends(a), _ends(b)
            return _TIMES[op].format(a=one, b=two, c=three, d=four)
        if a.kind.number and b.kind.number:
            return f"{a.sql} {op} {b.sql}"
        if a.kind is not b.kind or a.kind in (Kind.ANY, Kind.DOCUMENT, Kind.GEOMETRY):
            raise _unfit(left if a.column else right)
        if a.kind is Kind.BOOLEAN and op not in ("=", "<>"):
            raise _unfit(left)
        return f"{a.sql} {op} {b.sql}"

    def _operand(self, node: Node) -> _Operand:
        match node:
            case Name(name):
                column = self._column(name)
                return _Operand(f"({column.sql})", column.kind, True)
            case Value(value):
                return self._value(value)
            case Call("casei", _):
                return _Operand(self._text(node), Kind.TEXT)
        raise _unfit(node)

    def _value(self, value: tree.Scalar) -> _Operand:
        match value:
            case bool():
                return _Operand(self.arguments.add(value, "boolean"), Kind.BOOLEAN)
            case int():
                return _Operand(self.arguments.add(value, "bigint"), Kind.INTEGER)
            case float():
                return _Operand(self.arguments.add(value, "float8"), Kind.NUMBER)
            case datetime():
                return _Operand(self.arguments.add(value, "timestamptz"), Kind.MOMENT)
            case date():
                return _Operand(self.arguments.add(value, "date"), Kind.DATE)
        return _Operand(self.arguments.add(value, "text"), Kind.TEXT)

    def _text(self, node: Node) -> str:
        match node:
            case Call("casei", (inner,)):
                return f"lower({self._text(inner)})"
            case Value(str(value)):
                return self.arguments.add(value, "text")
            case Name(name):
                column = self._column(name)
                if column.kind is Kind.TEXT:
                    return f"({column.sql})"
                if column.kind is Kind.ANY:
                    return _as(f"({column.sql})", "text")
        raise _unfit(node)

    def _pattern(self, node: Node) -> str:
        """What LIKE compares with: a text, or one without case. A backslash at its end escapes nothing."""
        match node:
            case Call("casei", (inner,)):
                return f"lower({self._pattern(inner)})"
            case Value(str(value)):
                odd = (len(value) - len(value.rstrip("\\"))) % 2
                return self.arguments.add(value + "\\" * odd, "text")
        raise _unfit(node)

    def _temporal(self, op: str, left: Node, right: Node) -> str:
        """A relation of two times: of days as days, as soon as there is a moment among them as moments."""
        bounds = [*_bounds(left), *_bounds(right)]
        days = {self._timely(b) for b in bounds if b is not None} <= {Kind.DATE}
        relation = _RELATIONS[op]
        # A bound that the relation does not look at must not become a parameter that the statement does not name.
        found = {
            name: self._bound(bound, last=n % 2 == 1, day=days)
            for n, (name, bound) in enumerate(zip("abcd", bounds, strict=True))
            if f"{{{name}}}" in relation
        }
        return relation.format(**found)

    def _timely(self, bound: Name | Value) -> Kind:
        """Whether a bound is a day or a moment. Raises Malformed for what is neither."""
        if isinstance(bound, Name):
            kind = self._column(bound.name).kind
        else:
            kind = Kind.MOMENT if isinstance(bound.value, datetime) else Kind.DATE
        if kind not in (Kind.DATE, Kind.MOMENT) or (
            isinstance(bound, Value) and not isinstance(bound.value, date)
        ):
            raise Malformed(_TEMPORAL)
        return kind

    def _bound(self, bound: Name | Value | None, *, last: bool, day: bool) -> str:
        """A bound in SQL, as a day or as the first or last moment of it."""
        if bound is None:
            return f"'{'' if last else '-'}infinity'::{'date' if day else 'timestamptz'}"
        operand = self._operand(bound)
        return operand.sql if day else _ends(operand)[last]


def _bounds(node: Node) -> tuple[Name | Value | None, Name | Value | None]:
    """The first and the last of a time, None without bound."""
    match node:
        case Interval(start, end):
            return start, end
        case Name() | Value():
            return node, node
    raise Malformed(_TEMPORAL)


def names_of(node: Node | None) -> set[str]:
    """The properties that a tree names."""
    match node:
        case Name(name):
            return {name}
        case Interval(start, end):
            return names_of(start) | names_of(end)
        case Call(_, args):
            return set[str]().union(*map(names_of, args))
    return set()


def _spatial(node: Node) -> bool:
    return isinstance(node, Call) and (node.op in tree.SPATIAL or any(map(_spatial, node.args)))


def _drawn(one: _Operand, other: _Operand) -> _Operand:
    """A value of any type as the type of what it is compared with: null where it is of another."""
    if one.kind is not Kind.ANY:
        return one
    if other.kind.number:
        return _Operand(_as(one.sql, "number"), Kind.NUMBER, one.column)
    if other.kind is Kind.TEXT:
        return _Operand(_as(one.sql, "text"), Kind.TEXT, one.column)
    if other.kind is Kind.BOOLEAN:
        return _Operand(_as(one.sql, "boolean"), Kind.BOOLEAN, one.column)
    return one


_JSON_TYPES = {"number": ("number", "numeric"), "text": ("string", "text"), "boolean": ("boolean", "boolean")}


def _as(sql: str, kind: str) -> str:
    """A JSON value as SQL has it, null where it is of another type."""
    json, type_ = _JSON_TYPES[kind]
    return f"(CASE WHEN jsonb_typeof({sql}) = '{json}' THEN ({sql} #>> '{{}}')::{type_} END)"


def _ends(operand: _Operand) -> tuple[str, str]:
    """The first and last microsecond of a moment or a day in UTC."""
    if operand.kind is Kind.MOMENT:
        return operand.sql, operand.sql
    start = f"(({operand.sql})::timestamp AT TIME ZONE 'UTC')"
    return start, f"({start} + interval '1 day' - interval '1 microsecond')"


def _unfit(node: Any) -> Malformed:
    what = node.name if isinstance(node, Name) else node.value if isinstance(node, Value) else "…"
    return Malformed(_COMPARED, what=str(what)[:64])
