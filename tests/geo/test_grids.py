"""Unit grids: codes, areas, order, what keeps outlines from dividing a community, and a division over HTTP."""

import math
from itertools import pairwise
from typing import Any

import httpx
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import key_of

from yong.kernel.base.city import City
from yong.kernel.base.errors import Invalid
from yong.kernel.geo.grids.codes import GridCode, faults, parse
from yong.kernel.geo.grids.contracts import Kind
from yong.kernel.geo.grids.order import reading_order
from yong.kernel.geo.locating.layers import Layer
from yong.kernel.geo.topology.area import A_M, area_m2, length_m
from yong.kernel.geo.topology.coverage import covering
from yong.kernel.store.database import Database

from .sample import COMMUNITY, box, coverage


def square(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    return shapely.Polygon(*box(west, south, east, north))


# Codes


def test_a_code_has_four_parts() -> None:
    code = parse("330203001002017")
    assert code == GridCode("330203", "001", "002", "017")
    assert str(code) == "330203001002017"


@pytest.mark.parametrize(
    ("code", "zh", "en"),
    [
        ("33020300100201", "实为 14 位", "14 characters instead of 15"),
        ("33020300100201x", "第 15 位不是数字", "Character 15 is not a digit"),
        ("3302030010020１7", "全角", "Digit 14 is not an ASCII digit"),
        ("990203001002017", "前两位 99", "begins with 99"),
        ("330003001002017", "330003 是省级", "330003 is a whole province"),
        ("330203000002017", "第 7 至 9 位", "the street or township"),
        ("330203001000017", "第 10 至 12 位", "the community or village"),
        ("330203001002000", "第 13 至 15 位", "the serial number"),
    ],
)
def test_what_is_wrong_with_a_code_is_said_in_both_languages(code: str, zh: str, en: str) -> None:
    with pytest.raises(Invalid) as error:
        parse(code)
    (problem,) = error.value.problems
    assert zh in problem.detail.zh
    assert en in problem.detail.en


@given(st.text(max_size=20))
def test_any_text_is_parsed_or_refused(text: str) -> None:
    if faults(text, 15):
        with pytest.raises(Invalid):
            parse(text)
    else:
        assert str(parse(text)) == text


# Areas


def test_the_whole_ellipsoid_has_its_area() -> None:
    e2 = (1 / 298.257222101) * (2 - 1 / 298.257222101)
    e = math.sqrt(e2)
    whole = 2 * math.pi * A_M**2 * (1 + (1 - e2) / e * math.atanh(e))
    strips = [square(-180, lat, 180, lat + 1) for lat in range(-90, 90)]
    assert sum(area_m2(s) for s in strips) == pytest.approx(whole, rel=1e-12)


def test_a_block_is_as_large_as_its_geodesics_say() -> None:
    # The numbers are GeographicLib's (pyproj 3.7.2, Geod(a=6378137, rf=298.257222101)).
    assert area_m2(square(121.55, 29.87, 121.551, 29.871)) == pytest.approx(10_709.388_904_4, rel=1e-6)
    line = shapely.LineString([(121.55, 29.87), (121.551, 29.871)])
    assert length_m(line) == pytest.approx(147.042_598_05, rel=1e-6)


@given(st.integers(1, 4), st.integers(1, 4), st.integers(0, 1000))
def test_parts_add_up_to_the_whole(columns: int, rows: int, seed: int) -> None:
    parts = coverage(columns, rows, seed=seed, bends=2)
    assert sum(area_m2(p) for p in parts) == pytest.approx(area_m2(shapely.union_all(parts)), rel=1e-10)


def test_a_hole_is_not_part_of_the_area() -> None:
    ring, hole = box(121, 29, 121.1, 29.1)[0], box(121.02, 29.02, 121.03, 29.03)[0]
    whole = area_m2(shapely.Polygon(ring))
    assert area_m2(shapely.Polygon(ring, [hole])) == pytest.approx(whole - area_m2(shapely.Polygon(hole)))
    assert area_m2(shapely.Point(121, 29)) == 0


# Order


def test_rows_run_west_to_east_and_follow_north_to_south() -> None:
    cells = {(i, j): square(121 + i, 29 - j, 122 + i, 30 - j) for j in range(3) for i in range(4)}
    places = sorted(cells, key=hash)
    order = reading_order([cells[p] for p in places])
    assert [places[n] for n in order] == [(i, j) for j in range(3) for i in range(4)]


def test_a_row_reaches_to_the_southern_end_of_the_cell_that_opens_it() -> None:
    tall = square(121.2, 29.0, 121.3, 29.9)  # its centroid is in the first row, it reaches into the second
    west, east = square(121.0, 29.5, 121.2, 30.0), square(121.3, 29.5, 121.4, 30.0)
    below = square(121.0, 29.0, 121.2, 29.5)  # its centroid (29.25) is south of the opening cell's end (29.5)
    assert reading_order([below, tall, east, west]) == [3, 2, 0, 1]


@given(st.permutations(range(9)), st.integers(0, 1000))
def test_the_order_does_not_depend_on_how_outlines_were_given(places: list[int], seed: int) -> None:
    cells = coverage(3, 3, seed=seed, bends=1)
    first = [cells[n].wkt for n in reading_order(cells)]
    turned = [shapely.Polygon([*c.exterior.coords[3:-1], *c.exterior.coords[:4]]) for c in cells]
    again = reading_order([turned[n] for n in places])
    assert [cells[places[n]].wkt for n in again] == first


# Topology


def test_shared_borders_divide() -> None:
    cells = coverage(3, 3, seed=1)
    shapes, findings = covering(cells, shapely.union_all(cells))
    assert not findings
    assert shapely.coverage_is_valid(shapes)


def test_a_corner_on_a_neighbours_edge_becomes_a_corner_of_both() -> None:
    west = square(121, 29, 121.1, 29.3)
    east = [square(121.1, 29, 121.3, 29.1), square(121.1, 29.1, 121.3, 29.3)]
    shapes, findings = covering([west, *east], square(121, 29, 121.3, 29.3))
    assert not findings
    assert (121.1, 29.1) in shapes[0].exterior.coords
    assert shapely.coverage_is_valid(shapes)


_Cuts = st.lists(st.integers(1, 99), max_size=4, unique=True).map(lambda cuts: [0, *sorted(cuts), 100])


@given(st.lists(_Cuts, min_size=1, max_size=4), st.floats(-0.02, 0.02))
def test_rows_cut_differently_share_their_slanting_borders(rows: list[list[int]], slant: float) -> None:
    def at(row: int, cut: int) -> tuple[float, float]:
        return 121 + cut * 0.0003, 29 + row * 0.007 + cut * slant / 100

    bricks = [
        shapely.Polygon([at(r, a), at(r, b), at(r + 1, b), at(r + 1, a)])
        for r, cuts in enumerate(rows)
        for a, b in pairwise(cuts)
    ]
    n = len(rows)
    shapes, findings = covering(bricks, shapely.Polygon([at(0, 0), at(0, 100), at(n, 100), at(n, 0)]))
    assert not findings
    assert shapely.coverage_is_valid(shapes)
    layer = Layer([f"{i:02d}" for i in range(len(shapes))], shapes, tiles=8)
    edges = [shapely.LineString(s.exterior).interpolate(t, normalized=True) for s in shapes for t in _ALONG]
    inner = [(p.x, p.y) for p in edges if 121.001 < p.x < 121.029 and p.y > 29.001 + abs(slant)]
    inner = [(x, y) for x, y in inner if y < 29 + n * 0.007 - abs(slant) - 0.001]
    assert not inner or (layer.find(np.array(inner)) >= 0).all()


_ALONG = [k / 17 for k in range(17)]
WHOLE = square(121, 29, 121.02, 29.01)
LEFT, RIGHT = square(121, 29, 121.01, 29.01), square(121.01, 29, 121.02, 29.01)
STRIP_M2 = area_m2(square(121.01, 29, 121.011, 29.01))


@pytest.mark.parametrize(
    ("outlines", "kind", "cells", "lon", "size"),
    [
        ([LEFT, square(121.009, 29, 121.02, 29.01)], Kind.OVERLAP, (0, 1), 121.0095, STRIP_M2),
        ([LEFT, square(121.011, 29, 121.02, 29.01)], Kind.GAP, (), 121.0105, STRIP_M2),
        ([LEFT, square(121.01, 29, 121.021, 29.01)], Kind.OUTSIDE, (1,), 121.0205, STRIP_M2),
        ([LEFT, RIGHT, RIGHT], Kind.DUPLICATE, (1, 2), 121.015, STRIP_M2 * 10),
    ],
)
def test_what_does_not_divide_is_found_with_its_place_and_size(
    outlines: list[shapely.Polygon], kind: Kind, cells: tuple[int, ...], lon: float, size: float
) -> None:
    _, (found,) = covering(outlines, WHOLE)
    assert (found.kind, found.cells) == (kind, cells)
    assert (found.lon, found.lat) == (pytest.approx(lon), pytest.approx(29.005))
    assert found.area_m2 == pytest.approx(size, rel=1e-6)
    assert found.detail.zh
    assert found.detail.en


def test_an_outline_that_crosses_itself_is_found_where_it_does() -> None:
    bow = shapely.Polygon([(121, 29), (121.01, 29.01), (121.01, 29), (121, 29.01), (121, 29)])
    _, (found,) = covering([LEFT, bow], WHOLE)
    assert (found.kind, found.cells) == (Kind.INVALID, (1,))
    assert (found.lon, found.lat) == (pytest.approx(121.005), pytest.approx(29.005))
    assert found.detail.zh == "第 1 个面：边界自相交"


def test_a_border_drawn_otherwise_by_a_millimetre_is_found() -> None:
    bump = [(121.01, 29.00505), (121.01000001, 29.005), (121.01, 29.00495)]
    crooked = shapely.Polygon([(121.01, 29), (121.02, 29), (121.02, 29.01), (121.01, 29.01), *bump])
    _, findings = covering([LEFT, crooked], WHOLE)
    assert {f.kind for f in findings} == {Kind.UNMATCHED}
    assert [f.length_m for f in findings] == [pytest.approx(11.08, rel=0.01)] * 2


@given(st.integers(0, 1000), st.integers(0, 8))
def test_a_missing_outline_is_a_gap_and_a_repeated_one_a_duplicate(seed: int, n: int) -> None:
    cells = coverage(3, 3, seed=seed, bends=2)
    whole = shapely.union_all(cells)
    _, findings = covering(cells[:n] + cells[n + 1 :], whole)
    assert [f.kind for f in findings] == [Kind.GAP]
    assert findings[0].area_m2 == pytest.approx(area_m2(cells[n]), rel=1e-6)
    assert cells[n].contains(shapely.Point(findings[0].lon, findings[0].lat))
    _, findings = covering([*cells, cells[n]], whole)
    assert [(f.kind, f.cells) for f in findings] == [(Kind.DUPLICATE, (n, 9))]


# Over HTTP


async def keep(client: httpx.AsyncClient, key: dict[str, str], **values: object) -> str:
    answer = await client.post(
        "/records/geo.boundary",
        json={"values": {"datum": "cgcs2000", **values}, "district": "330203"},
        headers=key,
    )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def wanted(*outlines: list[list[list[float]]], **more: object) -> dict[str, Any]:
    cells = [{"outline": {"type": "Polygon", "coordinates": c}} for c in outlines]
    return {"community": COMMUNITY, "cells": cells, "starts_on": "2026-01-01", **more}


WEST, EAST = box(121, 29, 121.01, 29.01), box(121.01, 29, 121.02, 29.01)


@pytest.fixture
async def keeper(city: City, client: httpx.AsyncClient) -> dict[str, str]:
    """A keeper's key; the community has a boundary."""
    key = await key_of(city, "geo.keeper")
    polygon = {"type": "Polygon", "coordinates": box(121, 29, 121.02, 29.01)}
    await keep(client, key, code=COMMUNITY, level="community", geometry=polygon)
    return key


async def test_a_community_is_divided_once(
    city: City, client: httpx.AsyncClient, keeper: dict[str, str]
) -> None:
    dry = await client.post("/geo/grid-cells", json=wanted(EAST, WEST, dry_run=True), headers=keeper)
    assert (dry.status_code, dry.json()["made"]) == (200, False)
    made = await client.post("/geo/grid-cells", json=wanted(EAST, WEST), headers=keeper)
    assert (made.status_code, made.json()["made"]) == (200, True), made.text
    assert made.json()["cells"] == dry.json()["cells"]
    assert [(c["code"], c["index"]) for c in made.json()["cells"]] == [
        (COMMUNITY + "001", 1),
        (COMMUNITY + "002", 0),
    ]
    row = (await client.get(f"/records/geo.grid_cell/{COMMUNITY}001", headers=keeper)).json()
    assert row["values"]["area_m2"] == pytest.approx(area_m2(shapely.Polygon(*WEST)))
    assert (row["values"]["starts_on"], row["district"]) == ("2026-01-01", "330203")
    told = await city[Database].fetch(
        "SELECT resource, facts FROM access.audit_entry WHERE action = 'geo.divide'"
    )
    facts = {"division": made.json()["id"], "starts_on": "2026-01-01", "made": 2, "ended": 0, "kept": 0}
    assert [(t["resource"], t["facts"]) for t in told] == [(f"geo.grid_cell/{COMMUNITY}", facts)]
    again = await client.post("/geo/grid-cells", json=wanted(EAST, WEST), headers=keeper)
    assert again.status_code == 409
    assert "2 unit grids" in again.json()["detail"]


async def test_a_code_that_was_used_never_means_another(
    city: City, client: httpx.AsyncClient, keeper: dict[str, str]
) -> None:
    await client.post("/geo/grid-cells", json=wanted(WEST, EAST), headers=keeper)
    for n in ("001", "002"):
        answer = await client.patch(
            f"/records/geo.grid_cell/{COMMUNITY}{n}",
            json={"values": {"ends_on": "2026-06-01"}, "version": 1},
            headers=keeper,
        )
        assert answer.status_code < 300, answer.text
    whole = box(121, 29, 121.02, 29.01)
    answer = await client.post("/geo/grid-cells", json=wanted(whole, starts_on="2026-06-01"), headers=keeper)
    assert [c["code"] for c in answer.json()["cells"]] == [COMMUNITY + "003"], answer.text


async def test_a_wrong_division_is_refused_with_every_finding_and_changes_nothing(
    client: httpx.AsyncClient, keeper: dict[str, str]
) -> None:
    bad = wanted(WEST, box(121.009, 29, 121.019, 29.01))
    answer = await client.post("/geo/grid-cells", json=bad, headers=keeper)
    assert answer.status_code == 422
    errors = answer.json()["errors"]
    assert [e["pointer"] for e in errors] == ["/cells/0/outline", "/cells"]
    assert "overlap by 107" in errors[0]["detail"]
    assert "at 121.0095000, 29.0050000" in errors[0]["detail"]
    report = (await client.post("/geo/grid-cells", json={**bad, "dry_run": True}, headers=keeper)).json()
    assert [f["kind"] for f in report["findings"]] == ["overlap", "gap"]
    assert report["cells"] == []
    assert not (await client.get("/records/geo.grid_cell", headers=keeper)).json()["items"]


@pytest.mark.parametrize(
    ("change", "status", "pointer"),
    [
        ({"community": "330203001"}, 422, "/community"),
        ({"community": "330203001002"}, 422, "/community"),  # no boundary
        ({"cells": [{"outline": {"type": "Polygon", "coordinates": [[[121, 29]] * 3]}}]}, 400, ""),
        (
            {"cells": [{"outline": {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1]]]}}]},
            422,
            "/cells/0/outline/coordinates/0",
        ),
        (
            {"cells": [{"outline": {"type": "Polygon", "coordinates": box(121, 29, 121.01, 91)}}]},
            422,
            "/cells/0/outline/coordinates/0",
        ),
    ],
)
async def test_what_cannot_be_read_is_told(
    client: httpx.AsyncClient, keeper: dict[str, str], change: dict[str, object], status: int, pointer: str
) -> None:
    answer = await client.post("/geo/grid-cells", json={**wanted(WEST, EAST), **change}, headers=keeper)
    assert answer.status_code == status, answer.text
    assert any(e["pointer"].startswith(pointer) for e in answer.json()["errors"])


async def test_a_boundary_that_is_no_polygon_is_told(city: City, client: httpx.AsyncClient) -> None:
    key = await key_of(city, "geo.keeper")
    await keep(
        client, key, code=COMMUNITY, level="community", geometry={"type": "Point", "coordinates": [121, 29]}
    )
    answer = await client.post("/geo/grid-cells", json=wanted(WEST, EAST), headers=key)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/community")
    url = "/geo/locate?lon=121&lat=29"
    assert (await client.get(url, headers=key)).json()["community"] is None


async def test_only_a_keeper_divides_and_only_in_the_district_of_the_mandate(
    city: City, client: httpx.AsyncClient, keeper: dict[str, str]
) -> None:
    body = wanted(WEST, EAST)
    operator = await key_of(city, "access.operator")
    assert (await client.post("/geo/grid-cells", json=body, headers=operator)).status_code == 403
    near = await key_of(
        city, "geo.keeper", district="330205"
    )  # does not see the boundary of another district
    assert (await client.post("/geo/grid-cells", json=body, headers=near)).status_code == 422
    own = await key_of(city, "geo.keeper", district="330203")
    assert (await client.post("/geo/grid-cells", json=body, headers=own)).status_code == 200


async def test_a_code_is_explained(city: City, client: httpx.AsyncClient) -> None:
    key = await key_of(city, "access.operator")
    good = (await client.get("/geo/grid-codes/330203001001001", headers=key)).json()
    assert (good["valid"], good["community"], good["serial"]) == (True, "001", "001")
    bad = await client.get("/geo/grid-codes/330203", headers={**key, "accept-language": "zh"})
    assert bad.json()["problems"] == ["应为 15 位，实为 6 位"]
    assert (await client.get("/geo/grid-codes/330203")).status_code == 401
