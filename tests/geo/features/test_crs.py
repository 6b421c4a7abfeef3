"""Coordinate reference systems: axes as the EPSG dataset has them, positions as PROJ computes them, there and back."""

import json

import numpy as np
import pyproj
import pytest
import shapely

from yong.kernel.base.errors import Malformed
from yong.kernel.geo.features import crs

NINGBO = np.array([[121.55, 29.87], [121.0, 29.2], [122.2, 30.4]])


@pytest.mark.parametrize("one", crs.ALL, ids=lambda c: c.uri.rsplit("/", 1)[-1])
def test_axes_stand_as_their_authority_says(one: crs.Crs) -> None:
    code = "OGC:CRS84" if one is crs.DEFAULT else f"EPSG:{one.uri.rsplit('/', 1)[-1]}"
    first = pyproj.CRS.from_user_input(code).axis_info[0].direction
    assert one.north_first == (first == "north")


@pytest.mark.parametrize("epsg", [4326, 4490, 3857, 4549, 4528])
def test_positions_are_those_of_proj_and_come_back(epsg: int) -> None:
    one = crs.named(crs.uri_of(epsg))
    # CGCS2000 and WGS 84 are taken as equal (docs/reference/coordinates.md).
    source = "OGC:CRS84" if epsg in (3857, 4326) else "EPSG:4490"
    found = crs.outward(one)(NINGBO)
    proj = pyproj.Transformer.from_crs(source, f"EPSG:{epsg}")
    given = NINGBO if source == "OGC:CRS84" else NINGBO[:, ::-1]
    wanted = np.column_stack(proj.transform(given[:, 0], given[:, 1]))
    assert np.abs(found - wanted).max() < 1e-3
    assert np.abs(crs.inward(one)(found) - NINGBO).max() < 1e-9


def test_geometries_keep_heights_and_holes_and_their_absence() -> None:
    one = crs.named(crs.uri_of(4326))
    given = [
        '{"type":"Point","coordinates":[121.5,29.8,12.5]}',
        None,
        '{"type":"Polygon","coordinates":[[[0,0],[9,0],[9,9],[0,0]],[[2,1],[3,1],[3,2],[2,1]]]}',
    ]
    height, nothing, holed = crs.written(given, one)
    assert height is not None
    assert json.loads(height)["coordinates"] == [29.8, 121.5, 12.5]
    assert nothing is None
    assert holed is not None
    assert json.loads(holed)["coordinates"][1] == [[1, 2], [1, 3], [2, 3], [1, 2]]
    assert crs.written(given, crs.DEFAULT) == given


def test_names_in_any_version_and_as_curies() -> None:
    assert crs.named("http://www.opengis.net/def/crs/EPSG/9.9.1/4490") is crs.named("[EPSG:4490]")
    assert crs.named(crs.CRS84) is crs.DEFAULT
    for wrong in ("", "EPSG:1", "GCJ-02", "http://www.opengis.net/def/crs/EPSG/0/999999", "EPSG:4549x"):
        with pytest.raises(Malformed):
            crs.named(wrong)


def test_what_a_system_does_not_reach_is_said() -> None:
    for uri, position in ((crs.uri_of(3857), [0.0, 89.0]), (crs.uri_of(4549), [10.0, 30.0])):
        with pytest.raises(Malformed):
            crs.outward(crs.named(uri))(np.array([position]))
    with pytest.raises(Malformed):
        crs.place(crs.named(crs.uri_of(4326)))(shapely.Point(121, 29))  # latitude comes first
