"""Tiles as the decoder reads them that the Mapbox specification's own tools are tested with."""

import json
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import example, given
from hypothesis import strategies as st

from yong.kernel.geo.tiles import mvt, shapes
from yong.kernel.geo.tiles.matrix import BUFFER, DEEPEST, EXTENT, Tile, definition

oracle = pytest.importorskip("mapbox_vector_tile", reason="requirements/strangers.lock is not installed")

values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1),
    st.floats(allow_nan=False),
    st.text(max_size=300),
)
properties = st.dictionaries(st.text(min_size=1, max_size=20), values, max_size=6)
positions = st.tuples(st.integers(-64, 4160), st.integers(-64, 4160))


def layer_of(body: bytes, name: str = "n") -> Any:
    """The layer as the decoder has it, in the tile's own units."""
    return oracle.decode(body, default_options={"y_coord_down": True})[name]


@given(st.lists(st.tuples(positions, properties), min_size=1, max_size=40))
def test_points_and_their_properties_come_back(made: list[tuple[tuple[int, int], dict[str, Any]]]) -> None:
    dictionary = mvt.Dictionary()
    tags = mvt.ragged([dictionary.tags(p) for _, p in made])
    units = np.array([place for place, _ in made], dtype=np.int64)
    kinds = np.full(len(made), mvt.POINT, dtype=np.uint8)
    found = layer_of(mvt.layer("n", EXTENT, dictionary, kinds, tags, mvt.points(units)))
    assert found["version"] == 2
    assert found["extent"] == EXTENT
    assert [tuple(f["geometry"]["coordinates"]) for f in found["features"]] == [p for p, _ in made]
    for feature, (_, wanted) in zip(found["features"], made, strict=True):
        told = {k: (type(v), v) for k, v in feature["properties"].items()}
        assert told == {k: (type(v), v) for k, v in wanted.items() if v is not None}


def test_arrays_and_objects_are_json_and_one_is_not_true() -> None:
    dictionary = mvt.Dictionary()
    tags = mvt.ragged(
        [dictionary.tags({"a": [1, {"b": None}], "c": True}), dictionary.tags({"c": 1, "a": 1.0})]
    )
    kinds = np.full(2, mvt.POINT, dtype=np.uint8)
    body = mvt.layer("n", EXTENT, dictionary, kinds, tags, mvt.points(np.zeros((2, 2), dtype=np.int64)))
    first, second = (f["properties"] for f in layer_of(body)["features"])
    assert json.loads(first["a"]) == [1, {"b": None}]
    assert first["c"] is True
    assert (second["c"], type(second["c"]), type(second["a"])) == (1, int, float)


@given(st.lists(st.integers(0, 2**35 - 1), max_size=50))
def test_varints_are_those_of_protobuf(numbers: list[int]) -> None:
    naive = b"".join(mvt._varint(n) for n in numbers)
    assert mvt.varints(np.array(numbers, dtype=np.uint64)) == naive


def test_nothing_is_no_bytes() -> None:
    none = mvt.ragged([])
    assert mvt.layer("n", EXTENT, mvt.Dictionary(), np.zeros(0, dtype=np.uint8), none, none) == b""


# Lines and areas

HERE = Tile(12, 1698, 3431)  # in Ningbo
WEST, SOUTH, EAST, NORTH = HERE.box()


def place(u: float, v: float) -> list[float]:
    """A position by its share of the tile's width and height."""
    return [WEST + u * (EAST - WEST), SOUTH + v * (NORTH - SOUTH)]


def encoded(*geometries: dict[str, Any]) -> list[Any]:
    """Geometries drawn, encoded and decoded, as (number, geometry in units)."""
    drawn = shapes.drawn([json.dumps(g) for g in geometries], HERE)
    if not drawn:
        return []
    dictionary = mvt.Dictionary()
    tags = mvt.ragged([dictionary.tags({"n": n}) for n, _, _ in drawn])
    kinds = np.array([kind for _, kind, _ in drawn], dtype=np.uint8)
    body = mvt.layer("n", EXTENT, dictionary, kinds, tags, mvt.ragged([c for _, _, c in drawn]))
    return [
        (f["properties"]["n"], shapely.from_geojson(json.dumps(f["geometry"])))
        for f in layer_of(body)["features"]
    ]


def ring(*corners: tuple[float, float]) -> list[list[float]]:
    found = [place(*c) for c in corners]
    return [*found, found[0]]


def test_a_square_with_a_hole_is_where_it_is_and_wound_as_it_must() -> None:
    outer, hole = (
        [(0.25, 0.25), (0.25, 0.75), (0.75, 0.75), (0.75, 0.25)],
        [(0.4, 0.4), (0.6, 0.4), (0.6, 0.6), (0.4, 0.6)],
    )
    given_ = {"type": "Polygon", "coordinates": [ring(*outer), ring(*hole)]}
    [(_, shape)] = encoded(given_)
    assert shape.is_valid
    assert [round(b / EXTENT, 2) for b in shape.bounds] == [0.25, 0.25, 0.75, 0.75]
    assert abs(shape.area / EXTENT**2 - (0.25 - 0.04)) < 0.002
    [(_, kind, commands)] = shapes.drawn([json.dumps(given_)], HERE)
    assert kind == mvt.POLYGON
    areas = [_area(r) for r in _rings(commands)]
    assert [a > 0 for a in areas] == [True, False]


def _rings(commands: list[int]) -> list[list[tuple[int, int]]]:
    """Rings of a polygon's commands, decoded by hand."""
    found: list[list[tuple[int, int]]] = []
    at, x, y = 0, 0, 0
    while at < len(commands):
        command, count = commands[at] & 7, commands[at] >> 3
        at += 1
        if command == 1:
            found.append([])
        if command == 7:
            continue
        for _ in range(count):
            x, y = x + _signed(commands[at]), y + _signed(commands[at + 1])
            at += 2
            found[-1].append((x, y))
    return found


def _signed(n: int) -> int:
    return (n >> 1) ^ -(n & 1)


def _area(corners: list[tuple[int, int]]) -> float:
    """The surveyor's formula of the specification."""
    pairs = zip(corners, corners[1:] + corners[:1], strict=True)
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairs) / 2


def test_what_reaches_out_is_clipped_at_the_buffer() -> None:
    line = {"type": "LineString", "coordinates": [place(-3, 0.5), place(3, 0.5)]}
    area = {"type": "Polygon", "coordinates": [ring((-1, -1), (2, -1), (2, 2), (-1, 2))]}
    (_, one), (_, other) = encoded(line, area)
    assert one.bounds[0] == other.bounds[0] == -BUFFER
    assert one.bounds[2] == other.bounds[2] == EXTENT + BUFFER
    assert other.bounds[1] == -BUFFER
    assert encoded({"type": "LineString", "coordinates": [place(2, 2), place(3, 3)]}) == []


def test_what_is_smaller_than_the_grid_is_left_out() -> None:
    tiny = {"type": "Polygon", "coordinates": [ring((0.5, 0.5), (0.50001, 0.5), (0.50001, 0.50001))]}
    speck = {"type": "LineString", "coordinates": [place(0.5, 0.5), place(0.50001, 0.5)]}
    assert encoded(tiny, speck) == []


def test_many_points_of_a_line_become_few() -> None:
    bends = [place(0.1 + n * 0.0008, 0.5 + (n % 2) * 1e-5) for n in range(1000)]
    [(_, line)] = encoded({"type": "LineString", "coordinates": bends})
    assert shapely.count_coordinates(line) < 20


def test_collections_and_several_parts() -> None:
    parts = [
        {"type": "MultiPoint", "coordinates": [place(0.1, 0.1), place(0.9, 0.9), place(5, 5)]},
        {"type": "MultiLineString", "coordinates": [[place(0, 0), place(1, 1)], [place(0, 1), place(1, 0)]]},
        {"type": "MultiPolygon", "coordinates": [[ring((0.1, 0.1), (0.2, 0.1), (0.2, 0.2))], [ring((0.5, 0.5), (0.6, 0.5), (0.6, 0.6))]]},
    ]  # fmt: skip
    found = encoded(
        *parts, {"type": "GeometryCollection", "geometries": [parts[0], parts[2]]}, {"type": "Nonsense"}
    )
    kinds = [(n, shape.geom_type) for n, shape in found]
    assert kinds == [
        (0, "MultiPoint"),
        (1, "MultiLineString"),
        (2, "MultiPolygon"),
        (3, "MultiPoint"),
        (3, "MultiPolygon"),
    ]
    assert len(found[0][1].geoms) == 2


share = st.tuples(st.floats(-0.5, 1.5), st.floats(-0.5, 1.5))


@given(st.lists(share, min_size=3, max_size=8))
@example([(0.0, 0.0), (0.0, 1.0), (0.0, 0.5), (1.0, 0.0), (-0.5, 0.0), (6.103515625e-05, 1.0)])
def test_any_polygon_becomes_valid_ones_within_the_buffer(corners: list[tuple[float, float]]) -> None:
    """Also one that crosses itself; its area is that of what GEOS makes of it, within what the grid loses."""
    given_ = {"type": "Polygon", "coordinates": [ring(*corners)]}
    wanted = shapely.make_valid(shapely.Polygon([HERE.units(np.array([place(*c)]))[0] for c in corners]))
    clipped = shapely.intersection(wanted, shapely.box(-BUFFER, -BUFFER, EXTENT + BUFFER, EXTENT + BUFFER))
    found = encoded(given_)
    area = sum(shape.area for _, shape in found)
    assert abs(area - clipped.area) <= 2 * clipped.length + 20
    for _, shape in found:
        assert shape.is_valid
        assert min(shape.bounds) >= -BUFFER
        assert max(shape.bounds) <= EXTENT + BUFFER
    for _, _, commands in shapes.drawn([json.dumps(given_)], HERE):
        first = _rings(commands)[0]
        assert _area(first) > 0


# Where tiles lie


@given(st.integers(0, DEEPEST), st.floats(-180, 179.999), st.floats(-85, 85))
def test_every_position_lies_in_the_tile_that_the_known_formula_names(z: int, lon: float, lat: float) -> None:
    """The formula of OpenStreetMap's wiki page on slippy map tile names."""
    side = 1 << z
    col = int((lon + 180) / 360 * side)
    row = int((1 - np.arcsinh(np.tan(np.radians(lat))) / np.pi) / 2 * side)
    tile = Tile(z, row, col)
    assert tile.there
    x, y = tile.units(np.array([[lon, lat]]))[0]
    assert -0.01 <= x <= EXTENT + 0.01
    assert -0.01 <= y <= EXTENT + 0.01
    west, south, east, north = tile.box()
    assert west - 1e-9 <= lon <= east + 1e-9
    assert south - 1e-9 <= lat <= north + 1e-9


def test_tiles_that_are_not_there() -> None:
    for tile in (Tile(23, 0, 0), Tile(-1, 0, 0), Tile(1, 2, 0), Tile(1, 0, 2), Tile(0, -1, 0)):
        assert not tile.there


def test_the_matrix_set_has_the_published_numbers() -> None:
    """OGC 17-083r4, annex D.1 (WebMercatorQuad), levels 0 and 18."""
    levels = {m["id"]: m for m in definition()["tileMatrices"]}
    assert levels["0"]["scaleDenominator"] == pytest.approx(559082264.028717, rel=1e-12)
    assert levels["0"]["cellSize"] == pytest.approx(156543.033928041, rel=1e-12)
    assert levels["18"]["scaleDenominator"] == pytest.approx(2132.72958385, rel=1e-9)
    assert levels["18"]["matrixWidth"] == 262144
    assert levels["0"]["pointOfOrigin"] == pytest.approx([-20037508.3427892, 20037508.3427892])
