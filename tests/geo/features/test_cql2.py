"""CQL2 as it is read: both forms alike, errors that say where, limits that hold."""

import contextlib
import json
from datetime import UTC, date, datetime

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from yong.kernel.base.errors import Malformed
from yong.kernel.geo.features.cql2 import from_json, from_text, tree
from yong.kernel.geo.features.cql2.tree import Call, Interval, Name, Node, Shape, Value

from .trees import Filter, filters


def place(geometry: shapely.Geometry) -> shapely.Geometry:
    return geometry


@given(filters)
def test_both_forms_are_one_tree(made: Filter) -> None:
    assert written(from_text(made.text, place)) == written(from_json(json.dumps(made.json), place))


def written(node: object) -> object:
    """A tree to compare: geometries by their text, numbers and n-ary conditions as they come."""
    match node:
        case Call(op, args):
            return (op, *map(written, args))
        case Shape(geometry):
            return shapely.to_wkt(geometry)
    return node


A, B = Name("a"), Name("b")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("a = 1 OR a = 2 AND b = 3", Call("or", (Call("=", (A, Value(1))), Call("and", (Call("=", (A, Value(2))), Call("=", (B, Value(3)))))))),
        ("not a is null", Call("not", (Call("isNull", (A,)),))),
        ("a is not null", Call("not", (Call("isNull", (A,)),))),
        ("a NOT IN ('x','y')", Call("not", (Call("in", (A, Value("x"), Value("y"))),))),
        ("a NOT BETWEEN -1 AND 2.5e1", Call("not", (Call("between", (A, Value(-1), Value(25.0))),))),
        ("a = 'it''s'", Call("=", (A, Value("it's")))),
        (r"a = 'it\'s'", Call("=", (A, Value("it's")))),
        ('"a" <> b', Call("<>", (A, B))),
        ('"Lärm-Pegel (dB)" > 3', Call(">", (Name("Lärm-Pegel (dB)"), Value(3)))),
        ("名称 = '海曙'", Call("=", (Name("名称"), Value("海曙")))),
        ("5 < a", Call("<", (Value(5), A))),
        ("a", A),
        ("TRUE", Value(True)),
        ("date = 1", Call("=", (Name("date"), Value(1)))),
        ("CASEI(a) LIKE casei('Ab%')", Call("like", (Call("casei", (A,)), Call("casei", (Value("Ab%"),))))),
        ("a >= TIMESTAMP('2026-01-01T08:00:00+08:00')", Call(">=", (A, Value(datetime(2026, 1, 1, tzinfo=UTC))))),
        ("T_AFTER(a, DATE('2026-01-31'))", Call("t_after", (A, Value(date(2026, 1, 31))))),
        ("T_DURING(INTERVAL(a, '..'), INTERVAL('2026-01-31', \"b\"))", Call("t_during", (Interval(A, None), Interval(Value(date(2026, 1, 31)), B)))),
    ],
)  # fmt: skip
def test_text_is_read_as_it_is_meant(text: str, meant: Node) -> None:
    assert from_text(text, place) == meant


@pytest.mark.parametrize(
    ("text", "wkt"),
    [
        ("S_WITHIN(g, POLYGON((0 0, 1 0, 1 1, 0 0)))", "POLYGON ((0 0, 1 0, 1 1, 0 0))"),
        ("S_WITHIN(g, point z (1 2 3))", "POINT Z (1 2 3)"),
        ("S_WITHIN(g, MULTIPOINT((1 2), (3 4)))", "MULTIPOINT ((1 2), (3 4))"),
        ("S_WITHIN(g, GEOMETRYCOLLECTION(POINT(1 2), LINESTRING(0 0, 1 1)))", "GEOMETRYCOLLECTION (POINT (1 2), LINESTRING (0 0, 1 1))"),
        ("S_WITHIN(g, BBOX(1, 2, 3, 4))", "POLYGON ((3 2, 3 4, 1 4, 1 2, 3 2))"),
        ("S_WITHIN(g, BBOX(1, 2, -5, 3, 4, 9))", "POLYGON ((3 2, 3 4, 1 4, 1 2, 3 2))"),
        ("S_WITHIN(g, BBOX(1, 2, 1, 2))", "POINT (1 2)"),
        ("S_WITHIN(g, BBOX(170, 0, -170, 1))", "MULTIPOLYGON (((-180 0, -180 1, -170 1, -170 0, -180 0)), ((170 0, 170 1, 180 1, 180 0, 170 0)))"),
    ],
)  # fmt: skip
def test_geometries(text: str, wkt: str) -> None:
    node = from_text(text, place)
    assert isinstance(node, Call)
    shape = node.args[1]
    assert isinstance(shape, Shape)
    wanted = shapely.from_wkt(wkt)
    assert shapely.equals(shape.geometry, wanted)
    assert shape.geometry.geom_type == wanted.geom_type


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "character 1"),
        ("a =", "character 4"),
        ("a = 1 AND", "character 10"),
        ("a = 1 b = 2", "character 7"),
        ("(a = 1", "“)”"),
        ("a = 'open", "character 5"),
        ("a LIKE", "character 7"),
        ("a IN ()", "character 7"),
        ("a BETWEEN 1 OR 2", "AND is expected"),
        ("1", "a comparison"),
        ("foo(a) = 1", "no function foo"),
        ("ACCENTI(a) = 'e'", "no function ACCENTI"),
        ("a + 1 = 2", "character"),
        ("S_WITHIN(g)", "“,”"),
        ("S_WITHIN(g, POLYGON((0 0, 1 1)))", "not valid"),
        ("S_WITHIN(g, POLYGON((0 0, 1 1, 1 0, 0 1, 0 0)))", "not valid"),
        ("S_WITHIN(g, POINT(1 2)", "“)”"),
        ("S_WITHIN(g, POINT(nan nan))", "not valid"),
        ("S_WITHIN(g, BBOX(1, 2, 3))", "4 or 6"),
        ("S_WITHIN(g, BBOX(1, 5, 3, 4))", "south not above north"),
        ("a > DATE('2026-02-30')", "is no time"),
        ("a > TIMESTAMP('2026-01-01T00:00:00')", "is no time"),
        ("T_AFTER(a, INTERVAL('x', '..'))", "is no time"),
        ("a = 1 AND " * 600 + "a = 1", "more than 1000"),
        ("NOT " * 30 + "a = 1", "over 24 deep"),
        ("(" * 30 + "a = 1" + ")" * 30, "over 24 deep"),
        ("a IN (" + ",".join(["1"] * 600) + ")", "more than"),
        ("a = '" + "x" * 20_000 + "'", "over 16000"),
        ("S_WITHIN(g, LINESTRING(" + ",".join(["1 1"] * 2500) + "))", "at most 2000"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_said(text: str, told: str) -> None:
    with pytest.raises(Malformed) as caught:
        from_text(text, place)
    assert told in caught.value.detail.en
    assert caught.value.detail.zh != caught.value.detail.en


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ("{", "no JSON"),
        ("[" * 5000, "no JSON"),
        ("1", "/filter"),
        ('{"op":"foo","args":[1]}', "no operation foo"),
        ('{"op":"and","args":[{"op":"=","args":[1,1]}]}', "two conditions"),
        ('{"op":"and","args":[1,{"op":"=","args":[1,1]}]}', "/filter/args/0"),
        ('{"op":"=","args":[1]}', "/filter/args"),
        ('{"op":"in","args":[{"property":"a"},[]]}', "/filter/args/1"),
        ('{"op":"s_within","args":[{"property":"g"},{"type":"Point","coordinates":["x"]}]}', "not valid"),
        ('{"op":"s_within","args":[{"property":"g"},{"bbox":[1,"x"]}]}', "numbers"),
        ('{"op":"=","args":[{"property":"a"},{"timestamp":"soon"}]}', "is no time"),
        ('{"op":"not","args":[' * 30 + '{"op":"=","args":[1,1]}' + "]}" * 30, "over 24 deep"),
    ],
)
def test_what_cannot_be_read_of_json_is_said(document: str, told: str) -> None:
    with pytest.raises(Malformed) as caught:
        from_json(document, place)
    assert told in caught.value.detail.en


@given(st.text(max_size=60))
def test_rubbish_is_malformed_and_nothing_else(text: str) -> None:
    for read in (from_text, from_json):
        with contextlib.suppress(Malformed):
            assert written(read(text, place)) is not None


_TOKENS = ("a", "=", "<>", "(", ")", "'x'", "1", "AND", "OR", "NOT", "LIKE", "IN", "IS", "NULL", "BETWEEN", ",",
           "S_WITHIN(", "BBOX(", "POINT(", "INTERVAL(", "DATE(", "CASEI(", '"b"', "..", "TRUE", "-", "1e400")  # fmt: skip


@given(st.lists(st.sampled_from(_TOKENS), max_size=14))
def test_tokens_in_any_order_are_read_or_malformed(tokens: list[str]) -> None:
    with contextlib.suppress(Malformed):
        assert written(from_text(" ".join(tokens), place)) is not None


def test_numbers_beyond_64_bits_are_floats() -> None:
    assert from_text(f"a = {2**63}", place) == Call("=", (A, Value(float(2**63))))
    assert from_json(json.dumps({"op": "=", "args": [{"property": "a"}, 2**63]}), place) == Call("=", (A, Value(float(2**63))))  # fmt: skip
    assert tree.NODES == 1000
