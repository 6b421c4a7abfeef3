"""Filters made up: as CQL2 text, as CQL2 JSON, and what they say of a feature, evaluated one by one."""

import json
import re
from typing import Any, NamedTuple

import shapely
from hypothesis import strategies as st

Row = dict[str, Any]


class Filter(NamedTuple):
    """The same condition in both forms, and as a tree of plain tuples for the naive evaluation."""

    text: str
    json: Any
    plain: tuple[Any, ...]


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return str(value).upper() if isinstance(value, bool) else repr(value)


def _compare(name: str, op: str, value: Any) -> Filter:
    return Filter(
        f"{name} {op} {_scalar(value)}",
        {"op": op, "args": [{"property": name}, value]},
        ("cmp", op, name, value),
    )


def _box(corner: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    x, y, w, h = corner
    return x, y, x + w, y + h


_op = st.sampled_from(["=", "<>", "<", ">", "<=", ">="])
_word = st.text("ab%_'\\", max_size=4)
_boxes = st.tuples(st.integers(-1, 8), st.integers(-1, 8), st.integers(1, 5), st.integers(1, 5)).map(_box)
RELATIONS = ("intersects", "equals", "disjoint", "touches", "within", "overlaps", "crosses", "contains")


def _spatial(relation: str, box: tuple[int, int, int, int], turned: bool) -> Filter:
    west, south, east, north = box
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    wkt = "POLYGON((" + ", ".join(f"{x} {y}" for x, y in ring) + "))"
    args: list[Any] = [{"property": "geometry"}, {"type": "Polygon", "coordinates": [ring]}]
    names = ["geometry", wkt]
    if turned:
        args.reverse()
        names.reverse()
    return Filter(
        f"S_{relation.upper()}({', '.join(names)})",
        {"op": f"s_{relation}", "args": args},
        ("shape", relation, box, turned),
    )


def _between(low: int, high: int) -> Filter:
    args = [{"property": "n"}, low, high]
    return Filter(f"n BETWEEN {low} AND {high}", {"op": "between", "args": args}, ("between", low, high))


def _like(pattern: str, fold: bool) -> Filter:
    given = _scalar(pattern)
    if fold:
        args: list[Any] = [{"op": "casei", "args": [{"property": "s"}]}, {"op": "casei", "args": [pattern]}]
        return Filter(f"CASEI(s) LIKE CASEI({given})", {"op": "like", "args": args}, ("like", pattern, True))
    return Filter(
        f"s LIKE {given}", {"op": "like", "args": [{"property": "s"}, pattern]}, ("like", pattern, False)
    )


def _in(values: list[int]) -> Filter:
    given = ", ".join(map(repr, values))
    return Filter(f"n IN ({given})", {"op": "in", "args": [{"property": "n"}, values]}, ("in", values))


def _null(name: str) -> Filter:
    return Filter(f"{name} IS NULL", {"op": "isNull", "args": [{"property": name}]}, ("null", name))


leaves = st.one_of(
    st.builds(_compare, st.just("n"), _op, st.integers(-2, 6)),
    st.builds(_compare, st.just("n"), _op, st.floats(-2, 6, allow_nan=False).map(lambda f: round(f, 2))),
    st.builds(_compare, st.just("s"), _op, st.text("abA'", max_size=3)),
    st.builds(_compare, st.just("b"), st.sampled_from(["=", "<>"]), st.booleans()),
    st.builds(_between, st.integers(-2, 3), st.integers(0, 6)),
    st.builds(_like, _word.filter(lambda w: not _dangling(w)), st.booleans()),
    st.builds(_in, st.lists(st.integers(-1, 5), min_size=1, max_size=4)),
    st.builds(_null, st.sampled_from(["n", "s", "b", "geometry"])),
    st.builds(_spatial, st.sampled_from(RELATIONS), _boxes, st.booleans()),
)


def _dangling(pattern: str) -> bool:
    """Whether a text reads otherwise in CQL2 text than in JSON: a backslash before a quote escapes it there."""
    return "\\" in pattern


def _not(inner: Filter) -> Filter:
    return Filter(f"NOT ({inner.text})", {"op": "not", "args": [inner.json]}, ("not", inner.plain))


def _several(word: str, parts: list[Filter]) -> Filter:
    text = f" {word.upper()} ".join(f"({p.text})" for p in parts)
    return Filter(text, {"op": word, "args": [p.json for p in parts]}, (word, [p.plain for p in parts]))


filters = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(_not, inner),
        st.builds(_several, st.sampled_from(["and", "or"]), st.lists(inner, min_size=2, max_size=3)),
    ),
    max_leaves=6,
)

_DECIDES = {name: getattr(shapely, name) for name in RELATIONS}


def holds(plain: tuple[Any, ...], row: Row) -> bool | None:
    """What a condition says of a feature, None where it is unknown: the three values of SQL, written down naively."""
    match plain:
        case ("not", inner):
            found = holds(inner, row)
            return None if found is None else not found
        case ("and", parts):
            states = [holds(p, row) for p in parts]
            return False if False in states else None if None in states else True
        case ("or", parts):
            states = [holds(p, row) for p in parts]
            return True if True in states else None if None in states else False
        case ("null", name):
            return row[name] is None
        case ("cmp", op, name, value):
            return None if row[name] is None else _compared(op, row[name], value)
        case ("between", low, high):
            return None if row["n"] is None else low <= row["n"] <= high
        case ("in", values):
            return None if row["n"] is None else row["n"] in values
        case ("like", pattern, fold):
            return None if row["s"] is None else _matches(row["s"], pattern, fold)
        case ("shape", relation, box, turned):
            if row["geometry"] is None:
                return None
            pair = [shapely.from_geojson(json.dumps(row["geometry"])), shapely.box(*box)]
            return bool(_DECIDES[relation](*(reversed(pair) if turned else pair)))
    raise TypeError(plain)


def _compared(op: str, a: Any, b: Any) -> bool:
    return {"=": a == b, "<>": a != b, "<": a < b, ">": a > b, "<=": a <= b, ">=": a >= b}[op]


def _matches(text: str, pattern: str, fold: bool) -> bool:
    parts = (".*" if c == "%" else "." if c == "_" else re.escape(c) for c in pattern)
    return re.fullmatch("".join(parts), text, re.DOTALL | (re.IGNORECASE if fold else 0)) is not None
