"""Coordinate systems are what EPSG says, and conversion is exact both ways, for arrays and geometries alike."""

import json
import math
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS
from pyproj.database import query_crs_info

from yong.kernel.base.errors import Invalid, TooLarge
from yong.kernel.geo.datums import (
    CGCS2000,
    SYSTEMS,
    accuracy_m,
    convert,
    convert_geometry,
    convert_positions,
    geometry,
    named,
)
from yong.kernel.geo.datums.contracts import Datum, System
from yong.kernel.geo.datums.systems import SHIFTED

GCJ02, BD09, WGS84 = named("GCJ-02"), named("BD-09"), named("WGS84")
PLANES = [system for system in SYSTEMS if system.zone]
NINGBO = (120.9, 28.8, 122.3, 30.6)
CHINA = (73.62, 16.7, 134.77, 53.56)


def one(x: float, y: float, source: System, target: System) -> tuple[float, float]:
    a, b = convert(np.array([[x, y]]), source, target)[0]
    return float(a), float(b)


def positions(box: tuple[float, float, float, float]) -> st.SearchStrategy[tuple[float, float]]:
    west, south, east, north = box
    return st.tuples(st.floats(west, east), st.floats(south, north))


# The table


@pytest.mark.parametrize("system", PLANES, ids=lambda s: s.name)
def test_a_plane_system_is_what_epsg_defines(system: System) -> None:
    assert system.epsg is not None
    assert system.zone is not None
    defined = CRS.from_epsg(system.epsg)
    assert defined.geodetic_crs is not None
    assert defined.geodetic_crs.to_epsg() == 4490
    assert defined.ellipsoid is not None
    assert (defined.ellipsoid.semi_major_metre, defined.ellipsoid.inverse_flattening) == (
        6378137,
        298.257222101,
    )
    assert defined.coordinate_operation is not None
    assert defined.coordinate_operation.method_name == "Transverse Mercator"
    values = {p.name: p.value for p in defined.coordinate_operation.params}
    assert values == {
        "Latitude of natural origin": 0,
        "Longitude of natural origin": system.zone.meridian,
        "Scale factor at natural origin": 1,
        "False easting": system.zone.false_easting,
        "False northing": 0,
    }
    assert ("3-degree" in defined.name) == (system.zone.width == 3)
    assert ("zone" in defined.name) == (system.zone.false_easting > 1_000_000)
    area = defined.area_of_use
    assert area is not None
    west, south, east, north = system.extent
    assert west - 0.02 <= area.west <= area.east <= east + 0.02
    assert south <= area.south <= area.north <= north


def test_no_plane_system_of_cgcs2000_is_missing() -> None:
    defined = {
        int(info.code) for info in query_crs_info(auth_name="EPSG") if info.name.startswith("CGCS2000 / ")
    }
    assert {system.epsg for system in PLANES} == defined
    assert len(defined) == 64


def test_degrees_have_the_codes_of_epsg() -> None:
    for system, name in ((CGCS2000, "China Geodetic Coordinate System 2000"), (WGS84, "WGS 84")):
        assert system.epsg is not None
        assert CRS.from_epsg(system.epsg).name == name


@pytest.mark.parametrize(
    ("name", "is_"),
    [
        ("EPSG:4490", CGCS2000),
        ("epsg:4490", CGCS2000),
        ("urn:ogc:def:crs:EPSG::4490", CGCS2000),
        ("urn:ogc:def:crs:EPSG:9.8.6:4490", CGCS2000),
        ("http://www.opengis.net/def/crs/EPSG/0/4490", CGCS2000),
        ("https://www.opengis.net/def/crs/EPSG/9.9.1/4490", CGCS2000),
        (" CGCS 2000 ", CGCS2000),
        ("WGS 84", WGS84),
        ("WGS-84", WGS84),
        ("EPSG:4326", WGS84),
        ("OGC:CRS84", WGS84),
        ("urn:ogc:def:crs:OGC:1.3:CRS84", WGS84),
        ("http://www.opengis.net/def/crs/OGC/1.3/CRS84", WGS84),
        ("GCJ02", GCJ02),
        ("gcj-02", GCJ02),
        ("BD09", BD09),
        ("BD_09", BD09),
        ("bd09ll", BD09),
        *((system.name, system) for system in SYSTEMS),
    ],
)
def test_names_are_understood_as_people_write_them(name: str, is_: System) -> None:
    assert named(name) is is_


@pytest.mark.parametrize(
    "name",
    ["", "4490", "EPSG:", "EPSG:3857", "EPSG:4555", "EPSG:44 90", "Beijing 1954", "urn:ogc:def:crs:EPSG:4490",
     "http://www.opengis.net/def/crs/EPSG/4490", "OGC:4490", "EPSG:CRS84", "CGCS2000\n;", "EPSG:" + "4" * 500],
)  # fmt: skip
def test_another_name_is_refused_in_both_languages(name: str) -> None:
    with pytest.raises(Invalid) as error:
        named(name)
    assert "没有坐标系" in error.value.detail.zh
    assert "GET /geo/systems" in error.value.detail.en


# GCJ-02 and BD-09


@pytest.mark.parametrize(
    ("wgs84", "gcj02"),
    [  # longitude, latitude: the test vectors of eviltransform
        ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
        ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
        ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
    ],
)
def test_gcj02_gives_what_is_published(wgs84: tuple[float, float], gcj02: tuple[float, float]) -> None:
    assert one(*wgs84, WGS84, GCJ02) == pytest.approx(gcj02, abs=1e-11)
    assert one(*gcj02, GCJ02, WGS84) == pytest.approx(wgs84, abs=1e-11)


def test_bd09_gives_what_its_provider_answered() -> None:
    """Answers of Baidu's own conversion of one position, published in 2022; backward it approximates, by 5 cm."""
    place = 120.85385769314236, 28.021381022135415
    assert one(*place, GCJ02, BD09) == pytest.approx((120.86029339600422, 28.027651931662543), abs=1e-10)
    assert one(*place, BD09, GCJ02) == pytest.approx((120.84743091246365, 28.015043970608758), abs=6e-7)


def as_written(lon: float, lat: float) -> tuple[float, float]:
    """The public formula of GCJ-02 term by term, as an oracle of its quicker form."""
    x, y = lon - 105, lat - 35

    def waves(*terms: tuple[float, float]) -> float:
        return sum(size * math.sin(angle * math.pi) for size, angle in terms) * 2 / 3

    both = waves((20, 6 * x), (20, 2 * x))
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x)) + both
    east += waves((20, x), (40, x / 3), (150, x / 12), (300, x / 30))
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x)) + both
    north += waves((20, y), (40, y / 3), (160, y / 12), (320, y / 30))
    a, e2 = 6378245.0, 0.00669342162296594323
    w = math.sqrt(1 - e2 * math.sin(math.radians(lat)) ** 2)
    return (
        lon + math.degrees(east / (a / w * math.cos(math.radians(lat)))),
        lat + math.degrees(north / (a * (1 - e2) / w**3)),
    )


@given(positions(CHINA))
def test_the_quicker_form_is_the_public_formula(place: tuple[float, float]) -> None:
    assert one(*place, CGCS2000, GCJ02) == pytest.approx(as_written(*place), abs=1e-11)


@pytest.mark.parametrize("shifted", [GCJ02, BD09], ids=lambda s: s.name)
@pytest.mark.parametrize("box", [CHINA, NINGBO, SHIFTED])
def test_there_and_back_is_where_it_was(shifted: System, box: tuple[float, float, float, float]) -> None:
    @given(positions(box))
    def holds(place: tuple[float, float]) -> None:
        there = one(*place, CGCS2000, shifted)
        assert one(*there, shifted, CGCS2000) == pytest.approx(place, abs=1e-9)

    holds()


@pytest.mark.parametrize("shifted", [GCJ02, BD09], ids=lambda s: s.name)
@given(place=positions(CHINA))
def test_back_and_there_is_where_it_was(shifted: System, place: tuple[float, float]) -> None:
    back = one(*place, shifted, CGCS2000)
    assert back != place
    assert one(*back, CGCS2000, shifted) == pytest.approx(place, abs=1e-9)


@given(positions((-180.0, -90.0, 180.0, 90.0)))
def test_outside_the_rectangle_nothing_moves(place: tuple[float, float]) -> None:
    west, south, east, north = SHIFTED
    lon, lat = place
    if west - 0.05 <= lon <= east + 0.05 and south - 0.05 <= lat <= north + 0.05:
        return
    for shifted in (GCJ02, BD09):
        assert one(lon, lat, CGCS2000, shifted) == place
        assert one(lon, lat, shifted, CGCS2000) == place


def test_the_edge_itself_is_inside_and_comes_back() -> None:
    west, south, east, north = SHIFTED
    for corner in ((west, south), (west, north), (east, south), (east, north)):
        for shifted in (GCJ02, BD09):
            there = one(*corner, CGCS2000, shifted)
            assert there != corner
    inside = np.array(
        [[west + 1e-9, 30.0], [east - 1e-9, 30.0], [100.0, south + 1e-9], [100.0, north - 1e-9]]
    )
    for shifted in (GCJ02, BD09):
        back = convert(convert(inside, CGCS2000, shifted), shifted, CGCS2000)
        assert np.abs(back - inside).max() < 1e-9


def test_many_positions_are_converted_as_one_by_one() -> None:
    """Blocks, and positions inside and outside of the rectangle in one array, change nothing."""
    dice = np.random.default_rng(41)
    places = np.column_stack((dice.uniform(60, 150, 40_000), dice.uniform(-10, 65, 40_000)))
    for source, target in ((CGCS2000, GCJ02), (GCJ02, CGCS2000), (BD09, GCJ02)):
        together = convert(places, source, target)
        for i in (0, 1, 16_383, 16_384, 39_999, *dice.integers(0, 40_000, 200)):
            assert together[i] == pytest.approx(one(*places[i], source, target), abs=1e-10)


def test_ningbo_lies_where_the_law_and_the_maps_put_it() -> None:
    """天一广场: some 480 m between CGCS2000 and GCJ-02, some 1,150 m to BD-09."""
    lon, lat = 121.5504, 29.8683
    metre = math.radians(1) * 6_371_000
    for shifted, low, high in ((GCJ02, 450, 550), (BD09, 1000, 1500)):
        x, y = one(lon, lat, CGCS2000, shifted)
        assert low < math.hypot((x - lon) * math.cos(math.radians(lat)), y - lat) * metre < high


# The projection


def textbook(lon: float, lat: float, meridian: float) -> tuple[float, float]:
    """Gauss–Krüger by the textbook's series to the sixth power, its meridian arc by Simpson's rule: easting, northing."""
    a, f = 6378137.0, 1 / 298.257222101
    e2 = f * (2 - f)
    b, l = math.radians(lat), math.radians(lon - meridian)  # noqa: E741  # the textbook's own letters
    n = 2000
    weights = [1, *([4, 2] * (n // 2 - 1)), 4, 1]
    arc = sum(w * (1 - e2 * math.sin(b * i / n) ** 2) ** -1.5 for i, w in enumerate(weights)) * b / n / 3
    radius = a / math.sqrt(1 - e2 * math.sin(b) ** 2)
    t2, eta2, m2 = math.tan(b) ** 2, e2 / (1 - e2) * math.cos(b) ** 2, (l * math.cos(b)) ** 2
    north = a * (1 - e2) * arc + radius * math.tan(b) * m2 * (
        1 / 2 + (5 - t2 + 9 * eta2 + 4 * eta2**2) * m2 / 24 + (61 - 58 * t2 + t2**2) * m2**2 / 720
    )
    east = radius * math.sqrt(m2) * math.copysign(1, l) * (
        1 + (1 - t2 + eta2) * m2 / 6 + (5 - 18 * t2 + t2**2 + 14 * eta2 - 58 * t2 * eta2) * m2**2 / 120
    )  # fmt: skip
    return 500_000 + east, north


@given(positions((118.5, 16.7, 121.5, 53.56)))
def test_the_projection_is_the_textbooks(place: tuple[float, float]) -> None:
    assert one(*place, CGCS2000, named("EPSG:4549")) == pytest.approx(textbook(*place, 120), abs=0.002)


def test_the_meridian_has_its_known_length() -> None:
    """Half of the quadrant of GRS 80, whose ellipsoid CGCS2000 shares: 10 001 965.7293 m (Moritz, J. Geod. 74, 2000)."""
    plane = named("EPSG:4549")
    east, fifty = one(120.0, 50.0, CGCS2000, plane)
    assert east == pytest.approx(500_000, abs=1e-6)
    # From 50° to the pole by Simpson's rule; with the arc below, the whole quadrant.
    e2 = (2 - 1 / 298.257222101) / 298.257222101
    n, low, high = 2000, math.radians(50), math.radians(90)
    weights = [1, *([4, 2] * (n // 2 - 1)), 4, 1]
    rest = sum(
        w * (1 - e2 * math.sin(low + (high - low) * i / n) ** 2) ** -1.5 for i, w in enumerate(weights)
    ) * (high - low) / n / 3  # fmt: skip
    assert fifty + rest * 6378137 * (1 - e2) == pytest.approx(10_001_965.7293, abs=1e-3)


@pytest.mark.parametrize("system", PLANES, ids=lambda s: s.name)
def test_every_plane_system_leads_there_and_back(system: System) -> None:
    assert system.zone is not None
    dice = np.random.default_rng(7)
    west, south, east, north = system.extent
    places = np.column_stack((dice.uniform(west, east, 50), dice.uniform(south, north, 50)))
    there = convert(places, CGCS2000, system)
    assert np.all(there[:, 0] // 1_000_000 == system.zone.false_easting // 1_000_000)
    assert np.abs(convert(there, system, CGCS2000) - places).max() < 1e-10
    assert np.abs(convert(convert(there, system, GCJ02), GCJ02, system) - there).max() < 1e-4


def test_the_zones_number_stands_before_the_easting() -> None:
    plain, numbered = (one(121.55, 29.87, CGCS2000, named(name)) for name in ("EPSG:4549", "EPSG:4528"))
    assert numbered == pytest.approx((plain[0] + 40_000_000, plain[1]), abs=1e-6)


def test_threads_convert_at_the_same_time() -> None:
    dice = np.random.default_rng(3)
    places = np.column_stack((dice.uniform(119, 122, 20_000), dice.uniform(28, 31, 20_000)))
    plane = named("EPSG:4549")
    expected = convert(places, CGCS2000, plane)
    with ThreadPoolExecutor(8) as pool:
        for found in pool.map(lambda _: convert(places, CGCS2000, plane), range(32)):
            assert np.array_equal(found, expected)


def test_the_projection_fetches_nothing_even_where_proj_may() -> None:
    """PROJ is allowed its network, which does not answer: parameters alone are enough."""
    code = """if True:
        import numpy as np
        from pyproj.network import is_network_enabled
        from yong.kernel.geo.datums import CGCS2000, convert, named
        assert is_network_enabled()
        print(*convert(np.array([[121.55, 29.87]]), CGCS2000, named("EPSG:4549"))[0])
    """
    nowhere = {"PROJ_NETWORK": "ON", "PROJ_NETWORK_ENDPOINT": "http://127.0.0.1:1"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ | nowhere
    )
    assert done.stderr == ""
    assert [float(n) for n in done.stdout.split()] == pytest.approx(
        one(121.55, 29.87, CGCS2000, named("EPSG:4549")), abs=1e-9
    )


# Ranges and accuracy


@pytest.mark.parametrize(
    ("place", "source", "target"),
    [
        ((180.001, 30), "CGCS2000", "GCJ-02"),
        ((29.87, 121.55), "CGCS2000", "GCJ-02"),  # latitude first
        ((math.nan, 30), "CGCS2000", "CGCS2000"),
        ((120, math.inf), "CGCS2000", "EPSG:4549"),
        ((649_757, 3_306_711), "EPSG:4528", "CGCS2000"),  # the zone's number is missing
        ((3_306_711, 649_757), "EPSG:4549", "CGCS2000"),  # northing first
        ((500_000, -1), "EPSG:4549", "CGCS2000"),
        ((500_000, 9_400_001), "EPSG:4549", "CGCS2000"),
        ((1_190_000, 100), "EPSG:4549", "CGCS2000"),  # beyond six degrees at the equator
        ((113.9, 30), "CGCS2000", "EPSG:4549"),
        ((120, -0.1), "CGCS2000", "EPSG:4549"),
        ((120, 84.1), "CGCS2000", "EPSG:4549"),
    ],
)
def test_what_is_out_of_range_is_refused_with_its_place(
    place: tuple[float, float], source: str, target: str
) -> None:
    good = [120.0, 30.0] if named(source).zone is None else list(one(120.0, 30.0, CGCS2000, named(source)))
    with pytest.raises(Invalid) as error:
        convert(np.array([good, place, place]), named(source), named(target))
    (problem,) = error.value.problems
    assert problem.pointer == "/1"
    assert problem.detail.zh != problem.detail.en


def test_every_pair_has_an_accuracy_and_direction_does_not_matter() -> None:
    for source in SYSTEMS:
        for target in SYSTEMS:
            off = accuracy_m(source, target)
            assert off == accuracy_m(target, source)
            assert (off == 0) == (source == target)
        assert accuracy_m(source, CGCS2000) == source.accuracy_m
    assert accuracy_m(named("EPSG:4549"), named("EPSG:4528")) == 0.001
    assert accuracy_m(named("EPSG:4549"), GCJ02) == 2
    assert {s.datum for s in SYSTEMS} == set(Datum)


# GeoJSON

place = st.tuples(st.floats(75, 134), st.floats(17, 53)).map(list) | st.tuples(
    st.floats(75, 134), st.floats(17, 53), st.floats(-500, 9000)
).map(list)
line = st.lists(place, max_size=6)
ring = st.lists(place, min_size=1, max_size=5).map(lambda p: [*p, p[0]])
simple = st.one_of(
    *(
        st.fixed_dictionaries({"type": st.just(kind), "coordinates": inner})
        for kind, inner in (
            ("Point", place | st.just([])),
            ("MultiPoint", line),
            ("LineString", line),
            ("MultiLineString", st.lists(line, max_size=3)),
            ("Polygon", st.lists(ring, max_size=3)),
            ("MultiPolygon", st.lists(st.lists(ring, max_size=2), max_size=2)),
        )
    )
)
geometries = st.recursive(
    simple,
    lambda inner: st.fixed_dictionaries(
        {"type": st.just("GeometryCollection"), "geometries": st.lists(inner, max_size=3)}
    ),
    max_leaves=6,
)


def flat(part: Any) -> list[list[float]]:
    """The positions of a geometry, in order."""
    if isinstance(part, dict):
        return flat(part.get("geometries", part.get("coordinates")))
    if part and not isinstance(part[0], list | dict):
        return [part]
    return [p for inner in part for p in flat(inner)]


def shape(part: Any) -> Any:
    """A geometry with every number replaced, so that only its form is left."""
    if isinstance(part, dict):
        return {k: v if k == "type" else shape(v) for k, v in part.items()}
    return [shape(p) for p in part] if isinstance(part, list) else 0


@given(geometries)
def test_a_geometry_keeps_its_form_its_heights_and_its_closed_rings(given_: dict[str, Any]) -> None:
    before = json.dumps(given_)
    moved = convert_geometry(given_, GCJ02, CGCS2000)
    assert json.dumps(given_) == before
    assert shape(moved) == shape(given_)
    for old, new in zip(flat(given_), flat(moved), strict=True):
        assert new[:2] == pytest.approx(one(old[0], old[1], GCJ02, CGCS2000), abs=1e-9)
        assert new[2:] == old[2:]
    if moved["type"] == "Polygon":
        assert all(r[0] == r[-1] for r in moved["coordinates"])
    again = convert_geometry(moved, CGCS2000, GCJ02)
    for old, new in zip(flat(given_), flat(again), strict=True):
        assert new == pytest.approx(old, abs=2e-9)


def test_what_would_not_be_true_any_more_is_left_out() -> None:
    point = {"type": "Point", "coordinates": [121.5, 29.9, 4], "bbox": [121, 29, 122, 30], "crs": {}}
    moved = convert_geometry(point, CGCS2000, named("EPSG:4549"))
    assert moved.keys() == {"type", "coordinates"}
    assert moved["coordinates"][2] == 4


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({}, ""),
        ({"type": "Feature", "geometry": None}, "/type"),
        ({"type": ["Point"], "coordinates": [1, 2]}, ""),
        ({"type": "Point"}, "/coordinates"),
        ({"type": "Point", "coordinates": [1]}, "/coordinates"),
        ({"type": "Point", "coordinates": [1, 2, 3, 4]}, "/coordinates"),
        ({"type": "Point", "coordinates": [1, "2"]}, "/coordinates"),
        ({"type": "Point", "coordinates": [1, True]}, "/coordinates"),
        ({"type": "Point", "coordinates": [10**400, 2]}, "/coordinates"),
        ({"type": "LineString", "coordinates": [[120, 30], 7]}, "/coordinates/1"),
        ({"type": "LineString", "coordinates": [[120, 30], [], [120, 91]]}, "/coordinates/2"),
        ({"type": "Polygon", "coordinates": [[[120, 30]], [[120, 30], [200, 30]]]}, "/coordinates/1/1"),
        ({"type": "GeometryCollection"}, "/geometries"),
        ({"type": "GeometryCollection", "geometries": [{"type": "Point", "coordinates": []}, 5]}, "/geometries/1"),
        (
            {"type": "GeometryCollection", "geometries": [{"type": "MultiPoint", "coordinates": [[1, 2], [3, -91]]}]},
            "/geometries/0/coordinates/1",
        ),
    ],
)  # fmt: skip
def test_what_is_no_geometry_is_refused_with_its_place(wrong: dict[str, Any], pointer: str) -> None:
    with pytest.raises(Invalid) as error:
        convert_geometry(wrong, CGCS2000, GCJ02)
    assert error.value.problems[0].pointer == pointer


def test_collections_nest_so_deep_and_no_deeper() -> None:
    inner: dict[str, Any] = {"type": "Point", "coordinates": [121.5, 29.9]}
    for _ in range(geometry.DEEPEST):
        inner = {"type": "GeometryCollection", "geometries": [inner]}
    assert shape(convert_geometry(inner, CGCS2000, GCJ02)) == shape(inner)
    with pytest.raises(Invalid):
        convert_geometry({"type": "GeometryCollection", "geometries": [inner]}, CGCS2000, GCJ02)


def test_so_many_positions_and_no_more() -> None:
    most = [[121.5, 29.9]] * geometry.MOST
    assert len(convert_positions(most, GCJ02, CGCS2000)) == geometry.MOST
    with pytest.raises(TooLarge):
        convert_positions([*most, [121.5, 29.9]], GCJ02, CGCS2000)
    assert convert_positions([], GCJ02, CGCS2000) == []
